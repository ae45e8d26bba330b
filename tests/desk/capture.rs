//! The capture path on real parts: a sound server of either kind, a sound played into it, and what arrives.

use std::time::{Duration, Instant};

use crate::support::pulse::{self, Kind, MONITOR, MONITOR_NAME, Playing, SINK};
use crate::support::turns;
use abscope::audio::capture::{Capture, CaptureError, InputSelector, open_input};
use abscope::audio::devices::{InputChoice, list_inputs, list_outputs, resolve_input};
use abscope::audio::frames::ChannelLayout;
use abscope::audio::ring::{FrameReader, ReadEvent};
use abscope::units::db::db_from_power;

/// A null sink hands out what it had prepared before it listens to our wish for short blocks: up to two seconds.
const FIRST_FRAMES_DEADLINE: Duration = Duration::from_secs(10);
/// How long a loss may go unnoticed before the test gives up: on a busy machine nothing here is about speed.
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn a_known_wav_arrives_sample_by_sample_and_no_frame_is_lost() {
    pulse::with_servers(
        "a_known_wav_arrives_sample_by_sample_and_no_frame_is_lost",
        &[Kind::PulseAudio, Kind::PipeWire],
        turns::alone,
        || {
            let folder = tempfile::tempdir().expect("a temporary folder can be made");
            let wav = folder.path().join("known.wav");
            let played = pulse::write_sines(&wav, 0.5, 5.0, (997.0, -20.0), (441.0, -26.0));

            let mut capture = open_input(&InputSelector::named(MONITOR)).expect("it is there");
            assert_eq!(capture.info.name, MONITOR_NAME);
            assert_eq!(capture.info.format.layout, ChannelLayout::Stereo);
            assert_eq!(capture.info.format.sample_rate_hz, 48_000);
            let mut reader = capture.reader.take().expect("nobody has taken it");
            let mut heard = Vec::new();
            wait_for_frames(&mut reader, &mut heard);

            try_again("what was played arrives", || {
                let mut playing = Playing::start(&wav);
                let begin = Instant::now();
                while playing.is_playing() && begin.elapsed() < Duration::from_secs(20) {
                    read_for(&mut reader, &mut heard, Duration::from_millis(100));
                }
                read_for(&mut reader, &mut heard, Duration::from_millis(500));
                let found = find_all(&played, &pieces(&heard));
                heard.clear();
                found
            });
            assert_eq!((reader.lost_frames(), reader.gaps()), (0, 0));
            assert_eq!(reader.non_finite_samples(), 0);
            assert!(!capture.status.is_lost());
            report(&capture, "sample by sample");
        },
    );
}

#[test]
fn what_the_default_output_plays_is_the_system_input() {
    pulse::with_each_server("what_the_default_output_plays_is_the_system_input", || {
        let inputs = list_inputs();
        let monitor = inputs
            .iter()
            .find(|input| input.id == MONITOR)
            .expect("the monitor is listed");
        assert!(monitor.is_monitor && monitor.is_default);
        assert_eq!((monitor.channels, monitor.rates[0]), (2, 48_000));
        assert!(list_outputs().iter().any(|output| output.id == SINK));

        let capture = open_input(&InputSelector::system()).expect("it is there");
        assert_eq!(capture.info.id, MONITOR);
        drop(capture);

        let mut one_channel = InputSelector::named("abscope TEST desk");
        one_channel.pair = Some((1, 2));
        let error = open_input(&one_channel).err().expect("there is no third");
        assert!(matches!(
            error,
            CaptureError::NoSuchChannels { available: 2, .. }
        ));
        let error = open_input(&InputSelector::named("tape deck")).err();
        assert!(matches!(error, Some(CaptureError::NotFound { .. })));
    });
}

#[test]
fn frames_keep_pace_with_the_clock_and_come_in_short_blocks() {
    pulse::with_each_server(
        "frames_keep_pace_with_the_clock_and_come_in_short_blocks",
        || {
            // Something plays meanwhile: a source at rest gives its blocks in the very size that is asked for.
            let folder = tempfile::tempdir().expect("a temporary folder can be made");
            let wav = folder.path().join("long.wav");
            pulse::write_sines(&wav, 0.0, 20.0, (997.0, -20.0), (441.0, -26.0));
            let _playing = Playing::start(&wav);
            let mut capture = open_input(&InputSelector::system()).expect("it is there");
            let mut reader = capture.reader.take().expect("nobody has taken it");
            let mut heard = Vec::new();
            wait_for_frames(&mut reader, &mut heard);
            read_for(&mut reader, &mut heard, Duration::from_secs(1));
            let mut callbacks = 0;
            // A twentieth of a second is what a busy machine shifts; a third is what the wrong queue loses.
            try_again("frames keep pace", || {
                callbacks = capture.status.callbacks();
                keeps_pace(
                    &capture,
                    &mut reader,
                    &mut heard,
                    Duration::from_secs(4),
                    2400.0,
                )
            });
            let period_ms = 4000.0 / (capture.status.callbacks() - callbacks) as f64;
            assert!(period_ms < 15.0, "a block every {period_ms:.1} ms");
            assert_eq!(reader.lost_frames(), 0);
            report(&capture, &format!("a block every {period_ms:.2} ms"));
        },
    );
}

#[test]
fn a_server_that_dies_is_a_lost_device_and_capture_works_again_when_it_is_back() {
    let test = "a_server_that_dies_is_a_lost_device_and_capture_works_again_when_it_is_back";
    pulse::with_each_server(test, || {
        let mut capture = open_input(&InputSelector::system()).expect("it is there");
        let mut reader = capture.reader.take().expect("nobody has taken it");
        let mut heard = Vec::new();
        wait_for_frames(&mut reader, &mut heard);
        pulse::end_server();
        let begin = Instant::now();
        while !capture.status.is_lost() {
            assert!(begin.elapsed() < PATIENCE, "nobody noticed");
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(capture.status.lost_reason().is_some());
        // The stream ends by itself, so the analysis thread learns it from the ring as well.
        while reader.read(&mut heard) != ReadEvent::Closed {
            assert!(begin.elapsed() < PATIENCE, "the ring stays open");
            std::thread::sleep(Duration::from_millis(10));
        }
        // A server that is asked to go still answers for a moment.
        loop {
            let error = open_input(&InputSelector::system()).err();
            if matches!(error, Some(CaptureError::NoInput)) {
                break;
            }
            assert!(begin.elapsed() < PATIENCE, "{error:?}");
            std::thread::sleep(Duration::from_millis(10));
        }

        let _again = pulse::start_server();
        let mut capture = open_input(&InputSelector::system()).expect("it is back");
        heard.clear();
        wait_for_frames(&mut capture.reader.take().expect("it is new"), &mut heard);
    });
}

#[test]
fn a_sink_that_is_unloaded_is_a_lost_device_and_its_return_is_found() {
    let test = "a_sink_that_is_unloaded_is_a_lost_device_and_its_return_is_found";
    pulse::with_each_server(test, || {
        let mut capture = open_input(&InputSelector::named(MONITOR)).expect("it is there");
        let mut reader = capture.reader.take().expect("nobody has taken it");
        let mut heard = Vec::new();
        wait_for_frames(&mut reader, &mut heard);
        pactl(&["unload-module", "module-null-sink"]);
        let begin = Instant::now();
        while !capture.status.is_lost() {
            assert!(begin.elapsed() < PATIENCE, "nobody noticed");
            std::thread::sleep(Duration::from_millis(10));
        }
        let error = resolve_input(&InputChoice::Named(MONITOR.to_owned())).err();
        assert!(
            matches!(error, Some(CaptureError::NotFound { .. })),
            "{error:?}"
        );

        pactl(&[
            "load-module",
            "module-null-sink",
            &format!("sink_name={SINK}"),
            "rate=44100",
        ]);
        let mut again = open_input(&InputSelector::named(MONITOR)).expect("it is back");
        assert_eq!(again.info.format.sample_rate_hz, 44_100);
        let mut reader = again.reader.take().expect("nobody has taken it");
        heard.clear();
        wait_for_frames(&mut reader, &mut heard);
    });
}

#[test]
fn a_clock_that_changes_on_the_way_loses_nothing() {
    let test = "a_clock_that_changes_on_the_way_loses_nothing";
    pulse::with_servers(test, &[Kind::PipeWire], turns::alone, || {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let wav = folder.path().join("long.wav");
        pulse::write_sines(&wav, 0.0, 20.0, (997.0, -20.0), (441.0, -26.0));
        let _playing = Playing::start(&wav);
        let mut capture = open_input(&InputSelector::named(MONITOR)).expect("it is there");
        let mut reader = capture.reader.take().expect("nobody has taken it");
        let mut heard = Vec::new();
        wait_for_frames(&mut reader, &mut heard);
        // As DAWs do that ask for short blocks or for the rate of their project.
        let clocks = [
            ("clock.force-quantum", "64"),
            ("clock.force-rate", "44100"),
            ("clock.force-quantum", "2048"),
            ("clock.force-rate", "96000"),
            ("clock.force-rate", "0"),
            ("clock.force-quantum", "0"),
        ];
        for (name, value) in clocks {
            pulse::set_clock(name, value);
            read_for(&mut reader, &mut heard, Duration::from_millis(500));
            // The longest block, and what a busy machine shifts.
            try_again(&format!("{name} {value}"), || {
                heard.clear();
                keeps_pace(
                    &capture,
                    &mut reader,
                    &mut heard,
                    Duration::from_secs(1),
                    8192.0,
                )
            });
            let sounding: Vec<f32> = pieces(&heard)
                .iter()
                .flat_map(|it| it.samples)
                .copied()
                .collect();
            assert!(sounding.len() >= heard.len() / 2, "{name} {value}: silence");
            for (channel, peak_dbfs) in [(0, -20.0), (1, -26.0)] {
                let level_db = rms_dbfs(&sounding, channel);
                let off_db = level_db - (peak_dbfs - 3.0103);
                assert!(off_db.abs() <= 0.1, "{name} {value}: {level_db:.3} dB");
            }
        }
        assert_eq!((reader.lost_frames(), reader.gaps()), (0, 0));
        assert!(
            !capture.status.is_lost(),
            "{:?}",
            capture.status.lost_reason()
        );
        report(&capture, "a clock that changes");
    });
}

#[test]
fn no_signal_reaches_the_thread_that_hears() {
    pulse::with_each_server("no_signal_reaches_the_thread_that_hears", || {
        let _capture = open_input(&InputSelector::named(MONITOR)).expect("it is there");
        let tasks = std::fs::read_dir("/proc/self/task").expect("Linux has it");
        let status = tasks
            .map(|task| task.expect("it can be read").path().join("status"))
            .filter_map(|path| std::fs::read_to_string(path).ok())
            .find(|status| status.starts_with("Name:\tabscope client\n"))
            .expect("the client has a thread");
        let blocked = status
            .lines()
            .find_map(|line| line.strip_prefix("SigBlk:\t"))
            .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
            .expect("a mask");
        // The end of a child process, a new size of the terminal, a timer.
        for signal in [17, 28, 14] {
            assert!(blocked >> (signal - 1) & 1 == 1, "{signal} of {blocked:x}");
        }
    });
}

#[test]
fn looking_for_inputs_over_and_over_leaves_no_thread_behind() {
    pulse::with_each_server(
        "looking_for_inputs_over_and_over_leaves_no_thread_behind",
        || {
            let threads = || {
                std::fs::read_dir("/proc/self/task")
                    .expect("this is Linux")
                    .count()
            };
            let sockets = || {
                std::fs::read_dir("/proc/self/fd")
                    .expect("this is Linux")
                    .count()
            };
            list_inputs();
            std::thread::sleep(Duration::from_millis(200));
            let before = (threads(), sockets());
            for _ in 0..50 {
                assert!(!list_inputs().is_empty());
            }
            let begin = Instant::now();
            while (threads(), sockets()) != before {
                let now = (threads(), sockets());
                assert!(
                    begin.elapsed() < Duration::from_secs(5),
                    "{before:?} became {now:?}"
                );
                std::thread::sleep(Duration::from_millis(20));
            }
        },
    );
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

fn wait_for_frames(reader: &mut FrameReader, heard: &mut Vec<f32>) {
    let begin = Instant::now();
    while heard.is_empty() {
        assert!(begin.elapsed() < FIRST_FRAMES_DEADLINE, "no frames arrive");
        read_for(reader, heard, Duration::from_millis(10));
    }
}

fn read_for(reader: &mut FrameReader, heard: &mut Vec<f32>, time: Duration) {
    let begin = Instant::now();
    while begin.elapsed() < time {
        match reader.read(heard) {
            ReadEvent::Gap { frames } => panic!("a gap of {frames} frames"),
            ReadEvent::Closed => panic!("the device was lost"),
            ReadEvent::Idle => std::thread::sleep(Duration::from_millis(2)),
            ReadEvent::Frames(_) => {}
        }
    }
}

/// A machine that stands still for a moment makes the server itself leave out what was due, which is no loss of ours:
/// what holds in one of three attempts. Losses of ours are counted, and are none over all of them.
fn try_again(what: &str, mut attempt: impl FnMut() -> Result<(), String>) {
    for _ in 0..2 {
        match attempt() {
            Ok(()) => return,
            Err(trouble) => println!("{what}: {trouble}; once more"),
        }
    }
    if let Err(trouble) = attempt() {
        panic!("{what}: {trouble}");
    }
}

/// Whether as many frames come as the clock says, but for `may_shift`.
fn keeps_pace(
    capture: &Capture,
    reader: &mut FrameReader,
    heard: &mut Vec<f32>,
    time: Duration,
    may_shift: f64,
) -> Result<(), String> {
    let (begin, before) = (Instant::now(), capture.status.frames());
    read_for(reader, heard, time);
    let frames = (capture.status.frames() - before) as f64;
    let expected = begin.elapsed().as_secs_f64() * 48_000.0;
    if (frames - expected).abs() < may_shift {
        return Ok(());
    }
    Err(format!("{frames} frames of {expected}"))
}

/// Whether the pieces are `played`, sample by sample, with nothing left out but what a pause stands for.
fn find_all(played: &[f32], pieces: &[Piece]) -> Result<(), String> {
    // Where a piece of what was played begins: behind what came before, or behind what a pause stands for.
    let (mut next, mut longest) = (0, 0);
    for piece in pieces {
        longest = longest.max(piece.samples.len());
        let begins = [next, next + piece.silent_before];
        let begin = begins.into_iter().find(|begin| {
            let wanted = played.get(*begin..begin + piece.samples.len());
            wanted.is_some_and(|wanted| {
                let mut pairs = wanted.iter().zip(piece.samples);
                pairs.all(|(a, b)| (a - b).abs() <= 1e-5)
            })
        });
        let Some(begin) = begin else {
            return Err(format!(
                "{} samples after {next} and {} silent ones differ from those played",
                piece.samples.len(),
                piece.silent_before
            ));
        };
        next = begin + piece.samples.len();
    }
    if next != played.len() {
        return Err(format!("the end is missing: {next} of {}", played.len()));
    }
    // A server that is late now and then proves nothing if it is late all the time.
    if longest < 48_000 {
        return Err(format!("no whole second: {longest} samples"));
    }
    let tone: Vec<f32> = pieces.iter().flat_map(|it| it.samples).copied().collect();
    for (channel, peak_dbfs) in [(0, -20.0), (1, -26.0)] {
        let level_db = rms_dbfs(&tone, channel);
        let expected_db = peak_dbfs - 3.0103;
        if (level_db - expected_db).abs() > 0.1 {
            return Err(format!(
                "channel {channel}: {level_db:.3} dB, expected {expected_db:.3}"
            ));
        }
    }
    Ok(())
}

/// A part of what was heard, stereo and interleaved, that sounds throughout.
struct Piece<'a> {
    samples: &'a [f32],
    /// How many samples of exact silence lie between the piece before and this one.
    silent_before: usize,
}

/// What was heard from the first sound to the last, without its pauses. Where a player or a graph comes too late the
/// server plays nothing, beside what was due or instead of it: that is heard, and it is not what this test is about.
/// A frame that Abscope loses leaves no silence.
fn pieces(heard: &[f32]) -> Vec<Piece<'_>> {
    const LEAST_SILENT_FRAMES: usize = 16;
    let mut pieces: Vec<Piece> = Vec::new();
    // Frames: where what sounds began and where it was last heard, and the end of the piece before.
    let (mut begin, mut end, mut before) = (None, 0, None);
    let rest = [[0.0; 2]; LEAST_SILENT_FRAMES];
    let frames = heard
        .chunks_exact(2)
        .chain(rest.iter().map(<[f32; 2]>::as_slice));
    for (index, frame) in frames.enumerate() {
        if frame.iter().any(|sample| *sample != 0.0) {
            begin = begin.or(Some(index));
            end = index + 1;
        } else if let Some(from) = begin.take_if(|_| index + 1 - end >= LEAST_SILENT_FRAMES) {
            pieces.push(Piece {
                samples: &heard[from * 2..end * 2],
                silent_before: (from - before.unwrap_or(from)) * 2,
            });
            before = Some(end);
        }
    }
    pieces
}

fn rms_dbfs(interleaved: &[f32], channel: usize) -> f64 {
    let channel: Vec<f64> = interleaved
        .chunks(2)
        .map(|frame| f64::from(frame[channel]))
        .collect();
    db_from_power(channel.iter().map(|s| s * s).sum::<f64>() / channel.len() as f64)
}

fn report(capture: &Capture, what: &str) {
    let status = &capture.status;
    println!(
        "{what}: {} callbacks, longest pause {:.1} ms, device delay {:.1} ms, asked block {:?} frames",
        status.callbacks(),
        status.longest_pause().as_secs_f64() * 1e3,
        status.device_delay().as_secs_f64() * 1e3,
        capture.info.block_frames,
    );
}
