//! Side B as files: records that are read, analysed, kept by content and looked after.

mod bands;
mod budget;
pub mod cache;
mod cache_entry;
pub mod content_key;
pub mod data;
mod detail;
pub mod figures;
pub mod file_stamp;
mod fine_columns;
pub mod folder;
pub mod in_song;
mod load;
mod of_snapshot;
pub mod overview;
pub mod part;
mod reference;
mod settle;
pub mod shelf;
pub mod side_b;
pub mod sound;
mod source;
mod target_file;
mod turn;
pub mod typed;
pub mod watch;

pub use data::{
    DETAIL_TIERS, FINE_TIERS, MOST_TRIM_DB, ReferenceData, SHORTEST_REGION_SECS, SharedReference,
};
pub use fine_columns::PAGE_COLUMNS;
pub use reference::Reference;
pub use shelf::{MOST_REFERENCES, Shelf};
pub use side_b::References;
pub use target_file::read_target;
