//! Punch of a programme: between which figures its peaks and attacks move over time.

use serde::{Deserialize, Serialize};

use crate::analysis::band_power::STEREO_BANDS;
use crate::dsp::loudness::LoudnessPoint;
use crate::dsp::punch::PunchPoint;

/// A spread of fewer points says nothing: 3 s, and the 3 s that the first of them is of.
const FEWEST_POINTS: usize = 30;

/// Peaks and attacks of a programme, over all points of its history.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PunchSummary {
    /// True peak above short-term loudness.
    pub psr_lu: Option<Tenths>,
    /// The five stereo bands.
    pub bands: Vec<PunchBand>,
}

/// One band.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PunchBand {
    /// Lower edge.
    pub low_hz: f64,
    /// Upper edge.
    pub high_hz: f64,
    /// How far attacks stand above the 200 ms around them, see [`crate::dsp::punch`].
    pub attack_db: Option<Tenths>,
    /// Highest sample of 3 s above their level.
    pub crest_db: Option<Tenths>,
}

/// What parts of the time a figure lies below.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tenths {
    /// A tenth.
    pub p10: f64,
    /// The half.
    pub p50: f64,
    /// Nine tenths.
    pub p90: f64,
}

impl PunchSummary {
    /// Of points of a history.
    pub fn of(points: &[LoudnessPoint]) -> Self {
        let tenths = |value: &dyn Fn(&PunchPoint) -> f32| {
            let values = points.iter().map(|point| value(&point.punch));
            Tenths::of(values.filter_map(PunchPoint::existing).collect())
        };
        let bands = STEREO_BANDS.iter().enumerate().map(|(n, band)| PunchBand {
            low_hz: band.low_hz,
            high_hz: band.high_hz,
            attack_db: tenths(&|punch| punch.attack_db[n]),
            crest_db: tenths(&|punch| punch.crest_db[n]),
        });
        Self {
            psr_lu: tenths(&|punch| punch.psr_lu),
            bands: bands.collect(),
        }
    }
}

impl Tenths {
    /// Of enough values.
    fn of(mut values: Vec<f32>) -> Option<Self> {
        if values.len() < FEWEST_POINTS {
            return None;
        }
        let mut at = |part: f64| {
            let n = ((values.len() - 1) as f64 * part).round() as usize;
            let (_, value, _) = values.select_nth_unstable_by(n, f32::total_cmp);
            (f64::from(*value) * 1000.0).round() / 1000.0
        };
        Some(Self {
            p10: at(0.1),
            p50: at(0.5),
            p90: at(0.9),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::crossover::EDGES_HZ;

    #[test]
    fn bands_of_punch_are_those_of_width() {
        let edges = STEREO_BANDS.windows(2).map(|pair| {
            assert_eq!(pair[0].high_hz, pair[1].low_hz);
            pair[0].high_hz
        });
        assert_eq!(edges.collect::<Vec<_>>(), EDGES_HZ);
    }

    #[test]
    fn tenths_are_of_the_points_that_have_a_value() {
        let point = |n: usize| LoudnessPoint {
            punch: PunchPoint {
                psr_lu: n as f32,
                ..PunchPoint::ABSENT
            },
            ..LoudnessPoint::ABSENT
        };
        let mut points: Vec<_> = (0..=100).rev().map(point).collect();
        points.extend([LoudnessPoint::ABSENT; 500]);
        let punch = PunchSummary::of(&points);
        let psr = punch.psr_lu.expect("a hundred are enough");
        assert_eq!([psr.p10, psr.p50, psr.p90], [10.0, 50.0, 90.0]);
        assert_eq!(punch.bands[2].attack_db, None);
        assert_eq!(PunchSummary::of(&points[90..]).psr_lu, None);
    }
}
