//! Listening on real parts: the reference played into a null sink of a sound server and recorded from its monitor.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::pulse::{self, MONITOR, SINK};
use crate::support::wav::{sine, write_wav};
use abscope::audio::capture::{Capture, InputSelector, open_input};
use abscope::audio::ring::{FrameReader, ReadEvent};
use abscope::session::Session;
use abscope::session::pairing::listening::ListenState;
use abscope::session::references::Reference;
use abscope::session::sides::input::{InputWish, OpenInput};
use abscope::session::sides::live::LiveSide;
use abscope::units::db::{amplitude_from_db, db_from_power};

/// The sink that is listened on.
const PHONES: &str = "abscope_phones";
const TONE_HZ: f64 = 441.7;
const TONE_DBFS: f64 = -20.0;
const GAIN_DB: f64 = -6.0;
const DEADLINE: Duration = Duration::from_secs(20);

fn add_phones() {
    let loaded = Command::new("pactl")
        .args(["load-module", "module-null-sink", "format=float32le"])
        .args(["rate=48000", "channels=2"])
        .arg(format!("sink_name={PHONES}"))
        .output()
        .expect("pactl is installed beside pulseaudio");
    assert!(loaded.status.success(), "{loaded:?}");
}

/// A session whose reference is a tone at another rate than the sink's, in a loop of no whole number of periods.
fn session_with_tone(folder: &Path) -> Session {
    let wav = folder.join("tone.wav");
    write_wav(&wav, 44_100, 2, 12.0, |_, secs| {
        sine(TONE_HZ, TONE_DBFS, secs)
    });
    let mut reference = Reference::from_file(&wav);
    reference.wait();
    reference.set_region(Some([2.0, 6.123]));
    let mut session = Session::default();
    session
        .pair
        .references
        .add(reference)
        .expect("there is room");
    session.pair.references.set_trim_db(GAIN_DB);
    session
}

fn wait_for(
    session: &mut Session,
    what: &str,
    is_there: impl Fn(&ListenState) -> bool,
) -> ListenState {
    let begin = Instant::now();
    loop {
        session.pair.poll();
        let state = session.pair.listen.state().expect("it was started");
        if is_there(&state) {
            return state;
        }
        assert!(
            begin.elapsed() < DEADLINE,
            "{what} does not come: {state:?}"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// What arrives at the phones until there are so many seconds of it, or a condition holds.
struct Recording {
    _capture: Capture,
    reader: FrameReader,
    heard: Vec<f32>,
}

impl Recording {
    fn start() -> Self {
        let mut capture =
            open_input(&InputSelector::named(format!("{PHONES}.monitor"))).expect("it is there");
        let reader = capture.reader.take().expect("nobody has taken it");
        Self {
            _capture: capture,
            reader,
            heard: vec![],
        }
    }

    fn read(&mut self) {
        while let ReadEvent::Frames(_) = self.reader.read(&mut self.heard) {}
    }

    fn left(&self) -> Vec<f32> {
        self.heard.iter().step_by(2).copied().collect()
    }

    /// Seconds from the first sound on.
    fn sounding_secs(&self) -> f64 {
        let first = self.heard.iter().position(|x| *x != 0.0);
        first.map_or(0.0, |first| (self.heard.len() - first) as f64 / 96_000.0)
    }
}

fn level_db(samples: &[f32]) -> f64 {
    let power: f64 = samples.iter().map(|x| f64::from(x * x)).sum();
    db_from_power(power / samples.len().max(1) as f64)
}

fn largest_step(samples: &[f32]) -> f32 {
    let steps = samples.windows(2).map(|pair| (pair[1] - pair[0]).abs());
    steps.fold(0.0, f32::max)
}

#[test]
fn the_reference_is_heard_at_the_matched_level_without_a_click() {
    let test = "the_reference_is_heard_at_the_matched_level_without_a_click";
    pulse::with_server(test, || {
        add_phones();
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let mut session = session_with_tone(folder.path());
        let mut recording = Recording::start();
        session.pair.listen.output = Some(PHONES.to_owned());
        session
            .pair
            .start_listening()
            .expect("there is a reference");
        let state = wait_for(&mut session, "sound", |state| {
            matches!(state, ListenState::Playing { .. })
        });
        let ListenState::Playing { limited_db, .. } = state else {
            unreachable!("it was just seen")
        };
        assert_eq!(limited_db, 0.0);
        let begin = Instant::now();
        // Two rounds and a half.
        while recording.sounding_secs() < 10.0 {
            session.pair.poll();
            recording.read();
            assert!(begin.elapsed() < DEADLINE + DEADLINE, "too little arrives");
            std::thread::sleep(Duration::from_millis(20));
        }
        session.pair.listen.stop();
        // The stop has been heard once there is half a second of silence.
        let is_silent = |heard: &[f32]| {
            heard.len() > 48_000 && heard[heard.len() - 48_000..].iter().all(|x| *x == 0.0)
        };
        while !is_silent(&recording.heard) {
            recording.read();
            assert!(begin.elapsed() < DEADLINE + DEADLINE, "it does not stop");
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(recording.reader.gaps(), 0);

        let left = recording.left();
        let first = left.iter().position(|x| *x != 0.0).expect("it was heard");
        let steady = &left[first + 48_000..first + 9 * 48_000];
        let mut levels: Vec<f64> = steady.chunks_exact(4_800).map(level_db).collect();
        levels.sort_by(f64::total_cmp);
        let median = levels[levels.len() / 2];
        let expected = TONE_DBFS + GAIN_DB - 3.0103;
        let own_step =
            amplitude_from_db(TONE_DBFS + GAIN_DB) * std::f64::consts::TAU * TONE_HZ / 48_000.0;
        let step = f64::from(largest_step(&left));
        eprintln!(
            "level {median:.3} dB, expected {expected:.3}; largest step {step:.6}, of the sine alone {own_step:.6}"
        );
        assert!(
            (median - expected).abs() <= 0.2,
            "{median} is not {expected}"
        );
        assert!(
            step < 1.1 * own_step,
            "a click: {step}, the sine has {own_step}"
        );
    });
}

#[test]
fn a_mix_that_would_hear_the_reference_is_told_and_refused() {
    let test = "a_mix_that_would_hear_the_reference_is_told_and_refused";
    pulse::with_server(test, || {
        add_phones();
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let mut session = session_with_tone(folder.path());
        let wish = InputWish::from_name(MONITOR);
        let input = OpenInput::open(&wish).expect("it is there");
        let mix = LiveSide::open(wish, input);
        session.pair.mix = mix.expect("a thread can be made").into();

        session.pair.listen.output = Some(SINK.to_owned());
        session
            .pair
            .start_listening()
            .expect("there is a reference");
        let state = wait_for(&mut session, "a refusal", |state| {
            matches!(state, ListenState::Failed(_))
        });
        let ListenState::Failed(why) = state else {
            unreachable!("it was just seen")
        };
        assert!(
            why.contains("would hear the reference") && why.contains("another output (key I)"),
            "{why}"
        );
        session.pair.listen.output = Some(PHONES.to_owned());
        session
            .pair
            .start_listening()
            .expect("there is a reference");
        wait_for(&mut session, "sound", |state| {
            matches!(state, ListenState::Playing { .. })
        });

        session.pair.listen.output = Some("gramophone".to_owned());
        session
            .pair
            .start_listening()
            .expect("there is a reference");
        let state = wait_for(&mut session, "an answer", |state| {
            matches!(state, ListenState::Failed(_))
        });
        assert!(format!("{state:?}").contains("no output fits “gramophone”"));
    });
}

#[test]
fn without_a_reference_there_is_nothing_to_hear_and_that_is_said() {
    let why = Session::default()
        .pair
        .start_listening()
        .expect_err("no reference");
    assert!(why.contains("press O"), "{why}");
}
