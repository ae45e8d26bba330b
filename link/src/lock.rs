//! Whose a slot is: a locked file says so, and the system unlocks it however its process ends.
//!
//! Process numbers would not do: they are used again, and differ inside and outside of containers.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The folder of the lock files of a table.
pub(crate) struct Locks {
    folder: PathBuf,
}

/// A slot is ours as long as this lives.
pub(crate) struct SlotLock {
    _file: File,
}

impl Locks {
    /// The locks that belong to the memory of a name.
    pub(crate) fn of(name: &str) -> Self {
        // Beside the memory itself on Linux: environments may name different folders to a host and to Abscope.
        let beside = if cfg!(target_os = "linux") {
            PathBuf::from("/dev/shm")
        } else {
            std::env::temp_dir()
        };
        Self {
            folder: beside.join(format!("{name}.owners")),
        }
    }

    /// Takes a slot, if nobody has it.
    pub(crate) fn take(&self, slot: usize) -> io::Result<Option<SlotLock>> {
        make_private(&self.folder)?;
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.path(slot))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(SlotLock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Whether a process that lives has the slot.
    pub(crate) fn is_taken(&self, slot: usize) -> bool {
        // Shared: two that look at once do not take each other for an owner.
        File::open(self.path(slot))
            .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    fn path(&self, slot: usize) -> PathBuf {
        self.folder.join(format!("{slot:02}"))
    }
}

#[cfg(unix)]
fn make_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, MetadataExt};

    let made = std::fs::DirBuilder::new().mode(0o700).create(folder);
    match made {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let found = std::fs::symlink_metadata(folder)?;
    let is_ours = found.uid() == rustix::process::geteuid().as_raw() && found.mode() & 0o077 == 0;
    if !found.is_dir() || !is_ours {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "the folder of its locks belongs to another user, or others can open it",
        ));
    }
    Ok(())
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> io::Result<()> {
    // The folder for temporary files is the person's own.
    std::fs::create_dir_all(folder)
}
