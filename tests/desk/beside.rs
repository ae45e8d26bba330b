//! The main use, on real parts: a live mix beside the same song, begun anywhere, for as long as it takes to trust it.
//! The window answers all along, nothing stands still, and the reference lies where it should.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::rc::Rc;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use abscope::dsp::signals::Random;
use serde_json::Value;

use crate::support::desk::{Home, Window, free_port};
use crate::support::music::{self, Frames};
use crate::support::parts::{self, DISPLAY, SOUND};
use crate::support::program::{Said, hear};
use crate::support::pulse::{MONITOR_NAME, Playing, PulseServer};
use crate::support::turns;
use crate::support::x11::{Display, wait_for};

const RATE_HZ: u32 = 48_000;
/// How long each is looked at.
const LOOKED_AT: Duration = Duration::from_secs(40);
/// Long enough for a busy machine whose processor draws.
const DEADLINE: Duration = Duration::from_secs(60);
/// Answers come within a second; one in ten may wait for a machine that has other things to do.
const ANSWER: Duration = Duration::from_secs(1);
/// The player says when it starts, not when it is heard; places of other sections are many seconds away.
const PLACE_SECS: f64 = 1.5;
/// Seconds after which the place of a song that plays on must be known.
const KNOWN_AFTER_SECS: f64 = 25.0;
/// Windows at once: a processor draws them.
const AT_ONCE: usize = 2;

/// Six sections of three textures, 120 seconds: each comes back with other notes.
fn song() -> Frames {
    let secs = |secs: usize| secs * RATE_HZ as usize;
    let [verse, chorus, bridge] = [3, 4, 6].map(|seed| music::song(seed, 40.0, RATE_HZ));
    let mut loud = chorus;
    music::limit(&mut loud, 6.0);
    let mut thin = bridge;
    music::equalise(&mut thin, RATE_HZ, 120.0, -18.0);
    music::equalise(&mut thin, RATE_HZ, 6_000.0, 9.0);
    let parts = [
        &verse[..secs(20)],
        &loud[..secs(20)],
        &verse[secs(20)..],
        &loud[secs(20)..],
        &thin[..secs(20)],
        &thin[secs(20)..],
    ];
    parts.concat()
}

/// What the engineer has done to it.
fn mixed(frames: &[[f32; 2]]) -> Frames {
    let mut mix = frames.to_vec();
    music::equalise(&mut mix, RATE_HZ, 180.0, 4.0);
    music::equalise(&mut mix, RATE_HZ, 5_000.0, -3.0);
    for x in mix.as_flattened_mut() {
        *x *= 0.4;
    }
    mix
}

/// Files that all windows share.
struct Songs {
    folder: tempfile::TempDir,
    frames: Frames,
}

impl Songs {
    fn new() -> Self {
        let songs = Self {
            folder: tempfile::tempdir().expect("a temporary folder can be made"),
            frames: song(),
        };
        let other = music::song(40, 90.0, RATE_HZ);
        for (name, frames) in [("record", &songs.frames), ("other", &other)] {
            music::files::write_wav(&songs.path(name), RATE_HZ, frames.as_flattened());
        }
        songs
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.wav"))
    }

    /// The mix of parts of the song, each from one second to another.
    fn mix_of(&self, name: &str, parts: &[[f64; 2]]) -> PathBuf {
        let frame = |secs: f64| (secs * f64::from(RATE_HZ)) as usize;
        let parts = parts
            .iter()
            .flat_map(|&[from, to]| &self.frames[frame(from)..frame(to).min(self.frames.len())]);
        let mix = mixed(&parts.copied().collect::<Vec<_>>());
        let path = self.path(name);
        music::files::write_wav(&path, RATE_HZ, mix.as_flattened());
        path
    }
}

/// A window of its own, with a display, a sound server and a home of its own.
struct Desk {
    window: Window,
    server: PulseServer,
    home: Home,
    waits: Vec<Duration>,
}

impl Desk {
    /// Opens a window beside a record of at least so many sections, which are waited for.
    fn open(reference: &Path, sections: u64) -> Self {
        let (home, port) = (Home::new(), free_port());
        let settings = format!("remote-port = {port}\nhints-seen = true\nsnapshot-sound = 20\n");
        home.write("settings.toml", &settings);
        let server = PulseServer::start();
        let mut program = home.abscope();
        program
            .args(["--input", MONITOR_NAME, "--reference"])
            .arg(reference)
            .env("PULSE_SERVER", server.address())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut desk = Self {
            window: Window::open(program, &Rc::new(Display::start()), DEADLINE),
            server,
            home,
            waits: vec![],
        };
        // A processor draws it: small.
        desk.window.resize([640, 360]);
        wait_for("an answer of the window", DEADLINE, || {
            (desk.ctl(&["status"]).code == Some(0)).then_some(())
        });
        wait_for("the sections of the record", DEADLINE, || {
            (desk.status()["sections"].as_u64()? >= sections).then_some(())
        });
        desk.waits.clear();
        desk
    }

    fn ctl(&self, words: &[&str]) -> Said {
        hear(self.home.abscope().arg("ctl").args(words))
    }

    /// Asks the window to do something; it must.
    fn ask(&self, words: &[&str]) {
        let said = self.ctl(words);
        assert_eq!(said.code, Some(0), "{words:?}: {}", said.err);
    }

    fn status(&mut self) -> Value {
        let asked_at = Instant::now();
        let said = self.ctl(&["status"]);
        self.waits.push(asked_at.elapsed());
        assert_eq!(said.code, Some(0), "no answer: {}", said.err);
        serde_json::from_str(&said.out).expect("the status is JSON")
    }

    fn play(&self, wav: &Path) -> Playing {
        Playing::start_with(self.server.command("paplay"), wav)
    }

    /// Looks at the window for a while, about twice a second; the last status.
    fn look(&mut self, what: &str, mut see: impl FnMut(&Value)) -> Value {
        let begin = Instant::now();
        let mut last = Value::Null;
        let mut heard_secs = -1.0;
        while begin.elapsed() < LOOKED_AT {
            let status = self.status();
            let now_secs = status["mix_secs"].as_f64().expect("there is a mix");
            assert!(now_secs >= heard_secs, "{what}: the mix goes on: {status}");
            heard_secs = now_secs;
            see(&status);
            last = status;
            std::thread::sleep(Duration::from_millis(500));
        }
        last
    }

    /// Ends the window as a kill would, and looks at what it said: nothing must have stood still.
    fn close(mut self, what: &str) {
        self.waits.sort();
        let ninth = self.waits[self.waits.len() * 9 / 10];
        let slowest = self.waits.last().copied().unwrap_or_default();
        eprintln!(
            "{what}: {} answers, nine of ten within {ninth:?}, all within {slowest:?}",
            self.waits.len()
        );
        assert!(ninth < ANSWER, "{what}: answers take {ninth:?}");
        let _ = self.window.program.kill();
        let mut said = String::new();
        let stderr = self.window.program.stderr.as_mut().expect("it is a pipe");
        stderr.read_to_string(&mut said).expect("it is text");
        assert!(!said.contains("stood still"), "{what}: {said}");
        assert!(!said.contains("panicked"), "{what}: {said}");
    }
}

/// Second of the song that the reference shows at the newest part of the mix, if it is laid there as the same song.
fn aligned_secs(status: &Value) -> Option<f64> {
    let alignment = &status["alignment"];
    let is_aligned = alignment["state"] == "aligned";
    let mix_secs = status["mix_secs"].as_f64()?;
    let offset_secs = alignment["offset_secs"].as_f64()?;
    is_aligned.then_some(mix_secs + offset_secs)
}

/// Checks that what is shown is what plays: `from_secs` of the song played when `since` began.
fn assert_beside(what: &str, status: &Value, from_secs: f64, since: Instant) {
    let Some(shown_secs) = aligned_secs(status) else {
        return;
    };
    let song_secs = 120.0;
    let plays_secs = from_secs + since.elapsed().as_secs_f64();
    // The place is told in laid time: whole turns of the song more.
    let apart = (shown_secs - plays_secs + song_secs / 2.0).rem_euclid(song_secs) - song_secs / 2.0;
    assert!(
        apart.abs() < PLACE_SECS,
        "{what}: {shown_secs:.2} s of the song are shown, {plays_secs:.2} s play: {status}"
    );
}

/// Runs some of the cases at a time.
fn in_turns<T: Sync>(cases: &[T], look: impl Fn(&T) + Sync) {
    let next = Mutex::new(cases.iter());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let case = next.lock().expect("nobody panics with it").next();
                    let Some(case) = case else { return };
                    look(case);
                }
            });
        }
    });
}

#[test]
fn the_window_goes_on_beside_the_same_song_wherever_it_began() {
    let test = "the_window_goes_on_beside_the_same_song_wherever_it_began";
    if !parts::are_there(test, &[SOUND, DISPLAY]) {
        return;
    }
    let _turn = turns::alone();
    let songs = Songs::new();
    let mut random = Random::new(29);
    let offsets: Vec<f64> = (0..10).map(|_| 2.0 + 73.0 * random.unit()).collect();
    in_turns(&offsets, |&from_secs| {
        let what = format!("from second {from_secs:.2}");
        let wav = songs.mix_of(&what.replace(' ', "-"), &[[from_secs, 120.0]]);
        let mut desk = Desk::open(&songs.path("record"), 5);
        let playing = desk.play(&wav);
        let since = Instant::now();
        let mut was_aligned = false;
        let last = desk.look(&what, |status| {
            assert_beside(&what, status, from_secs, since);
            was_aligned |= aligned_secs(status).is_some();
            let must_be = since.elapsed().as_secs_f64() > KNOWN_AFTER_SECS;
            assert!(was_aligned || !must_be, "{what}: not aligned: {status}");
        });
        assert!(aligned_secs(&last).is_some(), "{what}: {last}");
        drop(playing);
        desk.close(&what);
    });
}

#[derive(Debug)]
enum Evening {
    Jumps,
    AnotherSong,
    Region,
    Recalled,
}

#[test]
fn the_window_goes_on_through_jumps_another_song_a_region_and_a_recalled_snapshot() {
    let test = "the_window_goes_on_through_jumps_another_song_a_region_and_a_recalled_snapshot";
    if !parts::are_there(test, &[SOUND, DISPLAY]) {
        return;
    }
    let _turn = turns::alone();
    let songs = Songs::new();
    let cases = [
        Evening::Jumps,
        Evening::AnotherSong,
        Evening::Region,
        Evening::Recalled,
    ];
    in_turns(&cases, |case| {
        let what = format!("{case:?}");
        let parts: &[[f64; 2]] = match case {
            Evening::Jumps => &[[12.3, 27.1], [71.0, 86.4], [33.3, 60.0]],
            _ => &[[31.7, 119.0]],
        };
        let wav = songs.mix_of(&what, parts);
        let (record, sections) = match case {
            Evening::AnotherSong => ("other", 1),
            _ => ("record", 5),
        };
        let mut desk = Desk::open(&songs.path(record), sections);
        if let Evening::Region = case {
            desk.ask(&["region", "20", "61.7"]);
        }
        let playing = desk.play(&wav);
        let since = Instant::now();
        let last = desk.look(&what, |status| {
            let secs = since.elapsed().as_secs_f64();
            match case {
                // Within three seconds of a jump the place before it may still be shown.
                Evening::Jumps if secs < 14.0 => assert_beside(&what, status, 12.3, since),
                Evening::Jumps if (20.0..29.0).contains(&secs) => {
                    assert_beside(&what, status, 71.0 - 14.8, since)
                }
                Evening::AnotherSong => assert!(aligned_secs(status).is_none(), "{status}"),
                _ => {}
            }
        });
        let state = &last["alignment"]["state"];
        match case {
            Evening::AnotherSong => assert_eq!(state, "another song", "{last}"),
            Evening::Jumps | Evening::Region => assert_eq!(state, "aligned", "{what}: {last}"),
            Evening::Recalled => {
                desk.ask(&["snapshot"]);
                wait_for("a snapshot", DEADLINE, || {
                    let shelf = desk.ctl(&["status"]).out;
                    shelf.contains("snapshot kept").then_some(())
                });
                desk.ask(&["recall-mix"]);
                wait_for("the snapshot", DEADLINE, || {
                    desk.status()["snapshot"].is_string().then_some(())
                });
                let last = desk.look("a recalled snapshot", |_| {});
                assert!(last["snapshot"].is_string(), "{last}");
            }
        }
        drop(playing);
        desk.close(&what);
    });
}
