//! When a picture is drawn: as often as the cap allows while something moves, a few times a second while nothing
//! does, and not at all while nobody can see it. The first sound is told by the analysis: nobody looks for it.

use std::time::{Duration, Instant};

use crate::app::costs::{Durations, Shares};

/// Time between pictures at the usual cap.
pub(super) const FRAME: Duration = Duration::from_nanos(16_666_667);
/// Between pictures when nothing moves, and between looks when the window is hidden.
pub(super) const IDLE: Duration = Duration::from_millis(250);
/// Between looks at a picture that stands: nothing is left that moves by itself …
const STANDING: Duration = Duration::from_secs(1);
/// … once it has stood for so long.
const STOOD: Duration = Duration::from_secs(3);
/// After a key or the mouse, pictures follow at the full rate for so long.
const TOUCHED: Duration = Duration::from_secs(3);
/// An input that brings nothing for so long has stopped.
pub(super) const STOPPED: Duration = Duration::from_secs(1);
/// A picture that was asked for and not called for in so long is seen by nobody: a Wayland compositor calls for none then.
const UNSEEN: Duration = Duration::from_secs(1);
/// Silence of this length has scrolled through the usual picture.
const SILENCE: Duration = Duration::from_secs(30);

/// How often pictures are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rhythm {
    /// Not at all.
    Hidden,
    /// A few times a second.
    Idle,
    /// As often as the cap allows.
    Lively,
}

/// What decides it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signs {
    pub(super) is_hidden: bool,
    pub(super) is_frozen: bool,
    pub(super) since_touch: Duration,
    /// Since the input brought anything; none if it never has.
    pub(super) since_arrival: Option<Duration>,
    /// Since it brought something that can be heard.
    pub(super) since_sound: Option<Duration>,
}

impl Signs {
    pub(super) fn rhythm(self) -> Rhythm {
        let within = |since: Option<Duration>, most| since.is_some_and(|since| since < most);
        let plays = within(self.since_arrival, STOPPED) && within(self.since_sound, SILENCE);
        if self.is_hidden {
            Rhythm::Hidden
        } else if self.since_touch < TOUCHED || (plays && !self.is_frozen) {
            Rhythm::Lively
        } else {
            Rhythm::Idle
        }
    }
}

/// Frames drawn and how they were paced.
pub(super) struct Pace {
    pub(super) next: Option<Instant>,
    /// Nothing of the window can be seen, as the system says.
    is_covered: bool,
    /// Minimised, or taken off the screen.
    pub(super) is_put_away: bool,
    /// The window has too few pixels to draw in.
    pub(super) is_empty: bool,
    /// Pictures do not follow at the full rate just now.
    pub(super) is_slow: bool,
    /// The cap of the command line, in frames a second; it goes before the one of the settings.
    pub(super) cap_hz: Option<f64>,
    pub(super) touched_at: Instant,
    pub(super) sounded_at: Option<Instant>,
    pub(super) drawn_at: Option<Instant>,
    /// Since when there is nothing new to draw.
    pub(super) stands_since: Option<Instant>,
    /// When the mix was last more than digital silence.
    pub(super) audible_at: Option<Instant>,
    /// When the system was asked to call for a picture, which it has not done yet.
    asked_at: Option<Instant>,
    /// Pictures drawn since the window opened.
    pub(super) num_drawn: u64,
    pub(super) counted: Counted,
}

/// What is counted of the pictures drawn.
#[derive(Default)]
pub(super) struct Counted {
    pub(super) frames: u32,
    pub(super) since: Option<Instant>,
    pub(super) fps: Option<f32>,
    pub(super) latency_ms: Option<f32>,
    pub(super) newest_latency_ms: Option<f32>,
    /// From the ring of the input to a picture handed to the GPU.
    pub(super) latencies: Durations,
    /// From there to a picture handed over to be shown.
    pub(super) shown: Durations,
    /// From the beginning of a picture until it is handed to the GPU.
    pub(super) pictures: Durations,
    /// When the last picture was drawn, while they follow at the full rate.
    pub(super) followed_at: Option<Instant>,
    /// The longest from one of those to the next since somebody asked.
    pub(super) longest_gap: Duration,
    pub(super) shares: Shares,
}

impl Pace {
    /// With the cap of the command line, if it has one.
    pub(super) fn new(cap_hz: Option<u32>) -> Self {
        Self {
            next: None,
            is_covered: false,
            is_put_away: false,
            is_empty: false,
            is_slow: false,
            cap_hz: cap_hz.map(f64::from),
            touched_at: Instant::now(),
            sounded_at: None,
            drawn_at: None,
            stands_since: None,
            audible_at: None,
            asked_at: None,
            num_drawn: 0,
            counted: Counted::default(),
        }
    }

    /// A key, the mouse, or something else that wants to be seen now.
    pub(super) fn touch(&mut self) {
        self.touched_at = Instant::now();
        // While pictures follow at the full rate, the next one is soon enough, and the cap is kept.
        if std::mem::take(&mut self.is_slow) {
            self.next = None;
        }
    }

    /// How long to wait from one look to the next while nothing moves.
    pub(super) fn between_looks(&self, now: Instant) -> Duration {
        let stood = self
            .stands_since
            .map(|since| now.saturating_duration_since(since));
        match stood.is_some_and(|stood| stood >= STOOD) {
            true => STANDING,
            false => IDLE,
        }
    }

    /// What the system says of the window: nothing of it can be seen, or something can.
    pub(super) fn cover(&mut self, is_covered: bool) {
        self.is_covered = is_covered;
        // What can be seen was put back; the next look finds out otherwise.
        self.is_put_away &= is_covered;
        self.touch();
    }

    /// The system is asked to call for a picture.
    pub(super) fn ask(&mut self, now: Instant) {
        self.asked_at.get_or_insert(now);
    }

    /// The system calls for a picture.
    pub(super) fn is_called(&mut self, now: Instant) {
        let was_unseen = self.is_unseen(now);
        self.asked_at = None;
        if was_unseen {
            self.touch();
        }
    }

    /// Whether the system has long not called for a picture that it was asked for.
    pub(super) fn is_unseen(&self, now: Instant) -> bool {
        self.asked_at
            .is_some_and(|at| now.saturating_duration_since(at) >= UNSEEN)
    }

    /// Whether a picture is to be drawn uncalled. Now and then one is, in case that the call was lost, as it may be with
    /// the output that the window was on: a new picture has the compositor look again.
    pub(super) fn wants_sign(&self, now: Instant) -> bool {
        let since = self.drawn_at.map(|at| now.saturating_duration_since(at));
        self.is_unseen(now) && !self.is_hidden() && since.is_none_or(|since| since >= UNSEEN)
    }

    /// Whether the system says that nobody can see the window.
    pub(super) fn is_hidden(&self) -> bool {
        self.is_covered || self.is_put_away || self.is_empty
    }

    /// Whether a picture was shown.
    pub(super) fn has_drawn(&self) -> bool {
        self.drawn_at.is_some()
    }

    /// When to look again, if it is not yet time.
    pub(super) fn not_before(&self, now: Instant) -> Option<Instant> {
        self.next.filter(|next| now < *next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAYING: Signs = Signs {
        is_hidden: false,
        is_frozen: false,
        since_touch: Duration::from_secs(60),
        since_arrival: Some(Duration::from_millis(10)),
        since_sound: Some(Duration::from_millis(10)),
    };

    #[test]
    fn what_moves_is_drawn_and_what_nobody_sees_is_not() {
        assert_eq!(PLAYING.rhythm(), Rhythm::Lively);
        let hidden = Signs {
            is_hidden: true,
            since_touch: Duration::ZERO,
            ..PLAYING
        };
        assert_eq!(hidden.rhythm(), Rhythm::Hidden);
    }

    #[test]
    fn a_picture_that_nobody_calls_for_is_unseen_and_drawn_once_a_second_until_somebody_does() {
        let begin = Instant::now();
        let after = |ms| begin + Duration::from_millis(ms);
        let mut pace = Pace::new(None);
        pace.drawn_at = Some(begin);
        pace.ask(begin);
        pace.ask(after(900));
        assert!(!pace.is_unseen(after(999)));
        assert!(pace.is_unseen(after(1000)) && pace.wants_sign(after(1000)));
        pace.drawn_at = Some(after(1000));
        assert!(pace.is_unseen(after(1500)) && !pace.wants_sign(after(1500)));
        assert!(pace.wants_sign(after(2000)));
        pace.is_put_away = true;
        assert!(!pace.wants_sign(after(2000)));
        pace.is_called(after(2000));
        assert!(!pace.is_unseen(after(9000)));
    }

    #[test]
    fn a_picture_that_stands_for_long_is_looked_at_once_a_second() {
        let begin = Instant::now();
        let mut pace = Pace::new(None);
        assert_eq!(pace.between_looks(begin), IDLE);
        pace.stands_since = Some(begin);
        assert_eq!(pace.between_looks(begin + STOOD / 2), IDLE);
        assert_eq!(pace.between_looks(begin + STOOD), STANDING);
    }

    #[test]
    fn what_stands_still_is_drawn_seldom_and_a_key_brings_it_back() {
        let still = [
            Signs {
                is_frozen: true,
                ..PLAYING
            },
            Signs {
                since_arrival: None,
                ..PLAYING
            },
            Signs {
                since_arrival: Some(Duration::from_secs(2)),
                ..PLAYING
            },
            Signs {
                since_sound: Some(Duration::from_secs(40)),
                ..PLAYING
            },
        ];
        for signs in still {
            assert_eq!(signs.rhythm(), Rhythm::Idle, "{signs:?}");
            let touched = Signs {
                since_touch: Duration::from_millis(5),
                ..signs
            };
            assert_eq!(touched.rhythm(), Rhythm::Lively, "{signs:?}");
        }
        let short_silence = Signs {
            since_sound: Some(Duration::from_secs(5)),
            ..PLAYING
        };
        assert_eq!(short_silence.rhythm(), Rhythm::Lively);
    }
}
