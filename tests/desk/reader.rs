//! What a screen reader reads: the tree that the window hands to the desktop's accessibility bus (AT-SPI), the focus that Tab
//! moves, and what is read out without being asked.

use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pollster::block_on;
use zbus::export::ordered_stream::OrderedStreamExt as _;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Structure};
use zbus::{Connection, Message, MessageStream, connection};

use crate::support::desk::{Home, Window};
use crate::support::parts::{self, ACCESSIBILITY, DISPLAY};
use crate::support::turns;
use crate::support::x11::{Display, wait_for};

/// Long enough for a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

const ACCESSIBLE: &str = "org.a11y.atspi.Accessible";
/// Numbers of the protocol: roles that say nothing, and the state of having the keyboard.
const NO_ROLES: [u32; 2] = [0, 67];
/// There is nothing to say of it but that.
const SCROLL_BAR: u32 = 48;
const FOCUSED: u32 = 12;

/// A session bus of a test's own, where the desktop says that a screen reader runs.
struct Bus {
    daemon: Child,
    address: String,
    accessibility: Connection,
}

impl Bus {
    fn start(home: &Home, display: &Display) -> Self {
        let socket = home.path("bus");
        let address = format!("unix:path={}", socket.display());
        let daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile"])
            .arg(format!("--address={address}"))
            .env("DISPLAY", display.name())
            .env("XDG_RUNTIME_DIR", home.path(""))
            .env("HOME", home.path(""))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it was found");
        wait_for("a bus", DEADLINE, || socket.exists().then_some(()));
        let session = connect(&address);
        let bus = ("org.a11y.Bus", "/org/a11y/bus");
        for name in ["IsEnabled", "ScreenReaderEnabled"] {
            let value = OwnedValue::from(true);
            let body = ("org.a11y.Status", name, value);
            let properties = "org.freedesktop.DBus.Properties";
            call(&session, bus, properties, "Set", &body).expect("it can be said");
        }
        let said = call(&session, bus, bus.0, "GetAddress", &()).expect("there is a bus for it");
        let own: String = said.body().deserialize().expect("it is a text");
        Self {
            daemon,
            address,
            accessibility: connect(&own),
        }
    }

    /// What is read out from now on, in order.
    fn announcements(&self) -> Arc<Mutex<Vec<String>>> {
        let rule = "type='signal',interface='org.a11y.atspi.Event.Object',member='Announcement'";
        let signals = MessageStream::for_match_rule(rule, &self.accessibility, Some(256));
        let mut signals = block_on(signals).expect("the bus takes it");
        let heard = Arc::new(Mutex::new(vec![]));
        let list = Arc::clone(&heard);
        std::thread::spawn(move || {
            while let Some(Ok(signal)) = block_on(signals.next()) {
                let words = format!("{:?}", signal.body().deserialize::<Structure>());
                list.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(words);
            }
        });
        heard
    }

    fn ask<T>(&self, (name, path): &Place, interface: &str, method: &str) -> Option<T>
    where
        T: serde::de::DeserializeOwned + zbus::zvariant::Type,
    {
        let said = call(&self.accessibility, (name, path), interface, method, &());
        said?.body().deserialize().ok()
    }

    fn property<T>(&self, (name, path): &Place, interface: &str, property: &str) -> Option<T>
    where
        T: TryFrom<OwnedValue>,
    {
        let properties = "org.freedesktop.DBus.Properties";
        let asked = (interface, property);
        let said = call(&self.accessibility, (name, path), properties, "Get", &asked);
        let value: OwnedValue = said?.body().deserialize().ok()?;
        T::try_from(value).ok()
    }

    /// All that the window shows, as it is now. What goes while it is looked at is left out.
    fn tree(&self) -> Vec<Node> {
        let root = "/org/a11y/atspi/accessible/root";
        let root = (
            "org.a11y.atspi.Registry".to_owned(),
            root.try_into().expect("it is a path"),
        );
        let programs: Vec<Place> = self
            .ask(&root, ACCESSIBLE, "GetChildren")
            .unwrap_or_default();
        let name = |place: &Place| self.property::<String>(place, ACCESSIBLE, "Name");
        let own = programs
            .iter()
            .find(|place| name(place).as_deref() == Some("abscope"));
        let mut nodes = vec![];
        let mut left: Vec<Place> = own.cloned().into_iter().collect();
        while let Some(place) = left.pop() {
            left.extend(
                self.ask::<Vec<Place>>(&place, ACCESSIBLE, "GetChildren")
                    .unwrap_or_default(),
            );
            nodes.extend(self.node(&place));
        }
        nodes
    }

    fn node(&self, place: &Place) -> Option<Node> {
        let interfaces: Vec<String> = self.ask(place, ACCESSIBLE, "GetInterfaces")?;
        let states: Vec<u32> = self.ask(place, ACCESSIBLE, "GetState")?;
        let has = |name: &str| interfaces.iter().any(|interface| interface.ends_with(name));
        let number = |name| self.property::<f64>(place, "org.a11y.atspi.Value", name);
        let value = || {
            Some([
                number("MinimumValue")?,
                number("CurrentValue")?,
                number("MaximumValue")?,
            ])
        };
        Some(Node {
            role: self.ask(place, ACCESSIBLE, "GetRole")?,
            name: self.property(place, ACCESSIBLE, "Name")?,
            is_control: has(".Action"),
            value: if has(".Value") { Some(value()?) } else { None },
            has_focus: states.first().is_some_and(|bits| bits >> FOCUSED & 1 == 1),
        })
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// Where something lies on the bus.
type Place = (String, OwnedObjectPath);

#[derive(Debug)]
struct Node {
    role: u32,
    name: String,
    is_control: bool,
    /// The least, the current and the greatest.
    value: Option<[f64; 3]>,
    has_focus: bool,
}

fn connect(address: &str) -> Connection {
    let builder = connection::Builder::address(address).expect("it is an address");
    block_on(builder.build()).expect("the bus takes us")
}

fn call<B>(
    bus: &Connection,
    (name, path): (&str, &str),
    interface: &str,
    method: &str,
    body: &B,
) -> Option<Message>
where
    B: serde::Serialize + zbus::zvariant::DynamicType,
{
    block_on(bus.call_method(Some(name), path, Some(interface), method, body)).ok()
}

#[test]
fn a_screen_reader_reads_names_and_values_follows_tab_and_hears_messages_once() {
    let test = "a_screen_reader_reads_names_and_values_follows_tab_and_hears_messages_once";
    if !parts::are_there(test, &[DISPLAY, ACCESSIBILITY]) {
        return;
    }
    let _turn = turns::alone();
    let (home, display) = (Home::new(), Rc::new(Display::start()));
    let bus = Bus::start(&home, &display);
    let announced = bus.announcements();
    let mut program = home.abscope();
    program
        .args(["--demo", "--fps", "5"])
        .env("DBUS_SESSION_BUS_ADDRESS", &bus.address)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut window = Window::open(program, &display, DEADLINE);
    window.resize([1280, 720]);
    window.focus();

    // Figures are words with their unit, and change while they are read.
    let figure = |nodes: &[Node]| {
        let reads =
            |node: &&Node| node.name.starts_with("Short-term: Mix −") && node.name.contains("LUFS");
        nodes.iter().find(reads).map(|node| node.name.clone())
    };
    let first = wait_for("a figure", DEADLINE, || figure(&bus.tree()));
    wait_for("another figure", DEADLINE, || {
        figure(&bus.tree()).filter(|other| *other != first)
    });
    assert!(
        window
            .program
            .try_wait()
            .expect("it is our child")
            .is_none()
    );
    // Names change with every picture; none of that is read out.
    let heard = || {
        announced
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    };
    assert_eq!(heard(), Vec::<String>::new());

    window.press("comma");
    let nodes = wait_for("the settings", DEADLINE, || {
        let nodes = bus.tree();
        nodes
            .iter()
            .any(|node| node.value.is_some())
            .then_some(nodes)
    });
    let named: Vec<_> = nodes
        .into_iter()
        .filter(|node| node.role != SCROLL_BAR)
        .collect();
    let controls: Vec<_> = named.iter().filter(|node| node.is_control).collect();
    assert!(controls.len() > 20, "{named:#?}");
    for node in &controls {
        assert!(
            !node.name.trim().is_empty(),
            "a control without a name: {node:?}"
        );
        assert!(
            !NO_ROLES.contains(&node.role),
            "a control that is nothing: {node:?}"
        );
    }
    for node in named.iter().filter(|node| node.value.is_some()) {
        let [least, current, greatest] = node.value.expect("only those");
        assert!((least..=greatest).contains(&current), "{node:?}");
        assert!(
            !node.name.trim().is_empty(),
            "a value without a name: {node:?}"
        );
    }

    let mut focused: Vec<String> = vec![];
    for _ in 0..4 {
        window.press("Tab");
        let before = focused.clone();
        focused.push(wait_for("the focus elsewhere", DEADLINE, || {
            let nodes = bus.tree();
            let node = nodes
                .into_iter()
                .find(|node| node.has_focus && !node.name.is_empty())?;
            (before.last() != Some(&node.name)).then_some(node.name)
        }));
    }
    focused.sort();
    focused.dedup();
    assert!(focused.len() >= 3, "Tab goes to and fro: {focused:?}");

    window.press("Escape");
    window.press("s");
    let said = wait_for("the snapshot is said", DEADLINE, || {
        let heard = heard();
        heard
            .iter()
            .any(|words| words.contains("napshot"))
            .then_some(heard)
    });
    let mut once = said.clone();
    once.dedup();
    assert_eq!(said, once, "a message is read out once");
    assert!(said.len() <= 4, "{said:?}");
    assert_eq!(window.close().code, Some(0));
}
