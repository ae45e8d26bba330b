//! The shelf: a folder of snapshots, and how their files are named.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::file::{Preview, UNFINISHED};
use super::{EXTENSION, Facts, SnapshotError};

/// A file in the making is older than this only if its process has ended.
const ABANDONED_AFTER: Duration = Duration::from_secs(3600);
/// Bytes of a name that every file system takes, with room for a number and the ending of a file in the making.
const MAX_STEM_BYTES: usize = 150;

/// How the names of files in the making end.
pub const UNFINISHED_ENDING: &str = ".unfinished";

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

/// Where a new snapshot goes: date, song and name, sorting by time; a number follows where that is taken.
pub fn free_path(folder: &Path, facts: &Facts) -> PathBuf {
    let stem = file_stem(facts);
    let numbered = (2..).map(|n| format!("{stem} ({n}).{EXTENSION}"));
    std::iter::once(format!("{stem}.{EXTENSION}"))
        .chain(numbered)
        .map(|name| folder.join(name))
        .find(|path| fs::symlink_metadata(path).is_err())
        .expect("a folder has finitely many files")
}

/// Sweeps what killed processes left in the making; how many files that were.
pub fn sweep(folder: &Path) -> io::Result<usize> {
    let mut swept = 0;
    for path in files_with_extension(folder, UNFINISHED)? {
        let is_ours = path.to_string_lossy().contains(&format!(".{EXTENSION}."));
        let age = fs::metadata(&path)
            .and_then(|metadata| metadata.modified())
            .map(|modified| modified.elapsed().unwrap_or_default());
        let is_old = age.is_ok_and(|age| age > ABANDONED_AFTER);
        let is_abandoned = is_old || has_ended(&path);
        if is_ours && is_abandoned && fs::remove_file(&path).is_ok() {
            swept += 1;
        }
    }
    Ok(swept)
}

/// Whether the process that made a file is known to have ended; where that cannot be known, age tells.
fn has_ended(unfinished: &Path) -> bool {
    let name = unfinished.to_string_lossy();
    let made_by = name
        .rsplit('.')
        .nth(1)
        .and_then(|part| part.split('-').next());
    let is_number = |pid: &&str| pid.parse::<u32>().is_ok();
    let processes = Path::new("/proc");
    processes.join("self").exists()
        && made_by
            .filter(is_number)
            .is_some_and(|pid| !processes.join(pid).exists())
}

/// Forgets files of an extension that were put aside and not brought back before the program ended.
pub fn sweep_deleted(folder: &Path, extension: &str) -> io::Result<()> {
    for path in files_with_extension(folder, extension)? {
        fs::remove_file(path)?;
    }
    Ok(())
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
