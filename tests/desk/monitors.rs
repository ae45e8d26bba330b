//! The window on two monitors of a real X server that come and go: where it lies, what it fills, and what it draws when
//! nobody sees it. There is no window manager, so all that happens is Abscope's doing.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::support::desk::{Home, Window};
use crate::support::parts::{self, DISPLAY, MONITORS};
use crate::support::program::hear;
use crate::support::turns::{self, Turn};
use crate::support::x11::{Display, wait_for};
use abscope::view::palette::{Palette, Rgba};

/// Long enough for a busy machine.
const DEADLINE: Duration = Duration::from_secs(30);
const FULL_ON_FIRST: [i32; 4] = [0, 0, 1920, 1080];
const FULL_ON_SECOND: [i32; 4] = [1920, 0, 1920, 1080];

/// Two monitors and a home; the window is started on them again and again.
struct Desk {
    display: Rc<Display>,
    home: Home,
    _turn: Turn,
}

/// A running window, and what it says.
struct Running<'a> {
    desk: &'a Desk,
    window: Window,
    log: Arc<Mutex<Vec<String>>>,
}

impl Desk {
    /// None where the test has to be skipped.
    fn new(test: &str) -> Option<Self> {
        parts::are_there(test, &[DISPLAY, MONITORS]).then(|| Self {
            _turn: turns::alone(),
            display: Rc::new(Display::with_two_monitors()),
            home: Home::new(),
        })
    }

    /// Starts the demo in a window, with more words.
    fn open(&self, words: &[&str]) -> Running<'_> {
        let mut program = self.home.abscope();
        program
            .args(["--demo", "--fps", "10"])
            .args(words)
            .env(
                "ABSCOPE_LOG",
                "abscope=warn,abscope::app::window::pace=trace",
            )
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut window = Window::open(program, &self.display, DEADLINE);
        let log = Arc::new(Mutex::new(Vec::new()));
        let stderr = window.program.stderr.take().expect("it is a pipe");
        let lines = BufReader::new(stderr).lines();
        let heard = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                heard
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(line);
            }
        });
        Running {
            desk: self,
            window,
            log,
        }
    }

    /// What is kept of the window's place.
    fn kept(&self) -> String {
        self.home.read("window.toml")
    }
}

impl Running<'_> {
    fn assert_runs(&mut self) {
        let ended = self.window.program.try_wait().expect("it is our child");
        assert!(
            ended.is_none(),
            "it is gone ({ended:?}): {:#?}",
            self.lines()
        );
    }

    fn lines(&self) -> Vec<String> {
        self.log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn arrives(&mut self, what: &str, at: [i32; 4]) {
        let mut last = None;
        let begin = std::time::Instant::now();
        while last != Some(at) {
            self.assert_runs();
            assert!(
                begin.elapsed() < DEADLINE,
                "{what}: at {last:?}, not at {at:?}; {:#?}",
                self.lines().iter().rev().take(9).collect::<Vec<_>>()
            );
            last = self.desk.display.place(&self.window.id);
        }
    }

    fn press(&self, key: &str) {
        self.window.focus();
        self.window.press(key);
    }

    /// Waits until the window's place is kept with a line.
    fn keeps(&mut self, line: &str) {
        wait_for(&format!("window.toml with {line}"), DEADLINE, || {
            self.assert_runs();
            self.desk
                .kept()
                .lines()
                .any(|kept| kept == line)
                .then_some(())
        });
    }

    /// Pictures shown so far.
    fn pictures(&self) -> usize {
        let lines = self.lines();
        let shown = lines
            .iter()
            .filter(|line| line.contains("a picture is shown"));
        shown.count()
    }

    fn draws_on(&mut self, what: &str) {
        let before = self.pictures();
        wait_for(what, DEADLINE, || {
            self.assert_runs();
            (self.pictures() > before + 3).then_some(())
        });
    }

    /// Waits until it noticed that it was put away or brought back.
    fn notices(&mut self, what: &str, times: usize) {
        wait_for(what, DEADLINE, || {
            self.assert_runs();
            let lines = self.lines();
            let noticed = lines.iter().filter(|line| line.contains(what));
            (noticed.count() == times).then_some(())
        });
    }

    fn close(self) {
        let lines = Arc::clone(&self.log);
        assert_eq!(self.window.close().code, Some(0), "{lines:#?}");
    }
}

/// Both far corners of the first monitor are the window's ground, not the black of the root.
fn fills_the_screen(desk: &Desk, [width, height]: [usize; 2]) -> Option<()> {
    let Rgba([r, g, b, _]) = Palette::DARK.background;
    let picture = desk.display.picture();
    let corners = [(width - 1, 0), (0, height - 1)];
    corners
        .iter()
        .all(|(x, y)| picture.at(*x, *y) == [r, g, b])
        .then_some(())
}

#[test]
fn full_screen_leaves_an_unplugged_monitor_and_returns_to_it_and_finds_it_at_the_next_start() {
    let Some(desk) = Desk::new(
        "full_screen_leaves_an_unplugged_monitor_and_returns_to_it_and_finds_it_at_the_next_start",
    ) else {
        return;
    };
    let mut window = desk.open(&["--monitor", "2", "--fullscreen"]);
    window.arrives("opened", FULL_ON_SECOND);
    desk.display.unplug();
    window.arrives("unplugged", FULL_ON_FIRST);
    wait_for("a full picture", DEADLINE, || {
        fills_the_screen(&desk, [1920, 1080])
    });
    desk.display.plug_in();
    window.arrives("plugged in", FULL_ON_SECOND);
    // Away, there is no next monitor: it stays, and still returns.
    desk.display.unplug();
    window.arrives("unplugged again", FULL_ON_FIRST);
    window.press("m");
    desk.display.plug_in();
    window.arrives("plugged in again", FULL_ON_SECOND);
    window.keeps("monitor = \"DUMMY1\"");
    window.close();

    let mut window = desk.open(&[]);
    window.arrives("started again", FULL_ON_SECOND);
    window.press("m");
    window.arrives("on the next monitor", FULL_ON_FIRST);
    window.keeps("monitor = \"DUMMY0\"");
    window.press("m");
    window.arrives("on the one after", FULL_ON_SECOND);
    window.close();
}

#[test]
fn a_window_leaves_an_unplugged_monitor_and_returns_with_its_size() {
    let Some(desk) = Desk::new("a_window_leaves_an_unplugged_monitor_and_returns_with_its_size")
    else {
        return;
    };
    let mut window = desk.open(&["--monitor", "2"]);
    window.arrives("opened", [1920, 0, 1600, 900]);
    window.window.tell(&["windowsize", "1000", "700"]);
    window.keeps("width = 1000.0");
    desk.display.unplug();
    window.arrives("unplugged", [0, 0, 1000, 700]);
    desk.display.plug_in();
    window.arrives("plugged in", [1920, 0, 1000, 700]);
    // Full screen on one monitor, left on another: as large as before, where it is.
    window.press("f");
    window.arrives("full", FULL_ON_SECOND);
    window.press("m");
    window.arrives("full on the next monitor", FULL_ON_FIRST);
    window.press("f");
    window.arrives("no longer full", [0, 0, 1000, 700]);
    window.close();
}

#[test]
fn a_monitor_that_comes_back_at_once_or_elsewhere_has_its_window_again() {
    let Some(desk) =
        Desk::new("a_monitor_that_comes_back_at_once_or_elsewhere_has_its_window_again")
    else {
        return;
    };
    let mut window = desk.open(&["--monitor", "2", "--fullscreen"]);
    window.arrives("opened", FULL_ON_SECOND);
    window.keeps("monitor = \"DUMMY1\"");
    for _ in 0..2 {
        desk.display.unplug();
        // A window manager is quicker than any program.
        window.window.tell(&["windowmove", "0", "0"]);
        desk.display.plug_in();
    }
    window.arrives("off and on, twice", FULL_ON_SECOND);
    desk.display.unplug();
    window.arrives("unplugged", FULL_ON_FIRST);
    desk.display.plug_in_at("--left-of");
    // Its place is now the one that the other monitor had, so what says where the window is, is what is kept of it.
    window.arrives("left of the other", FULL_ON_FIRST);
    window.press("m");
    window.arrives("on the other, which lies right now", FULL_ON_SECOND);
    window.keeps("monitor = \"DUMMY0\"");
    window.press("m");
    window.arrives("back", FULL_ON_FIRST);
    window.keeps("monitor = \"DUMMY1\"");
    // It moves without being off.
    desk.display.plug_in();
    window.arrives("its monitor moved", FULL_ON_SECOND);
    window.close();
}

#[test]
fn a_remembered_monitor_that_is_not_there_at_the_start_is_waited_for() {
    let Some(desk) = Desk::new("a_remembered_monitor_that_is_not_there_at_the_start_is_waited_for")
    else {
        return;
    };
    desk.home
        .write("window.toml", "monitor = \"DUMMY1\"\nfullscreen = true\n");
    desk.display.unplug();
    let mut window = desk.open(&[]);
    window.arrives("opened without it", FULL_ON_FIRST);
    window.draws_on("pictures");
    desk.display.plug_in();
    window.arrives("plugged in", FULL_ON_SECOND);
    assert!(desk.kept().contains("DUMMY1"), "{}", desk.kept());
    window.close();
}

#[test]
fn a_window_that_is_put_away_draws_nothing_and_goes_on_when_it_is_back() {
    let Some(desk) =
        Desk::new("a_window_that_is_put_away_draws_nothing_and_goes_on_when_it_is_back")
    else {
        return;
    };
    let mut window = desk.open(&[]);
    window.draws_on("pictures");
    let state = ["-f", "_NET_WM_STATE", "32a", "-set", "_NET_WM_STATE"];
    // As window managers say that a window is minimised; and as they take it off the screen with its desktop.
    for (round, is_unmapped) in [(1, false), (2, true)] {
        if is_unmapped {
            window.window.tell(&["windowunmap"]);
        } else {
            let words = [&state[..], &["_NET_WM_STATE_HIDDEN"]].concat();
            desk.display.xprop(&window.window.id, &words);
        }
        window.notices("put away: true", round);
        // One picture may have been asked for before.
        let before = window.pictures();
        // The time that passes is what is tested here.
        std::thread::sleep(Duration::from_secs(2));
        let more = window.pictures() - before;
        assert!(more <= 1, "{more} pictures that nobody sees");
        if is_unmapped {
            window.window.tell(&["windowmap"]);
        } else {
            desk.display
                .xprop(&window.window.id, &["-remove", "_NET_WM_STATE"]);
        }
        window.draws_on("pictures again");
    }
    // As small as a window gets: there is no room for a picture, and the next one is drawn as ever.
    window.window.tell(&["windowsize", "1", "1"]);
    window.arrives("one pixel", [0, 0, 1, 1]);
    // The time that passes is what is tested here.
    std::thread::sleep(Duration::from_secs(1));
    window.window.tell(&["windowsize", "1280", "720"]);
    window.arrives("large again", [0, 0, 1280, 720]);
    window.draws_on("large pictures");
    let refused = window
        .lines()
        .into_iter()
        .find(|line| line.contains("refuses"));
    assert_eq!(refused, None);
    window.close();
}

#[test]
fn a_window_fits_its_monitor_at_every_scale_and_follows_a_change() {
    let Some(desk) = Desk::new("a_window_fits_its_monitor_at_every_scale_and_follows_a_change")
    else {
        return;
    };
    desk.display.scale(2.0);
    let mut window = desk.open(&["--monitor", "2"]);
    // 1600 × 900 points are more pixels than there are.
    window.arrives("opened at scale 2", FULL_ON_SECOND);
    window.draws_on("pictures");
    window.close();

    desk.display.scale(1.0);
    desk.home
        .write("window.toml", "width = 800\nheight = 500\n");
    let mut window = desk.open(&["--monitor", "1"]);
    window.arrives("opened at scale 1", [0, 0, 800, 500]);
    window.draws_on("pictures");
    // Without a desktop that tells of it, winit sees a new scale when monitors change.
    desk.display.unplug();
    desk.display.scale(2.0);
    desk.display.plug_in();
    window.arrives("as large to the eye", [0, 0, 1600, 1000]);
    wait_for("a picture of the new size", DEADLINE, || {
        fills_the_screen(&desk, [1600, 1000])
    });
    window.close();
}

/// The priority (`nice`) of each thread of a program by the thread's name.
fn nice_of_threads(pid: u32) -> Vec<(String, i32)> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).expect("it runs");
    let stat = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("stat")).ok();
    // A thread may end while it is looked at.
    tasks
        .flatten()
        .filter_map(stat)
        .filter_map(|stat| {
            let (begin, rest) = stat.rsplit_once(") ")?;
            let name = begin.split_once('(')?.1.to_owned();
            // The 19th field, counted from 1; the second ended at the bracket.
            Some((name, rest.split(' ').nth(16)?.parse().ok()?))
        })
        .collect()
}

#[test]
fn threads_that_can_wait_stand_back_and_those_that_cannot_do_not() {
    let own = nice_of_threads(std::process::id());
    let usual = own[0].1;
    let Some(desk) = Desk::new("threads_that_can_wait_stand_back_and_those_that_cannot_do_not")
    else {
        return;
    };
    let mut window = desk.open(&[]);
    let expected = [
        ("abscope", usual),
        ("analysis", usual),
        ("companion", usual.max(5)),
        ("reference", usual.max(10)),
        ("shelf", usual.max(10)),
        ("helper 0", usual.max(10)),
    ];
    for (name, nice) in expected {
        // The reference is read once and that takes a while: it is seen again and again until then.
        wait_for(&format!("the thread {name} at {nice}"), DEADLINE, || {
            window.assert_runs();
            let threads = nice_of_threads(window.window.program.id());
            let found: Vec<_> = threads.iter().filter(|thread| thread.0 == name).collect();
            // A thread has its name a moment before it stands back.
            found.iter().any(|thread| thread.1 == nice).then_some(())
        });
    }
    window.close();
}

#[test]
fn a_display_that_no_window_can_be_shown_on_says_what_to_do() {
    if !parts::are_there(
        "a_display_that_no_window_can_be_shown_on_says_what_to_do",
        &[DISPLAY],
    ) {
        return;
    }
    let _turn = turns::alone();
    let home = Home::new();
    for (bits, more, words) in [
        (24, &["-extension", "RANDR"][..], "RandR is missing"),
        (16, &[], "24 bits a pixel"),
    ] {
        let display = Display::of_depth(bits, more);
        let said = hear(home.abscope().arg("--demo").env("DISPLAY", display.name()));
        assert!(said.err.contains(words), "{}", said.err);
    }
}
