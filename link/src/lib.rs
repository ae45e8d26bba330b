//! The link between a plug-in in a DAW and Abscope: a table of senders in shared memory, and both its ends.
//!
//! The plug-in takes one of 64 slots ([`Sender`]) and writes into it on the host's audio thread ([`Stream`]), while
//! somebody listens and only then; Abscope lists the slots ([`Table::senders`]) and reads them ([`Listener`]). Audio
//! travels in packets, each with its place in the stream, the host's transport and a checksum, so that no reader
//! takes for audio what was overwritten, half written or never audio at all.
//!
//! Nothing here trusts the memory. A reader believes what is sealed by a checksum; a writer keeps its own counters
//! and reads only how long it is still listened to. A slot belongs to a process as long as that process lives: a
//! file lock says so, which the system takes back however a process ends.

mod counters;
mod layout;
mod listener;
mod lock;
mod memory;
mod seal;
mod sender;
mod stream;
mod table;
mod text;
mod transport;

pub use layout::{MAX_PACKET_FRAMES, NUM_SLOTS, RING_FRAMES_MAX, ring_frames};
pub use listener::{Heard, Listener, Packet};
pub use sender::{Description, Sender};
pub use stream::Stream;
pub use table::{LinkError, SenderInfo, Table};
pub use text::NAME_BYTES;
pub use transport::{Bar, Meter, Span, Transport};
