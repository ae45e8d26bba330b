//! Session: what a person keeps between two evenings: settings, references, snapshots.

pub mod action;
pub mod arrangement;
pub mod cache;
pub mod columns;
pub mod companion;
pub mod heard;
pub mod input;
pub mod loudness_history;
pub mod mix;
pub mod picture_metadata;
pub mod reference_figures;
pub mod references;
pub mod remote;
pub mod settings;
pub mod snapshot;
pub mod targets;

use companion::{Companion, CompanionFrame, StillCompanion};
use input::InputWish;
use mix::MixSide;
use references::References;

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
    companion: Option<(u64, Companion)>,
    still: Option<StillCompanion>,
}

impl Session {
    /// Takes what the threads have made since the last picture. Never waits.
    pub fn poll(&mut self) {
        self.references.poll();
        self.news.extend(self.references.take_news());
        let Some(mix) = &mut self.mix else {
            return;
        };
        mix.poll();
        self.news.extend(mix.news());
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
    }

    /// Finds and measures the reference here and now, for a picture without a window.
    pub fn settle(&mut self) {
        if let Some((mix, reference)) = self.mix.as_mut().zip(self.references.active()) {
            let rate = mix.format().sample_rate_hz;
            let still = self.still.get_or_insert_with(|| StillCompanion::new(rate));
            self.beside = still.frame(&mix.tap(), &reference.shared(), self.nudge_secs);
        }
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
        if let Some(mix) = &mut self.mix {
            mix.reset_measurement();
        }
    }
}
