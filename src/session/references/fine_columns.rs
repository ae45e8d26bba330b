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
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use bytemuck::Zeroable as _;

use crate::analysis::column::Column;
use crate::audio::threads;
use crate::dsp::grid::NUM_BINS;
use crate::session::background;
use crate::session::references::data::{FINE_TIERS, ReferenceData, locked};

/// Columns of a page: half a megabyte, and 1.4 s of the finest tier at 48 kHz.
pub const PAGE_COLUMNS: u64 = 128;
/// A page that nobody has looked at for so long goes when another comes.
const KEPT_FOR: Duration = Duration::from_secs(3);

/// A page: its tier, and its number in it.
type Place = (usize, u64);

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
    used: Cell<Instant>,
}

/// The pages of a reference that are here.
#[derive(Debug)]
pub struct FineColumns {
    counts: [u64; FINE_TIERS],
    pages: Pages,
    /// Pages that are being read, and whether somebody has to look again once they are here.
    asked: RefCell<HashMap<Place, bool>>,
    /// To the thread that reads; it ends with this.
    asks: Sender<Place>,
}

impl FineColumns {
    /// Those of a file, for the data that will have them. Fails only where no thread can be made.
    pub fn new(file: FineFile, data: &Arc<Mutex<ReferenceData>>) -> io::Result<Self> {
        let (asks, asked) = channel();
        let (counts, data) = (file.counts, Arc::downgrade(data));
        background::spawn("columns", background::BESIDE, move || {
            read(&file, &asked, &data);
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
    fn put(&mut self, place: Place, columns: Vec<Column>) -> (bool, Vec<Page>) {
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

fn read(file: &FineFile, asked: &Receiver<Place>, data: &Weak<Mutex<ReferenceData>>) {
    for place in asked {
        let read = threads::carry_on("columns", || {
            threads::may_break("columns");
            file.read(place)
        });
        let Some(data) = data.upgrade() else {
            return;
        };
        let columns = match read {
            Some(Ok(columns)) => columns,
            Some(Err(error)) => {
                tracing::warn!("the cache's entry of a reference cannot be read: {error}");
                vec![]
            }
            None => vec![],
        };
        let gone = {
            let mut data = locked(&data);
            let Some(fine) = &mut data.fine else {
                continue;
            };
            let (was_missed, gone) = fine.put(place, columns);
            data.revision += u64::from(was_missed);
            gone
        };
        drop(gone);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::column::TIER_FACTOR;

    const COUNTS: [u64; FINE_TIERS] = [1_000, 250];

    /// A column that tells its tier and index.
    fn column(tier: usize, index: u64) -> Column {
        Column {
            index,
            bins: [1_000 * tier as u32 + 7 * index as u32; NUM_BINS],
        }
    }

    /// Data whose fine tiers lie in a file behind some other bytes.
    fn data() -> (Arc<Mutex<ReferenceData>>, File) {
        let mut bytes = vec![3; 100];
        let mut starts = [0; FINE_TIERS];
        for tier in 0..FINE_TIERS {
            starts[tier] = bytes.len() as u64;
            let columns: Vec<_> = (0..COUNTS[tier]).map(|n| column(tier, n)).collect();
            bytes.extend_from_slice(bytemuck::cast_slice(&columns));
        }
        let mut file = tempfile::tempfile().unwrap();
        io::Write::write_all(&mut file, &bytes).unwrap();
        let data = Arc::new(Mutex::new(ReferenceData::empty()));
        let fine = FineFile {
            file: file.try_clone().unwrap(),
            starts,
            counts: COUNTS,
        };
        let fine = FineColumns::new(fine, &data).unwrap();
        {
            let mut data = locked(&data);
            data.fine = Some(fine);
            let coarse = (0..COUNTS[1].div_ceil(TIER_FACTOR as u64)).map(|n| column(2, n));
            data.tiers[2] = coarse.collect();
        }
        (data, file)
    }

    fn wait_for(data: &Mutex<ReferenceData>, tier: usize, index: u64) {
        while !locked(data).want(tier, index) {
            std::thread::yield_now();
        }
    }

    #[test]
    fn every_column_comes_from_the_file_and_a_coarser_one_stands_in_for_it_meanwhile() {
        let (data, _) = data();
        assert_eq!(locked(&data).num_columns(0), COUNTS[0]);
        for (tier, factor) in [(0, 16), (1, 4)] {
            for index in 0..COUNTS[tier] {
                let first = locked(&data).column(tier, index).copied();
                let stands_in = column(2, index / factor).bins;
                let own = column(tier, index).bins;
                assert!(first == Some(stands_in) || first == Some(own), "{index}");
                wait_for(&data, tier, index);
                assert_eq!(locked(&data).column(tier, index), Some(&own));
            }
            assert_eq!(locked(&data).column(tier, COUNTS[tier]), None);
        }
        // Whoever got another column than he asked for looks again; nobody else does.
        let revision = locked(&data).revision;
        assert!(revision > 0 && revision <= 10, "{revision}");
        locked(&data).fine.as_mut().unwrap().take_pages();
        wait_for(&data, 0, 500);
        assert_eq!(locked(&data).revision, revision);
    }

    #[test]
    fn pages_that_nobody_looks_at_go_when_another_comes() {
        let (data, _) = data();
        let num_pages = || locked(&data).fine.as_ref().unwrap().pages.len();
        (0..3).for_each(|n| wait_for(&data, 0, n * PAGE_COLUMNS));
        assert_eq!(num_pages(), 3);
        for (place, page) in &locked(&data).fine.as_ref().unwrap().pages {
            let is_old = place.1 < 2;
            let age = if is_old { 2 * KEPT_FOR } else { KEPT_FOR / 2 };
            page.used.set(Instant::now().checked_sub(age).unwrap());
        }
        wait_for(&data, 0, 5 * PAGE_COLUMNS);
        assert_eq!(num_pages(), 2);
    }

    #[test]
    fn a_file_that_is_cut_short_while_it_is_open_leaves_the_coarser_columns() {
        let (data, file) = data();
        file.set_len(50_000).unwrap();
        wait_for(&data, 0, 990);
        let column = |tier, index| locked(&data).column(tier, index).copied();
        assert_eq!(column(0, 990), column(2, 990 / 16));
        assert!(column(0, 990).is_some());
    }
}
