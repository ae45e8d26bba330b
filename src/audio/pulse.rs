//! PulseAudio, and PipeWire's server that speaks its protocol: monitor sources without loss and without delay.
//!
//! cpal has a host for it, built on the same client, but it asks for either the server's default blocks, which
//! are two seconds long, or a server-side queue of exactly one block. The server throws away what does not fit
//! into that queue and tells nobody: while something plays into a null sink, its monitor loses a third of all
//! frames. Here the blocks are short and the queue is as long as the server allows, about ten seconds.

mod address;
mod peaks;
mod playback;
mod record;
mod server;

pub(super) use peaks::Peaks;
pub(super) use playback::{Playback, Sink};
pub(super) use record::Stream;
pub(super) use server::{Server, Source};
