//! Which section of another song fits what the mix plays now.
//!
//! At first only the shape of the spectrum and the density can be compared, as if both were equally loud. The longer
//! the mix is heard, the better its own middle is known, and the more both are compared by how far they stand from
//! the middle of their songs: then a dull mix's chorus still fits a bright record's chorus, and loudness counts.

use super::section::Section;
use super::texture::{Bands, NUM_BANDS, TIER, Texture, floor_db, mean, mean_of, textures};
use crate::analysis::column::TIER_FACTOR;

/// How much of the mix is "now", unless it has just changed.
const NOW_SECS: f64 = 12.0;
/// Less sound than this says nothing.
const LEAST_SECS: f64 = 6.0;
/// Within that, a song may have changed so many seconds ago …
const NEW_SECS: [f64; 5] = [4.0, 5.0, 6.0, 7.0, 8.0];
/// … if so much is known of what came before …
const LEAST_BEFORE_SECS: f64 = 3.0;
/// … and it was this much unlike: as much as of twelve songs held against each other gave most seconds beside the section that
/// is alike, without more changes.
const STEP_DB: f32 = 4.0;
/// Until so much is heard, the mix's middle gains in weight.
const SETTLED_SECS: f64 = 60.0;

/// What was heard of the mix.
#[derive(Clone, Copy, Debug)]
pub struct Heard {
    /// The last twelve seconds, or what came since the song has changed within them.
    pub now: Texture,
    /// All of it.
    pub middle: Texture,
    /// How long that was, in seconds.
    pub secs: f64,
}

impl Heard {
    /// From the bands of the mix's columns of tier 1, oldest first; `None` while too little sounds. `hop_secs` is the
    /// distance of columns of tier 0.
    pub fn of(columns: &[Bands], hop_secs: f64) -> Option<Self> {
        let column_secs = hop_secs * (TIER_FACTOR as f64).powi(i32::from(TIER));
        let floor_db = floor_db(columns.iter())?;
        let num_now = (NOW_SECS / column_secs) as usize;
        let now = &columns[columns.len().saturating_sub(num_now)..];
        let is_sounding = |bands: &&Bands| bands.iter().any(|&db| db > floor_db);
        let sounding_secs = now.iter().filter(is_sounding).count() as f64 * column_secs;
        (sounding_secs >= LEAST_SECS).then(|| Self {
            now: newest(now, floor_db, column_secs),
            middle: mean(columns, floor_db),
            secs: columns.len() as f64 * column_secs,
        })
    }
}

/// The texture of what plays now: of all of some columns, or of what came after the song has changed within them.
fn newest(columns: &[Bands], floor_db: f32, column_secs: f64) -> Texture {
    let textures: Vec<Texture> = textures(columns, floor_db).collect();
    let mean = |part: &[Texture]| mean_of(part.iter().map(|texture| (*texture, 1.0)));
    let num = |secs: f64| (secs / column_secs) as usize;
    let mut changed = (STEP_DB, 0);
    for new_secs in NEW_SECS {
        let Some(at) = columns.len().checked_sub(num(new_secs)) else {
            continue;
        };
        if at < num(LEAST_BEFORE_SECS) {
            continue;
        }
        let (before, behind) = textures.split_at(at);
        let apart_db = mean(before).distance_db(&mean(behind));
        if apart_db > changed.0 {
            changed = (apart_db, at);
        }
    }
    mean(&textures[changed.1..])
}

/// How well a section fits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// Which of the sections.
    pub section: usize,
    /// How unlike they are, in dB.
    pub distance_db: f32,
}

/// All sections of a reference, the one that fits the mix best first.
pub fn fits(sections: &[Section], heard: &Heard) -> Vec<Fit> {
    let middle = mean_of(
        sections
            .iter()
            .map(|section| (section.texture, section.length_secs() as f32)),
    );
    let weight = ((heard.secs - NOW_SECS) / (SETTLED_SECS - NOW_SECS)).clamp(0.0, 1.0) as f32;
    let mut fits: Vec<Fit> = sections
        .iter()
        .enumerate()
        .map(|(section, of)| Fit {
            section,
            distance_db: distance_db(&of.texture, &middle, heard, weight),
        })
        .collect();
    fits.sort_by(|a, b| a.distance_db.total_cmp(&b.distance_db));
    fits
}

fn distance_db(section: &Texture, middle: &Texture, heard: &Heard, weight: f32) -> f32 {
    let (now, own) = (&heard.now, &heard.middle);
    let level = |texture: &Texture| texture.bands_db.iter().sum::<f32>() / NUM_BANDS as f32;
    let louder_db = level(now) - level(section);
    let mut moved = *section;
    for (band, db) in moved.bands_db.iter_mut().enumerate() {
        let of_middles = own.bands_db[band] - middle.bands_db[band];
        *db += weight * of_middles + (1.0 - weight) * louder_db;
    }
    moved.density_db += weight * (own.density_db - middle.density_db);
    now.distance_db(&moved)
}
