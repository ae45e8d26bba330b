//! The song as it now stands: what was heard of it, laid over song position, where a second pass overwrites its own bars.
//!
//! Columns and tenths of a second of the mix go to the nearest place of the song's own grid, half a column or 50 ms away at
//! most. All that is averaged over more of the song, coarser columns, loudness and curves, is made anew of what stands
//! there, so that each place of the song counts once, with its last pass, and memory and work end with the song's length.

use std::sync::Arc;

use crate::analysis::band_range::BAND_TIER;
use crate::analysis::column::{NUM_TIERS, TIER_FACTOR};
use crate::analysis::distribution::SpectrumCurves;
use crate::analysis::placed_curves::PlacedCurves;
use crate::analysis::song_clock::{SongPlace, SongTimeline};
use crate::analysis::tiers::ColumnMerger;
use crate::dsp::loudness::{
    LoudnessPoint, SHORT_TERM_TENTHS, Tenth, TenthsReading, point_of_tenths, reading_of_tenths,
};
use crate::dsp::punch::PunchPoint;
use crate::session::sides::columns::{Bins, MixColumns};
use crate::session::sides::loudness_history::{LoudnessHistory, POINT_SECS};
use crate::session::sides::song_runs::{Run, SongRuns};

/// What a DAW plays later than this in its song is left out, and so is what it plays before its beginning.
pub const LONGEST_SONG_SECS: f64 = 10_800.0;
/// Hosts tell their place rounded to a frame or two: what moves it by more is a jump.
const JUMP_SECS: f64 = 0.002;
/// Punch is of the last 3 s: what was played for less has that of another place.
const PUNCH_SECS: f64 = 3.0;

/// What was written into a tape.
#[derive(Debug, Default)]
pub struct Written {
    /// Tier, index and bins of columns.
    pub columns: Vec<(usize, u64, Bins)>,
    /// Points of loudness by their number.
    pub points: Vec<(usize, LoudnessPoint)>,
}

/// What the song reads.
#[derive(Debug, Default)]
pub struct SongFigures {
    /// Loudness, range and peak.
    pub reading: TenthsReading,
    /// Its long-term spectrum.
    pub curves: Arc<SpectrumCurves>,
}

/// The song of a mix.
pub struct SongTape {
    hop_secs: f64,
    /// Where the song was at times of the mix.
    heard: SongTimeline,
    /// What stands everywhere.
    pub columns: MixColumns,
    /// Loudness of what stands everywhere.
    pub loudness: LoudnessHistory,
    /// Which stretch was played when.
    pub runs: SongRuns,
    tenths: Vec<Tenth>,
    curves: PlacedCurves,
    merger: ColumnMerger,
    /// Of each tier above the finest the column that is still to be made of those below it.
    unmade: [Option<u64>; NUM_TIERS],
}

impl SongTape {
    /// Of a mix with so many seconds from column to column.
    pub fn new(hop_secs: f64) -> Self {
        Self {
            hop_secs,
            heard: SongTimeline::default(),
            columns: MixColumns::default(),
            loudness: LoudnessHistory::default(),
            runs: SongRuns::default(),
            tenths: vec![],
            curves: PlacedCurves::default(),
            merger: ColumnMerger::default(),
            unmade: [None; NUM_TIERS],
        }
    }

    /// Where the song is from a mix time on; to be told before what was heard there.
    pub fn note(&mut self, place: SongPlace) {
        self.heard.note(place);
    }

    /// Writes a column of the finest tier of the mix.
    pub fn hear_column(&mut self, index: u64, bins: &Bins, written: &mut Written) {
        let Some((place, offset_secs)) = self.place_at(index as f64 * self.hop_secs) else {
            return;
        };
        let Some(at) = nearest(index, offset_secs / self.hop_secs) else {
            return;
        };
        let from_secs = at as f64 * self.hop_secs;
        self.runs.lay(Run {
            song_secs: [from_secs, from_secs + self.hop_secs],
            place,
        });
        self.write(0, at, Arc::clone(bins), written);
    }

    /// Writes the tenth of a second of the mix that ends with a point, by its number; one in which the song jumped or stood
    /// is of no place.
    pub fn hear_tenth(
        &mut self,
        number: usize,
        (point, tenth): (LoudnessPoint, Tenth),
        written: &mut Written,
    ) {
        let from_secs = number as f64 * POINT_SECS;
        let ends = [from_secs + 1e-6, from_secs + POINT_SECS - 1e-6];
        let [Some((place, offset_secs)), Some((_, end_offset_secs))] =
            ends.map(|secs| self.place_at(secs))
        else {
            return;
        };
        let at = nearest(number as u64, offset_secs / POINT_SECS);
        // Another tempo or loop is told anew too, and moves nothing.
        let has_jumped = (offset_secs - end_offset_secs).abs() > JUMP_SECS;
        let Some(at) = at.filter(|_| !has_jumped) else {
            return;
        };
        let at = at as usize;
        if self.tenths.len() <= at {
            self.tenths.resize(at + 1, Tenth::ABSENT);
        }
        self.tenths[at] = tenth;
        if from_secs + POINT_SECS - place.at_secs >= PUNCH_SECS {
            self.loudness.place(at, point);
        }
        // All that look back at it.
        for number in at..self.tenths.len().min(at + SHORT_TERM_TENTHS) {
            let known = self.loudness.points().get(number);
            let punch = known.map_or(PunchPoint::ABSENT, |point| point.punch);
            let from = (number + 1).saturating_sub(SHORT_TERM_TENTHS);
            let point = point_of_tenths(&self.tenths[from..=number], punch);
            self.loudness.place(number, point);
            written.points.push((number, point));
        }
    }

    /// Makes what is still to be made of the newest columns.
    pub fn settle(&mut self, written: &mut Written) {
        for tier in 1..NUM_TIERS {
            self.make(tier, written);
        }
    }

    /// What the song reads as it now stands.
    pub fn figures(&self) -> SongFigures {
        SongFigures {
            reading: reading_of_tenths(&self.tenths),
            curves: Arc::new(self.curves.curves()),
        }
    }

    /// What holds at a mix time where the song runs, and how much song time is ahead of mix time; none outside the song.
    fn place_at(&self, mix_secs: f64) -> Option<(SongPlace, f64)> {
        let place = *self.heard.at(mix_secs)?;
        let offset_secs = place.offset_secs()?;
        let song_secs = mix_secs + offset_secs;
        let is_within = (-1e-6..LONGEST_SONG_SECS).contains(&song_secs);
        is_within.then_some((place, offset_secs))
    }

    fn write(&mut self, tier: usize, index: u64, bins: Bins, written: &mut Written) {
        if tier == usize::from(BAND_TIER) {
            self.curves.place(index, Arc::clone(&bins));
        }
        self.columns.place(tier, index, Arc::clone(&bins));
        written.columns.push((tier, index, bins));
        let coarser = tier + 1;
        if coarser == NUM_TIERS {
            return;
        }
        let of = index / TIER_FACTOR as u64;
        // Four columns make one: it is made once they are behind.
        if self.unmade[coarser].is_some_and(|unmade| unmade != of) {
            self.make(coarser, written);
        }
        self.unmade[coarser] = Some(of);
    }

    /// Makes the column of a tier that is still to be made.
    fn make(&mut self, tier: usize, written: &mut Written) {
        let Some(index) = self.unmade[tier].take() else {
            return;
        };
        let first = index * TIER_FACTOR as u64;
        let below = (first..first + TIER_FACTOR as u64)
            .filter_map(|below| self.columns.placed(tier - 1, below));
        let bins = self.merger.merge(below.map(|bins| &**bins));
        self.write(tier, index, Arc::new(bins), written);
    }
}

/// A number moved by so many, to the nearest; none below 0.
fn nearest(number: u64, by: f64) -> Option<u64> {
    number.checked_add_signed(by.round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::column::{level_db, pack_bin};
    use crate::dsp::grid::NUM_BINS;
    use crate::dsp::loudness_gating::{energy_from_lufs, lufs_from_energy};

    /// Ten columns make a tenth of a second.
    const HOP_SECS: f64 = 0.01;

    /// A DAW that plays tones of a level, and the tape of it.
    struct Daw {
        tape: SongTape,
        mix_secs: f64,
    }

    impl Daw {
        fn new() -> Self {
            Self {
                tape: SongTape::new(HOP_SECS),
                mix_secs: 0.0,
            }
        }

        /// Plays from a song time to another at a level in LUFS.
        fn play(&mut self, [from_secs, to_secs]: [f64; 2], lufs: f64) {
            self.tape
                .note(SongPlace::of_quarters(self.mix_secs, from_secs));
            self.sound(to_secs - from_secs, lufs);
        }

        /// Sounds for so long, wherever that is.
        fn sound(&mut self, secs: f64, lufs: f64) {
            let bins: Bins = Arc::new([pack_bin(lufs as f32, 0.0, 0.0); NUM_BINS]);
            let tenth = Tenth {
                energy: energy_from_lufs(lufs) as f32,
                true_peak: 0.1,
            };
            self.hear(secs, &bins, tenth);
        }

        fn hear(&mut self, secs: f64, bins: &Bins, tenth: Tenth) {
            let mut written = Written::default();
            let number = |at_secs: f64, every_secs: f64| (at_secs / every_secs).round() as u64;
            let ends = [self.mix_secs, self.mix_secs + secs];
            for index in number(ends[0], HOP_SECS)..number(ends[1], HOP_SECS) {
                self.tape.hear_column(index, bins, &mut written);
            }
            for number in number(ends[0], POINT_SECS)..number(ends[1], POINT_SECS) {
                let heard = (LoudnessPoint::ABSENT, tenth);
                self.tape.hear_tenth(number as usize, heard, &mut written);
            }
            self.tape.settle(&mut written);
            self.mix_secs = ends[1];
        }

        /// Level of a column of a tier that is about a song time, in dB.
        fn level(&self, tier: usize, song_secs: f64) -> Option<f32> {
            let columns = (HOP_SECS * 4f64.powi(tier as i32)).recip();
            let bins = self.tape.columns.get(tier, (song_secs * columns) as u64)?;
            level_db(bins[500])
        }

        fn lufs(&self) -> f64 {
            let integrated = self.tape.figures().reading.integrated_lufs;
            integrated.expect("it sounds")
        }

        fn mean_db(&self) -> f64 {
            self.tape.figures().curves.mean_db[500].into()
        }
    }

    fn is_at(read: f64, expected: f64) {
        assert!((read - expected).abs() < 0.01, "{read}, not {expected}");
    }

    #[test]
    fn of_two_passes_over_the_same_bars_the_song_is_the_second() {
        let mut daw = Daw::new();
        daw.play([8.0, 24.0], -30.0);
        is_at(daw.lufs(), -30.0);
        daw.play([8.0, 24.0], -18.0);
        for tier in 0..NUM_TIERS {
            let level = daw.level(tier, 15.0).expect("it was played");
            is_at(level.into(), -18.0);
        }
        is_at(daw.lufs(), -18.0);
        is_at(daw.mean_db(), -18.0);
        let reading = daw.tape.figures().reading;
        is_at(reading.measured_secs, 16.0);
        is_at(reading.max_momentary_lufs.expect("it sounds"), -18.0);
        is_at(reading.true_peak_dbtp.expect("it sounds"), -20.0);
        is_at(reading.range_lu.expect("it sounds"), 0.0);
        // Where nothing was ever played is nothing.
        assert_eq!(daw.level(0, 4.0), None);
        assert_eq!(daw.tape.loudness.points()[40].momentary(), None);
    }

    #[test]
    fn half_overwritten_the_song_is_half_of_each_and_its_seam_is_measured_as_a_bounce_is() {
        let mut daw = Daw::new();
        daw.play([0.0, 20.0], -30.0);
        daw.play([10.0, 20.0], -24.0);
        is_at(daw.level(0, 9.9).expect("first pass").into(), -30.0);
        is_at(daw.level(0, 10.1).expect("second pass").into(), -24.0);
        let half = |a: f64, b: f64, part: f64| {
            let energy = energy_from_lufs(a) * (1.0 - part) + energy_from_lufs(b) * part;
            lufs_from_energy(energy)
        };
        // 97 blocks of the one, 3 across the seam, 97 of the other.
        is_at(daw.lufs(), half(-30.0, -24.0, 0.5));
        let columns_db = |part: f64| half(-30.0, -24.0, part);
        assert!((daw.mean_db() - columns_db(0.5)).abs() < 0.05);
        let momentary = |secs: f64| {
            let number = (secs / POINT_SECS).round() as usize - 1;
            f64::from(daw.tape.loudness.points()[number].momentary_lufs)
        };
        for (secs, part) in [(10.0, 0.0), (10.1, 0.25), (10.3, 0.75), (10.4, 1.0)] {
            is_at(momentary(secs), half(-30.0, -24.0, part));
        }
        // A short-term window of each side of it.
        let point = daw.tape.loudness.points()[114];
        is_at(point.short_term_lufs.into(), half(-30.0, -24.0, 0.5));
    }

    #[test]
    fn a_loop_of_a_hundred_turns_reads_and_weighs_what_one_does() {
        let mut once = Daw::new();
        once.play([0.0, 40.0], -30.0);
        once.play([12.0, 20.0], -15.0);
        let mut looped = Daw::new();
        looped.play([0.0, 40.0], -30.0);
        (0..100).for_each(|turn| looped.play([12.0, 20.0], f64::from(-40 + turn % 7)));
        looped.play([12.0, 20.0], -15.0);
        let [a, b] = [&once, &looped].map(|daw| daw.tape.figures());
        assert_eq!(a.reading, b.reading);
        assert_eq!(a.curves.range, b.curves.range);
        is_at(once.mean_db(), looped.mean_db());
        assert_eq!(once.tape.loudness.points(), looped.tape.loudness.points());
        for tier in 0..NUM_TIERS {
            assert_eq!(once.tape.columns.kept(tier), looped.tape.columns.kept(tier));
        }
        assert_eq!(
            (once.tape.runs.all().len(), looped.tape.runs.all().len()),
            (3, 3)
        );
    }

    #[test]
    fn what_has_no_place_in_the_song_is_left_out() {
        let mut daw = Daw::new();
        daw.sound(2.0, -10.0);
        daw.play([4.0, 8.0], -20.0);
        // It stands, plays on without a word, counts in before the beginning, and lies beyond a day's end.
        let mut stands = SongPlace::of_quarters(daw.mix_secs, 8.0);
        stands.transport.is_playing = false;
        daw.tape.note(stands);
        daw.sound(2.0, -10.0);
        daw.tape.note(SongPlace::unknown(daw.mix_secs));
        daw.sound(2.0, -10.0);
        daw.play([-2.0, 0.0], -10.0);
        daw.play([LONGEST_SONG_SECS, LONGEST_SONG_SECS + 2.0], -10.0);
        is_at(daw.lufs(), -20.0);
        is_at(daw.tape.figures().reading.measured_secs, 4.0);
        assert_eq!(daw.tape.columns.kept(0), 400..800);
        assert_eq!(daw.tape.runs.end_secs(), 8.0);
    }

    #[test]
    fn a_gap_of_the_last_pass_is_a_gap_of_the_song() {
        let mut daw = Daw::new();
        daw.play([0.0, 20.0], -30.0);
        daw.play([0.0, 5.0], -20.0);
        daw.hear(5.0, &Arc::new([0; NUM_BINS]), Tenth::ABSENT);
        daw.sound(10.0, -20.0);
        assert_eq!(daw.level(0, 7.0), None);
        is_at(daw.lufs(), -20.0);
        is_at(daw.mean_db(), -20.0);
        is_at(daw.tape.figures().reading.measured_secs, 15.0);
    }

    #[test]
    fn a_tenth_in_which_the_song_jumps_is_of_no_place() {
        let mut daw = Daw::new();
        daw.play([0.0, 10.0], -30.0);
        // Half a tenth before the end of one: a host jumps where it likes.
        daw.tape.note(SongPlace::of_quarters(9.95 + 0.1, 5.0));
        daw.sound(1.0, -10.0);
        let energy = |at: usize| daw.tape.tenths[at].energy().map(lufs_from_energy);
        is_at(energy(52).expect("it was played"), -10.0);
        assert_eq!(
            daw.tape.tenths.len(),
            100,
            "the one of the jump is of no place"
        );
        let old = (40..50).filter_map(energy);
        old.for_each(|lufs| is_at(lufs, -30.0));
    }

    #[test]
    fn hosts_that_round_their_place_overwrite_their_bars_all_the_same() {
        let mut daw = Daw::new();
        daw.play([0.0, 20.0], -30.0);
        // A frame or two off, at half a column, which goes one way or the other.
        for off_secs in [0.000_04_f64, -0.000_04, 0.004_99, 0.005_01] {
            daw.tape
                .note(SongPlace::of_quarters(daw.mix_secs, off_secs.max(0.0)));
            daw.sound(20.0, -20.0);
        }
        for n in 2..1_990 {
            let bins = daw.tape.columns.get(0, n).expect("it was played");
            is_at(level_db(bins[500]).expect("it sounds").into(), -20.0);
        }
        is_at(daw.lufs(), -20.0);
    }

    #[test]
    fn a_tempo_that_moves_is_no_jump() {
        let mut daw = Daw::new();
        for step in 0..200 {
            let secs = f64::from(step) * 0.05;
            let mut place = SongPlace::of_quarters(secs, secs);
            place.transport.tempo_bpm = Some(120.0 + f64::from(step) / 10.0);
            daw.tape.note(place);
        }
        daw.sound(10.0, -20.0);
        let is_there = |tenth: &Tenth| tenth.energy > 0.0;
        assert_eq!(
            daw.tape
                .tenths
                .iter()
                .filter(|tenth| is_there(tenth))
                .count(),
            100
        );
        is_at(daw.lufs(), -20.0);
        let runs = daw.tape.runs.all();
        assert!((10..=25).contains(&runs.len()), "{}", runs.len());
        is_at(daw.tape.runs.end_secs(), 10.0);
    }
}
