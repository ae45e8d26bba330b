//! What the song at hand is called: one name for snapshots, journal, pictures and reports.
//!
//! It is what the person called it, else the file or the input that is the mix. Never the reference: whoever mixes
//! another song beside the same record would find it filed under that.

use crate::session::pairing::pair::Pair;
use crate::units::plain::is_hidden;

/// What nobody has named.
const UNNAMED: &str = "Mix";
/// Longer names are cut.
const MOST_CHARS: usize = 80;

impl Pair {
    /// Names the song; an empty name gives it back to the input.
    pub fn name_song(&mut self, name: &str) {
        self.song = plain(name);
    }

    /// What the person called it; empty if nobody has.
    pub fn named_song(&self) -> &str {
        &self.song
    }

    /// What the song is called.
    pub fn song_name(&self) -> String {
        if !self.song.is_empty() {
            return self.song.clone();
        }
        let heard = self.mix.hearing().history();
        let name = heard.map(|heard| plain(&heard.name)).unwrap_or_default();
        // What hears an output is called after the output, whatever plays there.
        let name = if name.starts_with("Monitor of ") {
            ""
        } else {
            name.as_str()
        };
        // The last part of a name in parentheses says which version of a song it is.
        let song = match name.rsplit_once(" (") {
            Some((song, _)) if name.ends_with(')') => song,
            _ => name,
        };
        match song.trim() {
            "" => UNNAMED.to_owned(),
            song => song.to_owned(),
        }
    }

    /// Whether that is the name of a song, and not of a device that plays it.
    pub fn song_is_named(&self) -> bool {
        let live = self.mix.hearing().live();
        !self.song.is_empty() || !live.is_some_and(|live| live.is_device())
    }
}

fn plain(name: &str) -> String {
    let plain = name.chars().filter(|c| !is_hidden(*c));
    let cut: String = plain.take(MOST_CHARS).collect();
    cut.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::frames::{ChannelLayout, StreamFormat};
    use crate::session::references::{Reference, ReferenceData};
    use crate::session::sides::still::StillSide;

    fn pair(mix: &str) -> Pair {
        let format = StreamFormat {
            sample_rate_hz: 8_000,
            layout: ChannelLayout::Stereo,
        };
        let mut pair = Pair::default();
        pair.mix = StillSide::new(mix.to_owned(), format).into();
        let record = Reference::of_picture("A hit".to_owned(), ReferenceData::empty());
        pair.references.add(record).expect("there is room");
        pair
    }

    #[test]
    fn a_song_is_called_as_it_was_named_or_as_the_mix_is_and_never_as_the_reference() {
        for (mix, song) in [
            ("Night drive (mix 7)", "Night drive"),
            ("Monitor of Desk", "Mix"),
            ("", "Mix"),
        ] {
            assert_eq!(pair(mix).song_name(), song);
        }
        let mut named = pair("Monitor of Desk");
        named.name_song(" Night\u{7} drive ");
        assert_eq!(named.song_name(), "Night drive");
        named.name_song("");
        assert_eq!(named.song_name(), "Mix");
    }
}
