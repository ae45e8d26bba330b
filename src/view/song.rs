//! The song's own clock in the picture: bars and beats along the time axis, where a DAW tells them.

use crate::analysis::song_clock::{SongPlace, bars_of};
use crate::session::sides::mix::Mix;
use crate::session::sides::song_side::SongSide;
use crate::view::axis::{Tick, picked};
use crate::view::readout::{bar_and_beat, bars_words};
use crate::view::visible::Visible;

/// More jumps than this in one picture: the newest are shown.
const MOST_RUNS: usize = 512;
/// Bars from tick to tick: whole phrases.
const BAR_STEPS: [u32; 11] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/// Where the song was in the stretch of time that a picture shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SongScene {
    /// Each place with the mix time from and to which it holds within the picture, the oldest first.
    runs: Vec<(SongPlace, [f64; 2])>,
    /// Song time at which the DAW is, in a picture over song position; none elsewhere, and outside the picture.
    pub now_secs: Option<f64>,
}

impl SongScene {
    /// What a mix knows of it.
    pub fn of(mix: &Mix, visible: &Visible<'_>) -> Self {
        let shown_secs = visible.left_secs()..=visible.right_secs;
        let now_secs = mix.shown_song().and_then(SongSide::now_secs);
        let now_secs = now_secs.filter(|secs| shown_secs.contains(secs));
        // Bars of a song are there before they are played.
        let is_song = mix.shown_song().is_some();
        let Some(mix) = mix.drawn() else {
            return Self::default();
        };
        let to_secs = match is_song {
            true => visible.right_secs,
            false => visible.right_secs.min(mix.end_secs()),
        };
        let runs = mix.song.between([visible.left_secs(), to_secs]);
        let mut runs: Vec<_> = runs.map(|(place, secs)| (*place, secs)).collect();
        runs.drain(..runs.len().saturating_sub(MOST_RUNS));
        Self { runs, now_secs }
    }

    /// Ticks at bars, and at beats where there is room, at least `min_gap` apart, of an axis from one mix time to another;
    /// none where no bar is known.
    pub fn ticks(&self, [left_secs, right_secs]: [f64; 2], min_gap: f32) -> Vec<Tick> {
        let span_secs = right_secs - left_secs;
        let least_secs = f64::from(min_gap) * span_secs;
        // From the newest on, to the left: beside a jump the place of now has its tick.
        let runs = self.runs.iter().rev();
        let marks = runs.flat_map(|(place, secs)| run_ticks(place, *secs, least_secs));
        let fraction = |secs: f64| (secs - left_secs) / span_secs;
        picked(marks.map(|(secs, label)| (fraction(secs), label)), min_gap)
    }

    /// The first and the last bar in the picture, as people count; `None` where no bar is known.
    pub fn bars(&self) -> Option<[i64; 2]> {
        bars_of(self.runs.iter().map(|(place, secs)| (place, *secs)))
    }

    /// The same in words.
    pub fn words(&self) -> Option<String> {
        self.bars().map(bars_words)
    }

    /// Bar and beat at a mix time: "bar 33.2".
    pub fn at(&self, mix_secs: f64) -> Option<String> {
        let holds = |(_, secs): &&(SongPlace, [f64; 2])| (secs[0]..=secs[1]).contains(&mix_secs);
        let (place, _) = self.runs.iter().rev().find(holds)?;
        let bars = place.bars_at(mix_secs)?;
        let beats = place.transport.meter?.beats;
        Some(format!("bar {}", bar_and_beat(bars, beats)))
    }
}

/// Bar lines of a run, or its beats, the newest first, each at its mix time.
fn run_ticks(
    place: &SongPlace,
    [from_secs, to_secs]: [f64; 2],
    least_secs: f64,
) -> Vec<(f64, String)> {
    let within = || {
        let from = place.bars_at(from_secs)?;
        let to = place.bars_at(to_secs)?;
        let bar_secs = place.secs_at_bars(from + 1.0)? - place.secs_at_bars(from)?;
        Some((from, to, bar_secs))
    };
    let Some((from, to, bar_secs)) = within() else {
        return vec![];
    };
    let beats = place.transport.meter.map_or(1, |meter| meter.beats).max(1);
    // In parts of a bar: a beat where there is room, else the shortest phrase of whole bars.
    let beat = 1.0 / f64::from(beats);
    let steps = BAR_STEPS.map(f64::from);
    let steps = std::iter::once(beat).chain(steps);
    let Some(step) = steps.into_iter().find(|step| step * bar_secs >= least_secs) else {
        return vec![];
    };
    // Where the run ends the next one begins.
    let (first, last) = ((from / step - 1e-6).ceil(), (to / step - 1e-6).floor());
    let count = ((last - first).max(-1.0) + 1.0).min((to_secs - from_secs) / least_secs + 2.0);
    let ticks = (0..count as u32).filter_map(|n| {
        let bars = (last - f64::from(n)) * step;
        let secs = place.secs_at_bars(bars)?;
        let is_bar_line = (bars - bars.round()).abs() < 1e-6;
        let label = match is_bar_line {
            true => bars_words([bars.round() as i64 + 1; 2]),
            false => bar_and_beat(bars, beats),
        };
        Some((secs, label))
    });
    ticks.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A run of a song of which a bar is two seconds.
    fn run(secs: [f64; 2], song_secs: f64) -> (SongPlace, [f64; 2]) {
        (SongPlace::of_quarters(secs[0], song_secs), secs)
    }

    fn ticks(scene: &SongScene, secs: [f64; 2], min_gap: f32) -> Vec<(f64, String)> {
        let ticks = scene.ticks(secs, min_gap).into_iter();
        let at = |fraction: f32| secs[0] + f64::from(fraction) * (secs[1] - secs[0]);
        let rounded = |secs: f64| (secs * 100.0).round() / 100.0;
        ticks
            .map(|tick| (rounded(at(tick.fraction)), tick.label))
            .collect()
    }

    #[test]
    fn bars_stand_where_they_begin_and_are_counted_in_phrases_or_in_beats_as_there_is_room() {
        let song = SongScene {
            runs: vec![run([100.0, 120.0], 65.0)],
            now_secs: None,
        };
        let said = |secs: f64, label: &str| (secs, label.to_owned());
        assert_eq!(
            ticks(&song, [100.0, 120.0], 0.15),
            [
                said(103.0, "bar 35"),
                said(107.0, "bar 37"),
                said(111.0, "bar 39"),
                said(115.0, "bar 41"),
                said(119.0, "bar 43")
            ]
        );
        assert_eq!(
            ticks(&song, [100.0, 120.0], 0.3),
            [said(107.0, "bar 37"), said(115.0, "bar 41")]
        );
        assert_eq!(
            ticks(&song, [102.0, 104.0], 0.2),
            [
                said(102.5, "34.4"),
                said(103.0, "bar 35"),
                said(103.5, "35.2")
            ]
        );
        assert_eq!(song.words().as_deref(), Some("bars 33–43"));
        assert_eq!(song.at(103.5).as_deref(), Some("bar 35.2"));
        assert_eq!(song.at(99.0), None);
    }

    #[test]
    fn a_loop_has_its_bars_again_and_a_song_that_stands_none() {
        let mut stopped = run([8.0, 12.0], 4.0);
        stopped.0.transport.is_playing = false;
        let song = SongScene {
            runs: vec![run([0.0, 4.0], 0.0), run([4.0, 8.0], 0.0), stopped],
            now_secs: None,
        };
        let labels: Vec<String> = ticks(&song, [0.0, 12.0], 0.1)
            .into_iter()
            .map(|(_, label)| label)
            .collect();
        assert_eq!(labels, ["bar 2", "bar 1", "bar 2"]);
        assert_eq!(song.words().as_deref(), Some("bars 1–2"));
        assert_eq!(SongScene::default().words(), None);
    }
}
