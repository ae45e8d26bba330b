//! Command line: words become valid plain data, each command a file.

pub mod analyze;
pub mod args;
pub mod compare;
pub mod config;
pub mod ctl;
pub mod devices;
pub mod export;
pub mod licences;
pub mod manual;
mod masking;
pub mod output;
pub mod picture;
pub mod picture_figures;
pub mod report;
pub mod report_chart;
pub mod report_style;
pub mod snapshots;
pub mod target;
