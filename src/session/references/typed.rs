//! A path as it is typed: what it may go on as, and the files that were opened lately.

use std::path::{Path, PathBuf};

use crate::session::format::snapshot::EXTENSION;
use crate::session::references::folder::is_audio;

/// How many ways to go on are offered.
pub const MOST_OFFERED: usize = 8;
/// How many files are remembered.
const MOST_RECENT: usize = 12;

/// A path in the making.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TypedPath {
    /// How often the field was asked for: each time it takes the keyboard.
    pub asked: u32,
    /// What was typed so far.
    pub text: String,
    /// What it may go on as: folders first.
    pub offered: Vec<Offer>,
}

/// One way to go on.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// Where it lies.
    pub path: PathBuf,
    /// Whether it goes on from there.
    pub is_folder: bool,
}

/// The path that is meant: `~` is the person's own folder, and quotes around it are left out, as other programs copy
/// paths with them.
pub fn meant(text: &str) -> PathBuf {
    let text = text.trim();
    let text = text.strip_prefix("file://").unwrap_or(text);
    let text = ['"', '\'']
        .into_iter()
        .find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(text);
    match text
        .strip_prefix('~')
        .map(|rest| rest.trim_start_matches(['/', '\\']))
    {
        Some(rest) => match directories::BaseDirs::new() {
            Some(folders) => folders.home_dir().join(rest),
            None => PathBuf::from(text),
        },
        None => PathBuf::from(text),
    }
}

/// The folders and audio files that a typed path may go on as. Reads a folder, which may be slow.
pub fn offers(text: &str) -> Vec<Offer> {
    if text.trim().is_empty() {
        return vec![];
    }
    let path = meant(text);
    let is_whole = text.ends_with(['/', '\\']);
    let (folder, begun) = match (is_whole, path.parent(), path.file_name()) {
        (false, Some(parent), Some(name)) => {
            (parent.to_owned(), name.to_string_lossy().to_lowercase())
        }
        _ => (path, String::new()),
    };
    let Ok(entries) = std::fs::read_dir(&folder) else {
        return vec![];
    };
    let mut offers: Vec<Offer> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| goes_on(path, &begun))
        .filter_map(|path| {
            let is_folder = path.is_dir();
            let is_snapshot = path.extension().is_some_and(|ending| ending == EXTENSION);
            (is_folder || is_snapshot || is_audio(&path)).then_some(Offer { path, is_folder })
        })
        .collect();
    offers.sort_by_key(|offer| {
        (
            !offer.is_folder,
            offer.path.to_string_lossy().to_lowercase(),
        )
    });
    offers.truncate(MOST_OFFERED);
    offers
}

/// Whether a name begins as typed; hidden ones only where that was typed.
fn goes_on(path: &Path, begun: &str) -> bool {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    name.starts_with(begun) && (begun.starts_with('.') || !name.starts_with('.'))
}

/// Remembers a file as the one that was opened last.
pub fn remember(recent: &mut Vec<PathBuf>, path: &Path) {
    let Ok(path) = std::path::absolute(path) else {
        return;
    };
    recent.retain(|other| *other != path);
    recent.insert(0, path);
    recent.truncate(MOST_RECENT);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_goes_on_as_the_folders_and_audio_files_that_begin_so() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for name in [
            "Mix 2.wav",
            "mix 1.flac",
            "mixed notes.txt",
            ".mix.wav",
            "other.wav",
        ] {
            std::fs::write(folder.path().join(name), b"").expect("room");
        }
        std::fs::create_dir(folder.path().join("mixes")).expect("room");
        let names = |text: &str| -> Vec<String> {
            let name = |offer: Offer| {
                let name = offer.path.file_name().unwrap_or_default().to_string_lossy();
                format!("{name}{}", if offer.is_folder { "/" } else { "" })
            };
            offers(text).into_iter().map(name).collect()
        };
        let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        assert_eq!(names(&at("MIX")), ["mixes/", "mix 1.flac", "Mix 2.wav"]);
        assert_eq!(
            names(&format!("{}/", folder.path().display())),
            ["mixes/", "mix 1.flac", "Mix 2.wav", "other.wav"]
        );
        assert!(names(&at("nothing")).is_empty() && names("").is_empty());
    }

    #[test]
    fn what_is_pasted_is_meant_without_its_quotes() {
        assert_eq!(meant(" \"/music/a b.wav\" "), Path::new("/music/a b.wav"));
        assert_eq!(meant("file:///music/a.wav"), Path::new("/music/a.wav"));
        let home = directories::BaseDirs::new().map(|folders| folders.home_dir().join("a.wav"));
        assert_eq!(Some(meant("~/a.wav")), home);
    }

    #[test]
    fn the_newest_file_is_remembered_first_and_once() {
        let file = |n: usize| std::env::temp_dir().join(format!("{n}.wav"));
        let mut recent = vec![];
        for n in 0..20 {
            remember(&mut recent, &file(n));
        }
        remember(&mut recent, &file(15));
        assert_eq!(recent.len(), MOST_RECENT);
        assert_eq!(recent[..2], [file(15), file(19)]);
    }
}
