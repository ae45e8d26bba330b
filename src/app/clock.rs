//! The picture's clock: follows the audio's position smoothly between blocks, so that scrolling never stutters.

use std::time::{Duration, Instant};

/// How fast an error is worked off.
const SETTLE_SECS: f64 = 0.25;
/// A larger error is a jump of the stream, not jitter.
const JUMP_SECS: f64 = 0.3;

/// A clock that runs at the rate of real time and leans towards the audio's.
#[derive(Clone, Copy, Debug, Default)]
pub struct PictureClock {
    secs: f64,
    last: Option<Instant>,
}

impl PictureClock {
    /// Moves on to `now`. The audio was at `audio_secs` when it was `age` younger; it may have `stopped`.
    pub fn advance(&mut self, now: Instant, audio_secs: f64, age: Duration, stopped: bool) -> f64 {
        let target = if stopped {
            audio_secs
        } else {
            audio_secs + age.as_secs_f64().min(JUMP_SECS)
        };
        let step = self.last.map_or(0.0, |last| {
            now.saturating_duration_since(last).as_secs_f64()
        });
        self.last = Some(now);
        let moved = self.secs + if stopped { 0.0 } else { step };
        let error = target - moved;
        self.secs = if error.abs() > JUMP_SECS {
            target
        } else {
            // Never backwards: a picture that scrolls back even a pixel is seen.
            (moved + error * (1.0 - (-step / SETTLE_SECS).exp())).max(self.secs)
        };
        self.secs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_ten_milliseconds_with_jitter_make_an_even_motion() {
        let start = Instant::now();
        let mut clock = PictureClock::default();
        let frame = Duration::from_micros(16_667);
        let mut last = 0.0;
        for n in 0..600u32 {
            let now = start + frame * n;
            let true_secs = f64::from(n) / 60.0;
            // The newest block ended up to 10 ms ago and came up to 5 ms late, unnoticed.
            let late = f64::from(n * 7 % 5) * 0.001;
            let audio = (true_secs * 100.0).floor() / 100.0 - late;
            let age = Duration::from_secs_f64((true_secs - audio - late).max(0.0));
            let secs = clock.advance(now, audio.max(0.0), age, false);
            if n > 120 {
                let step = secs - last;
                assert!((step - 1.0 / 60.0).abs() < 0.001, "step {step} at {n}");
                assert!((secs - true_secs).abs() < 0.01);
            }
            last = secs;
        }
    }

    #[test]
    fn a_jump_is_followed_at_once_and_a_stop_stands_still() {
        let start = Instant::now();
        let mut clock = PictureClock::default();
        clock.advance(start, 10.0, Duration::ZERO, false);
        let later = start + Duration::from_millis(16);
        assert_eq!(clock.advance(later, 100.0, Duration::ZERO, false), 100.0);
        let much_later = start + Duration::from_secs(5);
        assert_eq!(
            clock.advance(much_later, 100.0, Duration::from_secs(5), true),
            100.0
        );
    }
}
