//! What other threads tell the window, and what it is asked from outside.

use std::path::PathBuf;

use crate::app::jobs::Done;
use crate::app::reply::Reply;
use crate::session::action::Action;
use crate::session::pairing::heard::Heard;
use crate::session::references::typed::Offer;
use crate::session::snapshots::picture_metadata::PictureMetadata;
use crate::session::snapshots::shelf_worker::ShelfNews;

/// What an assistive tool asks of a window.
pub type AssistiveEvent = egui_winit::accesskit_winit::Event;

/// What other threads tell the window.
pub(super) enum Message {
    /// Files and folders chosen in the dialog.
    Files(Vec<PathBuf>),
    /// What a typed path may go on as.
    Offers(String, Vec<Offer>),
    /// There is no file dialog.
    NoDialog,
    /// Files to open as references.
    References(Vec<PathBuf>),
    /// The figures of a picture that was dropped.
    Picture(Box<PictureMetadata>),
    /// The mix heard so far, compared.
    Heard(Box<Heard>),
    /// Why files were not read.
    NotRead(String),
    /// Something to say.
    Say(String),
    /// A picture, report or export is written, or is not.
    Written(Done),
    /// Something sounds again in the mix, or in the input beside it.
    Sounds,
    /// Of the shelf of snapshots.
    Shelf(Box<ShelfNews>),
    /// A hotkey was pressed.
    Act(Action),
    /// Something is asked from outside.
    Remote(Ask),
    /// An assistive tool wants to read or press something.
    Assistive(AssistiveEvent),
}

impl Message {
    /// Whether what it brings may be seen: not where only the state of things is asked for, and of a sound that depends.
    pub(super) fn may_change_picture(&self) -> bool {
        match self {
            Self::Remote(ask) => !matches!(ask.what, What::Status),
            Self::Sounds => false,
            _ => true,
        }
    }
}

impl From<AssistiveEvent> for Message {
    fn from(event: AssistiveEvent) -> Self {
        Self::Assistive(event)
    }
}

/// One thing asked from outside, on its way to the window.
pub(super) struct Ask {
    pub(super) what: What,
    pub(super) reply: Reply,
    /// Whoever asks waits until files are written and read, not only until that has begun.
    pub(super) waits_for_files: bool,
}

/// What is asked.
pub(super) enum What {
    /// To do something.
    Act(Action),
    /// How things are.
    Status,
}
