//! Side B: the references, decoded and analysed on threads of their own and shown while they grow.

pub mod data;
pub mod folder;
mod load;
pub mod overview;
mod reference;

pub use data::{MOST_TRIM_DB, ReferenceData, SHORTEST_REGION_SECS, SharedReference};
pub use reference::Reference;

/// How many references can be loaded.
pub const MOST_REFERENCES: usize = 16;

/// The loaded references and the one that is shown.
#[derive(Default)]
pub struct References {
    items: Vec<Reference>,
    active: usize,
    /// Which was shown before a picture was reopened.
    before_picture: Option<usize>,
    /// Counts changes of the active one.
    pub generation: u64,
}

impl References {
    /// Adds a reference and shows it; refuses more than [`MOST_REFERENCES`].
    pub fn add(&mut self, reference: Reference) -> Result<(), String> {
        self.items.retain(|item| item.data().failure.is_none());
        if self.items.len() >= MOST_REFERENCES {
            return Err(format!(
                "{} was not loaded: {MOST_REFERENCES} references are open already",
                reference.name
            ));
        }
        self.items.push(reference);
        self.active = self.items.len() - 1;
        self.generation += 1;
        Ok(())
    }

    /// Takes one from the shelf, stopping its reading; false if there is none of that number.
    pub fn remove(&mut self, index: usize) -> bool {
        if index >= self.items.len() {
            return false;
        }
        self.items.remove(index);
        let was_active = index == self.active;
        if index < self.active || self.active >= self.items.len() {
            self.active = self.active.saturating_sub(1);
        }
        if was_active {
            self.generation += 1;
        }
        true
    }

    /// Room for more; those that could not be read do not count.
    pub fn room(&self) -> usize {
        let read = |item: &&Reference| item.data().failure.is_none();
        MOST_REFERENCES.saturating_sub(self.items.iter().filter(read).count())
    }

    /// Whether no more can be loaded.
    pub fn is_full(&self) -> bool {
        self.room() == 0
    }

    /// Shows one that came with a reopened picture, or none if the picture had none.
    pub fn show_of_picture(&mut self, reference: Option<Reference>) {
        self.end_picture();
        self.before_picture = Some(self.active);
        // It may be one more than can be loaded, for it leaves with the picture.
        self.active = self.items.len();
        self.items.extend(reference);
        self.generation += 1;
    }

    /// Lets go what came with a reopened picture, and shows what was shown before.
    pub fn end_picture(&mut self) {
        let shown = self.active().map(|item| item.came_with_picture);
        self.items.retain(|item| !item.came_with_picture);
        if let Some(before) = self.before_picture.take() {
            if shown != Some(false) {
                self.active = before;
            }
            self.active = self.active.min(self.items.len().saturating_sub(1));
            self.generation += 1;
        }
    }

    /// Shows another one; false if there is none of that number.
    pub fn activate(&mut self, index: usize) -> bool {
        let exists = index < self.items.len();
        if exists && index != self.active {
            self.active = index;
            self.generation += 1;
        }
        exists
    }

    /// Shows the next one.
    pub fn activate_next(&mut self) {
        if !self.items.is_empty() {
            self.activate((self.active + 1) % self.items.len());
        }
    }

    /// Compares only the part of the active one between two times in seconds, or all of it.
    pub fn set_region(&mut self, secs: Option<[f64; 2]>) {
        if let Some(active) = self.active() {
            active.set_region(secs);
        }
    }

    /// Gives the active one a gain in dB besides the loudness match.
    pub fn set_trim_db(&mut self, trim_db: f64) {
        if let Some(active) = self.active() {
            active.set_trim_db(trim_db);
        }
    }

    /// The one that is shown.
    pub fn active(&self) -> Option<&Reference> {
        self.items.get(self.active)
    }

    /// All of them.
    pub fn all(&self) -> &[Reference] {
        &self.items
    }

    /// All of them.
    pub fn all_mut(&mut self) -> &mut [Reference] {
        &mut self.items
    }

    /// How many there are, and which is shown, counted from 0.
    pub fn count(&self) -> (usize, usize) {
        (self.items.len(), self.active)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

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

    #[test]
    fn removing_one_keeps_the_active_one_or_shows_a_neighbour() {
        let mut references = three();
        let generation = references.generation;
        assert!(references.activate(1) && references.remove(0));
        assert_eq!((active(&references), references.count()), ("b", (2, 0)));
        assert_eq!(
            references.generation,
            generation + 1,
            "only activate changed it"
        );
        assert!(references.remove(0));
        assert_eq!(active(&references), "c");
        assert_eq!(references.generation, generation + 2);
        assert!(references.remove(0) && !references.remove(0));
        assert!(references.active().is_none());
    }

    #[test]
    fn a_file_that_cannot_be_read_says_why_and_makes_room() {
        let mut references = References::default();
        references
            .add(Reference::from_file(Path::new("/nowhere/song.wav")))
            .expect("there is room");
        references.all_mut()[0].wait();
        let failure = references.all()[0].data().failure.clone();
        assert!(failure.expect("it failed").contains("/nowhere/song.wav"));
        assert_eq!(references.room(), MOST_REFERENCES);
        references.add(Reference::demo()).expect("there is room");
        assert_eq!(references.count(), (1, 0));
    }
}
