//! The aligned reference follows a live mix: played into a null sink, with a jump inside, heard by the session.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::music;
use crate::support::pulse::{self, MONITOR, Playing};
use abscope::audio::demo::{self, DemoVersion};
use abscope::compare::tracker::Tracking;
use abscope::session::Session;
use abscope::session::references::Reference;
use abscope::session::sides::history::History;
use abscope::session::sides::input::{InputWish, OpenInput};
use abscope::session::sides::live::LiveSide;

const RATE_HZ: u32 = demo::SAMPLE_RATE_HZ;
/// The part of the song that is played first, in seconds.
const FIRST_SECS: [f64; 2] = [10.0, 26.0];
/// Where it jumps from there.
const JUMP_SECS: f64 = 20.0;
/// How long it plays on.
const AFTER_SECS: f64 = 14.0;
/// How long a jump may take until it is followed.
const FOLLOWS_WITHIN_SECS: f64 = 3.0;
const DEADLINE: Duration = Duration::from_secs(60);

/// A session with the demo's reference, hearing what the server plays.
fn session() -> Session {
    let mut session = Session::default();
    let mut reference = Reference::demo();
    reference.wait();
    session
        .pair
        .references
        .add(reference)
        .expect("there is room");
    let wish = InputWish::from_name(MONITOR);
    let input = OpenInput::open(&wish).expect("it is there");
    let mix = LiveSide::open(wish, input);
    session.pair.mix = mix.expect("a thread can be made").into();
    session
}

fn heard_secs(session: &Session) -> f64 {
    session.pair.mix.history().map_or(0.0, History::end_secs)
}

/// Polls the session as a window does until something is there.
fn wait_for<T>(session: &mut Session, what: &str, find: impl Fn(&Session) -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        session.pair.poll();
        if let Some(found) = find(session) {
            return found;
        }
        assert!(
            begin.elapsed() < DEADLINE,
            "{what} does not come within {DEADLINE:?}: {:?}",
            session.pair.beside.tracking
        );
        std::thread::sleep(Duration::from_millis(16));
    }
}

fn locked_offset_secs(session: &Session) -> Option<f64> {
    match session.pair.beside.tracking {
        Some(Tracking::Locked(found)) => Some(found.offset_secs),
        _ => None,
    }
}

/// The demo's record through an equaliser, a limiter and a fader, with a jump inside.
fn write_mix(path: &Path) {
    let song = demo::render(DemoVersion::Reference);
    let (frames, _) = song.as_chunks::<2>();
    let part = |from_secs: f64, to_secs: f64| {
        let frame = |secs: f64| (secs * f64::from(RATE_HZ)) as usize;
        frames[frame(from_secs)..frame(to_secs)].to_vec()
    };
    let [from_secs, to_secs] = FIRST_SECS;
    let mut mix = part(from_secs, to_secs);
    mix.extend(part(to_secs + JUMP_SECS, to_secs + JUMP_SECS + AFTER_SECS));
    music::equalise(&mut mix, RATE_HZ, 180.0, 5.0);
    music::equalise(&mut mix, RATE_HZ, 5_000.0, -4.0);
    music::limit(&mut mix, 3.0);
    for x in mix.as_flattened_mut() {
        *x *= 0.4;
    }
    music::files::write_wav(path, RATE_HZ, mix.as_flattened());
}

/// The demo's mix in another key and tempo, from its first verse on: to the ear the same form, sample by sample
/// another song.
fn write_other_song(path: &Path) {
    let song = demo::render(DemoVersion::Mix);
    let from = 2 * 14 * RATE_HZ as usize;
    music::files::write_wav(path, 44_100, &song[from..]);
}

#[test]
fn the_reference_follows_a_jump_of_the_mix_within_three_seconds() {
    let test = "the_reference_follows_a_jump_of_the_mix_within_three_seconds";
    pulse::with_server(test, || {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let wav = folder.path().join("mix.wav");
        write_mix(&wav);
        let mut session = session();
        let mut playing = Playing::start(&wav);
        let first = wait_for(&mut session, "a lock", locked_offset_secs);
        // The song's second 10 was the first to be heard.
        let began_secs = FIRST_SECS[0] - first;
        eprintln!(
            "locked {:.2} s after the first sound",
            heard_secs(&session) - began_secs
        );
        let jumped_secs = FIRST_SECS[1] - first;
        assert!(heard_secs(&session) < jumped_secs, "locked before the jump");
        let second = wait_for(&mut session, "the jump", |session| {
            locked_offset_secs(session).filter(|offset| (offset - first).abs() > 1.0)
        });
        let took_secs = heard_secs(&session) - jumped_secs;
        eprintln!(
            "followed {took_secs:.2} s after the jump, {:.4} s off",
            second - first - JUMP_SECS
        );
        assert!(
            (second - first - JUMP_SECS).abs() < 0.003,
            "{first} then {second}"
        );
        assert!(took_secs <= FOLLOWS_WITHIN_SECS, "it took {took_secs} s");
        assert!(playing.is_playing(), "all of that happened while it played");
    });
}

#[test]
fn another_song_is_said_to_be_one_and_its_section_is_offered_and_followed() {
    let test = "another_song_is_said_to_be_one_and_its_section_is_offered_and_followed";
    pulse::with_server(test, || {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let wav = folder.path().join("other.wav");
        write_other_song(&wav);
        let mut session = session();
        let _playing = Playing::start(&wav);
        wait_for(&mut session, "the verdict", |session| {
            assert_eq!(locked_offset_secs(session), None, "it is another song");
            (session.pair.beside.tracking == Some(Tracking::NotTheSameSong)).then_some(())
        });
        eprintln!("another song, after {:.1} s", heard_secs(&session));
        let offer = wait_for(&mut session, "a section", |session| {
            session.pair.section_offer.clone()
        });
        let place_secs = |session: &Session| {
            let data = session
                .pair
                .references
                .active()
                .map(|active| active.data().beside(false));
            let region = data.expect("there is a reference");
            let laid_secs = region.laid_offset_secs(session.pair.beside.offset_secs);
            region.reference_secs(laid_secs + heard_secs(session))
        };
        session.pair.follows_sections = true;
        let (from_secs, to_secs) = (
            offer.region.start_secs,
            offer.region.start_secs + offer.region.length_secs,
        );
        wait_for(&mut session, "the section's place", |session| {
            let is_offered = session.pair.beside.offset_secs == offer.offset_secs;
            let place = place_secs(session);
            (is_offered && (from_secs..to_secs).contains(&place)).then_some(())
        });
        eprintln!("follows {} at {:.1} s", offer.name, place_secs(&session));
        session.pair.follows_sections = false;
        wait_for(&mut session, "all of the song", |session| {
            let active = session.pair.references.active()?;
            (active.data().followed.is_none() && session.pair.beside.offset_secs == 0.0)
                .then_some(())
        });
    });
}
