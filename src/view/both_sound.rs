//! When mix and record sound: what one of them pauses in is no part of what both are measured over.

use crate::dsp::loudness::LoudnessPoint;
use crate::session::Session;
use crate::session::sides::beside::CompanionFrame;
use crate::session::sides::loudness_history::POINT_SECS;
use crate::session::sides::region::Region;

/// Of a mix and of the record as it lies beside it.
pub struct BothSound<'a> {
    beside: &'a CompanionFrame,
    region: Option<Region>,
    of_mix: Vec<bool>,
    of_record: Vec<bool>,
}

impl<'a> BothSound<'a> {
    /// As is known now.
    pub fn of(session: &Session, beside: &'a CompanionFrame) -> Self {
        let mix = session.pair.mix.drawn();
        let record = session.pair.references.active();
        let record = record.map(|record| {
            let data = record.data();
            (beside.region(&data), sounding(data.loudness.points()))
        });
        let (region, of_record) = record.unzip();
        Self {
            beside,
            region,
            of_mix: mix.map_or_else(Vec::new, |mix| sounding(mix.loudness.points())),
            of_record: of_record.unwrap_or_default(),
        }
    }

    /// The record's own time beside a mix time.
    pub fn in_record(&self, mix_secs: f64) -> Option<f64> {
        let offset_secs = self.beside.offset_at(mix_secs)?;
        Some(self.region?.reference_secs(mix_secs + offset_secs))
    }

    /// Whether the mix sounds at a mix time.
    pub fn mix(&self, mix_secs: f64) -> bool {
        sounds_at(&self.of_mix, mix_secs)
    }

    /// Whether the record does that lies there.
    pub fn record(&self, mix_secs: f64) -> bool {
        let secs = self.in_record(mix_secs);
        secs.is_some_and(|secs| sounds_at(&self.of_record, secs))
    }

    /// Whether both do.
    pub fn both(&self, mix_secs: f64) -> bool {
        self.mix(mix_secs) && self.record(mix_secs)
    }
}

/// Whether each tenth of a second sounds.
fn sounding(points: &[LoudnessPoint]) -> Vec<bool> {
    points.iter().map(|point| point.sounds()).collect()
}

/// Whether the 0.4 s about a moment sound; where no loudness is known, yes.
fn sounds_at(sounding: &[bool], secs: f64) -> bool {
    let at = ((secs + 0.2) / POINT_SECS).max(3.0) as usize;
    let at = at.min(sounding.len().saturating_sub(1));
    sounding.get(at).is_none_or(|sounds| *sounds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_sounds_if_the_tenths_about_it_do_and_where_nothing_is_known() {
        let point = |tenth: usize| LoudnessPoint {
            momentary_lufs: if tenth < 100 { -200.0 } else { -20.0 },
            ..LoudnessPoint::ABSENT
        };
        let points: Vec<LoudnessPoint> = (0..200).map(point).collect();
        let sounding = sounding(&points);
        let at = [0.0, 9.5, 10.5, 25.0].map(|secs| sounds_at(&sounding, secs));
        assert_eq!(at, [false, false, true, true]);
        assert!(sounds_at(&[], 3.0));
    }
}
