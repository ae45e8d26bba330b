//! What was measured in a marked stretch, as plain data.

use crate::dsp::loudness::{LoudnessPoint, region_loudness};
use crate::dsp::punch::{FIRST_POINTS, PunchPoint};
use crate::session::action::Mark;
use crate::view::findings::PointedFinding;
use crate::view::side::{Figures, SpectrumScene};

/// Figures of a stretch that stand for those of the whole.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SectionFigures {
    /// Integrated loudness, LUFS.
    pub integrated_lufs: Option<f64>,
    /// Loudness range, LU.
    pub range_lu: Option<f64>,
    /// Largest true peak, dBTP.
    pub true_peak_dbtp: Option<f64>,
}

impl SectionFigures {
    /// From the points of a history that end within the stretch.
    pub fn of(points: &[LoudnessPoint]) -> Self {
        let (integrated_lufs, range_lu) = region_loudness(points, 0..points.len());
        // Each point knows the highest peak of its 3 s, above their loudness.
        let within = points.get(FIRST_POINTS..).unwrap_or_default();
        let peaks = within.iter().filter_map(|point| {
            let psr_lu = PunchPoint::existing(point.punch.psr_lu)?;
            Some(f64::from(point.short_term()?) + f64::from(psr_lu))
        });
        Self {
            integrated_lufs,
            range_lu,
            true_peak_dbtp: peaks.reduce(f64::max),
        }
    }

    /// Puts them in place of those of the whole.
    pub fn replace(self, figures: &mut Figures, is_long: bool) {
        figures.integrated_lufs = self.integrated_lufs;
        figures.range_lu = self.range_lu;
        figures.range_is_stable = is_long;
        figures.true_peak_dbtp = self.true_peak_dbtp;
        let peak_and_loudness = self.true_peak_dbtp.zip(self.integrated_lufs);
        figures.plr_lu = peak_and_loudness.map(|(peak, loudness)| peak - loudness);
    }
}

/// What was measured in a marked stretch, without the match: that is applied where it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct MarkScene {
    /// What is marked.
    pub mark: Mark,
    /// Integrated loudness of both sides within it, LUFS.
    pub loudness_lufs: [Option<f64>; 2],
    /// Mean power of A over B within the marked frequencies, in dB; `None` where no frequencies are marked.
    pub band_difference_db: Option<f64>,
    /// Length of what is measured of it on both sides, in seconds: of an aligned song only what lay beside each other.
    pub common_secs: f64,
    /// The finding it points at.
    pub finding: Option<PointedFinding>,
    /// The mix's figures of the stretch, where a region of another song stands beside it: a section beside a section.
    pub section: Option<SectionFigures>,
    /// Curves of both sides within it, smoothed.
    pub spectra: [SpectrumScene; 2],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_of_a_stretch_is_the_highest_of_the_windows_within_it() {
        let point = |n: usize| LoudnessPoint {
            momentary_lufs: -20.0,
            short_term_lufs: -20.0,
            punch: PunchPoint {
                // A peak before the stretch is still in the windows of its first 3 s.
                psr_lu: if n < 20 { 19.0 } else { 12.0 },
                ..PunchPoint::ABSENT
            },
        };
        let points: Vec<_> = (0..100).map(point).collect();
        let section = SectionFigures::of(&points);
        assert_eq!(section.true_peak_dbtp, Some(-8.0));
        let mut figures = Figures::default();
        section.replace(&mut figures, false);
        let plr_lu = figures.plr_lu.expect("both are known");
        assert!((plr_lu - 12.0).abs() < 0.01, "{plr_lu}");
        assert_eq!(SectionFigures::of(&points[..20]).true_peak_dbtp, None);
    }
}
