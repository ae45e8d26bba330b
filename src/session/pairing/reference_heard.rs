//! Listening to the reference: on and off, where to, and as loud as the mix at the place beside it.

use crate::session::pairing::listening::{Beside, ListenWish};
use crate::session::pairing::matching::ToMatch;
use crate::session::pairing::pair::Pair;
use crate::session::sides::live::LiveSide;

impl Pair {
    /// Begins to play the reference, or stops. What comes of it is news.
    pub fn toggle_listening(&mut self) {
        if self.listen.is_on() {
            self.listen.stop();
            self.news
                .push("the reference is no longer heard".to_owned());
            return;
        }
        let words = format!("the reference is heard on {}", self.listen_output());
        let begun = self.start_listening();
        self.news.push(begun.err().unwrap_or(words));
    }

    fn listen_output(&self) -> &str {
        let name = self.listen.output.as_deref();
        name.unwrap_or("the system's output")
    }

    /// Chooses the output; empty is the system's own. What is heard moves there. What comes of it is news.
    pub fn listen_on(&mut self, output: &str) {
        let output = output.trim();
        self.listen.output = (!output.is_empty()).then(|| output.to_owned());
        let name = self.listen_output();
        let is_on = self.listen.is_on();
        let words = match is_on {
            true => format!("the reference is heard on {name}"),
            false => format!("the reference will be heard on {name}: W"),
        };
        let moved = if is_on {
            self.start_listening()
        } else {
            Ok(())
        };
        self.news.push(moved.err().unwrap_or(words));
    }

    /// Begins to play the reference, or goes on with it on another output. Never waits.
    pub fn start_listening(&mut self) -> Result<(), String> {
        let wish = self
            .listen_wish()
            .ok_or("there is no reference to listen to: drop one on the window, or press O")?;
        self.listen.start(wish)
    }

    /// Tells the thread what is to be heard now.
    pub(super) fn tend_listening(&mut self) {
        if self.listen.is_on() {
            let wish = self.listen_wish();
            self.listen.tend(wish);
        }
    }

    pub(super) fn listen_wish(&self) -> Option<ListenWish> {
        let reference = self.references.active()?;
        let heard = self.mix.history();
        Some(ListenWish {
            reference: (reference.id, reference.shared()),
            gain_db: self.heard_gain_db(),
            region: reference.data().beside(self.beside.is_aligned()),
            beside: heard.map(|heard| Beside {
                tap: heard.tap(),
                sample_rate_hz: heard.format().sample_rate_hz,
                offset_secs: self.beside.offset_secs,
            }),
            // The input goes on being heard behind a snapshot.
            mix_input: self.mix.hearing().live().and_then(LiveSide::input_id),
        })
    }

    /// Gain in dB that the reference is heard with: the match of now, if it is on, and its trim. Nothing has to be
    /// drawn for it.
    pub fn heard_gain_db(&self) -> f64 {
        let trim_db = self
            .references
            .active()
            .map_or(0.0, |active| active.data().trim_db);
        let matching = self.listen.matching;
        let to_match = self.mix.history().map(|mix| ToMatch {
            mix,
            mix_lufs: mix.meters.loudness.integrated_lufs,
            references: &self.references,
            beside: &self.beside,
            right_secs: mix.end_secs(),
        });
        let matched = to_match.filter(|_| matching.is_on);
        let gain_db = matched.and_then(|to_match| to_match.gain_db(matching.basis).0);
        gain_db.unwrap_or_default() + trim_db
    }
}
