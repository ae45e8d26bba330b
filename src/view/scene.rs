//! The scene: all that one picture shows, as plain data. Window, headless render and tests draw from the same one.

use std::sync::Arc;

use crate::session::pairing::on_grid::{GridColumns, Wanted};
use crate::view::axis::{FrequencyAxis, Tick, absolute_time_ticks, time_ticks};
use crate::view::context::ContextScene;
use crate::view::crosshair::CursorScene;
use crate::view::drawer::DrawerScene;
use crate::view::layout::Layout;
pub use crate::view::looks::{Channel, Looks, SMOOTHING_BINS};
use crate::view::marked::MarkScene;
use crate::view::masking::MaskingScene;
use crate::view::outside::OutsideScene;
use crate::view::palette::{Palette, Side};
use crate::view::readout::{minutes, signed};
use crate::view::rect::Rect;
pub use crate::view::side::{
    Absence, BandWidth, Figures, LoudnessSample, STEREO_BANDS_HZ, SideClock, SideScene, SideState,
    SpectrumScene,
};
use crate::view::song::SongScene;
use crate::view::stamp_band::Stamp;

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
    /// What of the program has stopped, a line each.
    pub stopped: Vec<String>,
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
        /// The reference ended before the picture does.
        is_over: bool,
    },
}

impl Alignment {
    /// Whether both sides play the same song, so that a moment of the one has a moment of the other beside it.
    pub fn has_same_time(self) -> bool {
        matches!(self, Self::SameClock | Self::Locked { .. })
    }

    /// Whether what lies beside the mix now is there by mistake: the place of the song is still looked for, or in doubt, or
    /// the song is over there.
    pub fn may_be_wrong_now(self) -> bool {
        let may_be_the_song = self == Self::Beside || self.has_same_time();
        may_be_the_song && !self.is_sure_of_now()
    }

    /// Whether what sounds now has its own moment of the reference beside it: not while the place is in doubt.
    pub fn is_sure_of_now(self) -> bool {
        match self {
            Self::SameClock => true,
            Self::Locked {
                in_doubt, is_over, ..
            } => !in_doubt && !is_over,
            Self::Beside | Self::OtherSong | Self::OtherSpeed { .. } => false,
        }
    }
}

/// Everything one picture shows.
// Many fields: a picture is the sum of what its panels, bars, drawers and overlays show, each a value of its own.
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
    /// By how much it was moved by hand besides, in seconds.
    pub nudge_secs: f64,
    /// The range of the record that the mix is held against, where the pane shows what lies outside it.
    pub outside: Option<OutsideScene>,
    /// Columns of the reference where the mix's are, of a difference; `None` where its own serve, or these are not made yet.
    pub on_grid: Option<Arc<GridColumns>>,
    /// Which of those it is about.
    pub wants_on_grid: Option<Wanted>,
    /// What the reference masks of the mix, where the pane shows that.
    pub masking: Option<MaskingScene>,
    /// Which section of another song fits the mix, in words.
    pub section: Option<String>,
    /// Mix time at the right edge of the picture, in seconds.
    pub right_edge_secs: f64,
    /// Seconds the frozen picture lies behind now; `None` when live.
    pub frozen_behind_secs: Option<f64>,
    /// Mix time of its figures when frozen: wherever the picture is moved, they stay.
    pub frozen_at_secs: Option<f64>,
    /// Frequency axis of the spectrograms and the spectrum.
    pub frequency: FrequencyAxis,
    /// The status line.
    pub status: Status,
    /// The open drawer.
    pub drawer: Option<DrawerScene>,
    /// The small menu beside the mouse.
    pub context: Option<ContextScene>,
    /// The stamp of a saved picture.
    pub stamp: Option<Stamp>,
    /// Where the level meters stand, if there is room.
    pub levels: Option<Rect>,
    /// The crosshair.
    pub cursor: Option<CursorScene>,
    /// A marked stretch; the spectrum then is that of the stretch.
    pub mark: Option<MarkScene>,
    /// Mix time that the spectrum is of where nothing is marked: what a kept sound and the other side have in common.
    pub overlap_secs: Option<[f64; 2]>,
    /// Where a DAW was in its song, of a mix that comes from one.
    pub song: SongScene,
    /// Where time is told from a beginning instead of back from now: how much later that is told than it is in the mix's own
    /// time, in seconds. Over song position 0; in what is read later the song's, where it is known.
    pub told_later_secs: Option<f64>,
}

impl Scene {
    /// One side.
    pub fn side(&self, side: Side) -> &SideScene {
        &self.sides[side.index()]
    }

    /// Whether both sides play the same song, so that a moment of the one has a moment of the other beside it.
    pub fn has_same_time(&self) -> bool {
        self.alignment.has_same_time()
    }

    /// What the figures of all of the reference are of, where those of the mix are of less: a difference of both would be one
    /// of other seconds.
    pub fn reference_is_of_more(&self) -> Option<&'static str> {
        let [mix, reference] = &self.sides;
        let words = reference.figures.whole_of;
        // Of two snapshots each has the figures of all that was measured of it.
        if mix.is_kept_sound && reference.is_kept_sound {
            return Some("each whole");
        }
        (!mix.figures.whole_is_settled && !words.is_empty()).then_some(words)
    }

    /// How much later in the song it is than in the mix's own time, in seconds, where all that is visible lies at one place
    /// of it.
    pub fn song_later_secs(&self) -> Option<f64> {
        /// Less than a label shows.
        const SAME_SECS: f64 = 0.05;
        let right_secs = self.right_edge_secs;
        let left_secs = (right_secs - self.looks.span_secs).max(0.0);
        let song_secs = |secs: f64| self.side(Side::Reference).reference_secs(secs);
        let [left, right] = [
            song_secs(left_secs)? - left_secs,
            song_secs(right_secs)? - right_secs,
        ];
        (self.has_same_time() && (left - right).abs() < SAME_SECS).then_some(right)
    }

    /// Ticks of the shared time axis, at least `min_gap` (a part of its width) apart.
    pub fn time_ticks(&self, min_gap: f32) -> Vec<Tick> {
        let span_secs = self.looks.span_secs;
        let left_secs = self.right_edge_secs - span_secs;
        let bars = self.song.ticks([left_secs, self.right_edge_secs], min_gap);
        let is_frozen = self.frozen_behind_secs.is_some();
        if bars.is_empty() && !is_frozen && self.told_later_secs.is_none() {
            return time_ticks(span_secs, min_gap);
        }
        let mut ticks = match bars.is_empty() {
            // It may be moved back, and now moves away from it: only the mix's own time stands still.
            true => {
                let told_secs = left_secs + self.told_later_secs.unwrap_or(0.0);
                absolute_time_ticks(told_secs, span_secs, min_gap)
            }
            false => bars,
        };
        let edge = match (is_frozen, self.told_later_secs) {
            _ if self.stamp.is_some() && self.told_later_secs.is_some() => return ticks,
            (true, _) if self.figures_elsewhere().is_some() => minutes(self.right_edge_secs),
            (true, _) => format!("frozen {}", minutes(self.right_edge_secs)),
            (false, None) => "now".to_owned(),
            (false, Some(_)) => return ticks,
        };
        ticks.retain(|tick| tick.fraction < 1.0 - 1.5 * min_gap);
        ticks.push(Tick {
            fraction: 1.0,
            label: edge,
        });
        ticks
    }

    /// Of when the figures are, in words, where the picture was moved away from that.
    pub fn figures_elsewhere(&self) -> Option<String> {
        /// Less is at the edge.
        const NEAR_SECS: f64 = 0.2;
        let at_secs = self.frozen_at_secs?;
        let is_elsewhere = at_secs - self.right_edge_secs > NEAR_SECS;
        let told_secs = at_secs + self.told_later_secs.unwrap_or(0.0);
        is_elsewhere.then(|| format!("at {}", minutes(told_secs)))
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

    /// A level of a side as every panel and column shows it: that of the reference with its gain.
    pub fn shown_level(&self, side: Side, level: Option<f64>) -> Option<f64> {
        level.map(|level| level + self.gain_db(side))
    }

    /// How the reference's levels are shown, to be said over them: "as is", or "matched −8.6 dB".
    pub fn gain_words(&self) -> String {
        let gain_db = signed(Some(self.reference_gain_db()));
        let is_matched = self.looks.loudness_match && self.match_gain_db.is_some();
        match (is_matched, self.trim_db == 0.0) {
            (true, _) => format!("matched {gain_db} dB"),
            (false, true) => "as is".to_owned(),
            (false, false) => format!("trimmed {gain_db} dB"),
        }
    }

    /// Whether side B has levels to say that of.
    pub fn has_reference(&self) -> bool {
        self.side(Side::Reference).state != SideState::Empty
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
}
