//! Listening: the active reference through a chosen output, as loud as the mix, at the place beside it.
//!
//! A thread of its own opens the output, reads the reference, brings it to the output's rate and fills the output's
//! ring a little ahead. It is told gain, region and place as often as the picture is drawn, and says how it fares.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::analysis::tap::Tap;
use crate::audio::devices::list_outputs;
use crate::audio::player::{Player, hears};
use crate::audio::resample::resample;
use crate::audio::threads;
use crate::audio::voices::{LoopFrames, Voices};
use crate::dsp::true_peak::TruePeakMeter;
use crate::session::references::SharedReference;
use crate::session::sides::region::Region;
use crate::units::db;

/// How far ahead of the output the ring is filled.
const AHEAD_SECS: f64 = 0.3;
/// A device that takes nothing for so long has stalled: it is closed without a fade.
const STALL: Duration = Duration::from_secs(1);
/// How often.
const BEAT: Duration = Duration::from_millis(15);
/// What the output keeps after it has taken a silent block.
const DEVICE_SECS: f64 = 0.15;
/// How much later than it is made a frame is heard: what the ring holds, and what the output keeps as a rule.
const HEARD_LATER_SECS: f64 = AHEAD_SECS + 0.06;
/// No sample between samples rises above this, in dBTP.
const HIGHEST_DBTP: f64 = -1.0;
/// The place beside the mix is followed by a jump once it is off by this much.
const OFF_SECS: f64 = 0.3;
/// A mix that has not moved for so long has stopped: then the reference plays on by itself.
const STANDSTILL: Duration = Duration::from_millis(300);
/// How fast a change of gain is followed: its largest part within this time.
const GAIN_SECS: f64 = 0.02;
/// Seconds of the reference that are made ready at once, and what is read around them.
const CHUNK_SECS: i64 = 2;
const MARGIN_SECS: i64 = 1;
/// Chunks kept: two places may sound at once.
const KEPT_CHUNKS: usize = 4;

/// What is to be heard.
#[derive(Clone)]
pub struct ListenWish {
    /// The reference and its number.
    pub reference: (u64, SharedReference),
    /// Gain in dB that makes it as loud as the mix.
    pub gain_db: f64,
    /// The part that is played round and round.
    pub region: Region,
    /// The mix's clock, if there is a mix.
    pub beside: Option<Beside>,
    /// Id of the mix's input, and whether it hears what an output plays.
    pub mix_input: Option<(String, bool)>,
}

/// Where the mix is.
#[derive(Clone)]
pub struct Beside {
    /// Counts the mix's frames.
    pub tap: Arc<Tap>,
    /// Frames per second of the mix.
    pub sample_rate_hz: u32,
    /// Reference time under mix time 0.
    pub offset_secs: f64,
}

/// How listening fares.
#[derive(Clone, Debug, PartialEq)]
pub enum ListenState {
    /// The output is being opened.
    Opening,
    /// It plays.
    Playing {
        /// The output's name.
        output: String,
        /// Gain in dB that is given to the reference.
        gain_db: f64,
        /// By how many dB it is quieter than the match, so that its true peak stays below −1 dBTP.
        limited_db: f64,
    },
    /// It fades, or has ended as asked.
    Ended,
    /// Why nothing is heard: one line.
    Failed(String),
}

struct Shared {
    wish: Mutex<ListenWish>,
    state: Mutex<ListenState>,
    stop: AtomicBool,
}

/// The reference being heard; dropping it fades it out.
pub struct Listening {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Listening {
    /// Starts on an output by name or a part of it, or on the system's own. Never waits.
    pub fn start(output: Option<String>, wish: ListenWish) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            wish: Mutex::new(wish),
            state: Mutex::new(ListenState::Opening),
            stop: AtomicBool::new(false),
        });
        let thread = threads::spawn("listening", {
            let shared = Arc::clone(&shared);
            move || {
                let ended = match threads::carry_on("listening", || {
                    listen(output.as_deref(), &shared)
                }) {
                    Some(Ok(())) => ListenState::Ended,
                    Some(Err(why)) => ListenState::Failed(why),
                    None => ListenState::Failed("listening stumbled; start it again".to_owned()),
                };
                *locked(&shared.state) = ended;
            }
        })?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// Tells what is to be heard from now on.
    pub fn wish(&self, wish: ListenWish) {
        *locked(&self.shared.wish) = wish;
    }

    /// How it fares.
    pub fn state(&self) -> ListenState {
        locked(&self.shared.state).clone()
    }

    /// Fades out; [`state`](Self::state) says when it has ended.
    pub fn stop(&self) {
        self.shared.stop.store(true, Ordering::Release);
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        // The thread fades and ends by itself; waiting for it would stop the picture.
        self.stop();
        drop(self.thread.take());
    }
}

fn locked<T>(data: &Mutex<T>) -> MutexGuard<'_, T> {
    // Each write is whole, whatever happened to the thread that held the lock.
    data.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The gain for a reference of a true peak, and how much quieter than asked that is.
pub fn limited_gain_db(gain_db: f64, true_peak_dbtp: Option<f64>) -> (f64, f64) {
    let most_db = true_peak_dbtp.map_or(0.0, |peak| HIGHEST_DBTP - peak);
    let given = gain_db.min(most_db);
    (given, gain_db - given)
}

/// Plays until it is told to stop.
fn listen(output: Option<&str>, shared: &Shared) -> Result<(), String> {
    let mut player = Player::open(output).map_err(|error| error.to_string())?;
    let mut desk = Desk::new(player.sample_rate_hz);
    let name = player.info.name_among(list_outputs().iter());
    let ahead = (AHEAD_SECS * f64::from(player.sample_rate_hz)) as usize;
    loop {
        let wish = locked(&shared.wish).clone();
        let hears_itself = wish
            .mix_input
            .as_ref()
            .is_some_and(|(id, is_monitor)| hears(id, *is_monitor, &player.info));
        if hears_itself || shared.stop.load(Ordering::Acquire) {
            fade_out(&player);
            return match hears_itself {
                true => Err(format!(
                    "the mix is taken from what “{}” plays and would hear the reference: \
                     choose another output (key I) or another input",
                    name
                )),
                false => Ok(()),
            };
        }
        desk.follow(&wish);
        while player.waiting_frames() < ahead && player.push(desk.next()) {}
        if let Some(why) = player.status.lost_reason() {
            return Err(format!("output “{name}” is gone: {why}"));
        }
        *locked(&shared.state) = ListenState::Playing {
            output: name.clone(),
            gain_db: desk.gain_db,
            limited_db: desk.limited_db,
        };
        std::thread::park_timeout(BEAT);
    }
}

/// Waits until the output has faded and played what it keeps.
fn fade_out(player: &Player) {
    player.status.fade_out();
    let begin = Instant::now();
    while !player.status.is_silent() && begin.elapsed() < STALL {
        std::thread::sleep(BEAT);
    }
    std::thread::sleep(Duration::from_secs_f64(DEVICE_SECS));
}

/// What the thread owns besides the output.
struct Desk {
    sample_rate_hz: u32,
    voices: Voices,
    source: Option<Source>,
    around: LoopFrames,
    gain_db: f64,
    limited_db: f64,
    gain: f32,
    gain_now: f32,
    /// The mix's newest frame, and since when that is it.
    mix_end: (u64, Instant),
}

impl Desk {
    fn new(sample_rate_hz: u32) -> Self {
        Self {
            sample_rate_hz,
            voices: Voices::new(sample_rate_hz),
            source: None,
            around: LoopFrames {
                start: 0,
                end: 1,
                length: 1,
            },
            gain_db: 0.0,
            limited_db: 0.0,
            gain: 0.0,
            gain_now: 0.0,
            mix_end: (0, Instant::now()),
        }
    }

    /// Brings source, gain, region and place to what is wished.
    fn follow(&mut self, wish: &ListenWish) {
        let (number, reference) = &wish.reference;
        if self
            .source
            .as_ref()
            .is_none_or(|source| !source.is_of(*number, reference))
        {
            self.voices.stop();
            if !self.voices.is_silent() {
                // The old one fades first; the new one begins at the next beat.
                return;
            }
            self.source = Source::open(*number, reference.clone(), self.sample_rate_hz);
        }
        let Some(source) = &self.source else {
            return;
        };
        let rate = f64::from(self.sample_rate_hz);
        let frame = |secs: f64| (secs * rate).round() as i64;
        let start = frame(wish.region.start_secs).clamp(0, source.length - 1);
        let end = frame(wish.region.start_secs + wish.region.length_secs);
        self.around = LoopFrames {
            start,
            end: end.clamp(start + 1, source.length),
            length: source.length,
        };
        (self.gain_db, self.limited_db) = limited_gain_db(wish.gain_db, source.true_peak_dbtp);
        self.gain = db::amplitude_from_db(self.gain_db) as f32;
        if self.voices.is_silent() {
            self.gain_now = self.gain;
        }
        let place = wish
            .beside
            .as_ref()
            .and_then(|beside| self.place(beside, &wish.region));
        match (self.voices.position(), place) {
            (None, place) => self.voices.jump(place.map_or(self.around.start, frame)),
            (Some(at), Some(place)) => {
                let off = frame(place) - at;
                let round = self.around.end - self.around.start;
                // At the loop's end one of them has turned already.
                let off = off.abs().min((off.abs() - round).abs());
                if off as f64 > OFF_SECS * rate {
                    self.voices.jump(frame(place));
                }
            }
            (Some(_), None) => {}
        }
    }

    /// Reference time beside the mix when the next frame is heard; `None` while the mix stands still.
    fn place(&mut self, beside: &Beside, region: &Region) -> Option<f64> {
        let end_frame = beside.tap.end_frame();
        if end_frame != self.mix_end.0 {
            self.mix_end = (end_frame, Instant::now());
        }
        let is_moving = self.mix_end.1.elapsed() < STANDSTILL;
        let mix_secs = end_frame as f64 / f64::from(beside.sample_rate_hz.max(1));
        let laid_secs = region.laid_offset_secs(beside.offset_secs) + mix_secs + HEARD_LATER_SECS;
        is_moving.then(|| region.reference_secs(laid_secs))
    }

    fn next(&mut self) -> [f32; 2] {
        let Some(source) = &mut self.source else {
            return [0.0; 2];
        };
        let step = 1.0 / (GAIN_SECS * f64::from(self.sample_rate_hz)) as f32;
        self.gain_now += step * (self.gain - self.gain_now);
        let frame = self.voices.next(&self.around, |at| source.frame(at));
        frame.map(|x| self.gain_now * x)
    }
}

/// A reference at the output's rate, made ready a few seconds at a time.
struct Source {
    number: u64,
    reference: SharedReference,
    from_hz: u32,
    to_hz: u32,
    /// Frames at the output's rate.
    length: i64,
    true_peak_dbtp: Option<f64>,
    /// `(number of the chunk, its frames)`
    chunks: VecDeque<(i64, Vec<[f32; 2]>)>,
}

impl Source {
    /// `None` while it is not read to its end.
    fn open(number: u64, reference: SharedReference, to_hz: u32) -> Option<Self> {
        let (from_hz, frames, true_peak_dbtp) = reference.with(|data| {
            data.finished_secs()?;
            let programme = data.programme.as_ref()?;
            let true_peak = programme.summary.loudness.true_peak_dbtp;
            let is_folded = programme.format.layout.count() > 2;
            let true_peak = if is_folded { None } else { Some(true_peak) };
            Some((data.sample_rate_hz, data.pcm.len() as u64, true_peak))
        })?;
        // Folding surround down adds channels up: what is played may peak higher than any of them.
        let true_peak_dbtp = true_peak_dbtp.unwrap_or_else(|| played_peak_dbtp(&reference));
        let length = (frames * u64::from(to_hz)).div_ceil(u64::from(from_hz.max(1))) as i64;
        (length > 0).then(|| Self {
            number,
            reference,
            from_hz,
            to_hz,
            length,
            true_peak_dbtp,
            chunks: VecDeque::new(),
        })
    }

    /// Whether it reads this reference, and the sound that the reference has now: a file that is read again has other
    /// data under its old number.
    fn is_of(&self, number: u64, reference: &SharedReference) -> bool {
        self.number == number && self.reference.is_same(reference)
    }

    fn frame(&mut self, at: i64) -> [f32; 2] {
        if !(0..self.length).contains(&at) {
            return [0.0; 2];
        }
        let chunk_frames = CHUNK_SECS * i64::from(self.to_hz);
        let (number, within) = (at / chunk_frames, (at % chunk_frames) as usize);
        if !self.chunks.iter().any(|(of, _)| *of == number) {
            let chunk = self.chunk(number);
            if self.chunks.len() == KEPT_CHUNKS {
                self.chunks.pop_front();
            }
            self.chunks.push_back((number, chunk));
        }
        let chunk = self.chunks.iter().find(|(of, _)| *of == number);
        chunk
            .and_then(|(_, frames)| frames.get(within).copied())
            .unwrap_or_default()
    }

    /// A chunk begins and ends on a whole second, where both rates have a frame; so chunks made one by one join as if
    /// the whole had been resampled.
    fn chunk(&self, number: i64) -> Vec<[f32; 2]> {
        let start_secs = CHUNK_SECS * number;
        let read_from_secs = (start_secs - MARGIN_SECS).max(0);
        let frame = |secs: i64| (secs * i64::from(self.from_hz)) as usize;
        let range = frame(read_from_secs)..frame(start_secs + CHUNK_SECS + MARGIN_SECS);
        let mut frames = Vec::with_capacity(range.len());
        self.reference
            .with(|data| data.pcm.copy(range, &mut frames));
        let samples = resample(frames.as_flattened(), 2, self.from_hz, self.to_hz);
        let (frames, _) = samples.as_chunks::<2>();
        let skip = ((start_secs - read_from_secs) * i64::from(self.to_hz)) as usize;
        let chunk_frames = (CHUNK_SECS * i64::from(self.to_hz)) as usize;
        frames
            .iter()
            .skip(skip)
            .take(chunk_frames)
            .copied()
            .collect()
    }
}

/// True peak of the two channels that are played, read a piece at a time so that nobody waits long for the lock.
fn played_peak_dbtp(reference: &SharedReference) -> Option<f64> {
    let rate = reference.with(|data| data.sample_rate_hz);
    let mut meter = TruePeakMeter::new(rate, 2);
    let mut piece = vec![];
    let mut at = 0;
    loop {
        piece.clear();
        reference.with(|data| {
            data.pcm.copy(at..at + rate.max(1) as usize, &mut piece);
        });
        if piece.is_empty() {
            meter.finish();
            return db::existing(db::db_from_amplitude(meter.peak().true_peak.into()));
        }
        meter.process(piece.as_flattened());
        at += piece.len();
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::session::references::Reference;

    /// A file that has the same tone in six channels.
    fn write_surround(path: &Path) {
        let spec = hound::WavSpec {
            channels: 6,
            sample_rate: 8_000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(path, spec).unwrap();
        for n in 0..6 * 8_000 {
            let sine = (f64::from(n / 6) * 0.3).sin();
            writer.write_sample((8_000.0 * sine) as i16).unwrap();
        }
        writer.finalize().unwrap();
    }

    #[test]
    fn surround_is_limited_by_what_is_played_and_a_file_read_again_is_played_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("surround.wav");
        write_surround(&path);
        let mut reference = Reference::from_file(&path);
        reference.wait();
        let source = Source::open(reference.id, reference.shared(), 48_000).unwrap();
        let channel_db = 20.0 * (8_000.0_f64 / 32_768.0).log10();
        let folded_db = channel_db + 20.0 * (1.0 + 2.0_f64.sqrt()).log10();
        let peak_dbtp = source.true_peak_dbtp.unwrap();
        assert!(
            (peak_dbtp - folded_db).abs() < 0.1,
            "{peak_dbtp} is not {folded_db}"
        );
        assert!(source.is_of(reference.id, &reference.shared()));
        reference.read_again();
        assert!(!source.is_of(reference.id, &reference.shared()));
    }

    #[test]
    fn the_gain_never_lifts_a_true_peak_above_minus_one() {
        assert_eq!(limited_gain_db(-6.0, Some(-0.2)), (-6.0, 0.0));
        assert_eq!(limited_gain_db(3.0, Some(-2.0)), (1.0, 2.0));
        assert_eq!(limited_gain_db(0.0, Some(0.5)), (-1.5, 1.5));
        assert_eq!(limited_gain_db(4.0, None), (0.0, 4.0));
    }
}
