//! What a reader of frames tells whoever asks it, whatever it reads: as it is opened, and at each step.

/// A reader, and what the headers of its file say.
pub(super) struct Opened<R> {
    pub reader: R,
    pub declared_frames: Option<u64>,
    pub title: Option<String>,
}

/// What one step brought.
pub(super) enum Step {
    /// Frames were appended.
    Frames,
    /// The regular end.
    End,
    /// The end, for this reason; frames may have been appended before it.
    Broken(String),
    /// Rate or channels differ from here on.
    FormatChanges,
}
