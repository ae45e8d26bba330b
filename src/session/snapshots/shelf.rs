//! The shelf: a folder of snapshots, and how their files are named.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::session::format::error::SnapshotError;
use crate::session::format::file::Preview;
use crate::session::format::snapshot::{EXTENSION, Facts, Snapshot};
use crate::session::replace::{self, UNFINISHED, make_private_folder, new_file};

/// A file in the making is older than this only if its process has ended.
const ABANDONED_AFTER: Duration = Duration::from_secs(3600);
/// Bytes of a name that every file system takes, with room for a number and the ending of a file in the making.
const MAX_STEM_BYTES: usize = 150;

/// A file on the shelf, and what it shows or why it does not open.
#[derive(Debug)]
pub struct Item {
    /// Which file.
    pub path: PathBuf,
    /// What is in it.
    pub preview: Result<Preview, SnapshotError>,
}

/// Where snapshots are kept unless somebody says otherwise; none where the system knows no home folder.
pub fn default_folder() -> Option<PathBuf> {
    let folders = directories::BaseDirs::new()?;
    Some(folders.data_dir().join("Abscope").join("snapshots"))
}

/// The one file that is meant: by its path, its file name, or its name where only one has it; the newest without any.
pub fn find(folder: &Path, called: &str) -> Result<PathBuf, String> {
    let is_snapshot =
        |path: &Path| path.extension().is_some_and(|e| e == EXTENSION) && path.is_file();
    let in_folder =
        [called.to_owned(), format!("{called}.{EXTENSION}")].map(|name| folder.join(name));
    let candidates = [PathBuf::from(called)].into_iter().chain(in_folder);
    if let Some(path) = candidates.into_iter().find(|path| is_snapshot(path)) {
        return Ok(path);
    }
    named(folder, called)
}

/// The same among the files of the folder alone: no path leads out of it.
pub fn find_there(folder: &Path, called: &str) -> Result<PathBuf, String> {
    let files = files_with_extension(folder, EXTENSION).unwrap_or_default();
    let is_meant = |path: &&PathBuf| {
        let names = [path.file_name(), path.file_stem(), Some(path.as_os_str())];
        !called.is_empty() && names.contains(&Some(called.as_ref()))
    };
    match files.iter().find(is_meant) {
        Some(path) => Ok(path.clone()),
        None => named(folder, called),
    }
}

/// The one file of a name that a person gave; the newest without any.
fn named(folder: &Path, called: &str) -> Result<PathBuf, String> {
    let items = items(folder)
        .map_err(|why| format!("cannot read the folder {}: {why}", folder.display()))?;
    let readable = items
        .into_iter()
        .filter_map(|item| Some((item.path, item.preview.ok()?.facts)));
    if called.is_empty() {
        let newest = readable.max_by_key(|(_, facts)| facts.created.unix_secs);
        return newest
            .map(|(path, _)| path)
            .ok_or_else(|| "no snapshot is kept yet: S keeps one".to_owned());
    }
    let named: Vec<PathBuf> = readable
        .filter(|(_, facts)| facts.name == called)
        .map(|(path, _)| path)
        .collect();
    match &named[..] {
        [] => Err(format!(
            "no snapshot is called {called:?} in {}: see `abscope snapshots list`",
            folder.display()
        )),
        [path] => Ok(path.clone()),
        [..] => Err(format!(
            "{} snapshots are called {called:?}: say which by its file name, see `abscope snapshots list`",
            named.len()
        )),
    }
}

/// All snapshots of a folder, by file name. A folder that is not there yet is empty.
pub fn items(folder: &Path) -> io::Result<Vec<Item>> {
    let mut paths = files_with_extension(folder, EXTENSION)?;
    paths.sort();
    let item = |path: PathBuf| Item {
        preview: Preview::read(&path),
        path,
    };
    Ok(paths.into_iter().map(item).collect())
}

/// Puts a new snapshot on a shelf: under date, song and name, sorting by time; a number follows where that is taken, by
/// another window in the same second too.
pub fn add(folder: &Path, snapshot: &Snapshot) -> Result<PathBuf, SnapshotError> {
    let bytes = snapshot.encode()?;
    let failed = |source| SnapshotError::Write {
        path: folder.to_owned(),
        source,
    };
    if !folder.exists() {
        // One that is there belongs to whom the person wants; a new one holds songs that nobody else has heard.
        make_private_folder(folder).map_err(failed)?;
    }
    let stem = file_stem(&snapshot.facts);
    let numbered = (2..).map(|n| format!("{stem} ({n}).{EXTENSION}"));
    let names = std::iter::once(format!("{stem}.{EXTENSION}")).chain(numbered);
    let places = names.map(|name| folder.join(name));
    new_file(places, |file| file.write_all(&bytes)).map_err(failed)
}

/// Sweeps what killed processes left in the making; how many files that were.
pub fn sweep(folder: &Path) -> io::Result<usize> {
    let mut swept = 0;
    for path in files_with_extension(folder, UNFINISHED)? {
        let is_ours = replace::maker(&path).is_some();
        let age = fs::metadata(&path)
            .and_then(|metadata| metadata.modified())
            .map(|modified| modified.elapsed().unwrap_or_default());
        let is_old = age.is_ok_and(|age| age > ABANDONED_AFTER);
        let is_abandoned = is_old || replace::maker(&path).is_some_and(has_ended);
        if is_ours && is_abandoned && fs::remove_file(&path).is_ok() {
            swept += 1;
        }
    }
    Ok(swept)
}

/// Whether a process is known to have ended; where that cannot be known, age tells.
fn has_ended(pid: u32) -> bool {
    let processes = Path::new("/proc");
    processes.join("self").exists() && !processes.join(pid.to_string()).exists()
}

/// Where a file is put aside by this process, so that it can come back.
pub fn put_aside(path: &Path, extension: &str) -> PathBuf {
    path.with_extension(format!("{}.{extension}", std::process::id()))
}

/// Forgets files of an extension that were put aside and not brought back before the program ended. Those of this
/// process and of others that run stay.
pub fn sweep_deleted(folder: &Path, extension: &str) -> io::Result<()> {
    for path in files_with_extension(folder, extension)? {
        let is_ours = maker(&path) == Some(std::process::id());
        let may_be_known = Path::new("/proc/self").exists();
        let is_of_another = may_be_known && maker(&path).is_some_and(|pid| !has_ended(pid));
        if !(is_ours || is_of_another) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Number of the process that a file was made or put aside by, if its name tells.
fn maker(path: &Path) -> Option<u32> {
    let name = path.file_name()?.to_string_lossy();
    name.rsplit('.').nth(1)?.split('-').next()?.parse().ok()
}

/// A song's next number: one more than the highest on the shelf.
pub fn next_counter(items: &[Item], song: &str) -> u32 {
    items
        .iter()
        .filter_map(|item| item.preview.as_ref().ok())
        .filter(|preview| preview.facts.song == song)
        .map(|preview| preview.facts.counter)
        .max()
        .map_or(1, |counter| counter.saturating_add(1))
}

fn files_with_extension(folder: &Path, extension: &str) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
        entries => entries?,
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == extension) {
            paths.push(path);
        }
    }
    Ok(paths)
}

/// "2026-11-23 02-51-28 UTC Song Chorus 3": what file systems forbid becomes a hyphen.
fn file_stem(facts: &Facts) -> String {
    let parts = [&facts.created.text, &facts.song, &facts.name];
    let words: Vec<&str> = parts
        .iter()
        .flat_map(|part| part.split_whitespace())
        .collect();
    let is_safe = |c: char| c.is_alphanumeric() || " _+#&,()".contains(c);
    let safe = words.join(" ").replace(|c| !is_safe(c), "-");
    let mut end = safe.len().min(MAX_STEM_BYTES);
    while !safe.is_char_boundary(end) {
        end -= 1;
    }
    match safe[..end].trim() {
        "" => "snapshot".into(),
        stem => stem.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_words_from_outside_reach_a_file_that_is_not_on_the_shelf() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("shelf");
        fs::create_dir(&folder).unwrap();
        let [there, elsewhere] = [&folder, outer.path()].map(|of| of.join("a.abscope"));
        for path in [&there, &elsewhere] {
            fs::write(path, "").unwrap();
        }
        for called in ["a", "a.abscope", &there.to_string_lossy()] {
            assert_eq!(find_there(&folder, called), Ok(there.clone()), "{called}");
        }
        let [absolute, deep] = [&elsewhere, &folder.join("../a.abscope")];
        for called in [
            "../a",
            "../a.abscope",
            &absolute.to_string_lossy(),
            &deep.to_string_lossy(),
        ] {
            assert!(find(&folder, called).is_ok(), "{called}");
            assert!(find_there(&folder, called).is_err(), "{called}");
        }
    }

    #[test]
    fn what_a_running_window_has_put_aside_can_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let ours = put_aside(&folder.path().join("2026-11-28 Song 1.abscope"), "gone");
        let of_the_dead = folder.path().join("Song.4194999.gone");
        let of_an_earlier_version = folder.path().join("Song.gone");
        for path in [&ours, &of_the_dead, &of_an_earlier_version] {
            fs::write(path, "").unwrap();
        }
        sweep_deleted(folder.path(), "gone").unwrap();
        assert!(ours.exists());
        assert!(!of_the_dead.exists() && !of_an_earlier_version.exists());
    }
}
