//! What a picture reads columns from, besides its scene: those of the mix, and those of what stands beside it.

use crate::session::pairing::on_grid::Wanted;
use crate::session::pairing::pair::Pair;
use crate::session::references::{Reference, SharedReference};
use crate::session::sides::columns::MixColumns;
use crate::session::sides::live_reference::LiveReference;

/// Columns of both sides.
#[derive(Default)]
pub struct Histories<'a> {
    /// The mix's; none where nothing was heard.
    pub mix: Option<&'a MixColumns>,
    /// The reference's; none where nothing stands there.
    pub reference: Option<ReferenceColumns<'a>>,
}

/// Columns of what stands beside the mix.
pub enum ReferenceColumns<'a> {
    /// A second live input's.
    Heard(&'a MixColumns),
    /// A record's, read where they are needed.
    Record(SharedReference),
}

impl Pair {
    /// Has made what a picture wants of the record.
    pub fn want_on_grid(&mut self, wanted: Option<&Wanted>) {
        if let Some((wanted, record)) = wanted.zip(self.references.active()) {
            self.on_grid.want(&record.shared(), wanted);
        }
    }

    /// What pictures of it read.
    pub fn histories(&self) -> Histories<'_> {
        let heard = self.references.input().and_then(LiveReference::drawn);
        let record = self.references.active().map(Reference::shared);
        Histories {
            mix: self.mix.drawn().map(|mix| &mix.columns),
            reference: heard
                .map(|heard| ReferenceColumns::Heard(&heard.columns))
                .or(record.map(ReferenceColumns::Record)),
        }
    }
}
