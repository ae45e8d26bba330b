//! What the findings of a comparison are drawn from: both sides, what lies between them, and from where on that counts.

use std::ops::Range;

use crate::analysis::column::Column;
use crate::analysis::summary::Summary;
use crate::compare::difference::Difference;
use crate::compare::peaks::PeakTrack;
use crate::compare::place::{Slices, place_of};
use crate::compare::spread::{Span, Spread};
use crate::units::db;

/// Spreads below this are taken as this, so that steady noise does not make everything severe.
const LEAST_SPREAD_DB: f64 = 0.5;

/// Of the same song everybody hears so much at once, of a band as of the whole; a third of it those who listen for it.
const PLAIN_DB: f64 = 4.0;

/// A band that a side has so much less of than the other is not in it any more: what is left came through the edges of
/// filters, and its width and its attacks are theirs.
const GONE_DB: f64 = 30.0;

/// DC this far below the lowest band moves its attacks by less than a tenth of a decibel.
const DC_MATTERS_DB: f64 = 20.0;
/// Middle and side of one channel are this close to each other.
const ONE_SIDE_DB: f64 = 0.1;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The same song, or the same time.
    Aligned,
    /// Another song.
    Song,
    /// What several songs have in common.
    Target,
}

/// One side of a comparison, over the part that is compared.
#[derive(Clone, Copy, Debug)]
pub struct Material<'a> {
    /// All figures.
    pub summary: &'a Summary,
    /// Its course over time.
    pub slices: Slices<'a>,
    /// Its peaks, if they were followed.
    pub peaks: Option<&'a PeakTrack>,
}

/// From where on a difference counts.
pub(super) struct Thresholds {
    pub level_db: f64,
    pub side_db: f64,
    pub balance_db: f64,
    pub loudness_lu: f64,
    pub peak_ratio_lu: f64,
    pub range_lu: f64,
    /// Only what the reference itself never does.
    pub outside_only: bool,
}

pub(super) const ALIGNED: Thresholds = Thresholds {
    level_db: 1.2,
    side_db: 1.0,
    balance_db: 0.5,
    loudness_lu: 0.5,
    peak_ratio_lu: 1.0,
    // The range itself is only good to ±1 LU (Tech 3342), and an equaliser moves it.
    range_lu: 1.5,
    outside_only: false,
};

pub(super) const OTHER_SONG: Thresholds = Thresholds {
    level_db: 2.0,
    side_db: 2.5,
    balance_db: 1.5,
    loudness_lu: 1.0,
    peak_ratio_lu: 2.0,
    range_lu: 3.0,
    outside_only: true,
};

/// What all findings of a comparison are drawn from.
pub(super) struct Case<'a> {
    pub mix: &'a Material<'a>,
    pub reference: &'a Material<'a>,
    pub difference: &'a Difference,
    pub kind: Kind,
    pub thresholds: &'a Thresholds,
    pub spread: Spread,
}

impl Case<'_> {
    /// Whether one of the sides has so much DC that it is a part of its lowest band and of its balance.
    pub fn has_dc_beside_sound(&self) -> bool {
        [self.mix, self.reference].iter().any(|side| {
            let dc = side.summary.levels.dc_offset.unwrap_or(0.0).abs();
            let lowest = side.summary.stereo.bands.first();
            let level_dbfs = lowest.and_then(|band| band.level_dbfs);
            level_dbfs.is_some_and(|level| db::db_from_amplitude(dc) > level - DC_MATTERS_DB)
        })
    }

    /// Whether the mix has sound on one side only, and the reference on both: then the side is as loud as the middle.
    pub fn is_one_sided(&self) -> bool {
        let [mix, reference] = [self.mix, self.reference].map(|side| &side.summary.stereo);
        let side_db = mix.side_to_mid_db.map(f64::abs);
        mix.balance_db.is_none()
            && reference.balance_db.is_some()
            && side_db.is_some_and(|db| db < ONE_SIDE_DB)
    }

    /// Whether both sides have something in a stereo band.
    pub fn both_have(&self, band: usize) -> bool {
        let level_db = self
            .difference
            .bands
            .get(band)
            .and_then(|band| band.level_db);
        level_db.is_none_or(|db| db.abs() < GONE_DB)
    }

    /// How severe a difference is. Of the same song as plainly as it is heard when both are heard in turn, whatever passage
    /// it is of; of another song by how far it lies outside the reference's own span.
    pub fn severity(&self, difference_db: f64, span: Span) -> f64 {
        let once_db = match self.kind {
            Kind::Aligned => PLAIN_DB,
            Kind::Song | Kind::Target => span.half_db().max(LEAST_SPREAD_DB),
        };
        severity_of(difference_db.abs() / once_db)
    }

    /// The same of loudness and of its range, by the reference's own range.
    pub fn loudness_severity(&self, difference_lu: f64) -> f64 {
        let range_lu = self.reference.summary.loudness.range_lu;
        let half_db = range_lu.map_or(1.0, |range| 0.5 * range).max(1.0);
        self.severity(
            difference_lu,
            Span {
                low_db: -half_db,
                high_db: half_db,
            },
        )
    }

    /// Where an aligned song has a difference, in seconds of the mix, if that is in one place.
    pub fn place(
        &self,
        level_db: impl Fn(&Column) -> f64,
        gain_db: f64,
        difference_db: f64,
    ) -> Option<Range<f64>> {
        self.difference
            .alignment
            .filter(|found| found.is_laid_in_time())?;
        let (mix, reference) = (&self.mix.slices, &self.reference.slices);
        place_of(mix, reference, level_db, gain_db, difference_db)
    }
}

/// 0 … 1 from a multiple of a spread; 0.5 for once.
pub(super) fn severity_of(multiple: f64) -> f64 {
    (1000.0 * multiple / (1.0 + multiple)).round() / 1000.0
}
