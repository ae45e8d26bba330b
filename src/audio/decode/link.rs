//! One recording of a file that comes in packets, as its reader needs it: container, track, decoder, and what the encoder
//! added to the sound. A file has one, or several that were glued one behind the other.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;

use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::well_known::{
    CODEC_ID_AAC, CODEC_ID_AC3, CODEC_ID_EAC3, CODEC_ID_OPUS, CODEC_ID_VORBIS,
};
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::well_known::{
    FORMAT_ID_ADTS, FORMAT_ID_CAF, FORMAT_ID_FLAC, FORMAT_ID_ISOMP4, FORMAT_ID_MKV, FORMAT_ID_MP1,
    FORMAT_ID_MP2, FORMAT_ID_MP3, FORMAT_ID_OGG,
};
use symphonia::core::formats::{FormatId, FormatReader, Track, TrackType};
use symphonia::core::packet::Packet;

use super::aac::{self, ReplicationWatch};
use super::bytes::read_at;
use super::channels::ChannelOrder;
use super::container::{Container, Entry};
use super::edits::Edits;
use super::error::DecodeError;
use super::kept::{Kept, Stretch};
use super::limits::MAX_CHANNELS;
use super::matroska::{self, Walk};
use super::matroska_tracks::{self, Packing, TrackFacts};
use super::mp4::{self, Movie};
use super::opus::{self, OPUS_RATE_HZ, OpusDecoder};
use super::probe::{probe, refusal};
use super::vorbis::{self, VorbisDecoder};
use super::{codecs, quicktime, tags};

/// A recording that is open.
pub(super) struct Link {
    pub reader: Box<dyn FormatReader>,
    pub decoder: Codec,
    pub track_id: u32,
    pub order: ChannelOrder,
    pub promise: Promise,
    /// The length it promises, in frames.
    pub declared_frames: Option<u64>,
    /// Which of its frames are delivered.
    pub kept: Kept,
    /// Frames to be left out at the end of the last packet.
    pub padding_frames: u64,
    /// Whether a packet's duration is counted in frames.
    pub packets_tell_frames: bool,
    /// Whether the end of the file is where the recording ends, though the decoder expects more: a stream has no end.
    pub ends_with_file: bool,
    /// Packets that were read to see what they hold.
    pub ahead: VecDeque<Packet>,
    pub packing: Packing,
    /// The speakers that a tag names, where the codec knows only how many there are.
    pub speakers: Option<u32>,
    /// Tells HE-AAC that begins after its first packets; nothing where it need not be told.
    pub replication: Option<ReplicationWatch>,
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
            speakers: own_speakers,
        } = container.enter(path, &mut file, stretch, rest)?;
        let unsupported = |what| DecodeError::Unsupported {
            file: path.to_path_buf(),
            what,
        };
        let mut reader =
            probe(parts).map_err(|error| refusal_of(path, error, container, &mut file))?;
        let tagged = |tags: &_| {
            (
                tags::from_metadata(tags),
                tags::speakers_from_metadata(tags),
            )
        };
        let tagged = reader.metadata().skip_to_latest().map(tagged);
        let (tagged_title, tagged_speakers) = tagged.unwrap_or_default();
        let title = own_title
            .or(tagged_title)
            .or_else(|| tags::from_trailing(&mut file));
        let format_id = reader.format_info().format;
        let (track, mut params) = sound_track(path, reader.as_ref(), movie.as_ref())?;
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
        let matroska = Matroska::read(&mut file, format_id, track.id).map_err(io_error)?;
        if let Some(packing) = matroska.track.unsupported {
            return Err(unsupported(packing.to_owned()));
        }
        let rate_hz = params.sample_rate.unwrap_or(OPUS_RATE_HZ);
        let may_be_core = params.codec == CODEC_ID_AAC && rate_hz <= MAX_CORE_RATE_HZ;
        let packing = matroska.track.packing.clone();
        let ahead = may_be_core.then(|| read_ahead(reader.as_mut(), track.id, &packing));
        let ahead = ahead.unwrap_or_default();
        if is_band_replicated(&ahead) {
            return Err(unsupported("HE-AAC".to_owned()));
        }
        let trim = Trim::of(&track, format_id, movie.as_ref(), &decoder, rate_hz);
        let kept = match format_id {
            FORMAT_ID_MKV => matroska.kept(&decoder, rate_hz),
            _ => trim.map_err(|what| unsupported(what.to_owned()))?,
        };
        Ok(Self {
            order: decoder.order(&params),
            promise: promise_of(&track, format_id, rate_hz),
            declared_frames: kept.len().or(frames_promised(&track, format_id)),
            kept,
            padding_frames: frames_of_ns(matroska.walk.discard_ns, rate_hz),
            packets_tell_frames: counts_frames(&track, rate_hz),
            // Of Ogg nothing but whole pages is read.
            ends_with_file: container == Container::Ogg || matroska.walk.ends_between_elements,
            packing,
            speakers: own_speakers.or(tagged_speakers),
            replication: may_be_core.then(ReplicationWatch::default),
            track_id: track.id,
            reader,
            decoder,
            ahead,
            title,
        })
    }
}

/// Why a container could not be opened. What its codec leaves out may be the reason that a Matroska file is refused.
fn refusal_of(path: &Path, error: Error, container: Container, file: &mut File) -> DecodeError {
    let refusal = refusal(path, error);
    let is_damaged = matches!(refusal, DecodeError::Damaged { .. });
    match matroska_codec(file) {
        Some(what) if is_damaged && container == Container::Matroska => DecodeError::Unsupported {
            file: path.to_path_buf(),
            what,
        },
        _ => refusal,
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

/// The track's first packets, unpacked; damage is left to be met again.
fn read_ahead(reader: &mut dyn FormatReader, track_id: u32, packing: &Packing) -> VecDeque<Packet> {
    let mut ahead = VecDeque::new();
    while ahead.len() < AAC_PACKETS_AHEAD {
        match reader.next_packet() {
            Ok(Some(mut packet)) if packet.track_id == track_id => {
                let Some(data) = packing.unpacked(packet.data) else {
                    break;
                };
                packet.data = data;
                ahead.push_back(packet);
            }
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
    /// How the channels come.
    fn order(&self, params: &AudioCodecParameters) -> ChannelOrder {
        match self {
            Self::Opus(opus) => opus.order(),
            Self::Vorbis(vorbis) => vorbis.order(),
            Self::Symphonia(_) => ChannelOrder::of(&params.channels.clone().unwrap_or_default()),
        }
    }

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

/// What a Matroska file says of its sound beside what its decoder reads.
#[derive(Default)]
struct Matroska {
    track: TrackFacts,
    walk: Walk,
}

impl Matroska {
    /// Of a file of another kind nothing.
    fn read(file: &mut File, format_id: FormatId, track_id: u32) -> io::Result<Self> {
        if format_id != FORMAT_ID_MKV {
            return Ok(Self::default());
        }
        Ok(Self {
            track: matroska_tracks::facts_of(file, track_id)?,
            walk: matroska::walk(file, track_id)?,
        })
    }

    /// Without what the encoder put in front. The header of Opus tells it, too, and exactly.
    fn kept(&self, decoder: &Codec, rate_hz: u32) -> Kept {
        let skip = match decoder {
            Codec::Opus(opus) => opus.pre_skip_frames(),
            _ => frames_of_ns(self.track.codec_delay_ns, rate_hz),
        };
        Kept::new([Stretch { skip, len: None }])
    }
}

/// Nanoseconds in frames.
fn frames_of_ns(ns: u64, rate_hz: u32) -> u64 {
    let frames = (u128::from(ns) * u128::from(rate_hz) + 500_000_000) / 1_000_000_000;
    u64::try_from(frames).unwrap_or(u64::MAX)
}

/// What is to be left out of what the decoder delivers. symphonia trims MP3, Vorbis and Ogg's end by itself; MP4 and CAF
/// are left to its callers.
struct Trim;

impl Trim {
    fn of(
        track: &Track,
        container: FormatId,
        movie: Option<&Movie>,
        decoder: &Codec,
        rate_hz: u32,
    ) -> Result<Kept, &'static str> {
        // Exact for the usual time scale, which is the sample rate.
        let frames = |ticks: u64| match track.time_base {
            Some(base) => {
                let frames = u128::from(ticks) * u128::from(base.numer.get()) * u128::from(rate_hz);
                let denominator = u128::from(base.denom.get());
                u64::try_from((frames + denominator / 2) / denominator).unwrap_or(u64::MAX)
            }
            None => ticks,
        };
        let one = |skip: u64, len: Option<u64>| Ok(Kept::new([Stretch { skip, len }]));
        let Some(movie) = movie else {
            return match decoder {
                Codec::Opus(opus) => one(opus.pre_skip_frames(), None),
                Codec::Symphonia(_) if container == FORMAT_ID_CAF => {
                    one(u64::from(track.delay.unwrap_or(0)), track.num_frames)
                }
                Codec::Symphonia(_) | Codec::Vorbis(_) => one(0, None),
            };
        };
        // symphonia counts what is in the movie itself, or nothing.
        let all = movie.len_with_fragments(track.id).or(track.num_frames);
        match mp4::edits_in(&movie.content, track.id, all) {
            Some(Edits::InOrder(stretches)) => {
                Ok(Kept::new(stretches.into_iter().map(|stretch| Stretch {
                    skip: frames(stretch.skip),
                    len: stretch.len.map(frames),
                })))
            }
            Some(Edits::Rearranged) => Err("sound that an edit list puts in another order"),
            None => {
                let skip = match decoder {
                    Codec::Opus(opus) => opus.pre_skip_frames(),
                    Codec::Symphonia(_) | Codec::Vorbis(_) => 0,
                };
                one(skip, all.map(|all| frames(all).saturating_sub(skip)))
            }
        }
    }
}

/// The length a track promises. Of Ogg it is the place of its end, and a stream that was recorded from its middle on
/// begins late; of Opus that counts the frames in front of the sound.
fn frames_promised(track: &Track, container: FormatId) -> Option<u64> {
    let before = match container {
        FORMAT_ID_OGG => track.start_ts.get() + i64::from(track.delay.unwrap_or(0)),
        _ => 0,
    };
    let frames = track.num_frames?;
    Some(frames.saturating_sub(u64::try_from(before).unwrap_or(0)))
}

/// Whether the times of a track count its frames.
fn counts_frames(track: &Track, rate_hz: u32) -> bool {
    track
        .time_base
        .is_some_and(|base| base.numer.get() == 1 && base.denom.get() == rate_hz)
}

/// MPEG without a LAME header has no length but what its bit rate suggests, and compressed CAF often counts whole
/// packets.
fn promise_of(track: &Track, container: FormatId, rate_hz: u32) -> Promise {
    let mpeg = [FORMAT_ID_MP1, FORMAT_ID_MP2, FORMAT_ID_MP3].contains(&container);
    match container {
        FORMAT_ID_ISOMP4 if !counts_frames(track, rate_hz) => Promise::Near,
        FORMAT_ID_FLAC | FORMAT_ID_ISOMP4 => Promise::Exact,
        FORMAT_ID_ADTS | FORMAT_ID_CAF => Promise::Estimate,
        _ if mpeg && track.delay.is_none() => Promise::Estimate,
        _ if mpeg => Promise::Exact,
        _ => Promise::Near,
    }
}
