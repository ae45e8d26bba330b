//! Everything a person can ask of Abscope, in types and words.

mod all;
pub mod catalog;
pub mod remote;
pub mod words;

pub use all::*;
pub use catalog::{Entry, Group, catalog};
