//! The program as people get it: its command line, its report, its README and its package.

mod command_line;
mod corpus;
mod licences;
mod masking;
mod memory;
mod packaging;
mod readme;
mod report;

#[path = "../support/mod.rs"]
mod support;
