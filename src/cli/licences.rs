//! `abscope licences`: what is built in, whose it is, and the texts that come with it (scripts/licences writes them).

use std::io::Write as _;

use crate::cli::output::output;

/// Everything that is passed on with the program.
pub const LICENCES: &str = include_str!("../../assets/licences.txt");

/// Prints it.
pub fn run() -> anyhow::Result<()> {
    output().write_all(LICENCES.as_bytes())?;
    Ok(())
}
