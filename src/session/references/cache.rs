//! What was found out about files, kept on disk by their content, so that a known file opens at once.
//!
//! The key is the BLAKE3 hash of the whole file: no name, date or size can lie, and a file that was moved or copied is
//! known again. Entries are the computer's own and nobody else's: their layout follows memory and their version the
//! analysis; docs and exports have other formats. One that is damaged, of another version or not whole is taken as not
//! there and written anew.

use std::fs::{self, File};
use std::io::{self};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::session::references::content_key::ContentKey;
use crate::session::references::data::SharedReference;
use crate::session::replace::{UNFINISHED, replace_file};

use crate::session::references::cache_entry::{self, ANALYSIS_VERSION};
pub use crate::session::references::cache_entry::{Depth, Entry};

/// Bytes that all entries may take: 25 songs of five minutes.
pub const MOST_BYTES: u64 = 4 << 30;
/// Files in the making that are older than this belong to a program that has ended.
const ABANDONED_AFTER: Duration = Duration::from_secs(3600);

const ENTRY_ENDING: &str = "analysis";
const CHOICES_ENDING: &str = "json";

/// What a person chose for a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Choices {
    /// Start and end of the region in seconds; `None` is all of it.
    #[serde(default)]
    pub region_secs: Option<[f64; 2]>,
    /// Gain besides the match.
    #[serde(default)]
    pub trim_db: f64,
}

/// The folder of entries.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    most_bytes: u64,
}

impl Cache {
    /// Where the system keeps what programs can make again; none where it knows no home folder.
    pub fn default_folder() -> Option<PathBuf> {
        let folders = directories::BaseDirs::new()?;
        Some(folders.cache_dir().join("Abscope").join("references"))
    }

    /// A cache in a folder, which is made when something is written.
    pub fn new(folder: PathBuf) -> Self {
        Self::with_most_bytes(folder, MOST_BYTES)
    }

    /// One of another size.
    pub fn with_most_bytes(folder: PathBuf, most_bytes: u64) -> Self {
        Self { folder, most_bytes }
    }

    /// What is known of a file. It then counts as used now.
    pub fn read(&self, key: &ContentKey, depth: Depth) -> Option<Entry> {
        let path = self.entry_path(key);
        let file = File::open(&path).ok()?;
        match cache_entry::read(file, depth) {
            Ok(entry) => {
                // Only for what leaves first; a folder that cannot be written is read all the same.
                let _ = fs::OpenOptions::new()
                    .append(true)
                    .open(&path)
                    .and_then(|file| file.set_modified(SystemTime::now()));
                Some(entry)
            }
            Err(why) => {
                tracing::debug!("{}: not used: {why}", path.display());
                None
            }
        }
    }

    /// Keeps what is known of a file that is read, and lets the oldest entries go. Nobody has to know when that fails.
    pub fn write(&self, key: &ContentKey, reference: &SharedReference, cancel: &AtomicBool) {
        let path = self.entry_path(key);
        let written = self.write_whole(&path, |file| cache_entry::write(file, reference, cancel));
        if let Err(error) = written.and_then(|()| self.prune(&path)) {
            tracing::debug!("{}: not kept: {error}", path.display());
        }
    }

    /// What was chosen for a file.
    pub fn choices(&self, key: &ContentKey) -> Option<Choices> {
        let text = fs::read_to_string(self.choices_path(key)).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Keeps what was chosen for a file; where nothing was, nothing is kept.
    pub fn write_choices(&self, key: &ContentKey, choices: &Choices) -> io::Result<()> {
        let path = self.choices_path(key);
        if *choices == Choices::default() {
            return match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            };
        }
        let text = serde_json::to_string(choices)?;
        self.write_whole(&path, |file| io::Write::write_all(file, text.as_bytes()))
    }

    /// Where an entry lies. The version is part of the name, so that two versions of Abscope do not take each other's
    /// for damaged.
    pub fn entry_path(&self, key: &ContentKey) -> PathBuf {
        let name = format!("{}-{ANALYSIS_VERSION}.{ENTRY_ENDING}", key.0);
        self.folder.join(name)
    }

    fn choices_path(&self, key: &ContentKey) -> PathBuf {
        self.folder.join(format!("{}.{CHOICES_ENDING}", key.0))
    }

    /// Writes a file beside its place and moves it there, so that it is whole or not there.
    fn write_whole(
        &self,
        path: &Path,
        write: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        replace_file(path, write)
    }

    /// Lets the entries go that were not used for longest, until the rest is small enough; never the newest one.
    fn prune(&self, newest: &Path) -> io::Result<()> {
        let mut entries = vec![];
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let (path, metadata) = (entry.path(), entry.metadata()?);
            let used = metadata.modified()?;
            let age = used.elapsed().unwrap_or_default();
            let ending = path.extension().unwrap_or_default();
            if ending == UNFINISHED && age > ABANDONED_AFTER {
                fs::remove_file(&path)?;
            } else if ending == ENTRY_ENDING {
                entries.push((used, metadata.len(), path));
            }
        }
        entries.sort();
        let mut total: u64 = entries.iter().map(|(_, bytes, _)| bytes).sum();
        for (_, bytes, path) in entries.iter().filter(|entry| entry.2 != newest) {
            if total <= self.most_bytes {
                break;
            }
            fs::remove_file(path)?;
            total -= bytes;
        }
        Ok(())
    }
}
