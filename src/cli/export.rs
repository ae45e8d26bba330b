//! Curves, histories and figures as CSV and JSON that any program opens. What the columns mean: `docs/export.md`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::analysis::summary::SpectrumSummary;
use crate::cli::picture::write_whole;
use crate::compare::comparison::Comparison;
use crate::dsp::loudness::LoudnessPoint;
use crate::session::sides::loudness_history::POINT_SECS;

/// What is written.
pub struct Export<'a> {
    /// Figures, differences, findings, verdict.
    pub comparison: &'a Comparison<'a>,
    /// Spectra of mix and reference over what is compared.
    pub spectra: [&'a SpectrumSummary; 2],
    /// Loudness of both, a point every 0.1 s.
    pub loudness: [&'a [LoudnessPoint]; 2],
    /// Mix time at which each begins.
    pub loudness_from_secs: [f64; 2],
}

/// Writes into a folder that is made for it: the one that is named, or the next free one. Returns which.
pub fn write(folder: &Path, export: &Export) -> anyhow::Result<PathBuf> {
    let folder = free_folder(folder)?;
    let json = serde_json::to_string_pretty(export.comparison)? + "\n";
    let files = [
        ("comparison.json", json),
        ("spectrum.csv", spectrum_csv(export)),
        ("third-octaves.csv", third_octave_csv(export.comparison)),
        ("bands.csv", bands_csv(export.comparison)),
        ("loudness.csv", loudness_csv(export)),
    ];
    for (name, text) in files {
        // The folder is new, so nothing is written over.
        write_whole(&folder.join(name), "file", "--export", text.as_bytes())?;
    }
    Ok(folder)
}

/// Makes the folder, or one with a number where that is taken.
fn free_folder(folder: &Path) -> anyhow::Result<PathBuf> {
    let cannot = || format!("{}: the folder cannot be made", folder.display());
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent).with_context(cannot)?;
    }
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let numbered = (2..1000).map(|n| folder.with_file_name(format!("{name} ({n})")));
    for path in std::iter::once(folder.to_owned()).chain(numbered) {
        match fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).with_context(cannot),
        }
    }
    anyhow::bail!("{}: a thousand folders have that name", folder.display())
}

fn cell(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| format!("{value:.3}"))
}

fn spectrum_csv(export: &Export) -> String {
    let mut csv = String::from("frequency_hz");
    for side in ["mix", "reference"] {
        for curve in ["mean", "p10", "p50", "p90", "max"] {
            csv += &format!(",{side}_{curve}_dbfs");
        }
    }
    csv.push('\n');
    for (bin, hz) in export.spectra[0].frequency_hz.iter().enumerate() {
        csv += &format!("{hz:.3}");
        for s in export.spectra {
            for curve in [&s.mean_db, &s.p10_db, &s.p50_db, &s.p90_db, &s.max_db] {
                csv.push(',');
                csv += &cell(curve.get(bin).copied().flatten());
            }
        }
        csv.push('\n');
    }
    csv
}

fn third_octave_csv(comparison: &Comparison) -> String {
    let mut csv =
        String::from("center_hz,mix_dbfs,reference_dbfs,mix_minus_matched_reference_db\n");
    let difference = &comparison.difference.third_octave;
    let [mix, reference] = comparison.compared.map(|s| &s.third_octave.mean_db);
    for (band, hz) in difference.center_hz.iter().enumerate() {
        let at = |values: &[Option<f64>]| cell(values.get(band).copied().flatten());
        csv += &format!(
            "{hz:.3},{},{},{}\n",
            at(mix),
            at(reference),
            at(&difference.db)
        );
    }
    csv
}

fn bands_csv(comparison: &Comparison) -> String {
    let mut csv = String::from(
        "low_hz,high_hz,level_difference_db,side_to_mid_difference_db,correlation_difference\n",
    );
    for band in &comparison.difference.bands {
        csv += &format!(
            "{},{},{},{},{}\n",
            band.low_hz,
            band.high_hz,
            cell(band.level_db),
            cell(band.side_to_mid_db),
            cell(band.correlation)
        );
    }
    csv
}

/// A line for each 0.1 s of mix time; cells are empty where a side has no value then.
fn loudness_csv(export: &Export) -> String {
    let mut csv = String::from(
        "mix_secs,mix_momentary_lufs,mix_short_term_lufs,reference_momentary_lufs,\
         reference_short_term_lufs\n",
    );
    let step = |secs: f64| (secs / POINT_SECS).round() as i64;
    let from = export.loudness_from_secs.map(step);
    let ends = [0, 1].map(|n: usize| from[n] + export.loudness[n].len() as i64);
    for at in from[0].min(from[1])..ends[0].max(ends[1]) {
        // A point tells of the 0.1 s that end with it.
        csv += &format!("{:.1}", (at + 1) as f64 * POINT_SECS);
        for (points, from) in export.loudness.iter().zip(from) {
            let index = usize::try_from(at - from).ok();
            let point = index.and_then(|index| points.get(index));
            let values = point.map(|point| [point.momentary(), point.short_term()]);
            for value in values.unwrap_or([None; 2]) {
                csv.push(',');
                csv += &cell(value.map(f64::from));
            }
        }
        csv.push('\n');
    }
    csv
}
