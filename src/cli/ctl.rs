//! `abscope ctl`: one action for the running window, said as one packet and answered in one line.

use std::io::{ErrorKind, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};

use crate::cli::args::CtlArgs;
use crate::cli::output::{output, say};
use crate::session::action::Action;
use crate::session::action::remote::{Request, read_reply, write_request};
use crate::session::action::words::{SET, listing};
use crate::session::settings::{file, settings};

/// A window that is busy drawing its first picture takes a second; its own patience is five.
const PATIENCE: Duration = Duration::from_secs(6);
/// More than any answer.
const MOST_ANSWER_BYTES: usize = 65_536;

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
    let place = place(args.port);
    let answer = ask(place, &request).with_context(|| {
        format!(
            "no window answers at {place}; is Abscope running, and the setting remote on \
             (`abscope config show`)?"
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

/// Where the window of these settings listens.
fn place(port: Option<u16>) -> SocketAddr {
    let settings = file::path()
        .map(|path| file::load(&path).settings)
        .unwrap_or_default();
    let address = match settings.remote_address.parse() {
        Ok(IpAddr::V6(any)) if any.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        Ok(address @ IpAddr::V6(_)) => address,
        Ok(IpAddr::V4(address)) if !address.is_unspecified() => IpAddr::V4(address),
        _ => IpAddr::V4(Ipv4Addr::LOCALHOST),
    };
    SocketAddr::new(address, port.unwrap_or(settings.remote_port as u16))
}

fn ask(place: SocketAddr, request: &Request) -> anyhow::Result<Result<String, String>> {
    let any: IpAddr = if place.is_ipv4() {
        Ipv4Addr::UNSPECIFIED.into()
    } else {
        Ipv6Addr::UNSPECIFIED.into()
    };
    let socket = UdpSocket::bind((any, 0))?;
    // Connected, so that only that place answers, and a port where nobody listens is known at once.
    socket.connect(place)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.send(&write_request(request))?;
    let mut packet = vec![0; MOST_ANSWER_BYTES];
    match socket.recv(&mut packet) {
        Ok(length) => {
            read_reply(&packet[..length]).ok_or_else(|| anyhow!("another program listens there"))
        }
        Err(error) => match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => bail!("no answer within {PATIENCE:?}"),
            ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset => {
                bail!("nobody listens there")
            }
            _ => Err(error.into()),
        },
    }
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
