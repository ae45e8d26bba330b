//! A private sound server with a null sink, PulseAudio or PipeWire: real parts, no sound card, nothing of the user's touched.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::alone::{in_own_process, is_inside};
use super::parts::{self, PIPEWIRE, PULSEAUDIO, Part};
use super::pipewire;
use super::turns::{self, Turn};
use super::x11::wait_for;

/// Name of the sink that tests play into.
pub const SINK: &str = "abscope_test";
/// The input that hears it.
pub const MONITOR: &str = "abscope_test.monitor";
/// What people see as that input's name.
pub const MONITOR_NAME: &str = "Monitor of Abscope test desk";

/// Long enough for a busy machine; a healthy server takes a tenth of a second.
const START_DEADLINE: Duration = Duration::from_secs(20);

/// Names the server that tests get which run on one: `pulseaudio` or `pipewire`.
const KIND_VARIABLE: &str = "ABSCOPE_TEST_SOUND";

/// Which program serves the sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// PulseAudio.
    PulseAudio,
    /// PipeWire with its session manager and its side that speaks PulseAudio's protocol.
    PipeWire,
}

impl Kind {
    /// What it needs.
    fn part(self) -> Part {
        match self {
            Self::PulseAudio => PULSEAUDIO,
            Self::PipeWire => PIPEWIRE,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::PulseAudio => "pulseaudio",
            Self::PipeWire => "pipewire",
        }
    }

    /// The one that was asked for, or the one that this machine has; PulseAudio if it has both.
    pub fn of_this_run() -> Self {
        match std::env::var(KIND_VARIABLE).as_deref() {
            Ok("pulseaudio") => Self::PulseAudio,
            Ok("pipewire") => Self::PipeWire,
            Ok(other) => panic!("{KIND_VARIABLE}={other}: pulseaudio or pipewire"),
            Err(_) if PULSEAUDIO.is_there() || !PIPEWIRE.is_there() => Self::PulseAudio,
            Err(_) => Self::PipeWire,
        }
    }
}

/// A running server; dropping it ends it.
pub struct PulseServer {
    daemons: Vec<Child>,
    kind: Kind,
    folder: PathBuf,
    /// Removes the folder in the end, if this server made it.
    _own_folder: Option<tempfile::TempDir>,
}

impl PulseServer {
    /// Starts a server with the sink [`SINK`]: stereo, 48 kHz, float, so that what is played arrives unchanged.
    pub fn start() -> Self {
        let own = tempfile::tempdir().expect("a temporary folder can be made");
        let mut server = Self::of_kind(Kind::of_this_run(), own.path());
        server._own_folder = Some(own);
        server
    }

    fn of_kind(kind: Kind, folder: &Path) -> Self {
        let server = Self {
            daemons: spawn_daemons(kind, folder),
            kind,
            folder: folder.to_owned(),
            _own_folder: None,
        };
        server.wait_until_it_answers();
        server
    }

    /// What `PULSE_SERVER` must be for a client of this server.
    pub fn address(&self) -> String {
        format!("unix:{}", socket(&self.folder).display())
    }

    /// Process id of the daemon that clients speak to.
    pub fn pid(&self) -> u32 {
        self.daemons.last().expect("it has one").id()
    }

    /// A command whose sound goes to this server.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env("PULSE_SERVER", self.address());
        command
    }

    /// Ends the daemon, as a crash would.
    pub fn kill(&mut self) {
        // The one that clients speak to goes first: they hear of it as of a crash.
        for daemon in self.daemons.iter_mut().rev() {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
        let _ = std::fs::remove_file(socket(&self.folder));
    }

    /// Starts the daemon again at the same address.
    pub fn restart(&mut self) {
        self.kill();
        self.daemons = spawn_daemons(self.kind, &self.folder);
        self.wait_until_it_answers();
    }

    /// Runs `pactl` and returns what it prints.
    pub fn pactl(&self, arguments: &[&str]) -> String {
        let output = self
            .command("pactl")
            .args(arguments)
            .output()
            .expect("pactl is installed beside pulseaudio");
        assert!(output.status.success(), "pactl {arguments:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn wait_until_it_answers(&self) {
        let begin = Instant::now();
        let mut is_loaded = false;
        loop {
            let answer = self
                .command("pactl")
                .arg("info")
                .stderr(Stdio::null())
                .output()
                .expect("pactl is not installed; run scripts/test once, it installs it");
            let said = String::from_utf8_lossy(&answer.stdout);
            // PipeWire is there before its session manager, which chooses the default.
            if said.contains(&format!("Default Sink: {SINK}\n")) {
                return;
            }
            if answer.status.success() && !is_loaded {
                self.pactl(&["load-module", "module-null-sink", &sink_arguments()]);
                is_loaded = true;
            }
            assert!(
                begin.elapsed() < START_DEADLINE,
                "the sound server did not come up within {START_DEADLINE:?}:\n{}",
                std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for PulseServer {
    fn drop(&mut self) {
        self.kill();
    }
}

fn socket(folder: &Path) -> PathBuf {
    folder.join("native")
}

/// With rewinds PulseAudio's null sink plays two seconds of nothing in advance, and its monitor has heard them.
fn sink_arguments() -> String {
    format!(
        "sink_name={SINK} format=float32le rate=48000 channels=2 norewinds=1 \
         sink_properties=\"device.description='Abscope test desk'\""
    )
}

/// The daemons, the one that clients speak to last, in a folder that says which processes they are.
fn spawn_daemons(kind: Kind, folder: &Path) -> Vec<Child> {
    let log = std::fs::File::create(folder.join("log")).expect("the folder is writable");
    let daemons = match kind {
        Kind::PulseAudio => vec![spawn_pulseaudio(folder, log)],
        Kind::PipeWire => pipewire::spawn(folder, &socket(folder), &log),
    };
    let ids: String = daemons.iter().map(|it| format!("{}\n", it.id())).collect();
    std::fs::write(folder.join("ids"), ids).expect("the folder is writable");
    daemons
}

/// The daemon gets a runtime folder, a home and a configuration of its own, so it works for root and beside a
/// server of the user's.
fn spawn_pulseaudio(folder: &Path, log: std::fs::File) -> Child {
    let protocol = format!(
        "module-native-protocol-unix auth-anonymous=1 socket={}",
        socket(folder).display()
    );
    let sink = format!("module-null-sink {}", sink_arguments());
    Command::new("pulseaudio")
        .args([
            "-n",
            "--daemonize=no",
            "--use-pid-file=no",
            "--system=false",
        ])
        .args(["--exit-idle-time=-1", "--log-target=stderr"])
        .args(["-L", &protocol, "-L", &sink])
        .env("XDG_RUNTIME_DIR", folder)
        .env("XDG_CONFIG_HOME", folder)
        .env("HOME", folder)
        .env_remove("PULSE_SERVER")
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("pulseaudio is not installed; run scripts/test once, it installs it")
}

/// Runs `body` in a process of its own whose default sound server is a fresh private one. A process cannot change
/// its own environment safely once it has threads, so the test program starts itself again for this one test;
/// `test` is the name of the calling test.
pub fn with_server(test: &str, body: impl FnOnce()) {
    with_servers(test, &[Kind::of_this_run()], turns::beside_others, body);
}

/// The same on PulseAudio and on PipeWire at once, each in a process of its own.
pub fn with_each_server(test: &str, body: impl FnOnce()) {
    let kinds = [Kind::PulseAudio, Kind::PipeWire];
    with_servers(test, &kinds, turns::beside_others, body);
}

/// The same on each of some servers, and beside whom: where each sample counts, alone.
pub fn with_servers(test: &str, kinds: &[Kind], turn: fn() -> Turn, body: impl FnOnce()) {
    if is_inside(test) {
        return body();
    }
    let _turn = turn();
    std::thread::scope(|scope| {
        for kind in kinds {
            let on = format!("{test} on {}", kind.word());
            if parts::are_there(&on, &[kind.part()]) {
                scope.spawn(|| start_again(test, *kind));
            }
        }
    });
}

fn start_again(test: &str, kind: Kind) {
    let own = tempfile::tempdir().expect("a temporary folder can be made");
    let server = PulseServer::of_kind(kind, own.path());
    let prepare = |command: &mut Command| {
        command
            .env(KIND_VARIABLE, kind.word())
            .env("PULSE_SERVER", server.address());
    };
    in_own_process(test, prepare, || unreachable!("this is not inside"));
}

/// Inside [`with_server`]: the folder of the server that this process's sound goes to.
fn folder_of_this_process() -> PathBuf {
    let address = std::env::var("PULSE_SERVER").expect("it is set for this process");
    let socket = Path::new(address.trim_start_matches("unix:"));
    let folder = socket.parent().expect("a socket lies in a folder");
    folder.to_owned()
}

/// Inside [`with_server`]: ends the server in good order, as `pactl exit` does where a server lets it.
pub fn end_server() {
    let folder = folder_of_this_process();
    let ids = std::fs::read_to_string(folder.join("ids")).expect("they were written");
    let ended = Command::new("kill").arg("-TERM").args(ids.lines()).status();
    assert!(ended.is_ok_and(|status| status.success()), "kill {ids}");
    for id in ids.lines() {
        wait_for("the end of the sound server", START_DEADLINE, || {
            // It is another process's child, so what is left of it may wait for that one to look.
            let stat = std::fs::read_to_string(format!("/proc/{id}/stat"));
            let is_over = match stat {
                Ok(stat) => stat.contains(") Z "),
                Err(_) => true,
            };
            is_over.then_some(())
        });
    }
}

/// Inside [`with_server`], after [`end_server`]: another one at the same address.
pub fn start_server() -> PulseServer {
    let folder = folder_of_this_process();
    let _ = std::fs::remove_file(socket(&folder));
    PulseServer::of_kind(Kind::of_this_run(), &folder)
}

/// Inside [`with_server`], on PipeWire: sets what the clock of its graph is forced to; 0 for nothing.
pub fn set_clock(name: &str, value: &str) {
    let status = Command::new("pw-metadata")
        .args(["-n", "settings", "0", name, value])
        .env("PIPEWIRE_RUNTIME_DIR", folder_of_this_process())
        .stdout(Stdio::null())
        .status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "{name} {value}"
    );
}

/// A sound being played into the default sink; dropping it stops it.
pub struct Playing(Child);

impl Playing {
    /// Starts `paplay`. The server is that of this process's environment.
    pub fn start(wav: &Path) -> Self {
        Self::start_with(Command::new("paplay"), wav)
    }

    /// The same with a command made by [`PulseServer::command`]`("paplay")`.
    pub fn start_with(mut paplay: Command, wav: &Path) -> Self {
        let child = paplay
            .arg(format!("--device={SINK}"))
            .arg(wav)
            .stdin(Stdio::null())
            .spawn()
            .expect("paplay is installed beside pulseaudio");
        Self(child)
    }

    /// Whether it is still playing.
    pub fn is_playing(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(None))
    }
}

impl Drop for Playing {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Writes a 48 kHz stereo float WAV: silence, then a sine in each channel, `(frequency in Hz, peak in dBFS)`, both
/// starting at their crest so that their first sample is already loud. Returns the samples of the sines.
///
/// The silence gives the server time to start: it rewrites what it had prepared before a sound began, and a
/// monitor has heard the first few milliseconds already.
pub fn write_sines(
    path: &Path,
    lead_secs: f64,
    secs: f64,
    left: (f64, f64),
    right: (f64, f64),
) -> Vec<f32> {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: 48_000,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let frames = (secs * 48_000.0) as usize;
    let value = |(frequency_hz, peak_dbfs): (f64, f64), frame: usize| {
        let phase = std::f64::consts::TAU * frequency_hz * frame as f64 / 48_000.0;
        (abscope::units::db::amplitude_from_db(peak_dbfs) * phase.cos()) as f32
    };
    let samples: Vec<f32> = (0..frames)
        .flat_map(|frame| [value(left, frame), value(right, frame)])
        .collect();
    let mut wav = hound::WavWriter::create(path, spec).expect("the folder is writable");
    let lead = std::iter::repeat_n(0.0, (lead_secs * 48_000.0) as usize * 2);
    for sample in lead.chain(samples.iter().copied()) {
        wav.write_sample(sample).expect("the folder is writable");
    }
    wav.finalize().expect("the folder is writable");
    samples
}
