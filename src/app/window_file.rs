//! Where the window was: monitor, full screen, size. Kept beside the settings, in a file of its own, because it is
//! this desk's and changes by itself.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

use crate::audio::threads;
use crate::session::replace::replace_file;
use crate::session::settings::file;

/// Sizes in points that a file may ask for.
const SIZES: std::ops::RangeInclusive<f64> = 100.0..=20_000.0;

/// How the window stood.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct WindowPlace {
    /// The monitor's name.
    pub monitor: Option<String>,
    /// Whether it filled the screen.
    pub fullscreen: bool,
    /// Width and height in points when it does not.
    pub size: Option<[f64; 2]>,
    /// Whether it stays above all others.
    pub always_on_top: bool,
}

impl WindowPlace {
    /// Reads a file; a value that is missing or makes no sense is left at its default.
    fn read(text: &str) -> Self {
        let table: toml::Table = match text.parse() {
            Ok(table) => table,
            Err(error) => {
                tracing::debug!("window.toml: {error}");
                return Self::default();
            }
        };
        let switch = |name: &str| table.get(name).and_then(toml::Value::as_bool);
        let number = |name: &str| {
            let value = table.get(name)?;
            let number = value.as_float().or(value.as_integer().map(|n| n as f64))?;
            SIZES.contains(&number).then_some(number)
        };
        Self {
            monitor: table
                .get("monitor")
                .and_then(toml::Value::as_str)
                .filter(|name| !name.is_empty())
                .map(str::to_owned),
            fullscreen: switch("fullscreen").unwrap_or(false),
            size: number("width")
                .zip(number("height"))
                .map(|(width, height)| [width, height]),
            always_on_top: switch("always_on_top").unwrap_or(false),
        }
    }

    fn text(&self) -> String {
        let mut table = toml::Table::new();
        if let Some(name) = &self.monitor {
            table.insert("monitor".to_owned(), name.clone().into());
        }
        table.insert("fullscreen".to_owned(), self.fullscreen.into());
        if let Some([width, height]) = self.size {
            table.insert("width".to_owned(), width.into());
            table.insert("height".to_owned(), height.into());
        }
        table.insert("always_on_top".to_owned(), self.always_on_top.into());
        format!("# Where Abscope's window was. Delete it to forget.\n{table}")
    }
}

/// Writes the place of the window on a thread of its own, so that the window never waits for a disk.
pub(super) struct PlaceKeeper {
    sender: Option<Sender<WindowPlace>>,
    thread: Option<JoinHandle<()>>,
}

impl PlaceKeeper {
    /// Reads what was kept, and is ready to keep more.
    pub(super) fn open() -> (Self, WindowPlace) {
        let path = path();
        let kept = path
            .as_deref()
            .and_then(|path| std::fs::read_to_string(path).ok())
            .map(|text| WindowPlace::read(&text))
            .unwrap_or_default();
        let (sender, receiver) = channel::<WindowPlace>();
        let thread = path.and_then(|path| {
            threads::spawn("window place", move || {
                while let Ok(first) = receiver.recv() {
                    let newest = receiver.try_iter().last().unwrap_or(first);
                    let saved = threads::carry_on("window place", || {
                        threads::may_break("window place");
                        save(&path, &newest)
                    });
                    if let Some(Err(error)) = saved {
                        tracing::warn!("{}: {error}", path.display());
                    }
                }
            })
            .ok()
        });
        let keeper = Self {
            sender: Some(sender),
            thread,
        };
        (keeper, kept)
    }

    /// Keeps a place.
    pub(super) fn keep(&self, place: &WindowPlace) {
        if let Some(sender) = &self.sender {
            // Without a thread there is nobody to write it, which the log has said.
            let _ = sender.send(place.clone());
        }
    }
}

impl Drop for PlaceKeeper {
    fn drop(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn path() -> Option<PathBuf> {
    Some(file::path()?.with_file_name("window.toml"))
}

/// Writes in one step: a power cut leaves the old one or the new one.
fn save(path: &Path, place: &WindowPlace) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    replace_file(path, |file| file.write_all(place.text().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_back_and_bad_values_leave_the_rest() {
        let place = WindowPlace {
            monitor: Some("DP-2".to_owned()),
            fullscreen: true,
            size: Some([1600.0, 900.0]),
            always_on_top: true,
        };
        assert_eq!(WindowPlace::read(&place.text()), place);
        let bad = "monitor = 7\nfullscreen = true\nwidth = nan\nheight = 900\n";
        let expected = WindowPlace {
            fullscreen: true,
            ..WindowPlace::default()
        };
        assert_eq!(WindowPlace::read(bad), expected);
        assert_eq!(WindowPlace::read("no toml ["), WindowPlace::default());
    }

    #[test]
    fn a_place_is_saved_whole_or_not_at_all() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().join("new/window.toml");
        save(&path, &WindowPlace::default()).expect("the folder is made");
        let text = std::fs::read_to_string(&path).expect("it was just written");
        assert_eq!(WindowPlace::read(&text), WindowPlace::default());
        let files = std::fs::read_dir(folder.path().join("new")).expect("it is there");
        assert_eq!(files.count(), 1, "nothing is left beside it");
    }
}
