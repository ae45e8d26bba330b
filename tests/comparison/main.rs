//! What is different and where it lies: songs are aligned, cut into sections, matched in loudness and judged.

mod alignment;
mod demo;
mod findings;
mod invariances;
mod live;
mod masking;
mod matching;
mod records;
mod sections;
mod target;

#[path = "../support/mod.rs"]
mod support;
