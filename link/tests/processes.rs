//! Processes that end at any moment: hosts and readers are killed, and the other side goes on with exact counts.
//!
//! It has a `main` of its own, so that it can start itself again as the process to be killed.

#[cfg(target_os = "linux")]
mod common;

#[cfg(target_os = "linux")]
fn main() {
    linux::main();
}

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
mod linux {
    use std::io::{BufRead, BufReader, Read as _};
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    use abscope_link::{Description, Heard, Listener, Sender, SenderInfo, Table, Transport};
    use rustix::thread::{SecureComputingMode, set_secure_computing_mode};

    use crate::common::{Account, OwnTable, block};

    /// Hosts that are killed.
    const KILLS: u32 = 200;
    /// Whatever takes longer hangs.
    const PATIENCE: Duration = Duration::from_secs(60);

    pub fn main() {
        let words: Vec<String> = std::env::args().skip(1).collect();
        match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["as-host", table] => as_host(table),
            ["as-reader", table] => as_reader(table),
            ["as-caged-host", table] => as_caged_host(table),
            _ => {}
        }
        // As cargo and its tools ask.
        let is_listing = words.iter().any(|word| word == "--list");
        let tests: [(&str, fn()); 4] = [
            (
                "a_host_killed_at_any_moment_passes_no_wrong_audio_and_frees_its_slot",
                a_host_killed_at_any_moment_passes_no_wrong_audio_and_frees_its_slot,
            ),
            (
                "a_reader_killed_at_any_moment_disturbs_neither_host_nor_other_readers",
                a_reader_killed_at_any_moment_disturbs_neither_host_nor_other_readers,
            ),
            ("writing_makes_no_system_call", writing_makes_no_system_call),
            (
                "a_cage_does_end_whoever_makes_a_system_call",
                a_cage_does_end_whoever_makes_a_system_call,
            ),
        ];
        for (name, test) in tests {
            if is_listing {
                println!("{name}: test");
            } else if words
                .iter()
                .all(|word| word.starts_with('-') || name.contains(word))
            {
                test();
                println!("test {name} ... ok");
            }
        }
    }

    fn start(role: &str, table: &str) -> Child {
        Command::new(std::env::current_exe().expect("it runs"))
            .args([role, table])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it can run again")
    }

    /// A host: sends as fast as it can until it is killed.
    fn as_host(table: &str) -> ! {
        let table = Table::make_named(table).expect("there is shared memory");
        let mut sender = Sender::take(&table, &Description::default()).expect("a slot is free");
        let mut stream = sender.stream(48_000, 2).expect("a possible format");
        println!("{}", sender.slot());
        loop {
            let [left, right] = block(stream.position(), 1 + stream.position() as usize % 700);
            stream.write(&left, Some(&right), Transport::default);
        }
    }

    /// A reader: reads until it is killed.
    fn as_reader(table: &str) -> ! {
        let table = Table::find_named(table)
            .expect("it opens")
            .expect("it is there");
        let info = table.senders().remove(0);
        let mut listener = Listener::new(&table, &info).expect("it has a stream");
        println!("listens");
        let mut account = Account::default();
        loop {
            account.read_all(&mut listener);
        }
    }

    /// A host whose kernel ends it at the first system call other than read, write and exit.
    fn as_caged_host(table: &str) -> ! {
        let is_to_escape = std::env::var_os("ABSCOPE_ESCAPE").is_some();
        let table = Table::make_named(table).expect("there is shared memory");
        let mut sender = Sender::take(&table, &Description::default()).expect("a slot is free");
        let mut stream = sender.stream(48_000, 2).expect("a possible format");
        println!("{}", sender.slot());
        // Until somebody listens.
        while !stream.is_heard() {
            std::thread::sleep(Duration::from_millis(1));
        }
        let [left, right] = block(stream.position(), 100_000);
        let mut out = std::io::stdout();
        set_secure_computing_mode(SecureComputingMode::Strict).expect("the kernel has it");
        for frames in (1..2000).chain(std::iter::repeat_n(512, 500)) {
            stream.write(&left[..frames], Some(&right[..frames]), Transport::default);
        }
        stream.flush();
        if is_to_escape {
            let _ = std::process::id();
        }
        let _ = std::io::Write::write_all(&mut out, b"done\n");
        // There is no way out of the cage but being killed: reading a pipe that stays open is allowed.
        let mut byte = [0];
        loop {
            let _ = std::io::stdin().read(&mut byte);
        }
    }

    /// Waits until a sender has a stream that can be listened to.
    fn wait_for(table: &Table, child: &mut Child) -> (SenderInfo, impl BufRead + use<>) {
        let mut lines = BufReader::new(child.stdout.take().expect("it is a pipe"));
        let mut line = String::new();
        lines.read_line(&mut line).expect("it says its slot");
        let slot = line.trim().parse().expect("a number");
        (table.sender(slot).expect("its process lives"), lines)
    }

    fn kill(mut child: Child) {
        child.kill().expect("it is ours");
        child.wait().expect("it was killed");
    }

    fn a_host_killed_at_any_moment_passes_no_wrong_audio_and_frees_its_slot() {
        let own = OwnTable::new();
        let mut heard = 0;
        for round in 0..KILLS {
            let mut host = start("as-host", &own.name);
            let (info, _lines) = wait_for(&own.table, &mut host);
            assert_eq!(info.slot, 0, "the one before has freed it");
            let mut readers: Vec<Listener> = (0..2)
                .map(|_| Listener::new(&own.table, &info).expect("it has a stream"))
                .collect();
            let mut accounts: [Account; 2] = Default::default();
            // Moments from none at all to some milliseconds, never the same distance from a block.
            let moment = Duration::from_micros(u64::from(round) * 7919 % 9973);
            let begin = Instant::now();
            let mut host = Some(host);
            loop {
                for (reader, account) in readers.iter_mut().zip(&mut accounts) {
                    account.read_all(reader);
                }
                if begin.elapsed() > moment
                    && let Some(host) = host.take()
                {
                    kill(host);
                }
                if host.is_none() && readers.iter_mut().all(|reader| !reader.is_there()) {
                    break;
                }
                assert!(begin.elapsed() < PATIENCE);
            }
            for (reader, account) in readers.iter_mut().zip(&mut accounts) {
                assert_eq!(account.read_all(reader), Heard::Gone);
                heard += account.heard;
            }
            assert!(own.table.senders().is_empty());
        }
        assert!(heard > 100_000, "{heard}");
    }

    fn a_reader_killed_at_any_moment_disturbs_neither_host_nor_other_readers() {
        let own = OwnTable::new();
        let mut sender = own.sender("Mix");
        let mut stream = sender.stream(48_000, 2).expect("a possible format");
        let mut listener = own.listener(&sender);
        let mut account = Account::default();
        for round in 0..20 {
            let mut reader = start("as-reader", &own.name);
            let mut line = String::new();
            let mut lines = BufReader::new(reader.stdout.take().expect("it is a pipe"));
            lines.read_line(&mut line).expect("it says that it listens");
            assert_eq!(line, "listens\n");
            for _ in 0..round {
                let [left, right] = block(stream.position(), 480);
                stream.write(&left, Some(&right), Transport::default);
                account.read_all(&mut listener);
            }
            assert!(reader.try_wait().expect("it is ours").is_none());
            kill(reader);
        }
        stream.flush();
        account.read_all(&mut listener);
        assert_eq!((account.heard, account.lost), (stream.position(), 0));
        drop(listener);
        let [left, right] = block(stream.position(), 96_000);
        stream.write(&left, Some(&right), Transport::default);
        assert!(!stream.is_heard());
    }

    /// Whether a host in its cage came through to the end.
    fn comes_through(is_to_escape: bool) -> bool {
        let own = OwnTable::new();
        let mut command = Command::new(std::env::current_exe().expect("it runs"));
        if is_to_escape {
            command.env("ABSCOPE_ESCAPE", "1");
        }
        let mut host = command
            .args(["as-caged-host", &own.name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it can run again");
        let (info, mut lines) = wait_for(&own.table, &mut host);
        let mut listener = Listener::new(&own.table, &info).expect("it has a stream");
        let mut last = String::new();
        lines.read_line(&mut last).expect("it is a pipe");
        let mut out = Vec::new();
        let heard = listener.read(&mut out);
        assert!(!matches!(heard, Heard::Idle | Heard::Gone), "{heard:?}");
        kill(host);
        last == "done\n"
    }

    fn writing_makes_no_system_call() {
        assert!(comes_through(false));
    }

    fn a_cage_does_end_whoever_makes_a_system_call() {
        assert!(!comes_through(true));
    }
}
