//! The spectrum panel: the curves of both sides, tilt, and levels to pixels.

use crate::analysis::band_range::BandRange;
use crate::analysis::distribution::SpectrumCurves;
use crate::analysis::meters::Meters;
use crate::dsp::grid::{BINS_PER_OCTAVE, NUM_BINS, bin_from_hz};
use crate::session::Session;
use crate::session::pairing::basis::BandOf;
use crate::session::references::ReferenceData;
use crate::view::axis::FrequencyAxis;
use crate::view::curves::{LIVE_OCTAVES, MEDIAN_OCTAVES, Width};
use crate::view::looks::{CompareMode, Smoothing};
use crate::view::outside::{bins_from_bands, common_gain_db, raised};
use crate::view::rect::Rect;
use crate::view::scene::Scene;
use crate::view::side::SpectrumScene;
use crate::view::visible::Visible;

/// The curves of a live side: of its last seconds.
pub fn live_curves(meters: &Meters, visible: &Visible<'_>) -> SpectrumScene {
    SpectrumScene {
        live_db: moment(Some(meters), visible),
        ..curves_of(&meters.curves, visible)
    }
}

/// Which of a reference's curves are of the seconds that lay beside the mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSeconds {
    /// None: of another song all is meant that is compared.
    None,
    /// The mean, of a part that is followed; its range is that of the part.
    Mean,
    /// Mean and range, of the same song.
    All,
    /// The same of a mix that paused, of which nobody knows yet where it went on.
    Unknown,
}

impl SameSeconds {
    /// Of the same song, or of another one that is followed or not.
    pub fn of(is_same_song: bool, is_followed: bool) -> Self {
        match (is_same_song, is_followed) {
            (true, _) => Self::All,
            (false, true) => Self::Mean,
            (false, false) => Self::None,
        }
    }
}

/// The curves of a reference: of the moment beside the mix, and mean and range of the same seconds, of all that is
/// compared, or the range of several references.
pub fn reference_curves(
    session: &Session,
    data: &ReferenceData,
    meters: Option<&Meters>,
    same_seconds: SameSeconds,
    band_of: BandOf,
    visible: &Visible<'_>,
) -> SpectrumScene {
    let live_db = moment(meters, visible);
    let common = session.pair.references.common_band();
    let common = common.filter(|_| band_of == BandOf::All);
    if let Some((band, gain_db)) = common.zip(common_gain_db(data)) {
        let curves = SpectrumCurves {
            p10_db: raised(&band.p10_db, gain_db),
            p50_db: raised(&band.p50_db, gain_db),
            p90_db: raised(&band.p90_db, gain_db),
            range: BandRange(raised(&band.range.0, gain_db)),
            ..SpectrumCurves::silent()
        };
        return SpectrumScene {
            live_db,
            ..curves_of(&curves, visible)
        };
    }
    let compared = data.curves().map(|curves| curves_of(curves, visible));
    let compared = compared.unwrap_or_default();
    let beside = || meters.map(|meters| curves_of(&meters.curves, visible));
    let shown = match same_seconds {
        SameSeconds::None => compared,
        SameSeconds::Mean => SpectrumScene {
            mean_db: beside().map_or(compared.mean_db, |beside| beside.mean_db),
            ..compared
        },
        SameSeconds::All => beside().unwrap_or(compared),
        SameSeconds::Unknown => return SpectrumScene::default(),
    };
    SpectrumScene { live_db, ..shown }
}

fn moment(meters: Option<&Meters>, visible: &Visible<'_>) -> Vec<f32> {
    let meters = meters.filter(|_| visible.shows_moment);
    meters.map_or_else(Vec::new, |meters| {
        let width = match visible.smoothing.octaves() {
            Some(octaves) => Width::Bands(octaves),
            None => Width::Tones(LIVE_OCTAVES),
        };
        visible.curve(&meters.spectrum_db, width)
    })
}

/// The curves that are meant, of all that a side's curves were made of.
fn curves_of(curves: &SpectrumCurves, visible: &Visible<'_>) -> SpectrumScene {
    smoothed_curves(curves, visible.smoothing, |levels_db, width| {
        visible.curve(levels_db, width)
    })
}

/// The same where each curve is smoothed as it is told.
pub fn smoothed_curves(
    curves: &SpectrumCurves,
    smoothing: Smoothing,
    smooth: impl Fn(&[f32], Width) -> Vec<f32>,
) -> SpectrumScene {
    let Some(octaves) = smoothing.octaves() else {
        let curve = |levels_db: &[f32]| smooth(levels_db, Width::Tones(MEDIAN_OCTAVES));
        return SpectrumScene {
            live_db: vec![],
            mean_db: curve(&curves.p50_db),
            p10_db: curve(&curves.p10_db),
            p90_db: curve(&curves.p90_db),
        };
    };
    let range = &curves.range;
    let has_mean = curves.mean_db.iter().any(|level| level.is_finite());
    SpectrumScene {
        live_db: vec![],
        // What several songs have in common has a range and no mean.
        mean_db: if has_mean {
            smooth(&curves.mean_db, Width::Bands(octaves))
        } else {
            bins_from_bands(range.middle_db())
        },
        p10_db: bins_from_bands(range.low_db()),
        p90_db: bins_from_bands(range.high_db()),
    }
}

impl Scene {
    /// Axes of the spectrum panel for its plot. In difference mode levels are dB of A − B about zero.
    pub fn spectrum_axes(&self, plot: Rect) -> SpectrumAxes {
        let looks = &self.looks;
        let (low_db, high_db, tilt_db_per_octave) = if looks.mode == CompareMode::Difference {
            let range = f64::from(looks.difference_range_db);
            (-range, range, 0.0)
        } else {
            let [low_db, high_db] = looks.spectrum_axis_db();
            (low_db, high_db, self.spectrum_tilt_db_per_octave())
        };
        SpectrumAxes {
            plot,
            frequency: self.frequency,
            low_db,
            high_db,
            tilt_db_per_octave,
        }
    }

    /// What the spectrum's curves are tilted by; of band levels less, since they are tilted already.
    pub fn spectrum_tilt_db_per_octave(&self) -> f64 {
        let looks = &self.looks;
        f64::from(looks.spectrum_tilt_db_per_octave) - looks.spectrum_smoothing.tilt_db()
    }

    /// Difference of the mean spectra, A − B with the match applied: dB a bin, −∞ where either is absent.
    pub fn spectrum_difference_db(&self) -> Vec<f32> {
        let gain_db = self.reference_gain_db() as f32;
        let [a, b] = [&self.sides[0].spectrum, &self.sides[1].spectrum];
        a.mean_db
            .iter()
            .zip(&b.mean_db)
            .map(|(a, b)| {
                if a.is_finite() && b.is_finite() {
                    a - b - gain_db
                } else {
                    f32::NEG_INFINITY
                }
            })
            .collect()
    }
}

/// dB added at a bin for a display tilt around 1 kHz.
pub fn tilt_db(bin: f64, tilt_db_per_octave: f64) -> f64 {
    tilt_db_per_octave * (bin - bin_from_hz(1000.0)) / BINS_PER_OCTAVE
}

/// How much detail a curve has, which says how densely points must stand on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fineness {
    /// Smoothed as live curves are, over a twelfth of an octave.
    Live,
    /// Smoothed as medians and bands are, over a sixth of an octave.
    Median,
}

impl Fineness {
    /// Bins from point to point at most: a quarter of what the smoothing averages over, a third of live curves.
    fn most_bins(self) -> usize {
        match self {
            Self::Live => 3,
            Self::Median => 4,
        }
    }
}

/// Where a curve goes beyond its axis, so that it is drawn along the edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beyond {
    /// Where that begins and ends, in px.
    pub x: [f32; 2],
    /// How far it goes, in dB: above the upper edge or below the lower one.
    pub most_db: f64,
}

/// Level axis of the spectrum panel and how levels become pixels in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpectrumAxes {
    /// Where the curves are drawn.
    pub plot: Rect,
    /// Left to right.
    pub frequency: FrequencyAxis,
    /// Level at the lower edge, after tilt.
    pub low_db: f64,
    /// Level at the upper edge.
    pub high_db: f64,
    /// Display tilt around 1 kHz.
    pub tilt_db_per_octave: f64,
}

impl SpectrumAxes {
    /// Pixel position of a level at a bin.
    pub fn point(&self, bin: f64, level_db: f64) -> [f32; 2] {
        let shown_db = level_db + tilt_db(bin, self.tilt_db_per_octave);
        [self.x_from_bin(bin), self.y_from_shown_db(shown_db)]
    }

    /// Horizontal pixel of a bin.
    pub fn x_from_bin(&self, bin: f64) -> f32 {
        self.plot.x + self.frequency.fraction_from_bin(bin) as f32 * self.plot.w
    }

    /// Vertical pixel of a level that already holds the tilt.
    pub fn y_from_shown_db(&self, shown_db: f64) -> f32 {
        let fraction = (shown_db - self.low_db) / (self.high_db - self.low_db);
        self.plot.bottom() - fraction as f32 * self.plot.h
    }

    /// A whole curve as points, with `gain_db` added; runs of bins that are absent or below the axis break it.
    pub fn line(&self, levels_db: &[f32], gain_db: f64, fineness: Fineness) -> Vec<Vec<[f32; 2]>> {
        let mut shown = levels_db.to_vec();
        for (bin, level) in shown.iter_mut().enumerate() {
            let tilted = f64::from(*level) + gain_db + tilt_db(bin as f64, self.tilt_db_per_octave);
            if tilted < self.low_db {
                *level = f32::NEG_INFINITY;
            }
        }
        self.curve(&shown, gain_db, fineness)
    }

    /// Where levels that already hold the tilt lie beyond the axis, from left to right.
    pub fn beyond(&self, shown_db: &[f32]) -> Vec<Beyond> {
        let mut found: Vec<Beyond> = vec![];
        let mut before = 0.0;
        let first = self.frequency.low_bin.max(0.0) as usize;
        let last = self.frequency.high_bin.ceil() as usize;
        for (bin, level) in shown_db.iter().enumerate().take(last + 1).skip(first) {
            let level = f64::from(*level);
            let way = match level {
                db if !db.is_finite() => 0.0,
                db if db > self.high_db => 1.0,
                db if db < self.low_db => -1.0,
                _ => 0.0,
            };
            let x = self.x_from_bin(bin as f64);
            match found.last_mut().filter(|_| way != 0.0 && way == before) {
                Some(run) => {
                    run.x[1] = x;
                    if level.abs() > run.most_db.abs() {
                        run.most_db = level;
                    }
                }
                None if way != 0.0 => found.push(Beyond {
                    x: [x, x],
                    most_db: level,
                }),
                None => {}
            }
            before = way;
        }
        found
    }

    /// A curve as an edge of a filled area: where it is below the axis it runs along the lower edge.
    pub fn curve(&self, levels_db: &[f32], gain_db: f64, fineness: Fineness) -> Vec<Vec<[f32; 2]>> {
        let mut pieces = vec![];
        let mut piece = vec![];
        let first = self.frequency.low_bin.floor().max(0.0) as usize;
        let last = (self.frequency.high_bin.ceil() as usize).min(NUM_BINS - 1);
        let last = last.min(levels_db.len().saturating_sub(1));
        let step = self.bins_per_point(fineness);
        // The last bin whatever the step, or the curve would end before the axis does.
        for bin in (first..last).step_by(step).chain([last]) {
            let level = levels_db.get(bin).copied().unwrap_or(f32::NEG_INFINITY);
            if level.is_finite() {
                piece.push(self.clamped(self.point(bin as f64, f64::from(level) + gain_db)));
            } else if !piece.is_empty() {
                pieces.push(std::mem::take(&mut piece));
            }
        }
        pieces.push(piece);
        pieces.retain(|p| p.len() > 1);
        pieces
    }

    /// Every how many bins a point is set: points closer than 1.5 px only cost, and up to 3 px the eye sees none of
    /// the corners as long as the smoothing is wide against them.
    fn bins_per_point(&self, fineness: Fineness) -> usize {
        let bins_per_px =
            (self.frequency.high_bin - self.frequency.low_bin) / f64::from(self.plot.w);
        let smooth = ((bins_per_px * 3.0) as usize).clamp(1, fineness.most_bins());
        ((bins_per_px * 1.5) as usize).clamp(smooth, 8)
    }

    /// Keeps a point inside the plot, so that a curve runs along its edge instead of over its neighbours.
    fn clamped(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        [
            x.clamp(self.plot.x, self.plot.right()),
            y.clamp(self.plot.y, self.plot.bottom()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_stand_no_denser_than_is_seen_and_reach_both_ends_of_the_axis() {
        let axes = |w: f32| SpectrumAxes {
            plot: Rect {
                x: 0.0,
                y: 0.0,
                w,
                h: 300.0,
            },
            frequency: FrequencyAxis {
                low_bin: 0.0,
                high_bin: (NUM_BINS - 1) as f64,
            },
            low_db: -90.0,
            high_db: 0.0,
            tilt_db_per_octave: 0.0,
        };
        let levels = vec![-30.0f32; NUM_BINS];
        for (width, fineness, most_points) in [
            (700.0, Fineness::Median, 258),
            (700.0, Fineness::Live, 343),
            (1400.0, Fineness::Median, 513),
            (5000.0, Fineness::Median, NUM_BINS),
        ] {
            let curve = axes(width).curve(&levels, 0.0, fineness);
            let points = &curve[0];
            assert!(points.len() <= most_points, "{width} {}", points.len());
            assert_eq!(points[0][0], 0.0);
            assert!((points[points.len() - 1][0] - width).abs() < 0.1);
            let widest = points.windows(2).map(|p| p[1][0] - p[0][0]);
            assert!(widest.fold(0.0, f32::max) < 5.0);
        }
    }

    #[test]
    fn what_goes_beyond_the_axis_is_told_with_how_far() {
        let axes = SpectrumAxes {
            plot: Rect {
                x: 0.0,
                y: 0.0,
                w: 1024.0,
                h: 300.0,
            },
            frequency: FrequencyAxis {
                low_bin: 0.0,
                high_bin: NUM_BINS as f64,
            },
            low_db: -12.0,
            high_db: 12.0,
            tilt_db_per_octave: 0.0,
        };
        let mut levels = vec![0.0f32; NUM_BINS];
        levels[100..110].fill(13.0);
        levels[104] = 17.4;
        levels[110..120].fill(-14.0);
        levels[300..310].fill(f32::NEG_INFINITY);
        let beyond = axes.beyond(&levels);
        let far: Vec<f64> = beyond
            .iter()
            .map(|run| (run.most_db * 10.0).round() / 10.0)
            .collect();
        assert_eq!(far, [17.4, -14.0]);
        assert!(beyond[0].x[0] > 99.0 && beyond[0].x[1] < beyond[1].x[0]);
        assert_eq!(axes.beyond(&[0.0; NUM_BINS]), []);
    }

    #[test]
    fn tilt_turns_about_one_kilohertz() {
        assert!(tilt_db(bin_from_hz(1000.0), 4.5).abs() < 1e-9);
        assert!((tilt_db(bin_from_hz(2000.0), 4.5) - 4.5).abs() < 1e-9);
        assert!((tilt_db(bin_from_hz(250.0), 3.0) + 6.0).abs() < 1e-9);
    }
}
