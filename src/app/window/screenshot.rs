//! Pictures of what the window shows, drawn beside it.

use crate::app::captured::Captured;
use crate::app::message::Message;
use crate::app::screenshot::{PictureJob, metadata, picture_path};
use crate::app::view_state::moment;
use crate::app::window::state::App;
use crate::session::action::{Drawer, PictureKind};
use crate::session::background;
use crate::session::sides::history::History;
use crate::session::snapshots::picture_metadata::PictureMetadata;
use crate::view::palette::Palette;
use crate::view::scene::Scene;
use crate::view::stamp::Stamp;
use std::path::{Path, PathBuf};

impl App {
    /// Draws, saves and copies a picture of what is shown.
    pub(super) fn screenshot(&mut self, kind: PictureKind) {
        if let Err(why) = self.jobs.room() {
            return self.refuse(why);
        }
        let made = jiff::Zoned::now();
        let scene = self.stamped_scene(kind, &made);
        let captured = Captured::of(
            &self.session.pair.histories(),
            moment(&self.session, &self.view),
            &[&scene],
        );
        let song = self.song();
        let job = PictureJob {
            metadata: metadata(&scene, &song, &made),
            path: picture_path(
                &self.pictures_folder(),
                &made,
                &format!("{song} {}", kind.name()),
            ),
            scene,
            captured,
        };
        self.say("writing the picture …".to_owned());
        self.write_beside(Box::new(move || {
            job.run().map_err(|error| format!("no picture: {error:#}"))
        }));
    }

    /// The scene of a picture, with its stamp at the foot.
    fn stamped_scene(&mut self, kind: PictureKind, made: &jiff::Zoned) -> Scene {
        let edge = self.edge_of_picture();
        let (size, scale) = (kind.size(), kind.scale());
        // Sizes of type follow the picture's height; the stamp's height follows them.
        let whole = self.scene(size, scale, edge).layout;
        let mut scene = self.scene([size[0], Stamp::rest(&whole)], scale, edge);
        if kind == PictureKind::Print {
            // Ink is dear, and paper is white.
            scene.looks.light = true;
            scene.palette = Palette::of(true, scene.looks.high_contrast);
        }
        // Nobody presses a key of a picture.
        scene.section = scene.section.map(|words| words.replace(", press G", ""));
        scene.status.toast = None;
        scene.status.stopped.clear();
        scene.cursor = None;
        scene.status.fps = None;
        scene.status.latency_ms = None;
        let stamp = Stamp {
            rect: scene.layout.status_bar,
            song: self.song(),
            snapshot: self.shown_snapshot(),
            made: made.strftime("%-d %B %Y, %H:%M:%S").to_string(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        // "Now" is over when it is looked at.
        scene.told_later_secs = scene.told_later_secs.or(scene.song_later_secs());
        stamp.put_into(&mut scene, &whole);
        scene
    }

    /// What a picture is of: up to now, as far as it was taken over. On the screen the next frame brings the rest.
    fn edge_of_picture(&mut self) -> f64 {
        /// A picture every so often is the fewest that is drawn.
        const BETWEEN_FRAMES_SECS: f64 = 0.6;
        let edge = self.advance_clock();
        let mix = &self.session.pair.mix;
        let end = mix.history().filter(|_| mix.shown_song().is_none());
        let end = end.map(History::end_secs);
        let end = end.filter(|end| (0.0..BETWEEN_FRAMES_SECS).contains(&(edge - end)));
        end.unwrap_or(edge)
    }

    /// Where pictures, reports and exports go: the folder of the settings, else that of the person.
    pub(super) fn pictures_folder(&self) -> PathBuf {
        self.chosen_pictures_folder().unwrap_or_else(usual_folder)
    }

    /// What to call what is shown.
    pub(super) fn song(&self) -> String {
        self.session.pair.song_name()
    }

    /// The snapshot that is shown, if it is one.
    pub(super) fn shown_snapshot(&self) -> Option<String> {
        self.session.pair.mix.recalled_name().map(str::to_owned)
    }

    /// Reads the figures of a picture that was dropped on the window, and shows them.
    pub(super) fn open_picture(&mut self, path: PathBuf) {
        let proxy = self.proxy.clone();
        let reading = background::spawn("picture", background::WORK, move || {
            // A window that has closed needs no figures.
            let _ = proxy.send_event(read_message(&path));
        });
        if let Err(error) = reading {
            self.say(format!(
                "the picture is not read: no thread for it: {error}"
            ));
        }
    }

    /// Shows the figures of a picture. The snapshot it was made of is a question to whoever looks: a picture may come
    /// from anybody, and opens no file by itself.
    pub(super) fn show_picture(&mut self, metadata: &PictureMetadata) {
        if metadata.snapshot.is_some() {
            self.view.drawer = Some(Drawer::Snapshots);
            self.read_pages();
        }
        self.say(told(metadata));
    }
}

/// The figures of a picture, and what can be done about its snapshot.
fn told(metadata: &PictureMetadata) -> String {
    let summary = metadata.summary();
    match &metadata.snapshot {
        Some(snapshot) => {
            format!("shows {snapshot}: open it from the shelf if you like; {summary}")
        }
        None => summary,
    }
}

fn read_message(path: &Path) -> Message {
    let read = std::fs::File::open(path)
        .map_err(Into::into)
        .and_then(|file| PictureMetadata::read(&mut std::io::BufReader::new(file)));
    match read {
        Ok(metadata) => Message::Picture(Box::new(metadata)),
        Err(error) => Message::Say(format!("{}: {error}", path.display())),
    }
}

/// The pictures folder of the person, else the home folder, else here.
fn usual_folder() -> PathBuf {
    directories::UserDirs::new()
        .map(|dirs| dirs.picture_dir().unwrap_or(dirs.home_dir()).to_owned())
        .filter(|folder| folder.is_dir())
        .unwrap_or_else(|| PathBuf::from("."))
}
