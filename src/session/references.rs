//! Side B: the references, decoded and analysed on threads of their own and shown while they grow.

use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::analysis::column::{Column, NUM_TIERS};
use crate::analysis::downmix::append_stereo;
use crate::analysis::programme::{Programme, ProgrammeOptions};
use crate::audio::decode::FileDecoder;
use crate::audio::demo::{self, DemoSong, DemoVersion};
use crate::audio::frames::{ChannelLayout, StreamFormat};
use crate::dsp::grid::NUM_BINS;
use crate::session::columns::Region;
use crate::session::loudness_history::LoudnessHistory;
use crate::session::snapshot::{EXTENSION, Snapshot};

/// How many references can be loaded.
pub const MOST_REFERENCES: usize = 16;
/// Frames of a snapshot's sound analysed at once.
const SNAPSHOT_CHUNK_FRAMES: usize = 16_384;

/// What is known of a reference so far.
#[derive(Debug, Default)]
pub struct ReferenceData {
    /// `tiers[tier][column]`.
    pub tiers: Vec<Vec<Column>>,
    /// Loudness points.
    pub loudness: LoudnessHistory,
    /// Left and right.
    pub pcm: Vec<[f32; 2]>,
    /// Frames per second, 0 until known.
    pub sample_rate_hz: u32,
    /// Frames between columns.
    pub hop_frames: usize,
    /// 0 … 1.
    pub progress: f32,
    /// All figures, when it is done.
    pub programme: Option<Programme>,
    /// Why it could not be read: one line.
    pub failure: Option<String>,
    /// What was odd about the file, in words.
    pub warnings: Vec<String>,
    /// Length in frames of one whose sound was not kept, of a snapshot.
    pub kept_frames: usize,
    /// Where the columns of each tier lie, if only some of them were kept.
    pub excerpts: Option<[Excerpt; NUM_TIERS]>,
}

/// Consecutive columns of a tier that were kept of a reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// Index of the first.
    pub first_index: u64,
    /// After the column before the second index follows the first.
    pub repeats: Option<[u64; 2]>,
}

/// A reference's data for threads beside the picture's.
#[derive(Clone)]
pub struct SharedReference(pub(super) Arc<Mutex<ReferenceData>>);

/// One reference.
pub struct Reference {
    /// File name or title.
    pub name: String,
    /// Where it came from.
    pub path: Option<PathBuf>,
    /// Whether it came with a snapshot that was reopened as a whole, and leaves with it.
    pub came_with_picture: bool,
    data: Arc<Mutex<ReferenceData>>,
    cancel: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Reference {
    /// Loads a file in the background.
    pub fn from_file(path: &Path) -> Self {
        let name = path.file_stem().map_or_else(
            || path.display().to_string(),
            |stem| stem.to_string_lossy().into_owned(),
        );
        let owned = path.to_owned();
        if path.extension().is_some_and(|found| found == EXTENSION) {
            return Self::from_snapshot(name, path);
        }
        Self::start(name, Some(path.to_owned()), move |data, cancel| {
            load_file(&owned, data, cancel)
        })
    }

    /// The mix of a snapshot, read in the background: its sound in a loop, as heard then.
    pub fn from_snapshot(name: String, path: &Path) -> Self {
        let owned = path.to_owned();
        Self::start(name, Some(path.to_owned()), move |data, cancel| {
            load_snapshot(&owned, data, cancel)
        })
    }

    /// What lay beside the mix in a snapshot that is reopened.
    pub fn of_picture(name: String, data: ReferenceData) -> Self {
        Self {
            name,
            path: None,
            came_with_picture: true,
            data: Arc::new(Mutex::new(data)),
            cancel: Arc::new(AtomicBool::new(false)),
            thread: None,
        }
    }

    /// The demo's reference.
    pub fn demo() -> Self {
        Self::start(format!("{} (master)", demo::TITLE), None, load_demo)
    }

    fn start(
        name: String,
        path: Option<PathBuf>,
        load: impl FnOnce(&Mutex<ReferenceData>, &AtomicBool) -> Result<(), String> + Send + 'static,
    ) -> Self {
        let data = Arc::new(Mutex::new(ReferenceData {
            tiers: vec![vec![]; NUM_TIERS],
            ..ReferenceData::default()
        }));
        let cancel = Arc::new(AtomicBool::new(false));
        let worker = {
            let (data, cancel) = (Arc::clone(&data), Arc::clone(&cancel));
            move || {
                let loaded = std::panic::catch_unwind(AssertUnwindSafe(|| load(&data, &cancel)))
                    .unwrap_or_else(|_| {
                        Err("the file broke its decoder; convert it to WAV".to_owned())
                    });
                if let Err(why) = loaded {
                    locked(&data).failure = Some(why);
                }
            }
        };
        let thread = std::thread::Builder::new()
            .name("reference".to_owned())
            .spawn(worker);
        if let Err(error) = &thread {
            locked(&data).failure = Some(format!("{name}: no thread to read it: {error}"));
        }
        Self {
            name,
            path,
            came_with_picture: false,
            data,
            cancel,
            thread: thread.ok(),
        }
    }

    /// What is known now. Held only while a picture is put together: the loader waits for it.
    pub fn data(&self) -> MutexGuard<'_, ReferenceData> {
        locked(&self.data)
    }

    /// The data as other threads look at it.
    pub fn shared(&self) -> SharedReference {
        SharedReference(Arc::clone(&self.data))
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
        self.cancel.store(true, Ordering::Relaxed);
        self.wait();
    }
}

impl ReferenceData {
    /// Length in seconds of what has arrived.
    pub fn duration_secs(&self) -> f64 {
        self.pcm.len().max(self.kept_frames) as f64 / f64::from(self.sample_rate_hz.max(1))
    }

    /// A column of a tier; none where it was not kept or has not arrived.
    pub fn column(&self, tier: usize, index: u64) -> Option<&[u32; NUM_BINS]> {
        let columns = self.tiers.get(tier)?;
        let at = match &self.excerpts {
            None => index,
            Some(excerpts) => excerpts[tier].place(index)?,
        };
        let column = columns.get(usize::try_from(at).ok()?)?;
        Some(&column.bins)
    }

    /// Columns that a tier has, those included that were not kept.
    pub fn num_columns(&self, tier: usize) -> u64 {
        let excerpts = self.excerpts.as_ref();
        let repeats = excerpts.and_then(|excerpts| excerpts[tier].repeats);
        repeats.map_or(self.tiers[tier].len() as u64, |[_, end]| end)
    }

    /// Length in seconds once all of it is read, `None` before and for one without sound.
    pub fn finished_secs(&self) -> Option<f64> {
        (self.programme.is_some() && !self.pcm.is_empty()).then(|| self.duration_secs())
    }

    /// Seconds between columns of tier 0.
    pub fn hop_secs(&self) -> f64 {
        self.hop_frames as f64 / f64::from(self.sample_rate_hz.max(1))
    }

    /// The whole of it as a region.
    pub fn whole(&self) -> Region {
        Region {
            start_secs: 0.0,
            length_secs: self.duration_secs().max(0.1),
        }
    }
}

impl Excerpt {
    /// Which of the columns kept has an index.
    fn place(&self, index: u64) -> Option<u64> {
        match self.repeats {
            Some([first, end]) if (first..end).contains(&index) => {
                Some((index + (end - first) - self.first_index) % (end - first))
            }
            Some(_) => None,
            None => index.checked_sub(self.first_index),
        }
    }
}

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

    /// Whether no more can be loaded; those that could not be read do not count.
    pub fn is_full(&self) -> bool {
        let read = |item: &&Reference| item.data().failure.is_none();
        self.items.iter().filter(read).count() >= MOST_REFERENCES
    }

    /// Shows one that came with a reopened picture, or none if the picture had none; `before` is what was shown before.
    pub fn show_of_picture(&mut self, reference: Option<Reference>) {
        self.end_picture();
        self.before_picture = Some(self.active);
        // One more than may be loaded: it leaves with the picture.
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

    /// The one that is shown.
    pub fn active(&self) -> Option<&Reference> {
        self.items.get(self.active)
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

fn locked(data: &Mutex<ReferenceData>) -> MutexGuard<'_, ReferenceData> {
    // A loader that panicked leaves data that is whole: each batch is added at once.
    data.lock().unwrap_or_else(PoisonError::into_inner)
}

fn load_file(path: &Path, data: &Mutex<ReferenceData>, cancel: &AtomicBool) -> Result<(), String> {
    let mut decoder = FileDecoder::open(path).map_err(|error| error.to_string())?;
    let format = decoder.format();
    let options = ProgrammeOptions {
        name: decoder.title().unwrap_or_default(),
        path: Some(path.to_owned()),
        expected_frames: decoder.declared_frames(),
        ..ProgrammeOptions::default()
    };
    load(
        |chunk| decoder.read(chunk).map_err(|error| error.to_string()),
        format,
        options,
        data,
        cancel,
    )?;
    locked(data).warnings = decoder.warnings().iter().map(ToString::to_string).collect();
    Ok(())
}

/// Analyses the sound of a snapshot as that of a file; without sound, takes the columns that were kept.
fn load_snapshot(
    path: &Path,
    data: &Mutex<ReferenceData>,
    cancel: &AtomicBool,
) -> Result<(), String> {
    let snapshot = Snapshot::read(path).map_err(|error| error.to_string())?;
    let Some(sound) = &snapshot.sound else {
        let kept = snapshot.silent_reference_data();
        *locked(data) =
            kept.ok_or_else(|| format!("{}: nothing to compare with is in it", path.display()))?;
        return Ok(());
    };
    let format = StreamFormat {
        sample_rate_hz: sound.sample_rate_hz,
        layout: ChannelLayout::Stereo,
    };
    let options = ProgrammeOptions {
        name: snapshot.facts.name.clone(),
        path: Some(path.to_owned()),
        expected_frames: Some(sound.frames.len() as u64),
        ..ProgrammeOptions::default()
    };
    let mut pieces = sound.frames.chunks(SNAPSHOT_CHUNK_FRAMES);
    let source = |chunk: &mut Vec<f32>| {
        chunk.clear();
        let piece = pieces.next().unwrap_or_default();
        chunk.extend_from_slice(piece.as_flattened());
        Ok(!piece.is_empty())
    };
    load(source, format, options, data, cancel)
}

fn load_demo(data: &Mutex<ReferenceData>, cancel: &AtomicBool) -> Result<(), String> {
    let mut song = DemoSong::new(DemoVersion::Reference);
    let format = StreamFormat {
        sample_rate_hz: demo::SAMPLE_RATE_HZ,
        layout: ChannelLayout::Stereo,
    };
    let options = ProgrammeOptions {
        name: demo::TITLE.to_owned(),
        expected_frames: Some((demo::DURATION_SECS * f64::from(demo::SAMPLE_RATE_HZ)) as u64),
        ..ProgrammeOptions::default()
    };
    let source = |chunk: &mut Vec<f32>| {
        chunk.resize(2 * 4096, 0.0);
        let frames = song.read(chunk);
        chunk.truncate(2 * frames);
        Ok(frames > 0)
    };
    load(source, format, options, data, cancel)
}

fn load(
    mut source: impl FnMut(&mut Vec<f32>) -> Result<bool, String> + Send,
    format: StreamFormat,
    options: ProgrammeOptions,
    data: &Mutex<ReferenceData>,
    cancel: &AtomicBool,
) -> Result<(), String> {
    {
        let mut data = locked(data);
        data.sample_rate_hz = format.sample_rate_hz;
        data.hop_frames = crate::analysis::resolution::hop_frames(format.sample_rate_hz);
    }
    let with_pcm = |chunk: &mut Vec<f32>| {
        let more = source(chunk)?;
        if more {
            append_stereo(format, chunk, &mut locked(data).pcm);
        }
        Ok::<_, String>(more)
    };
    let programme = Programme::analyse(
        with_pcm,
        format,
        options,
        &mut |batch| {
            let mut data = locked(data);
            for column in batch.columns {
                data.tiers[usize::from(column.tier)].push(column.column);
            }
            for point in batch.loudness_points {
                data.loudness.push(*point);
            }
            data.progress = batch.progress;
        },
        cancel,
    )?;
    locked(data).programme = programme;
    Ok(())
}
