//! The built-in demo: a song of the project's own, synthesised while it plays, as a finished record and as a mix
//! with known faults; and a record of another song by the same band.
//!
//! It is what a new user sees first, and what tests know the truth about. Mix and reference come from one performance:
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
use score::{Score, night_bus, second_monitor};
use wave::{BLOCK, Stereo};

pub use faults::{
    FAULT_BELL_DB, FAULT_BELL_HZ, FAULT_LOUDNESS_LU, FAULT_SHELF_DB, FAULT_SHELF_HZ, FAULT_SIDE_DB,
    NUM_FAULT_OVERS,
};

/// Frames per second of the songs.
pub const SAMPLE_RATE_HZ: u32 = 48_000;

/// Frames in the song that is mix and reference.
pub const NUM_FRAMES: u64 = second_monitor::SCORE.num_frames();

/// Its length.
pub const DURATION_SECS: f64 = NUM_FRAMES as f64 / SAMPLE_RATE_HZ as f64;

/// Its title.
pub const TITLE: &str = second_monitor::SCORE.title;

/// What the demo plays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DemoVersion {
    /// The song with the faults.
    Mix,
    /// The finished master of the same song, without them.
    #[default]
    Reference,
    /// The finished master of another song, in another key and at another tempo.
    OtherSong,
}

impl DemoVersion {
    fn score(self) -> &'static Score {
        match self {
            Self::Mix | Self::Reference => &second_monitor::SCORE,
            Self::OtherSong => &night_bus::SCORE,
        }
    }

    /// Title of the song.
    pub fn title(self) -> &'static str {
        self.score().title
    }

    /// What it is called on the screen: its title and what it is.
    pub fn name(self) -> String {
        let what = match self {
            Self::Mix => "demo mix",
            Self::Reference => "master",
            Self::OtherSong => "another song",
        };
        format!("{} ({what})", self.title())
    }

    /// Frames in the song.
    pub fn num_frames(self) -> u64 {
        self.score().num_frames()
    }

    /// Where each section of the song starts, in seconds, and its name, in order.
    pub fn sections(self) -> Vec<(f64, &'static str)> {
        self.score().sections()
    }
}

/// The whole song, interleaved left and right.
pub fn render(version: DemoVersion) -> Vec<f32> {
    let mut song = vec![0.0; 2 * version.num_frames() as usize];
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
            band: Band::new(version.score()),
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
            if self.position == self.version.num_frames() {
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
        let score = self.version.score();
        self.band.play(&self.instruments, &mut self.ready);
        let gain = score.faders.drive * score.fade(self.blocks_played);
        self.master.process(&mut self.ready, gain);
        self.blocks_played += 1;
    }
}
