//! The shared time axis against the columns of a side: which tier of the pyramid a picture reads, and which columns.

use crate::analysis::column::{NUM_TIERS, TIER_FACTOR};
pub use crate::analysis::column::{column_index, column_secs};
use crate::session::sides::region::Region;

/// Columns the GPU's ring of a tier holds.
pub const RING_COLUMNS: u64 = 4096;
/// A display column of levels covers at most this many columns of its tier, and shows the loudest of them.
pub const MOST_COLUMNS_PER_PX: f64 = 3.0;
/// One of differences lies between two columns: it would pass over others if it covered more.
pub const MOST_COLUMNS_PER_DIFFERENCE_PX: f64 = 1.5;

/// Columns beyond a picture's edges that the smoothing reads.
pub const MARGIN_COLUMNS: f64 = 6.0;

/// Seconds between columns of a tier.
pub fn tier_secs(hop_secs: f64, tier: usize) -> f64 {
    hop_secs * (TIER_FACTOR as f64).powi(tier as i32)
}

/// The finest tier of which a pixel covers at most `most_per_px` columns and `width_px` fit into `capacity` columns.
pub fn tier_for(
    hop_secs: f64,
    secs_per_px: f64,
    width_px: f64,
    capacity: f64,
    most_per_px: f64,
) -> usize {
    let most = most_per_px.min((capacity - 96.0) / width_px.max(1.0));
    (0..NUM_TIERS)
        .find(|tier| secs_per_px / tier_secs(hop_secs, *tier) <= most)
        .unwrap_or(NUM_TIERS - 1)
}

/// The music keeps so much of the picture, however far one zooms out by hand.
const LEAST_PART: f64 = 0.25;
/// And this is shown in any case.
const ALWAYS_SHOWN_SECS: f64 = 120.0;

/// What a picture shows that shows `now_secs`, within limits, where `wanted_secs` are asked for and the music began
/// `heard_secs` ago.
pub fn zoomed_secs(
    [shortest, longest]: [f64; 2],
    [now_secs, wanted_secs]: [f64; 2],
    heard_secs: f64,
) -> f64 {
    let most = (heard_secs / LEAST_PART)
        .max(ALWAYS_SHOWN_SECS)
        .max(now_secs);
    wanted_secs.clamp(shortest, longest.min(most))
}

/// Which column of a tier of a reference stands at an index of its laid time, and how much later than that column the
/// index really lies, in columns (−0.5 … 0.5): whole turns of a region are no whole number of columns.
///
/// The remainder is the same all through a turn, so moving where columns are read by it puts every one in its place.
pub fn laid_column(region: Region, hop_secs: f64, tier: usize, index: f64) -> (u64, f64) {
    let secs = region.reference_secs(column_secs(hop_secs, tier, index));
    nearest_column(hop_secs, tier, secs)
}

/// The column of a tier that lies nearest to a time, and how much later than it the time is, in columns.
pub fn nearest_column(hop_secs: f64, tier: usize, secs: f64) -> (u64, f64) {
    let exact = column_index(hop_secs, tier, secs);
    // A turn of exactly half a column more must not go up here and down there, as the last digits of it do.
    let nearest = (exact - 1e-4).round().max(0.0);
    (nearest as u64, exact - nearest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOP: f64 = 512.0 / 48_000.0;

    #[test]
    fn index_and_time_are_inverse_and_tier_columns_lie_amid_what_they_average() {
        for tier in 0..NUM_TIERS {
            let secs = column_secs(HOP, tier, 17.0);
            assert!((column_index(HOP, tier, secs) - 17.0).abs() < 1e-9);
        }
        // Column 0 of tier 1 averages columns 0 … 3 of tier 0, centred between 1 and 2.
        assert!((column_secs(HOP, 1, 0.0) - 1.5 * HOP).abs() < 1e-12);
    }

    #[test]
    fn columns_of_a_turn_follow_each_other_and_all_lie_as_far_off() {
        for (length_secs, tier) in [(61.003, 0), (40.0, 1), (HOP * 1000.5, 0), (HOP * 4002.0, 1)] {
            let region = Region {
                start_secs: 0.0,
                length_secs,
            };
            let laid_secs = region.laid_offset_secs(0.0);
            let first = column_index(HOP, tier, laid_secs).ceil() + 2.0;
            let columns: Vec<(u64, f64)> = (0..200)
                .map(|n| laid_column(region, HOP, tier, first + f64::from(n)))
                .collect();
            for pair in columns.windows(2) {
                assert_eq!(pair[1].0, pair[0].0 + 1, "{length_secs} {tier}");
                assert!((pair[1].1 - pair[0].1).abs() < 1e-6);
                assert!(pair[0].1.abs() <= 0.5 + 1e-3);
            }
        }
    }

    #[test]
    fn longer_spans_read_coarser_tiers_and_never_more_columns_than_the_ring_has() {
        let mut last = 0;
        for span_secs in [1.0, 20.0, 120.0, 5400.0, 40_000.0] {
            let width = 1280.0;
            let tier = tier_for(HOP, span_secs / width, width, 4096.0, MOST_COLUMNS_PER_PX);
            assert!(tier >= last);
            last = tier;
            assert!(span_secs / tier_secs(HOP, tier) <= 4096.0);
        }
        // The usual picture shows single columns: 20 s on a pane of 1180 pixels, and on the narrow ones of a laptop.
        for width in [1180.0, 700.0] {
            let tier = tier_for(HOP, 20.0 / width, width, 4096.0, MOST_COLUMNS_PER_PX);
            assert_eq!(tier, 0, "{width}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn a_laid_column_is_the_nearest_to_the_time_it_stands_for(
            start_secs in 0.0f64..600.0,
            length_secs in 0.05f64..900.0,
            offset_secs in -900.0f64..900.0,
            mix_secs in 0.0f64..43_200.0,
            tier in 0..NUM_TIERS,
        ) {
            let region = Region { start_secs, length_secs };
            let laid_secs = region.laid_offset_secs(offset_secs) + mix_secs;
            let index = column_index(HOP, tier, laid_secs).round();
            let (column, later) = laid_column(region, HOP, tier, index);
            let secs = region.reference_secs(column_secs(HOP, tier, index));
            prop_assert!(column == 0 || later.abs() <= 0.5 + 1e-3, "{column} {later}");
            let meant_secs = column_secs(HOP, tier, column as f64 + later);
            prop_assert!((meant_secs - secs).abs() < 1e-6);
            prop_assert!(column as f64 <= column_index(HOP, tier, start_secs + length_secs).max(0.0) + 1.0);
        }
    }
}
