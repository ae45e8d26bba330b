//! Between which figures the stereo bands of a part of a reference move, from the columns that are always in memory.

use crate::analysis::band_range::BAND_TIER;
use crate::analysis::column::column_index;
use crate::analysis::stereo_band_range::{StereoBandMeter, StereoBandRanges};
use crate::session::references::data::ReferenceData;
use crate::session::sides::region::Region;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::column::{Column, pack_bin};
    use crate::audio::demo::DemoVersion;
    use crate::dsp::grid::NUM_BINS;
    use crate::session::references::Reference;

    /// A reference whose columns are as wide as is said, in dB, for so many columns each.
    fn data(widths: &[(f32, usize)]) -> ReferenceData {
        let mut data = ReferenceData {
            sample_rate_hz: 48_000,
            hop_frames: 512,
            ..ReferenceData::empty()
        };
        for (width_db, count) in widths {
            for _ in 0..*count {
                let index = data.tiers[2].len() as u64;
                let bins = [pack_bin(-40.0, 0.0, *width_db); NUM_BINS];
                data.tiers[2].push(Column { index, bins });
            }
        }
        data.frames = 16 * 512 * data.tiers[2].len() as u64;
        data
    }

    fn widths_db(data: &ReferenceData, secs: [f64; 2]) -> Option<[f64; 3]> {
        let part = Region {
            start_secs: secs[0],
            length_secs: secs[1] - secs[0],
        };
        data.bands_within(part)[2].side_to_mid_db
    }

    #[test]
    fn a_part_has_the_widths_of_its_own_seconds_alone() {
        let data = data(&[(-12.0, 100), (-3.0, 100)]);
        let half_secs = 100.0 * 16.0 * 512.0 / 48_000.0;
        for (part, expected) in [
            ([0.0, half_secs], [-12.0; 3]),
            ([half_secs + 0.1, 2.0 * half_secs], [-3.0; 3]),
            ([0.0, 2.0 * half_secs], [-12.0, -3.0, -3.0]),
        ] {
            let read = widths_db(&data, part).expect("it is long enough");
            let off = [0, 2].map(|n: usize| (read[n] - expected[n]).abs());
            assert!(off.iter().all(|off| *off < 0.2), "{part:?}: {read:?}");
        }
        assert_eq!(widths_db(&data, [0.0, 2.0]), None);
    }

    #[test]
    fn of_long_recordings_stretches_from_everywhere_are_read() {
        let quarter = MOST_COLUMNS as usize;
        let data = data(&[(-12.0, quarter), (-6.0, 2 * quarter), (-3.0, quarter)]);
        let [low, middle, high] =
            widths_db(&data, [0.0, data.duration_secs()]).expect("it is long enough");
        for (read, expected) in [(low, -12.0), (middle, -6.0), (high, -3.0)] {
            assert!((read - expected).abs() < 0.2, "{read}, not {expected}");
        }
    }

    #[test]
    fn what_is_compared_is_known_and_another_part_is_to_be_measured() {
        let mut reference = Reference::of_demo(DemoVersion::OtherSong);
        reference.wait();
        let data = reference.data();
        let known = data.bands_of(data.whole());
        assert_eq!(known, Some(data.bands_within(data.whole())));
        let bridge = Region {
            start_secs: 42.0,
            length_secs: 9.0,
        };
        assert_eq!(data.bands_of(bridge), None);
        let [of_whole, of_bridge] = [known.expect("it is read"), data.bands_within(bridge)]
            .map(|bands| bands[3].side_to_mid_db.expect("it is long enough")[1]);
        assert!(
            of_bridge < of_whole - 1.0,
            "{of_bridge} is narrower than {of_whole}"
        );
    }
}
