//! Playing a stretch round and round without a click: at a loop's end, at a jump and at a stop one voice fades out
//! while another fades in.
//!
//! The two gains add up to one, so what both play alike stays as loud as it was and no peak grows.

/// How long a fade takes.
pub const FADE_SECS: f64 = 0.04;

/// The stretch that is played, in frames of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoopFrames {
    /// First frame.
    pub start: i64,
    /// Frame behind the last.
    pub end: i64,
    /// Frames there are; nothing can be heard behind them.
    pub length: i64,
}

/// Everything that sounds now.
#[derive(Clone, Debug)]
pub struct Voices {
    fade_frames: i64,
    current: Option<Voice>,
    leaving: Vec<Voice>,
}

#[derive(Clone, Copy, Debug)]
struct Voice {
    /// The next frame.
    at: i64,
    /// Frames of the fade that are over, of those it takes; it stands still while the voice is full.
    faded: i64,
    /// Frames until it begins.
    wait: i64,
}

impl Voices {
    /// Silence at a sample rate.
    pub fn new(sample_rate_hz: u32) -> Self {
        Self {
            fade_frames: ((f64::from(sample_rate_hz) * FADE_SECS) as i64).max(1),
            current: None,
            leaving: Vec::with_capacity(8),
        }
    }

    /// Goes to a frame, from silence or from wherever it is.
    pub fn jump(&mut self, at: i64) {
        self.stop();
        self.current = Some(Voice {
            at,
            faded: 0,
            wait: 0,
        });
    }

    /// Fades out.
    pub fn stop(&mut self) {
        self.leaving.extend(self.current.take());
    }

    /// Whether nothing sounds.
    pub fn is_silent(&self) -> bool {
        self.current.is_none() && self.leaving.is_empty()
    }

    /// The frame that is played next.
    pub fn position(&self) -> Option<i64> {
        self.current.map(|voice| voice.at - voice.wait)
    }

    /// The next frame of output. `frame_at` gives what is at a frame, silence outside.
    pub fn next(
        &mut self,
        around: &LoopFrames,
        mut frame_at: impl FnMut(i64) -> [f32; 2],
    ) -> [f32; 2] {
        let fade = self.fade_frames.min((around.end - around.start) / 4).max(1);
        self.turn(around, fade);
        let mut out = [0f32; 2];
        let mut add = |voice: &mut Voice| {
            let gain = raised_cosine(voice.faded as f64 / fade as f64);
            let frame = frame_at(voice.at);
            voice.at += 1;
            out[0] += gain * frame[0];
            out[1] += gain * frame[1];
        };
        if let Some(voice) = &mut self.current {
            if voice.wait > 0 {
                voice.wait -= 1;
            } else {
                voice.faded = (voice.faded + 1).min(fade);
                add(voice);
            }
        }
        for voice in &mut self.leaving {
            voice.faded = voice.faded.min(fade) - 1;
            add(voice);
        }
        self.leaving.retain(|voice| voice.faded > 0);
        out
    }

    /// Begins the next round where the old one ends. What follows the end fades out behind it; a file that ends there
    /// fades out before, together with what precedes the start, or with nothing.
    fn turn(&mut self, around: &LoopFrames, fade: i64) {
        let Some(voice) = self.current.filter(|voice| voice.wait == 0) else {
            return;
        };
        let has_tail = around.end + fade <= around.length;
        let turn_at = if has_tail {
            around.end
        } else {
            around.end - fade
        };
        if voice.at < turn_at {
            return;
        }
        let has_lead = around.start >= fade;
        let (at, wait) = match (has_tail, has_lead) {
            (true, _) => (around.start, 0),
            (false, true) => (around.start - fade, 0),
            (false, false) => (around.start, fade),
        };
        self.stop();
        self.current = Some(Voice { at, faded: 0, wait });
    }
}

/// 0 → 0, 1 → 1, level at both ends; mirrored about the middle it adds up to one.
fn raised_cosine(part: f64) -> f32 {
    (0.5 - 0.5 * (std::f64::consts::PI * part.clamp(0.0, 1.0)).cos()) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE_HZ: u32 = 48_000;
    const LENGTH: i64 = 200_000;

    fn sine(frame: i64) -> [f32; 2] {
        let inside = (0..LENGTH).contains(&frame);
        // A crest at frame 0: a start without a fade would click.
        let phase = std::f64::consts::TAU * 441.7 * frame as f64 / f64::from(RATE_HZ);
        [if inside {
            0.5 * phase.cos() as f32
        } else {
            0.0
        }; 2]
    }

    /// The largest step from one sample to the next while a loop is played for some rounds, stopped, and silent.
    fn largest_step(around: LoopFrames) -> f32 {
        let mut voices = Voices::new(RATE_HZ);
        voices.jump(around.start);
        let mut last = 0f32;
        let mut largest = 0f32;
        let mut play = |voices: &mut Voices, frames: i64| {
            for _ in 0..frames {
                let now = voices.next(&around, sine)[0];
                largest = largest.max((now - last).abs());
                last = now;
            }
        };
        play(&mut voices, 3 * (around.end - around.start) + 12_345);
        voices.jump(around.start + 5_000);
        play(&mut voices, 10_000);
        voices.stop();
        play(&mut voices, 2_000);
        assert!(voices.is_silent());
        assert_eq!(last, 0.0);
        largest
    }

    #[test]
    fn no_loop_jump_or_stop_steps_more_than_the_signal_itself() {
        let own = 0.5 * (std::f64::consts::TAU * 441.7 / f64::from(RATE_HZ)) as f32;
        let bounds = [
            (30_000, 90_001),
            (0, 60_007),
            (100_003, LENGTH),
            (0, LENGTH),
        ];
        for (start, end) in bounds {
            let around = LoopFrames {
                start,
                end,
                length: LENGTH,
            };
            let largest = largest_step(around);
            // The fade itself adds a little slope.
            assert!(
                largest < 1.05 * own + 0.5 / 1_000.0,
                "{around:?}: {largest}"
            );
        }
    }

    #[test]
    fn a_loop_lasts_as_long_as_it_is_and_what_both_play_stays_as_loud() {
        for (start, end, length) in [(10_000, 58_000, LENGTH), (20_000, LENGTH, LENGTH)] {
            let around = LoopFrames { start, end, length };
            let mut voices = Voices::new(RATE_HZ);
            voices.jump(start);
            for n in 0..3 * (end - start) {
                let expected = start + n.rem_euclid(end - start);
                let position = voices.position().expect("it plays");
                let fade = (f64::from(RATE_HZ) * FADE_SECS) as i64;
                let is_same_place = (position - expected).rem_euclid(end - start) == 0;
                assert!(is_same_place, "{position} is not {expected}");
                let [left, _] = voices.next(&around, |_| [1.0; 2]);
                if n > fade {
                    assert!((left - 1.0).abs() < 1e-3, "{left} at {n}");
                }
            }
        }
    }
}
