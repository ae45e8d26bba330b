//! `abscope compare --masking TRACK OTHER…`: how much of a track others mask, as tracks of one song: both from their
//! beginning, at the levels that they have.

use std::io::Write;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use anyhow::Context as _;
use serde_json::json;

use crate::analysis::band_range::BAND_TIER;
use crate::analysis::column::{column_index, column_secs};
use crate::analysis::excitation::Excitation;
use crate::analysis::programme::{Programme, ProgrammeBatch, ProgrammeOptions};
use crate::audio::decode::FileDecoder;
use crate::cli::analyze::tell_warnings;
use crate::cli::args::CompareArgs;
use crate::cli::output::{complain, output};
use crate::compare::masking::{MaskingMeter, OctaveMasking};
use crate::view::masking::{masking_json, masking_lines};

/// A track: what the filters let through of its columns.
struct Track {
    name: String,
    hop_secs: f64,
    moments: Vec<Excitation>,
}

/// Prints the figures of each pair; whether all files could be read.
pub fn run(args: &CompareArgs) -> anyhow::Result<bool> {
    let mut output = output();
    let track = read(&args.mix)?;
    let mut all_well = true;
    for file in &args.references {
        let other = match read(file) {
            Ok(other) => other,
            Err(error) => {
                complain(format_args!("{error:#}"));
                all_well = false;
                continue;
            }
        };
        let octaves = masked(&track, &other);
        if args.json {
            let told = json!({
                "schema": 1,
                "mix": args.mix.display().to_string(),
                "reference": file.display().to_string(),
                "masking": masking_json(&octaves),
            });
            writeln!(output, "{told}")?;
        } else {
            for line in masking_lines([&track.name, &other.name], &octaves) {
                writeln!(output, "{line}")?;
            }
        }
    }
    output.flush()?;
    Ok(all_well)
}

/// What of a track another one masks, where both are there.
fn masked(track: &Track, other: &Track) -> Vec<OctaveMasking> {
    let tier = usize::from(BAND_TIER);
    let mut meter = MaskingMeter::new(0.0);
    for (index, moment) in track.moments.iter().enumerate() {
        let secs = column_secs(track.hop_secs, tier, index as f64);
        if let Some(beside) = other.at(column_index(other.hop_secs, tier, secs)) {
            meter.add(moment, &beside);
        }
    }
    meter.octaves()
}

impl Track {
    /// Between two columns.
    fn at(&self, index: f64) -> Option<Excitation> {
        let first = (index + 1e-9).floor().max(0.0);
        let before = self.moments.get(first as usize)?;
        let part = (index - first).max(0.0) as f32;
        match self.moments.get(first as usize + 1) {
            Some(behind) if part > 1e-6 => Some(before.between(behind, part)),
            _ => Some(before.clone()),
        }
    }
}

fn read(file: &Path) -> anyhow::Result<Track> {
    let mut decoder = FileDecoder::open(file)?;
    let format = decoder.format();
    let mut moments = vec![];
    let mut keep = |batch: ProgrammeBatch| {
        let columns = batch.columns.iter();
        let of_tier = columns.filter(|column| column.tier == BAND_TIER);
        moments.extend(of_tier.map(|column| Excitation::of(&column.column.bins)));
    };
    let never = AtomicBool::new(false);
    let source = |chunk: &mut Vec<f32>| decoder.read(chunk);
    let options = ProgrammeOptions::default();
    let programme = Programme::analyse(source, format, options, &mut keep, &never)?;
    let programme = programme.context("the analysis was cancelled")?;
    tell_warnings(file, &decoder);
    Ok(Track {
        name: file
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        hop_secs: programme.hop_frames as f64 / f64::from(format.sample_rate_hz),
        moments,
    })
}
