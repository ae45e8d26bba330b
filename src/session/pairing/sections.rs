//! Which section of another song fits what the mix plays now: offered, and followed on wish.
//!
//! The columns that the picture takes anyway are reduced to 16 numbers each, 23 a second; once a second the sections are
//! compared with the last twelve seconds of them. That is some microseconds a frame, and needs no thread.

use std::collections::VecDeque;

use crate::compare::sections::{BETTER, Bands, Fit, Heard, Section, TIER, bands, fits};
use crate::dsp::loudness::region_integrated;
use crate::session::references::ReferenceData;
use crate::session::sides::history::History;
use crate::session::sides::region::Region;

/// How much of the mix is kept: three minutes of columns.
const KEPT_COLUMNS: usize = 4_200;
/// Columns between two comparisons: a second.
const LOOK_EVERY_COLUMNS: u64 = 23;
/// Shorter ones are not offered: nothing is found out of so little, and the end of a fade-out is no part to aim at.
pub const LEAST_SECS: f64 = 10.0;
/// Another one must fit so many times in a row before it is offered instead.
const LOOKS_TO_CHANGE: u32 = 2;
/// A region that lies off a section by less is that section.
const SAME_SECTION_SECS: f64 = 0.1;
/// Twelve seconds are "now".
const LATELY_POINTS: usize = 120;
/// A mix is no more than this louder than the record it aims at …
const MOST_LOUDER_LU: f64 = 7.0;
/// … and no more than this quieter.
const MOST_QUIETER_LU: f64 = 20.0;
/// What fits less well than others so many times in a row is offered no more.
const LOOKS_TO_DOUBT: u32 = 4;

/// The section that fits.
#[derive(Clone, Debug, PartialEq)]
pub struct SectionOffer {
    /// Which of the reference's sections.
    pub section: usize,
    /// Its name.
    pub name: String,
    /// Where it lies in the reference.
    pub region: Region,
    /// Reference time under mix time 0 if it began when it was first offered.
    pub offset_secs: f64,
}

impl SectionOffer {
    /// The mix time at which it was first offered.
    pub fn begun_secs(&self) -> f64 {
        self.region.start_secs - self.offset_secs
    }
}

/// Watches the mix for sections.
#[derive(Debug, Default)]
pub struct SectionWatch {
    heard: VecDeque<Bands>,
    next_column: u64,
    next_look: u64,
    generation: u64,
    offer: Option<SectionOffer>,
    /// A letter that fits better, and how often in a row.
    candidate: Option<(char, u32)>,
    /// How often in a row another letter fitted better than what is offered.
    doubts: u32,
}

/// The part of a record whose sections are offered: what is compared of it, or all where that is one of its sections, for
/// whoever has held that against the mix goes on to the next.
pub fn aimed_at(data: &ReferenceData) -> Region {
    let is_it = |region: &Region, section: &Section| {
        let ends = [
            section.start_secs - region.start_secs,
            section.length_secs() - region.length_secs,
        ];
        ends.iter().all(|secs| secs.abs() < SAME_SECTION_SECS)
    };
    let is_section = |region: &Region| data.sections.iter().any(|section| is_it(region, section));
    let region = data.region.filter(|region| !is_section(region));
    region.unwrap_or_else(|| data.whole())
}

/// Whether a section of a record is one to be held against: long enough, and within what is compared of it.
pub fn is_to_aim_at(section: &Section, data: &ReferenceData) -> bool {
    let compared = aimed_at(data);
    let middle = 0.5 * (section.start_secs + section.end_secs);
    section.length_secs() >= LEAST_SECS
        && (0.0..compared.length_secs).contains(&(middle - compared.start_secs))
}

/// Loudness of the last seconds of the mix.
fn lately_lufs(mix: &History) -> Option<f64> {
    let points = mix.loudness.points();
    let from = points.len().saturating_sub(LATELY_POINTS);
    region_integrated(points, from..points.len())
}

/// Whether a section can be the part of its song that plays in the mix, by how loud it is: how loud a mix is beside a record is
/// not known early on, but it is hardly far louder.
fn is_as_loud(now_lufs: Option<f64>, section: &Section) -> bool {
    let louder_lu = now_lufs
        .zip(section.loudness_lufs)
        .map(|(now, it)| now - it);
    louder_lu.is_none_or(|lu| (-MOST_QUIETER_LU..MOST_LOUDER_LU).contains(&lu))
}

impl SectionWatch {
    /// Takes the mix's new columns. Another input begins anew.
    pub fn hear(&mut self, mix: &History) {
        let tier = usize::from(TIER);
        let kept = mix.columns.kept(tier);
        if kept.end < self.next_column {
            *self = Self::default();
        }
        for index in self.next_column.max(kept.start)..kept.end {
            let heard = mix.columns.get(tier, index).and_then(bands);
            self.heard.extend(heard);
        }
        let surplus = self.heard.len().saturating_sub(KEPT_COLUMNS);
        self.heard.drain(..surplus);
        self.next_column = kept.end;
    }

    /// The section that fits, with some patience: the choice of reference is told by its number.
    pub fn offer(
        &mut self,
        mix: &History,
        generation: u64,
        data: &ReferenceData,
    ) -> Option<&SectionOffer> {
        if generation != self.generation {
            self.generation = generation;
            self.offer = None;
            self.candidate = None;
            self.next_look = 0;
        }
        if self.next_column >= self.next_look {
            self.next_look = self.next_column + LOOK_EVERY_COLUMNS;
            let heard = self.heard.make_contiguous();
            if let Some(heard) = Heard::of(heard, mix.hop_secs()) {
                let now_lufs = lately_lufs(mix);
                self.look(&heard, (mix.end_secs(), now_lufs), data);
            }
        }
        self.offer.as_ref()
    }

    fn look(
        &mut self,
        heard: &Heard,
        (mix_secs, now_lufs): (f64, Option<f64>),
        data: &ReferenceData,
    ) {
        let sections = &data.sections;
        let is_meant = |section: &&Section| is_to_aim_at(section, data);
        let mut letters = sections
            .iter()
            .filter(is_meant)
            .map(|section| section.letter);
        let first = letters.next();
        // With one kind of section there is nothing to choose.
        if letters.all(|letter| Some(letter) == first) {
            self.offer = None;
            return;
        }
        let fits: Vec<Fit> = fits(sections, heard)
            .into_iter()
            .filter(|fit| is_to_aim_at(&sections[fit.section], data))
            .collect();
        let Some(best) = fits.first() else {
            self.offer = None;
            return;
        };
        let letter_of = |fit: &Fit| sections[fit.section].letter;
        let letter = letter_of(best);
        let current = self
            .offer
            .as_ref()
            .and_then(|offer| sections.get(offer.section))
            .map(|section| section.letter);
        let is_plausible = |section: &Section| is_as_loud(now_lufs, section);
        if current == Some(letter) && is_plausible(&sections[best.section]) {
            (self.candidate, self.doubts) = (None, 0);
            return;
        }
        // What does not fit any more is no offer, though nothing else is clear.
        let of_current = fits.iter().find(|fit| Some(letter_of(fit)) == current);
        let is_doubted = |fit: &Fit| {
            best.distance_db <= BETTER * fit.distance_db || !is_plausible(&sections[fit.section])
        };
        self.doubts = match of_current.is_some_and(is_doubted) {
            true => self.doubts + 1,
            false => 0,
        };
        // All other kinds must fit less well: a guess is worse than none.
        let is_clear = is_plausible(&sections[best.section])
            && fits
                .iter()
                .filter(|fit| letter_of(fit) != letter)
                .all(|fit| best.distance_db <= BETTER * fit.distance_db);
        if !is_clear {
            self.candidate = None;
            if self.doubts >= LOOKS_TO_DOUBT {
                (self.offer, self.doubts) = (None, 0);
            }
            return;
        }
        let times = match self.candidate {
            Some((candidate, times)) if candidate == letter => times + 1,
            _ => 1,
        };
        self.candidate = Some((letter, times));
        if current.is_none() || times >= LOOKS_TO_CHANGE {
            let section = &sections[best.section];
            (self.candidate, self.doubts) = (None, 0);
            self.offer = Some(SectionOffer {
                section: best.section,
                name: section.name.clone(),
                region: Region {
                    start_secs: section.start_secs,
                    length_secs: section.length_secs(),
                },
                offset_secs: section.start_secs - mix_secs,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::demo::{self, DemoVersion};
    use crate::audio::frames::{ChannelLayout, StreamFormat};
    use crate::session::references::Reference;
    use crate::session::sides::still::StillSide;

    #[test]
    fn the_offer_goes_with_the_song_and_does_not_flicker() {
        let mut reference = Reference::demo();
        reference.wait();
        let song = demo::render(DemoVersion::Mix);
        let format = StreamFormat {
            sample_rate_hz: demo::SAMPLE_RATE_HZ,
            layout: ChannelLayout::Stereo,
        };
        let mut mix = StillSide::new("mix".to_owned(), format);
        let mut watch = SectionWatch::default();
        let data = reference.data();
        let mut offered: Vec<(f64, String)> = vec![];
        for block in song.chunks(9_600) {
            mix.feed(block);
            mix.settle();
            watch.hear(&mix.history);
            let name = watch
                .offer(&mix.history, 1, &data)
                .map(|offer| offer.name.clone());
            if let Some(name) = name
                && offered.last().is_none_or(|(_, last)| *last != name)
            {
                offered.push((mix.history.end_secs(), name));
            }
        }
        eprintln!("{offered:?}");
        let starts = DemoVersion::Mix.sections();
        // A change is heard within some seconds, and believed two looks later.
        for (start_secs, name) in &starts[1..5] {
            let word = name.split(' ').next().expect("a word");
            let at = offered
                .iter()
                .find(|(secs, name)| name.starts_with(word) && *secs > *start_secs)
                .map(|(secs, _)| secs - start_secs);
            assert!(at.is_some_and(|late| late < 9.0), "{name}: {at:?} s late");
        }
        assert!(offered.len() <= 7, "{offered:?}");
        // Another reference begins anew.
        assert!(
            watch
                .offer(&mix.history, 2, &ReferenceData::empty())
                .is_none()
        );
    }
}
