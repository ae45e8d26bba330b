//! What a Matroska or WebM file says of its tracks that its decoder reads past: what the encoder put in front and behind,
//! and how the frames are packed. mkvmerge can compress them or strip what all of them begin with; read as they are, such
//! frames are noise at full scale.

use std::fs::File;
use std::io::{self, Read};

use super::bytes::read_at;
use super::matroska::{Element, TRACKS, children};

const TRACK: u32 = 0xAE;
const NUMBER: u32 = 0xD7;
const CODEC_DELAY: u32 = 0x56AA;
const ENCODINGS: u32 = 0x6D80;
const ENCODING: u32 = 0x6240;
const ENCODING_SCOPE: u32 = 0x5032;
const ENCODING_TYPE: u32 = 0x5033;
const COMPRESSION: u32 = 0x5034;
const ALGORITHM: u32 = 0x4254;
const SETTINGS: u32 = 0x4255;

/// Larger than any description of tracks; fonts and pictures are elsewhere.
const MAX_TRACKS_BYTES: u64 = 16 << 20;
/// The longest frame that is unpacked: a second of 64 channels of 32 bits at 48 kHz.
const MAX_FRAME_BYTES: u64 = 16 << 20;

/// How the frames of a track are packed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Packing {
    #[default]
    None,
    Zlib,
    /// These bytes were taken from the front of each frame.
    Stripped(Vec<u8>),
}

/// What is said of a track.
#[derive(Debug, Default, PartialEq)]
pub(super) struct TrackFacts {
    /// What the encoder put in front, in nanoseconds.
    pub codec_delay_ns: u64,
    pub packing: Packing,
    /// The name of a packing that is not supported.
    pub unsupported: Option<&'static str>,
}

/// What the file says of the track of this number. The file is left anywhere.
pub(super) fn facts_of(file: &mut File, number: u32) -> io::Result<TrackFacts> {
    let Some(tracks) = super::matroska::find(file, TRACKS)? else {
        return Ok(TrackFacts::default());
    };
    let len = (tracks.end - tracks.start).min(MAX_TRACKS_BYTES) as usize;
    let content = read_at(file, tracks.start, len)?;
    Ok(children(&content)
        .filter(|track| track.id == TRACK)
        .find(|track| unsigned(track.content, NUMBER) == Some(u64::from(number)))
        .map(|track| facts_in(track.content))
        .unwrap_or_default())
}

fn facts_in(track: &[u8]) -> TrackFacts {
    let (packing, unsupported) = match packing_in(track) {
        Ok(packing) => (packing, None),
        Err(name) => (Packing::None, Some(name)),
    };
    TrackFacts {
        codec_delay_ns: unsigned(track, CODEC_DELAY).unwrap_or(0),
        packing,
        unsupported,
    }
}

/// How frames are packed, or the name of what is not supported (RFC 9559, 5.1.4.1.31).
fn packing_in(track: &[u8]) -> Result<Packing, &'static str> {
    let encodings: Vec<Element> = child(track, ENCODINGS)
        .into_iter()
        .flat_map(children)
        .filter(|encoding| encoding.id == ENCODING)
        .collect();
    let encoding = match &encodings[..] {
        [] => return Ok(Packing::None),
        [encoding] => encoding.content,
        _ => return Err("a Matroska track that is packed twice"),
    };
    if unsigned(encoding, ENCODING_TYPE).unwrap_or(0) != 0 {
        return Err("an encrypted Matroska track");
    }
    // Bit 1: frames; bit 2: the description of the codec.
    match unsigned(encoding, ENCODING_SCOPE).unwrap_or(1) {
        1 => {}
        scope if scope & 3 == 0 => return Ok(Packing::None),
        _ => return Err("a Matroska track whose description is packed"),
    }
    let compression = child(encoding, COMPRESSION).unwrap_or_default();
    match unsigned(compression, ALGORITHM).unwrap_or(0) {
        0 => Ok(Packing::Zlib),
        1 => Err("a Matroska track packed with bzip2"),
        2 => Err("a Matroska track packed with LZO"),
        3 => Ok(Packing::Stripped(
            child(compression, SETTINGS).unwrap_or_default().to_vec(),
        )),
        _ => Err("a Matroska track that is packed in an unknown way"),
    }
}

impl Packing {
    /// A frame as its encoder made it; nothing where it is damaged.
    pub fn unpacked(&self, frame: Box<[u8]>) -> Option<Box<[u8]>> {
        match self {
            Self::None => Some(frame),
            Self::Stripped(front) => Some([front, &frame[..]].concat().into()),
            Self::Zlib => {
                let mut bytes = vec![];
                let packed = flate2::read::ZlibDecoder::new(&frame[..]);
                let read = packed.take(MAX_FRAME_BYTES).read_to_end(&mut bytes);
                read.is_ok().then(|| bytes.into())
            }
        }
    }
}

fn child(content: &[u8], id: u32) -> Option<&[u8]> {
    children(content)
        .find(|element| element.id == id)
        .map(|element| element.content)
}

fn unsigned(content: &[u8], id: u32) -> Option<u64> {
    let bytes = child(content, id)?;
    (bytes.len() <= 8).then(|| bytes.iter().fold(0, |n, byte| n << 8 | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn element(id: u32, content: &[u8]) -> Vec<u8> {
        let id = id.to_be_bytes();
        let zeros = id.iter().take_while(|byte| **byte == 0).count();
        [&id[zeros..], &[0x40, content.len() as u8], content].concat()
    }

    fn packed(
        fields: &[(u32, &[u8])],
        compression: &[(u32, &[u8])],
    ) -> Result<Packing, &'static str> {
        let all = |fields: &[(u32, &[u8])]| -> Vec<u8> {
            fields
                .iter()
                .flat_map(|(id, content)| element(*id, content))
                .collect()
        };
        let encoding = [all(fields), element(COMPRESSION, &all(compression))].concat();
        packing_in(&element(ENCODINGS, &element(ENCODING, &encoding)))
    }

    #[test]
    fn frames_are_unpacked_as_their_track_says() {
        let mut zlib = flate2::write::ZlibEncoder::new(vec![], flate2::Compression::fast());
        zlib.write_all(b"a frame").expect("memory");
        let zlib = zlib.finish().expect("memory").into_boxed_slice();
        let whole: Box<[u8]> = b"a frame".as_slice().into();
        let unpacked = |packing: Packing, frame: &[u8]| packing.unpacked(frame.into());
        assert_eq!(packed(&[], &[]), Ok(Packing::Zlib));
        assert_eq!(unpacked(Packing::Zlib, &zlib), Some(whole.clone()));
        assert_eq!(unpacked(Packing::Zlib, b"a frame"), None);
        let stripped = packed(
            &[(ENCODING_SCOPE, &[1])],
            &[(ALGORITHM, &[3]), (SETTINGS, b"a ")],
        );
        assert_eq!(stripped, Ok(Packing::Stripped(b"a ".to_vec())));
        assert_eq!(
            unpacked(stripped.expect("just seen"), b"frame"),
            Some(whole.clone())
        );
        assert_eq!(
            unpacked(packing_in(&[]).expect("no packing"), b"a frame"),
            Some(whole)
        );
    }

    #[test]
    fn what_cannot_be_unpacked_is_named() {
        let encrypted = packed(&[(ENCODING_TYPE, &[1])], &[]);
        assert_eq!(encrypted, Err("an encrypted Matroska track"));
        let description = packed(&[(ENCODING_SCOPE, &[3])], &[(ALGORITHM, &[3])]);
        assert!(description.is_err());
        assert!(packed(&[], &[(ALGORITHM, &[2])]).is_err());
    }
}
