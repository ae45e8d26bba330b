//! Files dropped on a window, as a file manager does it: the protocol of drag and drop under X11 (XDND), spoken by the
//! side that drags.

use std::path::Path;

use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, ClientMessageEvent, ConnectionExt as _, EventMask, PropMode, SELECTION_NOTIFY_EVENT,
    SelectionNotifyEvent, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;
use x11rb::{COPY_FROM_PARENT, CURRENT_TIME};

use super::x11::Display;

/// Version of the protocol that is spoken.
const VERSION: u32 = 5;

/// Drops files on a window and waits until it has taken them.
pub fn drop_files(display: &Display, window: &str, paths: &[&Path]) {
    let target: u32 = window.parse().expect("xdotool prints numbers");
    let (connection, screen) =
        RustConnection::connect(Some(&display.name())).expect("the display is there");
    let root = connection.setup().roots[screen].root;
    let source = connection.generate_id().expect("there are numbers");
    let none = Default::default();
    connection
        .create_window(
            COPY_FROM_PARENT as u8,
            source,
            root,
            0,
            0,
            1,
            1,
            0,
            WindowClass::INPUT_OUTPUT,
            COPY_FROM_PARENT,
            &none,
        )
        .expect("the display is there");
    let atom = |name: &str| -> Atom {
        let asked = connection.intern_atom(false, name.as_bytes());
        let answered = asked.expect("the display is there").reply();
        answered.expect("names have numbers").atom
    };
    let (uris, selection, copy) = (
        atom("text/uri-list"),
        atom("XdndSelection"),
        atom("XdndActionCopy"),
    );
    let (status, finished) = (atom("XdndStatus"), atom("XdndFinished"));
    connection
        .set_selection_owner(source, selection, CURRENT_TIME)
        .expect("the display is there");
    let send = |kind: &str, data: [u32; 4]| {
        let data = [source, data[0], data[1], data[2], data[3]];
        let message = ClientMessageEvent::new(32, target, atom(kind), data);
        connection
            .send_event(false, target, EventMask::NO_EVENT, message)
            .expect("the display is there");
        connection.flush().expect("the display is there");
    };
    let list: String = paths
        .iter()
        .map(|path| format!("file://{}\r\n", path.display()))
        .collect();
    send("XdndEnter", [VERSION << 24, uris, 0, 0]);
    send("XdndPosition", [0, (100 << 16) | 100, CURRENT_TIME, copy]);
    let mut is_read = false;
    let mut is_dropped = false;
    loop {
        match connection.wait_for_event().expect("the display is there") {
            Event::SelectionRequest(asked) => {
                connection
                    .change_property8(
                        PropMode::REPLACE,
                        asked.requestor,
                        asked.property,
                        uris,
                        list.as_bytes(),
                    )
                    .expect("the display is there");
                let told = SelectionNotifyEvent {
                    response_type: SELECTION_NOTIFY_EVENT,
                    sequence: 0,
                    time: asked.time,
                    requestor: asked.requestor,
                    selection: asked.selection,
                    target: asked.target,
                    property: asked.property,
                };
                connection
                    .send_event(false, asked.requestor, EventMask::NO_EVENT, told)
                    .expect("the display is there");
                connection.flush().expect("the display is there");
                is_read = true;
            }
            Event::ClientMessage(said) if said.type_ == status && !is_read => {}
            Event::ClientMessage(said) if said.type_ == finished => return,
            _ => {}
        }
        if is_read && !is_dropped {
            send("XdndDrop", [0, CURRENT_TIME, 0, 0]);
            is_dropped = true;
        }
    }
}
