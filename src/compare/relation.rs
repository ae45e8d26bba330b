//! What the reference of a comparison is to its mix: on it depends from where on a difference counts.

use crate::compare::alignment::AlignmentResult;

/// What the reference is to the mix.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Relation {
    /// Another version of the song, and where the mix lies in it.
    SameSong(AlignmentResult),
    /// Another input that was heard at the same time, and its time under mix time 0.
    SameTime(AlignmentResult),
    /// Another recording.
    OtherSong,
    /// What several recordings have in common.
    Target,
}

impl Relation {
    /// Of two recordings, by whether one was found in the other.
    pub fn of_recordings(alignment: Option<AlignmentResult>) -> Self {
        alignment.map_or(Self::OtherSong, Self::SameSong)
    }

    /// Where the mix lies in the reference.
    pub fn alignment(self) -> Option<AlignmentResult> {
        match self {
            Self::SameSong(found) | Self::SameTime(found) => Some(found),
            Self::OtherSong | Self::Target => None,
        }
    }
}
