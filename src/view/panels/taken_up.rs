//! Short-term loudness of a record where the mix has just taken it up: of what lay beside the mix, as the mix's is of what
//! it played. The record's own is of the seconds before that place, too, which nobody heard.

use crate::dsp::loudness_gating::{energy_from_lufs, lufs_from_energy};
use crate::session::sides::loudness_history::{LoudnessHistory, POINT_SECS};
use crate::session::sides::region::Region;
use crate::session::sides::stretches::Stretch;

/// What short-term loudness is of.
pub const SHORT_TERM_SECS: f64 = 3.0;
/// What momentary loudness is of.
pub const MOMENTARY_SECS: f64 = 0.4;

/// A record as it lies beside the mix.
#[derive(Clone, Copy)]
pub struct TakenUp<'a> {
    /// Its pieces, from a mix time on.
    pub pieces: &'a [Stretch],
    /// That mix time: a piece that begins there began before.
    pub from_secs: f64,
}

impl TakenUp<'_> {
    /// How long ago the mix has taken up the piece that lies at a mix time, in seconds; `None` where that is out of sight, and
    /// where the record itself began there: its own loudness rises as well.
    pub fn ago_secs(&self, mix_secs: f64) -> Option<f64> {
        let lies = |piece: &&Stretch| (piece.from_secs..=piece.to_secs).contains(&mix_secs);
        let piece = self.pieces.iter().rfind(lies)?;
        let is_seen = piece.from_secs > self.from_secs || self.from_secs == 0.0;
        let is_midway = piece.from_secs + piece.offset_secs > POINT_SECS;
        (is_seen && is_midway).then_some(mix_secs - piece.from_secs)
    }

    /// Short-term loudness in LUFS of what lay beside the mix, up to a mix time; −∞ where nothing did.
    pub fn short_term_lufs(
        &self,
        loudness: &LoudnessHistory,
        region: Region,
        mix_secs: f64,
    ) -> f32 {
        let num_tenths = (SHORT_TERM_SECS / POINT_SECS).round() as usize;
        let energy = |n: usize| {
            let middle_secs = mix_secs - (n as f64 + 0.5) * POINT_SECS;
            let lies = |piece: &&Stretch| (piece.from_secs..piece.to_secs).contains(&middle_secs);
            let piece = self.pieces.iter().rfind(lies)?;
            // The momentary loudness around it.
            let end_secs =
                region.reference_secs(middle_secs + piece.offset_secs) + 0.5 * MOMENTARY_SECS;
            let point = (end_secs / POINT_SECS).round() as usize;
            let lufs = loudness.points().get(point.checked_sub(1)?)?.momentary()?;
            Some(energy_from_lufs(f64::from(lufs)))
        };
        let sum: f64 = (0..num_tenths).filter_map(energy).sum();
        lufs_from_energy(sum / num_tenths as f64) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::loudness::LoudnessPoint;

    #[test]
    fn it_rises_as_the_mix_does_and_goes_on_where_nothing_was_left_out() {
        let mut loudness = LoudnessHistory::default();
        for n in 0..600 {
            let lufs = if n < 300 { -20.0 } else { -10.0 };
            loudness.push(LoudnessPoint {
                momentary_lufs: lufs,
                short_term_lufs: lufs,
                ..LoudnessPoint::ABSENT
            });
        }
        let region = Region {
            start_secs: 0.0,
            length_secs: 60.0,
        };
        let piece = |from_secs, to_secs, offset_secs| Stretch {
            from_secs,
            to_secs,
            offset_secs,
        };
        let at = |pieces: &[Stretch], mix_secs: f64| {
            let taken_up = TakenUp {
                pieces,
                from_secs: 2.0,
            };
            let lufs = taken_up.short_term_lufs(&loudness, region, mix_secs);
            (taken_up.ago_secs(mix_secs), (lufs * 10.0).round() / 10.0)
        };
        let alone = [piece(10.0, 30.0, 5.0)];
        assert_eq!(at(&alone, 11.5), (Some(1.5), -23.0));
        assert_eq!(at(&alone, 13.0), (Some(3.0), -20.0));
        assert_eq!(at(&alone, 9.0), (None, f32::NEG_INFINITY));
        // Behind a jump of the mix into the loud part both places count.
        let jumped = [piece(4.0, 10.0, 5.0), piece(10.0, 20.0, 30.0)];
        assert_eq!(at(&jumped, 11.5).1, -12.6);
        // It was taken up at its own beginning.
        assert_eq!(at(&[piece(8.0, 20.0, -8.0)], 9.0).0, None);
        // What begins where the picture does began before.
        assert_eq!(at(&[piece(2.0, 20.0, 5.0)], 3.0).0, None);
    }
}
