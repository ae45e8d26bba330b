//! The loudness match: which gain brings the reference to the loudness of the mix, and what that is made of. What is
//! shown and what is heard take it from here.

use crate::compare::matching::match_gain_lu;
use crate::dsp::loudness::{LoudnessPoint, region_loudness};
use crate::session::pairing::basis::MatchBasis;
use crate::session::references::References;
use crate::session::sides::beside::CompanionFrame;
use crate::session::sides::history::History;
use crate::session::sides::loudness_history::POINT_SECS;

/// The short-term match is the mean of so many points: ten seconds.
const SHORT_TERM_POINTS: usize = 100;
/// So far it looks back for seconds that sounded, in points: a minute.
const SHORT_TERM_REACH: u32 = 600;
/// Below this a side pauses.
const QUIET_LUFS: f64 = -55.0;

/// Whether the reference is brought to the loudness of the mix, and by which measure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Matching {
    /// Whether it is.
    pub is_on: bool,
    /// What it is measured by.
    pub basis: MatchBasis,
}

impl Default for Matching {
    fn default() -> Self {
        Self {
            is_on: true,
            basis: MatchBasis::default(),
        }
    }
}

/// What is matched at a moment.
#[derive(Clone, Copy)]
pub struct ToMatch<'a> {
    /// What the mix remembers.
    pub mix: &'a History,
    /// Integrated loudness of the mix at that moment, LUFS.
    pub mix_lufs: Option<f64>,
    /// What stands on side B.
    pub references: &'a References,
    /// How that lies beside the mix at that moment.
    pub beside: &'a CompanionFrame,
    /// Mix time of the moment.
    pub right_secs: f64,
}

impl ToMatch<'_> {
    /// The gain in dB on the reference that matches both sides, and what it is made of; no gain before both sounded.
    pub fn gain_db(&self, basis: MatchBasis) -> (Option<f64>, &'static str) {
        // What hardly sounds is the end of a fade, and nothing to match to.
        let sounds = |lufs: &f64| *lufs > QUIET_LUFS;
        let whole = || match_gain_lu(self.mix_lufs.filter(sounds), self.reference_lufs());
        // The same song is matched over the seconds that both played; another one as a whole.
        let integrated = || match self.beside.matched_lufs {
            Some(both) => {
                let [mix, reference] = both.map(|lufs| Some(lufs).filter(sounds));
                (match_gain_lu(mix, reference), "same seconds")
            }
            None => (whole(), self.whole_words()),
        };
        match basis {
            MatchBasis::Integrated => integrated(),
            MatchBasis::Region => (whole(), "region"),
            // Before anything sounded there is no short-term loudness to match.
            MatchBasis::ShortTerm => match self.short_term_gain_db() {
                Some(gain_db) => (Some(gain_db), "short-term"),
                None => integrated(),
            },
        }
    }

    /// What a match of all of the reference is made of: of a snapshot that is what was kept of it, and its integrated loudness in
    /// the table is that of the evening.
    fn whole_words(&self) -> &'static str {
        let active = self.references.active();
        let active = active.filter(|_| self.references.input().is_none());
        match active.is_some_and(|active| active.data().is_kept_sound) {
            true => "kept sound",
            false => "integrated",
        }
    }

    /// Integrated loudness of what is compared of the reference.
    fn reference_lufs(&self) -> Option<f64> {
        match self.references.input() {
            Some(_) => self.beside.meters.as_ref()?.loudness.integrated_lufs,
            None => {
                let data = self.references.active()?.data();
                match data.is_kept_sound {
                    // Its figures are those of all that was measured; what is drawn of it is what was kept.
                    true => {
                        let points = data.loudness.points();
                        region_loudness(points, 0..points.len()).0
                    }
                    false => data.loudness_of_part().0,
                }
            }
        }
    }

    /// The mean of what the mix is louder, short-term, over the last seconds in which both sides sounded: single values
    /// would make the picture pump, and a pause keeps what was before it.
    fn short_term_gain_db(&self) -> Option<f64> {
        let Self { mix, beside, .. } = *self;
        let sounding = |point: Option<LoudnessPoint>| {
            let lufs = f64::from(point?.short_term()?);
            (lufs > QUIET_LUFS).then_some(lufs)
        };
        let reference: Box<dyn Fn(f64) -> Option<LoudnessPoint>> = match self.references.input() {
            Some(live) => {
                let heard = live.history()?;
                Box::new(|secs| heard.loudness.at(secs + beside.offset_secs))
            }
            None => {
                let data = self.references.active()?.data();
                let region = beside.region(&data);
                // Before a jump the mix was beside other seconds of it, and before the first of the song beside none.
                Box::new(move |secs| {
                    let offset_secs = beside.offset_at(secs)?;
                    data.loudness.at(region.reference_secs(offset_secs + secs))
                })
            }
        };
        let steps =
            (0..SHORT_TERM_REACH).map(|step| self.right_secs - f64::from(step) * POINT_SECS);
        let differences = steps.take_while(|secs| *secs > 0.0).filter_map(|secs| {
            let reference_lufs = sounding(reference(secs))?;
            Some(sounding(mix.loudness.at(secs))? - reference_lufs)
        });
        let (sum, count) = differences
            .take(SHORT_TERM_POINTS)
            .fold((0.0, 0), |(sum, count), lu| (sum + lu, count + 1));
        (count > 0).then(|| sum / f64::from(count))
    }
}
