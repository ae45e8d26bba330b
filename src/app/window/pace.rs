//! The window's pace: when it draws, and what is counted of that.

use crate::app::message::Message;
use crate::app::pace::{IDLE, Rhythm, STOPPED, Signs};
use crate::app::screen::Screen;
use crate::app::still::is_silent;
use crate::app::window::state::App;
use std::time::{Duration, Instant};

/// A pause in the work; after it the screen may sleep.
const PAUSE: Duration = Duration::from_secs(600);

/// Between two pictures while processors draw them that could read the record somebody waits for: they stand back from
/// drawing, and would take three times as long.
const BESIDE_READER: Duration = Duration::from_millis(200);

/// Numbers in the status line change at most four times a second.
const STATUS_EVERY: Duration = Duration::from_millis(250);

impl App {
    /// Works out when to wake next, and whether a picture is due now.
    pub(super) fn pace(&mut self, now: Instant) -> (Instant, bool) {
        let rhythm = self.rhythm(now);
        self.pace.is_slow = rhythm != Rhythm::Lively;
        if self.pace.is_slow {
            self.pace.counted.followed_at = None;
        }
        let (period, is_due) = match rhythm {
            Rhythm::Lively => (self.period(), true),
            Rhythm::Hidden => (IDLE, false),
            Rhythm::Idle => (self.pace.between_looks(now), true),
        };
        let due = self.pace.next.unwrap_or(now);
        // A late frame moves the beat on; it is not made up for.
        let next = if now.saturating_duration_since(due) < period {
            due + period
        } else {
            now + period
        };
        self.pace.next = Some(next);
        if rhythm == Rhythm::Hidden {
            // Nothing is drawn: the next figures are of what is drawn after it.
            self.pace.counted.since = None;
            self.pace.counted.frames = 0;
        }
        (next, is_due)
    }

    /// Has the analysis tell when something sounds again: nobody looks for that while nothing moves.
    pub(super) fn await_sound(&mut self) {
        let pair = &mut self.session.pair;
        let reference = pair.references.lasting_input_mut();
        let beside = reference.and_then(|reference| reference.heard.live_mut());
        let inputs = [pair.mix.hearing_mut().live_mut(), beside];
        let proxy = &self.proxy;
        for live in inputs.into_iter().flatten() {
            live.tell_of_sound(|| {
                let proxy = proxy.clone();
                // A window that has closed needs no news.
                move || drop(proxy.send_event(Message::Sounds))
            });
        }
    }

    /// Something sounds again: a picture that follows the mix moves from now on.
    pub(super) fn hear_again(&mut self) {
        if self.view.frozen.is_none() {
            self.pace.touch();
        }
    }

    /// While nothing is drawn: measuring goes on, and the first sound brings the picture back.
    pub(super) fn listen(&mut self, now: Instant) {
        self.poll_session();
        if self.rhythm(now) == Rhythm::Lively {
            self.pace.next = Some(now);
        }
    }

    fn period(&self) -> Duration {
        let period = match self.pace.cap_hz {
            Some(cap_hz) => Duration::from_secs_f64(1.0 / cap_hz.max(1.0)),
            None => self.frame_period(),
        };
        match self.draws_beside_a_reader() {
            true => period.max(BESIDE_READER),
            false => period,
        }
    }

    /// Whether the processors that draw are wanted by who reads the record that is looked at.
    fn draws_beside_a_reader(&self) -> bool {
        let screen = self.screen.as_ref();
        let reference = self.session.pair.references.active();
        screen.is_some_and(|screen| screen.gpu.is_software)
            && reference.is_some_and(|reference| {
                let data = reference.data();
                data.is_loading && data.programme.is_none()
            })
    }

    fn rhythm(&mut self, now: Instant) -> Rhythm {
        let mix = &self.session.pair.mix;
        let since_arrival = mix
            .live()
            .filter(|live| !live.has_ended && live.lost_reason().is_none())
            .and_then(|live| live.published_at)
            .map(|at| now.saturating_duration_since(at));
        let is_heard = mix
            .history()
            .is_some_and(|mix| mix.meters.loudness.momentary_lufs.is_some());
        if is_heard && since_arrival.is_some_and(|since| since < STOPPED) {
            self.pace.sounded_at = Some(now);
        }
        if mix.history().is_some_and(|mix| !is_silent(mix)) {
            self.pace.audible_at = Some(now);
        }
        Signs {
            is_hidden: self.pace.is_hidden() || self.pace.is_unseen(now),
            is_frozen: self.view.frozen.is_some(),
            since_touch: now.saturating_duration_since(self.pace.touched_at),
            since_arrival,
            since_sound: self
                .pace
                .sounded_at
                .map(|at| now.saturating_duration_since(at)),
        }
        .rhythm()
    }

    /// Whether there was sound in the last minutes.
    pub(super) fn has_sounded_lately(&self, now: Instant) -> bool {
        let since = self
            .pace
            .sounded_at
            .map(|at| now.saturating_duration_since(at));
        since.is_some_and(|since| since < PAUSE)
    }

    /// Not every system says that a window was minimised, taken off the screen or brought back: now and then it is
    /// asked.
    pub(super) fn look_at_pace(&mut self) {
        let window = self.screen.as_ref().map(Screen::window);
        // Before its first picture a window is not on the screen yet.
        let window = window.filter(|_| self.pace.drawn_at.is_some());
        let is_put_away = window.is_some_and(|window| {
            window.is_minimized().unwrap_or(false) || self.placement.x_server.hides(&window)
        });
        if self.pace.is_put_away != is_put_away {
            tracing::debug!("put away: {is_put_away}");
            self.pace.is_put_away = is_put_away;
            self.pace.touch();
        }
    }

    /// Counts a picture that was begun at a time, handed to the GPU at another, and handed over to be shown now.
    pub(super) fn count_frame(&mut self, begun: Instant, submitted_at: Instant) {
        let now = Instant::now();
        self.pace.num_drawn += 1;
        tracing::trace!("a picture is shown");
        self.pace.drawn_at = Some(now);
        self.pace.stands_since = None;
        let counted = &mut self.pace.counted;
        if let Some(before) = counted.followed_at.replace(now) {
            counted.longest_gap = counted.longest_gap.max(now - before);
        }
        counted.frames += 1;
        counted
            .pictures
            .note_ms((submitted_at - begun).as_secs_f64() * 1000.0);
        if let Some(published) = self
            .session
            .pair
            .mix
            .live()
            .and_then(|live| live.published_at)
        {
            let age = published.elapsed();
            // An input that has stopped has no latency.
            if age < IDLE {
                let newest_ms = counted.newest_latency_ms.unwrap_or(0.0);
                counted.newest_latency_ms = Some(newest_ms.max(age.as_secs_f32() * 1000.0));
                counted.shown.note_ms(age.as_secs_f64() * 1000.0);
                let submitted = submitted_at.saturating_duration_since(published);
                counted.latencies.note_ms(submitted.as_secs_f64() * 1000.0);
            }
        }
        match counted.since {
            None => {
                counted.since = Some(now);
                counted.frames = 0;
            }
            Some(since) if now - since >= STATUS_EVERY => {
                counted.fps = Some(counted.frames as f32 / (now - since).as_secs_f32());
                counted.latency_ms = counted.newest_latency_ms.take();
                counted.frames = 0;
                counted.since = Some(now);
            }
            Some(_) => {}
        }
        if self.toast.as_ref().is_some_and(|(_, until)| now > *until) {
            self.toast = None;
        }
    }
}
