//! Trials and their table.

use std::fmt;

use abscope::compare::alignment::{AlignmentResult, align};
use abscope::compare::fingerprint::ReferenceFingerprint;
use abscope::dsp::signals::Random;
use rayon::prelude::*;

use crate::songs::{RATE_HZ, Tells, song};
use crate::versions::version_of;

/// Confidence from which a place is shown as sure.
pub const SURE: f64 = 0.9;
/// Places closer together than this are one, in seconds.
const SAME_PLACE_SECS: f64 = 0.003;

/// What came out of an excerpt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Right,
    /// Another place, but said to be one of several.
    Ambiguous,
    Wrong,
    /// Not found.
    Missed,
}

/// One excerpt.
pub struct Trial {
    pub tells: Tells,
    pub outcome: Outcome,
    pub found: Option<AlignmentResult>,
}

/// So many excerpts of so many songs.
pub fn trials(seed: u64, count: usize, num_songs: u64, coded: bool) -> Vec<Trial> {
    let per_song = count.div_ceil(num_songs as usize);
    let of_song = |n: u64| {
        let song = song(seed * 1000 + n);
        let reference = ReferenceFingerprint::new(&song.frames, RATE_HZ);
        let mut random = Random::new(seed.wrapping_mul(7919).wrapping_add(n));
        let trial = |n: usize, random: &mut Random| {
            let version = version_of(&song.frames, random, coded);
            let found = align(&reference, &version.frames, RATE_HZ);
            let trial = Trial {
                tells: song.tells,
                outcome: outcome(found, version.start_secs),
                found,
            };
            let sure = found.is_some_and(|found| found.confidence >= SURE);
            if trial.outcome == Outcome::Wrong
                || (trial.outcome == Outcome::Ambiguous && sure)
                || trial.outcome == Outcome::Missed
            {
                println!(
                    "{:?} {n}: {:.2} s at {:.3} s, {}: {:?} {found:?}",
                    song.tells, version.secs, version.start_secs, version.deeds, trial.outcome
                );
            }
            trial
        };
        (0..per_song)
            .map(|n| trial(n, &mut random))
            .collect::<Vec<_>>()
    };
    (0..num_songs)
        .into_par_iter()
        .flat_map_iter(of_song)
        .collect()
}

fn outcome(found: Option<AlignmentResult>, truth_secs: f64) -> Outcome {
    match found {
        None => Outcome::Missed,
        Some(found) if (found.offset_secs - truth_secs).abs() < SAME_PLACE_SECS => Outcome::Right,
        Some(found) if found.num_places > 1 && found.confidence < SURE => Outcome::Ambiguous,
        Some(_) => Outcome::Wrong,
    }
}

/// Outcomes by shown confidence.
pub struct Table {
    /// `rows[confidence in tenths][outcome]`.
    rows: [[usize; 4]; 11],
    /// `kinds[kind of song][outcome]`.
    kinds: Vec<(Tells, [usize; 4])>,
}

impl Table {
    pub fn of(trials: &[Trial]) -> Self {
        let mut table = Self {
            rows: [[0; 4]; 11],
            kinds: vec![],
        };
        for trial in trials {
            let confidence = trial.found.map_or(0.0, |found| found.confidence);
            let row = ((confidence * 10.0 + 1e-9) as usize).min(10);
            table.rows[row][trial.outcome as usize] += 1;
            let kind = match table.kinds.iter().position(|kind| kind.0 == trial.tells) {
                Some(kind) => kind,
                None => {
                    table.kinds.push((trial.tells, [0; 4]));
                    table.kinds.len() - 1
                }
            };
            table.kinds[kind].1[trial.outcome as usize] += 1;
        }
        table
    }

    fn sum(&self, outcome: Outcome) -> usize {
        self.rows.iter().map(|row| row[outcome as usize]).sum()
    }

    fn count(&self) -> usize {
        self.rows.iter().flatten().sum()
    }

    /// Excerpts that were sure and not right.
    pub fn sure_and_wrong(&self) -> usize {
        let rows = self.rows[9..].iter();
        rows.map(|row| row[Outcome::Wrong as usize] + row[Outcome::Ambiguous as usize])
            .sum()
    }

    /// Part that was right or said to be one of several.
    pub fn part_good(&self) -> f64 {
        let good = self.sum(Outcome::Right) + self.sum(Outcome::Ambiguous);
        good as f64 / self.count().max(1) as f64
    }

    pub fn is_good(&self) -> bool {
        self.part_good() >= 0.99 && self.sure_and_wrong() == 0
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(
            f,
            "{:<16}{:>8}{:>11}{:>8}{:>8}",
            "", "right", "ambiguous", "wrong", "none"
        )?;
        let mut line = |name: String, [right, ambiguous, wrong, none]: [usize; 4]| {
            writeln!(f, "{name:<16}{right:>8}{ambiguous:>11}{wrong:>8}{none:>8}")
        };
        for (tenth, row) in self.rows.iter().enumerate().rev() {
            line(format!("{} %", 10 * tenth), *row)?;
        }
        for (tells, row) in &self.kinds {
            line(format!("{tells:?}"), *row)?;
        }
        write!(
            f,
            "{} excerpts: {:.2} % right or ambiguous, {} sure and wrong",
            self.count(),
            100.0 * self.part_good(),
            self.sure_and_wrong()
        )
    }
}
