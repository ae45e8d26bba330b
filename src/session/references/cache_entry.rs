//! One entry of the cache: everything found out about a file, as it lies in memory.
//!
//! In order: magic, version, length of the facts; the facts as JSON; loudness, envelope, curves, quantiles, the coarse
//! tiers; a hash of all that; the two fine tiers; a hash of everything. A reference that only lies on the shelf reads
//! the first part, a twentieth of the whole; one that is compared has the fine tiers looked through and left there.

use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use bytemuck::{Pod, Zeroable};
use serde::{Deserialize, Serialize};

use crate::analysis::band_range::BandRange;
use crate::analysis::column::{Column, NUM_TIERS};
use crate::analysis::distribution::{LevelQuantiles, NUM_QUANTILES, SpectrumCurves};
use crate::analysis::summary::Summary;
use crate::audio::frames::ChannelLayout;
use crate::compare::sections::Section;
use crate::dsp::grid::NUM_BINS;
use crate::dsp::loudness::LoudnessPoint;
use crate::session::references::data::{FINE_TIERS, ReferenceData, SharedReference};
use crate::session::references::fine_columns::FineFile;

/// Goes up whenever the analysis finds other numbers than before, or entries are laid out in another way.
pub const ANALYSIS_VERSION: u32 = 8;
/// Bytes read at once.
pub(super) const CHUNK_BYTES: usize = 1 << 20;

const MAGIC: [u8; 8] = *b"ABSCACHE";
const HASH_BYTES: usize = 32;
/// No facts are longer: they hold the summary's curves as text, a tenth of this.
const MOST_FACTS_BYTES: u32 = 4 << 20;
/// Columns copied at once, so that nobody waits long for the lock: a megabyte.
const CHUNK_COLUMNS: usize = 256;

/// How much of an entry is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Everything but the fine tiers.
    Coarse,
    /// Everything; the fine tiers are looked through and left where they are.
    Whole,
}

/// What is known of a file.
#[derive(Debug)]
pub struct Entry {
    /// Figures and facts.
    pub facts: Facts,
    /// Loudness, a point every 100 ms.
    pub loudness: Vec<LoudnessPoint>,
    /// The waveform: lowest and highest sample of each cell.
    pub overview: Vec<[f32; 2]>,
    /// Curves of the whole.
    pub curves: SpectrumCurves,
    /// The spread of levels over the whole.
    pub quantiles: LevelQuantiles,
    /// `tiers[tier][column]` without the fine ones.
    pub tiers: Vec<Vec<Column>>,
    /// The fine ones, if they were wanted.
    pub fine: Option<FineFile>,
}

/// The part of an entry that is text.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Facts {
    /// Title after its tags.
    pub title: String,
    /// Frames per second.
    pub sample_rate_hz: u32,
    /// Frames between columns.
    pub hop_frames: usize,
    /// Length.
    pub frames: u64,
    /// Channels, see [`layout_name`].
    layout: String,
    /// What was odd about the file.
    pub warnings: Vec<String>,
    /// Every figure.
    pub summary: Summary,
    /// Its sections.
    pub sections: Vec<Section>,
    num_points: usize,
    num_cells: usize,
    num_columns: [usize; NUM_TIERS],
}

impl Facts {
    /// The channels.
    pub fn layout(&self) -> ChannelLayout {
        layout_of(&self.layout).unwrap_or(ChannelLayout::Stereo)
    }

    /// Bytes of an entry with these facts, without the facts themselves.
    fn payload_bytes(&self) -> Option<u64> {
        let curves = (6 + NUM_QUANTILES) * NUM_BINS * size_of::<f32>();
        let points = self.num_points.checked_mul(size_of::<LoudnessPoint>())?;
        let columns = self
            .num_columns
            .iter()
            .try_fold(0usize, |sum, count| sum.checked_add(*count))?;
        let bytes = (self.num_cells)
            .checked_mul(size_of::<[f32; 2]>())?
            .checked_add(points)?
            .checked_add(columns.checked_mul(size_of::<Column>())?)?
            .checked_add(curves + 2 * HASH_BYTES)?;
        u64::try_from(bytes).ok()
    }
}

fn layout_name(layout: ChannelLayout) -> String {
    match layout {
        ChannelLayout::Mono => "mono".to_owned(),
        ChannelLayout::Stereo => "stereo".to_owned(),
        ChannelLayout::Surround51 => "5.1".to_owned(),
        ChannelLayout::Speakers(mask) => format!("speakers {mask}"),
        ChannelLayout::Other(count) => format!("other {count}"),
    }
}

fn layout_of(name: &str) -> Option<ChannelLayout> {
    Some(match name.split_once(' ') {
        None => match name {
            "mono" => ChannelLayout::Mono,
            "stereo" => ChannelLayout::Stereo,
            "5.1" => ChannelLayout::Surround51,
            _ => return None,
        },
        Some(("speakers", mask)) => ChannelLayout::Speakers(mask.parse().ok()?),
        Some(("other", count)) => ChannelLayout::Other(count.parse().ok()?),
        _ => return None,
    })
}

/// Writes everything known of a reference that is read.
pub fn write(file: &mut File, reference: &SharedReference, cancel: &AtomicBool) -> io::Result<()> {
    let mut out = Hashed::new(io::BufWriter::with_capacity(1 << 20, file));
    let not_ready = || io::Error::other("it is not read");
    let facts = reference.with(facts_of).ok_or_else(not_ready)?;
    let text = serde_json::to_vec(&facts)?;
    out.write(&MAGIC)?;
    out.write(&ANALYSIS_VERSION.to_ne_bytes())?;
    out.write(&(text.len() as u32).to_ne_bytes())?;
    out.write(&text)?;
    let (points, cells, part) = reference.with(|data| {
        (
            data.loudness.points().to_vec(),
            data.overview.cells().to_vec(),
            data.whole_part.clone(),
        )
    });
    let part = part.ok_or_else(not_ready)?;
    out.write(bytemuck::cast_slice(&points))?;
    out.write(bytemuck::cast_slice(&cells))?;
    for curve in curves_of(&part.curves) {
        out.write(bytemuck::cast_slice(curve))?;
    }
    out.write(bytemuck::cast_slice(part.quantiles.0.as_slice()))?;
    for tier in (FINE_TIERS..NUM_TIERS).rev() {
        write_tier(&mut out, reference, tier, facts.num_columns[tier], cancel)?;
    }
    out.write_hash()?;
    for tier in (0..FINE_TIERS).rev() {
        write_tier(&mut out, reference, tier, facts.num_columns[tier], cancel)?;
    }
    out.write_hash()?;
    out.inner.flush()
}

fn facts_of(data: &ReferenceData) -> Option<Facts> {
    let programme = data.programme.as_ref()?;
    Some(Facts {
        title: programme.name.clone(),
        sample_rate_hz: data.sample_rate_hz,
        hop_frames: data.hop_frames,
        frames: data.frames,
        layout: layout_name(programme.format.layout),
        warnings: data.warnings.clone(),
        summary: programme.summary.clone(),
        sections: data.sections.clone(),
        num_points: data.loudness.len(),
        num_cells: data.overview.cells().len(),
        num_columns: std::array::from_fn(|tier| data.tiers[tier].len()),
    })
}

fn write_tier(
    out: &mut Hashed<impl Write>,
    reference: &SharedReference,
    tier: usize,
    count: usize,
    cancel: &AtomicBool,
) -> io::Result<()> {
    let mut chunk: Vec<Column> = vec![];
    let mut at = 0;
    while at < count {
        chunk.clear();
        let to = count.min(at + CHUNK_COLUMNS);
        reference.with(|data| {
            if let Some(columns) = data.tiers[tier].get(at..to) {
                chunk.extend_from_slice(columns);
            }
        });
        if chunk.is_empty() || cancel.load(Ordering::Relaxed) {
            return Err(io::Error::other("the reference was closed"));
        }
        out.write(bytemuck::cast_slice(&chunk))?;
        at = to;
    }
    Ok(())
}

fn curves_of(curves: &SpectrumCurves) -> [&[f32]; 6] {
    [
        &curves.mean_db,
        &curves.p10_db,
        &curves.p50_db,
        &curves.p90_db,
        &curves.max_db,
        &curves.range.0,
    ]
}

/// Reads an entry; anything that is not as it was written is an error.
pub fn read(file: File, depth: Depth) -> io::Result<Entry> {
    let bytes = file.metadata()?.len();
    let mut input = Hashed::new(&file);
    let mut magic = [0; 8];
    input.read(&mut magic)?;
    let [version, facts_bytes]: [u32; 2] =
        input.values::<u32>(2)?.try_into().map_err(|_| damaged())?;
    if magic != MAGIC || version != ANALYSIS_VERSION || facts_bytes > MOST_FACTS_BYTES {
        return Err(io::Error::other("it is of another version"));
    }
    let text: Vec<u8> = input.values(facts_bytes as usize)?;
    let facts: Facts = serde_json::from_slice(&text)?;
    // Checked before any of its lengths is believed.
    let head_bytes = 16 + u64::from(facts_bytes);
    if facts.payload_bytes().map(|payload| payload + head_bytes) != Some(bytes) {
        return Err(damaged());
    }
    let loudness = input.values(facts.num_points)?;
    let overview = input.values(facts.num_cells)?;
    let mut curve = || input.values::<f32>(NUM_BINS);
    let curves = SpectrumCurves {
        mean_db: curve()?,
        p10_db: curve()?,
        p50_db: curve()?,
        p90_db: curve()?,
        max_db: curve()?,
        range: BandRange(curve()?),
    };
    let quantiles = LevelQuantiles(input.values(NUM_BINS)?);
    let mut tiers = vec![vec![]; NUM_TIERS];
    for tier in (FINE_TIERS..NUM_TIERS).rev() {
        tiers[tier] = input.values(facts.num_columns[tier])?;
    }
    input.check_hash()?;
    let mut fine = None;
    if depth == Depth::Whole {
        let counts: [u64; FINE_TIERS] = std::array::from_fn(|tier| facts.num_columns[tier] as u64);
        let column_bytes = size_of::<Column>() as u64;
        let mut end = bytes - HASH_BYTES as u64;
        let starts = counts.map(|count| {
            end -= count * column_bytes;
            end
        });
        input.pass(counts.iter().sum::<u64>() * column_bytes)?;
        input.check_hash()?;
        fine = Some(FineFile {
            file,
            starts,
            counts,
        });
    }
    Ok(Entry {
        facts,
        loudness,
        overview,
        curves,
        quantiles,
        tiers,
        fine,
    })
}

fn damaged() -> io::Error {
    io::Error::other("it is damaged")
}

/// A file whose bytes are hashed as they pass.
struct Hashed<F> {
    inner: F,
    hasher: blake3::Hasher,
}

impl<F> Hashed<F> {
    fn new(inner: F) -> Self {
        Self {
            inner,
            hasher: blake3::Hasher::new(),
        }
    }
}

impl<F: Write> Hashed<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.inner.write_all(bytes)
    }

    fn write_hash(&mut self) -> io::Result<()> {
        let hash = *self.hasher.finalize().as_bytes();
        self.write(&hash)
    }
}

impl<F: Read> Hashed<F> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        // In pieces, so that what was read is still in the processor's cache when it is hashed.
        for piece in bytes.chunks_mut(CHUNK_BYTES) {
            self.inner.read_exact(piece)?;
            self.hasher.update(piece);
        }
        Ok(())
    }

    /// Passes over so many bytes, which are hashed all the same.
    fn pass(&mut self, bytes: u64) -> io::Result<()> {
        let mut chunk = vec![0; CHUNK_BYTES];
        let mut left = bytes;
        while left > 0 {
            let piece = &mut chunk[..left.min(CHUNK_BYTES as u64) as usize];
            self.read(piece)?;
            left -= piece.len() as u64;
        }
        Ok(())
    }

    fn values<T: Pod + Zeroable>(&mut self, count: usize) -> io::Result<Vec<T>> {
        let mut values = vec![T::zeroed(); count];
        self.read(bytemuck::cast_slice_mut(&mut values))?;
        Ok(values)
    }

    fn check_hash(&mut self) -> io::Result<()> {
        let expected = *self.hasher.finalize().as_bytes();
        let mut found = [0; HASH_BYTES];
        self.read(&mut found)?;
        if found == expected {
            Ok(())
        } else {
            Err(damaged())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::analysis::programme::{Programme, ProgrammeOptions};
    use crate::audio::frames::{ChannelLayout, StreamFormat};
    use crate::dsp::signals::Random;

    #[test]
    fn every_layout_comes_back_from_its_name() {
        for layout in [
            ChannelLayout::Mono,
            ChannelLayout::Stereo,
            ChannelLayout::Surround51,
            ChannelLayout::Speakers(0x637),
            ChannelLayout::Other(3),
        ] {
            assert_eq!(layout_of(&layout_name(layout)), Some(layout));
        }
        assert_eq!(layout_of("speakers x"), None);
    }

    /// What the analysis of one fixed signal found when the version was raised last: figures of the whole, the widths and
    /// attacks of the five bands, and the mean level codes of sixteen parts of the grid.
    const FOUND: (u32, [f64; 16], [f64; 16]) = (
        8,
        [
            -13.446, 4.31, -9.815, -3.424, -14.71, 0.324, -5.173, -0.063, -4.924, -5.017, -5.086,
            2.407, 2.789, 2.904, 3.237, 2.495,
        ],
        [
            33562.5, 33246.0, 33769.3, 33792.1, 33983.4, 35993.0, 34290.2, 34479.6, 34505.8,
            34690.9, 35174.6, 35884.6, 36149.0, 36363.9, 36591.9, 28742.5,
        ],
    );

    /// Noise that swells, a tone on the left, and a third of a second of silence: six seconds.
    fn fixed_signal() -> Vec<f32> {
        let mut random = Random::new(12);
        (0..6 * 48_000)
            .flat_map(|n| {
                let secs = f64::from(n) / 48_000.0;
                let noise = [random.bipolar(), random.bipolar()].map(|x| 0.05 * secs * x);
                let tone = 0.2 * (std::f64::consts::TAU * 220.0 * secs).sin();
                let sounds = if (2.0..2.33).contains(&secs) {
                    0.0
                } else {
                    1.0
                };
                [
                    (sounds * (noise[0] + tone)) as f32,
                    (sounds * (0.6 * noise[1] + 0.4 * noise[0])) as f32,
                ]
            })
            .collect()
    }

    #[test]
    fn entries_are_of_another_version_as_soon_as_the_analysis_finds_other_numbers() {
        let signal = fixed_signal();
        let mut rest = &signal[..];
        let source = |chunk: &mut Vec<f32>| {
            let (now, later) = rest.split_at(rest.len().min(2 * 4_096));
            chunk.clear();
            chunk.extend_from_slice(now);
            rest = later;
            Ok::<_, Infallible>(!now.is_empty())
        };
        let format = StreamFormat {
            sample_rate_hz: 48_000,
            layout: ChannelLayout::Stereo,
        };
        let mut codes = [(0.0, 0.0); 16];
        let (options, never) = (ProgrammeOptions::default(), AtomicBool::new(false));
        let analysed = Programme::analyse(
            source,
            format,
            options,
            &mut |batch| {
                for column in batch.columns.iter().filter(|column| column.tier == 0) {
                    for (bin, packed) in column.column.bins.iter().enumerate() {
                        let (sum, count) = &mut codes[bin / (NUM_BINS / 16)];
                        *sum += f64::from(packed & 0xffff);
                        *count += 1.0;
                    }
                }
            },
            &never,
        );
        let Ok(programme) = analysed;
        let summary = programme.expect("nobody cancels").summary;
        let loudness = &summary.loudness;
        let mut figures = vec![
            loudness.integrated_lufs,
            loudness.range_lu,
            loudness.max_momentary_lufs,
            loudness.true_peak_dbtp,
            summary.levels.rms_dbfs,
            summary.stereo.correlation,
        ];
        figures.extend(summary.stereo.bands.iter().map(|band| band.side_to_mid_db));
        let attacks = summary.punch.bands.iter().map(|band| band.attack_db);
        figures.extend(attacks.map(|tenths| Some(tenths?.p50)));
        let figures: Vec<f64> = figures
            .into_iter()
            .map(|figure| figure.unwrap_or(-999.0))
            .collect();
        let means = codes.map(|(sum, count)| sum / count);
        let (version, known, known_means) = FOUND;
        let is_near = |a: f64, b: f64, off: f64| (a - b).abs() <= off;
        // A hundredth of a decibel, and three codes of 0.003 dB: less than any change of meaning, more than what
        // processors round differently.
        let is_same = figures.iter().zip(known).all(|(a, b)| is_near(*a, b, 0.01))
            && means
                .iter()
                .zip(known_means)
                .all(|(a, b)| is_near(*a, b, 3.0));
        assert!(
            is_same && version == ANALYSIS_VERSION,
            "raise ANALYSIS_VERSION and note what is found now:\n{figures:?}\n{means:?}"
        );
    }
}
