//! What goes away comes back: the input of a session on a real PulseAudio server, taken from under it in every way.
#![cfg(target_os = "linux")]

mod support;

use std::path::Path;
use std::time::{Duration, Instant};

use abscope::dsp::grid::NUM_BINS;
use abscope::session::Session;
use abscope::session::input::{InputWish, OpenInput};
use abscope::session::mix::MixSide;
use support::pulse::{self, MONITOR, PulseServer, SINK};

/// A null sink hands out what it had prepared before it listens to our wish for short blocks: up to two seconds.
const FIRST_FRAMES: Duration = Duration::from_secs(10);
/// The promise: from the end of the cause to a picture that moves.
const RECOVERY: Duration = Duration::from_secs(2);
/// How far the time axis may be from the clock on the wall, and a gap from its true length.
const TOLERANCE_SECS: f64 = 0.3;

/// A session that listens, and how its time lies against the clock on the wall.
struct Desk {
    session: Session,
    begin: Instant,
    /// Wall time minus mix time.
    offset_secs: f64,
}

impl Desk {
    fn open(wish: InputWish) -> Self {
        let input = OpenInput::open(&wish).expect("the input is there");
        let mut session = Session::default();
        session.mix = Some(MixSide::live(wish, input).expect("threads can be made"));
        let mut desk = Self {
            session,
            begin: Instant::now(),
            offset_secs: 0.0,
        };
        desk.wait("the first second", FIRST_FRAMES, |mix| mix.end_secs() > 1.0);
        desk.offset_secs = desk.drift_secs();
        desk
    }

    fn mix(&self) -> &MixSide {
        self.session.mix.as_ref().expect("it was opened")
    }

    /// Wall time minus mix time, beyond what it was at the beginning.
    fn drift_secs(&self) -> f64 {
        self.begin.elapsed().as_secs_f64() - self.mix().end_secs() - self.offset_secs
    }

    /// Polls until something holds; how long that took.
    fn wait(
        &mut self,
        what: &str,
        deadline: Duration,
        mut holds: impl FnMut(&MixSide) -> bool,
    ) -> Duration {
        let begin = Instant::now();
        loop {
            self.session.poll();
            if holds(self.mix()) {
                return begin.elapsed();
            }
            assert!(
                begin.elapsed() < deadline,
                "{what}: not within {deadline:?}; {:?}",
                self.mix().input
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn wait_until_lost(&mut self) {
        self.wait("the loss", Duration::from_secs(4), |mix| {
            mix.lost_reason().is_some()
        });
    }

    /// Waits for one more gap and a moving picture behind it, and judges both.
    fn recovers(&mut self, what: &str, away: Instant, back: Instant) {
        let gaps = self.mix().meters.gaps;
        let lost_before = self.mix().lost_secs();
        self.wait(what, FIRST_FRAMES, |mix| mix.meters.gaps > gaps);
        let recovery = back.elapsed();
        let gap_secs = self.mix().lost_secs() - lost_before;
        let away_secs = away.elapsed().as_secs_f64();
        let end_secs = self.mix().end_secs();
        self.wait("sound behind the gap", Duration::from_secs(2), |mix| {
            mix.end_secs() > end_secs + 0.2
        });
        println!(
            "{what}: recovered {recovery:.2?} after the cause, gap {gap_secs:.2} s, news {:?}",
            self.session.news
        );
        assert!(recovery <= RECOVERY, "{what}: recovered after {recovery:?}");
        let cause_secs = (back - away).as_secs_f64();
        assert!(
            gap_secs > cause_secs - TOLERANCE_SECS && gap_secs < away_secs + TOLERANCE_SECS,
            "{what}: the gap has {gap_secs} s of {cause_secs} to {away_secs}"
        );
        let drift_secs = self.drift_secs();
        assert!(
            drift_secs.abs() < TOLERANCE_SECS,
            "{what}: the time axis is {drift_secs} s off"
        );
    }

    /// Every frame was heard or lies in a gap.
    fn nothing_is_uncounted(&self, tolerance_frames: f64) {
        let meters = &self.mix().meters;
        let rate = f64::from(meters.format.sample_rate_hz);
        let heard = meters.loudness.measured_secs * rate;
        let sum = heard + meters.lost_frames as f64;
        assert!(
            (sum - meters.end_frame as f64).abs() <= tolerance_frames,
            "{heard} frames heard and {} lost are not {}",
            meters.lost_frames,
            meters.end_frame
        );
    }
}

#[test]
fn a_sink_that_is_unloaded_and_loaded_again_is_heard_again_with_a_gap() {
    let test = "a_sink_that_is_unloaded_and_loaded_again_is_heard_again_with_a_gap";
    pulse::with_server(test, || {
        let mut desk = Desk::open(InputWish::from_name(MONITOR));
        let away = Instant::now();
        pactl(&["unload-module", "module-null-sink"]);
        desk.wait_until_lost();
        let reason = desk.mix().lost_reason().expect("it is lost");
        assert!(reason.contains("waiting for it"), "{reason}");
        desk.wait("a while", Duration::from_secs(4), |_| {
            away.elapsed() > Duration::from_millis(1500)
        });
        let gap_from = desk.mix().end_secs();
        load_sink(SINK, 48_000);
        desk.recovers("sink loaded again", away, Instant::now());
        desk.nothing_is_uncounted(0.5);
        assert_eq!(desk.mix().lost_reason(), None);

        // What was heard before is still there, and the gap is absent at its place.
        let mix = desk.mix();
        let at = |secs: f64| (secs / mix.hop_secs()) as u64;
        let is_absent = |index: u64| mix.columns.get(0, index) == Some(&[0; NUM_BINS]);
        assert!(is_absent(at(gap_from + 0.5)));
        assert_eq!(mix.columns.kept(0).start, 0);
        let points = mix.loudness.len() as f64 * 0.1;
        assert!((points - mix.end_secs()).abs() < 0.3, "{points}");
        assert!(
            mix.loudness
                .at(gap_from + 1.0)
                .is_some_and(|p| p.momentary().is_none())
        );
    });
}

#[test]
fn a_server_that_is_killed_and_started_again_is_heard_again_with_a_gap() {
    let test = "a_server_that_is_killed_and_started_again_is_heard_again_with_a_gap";
    pulse::with_server(test, || {
        let mut desk = Desk::open(InputWish::system());
        let away = Instant::now();
        pactl(&["exit"]);
        desk.wait_until_lost();
        let mut server = start_server();
        desk.recovers("server back", away, Instant::now());
        desk.nothing_is_uncounted(0.5);
        let away = Instant::now();
        server.kill();
        desk.wait_until_lost();
        server.restart();
        desk.recovers("server back from a crash", away, Instant::now());
        desk.nothing_is_uncounted(0.5);
        assert_eq!(desk.mix().meters.gaps, 2);
    });
}

#[test]
fn another_sample_rate_goes_on_on_the_same_axis_of_time() {
    let test = "another_sample_rate_goes_on_on_the_same_axis_of_time";
    pulse::with_server(test, || {
        let mut desk = Desk::open(InputWish::from_name(MONITOR));
        let hop_secs = desk.mix().hop_secs();
        for rate_hz in [44_100, 96_000, 48_000] {
            let away = Instant::now();
            pactl(&["unload-module", "module-null-sink"]);
            load_sink(SINK, rate_hz);
            desk.recovers(&format!("sink at {rate_hz} Hz"), away, Instant::now());
            assert_eq!(desk.mix().format().sample_rate_hz, rate_hz);
            assert_eq!(desk.mix().hop_secs(), hop_secs);
            // Each change of rate rounds what was counted to whole frames of the new one.
            desk.nothing_is_uncounted(6.0);
        }
        let kept = desk.mix().columns.kept(0);
        let end_secs = desk.mix().end_secs();
        let newest_secs = kept.end as f64 * hop_secs;
        assert!(
            (end_secs - newest_secs).abs() < 0.6,
            "columns end at {newest_secs} s of {end_secs}"
        );
    });
}

#[test]
fn the_system_input_follows_the_default_output_and_a_named_one_does_not() {
    let test = "the_system_input_follows_the_default_output_and_a_named_one_does_not";
    pulse::with_server(test, || {
        let mut named = Desk::open(InputWish::from_name(MONITOR));
        let mut desk = Desk::open(InputWish::system());
        load_sink("abscope_other", 48_000);
        for sink in ["abscope_other", SINK] {
            let away = Instant::now();
            pactl(&["set-default-sink", sink]);
            desk.recovers(&format!("default is {sink}"), away, Instant::now());
            let id = desk
                .mix()
                .input
                .as_ref()
                .and_then(|input| input.info.clone());
            let id = id.expect("it is a device").id;
            assert_eq!(id, format!("{sink}.monitor"));
            desk.nothing_is_uncounted(0.5);
        }
        named.session.poll();
        assert_eq!(named.mix().meters.gaps, 0);
    });
}

#[test]
fn another_input_is_chosen_while_running_and_one_that_is_not_there_changes_nothing() {
    let test = "another_input_is_chosen_while_running_and_one_that_is_not_there_changes_nothing";
    pulse::with_server(test, || {
        load_sink("abscope_other", 44_100);
        let mut desk = Desk::open(InputWish::from_name(MONITOR));
        let away = Instant::now();
        desk.session.select_input(InputWish::from_name("demo"));
        desk.recovers("the demo", away, Instant::now());
        let away = Instant::now();
        desk.session
            .select_input(InputWish::from_name("abscope_other.monitor"));
        desk.recovers("another sink", away, Instant::now());
        let gaps = desk.mix().meters.gaps;
        desk.session.select_input(InputWish::from_name("tape deck"));
        let begin = Instant::now();
        desk.session.news.clear();
        while desk.session.news.is_empty() {
            desk.session.poll();
            assert!(begin.elapsed() < Duration::from_secs(4), "no word of it");
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(desk.session.news[0].contains("tape deck"));
        assert_eq!(desk.mix().meters.gaps, gaps);
        let end_secs = desk.mix().end_secs();
        desk.wait("it goes on", RECOVERY, |mix| {
            mix.end_secs() > end_secs + 0.3
        });
        desk.session.select_input_pair(0);
        desk.wait("the pair", RECOVERY, |mix| mix.meters.gaps == gaps + 1);
    });
}

fn start_server() -> PulseServer {
    let address = std::env::var("PULSE_SERVER").expect("it is set for this process");
    let socket = Path::new(address.trim_start_matches("unix:"));
    PulseServer::start_in(socket.parent().expect("a socket lies in a folder"))
}

fn load_sink(name: &str, rate_hz: u32) {
    pactl(&[
        "load-module",
        "module-null-sink",
        &format!("sink_name={name}"),
        &format!("rate={rate_hz}"),
        "channels=2",
        // Without this a null sink plays two seconds of nothing in advance: no device with a converter does.
        "norewinds=1",
    ]);
}

fn pactl(arguments: &[&str]) {
    let status = std::process::Command::new("pactl")
        .args(arguments)
        .stdout(std::process::Stdio::null())
        .status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "pactl {arguments:?}"
    );
}
