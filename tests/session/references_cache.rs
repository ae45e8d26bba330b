//! References with real files: results kept by content, files that change, regions, and what stays in memory.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use abscope::analysis::column::NUM_TIERS;
use abscope::audio::demo::{self, DemoSong, DemoVersion};
use abscope::dsp::grid::NUM_BINS;
use abscope::session::references::cache::{Cache, Depth};
use abscope::session::references::content_key::ContentKey;
use abscope::session::references::{DETAIL_TIERS, Reference, ReferenceData, References};
use abscope::session::sides::region::Region;

const RATE_HZ: u32 = demo::SAMPLE_RATE_HZ;

/// A part of the demo song, interleaved.
fn song(from_secs: f64, secs: f64) -> Vec<f32> {
    let count = |secs: f64| 2 * (secs * f64::from(RATE_HZ)) as usize;
    let mut samples = vec![0.0; count(from_secs + secs)];
    DemoSong::new(DemoVersion::Reference).read(&mut samples);
    samples.split_off(count(from_secs))
}

fn write_wav(path: &Path, channels: u16, interleaved: &[f32]) {
    let spec = hound::WavSpec {
        channels,
        sample_rate: RATE_HZ,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer = hound::WavWriter::create(path, spec).expect("a writable file");
    for sample in interleaved {
        writer.write_sample(*sample).expect("room");
    }
    writer.finalize().expect("a whole file");
}

/// Folders for files and for the cache.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn song(&self, name: &str, from_secs: f64, secs: f64) -> PathBuf {
        let path = self.file(name);
        write_wav(&path, 2, &song(from_secs, secs));
        path
    }

    fn cache(&self) -> Cache {
        Cache::new(self.file("cache"))
    }

    fn references(&self) -> References {
        References::with_cache(self.cache())
    }

    fn entry(&self, path: &Path) -> PathBuf {
        self.cache().entry_path(&key(path))
    }
}

fn key(path: &Path) -> ContentKey {
    ContentKey::of_file(path, &AtomicBool::new(false))
        .expect("the file is there")
        .expect("nobody cancels")
}

/// Opens a file and waits until it is read.
fn open(references: &mut References, path: &Path) {
    references.open(path).expect("there is room");
    references
        .shelf_mut()
        .all_mut()
        .last_mut()
        .expect("it was added")
        .wait();
    let failure = references
        .active()
        .and_then(|active| active.data().failure.clone());
    assert_eq!(failure, None);
}

/// Waits for something that other threads do.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}: not within two minutes");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Looks at the active reference.
fn active<T>(references: &References, look: impl FnOnce(&ReferenceData) -> T) -> T {
    look(&references.active().expect("one is open").data())
}

/// The columns of all tiers, those included that are read when somebody looks.
fn columns(reference: &Reference) -> Vec<Vec<[u32; NUM_BINS]>> {
    let column = |tier, index| {
        until("it is read", || reference.data().want(tier, index));
        let data = reference.data();
        *data.column(tier, index).expect("it is there")
    };
    let of_tier = |tier| {
        let indices = 0..reference.data().num_columns(tier);
        indices.map(|index| column(tier, index)).collect()
    };
    (0..NUM_TIERS).map(of_tier).collect()
}

/// Everything that is measured of a reference, with the file's path left out.
fn assert_equal(a: &Reference, b: &Reference) {
    assert!(columns(a) == columns(b), "columns of all tiers");
    let (a, b) = (a.data(), b.data());
    assert_eq!(a.loudness.points(), b.loudness.points());
    assert!(a.pcm == b.pcm, "sound");
    assert_eq!(a.overview.cells(), b.overview.cells());
    assert_eq!(a.thumbnail, b.thumbnail);
    assert_eq!(a.sections, b.sections);
    assert_eq!((a.frames, a.hop_frames), (b.frames, b.hop_frames));
    let (a, b) = (
        a.whole_part.as_ref().expect("read"),
        b.whole_part.as_ref().expect("read"),
    );
    assert_eq!(a.curves, b.curves);
    assert_eq!(a.quantiles, b.quantiles);
    let mut moved = b.summary.clone();
    moved.file.clone_from(&a.summary.file);
    assert_eq!(a.summary, moved);
}

#[test]
fn a_known_file_is_bit_equal_to_a_fresh_one_wherever_it_lies() {
    let place = Place::new();
    let path = place.song("song.wav", 20.0, 12.0);
    let mut fresh = Reference::from_file(&path);
    fresh.wait();
    let mut first = place.references();
    open(&mut first, &path);
    assert_equal(&fresh, first.active().expect("open"));
    assert!(place.cache().read(&key(&path), Depth::Whole).is_some());

    let moved = place.file("moved and renamed.wav");
    std::fs::rename(&path, &moved).expect("both are in one folder");
    let mut again = place.references();
    open(&mut again, &moved);
    assert_equal(&fresh, again.active().expect("open"));
    active(&again, |data| {
        let file = &data.summary().expect("read").file;
        assert_eq!(Path::new(file), moved);
        // A batch of an analysis counts one up each; what is known comes at once.
        assert!(data.revision < 5, "{} batches", data.revision);
    });
}

#[test]
fn a_damaged_entry_is_not_used_and_written_anew() {
    let place = Place::new();
    let path = place.song("song.wav", 20.0, 6.0);
    let mut references = place.references();
    open(&mut references, &path);
    let entry = place.entry(&path);
    let good = std::fs::read(&entry).expect("it was written");
    let read = |depth| place.cache().read(&key(&path), depth).is_some();
    assert!(read(Depth::Coarse) && read(Depth::Whole));

    let places = [0, 9, 13, 300, 40_000, good.len() / 2, good.len() - 1];
    for at in places {
        let mut bad = good.clone();
        bad[at] ^= 1;
        std::fs::write(&entry, &bad).expect("room");
        assert!(!read(Depth::Whole), "byte {at} of {}", good.len());
    }
    for bad in [&good[..good.len() - 5], &good[..100], &[][..]] {
        std::fs::write(&entry, bad).expect("room");
        assert!(!read(Depth::Coarse) && !read(Depth::Whole));
    }
    let mut again = place.references();
    open(&mut again, &path);
    // Not with the first: its fine columns lay in the file that was damaged.
    let mut fresh = Reference::from_file(&path);
    fresh.wait();
    assert_equal(&fresh, again.active().expect("open"));
    assert_eq!(
        std::fs::read(&entry).expect("it was written").len(),
        good.len()
    );
    assert!(read(Depth::Whole));
    let leftovers = std::fs::read_dir(place.file("cache")).expect("it is there");
    assert_eq!(leftovers.count(), 1, "nothing in the making is left");
}

#[test]
fn the_oldest_entries_leave_a_full_cache() {
    let place = Place::new();
    let folder = place.file("cache");
    let paths: Vec<_> = (0..3)
        .map(|n| place.song(&format!("{n}.wav"), 10.0 * f64::from(n), 5.0))
        .collect();
    let entry_bytes = {
        let mut references = place.references();
        open(&mut references, &paths[0]);
        std::fs::metadata(place.entry(&paths[0]))
            .expect("written")
            .len()
    };
    let hour_ago = std::time::SystemTime::now() - Duration::from_secs(3600);
    let file = std::fs::File::options()
        .append(true)
        .open(place.entry(&paths[0]));
    file.and_then(|file| file.set_modified(hour_ago))
        .expect("it can be dated");
    let cache = Cache::with_most_bytes(folder, 2 * entry_bytes + 1000);
    let mut references = References::with_cache(cache);
    open(&mut references, &paths[1]);
    assert!(place.entry(&paths[0]).exists(), "two have room");
    open(&mut references, &paths[2]);
    assert!(!place.entry(&paths[0]).exists(), "the oldest left");
    assert!(place.entry(&paths[1]).exists() && place.entry(&paths[2]).exists());
}

#[test]
fn region_and_trim_belong_to_the_content() {
    let place = Place::new();
    let path = place.song("song.wav", 20.0, 12.0);
    let mut references = place.references();
    open(&mut references, &path);
    references.set_region(Some([2.0, 9.0]));
    references.set_trim_db(-1.5);
    // Ending writes what was chosen last.
    drop(references);
    let copy = place.file("copy.wav");
    std::fs::copy(&path, &copy).expect("room");
    let mut again = place.references();
    open(&mut again, &copy);
    active(&again, |data| {
        assert_eq!(
            data.region,
            Some(Region {
                start_secs: 2.0,
                length_secs: 7.0
            })
        );
        assert_eq!(data.trim_db, -1.5);
        assert!(
            data.part().is_some(),
            "the region is measured when it is read"
        );
    });
    again.set_region(None);
    again.set_trim_db(0.0);
    drop(again);
    let mut third = place.references();
    open(&mut third, &copy);
    active(&third, |data| {
        assert_eq!((data.region, data.trim_db), (None, 0.0))
    });
}

#[test]
fn a_region_has_the_figures_of_the_part_cut_out_as_a_file() {
    let place = Place::new();
    let samples = song(10.0, 30.0);
    for channels in [1u16, 2] {
        let of_channels = |part: &[f32]| -> Vec<f32> {
            let frames = part.chunks_exact(2);
            frames
                .flat_map(|frame| &frame[..usize::from(channels)])
                .copied()
                .collect()
        };
        let whole = place.file(&format!("whole {channels}.wav"));
        write_wav(&whole, channels, &of_channels(&samples));
        let mut references = place.references();
        open(&mut references, &whole);
        let [start, end] = [7.3, 21.9];
        references.set_region(Some([start, end]));
        // At once from the history, to what its points of 100 ms allow.
        let (at_once, _) = active(&references, ReferenceData::loudness_of_part);
        until("the region is measured", || {
            active(&references, |data| data.part().is_some())
        });

        let frame = |secs: f64| 2 * (secs * f64::from(RATE_HZ)).round() as usize;
        let cut = place.file(&format!("cut {channels}.wav"));
        write_wav(
            &cut,
            channels,
            &of_channels(&samples[frame(start)..frame(end)]),
        );
        let mut alone = Reference::from_file(&cut);
        alone.wait();
        let alone = alone.data();
        let (expected, _) = alone.loudness_of_part();
        let expected = expected.expect("it sounds");
        assert!(
            (at_once.expect("it sounds") - expected).abs() < 0.05,
            "at once: {at_once:?} not {expected}"
        );
        active(&references, |data| {
            let (part, cut) = (
                data.summary().expect("measured"),
                alone.summary().expect("read"),
            );
            assert_eq!(part.loudness, cut.loudness);
            assert_eq!(part.stereo, cut.stereo);
            assert_eq!(part.third_octave, cut.third_octave);
            assert_eq!(data.curves(), alone.curves());
        });
    }
}

#[test]
fn a_file_that_is_written_anew_is_read_again_and_one_that_moves_stays() {
    let place = Place::new();
    let path = place.song("bounce.wav", 20.0, 6.0);
    let mut references = place.references();
    open(&mut references, &path);
    let generation = references.generation();
    let first = active(&references, |data| data.loudness_of_part().0);
    let quieter: Vec<f32> = song(20.0, 8.0).iter().map(|x| 0.5 * x).collect();
    write_wav(&path, 2, &quieter);
    let mut news = vec![];
    until("the change is noticed", || {
        references.poll();
        news.extend(references.take_news());
        !news.is_empty()
    });
    assert_eq!(news, ["bounce changed on disk, reading it again"]);
    assert!(
        references.generation() > generation,
        "the companion starts anew"
    );
    until("it is read again", || {
        references.poll();
        active(&references, |data| {
            data.has_detail() && data.duration_secs() > 7.9
        })
    });
    let second = active(&references, |data| data.loudness_of_part().0);
    let fell = first.expect("it sounds") - second.expect("it sounds");
    assert!((fell - 6.0).abs() < 1.5, "{fell} LU quieter");

    let moved = place.file("away.wav");
    std::fs::rename(&path, &moved).expect("both are in one folder");
    until("the move is noticed", || {
        references.poll();
        active(&references, |data| data.is_missing)
    });
    assert!(
        active(&references, ReferenceData::has_detail),
        "what it has it keeps"
    );
    std::fs::rename(&moved, &path).expect("both are in one folder");
    until("the return is noticed", || {
        references.poll();
        !active(&references, |data| data.is_missing)
    });
}

#[test]
fn known_records_that_are_opened_together_are_all_read() {
    let place = Place::new();
    let paths: Vec<_> = (0..4)
        .map(|n| place.song(&format!("{n}.wav"), 5.0 * f64::from(n), 5.0))
        .collect();
    let mut references = place.references();
    paths.iter().for_each(|path| open(&mut references, path));
    drop(references);
    // Whoever waits for one that never comes would wait for ever.
    let (tell, told) = std::sync::mpsc::channel();
    let cache = place.cache();
    std::thread::spawn(move || {
        let mut references = References::with_cache(cache);
        for path in &paths {
            references.open(path).expect("there is room");
        }
        let all = references.shelf_mut().all_mut();
        all.iter_mut().for_each(Reference::wait);
        let is_read = |one: &Reference| one.data().programme.is_some();
        // Nobody listens where the test has ended.
        let _ = tell.send(references.all().all(is_read));
    });
    assert_eq!(told.recv_timeout(Duration::from_secs(120)), Ok(true));
}

#[test]
fn only_the_two_used_last_keep_their_detail_and_others_get_theirs_back() {
    let place = Place::new();
    for with_cache in [true, false] {
        let mut references = if with_cache {
            place.references()
        } else {
            References::default()
        };
        for n in 0..4 {
            let path = place.song(&format!("{n}.wav"), 5.0 * f64::from(n), 5.0);
            open(&mut references, &path);
        }
        until("the first two let go", || {
            let detail: Vec<bool> = references
                .all()
                .map(|one| one.data().has_detail())
                .collect();
            detail == [false, false, true, true]
        });
        {
            let data = references.shelf().all()[0].data();
            assert!(data.pcm.is_empty() && data.tiers[..DETAIL_TIERS].iter().all(Vec::is_empty));
            assert!(data.summary().is_some() && !data.tiers[DETAIL_TIERS].is_empty());
            assert_eq!(data.tier_there(0), DETAIL_TIERS);
        }
        assert!(references.activate(0));
        references.shelf_mut().all_mut()[0].wait();
        let mut fresh = Reference::from_file(&place.file("0.wav"));
        fresh.wait();
        assert_equal(&fresh, &references.shelf().all()[0]);
        until("another lets go", || {
            !references.shelf().all()[2].data().has_detail()
        });
        assert!(references.shelf().all()[3].data().has_detail());
    }
}
