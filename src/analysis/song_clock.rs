//! The song's own clock: where a DAW is in its song at a time of the mix.
//!
//! A DAW that goes on as it does needs one place for hours; a jump, a loop's end, a stop or another tempo is another.

use abscope_link::Transport;

/// So many places are kept: an evening of a one-bar loop; the oldest leave.
pub const MOST_PLACES: usize = 16_384;
/// Hosts tell their place rounded to a frame or two: what differs by more is a jump.
const JUMP_SECS: f64 = 0.002;

/// Where the song is from a time of the mix on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SongPlace {
    /// Mix time from which this holds.
    pub at_secs: f64,
    /// Place in the song there, in seconds; `None` where the DAW does not tell.
    pub song_secs: Option<f64>,
    /// The DAW's transport there.
    pub transport: Transport,
}

impl SongPlace {
    /// From a mix time on nobody tells where the song is.
    pub fn unknown(at_secs: f64) -> Self {
        Self {
            at_secs,
            song_secs: None,
            transport: Transport::default(),
        }
    }

    /// Place in the song at a mix time, in seconds.
    pub fn song_secs_at(&self, mix_secs: f64) -> Option<f64> {
        let passed_secs = match self.transport.is_playing {
            true => mix_secs - self.at_secs,
            false => 0.0,
        };
        Some(self.song_secs? + passed_secs)
    }

    /// Song time less mix time, in seconds, while the song runs.
    pub fn offset_secs(&self) -> Option<f64> {
        let song_secs = self.song_secs.filter(|_| self.transport.is_playing);
        Some(song_secs? - self.at_secs)
    }

    /// Whether `next` tells nothing that does not follow from this.
    pub fn goes_on_in(&self, next: &Self) -> bool {
        let strays_secs = match [self.song_secs_at(next.at_secs), next.song_secs] {
            [Some(expected), Some(at)] => (at - expected).abs(),
            [None, None] => 0.0,
            _ => f64::INFINITY,
        };
        // The bar that sounds moves on by itself, and its numbers follow from beats.
        let steady = |transport: &Transport| Transport {
            song_frames: None,
            song_beats: None,
            bar: None,
            ..*transport
        };
        let counts_alike = self.beats_at_line(next) && self.bars_begin_alike(next);
        strays_secs <= JUMP_SECS
            && steady(&self.transport) == steady(&next.transport)
            && counts_alike
    }

    /// Beats at a mix time, while the tempo is this one.
    pub fn beats_at(&self, mix_secs: f64) -> Option<f64> {
        let passed_secs = match self.transport.is_playing {
            true => mix_secs - self.at_secs,
            false => 0.0,
        };
        let tempo_bpm = self.transport.tempo_bpm.filter(|tempo| *tempo > 0.0);
        Some(self.transport.song_beats? + passed_secs * tempo_bpm? / 60.0)
    }

    /// Quarter notes in a bar.
    pub fn bar_beats(&self) -> Option<f64> {
        let meter = self.transport.meter?;
        let beats = 4.0 * f64::from(meter.beats) / f64::from(meter.unit);
        Some(beats).filter(|beats| beats.is_finite() && *beats > 0.0)
    }

    /// Bars since the beginning of the song at a mix time, from 0, with the part of the bar that has passed: 32.5 is
    /// half-way through bar 33, as people count.
    pub fn bars_at(&self, mix_secs: f64) -> Option<f64> {
        let (bar_beats, beats) = (self.bar_beats()?, self.beats_at(mix_secs)?);
        let start_beats = match self.transport.bar {
            Some(bar) => bar.start_beats,
            // As long as the meter has not changed since the beginning of the song.
            None => (self.transport.song_beats? / bar_beats).floor() * bar_beats,
        };
        let number = match self.transport.bar.and_then(|bar| bar.number) {
            Some(number) => f64::from(number),
            None => (start_beats / bar_beats).round(),
        };
        Some(number + (beats - start_beats) / bar_beats)
    }

    /// Mix time at which so many bars have passed since the beginning of the song, as [`bars_at`](Self::bars_at)
    /// counts them, while the song runs.
    pub fn secs_at_bars(&self, bars: f64) -> Option<f64> {
        let tempo_bpm = self.transport.tempo_bpm.filter(|tempo| *tempo > 0.0)?;
        if !self.transport.is_playing {
            return None;
        }
        let passed_beats = (bars - self.bars_at(self.at_secs)?) * self.bar_beats()?;
        Some(self.at_secs + passed_beats * 60.0 / tempo_bpm)
    }

    fn beats_at_line(&self, next: &Self) -> bool {
        match [self.beats_at(next.at_secs), next.transport.song_beats] {
            // A hundredth of a beat is 5 ms at 120 a minute.
            [Some(expected), Some(at)] => (at - expected).abs() < 0.01,
            _ => self.transport.song_beats.is_some() == next.transport.song_beats.is_some(),
        }
    }

    fn bars_begin_alike(&self, next: &Self) -> bool {
        match [self.bars_at(next.at_secs), next.bars_at(next.at_secs)] {
            [Some(expected), Some(at)] => (at - expected).abs() < 0.01,
            bars => bars[0].is_some() == bars[1].is_some(),
        }
    }
}

/// Where the song was at all times of a mix that are remembered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SongTimeline {
    places: Vec<SongPlace>,
}

impl SongTimeline {
    /// Known places, in order of time.
    pub fn of(places: Vec<SongPlace>) -> Self {
        Self { places }
    }

    /// Notes where the song is from now on.
    pub fn note(&mut self, place: SongPlace) {
        while let Some(last) = self.places.last()
            && last.at_secs >= place.at_secs
        {
            self.places.pop();
        }
        if self.places.len() == MOST_PLACES {
            self.places.drain(..MOST_PLACES / 4);
        }
        self.places.push(place);
    }

    /// Where the song was at a mix time.
    pub fn at(&self, mix_secs: f64) -> Option<&SongPlace> {
        let next = self
            .places
            .partition_point(|place| place.at_secs <= mix_secs);
        self.places.get(next.checked_sub(1)?)
    }

    /// All places that hold somewhere between two mix times, each with the mix time up to which it does.
    pub fn between(
        &self,
        [from_secs, to_secs]: [f64; 2],
    ) -> impl Iterator<Item = (&SongPlace, [f64; 2])> {
        let first = self
            .places
            .partition_point(|place| place.at_secs <= from_secs)
            .saturating_sub(1);
        let ends = self.places.iter().skip(first + 1).map(|next| next.at_secs);
        let ends = ends.chain([f64::INFINITY]);
        let places = self.places.iter().skip(first).zip(ends);
        places
            .take_while(move |(place, _)| place.at_secs < to_secs)
            .map(move |(place, end_secs)| {
                let holds = [place.at_secs.max(from_secs), end_secs.min(to_secs)];
                (place, holds)
            })
    }

    /// Whether nothing was ever told.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
}

/// The first and the last bar of some places, each with the mix time from and to which it holds, as people count;
/// `None` where no bar is known or the song stands.
pub fn bars_of<'a>(runs: impl IntoIterator<Item = (&'a SongPlace, [f64; 2])>) -> Option<[i64; 2]> {
    let of_run = |(place, secs): (&SongPlace, [f64; 2])| {
        let from = place.bars_at(secs[0])?.floor() as i64;
        // What ends with the bar line is not yet in the next bar.
        let to = (place.bars_at(secs[1])? - 1e-6).floor() as i64;
        place
            .transport
            .is_playing
            .then_some([from + 1, to.max(from) + 1])
    };
    let bars = runs.into_iter().filter_map(of_run);
    bars.reduce(|[from, to], next| [from.min(next[0]), to.max(next[1])])
}

#[cfg(test)]
impl SongPlace {
    /// In a song of 120 beats a minute in four quarters: a bar is two seconds.
    pub(crate) fn of_quarters(mix_secs: f64, song_secs: f64) -> Self {
        Self {
            at_secs: mix_secs,
            song_secs: Some(song_secs),
            transport: Transport {
                is_playing: true,
                song_beats: Some(2.0 * song_secs),
                tempo_bpm: Some(120.0),
                meter: Some(abscope_link::Meter { beats: 4, unit: 4 }),
                ..Transport::default()
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use abscope_link::{Bar, Meter};

    use super::*;

    fn at(mix_secs: f64, song_secs: f64) -> SongPlace {
        SongPlace::of_quarters(mix_secs, song_secs)
    }

    #[test]
    fn a_song_that_runs_needs_one_place_and_jumps_stops_and_tempi_others() {
        let place = at(10.0, 64.0);
        assert!(place.goes_on_in(&at(12.5, 66.5)));
        assert!(place.goes_on_in(&at(12.5, 66.5001)), "hosts round");
        assert!(!place.goes_on_in(&at(12.5, 66.6)), "it jumped");
        let mut other = at(12.5, 66.5);
        other.transport.tempo_bpm = Some(121.0);
        assert!(!place.goes_on_in(&other));
        other = at(12.5, 66.5);
        other.transport.is_playing = false;
        assert!(!place.goes_on_in(&other));
        assert!(!place.goes_on_in(&SongPlace::unknown(12.5)));
        // The bar that sounds is another; that follows, but not another number of the same bar.
        let with_bar = |place: SongPlace, start_beats: f64, number| SongPlace {
            transport: Transport {
                bar: Some(Bar {
                    start_beats,
                    number: Some(number),
                }),
                ..place.transport
            },
            ..place
        };
        let told = with_bar(place, 128.0, 32);
        assert!(told.goes_on_in(&with_bar(at(12.5, 66.5), 132.0, 33)));
        assert!(!told.goes_on_in(&with_bar(at(12.5, 66.5), 132.0, 34)));
    }

    #[test]
    fn bars_are_counted_from_the_hosts_number_or_from_its_beats_and_lie_where_they_begin() {
        let place = at(10.0, 65.0);
        assert_eq!(place.bars_at(10.0), Some(32.5));
        assert_eq!(place.bars_at(11.0), Some(33.0));
        assert_eq!(place.secs_at_bars(33.0), Some(11.0));
        let mut told = place;
        // In three quarters since bar 40, as the host counts.
        told.transport.meter = Some(Meter { beats: 3, unit: 4 });
        told.transport.bar = Some(Bar {
            start_beats: 129.0,
            number: Some(40),
        });
        let bars = told.bars_at(11.0).expect("it tells");
        assert!((bars - 41.0).abs() < 1e-12, "{bars}");
        let mut stopped = place;
        stopped.transport.is_playing = false;
        assert_eq!(stopped.bars_at(99.0), Some(32.5));
        assert_eq!(stopped.secs_at_bars(33.0), None);
        assert_eq!(SongPlace::unknown(3.0).bars_at(4.0), None);
    }

    #[test]
    fn the_timeline_knows_what_held_when() {
        let mut timeline = SongTimeline::default();
        for place in [at(5.0, 0.0), at(9.0, 2.0), at(12.0, 40.0)] {
            timeline.note(place);
        }
        assert_eq!(timeline.at(4.0), None);
        assert_eq!(timeline.at(9.0), Some(&at(9.0, 2.0)));
        let held: Vec<[f64; 2]> = timeline
            .between([8.0, 13.0])
            .map(|(_, secs)| secs)
            .collect();
        assert_eq!(held, [[8.0, 9.0], [9.0, 12.0], [12.0, 13.0]]);
        let held: Vec<[f64; 2]> = timeline.between([0.0, 5.5]).map(|(_, secs)| secs).collect();
        assert_eq!(held, [[5.0, 5.5]]);
        // What is told again later counts.
        timeline.note(at(9.0, 3.0));
        assert_eq!(timeline.at(20.0), Some(&at(9.0, 3.0)));
    }
}
