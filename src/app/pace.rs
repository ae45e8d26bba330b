//! Frames drawn and how they were paced.

use std::time::{Duration, Instant};

use crate::app::window::App;

/// Frames a second while something moves.
pub(super) const FRAME: Duration = Duration::from_nanos(16_666_667);
/// Between looks when the window is hidden or nothing plays.
pub(super) const IDLE: Duration = Duration::from_millis(250);
/// Numbers in the status line change at most four times a second.
const STATUS_EVERY: Duration = Duration::from_millis(250);

/// Frames drawn and how they were paced.
#[derive(Default)]
pub(super) struct Pace {
    pub(super) next: Option<Instant>,
    pub(super) hidden: bool,
    frames: u32,
    since: Option<Instant>,
    pub(super) fps: Option<f32>,
    pub(super) latency_ms: Option<f32>,
    newest_latency_ms: f32,
}

impl App {
    pub(super) fn count_frame(&mut self) {
        let now = Instant::now();
        let pace = &mut self.pace;
        pace.frames += 1;
        if let Some(published) = self.session.mix.as_ref().and_then(|mix| mix.published_at) {
            let age = published.elapsed();
            // An input that has stopped has no latency.
            if age < IDLE {
                pace.newest_latency_ms = pace.newest_latency_ms.max(age.as_secs_f32() * 1000.0);
            }
        }
        let since = *pace.since.get_or_insert(now);
        let elapsed = now - since;
        if elapsed >= STATUS_EVERY {
            pace.fps = Some(pace.frames as f32 / elapsed.as_secs_f32());
            pace.latency_ms = Some(pace.newest_latency_ms);
            pace.frames = 0;
            pace.newest_latency_ms = 0.0;
            pace.since = Some(now);
        }
        if self.toast.as_ref().is_some_and(|(_, until)| now > *until) {
            self.toast = None;
        }
    }
}
