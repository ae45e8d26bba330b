//! Another user of the computer. Only root can be somebody else, so tests with one are left out for all others.

use std::os::unix::fs::{PermissionsExt as _, chown, lchown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use super::parts::left_to_root;

/// A user by number, who needs no account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User(u32);

/// Whose window it is.
pub const OWNER: User = User(64_001);
/// Who wants in.
pub const STRANGER: User = User(64_002);

/// Whether this is root, who may be anybody.
pub fn is_root() -> bool {
    let said = Command::new("id").arg("-u").output().expect("id is there");
    said.stdout == b"0\n"
}

/// Whether a test may be somebody else; if not, it is said to be left out.
pub fn may_be_others(test: &str) -> bool {
    let may = is_root();
    if !may {
        left_to_root(test, "only root can be another user");
    }
    may
}

impl User {
    /// The command, as this user runs it.
    pub fn runs(self, mut command: Command) -> Command {
        // Whoever becomes another user loses root's groups too.
        command.uid(self.0).gid(self.0);
        command
    }

    /// A shell's lines, as this user runs them; whether they went well, and what they said.
    pub fn shell(self, lines: &str, arguments: &[&Path]) -> (bool, String) {
        let mut shell = Command::new("bash");
        shell.args(["-c", lines, "bash"]).args(arguments);
        let output = self.runs(shell).output().expect("bash is there");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        (output.status.success(), said)
    }

    /// Gives a link to this user, not what it leads to.
    pub fn owns_link(self, link: &Path) {
        lchown(link, Some(self.0), Some(self.0)).expect("root may");
    }

    /// Gives a folder and all that is in it to this user.
    pub fn owns(self, folder: &Path) {
        chown(folder, Some(self.0), Some(self.0)).expect("root may");
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.file_type().expect("it has a type").is_dir() {
                true => self.owns(&entry.path()),
                false => chown(entry.path(), Some(self.0), Some(self.0)).expect("root may"),
            }
        }
    }
}

/// Says who may do what with a file or a folder, as `chmod` does.
pub fn chmod(path: &Path, mode: u32) {
    let mode = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(path, mode).expect("root may");
}
