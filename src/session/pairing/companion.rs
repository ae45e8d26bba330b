//! The companion: plays the reference silently beside the mix, through the same Analyzer, at the place that fits.
//!
//! One thread does two things a few times a second: it finds and keeps the alignment of the reference with what is
//! heard of the mix, and it feeds the reference's frames that lie under the newest part of the mix to an Analyzer of
//! its own. So the reference's meters, its curves and its vectorscope have the ballistics of the mix's. It notes which
//! stretches of the mix lay where, for all that looks back.

mod feeder;
mod follower;
mod host;
mod wishes;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::analysis::tap::Tap;
use crate::audio::threads;
use crate::session::background;
use crate::session::pairing::companion::follower::{Follower, MixIs};
use crate::session::pairing::companion::wishes::Wishes;
use crate::session::pairing::remembered::KnownPast;
use crate::session::references::SharedReference;
use crate::session::sides::beside::CompanionFrame;

/// How often the companion looks: often enough for meters that move. In twice as small pieces it costs half as much again.
const BEAT: Duration = Duration::from_millis(33);
/// And where it rests beside a mix in which nothing sounds.
const BEAT_AT_REST: Duration = Duration::from_millis(125);
/// What nobody takes is renewed this often.
const UNSEEN_BEAT: Duration = Duration::from_millis(250);
/// From a beat that broke to the next.
const AFTER_A_STUMBLE: Duration = Duration::from_secs(2);

/// The thread and its latest words.
pub struct Companion {
    wishes: Arc<Wishes>,
    output: triple_buffer::Output<CompanionFrame>,
    thread: Option<JoinHandle<()>>,
    tap: Arc<Tap>,
}

impl Companion {
    /// Starts beside a mix's tap, which may be that of a mix that stands still, with what is known of the past. Fails
    /// only where no thread can be made.
    pub fn spawn(
        tap: Arc<Tap>,
        mix_rate_hz: u32,
        reference: SharedReference,
        mix_stands: bool,
        known: Option<KnownPast>,
    ) -> std::io::Result<Self> {
        let wishes = Arc::new(Wishes::default());
        let (mut input, output) = triple_buffer::triple_buffer(&CompanionFrame::default());
        let (shared, beside) = (Arc::clone(&wishes), Arc::clone(&tap));
        let thread = background::spawn("companion", background::BESIDE, move || {
            let mix_is = match mix_stands {
                true => MixIs::Still,
                false => MixIs::Live,
            };
            let begun = || Follower::new(mix_rate_hz, mix_is);
            let mut follower = begun();
            follower.past.known = known;
            let (mut has_news, mut published_at) = (false, Instant::now());
            while !shared.stop.load(Ordering::Relaxed) {
                let done = threads::carry_on("companion", || {
                    threads::may_break("companion");
                    has_news |= follower.beat(&tap, &reference, &shared);
                    // What nobody has taken since the last time need not be renewed yet.
                    let is_awaited = input.consumed() || published_at.elapsed() >= UNSEEN_BEAT;
                    if has_news && is_awaited {
                        follower.write(&reference, input.input_buffer_mut());
                        input.publish();
                        (has_news, published_at) = (false, Instant::now());
                    }
                });
                // What it knew may be half of something, and what breaks every time must not take a core.
                if done.is_none() {
                    follower = begun();
                    std::thread::park_timeout(AFTER_A_STUMBLE);
                }
                let rests = shared.let_rest_beside(&tap);
                if rests {
                    // The song may go on anywhere: where it pauses is noted at each beat.
                    follower.beats = 0;
                }
                std::thread::park_timeout(if rests { BEAT_AT_REST } else { BEAT });
            }
        })?;
        Ok(Self {
            wishes,
            output,
            thread: Some(thread),
            tap: beside,
        })
    }

    /// The newest frame.
    pub fn latest(&mut self) -> &CompanionFrame {
        self.output.read()
    }

    /// Has the newest frame taken over, if it was not yet.
    pub fn tell(&mut self, frame: &mut CompanionFrame) {
        if self.output.update() {
            frame.take_over(self.output.output_buffer_mut());
        }
    }

    /// What it lies beside.
    pub fn tap(&self) -> &Arc<Tap> {
        &self.tap
    }

    /// What it knows of the past, for one that takes its place later.
    pub fn known_past(&mut self) -> KnownPast {
        KnownPast {
            stretches: self.latest().stretches.clone(),
            nudge_secs: f64::from_bits(self.wishes.nudge_bits.load(Ordering::Relaxed)),
        }
    }

    /// Moves the reference by hand; this always wins over what was found.
    pub fn set_nudge_secs(&self, secs: f64) {
        self.wishes
            .nudge_bits
            .store(secs.to_bits(), Ordering::Relaxed);
    }

    /// Measures the reference from the mix time on that the mix is measured from.
    pub fn set_measured_from_secs(&self, secs: f64) {
        self.wishes
            .measured_from_bits
            .store(secs.to_bits(), Ordering::Relaxed);
    }

    /// Whether it may rest while nothing sounds in the mix: nobody sees what lies beside it.
    pub fn set_may_rest(&self, may_rest: bool) {
        self.wishes.may_rest.store(may_rest, Ordering::Relaxed);
    }

    /// Lays the reference so that a section lies where it fits; a song that is the same stays aligned.
    pub fn set_section_offset(&self, secs: Option<f64>) {
        let bits = secs.unwrap_or(f64::NAN).to_bits();
        self.wishes.section_bits.store(bits, Ordering::Relaxed);
    }
}

impl Drop for Companion {
    fn drop(&mut self) {
        self.wishes.stop.store(true, Ordering::Relaxed);
        // It owns all it touches and ends by itself; waiting for a search to finish would stop the picture.
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
        }
    }
}

/// The companion of pictures without a window: it finds and measures here and now.
pub struct StillCompanion {
    follower: Follower,
    wishes: Wishes,
}

impl StillCompanion {
    /// Beside a mix at a sample rate.
    pub fn new(mix_rate_hz: u32) -> Self {
        Self {
            follower: Follower::new(mix_rate_hz, MixIs::HeardThrough),
            wishes: Wishes::default(),
        }
    }

    /// Beside a mix that stands still: all of it is looked for, once.
    pub fn beside_still(mix_rate_hz: u32) -> Self {
        Self {
            follower: Follower::new(mix_rate_hz, MixIs::Still),
            wishes: Wishes::default(),
        }
    }

    /// Beside a mix that is fed bit by bit and may jump: to be asked some times for each of its seconds.
    pub fn in_step(mix_rate_hz: u32) -> Self {
        Self {
            follower: Follower::new(mix_rate_hz, MixIs::Live),
            wishes: Wishes::default(),
        }
    }

    /// The frame at the end of what a tap has heard, of a mix that is measured from a time on.
    pub fn frame(
        &mut self,
        (tap, measured_from_secs): (&Tap, f64),
        reference: &SharedReference,
        nudge_secs: f64,
    ) -> CompanionFrame {
        self.wishes
            .measured_from_bits
            .store(measured_from_secs.to_bits(), Ordering::Relaxed);
        self.wishes
            .nudge_bits
            .store(nudge_secs.to_bits(), Ordering::Relaxed);
        // Each look is one at the alignment as well.
        self.follower.beats = 0;
        self.follower.beat(tap, reference, &self.wishes);
        let mut frame = CompanionFrame::default();
        self.follower.write(reference, &mut frame);
        frame
    }
}

#[cfg(test)]
mod tests;
