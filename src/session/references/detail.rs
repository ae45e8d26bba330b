//! How a reference gets the detail that it is compared with, and lets it go: its sound and its fine columns.

use std::path::Path;
use std::sync::{Arc, Mutex, Weak};

use crate::analysis::column::{Column, NUM_TIERS};
use crate::analysis::programme::{Programme, ProgrammeOptions};
use crate::audio::decode::FileDecoder;
use crate::audio::frames::{ChannelLayout, StreamFormat};
use crate::session::references::budget::bytes_of;
use crate::session::references::cache::{Cache, Depth};
use crate::session::references::content_key::ContentKey;
use crate::session::references::data::{FINE_TIERS, ReferenceData, locked};
use crate::session::references::fine_columns::{FineColumns, FineFile, Place};
use crate::session::references::load::Loader;
use crate::session::references::sound::Sound;

impl Loader {
    /// What it has in memory once it is read, or was let go of.
    fn settle_claim(data: &mut ReferenceData) {
        let (has_sound, is_fine) = (data.pcm_is_whole, !data.tiers[0].is_empty());
        let bytes = bytes_of(data.frames, data.sample_rate_hz, has_sound, is_fine);
        // It is there: what cannot be claimed for it was claimed while it was read.
        let _ = data.claim.hold(bytes);
    }

    /// The fine columns that are left in a file; none where there is no thread to read them, and coarser ones stand in.
    pub(super) fn fine_columns(&self, file: Option<FineFile>) -> Option<FineColumns> {
        let data = Arc::downgrade(&self.data);
        let fine = FineColumns::new(file?, move |place, columns| {
            take_page(&data, place, columns)
        });
        let why = |error: &std::io::Error| tracing::warn!("no thread to read columns: {error}");
        fine.inspect_err(why).ok()
    }

    /// Leaves the fine columns of a file that was analysed in its new entry of the cache. Where that was not written they
    /// stay in memory.
    pub(super) fn leave_fine(&self, cache: &Cache, key: &ContentKey) {
        if !locked(&self.data).is_wanted {
            return;
        }
        let entry = cache.read(key, Depth::Whole);
        let Some(fine) = self.fine_columns(entry.and_then(|entry| entry.fine)) else {
            return;
        };
        let mut data = locked(&self.data);
        let tiers = data.tiers[..FINE_TIERS].iter_mut();
        let in_memory: Vec<Vec<Column>> = tiers.map(std::mem::take).collect();
        data.fine = Some(fine);
        drop(data);
        drop(in_memory);
    }

    /// Decodes the sound of a file whose columns are known.
    pub(super) fn read_sound(&self, path: &Path) -> Result<(), String> {
        let mut decoder = FileDecoder::open(path).map_err(|error| error.to_string())?;
        let num_frames = locked(&self.data).frames as usize;
        let sound = Sound::decode(&mut decoder, num_frames, || self.is_cancelled())?;
        let Some(sound) = sound else {
            return Ok(());
        };
        let mut data = locked(&self.data);
        data.pcm = sound;
        data.pcm_is_whole = true;
        Ok(())
    }

    /// Gets detail that is wanted and lets go of detail that is not, until both agree.
    pub(super) fn settle_detail(&self) -> Result<(), String> {
        // Once is enough, unless it was given away meanwhile.
        for _ in 0..3 {
            {
                let mut data = locked(&self.data);
                if self.is_cancelled() || !data.is_wanted || data.has_detail() {
                    let detail = (!data.is_wanted && self.source.path().is_some())
                        .then(|| data.take_detail());
                    Self::settle_claim(&mut data);
                    data.is_loading = false;
                    drop(data);
                    drop(detail);
                    return Ok(());
                }
            }
            let Some(path) = self.source.path() else {
                break;
            };
            if let Err(why) = self.read_detail(path) {
                locked(&self.data).is_loading = false;
                return Err(why);
            }
            self.measure_region();
        }
        locked(&self.data).is_loading = false;
        Ok(())
    }

    /// Fine columns from the cache, or analysed once more; and the sound.
    fn read_detail(&self, path: &Path) -> Result<(), String> {
        let (content, num_frames, format) = {
            let data = locked(&self.data);
            let format = StreamFormat {
                sample_rate_hz: data.sample_rate_hz,
                layout: ChannelLayout::Stereo,
            };
            (data.content.clone(), data.frames, format)
        };
        let known = self.store.cache.as_ref().zip(content.as_ref());
        let kept = known.and_then(|(cache, key)| cache.read(key, Depth::Whole));
        self.make_room(path, (format, num_frames), kept.is_none())?;
        let (tiers, fine) = match kept {
            Some(entry) => (entry.tiers, self.fine_columns(entry.fine)),
            None => match self.analyse_again(path)? {
                Some(tiers) => (tiers, None),
                None => return Ok(()),
            },
        };
        {
            let mut data = locked(&self.data);
            (data.tiers, data.fine) = (tiers, fine);
            data.revision += 1;
        }
        self.read_sound(path)
    }

    fn analyse_again(&self, path: &Path) -> Result<Option<Vec<Vec<Column>>>, String> {
        let mut decoder = FileDecoder::open(path).map_err(|error| error.to_string())?;
        let format = decoder.format();
        let mut tiers = vec![vec![]; NUM_TIERS];
        let programme = Programme::analyse(
            |chunk| decoder.read(chunk).map_err(|error| error.to_string()),
            format,
            ProgrammeOptions::default(),
            &mut |batch| {
                for column in batch.columns {
                    tiers[usize::from(column.tier)].push(column.column);
                }
            },
            &self.cancel,
        )?;
        Ok(programme.map(|_| tiers))
    }
}

/// Takes a page that was read; whether its reference is still there.
fn take_page(data: &Weak<Mutex<ReferenceData>>, place: Place, columns: Vec<Column>) -> bool {
    let Some(data) = data.upgrade() else {
        return false;
    };
    let gone = {
        let mut data = locked(&data);
        let taken = data.fine.as_mut().map(|fine| fine.put(place, columns));
        let (was_missed, gone) = taken.unwrap_or_default();
        // Whoever got another column looks again.
        data.revision += u64::from(was_missed);
        gone
    };
    drop(gone);
    true
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io;
    use std::time::Instant;

    use super::*;
    use crate::analysis::column::TIER_FACTOR;
    use crate::dsp::grid::NUM_BINS;
    use crate::session::references::fine_columns::{KEPT_FOR, PAGE_COLUMNS};

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
        let weak = Arc::downgrade(&data);
        let take = move |place, columns| take_page(&weak, place, columns);
        let fine = FineColumns::new(fine, take).unwrap();
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
