//! The plug-in in a host: audio goes through to the bit, Abscope hears the same with the song's place, names and states
//! come and go, and nothing is left behind.
#![cfg(target_os = "linux")]

mod host;

use std::time::{Duration, Instant};

use abscope_link::{Heard, Listener, SenderInfo, Table};
use abscope_send::keeper::THREAD_NAME;
use clack_extensions::params::PluginParams;
use clack_extensions::render::{PluginRender, RenderMode};
use clack_host::events::EventFlags;
use clack_host::events::EventHeader;
use clack_host::events::Pckn;
use clack_host::events::event_types::{ParamValueEvent, TransportEvent, TransportFlags};
use clack_host::prelude::*;
use clack_host::utils::{BeatTime, ClapId, SecondsTime};
use host::{Buffers, Loaded, OwnTable};

/// Whatever takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// Frames with all that a float can be: numbers, denormals, infinities and NaNs with their payload.
fn awkward(channels: usize, frames: usize, seed: u32) -> Vec<Vec<f32>> {
    let mut state = seed | 1;
    let mut next = || {
        state = state.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
        let word = ((state >> ((state >> 28) + 4)) ^ state).wrapping_mul(277_803_737);
        f32::from_bits((word >> 22) ^ word)
    };
    (0..channels)
        .map(|_| (0..frames).map(|_| next()).collect())
        .collect()
}

fn bits(block: &[Vec<f32>]) -> Vec<Vec<u32>> {
    let of_channel = |channel: &Vec<f32>| channel.iter().map(|x| x.to_bits()).collect();
    block.iter().map(of_channel).collect()
}

fn interleaved(block: &[Vec<f32>]) -> Vec<u32> {
    (0..block[0].len())
        .flat_map(|frame| block.iter().map(move |channel| channel[frame].to_bits()))
        .collect()
}

fn only_sender(table: &Table) -> SenderInfo {
    let mut senders = table.senders();
    assert_eq!(senders.len(), 1, "{senders:?}");
    senders.remove(0)
}

fn read_all(listener: &mut Listener) -> (Vec<u32>, Vec<Heard>) {
    let (mut out, mut heard) = (Vec::new(), Vec::new());
    loop {
        match listener.read(&mut out) {
            Heard::Idle => return (out.iter().map(|x| x.to_bits()).collect(), heard),
            other => heard.push(other),
        }
        assert!(heard.len() < 100_000);
    }
}

/// A host's transport: it plays at 120 in 4/4.
fn playing_at(secs: f64) -> TransportEvent {
    let beats = secs * 2.0;
    TransportEvent {
        header: EventHeader::new_core(0, EventFlags::empty()),
        flags: TransportFlags::HAS_TEMPO
            | TransportFlags::HAS_BEATS_TIMELINE
            | TransportFlags::HAS_SECONDS_TIMELINE
            | TransportFlags::HAS_TIME_SIGNATURE
            | TransportFlags::IS_PLAYING
            | TransportFlags::IS_LOOP_ACTIVE,
        song_pos_beats: BeatTime::from_float(beats),
        song_pos_seconds: SecondsTime::from_float(secs),
        tempo: 120.0,
        tempo_inc: 0.0,
        loop_start_beats: BeatTime::from_float(4.0),
        loop_end_beats: BeatTime::from_float(12.0),
        loop_start_seconds: SecondsTime::from_float(2.0),
        loop_end_seconds: SecondsTime::from_float(6.0),
        bar_start: BeatTime::from_float((beats / 4.0).floor() * 4.0),
        bar_number: (beats / 4.0).floor() as i32,
        time_signature_numerator: 4,
        time_signature_denominator: 4,
    }
}

fn param(id: u32, value: f64) -> ParamValueEvent {
    ParamValueEvent::new(0, ClapId::new(id), Pckn::match_all(), value)
}

#[test]
fn audio_passes_to_the_bit_in_every_block_size_heard_or_not() {
    let own = OwnTable::new();
    for (channels, rate_hz) in [(2, 44_100.0), (1, 48_000.0), (2, 192_000.0)] {
        for buffers in [Buffers::Separate, Buffers::InPlace] {
            let mut plugin = Loaded::new(channels, None);
            plugin.start(rate_hz);
            let mut listener = None;
            for frames in 1..=8192 {
                let block = awkward(channels, frames, frames as u32);
                let out = plugin.play(&block, buffers, &InputEvents::empty(), None);
                assert!(bits(&out) == bits(&block), "{frames} frames, {buffers:?}");
                // Heard from the middle on.
                if frames == 4000 {
                    let info = only_sender(&own.table);
                    listener = Listener::new(&own.table, &info).ok();
                }
                if frames > 4000 && frames % 500 == 0 {
                    let listener = listener.as_mut().expect("it opened");
                    assert!(!read_all(listener).0.is_empty());
                }
            }
        }
    }
}

#[test]
fn what_passes_is_heard_to_the_bit_with_the_place_in_the_song() {
    let own = OwnTable::new();
    for channels in [1, 2] {
        let mut plugin = Loaded::new(channels, Some("Vocal"));
        plugin.start(48_000.0);
        let info = only_sender(&own.table);
        assert_eq!((info.name.as_str(), info.rate_hz), ("Vocal", Some(48_000)));
        let mut listener = Listener::new(&own.table, &info).expect("it streams");
        let mut sent = Vec::new();
        // Two seconds, then a locate to the first minute.
        for block in 0..400u32 {
            let secs = if block < 200 { 0.0 } else { 59.0 } + f64::from(block) * 0.01;
            let audio = awkward(channels, 480, block);
            sent.extend(interleaved(&audio));
            let transport = playing_at(secs);
            plugin.play(
                &audio,
                Buffers::Separate,
                &InputEvents::empty(),
                Some(&transport),
            );
            if block % 20 == 19 {
                let (got, heard) = read_all(&mut listener);
                assert!(got == sent.split_off(0), "block {block}");
                for event in heard {
                    let Heard::Packet(packet) = event else {
                        panic!("{event:?}");
                    };
                    let first_of_locate = packet.position == 200 * 480;
                    assert_eq!(packet.has_jumped, first_of_locate);
                    let transport = packet.transport;
                    let position = packet.position as i64;
                    let moved = if position < 200 * 480 { 0 } else { 59 * 48_000 };
                    assert_eq!(transport.song_frames, Some(position + moved));
                    assert!(transport.is_playing && transport.is_looping);
                    assert_eq!(transport.tempo_bpm, Some(120.0));
                    assert_eq!(transport.bar_number(), Some((position + moved) / 96_000));
                    let looped = transport.loop_frames.expect("the host tells");
                    assert_eq!((looped.start, looped.end), (96_000, 288_000));
                }
            }
        }
    }
}

#[test]
fn a_transport_that_changes_within_a_block_is_told_at_its_frame() {
    let own = OwnTable::new();
    let mut plugin = Loaded::new(2, None);
    plugin.start(48_000.0);
    let mut listener = Listener::new(&own.table, &only_sender(&own.table)).expect("it streams");
    let mut jump = playing_at(10.0);
    jump.header = EventHeader::new_core(300, EventFlags::empty());
    let events = [jump];
    let audio = awkward(2, 1024, 5);
    plugin.play(
        &audio,
        Buffers::InPlace,
        &InputEvents::from_buffer(&events),
        Some(&playing_at(1.0)),
    );
    let (got, heard) = read_all(&mut listener);
    assert_eq!(got, interleaved(&audio));
    let places: Vec<_> = heard
        .iter()
        .map(|event| match event {
            Heard::Packet(packet) => (
                packet.position,
                packet.transport.song_frames,
                packet.has_jumped,
            ),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        places,
        [(0, Some(48_000), false), (300, Some(480_000), true)]
    );
}

#[test]
fn bypass_passes_audio_on_and_what_was_not_sent_is_a_gap() {
    let own = OwnTable::new();
    let mut plugin = Loaded::new(2, None);
    plugin.start(48_000.0);
    let mut listener = Listener::new(&own.table, &only_sender(&own.table)).expect("it streams");
    let audio = awkward(2, 512, 1);
    let (on, off) = ([param(1, 1.0)], [param(1, 0.0)]);
    let events = [
        InputEvents::empty(),
        InputEvents::from_buffer(&on),
        InputEvents::empty(),
        InputEvents::from_buffer(&off),
    ];
    for events in &events {
        let out = plugin.play(&audio, Buffers::Separate, events, None);
        assert!(bits(&out) == bits(&audio));
    }
    let (got, heard) = read_all(&mut listener);
    assert_eq!(got.len(), 2 * 2 * 512);
    assert!(heard.contains(&Heard::Gap { frames: 1024 }), "{heard:?}");
}

#[test]
fn a_host_that_renders_faster_than_time_is_not_heard() {
    let own = OwnTable::new();
    let mut plugin = Loaded::new(2, None);
    plugin.start(48_000.0);
    let mut listener = Listener::new(&own.table, &only_sender(&own.table)).expect("it streams");
    let audio = awkward(2, 512, 1);
    for (mode, expected) in [(RenderMode::Offline, 0), (RenderMode::Realtime, 2 * 512)] {
        let handle = plugin.instance.plugin_handle();
        let render: PluginRender = handle.get_extension().expect("it hears of rendering");
        render.set(&handle, mode).expect("it does as it is told");
        let out = plugin.play(&audio, Buffers::Separate, &InputEvents::empty(), None);
        assert!(bits(&out) == bits(&audio));
        assert_eq!(read_all(&mut listener).0.len(), expected);
    }
}

#[test]
fn its_name_is_the_tracks_or_chosen_in_the_daw_or_said_in_abscope() {
    let own = OwnTable::new();
    let mut plugin = Loaded::new(2, Some("Lead Vox"));
    plugin.start(48_000.0);
    let name = || only_sender(&own.table).name;
    assert_eq!(name(), "Lead Vox");
    plugin.rename_track("Lead Vox 2");
    assert_eq!(name(), "Lead Vox 2");
    let wait_for = |plugin: &mut Loaded, expected: &str| {
        let begin = Instant::now();
        while name() != expected {
            assert!(begin.elapsed() < PATIENCE, "{}", name());
            plugin.idle();
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    // The third choice is "Vocal"; the audio thread hears of it.
    let events = [param(2, 3.0)];
    plugin.play(
        &awkward(2, 64, 1),
        Buffers::Separate,
        &InputEvents::from_buffer(&events),
        None,
    );
    wait_for(&mut plugin, "Vocal");
    let handle = plugin.instance.plugin_handle();
    let params: PluginParams = handle.get_extension().expect("it has parameters");
    assert_eq!(params.get_value(&handle, ClapId::new(2)), Some(3.0));
    let mut text = [0; 64];
    let text = params.value_to_text(&handle, ClapId::new(2), 3.0, &mut text);
    assert_eq!(text.expect("it has text"), b"Vocal");
    assert_eq!(
        params.text_to_value(&handle, ClapId::new(2), c"vocal"),
        Some(3.0)
    );
    own.table.ask_name(&only_sender(&own.table), "Chorus vocal");
    wait_for(&mut plugin, "Chorus vocal");
    // The project has something new to keep.
    let begin = Instant::now();
    while !plugin
        .said
        .is_project_dirty
        .load(std::sync::atomic::Ordering::Acquire)
    {
        assert!(begin.elapsed() < PATIENCE);
        plugin.idle();
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_project_that_is_opened_again_has_name_bypass_and_identity_as_they_were() {
    let own = OwnTable::new();
    let mut plugin = Loaded::new(2, None);
    plugin.start(48_000.0);
    let info = only_sender(&own.table);
    assert_eq!(info.name, "Track 1");
    let events = [param(1, 1.0), param(2, 5.0)];
    plugin.play(
        &awkward(2, 64, 1),
        Buffers::Separate,
        &InputEvents::from_buffer(&events),
        None,
    );
    let state = plugin.save();
    // A copy of the track, beside the first one.
    let mut copy = Loaded::new(2, None);
    assert!(copy.load(&state));
    copy.start(44_100.0);
    let senders = own.table.senders();
    assert_eq!(senders[1].name, "Drums");
    assert_ne!(senders[1].identity, info.identity);
    drop((plugin, copy));
    assert!(own.table.senders().is_empty());
    let mut again = Loaded::new(2, None);
    assert!(again.load(&state));
    again.start(48_000.0);
    assert_eq!(only_sender(&own.table).identity, info.identity);
    assert_eq!(again.save(), state);
    for garbage in [&b""[..], b"abscope", &[0xff; 100_000], &state[..5]] {
        assert!(!again.load(garbage));
    }
    assert_eq!(again.save(), state);
}

#[test]
fn a_host_may_start_stop_and_reset_as_it_likes() {
    let own = OwnTable::new();
    let mut plugin = Loaded::new(2, None);
    let mut slots = Vec::new();
    for rate_hz in [44_100.0, 48_000.0, 48_000.0, 96_000.0] {
        plugin.start(rate_hz);
        let info = only_sender(&own.table);
        slots.push((info.slot, info.session));
        let mut listener = Listener::new(&own.table, &info).expect("it streams");
        assert_eq!(f64::from(listener.rate_hz()), rate_hz);
        let audio = awkward(2, 100, 3);
        plugin.play(&audio, Buffers::Separate, &InputEvents::empty(), None);
        plugin.processor().reset();
        plugin.play(&audio, Buffers::Separate, &InputEvents::empty(), None);
        plugin.stop();
        assert_eq!(read_all(&mut listener).0.len(), 400);
    }
    assert!(slots.iter().all(|slot| *slot == slots[0]));
}

#[test]
fn sixty_four_instances_are_heard_and_one_more_passes_audio_on() {
    let own = OwnTable::new();
    let mut plugins: Vec<Loaded> = (0..65)
        .map(|index| Loaded::new(2, Some(&format!("Track of {index}"))))
        .collect();
    for plugin in &mut plugins {
        plugin.start(48_000.0);
    }
    let senders = own.table.senders();
    assert_eq!(senders.len(), 64);
    let mut listeners: Vec<Listener> = senders
        .iter()
        .map(|info| Listener::new(&own.table, info).expect("it streams"))
        .collect();
    for (index, plugin) in plugins.iter_mut().enumerate() {
        let audio = awkward(2, 512, index as u32);
        let out = plugin.play(&audio, Buffers::InPlace, &InputEvents::empty(), None);
        assert!(bits(&out) == bits(&audio));
    }
    for (index, listener) in listeners.iter_mut().enumerate() {
        assert_eq!(
            read_all(listener).0,
            interleaved(&awkward(2, 512, index as u32))
        );
        assert_eq!(listener.name(), format!("Track of {index}"));
    }
}

/// Threads of this process with the plug-in's name, open files, and memory in kilobytes.
fn footprint() -> (usize, usize, u64) {
    let tasks = std::fs::read_dir("/proc/self/task").expect("it is Linux");
    let is_keeper = |task: &std::fs::DirEntry| {
        let name = std::fs::read_to_string(task.path().join("comm"));
        name.is_ok_and(|name| name.trim() == THREAD_NAME)
    };
    let threads = tasks.flatten().filter(is_keeper).count();
    let files = std::fs::read_dir("/proc/self/fd")
        .expect("it is Linux")
        .count();
    let status = std::fs::read_to_string("/proc/self/status").expect("it is Linux");
    let line = status.lines().find(|line| line.starts_with("RssAnon"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
    (threads, files, kilobytes.expect("the kernel tells"))
}

#[test]
fn a_thousand_instances_one_after_another_leave_nothing_behind() {
    let own = OwnTable::new();
    let live_and_die = |index: u32| {
        let mut plugin = Loaded::new(2, Some("Vocal"));
        plugin.start(48_000.0);
        let info = only_sender(&own.table);
        let mut listener = Listener::new(&own.table, &info).expect("it streams");
        let audio = awkward(2, 512, index);
        plugin.play(&audio, Buffers::InPlace, &InputEvents::empty(), None);
        assert_eq!(read_all(&mut listener).0, interleaved(&audio));
        drop(plugin);
        assert!(!listener.is_there());
    };
    (0..100).for_each(live_and_die);
    let (threads, files, kilobytes) = footprint();
    assert_eq!(threads, 0);
    (0..1000).for_each(live_and_die);
    let (threads_after, files_after, kilobytes_after) = footprint();
    assert_eq!((threads_after, files_after), (0, files));
    let grown = kilobytes_after.saturating_sub(kilobytes);
    assert!(grown < 1000, "{grown} kB more");
}
