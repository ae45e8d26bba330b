//! Tells where the song of a DAW is, to the tap beside the sound and to the picture wherever it does not follow.

use std::sync::mpsc::{Receiver, Sender, channel};

use crate::analysis::song_clock::SongPlace;
use crate::analysis::tap::Tap;
use crate::audio::ring::FrameReader;

/// What was told last.
pub(super) struct SongTeller {
    /// The reader's mark that was looked at last, by its position.
    marked: Option<u64>,
    told: Option<SongPlace>,
    places: Sender<SongPlace>,
}

impl SongTeller {
    /// And where the picture takes what is told.
    pub fn new() -> (Self, Receiver<SongPlace>) {
        let (places_in, places) = channel();
        let teller = Self {
            marked: None,
            told: None,
            places: places_in,
        };
        (teller, places)
    }

    /// Tells where the song is at the frames that were read last, before they are put into the tap.
    pub fn tell(&mut self, reader: &FrameReader, frames: u64, tap: &Tap) {
        let Some(mark) = reader
            .song()
            .filter(|mark| Some(mark.position) != self.marked)
        else {
            return;
        };
        self.marked = Some(mark.position);
        let rate = f64::from(reader.format().sample_rate_hz.max(1));
        let first = reader.position() - frames;
        let since_secs = first.saturating_sub(mark.position) as f64 / rate;
        let marked = SongPlace {
            at_secs: tap.end_secs() - since_secs,
            song_secs: mark.transport.song_frames.map(|at| at as f64 / rate),
            transport: mark.transport,
        };
        if !self.told.is_some_and(|told| told.goes_on_in(&marked)) {
            self.say(marked, tap);
        }
    }

    /// Another input, or an absence: what was known holds no longer.
    pub fn begin_anew(&mut self, tap: &Tap) {
        self.marked = None;
        if self.told.is_some() {
            self.say(SongPlace::unknown(tap.end_secs()), tap);
            self.told = None;
        }
    }

    fn say(&mut self, place: SongPlace, tap: &Tap) {
        self.told = Some(place);
        tap.note_song(place);
        // Nobody listens any more when the picture is gone.
        let _ = self.places.send(place);
    }
}
