//! Units: the only place where decibels are computed, and the words for time, pitch and rate; words made safe to show.

pub mod db;
pub mod note;
pub mod plain;
