//! What a snapshot may hold: the same rules before it is written and after it was read.
//!
//! Later layers index, divide and draw without asking again, so shapes are exact and numbers finite; and what a
//! stranger wrote reaches terminals and file names, so names are plain text.

use crate::analysis::column::NUM_TIERS;
use crate::analysis::distribution::SpectrumCurves;
use crate::audio::decode::MIN_RATE_HZ;
use crate::dsp::grid::NUM_BINS;
use crate::dsp::loudness::LoudnessPoint;
use crate::session::format::manifest::{Manifest, SideShape};
use crate::session::format::snapshot::{Facts, SideData, Snapshot, Sound};
use crate::units::plain::is_hidden;

/// All of a snapshot together, unpacked: an hour of columns of every tier and minutes of sound fit several times.
pub const MAX_TOTAL_BYTES: u64 = 512 << 20;
/// The manifest.
pub const MAX_MANIFEST_BYTES: u64 = 1 << 20;
/// The picture.
pub const MAX_THUMBNAIL_BYTES: u64 = 4 << 20;
/// Columns of a tier: an array of 128 MB.
pub const MAX_COLUMNS: usize = 32_768;
/// Loudness points: a day.
pub const MAX_LOUDNESS_POINTS: usize = 864_000;
/// Frames of a vectorscope.
pub const MAX_SCOPE_FRAMES: usize = 1 << 20;
/// Frames of sound: five minutes at 192 kHz.
pub const MAX_SOUND_FRAMES: usize = 57_600_000;
/// Letters of a name, a song or a source.
const MAX_NAME_CHARS: usize = 300;
/// Letters of a note.
const MAX_NOTE_CHARS: usize = 20_000;
/// Highest sample rate.
const MAX_RATE_HZ: u32 = 1_536_000;
/// Indices stay exact where a reader keeps numbers as f64.
const MAX_INDEX: u64 = 1 << 53;

/// Whether a snapshot keeps every rule; else which it breaks.
pub fn snapshot(snapshot: &Snapshot) -> Result<(), String> {
    manifest(&Manifest::of(snapshot))?;
    side("mix", &snapshot.mix)?;
    if let Some(reference) = &snapshot.reference {
        side("reference", reference)?;
    }
    if let Some(Sound { frames, .. }) = &snapshot.sound {
        finite("the sound", frames.as_flattened())?;
    }
    let thumbnail = snapshot.thumbnail_png.as_deref();
    match thumbnail {
        Some(png) if png.len() as u64 > MAX_THUMBNAIL_BYTES => {
            Err("the thumbnail is too large".into())
        }
        Some(png) if !png.starts_with(b"\x89PNG\r\n\x1a\n") => {
            Err("the thumbnail is no PNG".into())
        }
        _ => Ok(()),
    }
}

/// Whether the facts and shapes keep every rule. With this passed, sizes computed from the shapes cannot overflow.
pub fn manifest(manifest: &Manifest) -> Result<(), String> {
    facts(&manifest.facts())?;
    let sides = [Some(&manifest.mix), manifest.reference.as_ref()];
    let mut total_bytes = MAX_MANIFEST_BYTES + MAX_THUMBNAIL_BYTES;
    for shape in sides.into_iter().flatten() {
        side_shape(shape)?;
        total_bytes += side_bytes(shape);
    }
    if let Some(sound) = &manifest.sound {
        rate("the sound", sound.sample_rate_hz)?;
        ensure(sound.from_secs.is_finite(), || {
            "the place of the sound is not finite".into()
        })?;
        ensure(sound.frames <= MAX_SOUND_FRAMES, || {
            format!("{} frames of sound", sound.frames)
        })?;
        total_bytes += sound.frames as u64 * 8;
    }
    ensure(total_bytes <= MAX_TOTAL_BYTES, || {
        format!("all together it has {total_bytes} bytes, more than {MAX_TOTAL_BYTES}")
    })?;
    let json = manifest.to_json().len() as u64;
    ensure(json <= MAX_MANIFEST_BYTES, || {
        format!("settings and figures have {json} bytes")
    })
}

fn facts(facts: &Facts) -> Result<(), String> {
    plain_text("its name", &facts.name)?;
    plain_text("its song", &facts.song)?;
    plain_text("its date", &facts.created.text)?;
    plain_text("its version", &facts.app_version)?;
    ensure(facts.note.chars().count() <= MAX_NOTE_CHARS, || {
        "its note is too long".into()
    })?;
    let is_bad = |c: char| is_hidden(c) && c != '\n' && c != '\t';
    ensure(!facts.note.contains(is_bad), || {
        "its note has control characters".into()
    })?;
    let numbers = [facts.match_gain_db, facts.offset_secs, Some(facts.at_secs)];
    ensure(numbers.iter().flatten().all(|n| n.is_finite()), || {
        "a time or gain is not finite".into()
    })?;
    ensure(
        facts.settings.is_object() && facts.figures.is_object(),
        || "settings and figures are not objects".into(),
    )
}

fn side_shape(shape: &SideShape) -> Result<(), String> {
    plain_text("a source", &shape.source)?;
    rate("a side", shape.sample_rate_hz)?;
    ensure(shape.loudness_from_secs.is_finite(), || {
        "the place of the loudness is not finite".into()
    })?;
    ensure(shape.loudness_points <= MAX_LOUDNESS_POINTS, || {
        format!("{} points of loudness", shape.loudness_points)
    })?;
    ensure(shape.scope_frames <= MAX_SCOPE_FRAMES, || {
        format!("{} frames of vectorscope", shape.scope_frames)
    })?;
    let ascending = shape
        .tiers
        .windows(2)
        .all(|pair| pair[0].tier < pair[1].tier);
    ensure(ascending, || "tiers are not in order".into())?;
    for stretch in &shape.tiers {
        let repeats_well = stretch.repeats.is_none_or(|[first, end]| {
            (first..end).contains(&stretch.first_index)
                && end <= MAX_INDEX
                && stretch.columns as u64 <= end - first
        });
        let fits = usize::from(stretch.tier) < NUM_TIERS
            && stretch.hop_frames > 0
            && stretch.first_index <= MAX_INDEX
            && stretch.columns <= MAX_COLUMNS
            && repeats_well;
        ensure(fits, || format!("tier {} is out of bounds", stretch.tier))?;
    }
    let finest = shape.tiers.first().filter(|stretch| stretch.tier == 0);
    let finest_columns = finest.map_or(0, |stretch| stretch.columns);
    ensure(shape.provisional_columns <= finest_columns, || {
        "more columns are in the making than there are".into()
    })?;
    Ok(())
}

fn side_bytes(shape: &SideShape) -> u64 {
    let columns: usize = shape.tiers.iter().map(|stretch| stretch.columns).sum();
    let curves =
        usize::from(shape.curves) * 6 + usize::from(shape.beside) * 6 + usize::from(shape.spectrum);
    let point = size_of::<LoudnessPoint>();
    let points = shape.loudness_points * point + shape.scope_frames * 8;
    ((columns + curves) * NUM_BINS * 4 + points) as u64
}

fn side(name: &str, side: &SideData) -> Result<(), String> {
    finite(
        &format!("the loudness of the {name}"),
        bytemuck::cast_slice(&side.loudness),
    )?;
    finite(
        &format!("the vectorscope of the {name}"),
        side.scope.as_flattened(),
    )?;
    finite(&format!("the spectrum of the {name}"), &side.spectrum_db)?;
    ensure(matches!(side.spectrum_db.len(), 0 | NUM_BINS), || {
        format!(
            "the spectrum of the {name} has {} bins",
            side.spectrum_db.len()
        )
    })?;
    let both = [&side.curves, &side.beside];
    for curve in both.into_iter().flatten().flat_map(rows) {
        levels(name, curve)?;
    }
    Ok(())
}

/// Whether a curve has a level for every bin.
pub fn levels(name: &str, curve: &[f32]) -> Result<(), String> {
    ensure(curve.len() == NUM_BINS, || {
        format!("a curve of the {name} has {} bins", curve.len())
    })?;
    // −∞ stands for "no signal" in curves.
    ensure(curve.iter().all(|level| *level < f32::INFINITY), || {
        format!("a curve of the {name} is not a number")
    })
}

/// The curves in the order of the file: mean, 10 %, median, 90 %, maximum, and the range of bands.
pub fn rows(curves: &SpectrumCurves) -> [&Vec<f32>; 6] {
    let SpectrumCurves {
        mean_db,
        p10_db,
        p50_db,
        p90_db,
        max_db,
        range,
    } = curves;
    [mean_db, p10_db, p50_db, p90_db, max_db, &range.0]
}

fn rate(what: &str, sample_rate_hz: u32) -> Result<(), String> {
    // Those that every part of the program works at, as files of sound.
    ensure(
        (MIN_RATE_HZ..=MAX_RATE_HZ).contains(&sample_rate_hz),
        || format!("{what} has a sample rate of {sample_rate_hz} Hz"),
    )
}

fn plain_text(what: &str, text: &str) -> Result<(), String> {
    ensure(text.chars().count() <= MAX_NAME_CHARS, || {
        format!("{what} is too long")
    })?;
    ensure(!text.contains(is_hidden), || {
        format!("{what} has control characters")
    })
}

fn finite(what: &str, numbers: &[f32]) -> Result<(), String> {
    ensure(numbers.iter().all(|n| n.is_finite()), || {
        format!("{what} is not finite")
    })
}

fn ensure(holds: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(why()) }
}
