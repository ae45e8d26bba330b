//! Session: what a person keeps between two evenings: settings, references, snapshots.

pub mod action;
pub mod arrangement;
pub mod basis;
pub mod cache;
pub mod columns;
pub mod companion;
pub mod heard;
pub mod input;
pub mod listening;
pub mod live_reference;
pub mod loudness_history;
pub mod mix;
pub mod picture_metadata;
pub mod reference_figures;
pub mod references;
pub mod remote;
pub mod sections;
pub mod settings;
pub mod snapshot;
pub mod targets;

use crate::compare::tracker::Tracking;
use companion::{Companion, CompanionFrame, StillCompanion};
use input::InputWish;
use listening::Listening;
use live_reference::{LiveReference, Opening};
use mix::MixSide;
use references::References;
use sections::{SectionOffer, SectionWatch};

/// What is open: the mix, the references, and how they are placed to each other.
#[derive(Default)]
pub struct Session {
    /// Side A; none while no input could be opened.
    pub mix: Option<MixSide>,
    /// Why there is no mix: one line.
    pub mix_problem: Option<String>,
    /// What a person should know about how it was opened: one line.
    pub notice: Option<String>,
    /// What the person has chosen once and keeps.
    pub settings: settings::Settings,
    /// What happened to the input since it was last told, a line each.
    pub news: Vec<String>,
    /// Side B.
    pub references: References,
    /// Seconds added to the reference's place by hand.
    pub nudge_secs: f64,
    /// The reference at the newest part of the mix.
    pub beside: CompanionFrame,
    /// The mix heard so far against the active reference, or why that is not known; none before it was asked for.
    pub heard: Option<Result<heard::Heard, String>>,
    /// A second live input in the place of the references.
    pub live_reference: Option<LiveReference>,
    opening_reference: Option<Opening>,
    /// Whether another song plays the section that fits the mix.
    pub follows_sections: bool,
    /// The section of another song that fits the mix.
    pub section_offer: Option<SectionOffer>,
    section_watch: SectionWatch,
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
            self.companion = None;
            return;
        }
        let Some(mix) = &mut self.mix else {
            return;
        };
        let generation = self.references.generation;
        if self
            .companion
            .as_ref()
            .is_none_or(|(of, _)| *of != generation)
        {
            self.companion = None;
            self.nudge_secs = 0.0;
            self.beside = CompanionFrame::default();
            if let Some(reference) = self.references.active() {
                let rate = mix.format().sample_rate_hz;
                match Companion::spawn(mix.tap(), rate, reference.shared()) {
                    Ok(companion) => self.companion = Some((generation, companion)),
                    Err(error) => tracing::error!("no thread for the reference: {error}"),
                }
            }
        }
        if let Some((_, companion)) = &mut self.companion {
            companion.set_nudge_secs(self.nudge_secs);
            companion.set_measured_from(mix.measured_from());
            self.beside.clone_from(companion.latest());
        }
        self.watch_sections();
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
            self.beside = still.frame(&mix.tap(), &reference.shared(), self.nudge_secs);
        }
        self.watch_sections();
    }

    /// Hears another input; the histories stay, with a gap.
    pub fn select_input(&mut self, wish: InputWish) {
        if let Some(mix) = &mut self.mix {
            mix.select_input(wish);
        }
    }

    /// Hears another pair of the present input's channels, counted from 0.
    pub fn select_input_pair(&mut self, pair: u16) {
        let input = self.mix.as_ref().and_then(|mix| mix.input.as_ref());
        match input.and_then(|input| input.wish.with_pair(pair)) {
            Some(wish) => self.select_input(wish),
            None => self
                .news
                .push("this input has no channels to choose from".to_owned()),
        }
    }

    /// Starts integrated loudness, range, maxima and curves of the mix anew.
    pub fn reset_measurement(&mut self) {
        let live = self.live_reference.as_mut().map(|live| &mut live.side);
        for side in self.mix.iter_mut().chain(live) {
            side.reset_measurement();
        }
    }
}
