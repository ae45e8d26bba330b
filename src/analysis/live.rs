//! The analysis thread: reads the capture ring, runs the Analyzer, hands columns and meters to the picture.
//!
//! Columns and loudness points must not be lost, so they go through rings, and wait in a backlog while those are
//! full. Meters are only good while new, so they go through a triple buffer.
//!
//! The stream outlives its input: another reader can be connected, in another format, and the time until its first
//! frame becomes a gap of that length. So does a pause of the same input, as when the computer slept.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rtrb::{Consumer, Producer, RingBuffer};

use crate::analysis::absence::{Absence, Arrival};
use crate::analysis::analyzer::Analyzer;
use crate::analysis::column::{Column, NUM_TIERS, TierColumn};
use crate::analysis::downmix::append_stereo;
use crate::analysis::meters::Meters;
use crate::analysis::spectral::Purpose;
use crate::analysis::tap::Tap;
use crate::analysis::time_grid::TimeGrid;
use crate::audio::frames::StreamFormat;
use crate::audio::ring::{FrameReader, ReadEvent};
use crate::audio::threads;
use crate::audio::wall_clock::{WallClock, wall_clock};
use crate::dsp::frame_history::StereoFrame;
use crate::dsp::loudness::LoudnessPoint;

/// How long the thread sleeps when nothing has arrived: below a column. At 4 ms the wake-ups alone cost a tenth of the
/// thread's time.
const IDLE_SLEEP: Duration = Duration::from_millis(8);
/// Meters are published at most this often: more than a screen shows.
const PUBLISH_EVERY: Duration = Duration::from_millis(10);
/// Where nobody has taken what was published for this long, the window is hidden or at rest …
const UNSEEN: Duration = Duration::from_millis(30);
/// … and meters are published this often: preparing them costs as much as analysing.
const PUBLISH_UNSEEN_EVERY: Duration = Duration::from_millis(100);
/// Columns the ring holds: 2 s of all tiers.
const COLUMN_RING: usize = 256;
/// Loudness points the ring holds: 100 s.
const POINT_RING: usize = 1024;
/// A long gap is passed over in pieces of this part of a second.
const GAP_PIECES_PER_SEC: u64 = 4;
/// Columns in the backlog above which gaps wait: nobody reads, and a gap of an hour would fill the memory.
const LONG_BACKLOG: usize = 4 * COLUMN_RING;

/// Columns in the backlog at most, 64 MB: then each tier has its newest 2700 or more, of the coarsest 8 hours.
const MOST_BACKLOG: usize = 16_384;

/// Above this, −100 dBFS, there is a sound.
const SILENCE_AMPLITUDE: f32 = 1e-5;

/// The stream went on after an absence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resumed {
    /// Seconds that are missing.
    pub missing_secs: f64,
    /// Time of the stream at which it goes on.
    pub at_secs: f64,
    /// What is heard from here on.
    pub format: StreamFormat,
    /// Another input; else the same one after a pause.
    pub is_new_input: bool,
}

/// A loudness point, and how many times it comes: the absence of a night is one entry.
#[derive(Clone, Copy)]
struct PointRun {
    point: LoudnessPoint,
    times: usize,
}

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

/// What the analysis thread can be told.
enum Command {
    ResetMeasurement,
    Connect(Box<FrameReader>),
    Stop,
}

/// Connects other inputs to a running analysis, from any thread.
#[derive(Clone)]
pub struct Connector(Sender<Command>);

impl Connector {
    /// Goes on with another reading end. What the one before still holds is heard first.
    pub fn connect(&self, reader: FrameReader) {
        // An analysis that has ended needs no input.
        let _ = self.0.send(Command::Connect(Box::new(reader)));
    }
}

/// A running analysis of a live stream. Its thread ends with it.
pub struct LiveAnalysis {
    format: StreamFormat,
    hop_frames: usize,
    columns: Consumer<TierColumn>,
    points: Consumer<PointRun>,
    frames: triple_buffer::Output<LiveFrame>,
    resumed: Receiver<Resumed>,
    commands: Sender<Command>,
    thread: Option<JoinHandle<()>>,
}

impl LiveAnalysis {
    /// Starts the thread on the reading end of a capture ring; what it hears goes to the tap as well. Fails only
    /// where no thread can be made.
    pub fn spawn(reader: FrameReader, tap: Arc<Tap>) -> io::Result<Self> {
        Self::start(reader, tap, wall_clock(), false)
    }

    /// The same for an input that delivers in real time by a clock: where it pauses, sound is missing.
    pub fn spawn_in_real_time(
        reader: FrameReader,
        tap: Arc<Tap>,
        clock: WallClock,
    ) -> io::Result<Self> {
        Self::start(reader, tap, clock, true)
    }

    fn start(
        reader: FrameReader,
        tap: Arc<Tap>,
        clock: WallClock,
        is_real_time: bool,
    ) -> io::Result<Self> {
        let format = reader.format();
        let mut analyzer = Analyzer::with_purpose(format, Purpose::Live);
        if is_real_time {
            analyzer.begin_midway();
        }
        let hop_frames = analyzer.hop_frames();
        let (columns_in, columns) = RingBuffer::new(COLUMN_RING);
        let (points_in, points) = RingBuffer::new(POINT_RING);
        let (frames_in, frames) = triple_buffer::triple_buffer(&LiveFrame {
            meters: Meters::silent(format),
            provisional: Vec::new(),
            published_at: Instant::now(),
            has_ended: false,
            has_sounded: false,
        });
        let (resumed_in, resumed) = channel();
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
            seen_at: Instant::now(),
            taken_at: Instant::now(),
            has_news: false,
            pending_gap: 0,
            grid: TimeGrid::new(hop_frames as f64 / f64::from(format.sample_rate_hz.max(1))),
            absence: Absence::new(clock, is_real_time),
            has_sounded: false,
            next: None,
            resumed: resumed_in,
            commands: commands_out,
        };
        let thread = threads::spawn("analysis", move || worker.run())?;
        Ok(Self {
            format,
            hop_frames,
            columns,
            points,
            frames,
            resumed,
            commands,
            thread: Some(thread),
        })
    }

    /// Rate and channels that the stream began with.
    pub fn format(&self) -> StreamFormat {
        self.format
    }

    /// Frames between columns at the rate that the stream began with: column `i` of tier 0 is centred on frame
    /// `i · hop` of that rate, whatever rate came later.
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
            .flat_map(|run| std::iter::repeat_n(run.point, run.times))
    }

    /// Takes the absences since the last call that the stream went on after.
    pub fn resumed(&mut self) -> impl Iterator<Item = Resumed> + '_ {
        self.resumed.try_iter()
    }

    /// Connects other inputs.
    pub fn connector(&self) -> Connector {
        Connector(self.commands.clone())
    }

    /// Whether its thread has ended, which it does by itself only where it breaks.
    pub fn has_stopped(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
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
    /// What takes over once everything in the present one is heard.
    next: Option<FrameReader>,
    analyzer: Analyzer,
    tap: Arc<Tap>,
    stereo: Vec<StereoFrame>,
    interleaved: Vec<f32>,
    completed: Vec<TierColumn>,
    backlog: VecDeque<TierColumn>,
    columns: Producer<TierColumn>,
    points: Producer<PointRun>,
    num_points: usize,
    frames: triple_buffer::Input<LiveFrame>,
    last_published: Option<Instant>,
    /// When what was published last had been taken.
    seen_at: Instant,
    /// When the newest frames came out of the ring.
    taken_at: Instant,
    has_news: bool,
    /// Missing frames not yet passed over.
    pending_gap: u64,
    grid: TimeGrid,
    absence: Absence,
    has_sounded: bool,
    resumed: Sender<Resumed>,
    commands: Receiver<Command>,
}

impl Worker {
    fn run(mut self) {
        loop {
            threads::may_break("analysis");
            while let Ok(command) = self.commands.try_recv() {
                match command {
                    Command::Stop => return,
                    Command::ResetMeasurement => self.analyzer.reset_measurement(),
                    Command::Connect(reader) => self.connect(*reader),
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
        if self.reader.waiting_frames() > 0 {
            match self.absence.judge(&self.reader) {
                Arrival::InTime => {}
                Arrival::Burst => return (true, false),
                Arrival::After(missing_secs) => self.resume(missing_secs),
            }
        }
        self.interleaved.clear();
        match self.reader.read(&mut self.interleaved) {
            ReadEvent::Frames(_) => {
                self.hear();
                (false, false)
            }
            ReadEvent::Gap { frames } => {
                self.pending_gap = frames;
                self.analyzer.count_gap();
                (false, false)
            }
            ReadEvent::Idle | ReadEvent::Closed if self.next.is_some() => {
                self.go_over();
                (false, false)
            }
            ReadEvent::Idle => (true, false),
            ReadEvent::Closed => (true, true),
        }
    }

    /// Analyses what was read.
    fn hear(&mut self) {
        self.analyzer
            .process(&self.interleaved, &mut self.completed);
        self.stereo.clear();
        append_stereo(self.analyzer.format(), &self.interleaved, &mut self.stereo);
        self.tap.push(&self.stereo);
        if !self.has_sounded {
            let sounds = |sample: &f32| sample.abs() > SILENCE_AMPLITUDE;
            self.has_sounded = self.interleaved.iter().any(sounds);
        }
        let format = self.analyzer.format();
        let frames = self.interleaved.len() / format.layout.count().max(1);
        let rate = f64::from(format.sample_rate_hz.max(1));
        let behind = self.reader.unmet_lost_frames();
        self.absence
            .note_heard(frames as f64 / rate, behind as f64 / rate);
        self.taken_at = Instant::now();
        self.has_news = true;
    }

    /// Goes on with another reader, behind what is left in the present one: frames and gaps in their order.
    fn connect(&mut self, reader: FrameReader) {
        self.next = Some(reader);
        // Without the absence before them, frames of an input that never began would stand at a wrong place.
        if self.absence.is_new_input && self.absence.has_begun {
            self.go_over();
        }
    }

    /// Goes over to the next reader. The absence before its first frame begins with what was heard last.
    fn go_over(&mut self) {
        let Some(reader) = self.next.take() else {
            return;
        };
        self.reader = reader;
        self.absence.expect_new_input();
        self.has_sounded = false;
        if !self.absence.has_begun {
            let format = self.reader.format();
            self.analyzer = Analyzer::with_purpose(format, Purpose::Live);
            self.analyzer.begin_midway();
            self.tap.resume(format.sample_rate_hz, 0);
            self.grid.change_hop(self.hop_secs());
            self.has_news = true;
        }
    }

    /// Goes on in the reader's format after an absence.
    fn resume(&mut self, missing_secs: f64) {
        let format = self.reader.format();
        let first_new = self
            .analyzer
            .resume(format, missing_secs, &mut self.completed);
        self.place(first_new);
        self.grid.change_hop(self.hop_secs());
        self.tap
            .resume(format.sample_rate_hz, self.analyzer.end_frame());
        let is_new_input = self.absence.is_new_input;
        let rate = f64::from(format.sample_rate_hz.max(1));
        let waiting = self.reader.waiting_frames() as u64 + self.reader.unmet_lost_frames();
        self.absence.note_resumed(waiting as f64 / rate);
        // Nobody listens any more when the picture is gone.
        let _ = self.resumed.send(Resumed {
            missing_secs,
            at_secs: self.analyzer.end_frame() as f64 / rate,
            format,
            is_new_input,
        });
        self.has_news = true;
    }

    fn hop_secs(&self) -> f64 {
        let rate = self.analyzer.format().sample_rate_hz.max(1);
        self.analyzer.hop_frames() as f64 / f64::from(rate)
    }

    /// Moves the first of the completed columns to their places on the grid and into the backlog.
    fn place(&mut self, count: usize) {
        for column in self.completed.drain(..count) {
            self.grid
                .place(&column, |column| self.backlog.push_back(column));
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
        let rate = f64::from(format.sample_rate_hz.max(1));
        self.absence.note_missing(piece as f64 / rate);
        self.has_news = true;
        true
    }

    /// Moves finished columns and points into their rings, as far as there is room.
    fn hand_on(&mut self) {
        self.place(self.completed.len());
        thin_out(&mut self.backlog, MOST_BACKLOG);
        while let Some(column) = self.backlog.pop_front() {
            if let Err(rtrb::PushError::Full(column)) = self.columns.push(column) {
                self.backlog.push_front(column);
                break;
            }
        }
        while let Some(&[point, ..]) = self.analyzer.loudness_points().get(self.num_points..) {
            let left = &self.analyzer.loudness_points()[self.num_points..];
            let times = left.iter().take_while(|other| **other == point).count();
            if self.points.push(PointRun { point, times }).is_err() {
                break;
            }
            self.num_points += times;
        }
    }

    fn publish(&mut self, has_ended: bool) {
        let now = Instant::now();
        if self.frames.consumed() {
            self.seen_at = now;
        }
        let period = if now - self.seen_at < UNSEEN {
            PUBLISH_EVERY
        } else {
            PUBLISH_UNSEEN_EVERY
        };
        let is_due = self.last_published.is_none_or(|last| now - last >= period);
        let frame = self.frames.input_buffer_mut();
        if !(has_ended && !frame.has_ended || self.has_news && is_due) {
            return;
        }
        frame.published_at = self.taken_at;
        frame.has_ended = has_ended;
        frame.has_sounded = self.has_sounded;
        self.analyzer.write_meters(&mut frame.meters);
        frame.provisional.clear();
        self.analyzer.provisional(&mut frame.provisional);
        self.grid.place_provisional(&mut frame.provisional);
        self.frames.publish();
        self.last_published = Some(now);
        self.has_news = false;
    }
}

/// Keeps a backlog within bounds while nobody reads: of the tier that has most columns the older half goes, for which
/// those of coarser tiers stand.
fn thin_out(backlog: &mut VecDeque<TierColumn>, most: usize) {
    while backlog.len() >= most.max(1) {
        let mut counts = [0usize; NUM_TIERS];
        for column in &*backlog {
            counts[usize::from(column.tier)] += 1;
        }
        // The finest of those that have as many.
        let fullest = (0..NUM_TIERS)
            .rev()
            .max_by_key(|tier| counts[*tier])
            .unwrap_or_default();
        let mut too_many = counts[fullest].div_ceil(2);
        backlog.retain(|column| {
            let goes = too_many > 0 && usize::from(column.tier) == fullest;
            too_many -= usize::from(goes);
            !goes
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::frames::ChannelLayout;
    use crate::audio::ring::{FrameWriter, frame_ring};
    use std::sync::atomic::{AtomicU64, Ordering};

    fn stereo(sample_rate_hz: u32) -> StreamFormat {
        StreamFormat {
            sample_rate_hz,
            layout: ChannelLayout::Stereo,
        }
    }

    /// A live analysis whose clock is set by hand.
    struct Bench {
        live: LiveAnalysis,
        writer: FrameWriter,
        rate: u32,
        millis: Arc<AtomicU64>,
        columns: Vec<TierColumn>,
        num_points: usize,
    }

    impl Bench {
        fn new(rate: u32) -> Self {
            let (writer, reader) = frame_ring(stereo(rate), 4.0);
            let millis = Arc::new(AtomicU64::new(1_000));
            let time = Arc::clone(&millis);
            let clock = Box::new(move || {
                let millis = time.load(Ordering::SeqCst);
                assert_ne!(millis, u64::MAX, "a planted fault");
                Duration::from_millis(millis)
            });
            let tap = Arc::new(Tap::new(rate, 1.0));
            let live = LiveAnalysis::spawn_in_real_time(reader, tap, clock);
            Self {
                live: live.expect("a thread can be made"),
                writer,
                rate,
                millis,
                columns: vec![],
                num_points: 0,
            }
        }

        /// Hands over a tone of so many seconds.
        fn play(&mut self, secs: f64) {
            let frames = (secs * f64::from(self.rate)) as usize;
            let tone: Vec<f32> = (0..frames * 2)
                .map(|n| 0.1 * (n as f32 / 2.0 * 0.13).sin())
                .collect();
            self.writer.push(&tone);
        }

        fn meters(&mut self) -> Meters {
            self.columns.extend(self.live.columns());
            self.num_points += self.live.loudness_points().count();
            self.live.latest().meters.clone()
        }

        fn wait(&mut self, mut holds: impl FnMut(&Meters) -> bool) -> Meters {
            let begin = Instant::now();
            loop {
                let meters = self.meters();
                if holds(&meters) {
                    return meters;
                }
                assert!(begin.elapsed() < Duration::from_secs(20), "{meters:?}");
                std::thread::yield_now();
            }
        }

        fn pass(&self, secs: f64) {
            let millis = (secs * 1000.0) as u64;
            self.millis.fetch_add(millis, Ordering::SeqCst);
        }

        fn newest_column(&self) -> u64 {
            let mut finest = self.columns.iter().filter(|column| column.tier == 0);
            finest.next_back().expect("there are columns").column.index
        }
    }

    #[test]
    fn a_night_of_sleep_is_a_gap_of_its_length_and_costs_nothing() {
        let mut bench = Bench::new(48_000);
        bench.play(1.0);
        bench.wait(|meters| meters.end_frame == 48_000);
        let night_secs = 8.0 * 3600.0;
        bench.play(0.5);
        bench.wait(|meters| meters.end_frame == 72_000);
        bench.pass(night_secs + 0.5);
        bench.play(0.5);
        let end = ((2.0 + night_secs) * 48_000.0) as u64;
        let meters = bench.wait(|meters| meters.end_frame >= end);
        assert_eq!(meters.end_frame, end);
        assert_eq!(meters.lost_frames, (night_secs * 48_000.0) as u64);
        assert_eq!(meters.gaps, 1);
        let points = ((night_secs + 2.0) * 10.0) as usize;
        assert_eq!(meters.num_loudness_points, points);
        let begin = Instant::now();
        while bench.num_points < points {
            bench.meters();
            assert!(
                begin.elapsed() < Duration::from_secs(20),
                "points are missing"
            );
        }
        assert!(bench.columns.len() < 1000, "{}", bench.columns.len());
        assert!(end / 512 - bench.newest_column() < 50);
        let told = bench.live.resumed().next().expect("it was told");
        assert!((told.missing_secs - night_secs).abs() < 0.01 && !told.is_new_input);
    }

    #[test]
    fn a_night_that_nobody_reads_stays_within_bounds_and_its_newest_and_coarsest_columns_stay() {
        const MOST: usize = 256;
        let mut backlog = VecDeque::new();
        for index in 0..40_000u64 {
            for tier in 0..6u8 {
                let step = 4u64.pow(u32::from(tier));
                if index % step == 0 {
                    let bins = [0; crate::dsp::grid::NUM_BINS];
                    let column = Column {
                        index: index / step,
                        bins,
                    };
                    backlog.push_back(TierColumn { tier, column });
                }
            }
            thin_out(&mut backlog, MOST);
            assert!(backlog.len() < MOST);
        }
        let of = |tier: u8| backlog.iter().filter(move |column| column.tier == tier);
        assert_eq!(
            of(5).count(),
            40_000usize.div_ceil(1024),
            "all of the coarsest"
        );
        let newest = of(0).next_back().map(|column| column.column.index);
        assert_eq!(newest, Some(39_999));
        let indices: Vec<u64> = of(3).map(|column| column.column.index).collect();
        assert!(indices.is_sorted());
    }

    #[test]
    fn an_analysis_that_breaks_is_known_to_have_stopped() {
        let mut bench = Bench::new(48_000);
        bench.play(0.5);
        bench.wait(|meters| meters.end_frame == 24_000);
        assert!(!bench.live.has_stopped());
        // Half a millennium later the clock itself breaks.
        bench.millis.store(u64::MAX, Ordering::SeqCst);
        bench.play(0.5);
        let begin = Instant::now();
        while !bench.live.has_stopped() {
            assert!(begin.elapsed() < Duration::from_secs(20));
            std::thread::yield_now();
        }
        assert!(threads::broken().iter().any(|one| one.name == "analysis"));
    }

    #[test]
    fn frames_that_only_came_late_are_not_missing() {
        let mut bench = Bench::new(48_000);
        bench.play(0.5);
        bench.wait(|meters| meters.end_frame == 24_000);
        bench.pass(3.1);
        bench.play(3.0);
        let meters = bench.wait(|meters| meters.end_frame >= 168_000);
        let found = (meters.end_frame, meters.lost_frames, meters.gaps);
        assert_eq!(found, (168_000, 0, 0));
    }

    #[test]
    fn a_stall_of_half_a_second_is_a_gap_and_one_that_is_made_up_for_is_none() {
        let mut bench = Bench::new(48_000);
        bench.play(0.5);
        bench.wait(|meters| meters.end_frame == 24_000);
        for end in [52_800, 81_600] {
            bench.pass(0.6);
            bench.play(0.6);
            bench.wait(|meters| meters.end_frame == end);
        }
        bench.pass(0.6);
        bench.play(0.1);
        let meters = bench.wait(|meters| meters.end_frame >= 110_400);
        let found = (meters.end_frame, meters.lost_frames, meters.gaps);
        assert_eq!(found, (110_400, 24_000, 1));
        // Frames that came ahead of their time are not missing later.
        bench.play(0.5);
        bench.wait(|meters| meters.end_frame == 134_400);
        bench.pass(0.6);
        bench.play(0.1);
        let meters = bench.wait(|meters| meters.end_frame >= 139_200);
        assert_eq!((meters.end_frame, meters.gaps), (139_200, 1));
    }

    #[test]
    fn gaps_that_wait_when_another_input_takes_over_stand_at_their_place_and_are_counted() {
        let mut bench = Bench::new(48_000);
        bench.play(1.0);
        bench.wait(|meters| meters.end_frame == 48_000);
        let (writer, reader) = frame_ring(stereo(48_000), 4.0);
        bench.pass(1.5);
        bench.writer.skip(24_000);
        bench.play(1.0);
        bench.writer.skip(24_000);
        bench.pass(0.5);
        bench.live.connector().connect(reader);
        bench.writer = writer;
        bench.wait(|meters| meters.end_frame >= 120_000);
        bench.pass(1.0);
        bench.play(0.5);
        let end = (4.0 * 48_000.0) as u64;
        let meters = bench.wait(|meters| meters.end_frame >= end);
        let found = (meters.end_frame, meters.lost_frames);
        assert_eq!(found, (end, end - 120_000));
        assert!(meters.loudness.measured_secs > 2.4);
    }

    #[test]
    fn another_input_at_another_rate_goes_on_in_seconds() {
        let mut bench = Bench::new(48_000);
        bench.play(3.5);
        let before = bench.wait(|meters| meters.num_loudness_points == 35);
        let (writer, reader) = frame_ring(stereo(44_100), 4.0);
        bench.live.connector().connect(reader);
        bench.writer = writer;
        bench.rate = 44_100;
        bench.pass(6.0);
        bench.play(1.0);
        let end = (9.5 * 44_100.0) as u64;
        let is_at_end =
            |meters: &Meters| meters.format == stereo(44_100) && meters.end_frame >= end;
        let meters = bench.wait(is_at_end);
        assert_eq!((meters.end_frame, meters.gaps), (end, 1));
        assert_eq!(meters.lost_frames, 5 * 44_100);
        assert_eq!(meters.num_loudness_points, 95);
        let (was, is) = (before.loudness, meters.loudness);
        assert!(is.measured_secs > 4.49 && is.measured_secs < 4.51);
        assert_eq!(is.max_short_term_lufs, was.max_short_term_lufs);
        let change = is.integrated_lufs.zip(was.integrated_lufs);
        let change = change.map(|(is, was)| (is - was).abs());
        assert!(change.is_some_and(|lu| lu < 0.5), "{change:?}");
        assert!(meters.true_peak_dbtp >= before.true_peak_dbtp);
        // Column `i` still stands at `i` hops of the first rate.
        assert!((9.5 * 48_000.0 / 512.0) as u64 - bench.newest_column() < 50);
        let mut next = 0;
        for column in bench.columns.iter().filter(|column| column.tier == 0) {
            assert!(column.column.index >= next, "{} twice", column.column.index);
            next = column.column.index + 1;
        }
    }
}
