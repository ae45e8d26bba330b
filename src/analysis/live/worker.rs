//! The analysis thread itself: reads frames and gaps, analyses them, and goes over from one input to the next.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;

use triple_buffer::Output;

use super::outbox::{Inbox, Outbox};
use super::publisher::{Held, LiveFrame, Publisher, SoundTeller};
use crate::analysis::absence::{Absence, Arrival};
use crate::analysis::analyzer::Analyzer;
use crate::analysis::column::TierColumn;
use crate::analysis::downmix::append_stereo;
use crate::analysis::live::song::SongTeller;
use crate::analysis::song_clock::SongPlace;
use crate::analysis::spectral::Purpose;
use crate::analysis::tap::Tap;
use crate::audio::frames::StreamFormat;
use crate::audio::ring::{FrameReader, ReadEvent};
use crate::audio::threads;
use crate::audio::wall_clock::WallClock;
use crate::dsp::frame_history::StereoFrame;

/// A long gap is passed over in pieces of this part of a second.
const GAP_PIECES_PER_SEC: u64 = 4;

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

/// What the analysis thread can be told.
pub(super) enum Command {
    ResetMeasurement,
    UndoReset,
    Connect(Box<FrameReader>),
    TellOfSound(SoundTeller),
    Stop,
}

/// What reaches the picture from the thread, and how the thread is told something.
pub(super) struct Ends {
    pub hop_frames: usize,
    pub inbox: Inbox,
    pub frames: Output<LiveFrame>,
    pub resumed: Receiver<Resumed>,
    pub places: Receiver<SongPlace>,
    pub commands: Sender<Command>,
}

/// What the thread owns.
pub(super) struct Worker {
    reader: FrameReader,
    /// What takes over once everything in the present one is heard.
    next: Option<FrameReader>,
    analyzer: Analyzer,
    tap: Arc<Tap>,
    stereo: Vec<StereoFrame>,
    interleaved: Vec<f32>,
    completed: Vec<TierColumn>,
    outbox: Outbox,
    publisher: Publisher,
    /// Missing frames not yet passed over.
    pending_gap: u64,
    absence: Absence,
    has_sounded: bool,
    song: SongTeller,
    resumed: Sender<Resumed>,
    commands: Receiver<Command>,
}

impl Worker {
    /// What is to run on a thread, and what is left to whoever starts it.
    pub fn new(
        reader: FrameReader,
        tap: Arc<Tap>,
        clock: WallClock,
        is_real_time: bool,
    ) -> (Self, Ends) {
        let format = reader.format();
        let mut analyzer = Analyzer::with_purpose(format, Purpose::Live);
        if is_real_time {
            analyzer.begin_midway();
        }
        let (outbox, inbox) = Outbox::new(hop_secs(&analyzer));
        let (publisher, frames) = Publisher::new(format);
        let (resumed_in, resumed) = channel();
        let (song, places) = SongTeller::new();
        let (commands, commands_out) = channel();
        let ends = Ends {
            hop_frames: analyzer.hop_frames(),
            inbox,
            frames,
            resumed,
            places,
            commands,
        };
        let worker = Self {
            reader,
            next: None,
            analyzer,
            tap,
            stereo: Vec::new(),
            interleaved: Vec::new(),
            completed: Vec::new(),
            outbox,
            publisher,
            pending_gap: 0,
            absence: Absence::new(clock, is_real_time),
            has_sounded: false,
            song,
            resumed: resumed_in,
            commands: commands_out,
        };
        (worker, ends)
    }

    pub fn run(mut self) {
        loop {
            threads::may_break("analysis");
            while let Ok(command) = self.commands.try_recv() {
                match command {
                    Command::Stop => return,
                    Command::ResetMeasurement => self.analyzer.reset_measurement(),
                    Command::UndoReset => self.analyzer.undo_reset(),
                    Command::Connect(reader) => self.connect(*reader),
                    Command::TellOfSound(teller) => self.publisher.tell_of_sound(teller),
                }
            }
            let (is_idle, has_ended) = self.take_in();
            self.hand_on(has_ended);
            if is_idle {
                std::thread::park_timeout(self.publisher.idle_sleep());
            }
        }
    }

    /// Reads what has arrived; whether that was nothing, and whether the input has ended.
    fn take_in(&mut self) -> (bool, bool) {
        if self.pending_gap > 0 {
            return (!self.pass_over_gap(), false);
        }
        if self.may_wait() {
            return (true, false);
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
            ReadEvent::Frames(frames) => {
                self.song.tell(&self.reader, frames as u64, &self.tap);
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

    /// Whether what has arrived is more of a long silence, of which larger pieces cost less.
    fn may_wait(&mut self) -> bool {
        let rate = self.reader.format().sample_rate_hz;
        let most = self.publisher.frames_that_wait(rate);
        let is_awaited = self.next.is_some() || self.absence.is_new_input;
        most > 0 && !is_awaited && self.reader.waits_in_silence(most)
    }

    /// Analyses what was read.
    fn hear(&mut self) {
        self.analyzer
            .process(&self.interleaved, &mut self.completed);
        self.stereo.clear();
        append_stereo(self.analyzer.format(), &self.interleaved, &mut self.stereo);
        self.tap.push(&self.stereo);
        let held = Held::by(&self.interleaved);
        self.has_sounded |= held == Held::Sound;
        let format = self.analyzer.format();
        let frames = self.interleaved.len() / format.layout.count().max(1);
        let rate = f64::from(format.sample_rate_hz.max(1));
        let behind = self.reader.unmet_lost_frames();
        self.absence
            .note_heard(frames as f64 / rate, behind as f64 / rate);
        self.publisher
            .note_taken(Instant::now(), frames as f64 / rate, held);
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
            self.song.begin_anew(&self.tap);
            self.outbox.change_hop(hop_secs(&self.analyzer));
            self.publisher.note_news();
        }
    }

    /// Goes on in the reader's format after an absence.
    fn resume(&mut self, missing_secs: f64) {
        let format = self.reader.format();
        let first_new = self
            .analyzer
            .resume(format, missing_secs, &mut self.completed);
        self.outbox.place(self.completed.drain(..first_new));
        self.outbox.change_hop(hop_secs(&self.analyzer));
        self.tap
            .resume(format.sample_rate_hz, self.analyzer.end_frame());
        let is_new_input = self.absence.is_new_input;
        self.song.begin_anew(&self.tap);
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
        self.publisher.note_news();
    }

    /// Passes over a piece of a gap, unless the picture is too far behind.
    fn pass_over_gap(&mut self) -> bool {
        if self.outbox.is_long() {
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
        self.publisher.note_news();
        true
    }

    /// Hands on what is complete, and shows the rest where it is time to.
    fn hand_on(&mut self, has_ended: bool) {
        self.outbox.place(self.completed.drain(..));
        let points = self.analyzer.loudness_points();
        self.outbox.hand_on(points, self.analyzer.tenths());
        let Some(frame) = self.publisher.due(has_ended) else {
            return;
        };
        frame.has_sounded = self.has_sounded;
        self.analyzer.write_meters(&mut frame.meters);
        frame.provisional.clear();
        self.analyzer.provisional(&mut frame.provisional);
        self.outbox.place_provisional(&mut frame.provisional);
        self.publisher.publish();
    }
}

/// Seconds between columns of tier 0.
fn hop_secs(analyzer: &Analyzer) -> f64 {
    let rate = analyzer.format().sample_rate_hz.max(1);
    analyzer.hop_frames() as f64 / f64::from(rate)
}
