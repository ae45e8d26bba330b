//! The input of the mix, kept: a supervisor thread that notices when it is lost, tries again until it is back, and
//! changes it when a person or the system chooses another. The histories know nothing of it but a gap.
//!
//! Opening an input can take seconds, so neither the thread that draws nor the one that analyses does it. All that
//! passes between them is the reading end of a ring, which the supervisor connects to the running analysis.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::analysis::live::Connector;
use crate::audio::callback::CaptureStatus;
use crate::audio::capture::{Capture, CaptureError, CaptureInfo, InputSelector, open_input};
use crate::audio::demo::{self, DemoSong, DemoVersion};
use crate::audio::devices::{InputChoice, cpal_defaults};
use crate::audio::feed::Feed;
use crate::audio::frames::{ChannelLayout, StreamFormat};
use crate::audio::ring::FrameReader;
use crate::audio::threads;

/// How often the input is looked after, and tried again while it is away.
const BEAT: Duration = Duration::from_millis(200);
/// A device that delivered and then nothing for this long is opened anew.
const STALL: Duration = Duration::from_secs(2);
/// A device just opened has this long for its first frames: a sound server may first play what it had prepared.
const FIRST_FRAMES: Duration = Duration::from_secs(6);
/// While another input is about to take over: the present one is heard until it delivers.
const CHANGE_BEAT: Duration = Duration::from_millis(20);
/// An input that was chosen takes over after this long even if it delivers nothing.
const CHANGE_AT_LATEST: Duration = Duration::from_millis(2500);
/// How often hosts that tell nothing are asked for the system's devices.
const ASK_DEFAULTS: Duration = Duration::from_secs(2);

/// Which input is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputWish {
    /// A device, or what the system plays.
    Device(InputSelector),
    /// The demo's mix, round and round.
    Demo,
    /// A file, by name; it cannot be chosen again once it was left.
    File(String),
}

impl InputWish {
    /// What the computer plays.
    pub fn system() -> Self {
        Self::Device(InputSelector::system())
    }

    /// The input of a name: `system`, `demo`, or a device's.
    pub fn from_name(name: &str) -> Self {
        match name.trim() {
            name if name.eq_ignore_ascii_case("system") => Self::system(),
            name if name.eq_ignore_ascii_case("demo") => Self::Demo,
            name => Self::Device(InputSelector::named(name)),
        }
    }

    /// The same device with its n-th pair of channels, counted from 0; `None` where there are none to choose from.
    pub fn with_pair(&self, pair: u16) -> Option<Self> {
        match self {
            Self::Device(selector) => {
                let left = pair.saturating_mul(2);
                Some(Self::Device(InputSelector {
                    choice: selector.choice.clone(),
                    pair: Some((left, left.saturating_add(1))),
                }))
            }
            Self::Demo | Self::File(_) => None,
        }
    }

    /// Whether it changes with the default output.
    pub fn follows_system(&self) -> bool {
        matches!(self, Self::Device(selector) if selector.choice == InputChoice::System)
    }
}

/// What keeps a live input open; dropping it closes the input.
pub enum Input {
    /// A device.
    Device(Box<Capture>),
    /// The demo or a file, played into the same ring in real time.
    Feed(Box<Feed>),
}

/// An input that is open.
pub struct OpenInput {
    /// Name for people.
    pub name: String,
    /// What is being captured, of a device.
    pub info: Option<CaptureInfo>,
    status: Arc<CaptureStatus>,
    input: Input,
}

impl OpenInput {
    /// Opens what is wanted. Waits for the audio system: not for the thread that draws.
    pub fn open(wish: &InputWish) -> Result<Self, CaptureError> {
        match wish {
            InputWish::Device(selector) => Ok(Self::of_device(open_input(selector)?)),
            InputWish::Demo => demo_input().map_err(|error| CaptureError::Refused {
                device: "demo".to_owned(),
                host: "built in".to_owned(),
                reason: error.to_string(),
            }),
            InputWish::File(name) => Err(CaptureError::NotFound { name: name.clone() }),
        }
    }

    /// A device that was opened.
    pub fn of_device(capture: Capture) -> Self {
        Self {
            name: capture.info.name.clone(),
            info: Some(capture.info.clone()),
            status: Arc::clone(&capture.status),
            input: Input::Device(Box::new(capture)),
        }
    }

    /// The demo or a file that is being played.
    pub fn of_feed(name: String, feed: Feed) -> Self {
        Self {
            name,
            info: None,
            status: Arc::clone(&feed.status),
            input: Input::Feed(Box::new(feed)),
        }
    }

    /// The frames; only once.
    pub fn take_reader(&mut self) -> Option<FrameReader> {
        match &mut self.input {
            Input::Device(capture) => capture.reader.take(),
            Input::Feed(feed) => feed.reader.take(),
        }
    }

    fn is_monitor(&self) -> bool {
        self.info.as_ref().is_some_and(|info| info.is_monitor)
    }
}

/// The demo's mix, played in a loop.
pub fn demo_input() -> std::io::Result<OpenInput> {
    let format = StreamFormat {
        sample_rate_hz: demo::SAMPLE_RATE_HZ,
        layout: ChannelLayout::Stereo,
    };
    let mut song = DemoSong::new(DemoVersion::Mix);
    let source = move |out: &mut [f32]| {
        let mut filled = 0;
        while filled < out.len() {
            let frames = song.read(&mut out[filled..]);
            if frames == 0 {
                song.rewind();
            }
            filled += 2 * frames;
        }
        out.len() / 2
    };
    let feed = Feed::start("demo", format, source)?;
    Ok(OpenInput::of_feed(DemoVersion::Mix.name(), feed))
}

/// What is known of the input now.
#[derive(Clone, Debug)]
pub struct InputState {
    /// What is wanted.
    pub wish: InputWish,
    /// Name of what is open, or was last.
    pub name: String,
    /// What is being captured, of a device.
    pub info: Option<CaptureInfo>,
    /// That it went away, and why: one line. `None` while it delivers.
    pub away: Option<String>,
    /// How it came to be the input: what to say after its name.
    pub came: &'static str,
    /// When it was opened.
    pub since: Instant,
}

enum Command {
    Select(InputWish),
    Stop,
}

/// The supervisor's handle. Dropping it closes the input, soon.
pub struct InputKeeper {
    commands: Sender<Command>,
    state: Arc<Mutex<InputState>>,
    news: Receiver<String>,
}

/// Opens what is wanted; in tests, parts made for the purpose.
type Opener = Box<dyn FnMut(&InputWish) -> Result<OpenInput, CaptureError> + Send>;

impl InputKeeper {
    /// Looks after an open input, whose reading end has gone to the analysis that `connector` reaches. Fails only
    /// where no thread can be made.
    pub fn spawn(wish: InputWish, input: OpenInput, connector: Connector) -> std::io::Result<Self> {
        Self::spawn_with(wish, input, connector, Box::new(OpenInput::open))
    }

    fn spawn_with(
        wish: InputWish,
        input: OpenInput,
        connector: Connector,
        opener: Opener,
    ) -> std::io::Result<Self> {
        let state = Arc::new(Mutex::new(InputState {
            wish: wish.clone(),
            name: input.name.clone(),
            info: input.info.clone(),
            away: None,
            came: "is the input",
            since: Instant::now(),
        }));
        let (commands, commands_out) = channel();
        let (news_in, news) = channel();
        let supervisor = Supervisor {
            wish,
            changes_seen: input.status.changes(),
            was_monitor: input.is_monitor(),
            input: Some(input),
            incoming: None,
            connector,
            opener,
            state: Arc::clone(&state),
            news: news_in,
            defaults: Vec::new(),
            defaults_due: Instant::now(),
        };
        threads::spawn("input", move || supervisor.run(&commands_out))?;
        Ok(Self {
            commands,
            state,
            news,
        })
    }

    /// Changes the input. If it does not open, the present one stays, and the news say why.
    pub fn select(&self, wish: InputWish) {
        // The thread lives as long as self; if it ever died, there is nobody to open anything.
        let _ = self.commands.send(Command::Select(wish));
    }

    /// What is known now. Never waits for a device.
    pub fn state(&self) -> InputState {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Takes what a person should hear of since the last call, a line each.
    pub fn news(&self) -> impl Iterator<Item = String> + '_ {
        self.news.try_iter()
    }
}

impl Drop for InputKeeper {
    fn drop(&mut self) {
        // The thread owns all it touches and ends by itself; it may be opening a device for seconds, and waiting for
        // that would stop the picture.
        let _ = self.commands.send(Command::Stop);
    }
}

/// What the thread owns.
struct Supervisor {
    wish: InputWish,
    input: Option<OpenInput>,
    /// What takes over as soon as it delivers.
    incoming: Option<Incoming>,
    connector: Connector,
    opener: Opener,
    state: Arc<Mutex<InputState>>,
    news: Sender<String>,
    changes_seen: u64,
    /// What the system played was heard: then a microphone is no substitute.
    was_monitor: bool,
    defaults: Vec<Option<String>>,
    defaults_due: Instant,
}

/// An input about to take over.
struct Incoming {
    wish: InputWish,
    input: OpenInput,
    came: &'static str,
}

impl Supervisor {
    fn run(mut self, commands: &Receiver<Command>) {
        loop {
            let beat = match self.incoming {
                Some(_) => CHANGE_BEAT,
                None => BEAT,
            };
            let command = commands.recv_timeout(beat);
            if let Ok(Command::Stop) | Err(RecvTimeoutError::Disconnected) = command {
                return;
            }
            threads::carry_on("input", || {
                threads::may_break("input");
                if let Ok(Command::Select(wish)) = command {
                    self.select(wish);
                }
                self.look();
            });
        }
    }

    /// Notices a loss, a return and a change of the system's choice.
    fn look(&mut self) {
        let is_ready = self.incoming.as_ref().is_some_and(|incoming| {
            let status = &incoming.input.status;
            let waited = status.since_last_callback() > CHANGE_AT_LATEST;
            status.frames() > 0 || waited || self.input.is_none()
        });
        if let Some(incoming) = self.incoming.take_if(|_| is_ready) {
            self.wish = incoming.wish;
            self.adopt(incoming.input, incoming.came);
        }
        let Some(input) = &self.input else {
            return self.try_again();
        };
        let status = Arc::clone(&input.status);
        let is_device = input.info.is_some();
        let silent_for = status.since_last_callback();
        if let Some(reason) = status.lost_reason() {
            self.lose(&format!("went away ({reason}); waiting for it"));
        } else if !is_device {
            self.state().away = None;
        } else if status.frames() == 0 {
            if silent_for > FIRST_FRAMES {
                self.lose("delivers nothing; waiting for it");
            }
        } else if silent_for > STALL {
            self.lose("has stopped delivering; waiting for it");
        } else {
            self.state().away = None;
            let is_settled = self.incoming.is_none();
            if is_settled && self.wish.follows_system() && self.system_may_have_changed(&status) {
                self.follow();
            }
        }
    }

    fn lose(&mut self, what: &str) {
        self.input = None;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let line = format!("{} {what}", state.name);
        // Tried again in vain, it is no news.
        if state.away.is_none() {
            let _ = self.news.send(line.clone());
        }
        state.away = Some(line);
    }

    fn try_again(&mut self) {
        if let Ok(input) = (self.opener)(&self.wish) {
            let is_substitute = self.wish.follows_system() && self.was_monitor;
            if !is_substitute || input.is_monitor() {
                self.adopt(input, "is back");
            }
        }
    }

    /// Opens another input while the present one goes on; a device that only one may have is let go first.
    fn select(&mut self, wish: InputWish) {
        self.incoming = None;
        if wish == self.wish && self.input.is_some() {
            return;
        }
        let mut opened = (self.opener)(&wish);
        if matches!(opened, Err(CaptureError::Refused { .. })) && self.input.take().is_some() {
            opened = (self.opener)(&wish);
        }
        match opened {
            Ok(input) => {
                self.incoming = Some(Incoming {
                    wish,
                    input,
                    came: "is the input now",
                });
            }
            // If the present one was let go, it is tried again at once.
            Err(error) => {
                let _ = self.news.send(error.to_string());
            }
        }
    }

    /// Goes over to what the system plays now, if that is another device.
    fn follow(&mut self) {
        let Ok(input) = (self.opener)(&self.wish) else {
            return;
        };
        let id = |input: &OpenInput| input.info.as_ref().map(|info| info.id.clone());
        let is_other = self.input.as_ref().and_then(id) != id(&input);
        if is_other && (input.is_monitor() || !self.was_monitor) {
            self.incoming = Some(Incoming {
                wish: self.wish.clone(),
                input,
                came: "is what the system plays to now",
            });
        }
    }

    fn adopt(&mut self, mut input: OpenInput, came: &'static str) {
        let Some(reader) = input.take_reader() else {
            return;
        };
        self.connector.connect(reader);
        self.changes_seen = input.status.changes();
        self.was_monitor = input.is_monitor();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.wish = self.wish.clone();
        state.name.clone_from(&input.name);
        state.info.clone_from(&input.info);
        state.came = came;
        state.since = Instant::now();
        drop(state);
        self.input = Some(input);
    }

    /// Whether the audio system said so, or, where it says nothing, another device is its default now.
    fn system_may_have_changed(&mut self, status: &CaptureStatus) -> bool {
        let changes = status.changes();
        let was_told = changes != self.changes_seen;
        self.changes_seen = changes;
        let host = self.input.as_ref().and_then(|input| input.info.as_ref());
        let tells = host.is_some_and(|info| info.host == "PulseAudio");
        if tells || Instant::now() < self.defaults_due {
            return was_told;
        }
        self.defaults_due = Instant::now() + ASK_DEFAULTS;
        let now = cpal_defaults();
        let before = std::mem::replace(&mut self.defaults, now);
        was_told || (!before.is_empty() && before != self.defaults)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, InputState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::live::LiveAnalysis;
    use crate::analysis::tap::Tap;

    fn keeper_with(opener: Opener) -> (InputKeeper, LiveAnalysis) {
        let mut input = demo_input().expect("a thread can be made");
        let reader = input.take_reader().expect("it is there");
        let tap = Arc::new(Tap::new(demo::SAMPLE_RATE_HZ, 1.0));
        let analysis = LiveAnalysis::spawn(reader, tap).expect("a thread can be made");
        let connector = analysis.connector();
        let keeper = InputKeeper::spawn_with(InputWish::Demo, input, connector, opener);
        (keeper.expect("a thread can be made"), analysis)
    }

    #[test]
    fn an_input_that_breaks_while_it_is_opened_leaves_the_others_looked_after() {
        let opener = |wish: &InputWish| {
            assert_ne!(*wish, InputWish::from_name("breaks"), "a planted fault");
            OpenInput::open(wish)
        };
        let (keeper, _analysis) = keeper_with(Box::new(opener));
        keeper.select(InputWish::from_name("breaks"));
        keeper.select(InputWish::from_name("no device is called so"));
        let begin = Instant::now();
        while keeper.news().next().is_none() {
            assert!(begin.elapsed() < Duration::from_secs(20));
            std::thread::yield_now();
        }
    }

    #[test]
    fn an_input_that_hangs_while_it_is_opened_holds_up_nobody_who_closes() {
        let ((began, has_begun), (answer, answered)) = (channel(), channel::<()>());
        let opener = move |wish: &InputWish| {
            let _ = began.send(());
            // Until the other end is dropped.
            let _ = answered.recv();
            OpenInput::open(wish)
        };
        let (keeper, _analysis) = keeper_with(Box::new(opener));
        keeper.select(InputWish::from_name("hangs"));
        has_begun.recv().expect("it is being opened");
        drop((keeper, answer));
    }
}
