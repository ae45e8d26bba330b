//! The picture over song position instead of time: whether it can be.
//!
//! What is heard goes on being heard, followed and matched in its own time, whatever is shown.

use crate::session::pairing::pair::Pair;
use crate::session::sides::beside::CompanionFrame;

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
                    self.mix.show_song(true);
                    self.follow_song();
                    "over song position: each bar as it was played last"
                }
            },
        };
        self.news.push(words.to_owned());
    }

    /// Has the song begin anew: bars of another song, or of one that was cut, no longer count.
    pub(super) fn begin_song_anew(&mut self) {
        if let Some(live) = self.mix.hearing_mut().live_mut() {
            live.begin_song_anew();
            let words = "the song begins anew · Ctrl+Z undoes it";
            self.news.push(words.to_owned());
        }
    }

    /// Goes back to the song before it was begun anew; says what came of it.
    pub(super) fn undo_song_anew(&mut self) {
        let live = self.mix.hearing_mut().live_mut();
        let words = match live.is_some_and(|live| live.undo_song_anew()) {
            true => "the song goes on as before it was begun anew",
            false => "nothing was reset that could be undone",
        };
        self.news.push(words.to_owned());
    }

    fn leave_song(&mut self) {
        if let Some(song) = self.mix.shown_song_mut() {
            song.hold(false);
        }
        self.mix.show_song(false);
    }

    /// Why the picture cannot lie over song position, if it cannot.
    fn why_not_over_song(&self) -> Option<&'static str> {
        if self.mix.recalled_name().is_some() {
            return Some(
                "a snapshot lies over the time it was heard; go back to the live mix first",
            );
        }
        if self.references.input().is_some() {
            return Some("a second input as the reference has no place in the song");
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
        if self.references.input().is_some() && self.mix.shown_song().is_some() {
            self.leave_song();
            let words = "over time again: a second input has no place in the song";
            self.news.push(words.to_owned());
        }
        if let Some(song) = self.mix.shown_song() {
            let record = self.references.active().map(|record| record.data().whole());
            let length_secs = record.map_or(f64::INFINITY, |whole| whole.length_secs);
            self.over_song.follow(&self.beside, &song.runs, length_secs);
        }
    }
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
