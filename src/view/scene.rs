//! The scene: all that one picture shows, as plain data. Window, headless render and tests draw from the same one.

use crate::analysis::bridge::{ChannelLevels, LevelMeter};
use crate::session::arrangement::Arrangement;
use crate::session::basis::{BandOf, MatchBasis};
use crate::session::columns::Region;
use crate::session::stretches::Stretches;
use crate::view::axis::{FrequencyAxis, Tick, absolute_time_ticks, time_ticks};
use crate::view::colormap::LevelMap;
use crate::view::cursor::CursorScene;
use crate::view::drawer::DrawerScene;
use crate::view::layout::{CompareMode, Layout};
use crate::view::mark::MarkScene;
use crate::view::palette::{Palette, Side};
use crate::view::rect::Rect;
use crate::view::sections::SectionMark;
use crate::view::spectrum::SpectrumAxes;
use crate::view::stamp::Stamp;

/// Bands of the stereo display, edges in Hz.
pub const STEREO_BANDS_HZ: [(f64, f64); 5] = [
    (20.0, 120.0),
    (120.0, 500.0),
    (500.0, 2_000.0),
    (2_000.0, 8_000.0),
    (8_000.0, 20_000.0),
];

/// Which part of the stereo signal the spectrograms show.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Default, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// Mean power of left and right.
    #[default]
    Both,
    /// Left.
    Left,
    /// Right.
    Right,
    /// Mid, (L + R) / 2.
    Mid,
    /// Side, (L − R) / 2.
    SideSignal,
}

/// Choices of a person that change looks, never data.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Looks {
    /// How mix and reference stand to each other.
    pub mode: CompareMode,
    /// Seconds across the spectrograms and the loudness histories.
    pub span_secs: f64,
    /// Level at the bright end of the spectrogram's map, in dBFS after tilt.
    pub top_db: f32,
    /// dB from the dark end to the bright end.
    pub range_db: f32,
    /// Tilt of the spectrogram around 1 kHz. Without it the bass glows and the air is black.
    pub tilt_db_per_octave: f32,
    /// Tilt of the spectrum curves around 1 kHz.
    pub spectrum_tilt_db_per_octave: f32,
    /// Difference that reaches the ends of the diverging map.
    pub difference_range_db: f32,
    /// Which level meter is shown.
    pub level_meter: LevelMeter,
    /// How much the difference is smoothed in time and frequency, 0 … 3.
    pub difference_smoothing: u8,
    /// Which channel the spectrograms show.
    pub channel: Channel,
    /// Colour map of levels.
    pub level_map: LevelMap,
    /// Whether the reference is brought to the loudness of the mix.
    pub loudness_match: bool,
    /// What the match is made of.
    pub match_basis: MatchBasis,
    /// Whose band lies behind the live curve.
    pub band_of: BandOf,
    /// Level at the top of the spectrum panel, in dBFS after tilt.
    pub spectrum_top_db: f64,
    /// dB from the bottom to the top of the spectrum panel.
    pub spectrum_range_db: f64,
    /// Loudness at the lower and upper edge of the loudness panel, LUFS.
    pub loudness_range_lufs: [f64; 2],
    /// Integrated loudness people deliver to, drawn in the loudness panel.
    pub target_lufs: f64,
    /// Highest true peak allowed; above it the figure is red.
    pub target_dbtp: f64,
    /// Light instead of dark theme.
    pub light: bool,
    /// Which layout, and how a person has changed it.
    pub arrangement: Arrangement,
    /// Sizes of type times this.
    pub font_scale: f32,
    /// Full black and white, no grey text.
    pub high_contrast: bool,
}

/// Amounts of smoothing of the difference: each a tier of the pyramid and so many bins on either side.
pub const SMOOTHING_BINS: [i64; 4] = [0, 1, 3, 7];

impl Looks {
    /// Tier of averages a difference reads at least: its smoothing in time.
    pub fn smoothing_tier(&self) -> usize {
        usize::from(self.difference_smoothing).min(SMOOTHING_BINS.len() - 1)
    }

    /// Bins on either side that a difference is averaged over: its smoothing in frequency.
    pub fn smoothing_bins(&self) -> i64 {
        SMOOTHING_BINS[self.smoothing_tier()]
    }
}

impl Default for Looks {
    fn default() -> Self {
        Self {
            mode: CompareMode::default(),
            span_secs: 20.0,
            top_db: -18.0,
            range_db: 60.0,
            tilt_db_per_octave: 4.0,
            spectrum_tilt_db_per_octave: 4.5,
            difference_range_db: 12.0,
            level_meter: LevelMeter::default(),
            difference_smoothing: 1,
            channel: Channel::default(),
            level_map: LevelMap::default(),
            loudness_match: true,
            match_basis: MatchBasis::default(),
            band_of: BandOf::default(),
            spectrum_top_db: -12.0,
            spectrum_range_db: 60.0,
            loudness_range_lufs: [-36.0, -6.0],
            target_lufs: -14.0,
            target_dbtp: -1.0,
            light: false,
            arrangement: Arrangement::default(),
            font_scale: 1.0,
            high_contrast: false,
        }
    }
}

/// What a side is doing, in words a panel can show.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum SideState {
    /// Nothing chosen yet.
    #[default]
    Empty,
    /// Being decoded and analysed; 0 … 1.
    Loading(f32),
    /// Running.
    Running,
    /// Figures and curves that have no time: a target.
    Timeless,
    /// The device went away; what to say.
    Lost(String),
    /// Could not be read; one line.
    Failed(String),
}

/// Width of one band of a side.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BandWidth {
    /// Side/mid power ratio in dB, of pure mono as low as it goes; `None` without signal.
    pub side_to_mid_db: Option<f64>,
    /// Correlation of left and right; `None` without signal.
    pub correlation: Option<f64>,
}

/// The figures of one side, each `None` where it does not exist.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// Momentary loudness, LUFS.
    pub momentary_lufs: Option<f64>,
    /// Short-term loudness, LUFS.
    pub short_term_lufs: Option<f64>,
    /// Integrated loudness, LUFS.
    pub integrated_lufs: Option<f64>,
    /// Loudness range, LU.
    pub range_lu: Option<f64>,
    /// Whether the range has seen the minute it needs to settle.
    pub range_is_stable: bool,
    /// Maximum true peak, dBTP.
    pub true_peak_dbtp: Option<f64>,
    /// True peak over integrated loudness, LU.
    pub plr_lu: Option<f64>,
    /// True peak over short-term loudness, both of the last 3 s, LU.
    pub psr_lu: Option<f64>,
    /// Correlation of left and right over 0.6 s.
    pub correlation: Option<f64>,
    /// Width per band of [`STEREO_BANDS_HZ`].
    pub bands: [BandWidth; 5],
    /// Needles of left and right.
    pub levels: [ChannelLevels; 2],
}

/// Spectrum curves of one side: tone level per bin of the grid in dBFS, −∞ where absent; empty when unknown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpectrumScene {
    /// Now.
    pub live_db: Vec<f32>,
    /// Median of what is compared.
    pub median_db: Vec<f32>,
    /// 10 % of the time below; of a live side empty, for no band of it is drawn.
    pub p10_db: Vec<f32>,
    /// 90 % of the time below; as above.
    pub p90_db: Vec<f32>,
}

/// One point of a loudness history; NaN-free, −∞ where there is no loudness.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LoudnessSample {
    /// Position on the shared time axis: 0 at the left edge, 1 at the right.
    pub fraction: f32,
    /// Momentary loudness, LUFS.
    pub momentary_lufs: f32,
    /// Short-term loudness, LUFS.
    pub short_term_lufs: f32,
}

/// How a side's columns lie under the shared time axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SideClock {
    /// Seconds from one column of tier 0 to the next.
    pub hop_secs: f64,
    /// This side's time that lies under time 0 of the mix.
    pub offset_secs: f64,
    /// Tier of the pyramid the picture reads.
    pub tier: usize,
    /// Up to here, in this side's time, columns will not change any more; after it come columns in the making.
    pub final_secs: f64,
    /// Counts what invalidates all that is drawn: another file, a grown one, other data at the same time.
    pub generation: u64,
    /// The part of this side that repeats under the mix; none of the mix itself.
    pub region: Option<Region>,
}

impl Default for SideClock {
    fn default() -> Self {
        Self {
            hop_secs: 512.0 / 48_000.0,
            offset_secs: 0.0,
            tier: 0,
            final_secs: 0.0,
            generation: 0,
            region: None,
        }
    }
}

/// A stretch of the picture in which the side was not heard.
#[derive(Clone, Debug, PartialEq)]
pub struct Absence {
    /// Where it begins and ends on the shared time axis: 0 at the left edge, 1 at the right.
    pub fractions: [f32; 2],
    /// Its length in words.
    pub words: String,
}

/// One side of the picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SideScene {
    /// Device, song or file.
    pub name: String,
    /// What is compared of it: a region, "live".
    pub detail: String,
    /// What it is doing.
    pub state: SideState,
    /// What to do when it runs but gives no sound; else empty.
    pub hint: String,
    /// Where it was not heard, within the picture.
    pub absences: Vec<Absence>,
    /// Its figures at the right edge of the picture.
    pub figures: Figures,
    /// Its spectrum.
    pub spectrum: SpectrumScene,
    /// Its loudness over the visible time.
    pub loudness: Vec<LoudnessSample>,
    /// Its sections over the visible time; none of the mix.
    pub sections: Vec<SectionMark>,
    /// Its time under the shared axis.
    pub clock: SideClock,
    /// Where it lay before the mix jumped; empty where its clock says all.
    pub stretches: Stretches,
    /// Sample rate, 0 when unknown.
    pub sample_rate_hz: u32,
}

impl SideScene {
    /// A reference's own time beside a mix time, within the part of it that repeats; `None` where nothing of it lay
    /// there, and for a side that does not repeat.
    pub fn reference_secs(&self, mix_secs: f64) -> Option<f64> {
        let region = self.clock.region?;
        let offset_secs = self.stretches.offset_at(mix_secs, self.clock.offset_secs)?;
        Some(region.reference_secs(mix_secs + offset_secs))
    }
}

/// The status line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Status {
    /// Frames missing since the start, in gaps of which each stands at its place.
    pub lost_frames: u64,
    /// The same in seconds.
    pub lost_secs: f64,
    /// In how many pieces.
    pub gaps: u64,
    /// Frames a second, `None` in a still picture.
    pub fps: Option<f32>,
    /// Milliseconds from the capture ring to the submitted frame; the block before the ring and the device are not in it.
    pub latency_ms: Option<f32>,
    /// The GPU's name.
    pub gpu: String,
    /// What is heard of the reference; empty while nothing is.
    pub listening: String,
    /// A message that stays a few seconds.
    pub toast: Option<String>,
}

/// How reference time was found under mix time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Alignment {
    /// The reference runs beside the mix; nothing is claimed.
    #[default]
    Beside,
    /// Both are live: what sounds at the same time lies at the same time.
    SameClock,
    /// The mix lies nowhere in the reference: they run side by side.
    OtherSong,
    /// The same song at another speed: it cannot run beside the mix.
    OtherSpeed {
        /// How many times as fast as the reference the mix plays.
        speed: f64,
    },
    /// Same song, found by correlation.
    Locked {
        /// Reference time under mix time 0.
        offset_secs: f64,
        /// 0 … 1.
        confidence: f64,
        /// How many places of the reference it could be, as far as was heard.
        num_places: u32,
        /// The mix plays something else than the reference has there; the place stays until a better one is found.
        in_doubt: bool,
    },
}

/// Everything one picture shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Where things lie.
    pub layout: Layout,
    /// Colours.
    pub palette: Palette,
    /// Choices of the person.
    pub looks: Looks,
    /// Mix and reference.
    pub sides: [SideScene; 2],
    /// Gain in dB given to the reference so that it is as loud as the mix; 0 when not matched.
    pub match_gain_db: Option<f64>,
    /// What the match was made of, in a word or two.
    pub match_of: &'static str,
    /// Gain in dB given to the reference by hand, besides the match.
    pub trim_db: f64,
    /// How the reference is placed in time.
    pub alignment: Alignment,
    /// Which section of another song fits the mix, in words.
    pub section: Option<String>,
    /// Mix time at the right edge of the picture, in seconds.
    pub right_edge_secs: f64,
    /// Seconds the frozen picture lies behind now; `None` when live.
    pub frozen_behind_secs: Option<f64>,
    /// Frequency axis of the spectrograms and the spectrum.
    pub frequency: FrequencyAxis,
    /// The status line.
    pub status: Status,
    /// The open drawer.
    pub drawer: Option<DrawerScene>,
    /// The stamp of a saved picture.
    pub stamp: Option<Stamp>,
    /// Where the level meters stand, if there is room.
    pub levels: Option<Rect>,
    /// The crosshair.
    pub cursor: Option<CursorScene>,
    /// A marked stretch; the spectrum then is that of the stretch.
    pub mark: Option<MarkScene>,
    /// Whether the time axis counts from the start of the mix, instead of back from the right edge.
    pub absolute_time: bool,
}

impl Scene {
    /// One side.
    pub fn side(&self, side: Side) -> &SideScene {
        &self.sides[side.index()]
    }

    /// Ticks of the shared time axis, at least `min_gap` (a part of its width) apart.
    pub fn time_ticks(&self, min_gap: f32) -> Vec<Tick> {
        let span_secs = self.looks.span_secs;
        if self.absolute_time {
            absolute_time_ticks(self.right_edge_secs - span_secs, span_secs, min_gap)
        } else {
            time_ticks(span_secs, min_gap)
        }
    }

    /// Gain in dB to show the reference with: the match where it is on and known, and the trim.
    pub fn reference_gain_db(&self) -> f64 {
        let matched = self.match_gain_db.filter(|_| self.looks.loudness_match);
        matched.unwrap_or(0.0) + self.trim_db
    }

    /// Gain in dB to show a side with.
    pub fn gain_db(&self, side: Side) -> f64 {
        match side {
            Side::Mix => 0.0,
            Side::Reference => self.reference_gain_db(),
        }
    }

    /// Axes of the spectrum panel for its plot. In difference mode levels are dB of A − B about zero.
    pub fn spectrum_axes(&self, plot: Rect) -> SpectrumAxes {
        let looks = &self.looks;
        let (low_db, high_db, tilt_db_per_octave) = if looks.mode == CompareMode::Difference {
            let range = f64::from(looks.difference_range_db);
            (-range, range, 0.0)
        } else {
            (
                looks.spectrum_top_db - looks.spectrum_range_db,
                looks.spectrum_top_db,
                f64::from(looks.spectrum_tilt_db_per_octave),
            )
        };
        SpectrumAxes {
            plot,
            frequency: self.frequency,
            low_db,
            high_db,
            tilt_db_per_octave,
        }
    }

    /// The part of a plot that the mark covers, with its frequencies where they run upwards there; none where it
    /// lies outside.
    pub fn mark_outline(&self, plot: Rect, with_frequency: bool) -> Option<Rect> {
        let mark = self.mark.as_ref()?.mark;
        let left_secs = self.right_edge_secs - self.looks.span_secs;
        let across = |secs: f64| ((secs - left_secs) / self.looks.span_secs).clamp(0.0, 1.0);
        let mut up = [0.0, 1.0];
        if let Some(hz) = mark.hz.filter(|_| with_frequency) {
            up = hz.map(|hz| self.frequency.fraction_from_hz(hz).clamp(0.0, 1.0));
        }
        let x = |fraction: f64| plot.x + fraction as f32 * plot.w;
        let y = |fraction: f64| plot.bottom() - fraction as f32 * plot.h;
        let outline = Rect::snapped(
            x(across(mark.from_secs)),
            y(up[1]),
            x(across(mark.to_secs)),
            y(up[0]),
        );
        (outline.w >= 1.0 && outline.h >= 1.0).then_some(outline)
    }

    /// Lower and upper edge of the loudness panel: LUFS, or LU about zero where the difference is shown.
    pub fn loudness_range(&self) -> [f64; 2] {
        if self.looks.mode == CompareMode::Difference {
            let range = f64::from(self.looks.difference_range_db);
            [-range, range]
        } else {
            self.looks.loudness_range_lufs
        }
    }

    /// Vertical pixel of a loudness, or of a difference of loudness, in the loudness panel.
    pub fn y_from_lufs(&self, plot: Rect, lufs: f64) -> f32 {
        let [low, high] = self.loudness_range();
        let fraction = ((lufs - low) / (high - low)).clamp(0.0, 1.0);
        plot.bottom() - fraction as f32 * plot.h
    }

    /// A − B of the loudness histories in LU with the match applied, at the mix's points; −∞ where either is absent.
    pub fn loudness_difference(&self) -> Vec<LoudnessSample> {
        let gain = self.reference_gain_db() as f32;
        let [mix, reference] = [&self.sides[0].loudness, &self.sides[1].loudness];
        let mut next = 0;
        mix.iter()
            .map(|a| {
                while next < reference.len() && reference[next].fraction < a.fraction {
                    next += 1;
                }
                let around =
                    [next.checked_sub(1), Some(next)].map(|at| at.and_then(|at| reference.get(at)));
                let at = |value: fn(&LoudnessSample) -> f32| {
                    let between = match around {
                        [Some(before), Some(after)] => {
                            let span = (after.fraction - before.fraction).max(1e-9);
                            let t = (a.fraction - before.fraction) / span;
                            value(before) + (value(after) - value(before)) * t
                        }
                        [_, Some(after)] if after.fraction == a.fraction => value(after),
                        _ => f32::NEG_INFINITY,
                    };
                    let difference = value(a) - between - gain;
                    if difference.is_finite() {
                        difference
                    } else {
                        f32::NEG_INFINITY
                    }
                };
                LoudnessSample {
                    fraction: a.fraction,
                    momentary_lufs: at(|sample| sample.momentary_lufs),
                    short_term_lufs: at(|sample| sample.short_term_lufs),
                }
            })
            .collect()
    }

    /// Whether both vectorscopes lie over each other, so that the other place is free for correlation per band.
    fn has_one_scope(&self) -> bool {
        matches!(
            self.looks.mode,
            CompareMode::Overlay | CompareMode::Difference
        ) && self.layout.scopes.iter().all(Option::is_some)
    }

    /// Where a side's vectorscope is drawn: beside the other, or over it.
    pub fn scope_rect(&self, side: Side) -> Option<Rect> {
        if self.has_one_scope() {
            self.layout.scopes[0]
        } else {
            self.layout.scopes[side.index()]
        }
    }

    /// The places that hold a vectorscope, each once.
    pub fn scope_rects(&self) -> impl Iterator<Item = Rect> + use<> {
        let count = if self.has_one_scope() { 1 } else { 2 };
        self.layout.scopes.into_iter().take(count).flatten()
    }

    /// Where correlation per band stands, in the modes with one vectorscope for both sides.
    pub fn correlation_rect(&self) -> Option<Rect> {
        self.layout.scopes[1].filter(|_| self.has_one_scope())
    }

    /// Difference of the median spectra, A − B with the match applied: dB a bin, −∞ where either is absent.
    pub fn spectrum_difference_db(&self) -> Vec<f32> {
        let gain_db = self.reference_gain_db() as f32;
        let [a, b] = [&self.sides[0].spectrum, &self.sides[1].spectrum];
        a.median_db
            .iter()
            .zip(&b.median_db)
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
