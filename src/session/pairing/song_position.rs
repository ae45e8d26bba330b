//! The picture over song position instead of time: whether it can be.
//!
//! What is heard goes on being heard, followed and matched in its own time, whatever is shown.

use crate::session::pairing::pair::Pair;
use crate::session::sides::beside::CompanionFrame;
use crate::session::sides::live::LiveSide;
use crate::session::sides::live_reference::LiveReference;
use crate::session::sides::mix::Hearing;
use crate::session::sides::song_side::SongSide;

impl Pair {
    /// How the reference lies beside what a picture is drawn of.
    pub fn beside_drawn(&self) -> &CompanionFrame {
        match self.mix.shown_song() {
            Some(_) => &self.over_song.frame,
            None => &self.beside,
        }
    }

    /// Lays the picture over song position, or over time again. What comes of it is news.
    pub fn toggle_song_position(&mut self) {
        let words = match self.mix.shown_song() {
            Some(_) => {
                self.leave_song();
                "over time again"
            }
            None => match self.why_not_over_song() {
                Some(why) => why,
                None => {
                    self.show_songs(true);
                    self.follow_song();
                    "over song position: each bar as it was played last"
                }
            },
        };
        self.news.push(words.to_owned());
    }

    /// Has the song shown of both tracks, or of neither: they have one song.
    pub fn show_songs(&mut self, is_shown: bool) {
        self.each_hearing(|heard| heard.show_song(is_shown));
    }

    /// Has the song begin anew: bars of another song, or of one that was cut, no longer count.
    pub(super) fn begin_song_anew(&mut self) {
        self.each_hearing(|heard| {
            let live = heard.live_mut();
            if let Some(live) = live.filter(|live| live.song.is_some()) {
                live.begin_song_anew();
            }
        });
        let words = "the song begins anew · Ctrl+Z undoes it";
        self.news.push(words.to_owned());
    }

    /// Goes back to the song before it was begun anew; says what came of it.
    pub(super) fn undo_song_anew(&mut self) {
        let mut is_undone = false;
        self.each_hearing(|heard| {
            is_undone |= heard.live_mut().is_some_and(LiveSide::undo_song_anew);
        });
        let words = match is_undone {
            true => "the song goes on as before it was begun anew",
            false => "nothing was reset that could be undone",
        };
        self.news.push(words.to_owned());
    }

    fn leave_song(&mut self) {
        self.each_hearing(|heard| {
            if let Some(song) = heard.shown_song_mut() {
                song.hold(false);
                song.is_shown = false;
            }
        });
    }

    /// What is heard as the mix, and as a reference if that is an input too.
    fn each_hearing(&mut self, mut work: impl FnMut(&mut Hearing)) {
        work(self.mix.hearing_mut());
        if let Some(live) = self.references.lasting_input_mut() {
            work(&mut live.heard);
        }
    }

    /// Why the picture cannot lie over song position, if it cannot.
    fn why_not_over_song(&self) -> Option<&'static str> {
        if self.mix.recalled_name().is_some() {
            return Some(
                "a snapshot lies over the time it was heard; go back to the live mix first",
            );
        }
        if self
            .references
            .input()
            .is_some_and(|live| !tells_song(live))
        {
            return Some("the second input tells no place in the song, as only a DAW's track does");
        }
        match self.mix.live().map(|live| live.song.as_ref()) {
            Some(Some(song)) if song.is_begun() => None,
            Some(Some(_)) => Some("nothing of the song was heard yet: play it in the DAW"),
            Some(None) | None => {
                Some("only a DAW's track tells where it plays: put Abscope Send on it, and play")
            }
        }
    }

    /// Brings what lies over song position up to now.
    pub(super) fn follow_song(&mut self) {
        let Some(song) = self.mix.shown_song() else {
            // Another input is the mix, or a snapshot stands in its place, over time.
            if let Some(live) = self.references.lasting_input_mut() {
                live.heard.show_song(false);
            }
            return;
        };
        let Some(live) = self.references.input() else {
            let record = self.references.active().map(|record| record.data().whole());
            let length_secs = record.map_or(f64::INFINITY, |whole| whole.length_secs);
            self.over_song.follow(&self.beside, &song.runs, length_secs);
            return;
        };
        if !tells_song(live) {
            self.leave_song();
            let words = "over time again: the second input tells no place in the song";
            self.news.push(words.to_owned());
            return;
        }
        // Beside a snapshot it lay over time.
        self.show_songs(true);
        if let Some(track) = self.references.input().and_then(LiveReference::drawn) {
            self.over_song.follow_track(&self.beside, track);
        }
    }
}

/// Whether an input is a track of which something of the song was heard.
fn tells_song(live: &LiveReference) -> bool {
    let song = live.heard.live().and_then(|live| live.song.as_ref());
    song.is_some_and(SongSide::is_begun)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mix_that_tells_no_place_stays_over_time_and_says_why() {
        let mut pair = Pair::default();
        pair.toggle_song_position();
        assert!(pair.mix.shown_song().is_none());
        let news = pair.take_news();
        assert!(news[0].contains("Abscope Send"), "{news:?}");
    }
}
