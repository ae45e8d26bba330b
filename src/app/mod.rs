//! The application: window, frame pacing, monitors; it joins the layers and holds no product logic.

pub mod headless;
pub mod overlay;
pub mod render_command;
pub mod scopes;
pub mod upload;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli;
use crate::cli::args::{Cli, Command};

/// Runs the program: 0 done, 1 something failed (said in one line each on stderr), 2 usage.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match &cli.command {
        Some(Command::Devices { json }) => cli::devices::run(*json).map(|()| true),
        Some(Command::Compare(args)) => cli::compare::run(args),
        Some(Command::Render(args)) => render_command::run(args).map(|()| true),
        _ => Ok(true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        // What failed was said where it failed.
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("abscope: {error:#}");
            ExitCode::FAILURE
        }
    }
}
