//! The small picture of a snapshot: its spectrograms, drawn from the columns it keeps, so that it costs no frame.

use crate::analysis::column::{TIER_FACTOR, level_db};
use crate::dsp::grid::{NUM_BINS, bin_from_hz};
use crate::session::snapshots::{SideData, Snapshot};
use crate::view::palette::{Palette, Rgba};
use crate::view::panels::spectrum::tilt_db;
use crate::view::scene::Looks;
use crate::view::timeline::column_index;

/// Width and height.
pub const THUMBNAIL_SIZE: [usize; 2] = [320, 180];
/// Rows between the two sides.
const GAP_ROWS: usize = 2;

/// A PNG of a snapshot's spectrograms: the mix above, the reference below where there is one.
pub fn thumbnail_png(snapshot: &Snapshot, looks: &Looks) -> Option<Vec<u8>> {
    let [width, height] = THUMBNAIL_SIZE;
    let palette = if looks.light {
        Palette::LIGHT
    } else {
        Palette::DARK
    };
    let mut pixels = vec![palette.panel; width * height];
    let right_secs = snapshot.edge_secs();
    let rows = match snapshot.reference {
        Some(_) => (height - GAP_ROWS) / 2,
        None => height,
    };
    let table = looks.level_map.table(palette.panel, palette.mix);
    let mix = |secs: f64| column_at(&snapshot.mix, secs, looks.span_secs);
    paint(&mut pixels[..rows * width], mix, right_secs, looks, &table);
    if let Some(reference) = &snapshot.reference {
        let beside = snapshot.beside();
        let now_secs = snapshot.facts.offset_secs.unwrap_or_default();
        // Where the mix had jumped, other seconds lay beside it before.
        let laid = |secs: f64| {
            let offset_secs = match &beside {
                Some(beside) => beside.offset_at(secs)?,
                None => now_secs,
            };
            column_at(reference, secs + offset_secs, looks.span_secs)
        };
        let table = looks.level_map.table(palette.panel, palette.reference);
        let from = (height - rows) * width;
        paint(&mut pixels[from..], laid, right_secs, looks, &table);
    }
    encode(&pixels).ok()
}

/// Paints the columns that lie at each mix time.
fn paint<'a>(
    pixels: &mut [Rgba],
    column_at: impl Fn(f64) -> Option<&'a [u32; NUM_BINS]>,
    right_secs: f64,
    looks: &Looks,
    table: &[Rgba],
) {
    let width = THUMBNAIL_SIZE[0];
    let rows = pixels.len() / width;
    let (low_bin, high_bin) = (bin_from_hz(27.5), bin_from_hz(20_000.0));
    let bins: Vec<usize> = (0..rows)
        .map(|row| 1.0 - (row as f64 + 0.5) / rows as f64)
        .map(|fraction| (low_bin + fraction * (high_bin - low_bin)) as usize)
        .collect();
    for x in 0..width {
        let before_secs = (1.0 - (x as f64 + 0.5) / width as f64) * looks.span_secs;
        let secs = right_secs - before_secs;
        let Some(column) = column_at(secs) else {
            continue;
        };
        for (row, bin) in bins.iter().enumerate() {
            let Some(level) = level_db(column[*bin]) else {
                continue;
            };
            let tilt = tilt_db(*bin as f64, f64::from(looks.tilt_db_per_octave)) as f32;
            let [dark, _] = looks.level_range_db();
            let fraction = (level + tilt - dark) / looks.range_db.max(1.0);
            let last = table.len() - 1;
            let at = (fraction.clamp(0.0, 1.0) * last as f32) as usize;
            pixels[row * width + x] = table[at];
        }
    }
}

/// The column of a side at its time: of the finest tier that reaches over the whole picture, else of any.
fn column_at(side: &SideData, secs: f64, span_secs: f64) -> Option<&[u32; NUM_BINS]> {
    let rate = f64::from(side.sample_rate_hz.max(1));
    side.tiers.iter().find_map(|stretch| {
        let factor = (TIER_FACTOR as f64).powi(i32::from(stretch.tier));
        let hop_secs = f64::from(stretch.hop_frames) / factor / rate;
        let reaches = stretch.columns.len() as f64 * hop_secs * factor > span_secs;
        if !reaches && usize::from(stretch.tier) + 1 < side.tiers.len() {
            return None;
        }
        let index = column_index(hop_secs, stretch.tier.into(), secs).round() as i64;
        let at = match stretch.repeats {
            Some([first, end]) => {
                let from_first = index - stretch.first_index as i64;
                from_first.rem_euclid((end - first).max(1) as i64)
            }
            None => index - stretch.first_index as i64,
        };
        stretch.columns.get(usize::try_from(at).ok()?)
    })
}

fn encode(pixels: &[Rgba]) -> Result<Vec<u8>, png::EncodingError> {
    let [width, height] = THUMBNAIL_SIZE;
    let mut bytes = vec![];
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    let rgb: Vec<u8> = pixels
        .iter()
        .flat_map(|Rgba([r, g, b, _])| [*r, *g, *b])
        .collect();
    writer.write_image_data(&rgb)?;
    writer.finish()?;
    Ok(bytes)
}
