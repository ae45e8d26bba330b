//! Between which figures the stereo bands of a part of a reference move, from the columns that are always in memory.

use crate::analysis::band_range::BAND_TIER;
use crate::analysis::column::column_index;
use crate::analysis::stereo_band_range::{StereoBandMeter, StereoBandRanges};
use crate::session::references::data::ReferenceData;
use crate::session::sides::columns::Region;

/// Columns read at most, of eight minutes; of longer parts stretches are read that lie evenly in them.
const MOST_COLUMNS: u64 = 3072;
/// Columns of such a stretch: eight seconds.
const STRETCH_COLUMNS: u64 = 48;

impl ReferenceData {
    /// Between which figures the bands of a part move, measured now.
    pub fn bands_within(&self, part: Region) -> StereoBandRanges {
        let tier = usize::from(BAND_TIER);
        let index = |secs: f64| column_index(self.hop_secs(), tier, secs).ceil().max(0.0) as u64;
        let columns = index(part.start_secs)..index(part.start_secs + part.length_secs);
        let num_columns = columns.end.saturating_sub(columns.start);
        let one_of = num_columns.div_ceil(MOST_COLUMNS).max(1);
        let mut meter = StereoBandMeter::default();
        for (n, index) in columns.enumerate() {
            let is_read = (n as u64 / STRETCH_COLUMNS).is_multiple_of(one_of);
            match self.column(tier, index).filter(|_| is_read) {
                Some(bins) => meter.add(bins),
                None => meter.skip(),
            }
        }
        meter.ranges()
    }

    /// The ranges of what runs beside the mix, if that is all that is compared and they are measured. What a picture
    /// brought has those that it was drawn with.
    pub fn bands_of(&self, beside: Region) -> Option<StereoBandRanges> {
        let is_known = beside == self.compared() || self.excerpts.is_some();
        self.part().filter(|_| is_known).map(|part| part.bands)
    }
}
