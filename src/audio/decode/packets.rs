//! Everything that comes in packets: symphonia takes the container apart and decodes, but for Opus (libopus) and
//! surround Vorbis (lewton).
//!
//! What is added to that: encoder priming is trimmed where symphonia leaves it, channels come in one order, a packet that
//! does not decode is replaced by silence of its length so that what follows stays at its place (bytes that are not even
//! a packet are jumped over, and only the length tells), and work is bounded by the size of the file, since indexes can
//! name the same bytes for ever.

use std::collections::VecDeque;
use std::fs::File;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Path, PathBuf};

use symphonia::core::codecs::audio::AudioDecoder;
use symphonia::core::errors::Error;
use symphonia::core::packet::Packet;

use super::channels::ChannelOrder;
use super::container::Container;
use super::error::{DecodeError, DecodeWarning};
use super::link::{Codec, Link, Promise};
use super::losses::Losses;
use super::opus::OPUS_RATE_HZ;
use super::probe::{reason_of, unsupported_reason};
use super::step::{Opened, Step};
use crate::audio::frames::{ChannelLayout, StreamFormat};

/// Reads a file packet by packet.
pub(super) struct PacketReader {
    path: PathBuf,
    file: File,
    container: Container,
    /// The recording that is being read.
    link: Link,
    /// Recordings behind it in the same file.
    rest: VecDeque<Range<u64>>,
    /// Known from the first packet on: headers are often wrong about it.
    format: Option<StreamFormat>,
    order: ChannelOrder,
    promise: Promise,
    /// Where the next packet must begin, in frames, if none is missing.
    next_pts: Option<i64>,
    losses: Losses,
    delivered_frames: u64,
    /// Whether frames of this link were delivered.
    link_has_begun: bool,
    /// Bytes of packets the file may still give.
    budget_bytes: u64,
    /// What a decoder could not do with a packet.
    unsupported: Option<String>,
    tail: Tail,
}

/// What is known of the end of the file.
struct Tail {
    is_cut: bool,
    left_out: Option<DecodeWarning>,
}

/// A lost MPEG frame counts as a loss, less than one may be a matter of how the encoder counted.
const ALMOST_A_PACKET_FRAMES: u64 = 1_151;
/// Frames collected in one step.
const STEP_FRAMES: usize = 8_192;

impl PacketReader {
    /// Finds the container, its first audio track, and a decoder for it.
    pub fn open(path: &Path, mut file: File) -> Result<Opened<Self>, DecodeError> {
        let io_error = |error| DecodeError::from_io(path, &error);
        let file_len = file.metadata().map_err(io_error)?.len();
        let container = Container::of(path, &mut file)?;
        let found = container.recordings(&mut file).map_err(io_error)?;
        let mut rest = found.links;
        let first = rest.pop_front().unwrap_or(0..file_len);
        let link = Link::open(path, &file, container, first, &mut rest)?;
        let one_link = rest.is_empty();
        let reader = Self {
            path: path.to_path_buf(),
            file,
            container,
            rest,
            format: None,
            order: link.order.clone(),
            // Of several links, only the first tells its length, and it is not that of the file.
            promise: if one_link {
                link.promise
            } else {
                Promise::Estimate
            },
            next_pts: None,
            losses: Losses::default(),
            delivered_frames: 0,
            link_has_begun: false,
            budget_bytes: file_len.saturating_mul(2).saturating_add(1 << 20),
            unsupported: None,
            tail: Tail {
                is_cut: found.is_cut,
                left_out: found.left_out,
            },
            link,
        };
        Ok(Opened {
            declared_frames: reader.link.declared_frames.filter(|_| one_link),
            title: reader.link.title.clone(),
            reader,
        })
    }

    /// Rate and channels; a stand-in as long as no packet was decoded.
    pub fn format(&self) -> StreamFormat {
        self.format.unwrap_or(StreamFormat {
            sample_rate_hz: OPUS_RATE_HZ,
            layout: ChannelLayout::Stereo,
        })
    }

    /// Frames by which the declared length may be missed without the file being cut short; nothing where it is a guess.
    pub fn promise_slack_frames(&self) -> Option<u64> {
        match self.promise {
            Promise::Exact => Some(0),
            Promise::Near => Some(ALMOST_A_PACKET_FRAMES),
            Promise::Estimate => None,
        }
    }

    /// Appends the frames of some packets.
    pub fn step(&mut self, interleaved: &mut Vec<f32>) -> Step {
        let full = |reader: &Self, out: &Vec<f32>| {
            out.len() >= STEP_FRAMES * reader.format().layout.count()
        };
        while !full(self, interleaved) {
            let packet = match self.next_packet() {
                Ok(Some(packet)) if !self.link.kept.is_over() => packet,
                Ok(_) => match self.next_link() {
                    None => continue,
                    Some(step) => return step,
                },
                Err(step) => return step,
            };
            if let Some(step) = self.decode_packet(&packet, interleaved) {
                return step;
            }
        }
        Step::Frames
    }

    /// What a decoder could not do with a packet, if there was such.
    pub fn unsupported(&self) -> Option<&str> {
        self.unsupported.as_deref()
    }

    pub fn closing_warnings(&self, warnings: &mut Vec<DecodeWarning>) {
        warnings.extend(self.losses.warning());
        warnings.extend(self.tail.left_out.clone());
    }

    /// Goes on with the next recording of the file; a step where there is none.
    fn next_link(&mut self) -> Option<Step> {
        let Some(next) = self.rest.pop_front() else {
            return Some(match self.tail.is_cut {
                true => Step::Broken("it stops in the middle".to_owned()),
                false => Step::End,
            });
        };
        let (container, rest) = (self.container, &mut self.rest);
        match Link::open(&self.path, &self.file, container, next, rest) {
            Ok(link) => self.link = link,
            Err(_) => return Some(Step::Broken("what follows cannot be read".to_owned())),
        }
        (self.next_pts, self.link_has_begun) = (None, false);
        self.losses.take_owed_frames();
        None
    }

    /// The track's next packet.
    fn next_packet(&mut self) -> Result<Option<Packet>, Step> {
        if self.link.kept.is_over() {
            return Ok(None);
        }
        if let Some(packet) = self.link.ahead.pop_front() {
            return Ok(Some(packet));
        }
        self.read_packet()
    }

    /// Whether a packet is the track's last one; what follows is read for that.
    fn is_last(&mut self) -> bool {
        if self.link.ahead.is_empty() {
            match self.read_packet() {
                Ok(Some(next)) => self.link.ahead.push_back(next),
                Ok(None) => return true,
                // Damage is met again, or is the end.
                Err(_) => {}
            }
        }
        false
    }

    /// The track's next packet from the file.
    fn read_packet(&mut self) -> Result<Option<Packet>, Step> {
        loop {
            match self.link.reader.next_packet() {
                Ok(Some(packet)) => {
                    let cost = packet.data.len() as u64 + 1;
                    if cost > self.budget_bytes {
                        return Err(Step::Broken(
                            "its index points to the same bytes again and again".to_owned(),
                        ));
                    }
                    self.budget_bytes -= cost;
                    if packet.track_id == self.link.track_id {
                        let mut packet = packet;
                        match self.link.packing.unpacked(packet.data) {
                            Some(data) => packet.data = data,
                            None => {
                                self.skip(0);
                                continue;
                            }
                        }
                        return Ok(Some(packet));
                    }
                }
                Ok(None) => return Ok(None),
                Err(Error::IoError(error))
                    if error.kind() == ErrorKind::UnexpectedEof && self.link.ends_with_file =>
                {
                    return Ok(None);
                }
                Err(Error::ResetRequired) => return Err(Step::FormatChanges),
                Err(Error::DecodeError(_)) if !self.losses.are_hopeless() => self.skip(0),
                Err(error) => return Err(Step::Broken(reason_of(&error))),
            }
        }
    }

    /// Decodes one packet; a step only where it is the last.
    fn decode_packet(&mut self, packet: &Packet, interleaved: &mut Vec<f32>) -> Option<Step> {
        self.note_gap(packet);
        if let Some(watch) = &mut self.link.replication
            && watch.is_sure_with(&packet.data)
        {
            return Some(Step::Broken("HE-AAC is not supported".to_owned()));
        }
        let start = interleaved.len();
        let link_order = &self.link.order;
        let decoded = match &mut self.link.decoder {
            Codec::Symphonia(decoder) => {
                decode_with_symphonia(decoder.as_mut(), packet, interleaved)
            }
            Codec::Opus(decoder) => decoder
                .decode(&packet.data, interleaved)
                .map(|()| trimmed_end(OPUS_RATE_HZ, link_order, packet, start, interleaved))
                .map_err(|reason| Failure::Damaged(reason.to_owned())),
            Codec::Vorbis(decoder) => decoder
                .decode(&packet.data, interleaved)
                .map(|()| {
                    let rate_hz = decoder.sample_rate_hz();
                    trimmed_end(rate_hz, link_order, packet, start, interleaved)
                })
                .map_err(Failure::Damaged),
        };
        match decoded {
            Ok(Some((mut format, order))) => {
                if let Some(speakers) = self.link.speakers {
                    let channels = format.layout.count() as u16;
                    format.layout = ChannelLayout::from_speakers(channels, speakers);
                }
                if self.format.is_some_and(|known| known != format) {
                    interleaved.truncate(start);
                    return Some(Step::FormatChanges);
                }
                self.format = Some(format);
                self.order = order;
                self.losses.end_row();
                self.finish_frames(start, interleaved);
                None
            }
            Ok(None) => None,
            Err(failure) => {
                interleaved.truncate(start);
                let reason = match failure {
                    Failure::Damaged(reason) => reason,
                    Failure::Unsupported(what) => {
                        let reason = format!("{what} is not supported");
                        self.unsupported.get_or_insert(what);
                        reason
                    }
                };
                self.skip(if self.link.packets_tell_frames {
                    packet.dur.get()
                } else {
                    0
                });
                self.losses.are_hopeless().then_some(Step::Broken(reason))
            }
        }
    }

    /// Order, silence owed, priming and end of the frames just appended behind `start`.
    fn finish_frames(&mut self, start: usize, interleaved: &mut Vec<f32>) {
        let channels = self.format().layout.count();
        self.order.apply(&mut interleaved[start..]);
        let owed = self.losses.take_owed_frames() as usize * channels;
        if owed > 0 {
            interleaved.splice(start..start, std::iter::repeat_n(0.0, owed));
        }
        if self.link.padding_frames > 0 && self.is_last() {
            let padding = usize::try_from(self.link.padding_frames).unwrap_or(usize::MAX);
            let samples = padding.saturating_mul(channels);
            interleaved.truncate(interleaved.len().saturating_sub(samples).max(start));
        }
        let kept = self.link.kept.apply(interleaved, start, channels);
        self.delivered_frames += kept;
        self.link_has_begun |= kept > 0;
    }

    /// symphonia jumps over damaged pages without a word; only the time stamps tell.
    fn note_gap(&mut self, packet: &Packet) {
        if !self.link.packets_tell_frames {
            return;
        }
        let pts = packet.pts.get();
        if let Some(gap) = self
            .next_pts
            .and_then(|next| u64::try_from(pts.saturating_sub(next)).ok())
            && gap > 0
            // The first packet of Vorbis only primes the decoder: a gap there is none.
            && self.link_has_begun
        {
            self.skip(gap);
        }
        self.next_pts = Some(pts.saturating_add_unsigned(packet.dur.get()));
    }

    /// Books a damaged packet of so many frames.
    fn skip(&mut self, frames: u64) {
        self.losses.book(frames, self.delivered_frames);
    }
}

/// What a packet decodes to: nothing for one that only primes the decoder.
type Decoded = Result<Option<(StreamFormat, ChannelOrder)>, Failure>;

/// Why a packet decodes to nothing.
enum Failure {
    Damaged(String),
    Unsupported(String),
}

fn decode_with_symphonia(
    decoder: &mut dyn AudioDecoder,
    packet: &Packet,
    out: &mut Vec<f32>,
) -> Decoded {
    let buffer = decoder.decode(packet).map_err(|error| match error {
        Error::Unsupported(what) => Failure::Unsupported(unsupported_reason(what)),
        error => Failure::Damaged(reason_of(&error)),
    })?;
    let samples = buffer.samples_interleaved();
    if samples == 0 {
        return Ok(None);
    }
    let order = ChannelOrder::of(buffer.spec().channels());
    let start = out.len();
    out.resize(start + samples, 0.0);
    buffer.copy_to_slice_interleaved(&mut out[start..]);
    Ok(Some((
        StreamFormat {
            sample_rate_hz: buffer.spec().rate(),
            layout: order.layout,
        },
        order,
    )))
}

/// What follows a decoder that leaves the padding at the end to its caller; `start` is where the packet's frames begin.
fn trimmed_end(
    sample_rate_hz: u32,
    order: &ChannelOrder,
    packet: &Packet,
    start: usize,
    out: &mut Vec<f32>,
) -> Option<(StreamFormat, ChannelOrder)> {
    let padding = usize::try_from(packet.trim_end.get())
        .unwrap_or(usize::MAX)
        .saturating_mul(order.layout.count());
    out.truncate(out.len().saturating_sub(padding).max(start));
    (out.len() > start).then(|| {
        (
            StreamFormat {
                sample_rate_hz,
                layout: order.layout,
            },
            order.clone(),
        )
    })
}
