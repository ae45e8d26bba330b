//! A private PulseAudio server with a null sink: real parts, no sound card, nothing of the user's touched.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::alone::{in_own_process, is_inside};
use super::parts::{self, PULSEAUDIO};
use super::turns;

/// Name of the sink that tests play into.
pub const SINK: &str = "abscope_test";
/// The input that hears it.
pub const MONITOR: &str = "abscope_test.monitor";
/// What people see as that input's name.
pub const MONITOR_NAME: &str = "Monitor of Abscope test desk";

/// Long enough for a busy machine; a healthy server takes a tenth of a second.
const START_DEADLINE: Duration = Duration::from_secs(20);

/// A running server; dropping it ends it.
pub struct PulseServer {
    daemon: Child,
    folder: PathBuf,
    /// Removes the folder in the end, if this server made it.
    _own_folder: Option<tempfile::TempDir>,
}

impl PulseServer {
    /// Starts a server with the sink [`SINK`]: stereo, 48 kHz, float, so that what is played arrives unchanged.
    pub fn start() -> Self {
        let own = tempfile::tempdir().expect("a temporary folder can be made");
        let mut server = Self::start_in(own.path());
        server._own_folder = Some(own);
        server
    }

    /// The same in a given folder: inside [`with_server`], the folder of the address in `PULSE_SERVER` brings a
    /// server back that has died.
    pub fn start_in(folder: &Path) -> Self {
        let server = Self {
            daemon: spawn_daemon(folder),
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

    /// Process id of the daemon.
    pub fn pid(&self) -> u32 {
        self.daemon.id()
    }

    /// A command whose sound goes to this server.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env("PULSE_SERVER", self.address());
        command
    }

    /// Ends the daemon, as a crash would.
    pub fn kill(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
        let _ = std::fs::remove_file(socket(&self.folder));
    }

    /// Starts the daemon again at the same address.
    pub fn restart(&mut self) {
        self.kill();
        self.daemon = spawn_daemon(&self.folder);
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
        loop {
            let answer = self
                .command("pactl")
                .args(["list", "short", "sources"])
                .stderr(Stdio::null())
                .output()
                .expect("pactl is not installed; run scripts/test once, it installs it");
            if String::from_utf8_lossy(&answer.stdout).contains(MONITOR) {
                return;
            }
            assert!(
                begin.elapsed() < START_DEADLINE,
                "pulseaudio did not come up within {START_DEADLINE:?}:\n{}",
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

/// The daemon gets a runtime folder, a home and a configuration of its own, so it works for root and beside a
/// server of the user's.
fn spawn_daemon(folder: &Path) -> Child {
    let log = std::fs::File::create(folder.join("log")).expect("the folder is writable");
    // With rewinds a null sink plays two seconds of nothing in advance, and its monitor has heard them.
    let sink = format!(
        "module-null-sink sink_name={SINK} format=float32le rate=48000 channels=2 norewinds=1 \
         sink_properties=\"device.description='Abscope test desk'\""
    );
    let protocol = format!(
        "module-native-protocol-unix auth-anonymous=1 socket={}",
        socket(folder).display()
    );
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
    if is_inside(test) {
        return body();
    }
    if !parts::are_there(test, &[PULSEAUDIO]) {
        return;
    }
    let _turn = turns::beside_others();
    let server = PulseServer::start();
    let address = |command: &mut Command| {
        command.env("PULSE_SERVER", server.address());
    };
    in_own_process(test, address, body);
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
