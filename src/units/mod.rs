//! Units: the only place where decibels are computed, and the words for time, pitch and rate.

pub mod db;
pub mod note;
