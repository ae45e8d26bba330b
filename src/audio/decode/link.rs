//! One recording of a file that comes in packets, as its reader needs it: container, track, decoder, and what the encoder
//! added to the sound. A file has one, or several that were glued one behind the other.

use std::collections::VecDeque;
use std::fs::File;
use std::ops::Range;
use std::path::Path;

use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::well_known::{
    CODEC_ID_AAC, CODEC_ID_AC3, CODEC_ID_EAC3, CODEC_ID_OPUS, CODEC_ID_VORBIS,
};
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::formats::well_known::{
    FORMAT_ID_ADTS, FORMAT_ID_CAF, FORMAT_ID_FLAC, FORMAT_ID_ISOMP4, FORMAT_ID_MKV, FORMAT_ID_MP1,
    FORMAT_ID_MP2, FORMAT_ID_MP3,
};
use symphonia::core::formats::{FormatId, FormatReader, Track, TrackType};
use symphonia::core::packet::Packet;

use super::bytes::read_at;
use super::channels::ChannelOrder;
use super::container::{Container, Entry};
use super::error::DecodeError;
use super::limits::MAX_CHANNELS;
use super::mp4::{self, Movie};
use super::opus::{self, OPUS_RATE_HZ, OpusDecoder};
use super::probe::{probe, refusal};
use super::vorbis::{self, VorbisDecoder};
use super::{aac, codecs, matroska, quicktime, tags};

/// A recording that is open.
pub(super) struct Link {
    pub reader: Box<dyn FormatReader>,
    pub decoder: Codec,
    pub track_id: u32,
    pub order: ChannelOrder,
    pub promise: Promise,
    /// The length it promises, in frames.
    pub declared_frames: Option<u64>,
    /// Priming frames still to be dropped.
    pub skip_frames: u64,
    /// Frames still to be delivered, where the file says to the sample where it ends.
    pub frames_left: Option<u64>,
    /// Whether a packet's duration is counted in frames.
    pub packets_tell_frames: bool,
    /// Whether the end of the file is where the recording ends, though the decoder expects more: a stream has no end.
    pub ends_with_file: bool,
    /// Packets that were read to see what they hold.
    pub ahead: VecDeque<Packet>,
    pub title: Option<String>,
}

/// What decodes the packets.
pub(super) enum Codec {
    Symphonia(Box<dyn AudioDecoder>),
    Opus(Box<OpusDecoder>),
    Vorbis(Box<VorbisDecoder>),
}

/// How far the declared length can be trusted to tell a file that is cut short.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Promise {
    Exact,
    Near,
    Estimate,
}

/// Packets of AAC that are looked at before it is decoded.
const AAC_PACKETS_AHEAD: usize = 16;
/// The highest rate of a core of HE-AAC; plain AAC of such rates is rare.
const MAX_CORE_RATE_HZ: u32 = 48_000;
/// Where the identifier of a Matroska track is looked for.
const MATROSKA_HEAD_BYTES: usize = 1 << 20;

impl Link {
    /// Opens a stretch of the file. Where it holds another recording behind the first, that is put in front of `rest`.
    pub fn open(
        path: &Path,
        file: &File,
        container: Container,
        stretch: Range<u64>,
        rest: &mut VecDeque<Range<u64>>,
    ) -> Result<Self, DecodeError> {
        let io_error = |error| DecodeError::from_io(path, &error);
        let mut file = file.try_clone().map_err(io_error)?;
        let Entry {
            parts,
            movie,
            title: own_title,
        } = container.enter(path, &mut file, stretch, rest)?;
        let mut reader = probe(parts).map_err(|error| refusal(path, error))?;
        let title = own_title
            .or_else(|| {
                reader
                    .metadata()
                    .skip_to_latest()
                    .and_then(tags::from_metadata)
            })
            .or_else(|| tags::from_trailing(&mut file));
        let format_id = reader.format_info().format;
        let (track, mut params) = sound_track(path, reader.as_ref(), movie.as_ref())?;
        let unsupported = |what| DecodeError::Unsupported {
            file: path.to_path_buf(),
            what,
        };
        if params.codec == CODEC_ID_OPUS && format_id == FORMAT_ID_ISOMP4 {
            params.extra_data = params.extra_data.map(opus::head_of_mp4);
        }
        let decoder = Codec::new(&params).map_err(|what| {
            let told = match format_id {
                FORMAT_ID_MKV => matroska_codec(&mut file),
                _ => None,
            };
            unsupported(told.unwrap_or(what))
        })?;
        let rate_hz = params.sample_rate.unwrap_or(OPUS_RATE_HZ);
        let ahead = match params.codec {
            CODEC_ID_AAC if rate_hz <= MAX_CORE_RATE_HZ => read_ahead(reader.as_mut(), track.id),
            _ => VecDeque::new(),
        };
        if is_band_replicated(&ahead) {
            return Err(unsupported("HE-AAC".to_owned()));
        }
        let trim = Trim::of(&track, format_id, movie.as_ref(), &decoder, rate_hz);
        Ok(Self {
            order: match &decoder {
                Codec::Opus(opus) => opus.order(),
                Codec::Vorbis(vorbis) => vorbis.order(),
                Codec::Symphonia(_) => {
                    ChannelOrder::of(&params.channels.clone().unwrap_or_default())
                }
            },
            promise: promise_of(&track, format_id),
            declared_frames: trim.len.or(track.num_frames),
            skip_frames: trim.start,
            frames_left: trim.len,
            packets_tell_frames: track
                .time_base
                .is_some_and(|base| base.numer.get() == 1 && base.denom.get() == rate_hz),
            ends_with_file: format_id == FORMAT_ID_MKV
                && matroska::ends_between_elements(&mut file).map_err(io_error)?,
            track_id: track.id,
            reader,
            decoder,
            ahead,
            title,
        })
    }
}

/// The sound track that is read, and how it is coded.
fn sound_track(
    path: &Path,
    reader: &dyn FormatReader,
    movie: Option<&Movie>,
) -> Result<(Track, AudioCodecParameters), DecodeError> {
    let name = || path.to_path_buf();
    // There is a sound track in an MP4 that gets here; the decoder does not take it for one.
    let no_track = || match movie.and_then(|movie| quicktime::codec_of(&movie.content)) {
        Some(codec) => DecodeError::Unsupported {
            file: name(),
            what: format!("{codec} in this kind of QuickTime file"),
        },
        None => DecodeError::NoAudio { file: name() },
    };
    let track = reader
        .default_track(TrackType::Audio)
        .ok_or_else(no_track)?;
    let Some(CodecParameters::Audio(params)) = &track.codec_params else {
        return Err(no_track());
    };
    let channels = params.channels.as_ref().map(|channels| channels.count());
    match channels.filter(|channels| *channels > MAX_CHANNELS) {
        Some(channels) => Err(DecodeError::UnsupportedChannels {
            file: name(),
            channels,
        }),
        None => Ok((track.clone(), params.clone())),
    }
}

/// The track's first packets; damage is left to be met again.
fn read_ahead(reader: &mut dyn FormatReader, track_id: u32) -> VecDeque<Packet> {
    let mut ahead = VecDeque::new();
    while ahead.len() < AAC_PACKETS_AHEAD {
        match reader.next_packet() {
            Ok(Some(packet)) if packet.track_id == track_id => ahead.push_back(packet),
            Ok(Some(_)) => {}
            _ => break,
        }
    }
    ahead
}

/// Whether packets carry the data of HE-AAC. Plain ones look so by chance, but not most of them.
fn is_band_replicated(ahead: &VecDeque<Packet>) -> bool {
    let replicating = |packet: &&Packet| aac::carries_band_replication(&packet.data);
    let replicating = ahead.iter().filter(replicating).count();
    replicating >= 3 && 2 * replicating > ahead.len()
}

/// The codec of the first sound track of a Matroska file, by name: the element's identifier, a length of one byte, and
/// text that begins with A_.
fn matroska_codec(file: &mut File) -> Option<String> {
    let head = read_at(file, 0, MATROSKA_HEAD_BYTES).ok()?;
    let at = head
        .windows(4)
        .position(|bytes| bytes[0] == 0x86 && bytes[1] & 0x80 != 0 && &bytes[2..] == b"A_")?;
    let len = usize::from(head[at + 1] & 0x7F);
    let id = std::str::from_utf8(head.get(at + 2..at + 2 + len)?).ok()?;
    Some(codecs::of_matroska(id).map_or_else(
        || format!("its codec ({})", super::error::one_line(id)),
        str::to_owned,
    ))
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
        movie: Option<&Movie>,
        decoder: &Codec,
        rate_hz: u32,
    ) -> Self {
        // Exact for the usual time scale, which is the sample rate.
        let frames = |ticks: u64| match track.time_base {
            Some(base) => {
                let frames = u128::from(ticks) * u128::from(base.numer.get()) * u128::from(rate_hz);
                let denominator = u128::from(base.denom.get());
                u64::try_from((frames + denominator / 2) / denominator).unwrap_or(u64::MAX)
            }
            None => ticks,
        };
        // symphonia counts what is in the movie itself, or nothing.
        let in_fragments = movie.and_then(|movie| movie.len_with_fragments(track.id));
        let all = in_fragments.map(frames).or(track.num_frames);
        if let Some(edit) = movie.and_then(|movie| mp4::edit_in(&movie.content, track.id)) {
            let start = frames(edit.start);
            let rest = all.map(|all| all.saturating_sub(start));
            let len = edit.len.map(frames).or(rest);
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
                len: all.filter(|_| container == FORMAT_ID_ISOMP4),
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
