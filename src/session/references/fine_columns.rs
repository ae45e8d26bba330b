//! The fine columns of a reference, left in its entry of the cache and read a page at a time where somebody looks.
//!
//! A picture shows twenty seconds of a song, and its fine columns are nine tenths of what a reference would take. Nobody
//! waits for a disk: whoever looks at a column that is not here gets a coarser one of that moment for now, and a thread
//! reads its page meanwhile. Pages that nobody looks at any more go.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use bytemuck::Zeroable as _;

use crate::analysis::column::Column;
use crate::audio::threads;
use crate::dsp::grid::NUM_BINS;
use crate::session::background;

/// Tiers that are left in the cache's entry, where there is one: three quarters of the columns' bytes are in the finest,
/// and three quarters of the rest in the next.
pub const FINE_TIERS: usize = 2;
/// Columns of a page: half a megabyte, and 1.4 s of the finest tier at 48 kHz.
pub const PAGE_COLUMNS: u64 = 128;
/// A page that nobody has looked at for so long goes when another comes.
pub(super) const KEPT_FOR: Duration = Duration::from_secs(3);

/// A page: its tier, and its number in it.
pub type Place = (usize, u64);

/// Where the fine tiers lie in a file. It is open: who deletes or replaces it takes nothing away.
#[derive(Debug)]
pub struct FineFile {
    /// The file.
    pub file: File,
    /// `starts[tier]`: the first byte.
    pub starts: [u64; FINE_TIERS],
    /// `counts[tier]`: how many columns.
    pub counts: [u64; FINE_TIERS],
}

impl FineFile {
    fn read(&self, (tier, number): Place) -> io::Result<Vec<Column>> {
        let first = number * PAGE_COLUMNS;
        let count = self.counts[tier].saturating_sub(first).min(PAGE_COLUMNS);
        let mut columns = vec![Column::zeroed(); count as usize];
        let mut file = &self.file;
        file.seek(SeekFrom::Start(
            self.starts[tier] + first * size_of::<Column>() as u64,
        ))?;
        file.read_exact(bytemuck::cast_slice_mut(&mut columns))?;
        Ok(columns)
    }
}

/// Pages of a reference.
pub type Pages = HashMap<Place, Page>;

/// Columns of a tier that follow each other.
#[derive(Debug)]
pub struct Page {
    /// None where they could not be read.
    columns: Vec<Column>,
    pub(super) used: Cell<Instant>,
}

/// The pages of a reference that are here.
#[derive(Debug)]
pub struct FineColumns {
    counts: [u64; FINE_TIERS],
    pub(super) pages: Pages,
    /// Pages that are being read, and whether somebody has to look again once they are here.
    asked: RefCell<HashMap<Place, bool>>,
    /// To the thread that reads; it ends with this.
    asks: Sender<Place>,
}

impl FineColumns {
    /// Those of a file. A thread hands on what it reads, none of what cannot be read, and ends with this or once it is told
    /// that nobody takes any more. Fails only where no thread can be made.
    pub fn new(
        file: FineFile,
        hand_on: impl FnMut(Place, Vec<Column>) -> bool + Send + 'static,
    ) -> io::Result<Self> {
        let (asks, asked) = channel();
        let counts = file.counts;
        background::spawn("columns", background::BESIDE, move || {
            read(&file, &asked, hand_on);
        })?;
        Ok(Self {
            counts,
            pages: Pages::new(),
            asked: RefCell::default(),
            asks,
        })
    }

    /// How many columns a tier has, here or not.
    pub fn count(&self, tier: usize) -> u64 {
        self.counts.get(tier).copied().unwrap_or_default()
    }

    /// A column that is here. Where it is not it is read, and the picture is drawn anew then.
    pub fn column(&self, tier: usize, index: u64) -> Option<&[u32; NUM_BINS]> {
        let place = (tier, index / PAGE_COLUMNS);
        let Some(page) = self.page(place) else {
            self.ask(place, true);
            return None;
        };
        let column = page.columns.get((index % PAGE_COLUMNS) as usize);
        column.map(|column| &column.bins)
    }

    /// Has the page of a column read that somebody is going to look at; whether it is here.
    pub fn want(&self, tier: usize, index: u64) -> bool {
        let place = (tier, index / PAGE_COLUMNS);
        let is_here = self.page(place).is_some() || index >= self.count(tier);
        if !is_here {
            self.ask(place, false);
        }
        is_here
    }

    fn page(&self, place: Place) -> Option<&Page> {
        let page = self.pages.get(&place)?;
        page.used.set(Instant::now());
        Some(page)
    }

    fn ask(&self, place: Place, is_missed: bool) {
        let mut asked = self.asked.borrow_mut();
        let known = asked.get(&place).copied();
        asked.insert(place, is_missed || known == Some(true));
        if known.is_none() {
            // The thread ends only after this does.
            let _ = self.asks.send(place);
        }
    }

    /// Takes what was read of a page. Whether somebody has to look again, and what nobody looks at any more.
    pub fn put(&mut self, place: Place, columns: Vec<Column>) -> (bool, Vec<Page>) {
        let is_old = |page: &Page| page.used.get().elapsed() > KEPT_FOR;
        let gone = self.pages.extract_if(|_, page| is_old(page));
        let gone = gone.map(|(_, page)| page).collect();
        let page = Page {
            columns,
            used: Cell::new(Instant::now()),
        };
        self.pages.insert(place, page);
        let was_missed = self.asked.get_mut().remove(&place);
        (was_missed == Some(true), gone)
    }

    /// All pages that are here, to be freed where that may take its time; they come back when somebody looks.
    pub fn take_pages(&mut self) -> Pages {
        std::mem::take(&mut self.pages)
    }
}

fn read(
    file: &FineFile,
    asked: &Receiver<Place>,
    mut hand_on: impl FnMut(Place, Vec<Column>) -> bool,
) {
    for place in asked {
        let read = threads::carry_on("columns", || {
            threads::may_break("columns");
            file.read(place)
        });
        let columns = match read {
            Some(Ok(columns)) => columns,
            Some(Err(error)) => {
                tracing::warn!("the cache's entry of a reference cannot be read: {error}");
                vec![]
            }
            None => vec![],
        };
        if !hand_on(place, columns) {
            return;
        }
    }
}
