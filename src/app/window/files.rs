//! Files and folders that come to the window: dropped, or chosen in the dialog.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::app::message::Message;
use crate::app::open::file_name;
use crate::app::window::state::App;
use crate::audio::threads;
use crate::session::action::Drawer;
use crate::session::background;
use crate::session::references::typed::{Offer, offers};
use crate::session::references::{MOST_REFERENCES, folder};

/// A dialog that is closed sooner was never seen.
const NO_DIALOG: Duration = Duration::from_millis(300);

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
                Err(why) => Message::NotRead(why),
            };
            // A closed window needs no files.
            let _ = proxy.send_event(message);
        });
        if let Err(error) = looking {
            self.say(format!("the files are not read: no thread for it: {error}"));
        }
    }

    /// Says why files were not read; what was typed stays, to be put right.
    pub(super) fn not_read(&mut self, why: String) {
        self.say(why);
        self.session.typed.asked += u32::from(!self.session.typed.text.is_empty());
    }

    /// Opens as many references as there is room for, and says how many were left out.
    pub(super) fn add_references(&mut self, files: &[PathBuf]) {
        // What was typed is no longer needed.
        self.session.typed.text.clear();
        let references = &mut self.session.pair.references;
        let known = |path: &PathBuf| references.shelf().index_of(path);
        let (known, files): (Vec<_>, Vec<_>) = files.iter().partition(|path| known(path).is_some());
        if let Some(path) = known.last() {
            // Whoever opens it again wants to see it.
            if let Some(index) = references.shelf().index_of(path) {
                references.activate(index);
            }
            self.say(format!("{} is open already", file_name(path)));
        }
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
                file_name(left_out[0])
            )),
            ([one], 0) => self.say(format!("reading {}", file_name(one))),
            (several, 0) => self.say(format!("reading {} files", several.len())),
            (several, left_out) => self.say(format!(
                "reading {} files; {left_out} left out: {MOST_REFERENCES} references can be open",
                several.len()
            )),
        }
    }

    /// Where the system has no file dialog a path is typed.
    pub(super) fn show_path_field(&mut self) {
        self.view.drawer = Some(Drawer::References);
        // What was typed before and could not be read is not what is typed now.
        self.session.typed.text.clear();
        self.session.typed.offered.clear();
        self.session.typed.asked += 1;
        self.say(
            "no file dialog here: type or paste a path, or drop files on the window".to_owned(),
        );
    }

    /// Takes what was typed of a path; what it may go on as is looked for on a thread, since disks may be slow.
    pub(super) fn type_path(&mut self, text: &str) {
        self.view.drawer = Some(Drawer::References);
        if text.is_empty() {
            self.session.typed.asked += 1;
        }
        self.session.typed.text = text.to_owned();
        let (proxy, text) = (self.proxy.clone(), text.to_owned());
        let looking = background::spawn("typed path", background::WORK, move || {
            let offered = offers(&text);
            // A closed window needs no offers.
            let _ = proxy.send_event(Message::Offers(text, offered));
        });
        if let Err(error) = looking {
            self.say(format!(
                "no folder is looked into: no thread for it: {error}"
            ));
        }
    }

    /// What a path may go on as, unless more was typed since.
    pub(super) fn offer(&mut self, text: &str, offered: Vec<Offer>) {
        if self.session.typed.text == text {
            self.session.typed.offered = offered;
        }
    }

    /// The dialog runs on a thread of its own: the picture goes on behind it.
    pub(super) fn ask_for_files(&mut self) {
        let proxy = self.proxy.clone();
        let asking = threads::spawn("dialog", move || {
            let asked_at = Instant::now();
            let chosen = rfd::FileDialog::new()
                .set_title("References to compare with")
                .pick_files();
            let message = match chosen {
                Some(files) => Message::Files(files),
                // Nobody closes a dialog this fast: this desktop has none.
                None if asked_at.elapsed() < NO_DIALOG => Message::NoDialog,
                None => return,
            };
            // A closed window needs no files.
            let _ = proxy.send_event(message);
        });
        if let Err(error) = asking {
            self.say(format!(
                "the file dialog does not open: {error}; drop a file on the window"
            ));
        }
    }
}
