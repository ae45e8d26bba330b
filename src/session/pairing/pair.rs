//! Both sides and how they are laid to each other: what plays beside the mix, matched over the same seconds, with its
//! sections, moved by hand and heard.

use std::collections::HashMap;

use crate::analysis::meters::Meters;
use crate::compare::tracker::Tracking;
use crate::session::format::snapshot::Snapshot;
use crate::session::pairing::companion::StillCompanion;
use crate::session::pairing::companions::Companions;
use crate::session::pairing::listen_desk::ListenDesk;
use crate::session::pairing::mix_sections::MixSections;
use crate::session::pairing::mix_there::MixThere;
use crate::session::pairing::on_grid::OnGrid;
use crate::session::pairing::over_song::OverSong;
use crate::session::pairing::same_seconds::SameSeconds;
use crate::session::pairing::sections::{SectionOffer, SectionWatch};
use crate::session::references::{Reference, References};
use crate::session::sides::beside::CompanionFrame;
use crate::session::sides::input::InputWish;
use crate::session::sides::live_reference::{Opening, wish_from};
use crate::session::sides::mix::{Hearing, Mix};

/// The number that a second live input is nudged under; those of references begin at 1.
const LIVE_REFERENCE: u64 = 0;

/// Mix and reference.
// Many fields: each finds or keeps one thing about how the two lie to each other, and is asked by itself.
#[derive(Default)]
pub struct Pair {
    /// Side A.
    pub mix: Mix,
    /// Side B.
    pub references: References,
    /// How side B lies beside the newest part of the mix.
    pub beside: CompanionFrame,
    /// How it lies over song position, while that is shown.
    pub(super) over_song: OverSong,
    /// Whether another song plays the section that fits the mix.
    pub follows_sections: bool,
    /// The section of another song that fits the mix.
    pub section_offer: Option<SectionOffer>,
    /// What the person called the song; empty if nobody has. See [`Pair::song_name`].
    pub(super) song: String,
    /// Where the reference is listened to.
    pub listen: ListenDesk,
    /// Seconds added by hand to the place of each reference, by its number; 0 is the second live input.
    nudges_secs: HashMap<u64, f64>,
    opening: Option<Opening>,
    section_watch: SectionWatch,
    /// The mix's own sections, and what lies beside them.
    pub mix_sections: MixSections,
    /// The record's columns where the mix's are, for a difference.
    pub on_grid: OnGrid,
    same_seconds: SameSeconds,
    /// What plays the reference silently beside the mix.
    pub companions: Companions,
    still: Option<StillCompanion>,
    mix_there: MixThere,
    /// What a person should hear of, a line each.
    pub(super) news: Vec<String>,
}

impl Pair {
    /// Takes what the threads have made since the last call. Never waits.
    pub fn poll(&mut self) {
        self.mix.hearing_mut().poll(&mut self.news);
        self.take_opened();
        if let Some(live) = self.references.lasting_input_mut() {
            live.poll(self.mix.hearing(), &mut self.news);
        }
        self.references.poll();
        self.news.extend(self.references.take_news());
        if self.mix.history().is_some() {
            self.look_beside();
        }
        self.follow_song();
        self.tend_listening();
    }

    /// What a person should be told since the last call, a line each.
    pub fn take_news(&mut self) -> Vec<String> {
        std::mem::take(&mut self.news)
    }

    /// Brings what lies beside the mix up to now.
    fn look_beside(&mut self) {
        if let Some(beside) = self.references.picture_beside() {
            self.beside.clone_from(beside);
            return;
        }
        if self.look_at_input() {
            self.companions.end();
        } else {
            self.look_at_reference();
        }
        self.match_same_seconds();
        self.look_there();
        if let Some(heard) = self.mix.history() {
            self.mix_sections.hear(heard, self.mix.generation());
        }
        self.watch_sections();
    }

    /// The figures of a second live input; false without one.
    fn look_at_input(&mut self) -> bool {
        let nudge_secs = self.nudge_secs();
        let Some(live) = self.references.input() else {
            return false;
        };
        if let Some(heard) = live.history() {
            match &mut self.beside.meters {
                Some(meters) => meters.clone_from(&heard.meters),
                None => self.beside.meters = Some(heard.meters.clone()),
            }
        }
        self.beside.offset_secs = live.offset_secs + nudge_secs;
        self.beside.tracking = None;
        true
    }

    /// What the companion of the reference knows; another one has a companion of its own.
    fn look_at_reference(&mut self) {
        let generation = self.references.generation();
        if !self.companions.is_of(generation) {
            self.companions.end();
            self.beside = CompanionFrame::default();
            if let Some(reference) = self.references.active() {
                self.companions.begin(generation, &self.mix, reference);
            }
        }
        let nudge_secs = self.nudge_secs();
        let Some(heard) = self.mix.history() else {
            return;
        };
        if let Some(companion) = self.companions.running() {
            companion.set_nudge_secs(nudge_secs);
            companion.set_measured_from_secs(heard.measured_from_secs);
            companion.tell(&mut self.beside);
            self.beside.read_at(heard.end_secs());
        }
    }

    fn look_there(&mut self) {
        let mix = self.mix.drawn().map(|mix| &mix.meters);
        self.mix_there.follow(&self.beside, mix);
    }

    /// Figures of a mix that stands still at the last moment that it and the reference both have, where it goes on behind
    /// that.
    pub fn mix_there(&self) -> Option<&Meters> {
        self.mix_there
            .meters()
            .filter(|_| self.beside.mix_there.is_some())
    }

    fn match_same_seconds(&mut self) {
        let measured = self
            .same_seconds
            .measure(&self.mix, &self.references, &self.beside);
        self.beside.matched_lufs = measured;
        // Over song position R begins the song anew, and not what is measured.
        let has_reset = self.mix.shown_song().is_none();
        (self.news).extend(self.same_seconds.news().filter(|_| has_reset));
    }

    /// Finds the section that fits, and lays it under the mix if it is to be followed.
    fn watch_sections(&mut self) {
        let nudge_secs = self.nudge_secs();
        let (Some(heard), Some(reference)) = (self.mix.history(), self.references.active()) else {
            self.section_offer = None;
            return;
        };
        self.section_watch.hear(heard);
        let generation = self.references.generation();
        let mut data = reference.data();
        // The last seconds of a mix are no song whose sections could be followed.
        let is_other_song =
            self.beside.tracking == Some(Tracking::NotTheSameSong) && !data.is_kept_sound;
        let offer = is_other_song
            .then(|| self.section_watch.offer(heard, generation, &data))
            .flatten();
        let mix_sections = &mut self.mix_sections;
        let record = is_other_song.then_some(&*data);
        self.beside.sections = mix_sections.lay_beside(record, generation, offer, heard.end_secs());
        if self.section_offer.as_ref() != offer {
            self.section_offer = offer.cloned();
        }
        let followed = self
            .section_offer
            .as_ref()
            .filter(|_| self.follows_sections);
        let region = followed.map(|offer| offer.region);
        if data.followed != region {
            data.followed = region;
            data.revision += 1;
        }
        self.beside.followed = region;
        let secs = [heard.end_secs(), nudge_secs];
        let past = &mut self.mix_sections.followed;
        let of = (data.compared(), generation);
        past.lay(&mut self.beside, followed, secs, of);
        if let Some(companion) = self.companions.running() {
            companion.set_section_offset(followed.map(|offer| offer.offset_secs));
        }
    }

    /// Finds and measures the reference here and now, for a picture without a window.
    pub fn settle(&mut self) {
        self.references.poll();
        if let Some((heard, reference)) = self.mix.history().zip(self.references.active()) {
            let rate = heard.format().sample_rate_hz;
            let still = self
                .still
                .get_or_insert_with(|| match self.mix.recalled_name() {
                    Some(_) => StillCompanion::beside_still(rate),
                    None => StillCompanion::new(rate),
                });
            let nudge_secs = self.nudges_secs.get(&reference.id).copied();
            self.beside = still.frame(
                (&heard.tap(), heard.measured_from_secs),
                &reference.shared(),
                nudge_secs.unwrap_or_default(),
            );
        }
        self.match_same_seconds();
        self.look_there();
        if let Some(heard) = self.mix.history() {
            self.mix_sections.settle(heard, self.mix.generation());
        }
        self.watch_sections();
    }

    /// Follows a mix that is fed by hand bit by bit and may jump, without a window: to be called some times for each of
    /// its seconds.
    pub fn step(&mut self) {
        if let (None, Some(heard)) = (&self.still, self.mix.history()) {
            self.still = Some(StillCompanion::in_step(heard.format().sample_rate_hz));
        }
        self.settle();
    }

    /// The same for another mix or reference than before.
    pub fn settle_anew(&mut self) {
        self.still = None;
        self.settle();
    }

    /// Has another song play the section that fits, or not; what comes of it is news, for it may take a while to be seen. A
    /// region holds one place, so it is let go.
    pub fn toggle_following(&mut self) {
        self.follows_sections = !self.follows_sections;
        let region = self.references.active().and_then(|it| it.data().region);
        if self.follows_sections && region.is_some() {
            self.references.set_region(None);
            self.news.push("whole song again".to_owned());
        }
        let words = match (self.follows_sections, self.beside.tracking) {
            (false, _) => "sections are no longer followed",
            (true, Some(Tracking::NotTheSameSong)) => "the section that fits is followed",
            (true, Some(Tracking::Locked(_) | Tracking::Doubtful(_))) => {
                "the same song lies where it is played; sections are followed beside another one"
            }
            (true, _) => "the section that fits is followed as soon as it is known",
        };
        self.news.push(words.to_owned());
    }

    /// Seconds added by hand to the place of what is shown as the reference.
    pub fn nudge_secs(&self) -> f64 {
        let nudge_secs = self.nudged().and_then(|of| self.nudges_secs.get(&of));
        nudge_secs.copied().unwrap_or_default()
    }

    /// Moves what is shown as the reference by hand; it stays moved until another nudge. In a reopened picture it
    /// moves from where it lay.
    pub fn nudge(&mut self, secs: f64) {
        if let Some(of) = self.nudged() {
            let nudge_secs = self.nudges_secs.entry(of).or_default();
            // To and fro is where it was.
            *nudge_secs = ((*nudge_secs + secs) * 1e6).round() / 1e6;
            self.news.push(nudge_news(*nudge_secs));
        }
        if let Some(beside) = self.references.picture_beside_mut() {
            beside.offset_secs += secs;
            self.beside.offset_secs += secs;
        }
    }

    /// Number of what is nudged.
    fn nudged(&self) -> Option<u64> {
        match self.references.input() {
            Some(_) => Some(LIVE_REFERENCE),
            None => self.references.active().map(|active| active.id),
        }
    }

    /// Hears another input as the mix; the histories stay, with a gap.
    pub fn select_input(&mut self, wish: InputWish) {
        if let Some(live) = self.mix.hearing_mut().live_mut() {
            live.select_input(wish);
        }
    }

    /// Hears another pair of the present input's channels, counted from 0.
    pub fn select_input_pair(&mut self, pair: u16) {
        let live = self.mix.hearing().live();
        match live.and_then(|live| live.input.wish.with_pair(pair)) {
            Some(wish) => self.select_input(wish),
            None => self
                .news
                .push("this input has no channels to choose from".to_owned()),
        }
    }

    /// Starts integrated loudness, range, maxima and curves of the live mix anew, and with it those of a second live
    /// input: they are compared over the same time, so a snapshot in the place of one changes nothing.
    pub fn reset_measurement(&mut self) {
        if self.mix.shown_song().is_some() {
            return self.begin_song_anew();
        }
        self.mix.hearing_mut().reset_measurement();
        if let Some(live) = self.references.lasting_input_mut() {
            live.heard.reset_measurement();
        }
        self.news.push("reset · Ctrl+Z undoes it".to_owned());
    }

    /// Measures on as if nothing had been reset the last time; says what came of it.
    pub fn undo_reset(&mut self) {
        if self.mix.shown_song().is_some() {
            return self.undo_song_anew();
        }
        let is_undone = self.mix.hearing_mut().undo_reset();
        if let Some(live) = self.references.lasting_input_mut() {
            live.heard.undo_reset();
        }
        let words = match is_undone {
            true => "measuring goes on as before the reset",
            false => "nothing was reset that could be undone",
        };
        self.news.push(words.to_owned());
    }

    /// Hears an input in the place of the references; empty gives the place back. `NAME #2` is its second pair of
    /// channels, `#2` that of the mix's own device. Never waits: what comes of it is news.
    pub fn select_reference_input(&mut self, name: &str) {
        if name.trim().is_empty() {
            self.opening = None;
            if self.references.lasting_input().is_some() {
                self.set_live_reference(None);
            }
            return;
        }
        let of_mix = self.mix.live().map(|live| &live.input.wish);
        let Some(wish) = wish_from(name, of_mix) else {
            self.news.push(format!(
                "“{}” is no input; it is a name, or a name and #2 for its second pair of channels",
                name.trim()
            ));
            return;
        };
        self.hear_reference_input(wish);
    }

    /// Hears an input in the place of the references. Never waits: what comes of it is news.
    pub fn hear_reference_input(&mut self, wish: InputWish) {
        if self.references.lasting_input().is_some() && self.references.input().is_none() {
            self.references.end_picture();
            self.beside = CompanionFrame::default();
        }
        let live = self.references.input_mut();
        if let Some(live) = live.and_then(|live| live.heard.live_mut()) {
            live.select_input(wish);
            return;
        }
        match Opening::start(wish) {
            Ok(opening) => self.opening = Some(opening),
            Err(error) => self.news.push(format!("the input is not opened: {error}")),
        }
    }

    /// Takes the input that was being opened, once it is.
    fn take_opened(&mut self) {
        let Some(opened) = self.opening.as_ref().and_then(Opening::opened) else {
            return;
        };
        self.opening = None;
        match opened {
            Ok(live) => {
                self.news
                    .push(format!("{} is the reference", live.history.name));
                self.set_live_reference(Some(live.into()));
            }
            Err(why) => self.news.push(why),
        }
    }

    /// Puts a live input in the place of the references, or takes it away again.
    pub fn set_live_reference(&mut self, heard: Option<Hearing>) {
        let is_covered = heard.is_none() && self.references.input().is_none();
        self.references.hear(heard);
        if !is_covered {
            self.nudges_secs.remove(&LIVE_REFERENCE);
            self.beside = CompanionFrame::default();
        }
    }

    /// Shows a snapshot's mix in place of the live one, beside the references that are open: what came with a picture
    /// that was reopened before leaves with it, and so does the place it had.
    pub fn recall_mix(&mut self, snapshot: &Snapshot) {
        self.references.end_picture();
        self.stand_for_mix(snapshot);
        // Where this mix lies is still to be found.
        self.beside = CompanionFrame::default();
    }

    fn stand_for_mix(&mut self, snapshot: &Snapshot) {
        self.mix
            .recall(snapshot.facts.name.clone(), snapshot.mix_history());
        // Whoever listens to the mix listens anew.
        self.references.begin_anew();
    }

    /// Shows a snapshot as it was: its mix, its reference, and how they lay to each other.
    pub fn reopen(&mut self, snapshot: &Snapshot) {
        self.stand_for_mix(snapshot);
        let side = snapshot.reference.as_ref();
        let reference = side
            .zip(snapshot.reference_data())
            .map(|(side, data)| Reference::of_picture(side.source.clone(), data));
        let mut beside = snapshot.beside().unwrap_or_default();
        if let Some(reference) = &reference {
            beside.followed = reference.data().followed;
        }
        self.beside.clone_from(&beside);
        self.references.show_picture(reference, beside);
    }

    /// Back to the live mix and the references as they were; false if it is shown already.
    pub fn back_to_live(&mut self) -> bool {
        if !self.mix.back_to_live() {
            return false;
        }
        self.references.end_picture();
        self.references.begin_anew();
        if self.references.input().is_some() {
            self.beside = CompanionFrame::default();
        }
        true
    }
}

/// Where the reference lies since it was moved by hand, in words: nothing else shows it at once.
fn nudge_news(nudge_secs: f64) -> String {
    let milliseconds = (1000.0 * nudge_secs).round();
    match milliseconds {
        0.0 => "the reference lies where it was found".to_owned(),
        _ => format!(
            "the reference is moved by hand, {:.0} ms {} than it was found",
            milliseconds.abs(),
            if milliseconds < 0.0 {
                "earlier"
            } else {
                "later"
            }
        ),
    }
}

#[cfg(test)]
mod tests;
