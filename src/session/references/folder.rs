//! What of dropped or named files and folders can be a reference.

use std::path::{Path, PathBuf};

/// Endings of files that can be read, in lower case. A file that is named itself is tried whatever it is called.
const ENDINGS: [&str; 22] = [
    "wav", "wave", "bwf", "rf64", "w64", "aif", "aiff", "aifc", "caf", "flac", "mp3", "mp2", "m4a",
    "m4b", "mp4", "aac", "alac", "ogg", "oga", "opus", "mka", "webm",
];

/// The audio files of a folder, sorted by name as people sort: upper and lower case are the same.
pub fn audio_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let cannot = |error: std::io::Error| {
        format!(
            "{}: the folder cannot be read: {error}; check its permissions",
            folder.display()
        )
    };
    let mut files = vec![];
    for entry in std::fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        if is_audio(&path) && path.is_file() {
            files.push(path);
        }
    }
    files.sort_by_key(|path| (path.to_string_lossy().to_lowercase(), path.clone()));
    if files.is_empty() {
        return Err(format!(
            "{}: no audio files in this folder; folders in it are not looked into",
            folder.display()
        ));
    }
    Ok(files)
}

/// Folders replaced by the audio files in them; everything else as it is.
pub fn expanded(paths: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    let mut files = vec![];
    for path in paths {
        if path.is_dir() {
            files.extend(audio_files(path)?);
        } else if !path.exists() {
            return Err(format!(
                "{}: there is no such file or folder; check the path",
                path.display()
            ));
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

/// Whether a file is called like one that can be read.
pub fn is_audio(path: &Path) -> bool {
    // What macOS leaves beside files on other systems' disks.
    let is_hidden = path
        .file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with('.'));
    let ending = path
        .extension()
        .map(|ending| ending.to_string_lossy().to_lowercase());
    !is_hidden && ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_its_audio_files_in_order() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for name in [
            "b.wav",
            "A.FLAC",
            "c.mp3",
            "notes.txt",
            "._b.wav",
            "cover.png",
        ] {
            std::fs::write(folder.path().join(name), b"").expect("room");
        }
        std::fs::create_dir(folder.path().join("d.wav")).expect("room");
        let names = |files: Vec<PathBuf>| -> Vec<String> {
            let name = |path: &PathBuf| {
                path.file_name()
                    .map(|name| name.to_string_lossy().into_owned())
            };
            files.iter().filter_map(name).collect()
        };
        let found = audio_files(folder.path()).expect("there are some");
        assert_eq!(names(found), ["A.FLAC", "b.wav", "c.mp3"]);
        let single = folder.path().join("notes.txt");
        let both = expanded(&[single.clone(), folder.path().to_owned()]).expect("readable");
        assert_eq!(both[0], single);
        assert_eq!(both.len(), 4);
    }

    #[test]
    fn an_empty_or_missing_folder_is_told_in_one_line() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let why = audio_files(folder.path()).expect_err("nothing in it");
        assert!(why.contains("no audio files") && !why.contains('\n'));
        assert!(audio_files(&folder.path().join("none")).is_err());
    }
}
