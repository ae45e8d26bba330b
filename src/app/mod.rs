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
    let done = match cli.command {
        Some(Command::Devices { json }) => cli::devices::run(json),
        Some(Command::Render(args)) => render_command::run(&args),
        _ => Ok(()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("abscope: {error:#}");
            ExitCode::FAILURE
        }
    }
}
