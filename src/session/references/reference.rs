//! One reference: its name, its data, and the threads that read and measure it.

use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::audio::demo::DemoVersion;
use crate::session::background;
use crate::session::format::{Preview, is_snapshot};
use crate::session::references::cache::Choices;
use crate::session::references::data::{
    Detail, MOST_TRIM_DB, ReferenceData, SharedReference, locked,
};
use crate::session::references::fine_columns::Pages;
use crate::session::references::load::{Loader, Store};
use crate::session::references::settle::measure_region;
use crate::session::references::source::Source;
use crate::units::plain::plain;

/// Numbers references, so that a list knows them when others leave.
static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// One reference.
pub struct Reference {
    /// File name or title.
    pub name: String,
    /// Where it came from.
    pub path: Option<PathBuf>,
    /// Its own number, never used again.
    pub id: u64,
    /// Where it is read from again; `None` of what is never read.
    source: Option<Source>,
    data: Arc<Mutex<ReferenceData>>,
    cancel: Arc<AtomicBool>,
    store: Arc<Store>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Reference {
    /// Loads a file in the background, without a cache.
    pub fn from_file(path: &Path) -> Self {
        Self::open(path, Arc::default())
    }

    /// Loads a file in the background. A snapshot has the name it was given, a file its own.
    pub fn open(path: &Path, store: Arc<Store>) -> Self {
        let kept = is_snapshot(path)
            .then(|| Preview::read(path).ok())
            .flatten();
        let stem = || match path.file_stem() {
            Some(stem) => stem.to_string_lossy().into_owned(),
            None => path.display().to_string(),
        };
        let name = kept.map_or_else(stem, |preview| preview.facts.name);
        let name = plain(&name).into_owned();
        Self::start(name, Source::File(path.to_owned()), store)
    }

    /// The mix of a snapshot, read in the background: its sound in a loop, as heard then.
    pub fn from_snapshot(name: String, path: &Path) -> Self {
        Self::start(name, Source::File(path.to_owned()), Arc::default())
    }

    /// What lay beside the mix in a snapshot that is reopened.
    pub fn of_picture(name: String, data: ReferenceData) -> Self {
        Self {
            name,
            path: None,
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            source: None,
            data: Arc::new(Mutex::new(data)),
            cancel: Arc::default(),
            store: Arc::default(),
            thread: None,
        }
    }

    /// Whether its sound and fine columns can be read again when they are wanted. Those of a snapshot are short and
    /// stay.
    fn has_other_detail(&self) -> bool {
        self.path.as_deref().is_some_and(|path| !is_snapshot(path))
    }

    /// The demo's reference.
    pub fn demo() -> Self {
        Self::of_demo(DemoVersion::default())
    }

    /// A song that is built in.
    pub fn of_demo(version: DemoVersion) -> Self {
        Self::start(version.name(), Source::Demo(version), Arc::default())
    }

    /// One more holder of data that are read or being read elsewhere, for a picture drawn on another thread.
    pub fn of_shared(name: String, data: &SharedReference) -> Self {
        Self {
            name,
            path: None,
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            source: None,
            data: Arc::clone(&data.0),
            cancel: Arc::default(),
            store: Arc::default(),
            thread: None,
        }
    }

    fn start(name: String, source: Source, store: Arc<Store>) -> Self {
        let mut reference = Self {
            name,
            path: source.path().map(Path::to_owned),
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            source: Some(source),
            data: Arc::new(Mutex::new(ReferenceData::empty())),
            cancel: Arc::default(),
            store,
            thread: None,
        };
        reference.load(Loader::load);
        reference
    }

    /// Reads in the background, by one of the loader's ways.
    fn load(&mut self, way: fn(&Loader) -> Result<(), String>) {
        let Some(source) = self.source.clone() else {
            return;
        };
        let loader = Loader {
            source,
            data: Arc::clone(&self.data),
            cancel: Arc::clone(&self.cancel),
            store: Arc::clone(&self.store),
        };
        self.data().is_loading = true;
        self.thread = self.spawn(move |data, _| {
            let loaded = std::panic::catch_unwind(AssertUnwindSafe(|| way(&loader)))
                .unwrap_or_else(
                    |_| Err("the file broke its decoder; convert it to WAV".to_owned()),
                );
            if let Err(why) = loaded {
                let mut data = locked(data);
                data.is_loading = false;
                data.fail(why);
            }
        });
    }

    fn spawn(
        &self,
        work: impl FnOnce(&Arc<Mutex<ReferenceData>>, &AtomicBool) + Send + 'static,
    ) -> Option<std::thread::JoinHandle<()>> {
        let (data, cancel) = (Arc::clone(&self.data), Arc::clone(&self.cancel));
        let thread = background::spawn("reference", background::WORK, move || work(&data, &cancel));
        if let Err(error) = &thread {
            let name = &self.name;
            let why = format!("{name}: no thread to read it: {error}");
            self.data().fail(why);
        }
        thread.ok()
    }

    /// What is known now. Held only while a picture is put together: the loader waits for it.
    pub fn data(&self) -> MutexGuard<'_, ReferenceData> {
        locked(&self.data)
    }

    /// Whether its file is being read.
    pub fn is_loading(&self) -> bool {
        self.data().is_loading
    }

    /// The data as other threads look at it.
    pub fn shared(&self) -> SharedReference {
        SharedReference(Arc::clone(&self.data))
    }

    /// Reads the file again, since it was changed. Region and trim stay unless others were chosen for the new content.
    pub fn read_again(&mut self) {
        self.cancel.store(true, Ordering::Relaxed);
        self.cancel = Arc::default();
        let mut new = ReferenceData::empty();
        {
            let old = self.data();
            new.region = old.region;
            new.trim_db = old.trim_db;
            new.is_wanted = old.is_wanted;
            // Nothing is compared with what is on the screen now, so it has to be another revision.
            new.revision = old.revision + 1;
        }
        self.data = Arc::new(Mutex::new(new));
        self.load(Loader::load);
    }

    /// Gets sound and fine columns, if they are not there.
    pub fn want_detail(&mut self) {
        let is_missing = {
            let mut data = self.data();
            data.is_wanted = true;
            let can_be_read = data.programme.is_some() && data.failure.is_none();
            // A loader that is under way sees the wish.
            can_be_read && !data.is_loading && !data.has_detail()
        };
        if is_missing && self.has_other_detail() {
            self.load(Loader::load_detail);
        }
    }

    /// Gives sound and fine columns away, to be freed where that may take its time. A loader that is under way does
    /// the same when it ends.
    pub fn release_detail(&self) -> Option<Detail> {
        let mut data = self.data();
        data.is_wanted = !self.has_other_detail();
        let is_ours = !data.is_loading && !data.is_wanted && data.programme.is_some();
        is_ours.then(|| data.take_detail())
    }

    /// Gives the columns away that are in memory only because somebody looked at them, to be freed in the same way.
    pub fn release_pages(&self) -> Option<Pages> {
        let pages = self.data().fine.as_mut()?.take_pages();
        (!pages.is_empty()).then_some(pages)
    }

    /// Compares only the part between two times in seconds, or all of it. Its figures follow in the background.
    pub fn set_region(&self, secs: Option<[f64; 2]>) {
        let mut data = self.data();
        let region = secs.and_then(|secs| data.possible_region(secs));
        if region == data.region {
            return;
        }
        data.region = region;
        data.revision += 1;
        // While it is read, the loader does it at the end.
        let is_for_us = data.pcm_is_whole && data.part().is_none();
        drop(data);
        if is_for_us {
            self.spawn(measure_region);
        }
    }

    /// Gives it a gain in dB besides the loudness match.
    pub fn set_trim_db(&self, trim_db: f64) {
        if trim_db.is_finite() {
            let rounded = (trim_db * 10.0).round() / 10.0 + 0.0;
            self.data().trim_db = rounded.clamp(-MOST_TRIM_DB, MOST_TRIM_DB);
        }
    }

    /// What was chosen for it.
    pub fn choices(&self) -> Choices {
        let data = self.data();
        Choices {
            region_secs: data
                .region
                .map(|region| [region.start_secs, region.start_secs + region.length_secs]),
            trim_db: data.trim_db,
        }
    }

    /// Waits until the file is read, for pictures without a window.
    pub fn wait(&mut self) {
        if let Some(thread) = self.thread.take() {
            // A loader that panicked left no programme; that is seen and said where it is needed.
            let _ = thread.join();
        }
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        // The threads own all they touch and end by themselves; waiting for them would stop the picture.
        self.cancel.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::references::budget::{Budget, Claim};

    #[test]
    fn a_reference_that_all_together_have_no_memory_for_is_refused_with_a_word_until_another_goes()
    {
        const RATE_HZ: u32 = 8_000;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("silence.wav");
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: RATE_HZ,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut wav = hound::WavWriter::create(&path, spec).unwrap();
        for _ in 0..100 * RATE_HZ {
            wav.write_sample(0i16).unwrap();
        }
        wav.finalize().unwrap();
        // One of these takes 58 MB while it may be compared with.
        let budget = Arc::new(Budget::new(100_000_000));
        let open = || {
            let data = ReferenceData {
                claim: Claim::new(Arc::clone(&budget)),
                is_wanted: true,
                ..ReferenceData::empty()
            };
            let mut reference = Reference::of_picture("silence".to_owned(), data);
            reference.source = Some(Source::File(path.clone()));
            reference.load(Loader::load);
            reference.wait();
            reference
        };
        let first = open();
        assert_eq!(first.data().failure, None);
        let refused = open();
        let why = refused.data().failure.clone().expect("there is no room");
        assert!(
            why.contains("silence.wav") && why.contains("close others"),
            "{why}"
        );
        assert!(refused.data().pcm.is_empty() && refused.data().tiers.iter().all(Vec::is_empty));
        assert_eq!(first.data().failure, None, "those that are open stay");
        drop((first, refused));
        assert_eq!(open().data().failure, None);
    }
}
