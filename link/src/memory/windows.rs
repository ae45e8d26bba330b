//! A named section of the paging file. It lives as long as somebody has it open.

use std::io;
use std::ptr::{NonNull, null};

use windows_sys::Win32::Foundation::{
    CloseHandle, ERROR_FILE_NOT_FOUND, HANDLE, INVALID_HANDLE_VALUE,
};
use windows_sys::Win32::System::Memory::{
    CreateFileMappingW, FILE_MAP_READ, FILE_MAP_WRITE, MEM_COMMIT, MEMORY_MAPPED_VIEW_ADDRESS,
    MapViewOfFile, OpenFileMappingW, PAGE_READWRITE, SEC_RESERVE, UnmapViewOfFile, VirtualAlloc,
};

use super::{Presence, mapped};

/// A mapped section.
pub(super) struct Mapping {
    address: NonNull<u8>,
    section: HANDLE,
}

impl Mapping {
    pub(super) fn open(name: &str, bytes: usize, presence: Presence) -> io::Result<Option<Self>> {
        // The namespace of the person's session; what is made with the usual rights only that person can open.
        let wide: Vec<u16> = format!("Local\\{name}\0").encode_utf16().collect();
        let access = FILE_MAP_READ | FILE_MAP_WRITE;
        let bytes = bytes as u64;
        // SAFETY: the name ends with a zero; all other arguments are values.
        let section = unsafe {
            match presence {
                Presence::Expect => OpenFileMappingW(access, 0, wide.as_ptr()),
                Presence::Make => CreateFileMappingW(
                    INVALID_HANDLE_VALUE,
                    null(),
                    PAGE_READWRITE | SEC_RESERVE,
                    (bytes >> 32) as u32,
                    bytes as u32,
                    wide.as_ptr(),
                ),
            }
        };
        if section.is_null() {
            let error = io::Error::last_os_error();
            let is_missing = error.raw_os_error() == Some(ERROR_FILE_NOT_FOUND as i32);
            return match presence {
                Presence::Expect if is_missing => Ok(None),
                _ => Err(error),
            };
        }
        // SAFETY: the section is open, and has this size or mapping fails.
        let view = unsafe { MapViewOfFile(section, access, 0, 0, bytes as usize) };
        match mapped(view.Value) {
            Ok(address) => Ok(Some(Self { address, section })),
            Err(error) => {
                // SAFETY: opened above, and used by nobody else.
                unsafe { CloseHandle(section) };
                Err(error)
            }
        }
    }

    pub(super) fn address(&self) -> NonNull<u8> {
        self.address
    }

    /// Gives out memory for a part of the section; what has some keeps it.
    pub(super) fn reserve(&self, offset: usize, bytes: usize) -> io::Result<()> {
        // SAFETY: the part lies within the view, whose size is that of the layout.
        let address = unsafe {
            let begin = self.address.as_ptr().add(offset);
            VirtualAlloc(begin.cast(), bytes, MEM_COMMIT, PAGE_READWRITE)
        };
        mapped(address).map(|_| ())
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        let view = MEMORY_MAPPED_VIEW_ADDRESS {
            Value: self.address.as_ptr().cast(),
        };
        // SAFETY: both are ours, and no reference into the view outlives self.
        unsafe {
            UnmapViewOfFile(view);
            CloseHandle(self.section);
        }
    }
}
