//! A whole comparison, in the shape of `compare --json`, schema 1.

use std::ops::Range;

use serde::Serialize;

use crate::analysis::summary::Summary;
use crate::compare::alignment::AlignmentResult;
use crate::compare::difference::Difference;
use crate::compare::findings::{Finding, Material, findings, keep_order};
pub use crate::compare::relation::Relation;
use crate::compare::verdict::verdict;

/// Overlaps shorter than this are too little to compare.
const MIN_OVERLAP_SECS: f64 = 3.0;
/// What may be missing at either end before the ends are cut off: less than a loudness block.
const SAME_ENDS_SECS: f64 = 0.1;

/// What is said of two sides. It takes a while to make, and is then only read.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Mix minus matched reference.
    pub difference: Difference,
    /// In words, most severe first.
    pub findings: Vec<Finding>,
    /// What differs most, what matches, how sure that is: three sentences.
    pub verdict: [String; 3],
}

impl Told {
    /// Of the parts that are compared, mix first.
    pub fn of([mix, reference]: &[Material<'_>; 2], relation: Relation) -> Self {
        let alignment = relation.alignment();
        let difference = Difference::new(mix.summary, reference.summary, alignment);
        let findings = findings(mix, reference, &difference, relation);
        Self {
            verdict: verdict(&difference, relation, &findings),
            findings,
            difference,
        }
    }

    /// The same with findings that weigh nearly the same in the order in which they stood before: who reads a list
    /// that is made anew every few seconds finds each where it was.
    pub fn in_order_of(mut self, last: &[Finding], relation: Relation) -> Self {
        if keep_order(&mut self.findings, last) {
            self.verdict = verdict(&self.difference, relation, &self.findings);
        }
        self
    }

    /// The same with places told by the song that both are: see [`Finding::in_song_time`].
    pub fn in_song_time(
        mut self,
        song_secs: impl Fn([f64; 2]) -> Option<[f64; 2]>,
        relation: Relation,
    ) -> Self {
        let findings = self.findings.into_iter();
        self.findings = findings
            .map(|finding| finding.in_song_time(&song_secs))
            .collect();
        self.verdict = verdict(&self.difference, relation, &self.findings);
        self
    }
}

/// Mix, reference and what lies between them.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison<'a> {
    /// Version of this shape.
    pub schema: u32,
    /// All figures of the whole mix.
    pub mix: &'a Summary,
    /// All figures of the whole reference.
    pub reference: &'a Summary,
    /// The figures of the parts that are compared: of one song, of what both have of it.
    #[serde(skip)]
    pub compared: [&'a Summary; 2],
    /// Mix minus matched reference, over what both have of the song.
    pub difference: Difference,
    /// In words, most severe first.
    pub findings: Vec<Finding>,
    /// What differs most, what matches, how sure that is: three sentences.
    pub verdict: [String; 3],
    /// What the reference is to the mix.
    #[serde(skip)]
    pub relation: Relation,
}

impl<'a> Comparison<'a> {
    /// What is compared in words, where it is less than all of both sides: "54 s of both".
    pub fn part_words(&self) -> Option<String> {
        let whole = [self.mix, self.reference];
        let is_less =
            |(part, whole): (&Summary, &Summary)| whole.duration_secs - part.duration_secs > 1.0;
        let is_part = self.compared.into_iter().zip(whole).any(is_less);
        is_part.then(|| format!("{:.0} s of both", self.compared[0].duration_secs))
    }

    /// The figures that stand beside the difference of a figure: of what is compared. Peaks are faults wherever they are.
    pub fn figures(&self, is_peak: bool) -> [&'a Summary; 2] {
        if is_peak {
            [self.mix, self.reference]
        } else {
            self.compared
        }
    }

    /// Of the parts that are compared: all of both sides, or for an aligned song what both have of it. The figures
    /// of the whole are shown beside.
    pub fn new(whole: [&'a Summary; 2], parts: [Material<'a>; 2], relation: Relation) -> Self {
        let compared = [parts[0].summary, parts[1].summary];
        Self::of_told(whole, compared, relation, Told::of(&parts, relation))
    }

    /// What was told before, beside the figures of both sides.
    pub fn of_told(
        [mix, reference]: [&'a Summary; 2],
        compared: [&'a Summary; 2],
        relation: Relation,
        told: Told,
    ) -> Self {
        Self {
            schema: 1,
            mix,
            reference,
            compared,
            difference: told.difference,
            findings: told.findings,
            verdict: told.verdict,
            relation,
        }
    }
}

/// The seconds of mix and reference in which both have the aligned song; `None` if that is all of both, or too little
/// to be compared.
pub fn common_part(
    mix_secs: f64,
    reference_secs: f64,
    alignment: AlignmentResult,
) -> Option<[Range<f64>; 2]> {
    if !alignment.is_laid_in_time() {
        return None;
    }
    let offset = alignment.offset_secs;
    let [from, to] = alignment.piece_secs.unwrap_or([0.0, mix_secs]);
    let start = (-offset).max(from);
    let end = to.min(mix_secs).min(reference_secs - offset);
    let is_all = start <= SAME_ENDS_SECS
        && offset <= SAME_ENDS_SECS
        && end >= mix_secs - SAME_ENDS_SECS
        && end >= reference_secs - offset - SAME_ENDS_SECS;
    let is_enough = end - start >= MIN_OVERLAP_SECS;
    (!is_all && is_enough).then_some([start..end, start + offset..end + offset])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(mix_secs: f64, reference_secs: f64, offset_secs: f64) -> Option<[Range<f64>; 2]> {
        common_part(
            mix_secs,
            reference_secs,
            AlignmentResult::at(offset_secs, 1.0),
        )
    }

    #[test]
    fn only_what_both_have_is_compared() {
        assert_eq!(part(60.0, 60.0, 0.0), None);
        assert_eq!(part(60.0, 60.05, 0.02), None);
        assert_eq!(part(30.0, 60.0, 10.0), Some([0.0..30.0, 10.0..40.0]));
        assert_eq!(part(60.0, 30.0, -10.0), Some([10.0..40.0, 0.0..30.0]));
        assert_eq!(part(60.0, 60.0, 20.0), Some([0.0..40.0, 20.0..60.0]));
        assert_eq!(part(60.0, 60.0, 59.0), None);
        let edit = AlignmentResult {
            piece_secs: Some([20.0, 50.0]),
            ..AlignmentResult::at(10.0, 1.0)
        };
        assert_eq!(
            common_part(50.0, 70.0, edit),
            Some([20.0..50.0, 30.0..60.0])
        );
        let faster = AlignmentResult {
            speed: 1.01,
            ..AlignmentResult::at(10.0, 1.0)
        };
        assert_eq!(common_part(50.0, 70.0, faster), None);
    }
}
