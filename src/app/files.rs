//! Files that come to the window: dropped, or chosen in the dialog.

use std::path::PathBuf;

use crate::app::open::file_name;
use crate::app::window::{App, Message};
use crate::session::references::{MOST_REFERENCES, Reference};

impl App {
    pub(super) fn add_references(&mut self, paths: Vec<PathBuf>) {
        for path in paths {
            let name = file_name(&path);
            if self.session.references.is_full() {
                self.say(format!(
                    "{name} was not loaded: {MOST_REFERENCES} references are open"
                ));
                continue;
            }
            match self.session.references.add(Reference::from_file(&path)) {
                Ok(()) => self.say(format!("reading {name}")),
                Err(why) => self.say(why),
            }
        }
    }

    /// The dialog runs on a thread of its own: the picture goes on behind it.
    pub(super) fn ask_for_files(&mut self) {
        let proxy = self.proxy.clone();
        let asking = std::thread::Builder::new()
            .name("dialog".to_owned())
            .spawn(move || {
                let chosen = rfd::FileDialog::new()
                    .set_title("References to compare with")
                    .pick_files();
                // A closed window needs no files.
                let _ = proxy.send_event(Message::Files(chosen.unwrap_or_default()));
            });
        if let Err(error) = asking {
            self.say(format!(
                "the file dialog does not open: {error}; drop a file on the window"
            ));
        }
    }
}
