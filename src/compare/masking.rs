//! Masking: what of one track another one covers, moment by moment and filter by filter of the ear.
//!
//! The power-spectrum model (Patterson & Moore 1986): a sound is heard beside another as soon as it stands far enough
//! above it at the output of one auditory filter. How far is the K of Moore, Glasberg & Baer (1997): −3 dB from 500 Hz up.
//! Both sounds are means of 0.17 s, so what lies in a pause of the other for a shorter time is taken for covered.

use serde::Serialize;

use crate::analysis::excitation::Excitation;
use crate::dsp::excitation::{NUM_FILTERS, filter_bin};
use crate::dsp::grid::hz_from_bin;
use crate::units::db::db_from_power;

/// What a sound must have above another at the output of a filter to be heard, in dB.
pub const THRESHOLD_DB: f64 = -3.0;
/// The octaves that figures are told of, from … to the next, in Hz.
pub const OCTAVES_HZ: [f64; 10] = [
    31.25, 62.5, 125.0, 250.0, 500.0, 1_000.0, 2_000.0, 4_000.0, 8_000.0, 16_000.0,
];
/// Octaves between those.
pub const NUM_OCTAVES: usize = OCTAVES_HZ.len() - 1;
/// A share of less than so much of the time is of too little sound to be told.
const LEAST_SOUNDS: f64 = 0.02;

/// By how many dB the other stands over the threshold at which the track is no longer heard beside it: positive where it
/// is masked. Both are powers at the output of one filter; `None` where one of them is nothing.
pub fn over_threshold_db(track: f32, other: f32) -> Option<f64> {
    let is_there = track > 0.0 && other > 0.0;
    is_there.then(|| THRESHOLD_DB - db_from_power(f64::from(track) / f64::from(other)))
}

/// What of a track is masked in an octave.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OctaveMasking {
    /// Its lower edge.
    pub low_hz: f64,
    /// Its upper edge.
    pub high_hz: f64,
    /// The part of the time that the track sounds there, 0 … 1.
    pub sounds: f64,
    /// Of that the part in which it is masked; absent where it hardly sounds.
    pub masked: Option<f64>,
    /// By how many dB the other stands over the threshold then, in the mean; absent where nothing is masked.
    pub over_threshold_db: Option<f64>,
}

/// Sums up, moment by moment, what of a track another one masks.
#[derive(Clone, Debug)]
pub struct MaskingMeter {
    range_db: f64,
    moments: u32,
    octaves: [Sum; NUM_OCTAVES],
}

#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    filters: u32,
    sounding: u32,
    masked: u32,
    over_db: f64,
}

impl MaskingMeter {
    /// A track that stands less than `range_db` above the threshold counts as masked as well.
    pub fn new(range_db: f64) -> Self {
        let mut octaves = [Sum::default(); NUM_OCTAVES];
        for filter in 0..NUM_FILTERS {
            if let Some(octave) = octave_of(filter) {
                octaves[octave].filters += 1;
            }
        }
        Self {
            range_db,
            moments: 0,
            octaves,
        }
    }

    /// Counts a moment of both in.
    pub fn add(&mut self, track: &Excitation, other: &Excitation) {
        self.moments += 1;
        for (filter, (power, masker)) in track.powers.iter().zip(&other.powers).enumerate() {
            let Some(octave) = octave_of(filter) else {
                continue;
            };
            if !track.sounds_in(filter) {
                continue;
            }
            let sum = &mut self.octaves[octave];
            sum.sounding += 1;
            let over_db = over_threshold_db(*power, *masker);
            if let Some(over_db) = over_db.filter(|over_db| over_db + self.range_db > 0.0) {
                sum.masked += 1;
                sum.over_db += over_db;
            }
        }
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.moments == 0
    }

    /// The figures of each octave, from low to high.
    pub fn octaves(&self) -> Vec<OctaveMasking> {
        let of = |(octave, sum): (usize, &Sum)| {
            let part = |count: u32, of: u32| f64::from(count) / f64::from(of.max(1));
            let sounds = part(sum.sounding, sum.filters * self.moments);
            let is_told = sounds >= LEAST_SOUNDS;
            OctaveMasking {
                low_hz: OCTAVES_HZ[octave],
                high_hz: OCTAVES_HZ[octave + 1],
                sounds,
                masked: is_told.then(|| part(sum.masked, sum.sounding)),
                over_threshold_db: (is_told && sum.masked > 0)
                    .then(|| sum.over_db / f64::from(sum.masked)),
            }
        };
        self.octaves.iter().enumerate().map(of).collect()
    }
}

/// The octave in which most of a track that sounds is masked: the one to listen to first. `None` where hardly anything is.
pub fn most_masked(octaves: &[OctaveMasking]) -> Option<&OctaveMasking> {
    /// Less than this is nothing to talk of.
    const LEAST_MASKED: f64 = 0.1;
    /// And what sounds more seldom is a click or an end.
    const LEAST_OF_TIME: f64 = 0.05;
    let part = |octave: &OctaveMasking| octave.masked.unwrap_or(0.0);
    // What sounds rarely weighs less: an octave of some breaths is not the one to begin with.
    let weight = |octave: &OctaveMasking| part(octave) * octave.sounds;
    let is_told =
        |octave: &&OctaveMasking| part(octave) >= LEAST_MASKED && octave.sounds >= LEAST_OF_TIME;
    let masked = octaves.iter().filter(is_told);
    masked.max_by(|a, b| weight(a).total_cmp(&weight(b)))
}

/// The octave that a filter's centre lies in.
fn octave_of(filter: usize) -> Option<usize> {
    let hz = hz_from_bin(filter_bin(filter));
    let above = OCTAVES_HZ.iter().take_while(|edge| **edge <= hz).count();
    above.checked_sub(1).filter(|octave| *octave < NUM_OCTAVES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::db::power_from_db;

    fn flat(level_db: f64) -> Excitation {
        Excitation {
            powers: [power_from_db(level_db) as f32; NUM_FILTERS],
            sounds: [1.0; NUM_FILTERS],
        }
    }

    fn at(octaves: &[OctaveMasking], hz: f64) -> OctaveMasking {
        let holds = |octave: &&OctaveMasking| (octave.low_hz..octave.high_hz).contains(&hz);
        *octaves.iter().find(holds).expect("there is such an octave")
    }

    #[test]
    fn what_lies_under_the_threshold_is_masked_and_by_how_much_and_a_range_moves_that() {
        for (track_db, range_db, masked, over_db) in [
            (-20.0, 0.0, 0.0, None),
            (-22.9, 0.0, 0.0, None),
            (-24.0, 0.0, 1.0, Some(1.0)),
            (-30.0, 0.0, 1.0, Some(7.0)),
            (-20.0, 4.0, 1.0, Some(-3.0)),
        ] {
            let mut meter = MaskingMeter::new(range_db);
            meter.add(&flat(track_db), &flat(-20.0));
            for octave in meter.octaves() {
                assert_eq!(octave.masked, Some(masked), "{track_db} {octave:?}");
                let off = octave.over_threshold_db.zip(over_db);
                assert_eq!(octave.over_threshold_db.is_some(), over_db.is_some());
                assert!(off.is_none_or(|(is, should)| (is - should).abs() < 1e-4));
            }
        }
    }

    #[test]
    fn shares_are_of_the_time_that_the_track_sounds_and_not_told_where_it_hardly_does() {
        let mut meter = MaskingMeter::new(0.0);
        let mut low_only = flat(-20.0);
        for filter in 0..NUM_FILTERS {
            if hz_from_bin(filter_bin(filter)) >= 2_000.0 {
                low_only.sounds[filter] = 0.0;
            }
        }
        for moment in 0..100 {
            // Masked a quarter of the time.
            let other = if moment % 4 == 0 { -10.0 } else { -40.0 };
            meter.add(&low_only, &flat(other));
        }
        meter.add(&flat(-20.0), &flat(-10.0));
        let octaves = meter.octaves();
        let low = at(&octaves, 700.0);
        assert!((low.masked.expect("it sounds") - 26.0 / 101.0).abs() < 1e-9);
        assert_eq!(low.sounds, 1.0);
        assert!((low.over_threshold_db.expect("it is masked") - 7.0).abs() < 1e-3);
        let high = at(&octaves, 3_000.0);
        assert_eq!(high.masked, None, "it sounds once in a hundred moments");
        let most = most_masked(&octaves).expect("a quarter is something");
        assert!(most.high_hz <= 2_000.0);
        let seldom = octaves.iter().map(|octave| OctaveMasking {
            sounds: 0.04,
            ..*octave
        });
        assert_eq!(most_masked(&seldom.collect::<Vec<_>>()), None);
        assert!(MaskingMeter::new(0.0).is_empty());
    }

    #[test]
    fn nothing_masks_a_track_that_is_alone() {
        assert_eq!(over_threshold_db(0.5, 0.0), None);
        assert_eq!(over_threshold_db(0.0, 0.5), None);
    }
}
