//! `abscope manual`: the man pages and the completions of the shells, made from the command line itself. Packages
//! carry what it writes.

use std::path::Path;

use anyhow::Context as _;
use clap::{CommandFactory as _, ValueEnum as _};
use clap_complete::Shell;

use crate::cli::args::Cli;

/// Writes `man/` and `completions/` into a folder.
pub fn run(folder: &Path) -> anyhow::Result<()> {
    let (man, completions) = (folder.join("man"), folder.join("completions"));
    for folder in [&man, &completions] {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("{}: it cannot be made", folder.display()))?;
    }
    clap_mangen::generate_to(Cli::command(), &man)
        .with_context(|| format!("{}: no man page could be written", man.display()))?;
    for shell in Shell::value_variants() {
        clap_complete::generate_to(*shell, &mut Cli::command(), "abscope", &completions)
            .with_context(|| {
                format!("{}: no completion could be written", completions.display())
            })?;
    }
    Ok(())
}
