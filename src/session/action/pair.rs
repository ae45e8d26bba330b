//! What a person asks of the two sides: which they are, how they are laid to each other, and what is heard.

/// Done by mix and reference.
#[derive(Clone, Debug, PartialEq)]
pub enum PairAction {
    /// Start integrated loudness, range, peaks and curves anew.
    ResetMeasurement,
    /// Measure on as if it had not been.
    UndoReset,
    /// Activate a loaded reference, counted from 0.
    Reference(usize),
    /// Activate the next reference.
    NextReference,
    /// Lay the picture over song position, or over time again.
    SongPosition,
    /// Let another song play the section that fits the mix, or run through.
    FollowSections,
    /// Play the reference through an output, or stop.
    ToggleListen,
    /// Choose that output by name or a part of it; empty is the system's own.
    ListenOn(String),
    /// Hear a live input as the reference, by name; empty gives the place back to the files.
    ReferenceInput(String),
    /// Name the song; empty takes the name of the file or the input.
    Song(String),
    /// Move the reference in time, in seconds; positive shows a later part of it.
    NudgeAlignment(f64),
    /// Put the reference back to where it was found.
    NudgeBack,
    /// Hear another input: `system`, `demo`, or a device by its name.
    SelectInput(String),
    /// Hear another pair of the input's channels, counted from 0.
    SelectInputPair(u16),
    /// Take a reference from the shelf, counted from 0; `None` is the active one.
    RemoveReference(Option<usize>),
    /// Compare only the part of the active reference between two times in seconds; `None` takes the part that lies in
    /// the picture.
    Region(Option<[f64; 2]>),
    /// Compare all of the active reference.
    ClearRegion,
    /// Give the active reference a gain in dB besides the loudness match.
    Trim(f64),
}
