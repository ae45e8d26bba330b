//! How a reference gets the detail that it is compared with, and lets it go: its sound and its fine columns.

use std::path::Path;

use crate::analysis::column::{Column, NUM_TIERS};
use crate::analysis::programme::{Programme, ProgrammeOptions};
use crate::audio::decode::FileDecoder;
use crate::audio::frames::{ChannelLayout, StreamFormat};
use crate::session::references::budget::bytes_of;
use crate::session::references::cache::{Cache, Depth};
use crate::session::references::content_key::ContentKey;
use crate::session::references::data::{FINE_TIERS, ReferenceData, locked};
use crate::session::references::fine_columns::{FineColumns, FineFile};
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
        let fine = FineColumns::new(file?, &self.data);
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
