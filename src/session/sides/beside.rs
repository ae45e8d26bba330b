//! How the reference lies beside the mix, as a picture needs it.

use std::sync::Arc;

use crate::analysis::meters::Meters;
use crate::compare::sections::Section;
use crate::compare::tracker::Tracking;
use crate::session::sides::columns::Region;
use crate::session::sides::stretches::Stretches;

/// What is known of the reference at the newest part of the mix.
#[derive(Clone, Debug, Default)]
pub struct CompanionFrame {
    /// The reference's figures; none while it is not read or the mix has not begun.
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
    /// The mix's own sections beside those of another song.
    pub sections: Arc<SectionsBeside>,
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
    /// Whether the reference follows the mix as the same song.
    pub fn is_aligned(&self) -> bool {
        is_aligned(self.tracking)
    }

    /// Reference time under mix time 0 as it was at a mix time: before a jump it was another. `None` where nothing is
    /// known to have lain beside the mix.
    pub fn offset_at(&self, mix_secs: f64) -> Option<f64> {
        self.stretches.offset_at(mix_secs, self.offset_secs)
    }
}

/// Whether a reference that is tracked so follows the mix as the same song.
pub fn is_aligned(tracking: Option<Tracking>) -> bool {
    matches!(tracking, Some(Tracking::Locked(_) | Tracking::Doubtful(_)))
}
