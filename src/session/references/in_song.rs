//! Where the sound of a snapshot lies in the song: its own time is that of an evening, which tells nobody where to look.

use crate::session::format::moment::Figures;
use crate::session::format::snapshot::{Snapshot, Sound};
use crate::session::sides::stretches::Stretches;

/// Where the record that a snapshot was taken beside lay.
#[derive(Clone, Debug, PartialEq)]
pub struct InSong {
    stretches: Stretches,
    /// Record time less mix time, in the newest of them.
    offset_secs: f64,
    /// Mix time at which its sound begins.
    from_secs: f64,
    /// Length of the record, which repeats.
    length_secs: f64,
}

impl InSong {
    /// Of a snapshot; `None` where none of its sound is known to have lain beside a record.
    pub(super) fn of(snapshot: &Snapshot, sound: &Sound) -> Option<Self> {
        let figures = Figures::from_json(&snapshot.facts.figures);
        let (record, beside) = (figures.reference?, figures.beside?);
        let rate = snapshot.reference.as_ref()?.sample_rate_hz;
        let frame = beside.frame(&snapshot.mix);
        let length_secs = record.frames as f64 / f64::from(rate.max(1));
        let is_known = !frame.stretches.is_empty() && length_secs > 0.0;
        is_known.then_some(Self {
            stretches: frame.stretches,
            offset_secs: frame.offset_secs,
            from_secs: sound.from_secs,
            length_secs,
        })
    }

    /// Time of the song at a time of the sound.
    pub fn secs(&self, own_secs: f64) -> Option<f64> {
        let mix_secs = self.from_secs + own_secs;
        let offset_secs = self.stretches.offset_at(mix_secs, self.offset_secs)?;
        Some((mix_secs + offset_secs).rem_euclid(self.length_secs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::sides::stretches::Stretch;

    #[test]
    fn a_time_of_kept_sound_is_told_by_the_record_that_lay_beside_it_then() {
        let stretch = |from_secs, to_secs, offset_secs| Stretch {
            from_secs,
            to_secs,
            offset_secs,
        };
        let stretches = vec![stretch(300.0, 320.0, -250.0), stretch(320.5, 340.0, -150.0)];
        let in_song = InSong {
            stretches: Stretches::of(stretches),
            offset_secs: -150.01,
            from_secs: 310.0,
            length_secs: 180.0,
        };
        let told = |own_secs: f64| {
            in_song
                .secs(own_secs)
                .map(|secs| (secs * 100.0).round() / 100.0)
        };
        assert_eq!(told(0.0), Some(60.0));
        assert_eq!(told(20.0), Some(179.99));
        assert_eq!(told(21.0), Some(0.99), "the record repeats");
        assert_eq!(in_song.secs(-20.0), None, "nothing lay there");
    }
}
