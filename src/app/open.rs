//! From the words of the command line to an open session: which mix, which references.

use std::path::Path;

use anyhow::{Context as _, anyhow};

use crate::audio::decode::{FileDecoder, decode_all};
use crate::audio::feed::{Feed, frame_source};
use crate::cli::args::WindowArgs;
use crate::session::Session;
use crate::session::cache::Cache;
use crate::session::input::{InputWish, OpenInput};
use crate::session::mix::MixSide;
use crate::session::references::{MOST_REFERENCES, Reference, References, folder, read_target};
use crate::session::snapshot::{Preview, is_snapshot};

/// Opens what the arguments ask for. Without any, the mix is the system's output, else its input, else the demo.
///
/// A named input or file that does not open is an error; a default that does not open falls back and says so.
pub fn open_session(args: &WindowArgs) -> anyhow::Result<Session> {
    let mut session = Session::default();
    if let Some(folder) = Cache::default_folder() {
        session.references = References::with_cache(Cache::new(folder));
    }
    open_references(&mut session, args)?;
    if let Some(path) = &args.mix {
        session.mix = Some(file_mix(path)?);
    } else if let Some(name) = &args.input {
        session.mix = Some(live_mix(InputWish::from_name(name))?);
    } else if args.demo {
        open_demo(&mut session)?;
    } else {
        match live_mix(InputWish::system()) {
            Ok(mix) => session.mix = Some(mix),
            Err(error) => {
                session.notice = Some(format!("{error:#}; the demo plays instead"));
                open_demo(&mut session)?;
            }
        }
    }
    if let Some(name) = &args.reference_input {
        session.select_reference_input(name);
    }
    Ok(session)
}

/// Files and folders that were named. A folder gives as many of its files as there is room for.
fn open_references(session: &mut Session, args: &WindowArgs) -> anyhow::Result<()> {
    let mut left_out = 0;
    for path in args.files.iter().filter(|path| is_snapshot(path)) {
        // It is shown as it was once the window is there; that it can be is said before.
        Preview::read(path)?;
    }
    let references = args.files.iter().filter(|path| !is_snapshot(path));
    for path in references.chain(&args.reference) {
        if !path.is_dir() {
            // Said before the window opens, where it can still be read.
            if is_snapshot(path) {
                Preview::read(path)?;
            } else if read_target(path).map_err(|why| anyhow!(why))?.is_none() {
                FileDecoder::open(path)?;
            }
            open_reference(session, path)?;
            continue;
        }
        for file in folder::audio_files(path).map_err(|why| anyhow!(why))? {
            if session.references.is_full() {
                left_out += 1;
            } else {
                open_reference(session, &file)?;
            }
        }
    }
    if left_out > 0 {
        session.notice = Some(format!(
            "{left_out} files were left out: {MOST_REFERENCES} references can be open"
        ));
    }
    Ok(())
}

fn open_demo(session: &mut Session) -> anyhow::Result<()> {
    if session.references.count().0 == 0 {
        add(session, Reference::demo())?;
    }
    session.mix = Some(live_mix(InputWish::Demo)?);
    Ok(())
}

fn open_reference(session: &mut Session, path: &Path) -> anyhow::Result<()> {
    session.references.open(path).map_err(|why| anyhow!(why))
}

fn add(session: &mut Session, reference: Reference) -> anyhow::Result<()> {
    session
        .references
        .add(reference)
        .map_err(|why| anyhow!(why))
}

/// The mix from a device or the demo.
fn live_mix(wish: InputWish) -> anyhow::Result<MixSide> {
    let input = OpenInput::open(&wish)?;
    MixSide::live(wish, input).context("the analysis cannot start")
}

/// A file played in a loop as the mix.
fn file_mix(path: &Path) -> anyhow::Result<MixSide> {
    let file = decode_all(path)?;
    let format = file.format;
    let name = file_name(path);
    let source = frame_source(format, file.samples.into(), true);
    let feed = Feed::start("file", format, source).context("the file cannot be played")?;
    let input = OpenInput::of_feed(name.clone(), feed);
    MixSide::live(InputWish::File(name), input).context("the analysis cannot start")
}

/// A file's name without folder and ending.
pub fn file_name(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
