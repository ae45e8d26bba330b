//! `abscope compare MIX REFERENCE… [--json]`: what is different between a mix and each reference, in the order given.

use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use anyhow::{Context as _, anyhow};
use serde::Serialize;

use crate::analysis::column::{Column, TIER_FACTOR};
use crate::analysis::downmix::append_stereo;
use crate::analysis::programme::{Programme, ProgrammeBatch, ProgrammeOptions};
use crate::analysis::summary::{SpectrumSummary, Summary};
use crate::audio::decode::FileDecoder;
use crate::cli::analyze::tell_warnings;
use crate::cli::args::CompareArgs;
use crate::cli::masking;
use crate::cli::output::complain;
use crate::cli::output::output;
use crate::compare::alignment::AlignmentResult;
use crate::compare::comparison::{Comparison, Relation, common_part};
use crate::compare::findings::Material;
use crate::compare::fingerprint::{FingerprintBuilder, ReferenceFingerprint};
use crate::compare::peaks::PeakTrack;
use crate::compare::place::Slices;
use crate::compare::programmes::align_programmes;
use crate::compare::target::Target;
use crate::dsp::loudness::LoudnessPoint;
use crate::session::references::read_target;
use crate::units::plain::plain;

/// Spreads are taken over columns of this tier: 0.7 s each, between a stroke and a phrase.
const SPREAD_TIER: u8 = 3;

/// A file as far as comparison needs it.
struct Recording {
    summary: Summary,
    slices: Vec<Column>,
    slice_secs: f64,
    start_secs: f64,
    peaks: Option<PeakTrack>,
    loudness: Vec<LoudnessPoint>,
    /// None of a target.
    fingerprint: Option<ReferenceFingerprint>,
    /// What is wrong with the file, a sentence each.
    warnings: Vec<String>,
}

impl Recording {
    fn material(&self) -> Material<'_> {
        Material {
            summary: &self.summary,
            slices: Slices {
                columns: &self.slices,
                slice_secs: self.slice_secs,
                start_secs: self.start_secs,
            },
            peaks: self.peaks.as_ref(),
        }
    }
}

/// A comparison as an object, with what is wrong with the files.
#[derive(Serialize)]
pub struct Told<'a> {
    /// All that was found.
    #[serde(flatten)]
    pub comparison: &'a Comparison<'a>,
    /// What is wrong with the files.
    pub warnings: Warnings<'a>,
}

/// Sentences; none for a file that is whole.
#[derive(Serialize)]
pub struct Warnings<'a> {
    /// About the mix.
    pub mix: &'a [String],
    /// About the reference.
    pub reference: &'a [String],
}

/// A comparison that was written, for what else is made of it.
pub struct Compared<'a> {
    /// The mix.
    pub mix_file: &'a Path,
    /// The reference.
    pub reference_file: &'a Path,
    /// All that was found.
    pub comparison: &'a Comparison<'a>,
    /// Spectra of mix and reference over the part that is compared.
    pub spectra: [&'a SpectrumSummary; 2],
    /// Loudness of all of mix and reference, a point every 0.1 s.
    pub loudness: [&'a [LoudnessPoint]; 2],
}

/// Compares the mix with each reference and writes the results to the standard output: an object a line with JSON, a
/// short table without; `each` then sees it. A file that fails is reported and the other references go on; whether all
/// went well.
pub fn run(
    args: &CompareArgs,
    mut each: impl FnMut(&Compared) -> anyhow::Result<()>,
) -> anyhow::Result<bool> {
    if args.masking {
        return masking::run(args);
    }
    let mut output = output();
    let mut all_well = true;
    let mix = read(&args.mix, None);
    for file in &args.references {
        let written = match (&mix, read(file, None)) {
            (Ok(mix), Ok(reference)) => write_comparison(
                &mut output,
                [&args.mix, file],
                [mix, &reference],
                args.json,
                &mut each,
            ),
            // Without a mix nothing is compared: said once is enough.
            (Err(error), _) => {
                write_failure(&mut output, &args.mix, error, args.json)?;
                return Ok(false);
            }
            (_, Err(error)) => {
                all_well = false;
                write_failure(&mut output, file, &error, args.json)
            }
        };
        written?;
    }
    Ok(all_well)
}

fn write_comparison(
    output: &mut impl Write,
    files: [&Path; 2],
    [mix, reference]: [&Recording; 2],
    json: bool,
    each: &mut impl FnMut(&Compared) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let fingerprints = reference.fingerprint.as_ref().zip(mix.fingerprint.as_ref());
    let alignment = fingerprints.and_then(|(reference, mix)| align_programmes(reference, mix));
    let parts =
        alignment.and_then(|alignment| read_common_part(files, [mix, reference], alignment));
    let [mix_part, reference_part] = parts
        .as_ref()
        .map_or([mix, reference], |parts| parts.each_ref());
    let relation = if reference.fingerprint.is_none() {
        Relation::Target
    } else {
        Relation::of_recordings(alignment)
    };
    let comparison = Comparison::new(
        [&mix.summary, &reference.summary],
        [mix_part.material(), reference_part.material()],
        relation,
    );
    let cannot = "cannot write the comparison to the standard output";
    if json {
        let told = Told {
            comparison: &comparison,
            warnings: Warnings {
                mix: &mix.warnings,
                reference: &reference.warnings,
            },
        };
        writeln!(output, "{}", serde_json::to_string(&told)?).context(cannot)?;
    } else {
        write_table(output, &comparison).context(cannot)?;
    }
    output.flush().context(cannot)?;
    each(&Compared {
        mix_file: files[0],
        reference_file: files[1],
        comparison: &comparison,
        spectra: [&mix_part.summary.spectrum, &reference_part.summary.spectrum],
        loudness: [&mix.loudness, &reference.loudness],
    })
}

/// Both sides of an aligned song again, cut to what they have in common. Files that were read once and now fail are
/// compared as they were.
fn read_common_part(
    files: [&Path; 2],
    whole: [&Recording; 2],
    alignment: AlignmentResult,
) -> Option<[Recording; 2]> {
    let [mix_secs, reference_secs] = whole.map(|recording| recording.summary.duration_secs);
    let [mix_part, reference_part] = common_part(mix_secs, reference_secs, alignment)?;
    let mix = read(files[0], Some(mix_part)).ok()?;
    Some([mix, read(files[1], Some(reference_part)).ok()?])
}

/// Reads a file or the part of it between two times in seconds.
fn read(file: &Path, part_secs: Option<Range<f64>>) -> anyhow::Result<Recording> {
    if let Some(target) = read_target(file).map_err(|why| anyhow!(why))? {
        return Ok(of_target(file, &target));
    }
    let mut decoder = FileDecoder::open(file)?;
    let format = decoder.format();
    let channels = format.layout.count().max(1);
    let frame = |secs: f64| (secs * f64::from(format.sample_rate_hz)).round() as usize;
    let is_whole = part_secs.is_none();
    let start_secs = part_secs.as_ref().map_or(0.0, |part| part.start);
    let wanted = part_secs.map_or(0..usize::MAX, |part| {
        channels * frame(part.start)..channels * frame(part.end)
    });
    let mut fingerprint = FingerprintBuilder::new(format.sample_rate_hz);
    let mut peaks = PeakTrack::new(format.sample_rate_hz);
    let mut stereo = Vec::new();
    let mut next_sample = 0;
    let source = |chunk: &mut Vec<f32>| {
        while next_sample < wanted.end && decoder.read(chunk)? {
            let here = next_sample..next_sample + chunk.len();
            next_sample = here.end;
            chunk.truncate(wanted.end.min(here.end) - here.start);
            chunk.drain(..wanted.start.saturating_sub(here.start).min(chunk.len()));
            if !chunk.is_empty() {
                stereo.clear();
                append_stereo(format, chunk, &mut stereo);
                fingerprint.push(&stereo);
                peaks.push(&stereo);
                return Ok(true);
            }
        }
        chunk.clear();
        Ok::<_, crate::audio::decode::DecodeError>(false)
    };
    let options = ProgrammeOptions {
        path: Some(file.to_path_buf()),
        ..ProgrammeOptions::default()
    };
    let mut slices = Vec::new();
    let mut keep_slices = |batch: ProgrammeBatch| {
        let of_tier = batch
            .columns
            .iter()
            .filter(|column| column.tier == SPREAD_TIER);
        slices.extend(of_tier.map(|column| column.column));
    };
    let never = AtomicBool::new(false);
    let programme = Programme::analyse(source, format, options, &mut keep_slices, &never)?;
    // A part of a file was read as a whole before, and what is wrong with it was told.
    let warnings = match is_whole {
        true => tell_warnings(file, &decoder),
        false => vec![],
    };
    let programme = programme.context("the analysis was cancelled")?;
    let slice_frames = programme.hop_frames * TIER_FACTOR.pow(SPREAD_TIER.into());
    Ok(Recording {
        summary: programme.summary,
        slices,
        slice_secs: slice_frames as f64 / f64::from(format.sample_rate_hz),
        start_secs,
        loudness: programme.loudness_points,
        peaks: Some(peaks),
        fingerprint: Some(fingerprint.finish()),
        warnings,
    })
}

/// A target as a recording: its figures, and columns that are spread as its tracks are.
fn of_target(file: &Path, target: &Target) -> Recording {
    Recording {
        loudness: vec![],
        summary: target.summary(&file.display().to_string()),
        slices: target.columns(),
        slice_secs: 1.0,
        start_secs: 0.0,
        peaks: None,
        fingerprint: None,
        warnings: vec![],
    }
}

fn write_failure(
    output: &mut impl Write,
    file: &Path,
    error: &anyhow::Error,
    json: bool,
) -> anyhow::Result<()> {
    complain(format_args!("{error:#}"));
    if json {
        let failure =
            serde_json::json!({ "file": file.display().to_string(), "error": error.to_string() });
        writeln!(output, "{failure}")?;
    }
    Ok(())
}

/// Writes a comparison for people.
pub fn write_table(output: &mut impl Write, comparison: &Comparison) -> io::Result<()> {
    let is_silent = comparison.difference.is_silent != [false, false];
    writeln!(output, "mix        {}", plain(&comparison.mix.file))?;
    writeln!(output, "reference  {}", plain(&comparison.reference.file))?;
    match comparison.relation {
        Relation::SameSong(found) => writeln!(output, "  same song: {}", found.words())?,
        Relation::SameTime(_) => writeln!(output, "  two inputs, heard at the same time")?,
        Relation::OtherSong if is_silent => writeln!(output, "  nothing to compare")?,
        Relation::OtherSong => writeln!(output, "  different song")?,
        Relation::Target => writeln!(output, "  a target: what several tracks have in common")?,
    }
    writeln!(
        output,
        "  {:<22}{:>8}{:>11}{:>9}",
        comparison.part_words().unwrap_or_default(),
        "mix",
        "reference",
        "matched"
    )?;
    for row in rows(comparison) {
        row.write(output)?;
    }
    for finding in &comparison.findings {
        writeln!(output, "  • {}", finding.text)?;
    }
    if comparison.findings.is_empty() && !is_silent {
        writeln!(output, "  No difference beyond loudness.")?;
    }
    for sentence in &comparison.verdict {
        writeln!(output, "  {sentence}")?;
    }
    writeln!(output)
}

/// A figure of both sides, and how far apart they are.
struct Row {
    name: String,
    sides: [Option<f64>; 2],
    apart: Option<f64>,
    unit: &'static str,
}

impl Row {
    fn write(&self, output: &mut impl Write) -> io::Result<()> {
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
        let plain = |value: Option<f64>| or_dash(value.map(|value| format!("{value:.1}")));
        let signed = or_dash(self.apart.map(|value| format!("{value:+.1}")));
        let (name, [mix, reference], unit) = (&self.name, self.sides.map(plain), self.unit);
        writeln!(
            output,
            "  {name:<22}{mix:>8}{reference:>11}{signed:>9} {unit}"
        )
    }
}

/// The figures of a comparison, from the loudness to the width of each band: of what is compared.
fn rows(comparison: &Comparison) -> Vec<Row> {
    let difference = &comparison.difference;
    let row = |name: &str, of: &dyn Fn(&Summary) -> Option<f64>, apart, unit| Row {
        name: name.to_owned(),
        sides: comparison.figures(name == "True peak").map(of),
        apart,
        unit,
    };
    let mut rows = vec![
        row(
            "Integrated",
            &|side| side.loudness.integrated_lufs,
            difference.loudness_offset_lu,
            "LUFS, LU",
        ),
        row(
            "Loudness range",
            &|side| side.loudness.range_lu,
            difference.range_lu,
            "LU",
        ),
        row("PLR", &|side| side.loudness.plr_lu, difference.plr_lu, "LU"),
        row(
            "True peak",
            &|side| side.loudness.true_peak_dbtp,
            None,
            "dBTP",
        ),
    ];
    let psr_lu = |side: &Summary| Some(side.punch.psr_lu?.p50);
    rows.push(row("PSR, median", &psr_lu, difference.psr_lu, "LU"));
    let bands = || difference.bands.iter().enumerate();
    rows.extend(bands().map(|(band, apart)| {
        row(
            &format!("{}–{} Hz", apart.low_hz, apart.high_hz),
            &|side| side.stereo.bands[band].level_dbfs,
            apart.level_db,
            "dBFS, dB",
        )
    }));
    rows.extend(bands().map(|(band, apart)| {
        row(
            &format!("  side/mid {}–{} Hz", apart.low_hz, apart.high_hz),
            &|side| side.stereo.bands[band].side_to_mid_db,
            apart.side_to_mid_db,
            "dB",
        )
    }));
    rows.extend(bands().map(|(band, apart)| {
        row(
            &format!("  attack {}–{} Hz", apart.low_hz, apart.high_hz),
            &|side| Some(side.punch.bands.get(band)?.attack_db?.p50),
            apart.attack_db,
            "dB",
        )
    }));
    rows
}
