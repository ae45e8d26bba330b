//! Files and folders that come to the window: dropped, or chosen in the dialog.

use std::path::PathBuf;

use crate::app::message::Message;
use crate::app::open::file_name;
use crate::app::window::state::App;
use crate::audio::threads;
use crate::session::background;
use crate::session::references::{MOST_REFERENCES, folder};

impl App {
    /// Files and folders that came: folders are looked into on a thread of their own, since disks may be slow.
    pub(super) fn take_paths(&mut self, mut paths: Vec<PathBuf>) {
        // A picture shows its figures; it is nothing to compare with.
        let is_picture = |path: &PathBuf| {
            let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
            ending.is_some_and(|ending| ending == "png") && path.is_file()
        };
        for picture in paths
            .extract_if(.., |path| is_picture(path))
            .collect::<Vec<_>>()
        {
            self.open_picture(picture);
        }
        if paths.is_empty() {
            return;
        }
        let proxy = self.proxy.clone();
        let looking = background::spawn("folder", background::WORK, move || {
            let message = match folder::expanded(&paths) {
                Ok(files) => Message::References(files),
                Err(why) => Message::Say(why),
            };
            // A closed window needs no files.
            let _ = proxy.send_event(message);
        });
        if let Err(error) = looking {
            self.say(format!("the files are not read: no thread for it: {error}"));
        }
    }

    /// Opens as many references as there is room for, and says how many were left out.
    pub(super) fn add_references(&mut self, files: &[PathBuf]) {
        let room = self.session.pair.references.room();
        let (opened, left_out) = files.split_at(files.len().min(room));
        for path in opened {
            if let Err(why) = self.session.pair.references.open(path) {
                self.say(why);
            }
        }
        match (opened, left_out.len()) {
            ([], 0) => {}
            ([], 1) => self.say(format!(
                "{} was not loaded: {MOST_REFERENCES} references are open",
                file_name(&left_out[0])
            )),
            ([one], 0) => self.say(format!("reading {}", file_name(one))),
            (several, 0) => self.say(format!("reading {} files", several.len())),
            (several, left_out) => self.say(format!(
                "reading {} files; {left_out} left out: {MOST_REFERENCES} references can be open",
                several.len()
            )),
        }
    }

    /// The dialog runs on a thread of its own: the picture goes on behind it.
    pub(super) fn ask_for_files(&mut self) {
        let proxy = self.proxy.clone();
        let asking = threads::spawn("dialog", move || {
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
