//! PipeWire as a desktop has it: the daemon, its session manager, and the side that speaks PulseAudio's protocol, on a bus
//! of their own.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::x11::wait_for;

/// The side that speaks PulseAudio's protocol. The package that has it would take PulseAudio's place, so its few lines
/// are here and any PipeWire runs them.
const PULSE: &str = r#"
context.spa-libs = {
    audio.convert.* = audioconvert/libspa-audioconvert
    support.* = support/libspa-support
}
context.modules = [
    { name = libpipewire-module-rt args = { nice.level = -11 } flags = [ ifexists nofail ] }
    { name = libpipewire-module-protocol-native }
    { name = libpipewire-module-client-node }
    { name = libpipewire-module-adapter }
    { name = libpipewire-module-metadata }
    { name = libpipewire-module-protocol-pulse args = { server.address = [ "unix:SOCKET" ] } }
]
"#;

/// WirePlumber without devices, so that nothing of the user's is touched: up to 0.4, and since.
const NO_DEVICES: [(&str, &str); 3] = [
    (
        "wireplumber/main.lua.d/51-abscope.lua",
        "alsa_monitor.enabled = false
v4l2_monitor.enabled = false
if libcamera_monitor then libcamera_monitor.enabled = false end
",
    ),
    (
        "wireplumber/bluetooth.lua.d/51-abscope.lua",
        "bluez_monitor.enabled = false
if bluez_midi_monitor then bluez_midi_monitor.enabled = false end
",
    ),
    (
        "wireplumber/wireplumber.conf.d/51-abscope.conf",
        "wireplumber.profiles = {
  main = { hardware.audio = disabled hardware.bluetooth = disabled hardware.video-capture = disabled }
}
",
    ),
];

/// Starts it in a folder, with a socket for clients of PulseAudio. The one that listens to it is the last.
pub fn spawn(folder: &Path, socket: &Path, log: &File) -> Vec<Child> {
    for (name, text) in NO_DEVICES {
        let path = folder.join(name);
        let parent = path.parent().expect("it has one");
        std::fs::create_dir_all(parent).expect("the folder is writable");
        std::fs::write(path, text).expect("the folder is writable");
    }
    let pulse = folder.join("pulse.conf");
    let text = PULSE.replace("SOCKET", &socket.display().to_string());
    std::fs::write(&pulse, text).expect("the folder is writable");
    let (bus, core) = (folder.join("bus"), folder.join("pipewire-0"));
    for stale in [&bus, &core] {
        let _ = std::fs::remove_file(stale);
    }

    let start = |program: &str, words: &[&str]| {
        let log = log.try_clone().expect("a file has many handles");
        Command::new(program)
            .args(words)
            .env("XDG_RUNTIME_DIR", folder)
            .env("XDG_CONFIG_HOME", folder)
            .env("XDG_STATE_HOME", folder)
            .env("HOME", folder)
            .env(
                "DBUS_SESSION_BUS_ADDRESS",
                format!("unix:path={}", bus.display()),
            )
            .env_remove("PIPEWIRE_RUNTIME_DIR")
            .env_remove("PIPEWIRE_REMOTE")
            .env_remove("PULSE_SERVER")
            .env_remove("DISPLAY")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{program} is not installed; run scripts/test once, it installs it: {error}")
            })
    };
    let until = |path: &Path| {
        wait_for(&path.display().to_string(), Duration::from_secs(20), || {
            path.exists().then_some(())
        });
    };
    let address = format!("--address=unix:path={}", bus.display());
    let dbus = start(
        "dbus-daemon",
        &["--session", &address, "--nofork", "--nopidfile"],
    );
    until(&bus);
    let daemon = start("pipewire", &[]);
    until(&core);
    let manager = start("wireplumber", &[]);
    let config = pulse.display().to_string();
    vec![dbus, daemon, manager, start("pipewire", &["-c", &config])]
}
