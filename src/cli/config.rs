//! `abscope config`: where the settings are, what they are, and back to the defaults.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, anyhow};

use crate::cli::args::ConfigCommand;
use crate::cli::output::complain;
use crate::cli::output::{output, say};
use crate::session::settings::file;

/// Does what was asked.
pub fn run(command: ConfigCommand) -> anyhow::Result<()> {
    let path = path()?;
    match command {
        ConfigCommand::Path => say(path.display())?,
        ConfigCommand::Show => {
            let loaded = file::load(&path);
            for problem in &loaded.problems {
                complain(problem);
            }
            output().write_all(file::text(&loaded.settings, true).as_bytes())?;
        }
        ConfigCommand::Reset => {
            let aside = file::put_aside(&path).with_context(|| {
                format!(
                    "{}: the settings cannot be put aside; is the folder write-protected?",
                    path.display()
                )
            })?;
            match aside {
                Some(aside) => say(format_args!(
                    "The defaults are in force; the settings before are in {}",
                    aside.display()
                ))?,
                None => say("There are no settings of your own; the defaults are in force")?,
            }
        }
    }
    Ok(())
}

fn path() -> anyhow::Result<PathBuf> {
    file::path().ok_or_else(|| {
        anyhow!(
            "no folder for settings is known; set HOME, or {} to a file",
            file::PATH_VARIABLE
        )
    })
}
