//! What a file says it is called, for labels: "Artist - Title".

use symphonia::core::meta::{MetadataRevision, StandardTag};

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
