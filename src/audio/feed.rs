//! A virtual device: plays any source of frames into the capture ring in real time.
//!
//! The demo and a file taken as the mix come through here, so that everything behind the ring is the same as
//! for a real input.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::callback::CaptureStatus;
use super::frames::StreamFormat;
use super::ring::{FrameReader, FrameWriter, frame_ring};
use crate::audio::decode::FileDecoder;
use crate::audio::threads;

/// Frames are handed over in blocks of this length, like a sound card's.
const BLOCK_SECS: f64 = 0.01;

/// What the ring holds while the analysis thread is held up.
const RING_SECS: f64 = 4.0;

/// After a pause longer than this (the computer slept) the source goes on from where it was.
const LONGEST_CATCH_UP_SECS: f64 = 2.0;

/// A running virtual device; dropping it stops and joins its thread.
pub struct Feed {
    /// The frames; take it to the analysis thread.
    pub reader: Option<FrameReader>,
    /// How it fares, as for a real device.
    pub status: Arc<CaptureStatus>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    stop: AtomicBool,
    paused: AtomicBool,
    frames: AtomicU64,
}

impl Feed {
    /// Starts a thread called `name` that plays `source` in real time. The source fills a buffer with interleaved
    /// samples and returns how many frames it wrote; fewer than fit means that it has ended, and then the ring
    /// closes. A source that loops simply never ends.
    pub fn start(
        name: &str,
        format: StreamFormat,
        source: impl FnMut(&mut [f32]) -> usize + Send + 'static,
    ) -> std::io::Result<Self> {
        let (writer, reader) = frame_ring(format, RING_SECS);
        let status = CaptureStatus::new();
        let shared = Arc::new(Shared {
            stop: AtomicBool::new(false),
            paused: AtomicBool::new(false),
            frames: AtomicU64::new(0),
        });
        let thread = threads::spawn(name, {
            let (shared, status) = (Arc::clone(&shared), Arc::clone(&status));
            move || play(format, source, writer, &shared, &status)
        })?;
        Ok(Self {
            reader: Some(reader),
            status,
            shared,
            thread: Some(thread),
        })
    }

    /// Plays interleaved frames held in memory, once or round and round.
    pub fn of_frames(
        name: &str,
        format: StreamFormat,
        frames: Arc<[f32]>,
        looping: bool,
    ) -> std::io::Result<Self> {
        Self::start(name, format, frame_source(format, frames, looping))
    }

    /// Frames played so far.
    pub fn position(&self) -> u64 {
        self.shared.frames.load(Ordering::Acquire)
    }

    /// Holds the source or lets it go on. While held nothing arrives and nothing is lost.
    pub fn set_paused(&self, paused: bool) {
        self.shared.paused.store(paused, Ordering::Release);
        self.wake();
    }

    fn wake(&self) {
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        self.wake();
        if let Some(thread) = self.thread.take() {
            // A source that panicked has said so already; there is nothing left to save.
            let _ = thread.join();
        }
    }
}

/// A source for [`Feed::start`] out of interleaved frames in memory.
pub fn frame_source(
    format: StreamFormat,
    frames: Arc<[f32]>,
    looping: bool,
) -> impl FnMut(&mut [f32]) -> usize + Send + 'static {
    let channels = format.layout.count().max(1);
    let end = frames.len() - frames.len() % channels;
    let mut at = 0;
    move |out: &mut [f32]| {
        let mut filled = 0;
        while filled < out.len() {
            if at == end {
                if !looping || end == 0 {
                    break;
                }
                at = 0;
            }
            let take = (out.len() - filled).min(end - at);
            out[filled..filled + take].copy_from_slice(&frames[at..at + take]);
            filled += take;
            at += take;
        }
        filled / channels
    }
}

/// A source for [`Feed::start`] that plays a file round and round and decodes it meanwhile, so that a long one takes no
/// memory. It ends where its file is no longer there when it is to begin anew, or is of another format by then.
pub fn file_source(
    path: PathBuf,
    decoder: FileDecoder,
) -> impl FnMut(&mut [f32]) -> usize + Send + 'static {
    let format = decoder.format();
    let channels = format.layout.count().max(1);
    let mut decoder = Some(decoder);
    let (mut chunk, mut at) = (vec![], 0);
    move |out: &mut [f32]| {
        let mut filled = 0;
        while let Some(open) = &mut decoder
            && filled < out.len()
        {
            if at == chunk.len() {
                at = 0;
                let is_more = open
                    .read(&mut chunk)
                    .inspect_err(|why| tracing::warn!("{why}"));
                if !is_more.unwrap_or(false) {
                    chunk.clear();
                    let again = FileDecoder::open(&path).inspect_err(|why| tracing::warn!("{why}"));
                    decoder = again.ok().filter(|again| again.format() == format);
                }
                continue;
            }
            let take = (out.len() - filled).min(chunk.len() - at);
            out[filled..filled + take].copy_from_slice(&chunk[at..at + take]);
            filled += take;
            at += take;
        }
        filled / channels
    }
}

fn play(
    format: StreamFormat,
    mut source: impl FnMut(&mut [f32]) -> usize,
    mut writer: FrameWriter,
    shared: &Shared,
    status: &CaptureStatus,
) {
    let channels = format.layout.count().max(1);
    let rate_hz = f64::from(format.sample_rate_hz.max(1));
    let block_frames = ((rate_hz * BLOCK_SECS) as usize).max(1);
    let mut block = vec![0.0; block_frames * channels];
    let mut started = Instant::now();
    let mut played = 0u64;
    while !shared.stop.load(Ordering::Acquire) && !writer.is_abandoned() {
        if shared.paused.load(Ordering::Acquire) {
            std::thread::park_timeout(Duration::from_secs_f64(BLOCK_SECS));
            (started, played) = (Instant::now(), 0);
            continue;
        }
        let due_secs = (played + block_frames as u64) as f64 / rate_hz;
        let elapsed_secs = started.elapsed().as_secs_f64();
        if elapsed_secs < due_secs {
            std::thread::park_timeout(Duration::from_secs_f64(due_secs - elapsed_secs));
            continue;
        }
        if elapsed_secs - due_secs > LONGEST_CATCH_UP_SECS {
            (started, played) = (Instant::now(), 0);
            continue;
        }
        let frames = source(&mut block).min(block_frames);
        writer.push(&block[..frames * channels]);
        status.note_callback(frames as u64);
        played += frames as u64;
        shared.frames.fetch_add(frames as u64, Ordering::AcqRel);
        if frames < block_frames {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::decode::decode_all;
    use crate::audio::frames::ChannelLayout;
    use crate::audio::ring::ReadEvent;

    const STEREO_8K: StreamFormat = StreamFormat {
        sample_rate_hz: 8000,
        layout: ChannelLayout::Stereo,
    };

    fn ramp(frames: usize) -> Arc<[f32]> {
        (0..frames * 2).map(|i| i as f32).collect()
    }

    #[test]
    fn a_source_arrives_whole_in_order_and_in_its_own_time() {
        let frames = ramp(1234);
        let begin = Instant::now();
        let mut feed = Feed::of_frames("test feed", STEREO_8K, Arc::clone(&frames), false)
            .expect("a thread can be started");
        let mut reader = feed.reader.take().expect("nobody has taken it");
        let mut heard = Vec::new();
        loop {
            match reader.read(&mut heard) {
                ReadEvent::Closed => break,
                ReadEvent::Gap { frames } => panic!("{frames} frames were lost"),
                ReadEvent::Idle => std::thread::sleep(Duration::from_millis(1)),
                ReadEvent::Frames(_) => {}
            }
        }
        assert_eq!(heard, &frames[..]);
        let due = Duration::from_secs_f64(1200.0 / 8000.0);
        assert!(begin.elapsed() >= due, "too early: {:?}", begin.elapsed());
    }

    #[test]
    fn a_looping_source_joins_its_end_to_its_beginning() {
        let mut source = frame_source(STEREO_8K, ramp(3), true);
        let mut out = [0.0; 10];
        assert_eq!(source(&mut out), 5);
        assert_eq!(out, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 0.0, 1.0, 2.0, 3.0]);
        let mut nothing = frame_source(STEREO_8K, ramp(0), true);
        assert_eq!(nothing(&mut out), 0);
    }

    #[test]
    fn a_file_plays_round_and_round_as_its_frames_do_and_ends_once_it_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ramp.wav");
        let spec = hound::WavSpec {
            channels: 2,
            sample_rate: 8000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut wav = hound::WavWriter::create(&path, spec).unwrap();
        (0..20_000).for_each(|n| wav.write_sample(n as i16).unwrap());
        wav.finalize().unwrap();
        let frames = decode_all(&path).unwrap().samples;
        let mut in_memory = frame_source(STEREO_8K, frames.into(), true);
        let mut source = file_source(path.clone(), FileDecoder::open(&path).unwrap());
        let (mut expected, mut out) = ([0.0; 700], [0.0; 700]);
        for _ in 0..100 {
            assert_eq!(source(&mut out), in_memory(&mut expected));
            assert_eq!(out, expected);
        }
        std::fs::remove_file(&path).unwrap();
        let left = (0..100).map(|_| source(&mut out)).sum::<usize>();
        assert_eq!(left, 5_000, "what is left of the round");
        assert_eq!(source(&mut out), 0);
    }

    #[test]
    fn a_dropped_feed_has_stopped() {
        let feed = Feed::of_frames("test feed", STEREO_8K, ramp(80), true)
            .expect("a thread can be started");
        let status = Arc::clone(&feed.status);
        std::thread::sleep(Duration::from_millis(50));
        drop(feed);
        let frames = status.frames();
        assert!(frames > 0);
        std::thread::sleep(Duration::from_millis(30));
        assert_eq!(status.frames(), frames);
    }
}
