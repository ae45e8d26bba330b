//! Which stretch of a song was played last in which stretch of the mix, and what the DAW told of it.

use crate::analysis::song_clock::{SongPlace, SongTimeline};

/// So many are kept; of more, the shortest is forgotten.
pub const MOST_RUNS: usize = 256;
/// What is less than this apart touches: less than a column.
const TOUCH_SECS: f64 = 0.005;
/// Who plays on without a jump stays where the song was to this: hosts round.
const SAME_GO_SECS: f64 = 0.002;
/// What is played within this time is of one tempo.
const ONE_TEMPO_SECS: f64 = 0.5;
/// Mix times that differ by less are one.
const SAME_SECS: f64 = 1e-6;

/// A stretch of a song that was played last in one go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Run {
    /// Song time from which and up to which it goes.
    pub song_secs: [f64; 2],
    /// What the DAW told when it was played, in mix time; there the song ran.
    pub place: SongPlace,
}

impl Run {
    /// Mix time less song time when it was played.
    pub fn mix_offset_secs(&self) -> f64 {
        -self.place.offset_secs().unwrap_or_default()
    }

    fn length_secs(&self) -> f64 {
        self.song_secs[1] - self.song_secs[0]
    }

    /// Whether another was played in the same go, and what was told of it holds of this. Where a tempo moves it is told anew
    /// with every block: so much at a time is of one tempo.
    fn is_of(&self, other: &Self) -> bool {
        let is_told_as_one = (self.place.at_secs - other.place.at_secs).abs() < SAME_SECS;
        let is_one_go = (self.mix_offset_secs() - other.mix_offset_secs()).abs() < SAME_GO_SECS;
        is_told_as_one || is_one_go && self.length_secs() < ONE_TEMPO_SECS
    }

    /// The place at a song time that it holds from, with song time for time.
    fn place_in_song(&self, from_secs: f64) -> SongPlace {
        let mut transport = self.place.transport;
        transport.song_beats = self.place.beats_at(from_secs + self.mix_offset_secs());
        SongPlace {
            at_secs: from_secs,
            song_secs: Some(from_secs),
            transport,
        }
    }
}

/// All of a song that was played, each stretch by its last pass; in order, none reaching into the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SongRuns {
    runs: Vec<Run>,
}

impl SongRuns {
    /// All of them.
    pub fn all(&self) -> &[Run] {
        &self.runs
    }

    /// Song time up to which anything was played.
    pub fn end_secs(&self) -> f64 {
        self.runs.last().map_or(0.0, |run| run.song_secs[1])
    }

    /// Lays a run over what was played there before.
    pub fn lay(&mut self, run: Run) {
        let [from, to] = run.song_secs;
        let mut run = run;
        let mut others = Vec::with_capacity(self.runs.len() + 2);
        for other in &self.runs {
            let [begins, ends] = other.song_secs;
            let touches = begins <= to + TOUCH_SECS && ends >= from - TOUCH_SECS;
            if touches && other.is_of(&run) {
                run.song_secs = [begins.min(run.song_secs[0]), ends.max(run.song_secs[1])];
                continue;
            }
            let before = [begins, ends.min(from)];
            let behind = [begins.max(to), ends];
            for song_secs in [before, behind] {
                let left = Run {
                    song_secs,
                    ..*other
                };
                if left.length_secs() > TOUCH_SECS && others.last() != Some(&left) {
                    others.push(left);
                }
            }
        }
        while others.len() >= MOST_RUNS {
            let lengths = others.iter().enumerate();
            let shortest =
                lengths.min_by(|(_, a), (_, b)| a.length_secs().total_cmp(&b.length_secs()));
            let at = shortest.map_or(0, |(at, _)| at);
            others.remove(at);
        }
        let at = others.partition_point(|other| other.song_secs[0] < run.song_secs[0]);
        others.insert(at, run);
        self.runs = others;
    }

    /// What the DAW told, with song time for time: bars and beats of the song as it was played last. What was never played is
    /// counted on from the run before it, the beginning back from the first, for a DAW goes on as it does.
    pub fn timeline(&self) -> SongTimeline {
        let mut places: Vec<SongPlace> = vec![];
        for run in &self.runs {
            let from_secs = match places.is_empty() {
                true => 0.0,
                false => run.song_secs[0],
            };
            let place = run.place_in_song(from_secs);
            if !places.last().is_some_and(|last| last.goes_on_in(&place)) {
                places.push(place);
            }
        }
        SongTimeline::of(places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From a song time to another, played from a mix time on.
    fn run(song_secs: [f64; 2], mix_secs: f64) -> Run {
        Run {
            song_secs,
            place: SongPlace::of_quarters(mix_secs, song_secs[0]),
        }
    }

    fn laid(runs: &[Run]) -> Vec<([f64; 2], f64)> {
        let mut all = SongRuns::default();
        runs.iter().for_each(|run| all.lay(*run));
        let told = all.all().iter();
        told.map(|run| (run.song_secs, run.mix_offset_secs()))
            .collect()
    }

    #[test]
    fn the_last_pass_lies_over_those_before_and_cuts_them() {
        let first = run([0.0, 60.0], 5.0);
        assert_eq!(laid(&[first]), [([0.0, 60.0], 5.0)]);
        let second = run([20.0, 30.0], 70.0);
        let third = run([50.0, 80.0], 90.0);
        assert_eq!(
            laid(&[first, second, third]),
            [
                ([0.0, 20.0], 5.0),
                ([20.0, 30.0], 50.0),
                ([30.0, 50.0], 5.0),
                ([50.0, 80.0], 40.0)
            ]
        );
        assert_eq!(laid(&[second, first]), [([0.0, 60.0], 5.0)]);
    }

    #[test]
    fn a_run_grows_column_by_column_and_a_loop_is_one() {
        let mut all = SongRuns::default();
        for pass in 0..100 {
            for n in 0..200 {
                let from = 8.0 + f64::from(n) * 0.01;
                let place = SongPlace::of_quarters(f64::from(pass) * 2.0, 8.0);
                all.lay(Run {
                    song_secs: [from, from + 0.01],
                    place,
                });
            }
        }
        let told = all.all();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!((told[0].song_secs[0] - 8.0).abs() < 1e-9 && (all.end_secs() - 10.0).abs() < 1e-9);
        assert!((told[0].mix_offset_secs() - 190.0).abs() < 1e-9);
    }

    #[test]
    fn no_more_are_kept_than_a_picture_shows_and_the_longest_stay() {
        let mut all = SongRuns::default();
        all.lay(run([0.0, 600.0], 0.0));
        for n in 0..1_000 {
            let from = f64::from(n * 7 % 600);
            all.lay(run([from, from + 0.5], 700.0 + f64::from(n)));
        }
        assert!(all.all().len() <= MOST_RUNS);
        let ordered = all.all().windows(2);
        assert!(
            ordered
                .into_iter()
                .all(|two| two[0].song_secs[1] <= two[1].song_secs[0] + 1e-9)
        );
    }

    #[test]
    fn bars_of_the_song_lie_where_they_are_and_are_counted_on_where_nothing_was_played() {
        let mut all = SongRuns::default();
        all.lay(run([64.0, 80.0], 100.0));
        all.lay(run([70.0, 84.0], 130.0));
        all.lay(run([100.0, 110.0], 7.0));
        let timeline = all.timeline();
        let bars = |secs: f64| timeline.at(secs).and_then(|place| place.bars_at(secs));
        assert_eq!(bars(64.0), Some(32.0));
        assert_eq!(bars(75.0), Some(37.5));
        assert_eq!(
            [10.0, 90.0, 101.0].map(bars),
            [Some(5.0), Some(45.0), Some(50.5)]
        );
        // One tempo, told in three runs, is one place.
        assert_eq!(timeline.between([0.0, 200.0]).count(), 1);
        // Another tempo holds from where it was told on.
        let mut slower = run([120.0, 130.0], 200.0);
        slower.place.transport.tempo_bpm = Some(60.0);
        all.lay(slower);
        let timeline = all.timeline();
        let bars = |secs: f64| timeline.at(secs).and_then(|place| place.bars_at(secs));
        assert_eq!([119.0, 124.0].map(bars), [Some(59.5), Some(61.0)]);
    }
}
