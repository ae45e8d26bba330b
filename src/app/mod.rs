//! The application: window, frame pacing, monitors; it joins the layers and holds no product logic.

mod asked;
mod autosave;
pub mod awake;
mod captured;
mod casualties;
mod clipboard;
pub mod clock;
mod common_stretch;
#[cfg(target_os = "linux")]
pub mod compositor;
pub mod costs;
pub mod crosshair;
pub mod devices_command;
mod findings;
mod frozen;
pub mod headless;
pub mod hotkeys;
pub mod identity;
mod jobs;
pub mod keys;
pub mod listening;
pub mod live_capture;
mod live_command;
mod live_report;
pub mod memory;
mod message;
pub mod monitors;
pub mod navigate;
pub mod open;
pub mod overlay;
pub mod pace;
pub mod pair_actions;
pub mod pointer;
pub mod remote;
pub mod render_command;
mod reply;
pub mod report;
mod report_pictures;
pub mod scopes;
pub mod screen;
pub mod screenshot;
pub mod settings;
pub mod snapshots;
mod still;
mod system_fonts;
pub mod thumbnail;
pub mod upload;
pub mod view_state;
mod watchdog;
pub mod window;
pub mod window_file;
mod x_server;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser as _;

use crate::cli;
use crate::cli::args::{Cli, Command};

/// Runs the program: 0 done, 1 something failed (said in one line each on stderr), 2 usage.
pub fn main() -> ExitCode {
    memory::settle();
    let cli = Cli::parse();
    start_logging();
    let done = match &cli.command {
        Some(Command::Devices { json }) => devices_command::run(*json).map(|()| true),
        Some(Command::Analyze(args)) => cli::analyze::run(args),
        Some(Command::Compare(args)) => report::compare(args),
        Some(Command::Live(args)) => live_command::run(args).map(|()| true),
        Some(Command::Render(args)) => render_command::run(args, None).map(|()| true),
        Some(Command::Show(args)) => cli::picture_figures::run(args),
        Some(Command::Target(args)) => cli::target::run(args),
        Some(Command::Snapshots(args)) => cli::snapshots::run(args),
        Some(Command::Ctl(args)) => cli::ctl::run(args).map(|()| true),
        Some(Command::Config { command }) => cli::config::run(*command).map(|()| true),
        Some(Command::Licences) => cli::licences::run().map(|()| true),
        Some(Command::Manual { folder }) => cli::manual::run(folder).map(|()| true),
        None => x_server::check_display()
            .and_then(|()| window::run(&cli.window))
            .map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        // What failed was said where it failed.
        Ok(false) => ExitCode::FAILURE,
        Err(error) if cli::output::nobody_reads(&error) => ExitCode::SUCCESS,
        Err(error) => {
            cli::output::complain(format_args!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Warnings of Abscope itself go to stderr, one line each; `ABSCOPE_LOG=debug` says more. What libraries mean for
/// their own developers stays away.
fn start_logging() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("ABSCOPE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("abscope=warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // Colours are for terminals: in a file they are noise.
        .with_ansi(std::io::stderr().is_terminal())
        .without_time()
        .with_target(false)
        .init();
}
