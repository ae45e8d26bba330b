//! Opus packets to frames, by libopus: symphonia has no Opus decoder of its own.
//!
//! A packet of more than two channels holds one packet for each of its streams, all but the last in the self-delimiting
//! form of RFC 6716, appendix B; they are taken apart here and joined by the header's channel map (RFC 7845, 5.1.1).

use opusic_c::{Channels, Decoder, SampleRate};

use super::channels::ChannelOrder;
use crate::audio::frames::ChannelLayout;

/// What Opus is always decoded at, in Hz.
pub(super) const OPUS_RATE_HZ: u32 = 48_000;
/// The longest packet: 120 ms, in frames.
const MAX_PACKET_FRAMES: usize = 5_760;

/// The channel mapping of channels that are no speakers (RFC 7845, 5.1.1.3).
const NO_SPEAKERS: u8 = 255;

/// The header that symphonia 0.6.1 makes of that of an MP4: the numbers in it are big-endian there and have to be turned.
pub(super) fn head_of_mp4(mut head: Box<[u8]>) -> Box<[u8]> {
    for number in [10..12, 12..16, 16..18] {
        if let Some(bytes) = head.get_mut(number) {
            bytes.reverse();
        }
    }
    head
}

/// The decoders of a file's streams.
pub(super) struct OpusDecoder {
    streams: Vec<Stream>,
    /// `map[channel]` is the number of the decoded channel, counted over the streams, or 255 for silence.
    map: Vec<u8>,
    /// Whether channels stand for speakers.
    has_speakers: bool,
    /// Linear, from the header's output gain.
    gain: f32,
    pre_skip_frames: u64,
}

struct Stream {
    decoder: Decoder,
    channels: usize,
    pcm: Vec<f32>,
}

impl OpusDecoder {
    /// From the `OpusHead` of the file, or what is wrong with it.
    pub fn new(head: &[u8]) -> Result<Self, String> {
        let damaged = || "its Opus header is damaged".to_owned();
        let fixed = head
            .strip_prefix(b"OpusHead")
            .and_then(|rest| rest.get(..11))
            .ok_or_else(damaged)?;
        let channels = fixed[1];
        let gain_db = f32::from(i16::from_le_bytes([fixed[8], fixed[9]])) / 256.0;
        let (streams, coupled, map) = match fixed[10] {
            0 if channels == 1 || channels == 2 => (
                1,
                channels - 1,
                vec![0, 1][..usize::from(channels)].to_vec(),
            ),
            1 | NO_SPEAKERS => {
                let table = head
                    .get(19..21 + usize::from(channels))
                    .ok_or_else(damaged)?;
                (table[0], table[1], table[2..].to_vec())
            }
            2 | 3 => return Err("ambisonic Opus".to_owned()),
            family => return Err(format!("Opus with channel mapping {family}")),
        };
        let decoded = usize::from(streams) + usize::from(coupled);
        let outside = |source: &u8| *source != u8::MAX && usize::from(*source) >= decoded;
        if streams == 0 || coupled > streams || channels == 0 || map.iter().any(outside) {
            return Err(damaged());
        }
        let streams = (0..streams)
            .map(|stream| Stream::new(stream < coupled))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            streams,
            map,
            has_speakers: fixed[10] != NO_SPEAKERS,
            gain: crate::units::db::amplitude_from_db(f64::from(gain_db)) as f32,
            pre_skip_frames: u64::from(u16::from_le_bytes([fixed[2], fixed[3]])),
        })
    }

    /// Frames at the beginning that only let the decoder settle.
    pub fn pre_skip_frames(&self) -> u64 {
        self.pre_skip_frames
    }

    /// How the channels come.
    pub fn order(&self) -> ChannelOrder {
        match u16::try_from(self.map.len()) {
            Ok(channels @ 3..) if !self.has_speakers => {
                ChannelOrder::in_order(ChannelLayout::Other(channels))
            }
            _ => ChannelOrder::of_vorbis(self.map.len()),
        }
    }

    /// Appends a packet's frames.
    pub fn decode(
        &mut self,
        packet: &[u8],
        interleaved: &mut Vec<f32>,
    ) -> Result<(), &'static str> {
        let mut rest = packet;
        let mut frames = usize::MAX;
        let last = self.streams.len() - 1;
        let mut standard = Vec::new();
        for (number, stream) in self.streams.iter_mut().enumerate() {
            let own = if number == last {
                rest
            } else {
                rest = split_self_delimited(rest, &mut standard).ok_or("damaged packet")?;
                &standard
            };
            frames = frames.min(stream.decode(own)?);
        }
        let sources: Vec<Option<(usize, usize)>> = self
            .map
            .iter()
            .map(|source| self.source_of(*source))
            .collect();
        interleaved.reserve(frames * sources.len());
        for frame in 0..frames {
            interleaved.extend(sources.iter().map(|source| match source {
                Some((stream, channel)) => {
                    let stream = &self.streams[*stream];
                    stream.pcm[frame * stream.channels + channel] * self.gain
                }
                None => 0.0,
            }));
        }
        Ok(())
    }

    /// Stream and channel in it of a decoded channel.
    fn source_of(&self, number: u8) -> Option<(usize, usize)> {
        let channels = self
            .streams
            .iter()
            .enumerate()
            .flat_map(|(s, stream)| (0..stream.channels).map(move |c| (s, c)));
        channels.into_iter().nth(usize::from(number))
    }
}

impl Stream {
    fn new(coupled: bool) -> Result<Self, String> {
        let (channels, kind) = if coupled {
            (2, Channels::Stereo)
        } else {
            (1, Channels::Mono)
        };
        let decoder = Decoder::new(kind, SampleRate::Hz48000)
            .map_err(|_| "the Opus decoder does not start".to_owned())?;
        Ok(Self {
            decoder,
            channels,
            pcm: vec![0.0; MAX_PACKET_FRAMES * channels],
        })
    }

    /// Decodes a packet in the standard form; returns its frames.
    fn decode(&mut self, packet: &[u8]) -> Result<usize, &'static str> {
        // libopus takes an empty packet for a lost one and would make up 120 ms.
        if packet.is_empty() {
            return Err("empty packet");
        }
        self.decoder
            .decode_float_to_slice(packet, &mut self.pcm, false)
            .map_err(|_| "damaged packet")
    }
}

/// Takes one self-delimited packet off the front, puts it into `standard` in the standard form, and returns the rest.
/// The two differ by one more length field: that of the last (or, at constant rate, of every) frame.
fn split_self_delimited<'a>(packet: &'a [u8], standard: &mut Vec<u8>) -> Option<&'a [u8]> {
    standard.clear();
    let toc = *packet.first()?;
    let mut at = 1;
    match toc & 3 {
        // One frame, or two of one length.
        code @ (0 | 1) => {
            let len = frame_len(packet, &mut at)?;
            let end = at + len * (usize::from(code) + 1);
            standard.push(toc);
            standard.extend_from_slice(packet.get(at..end)?);
            packet.get(end..)
        }
        // Two frames of two lengths.
        2 => {
            let first = frame_len(packet, &mut at)?;
            let kept = packet.get(..at)?;
            let second = frame_len(packet, &mut at)?;
            standard.extend_from_slice(kept);
            standard.extend_from_slice(packet.get(at..at + first + second)?);
            packet.get(at + first + second..)
        }
        _ => split_many_frames(packet, standard),
    }
}

/// The same for packets of any number of frames, with padding.
fn split_many_frames<'a>(packet: &'a [u8], standard: &mut Vec<u8>) -> Option<&'a [u8]> {
    let count_byte = *packet.get(1)?;
    let (frames, padded, variable) = (
        usize::from(count_byte & 0x3F),
        count_byte & 0x40 != 0,
        count_byte & 0x80 != 0,
    );
    let mut at = 2;
    let mut padding = 0;
    if padded {
        // 255 stands for 254 bytes and another length byte.
        loop {
            let byte = *packet.get(at)?;
            at += 1;
            padding += usize::from(byte.min(254));
            if byte < 255 {
                break;
            }
        }
    }
    let mut data_len = 0;
    for _ in 1..if variable { frames } else { 1 } {
        data_len += frame_len(packet, &mut at)?;
    }
    standard.extend_from_slice(packet.get(..at)?);
    let last = frame_len(packet, &mut at)?;
    data_len += if variable { last } else { last * frames };
    let end = at + data_len + padding;
    standard.extend_from_slice(packet.get(at..end)?);
    packet.get(end..)
}

/// A frame's length in one or two bytes (RFC 6716, 3.2.1).
fn frame_len(packet: &[u8], at: &mut usize) -> Option<usize> {
    let first = usize::from(*packet.get(*at)?);
    *at += 1;
    if first < 252 {
        return Some(first);
    }
    let second = usize::from(*packet.get(*at)?);
    *at += 1;
    Some(second * 4 + first)
}
