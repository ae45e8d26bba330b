//! Session: what a person keeps between two evenings: settings, references, snapshots.

pub mod action;
pub mod background;
pub mod pairing;
mod recall;
pub mod references;
pub mod settings;
pub mod sides;
pub mod snapshots;

use std::collections::HashMap;

use crate::audio::levels::InputLevels;
use crate::compare::tracker::Tracking;
use crate::session::pairing::companion::{Companion, CompanionFrame, StillCompanion};
use crate::session::pairing::listening::Listening;
use crate::session::pairing::same_seconds::SameSeconds;
use crate::session::pairing::sections::{SectionOffer, SectionWatch};
use crate::session::references::References;
use crate::session::sides::input::InputWish;
use crate::session::sides::live_reference::{LiveReference, Opening};
use crate::session::sides::mix::MixSide;

/// The number that a second live input is nudged under; those of references begin at 1.
const LIVE_REFERENCE: u64 = 0;

/// What is open: the mix, the references, and how they are placed to each other.
#[derive(Default)]
pub struct Session {
    /// Side A; none while no input could be opened.
    pub mix: Option<MixSide>,
    /// Why there is no mix: one line.
    pub mix_problem: Option<String>,
    /// The shelf of snapshots, as far as it was read.
    pub pages: snapshots::journal::Pages,
    /// What was deleted from it last, and can come back.
    pub deleted: Option<String>,
    /// Name of the snapshot that stands in place of the live mix.
    pub recalled: Option<String>,
    /// What a person should know about how it was opened: one line.
    pub notice: Option<String>,
    /// What the person has chosen once and keeps.
    pub settings: settings::Settings,
    /// What happened to the input since it was last told, a line each.
    pub news: Vec<String>,
    /// The levels of all inputs, while somebody chooses one.
    pub input_levels: Option<InputLevels>,
    /// Side B.
    pub references: References,
    /// Seconds added by hand to the place of each reference, by its number; 0 is the second live input.
    nudges_secs: HashMap<u64, f64>,
    /// The reference at the newest part of the mix.
    pub beside: CompanionFrame,
    /// The mix heard so far against the active reference, or why that is not known; none before it was asked for.
    pub heard: Option<Result<pairing::heard::Heard, String>>,
    /// Counts changes of the mix: another input, a snapshot in its place.
    pub mix_generation: u64,
    /// The live mix while a snapshot stands in its place; it goes on being measured.
    live: Option<MixSide>,
    /// What lay beside the mix in a reopened picture, while its reference is shown.
    of_picture: Option<(u64, CompanionFrame)>,
    /// A second live input in the place of the references.
    pub live_reference: Option<LiveReference>,
    /// The same while a reopened picture stands in its place.
    parked_reference: Option<LiveReference>,
    opening_reference: Option<Opening>,
    /// Whether another song plays the section that fits the mix.
    pub follows_sections: bool,
    /// The section of another song that fits the mix.
    pub section_offer: Option<SectionOffer>,
    section_watch: SectionWatch,
    same_seconds: SameSeconds,
    /// Output that the reference is heard on; none is the system's own.
    pub listen_output: Option<String>,
    /// Gain in dB that the reference is shown with, and heard with.
    pub listen_gain_db: f64,
    listening: Option<Listening>,
    companion: Option<(u64, Companion)>,
    still: Option<StillCompanion>,
}

impl Session {
    /// Takes what the threads have made since the last picture. Never waits.
    pub fn poll(&mut self) {
        if let Some(live) = &mut self.live {
            live.poll();
            self.news.extend(live.news());
        }
        self.poll_parked_reference();
        self.tend_listening();
        self.take_opened_reference();
        self.references.poll();
        self.news.extend(self.references.take_news());
        let Some(mix) = &mut self.mix else {
            return;
        };
        mix.poll();
        self.news.extend(mix.news());
        if self.poll_live_reference() {
            self.match_same_seconds();
            self.companion = None;
            return;
        }
        let Some(mix) = &mut self.mix else {
            return;
        };
        let generation = self.references.generation;
        if let Some((_, beside)) = self.of_picture.as_ref().filter(|(of, _)| *of == generation) {
            self.beside.clone_from(beside);
            return;
        }
        if self
            .companion
            .as_ref()
            .is_none_or(|(of, _)| *of != generation)
        {
            self.companion = None;
            self.beside = CompanionFrame::default();
            if let Some(reference) = self.references.active() {
                let rate = mix.format().sample_rate_hz;
                match Companion::spawn(mix.tap(), rate, reference.shared()) {
                    Ok(companion) => self.companion = Some((generation, companion)),
                    Err(error) => tracing::error!("no thread for the reference: {error}"),
                }
            }
        }
        let nudge_secs = self.nudge_secs();
        if let Some((_, companion)) = &mut self.companion {
            companion.set_nudge_secs(nudge_secs);
            self.beside.clone_from(companion.latest());
        }
        self.match_same_seconds();
        self.watch_sections();
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
            *self.nudges_secs.entry(of).or_default() += secs;
        }
        if let Some(beside) = self.beside_of_picture() {
            beside.offset_secs += secs;
            self.beside.offset_secs += secs;
        }
    }

    /// Number of what is nudged.
    fn nudged(&self) -> Option<u64> {
        match self.live_reference {
            Some(_) => Some(LIVE_REFERENCE),
            None => self.references.active().map(|active| active.id),
        }
    }

    /// What lay beside the mix in a reopened picture, while that is shown.
    fn beside_of_picture(&mut self) -> Option<&mut CompanionFrame> {
        let generation = self.references.generation;
        let of_picture = self.of_picture.as_mut();
        of_picture.and_then(|(of, beside)| (*of == generation).then_some(beside))
    }

    /// Finds the section that fits, and lays it under the mix if it is to be followed.
    fn watch_sections(&mut self) {
        let (Some(mix), Some(reference)) = (&self.mix, self.references.active()) else {
            self.section_offer = None;
            return;
        };
        self.section_watch.hear(mix);
        let is_other_song = self.beside.tracking == Some(Tracking::NotTheSameSong);
        let generation = self.references.generation;
        let mut data = reference.data();
        let offer = is_other_song
            .then(|| self.section_watch.offer(mix, generation, &data))
            .flatten();
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
        if let Some((_, companion)) = &self.companion {
            companion.set_section_offset(followed.map(|offer| offer.offset_secs));
        }
    }

    /// Finds and measures the reference here and now, for a picture without a window.
    pub fn settle(&mut self) {
        self.references.poll();
        if let Some((mix, reference)) = self.mix.as_mut().zip(self.references.active()) {
            let rate = mix.format().sample_rate_hz;
            let still = self.still.get_or_insert_with(|| StillCompanion::new(rate));
            let nudge_secs = self.nudges_secs.get(&reference.id).copied();
            self.beside = still.frame(
                &mix.tap(),
                &reference.shared(),
                nudge_secs.unwrap_or_default(),
            );
        }
        self.match_same_seconds();
        self.watch_sections();
    }

    /// As [`Session::settle`], for another mix or reference than before.
    pub fn settle_anew(&mut self) {
        self.still = None;
        self.settle();
    }

    /// Hears another input; the histories stay, with a gap.
    pub fn select_input(&mut self, wish: InputWish) {
        let live = match self.recalled {
            Some(_) => &mut self.live,
            None => &mut self.mix,
        };
        if let Some(mix) = live {
            mix.select_input(wish);
        }
    }

    /// Hears another pair of the present input's channels, counted from 0.
    pub fn select_input_pair(&mut self, pair: u16) {
        let input = self.live_mix().and_then(|mix| mix.input.as_ref());
        match input.and_then(|input| input.wish.with_pair(pair)) {
            Some(wish) => self.select_input(wish),
            None => self
                .news
                .push("this input has no channels to choose from".to_owned()),
        }
    }

    /// Starts integrated loudness, range, maxima and curves of the live mix anew, and with it those of a second live
    /// input: they are compared over the same time, so a snapshot in the place of one changes nothing.
    pub fn reset_measurement(&mut self) {
        let mix = match self.recalled {
            Some(_) => &mut self.live,
            None => &mut self.mix,
        };
        let live = self.live_reference.as_mut();
        let live = live.or(self.parked_reference.as_mut());
        for side in mix.iter_mut().chain(live.map(|live| &mut live.side)) {
            side.reset_measurement();
        }
    }
}
