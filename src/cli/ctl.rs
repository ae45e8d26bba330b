//! `abscope ctl`: one action for the running window, said to it and answered in one line.

use std::io::{self, Write as _};
use std::time::Duration;

use anyhow::{Context as _, anyhow};

use crate::cli::args::CtlArgs;
use crate::cli::output::{output, say};
use crate::session::action::Action;
use crate::session::action::local::{self, ask};
use crate::session::action::remote::Request;
use crate::session::action::words::{SET, listing};
use crate::session::settings::{file, settings};
use crate::session::snapshots::autosave::StateFolder;

/// A report of a long evening is drawn in less.
const PATIENCE: Duration = Duration::from_secs(120);

/// Does what was asked.
pub fn run(args: &CtlArgs) -> anyhow::Result<()> {
    if args.list {
        output().write_all(list().as_bytes())?;
        return Ok(());
    }
    let words = args.action.join(" ");
    let request = if words == "status" {
        Request::Status
    } else {
        // Said here, so that a slip is told without a window too.
        Action::from_words(&words)?;
        Request::Words(words)
    };
    let state =
        StateFolder::default_folder().context("the system knows no home folder; set HOME")?;
    let port = args.port.unwrap_or_else(port);
    let answer = ask(&local::folder(&state), port, &request, PATIENCE).map_err(|error| {
        let is_slow = matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut);
        let why = match is_slow {
            true => format!("no answer within {PATIENCE:?}"),
            false => error.to_string(),
        };
        anyhow!(
            "no window of yours answers for port {port} ({why}); is Abscope running, and the setting \
             remote on (`abscope config show`)?"
        )
    })?;
    match answer {
        Ok(words) if words.is_empty() => Ok(()),
        Ok(words) => {
            say(words)?;
            Ok(())
        }
        Err(why) => Err(anyhow!(why)),
    }
}

/// The port of the settings: the number by which a window is known.
fn port() -> u16 {
    let settings = file::path().map(|path| file::load(&path).settings);
    settings.unwrap_or_default().remote_port as u16
}

/// All actions and settings: name, argument, what it does.
pub fn list() -> String {
    let actions = listing().into_iter().map(|listed| {
        let argument = listed.argument.unwrap_or_default();
        [listed.name.to_owned(), argument, listed.help.to_owned()]
    });
    let settings = settings().iter().map(|setting| {
        let name = format!("{SET} {}", setting.name);
        [name, setting.takes(), setting.help.to_owned()]
    });
    let status = ["status", "", "how things are, as JSON"].map(str::to_owned);
    let rows: Vec<[String; 3]> = actions.chain([status]).chain(settings).collect();
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        // One long list of words shall not push all else off the screen.
        widths.filter(|width| *width < 60).max().unwrap_or(0)
    };
    let (name, argument) = (width(0), width(1));
    rows.iter()
        .map(|row| format!("{:name$}  {:argument$}  {}\n", row[0], row[1], row[2]))
        .collect()
}
