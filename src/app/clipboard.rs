//! Pictures on the clipboard. On X11 whoever copied must stay to hand it over, so the owner lives as long as the program.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

/// Who owns what was copied last.
static OWNER: Mutex<Option<arboard::Clipboard>> = Mutex::new(None);

/// Copies a picture of RGBA pixels. Takes a while for a large one: not for the window's thread.
pub(super) fn copy_picture(size: [u32; 2], pixels: &[u8]) -> Result<(), arboard::Error> {
    let mut owner = OWNER.lock().unwrap_or_else(PoisonError::into_inner);
    let mut clipboard = match owner.take() {
        Some(clipboard) => clipboard,
        None => arboard::Clipboard::new()?,
    };
    let copied = clipboard.set_image(arboard::ImageData {
        width: size[0] as usize,
        height: size[1] as usize,
        bytes: Cow::Borrowed(pixels),
    });
    *owner = Some(clipboard);
    copied
}
