//! Since when an input has given nothing, and what that means: only late, ahead of its time before, or missing.
//!
//! Frames are accounted for against the clock on the wall. A stall that is made up for is no gap; one that is not has
//! the length that the clock says, and sound is never glued over it.

use std::time::{Duration, Instant};

use crate::audio::ring::FrameReader;
use crate::audio::wall_clock::WallClock;

/// An input that delivers nothing for this long has stalled: frames may be missing.
const STALL: Duration = Duration::from_millis(200);
/// After this long it has paused: what it delivered ahead of its time before no longer counts.
const PAUSE: Duration = Duration::from_secs(1);
/// What was delivered ahead of its time is forgotten at this part of a second a second, which the clocks of the device
/// and of the computer are never off by.
const FORGOTTEN_AHEAD: f64 = 0.005;
/// A burst that makes up for more than this goes on.
const MADE_UP_SECS: f64 = 0.01;
/// After a pause, and at first, frames come in a burst: so long is waited to see all of it.
const BURST: Duration = Duration::from_millis(60);
/// A pause of which less is missing was only a delay.
const MISSING_SECS: f64 = 0.3;

/// Since when nothing has been heard.
pub(super) struct Absence {
    clock: WallClock,
    /// Whether a pause means that sound is missing.
    is_real_time: bool,
    /// Up to when everything was heard or is counted as missing.
    heard_at: Duration,
    /// Whether anything has come at all.
    pub(super) has_begun: bool,
    /// Nothing has come from this input yet.
    pub(super) is_new_input: bool,
    /// The burst that is awaited after a pause.
    burst: Option<Burst>,
    /// What waits was judged to be in time, and not heard yet.
    is_judged: bool,
    /// Seconds that were delivered ahead of their time: the device may be silent for so long.
    ahead_secs: f64,
}

/// A burst of frames after a pause.
struct Burst {
    /// When it is looked at again.
    ends: Instant,
    /// Seconds that seemed to be missing when it was last looked at.
    missing_secs: f64,
}

/// What the clock says about frames that wait.
pub(super) enum Arrival {
    /// Right behind those before.
    InTime,
    /// More may be coming at once.
    Burst,
    /// So many seconds are missing before them.
    After(f64),
}

impl Absence {
    /// From now on by a clock; whether a pause means that sound is missing.
    pub(super) fn new(clock: WallClock, is_real_time: bool) -> Self {
        Self {
            heard_at: clock(),
            clock,
            is_real_time,
            has_begun: false,
            is_new_input: true,
            burst: None,
            is_judged: false,
            ahead_secs: 0.0,
        }
    }

    /// Another input takes over: the absence before its first frame begins with what was heard last.
    pub(super) fn expect_new_input(&mut self) {
        self.is_new_input = true;
        self.burst = None;
        self.is_judged = false;
    }

    /// What is to be made of frames that wait.
    pub(super) fn judge(&mut self, reader: &FrameReader) -> Arrival {
        let is_new = self.is_new_input && self.has_begun;
        if !(is_new || self.is_real_time && self.has_begun && !self.is_judged) {
            return Arrival::InTime;
        }
        let away = (self.clock)().saturating_sub(self.heard_at);
        if !is_new && away < STALL {
            return Arrival::InTime;
        }
        let accounted = reader.waiting_frames() as u64 + reader.unmet_lost_frames();
        let rate = f64::from(reader.format().sample_rate_hz.max(1));
        let ahead_secs = match is_new || away >= PAUSE {
            true => 0.0,
            false => self.ahead_secs,
        };
        let missing_secs = away.as_secs_f64() - accounted as f64 / rate - ahead_secs;
        if !is_new && missing_secs <= MISSING_SECS {
            self.burst = None;
            self.is_judged = true;
            return Arrival::InTime;
        }
        let now = Instant::now();
        let burst = self.burst.get_or_insert(Burst {
            ends: now + BURST,
            missing_secs,
        });
        if now < burst.ends {
            return Arrival::Burst;
        }
        // On a busy computer a burst takes longer. Frames in real time leave what is missing as it is.
        if !is_new && missing_secs < burst.missing_secs - MADE_UP_SECS {
            *burst = Burst {
                ends: now + BURST,
                missing_secs,
            };
            return Arrival::Burst;
        }
        self.burst = None;
        Arrival::After(missing_secs.max(0.0))
    }

    /// So many seconds were heard, and behind them so many are missing up to now.
    pub(super) fn note_heard(&mut self, secs: f64, missing_behind_secs: f64) {
        let behind = Duration::from_secs_f64(missing_behind_secs);
        let now = (self.clock)().saturating_sub(behind).max(self.heard_at);
        let passed_secs = now.saturating_sub(self.heard_at).as_secs_f64();
        self.ahead_secs = if self.has_begun {
            (self.ahead_secs + secs - (1.0 + FORGOTTEN_AHEAD) * passed_secs).max(0.0)
        } else {
            0.0
        };
        self.heard_at = now;
        self.is_judged = false;
        self.has_begun = true;
        self.is_new_input = false;
    }

    /// So many seconds are counted as missing.
    pub(super) fn note_missing(&mut self, secs: f64) {
        self.heard_at = (self.heard_at + Duration::from_secs_f64(secs)).min((self.clock)());
    }

    /// The stream goes on with so many seconds that wait, after all that is missing before them.
    pub(super) fn note_resumed(&mut self, waiting_secs: f64) {
        let waiting = Duration::from_secs_f64(waiting_secs);
        self.heard_at = (self.clock)().saturating_sub(waiting);
        self.ahead_secs = 0.0;
        self.is_judged = true;
        self.is_new_input = false;
    }
}
