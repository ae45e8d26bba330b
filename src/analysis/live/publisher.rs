//! What is only good while it is new: meters and columns under way, through a triple buffer.

use std::time::{Duration, Instant};

use triple_buffer::{Input, Output};

use crate::analysis::column::Column;
use crate::analysis::meters::Meters;
use crate::audio::frames::StreamFormat;

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
/// … and it is published this often, and heard in pieces of this length.
const PUBLISH_AT_REST_EVERY: Duration = Duration::from_millis(250);
const LISTEN_AT_REST: Duration = Duration::from_millis(40);

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
        };
        (publisher, frames)
    }

    /// So many seconds came out of the ring just now, of digital silence or not.
    pub fn note_taken(&mut self, secs: f64, is_silence: bool) {
        self.taken_at = Instant::now();
        self.has_news = true;
        self.silent_secs = if is_silence {
            self.silent_secs + secs
        } else {
            0.0
        };
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

    /// Hands the moment on that was filled.
    pub fn publish(&mut self) {
        self.frames.publish();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::frames::ChannelLayout;

    #[test]
    fn behind_long_digital_silence_the_thread_rests_until_something_sounds() {
        let (mut publisher, _frames) = Publisher::new(StreamFormat {
            sample_rate_hz: 48_000,
            layout: ChannelLayout::Stereo,
        });
        for (secs, is_silence, sleep) in [
            (0.9 * REST_SECS, true, IDLE_SLEEP),
            (0.2 * REST_SECS, true, LISTEN_AT_REST),
            (0.01, false, IDLE_SLEEP),
            (0.9 * REST_SECS, true, IDLE_SLEEP),
        ] {
            publisher.note_taken(secs, is_silence);
            assert_eq!(publisher.idle_sleep(), sleep);
        }
    }
}
