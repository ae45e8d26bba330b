//! Sections of the mix as far as it was heard, found now and then beside the window, as those of a record are found
//! once; and which section of another song lies beside which.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};

use crate::compare::sections::{Section, SectionFinder, TIER, bands, pairs};
use crate::session::background;
use crate::session::pairing::followed::FollowedPast;
use crate::session::pairing::sections::{LEAST_SECS, SectionOffer, aimed_at, is_to_aim_at};
use crate::session::references::ReferenceData;
use crate::session::sides::beside::SectionsBeside;
use crate::session::sides::history::History;
use crate::session::sides::region::Region;

/// Columns between two looks: ten seconds.
const LOOK_EVERY_COLUMNS: u64 = 230;
/// Sections are found of the last half hour: a song is shorter, and more would cost more each time.
const MOST_COLUMNS: usize = 42_000;

/// Watches the mix for its own sections.
#[derive(Default)]
pub struct MixSections {
    /// Which mix, and from which time on it is measured.
    of: Option<(u64, f64)>,
    finder: Option<SectionFinder>,
    next_column: u64,
    next_look: u64,
    running: Option<Receiver<Vec<Section>>>,
    found: Vec<Section>,
    /// Grows with what is found.
    revision: u64,
    /// What lies beside each, of which revision, choice of reference and offer.
    laid: Arc<SectionsBeside>,
    laid_of: (u64, u64, Option<usize>, Option<Region>),
    /// Where sections of the record lay while they were followed.
    pub(super) followed: FollowedPast,
}

impl MixSections {
    /// Takes the mix's new columns, and what was found since; looks again when ten more seconds were heard.
    pub fn hear(&mut self, mix: &History, generation: u64) {
        self.take(mix, generation);
        if self.next_column >= self.next_look && self.running.is_none() {
            self.next_look = self.next_column + LOOK_EVERY_COLUMNS;
            let Some(finder) = self.finder.clone() else {
                return;
            };
            let loudness = mix.loudness.points().to_vec();
            let (tell, found) = channel();
            let looking = background::spawn("sections of the mix", background::WORK, move || {
                // A window that has closed needs no sections.
                let _ = tell.send(finder.heard(&loudness));
            });
            match looking {
                Ok(_) => self.running = Some(found),
                Err(error) => tracing::debug!("no thread for the sections of the mix: {error}"),
            }
        }
        let arrived = self.running.as_ref().map(|running| running.try_recv());
        match arrived {
            Some(Ok(found)) => self.put(found),
            // It broke, which is said elsewhere: the next look tries again.
            Some(Err(TryRecvError::Disconnected)) => self.running = None,
            Some(Err(TryRecvError::Empty)) | None => {}
        }
    }

    /// The same here and now, for a picture without a window.
    pub fn settle(&mut self, mix: &History, generation: u64) {
        let known = self.next_column;
        self.take(mix, generation);
        if let Some(finder) = self.finder.as_ref().filter(|_| self.next_column > known) {
            let found = finder.heard(mix.loudness.points());
            self.put(found);
        }
    }

    /// The sections of the mix, in its own seconds.
    pub fn sections(&self) -> &[Section] {
        &self.found
    }

    /// With what lies beside each, found anew where that has changed; the choice of the record is told by its number.
    /// Beside the one that is playing lies what is offered, if that was so for most of it: one thing is said of it. An end
    /// that sounds otherwise does not make another of all that came before. Nothing lies beside what is too short to be
    /// compared, and no part of a record that is not to be aimed at.
    pub fn lay_beside(
        &mut self,
        data: Option<&ReferenceData>,
        generation: u64,
        offer: Option<&SectionOffer>,
        now_secs: f64,
    ) -> Arc<SectionsBeside> {
        let since_secs = self.found.last().map_or(0.0, |playing| playing.start_secs);
        let is_most_of_it = |offer: &&SectionOffer| {
            offer.begun_secs() - since_secs <= 0.5 * (now_secs - since_secs)
        };
        let offered = offer.filter(is_most_of_it).map(|offer| offer.section);
        let record = data.map_or(&[][..], |data| &data.sections);
        // A record that is still read has no sections yet.
        let choice = 2 * generation + u64::from(record.is_empty());
        let compared = data.map(aimed_at);
        let of = (self.revision, choice, offered, compared);
        if self.laid_of != of {
            let is_same_record = (choice, compared) == (self.laid_of.1, self.laid_of.3);
            self.laid_of = of;
            let before: Vec<Option<usize>> = match is_same_record {
                true => self
                    .found
                    .iter()
                    .map(|it| laid_before(&self.laid, it))
                    .collect(),
                false => vec![],
            };
            let mut beside = pairs(&self.found, record, &before);
            if let (Some(playing), Some(offered)) = (beside.last_mut(), offered) {
                *playing = Some(offered);
            }
            let is_meant =
                |there: usize| data.is_some_and(|data| is_to_aim_at(&data.sections[there], data));
            for (section, beside) in self.found.iter().zip(&mut beside) {
                let is_part = section.sounds() && section.length_secs() >= LEAST_SECS;
                *beside = beside.filter(|there| is_part && is_meant(*there));
            }
            self.laid = Arc::new(SectionsBeside {
                of_mix: self.found.clone(),
                beside,
            });
        }
        Arc::clone(&self.laid)
    }

    fn put(&mut self, found: Vec<Section>) {
        self.running = None;
        self.found = found;
        self.revision += 1;
    }

    fn take(&mut self, mix: &History, generation: u64) {
        let tier = usize::from(TIER);
        let kept = mix.columns.kept(tier);
        // Another mix begins anew, as what is measured does; else a song that is played again would go on counting. So does
        // one that has outgrown what is looked at.
        let of = Some((generation, mix.measured_from_secs));
        let is_another = self.of != of || kept.end < self.next_column;
        let is_long = self
            .finder
            .as_ref()
            .is_some_and(|finder| finder.num_columns() > MOST_COLUMNS);
        if is_another || is_long {
            let from_column = (mix.measured_from_secs / mix.tier_secs(tier)).ceil() as u64;
            let revision = self.revision + 1;
            *self = Self {
                of,
                revision,
                next_column: match is_another {
                    true => from_column.min(kept.end),
                    false => self.next_column,
                },
                ..Self::default()
            };
        }
        let (hop_secs, first) = (mix.hop_secs(), self.next_column);
        let finder = self
            .finder
            .get_or_insert_with(|| SectionFinder::from_column(hop_secs, first));
        for index in self.next_column..kept.end {
            finder.push_bands(mix.columns.get(tier, index).and_then(bands));
        }
        self.next_column = self.next_column.max(kept.end);
    }
}

/// What lay beside a section when sections were found the last time, which may have moved since.
fn laid_before(laid: &SectionsBeside, section: &Section) -> Option<usize> {
    let shared_secs = |other: &Section| {
        section.end_secs.min(other.end_secs) - section.start_secs.max(other.start_secs)
    };
    let mut pairs = laid.of_mix.iter().zip(&laid.beside);
    let is_it =
        |other: &Section| 2.0 * shared_secs(other) > section.length_secs().max(other.length_secs());
    pairs
        .find(|(other, _)| is_it(other))
        .and_then(|(_, beside)| *beside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::demo::{self, DemoVersion};
    use crate::audio::frames::{ChannelLayout, StreamFormat};
    use crate::compare::sections::Texture;
    use crate::session::sides::region::Region;
    use crate::session::sides::still::StillSide;

    #[test]
    fn beside_the_section_that_plays_lies_what_is_offered_for_most_of_it() {
        let section = |start_secs: f64| Section {
            start_secs,
            end_secs: start_secs + 20.0,
            letter: 'A',
            name: "A".to_owned(),
            loudness_lufs: Some(-20.0),
            texture: Texture::default(),
        };
        let mut sections = MixSections::default();
        sections.put(vec![section(0.0), section(20.0)]);
        let mut record = ReferenceData::empty();
        record.sections = vec![section(0.0), section(20.0)];
        (record.frames, record.sample_rate_hz) = (40 * 48_000, 48_000);
        let offer = |section: usize, begun_secs: f64| SectionOffer {
            section,
            name: "A".to_owned(),
            region: Region {
                start_secs: 20.0 * section as f64,
                length_secs: 20.0,
            },
            offset_secs: 20.0 * section as f64 - begun_secs,
        };
        let mut beside = |offer: Option<SectionOffer>, now_secs| {
            let laid = sections.lay_beside(Some(&record), 1, offer.as_ref(), now_secs);
            laid.beside.clone()
        };
        assert_eq!(beside(None, 40.0), [None, None]);
        assert_eq!(beside(Some(offer(1, 28.0)), 40.0), [None, Some(1)]);
        assert_eq!(beside(Some(offer(0, 5.0)), 22.0), [None, Some(0)]);
        // What is offered since the last seconds is of what comes next.
        assert_eq!(beside(Some(offer(1, 34.0)), 40.0), [None, None]);
        assert_eq!(beside(Some(offer(1, 34.0)), 50.0), [None, Some(1)]);
        // The one that is held against the mix hides no other; a region that a person has chosen does.
        for (from_secs, to_secs, left) in [(0.0, 20.0, Some(1)), (3.0, 20.0, None)] {
            record.region = Some(Region {
                start_secs: from_secs,
                length_secs: to_secs - from_secs,
            });
            let offer = offer(1, 28.0);
            let laid = sections.lay_beside(Some(&record), 1, Some(&offer), 40.0);
            assert_eq!(laid.beside, [None, left]);
        }
    }

    #[test]
    fn a_mix_that_is_heard_has_the_sections_of_its_song_and_another_one_begins_anew() {
        let song = demo::render(DemoVersion::Mix);
        let format = StreamFormat {
            sample_rate_hz: demo::SAMPLE_RATE_HZ,
            layout: ChannelLayout::Stereo,
        };
        let mut mix = StillSide::new("mix".to_owned(), format);
        let mut sections = MixSections::default();
        for block in song.chunks(20 * 96_000) {
            mix.feed(block);
            mix.settle();
            sections.settle(&mix.history, 1);
        }
        let found: Vec<f64> = sections
            .sections()
            .iter()
            .map(|section| section.start_secs)
            .collect();
        let starts = DemoVersion::Mix.sections();
        assert_eq!(found.len(), starts.len(), "{found:?}");
        for (found, (start_secs, name)) in found.iter().zip(&starts) {
            assert!((found - start_secs).abs() < 2.0, "{name}: {found}");
        }
        // Measured anew, the song is played from its chorus on: what it was before is no part of it.
        let chorus = found.len() - 2;
        mix.reset_measurement();
        sections.settle(&mix.history, 1);
        assert!(sections.sections().is_empty());
        let from = starts[chorus].0 as usize * 96_000;
        mix.feed(&song[from..]);
        mix.settle();
        sections.settle(&mix.history, 1);
        let begun_secs = mix.history.measured_from_secs;
        let first = sections.sections().first().expect("it has sections");
        assert!((first.start_secs - begun_secs).abs() < 1.0, "{first:?}");
        // Another mix has nothing of it.
        let silent = StillSide::new("other".to_owned(), format);
        sections.settle(&silent.history, 2);
        assert!(sections.sections().is_empty());
    }
}
