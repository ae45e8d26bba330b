//! Writes docs/accuracy.md from real runs: every published case, what it must read, and what Abscope, the ebur128
//! crate and ffmpeg's ebur128 filter read on the same samples. `scripts/accuracy` runs it.
//!
//! An example and not a test, because its product is a page for people. It still fails where a figure of Abscope lies
//! outside its tolerance, so a page that is there is a page of passes.

mod loudness;
mod meters;
mod peaks;
#[path = "../../tests/support/signals.rs"]
#[expect(dead_code, reason = "tests use the rest")]
mod signals;
mod spectrum;
mod stereo;
mod table;

use std::path::Path;
use std::process::ExitCode;

use table::Page;

fn main() -> ExitCode {
    let mut page = Page::default();
    introduction(&mut page);
    loudness::write(&mut page);
    peaks::write(&mut page);
    spectrum::write(&mut page);
    stereo::write(&mut page);
    let verdict = page.verdict();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/accuracy.md");
    if let Err(error) = std::fs::write(&path, page.text()) {
        eprintln!("accuracy: {}: {error}", path.display());
        return ExitCode::FAILURE;
    }
    println!("accuracy: {verdict}; see docs/accuracy.md");
    if page.is_passed() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn introduction(page: &mut Page) {
    page.heading(1, "Accuracy");
    page.paragraph(&format!(
        "What Abscope {} reads on signals whose figures are published, measured and written by `scripts/accuracy`. \
         Beside it: the ebur128 crate {} and the `ebur128` filter of {}, on the same samples in the same run.",
        env!("CARGO_PKG_VERSION"),
        locked_version("ebur128"),
        meters::ffmpeg_version().unwrap_or_else(|| "ffmpeg (not found in this run)".to_owned()),
    ));
    page.verdict_goes_here();
    page.list(&[
        "The signals are built from the published descriptions by `src/dsp/signals.rs` and `tests/support/signals.rs`; \
         the official files may not be redistributed. `cargo test` asserts the same tables.",
        "Cases 7 and 8 of Tech 3341 are authentic programmes that exist only as files of the EBU. They are not part \
         of this page; `abscope analyze` on those files shows what it reads.",
        "Abscope hears each signal through its Analyzer, in blocks of 1, 997, 64, 4801, 3 and 441 frames in turn.",
        "The two others hear 48 kHz unless a rate is named. ebur128 is polled every 10 ms where a maximum is asked \
         for, because it keeps none; the filter reports every 100 ms.",
        "**✗** marks a figure outside its tolerance, – one that a meter does not have.",
    ]);
}

/// The version of a package in Cargo.lock.
fn locked_version(package: &str) -> String {
    let lock = include_str!("../../Cargo.lock");
    let entry = format!("name = \"{package}\"\nversion = \"");
    lock.split_once(&entry)
        .and_then(|(_, rest)| rest.split_once('"'))
        .map_or_else(String::new, |(version, _)| version.to_owned())
}
