//! Pictures of print quality, for a phone or for a slide: drawn off-screen on a thread of their own, from a copy, with a
//! stamp that says what they show and the same as data inside the file.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::app::captured::Captured;
use crate::app::clipboard::copy_picture;
use crate::app::headless::Headless;
use crate::app::scopes::TrackFeed;
use crate::app::snapshots::RecallAs;
use crate::app::window::{App, Message, moment};
use crate::cli::picture::{self, encode_with_text, write_new};
use crate::session::action::PictureKind;
use crate::session::background;
use crate::session::picture_metadata::{
    KEYWORD, PictureAlignment, PictureMetadata, PictureSide, SCHEMA,
};
use crate::view::palette::Side;
use crate::view::scene::{Alignment, Scene};
use crate::view::stamp::Stamp;

/// All that the thread needs.
struct PictureJob {
    scene: Scene,
    captured: Captured,
    metadata: PictureMetadata,
    path: PathBuf,
}

impl App {
    /// Draws, saves and copies a picture of what is shown.
    pub(super) fn screenshot(&mut self, kind: PictureKind) {
        let made = jiff::Zoned::now();
        let scene = self.stamped_scene(kind, &made);
        let captured = Captured::of(&self.session, moment(&self.session, &self.view), &[&scene]);
        let song = self.song();
        let job = PictureJob {
            metadata: metadata(&scene, &song, &made),
            path: picture_path(&self.pictures_folder(), &made, &song),
            scene,
            captured,
        };
        let proxy = self.proxy.clone();
        let drawing = background::spawn("picture", background::WORK, move || {
            let words = job
                .run()
                .unwrap_or_else(|error| format!("no picture: {error:#}"));
            // A window that has closed needs no words.
            let _ = proxy.send_event(Message::Say(words));
        });
        if let Err(error) = drawing {
            self.say(format!("no picture: no thread for it: {error}"));
        }
    }

    /// The scene of a picture, with its stamp at the foot.
    fn stamped_scene(&mut self, kind: PictureKind, made: &jiff::Zoned) -> Scene {
        let edge = self.advance_clock();
        let (size, scale) = (kind.size(), kind.scale());
        // Sizes of type follow the picture's height; the stamp's height follows them.
        let whole = self.scene(size, scale, edge).layout;
        let mut scene = self.scene([size[0], Stamp::rest(&whole)], scale, edge);
        scene.status.toast = None;
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
        stamp.put_into(&mut scene, &whole);
        scene
    }

    /// Where pictures, reports and exports go: the folder of the settings, else that of the person.
    pub(super) fn pictures_folder(&self) -> PathBuf {
        self.chosen_pictures_folder().unwrap_or_else(usual_folder)
    }

    /// What to call what is shown.
    pub(super) fn song(&self) -> String {
        let mix = self.session.mix.as_ref().map(|mix| mix.name.clone());
        mix.unwrap_or_else(|| "no input".to_owned())
    }

    /// The snapshot that is shown, if it is one.
    pub(super) fn shown_snapshot(&self) -> Option<String> {
        self.session.recalled.clone()
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

    /// Shows the figures of a picture, and the snapshot it was made of.
    pub(super) fn show_picture(&mut self, metadata: &PictureMetadata) {
        if let Some(snapshot) = &metadata.snapshot {
            self.recall(snapshot, RecallAs::Picture);
        }
        self.say(metadata.summary());
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

impl PictureJob {
    /// Draws, compresses, saves and copies; what to say about it.
    fn run(self) -> anyhow::Result<String> {
        let size = self.scene.layout.size.map(|side| side as u32);
        let (session, feeds) = self.captured.into_session();
        let mut headless = Headless::new()?;
        let feeds = feeds.each_ref().map(TrackFeed::feed);
        let pixels = headless.picture(&session, &self.scene, feeds)?;
        drop(headless);
        let png = encode_with_text(size, &pixels, KEYWORD, &self.metadata.to_text())
            .context("it cannot be compressed")?;
        let path = write_new(&self.path, &png)?;
        let shown = path.display();
        Ok(match copy_picture(size, &pixels) {
            Ok(()) => format!("picture saved and copied: {shown}"),
            Err(error) => format!("picture saved: {shown} (not copied: {error})"),
        })
    }
}

/// "Abscope 2026-11-23 04.31.05 Song.png", free in its folder: sorted by name it is sorted by time.
pub(super) fn picture_path(folder: &Path, made: &jiff::Zoned, song: &str) -> PathBuf {
    picture::picture_path(
        folder,
        &made.strftime("%Y-%m-%d %H.%M.%S").to_string(),
        song,
        "png",
    )
}

/// The figures and settings of a scene, for the file.
fn metadata(scene: &Scene, song: &str, made: &jiff::Zoned) -> PictureMetadata {
    let side = |side: Side| {
        let shown = scene.side(side);
        let figures = &shown.figures;
        PictureSide {
            source: shown.name.clone(),
            sample_rate_hz: shown.sample_rate_hz,
            momentary_lufs: figures.momentary_lufs,
            short_term_lufs: figures.short_term_lufs,
            integrated_lufs: figures.integrated_lufs,
            range_lu: figures.range_lu,
            true_peak_dbtp: figures.true_peak_dbtp,
            plr_lu: figures.plr_lu,
            psr_lu: figures.psr_lu,
            correlation: figures.correlation,
        }
    };
    let stamp = scene.stamp.as_ref();
    PictureMetadata {
        schema: SCHEMA,
        app_version: env!("CARGO_PKG_VERSION").to_owned(),
        created_unix_secs: made.timestamp().as_second(),
        created: stamp.map(|stamp| stamp.made.clone()).unwrap_or_default(),
        song: song.to_owned(),
        snapshot: stamp.and_then(|stamp| stamp.snapshot.clone()),
        at_secs: scene.right_edge_secs,
        mix: side(Side::Mix),
        reference: Some(side(Side::Reference)).filter(|side| !side.source.is_empty()),
        match_gain_db: scene.match_gain_db.filter(|_| scene.looks.loudness_match),
        alignment: match scene.alignment {
            Alignment::Locked {
                offset_secs,
                confidence,
                ..
            } => Some(PictureAlignment {
                offset_secs,
                confidence,
            }),
            Alignment::Beside
            | Alignment::OtherSong
            | Alignment::OtherSpeed { .. }
            | Alignment::SameClock => None,
        },
        settings: serde_json::to_value(&scene.looks).expect("plain data become JSON"),
    }
}

/// The pictures folder of the person, else the home folder, else here.
fn usual_folder() -> PathBuf {
    directories::UserDirs::new()
        .map(|dirs| dirs.picture_dir().unwrap_or(dirs.home_dir()).to_owned())
        .filter(|folder| folder.is_dir())
        .unwrap_or_else(|| PathBuf::from("."))
}
