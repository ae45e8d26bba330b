//! Excitation patterns of columns: how much each auditory filter lets through of a moment of a sound.

use std::sync::LazyLock;

use crate::analysis::band_range::noise_weights;
use crate::analysis::column::level_db;
use crate::dsp::excitation::{NUM_FILTERS, filter_at, response};
use crate::dsp::fast_math::power_from_db;
use crate::dsp::grid::NUM_BINS;

/// What lets less through than this, −60 dB, is left out.
const LEAST_RESPONSE: f64 = 1e-6;

/// A filter on the grid: the bins it hears, and what the power of each counts.
pub struct Filter {
    /// First bin.
    pub first: usize,
    /// From there on.
    pub weights: Vec<f32>,
}

static FILTERS: LazyLock<Vec<Filter>> = LazyLock::new(|| {
    let filter = |filter: usize| {
        let heard = |bin: &usize| response(filter, *bin) >= LEAST_RESPONSE;
        let first = (0..NUM_BINS).find(heard).unwrap_or(0);
        let last = (0..NUM_BINS).rev().find(heard).unwrap_or(0);
        let weight = |bin: usize| response(filter, bin) as f32 * noise_weights()[bin];
        Filter {
            first,
            weights: (first..=last).map(weight).collect(),
        }
    };
    (0..NUM_FILTERS).map(filter).collect()
});

/// All filters, from low to high.
pub fn filters() -> &'static [Filter] {
    &FILTERS
}

/// Power at the output of each filter; 1.0 is a full-scale sine at its centre.
#[derive(Clone, Debug, PartialEq)]
pub struct Excitation(pub [f32; NUM_FILTERS]);

impl Excitation {
    /// That of a column.
    pub fn of(bins: &[u32; NUM_BINS]) -> Self {
        let powers: [f32; NUM_BINS] =
            std::array::from_fn(|bin| level_db(bins[bin]).map_or(0.0, power_from_db));
        Self(std::array::from_fn(|n| {
            let filter = &FILTERS[n];
            let heard = powers[filter.first..].iter().zip(&filter.weights);
            heard.map(|(power, weight)| power * weight).sum()
        }))
    }

    /// The most that a filter lets through.
    pub fn loudest(&self) -> f32 {
        self.0.iter().copied().fold(0.0, f32::max)
    }

    /// Between two filters, about a bin.
    pub fn at_bin(&self, bin: f64) -> f32 {
        let at = filter_at(bin);
        let low = (at as usize).min(NUM_FILTERS - 2);
        let part = (at - low as f64) as f32;
        self.0[low] + (self.0[low + 1] - self.0[low]) * part
    }

    /// Between two columns: `part` 0 is this one, 1 the other.
    pub fn between(&self, other: &Self, part: f32) -> Self {
        Self(std::array::from_fn(|n| {
            self.0[n] + (other.0[n] - self.0[n]) * part
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::column::pack_bin;
    use crate::dsp::excitation::filter_bin;

    #[test]
    fn what_lies_at_a_filters_centre_counts_as_in_a_band_and_far_from_it_not_at_all() {
        let filter = 40;
        let bin = filter_bin(filter).round() as usize;
        let bins = std::array::from_fn(|n| {
            if n == bin {
                pack_bin(-20.0, 0.0, 0.0)
            } else {
                0
            }
        });
        let excitation = Excitation::of(&bins);
        let expected = 0.01 * noise_weights()[bin];
        let at = excitation.0[filter];
        assert!((at / expected - 1.0).abs() < 0.01, "{at} {expected}");
        assert_eq!(excitation.loudest(), at);
        assert_eq!(excitation.0[10], 0.0);
        assert!(excitation.0[filter + 3] > excitation.0[filter - 3]);
        let midway = excitation.at_bin(filter_bin(filter) + 8.0);
        let mean = (at + excitation.0[filter + 1]) / 2.0;
        assert!((midway / mean - 1.0).abs() < 1e-5);
    }
}
