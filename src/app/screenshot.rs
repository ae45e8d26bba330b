//! Pictures of print quality: drawn off-screen by the window's own passes, compressed on a thread of their own.

use std::path::PathBuf;

use crate::app::window::{App, Message, moment};
use crate::cli::picture::write_png;

/// Size of a saved picture.
const SCREENSHOT_SIZE: [u32; 2] = [3840, 2160];

impl App {
    pub(super) fn screenshot(&mut self) {
        let edge = self.advance_clock();
        let mut scene = self.scene(SCREENSHOT_SIZE, 1.0, edge);
        scene.status.toast = None;
        scene.drawer = None;
        scene.status.fps = None;
        scene.status.latency_ms = None;
        let Some(screen) = &mut self.screen else {
            return;
        };
        let moment = moment(&self.session, &self.view);
        match screen.picture(&self.session, moment, &scene) {
            Ok(pixels) => self.save_picture(pixels),
            Err(error) => self.say(format!("no picture: {error:#}")),
        }
    }

    /// Compressing a large picture takes a while: it happens on a thread of its own.
    pub(super) fn save_picture(&mut self, pixels: Vec<u8>) {
        let proxy = self.proxy.clone();
        let folder = self.chosen_pictures_folder();
        let saving = std::thread::Builder::new()
            .name("picture".to_owned())
            .spawn(move || {
                let path = folder
                    .unwrap_or_else(pictures_folder)
                    .join(format!("Abscope {}.png", time_stamp()));
                let words = match write_png(&path, SCREENSHOT_SIZE, &pixels) {
                    Ok(()) => format!("picture saved: {}", path.display()),
                    Err(error) => format!("{error:#}"),
                };
                let _ = proxy.send_event(Message::Say(words));
            });
        if let Err(error) = saving {
            self.say(format!("no picture: {error}"));
        }
    }
}

/// The pictures folder of the person, else the home folder, else here.
fn pictures_folder() -> PathBuf {
    directories::UserDirs::new()
        .map(|dirs| dirs.picture_dir().unwrap_or(dirs.home_dir()).to_owned())
        .filter(|folder| folder.is_dir())
        .unwrap_or_else(|| PathBuf::from("."))
}

/// Seconds since 1970: sortable, and needs no calendar. With thousandths, so that two pictures of one second are two.
fn time_stamp() -> String {
    let elapsed = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    format!("{}.{:03}", elapsed.as_secs(), elapsed.subsec_millis())
}
