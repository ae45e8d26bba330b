//! Findings in the window: while their drawer is open, the mix heard so far is compared every few seconds on a thread
//! of its own.

use std::time::{Duration, Instant};

use crate::app::message::Message;
use crate::session::action::Drawer;
use crate::session::background;
use crate::session::pairing::heard::{Heard, HeardJob};

/// When findings were last looked for.
#[derive(Default)]
pub(super) struct FindingsClock {
    running: bool,
    last: Option<(Instant, u64)>,
}

