//! The built-in demo: a song of the project's own, synthesised while it plays, as a finished record and as a mix
//! with known faults.
//!
//! It is what a new user sees first, and what tests know the truth about. Both versions come from one performance:
//! the band's sum becomes the reference in `master`, and the reference becomes the mix in `faults`, so the
//! difference between them is exactly what the `FAULT_…` constants say.

mod band;
mod bass;
mod drums;
mod faults;
mod filter;
mod lead;
mod master;
mod pad;
mod pluck;
mod score;
mod space;
mod wave;

use std::sync::Arc;

use band::{Band, Instruments};
use faults::Faults;
use master::Master;
use score::{BARS, STEP_BLOCKS, STEP_FRAMES, STEPS_PER_BAR};
use wave::{BLOCK, Stereo};

/// Frames per second of the song.
pub const SAMPLE_RATE_HZ: u32 = 48_000;

/// Frames in the song.
pub const NUM_FRAMES: u64 = (BARS * STEPS_PER_BAR * STEP_FRAMES) as u64;

/// Length of the song.
pub const DURATION_SECS: f64 = NUM_FRAMES as f64 / SAMPLE_RATE_HZ as f64;

/// Title of the song.
pub const TITLE: &str = "Second Monitor";

/// The mix is too dull: level of its top octave (above 9 kHz) beside its middle, against the reference's, in dB.
pub const FAULT_SHELF_DB: f64 = -2.0;

/// Frequency in Hz at which the dullness has reached half its decibels.
pub const FAULT_SHELF_HZ: f64 = 5_500.0;

/// The mix is boomy: its level at the middle of the boom beside its middle frequencies, against the reference's, in dB.
pub const FAULT_BELL_DB: f64 = 3.0;

/// Middle of the boom in Hz; it is about an octave and a half wide.
pub const FAULT_BELL_HZ: f64 = 120.0;

/// The mix is too narrow: its side-to-mid ratio against the reference's, in dB, at every frequency.
pub const FAULT_SIDE_DB: f64 = -6.0;

/// The mix is too quiet: its integrated loudness against the reference's, in LU.
pub const FAULT_LOUDNESS_LU: f64 = -4.0;

/// Places of the mix where drum strokes pass 0 dBFS for less than 4 ms; the reference stays below −1 dBTP.
pub const NUM_FAULT_OVERS: usize = 5;

/// Which of the two renderings of the song.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemoVersion {
    /// With the faults.
    Mix,
    /// The finished master without them.
    Reference,
}

/// Where each section of the song starts, in seconds, and its name, in order.
pub fn sections() -> &'static [(f64, &'static str)] {
    &score::SECTIONS
}

/// The whole song, interleaved left and right.
pub fn render(version: DemoVersion) -> Vec<f32> {
    let mut song = vec![0.0; 2 * NUM_FRAMES as usize];
    DemoSong::new(version).read(&mut song);
    song
}

/// A player of the song: the same samples whatever the sizes of the reads.
pub struct DemoSong {
    version: DemoVersion,
    instruments: Arc<Instruments>,
    band: Band,
    master: Master,
    faults: Faults,
    blocks_played: usize,
    ready: Stereo,
    position: u64,
}

impl DemoSong {
    /// Makes the instruments and stands at the beginning. It takes some 10 ms; keep it off the audio thread.
    pub fn new(version: DemoVersion) -> Self {
        Self::with(version, Arc::new(Instruments::new()))
    }

    fn with(version: DemoVersion, instruments: Arc<Instruments>) -> Self {
        let mut song = Self {
            version,
            instruments,
            band: Band::new(),
            master: Master::new(),
            faults: Faults::new(),
            blocks_played: 0,
            ready: Stereo::SILENCE,
            position: 0,
        };
        // The limiter looks one block ahead: the first block out of it is silence before the song.
        song.next_master();
        song
    }

    /// Fills the buffer with the next frames and returns how many there were; 0 is the end. Allocates nothing.
    /// An odd last sample of the buffer is left alone.
    pub fn read(&mut self, interleaved_stereo: &mut [f32]) -> usize {
        let mut frames = 0;
        for frame in interleaved_stereo.chunks_exact_mut(2) {
            if self.position == NUM_FRAMES {
                break;
            }
            let in_block = (self.position % BLOCK as u64) as usize;
            if in_block == 0 {
                self.next_block();
            }
            frame[0] = self.ready.left[in_block];
            frame[1] = self.ready.right[in_block];
            self.position += 1;
            frames += 1;
        }
        frames
    }

    /// Back to the beginning. Allocates, since the band starts afresh.
    pub fn rewind(&mut self) {
        *self = Self::with(self.version, Arc::clone(&self.instruments));
    }

    /// The frame that the next read begins with.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Which version this plays.
    pub fn version(&self) -> DemoVersion {
        self.version
    }

    fn next_block(&mut self) {
        self.next_master();
        if self.version == DemoVersion::Mix {
            self.faults.process(&mut self.ready);
        }
    }

    fn next_master(&mut self) {
        self.band.play(&self.instruments, &mut self.ready);
        self.master
            .process(&mut self.ready, fade(self.blocks_played));
        self.blocks_played += 1;
    }
}

/// Gain of a block of the song: the last bar fades to silence.
fn fade(block: usize) -> f32 {
    const SONG_BLOCKS: usize = BARS * STEPS_PER_BAR * STEP_BLOCKS;
    const FADE_BLOCKS: usize = STEPS_PER_BAR * STEP_BLOCKS;
    let left = SONG_BLOCKS.saturating_sub(block) as f32 / FADE_BLOCKS as f32;
    left.min(1.0) * left.min(1.0)
}
