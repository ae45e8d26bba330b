//! Side B as files: records that are read, analysed, kept by content and looked after.

mod budget;
pub mod cache;
mod cache_entry;
pub mod content_key;
pub mod data;
pub mod figures;
pub mod file_stamp;
pub mod folder;
mod load;
mod of_snapshot;
pub mod overview;
pub mod part;
mod reference;
pub mod shelf;
pub mod side_b;
mod turn;
pub mod watch;

pub use data::{FINE_TIERS, MOST_TRIM_DB, ReferenceData, SHORTEST_REGION_SECS, SharedReference};
pub use load::read_target;
pub use reference::Reference;
pub use shelf::{MOST_REFERENCES, Shelf};
pub use side_b::References;
