//! Files put in their place in one step: whole, synced, or not at all. Everything that Abscope keeps goes through here.
//!
//! What is written gets a name beside its place that nobody can foresee and no link can wait under. A link in the place
//! stays a link: what it points to is replaced. A device or a pipe is written into. Both only where the person or the
//! system put them there: in a folder that is shared, another user's link would choose what is lost.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Ending of files in the making; those that a killed process left are swept from the folders that are Abscope's own.
pub const UNFINISHED: &str = "unfinished";

/// Replaces a file, or writes it where none is. What was there is untouched until the new one is whole on the disk.
pub fn replace_file(path: &Path, fill: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let place = landing(path)?;
    let there = fs::metadata(path).ok();
    // A device or a pipe: moving a file over it would take its place.
    if let Some(there) = &there
        && !there.is_file()
        && !there.is_dir()
    {
        let of_another = || io::Error::other("a pipe of another user is there");
        if !is_trusted(there) {
            return Err(of_another());
        }
        return fill(&mut OpenOptions::new().write(true).open(path)?);
    }
    let file = filled_beside(&place, fill)?;
    // Who may write or run a file of another user is theirs to say, and nothing for a file of this one.
    if let Some(there) = there.filter(is_trusted) {
        file.as_file().set_permissions(there.permissions())?;
    }
    file.persist(&place).map_err(|failed| failed.error)?;
    sync_folder(&place);
    Ok(())
}

/// Writes a file where none is: in the first of some places that is free. Returns it.
pub fn new_file(
    places: impl IntoIterator<Item = PathBuf>,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<PathBuf> {
    let mut places = places.into_iter();
    let taken = || io::Error::new(io::ErrorKind::AlreadyExists, "every name is taken");
    let mut place = places.next().ok_or_else(taken)?;
    let mut file = filled_beside(&place, fill)?;
    loop {
        match file.persist_noclobber(&place) {
            Ok(_) => {
                sync_folder(&place);
                return Ok(place);
            }
            Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists => {
                file = failed.file;
                place = places.next().ok_or_else(taken)?;
            }
            // Some network shares have no way to move a file only where none is.
            Err(failed) if fs::symlink_metadata(&place).is_err() => {
                failed.file.persist(&place).map_err(|failed| failed.error)?;
                sync_folder(&place);
                return Ok(place);
            }
            Err(failed) => return Err(failed.error),
        }
    }
}

/// Makes a folder, or makes it its owner's alone.
pub fn make_private_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Where a path leads: behind links, even if nothing is there yet.
fn landing(path: &Path) -> io::Result<PathBuf> {
    // As many links as systems follow.
    const MOST_LINKS: usize = 40;
    let mut place = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(to) = fs::read_link(&place) else {
            return Ok(place);
        };
        if !fs::symlink_metadata(&place).is_ok_and(|link| is_trusted(&link)) {
            return Err(io::Error::other("a link of another user is there"));
        }
        place = place.parent().unwrap_or(Path::new("")).join(to);
    }
    Err(io::Error::other("its links lead round in a circle"))
}

/// Whether the person or the system made it. Linux asks the same of links, but only in folders like /tmp, and not of
/// programs that read where a link leads.
#[cfg(unix)]
fn is_trusted(there: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let person = rustix::process::geteuid().as_raw();
    there.uid() == person || there.uid() == 0
}

#[cfg(not(unix))]
fn is_trusted(_: &fs::Metadata) -> bool {
    true
}

fn beginning(pid: u32) -> String {
    format!(".abscope-{pid}-")
}

/// Number of the process that a file in the making is of; none for what is no such file.
pub fn maker(path: &Path) -> Option<u32> {
    let name = path.file_name()?.to_str()?;
    let pid = name.strip_prefix(".abscope-")?.split('-').next()?;
    (path.extension()? == UNFINISHED).then(|| pid.parse().ok())?
}

fn folder_of(place: &Path) -> &Path {
    match place.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A new file in the folder of a place, filled and on the disk. It is gone again if anything fails.
fn filled_beside(
    place: &Path,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<NamedTempFile> {
    if place.file_name().is_none() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is no file name",
        ));
    }
    // The number of the process tells whether anybody still makes it.
    let (beginning, ending) = (beginning(std::process::id()), format!(".{UNFINISHED}"));
    let mut builder = tempfile::Builder::new();
    builder.prefix(&beginning).suffix(&ending);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // Like any file of the person: what their mask leaves of it.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder_of(place))?;
    fill(file.as_file_mut())?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// The file is in its place; a folder that cannot be synced (some network shares) does not undo that.
fn sync_folder(place: &Path) {
    if cfg!(unix) {
        let _ = File::open(folder_of(place)).and_then(|folder| folder.sync_all());
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().flatten();
        let mut names: Vec<String> = entries
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_disk_that_fills_up_leaves_the_earlier_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one.abscope");
        replace_file(&path, |file| file.write_all(b"earlier")).unwrap();
        let full = replace_file(&path, |file| {
            file.write_all(b"half of it")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert_eq!(full.unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(fs::read(&path).unwrap(), b"earlier");
        assert_eq!(names(folder.path()), ["one.abscope"]);
    }

    #[test]
    fn a_file_in_the_making_says_who_makes_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut seen = None;
        replace_file(&folder.path().join("one"), |_| {
            seen = maker(&folder.path().join(&names(folder.path())[0]));
            Ok(())
        })
        .unwrap();
        assert_eq!(seen, Some(std::process::id()));
        for other in [
            "one",
            ".abscope-7-x",
            "7.unfinished",
            ".abscope-x-y.unfinished",
        ] {
            assert_eq!(maker(Path::new(other)), None, "{other}");
        }
    }

    #[test]
    fn a_new_file_goes_to_the_first_free_name_and_destroys_none() {
        let folder = tempfile::tempdir().unwrap();
        let places = || ["a", "b", "c"].map(|name| folder.path().join(name));
        fs::write(folder.path().join("a"), "mine").unwrap();
        for expected in ["b", "c"] {
            let place = new_file(places(), |file| file.write_all(b"new")).unwrap();
            assert_eq!(place, folder.path().join(expected));
        }
        let taken = new_file(places(), |file| file.write_all(b"new"));
        assert_eq!(taken.unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(folder.path().join("a")).unwrap(), b"mine");
        assert_eq!(names(folder.path()), ["a", "b", "c"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_one_under_a_name_of_old_is_not_followed() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let folder = tempfile::tempdir().unwrap();
        let [real, link, victim] = ["real", "link", "victim"].map(|name| folder.path().join(name));
        fs::write(&real, "old").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        fs::write(&victim, "precious").unwrap();
        symlink("real", &link).unwrap();
        for waits in ["link.part", "real.part"] {
            symlink(&victim, folder.path().join(waits)).unwrap();
        }
        replace_file(&link, |file| file.write_all(b"new")).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&real).unwrap(), b"new");
        assert_eq!(fs::read(&victim).unwrap(), b"precious");
        let mode = fs::metadata(&real).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640, "who may read it stays as it was");
        symlink("round", folder.path().join("round")).unwrap();
        assert!(replace_file(&folder.path().join("round"), |_| Ok(())).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_new_file_can_be_read_by_those_whom_the_persons_mask_lets() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let [usual, ours] = ["usual", "ours"].map(|name| folder.path().join(name));
        File::create(&usual).unwrap();
        replace_file(&ours, |_| Ok(())).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&ours), mode(&usual));
    }
}
