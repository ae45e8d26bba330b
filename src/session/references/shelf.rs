//! The shelf: the loaded references, decoded and analysed on threads of their own, and which of them is chosen.

use std::any::Any;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::compare::common_band::CommonBand;
use crate::session::references::cache::Cache;
use crate::session::references::load::Store;
use crate::session::references::part::PartFigures;
use crate::session::references::reference::Reference;
use crate::session::references::typed::remember;
use crate::session::references::watch::{FileNews, Keeper, Notice, Task, common_band_of};

/// How many references keep their sound and fine columns: the active one, and the one that was active before, since
/// people go to and fro between two.
const MOST_IN_DETAIL: usize = 2;

/// How many references can be loaded.
pub const MOST_REFERENCES: usize = 16;

/// The common band, and what it was made of.
#[derive(Default)]
struct Common {
    parts: Vec<(Arc<PartFigures>, f64)>,
    band: Option<Arc<CommonBand>>,
}

impl Common {
    fn is_of(&self, mut parts: impl Iterator<Item = (Arc<PartFigures>, f64)>) -> bool {
        let mut known = self.parts.iter();
        parts.all(|(part, gain)| {
            let same = |known: &(_, _)| Arc::ptr_eq(&known.0, &part) && known.1 == gain;
            known.next().is_some_and(same)
        }) && known.next().is_none()
    }
}

/// The loaded references and the one that is chosen.
#[derive(Default)]
pub struct Shelf {
    items: Vec<Reference>,
    active: usize,
    /// Counts changes of the active one.
    pub generation: u64,
    /// Numbers of those that were active, the newest first.
    used: Vec<u64>,
    /// The one that was opened last, until it is known whether it can be read.
    opening: Option<u64>,
    /// What was active before it and those that were opened with it.
    before_opening: Option<u64>,
    store: Arc<Store>,
    keeper: Option<Keeper>,
    news: Vec<String>,
    common: Common,
    /// Files that were opened lately, the newest first.
    pub recent: Vec<PathBuf>,
    /// Files that were open when Abscope ended and were not there when it began.
    pub absent: Vec<PathBuf>,
}

impl Shelf {
    /// References whose results are kept on disk.
    pub fn with_cache(cache: Cache) -> Self {
        Self {
            store: Arc::new(Store {
                cache: Some(cache),
                ..Store::default()
            }),
            ..Self::default()
        }
    }

    /// Opens a file in the background and shows it. It is looked after: a change of the file is noticed.
    pub fn open(&mut self, path: &Path) -> Result<(), String> {
        if self.is_full() {
            return Err(format!(
                "{} was not loaded: {MOST_REFERENCES} references are open already",
                path.display()
            ));
        }
        let active = |shelf: &Self| shelf.active().map(|active| active.id);
        let before = match self.opening {
            Some(_) => self.before_opening,
            None => active(self),
        };
        self.add(Reference::open(path, Arc::clone(&self.store)))?;
        (self.opening, self.before_opening) = (active(self), before);
        remember(&mut self.recent, path);
        self.watch_newest(path);
        Ok(())
    }

    /// Which of them a file is already, if it could be read.
    pub fn index_of(&self, path: &Path) -> Option<usize> {
        let is_it =
            |item: &Reference| item.path.as_deref() == Some(path) && item.data().failure.is_none();
        self.items.iter().position(is_it)
    }

    fn watch_newest(&mut self, path: &Path) {
        if self.keeper.is_none() {
            match Keeper::spawn(self.store.cache.clone()) {
                Ok(keeper) => self.keeper = Some(keeper),
                Err(error) => tracing::error!("no thread to look after the references: {error}"),
            }
        }
        if let (Some(keeper), Some(newest)) = (&self.keeper, self.items.last()) {
            keeper.tell(Task::Watch {
                id: newest.id,
                path: path.to_owned(),
                reference: newest.shared(),
            });
        }
    }

    /// The band that all references have in common, relative to their loudness; `None` before one is measured.
    pub fn common_band(&self) -> Option<&CommonBand> {
        self.common.band.as_deref()
    }

    /// What the common band is made of: the part of each that is compared, or all of it while that is measured.
    fn common_parts(&self) -> impl Iterator<Item = (Arc<PartFigures>, f64)> {
        let part = |item: &Reference| {
            let data = item.data();
            let part = data.part().or(data.whole_part.as_ref())?;
            let lufs = part.summary.loudness.integrated_lufs?;
            Some((Arc::clone(part), data.trim_db - lufs))
        };
        self.items.iter().filter_map(part)
    }

    /// Has the common band made anew when what it is made of has changed.
    fn settle_common(&mut self) {
        if self.common.is_of(self.common_parts()) {
            return;
        }
        let parts: Vec<_> = self.common_parts().collect();
        self.common.parts.clone_from(&parts);
        match &self.keeper {
            Some(keeper) => keeper.tell(Task::Common(parts)),
            // Only the demo, or a picture without a window.
            None => self.common.band = common_band_of(&parts),
        }
    }

    /// Sees to files that changed or moved. Never waits.
    pub fn poll(&mut self) {
        self.leave_what_cannot_be_read();
        self.settle_common();
        while let Some(notice) = self.keeper.as_ref().and_then(Keeper::notice) {
            match notice {
                Notice::Common(band) => self.common.band = band,
                Notice::File(id, news) => self.take_news_of(id, news),
            }
        }
    }

    /// A file that turns out to be no audio does not take the place of the record that was beside the mix before.
    fn leave_what_cannot_be_read(&mut self) {
        let opened = self
            .active()
            .filter(|active| Some(active.id) == self.opening);
        let Some(opened) = opened else {
            return;
        };
        let failure = {
            let data = opened.data();
            if data.failure.is_none() && data.programme.is_none() {
                return;
            }
            data.failure.clone()
        };
        self.opening = None;
        let is_read = |index: &usize| self.items[*index].data().programme.is_some();
        let may_be_read = |index: &usize| self.items[*index].data().failure.is_none();
        let index_of = |id: &u64| self.items.iter().position(|item| item.id == *id);
        let before = self.before_opening.iter().filter_map(index_of);
        let before = before
            .chain(self.used.iter().filter_map(index_of))
            .find(may_be_read);
        let before = before.or_else(|| (0..self.items.len()).find(may_be_read));
        if let (Some(failure), Some(before)) = (failure, before) {
            // One that was opened with it may be no audio either.
            self.opening = (!is_read(&before)).then(|| self.items[before].id);
            self.activate(before);
            let name = &self.items[before].name;
            self.news
                .push(format!("{failure}; {name} is the reference"));
        }
    }

    /// What a person should be told since the last call.
    pub fn take_news(&mut self) -> Vec<String> {
        std::mem::take(&mut self.news)
    }

    fn take_news_of(&mut self, id: u64, news: FileNews) {
        let Some(index) = self.items.iter().position(|item| item.id == id) else {
            return;
        };
        let is_active = index == self.active;
        let item = &mut self.items[index];
        let name = item.name.clone();
        match news {
            FileNews::Changed => {
                item.read_again();
                if let (Some(keeper), Some(path)) = (&self.keeper, &item.path) {
                    keeper.tell(Task::Watch {
                        id: item.id,
                        path: path.clone(),
                        reference: item.shared(),
                    });
                }
                self.generation += u64::from(is_active);
                self.news
                    .push(format!("{name} changed on disk, reading it again"));
            }
            FileNews::Missing => {
                item.data().is_missing = true;
                self.news.push(format!(
                    "{name} was moved or deleted; what was read of it stays"
                ));
            }
            FileNews::Back => {
                item.data().is_missing = false;
                self.news.push(format!("{name} is back"));
            }
        }
    }

    /// Whichever is active gets its detail, those that were not for long let go of theirs.
    fn settle_detail(&mut self) {
        let Some(active) = self.items.get(self.active) else {
            return;
        };
        let id = active.id;
        self.used.retain(|used| *used != id);
        self.used.insert(0, id);
        self.used.truncate(MOST_IN_DETAIL);
        for item in &mut self.items {
            if item.id == id {
                item.want_detail();
                continue;
            }
            let large: Option<Box<dyn Any + Send>> = match self.used.contains(&item.id) {
                true => item.release_pages().map(|pages| Box::new(pages) as _),
                false => item.release_detail().map(|detail| Box::new(detail) as _),
            };
            if let (Some(large), Some(keeper)) = (large, &self.keeper) {
                keeper.tell(Task::Free(large));
            }
        }
    }

    /// Keeps what was chosen for one, by its content.
    pub(super) fn keep_choices_of(&self, reference: &Reference) {
        let content = reference.data().content.clone();
        if let (Some(content), Some(keeper)) = (content, &self.keeper) {
            keeper.tell(Task::Keep(content, reference.choices()));
        }
    }

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
        self.settle_detail();
        Ok(())
    }

    /// Takes one from the shelf, stopping its reading; false if there is none of that number.
    pub fn remove(&mut self, index: usize) -> bool {
        if index >= self.items.len() {
            return false;
        }
        let removed = self.items.remove(index);
        if let Some(keeper) = &self.keeper {
            keeper.tell(Task::Forget(removed.id));
            if let Some(detail) = removed.release_detail() {
                keeper.tell(Task::Free(Box::new(detail)));
            }
        }
        let was_active = index == self.active;
        if index < self.active || self.active >= self.items.len() {
            self.active = self.active.saturating_sub(1);
        }
        if was_active {
            // Back to what was compared before it.
            let place = |id: &u64| self.items.iter().position(|item| item.id == *id);
            if let Some(before) = self.used.iter().find_map(place) {
                self.active = before;
            }
            self.generation += 1;
            self.settle_detail();
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

    /// Shows another one; false if there is none of that number.
    pub fn activate(&mut self, index: usize) -> bool {
        let exists = index < self.items.len();
        if exists && index != self.active {
            self.active = index;
            self.generation += 1;
            self.settle_detail();
        }
        exists
    }

    /// The one that is chosen.
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

    fn three() -> Shelf {
        let mut references = Shelf::default();
        for name in ["a", "b", "c"] {
            let mut reference = Reference::demo();
            reference.name = name.to_owned();
            references.add(reference).expect("there is room");
        }
        references
    }

    fn active(references: &Shelf) -> &str {
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
    fn removing_the_active_one_goes_back_to_what_was_compared_before_it() {
        let mut references = three();
        for number in [1, 0, 2] {
            assert!(references.activate(number));
        }
        assert!(references.remove(2));
        assert_eq!(active(&references), "a");
        assert!(references.remove(0));
        assert_eq!(active(&references), "b");
    }

    #[test]
    fn a_file_that_cannot_be_read_does_not_take_the_place_of_a_record() {
        let mut references = three();
        assert!(references.activate(1));
        references
            .open(Path::new("/nowhere/song.wav"))
            .expect("there is room");
        references.all_mut()[3].wait();
        references.poll();
        assert_eq!(active(&references), "b");
        let news = references.take_news().join("");
        assert!(
            news.contains("/nowhere/song.wav") && news.ends_with("b is the reference"),
            "{news}"
        );
        // Whoever chooses it all the same sees why it is not there.
        assert!(references.activate(3));
        references.poll();
        assert_eq!(references.count(), (4, 3));
        // Of two that were opened together none does.
        assert!(references.activate(1));
        for name in ["/nowhere/one.wav", "/nowhere/two.wav"] {
            references.open(Path::new(name)).expect("there is room");
        }
        for _ in 0..2 {
            references.all_mut().iter_mut().for_each(Reference::wait);
            references.poll();
        }
        assert_eq!(active(&references), "b");
    }

    #[test]
    fn a_file_that_cannot_be_read_says_why_and_makes_room() {
        let mut references = Shelf::default();
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
