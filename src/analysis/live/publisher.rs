//! What is only good while it is new: meters and columns under way, through a triple buffer.

use std::time::{Duration, Instant};

use triple_buffer::{Input, Output};

use crate::analysis::column::Column;
use crate::analysis::meters::Meters;
use crate::audio::frames::StreamFormat;
use crate::dsp::samples::is_silence;

/// How long the thread sleeps when nothing has arrived: below a column. At 4 ms the wake-ups alone cost a tenth of the
/// thread's time.
const IDLE_SLEEP: Duration = Duration::from_millis(8);
/// Meters are published at most this often: more than a screen shows.
const PUBLISH_EVERY: Duration = Duration::from_millis(10);
/// Where nobody has taken what was published for this long, the window is hidden or at rest …
const UNSEEN: Duration = Duration::from_millis(30);
/// … and meters are published this often: preparing them costs as much as analysing.
const PUBLISH_UNSEEN_EVERY: Duration = Duration::from_millis(100);

/// Behind so much digital silence nothing moves any more but time …
const REST_SECS: f64 = 30.0;
/// … and it is published this often, and analysed in pieces of this length …
const PUBLISH_AT_REST_EVERY: Duration = Duration::from_millis(250);
const PIECE_AT_REST_SECS: f64 = 0.25;
/// … while the ring is looked at this often for the first sound, which waits for nothing.
const LISTEN_AT_REST: Duration = Duration::from_millis(40);
/// What sounds after so long a quiet sounds again.
const QUIET: Duration = Duration::from_millis(500);
/// Above this, −100 dBFS, there is a sound.
const SILENCE_AMPLITUDE: f32 = 1e-5;

/// What a piece of a stream holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// Digital silence.
    Nothing,
    /// No more than the last bits of a converter.
    Noise,
    /// A sound.
    Sound,
}

impl Held {
    /// What samples are.
    pub fn by(samples: &[f32]) -> Self {
        let sounds = |sample: &f32| sample.abs() > SILENCE_AMPLITUDE;
        if samples.iter().any(sounds) {
            Self::Sound
        } else if is_silence(samples) {
            Self::Nothing
        } else {
            Self::Noise
        }
    }
}

/// Is told that something sounds again.
pub(super) type SoundTeller = Box<dyn Fn() + Send>;

/// A moment of the live picture.
#[derive(Clone, Debug)]
pub struct LiveFrame {
    /// What the meters show.
    pub meters: Meters,
    /// Columns of tier 0 under way, oldest first, following the last one that went through the ring.
    pub provisional: Vec<Column>,
    /// When the frames shown were taken from the capture ring.
    pub published_at: Instant,
    /// Whether the input has ended.
    pub has_ended: bool,
    /// Whether this input has given any sound yet.
    pub has_sounded: bool,
}

/// The end that the analysis thread writes.
pub(super) struct Publisher {
    frames: Input<LiveFrame>,
    last_published: Option<Instant>,
    /// When what was published last had been taken.
    seen_at: Instant,
    /// When the newest frames came out of the ring.
    taken_at: Instant,
    has_news: bool,
    /// Seconds of digital silence that were taken last.
    silent_secs: f64,
    /// When something that sounds was taken last.
    sounded_at: Option<Instant>,
    /// Something sounds again, and nobody was told yet.
    sounds_again: bool,
    teller: Option<SoundTeller>,
}

impl Publisher {
    /// Both ends, with silence in them.
    pub fn new(format: StreamFormat) -> (Self, Output<LiveFrame>) {
        let (frames_in, frames) = triple_buffer::triple_buffer(&LiveFrame {
            meters: Meters::silent(format),
            provisional: Vec::new(),
            published_at: Instant::now(),
            has_ended: false,
            has_sounded: false,
        });
        let publisher = Self {
            frames: frames_in,
            last_published: None,
            seen_at: Instant::now(),
            taken_at: Instant::now(),
            has_news: false,
            silent_secs: 0.0,
            sounded_at: None,
            sounds_again: false,
            teller: None,
        };
        (publisher, frames)
    }

    /// Who is told from now on when something sounds again.
    pub fn tell_of_sound(&mut self, teller: SoundTeller) {
        self.teller = Some(teller);
    }

    /// So many seconds came out of the ring now, which hold something or nothing.
    pub fn note_taken(&mut self, now: Instant, secs: f64, held: Held) {
        self.taken_at = now;
        self.has_news = true;
        self.silent_secs = match held {
            Held::Nothing => self.silent_secs + secs,
            Held::Noise | Held::Sound => 0.0,
        };
        if held == Held::Sound {
            let last = self.sounded_at.replace(now);
            if last.is_none_or(|last| now.saturating_duration_since(last) > QUIET) {
                self.sounds_again = true;
                self.last_published = None;
            }
        }
    }

    /// Frames of digital silence that need not be analysed at once.
    pub fn frames_that_wait(&self, sample_rate_hz: u32) -> usize {
        match self.silent_secs > REST_SECS {
            true => (PIECE_AT_REST_SECS * f64::from(sample_rate_hz)) as usize,
            false => 0,
        }
    }

    /// How long to sleep when nothing has arrived.
    pub fn idle_sleep(&self) -> Duration {
        match self.silent_secs > REST_SECS {
            true => LISTEN_AT_REST,
            false => IDLE_SLEEP,
        }
    }

    /// There is something to show.
    pub fn note_news(&mut self) {
        self.has_news = true;
    }

    /// The moment to be filled and [`publish`](Self::publish)ed, if it is time for one.
    pub fn due(&mut self, has_ended: bool) -> Option<&mut LiveFrame> {
        let now = Instant::now();
        if self.frames.consumed() {
            self.seen_at = now;
        }
        let period = if self.silent_secs > REST_SECS {
            PUBLISH_AT_REST_EVERY
        } else if now - self.seen_at < UNSEEN {
            PUBLISH_EVERY
        } else {
            PUBLISH_UNSEEN_EVERY
        };
        let is_due = self.last_published.is_none_or(|last| now - last >= period);
        let frame = self.frames.input_buffer_mut();
        if !(has_ended && !frame.has_ended || self.has_news && is_due) {
            return None;
        }
        self.last_published = Some(now);
        self.has_news = false;
        frame.published_at = self.taken_at;
        frame.has_ended = has_ended;
        Some(frame)
    }

    /// Hands the moment on that was filled; whoever waits for a sound finds it there.
    pub fn publish(&mut self) {
        self.frames.publish();
        if std::mem::take(&mut self.sounds_again)
            && let Some(tell) = &self.teller
        {
            tell();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::frames::ChannelLayout;

    fn publisher() -> Publisher {
        let (publisher, _) = Publisher::new(StreamFormat {
            sample_rate_hz: 48_000,
            layout: ChannelLayout::Stereo,
        });
        publisher
    }

    #[test]
    fn behind_long_digital_silence_the_thread_rests_until_something_sounds() {
        let mut publisher = publisher();
        for (secs, held, sleep) in [
            (0.9 * REST_SECS, Held::Nothing, IDLE_SLEEP),
            (0.2 * REST_SECS, Held::Nothing, LISTEN_AT_REST),
            (0.01, Held::Noise, IDLE_SLEEP),
            (0.9 * REST_SECS, Held::Nothing, IDLE_SLEEP),
        ] {
            publisher.note_taken(Instant::now(), secs, held);
            assert_eq!(publisher.idle_sleep(), sleep);
            let rests = publisher.frames_that_wait(48_000) > 0;
            assert_eq!(rests, sleep == LISTEN_AT_REST);
        }
    }

    #[test]
    fn a_sound_after_a_quiet_is_published_and_told_at_once_and_once() {
        let mut publisher = publisher();
        let (told, tell) = std::sync::mpsc::channel();
        publisher.tell_of_sound(Box::new(move || told.send(()).expect("somebody listens")));
        let begin = Instant::now();
        for (ms, held, is_told) in [
            (0, Held::Nothing, false),
            (10, Held::Sound, true),
            (20, Held::Sound, false),
            (400, Held::Noise, false),
            (500, Held::Sound, false),
            (600, Held::Nothing, false),
            (1001, Held::Sound, true),
            // Nothing at all came meanwhile.
            (9000, Held::Sound, true),
        ] {
            publisher.note_taken(begin + Duration::from_millis(ms), 0.01, held);
            let is_due = publisher.due(false).is_some();
            assert!(is_due || !is_told, "after {ms} ms");
            if is_due {
                publisher.publish();
            }
            assert_eq!(
                tell.try_iter().count(),
                usize::from(is_told),
                "after {ms} ms"
            );
        }
    }

    #[test]
    fn what_a_piece_holds() {
        assert_eq!(Held::by(&[0.0, -0.0, 0.0]), Held::Nothing);
        assert_eq!(Held::by(&[0.0, 5e-6]), Held::Noise);
        assert_eq!(Held::by(&[0.0, -2e-5]), Held::Sound);
    }
}
