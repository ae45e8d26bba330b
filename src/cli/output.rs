//! The standard output of the commands. Who reads it may stop, as `head` does: that ends a command quietly and is no
//! failure, while the `println!` of Rust panics then. Whatever files and devices are called, no character that a
//! terminal obeys is printed.

use std::fmt::Display;
use std::io::{self, ErrorKind, StdoutLock, Write};

use crate::units::plain::{plain, printable};

/// Nobody reads the standard output any more.
#[derive(Debug, thiserror::Error)]
#[error("the standard output is closed")]
struct Closed;

/// The standard output, whose end is told from other broken pipes.
pub struct Output(StdoutLock<'static>);

/// The standard output, for as long as the value lives.
pub fn output() -> Output {
    Output(io::stdout().lock())
}

/// Writes a line.
pub fn say(line: impl Display) -> io::Result<()> {
    let mut output = output();
    writeln!(output, "{line}")?;
    output.flush()
}

/// Says on the standard error what failed, in one line.
pub fn complain(line: impl Display) {
    eprintln!("abscope: {}", plain(&line.to_string()));
}

/// Whether a command failed only because nobody reads its output any more.
pub fn nobody_reads(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
            .is_some_and(|inner| inner.is::<Closed>())
    })
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Whole texts come here: what the formatting of Rust hands over, and what JSON is made of.
        match std::str::from_utf8(bytes) {
            Ok(text) => self
                .0
                .write_all(printable(text).as_bytes())
                .map_err(marked)?,
            Err(_) => return self.0.write(bytes).map_err(marked),
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(marked)
    }
}

fn marked(error: io::Error) -> io::Error {
    if error.kind() == ErrorKind::BrokenPipe {
        io::Error::new(ErrorKind::BrokenPipe, Closed)
    } else {
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context as _;

    #[test]
    fn only_a_closed_output_is_nobody_reading() {
        let closed: anyhow::Result<()> =
            Err(marked(ErrorKind::BrokenPipe.into())).context("cannot write the figures");
        assert!(nobody_reads(&closed.expect_err("closed")));
        for other in [
            marked(ErrorKind::StorageFull.into()),
            ErrorKind::BrokenPipe.into(),
        ] {
            assert!(!nobody_reads(&anyhow::Error::new(other)));
        }
    }
}
