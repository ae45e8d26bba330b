//! What a reference is read from.

use std::path::{Path, PathBuf};

use crate::audio::demo::DemoVersion;

/// What a reference is read from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// A song that is built in.
    Demo(DemoVersion),
}

impl Source {
    /// Its file.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Demo(_) => None,
        }
    }
}
