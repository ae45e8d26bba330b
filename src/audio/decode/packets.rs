//! Everything that comes in packets: symphonia takes the container apart and decodes, but for Opus (libopus) and
//! surround Vorbis (lewton).
//!
//! What is added to that: encoder priming is trimmed where symphonia leaves it, channels come in one order, a packet that
//! does not decode is replaced by silence of its length so that what follows stays at its place (bytes that are not even
//! a packet are jumped over, and only the length tells), and work is bounded by the size of the file, since indexes can
//! name the same bytes for ever.

use std::fs::File;
use std::path::Path;

use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::well_known::{
    CODEC_ID_AAC, CODEC_ID_AC3, CODEC_ID_EAC3, CODEC_ID_OPUS, CODEC_ID_VORBIS,
};
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::well_known::{
    FORMAT_ID_ADTS, FORMAT_ID_CAF, FORMAT_ID_FLAC, FORMAT_ID_ISOMP4, FORMAT_ID_MP1, FORMAT_ID_MP2,
    FORMAT_ID_MP3,
};
use symphonia::core::formats::{FormatId, FormatReader, Track, TrackType};
use symphonia::core::packet::Packet;

use super::channels::ChannelOrder;
use super::error::{DecodeError, DecodeWarning};
use super::mp4::{self, Edit};
use super::opus::{OPUS_RATE_HZ, OpusDecoder};
use super::probe::{probe, reason_of, refusal};
use super::vorbis::{self, VorbisDecoder};
use super::{MAX_CHANNELS, Opened, Source, Step, sniff, tags};
use crate::audio::frames::{ChannelLayout, StreamFormat};

/// Reads a file packet by packet.
pub(super) struct PacketReader {
    reader: Box<dyn FormatReader>,
    decoder: Codec,
    track_id: u32,
    /// Known from the first packet on: headers are often wrong about it.
    format: Option<StreamFormat>,
    order: ChannelOrder,
    promise: Promise,
    /// Priming frames still to be dropped.
    skip_frames: u64,
    /// Frames still to be delivered, where the file says to the sample where it ends.
    frames_left: Option<u64>,
    /// Whether a packet's duration is counted in frames.
    packets_tell_frames: bool,
    /// Where the next packet must begin, in frames, if none is missing.
    next_pts: Option<i64>,
    /// Frames of damaged packets, delivered as silence before the next good one.
    owed_frames: u64,
    bad_in_a_row: u32,
    skipped_packets: u64,
    first_skipped_frame: u64,
    delivered_frames: u64,
    /// Bytes of packets the file may still give.
    budget_bytes: u64,
}

/// What decodes the packets.
enum Codec {
    Symphonia(Box<dyn AudioDecoder>),
    Opus(Box<OpusDecoder>),
    Vorbis(Box<VorbisDecoder>),
}

/// How far the declared length can be trusted to tell a file that is cut short.
#[derive(Clone, Copy, PartialEq)]
enum Promise {
    Exact,
    Near,
    Estimate,
}

/// A lost MPEG frame counts as a loss, less than one may be a matter of how the encoder counted.
const ALMOST_A_PACKET_FRAMES: u64 = 1_151;
/// Frames collected in one step.
const STEP_FRAMES: usize = 8_192;
/// So many damaged packets in a row, and the rest is given up.
const MAX_BAD_IN_A_ROW: u32 = 1_000;
/// The most silence that stands in for damaged packets in a row, frames.
const MAX_OWED_FRAMES: u64 = 1 << 20;

impl PacketReader {
    /// Finds the container, its first audio track, and a decoder for it.
    pub fn open(path: &Path, mut file: File) -> Result<Opened, DecodeError> {
        let name = || path.to_path_buf();
        let io_error = |error| DecodeError::from_io(path, &error);
        let file_len = file.metadata().map_err(io_error)?.len();
        let mut for_edit = file.try_clone().map_err(io_error)?;
        let promised_len = if sniff::is_mp4(&mut file).map_err(io_error)? {
            mp4::promised_len(&mut file).map_err(io_error)?
        } else {
            None
        };
        let mut reader = probe(file, promised_len).map_err(|error| refusal(path, error))?;
        let title = reader
            .metadata()
            .skip_to_latest()
            .and_then(tags::from_metadata);
        let container = reader.format_info().format;
        let Some(track) = reader.default_track(TrackType::Audio).cloned() else {
            return Err(DecodeError::NoAudio { file: name() });
        };
        let Some(CodecParameters::Audio(params)) = &track.codec_params else {
            return Err(DecodeError::NoAudio { file: name() });
        };
        if let Some(channels) = params.channels.as_ref().map(|channels| channels.count())
            && channels > MAX_CHANNELS
        {
            return Err(DecodeError::UnsupportedChannels {
                file: name(),
                channels,
            });
        }
        // The clone shares its position with the file symphonia has begun to read.
        let edit = (container == FORMAT_ID_ISOMP4)
            .then(|| mp4::read_edit_keeping_position(&mut for_edit, track.id))
            .flatten();
        let decoder =
            Codec::new(params).map_err(|what| DecodeError::Unsupported { file: name(), what })?;
        let rate_hz = params.sample_rate.unwrap_or(OPUS_RATE_HZ);
        let trim = Trim::of(&track, container, edit, &decoder, rate_hz);
        let order = match &decoder {
            Codec::Opus(opus) => opus.order(),
            Codec::Vorbis(vorbis) => vorbis.order(),
            Codec::Symphonia(_) => ChannelOrder::of(&params.channels.clone().unwrap_or_default()),
        };
        let packets_tell_frames = track
            .time_base
            .is_some_and(|base| base.numer.get() == 1 && base.denom.get() == rate_hz);
        let source = Self {
            reader,
            decoder,
            track_id: track.id,
            format: None,
            order,
            promise: promise_of(&track, container),
            skip_frames: trim.start,
            frames_left: trim.len,
            packets_tell_frames,
            next_pts: None,
            owed_frames: 0,
            bad_in_a_row: 0,
            skipped_packets: 0,
            first_skipped_frame: 0,
            delivered_frames: 0,
            budget_bytes: file_len.saturating_mul(2).saturating_add(1 << 20),
        };
        let declared_frames = trim.len.or(track.num_frames);
        Ok(Opened {
            source: Source::Packets(Box::new(source)),
            declared_frames,
            title,
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
            if self.frames_left == Some(0) {
                return Step::End;
            }
            let packet = match self.next_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) => return Step::End,
                Err(step) => return step,
            };
            if let Some(step) = self.decode_packet(&packet, interleaved) {
                return step;
            }
        }
        Step::Frames
    }

    pub fn closing_warnings(&self, warnings: &mut Vec<DecodeWarning>) {
        if self.skipped_packets > 0 {
            let (packets, first_frame) = (self.skipped_packets, self.first_skipped_frame);
            warnings.push(DecodeWarning::SkippedPackets {
                packets,
                first_frame,
            });
        }
    }

    /// The track's next packet.
    fn next_packet(&mut self) -> Result<Option<Packet>, Step> {
        loop {
            match self.reader.next_packet() {
                Ok(Some(packet)) => {
                    let cost = packet.data.len() as u64 + 1;
                    if cost > self.budget_bytes {
                        return Err(Step::Broken(
                            "its index points to the same bytes again and again".to_owned(),
                        ));
                    }
                    self.budget_bytes -= cost;
                    if packet.track_id == self.track_id {
                        return Ok(Some(packet));
                    }
                }
                Ok(None) => return Ok(None),
                Err(Error::ResetRequired) => return Err(Step::FormatChanges),
                Err(Error::DecodeError(_)) if self.bad_in_a_row < MAX_BAD_IN_A_ROW => self.skip(0),
                Err(error) => return Err(Step::Broken(reason_of(&error))),
            }
        }
    }

    /// Decodes one packet; a step only where it is the last.
    fn decode_packet(&mut self, packet: &Packet, interleaved: &mut Vec<f32>) -> Option<Step> {
        self.note_gap(packet);
        let start = interleaved.len();
        let decoded = match &mut self.decoder {
            Codec::Symphonia(decoder) => {
                decode_with_symphonia(decoder.as_mut(), packet, interleaved)
            }
            Codec::Opus(decoder) => decoder
                .decode(&packet.data, interleaved)
                .map(|()| trimmed_end(OPUS_RATE_HZ, &self.order, packet, start, interleaved))
                .map_err(str::to_owned),
            Codec::Vorbis(decoder) => decoder.decode(&packet.data, interleaved).map(|()| {
                trimmed_end(
                    decoder.sample_rate_hz(),
                    &self.order,
                    packet,
                    start,
                    interleaved,
                )
            }),
        };
        match decoded {
            Ok(Some((format, order))) => {
                if self.format.is_some_and(|known| known != format) {
                    interleaved.truncate(start);
                    return Some(Step::FormatChanges);
                }
                self.format = Some(format);
                self.order = order;
                self.bad_in_a_row = 0;
                self.finish_frames(start, interleaved);
                None
            }
            Ok(None) => None,
            Err(error) => {
                interleaved.truncate(start);
                self.skip(if self.packets_tell_frames {
                    packet.dur.get()
                } else {
                    0
                });
                let give_up = self.bad_in_a_row >= MAX_BAD_IN_A_ROW;
                give_up.then_some(Step::Broken(error))
            }
        }
    }

    /// Order, silence owed, priming and end of the frames just appended behind `start`.
    fn finish_frames(&mut self, start: usize, interleaved: &mut Vec<f32>) {
        let channels = self.format().layout.count();
        self.order.apply(&mut interleaved[start..]);
        let owed = std::mem::take(&mut self.owed_frames) as usize * channels;
        if owed > 0 {
            interleaved.splice(start..start, std::iter::repeat_n(0.0, owed));
        }
        let frames = ((interleaved.len() - start) / channels) as u64;
        let skipped = frames.min(self.skip_frames);
        self.skip_frames -= skipped;
        if skipped > 0 {
            interleaved.drain(start..start + skipped as usize * channels);
        }
        let mut kept = frames - skipped;
        if let Some(left) = &mut self.frames_left {
            kept = kept.min(*left);
            *left -= kept;
            interleaved.truncate(start + kept as usize * channels);
        }
        self.delivered_frames += kept;
    }

    /// symphonia jumps over damaged pages without a word; only the time stamps tell.
    fn note_gap(&mut self, packet: &Packet) {
        if !self.packets_tell_frames {
            return;
        }
        let pts = packet.pts.get();
        if let Some(gap) = self
            .next_pts
            .and_then(|next| u64::try_from(pts.saturating_sub(next)).ok())
            && gap > 0
            // The first packet of Vorbis only primes the decoder: a gap there is none.
            && self.delivered_frames > 0
        {
            self.skip(gap);
        }
        self.next_pts = Some(pts.saturating_add_unsigned(packet.dur.get()));
    }

    /// Books a damaged packet of so many frames.
    fn skip(&mut self, frames: u64) {
        if self.skipped_packets == 0 {
            self.first_skipped_frame = self.delivered_frames;
        }
        self.skipped_packets += 1;
        self.bad_in_a_row += 1;
        self.owed_frames = self.owed_frames.saturating_add(frames).min(MAX_OWED_FRAMES);
    }
}

impl Codec {
    /// The decoder for a track, or what is not supported about it.
    fn new(params: &AudioCodecParameters) -> Result<Self, String> {
        if params.codec == CODEC_ID_OPUS {
            let head = params.extra_data.as_deref().unwrap_or_default();
            return OpusDecoder::new(head).map(|decoder| Self::Opus(Box::new(decoder)));
        }
        if params.codec == CODEC_ID_VORBIS {
            let headers = params.extra_data.as_deref().unwrap_or_default();
            if vorbis::channels_of(headers).is_some_and(|channels| channels > 2) {
                return VorbisDecoder::new(headers).map(|decoder| Self::Vorbis(Box::new(decoder)));
            }
        }
        symphonia::default::get_codecs()
            .make_audio_decoder(params, &AudioDecoderOptions::default())
            .map(Self::Symphonia)
            .map_err(|_| match params.codec {
                CODEC_ID_AAC => "this kind of AAC (HE-AAC, or more than two channels)".to_owned(),
                CODEC_ID_AC3 | CODEC_ID_EAC3 => "Dolby Digital".to_owned(),
                _ => "its codec".to_owned(),
            })
    }
}

/// What is to be left out of what the decoder delivers, in frames.
struct Trim {
    start: u64,
    /// To be kept from there on, where it is known.
    len: Option<u64>,
}

impl Trim {
    /// symphonia trims MP3, Vorbis and Ogg's end by itself; MP4 and CAF are left to its callers.
    fn of(
        track: &Track,
        container: FormatId,
        edit: Option<Edit>,
        decoder: &Codec,
        rate_hz: u32,
    ) -> Self {
        if let Some(edit) = edit {
            // Exact for the usual time scale, which is the sample rate.
            let frames = |ticks: u64| match track.time_base {
                Some(base) => {
                    let frames =
                        u128::from(ticks) * u128::from(base.numer.get()) * u128::from(rate_hz);
                    u64::try_from(frames / u128::from(base.denom.get())).unwrap_or(u64::MAX)
                }
                None => ticks,
            };
            let start = frames(edit.start);
            let len = edit
                .len
                .map(frames)
                .or(track.num_frames.map(|all| all.saturating_sub(start)));
            return Self { start, len };
        }
        match decoder {
            Codec::Opus(opus) => Self {
                start: opus.pre_skip_frames(),
                len: None,
            },
            Codec::Symphonia(_) if container == FORMAT_ID_CAF => Self {
                start: u64::from(track.delay.unwrap_or(0)),
                len: track.num_frames,
            },
            Codec::Symphonia(_) | Codec::Vorbis(_) => Self {
                start: 0,
                len: track.num_frames.filter(|_| container == FORMAT_ID_ISOMP4),
            },
        }
    }
}

/// MPEG without a LAME header has no length but what its bit rate suggests, and compressed CAF often counts whole
/// packets.
fn promise_of(track: &Track, container: FormatId) -> Promise {
    let mpeg = [FORMAT_ID_MP1, FORMAT_ID_MP2, FORMAT_ID_MP3].contains(&container);
    match container {
        FORMAT_ID_FLAC | FORMAT_ID_ISOMP4 => Promise::Exact,
        FORMAT_ID_ADTS | FORMAT_ID_CAF => Promise::Estimate,
        _ if mpeg && track.delay.is_none() => Promise::Estimate,
        _ => Promise::Near,
    }
}

/// What a packet decodes to: nothing for one that only primes the decoder.
type Decoded = Result<Option<(StreamFormat, ChannelOrder)>, String>;

fn decode_with_symphonia(
    decoder: &mut dyn AudioDecoder,
    packet: &Packet,
    out: &mut Vec<f32>,
) -> Decoded {
    let buffer = decoder.decode(packet).map_err(|error| reason_of(&error))?;
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
