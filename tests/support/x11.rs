//! A display without a screen (Xvfb, or Xorg with two dummy monitors), keys pressed on it, and pictures taken of it.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use abscope::view::rect::Rect;

/// Size of the screen.
pub const SCREEN: [usize; 2] = [1920, 1080];

/// A running X server; dropping it ends it.
pub struct Display {
    server: Child,
    number: u32,
    /// Holds the configuration of a server that has one.
    _folder: Option<tempfile::TempDir>,
}

/// Xorg without hardware: a dummy card that has monitors by name, DUMMY0 switched on.
const DUMMY_CONFIG: &str = r#"
Section "ServerFlags"
    Option "AutoAddDevices" "false"
    Option "AutoEnableDevices" "false"
    Option "AutoAddGPU" "false"
EndSection
Section "Device"
    Identifier "card"
    Driver "dummy"
    VideoRam 65536
EndSection
Section "Monitor"
    Identifier "monitor"
    HorizSync 5.0-1000.0
    VertRefresh 5.0-200.0
EndSection
Section "Screen"
    Identifier "screen"
    Device "card"
    Monitor "monitor"
    DefaultDepth 24
    SubSection "Display"
        Depth 24
        Modes "1920x1080"
        Virtual 3840 1080
    EndSubSection
EndSection
"#;

impl Display {
    /// Starts a server on a display number that is free.
    pub fn start() -> Self {
        Self::of_depth(24, &[])
    }

    /// The same with so many bits for a colour, and more words for the server.
    pub fn of_depth(bits: u32, more: &[&str]) -> Self {
        let mut command = Command::new("Xvfb");
        command
            .args(["-screen", "0"])
            .arg(format!("{}x{}x{bits}", SCREEN[0], SCREEN[1]))
            .args(more);
        Self::start_with(command, "Xvfb", None)
    }

    /// Starts Xorg with its dummy driver: two monitors of 1920×1080, DUMMY1 right of DUMMY0. It opens no hardware and
    /// no terminal.
    pub fn with_two_monitors() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let config = folder.path().join("xorg.conf");
        std::fs::write(&config, DUMMY_CONFIG).expect("the folder is writable");
        // The program behind Debian's wrapper, which refuses those who sit at no console.
        let direct = Path::new("/usr/lib/xorg/Xorg");
        let program = if direct.exists() {
            direct
        } else {
            Path::new("Xorg")
        };
        let mut command = Command::new(program);
        command
            .args(["-novtswitch", "-sharevts", "-config"])
            .arg(&config)
            .arg("-logfile")
            .arg(folder.path().join("xorg.log"));
        let display = Self::start_with(command, "Xorg with the dummy driver", Some(folder));
        display.xrandr(&["--addmode", "DUMMY1", "1920x1080"]);
        display.plug_in();
        display
    }

    /// Switches DUMMY1 on, right of DUMMY0.
    pub fn plug_in(&self) {
        self.plug_in_at("--right-of");
    }

    /// Switches DUMMY1 on beside DUMMY0: `--right-of` it or `--left-of`.
    pub fn plug_in_at(&self, side: &str) {
        let place = ["--mode", "1920x1080", side, "DUMMY0"];
        self.xrandr(&[&["--output", "DUMMY1"], &place[..]].concat());
    }

    /// Switches DUMMY1 off.
    pub fn unplug(&self) {
        self.xrandr(&["--output", "DUMMY1", "--off"]);
    }

    fn xrandr(&self, words: &[&str]) {
        let output = Command::new("xrandr")
            .args(words)
            .env("DISPLAY", self.name())
            .output()
            .expect("xrandr is not installed; run scripts/test once, it installs it");
        assert!(output.status.success(), "xrandr {words:?}: {output:?}");
    }

    /// Sets how many pixels a point has, as desktops do it.
    pub fn scale(&self, scale: f64) {
        let mut xrdb = Command::new("xrdb")
            .args(["-nocpp", "-merge"])
            .env("DISPLAY", self.name())
            .stdin(Stdio::piped())
            .spawn()
            .expect("xrdb is not installed; run scripts/test once, it installs it");
        let mut resources = xrdb.stdin.take().expect("it is a pipe");
        writeln!(resources, "Xft.dpi: {}", 96.0 * scale).expect("xrdb reads it");
        drop(resources);
        assert!(xrdb.wait().expect("it is our child").success());
    }

    /// Runs `xprop` on a window.
    pub fn xprop(&self, window: &str, words: &[&str]) {
        let output = Command::new("xprop")
            .args(["-id", window])
            .args(words)
            .env("DISPLAY", self.name())
            .output()
            .expect("xprop is not installed; run scripts/test once, it installs it");
        assert!(output.status.success(), "xprop {words:?}: {output:?}");
    }

    /// Left, top, width and height of a window on the whole screen.
    pub fn place(&self, window: &str) -> Option<[i32; 4]> {
        let said = self.xdotool(&["getwindowgeometry", "--shell", window])?;
        let number = |name: &str| {
            said.lines()
                .find_map(|line| line.strip_prefix(name))?
                .parse()
                .ok()
        };
        Some([
            number("X=")?,
            number("Y=")?,
            number("WIDTH=")?,
            number("HEIGHT=")?,
        ])
    }

    fn start_with(mut command: Command, what: &str, folder: Option<tempfile::TempDir>) -> Self {
        let mut server = command
            .args(["-displayfd", "1", "-nolisten", "tcp", "-noreset"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{what} is not installed; run scripts/test once, it installs it: {error}")
            });
        let mut line = String::new();
        let out = server.stdout.take().expect("it is a pipe");
        // It writes the number once it can be connected to, or ends.
        BufReader::new(out)
            .read_line(&mut line)
            .expect("a pipe can be read");
        let number = line
            .trim()
            .parse()
            .unwrap_or_else(|error| panic!("{what} has not started: {error}"));
        Self {
            server,
            number,
            _folder: folder,
        }
    }

    /// What `DISPLAY` must be for a client.
    pub fn name(&self) -> String {
        format!(":{}", self.number)
    }

    /// Runs `xdotool` and returns what it printed; none if it failed.
    pub fn xdotool(&self, words: &[&str]) -> Option<String> {
        let output = Command::new("xdotool")
            .args(words)
            .env("DISPLAY", self.name())
            .output()
            .expect("xdotool is not installed; run scripts/test once, it installs it");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        output.status.success().then_some(said)
    }

    /// The id of the window with a title.
    pub fn window(&self, title: &str) -> Option<String> {
        let found = self.xdotool(&["search", "--onlyvisible", "--name", &format!("^{title}$")])?;
        found.lines().next().map(str::to_owned)
    }

    /// The id of a window with a title that has no other name: `xdotool` overlooks those.
    pub fn window_of_title_alone(&self, title: &str) -> Option<String> {
        let output = Command::new("xwininfo")
            .args(["-root", "-tree"])
            .env("DISPLAY", self.name())
            .output()
            .expect("xwininfo is not installed; run scripts/test once, it installs it");
        let said = String::from_utf8_lossy(&output.stdout);
        let line = said
            .lines()
            .find(|line| line.contains(&format!("\"{title}\"")))?;
        let id = line.trim().strip_prefix("0x")?.split(' ').next()?;
        Some(u32::from_str_radix(id, 16).ok()?.to_string())
    }

    /// Takes a picture of the first monitor.
    pub fn picture(&self) -> Picture {
        let part = format!("{}x{}+0+0", SCREEN[0], SCREEN[1]);
        let output = Command::new("import")
            .args(["-window", "root", "-crop", &part, "-depth", "8", "rgb:-"])
            .env("DISPLAY", self.name())
            .output()
            .expect("ImageMagick is not installed; run scripts/test once, it installs it");
        assert!(output.status.success(), "import: {output:?}");
        assert_eq!(output.stdout.len(), SCREEN[0] * SCREEN[1] * 3);
        Picture {
            size: SCREEN,
            rgb: output.stdout,
        }
    }

    /// Has the server know names that window managers know: without one it knows few, and some programs never ask again.
    pub fn know(&self, names: &[&str]) {
        let mut wire = Wire::connect(self.number);
        for name in names {
            wire.atom(name);
        }
    }

    /// Asks a window to close as its frame's button would: there is no window manager here to press it.
    pub fn ask_to_close(&self, window: &str) {
        let window = window.parse().expect("window ids are numbers");
        Wire::connect(self.number).delete_window(window);
    }
}

impl Display {
    /// Ends the server under whatever it shows.
    pub fn end(&self) {
        let ended = Command::new("kill")
            .arg(self.server.id().to_string())
            .status();
        assert!(
            ended.is_ok_and(|status| status.success()),
            "the server runs"
        );
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Waits for something that must come true; says what if it does not.
pub fn wait_for<T>(what: &str, deadline: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(
            begin.elapsed() < deadline,
            "{what}: not within {deadline:?}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A picture of the screen.
pub struct Picture {
    size: [usize; 2],
    rgb: Vec<u8>,
}

impl Picture {
    /// Of pixels, three bytes each.
    pub fn new(size: [usize; 2], rgb: Vec<u8>) -> Self {
        assert_eq!(rgb.len(), size[0] * size[1] * 3);
        Self { size, rgb }
    }

    /// Writes it as a PNG where a failed test leaves what it saw, and returns the path.
    pub fn save(&self, name: &str) -> PathBuf {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/window-failures");
        std::fs::create_dir_all(&folder).expect("the target folder is writable");
        let path = folder.join(format!("{name}.png"));
        let file = std::fs::File::create(&path).expect("the target folder is writable");
        let mut encoder = png::Encoder::new(file, self.size[0] as u32, self.size[1] as u32);
        encoder.set_color(png::ColorType::Rgb);
        let mut writer = encoder.write_header().expect("the disk has room");
        writer
            .write_image_data(&self.rgb)
            .expect("the disk has room");
        path
    }

    /// Colour of a pixel.
    pub fn at(&self, x: usize, y: usize) -> [u8; 3] {
        let at = 3 * (y * self.size[0] + x);
        [self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]]
    }

    /// All pixels of a rectangle.
    pub fn pixels(&self, rect: Rect) -> impl Iterator<Item = [u8; 3]> + '_ {
        let xs = rect.x as usize..rect.right() as usize;
        let ys = rect.y as usize..rect.bottom() as usize;
        ys.flat_map(move |y| xs.clone().map(move |x| self.at(x, y)))
    }

    /// How large a part of a rectangle's pixels something is true of, 0 … 1.
    pub fn share(&self, rect: Rect, is: impl Fn([u8; 3]) -> bool) -> f64 {
        let count = self.pixels(rect).filter(|pixel| is(*pixel)).count();
        count as f64 / (rect.w * rect.h).max(1.0) as f64
    }

    /// How large a part of a rectangle's pixels differs from another picture's.
    pub fn changed(&self, other: &Self, rect: Rect) -> f64 {
        let pairs = self.pixels(rect).zip(other.pixels(rect));
        let count = pairs.filter(|(a, b)| a != b).count();
        count as f64 / (rect.w * rect.h).max(1.0) as f64
    }

    /// Lightness of the columns of a rectangle, `light[row][x]`, 0 … 255.
    pub fn lightness(&self, rect: Rect) -> Vec<f64> {
        self.pixels(rect)
            .map(|[r, g, b]| 0.2126 * f64::from(r) + 0.7152 * f64::from(g) + 0.0722 * f64::from(b))
            .collect()
    }
}

/// Whether a pixel is far from black.
pub fn is_bright([r, g, b]: [u8; 3]) -> bool {
    u32::from(r) + u32::from(g) + u32::from(b) > 300
}

/// Whether a pixel has the hue of the mix.
pub fn is_blue([r, _, b]: [u8; 3]) -> bool {
    b > r.saturating_add(60)
}

/// Whether a pixel has the hue of the reference, or of a loud spectrogram.
pub fn is_orange([r, _, b]: [u8; 3]) -> bool {
    r > b.saturating_add(60)
}

/// As much of the X11 protocol as it takes to send one message to a window.
struct Wire(UnixStream);

impl Wire {
    fn connect(display: u32) -> Self {
        let stream = UnixStream::connect(format!("/tmp/.X11-unix/X{display}"))
            .expect("the server of a running test listens");
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .expect("ten seconds are a timeout");
        let mut wire = Self(stream);
        // Byte order "l", protocol 11.0, no authorisation.
        wire.send(&[b'l', 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        let head = wire.receive(8);
        assert_eq!(head[0], 1, "the server refuses us");
        let words = u16::from_le_bytes([head[6], head[7]]);
        wire.receive(usize::from(words) * 4);
        wire
    }

    /// InternAtom (16).
    fn atom(&mut self, name: &str) -> u32 {
        let padded = name.len().next_multiple_of(4);
        let mut request = vec![16, 0];
        request.extend((2 + padded as u16 / 4).to_le_bytes());
        request.extend((name.len() as u16).to_le_bytes());
        request.extend([0, 0]);
        request.extend(name.as_bytes());
        request.resize(8 + padded, 0);
        self.send(&request);
        let reply = self.receive(32);
        u32::from_le_bytes([reply[8], reply[9], reply[10], reply[11]])
    }

    /// SendEvent (25) of a ClientMessage (33): WM_PROTOCOLS with WM_DELETE_WINDOW.
    fn delete_window(&mut self, window: u32) {
        let protocols = self.atom("WM_PROTOCOLS");
        let delete = self.atom("WM_DELETE_WINDOW");
        let mut request = vec![25, 0, 11, 0];
        request.extend(window.to_le_bytes());
        request.extend(0u32.to_le_bytes());
        request.extend([33, 32, 0, 0]);
        for word in [window, protocols, delete, 0, 0, 0, 0] {
            request.extend(word.to_le_bytes());
        }
        self.send(&request);
        // A reply says that everything before it was done.
        self.atom("WM_PROTOCOLS");
    }

    fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).expect("the server reads");
    }

    fn receive(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.0.read_exact(&mut bytes).expect("the server answers");
        bytes
    }
}
