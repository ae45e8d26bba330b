//! How the reference lies beside the mix, as a picture needs it.

use std::sync::Arc;

use crate::analysis::meters::{Meters, Needles};
use crate::compare::sections::Section;
use crate::compare::tracker::Tracking;
use crate::session::sides::region::Region;
use crate::session::sides::stretches::{Stretch, Stretches};

/// A section that is followed may be moved by hand by so much.
const MOVED_SECS: f64 = 1.0;

/// What is known of the reference at the newest part of the mix.
#[derive(Clone, Debug, Default)]
pub struct CompanionFrame {
    /// The reference's figures; none while it is not read or the mix has not begun. Its newest points of loudness are
    /// those of the mix's tenths of a second, and numbered as they are.
    pub meters: Option<Meters>,
    /// Whether and where it is the same song.
    pub tracking: Option<Tracking>,
    /// Reference time under mix time 0.
    pub offset_secs: f64,
    /// Integrated loudness of mix and reference over the seconds that both played, LUFS; `None` if it is not the same
    /// song. The session measures it, which knows the history of both.
    pub matched_lufs: Option<[f64; 2]>,
    /// Where the mix lay in the reference, as far as that is known; empty if it is not the same song.
    pub stretches: Stretches,
    /// The section of another song that is followed: it runs beside the mix.
    pub followed: Option<Region>,
    /// Where sections lay beside the mix while they were followed, in the record's own time; empty while none is.
    pub followed_past: Stretches,
    /// The mix's own sections beside those of another song.
    pub sections: Arc<SectionsBeside>,
    /// Figures of the reference at the last moments, the newest last: the mix's may be of a moment ago.
    pub lately: Vec<BesideAt>,
    /// Where a mix that stands still goes on behind the end of the reference: its figures at the last moment that both have,
    /// which those of the reference are of.
    pub mix_there: Option<Arc<Meters>>,
}

/// Figures of a reference at a mix time, which move within tenths of a second.
#[derive(Clone, Copy, Debug)]
pub struct BesideAt {
    /// Mix time.
    pub mix_secs: f64,
    /// What the reference's meters show there.
    pub needles: Needles,
}

/// Sections of a mix, in its own seconds, and what of a record lies beside them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SectionsBeside {
    /// From the beginning to the end.
    pub of_mix: Vec<Section>,
    /// For each of them which section of the record, if it is clear.
    pub beside: Vec<Option<usize>>,
}

impl CompanionFrame {
    /// Takes over what a companion told, in exchange for older meters, whose storage it writes over. What it does not tell
    /// stays.
    pub fn take_over(&mut self, told: &mut Self) {
        std::mem::swap(&mut self.meters, &mut told.meters);
        self.tracking = told.tracking;
        self.offset_secs = told.offset_secs;
        self.stretches.clone_from(&told.stretches);
        self.lately.clone_from(&told.lately);
        self.mix_there.clone_from(&told.mix_there);
    }

    /// Whether the reference follows the mix as the same song.
    pub fn is_aligned(&self) -> bool {
        is_aligned(self.tracking)
    }

    /// Whether the mix goes on behind a pause, and nobody knows yet what lies beside it.
    pub fn is_lost(&self) -> bool {
        is_lost(self.tracking, &self.stretches)
    }

    /// Gives the meters the figures of the moment that lies nearest to a mix time, which the mix's meters are of.
    pub fn read_at(&mut self, mix_secs: f64) {
        let away_secs = |at: &&BesideAt| (at.mix_secs - mix_secs).abs();
        let lately = self.lately.iter();
        let nearest = lately.min_by(|a, b| away_secs(a).total_cmp(&away_secs(b)));
        if let Some((at, meters)) = nearest.zip(self.meters.as_mut()) {
            meters.set_needles(at.needles);
        }
    }

    /// Reference time under mix time 0 as it was at a mix time: before a jump it was another. `None` where nothing is
    /// known to have lain beside the mix.
    pub fn offset_at(&self, mix_secs: f64) -> Option<f64> {
        let (stretches, offset_secs) = self.laid();
        stretches.offset_at(mix_secs, offset_secs)
    }

    /// Whether sections of another song are followed, and where they lay is known.
    pub fn has_followed(&self) -> bool {
        self.followed.is_some() && !self.followed_past.is_empty() && !self.is_aligned()
    }

    /// Mix time since which the section is followed, again and again.
    pub fn followed_since_secs(&self) -> Option<f64> {
        let region = self.followed.filter(|_| self.has_followed())?;
        let is_of_it = |stretch: &&Stretch| {
            let place_secs = stretch.from_secs + stretch.offset_secs - region.start_secs;
            (-MOVED_SECS..region.length_secs).contains(&place_secs)
        };
        let past = self.followed_past.all().iter().rev();
        Some(past.take_while(is_of_it).last()?.from_secs)
    }

    /// Where the reference lies and lay beside the mix, and reference time under mix time 0 in the newest stretch.
    pub fn laid(&self) -> (&Stretches, f64) {
        let newest = self.followed_past.all().last();
        match newest.filter(|_| self.has_followed()) {
            Some(newest) => (&self.followed_past, newest.offset_secs),
            None => (&self.stretches, self.offset_secs),
        }
    }
}

/// Whether a reference that is tracked so follows the mix as the same song.
pub fn is_aligned(tracking: Option<Tracking>) -> bool {
    matches!(tracking, Some(Tracking::Locked(_) | Tracking::Doubtful(_)))
}

/// Whether a mix that was found before goes on behind a pause at a place that is not known yet.
pub fn is_lost(tracking: Option<Tracking>, stretches: &Stretches) -> bool {
    matches!(tracking, Some(Tracking::Doubtful(_))) && stretches.is_unknown()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::frames::{ChannelLayout, StreamFormat};

    #[test]
    fn a_mix_that_is_shown_a_little_late_has_the_reference_of_then_beside_it() {
        let meters = Meters::silent(StreamFormat {
            sample_rate_hz: 48_000,
            layout: ChannelLayout::Stereo,
        });
        let at = |mix_secs: f64| BesideAt {
            mix_secs,
            needles: Needles {
                correlation: Some(mix_secs / 10.0),
                balance_db: None,
                side_to_mid_db: None,
                levels: meters.levels,
                bands: meters.bands,
            },
        };
        let mut frame = CompanionFrame {
            lately: [5.0, 5.02, 5.04].map(at).to_vec(),
            meters: Some(meters.clone()),
            ..CompanionFrame::default()
        };
        for (mix_secs, read_at) in [(4.0, 5.0), (5.021, 5.02), (9.0, 5.04)] {
            frame.read_at(mix_secs);
            let read = frame.meters.as_ref().and_then(|meters| meters.correlation);
            assert_eq!(read, Some(read_at / 10.0));
        }
    }
}
