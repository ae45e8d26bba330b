//! The shared time axis against the columns of a side: which tier of the pyramid a picture reads, and which columns.

use crate::analysis::column::{NUM_TIERS, TIER_FACTOR};

/// A display column never covers more than this many columns of its tier.
const MAX_COLUMNS_PER_PX: f64 = 1.5;

/// Seconds between columns of a tier.
pub fn tier_secs(hop_secs: f64, tier: usize) -> f64 {
    hop_secs * (TIER_FACTOR as f64).powi(tier as i32)
}

/// The finest tier of which a pixel covers at most one and a half columns and `width_px` fit into `capacity` columns.
pub fn tier_for(hop_secs: f64, secs_per_px: f64, width_px: f64, capacity: f64) -> usize {
    let most = MAX_COLUMNS_PER_PX.min((capacity - 96.0) / width_px.max(1.0));
    (0..NUM_TIERS)
        .find(|tier| secs_per_px / tier_secs(hop_secs, *tier) <= most)
        .unwrap_or(NUM_TIERS - 1)
}

/// Fractional index, in a tier, of the column centred on a side's time: column `i` of tier `t` is centred on the
/// middle of the `4^t` columns of tier 0 that it averages.
pub fn column_index(hop_secs: f64, tier: usize, side_secs: f64) -> f64 {
    let factor = (TIER_FACTOR as f64).powi(tier as i32);
    side_secs / (hop_secs * factor) - 0.5 + 0.5 / factor
}

/// A side's time at the centre of a column: the inverse of [`column_index`].
pub fn column_secs(hop_secs: f64, tier: usize, index: f64) -> f64 {
    let factor = (TIER_FACTOR as f64).powi(tier as i32);
    (index + 0.5 - 0.5 / factor) * hop_secs * factor
}

#[cfg(test)]
mod tests {
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
    fn longer_spans_read_coarser_tiers_and_never_more_columns_than_the_ring_has() {
        let mut last = 0;
        for span_secs in [1.0, 20.0, 120.0, 5400.0, 40_000.0] {
            let width = 1280.0;
            let tier = tier_for(HOP, span_secs / width, width, 4096.0);
            assert!(tier >= last);
            last = tier;
            assert!(span_secs / tier_secs(HOP, tier) <= 4096.0);
        }
        assert_eq!(tier_for(HOP, 20.0 / 1280.0, 1280.0, 4096.0), 0);
    }
}
