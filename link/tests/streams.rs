//! Sender and listener together: all that is sent is heard, what is not is counted, names and transport come along.
#![cfg(target_os = "linux")]

mod common;

use abscope_link::{
    Description, Heard, LinkError, Listener, Sender, Span, Stream, Table, Transport,
};
use common::{Account, OwnTable, block};

fn send(stream: &mut Stream, frames: usize) {
    let [left, right] = block(stream.position(), frames);
    stream.write(&left, Some(&right), Transport::default);
}

#[test]
fn every_block_size_arrives_whole_and_in_order_at_every_rate() {
    let own = OwnTable::new();
    let mut sender = own.sender("Mix");
    for rate_hz in [8000, 44_100, 48_000, 96_000, 192_000, 384_000] {
        for frames in [1, 2, 31, 64, 127, 480, 512, 1024, 4096, 8192] {
            let mut stream = sender.stream(rate_hz, 2).expect("a possible format");
            let mut listener = own.listener(&sender);
            let mut account = Account::default();
            let begin = stream.position();
            for _ in 0..20 {
                send(&mut stream, frames);
                account.read_all(&mut listener);
            }
            stream.flush();
            assert_eq!(account.read_all(&mut listener), Heard::Idle);
            assert_eq!(account.first, Some(begin));
            assert_eq!(
                (account.heard, account.lost),
                (20 * frames as u64, 0),
                "{rate_hz} Hz, {frames}"
            );
        }
    }
}

#[test]
fn mono_is_one_channel() {
    let own = OwnTable::new();
    let mut sender = own.sender("Vocal");
    let mut stream = sender.stream(48_000, 1).expect("a possible format");
    let mut listener = own.listener(&sender);
    assert_eq!(listener.channels(), 1);
    let [left, _] = block(0, 1000);
    stream.write(&left, None, Transport::default);
    let mut account = Account::default();
    account.read_all(&mut listener);
    assert_eq!(account.heard, 1000);
}

#[test]
fn nothing_is_written_while_nobody_listens() {
    let own = OwnTable::new();
    let mut sender = own.sender("Mix");
    let mut stream = sender.stream(48_000, 2).expect("a possible format");
    let before = std::fs::read(own.file()).expect("it is a file");
    send(&mut stream, 100_000);
    assert!(!stream.is_heard());
    assert!(before == std::fs::read(own.file()).expect("it is a file"));
    let _listener = own.listener(&sender);
    assert!(stream.is_heard());
    send(&mut stream, 512);
    assert!(before != std::fs::read(own.file()).expect("it is a file"));
}

#[test]
fn a_sender_stops_writing_two_seconds_after_its_last_reader_went() {
    let own = OwnTable::new();
    let mut sender = own.sender("Mix");
    let mut stream = sender.stream(48_000, 2).expect("a possible format");
    drop(own.listener(&sender));
    let mut written = 0;
    while stream.is_heard() {
        send(&mut stream, 480);
        written += 480;
        assert!(written <= 96_000);
    }
    assert_eq!(written, 96_000);
}

#[test]
fn a_reader_that_slept_finds_what_it_missed_counted_to_the_frame() {
    let own = OwnTable::new();
    let mut sender = own.sender("Mix");
    let mut stream = sender.stream(48_000, 2).expect("a possible format");
    let mut listener = own.listener(&sender);
    let mut account = Account::default();
    send(&mut stream, 10_000);
    account.read_all(&mut listener);
    // Far more than the ring has, and beyond the time that somebody counts as listening.
    for _ in 0..1000 {
        send(&mut stream, 777);
    }
    account.read_all(&mut listener);
    send(&mut stream, 777);
    stream.flush();
    account.read_all(&mut listener);
    assert_eq!(account.heard + account.lost, stream.position());
    assert!(account.lost > 0 && account.gaps >= 1);
}

#[test]
fn what_the_ring_holds_is_not_lost_by_a_reader_that_is_late() {
    let own = OwnTable::new();
    for frames in [1, 64, 100, 512, 4096] {
        let mut sender = own.sender("Mix");
        let mut stream = sender.stream(48_000, 2).expect("a possible format");
        let mut listener = own.listener(&sender);
        let mut account = Account::default();
        // Half a second, which is what is promised.
        while stream.position() < 24_000 {
            send(&mut stream, frames);
        }
        stream.flush();
        account.read_all(&mut listener);
        assert_eq!(
            (account.heard, account.lost),
            (stream.position(), 0),
            "{frames}"
        );
    }
}

#[test]
fn several_readers_hear_the_same_and_disturb_nobody() {
    let own = OwnTable::new();
    let mut sender = own.sender("Mix");
    let mut stream = sender.stream(48_000, 2).expect("a possible format");
    let mut listeners: Vec<Listener> = (0..5).map(|_| own.listener(&sender)).collect();
    let mut accounts: [Account; 5] = Default::default();
    for round in 0..200 {
        send(&mut stream, 480);
        for (index, listener) in listeners.iter_mut().enumerate() {
            // Each in its own rhythm.
            if round % (index + 1) == 0 {
                accounts[index].read_all(listener);
            }
        }
    }
    stream.flush();
    for (listener, account) in listeners.iter_mut().zip(&mut accounts) {
        account.read_all(listener);
        assert_eq!((account.heard, account.lost), (200 * 480, 0));
    }
}

#[test]
fn a_host_that_starts_anew_at_the_same_rate_is_heard_on_and_at_another_rate_says_so() {
    let own = OwnTable::new();
    let mut sender = own.sender("Mix");
    let mut stream = sender.stream(48_000, 2).expect("a possible format");
    let mut listener = own.listener(&sender);
    let mut account = Account::default();
    send(&mut stream, 100);
    assert!(matches!(
        sender.stream(48_000, 2),
        Err(LinkError::Streaming)
    ));
    drop(stream);
    let mut stream = sender.stream(48_000, 2).expect("a possible format");
    send(&mut stream, 480);
    drop(stream);
    account.read_all(&mut listener);
    assert_eq!((account.heard, account.lost), (580, 0));
    let mut stream = sender.stream(44_100, 2).expect("a possible format");
    send(&mut stream, 480);
    assert_eq!(account.read_all(&mut listener), Heard::OtherFormat);
    assert_eq!(account.read_all(&mut listener), Heard::OtherFormat);
    assert_eq!(own.listener(&sender).rate_hz(), 44_100);
}

#[test]
fn the_transport_comes_with_each_packet_and_a_locate_is_a_jump() {
    let own = OwnTable::new();
    let mut sender = own.sender("Mix");
    let mut stream = sender.stream(48_000, 2).expect("a possible format");
    let mut listener = own.listener(&sender);
    let at = |song_frames: i64| Transport {
        is_playing: true,
        song_frames: Some(song_frames),
        tempo_bpm: Some(120.0),
        is_looping: true,
        loop_frames: Some(Span {
            start: 0,
            end: 96_000,
        }),
        ..Transport::default()
    };
    // A block goes on, the next is elsewhere, the third one goes on from there; the last is longer than a packet.
    let mut heard = Vec::new();
    for (song_frames, frames) in [(1000, 32), (1032, 100), (48_000, 32), (48_032, 9000)] {
        let [left, right] = block(stream.position(), frames);
        stream.write(&left, Some(&right), || at(song_frames));
    }
    stream.flush();
    let mut out = Vec::new();
    while let Heard::Packet(packet) = listener.read(&mut out) {
        let place = packet.transport.song_frames.expect("the host tells");
        heard.push((place, packet.frames, packet.has_jumped));
        assert_eq!(
            Transport {
                song_frames: Some(0),
                ..packet.transport
            },
            at(0)
        );
    }
    let jumped: Vec<_> = heard.iter().filter(|packet| packet.2).collect();
    assert_eq!(jumped.len(), 1);
    assert_eq!(jumped[0].0, 48_000);
    assert_eq!(heard[0].0, 1000);
    let after: Vec<_> = heard.iter().skip_while(|packet| !packet.2).collect();
    let mut place = 48_000;
    for (song_frames, frames, _) in after {
        assert_eq!(*song_frames, place);
        place += *frames as i64;
    }
    assert_eq!(place, 48_032 + 9000);
}

#[test]
fn names_are_seen_changed_by_both_sides_and_numbered_where_there_is_none() {
    let own = OwnTable::new();
    let mut vocal = own.sender("Vocal");
    let nameless = own.sender("  ");
    let names = |table: &Table| -> Vec<String> {
        table.senders().into_iter().map(|info| info.name).collect()
    };
    assert_eq!(names(&own.table), ["Vocal", "Track 2"]);
    vocal.call("Lead vocal");
    assert_eq!(names(&own.table), ["Lead vocal", "Track 2"]);
    own.table.ask_name(&own.info(&vocal), "Chorus");
    assert_eq!(nameless.asked_name(), None);
    assert_eq!(vocal.asked_name().as_deref(), Some("Chorus"));
    assert_eq!(vocal.asked_name(), None);
    own.table.ask_name(&own.info(&vocal), "");
    assert_eq!(vocal.asked_name().as_deref(), Some(""));
}

#[test]
fn an_identity_comes_back_and_a_copied_one_becomes_another() {
    let own = OwnTable::new();
    let first = own.sender("A");
    let description = Description {
        name: "A".to_owned(),
        identity: first.identity(),
    };
    let copy = Sender::take(&own.table, &description).expect("a slot is free");
    assert_ne!(copy.identity(), first.identity());
    drop(first);
    let again = Sender::take(&own.table, &description).expect("a slot is free");
    assert_eq!(again.identity(), description.identity);
}

#[test]
fn sixty_four_senders_fit_the_next_is_told_and_a_closed_one_makes_room() {
    let own = OwnTable::new();
    let mut senders: Vec<Sender> = (0..64).map(|_| own.sender("")).collect();
    let streams: Vec<Stream> = senders
        .iter_mut()
        .map(|sender| sender.stream(192_000, 2).expect("a possible format"))
        .collect();
    assert_eq!(own.table.senders().len(), 64);
    let one_more = Sender::take(&own.table, &Description::default());
    assert!(matches!(one_more.err(), Some(LinkError::Full)));
    let gone = own.info(&senders[17]);
    senders.remove(17);
    // Its stream still runs, so its slot is not given to another yet.
    assert!(Sender::take(&own.table, &Description::default()).is_err());
    drop(streams);
    assert_eq!(own.sender("new").slot(), 17);
    assert!(matches!(
        Listener::new(&own.table, &gone),
        Err(LinkError::NotThere)
    ));
}

#[test]
fn a_sender_that_closed_is_gone_for_its_reader_and_its_successor_is_not_taken_for_it() {
    let own = OwnTable::new();
    let mut sender = own.sender("Mix");
    let mut stream = sender.stream(48_000, 2).expect("a possible format");
    let mut listener = own.listener(&sender);
    send(&mut stream, 480);
    drop(stream);
    drop(sender);
    let mut successor = own.sender("Other");
    let mut stream = successor.stream(48_000, 2).expect("a possible format");
    let _other = own.listener(&successor);
    send(&mut stream, 480);
    let mut account = Account::default();
    account.read_all(&mut listener);
    assert!(account.heard <= 480);
    assert!(!listener.is_there());
    assert_eq!(account.read_all(&mut listener), Heard::Gone);
}

#[test]
fn impossible_formats_and_a_table_that_is_not_there_are_told() {
    let own = OwnTable::new();
    let mut sender = own.sender("Mix");
    for (rate_hz, channels) in [(0, 2), (48_000, 0), (48_000, 3), (u32::MAX, 1)] {
        let refused = sender.stream(rate_hz, channels).err().expect("impossible");
        assert_eq!(refused.to_string().lines().count(), 1);
    }
    let info = own.info(&sender);
    assert_eq!((info.rate_hz, info.channels), (None, 0));
    assert!(matches!(
        Listener::new(&own.table, &info),
        Err(LinkError::NotThere)
    ));
    let nowhere = Table::find_named("abscope-test-nowhere").expect("no error");
    assert!(nowhere.is_none());
}

#[test]
fn only_the_same_user_can_open_it() {
    use std::os::unix::fs::PermissionsExt;
    let own = OwnTable::new();
    let _sender = own.sender("Mix");
    let mode = |path: &std::path::Path| {
        let found = std::fs::metadata(path).expect("it is there");
        found.permissions().mode() & 0o777
    };
    assert_eq!(mode(&own.file()), 0o600);
    assert_eq!(mode(&own.file().with_extension("owners")), 0o700);
    // One that others could open is not trusted either.
    let open = std::fs::Permissions::from_mode(0o666);
    std::fs::set_permissions(own.file(), open).expect("it is ours");
    let refused = Table::find_named(&own.name).err().expect("not private");
    assert!(
        refused.to_string().contains("others can open it"),
        "{refused}"
    );
    assert_eq!(refused.to_string().lines().count(), 1);
}
