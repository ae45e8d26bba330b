//! From the words of the command line to an open session: which mix, which references.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};

use crate::audio::decode::FileDecoder;
use crate::audio::demo::DemoVersion;
use crate::audio::feed::{Feed, file_source};
use crate::cli::args::WindowArgs;
use crate::session::Session;
use crate::session::references::cache::Cache;
use crate::session::references::{MOST_REFERENCES, Reference, References, folder, read_target};
use crate::session::sides::input::{InputWish, OpenInput};
use crate::session::sides::live::LiveSide;
use crate::session::snapshots::autosave::{Absent, WasOpen};
use crate::session::snapshots::{Preview, is_snapshot};

/// Opens what the arguments ask for. Without any, the mix is the system's output, else its input, else the demo.
///
/// A named input or file that does not open is an error; a default that does not open falls back and says so.
pub fn open_session(args: &WindowArgs) -> anyhow::Result<Session> {
    reopen_session(args, &WasOpen::default()).map(|(session, _)| session)
}

/// The same, with what the arguments do not say as it was open last. What of that does not open now is no error: it
/// is said, and comes back so that it can be looked for again.
pub fn reopen_session(args: &WindowArgs, was_open: &WasOpen) -> anyhow::Result<(Session, Absent)> {
    let mut session = Session::default();
    if let Some(folder) = Cache::default_folder() {
        session.pair.references = References::with_cache(Cache::new(folder));
    }
    session
        .pair
        .listen
        .output
        .clone_from(&was_open.listen_output);
    session
        .pair
        .references
        .shelf_mut()
        .recent
        .clone_from(&was_open.recent);
    let mut notes: Vec<String> = open_references(&mut session, args)?.into_iter().collect();
    let mut absent = Absent::default();
    let says_references = !(args.files.is_empty() && args.reference.is_empty());
    // The demo is asked for by name and comes as it is.
    let brings_references = !(says_references || args.demo);
    if brings_references {
        absent.references = bring_references(&mut session, was_open, &mut notes);
        let paths = absent.references.iter().map(|(_, path)| path.clone());
        session.pair.references.shelf_mut().absent = paths.collect();
    }
    if let Some(path) = &args.mix {
        session.pair.mix = file_mix(path)?.into();
    } else if let Some(name) = &args.input {
        session.pair.mix = live_mix(InputWish::from_name(name))?.into();
    } else if args.demo {
        open_demo(&mut session)?;
    } else {
        absent.input = bring_input(&mut session, was_open, &mut notes)?;
    }
    if let Some(name) = &args.reference_input {
        session.pair.select_reference_input(name);
    } else if brings_references {
        absent.reference_input = was_open.reference_input_wish();
        if let Some(wish) = &absent.reference_input {
            session.pair.hear_reference_input(wish.clone());
        }
    }
    if brings_references {
        session.pair.name_song(&was_open.song);
    }
    session.notice = (!notes.is_empty()).then(|| notes.join("; "));
    Ok((session, absent))
}

/// The input that was open last, or the usual one in its place; which one is not there.
fn bring_input(
    session: &mut Session,
    was_open: &WasOpen,
    notes: &mut Vec<String>,
) -> anyhow::Result<Option<InputWish>> {
    let last = was_open.input_wish();
    let absent = match last.filter(|wish| *wish != InputWish::system()) {
        None => None,
        Some(wish) => match live_mix(wish.clone()) {
            Ok(mix) => {
                session.pair.mix = mix.into();
                return Ok(None);
            }
            Err(error) => {
                notes.push(format!("{error:#}"));
                Some(wish)
            }
        },
    };
    match live_mix(InputWish::system()) {
        Ok(mix) => {
            if absent.is_some() {
                notes.push(format!("{} is heard instead", mix.history.name));
            }
            session.pair.mix = mix.into();
        }
        Err(error) => {
            notes.push(format!("{error:#}; the demo plays instead"));
            open_demo(session)?;
        }
    }
    Ok(absent)
}

/// The references that were open last, and the one of them that was shown; which are not there, each with its place.
fn bring_references(
    session: &mut Session,
    was_open: &WasOpen,
    notes: &mut Vec<String>,
) -> Vec<(usize, PathBuf)> {
    let mut absent = vec![];
    for (place, path) in was_open.references.iter().enumerate() {
        // A snapshot that is gone from its folder was deleted: nobody waits for it.
        let is_deleted =
            is_snapshot(path) && !path.exists() && path.parent().is_some_and(Path::is_dir);
        if is_deleted {
            continue;
        }
        let opened = readable(path).and_then(|()| open_reference(session, path));
        if let Err(error) = opened {
            tracing::info!("{}: {error:#}", path.display());
            absent.push((place, path.clone()));
        }
    }
    if let Some(shown) = was_open.references.get(was_open.active) {
        let is_shown = |item: &Reference| item.path.as_ref() == Some(shown);
        let index = session.pair.references.all().position(is_shown);
        if let Some(index) = index {
            session.pair.references.activate(index);
        }
    }
    let names: Vec<String> = absent.iter().map(|(_, path)| file_name(path)).collect();
    if !names.is_empty() {
        notes.push(format!(
            "not there now: {}; the next start looks again",
            names.join(", ")
        ));
    }
    absent
}

/// Files and folders that were named. A folder gives as many of its files as there is room for; what to say if that is
/// not all.
fn open_references(session: &mut Session, args: &WindowArgs) -> anyhow::Result<Option<String>> {
    let mut left_out = 0;
    for path in args.files.iter().filter(|path| is_snapshot(path)) {
        // It is shown as it was once the window is there; that it can be is said before.
        Preview::read(path)?;
    }
    let references = args.files.iter().filter(|path| !is_snapshot(path));
    for path in references.chain(&args.reference) {
        if !path.is_dir() {
            readable(path)?;
            open_reference(session, path)?;
            continue;
        }
        for file in folder::audio_files(path).map_err(|why| anyhow!(why))? {
            if session.pair.references.is_full() {
                left_out += 1;
            } else {
                open_reference(session, &file)?;
            }
        }
    }
    Ok((left_out > 0).then(|| {
        format!("{left_out} files were left out: {MOST_REFERENCES} references can be open")
    }))
}

/// Whether a file can be a reference: said before the window opens, where it can still be read.
fn readable(path: &Path) -> anyhow::Result<()> {
    if is_snapshot(path) {
        Preview::read(path)?;
    } else if read_target(path).map_err(|why| anyhow!(why))?.is_none() {
        FileDecoder::open(path)?;
    }
    Ok(())
}

fn open_demo(session: &mut Session) -> anyhow::Result<()> {
    if session.pair.references.count().0 == 0 {
        // The same song first, then another: both ways of comparing.
        add(session, Reference::demo())?;
        add(session, Reference::of_demo(DemoVersion::OtherSong))?;
        session.pair.references.activate(0);
    }
    session.pair.mix = live_mix(InputWish::Demo)?.into();
    Ok(())
}

fn open_reference(session: &mut Session, path: &Path) -> anyhow::Result<()> {
    session
        .pair
        .references
        .open(path)
        .map_err(|why| anyhow!(why))
}

fn add(session: &mut Session, reference: Reference) -> anyhow::Result<()> {
    session
        .pair
        .references
        .add(reference)
        .map_err(|why| anyhow!(why))
}

/// The mix from a device or the demo.
fn live_mix(wish: InputWish) -> anyhow::Result<LiveSide> {
    let input = OpenInput::open(&wish)?;
    LiveSide::open(wish, input).context("the analysis cannot start")
}

/// A file played in a loop as the mix.
fn file_mix(path: &Path) -> anyhow::Result<LiveSide> {
    let decoder = FileDecoder::open(path)?;
    let format = decoder.format();
    let name = file_name(path);
    let source = file_source(path.to_owned(), decoder);
    let feed = Feed::start("file", format, source).context("the file cannot be played")?;
    let input = OpenInput::of_feed(name.clone(), feed);
    LiveSide::open(InputWish::File(name), input).context("the analysis cannot start")
}

/// A file's name without folder and ending.
pub fn file_name(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_that_is_gone_takes_no_other_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        for name in ["a.wav", "c.wav"] {
            let spec = hound::WavSpec {
                channels: 1,
                sample_rate: 8_000,
                bits_per_sample: 16,
                sample_format: hound::SampleFormat::Int,
            };
            let mut writer = hound::WavWriter::create(file(name), spec).unwrap();
            (0..800).for_each(|n| writer.write_sample(n as i16).unwrap());
            writer.finalize().unwrap();
        }
        std::fs::write(file("broken.wav"), "no sound").unwrap();
        let names = ["gone.wav", "a.wav", "broken.wav", "c.wav"];
        let was_open = WasOpen {
            references: names.map(file).to_vec(),
            active: 3,
            ..WasOpen::default()
        };
        let mut session = Session::default();
        let mut notes = vec![];
        let absent = bring_references(&mut session, &was_open, &mut notes);
        assert_eq!(absent, [(0, file("gone.wav")), (2, file("broken.wav"))]);
        let shown = session
            .pair
            .references
            .active()
            .and_then(|item| item.path.clone());
        assert_eq!(shown, Some(file("c.wav")));
        assert!(
            notes[0].contains("gone") && notes[0].contains("broken"),
            "{notes:?}"
        );
        let absent = Absent {
            references: absent,
            ..Absent::default()
        };
        let noted = absent.noted_with(WasOpen::of(&session.pair));
        assert_eq!((noted.references, noted.active), (was_open.references, 3));
    }

    #[test]
    fn the_demo_shows_the_same_song_and_the_next_one_is_another() {
        let mut session = Session::default();
        open_demo(&mut session).expect("the demo is built in");
        let shown = |session: &Session| {
            let active = session.pair.references.active().expect("one is shown");
            active.name.clone()
        };
        assert_eq!(session.pair.references.count(), (2, 0));
        assert_eq!(shown(&session), DemoVersion::Reference.name());
        let mix = session.pair.mix.history().expect("it plays");
        assert_eq!(mix.name, DemoVersion::Mix.name());
        session.pair.references.activate_next();
        assert_eq!(session.pair.references.count(), (2, 1));
        assert_eq!(shown(&session), "Night Bus (another song)");
        session.pair.references.activate_next();
        assert_eq!(shown(&session), DemoVersion::Reference.name());
    }

    #[test]
    fn an_input_that_is_gone_has_another_in_its_place_and_is_not_forgotten() {
        let gone = InputWish::from_name("an interface that is switched off");
        let gone = gone.with_pair(1).unwrap();
        let was_open = WasOpen {
            input: Some("an interface that is switched off".to_owned()),
            input_pair: Some((2, 3)),
            ..WasOpen::default()
        };
        let mut session = Session::default();
        let mut notes = vec![];
        let absent = bring_input(&mut session, &was_open, &mut notes).expect("the demo plays");
        assert_eq!(absent, Some(gone));
        assert!(
            session.pair.mix.history().is_some() && notes.len() == 2,
            "{notes:?}"
        );
    }
}
