//! What a stream is analysed for.

/// What is analysed beyond the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A stream without end that is looked at: curves of the last seconds, none of the whole.
    Live,
    /// A whole file.
    Programme,
    /// A stream that is looked at and summed up in the end.
    LiveProgramme,
}

impl Purpose {
    /// Whether somebody looks while it is heard.
    pub fn is_live(self) -> bool {
        self != Self::Programme
    }

    /// Whether sums of the whole are wanted.
    pub(super) fn is_summed_up(self) -> bool {
        self != Self::Live
    }
}
