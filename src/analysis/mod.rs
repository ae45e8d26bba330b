//! Analysis: one Analyzer turns frames into columns and meters, for live input, files, demo and tests alike.

pub mod column;
