//! A disk that fills up and that may not be written to any more, as root can make one.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A disk of its own for what is kept, where root runs this; else a folder, that never fills up.
pub struct Disk {
    /// Where it is.
    pub folder: PathBuf,
    /// Whether it is one of its own.
    pub is_mounted: bool,
}

impl Disk {
    /// An empty one in the place of a folder, with folders for shelf and state.
    pub fn new(folder: PathBuf, is_mounted: bool) -> Self {
        std::fs::create_dir(&folder).expect("the home is writable");
        if is_mounted {
            root(
                &["mount", "-t", "tmpfs", "-o", "size=2g", "abscope-night"],
                &folder,
            );
        }
        for name in ["shelf", "state"] {
            std::fs::create_dir(folder.join(name)).expect("the disk is writable");
        }
        Self { folder, is_mounted }
    }

    /// Fills it up.
    pub fn fill(&self) {
        // Blocks until there is room for none.
        let filled = Command::new("dd")
            .args(["if=/dev/zero", "bs=64k", "status=none"])
            .arg(format!("of={}", self.folder.join("filler").display()))
            .stderr(Stdio::null())
            .status();
        assert!(filled.is_ok_and(|filled| !filled.success()), "it is full");
    }

    /// Makes room again.
    pub fn empty(&self) {
        std::fs::remove_file(self.folder.join("filler")).expect("it was filled");
    }

    /// Lets nobody write any more.
    pub fn protect(&self) {
        let folder = self.folder.to_str().expect("it is text");
        root(&["mount", "--bind", folder], &self.folder);
        root(&["mount", "-o", "remount,bind,ro"], &self.folder);
    }

    /// Lets all write again.
    pub fn unprotect(&self) {
        // Also while somebody reads there.
        root(&["umount", "-l"], &self.folder);
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.is_mounted {
            // One that is protected still has two.
            for _ in 0..2 {
                let _ = Command::new("umount")
                    .arg("-l")
                    .arg(&self.folder)
                    .stderr(Stdio::null())
                    .status();
            }
        }
    }
}

fn root(words: &[&str], folder: &Path) {
    let ended = Command::new(words[0])
        .args(&words[1..])
        .arg(folder)
        .status();
    assert!(ended.is_ok_and(|ended| ended.success()), "{words:?}");
}
