//! The pages of the shelf: what drawers show of each snapshot, read without its columns and its sound.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use crate::compare::distance::{BesideRecord, NUM_BANDS, Portrait};
use crate::session::format::error::SnapshotError;
use crate::session::format::file::Outline;
use crate::session::format::moment::{Figures, KeptBeside, KeptMeters};
use crate::session::format::snapshot::{EXTENSION, Facts};
use crate::session::pairing::Pair;
use crate::session::references::ReferenceData;

/// Widest and highest small picture that is shown.
const MOST_THUMBNAIL_PX: u32 = 1_024;

/// A small picture, unpacked: `rgb[3 * (y * width + x)]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thumbnail {
    /// Width and height.
    pub size: [usize; 2],
    /// Eight bits a colour.
    pub rgb: Vec<u8>,
}

/// One snapshot on the shelf.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Which file.
    pub path: PathBuf,
    /// Name, song, date, note, settings and figures.
    pub facts: Facts,
    /// Sources of mix and reference.
    pub sources: (String, Option<String>),
    /// Its small picture.
    pub thumbnail: Option<Thumbnail>,
    /// What its mix is compared by.
    pub portrait: Portrait,
    /// How much of the song its figures of the whole are of, in seconds: of a record that it was kept beside each moment once,
    /// for silence and what is played again are no more of a song.
    pub heard_secs: f64,
    /// First and last bar of the song in its picture, where a DAW told them.
    pub bars: Option<[i64; 2]>,
}

/// The shelf as the session knows it.
#[derive(Clone, Debug, Default)]
pub struct Pages {
    /// Newest first.
    pub pages: Vec<Arc<Page>>,
    /// Files that do not open, one line each.
    pub problems: Vec<String>,
    /// Whether it has been read.
    pub is_read: bool,
}

/// Reads the shelf again and again, and only files that changed.
#[derive(Default)]
pub struct PageReader {
    known: HashMap<PathBuf, (SystemTime, u64, Arc<Page>)>,
}

impl PageReader {
    /// All snapshots of a folder.
    pub fn read(&mut self, folder: &Path) -> io::Result<Pages> {
        let mut known = HashMap::new();
        let mut read = Pages {
            is_read: true,
            ..Pages::default()
        };
        let entries = match std::fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(read),
            entries => entries?,
        };
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_none_or(|found| found != EXTENSION) {
                continue;
            }
            let stamp = std::fs::metadata(&path)
                .and_then(|metadata| Ok((metadata.modified()?, metadata.len())));
            let before = self.known.remove(&path);
            let page = match (stamp, before) {
                (Ok((time, length)), Some((then, len, page))) if (time, length) == (then, len) => {
                    Ok(page)
                }
                _ => page_of(&path).map(Arc::new),
            };
            match page {
                Ok(page) => {
                    let at = std::fs::metadata(&path);
                    if let Ok((time, length)) =
                        at.and_then(|metadata| Ok((metadata.modified()?, metadata.len())))
                    {
                        known.insert(path, (time, length, Arc::clone(&page)));
                    }
                    read.pages.push(page);
                }
                Err(error) => read.problems.push(error.to_string()),
            }
        }
        self.known = known;
        read.pages.sort_by_key(|page| {
            std::cmp::Reverse((page.facts.created.unix_secs, page.facts.counter))
        });
        read.problems.sort();
        Ok(read)
    }
}

fn page_of(path: &Path) -> Result<Page, SnapshotError> {
    let outline = Outline::read(path)?;
    let figures = Figures::from_json(&outline.preview.facts.figures);
    let mut portrait = portrait_of(&figures);
    portrait.median_db = outline
        .mix_curves
        .map_or_else(Vec::new, |curves| curves.p50_db);
    let curves = outline.beside_curves;
    portrait.beside = beside_record(
        &figures,
        curves.map_or_else(Vec::new, |curves| curves.p50_db),
    );
    let png = outline.preview.thumbnail_png.as_deref();
    Ok(Page {
        path: path.to_owned(),
        thumbnail: png.and_then(unpacked),
        heard_secs: heard_secs(&figures),
        facts: outline.preview.facts,
        sources: outline.preview.sources,
        portrait,
        bars: figures.song.and_then(|song| song.bars),
    })
}

fn heard_secs(figures: &Figures) -> f64 {
    /// No song is as long.
    const ANY_SECS: f64 = 1e6;
    let measured_secs = figures
        .mix
        .as_ref()
        .map_or(0.0, |mix| mix.loudness.measured_secs);
    let stretches = figures.beside.as_ref().map(KeptBeside::known_stretches);
    match stretches.filter(|known| !known.is_empty()) {
        Some(known) => known.heard_of_it(ANY_SECS)[0].min(measured_secs),
        None => measured_secs,
    }
}

/// What the mix was beside the record it was kept with; none where that was no place of the same song, or a doubtful one.
fn beside_record(figures: &Figures, median_db: Vec<f32>) -> Option<BesideRecord> {
    let (mix, beside) = figures.mix.as_ref().zip(figures.beside.as_ref())?;
    let is_sure = beside.tracking.as_deref() == Some("locked");
    let [mix_lufs, record_lufs] = [beside.matched_mix_lufs, beside.matched_lufs];
    let widths = |meters: &KeptMeters| meters.bands.map(|band| band.side_to_mid_db);
    is_sure.then_some(BesideRecord {
        matched_lu: mix_lufs? - record_lufs?,
        median_db,
        side_to_mid_db: [
            widths(mix),
            beside.meters.as_ref().map(widths).unwrap_or_default(),
        ],
    })
}

/// Widths of the sound where it was kept, else those of the moment; loudness of all that was heard.
fn portrait_of(figures: &Figures) -> Portrait {
    let whole = figures.mix.as_ref();
    if let Some(sound) = figures.sound() {
        let bands = &sound.stereo.bands;
        return Portrait {
            side_to_mid_db: std::array::from_fn(|n| bands.get(n)?.side_to_mid_db),
            // Those of all that was heard, as a record's are of all of it; of a sound alone its own.
            integrated_lufs: whole.map_or(sound.loudness.integrated_lufs, |mix| {
                mix.loudness.integrated_lufs
            }),
            plr_lu: whole.map_or(sound.loudness.plr_lu, |mix| mix.plr_lu),
            ..Portrait::default()
        };
    }
    let Some(mix) = &figures.mix else {
        return Portrait::default();
    };
    Portrait {
        side_to_mid_db: std::array::from_fn::<_, NUM_BANDS, _>(|n| mix.bands[n].side_to_mid_db),
        integrated_lufs: mix.loudness.integrated_lufs,
        plr_lu: mix.plr_lu,
        ..Portrait::default()
    }
}

/// What a reference is compared by; none while it is read.
pub fn portrait_of_reference(data: &ReferenceData) -> Option<Portrait> {
    let summary = data.summary()?;
    let bands = &summary.stereo.bands;
    Some(Portrait {
        median_db: data.curves()?.p50_db.clone(),
        side_to_mid_db: std::array::from_fn(|n| bands.get(n)?.side_to_mid_db),
        integrated_lufs: summary.loudness.integrated_lufs,
        plr_lu: summary.loudness.plr_lu,
        beside: None,
    })
}

/// A PNG of plain colours; none where it is something else, for a stranger may have packed it.
fn unpacked(png: &[u8]) -> Option<Thumbnail> {
    let mut decoder = png::Decoder::new(io::Cursor::new(png));
    decoder.set_transformations(png::Transformations::STRIP_16 | png::Transformations::EXPAND);
    let mut reader = decoder.read_info().ok()?;
    let (width, height) = (reader.info().width, reader.info().height);
    if width > MOST_THUMBNAIL_PX || height > MOST_THUMBNAIL_PX {
        return None;
    }
    let mut pixels = vec![0; reader.output_buffer_size()?];
    let info = reader.next_frame(&mut pixels).ok()?;
    let channels = info.color_type.samples();
    let rgb = pixels
        .chunks_exact(channels)
        .take(width as usize * height as usize)
        .flat_map(|pixel| match channels {
            3 | 4 => [pixel[0], pixel[1], pixel[2]],
            _ => [pixel[0]; 3],
        })
        .collect::<Vec<u8>>();
    let size = [width as usize, height as usize];
    (rgb.len() == 3 * size[0] * size[1]).then_some(Thumbnail { size, rgb })
}

impl Pages {
    /// The pages of the song at hand, oldest first. Where only a device is known, and it has none, it is the song of the
    /// newest snapshot.
    pub fn of_song(&self, pair: &Pair) -> (String, Vec<Arc<Page>>) {
        let song = pair.song_name();
        let has_pages = |song: &str| self.pages.iter().any(|page| page.facts.song == song);
        let song = match self.pages.first() {
            Some(newest) if !pair.song_is_named() && !has_pages(&song) => newest.facts.song.clone(),
            _ => song,
        };
        let of_song = self.pages.iter().filter(|page| page.facts.song == song);
        let pages = of_song.rev().cloned().collect();
        (song, pages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::loudness::LoudnessReading;

    #[test]
    fn what_was_heard_of_a_song_is_neither_silence_nor_the_same_bars_twice() {
        let mut figures = Figures {
            mix: Some(KeptMeters {
                loudness: LoudnessReading {
                    measured_secs: 300.0,
                    ..LoudnessReading::default()
                },
                ..KeptMeters::default()
            }),
            ..Figures::default()
        };
        assert_eq!(heard_secs(&figures), 300.0, "of another song all of it");
        figures.beside = Some(KeptBeside {
            stretches: vec![[10.0, 26.0, 5.0], [200.0, 216.0, -185.0]],
            ..KeptBeside::default()
        });
        assert_eq!(heard_secs(&figures), 16.0);
    }
}
