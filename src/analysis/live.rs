//! The analysis thread: reads the capture ring, runs the Analyzer, hands columns and meters to the picture.
//!
//! Columns and loudness points must not be lost, so they go through rings, and wait in a backlog while those are
//! full. Meters are only good while new, so they go through a triple buffer.
//!
//! The stream outlives its input: another reader can be connected, in another format, and the time until its first
//! frame becomes a gap of that length. So does a pause of the same input, as when the computer slept.

mod outbox;
mod publisher;
mod song;
mod worker;

use std::io;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;

use crate::analysis::column::TierColumn;
use crate::analysis::song_clock::SongPlace;
use crate::analysis::tap::Tap;
use crate::audio::frames::StreamFormat;
use crate::audio::ring::FrameReader;
use crate::audio::threads;
use crate::audio::wall_clock::{WallClock, wall_clock};
use crate::dsp::loudness::{LoudnessPoint, Tenth};

pub use publisher::LiveFrame;
pub use worker::Resumed;
use worker::{Command, Ends, Worker};

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
    ends: Ends,
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
        let (worker, ends) = Worker::new(reader, tap, clock, is_real_time);
        let thread = threads::spawn("analysis", move || worker.run())?;
        Ok(Self {
            format,
            ends,
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
        self.ends.hop_frames
    }

    /// The newest meters and provisional columns; the same as before if nothing is new. What is large may be exchanged for
    /// older storage, which is written over.
    pub fn latest(&mut self) -> &mut LiveFrame {
        self.ends.frames.update();
        self.ends.frames.output_buffer_mut()
    }

    /// Takes the columns completed since the last call, each exactly once, in order within each tier.
    pub fn columns(&mut self) -> impl Iterator<Item = TierColumn> + '_ {
        std::iter::from_fn(|| self.ends.inbox.columns.pop().ok())
    }

    /// Takes the points added to the loudness history since the last call, one per 100 ms of the stream, each with what
    /// its 100 ms hold by themselves.
    pub fn loudness_points(&mut self) -> impl Iterator<Item = (LoudnessPoint, Tenth)> + '_ {
        std::iter::from_fn(|| self.ends.inbox.points.pop().ok())
            .flat_map(|run| std::iter::repeat_n((run.point, run.tenth), run.times))
    }

    /// Takes the absences since the last call that the stream went on after.
    pub fn resumed(&mut self) -> impl Iterator<Item = Resumed> + '_ {
        self.ends.resumed.try_iter()
    }

    /// Takes where the song of a DAW was found to be since the last call, wherever that did not follow.
    pub fn song_places(&mut self) -> impl Iterator<Item = SongPlace> + '_ {
        self.ends.places.try_iter()
    }

    /// Connects other inputs.
    pub fn connector(&self) -> Connector {
        Connector(self.ends.commands.clone())
    }

    /// Has somebody told, on the thread of the analysis, whenever something sounds again after a quiet: whoever shows it need
    /// not look for that meanwhile.
    pub fn tell_of_sound(&self, tell: impl Fn() + Send + 'static) {
        // An analysis that has ended hears nothing.
        let _ = self
            .ends
            .commands
            .send(Command::TellOfSound(Box::new(tell)));
    }

    /// Whether its thread has ended, which it does by itself only where it breaks.
    pub fn has_stopped(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Begins integrated loudness, range, maxima and curves anew.
    pub fn reset_measurement(&self) {
        // The thread lives as long as self; if it ever died, there is nothing left to reset.
        let _ = self.ends.commands.send(Command::ResetMeasurement);
    }

    /// Measures on as if it had not been reset the last time.
    pub fn undo_reset(&self) {
        // As above.
        let _ = self.ends.commands.send(Command::UndoReset);
    }
}

impl Drop for LiveAnalysis {
    fn drop(&mut self) {
        let _ = self.ends.commands.send(Command::Stop);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            if thread.join().is_err() {
                tracing::error!("the analysis thread ended by a panic");
            }
        }
    }
}

#[cfg(test)]
mod tests;
