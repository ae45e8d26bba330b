//! What stands on side B: the chosen reference of the shelf, a second live input in its place, or what came with a
//! reopened picture, which covers what stood there before.

use std::path::Path;

use crate::compare::common_band::CommonBand;
use crate::session::references::cache::Cache;
use crate::session::references::reference::Reference;
use crate::session::references::shelf::Shelf;
use crate::session::sides::beside::CompanionFrame;
use crate::session::sides::live_reference::LiveReference;
use crate::session::sides::mix::Hearing;

/// Side B.
#[derive(Default)]
pub struct References {
    shelf: Shelf,
    stands: Stands,
    /// Counts changes of what stands there, besides those of the shelf.
    changes: u64,
}

/// What stands there.
#[derive(Default)]
enum Stands {
    /// The reference that is chosen on the shelf, if any is.
    #[default]
    Shelf,
    /// A second live input.
    Input(Box<LiveReference>),
    /// What came with a reopened picture.
    Picture(Box<Picture>),
}

/// What came with a reopened picture.
struct Picture {
    /// What lay beside its mix; none if nothing did.
    reference: Option<Reference>,
    /// How it lay there.
    beside: CompanionFrame,
    /// Another one was chosen from the shelf meanwhile.
    shows_shelf: bool,
    /// Which was chosen on the shelf before, by its own number: others may leave meanwhile.
    chosen_before: Option<u64>,
    /// The live input that it stands in front of.
    covers: Option<Box<LiveReference>>,
}

impl References {
    /// References whose results are kept on disk.
    pub fn with_cache(cache: Cache) -> Self {
        Self {
            shelf: Shelf::with_cache(cache),
            ..Self::default()
        }
    }

    /// The reference that is shown; none while a live input is in their place.
    pub fn active(&self) -> Option<&Reference> {
        match &self.stands {
            Stands::Shelf => self.shelf.active(),
            Stands::Input(_) => None,
            Stands::Picture(picture) if picture.shows_shelf => self.shelf.active(),
            Stands::Picture(picture) => picture.reference.as_ref(),
        }
    }

    /// The second live input, if it is what is shown.
    pub fn input(&self) -> Option<&LiveReference> {
        match &self.stands {
            Stands::Input(live) => Some(live),
            Stands::Shelf | Stands::Picture(_) => None,
        }
    }

    /// The same, to choose another or to hold columns of.
    pub fn input_mut(&mut self) -> Option<&mut LiveReference> {
        match &mut self.stands {
            Stands::Input(live) => Some(live),
            Stands::Shelf | Stands::Picture(_) => None,
        }
    }

    /// The second live input, even while a picture stands in its place.
    pub fn lasting_input(&self) -> Option<&LiveReference> {
        match &self.stands {
            Stands::Shelf => None,
            Stands::Input(live) => Some(live),
            Stands::Picture(picture) => picture.covers.as_deref(),
        }
    }

    /// The second live input, even while a picture stands in its place.
    pub fn lasting_input_mut(&mut self) -> Option<&mut LiveReference> {
        match &mut self.stands {
            Stands::Shelf => None,
            Stands::Input(live) => Some(live),
            Stands::Picture(picture) => picture.covers.as_deref_mut(),
        }
    }

    /// Counts changes of what is shown.
    pub fn generation(&self) -> u64 {
        self.shelf.generation + self.changes
    }

    /// Has whoever follows what is shown begin anew: another mix is beside it.
    pub fn begin_anew(&mut self) {
        self.changes += 1;
    }

    /// How the reference of a reopened picture lay beside its mix, while that is shown.
    pub fn picture_beside(&self) -> Option<&CompanionFrame> {
        match &self.stands {
            Stands::Picture(picture) if !picture.shows_shelf => Some(&picture.beside),
            Stands::Shelf | Stands::Input(_) | Stands::Picture(_) => None,
        }
    }

    /// The same, to move it.
    pub fn picture_beside_mut(&mut self) -> Option<&mut CompanionFrame> {
        match &mut self.stands {
            Stands::Picture(picture) if !picture.shows_shelf => Some(&mut picture.beside),
            Stands::Shelf | Stands::Input(_) | Stands::Picture(_) => None,
        }
    }

    /// Puts a live input in the place of the references, or takes it away again. A picture that stands there stays.
    pub fn hear(&mut self, input: Option<Hearing>) {
        let live = input.map(|heard| Box::new(LiveReference::new(heard)));
        if let Stands::Picture(picture) = &mut self.stands {
            if live.is_none() {
                picture.covers = None;
                return;
            }
            self.end_picture();
        }
        self.stands = live.map_or(Stands::Shelf, Stands::Input);
        self.changes += 1;
    }

    /// Shows what came with a reopened picture, or nothing if nothing lay beside its mix.
    pub fn show_picture(&mut self, reference: Option<Reference>, beside: CompanionFrame) {
        let covers = match std::mem::take(&mut self.stands) {
            Stands::Shelf => None,
            Stands::Input(live) => Some(live),
            // Another picture is shown already: what it covers stays.
            Stands::Picture(picture) => picture.covers,
        };
        self.stands = Stands::Picture(Box::new(Picture {
            reference,
            beside,
            shows_shelf: false,
            chosen_before: self.shelf.active().map(|active| active.id),
            covers,
        }));
        self.changes += 1;
    }

    /// Lets go what came with a reopened picture, and shows what stood there before; another reference that was chosen
    /// beside the picture stays chosen.
    pub fn end_picture(&mut self) {
        self.stands = match std::mem::take(&mut self.stands) {
            Stands::Picture(picture) => {
                self.changes += 1;
                picture.covers.map_or(Stands::Shelf, Stands::Input)
            }
            other => other,
        };
    }

    /// All that can be chosen: the shelf's, and behind them what came with a picture.
    pub fn all(&self) -> impl Iterator<Item = &Reference> {
        self.shelf.all().iter().chain(self.of_picture())
    }

    fn of_picture(&self) -> Option<&Reference> {
        match &self.stands {
            Stands::Picture(picture) => picture.reference.as_ref(),
            Stands::Shelf | Stands::Input(_) => None,
        }
    }

    /// The shelf's own, without what came with a picture.
    pub fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// The shelf's own, to wait for them.
    pub fn shelf_mut(&mut self) -> &mut Shelf {
        &mut self.shelf
    }

    /// How many can be chosen, and which is shown, counted from 0.
    pub fn count(&self) -> (usize, usize) {
        let (of_shelf, chosen) = self.shelf.count();
        let count = of_shelf + self.of_picture().iter().count();
        match &self.stands {
            Stands::Picture(picture) if !picture.shows_shelf => (count, of_shelf),
            Stands::Shelf | Stands::Input(_) | Stands::Picture(_) => (count, chosen),
        }
    }

    /// Shows another one; false if there is none of that number.
    pub fn activate(&mut self, index: usize) -> bool {
        let (of_shelf, _) = self.shelf.count();
        let Stands::Picture(picture) = &mut self.stands else {
            return self.shelf.activate(index);
        };
        let is_pictures = index == of_shelf && picture.reference.is_some();
        if index >= of_shelf && !is_pictures {
            return false;
        }
        if picture.shows_shelf == is_pictures {
            picture.shows_shelf = !is_pictures;
            self.changes += 1;
        }
        is_pictures || self.shelf.activate(index)
    }

    /// Shows the next one.
    pub fn activate_next(&mut self) {
        let (count, shown) = self.count();
        if count > 0 {
            self.activate((shown + 1) % count);
        }
    }

    /// Takes one away, stopping its reading; false if there is none of that number.
    pub fn remove(&mut self, index: usize) -> bool {
        let (of_shelf, _) = self.shelf.count();
        if index < of_shelf {
            return self.shelf.remove(index);
        }
        match &mut self.stands {
            Stands::Picture(picture) if index == of_shelf && picture.reference.is_some() => {
                picture.reference = None;
                picture.shows_shelf = true;
                self.changes += 1;
                true
            }
            Stands::Shelf | Stands::Input(_) | Stands::Picture(_) => false,
        }
    }

    /// Number of the one that is shown when no picture and no live input is.
    pub fn lasting_active_id(&self) -> Option<u64> {
        match &self.stands {
            Stands::Picture(picture) if !picture.shows_shelf => picture
                .chosen_before
                .filter(|id| self.shelf.all().iter().any(|item| item.id == *id)),
            Stands::Shelf | Stands::Input(_) | Stands::Picture(_) => {
                self.shelf.active().map(|active| active.id)
            }
        }
    }

    /// Opens a file in the background and shows it; refuses more than fit.
    pub fn open(&mut self, path: &Path) -> Result<(), String> {
        self.shelf.open(path)?;
        self.show_shelf();
        Ok(())
    }

    /// Adds a reference and shows it; refuses more than fit.
    pub fn add(&mut self, reference: Reference) -> Result<(), String> {
        self.shelf.add(reference)?;
        self.show_shelf();
        Ok(())
    }

    /// What was opened beside a picture is shown; a live input keeps its place.
    fn show_shelf(&mut self) {
        if let Stands::Picture(picture) = &mut self.stands {
            picture.shows_shelf = true;
        }
    }

    /// Room for more; those that could not be read do not count.
    pub fn room(&self) -> usize {
        self.shelf.room()
    }

    /// Whether no more can be loaded.
    pub fn is_full(&self) -> bool {
        self.shelf.is_full()
    }

    /// The band that all references have in common, relative to their loudness; `None` before one is measured.
    pub fn common_band(&self) -> Option<&CommonBand> {
        self.shelf.common_band()
    }

    /// Compares only the part of the shown one between two times in seconds, or all of it.
    pub fn set_region(&self, secs: Option<[f64; 2]>) {
        if let Some(active) = self.active() {
            active.set_region(secs);
            self.shelf.keep_choices_of(active);
        }
    }

    /// Gives the shown one a gain in dB besides the loudness match.
    pub fn set_trim_db(&self, trim_db: f64) {
        if let Some(active) = self.active() {
            active.set_trim_db(trim_db);
            self.shelf.keep_choices_of(active);
        }
    }

    /// Sees to files that changed or moved. Never waits.
    pub fn poll(&mut self) {
        self.shelf.poll();
    }

    /// What a person should be told since the last call.
    pub fn take_news(&mut self) -> Vec<String> {
        self.shelf.take_news()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::references::data::ReferenceData;

    fn three() -> References {
        let mut references = References::default();
        for name in ["a", "b", "c"] {
            let mut reference = Reference::demo();
            reference.name = name.to_owned();
            references.add(reference).expect("there is room");
        }
        references
    }

    fn active(references: &References) -> &str {
        references.active().map_or("", |active| &active.name)
    }

    fn show_picture(references: &mut References) {
        let picture = Reference::of_picture("picture".to_owned(), ReferenceData::empty());
        references.show_picture(Some(picture), CompanionFrame::default());
    }

    #[test]
    fn after_a_picture_the_one_before_is_shown_whatever_left_or_came_meanwhile() {
        let mut references = three();
        references.activate(1);
        show_picture(&mut references);
        assert_eq!(active(&references), "picture");
        let second = references.all().nth(1).map(|item| item.id);
        assert_eq!(references.lasting_active_id(), second);
        assert!(references.remove(0));
        references.end_picture();
        assert_eq!((active(&references), references.count()), ("b", (2, 0)));
        show_picture(&mut references);
        assert!(references.activate(1) && references.remove(0));
        references.end_picture();
        assert_eq!(active(&references), "c", "it was chosen beside the picture");
        show_picture(&mut references);
        assert!(references.remove(0));
        references.end_picture();
        assert!(references.active().is_none());
    }

    #[test]
    fn every_change_of_what_is_shown_is_counted_and_no_other() {
        let mut references = three();
        let mut last = references.generation();
        let mut changed = |references: &References| {
            let now = references.generation();
            std::mem::replace(&mut last, now) != now
        };
        show_picture(&mut references);
        assert!(changed(&references));
        assert!(
            references.activate(3) && !changed(&references),
            "it is shown already"
        );
        assert!(references.activate(0) && changed(&references));
        assert_eq!(active(&references), "a");
        references.activate_next();
        assert!(active(&references) == "b" && changed(&references));
        assert!(!references.activate(4) && !changed(&references));
        references.end_picture();
        assert!(active(&references) == "b" && changed(&references));
        references.end_picture();
        assert!(!changed(&references));
    }
}
