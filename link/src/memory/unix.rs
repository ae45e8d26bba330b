//! POSIX shared memory.

use std::io;
use std::ptr::NonNull;

use rustix::fs::{Mode, fstat, ftruncate};
use rustix::io::Errno;
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};
use rustix::process::geteuid;
use rustix::shm;

use super::{Presence, mapped};

/// A mapped object; closing it leaves the object to the others.
pub(super) struct Mapping {
    address: NonNull<u8>,
    bytes: usize,
    #[cfg(target_os = "linux")]
    object: rustix::fd::OwnedFd,
}

impl Mapping {
    pub(super) fn open(name: &str, bytes: usize, presence: Presence) -> io::Result<Option<Self>> {
        let mut flags = shm::OFlags::RDWR;
        if presence == Presence::Make {
            flags |= shm::OFlags::CREATE;
        }
        let object = match shm::open(format!("/{name}"), flags, Mode::RUSR | Mode::WUSR) {
            Ok(object) => object,
            Err(Errno::NOENT) if presence == Presence::Expect => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let stat = fstat(&object)?;
        let others = Mode::RWXG | Mode::RWXO;
        if stat.st_uid != geteuid().as_raw() || Mode::from_raw_mode(stat.st_mode).intersects(others)
        {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "it belongs to another user, or others can open it",
            ));
        }
        // Whoever is first gives it its size; two at once give it the same.
        if stat.st_size == 0 && presence == Presence::Expect {
            return Ok(None);
        }
        if stat.st_size == 0
            && let Err(error) = ftruncate(&object, bytes as u64)
            && fstat(&object)?.st_size == 0
        {
            return Err(error.into());
        }
        if (fstat(&object)?.st_size.cast_unsigned()) < bytes as u64 {
            let reason = "it has another size than Abscope gave it";
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        }
        // SAFETY: a new mapping that overlaps nothing; its size is at most that of the object.
        let address = unsafe {
            let protection = ProtFlags::READ | ProtFlags::WRITE;
            mmap(
                std::ptr::null_mut(),
                bytes,
                protection,
                MapFlags::SHARED,
                &object,
                0,
            )?
        };
        Ok(Some(Self {
            address: mapped(address)?,
            bytes,
            #[cfg(target_os = "linux")]
            object,
        }))
    }

    pub(super) fn address(&self) -> NonNull<u8> {
        self.address
    }

    /// Where memory is given out at its first touch, this gives it out now.
    pub(super) fn reserve(&self, offset: usize, bytes: usize) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        rustix::fs::fallocate(
            &self.object,
            rustix::fs::FallocateFlags::empty(),
            offset as u64,
            bytes as u64,
        )?;
        #[cfg(not(target_os = "linux"))]
        let _ = (offset, bytes);
        Ok(())
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours, and no reference into it outlives self.
        let unmapped = unsafe { munmap(self.address.as_ptr().cast(), self.bytes) };
        debug_assert!(unmapped.is_ok(), "the mapping was there");
    }
}
