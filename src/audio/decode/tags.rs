//! What a file says it is called, for labels: "Artist - Title".

use std::fs::File;

use symphonia::core::meta::{MetadataRevision, StandardTag};

use super::bytes::read_at;
use super::error::one_line;

/// Labels longer than this are no help on a screen.
const MAX_CHARS: usize = 200;

/// From symphonia's tags of any format.
pub(super) fn from_metadata(revision: &MetadataRevision) -> Option<String> {
    let (mut artist, mut album_artist, mut title) = (None, None, None);
    let tags = revision.media.tags.iter().chain(
        revision
            .per_track
            .iter()
            .flat_map(|track| &track.metadata.tags),
    );
    for tag in tags.filter_map(|tag| tag.std.as_ref()) {
        match tag {
            StandardTag::Artist(text) => artist = artist.or_else(|| cleaned(text)),
            StandardTag::AlbumArtist(text) => album_artist = album_artist.or_else(|| cleaned(text)),
            StandardTag::TrackTitle(text) => title = title.or_else(|| cleaned(text)),
            _ => {}
        }
    }
    joined(artist.or(album_artist), title)
}

/// From a WAV's `LIST` chunk of type `INFO`: four-letter keys, 32-bit lengths, zero-terminated text.
pub(super) fn from_riff_list(content: &[u8]) -> Option<String> {
    let mut rest = content.strip_prefix(b"INFO")?;
    let (mut artist, mut title) = (None, None);
    while let Some((head, tail)) = rest.split_at_checked(8) {
        let len = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let Some(text) = tail.get(..len) else { break };
        match &head[..4] {
            b"IART" => artist = cleaned(&decoded(text)),
            b"INAM" => title = cleaned(&decoded(text)),
            _ => {}
        }
        rest = tail.get(len.next_multiple_of(2)..).unwrap_or_default();
    }
    joined(artist, title)
}

/// From an ID3v2.3 or 2.4 tag, as WAV and AIFF carry it in a chunk: four-letter keys, lengths, text in four encodings.
pub(super) fn from_id3(tag: &[u8]) -> Option<String> {
    let version = *tag.strip_prefix(b"ID3")?.first()?;
    let mut rest = tag.get(10..).filter(|_| version == 3 || version == 4)?;
    let (mut artist, mut title) = (None, None);
    while let Some((head, tail)) = rest.split_at_checked(10) {
        let bits = if version == 4 { 7 } else { 8 };
        let len = head[4..8]
            .iter()
            .fold(0usize, |len, byte| len << bits | usize::from(*byte));
        let Some((encoding, text)) = tail.get(..len).and_then(<[u8]>::split_first) else {
            break;
        };
        match &head[..4] {
            b"TPE1" => artist = cleaned(&decoded_id3(*encoding, text)),
            b"TIT2" => title = cleaned(&decoded_id3(*encoding, text)),
            _ => {}
        }
        rest = tail.get(len..).unwrap_or_default();
    }
    joined(artist, title)
}

/// From a comment as Vorbis and FLAC have it.
pub(super) fn from_vorbis_comment(content: &[u8]) -> Option<String> {
    let (mut artist, mut album_artist, mut title) = (None, None, None);
    for (key, value) in vorbis_comments(content) {
        let value = || cleaned(&decoded(value));
        match key.to_ascii_uppercase().as_slice() {
            b"ARTIST" => artist = artist.or_else(value),
            b"ALBUMARTIST" | b"ALBUM ARTIST" => album_artist = album_artist.or_else(value),
            b"TITLE" => title = title.or_else(value),
            _ => {}
        }
    }
    joined(artist.or(album_artist), title)
}

/// The key under which FLAC names the speakers of its channels, in the bits of WAV.
const SPEAKERS: &str = "WAVEFORMATEXTENSIBLE_CHANNEL_MASK";

/// The speakers that a comment of FLAC names: a number, usually hexadecimal.
pub(super) fn speakers_from_vorbis_comment(content: &[u8]) -> Option<u32> {
    vorbis_comments(content)
        .find(|(key, _)| key.eq_ignore_ascii_case(SPEAKERS.as_bytes()))
        .and_then(|(_, value)| speakers_of(std::str::from_utf8(value).ok()?))
}

/// The same from symphonia's tags.
pub(super) fn speakers_from_metadata(revision: &MetadataRevision) -> Option<u32> {
    let of_tracks = revision.per_track.iter();
    let tags = of_tracks.flat_map(|track| &track.metadata.tags);
    let tags = tags.chain(&revision.media.tags).map(|tag| &tag.raw);
    tags.filter(|tag| tag.key.eq_ignore_ascii_case(SPEAKERS))
        .find_map(|tag| speakers_of(&tag.value.to_string()))
}

fn speakers_of(text: &str) -> Option<u32> {
    let text = text.trim().to_ascii_lowercase();
    match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// Keys and values: lengths in 32 bits, little-endian, before "KEY=text".
fn vorbis_comments(content: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    fn text<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
        let (len, tail) = rest.split_first_chunk()?;
        let (text, tail) = tail.split_at_checked(u32::from_le_bytes(*len) as usize)?;
        *rest = tail;
        Some(text)
    }
    let mut rest = content;
    // Who wrote it, and how many there are, which is of no use: they end with the block.
    let begins = text(&mut rest).is_some();
    rest = rest.get(4..).filter(|_| begins).unwrap_or_default();
    std::iter::from_fn(move || text(&mut rest)).map(|comment| {
        let equals = comment.iter().position(|byte| *byte == b'=').unwrap_or(0);
        let (key, value) = comment.split_at(equals);
        (key, value.get(1..).unwrap_or_default())
    })
}

/// Text of an AIFF chunk (`NAME`, `AUTH`).
pub(super) fn from_parts(artist: Option<&[u8]>, title: Option<&[u8]>) -> Option<String> {
    let text = |bytes: Option<&[u8]>| bytes.and_then(|bytes| cleaned(&decoded(bytes)));
    joined(text(artist), text(title))
}

/// From an ID3v1 tag, the last 128 bytes of a file: title and artist in 30 bytes each.
pub(super) fn from_trailing(file: &mut File) -> Option<String> {
    let len = file.metadata().ok()?.len();
    let tag = read_at(file, len.checked_sub(128)?, 128).ok()?;
    let text = tag.strip_prefix(b"TAG")?;
    let field = |at: usize| {
        let bytes = text.get(at..at + 30)?;
        cleaned(&decoded(bytes.split(|byte| *byte == 0).next()?))
    };
    joined(field(30), field(0))
}

fn decoded_id3(encoding: u8, text: &[u8]) -> String {
    let (text, big_endian) = match (encoding, text) {
        (1, [0xFF, 0xFE, rest @ ..]) => (rest, false),
        (1, [0xFE, 0xFF, rest @ ..]) => (rest, true),
        (1, rest) => (rest, false),
        (2, rest) => (rest, true),
        (_, rest) => return decoded(rest),
    };
    let unit = |pair: &[u8; 2]| {
        if big_endian {
            u16::from_be_bytes(*pair)
        } else {
            u16::from_le_bytes(*pair)
        }
    };
    let units: Vec<u16> = text.as_chunks::<2>().0.iter().map(unit).collect();
    String::from_utf16_lossy(&units)
}

fn joined(artist: Option<String>, title: Option<String>) -> Option<String> {
    match (artist, title) {
        (Some(artist), Some(title)) => Some(format!("{artist} - {title}")),
        (_, title) => title,
    }
}

/// UTF-8 where it is, else Latin-1, which old Windows programs wrote.
fn decoded(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(
        |_| bytes.iter().copied().map(char::from).collect(),
        str::to_owned,
    )
}

/// On one line, of a sensible length, and not empty.
fn cleaned(text: &str) -> Option<String> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c.is_control());
    (!text.is_empty()).then(|| one_line(text).chars().take(MAX_CHARS).collect())
}
