//! The analysis thread: reads the capture ring, runs the Analyzer, hands columns and meters to the picture.
//!
//! Columns and loudness points must not be lost, so they go through rings, and wait in a backlog while those are
//! full. Meters are only good while new, so they go through a triple buffer.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use rtrb::{Consumer, Producer, RingBuffer};

use crate::analysis::analyzer::Analyzer;
use crate::analysis::column::{Column, TierColumn};
use crate::analysis::downmix::append_stereo;
use crate::analysis::meters::Meters;
use crate::analysis::tap::Tap;
use crate::audio::frames::StreamFormat;
use crate::audio::ring::{FrameReader, ReadEvent};
use crate::dsp::frame_history::StereoFrame;
use crate::dsp::loudness::LoudnessPoint;

/// How long the thread sleeps when nothing has arrived: below a column. At 4 ms the wake-ups alone cost a tenth of the
/// thread's time.
const IDLE_SLEEP: Duration = Duration::from_millis(8);
/// Meters are published at most this often: more than a screen shows.
const PUBLISH_EVERY: Duration = Duration::from_millis(10);
/// Columns the ring holds: 2 s of all tiers.
const COLUMN_RING: usize = 256;
/// Loudness points the ring holds: 100 s.
const POINT_RING: usize = 1024;
/// A long gap is passed over in pieces of this part of a second.
const GAP_PIECES_PER_SEC: u64 = 4;
/// Columns in the backlog above which gaps wait: nobody reads, and a gap of an hour would fill the memory.
const LONG_BACKLOG: usize = 4 * COLUMN_RING;

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
}

/// What the analysis thread can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command {
    ResetMeasurement,
    Stop,
}

/// A running analysis of a live stream. Its thread ends with it.
pub struct LiveAnalysis {
    format: StreamFormat,
    hop_frames: usize,
    columns: Consumer<TierColumn>,
    points: Consumer<LoudnessPoint>,
    frames: triple_buffer::Output<LiveFrame>,
    commands: Sender<Command>,
    thread: Option<JoinHandle<()>>,
}

impl LiveAnalysis {
    /// Starts the thread on the reading end of a capture ring; what it hears goes to the tap as well. Fails only
    /// where no thread can be made.
    pub fn spawn(reader: FrameReader, tap: Arc<Tap>) -> io::Result<Self> {
        let format = reader.format();
        let analyzer = Analyzer::new(format);
        let hop_frames = analyzer.hop_frames();
        let (columns_in, columns) = RingBuffer::new(COLUMN_RING);
        let (points_in, points) = RingBuffer::new(POINT_RING);
        let (frames_in, frames) = triple_buffer::triple_buffer(&LiveFrame {
            meters: Meters::silent(format),
            provisional: Vec::new(),
            published_at: Instant::now(),
            has_ended: false,
        });
        let (commands, commands_out) = channel();
        let worker = Worker {
            reader,
            analyzer,
            tap,
            stereo: Vec::new(),
            interleaved: Vec::new(),
            completed: Vec::new(),
            backlog: VecDeque::new(),
            columns: columns_in,
            points: points_in,
            num_points: 0,
            frames: frames_in,
            last_published: None,
            taken_at: Instant::now(),
            has_news: false,
            pending_gap: 0,
            commands: commands_out,
        };
        let thread = Builder::new()
            .name("analysis".to_owned())
            .spawn(move || worker.run())?;
        Ok(Self {
            format,
            hop_frames,
            columns,
            points,
            frames,
            commands,
            thread: Some(thread),
        })
    }

    /// Rate and channels of the stream.
    pub fn format(&self) -> StreamFormat {
        self.format
    }

    /// Frames between columns: column `i` of tier 0 is centred on frame `i · hop`.
    pub fn hop_frames(&self) -> usize {
        self.hop_frames
    }

    /// The newest meters and provisional columns; the same as before if nothing is new.
    pub fn latest(&mut self) -> &LiveFrame {
        self.frames.read()
    }

    /// Takes the columns completed since the last call, each exactly once, in order within each tier.
    pub fn columns(&mut self) -> impl Iterator<Item = TierColumn> + '_ {
        std::iter::from_fn(|| self.columns.pop().ok())
    }

    /// Takes the points added to the loudness history since the last call, one per 100 ms of the stream.
    pub fn loudness_points(&mut self) -> impl Iterator<Item = LoudnessPoint> + '_ {
        std::iter::from_fn(|| self.points.pop().ok())
    }

    /// Begins integrated loudness, range, maxima and curves anew.
    pub fn reset_measurement(&self) {
        // The thread lives as long as self; if it ever died, there is nothing left to reset.
        let _ = self.commands.send(Command::ResetMeasurement);
    }
}

impl Drop for LiveAnalysis {
    fn drop(&mut self) {
        let _ = self.commands.send(Command::Stop);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            if thread.join().is_err() {
                tracing::error!("the analysis thread ended by a panic");
            }
        }
    }
}

/// What the thread owns.
struct Worker {
    reader: FrameReader,
    analyzer: Analyzer,
    tap: Arc<Tap>,
    stereo: Vec<StereoFrame>,
    interleaved: Vec<f32>,
    completed: Vec<TierColumn>,
    backlog: VecDeque<TierColumn>,
    columns: Producer<TierColumn>,
    points: Producer<LoudnessPoint>,
    num_points: usize,
    frames: triple_buffer::Input<LiveFrame>,
    last_published: Option<Instant>,
    /// When the newest frames came out of the ring.
    taken_at: Instant,
    has_news: bool,
    /// Missing frames not yet passed over.
    pending_gap: u64,
    commands: Receiver<Command>,
}

impl Worker {
    fn run(mut self) {
        loop {
            while let Ok(command) = self.commands.try_recv() {
                match command {
                    Command::Stop => return,
                    Command::ResetMeasurement => self.analyzer.reset_measurement(),
                }
            }
            let (is_idle, has_ended) = self.take_in();
            self.hand_on();
            self.publish(has_ended);
            if is_idle {
                std::thread::park_timeout(IDLE_SLEEP);
            }
        }
    }

    /// Reads what has arrived; whether that was nothing, and whether the input has ended.
    fn take_in(&mut self) -> (bool, bool) {
        if self.pending_gap > 0 {
            return (!self.pass_over_gap(), false);
        }
        self.interleaved.clear();
        match self.reader.read(&mut self.interleaved) {
            ReadEvent::Frames(_) => {
                self.analyzer
                    .process(&self.interleaved, &mut self.completed);
                self.stereo.clear();
                append_stereo(self.analyzer.format(), &self.interleaved, &mut self.stereo);
                self.tap.push(&self.stereo);
                self.taken_at = Instant::now();
                self.has_news = true;
                (false, false)
            }
            ReadEvent::Gap { frames } => {
                self.pending_gap = frames;
                self.analyzer.count_gap();
                (false, false)
            }
            ReadEvent::Idle => (true, false),
            ReadEvent::Closed => (true, true),
        }
    }

    /// Passes over a piece of a gap, unless the picture is too far behind.
    fn pass_over_gap(&mut self) -> bool {
        if self.backlog.len() > LONG_BACKLOG {
            return false;
        }
        let format = self.analyzer.format();
        let piece = self
            .pending_gap
            .min(u64::from(format.sample_rate_hz) / GAP_PIECES_PER_SEC + 1);
        self.analyzer.skip(piece, &mut self.completed);
        self.tap.skip(piece);
        self.pending_gap -= piece;
        self.has_news = true;
        true
    }

    /// Moves finished columns and points into their rings, as far as there is room.
    fn hand_on(&mut self) {
        self.backlog.extend(self.completed.drain(..));
        while let Some(column) = self.backlog.pop_front() {
            if let Err(rtrb::PushError::Full(column)) = self.columns.push(column) {
                self.backlog.push_front(column);
                break;
            }
        }
        while let Some(point) = self.analyzer.loudness_points().get(self.num_points) {
            if self.points.push(*point).is_err() {
                break;
            }
            self.num_points += 1;
        }
    }

    fn publish(&mut self, has_ended: bool) {
        let now = Instant::now();
        let is_due = self
            .last_published
            .is_none_or(|last| now - last >= PUBLISH_EVERY);
        let frame = self.frames.input_buffer_mut();
        if !(has_ended && !frame.has_ended || self.has_news && is_due) {
            return;
        }
        frame.published_at = self.taken_at;
        frame.has_ended = has_ended;
        self.analyzer.write_meters(&mut frame.meters);
        frame.provisional.clear();
        self.analyzer.provisional(&mut frame.provisional);
        self.frames.publish();
        self.last_published = Some(now);
        self.has_news = false;
    }
}
