//! The companion: plays the reference silently beside the mix, through the same Analyzer, at the place that fits.
//!
//! One thread does two things a few times a second: it finds and keeps the alignment of the reference with what is
//! heard of the mix, and it feeds the reference's frames that lie under the newest part of the mix to an Analyzer of
//! its own. So the reference's meters, its curves and its vectorscope have the ballistics of the mix's.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::analysis::analyzer::Analyzer;
use crate::analysis::meters::Meters;
use crate::analysis::tap::{Recent, Tap};
use crate::audio::frames::{ChannelLayout, StreamFormat};
use crate::compare::fingerprint::{FingerprintBuilder, ReferenceFingerprint};
use crate::compare::tracker::{LONGEST_EXCERPT_SECS, Tracker, Tracking};
use crate::dsp::loudness::region_loudness;
use crate::session::background;
use crate::session::columns::Region;
use crate::session::loudness_history::POINT_SECS;
use crate::session::references::{ReferenceData, SharedReference};

/// How often the companion looks: often enough for meters that move.
const BEAT: Duration = Duration::from_millis(16);
/// How often the alignment is looked after.
const ALIGN_EVERY_BEATS: u32 = 20;
/// After a jump the Analyzer hears so much before the place, that its windows and curves are full.
const LEAD_SECS: f64 = 20.0;
/// An offset that moves by more than this is a jump.
const JUMP_SECS: f64 = 0.05;
/// Below this the mix pauses: −80 dBFS.
const PAUSE_AMPLITUDE: f32 = 1e-4;
/// Frames copied from the reference at once.
const CHUNK_FRAMES: i64 = 8_192;
/// A reference that has to catch up by more than this jumps.
const LONGEST_CATCH_UP_SECS: f64 = 2.0;
/// What is listened to of the mix: the longest excerpt, and a little.
const EXCERPT_SECS: f64 = LONGEST_EXCERPT_SECS + 1.0;

/// What is known of the reference at the newest part of the mix.
#[derive(Clone, Debug, Default)]
pub struct CompanionFrame {
    /// The reference's figures; none while it is not read or the mix has not begun.
    pub meters: Option<Meters>,
    /// Whether and where it is the same song.
    pub tracking: Option<Tracking>,
    /// Reference time under mix time 0.
    pub offset_secs: f64,
    /// Integrated loudness of the reference over the stretch of the mix that was measured, if it is the same song.
    pub matched_lufs: Option<f64>,
    /// The longest stretch of the mix that ran beside the reference without a jump or a pause.
    pub heard: Option<Stretch>,
    /// The section of another song that is followed: it runs beside the mix.
    pub followed: Option<Region>,
}

/// A stretch of the mix that ran beside the reference without a jump or a pause.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    /// Mix time at which it began.
    pub from_secs: f64,
    /// Mix time up to which it goes.
    pub to_secs: f64,
    /// Reference time under mix time 0.
    pub offset_secs: f64,
}

/// What the picture tells the companion.
#[derive(Debug)]
struct Wishes {
    /// Seconds added to the offset by hand, as bits.
    nudge_bits: AtomicU64,
    /// The offset of a section that is followed, as bits; NaN for none.
    section_bits: AtomicU64,
    /// Mix frame at which measuring began.
    measured_from: AtomicU64,
    stop: AtomicBool,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            nudge_bits: AtomicU64::default(),
            section_bits: AtomicU64::new(f64::NAN.to_bits()),
            measured_from: AtomicU64::default(),
            stop: AtomicBool::default(),
        }
    }
}

/// The thread and its latest words.
pub struct Companion {
    wishes: Arc<Wishes>,
    output: triple_buffer::Output<CompanionFrame>,
    thread: Option<JoinHandle<()>>,
}

impl Companion {
    /// Starts beside a mix's tap. Fails only where no thread can be made.
    pub fn spawn(
        tap: Arc<Tap>,
        mix_rate_hz: u32,
        reference: SharedReference,
    ) -> std::io::Result<Self> {
        let wishes = Arc::new(Wishes::default());
        let (mut input, output) = triple_buffer::triple_buffer(&CompanionFrame::default());
        let shared = Arc::clone(&wishes);
        let thread = background::spawn("companion", background::BESIDE, move || {
            let mut follower = Follower::new(mix_rate_hz);
            while !shared.stop.load(Ordering::Relaxed) {
                follower.beat(&tap, &reference, &shared);
                let frame = input.input_buffer_mut();
                follower.write(&reference, frame);
                input.publish();
                std::thread::park_timeout(BEAT);
            }
        })?;
        Ok(Self {
            wishes,
            output,
            thread: Some(thread),
        })
    }

    /// The newest frame.
    pub fn latest(&mut self) -> &CompanionFrame {
        self.output.read()
    }

    /// Moves the reference by hand; this always wins over what was found.
    pub fn set_nudge_secs(&self, secs: f64) {
        self.wishes
            .nudge_bits
            .store(secs.to_bits(), Ordering::Relaxed);
    }

    /// Lays the reference so that a section lies where it fits; a song that is the same stays aligned.
    pub fn set_section_offset(&self, secs: Option<f64>) {
        let bits = secs.unwrap_or(f64::NAN).to_bits();
        self.wishes.section_bits.store(bits, Ordering::Relaxed);
    }

    /// Tells from which frame of the mix on it is measured.
    pub fn set_measured_from(&self, frame: u64) {
        self.wishes.measured_from.store(frame, Ordering::Relaxed);
    }
}

impl CompanionFrame {
    /// Whether the reference follows the mix as the same song.
    pub fn is_aligned(&self) -> bool {
        is_aligned(self.tracking)
    }

    /// What of a reference runs beside the mix. A frozen picture keeps what ran there, whatever is followed since.
    pub fn region(&self, data: &ReferenceData) -> Region {
        data.beside_following(self.is_aligned(), self.followed)
    }
}

fn is_aligned(tracking: Option<Tracking>) -> bool {
    matches!(tracking, Some(Tracking::Locked(_) | Tracking::Doubtful(_)))
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
            follower: Follower::new(mix_rate_hz),
            wishes: Wishes::default(),
        }
    }

    /// The frame at the end of what a tap has heard.
    pub fn frame(
        &mut self,
        tap: &Tap,
        reference: &SharedReference,
        nudge_secs: f64,
    ) -> CompanionFrame {
        self.wishes
            .nudge_bits
            .store(nudge_secs.to_bits(), Ordering::Relaxed);
        self.follower.beat(tap, reference, &self.wishes);
        let mut frame = CompanionFrame::default();
        self.follower.write(reference, &mut frame);
        frame
    }
}

/// What the thread owns.
struct Follower {
    mix_rate_hz: u32,
    beats: u32,
    recent: Recent,
    fingerprint: Option<ReferenceFingerprint>,
    tracker: Option<Tracker>,
    tracking: Option<Tracking>,
    analyzer: Option<Analyzer>,
    /// Laid frame of the reference up to which the Analyzer was fed, and the offset and region it was fed with.
    fed_to: Option<(i64, f64, Region)>,
    offset_secs: f64,
    mix_secs: f64,
    /// Stretches of the mix that were heard, with the offset of the reference beside each.
    stretches: Vec<Stretch>,
    measured_from_secs: f64,
    matched_lufs: Option<f64>,
    scratch: Vec<f32>,
}

impl Follower {
    fn new(mix_rate_hz: u32) -> Self {
        Self {
            mix_rate_hz: mix_rate_hz.max(1),
            beats: 0,
            recent: Recent::default(),
            fingerprint: None,
            tracker: None,
            tracking: None,
            analyzer: None,
            fed_to: None,
            offset_secs: 0.0,
            mix_secs: 0.0,
            stretches: vec![],
            measured_from_secs: 0.0,
            matched_lufs: None,
            scratch: vec![],
        }
    }

    fn beat(&mut self, tap: &Tap, reference: &SharedReference, wishes: &Wishes) {
        let align_now = self.beats.is_multiple_of(ALIGN_EVERY_BEATS);
        self.beats = self.beats.wrapping_add(1);
        let Some(length_secs) = reference.with(|data| data.finished_secs()) else {
            return;
        };
        if align_now {
            self.align(tap, reference);
        }
        let rate = f64::from(self.mix_rate_hz);
        self.mix_secs = tap.end_secs();
        let nudge_secs = f64::from_bits(wishes.nudge_bits.load(Ordering::Relaxed));
        let found = self.tracker.and_then(|tracker| tracker.offset_secs());
        // The reference repeats: offsets that differ by its length are the same place.
        let found = found.map(|secs| secs - length_secs * (secs / length_secs).round());
        let section_secs = f64::from_bits(wishes.section_bits.load(Ordering::Relaxed));
        let section_secs = Some(section_secs).filter(|secs| secs.is_finite());
        let found = found.or(section_secs).unwrap_or(0.0);
        self.offset_secs = found + nudge_secs;
        self.feed(reference);
        if align_now {
            let from = wishes.measured_from.load(Ordering::Relaxed) as f64 / rate;
            self.measured_from_secs = from;
            self.match_loudness(reference, from);
        }
    }

    /// Keeps the match while the place is in doubt, and gives it up with the lock.
    fn match_loudness(&mut self, reference: &SharedReference, from_secs: f64) {
        match self.tracking {
            Some(Tracking::Locked(_)) => {
                self.note_stretch();
                self.matched_lufs = reference.with(|data| self.loudness_beside(data, from_secs));
            }
            Some(Tracking::Doubtful(_)) => {}
            _ => {
                self.matched_lufs = None;
                self.stretches.clear();
            }
        }
    }

    /// Notes that the mix has been heard up to now. A pause is not heard, and a jump begins another stretch.
    fn note_stretch(&mut self) {
        let newest = self.mix_rate_hz as usize / 2;
        let frames = &self.recent.frames;
        let is_sounding = frames[frames.len().saturating_sub(newest)..]
            .iter()
            .any(|frame| frame.iter().any(|sample| sample.abs() > PAUSE_AMPLITUDE));
        if !is_sounding {
            return;
        }
        let now = self.mix_secs;
        let offset_secs = self.offset_secs;
        match self.stretches.last_mut() {
            Some(last)
                if (last.offset_secs - offset_secs).abs() < JUMP_SECS
                    && now - last.to_secs < 2.0 =>
            {
                last.to_secs = now;
            }
            Some(last) => {
                let from_secs = last.to_secs.max(now - 1.0);
                self.stretches.push(Stretch {
                    from_secs,
                    to_secs: now,
                    offset_secs,
                });
            }
            // The lock took some seconds to find, and holds for them too.
            None => self.stretches.push(Stretch {
                from_secs: self.recent.heard_from as f64 / f64::from(self.mix_rate_hz),
                to_secs: now,
                offset_secs,
            }),
        }
    }

    fn align(&mut self, tap: &Tap, reference: &SharedReference) {
        if self.fingerprint.is_none() {
            self.fingerprint = Some(fingerprint_of(reference));
        }
        let most = EXCERPT_SECS * f64::from(self.mix_rate_hz);
        tap.copy(most as usize, &mut self.recent);
        // Another input may have another rate; seconds go on.
        self.mix_rate_hz = self.recent.sample_rate_hz.max(1);
        let rate = f64::from(self.mix_rate_hz);
        let heard_from = self.recent.heard_from as f64 / rate;
        let now = self.recent.end_frame as f64 / rate;
        let tracker = self.tracker.get_or_insert_with(|| Tracker::new(heard_from));
        tracker.gap(heard_from);
        if let (Some(fingerprint), false) = (&self.fingerprint, self.recent.frames.is_empty()) {
            let frames = &self.recent.frames;
            self.tracking = Some(tracker.follow(fingerprint, frames, self.mix_rate_hz, now));
        }
    }

    /// Feeds the Analyzer with what lies under the mix since the last beat; after a jump, anew with a lead.
    fn feed(&mut self, reference: &SharedReference) {
        let is_aligned = is_aligned(self.tracking);
        let (sample_rate_hz, region) =
            reference.with(|data| (data.sample_rate_hz, data.beside(is_aligned)));
        let rate = f64::from(sample_rate_hz);
        let end = ((self.mix_secs + self.offset_secs) * rate).floor() as i64;
        let lead = (LEAD_SECS * rate) as i64;
        let from = match self.fed_to {
            Some((fed, offset, of))
                if (offset - self.offset_secs).abs() < 1e-6
                    && of == region
                    && end >= fed
                    && ((end - fed) as f64) < LONGEST_CATCH_UP_SECS * rate =>
            {
                fed
            }
            _ => {
                self.analyzer = None;
                // Not before the mix began: what was never beside it is not measured.
                end - lead.min((self.mix_secs * rate) as i64)
            }
        };
        let format = StreamFormat {
            sample_rate_hz,
            layout: ChannelLayout::Stereo,
        };
        let analyzer = self.analyzer.get_or_insert_with(|| Analyzer::new(format));
        let first = (region.start_secs * rate).round() as i64;
        let length = ((region.length_secs * rate).round() as i64).max(1);
        let mut columns = vec![];
        let mut at = from;
        while at < end {
            let to = end.min(at + CHUNK_FRAMES);
            self.scratch.clear();
            // Only copied under the lock: the picture waits for it, the analysis may take its time.
            reference.with(|data| {
                // What lies past the end, by a rounded frame, is silent.
                let frame = |laid: i64| {
                    let frame = first + (laid - first).rem_euclid(length);
                    data.pcm.get(frame as usize).copied().unwrap_or_default()
                };
                self.scratch.extend((at..to).flat_map(frame));
            });
            analyzer.process(&self.scratch, &mut columns);
            columns.clear();
            at = to;
        }
        self.fed_to = Some((end, self.offset_secs, region));
    }

    /// Integrated loudness of the reference beside what was heard of the mix from a time on.
    fn loudness_beside(&self, data: &ReferenceData, from_secs: f64) -> Option<f64> {
        let points = data.loudness.points();
        let num_points = (points.len() as i64).max(1);
        let mut heard = vec![];
        for stretch in &self.stretches {
            let index = |secs: f64| ((secs + stretch.offset_secs) / POINT_SECS).floor() as i64;
            let from = index(stretch.from_secs.max(from_secs));
            let to = index(stretch.to_secs);
            heard.extend((from..to).filter_map(|i| points.get(i.rem_euclid(num_points) as usize)));
        }
        let heard: Vec<_> = heard.into_iter().copied().collect();
        region_loudness(&heard, 0..heard.len()).0
    }

    fn write(&mut self, reference: &SharedReference, frame: &mut CompanionFrame) {
        frame.tracking = self.tracking;
        frame.offset_secs = self.offset_secs;
        frame.matched_lufs = self.matched_lufs;
        let length =
            |stretch: &Stretch| stretch.to_secs - stretch.from_secs.max(self.measured_from_secs);
        frame.heard = self
            .stretches
            .iter()
            .copied()
            .max_by(|a, b| length(a).total_cmp(&length(b)));
        match &mut self.analyzer {
            Some(analyzer) => {
                let rate = reference.with(|data| data.sample_rate_hz);
                let format = StreamFormat {
                    sample_rate_hz: rate,
                    layout: ChannelLayout::Stereo,
                };
                let meters = frame.meters.get_or_insert_with(|| Meters::silent(format));
                analyzer.write_meters(meters);
            }
            None => frame.meters = None,
        }
    }
}

/// The fingerprint of a reference that is read, taken a second at a time so that nobody waits long for the lock.
fn fingerprint_of(reference: &SharedReference) -> ReferenceFingerprint {
    let rate = reference.with(|data| data.sample_rate_hz);
    let mut builder = FingerprintBuilder::new(rate);
    let mut second = vec![];
    let mut at = 0;
    loop {
        second.clear();
        reference.with(|data| {
            let to = data.pcm.len().min(at + rate.max(1) as usize);
            second.extend_from_slice(&data.pcm[at.min(to)..to]);
        });
        if second.is_empty() {
            return builder.finish();
        }
        builder.push(&second);
        at += second.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_of_an_earlier_moment_shows_the_section_that_was_followed_then() {
        let section = |start_secs| {
            Some(Region {
                start_secs,
                length_secs: 20.0,
            })
        };
        let mut data = ReferenceData::empty();
        data.followed = section(60.0);
        let mut frame = CompanionFrame {
            followed: section(30.0),
            ..CompanionFrame::default()
        };
        assert_eq!(Some(frame.region(&data)), section(30.0));
        frame.followed = None;
        assert_eq!(frame.region(&data), data.compared());
    }
}
