//! One side of a picture as plain data: what it is called and does, its figures, curves and histories, and where its
//! columns lie under the shared time axis.

use crate::analysis::bridge::ChannelLevels;
use crate::session::sides::region::Region;
use crate::session::sides::stretches::Stretches;
use crate::view::panels::SidePanels;
use crate::view::sections::SectionMark;

/// Bands of the stereo display, edges in Hz.
pub const STEREO_BANDS_HZ: [(f64, f64); 5] = [
    (20.0, 120.0),
    (120.0, 500.0),
    (500.0, 2_000.0),
    (2_000.0, 8_000.0),
    (8_000.0, 20_000.0),
];

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
    /// Whether enough was measured for integrated loudness, true peak and PLR to stand for a song.
    pub whole_is_settled: bool,
    /// What those are of, where that is more than what was heard: "whole record"; else empty.
    pub whole_of: &'static str,
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

/// Spectrum curves of one side, `[bin]` in dBFS: levels of thirds of an octave, or of tones; −∞ where absent; empty when
/// unknown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpectrumScene {
    /// Now.
    pub live_db: Vec<f32>,
    /// Mean of what is compared; of tones the median.
    pub mean_db: Vec<f32>,
    /// 10 % of the time below.
    pub p10_db: Vec<f32>,
    /// 90 % of the time below.
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
    /// What the person called the song it is a mix of; empty if nobody has.
    pub song: String,
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
    /// What single panels show of it.
    pub panels: SidePanels,
    /// Its sections over the visible time; of the mix only beside another song.
    pub sections: Vec<SectionMark>,
    /// Its time under the shared axis.
    pub clock: SideClock,
    /// Where it lay before the mix jumped; empty where its clock says all.
    pub stretches: Stretches,
    /// Sample rate, 0 when unknown.
    pub sample_rate_hz: u32,
    /// Whether it is the kept sound of a snapshot: some seconds of a song.
    pub is_kept_sound: bool,
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
