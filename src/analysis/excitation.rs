//! Excitation patterns of columns: how much each auditory filter lets through of a moment of a sound.

use std::ops::Range;
use std::sync::LazyLock;

use crate::analysis::band_range::noise_weights;
use crate::analysis::column::level_db;
use crate::dsp::excitation::{
    BINS_PER_FILTER, NUM_FILTERS, erb_hz, filter_at, filter_bin, response,
};
use crate::dsp::fast_math::power_from_db;
use crate::dsp::grid::{NUM_BINS, hz_from_bin};

/// What lets less through than this, −60 dB, is left out.
const LEAST_RESPONSE: f64 = 1e-6;
/// A track sounds in a filter where that lets through so much less at most, in dB, than its loudest at that moment.
const SOUNDS_WITHIN_DB: f32 = 40.0;
/// And no less than this, in dBFS.
const LEAST_DBFS: f32 = -70.0;
/// And where so much of it lies within the filter's own width. What is less comes in over its skirts: of a tone the filters
/// above and below are excited, and nobody hears it there.
const LEAST_OWN: f32 = 0.1;

/// A filter on the grid: the bins it hears, and what the power of each counts.
pub struct Filter {
    /// First bin.
    pub first: usize,
    /// From there on.
    pub weights: Vec<f32>,
    /// Bins within its own width: its equivalent rectangular bandwidth, or half the way to its neighbours and a little more.
    pub own: Range<usize>,
}

static FILTERS: LazyLock<Vec<Filter>> = LazyLock::new(|| {
    let filter = |filter: usize| {
        let heard = |bin: &usize| response(filter, *bin) >= LEAST_RESPONSE;
        let (middle, center_hz) = (filter_bin(filter), hz_from_bin(filter_bin(filter)));
        let own = |bin: &usize| {
            let away_hz = (hz_from_bin(*bin as f64) - center_hz).abs();
            let away = (*bin as f64 - middle).abs();
            away_hz <= erb_hz(center_hz) / 2.0 || away <= BINS_PER_FILTER as f64 / 2.0 + 1.0
        };
        let ends = |is_in: &dyn Fn(&usize) -> bool| {
            let first = (0..NUM_BINS).find(is_in).unwrap_or(0);
            first..(0..NUM_BINS).rev().find(is_in).map_or(0, |last| last + 1)
        };
        let (heard, own) = (ends(&heard), ends(&own));
        let weight = |bin: usize| response(filter, bin) as f32 * noise_weights()[bin];
        Filter {
            first: heard.start,
            weights: heard.map(weight).collect(),
            own,
        }
    };
    (0..NUM_FILTERS).map(filter).collect()
});

/// All filters, from low to high.
pub fn filters() -> &'static [Filter] {
    &FILTERS
}

/// Whether a track that sounds so much, 0 … 1, counts as sounding.
pub fn is_sound(sounds: f32) -> bool {
    sounds >= 0.5
}

/// What each filter lets through of a moment of a sound.
#[derive(Clone, Debug, PartialEq)]
pub struct Excitation {
    /// Power at its output; 1.0 is a full-scale sine at its centre.
    pub powers: [f32; NUM_FILTERS],
    /// From one half on the track sounds there, from 0, not at all, to 1, twice as much of everything as that takes.
    pub sounds: [f32; NUM_FILTERS],
}

impl Excitation {
    /// That of a column.
    pub fn of(bins: &[u32; NUM_BINS]) -> Self {
        let levels: [f32; NUM_BINS] =
            std::array::from_fn(|bin| level_db(bins[bin]).map_or(0.0, power_from_db));
        let heard = |filter: &Filter, bins: Range<usize>| -> f32 {
            let weights = &filter.weights[bins.start - filter.first..bins.end - filter.first];
            let heard = levels[bins].iter().zip(weights);
            heard.map(|(power, weight)| power * weight).sum()
        };
        let powers: [f32; NUM_FILTERS] = std::array::from_fn(|n| {
            let filter = &FILTERS[n];
            heard(filter, filter.first..filter.first + filter.weights.len())
        });
        let loudest = powers.iter().copied().fold(0.0, f32::max);
        let least = (loudest * power_from_db(-SOUNDS_WITHIN_DB)).max(power_from_db(LEAST_DBFS));
        let sounds = |n: usize| {
            let own = heard(&FILTERS[n], FILTERS[n].own.clone());
            let [by_level, by_own] = [powers[n] / least, own / (LEAST_OWN * powers[n]).max(1e-20)];
            (0.5 * by_level.min(by_own)).min(1.0)
        };
        Self {
            powers,
            sounds: std::array::from_fn(sounds),
        }
    }

    /// The power between two filters, about a bin, and how much the track sounds there.
    pub fn at_bin(&self, bin: f64) -> (f32, f32) {
        let at = filter_at(bin);
        let low = (at as usize).min(NUM_FILTERS - 2);
        let part = (at - low as f64) as f32;
        let between = |of: &[f32; NUM_FILTERS]| of[low] + (of[low + 1] - of[low]) * part;
        (between(&self.powers), between(&self.sounds))
    }

    /// Whether the track sounds in a filter.
    pub fn sounds_in(&self, filter: usize) -> bool {
        is_sound(self.sounds[filter])
    }

    /// Between two columns: `part` 0 is this one, 1 the other.
    pub fn between(&self, other: &Self, part: f32) -> Self {
        let between = |a: &[f32; NUM_FILTERS], b: &[f32; NUM_FILTERS]| {
            std::array::from_fn(|n| a[n] + (b[n] - a[n]) * part)
        };
        Self {
            powers: between(&self.powers, &other.powers),
            sounds: between(&self.sounds, &other.sounds),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::column::pack_bin;
    use crate::dsp::excitation::filter_bin;

    fn tone(bin: usize, level_db: f32) -> [u32; NUM_BINS] {
        std::array::from_fn(|n| match n == bin {
            true => pack_bin(level_db, 0.0, 0.0),
            false => 0,
        })
    }

    #[test]
    fn what_lies_at_a_filters_centre_counts_as_in_a_band_and_far_from_it_not_at_all() {
        let filter = 40;
        let bin = filter_bin(filter).round() as usize;
        let excitation = Excitation::of(&tone(bin, -20.0));
        let expected = 0.01 * noise_weights()[bin];
        let at = excitation.powers[filter];
        assert!((at / expected - 1.0).abs() < 0.01, "{at} {expected}");
        assert_eq!(excitation.powers[10], 0.0);
        assert!(excitation.powers[filter + 3] > excitation.powers[filter - 3]);
        let (midway, _) = excitation.at_bin(filter_bin(filter) + 8.0);
        let mean = (at + excitation.powers[filter + 1]) / 2.0;
        assert!((midway / mean - 1.0).abs() < 1e-5);
    }

    #[test]
    fn a_tone_sounds_where_it_is_wherever_that_is_and_not_in_the_filters_around_it() {
        for bin in (100..1_000).step_by(7) {
            let excitation = Excitation::of(&tone(bin, -20.0));
            let sounding: Vec<usize> = (0..NUM_FILTERS)
                .filter(|n| excitation.sounds_in(*n))
                .collect();
            let [first, last] = [sounding[0], sounding[sounding.len() - 1]];
            let away = [first, last].map(|n| (filter_bin(n) - bin as f64).abs());
            // A filter is two octaves wide at 33 Hz, a third at 350 Hz, and above hardly more than the way to the next one.
            let reach = [64.0, 32.0, 17.0][usize::from(bin > 250) + usize::from(bin > 430)];
            assert!(
                away.iter().all(|away| *away <= reach),
                "bin {bin}: {away:?}"
            );
            assert!(is_sound(excitation.at_bin(bin as f64).1), "bin {bin}");
        }
        assert!(!Excitation::of(&[0; NUM_BINS]).sounds_in(20));
        assert!(!is_sound(Excitation::of(&tone(500, -80.0)).at_bin(500.0).1));
    }

    #[test]
    fn what_lies_40_db_below_the_loudest_does_not_sound() {
        let noise = |low: f32, high: f32| -> [u32; NUM_BINS] {
            std::array::from_fn(|bin| pack_bin(if bin < 500 { low } else { high }, 0.0, 0.0))
        };
        let far = filter_at(800.0) as usize;
        assert!(Excitation::of(&noise(-10.0, -40.0)).sounds_in(far));
        assert!(!Excitation::of(&noise(-10.0, -65.0)).sounds_in(far));
    }
}
