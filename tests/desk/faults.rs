//! What goes away comes back: the input of a session on a real sound server of either kind, taken from under it in every way.

use std::time::{Duration, Instant};

use crate::support::pulse::{self, MONITOR, Playing, PulseServer, SINK};
use abscope::audio::levels::InputLevels;
use abscope::dsp::grid::NUM_BINS;
use abscope::session::Session;
use abscope::session::action::Drawer;
use abscope::session::sides::history::History;
use abscope::session::sides::input::{InputWish, OpenInput};
use abscope::session::sides::live::LiveSide;
use abscope::view::drawer::DrawerScene;

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
        session.pair.mix = LiveSide::open(wish, input)
            .expect("threads can be made")
            .into();
        let mut desk = Self {
            session,
            begin: Instant::now(),
            offset_secs: 0.0,
        };
        desk.wait("the first second", FIRST_FRAMES, |mix| {
            mix.history.end_secs() > 1.0
        });
        desk.offset_secs = desk.drift_secs();
        desk
    }

    fn live(&self) -> &LiveSide {
        self.session.pair.mix.live().expect("it was opened")
    }

    fn mix(&self) -> &History {
        &self.live().history
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
        mut holds: impl FnMut(&LiveSide) -> bool,
    ) -> Duration {
        let begin = Instant::now();
        loop {
            self.session.pair.poll();
            if holds(self.live()) {
                return begin.elapsed();
            }
            assert!(
                begin.elapsed() < deadline,
                "{what}: not within {deadline:?}; {:?}",
                self.live().input
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
        self.wait(what, FIRST_FRAMES, |mix| mix.history.meters.gaps > gaps);
        let recovery = back.elapsed();
        let gap_secs = self.mix().lost_secs() - lost_before;
        let away_secs = away.elapsed().as_secs_f64();
        let end_secs = self.mix().end_secs();
        self.wait("sound behind the gap", Duration::from_secs(2), |mix| {
            mix.history.end_secs() > end_secs + 0.2
        });
        println!(
            "{what}: recovered {recovery:.2?} after the cause, gap {gap_secs:.2} s, news {:?}",
            self.session.pair.take_news()
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
    pulse::with_each_server(test, || {
        let mut desk = Desk::open(InputWish::from_name(MONITOR));
        let away = Instant::now();
        pactl(&["unload-module", "module-null-sink"]);
        desk.wait_until_lost();
        let reason = desk.live().lost_reason().expect("it is lost");
        assert!(reason.contains("waiting for it"), "{reason}");
        desk.wait("a while", Duration::from_secs(4), |_| {
            away.elapsed() > Duration::from_millis(1500)
        });
        let gap_from = desk.mix().end_secs();
        load_sink(SINK, 48_000);
        desk.recovers("sink loaded again", away, Instant::now());
        desk.nothing_is_uncounted(0.5);
        assert_eq!(desk.live().lost_reason(), None);

        // What was heard before is still there, and the gap is absent at its place.
        let mix = desk.mix();
        let at = |secs: f64| (secs / mix.hop_secs()) as u64;
        let is_absent = |index: u64| mix.columns.get(0, index) == Some(&[0; NUM_BINS]);
        assert!(is_absent(at(gap_from + 0.5)));
        let [from, to] = *mix.absences.last().expect("it is noted");
        assert!((from - gap_from).abs() < 0.1, "{from} is not {gap_from}");
        assert!((to - from - mix.lost_secs()).abs() < 0.01);
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
    pulse::with_each_server(test, || {
        let mut desk = Desk::open(InputWish::system());
        let away = Instant::now();
        pulse::end_server();
        desk.wait_until_lost();
        let mut server = pulse::start_server();
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
    pulse::with_each_server(test, || {
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
    pulse::with_each_server(test, || {
        let mut named = Desk::open(InputWish::from_name(MONITOR));
        let mut desk = Desk::open(InputWish::system());
        load_sink("abscope_other", 48_000);
        for sink in ["abscope_other", SINK] {
            let away = Instant::now();
            pactl(&["set-default-sink", sink]);
            desk.recovers(&format!("default is {sink}"), away, Instant::now());
            let id = desk.live().input.info.clone();
            let id = id.expect("it is a device").id;
            assert_eq!(id, format!("{sink}.monitor"));
            desk.nothing_is_uncounted(0.5);
        }
        named.session.pair.poll();
        assert_eq!(named.mix().meters.gaps, 0);
    });
}

#[test]
fn another_input_is_chosen_while_running_and_one_that_is_not_there_changes_nothing() {
    let test = "another_input_is_chosen_while_running_and_one_that_is_not_there_changes_nothing";
    pulse::with_each_server(test, || {
        load_sink("abscope_other", 44_100);
        let mut desk = Desk::open(InputWish::from_name(MONITOR));
        let away = Instant::now();
        desk.session.pair.select_input(InputWish::from_name("demo"));
        desk.recovers("the demo", away, Instant::now());
        let away = Instant::now();
        desk.session
            .pair
            .select_input(InputWish::from_name("abscope_other.monitor"));
        desk.recovers("another sink", away, Instant::now());
        let gaps = desk.mix().meters.gaps;
        desk.session
            .pair
            .select_input(InputWish::from_name("tape deck"));
        let begin = Instant::now();
        desk.session.pair.take_news();
        let mut news = vec![];
        while news.is_empty() {
            desk.session.pair.poll();
            news = desk.session.pair.take_news();
            assert!(begin.elapsed() < Duration::from_secs(4), "no word of it");
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(news[0].contains("tape deck"), "{news:?}");
        assert_eq!(desk.mix().meters.gaps, gaps);
        let end_secs = desk.mix().end_secs();
        desk.wait("it goes on", RECOVERY, |mix| {
            mix.history.end_secs() > end_secs + 0.3
        });
        desk.session.pair.select_input_pair(0);
        desk.wait("the pair", RECOVERY, |mix| {
            mix.history.meters.gaps == gaps + 1
        });
    });
}

#[test]
fn each_input_has_its_level_and_looking_at_them_disturbs_no_capture() {
    let test = "each_input_has_its_level_and_looking_at_them_disturbs_no_capture";
    pulse::with_each_server(test, || {
        load_sink("abscope_other", 44_100);
        let mut desk = Desk::open(InputWish::from_name(MONITOR));
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let wav = folder.path().join("tone.wav");
        pulse::write_sines(&wav, 0.0, 20.0, (997.0, -20.0), (997.0, -20.0));
        let _playing = Playing::start(&wav);
        desk.session.input_levels = Some(InputLevels::start().expect("a thread can be made"));
        let mut highest = [f32::NEG_INFINITY; 2];
        desk.wait("the level", Duration::from_secs(8), |_| true);
        let begin = Instant::now();
        // Silence is known to be silence, and the tone is found.
        loop {
            desk.session.pair.poll();
            let DrawerScene::Inputs(scene) = DrawerScene::of(Drawer::Inputs, &desk.session) else {
                panic!("it is the drawer of the inputs");
            };
            let peak = |choice: &str| {
                let item = scene.items.iter().find(|item| item.choice == choice);
                item.and_then(|item| item.peak_dbfs)
            };
            for (high, choice) in highest.iter_mut().zip([MONITOR, "abscope_other.monitor"]) {
                *high = high.max(peak(choice).unwrap_or(f32::NEG_INFINITY));
            }
            let is_known = peak("abscope_other.monitor").is_some();
            if (highest[0] + 20.0).abs() < 0.5 && is_known {
                assert_eq!(peak("system"), peak(MONITOR));
                break;
            }
            assert!(begin.elapsed() < Duration::from_secs(10), "{scene:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(highest[1], f32::NEG_INFINITY);
        desk.session.input_levels = None;
        assert_eq!(
            (desk.mix().meters.gaps, desk.mix().meters.lost_frames),
            (0, 0)
        );
        assert!(desk.drift_secs().abs() < TOLERANCE_SECS);
    });
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

/// Numbers that look like chance and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.roll(choices.len() as u64) as usize]
    }
}

#[test]
fn a_hundred_random_sequences_of_faults_are_survived_without_a_leak() {
    let test = "a_hundred_random_sequences_of_faults_are_survived_without_a_leak";
    pulse::with_each_server(test, || {
        // A server of our own, which can be killed.
        pulse::end_server();
        let mut server = pulse::start_server();
        drop(Desk::open(InputWish::system()));
        let before = wait_for_rest(None);
        let begin = Instant::now();
        let mut dice = Dice(6);
        let mut desks = [
            Desk::open(InputWish::system()),
            Desk::open(InputWish::from_name(MONITOR)),
        ];
        let mut longest = Duration::ZERO;
        for sequence in 0..100 {
            let mut is_running = true;
            for _ in 0..2 + dice.roll(3) {
                fault(&mut dice, &mut server, &mut is_running, &mut desks);
                let until = Instant::now() + Duration::from_millis(10 + dice.roll(40));
                while Instant::now() < until {
                    desks.iter_mut().for_each(|desk| desk.session.pair.poll());
                    std::thread::sleep(Duration::from_millis(2));
                }
            }
            if !is_running {
                server.restart();
            }
            if !server.pactl(&["list", "short", "sinks"]).contains(SINK) {
                load_sink(SINK, 48_000);
            }
            pactl(&["suspend-sink", SINK, "0"]);
            let back = Instant::now();
            for desk in &mut desks {
                let from = desk.mix().end_secs();
                let what = format!("sequence {sequence}");
                desk.wait(&what, FIRST_FRAMES, |mix| {
                    mix.lost_reason().is_none() && mix.history.end_secs() > from + 0.05
                });
            }
            longest = longest.max(back.elapsed());
        }
        let gaps = desks.each_ref().map(|desk| desk.mix().meters.gaps);
        let columns = desks[0].mix().columns.kept(0).end as f64 * desks[0].mix().hop_secs();
        assert!((columns - desks[0].mix().end_secs()).abs() < 1.0);
        drop(desks);
        let took = begin.elapsed();
        println!("100 sequences in {took:.1?}, gaps {gaps:?}, longest recovery {longest:.2?}");
        assert!(gaps[0] > 20 && gaps[1] > 20, "{gaps:?}");
        let after = wait_for_rest(Some(before));
        assert_eq!(before, after, "threads and file descriptors");
    });
}

/// Breaks or changes something.
fn fault(dice: &mut Dice, server: &mut PulseServer, is_running: &mut bool, desks: &mut [Desk; 2]) {
    let desk = dice.roll(2) as usize;
    match dice.roll(9) {
        0 => {
            server.kill();
            *is_running = false;
        }
        1 => {
            server.restart();
            *is_running = true;
        }
        2 if *is_running => unload_sinks(server),
        3 if *is_running => {
            unload_sinks(server);
            load_sink(SINK, dice.one_of(&[44_100, 96_000, 22_050]));
        }
        4 => {
            let input = dice.one_of(&["system", "demo", MONITOR, "tape deck"]);
            desks[desk]
                .session
                .pair
                .select_input(InputWish::from_name(input));
        }
        5 => desks[desk].session.pair.reset_measurement(),
        6 if *is_running && server.pactl(&["list", "short", "sinks"]).contains(SINK) => {
            pactl(&["suspend-sink", SINK, "1"]);
        }
        7 => desks[desk]
            .session
            .pair
            .select_input_pair(dice.roll(2) as u16),
        _ => {}
    }
}

fn unload_sinks(server: &PulseServer) {
    for line in server.pactl(&["list", "short", "modules"]).lines() {
        if let Some((index, _)) = line
            .split_once('\t')
            .filter(|(_, rest)| rest.starts_with("module-null-sink"))
        {
            server.pactl(&["unload-module", index]);
        }
    }
}

/// Threads and open files, once they are what they were, or no longer change.
fn wait_for_rest(wanted: Option<[usize; 2]>) -> [usize; 2] {
    let count = |folder: &str| std::fs::read_dir(folder).expect("this is Linux").count();
    let now = || ["/proc/self/task", "/proc/self/fd"].map(count);
    let begin = Instant::now();
    let mut seen = now();
    let mut since = Instant::now();
    while begin.elapsed() < Duration::from_secs(8) {
        if wanted == Some(seen) || (wanted.is_none() && since.elapsed() > Duration::from_secs(1)) {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
        if now() != seen {
            (seen, since) = (now(), Instant::now());
        }
    }
    seen
}
