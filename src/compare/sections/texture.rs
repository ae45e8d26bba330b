//! Texture: what a stretch of sound is like, in 17 numbers that forget notes and keep instruments.

use serde::{Deserialize, Serialize};

use crate::analysis::column::level_db;
use crate::dsp::fast_math::{db_from_power, power_from_db};
use crate::dsp::grid::NUM_BINS;

/// The tier of columns that textures are made of: 43 ms a column hold a drum's stroke and cost little.
pub const TIER: u8 = 1;
/// Bands of a texture: half octaves from 41 Hz to 13 kHz. Coders cut above, rumble lies below.
pub const NUM_BANDS: usize = 16;
/// First bin of the grid that counts.
const FIRST_BIN: usize = 128;
/// Bins in a band: half an octave has 48.
const BAND_BINS: usize = 50;
/// Level of silence in dBFS.
const SILENCE_DB: f32 = -160.0;
/// Levels so far below the loud ones are all the same: what fades away is no new instrument.
const DEPTH_DB: f32 = 28.0;
/// Levels that only this part of all exceed count as loud.
const LOUD_PART: f64 = 0.05;
/// What lies below is silence, in dBFS.
const SILENT_SONG_DB: f32 = -90.0;
/// How much a dB of movement counts beside a dB of level: it is smaller, and tells a verse from a break.
const DENSITY_WEIGHT: f32 = 2.0;

/// Levels of the bands in dBFS.
pub type Bands = [f32; NUM_BANDS];

/// Bands of a silent column.
pub(super) const SILENT: Bands = [SILENCE_DB; NUM_BANDS];

/// What a stretch of sound is like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Texture {
    /// Mean level of each band in dB, those far below the song's loud ones raised to its floor.
    pub bands_db: Bands,
    /// How much a band rises from one column to the next, in the mean, in dB: many strokes and much noise are dense.
    pub density_db: f32,
}

/// The bands of a column (`bins[bin]`, packed), `None` where it is absent: silence, or a gap.
pub fn bands(bins: &[u32; NUM_BINS]) -> Option<Bands> {
    let mut bands = [0f32; NUM_BANDS];
    let bins = bins[FIRST_BIN..].chunks_exact(BAND_BINS);
    for (band, bins) in bands.iter_mut().zip(bins) {
        let power: f32 = bins
            .iter()
            .filter_map(|&bin| level_db(bin))
            .map(power_from_db)
            .sum();
        *band = db_from_power(power / BAND_BINS as f32 + 1e-16);
    }
    bands
        .iter()
        .any(|&db| db > SILENCE_DB + 1.0)
        .then_some(bands)
}

/// Whether anything sounds in a column.
pub(super) fn sounds(bands: &Bands) -> bool {
    bands.iter().any(|&db| db > SILENT_SONG_DB)
}

/// The level below which all is the same; `None` where nothing sounds.
pub(super) fn floor_db<'a>(columns: impl Iterator<Item = &'a Bands>) -> Option<f32> {
    let mut levels: Vec<f32> = columns
        .flatten()
        .copied()
        .filter(|&db| db > SILENT_SONG_DB)
        .collect();
    let loud = (levels.len() as f64 * (1.0 - LOUD_PART)) as usize;
    let loud = loud.min(levels.len().checked_sub(1)?);
    let (_, &mut level, _) = levels.select_nth_unstable_by(loud, f32::total_cmp);
    Some(level - DEPTH_DB)
}

/// The texture of each column, its movement against the column before.
pub(super) fn textures(columns: &[Bands], floor_db: f32) -> impl Iterator<Item = Texture> + '_ {
    let raised = move |bands: &Bands| bands.map(|db| db.max(floor_db));
    let mut before = columns.first().map_or(SILENT, raised);
    columns.iter().map(move |bands| {
        let bands_db = raised(bands);
        let rise: f32 = bands_db
            .iter()
            .zip(&before)
            .map(|(now, before)| (now - before).max(0.0))
            .sum();
        before = bands_db;
        Texture {
            bands_db,
            density_db: rise / NUM_BANDS as f32,
        }
    })
}

/// The mean texture of columns.
pub(super) fn mean(columns: &[Bands], floor_db: f32) -> Texture {
    mean_of(textures(columns, floor_db).map(|texture| (texture, 1.0)))
}

/// The mean of textures, each with its weight.
pub(super) fn mean_of(textures: impl Iterator<Item = (Texture, f32)>) -> Texture {
    let mut mean = Texture::default();
    let mut total = 0f32;
    for (texture, weight) in textures {
        total += weight;
        // Step by step towards each: sums of an hour would lose digits.
        let step = weight / total.max(f32::MIN_POSITIVE);
        for (mean, db) in mean.bands_db.iter_mut().zip(texture.bands_db) {
            *mean += step * (db - *mean);
        }
        mean.density_db += step * (texture.density_db - mean.density_db);
    }
    mean
}

/// Numbers of a texture as a point in space, where distance is root mean square dB.
pub(super) const DIMENSIONS: usize = NUM_BANDS + 1;

impl Texture {
    /// The point of this texture.
    pub(super) fn point(&self) -> [f32; DIMENSIONS] {
        let mut point = [DENSITY_WEIGHT * self.density_db; DIMENSIONS];
        for (x, db) in point.iter_mut().zip(self.bands_db) {
            *x = db / (NUM_BANDS as f32).sqrt();
        }
        point
    }

    /// How unlike another one it is, in dB: root mean square over the bands, and the movement.
    pub fn distance_db(&self, other: &Self) -> f32 {
        let pairs = self.point().into_iter().zip(other.point());
        pairs.map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt()
    }
}
