//! The code that another device sends before its window listens to it: made once, and kept where only its owner reads.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use crate::session::replace::{make_private_folder, replace_file};

/// Digits of a code: at five tries a minute, one is found in 19 years.
const DIGITS: usize = 8;

/// The code of a folder, which is made where there is none. Deleting its file makes another.
pub fn code_in(folder: &Path) -> io::Result<String> {
    make_private_folder(folder)?;
    let path = folder.join("pairing-code");
    let is_code = |text: &str| text.len() == DIGITS && text.bytes().all(|b| b.is_ascii_digit());
    let kept = fs::read_to_string(&path).unwrap_or_default();
    if is_code(kept.trim()) {
        return Ok(kept.trim().to_owned());
    }
    let random = getrandom::u64().map_err(io::Error::other)?;
    let code = format!("{:0DIGITS$}", random % 10u64.pow(DIGITS as u32));
    replace_file(&path, |file| writeln!(file, "{code}"))?;
    Ok(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_kept_and_each_folder_has_another() {
        let folders = [0; 4].map(|_| tempfile::tempdir().unwrap());
        let codes = folders
            .each_ref()
            .map(|folder| code_in(folder.path()).unwrap());
        assert_eq!(code_in(folders[0].path()).unwrap(), codes[0]);
        let distinct: std::collections::BTreeSet<_> = codes.iter().collect();
        assert_eq!(distinct.len(), codes.len(), "{codes:?}");
        fs::write(folders[0].path().join("pairing-code"), "1234").unwrap();
        let anew = code_in(folders[0].path()).unwrap();
        assert!(anew.len() == DIGITS && anew != codes[0]);
    }
}
