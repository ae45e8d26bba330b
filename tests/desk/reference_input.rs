//! A second live input as the reference: two null sinks, a tone in each, and the figures and the place of both.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::support::pulse::{self, MONITOR, SINK};
use crate::support::wav::{sine, write_wav};
use abscope::session::Session;
use abscope::session::sides::history::History;
use abscope::session::sides::input::{InputWish, OpenInput};
use abscope::session::sides::live::LiveSide;
use abscope::view::build::{Moment, PictureRequest, scene};
use abscope::view::scene::{Alignment, Looks, Scene, SideState};

/// The other sink.
const RECORD: &str = "abscope_record";
const DEADLINE: Duration = Duration::from_secs(30);
/// A tone in both channels at this peak is as many LUFS.
const MIX_DBFS: f64 = -20.0;
const RECORD_DBFS: f64 = -26.0;

/// Plays into a sink until it is dropped.
struct Tone(Child);

impl Drop for Tone {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn play(folder: &Path, sink: &str, peak_dbfs: f64) -> Tone {
    let wav: PathBuf = folder.join(format!("{sink}.wav"));
    write_wav(&wav, 48_000, 2, 40.0, |_, secs| {
        sine(997.0, peak_dbfs, secs)
    });
    let playing = Command::new("paplay")
        .arg(format!("--device={sink}"))
        .arg(&wav)
        .spawn();
    Tone(playing.expect("paplay is installed beside pulseaudio"))
}

fn picture(session: &Session) -> Scene {
    let moment = Moment::now(session);
    let request = PictureRequest {
        right_edge_secs: session.pair.mix.history().map_or(0.0, History::end_secs),
        ..PictureRequest::default()
    };
    scene(session, moment, &Looks::default(), request)
}

#[test]
fn a_second_input_is_shown_and_matched_as_a_reference_is() {
    let test = "a_second_input_is_shown_and_matched_as_a_reference_is";
    pulse::with_server(test, || {
        let loaded = Command::new("pactl")
            .args(["load-module", "module-null-sink", "format=float32le"])
            .args(["rate=48000", "channels=2"])
            .arg(format!("sink_name={RECORD}"))
            .output()
            .expect("pactl is installed beside pulseaudio");
        assert!(loaded.status.success(), "{loaded:?}");
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let _tones = [
            play(folder.path(), SINK, MIX_DBFS),
            play(folder.path(), RECORD, RECORD_DBFS),
        ];
        let mut session = Session::default();
        let wish = InputWish::from_name(MONITOR);
        let input = OpenInput::open(&wish).expect("it is there");
        session.pair.mix = LiveSide::open(wish, input)
            .expect("a thread can be made")
            .into();
        session
            .pair
            .select_reference_input(&format!("{RECORD}.monitor"));

        let begin = Instant::now();
        let shown = loop {
            session.pair.poll();
            let shown = picture(&session);
            let [mix, record] = &shown.sides;
            let is = |lufs: Option<f64>, expected: f64| {
                lufs.is_some_and(|lufs| (lufs - expected).abs() < 0.2)
            };
            if is(mix.figures.short_term_lufs, MIX_DBFS)
                && is(record.figures.short_term_lufs, RECORD_DBFS)
                && record.loudness.len() > 20
            {
                break shown;
            }
            assert!(
                begin.elapsed() < DEADLINE,
                "{:?} {:?} {:?}",
                mix.figures,
                record.figures,
                session.pair.take_news()
            );
            std::thread::sleep(Duration::from_millis(16));
        };
        let [_, record] = &shown.sides;
        assert_eq!(record.state, SideState::Running);
        assert_eq!(shown.alignment, Alignment::SameClock);
        // Both hold the tone alone since it began; a silent beginning is gated away.
        let gain = shown.match_gain_db.expect("both sound");
        assert!((gain - (MIX_DBFS - RECORD_DBFS)).abs() < 0.5, "{gain}");
        let columns = session.pair.references.input().map(|live| {
            let heard = live.history().expect("it is heard");
            let kept = heard.columns.kept(0);
            kept.end - kept.start
        });
        assert!(columns.is_some_and(|columns| columns > 100), "{columns:?}");
        // The same moment lies at the same place, to within the blocks of the server.
        let live = session.pair.references.input().expect("it is there");
        let mix = session.pair.mix.history().expect("it is there");
        let off = live.history().expect("it is heard").end_secs()
            - mix.end_secs()
            - record.clock.offset_secs;
        eprintln!("clocks {off:.3} s apart, match {gain:.2} dB");
        assert!(off.abs() < 0.2, "{off}");

        session.pair.select_reference_input("");
        session.pair.poll();
        assert_eq!(picture(&session).sides[1].state, SideState::Empty);
    });
}

#[test]
fn an_input_that_does_not_exist_is_news_and_changes_nothing() {
    let test = "an_input_that_does_not_exist_is_news_and_changes_nothing";
    pulse::with_server(test, || {
        let mut session = Session::default();
        session.pair.select_reference_input("gramophone");
        let begin = Instant::now();
        let mut news: Vec<String> = vec![];
        while news.is_empty() {
            session.pair.poll();
            news.extend(session.pair.take_news());
            assert!(begin.elapsed() < DEADLINE, "nothing is said");
            std::thread::sleep(Duration::from_millis(16));
        }
        assert!(news[0].contains("no input fits “gramophone”"), "{news:?}");
        assert!(session.pair.references.input().is_none());
        session.pair.select_reference_input("Desk #0");
        let news = session.pair.take_news();
        assert!(
            news.iter().any(|line| line.contains("second pair")),
            "{news:?}"
        );
    });
}
