//! The figures of the punch panel, their axes, and the ranges in which a reference's lie.

use crate::analysis::punch::{PunchSummary, Tenths};
use crate::dsp::crossover::NUM_BANDS;
use crate::dsp::punch::PunchPoint;
use crate::view::looks::CompareMode;
use crate::view::rect::Rect;

/// Steps of the axes, finest first.
pub const STEPS_DB: [f64; 4] = [1.0, 2.0, 5.0, 10.0];

/// What is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PunchFigure {
    /// True peak above short-term loudness.
    Psr,
    /// Attack of a band.
    Attack(usize),
    /// Crest of a band.
    Crest(usize),
}

/// Figures in all.
const NUM_FIGURES: usize = 1 + 2 * NUM_BANDS;

/// What a tenth, the half and nine tenths of a reference lie below, in each figure; `None` where too little is known.
pub type PunchRanges = [Option<[f64; 3]>; NUM_FIGURES];

impl PunchFigure {
    /// Its place in [`PunchRanges`].
    pub fn index(self) -> usize {
        match self {
            Self::Psr => 0,
            Self::Attack(band) => 1 + band,
            Self::Crest(band) => 1 + NUM_BANDS + band,
        }
    }

    /// Its value at a point, if there is one.
    pub fn of(self, punch: &PunchPoint) -> Option<f32> {
        PunchPoint::existing(match self {
            Self::Psr => punch.psr_lu,
            Self::Attack(band) => punch.attack_db[band],
            Self::Crest(band) => punch.crest_db[band],
        })
    }

    /// Ends of its axis in LU or dB, or of a difference. What lies beyond runs along the edge.
    pub fn ends(self, mode: CompareMode) -> [f64; 2] {
        match (mode, self) {
            (CompareMode::Difference, Self::Psr) => [-6.0, 6.0],
            (CompareMode::Difference, _) => [-4.0, 4.0],
            // The title has the room above what music reaches.
            (_, Self::Psr) => [2.0, 24.0],
            _ => [0.0, 14.0],
        }
    }

    /// Vertical pixel of a value in its plot.
    pub fn y(self, mode: CompareMode, plot: Rect, value: f64) -> f32 {
        let [low, high] = self.ends(mode);
        let fraction = ((value - low) / (high - low)).clamp(0.0, 1.0);
        plot.bottom() - fraction as f32 * plot.h
    }
}

/// Ranges as rows are drawn from.
pub fn ranges_of(punch: &PunchSummary) -> PunchRanges {
    let mut ranges = PunchRanges::default();
    let tenths = |tenths: Option<Tenths>| tenths.map(|of| [of.p10, of.p50, of.p90]);
    ranges[PunchFigure::Psr.index()] = tenths(punch.psr_lu);
    for (n, band) in punch.bands.iter().take(NUM_BANDS).enumerate() {
        ranges[PunchFigure::Attack(n).index()] = tenths(band.attack_db);
        ranges[PunchFigure::Crest(n).index()] = tenths(band.crest_db);
    }
    ranges
}
