//! Where a DAW was in its song, as a snapshot keeps it: the places in the picture, and its bars in two numbers.

use abscope_link::{Bar, Meter, Transport};
use serde::{Deserialize, Serialize};

use crate::analysis::song_clock::{SongPlace, SongTimeline, bars_of};

/// More jumps than this in one picture are not kept.
const MOST_PLACES: usize = 512;
/// Numbers beyond these are no places, beats or tempi.
const LAST_SECS: f64 = 1e7;
const MOST_BPM: f64 = 10_000.0;
const MOST_BEATS: u16 = 256;

/// The song's clock in a picture: the object `song` of the figures.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeptSong {
    /// First and last bar in the picture, as people count; absent where no bar was known.
    pub bars: Option<[i64; 2]>,
    /// Where the song was, the oldest first.
    pub places: Vec<KeptPlace>,
}

/// Where the song was from a mix time on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeptPlace {
    /// Mix time.
    pub at_secs: f64,
    /// Whether the song ran.
    pub is_playing: bool,
    /// Place in the song.
    pub song_secs: Option<f64>,
    /// The same in quarter notes.
    pub song_beats: Option<f64>,
    /// Quarter notes a minute.
    pub tempo_bpm: Option<f64>,
    /// Beats in a bar, and what a beat is: 4 for quarter notes.
    pub meter: Option<[u16; 2]>,
    /// Where the bar begins that sounded, in quarter notes.
    pub bar_start_beats: Option<f64>,
    /// Its number, from 0, where the DAW told it.
    pub bar_number: Option<i32>,
}

impl KeptSong {
    /// What is in a picture between two mix times; `None` where nothing was told.
    pub fn of(song: &SongTimeline, secs: [f64; 2]) -> Option<Self> {
        let mut runs: Vec<_> = song.between(secs).collect();
        runs.drain(..runs.len().saturating_sub(MOST_PLACES));
        let kept = Self {
            bars: bars_of(runs.iter().copied()),
            places: runs.iter().map(|(place, _)| KeptPlace::of(place)).collect(),
        };
        (!kept.places.is_empty()).then_some(kept)
    }

    /// The places again. What is impossible is left out: whoever wrote the file is not known.
    pub fn timeline(&self) -> SongTimeline {
        let places = self.places.iter().take(MOST_PLACES);
        let mut timeline = SongTimeline::default();
        places
            .filter_map(KeptPlace::place)
            .for_each(|place| timeline.note(place));
        timeline
    }
}

impl KeptPlace {
    fn of(place: &SongPlace) -> Self {
        let transport = &place.transport;
        Self {
            at_secs: place.at_secs,
            is_playing: transport.is_playing,
            song_secs: place.song_secs,
            song_beats: transport.song_beats,
            tempo_bpm: transport.tempo_bpm,
            meter: transport.meter.map(|meter| [meter.beats, meter.unit]),
            bar_start_beats: transport.bar.map(|bar| bar.start_beats),
            bar_number: transport.bar.and_then(|bar| bar.number),
        }
    }

    fn place(&self) -> Option<SongPlace> {
        let within = |value: Option<f64>, most: f64| value.filter(|value| value.abs() <= most);
        let at_secs = within(Some(self.at_secs), LAST_SECS)?;
        let meter = self.meter.filter(|meter| {
            let is_possible = |part: &u16| (1..=MOST_BEATS).contains(part);
            meter.iter().all(is_possible)
        });
        let bar_start_beats = within(self.bar_start_beats, LAST_SECS);
        Some(SongPlace {
            at_secs,
            song_secs: within(self.song_secs, LAST_SECS),
            transport: Transport {
                is_playing: self.is_playing,
                song_beats: within(self.song_beats, LAST_SECS),
                tempo_bpm: within(self.tempo_bpm, MOST_BPM).filter(|tempo| *tempo > 0.0),
                meter: meter.map(|[beats, unit]| Meter { beats, unit }),
                bar: bar_start_beats.map(|start_beats| Bar {
                    start_beats,
                    number: self.bar_number,
                }),
                ..Transport::default()
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept() -> KeptSong {
        KeptSong {
            bars: Some([33, 37]),
            places: vec![KeptPlace {
                at_secs: 10.0,
                is_playing: true,
                song_secs: Some(64.0),
                song_beats: Some(128.0),
                tempo_bpm: Some(120.0),
                meter: Some([4, 4]),
                bar_start_beats: Some(128.0),
                bar_number: Some(32),
            }],
        }
    }

    #[test]
    fn what_is_kept_of_a_song_is_what_it_was() {
        let again = KeptSong::of(&kept().timeline(), [10.0, 19.0]);
        assert_eq!(again, Some(kept()));
        assert_eq!(KeptSong::of(&SongTimeline::default(), [0.0, 9.0]), None);
    }

    #[test]
    fn what_is_impossible_in_a_strangers_file_is_left_out() {
        let mut strange = kept();
        strange.places[0].meter = Some([0, 0]);
        strange.places[0].tempo_bpm = Some(-3.0);
        strange.places[0].song_beats = Some(f64::NAN);
        let timeline = strange.timeline();
        let place = timeline.at(11.0).expect("it is a place");
        assert_eq!((place.bars_at(11.0), place.beats_at(11.0)), (None, None));
        strange.places[0].at_secs = f64::INFINITY;
        assert!(strange.timeline().is_empty());
    }
}
