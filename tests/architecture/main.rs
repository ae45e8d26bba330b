//! The source keeps to its plan: layers and storeys look down, no files import each other in a circle, and nothing grows
//! too large. The checks are functions over plain text, so that small wrong sources can show that they fail.

mod circles;
mod exceptions;
mod files;
mod layers;
mod ratchet;
mod sizes;
mod source;
mod storeys;
mod threads;
mod vocabulary;
mod words;
