//! A target among references: a file of figures and curves, told by its name.

use std::path::Path;

use crate::compare::target::Target;

/// A target has a tenth of a megabyte.
const MOST_TARGET_BYTES: u64 = 8 << 20;

/// Reads a file that is named as a target is; `None` of any other.
pub fn read_target(path: &Path) -> Result<Option<Target>, String> {
    let is_json = path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
    if !is_json {
        return Ok(None);
    }
    let cannot = |why: String| format!("{}: {why}", path.display());
    let bytes = std::fs::metadata(path).map_err(|error| cannot(error.to_string()))?;
    if bytes.len() > MOST_TARGET_BYTES {
        return Err(cannot("it is too long to be a target".to_owned()));
    }
    let text = std::fs::read_to_string(path).map_err(|error| cannot(error.to_string()))?;
    Target::from_json(&text).map(Some).map_err(cannot)
}
