//! Reads a reference on its own thread: what is known of its content comes from the cache, the rest is decoded and
//! analysed and handed on second by second.
//!
//! Only a reference that may be compared next has its detail: its sound, and fine columns that are left in the cache. The
//! others keep a hundredth of that, and get their detail back from cache and file (`detail.rs`).

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::analysis::distribution::{Distribution, LevelQuantiles};
use crate::analysis::downmix::append_stereo;
use crate::analysis::programme::{Programme, ProgrammeOptions};
use crate::audio::decode::FileDecoder;
use crate::audio::demo::{self, DemoSong, DemoVersion};
use crate::audio::frames::{ChannelLayout, StreamFormat};
use crate::compare::sections::SectionFinder;
use crate::compare::target::Target;
use crate::dsp::samples::risen;
use crate::session::format::snapshot::{Snapshot, Sound, is_snapshot};
use crate::session::references::budget::bytes_of;
use crate::session::references::cache::{Cache, Depth, Entry};
use crate::session::references::content_key::ContentKey;
use crate::session::references::data::{FINE_TIERS, ReferenceData, SharedReference, locked};
use crate::session::references::file_stamp::FileStamp;
use crate::session::references::in_song::InSong;
use crate::session::references::overview::{Overview, Thumbnail};
use crate::session::references::settle::measure_region;
use crate::session::references::source::Source;
use crate::session::references::target_file::read_target;
use crate::session::references::turn::Turns;
use crate::session::sides::region::Region;

/// Frames of a snapshot's sound analysed at once.
const SNAPSHOT_CHUNK_FRAMES: usize = 16_384;

/// Within which time kept sound comes up and goes.
const FADE_SECS: f64 = 0.05;

/// So often what is read so far is shown; it comes in batches of which a fast machine reads hundreds a second.
const SHOWN_EVERY: Duration = Duration::from_millis(250);

/// A target has no rate; this one gives its empty columns a length.
const TARGET_RATE_HZ: u32 = 48_000;

/// Longer references are not read: their sound and columns would fill the memory of most computers.
const MOST_SECS: u64 = 3 * 3600;

/// Whether a file is short enough to be a reference, else why not.
fn within_length(path: &Path, format: StreamFormat, num_frames: u64) -> Result<(), String> {
    let secs = num_frames / u64::from(format.sample_rate_hz.max(1));
    if secs <= MOST_SECS {
        return Ok(());
    }
    Err(format!(
        "{}: it is longer than 3 hours, the most that a reference may have; cut out the part to compare with",
        path.display()
    ))
}

/// What the loaders of a shelf share.
#[derive(Default)]
pub struct Store {
    /// Where results are kept; none for references that are read once and shown once.
    pub cache: Option<Cache>,
    /// Who reads when.
    pub turns: Turns,
}

/// A reference being read.
pub struct Loader {
    /// What from.
    pub source: Source,
    /// What is known of it.
    pub data: Arc<Mutex<ReferenceData>>,
    /// Set when nobody wants it any more.
    pub cancel: Arc<AtomicBool>,
    /// What it shares with the others.
    pub store: Arc<Store>,
}

impl Loader {
    /// Reads all of it, and its detail if it is wanted.
    pub fn load(&self) -> Result<(), String> {
        let Some(_turn) = self.turn() else {
            return Ok(());
        };
        match &self.source {
            Source::File(path) if is_snapshot(path) => {
                self.load_snapshot(path)?;
                locked(&self.data).is_loading = false;
                return Ok(());
            }
            Source::File(path) => self.load_file(path)?,
            Source::Demo(song) => self.load_demo(*song)?,
        }
        self.settle_detail()
    }

    /// Gets the detail of one that is read already.
    pub fn load_detail(&self) -> Result<(), String> {
        let Some(_turn) = self.turn() else {
            return Ok(());
        };
        self.settle_detail()
    }

    fn turn(&self) -> Option<crate::session::references::turn::Turn<'_>> {
        let is_wanted = || locked(&self.data).is_wanted;
        self.store.turns.take(&is_wanted, &self.cancel)
    }

    /// Whether a file with so many frames is short enough, and there is memory for them, with fine columns or without;
    /// else why not.
    pub(super) fn make_room(
        &self,
        path: &Path,
        (format, num_frames): (StreamFormat, u64),
        is_fine: bool,
    ) -> Result<(), String> {
        within_length(path, format, num_frames)?;
        let has_sound = self.depth() == Depth::Whole;
        let bytes = bytes_of(num_frames, format.sample_rate_hz, has_sound, is_fine);
        let held = locked(&self.data).claim.hold(bytes);
        held.map_err(|why| format!("{}: {why}", path.display()))
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }

    fn load_file(&self, path: &Path) -> Result<(), String> {
        // Before it is read: what is written meanwhile is noticed.
        locked(&self.data).stamp = FileStamp::of(path).ok();
        if let Some(target) = read_target(path)? {
            self.show_target(path, target);
            return Ok(());
        }
        let cache = self.store.cache.as_ref();
        let key = cache.and_then(|_| ContentKey::of_file(path, &self.cancel).ok().flatten());
        let known = cache.zip(key.as_ref());
        if let Some((cache, key)) = known {
            self.take_choices(cache, key);
            // What is looked at is shown by its coarse columns at once; sound and fine ones come behind, as its detail.
            let is_wanted = locked(&self.data).is_wanted;
            let depth = match is_wanted {
                true => Depth::Coarse,
                false => self.depth(),
            };
            if let Some(entry) = cache.read(key, depth) {
                let format = StreamFormat {
                    sample_rate_hz: entry.facts.sample_rate_hz,
                    layout: entry.facts.layout(),
                };
                if depth == Depth::Whole {
                    self.make_room(path, (format, entry.facts.frames), false)?;
                }
                self.show(path, entry);
                if depth == Depth::Whole {
                    self.read_sound(path)?;
                    self.measure_region();
                }
                return Ok(());
            }
        }
        let mut decoder = FileDecoder::open(path).map_err(|error| error.to_string())?;
        let format = decoder.format();
        let declared_frames = decoder.declared_frames().unwrap_or_default();
        self.make_room(path, (format, declared_frames), true)?;
        let mut num_frames = 0;
        let options = ProgrammeOptions {
            name: decoder.title().unwrap_or_default(),
            path: Some(path.to_owned()),
            expected_frames: decoder.declared_frames(),
            ..ProgrammeOptions::default()
        };
        let is_done = self.analyse(
            |chunk| {
                let more = decoder.read(chunk).map_err(|error| error.to_string())?;
                num_frames += (chunk.len() / format.layout.count().max(1)) as u64;
                self.make_room(path, (format, num_frames.max(declared_frames)), true)?;
                Ok(more)
            },
            format,
            options,
        )?;
        locked(&self.data).warnings = decoder.warnings().iter().map(ToString::to_string).collect();
        if let (Some((cache, key)), true) = (known, is_done) {
            cache.write(key, &SharedReference(Arc::clone(&self.data)), &self.cancel);
            self.leave_fine(cache, key);
        }
        Ok(())
    }

    /// Analyses the sound of a snapshot as that of a file; without sound, takes the columns that were kept.
    fn load_snapshot(&self, path: &Path) -> Result<(), String> {
        let snapshot = Snapshot::read(path).map_err(|error| error.to_string())?;
        let Some(sound) = &snapshot.sound else {
            let kept = snapshot.silent_reference_data();
            *locked(&self.data) = kept
                .ok_or_else(|| format!("{}: nothing to compare with is in it", path.display()))?;
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
        let mut frames = faded(sound);
        let source = |chunk: &mut Vec<f32>| {
            chunk.clear();
            let piece = frames.by_ref().take(SNAPSHOT_CHUNK_FRAMES);
            chunk.extend(piece.flatten());
            Ok(!chunk.is_empty())
        };
        if self.analyse(source, format, options)? {
            let mut data = locked(&self.data);
            snapshot.give_figures(&mut data);
            data.in_song = InSong::of(&snapshot, sound);
        }
        Ok(())
    }

    fn load_demo(&self, version: DemoVersion) -> Result<(), String> {
        let mut song = DemoSong::new(version);
        let format = StreamFormat {
            sample_rate_hz: demo::SAMPLE_RATE_HZ,
            layout: ChannelLayout::Stereo,
        };
        let options = ProgrammeOptions {
            name: version.title().to_owned(),
            expected_frames: Some(version.num_frames()),
            ..ProgrammeOptions::default()
        };
        let source = |chunk: &mut Vec<f32>| {
            chunk.resize(2 * 4096, 0.0);
            let frames = song.read(chunk);
            chunk.truncate(2 * frames);
            Ok(frames > 0)
        };
        self.analyse(source, format, options).map(|_| ())
    }

    /// What was chosen for this content before, and how it is called in the cache.
    fn take_choices(&self, cache: &Cache, key: &ContentKey) {
        let choices = cache.choices(key);
        let mut data = locked(&self.data);
        data.content = Some(key.clone());
        if let Some(choices) = choices {
            data.region = choices.region_secs.map(|[start, end]| Region {
                start_secs: start,
                length_secs: end - start,
            });
            data.trim_db = choices.trim_db;
        }
        data.mend_region();
    }

    /// A region is measured from the sound, so one that has a region needs all of it once.
    fn depth(&self) -> Depth {
        let data = locked(&self.data);
        if data.is_wanted || data.region.is_some() {
            Depth::Whole
        } else {
            Depth::Coarse
        }
    }

    /// A target is figures and curves only.
    fn show_target(&self, path: &Path, target: Target) {
        let format = StreamFormat {
            sample_rate_hz: TARGET_RATE_HZ,
            layout: ChannelLayout::Stereo,
        };
        let programme = Programme {
            name: target.name.clone(),
            path: Some(path.to_owned()),
            format,
            frames: 0,
            hop_frames: crate::analysis::resolution::hop_frames(TARGET_RATE_HZ),
            tiers: vec![],
            loudness_points: vec![],
            summary: target.summary(&path.display().to_string()),
            curves: target.curves(),
            pcm: None,
        };
        let quantiles = target.quantiles();
        let mut data = locked(&self.data);
        data.begin(format, None);
        data.target = Some(Arc::new(target));
        data.finish(programme, quantiles, None);
    }

    /// Shows what the cache has.
    fn show(&self, path: &Path, entry: Entry) {
        let fine = self.fine_columns(entry.fine);
        let facts = entry.facts;
        let format = StreamFormat {
            sample_rate_hz: facts.sample_rate_hz,
            layout: facts.layout(),
        };
        let mut summary = facts.summary;
        // The same content may have been read from somewhere else.
        summary.file = path.display().to_string();
        let thumbnail = Thumbnail::new(&entry.tiers[FINE_TIERS..]);
        let mut data = locked(&self.data);
        data.begin(format, Some(facts.frames));
        data.frames = facts.frames;
        data.warnings = facts.warnings;
        data.overview = Overview::from_cells(entry.overview, facts.sample_rate_hz);
        for point in &entry.loudness {
            data.loudness.push(*point);
        }
        let programme = Programme {
            name: facts.title,
            path: Some(path.to_owned()),
            format,
            frames: facts.frames,
            hop_frames: facts.hop_frames,
            tiers: vec![],
            loudness_points: entry.loudness,
            summary,
            curves: entry.curves,
            pcm: None,
        };
        data.tiers = entry.tiers;
        data.fine = fine;
        data.sections = facts.sections;
        data.finish(programme, entry.quantiles, Some(thumbnail));
    }

    /// Analyses all of a source; false when cancelled.
    fn analyse(
        &self,
        mut source: impl FnMut(&mut Vec<f32>) -> Result<bool, String> + Send,
        format: StreamFormat,
        options: ProgrammeOptions,
    ) -> Result<bool, String> {
        let data = &self.data;
        let keeps_sound = self.depth() == Depth::Whole;
        {
            let mut data = locked(data);
            data.begin(format, options.expected_frames);
            data.make_room(keeps_sound);
        }
        let mut stereo = vec![];
        let with_pcm = |chunk: &mut Vec<f32>| {
            let more = source(chunk)?;
            if more {
                stereo.clear();
                append_stereo(format, chunk, &mut stereo);
                let mut data = locked(data);
                data.overview.push(&stereo);
                data.frames += stereo.len() as u64;
                if keeps_sound {
                    data.pcm.push(&stereo);
                }
            }
            Ok::<_, String>(more)
        };
        let mut distribution = Distribution::default();
        let mut finder = SectionFinder::new(locked(data).hop_secs());
        let mut shown = Instant::now();
        let programme = Programme::analyse(
            with_pcm,
            format,
            options,
            &mut |batch| {
                distribution.add_finest(batch.columns);
                finder.push(batch.columns);
                let mut data = locked(data);
                for column in batch.columns {
                    data.tiers[usize::from(column.tier)].push(column.column);
                }
                for point in batch.loudness_points {
                    data.loudness.push(*point);
                }
                data.progress = batch.progress;
                // What is drawn from it is drawn anew with each revision; the end of the reading is one as well.
                if shown.elapsed() >= SHOWN_EVERY {
                    data.revision += 1;
                    shown = Instant::now();
                }
            },
            &self.cancel,
        )?;
        let Some(programme) = programme else {
            return Ok(false);
        };
        let quantiles = LevelQuantiles::new(&distribution);
        let sections = finder.finish(&programme.loudness_points);
        // Of the coarse tiers only: what is copied is small.
        let coarse = locked(data).tiers[FINE_TIERS..].to_vec();
        let thumbnail = Thumbnail::new(&coarse);
        {
            let mut data = locked(data);
            data.sections = sections;
            data.finish(programme, quantiles, Some(thumbnail));
            data.give_room_back();
            data.pcm_is_whole = keeps_sound;
        }
        self.measure_region();
        Ok(true)
    }

    pub(super) fn measure_region(&self) {
        measure_region(&self.data, &self.cancel);
    }
}

/// Kept sound, whose ends come up and go: cut out of a song they would be clicks, loud at both ends of the spectrum.
fn faded(sound: &Sound) -> impl Iterator<Item = [f32; 2]> + '_ {
    let fade = FADE_SECS * f64::from(sound.sample_rate_hz);
    let num_frames = sound.frames.len();
    sound.frames.iter().enumerate().map(move |(at, frame)| {
        let from_end = at.min(num_frames - 1 - at);
        let gain = risen((from_end as f64 + 0.5) / fade);
        frame.map(|sample| gain * sample)
    })
}
