//! `abscope analyze FILE… [--json] [--targets]`: every figure of each file, in the order given.

use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::AtomicBool;

use anyhow::Context;
use serde::Serialize;

use crate::analysis::programme::{Programme, ProgrammeOptions};
use crate::analysis::summary::Summary;
use crate::audio::decode::FileDecoder;
use crate::cli::args::AnalyzeArgs;
use crate::cli::output::complain;
use crate::cli::output::output;
use crate::session::settings::targets::{self, Target, Verdict};
use crate::units::plain::plain;

/// Analyses files and writes each one's figures to the standard output: an object a line with JSON, a short table
/// without. A file that fails is reported and the others go on; whether all went well. A target that is missed is a
/// finding, not a failure. Fails where the list of targets cannot be read or the output cannot be written.
pub fn run(args: &AnalyzeArgs) -> anyhow::Result<bool> {
    let targets = match &args.targets {
        Some(list) => Some(read_targets(list.as_deref())?),
        None => None,
    };
    let mut output = output();
    let mut all_well = true;
    for file in &args.files {
        let result = analyse(file);
        if let Err(error) = &result {
            all_well = false;
            complain(format_args!("{error}"));
        }
        write_result(&mut output, file, result, args.json, targets.as_deref())
            .context("cannot write the figures to the standard output")?;
    }
    Ok(all_well)
}

/// What is known of a file.
pub struct Analysed {
    /// Its figures.
    pub summary: Summary,
    /// What is wrong with it, a sentence each, though there was something to analyse.
    pub warnings: Vec<String>,
}

/// The figures of a file. Damage that leaves something to analyse is told on the standard error as well.
pub fn analyse(file: &Path) -> anyhow::Result<Analysed> {
    let mut decoder = FileDecoder::open(file)?;
    let format = decoder.format();
    let options = ProgrammeOptions {
        path: Some(file.to_path_buf()),
        expected_frames: decoder.declared_frames(),
        ..ProgrammeOptions::default()
    };
    let never = AtomicBool::new(false);
    let programme = Programme::analyse(
        |chunk| decoder.read(chunk),
        format,
        options,
        &mut |_| (),
        &never,
    )?;
    let warnings = tell_warnings(file, &decoder);
    let programme = programme.context("the analysis was cancelled")?;
    Ok(Analysed {
        summary: programme.summary,
        warnings,
    })
}

/// Says on the standard error what is wrong with a file that was read, and returns it.
pub fn tell_warnings(file: &Path, decoder: &FileDecoder) -> Vec<String> {
    let warnings: Vec<String> = decoder.warnings().iter().map(ToString::to_string).collect();
    for warning in &warnings {
        complain(format_args!("{}: {warning}", file.display()));
    }
    warnings
}

/// The list of a file, or the one that ships.
fn read_targets(list: Option<&Path>) -> anyhow::Result<Vec<Target>> {
    let Some(path) = list else {
        return Ok(targets::built_in());
    };
    let text = std::fs::read_to_string(path).with_context(|| {
        let path = path.display();
        format!("cannot read the targets {path}; write --targets alone for those that ship")
    })?;
    targets::parse(&text).map_err(|why| anyhow::anyhow!("the targets {}: {why}", path.display()))
}

/// A summary with how it stands to the targets, where they were asked for.
#[derive(Serialize)]
struct Judged<'a> {
    #[serde(flatten)]
    summary: &'a Summary,
    /// Empty for a file that is whole.
    warnings: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    targets: Option<Vec<Verdict>>,
}

fn write_result(
    output: &mut impl Write,
    file: &Path,
    result: anyhow::Result<Analysed>,
    json: bool,
    targets: Option<&[Target]>,
) -> anyhow::Result<()> {
    match result {
        Ok(Analysed { summary, warnings }) if json => {
            let judged = Judged {
                summary: &summary,
                warnings: &warnings,
                targets: targets.map(|targets| {
                    let verdict = |target| judge(target, &summary);
                    targets.iter().map(verdict).collect()
                }),
            };
            writeln!(output, "{}", serde_json::to_string(&judged)?)?;
        }
        Ok(Analysed { summary, .. }) => {
            write_table(output, &summary)?;
            if let Some(targets) = targets {
                write_targets(output, &summary, targets)?;
            }
        }
        Err(error) if json => {
            let failure = serde_json::json!({ "file": file.display().to_string(), "error": error.to_string() });
            writeln!(output, "{failure}")?;
        }
        // The standard error has it.
        Err(_) => {}
    }
    output.flush()?;
    Ok(())
}

fn write_table(output: &mut impl Write, summary: &Summary) -> io::Result<()> {
    let minutes = (summary.duration_secs / 60.0).floor();
    let kilohertz = f64::from(summary.sample_rate_hz) / 1000.0;
    writeln!(output, "{}", plain(&summary.file))?;
    writeln!(
        output,
        "  {kilohertz} kHz, {} ch, {minutes:.0}:{:04.1}",
        summary.channels,
        summary.duration_secs - 60.0 * minutes
    )?;
    let (loudness, levels, stereo) = (&summary.loudness, &summary.levels, &summary.stereo);
    let mut line = |name: &str, value: Option<f64>, unit: &str| match value {
        Some(value) => writeln!(output, "  {name:<22}{value:>8.1} {unit}"),
        None => writeln!(output, "  {name:<22}{:>8} {unit}", "–"),
    };
    line("Integrated", loudness.integrated_lufs, "LUFS")?;
    line("Loudness range", loudness.range_lu, "LU")?;
    line("Max momentary", loudness.max_momentary_lufs, "LUFS")?;
    line("Max short-term", loudness.max_short_term_lufs, "LUFS")?;
    line("True peak", loudness.true_peak_dbtp, "dBTP")?;
    line("Sample peak", loudness.sample_peak_dbfs, "dBFS")?;
    line("PLR", loudness.plr_lu, "LU")?;
    let psr_lu = summary.punch.psr_lu.map(|psr| psr.p50);
    line("PSR, median", psr_lu, "LU")?;
    line("RMS (AES17)", levels.rms_dbfs, "dBFS")?;
    line("Crest", levels.crest_db, "dB")?;
    line("Balance", stereo.balance_db, "dB")?;
    line("Width, side/mid", stereo.side_to_mid_db, "dB")?;
    line("Lost in mono", stereo.mono_loss_lu, "LU")?;
    match stereo.correlation {
        Some(correlation) => writeln!(output, "  {:<22}{correlation:>+8.2}", "Correlation")?,
        None => writeln!(output, "  {:<22}{:>8}", "Correlation", "–")?,
    }
    writeln!(
        output,
        "  {:<22}{:>8}",
        "Clipped samples", levels.clipped_samples
    )
}

fn judge(target: &Target, summary: &Summary) -> Verdict {
    let loudness = &summary.loudness;
    target.judge(loudness.integrated_lufs, loudness.true_peak_dbtp)
}

fn write_targets(output: &mut impl Write, summary: &Summary, targets: &[Target]) -> io::Result<()> {
    writeln!(output, "  Delivery targets")?;
    for target in targets {
        let verdict = judge(target, summary);
        let word = match verdict.pass {
            Some(true) => "pass",
            Some(false) => "FAIL",
            None => "–",
        };
        writeln!(output, "  {word:<5}{}: {}", target.title(), verdict.reason)?;
    }
    writeln!(
        output,
        "  Streaming services turn louder music down, so louder passes; quieter than the target by more than the list \
         allows (1 LU) fails unless the service turns it up, and so does a true peak above the limit. Where a ± stands, both directions count. \
         Figures are judged to one decimal."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wav(seconds: f64, amplitude: f64) -> tempfile::NamedTempFile {
        let file = tempfile::Builder::new()
            .suffix(".wav")
            .tempfile()
            .expect("a temporary file");
        let spec = hound::WavSpec {
            channels: 2,
            sample_rate: 48_000,
            bits_per_sample: 32,
            sample_format: hound::SampleFormat::Float,
        };
        let mut writer = hound::WavWriter::create(file.path(), spec).expect("a writable file");
        for n in 0..(seconds * 48_000.0) as usize {
            let phase = n as f64 * 997.0 / 48_000.0 * std::f64::consts::TAU;
            for _ in 0..2 {
                writer
                    .write_sample((amplitude * phase.sin()) as f32)
                    .expect("room");
            }
        }
        writer.finalize().expect("a whole file");
        file
    }

    fn json(file: &Path) -> serde_json::Value {
        let mut output = Vec::new();
        write_result(&mut output, file, analyse(file), true, None)
            .expect("a vector takes everything");
        assert_eq!(
            output.iter().filter(|&&byte| byte == b'\n').count(),
            1,
            "one line"
        );
        serde_json::from_slice(&output).expect("JSON")
    }

    #[test]
    fn a_sine_has_the_figures_of_the_schema() {
        let file = wav(10.0, 0.1);
        let json = json(file.path());
        let near = |pointer: &str, expected: f64, tolerance: f64| {
            let value = json.pointer(pointer).and_then(serde_json::Value::as_f64);
            let value = value.unwrap_or_else(|| panic!("{pointer} is a number"));
            assert!(
                (value - expected).abs() <= tolerance,
                "{pointer} is {value}, not {expected}"
            );
        };
        near("/schema", 1.0, 0.0);
        near("/sample_rate_hz", 48_000.0, 0.0);
        near("/channels", 2.0, 0.0);
        near("/duration_secs", 10.0, 0.0);
        near("/loudness/integrated_lufs", -20.0, 0.05);
        near("/loudness/true_peak_dbtp", -20.0, 0.05);
        near("/loudness/plr_lu", 0.0, 0.1);
        near("/levels/rms_dbfs", -20.0, 0.01);
        near("/levels/crest_db", 0.0, 0.01);
        near("/levels/clipped_samples", 0.0, 0.0);
        near("/stereo/correlation", 1.0, 1e-6);
        near("/stereo/balance_db", 0.0, 1e-6);
        near("/stereo/mono_loss_lu", 0.0, 1e-6);
        near("/stereo/bands/2/level_dbfs", -20.0, 0.1);
        near("/stereo/bands/2/correlation", 1.0, 1e-3);
        near("/third_octave/center_hz/17", 1000.0, 0.001);
        near("/third_octave/mean_db/17", -20.0, 0.1);
        near("/spectrum/mean_db/569", -20.0, 0.1);
        assert!(json["stereo"]["side_to_mid_db"].is_null());
        for curve in [
            "frequency_hz",
            "mean_db",
            "p10_db",
            "p50_db",
            "p90_db",
            "max_db",
        ] {
            assert_eq!(json["spectrum"][curve].as_array().map(Vec::len), Some(1024));
        }
    }

    #[test]
    fn silence_is_null_and_a_missing_file_is_an_error_on_its_line() {
        let file = wav(1.0, 0.0);
        let silent = json(file.path());
        for pointer in [
            "/loudness/integrated_lufs",
            "/loudness/true_peak_dbtp",
            "/levels/rms_dbfs",
            "/stereo/correlation",
            "/spectrum/mean_db/500",
            "/third_octave/mean_db/17",
            "/stereo/bands/0/level_dbfs",
        ] {
            assert!(
                silent
                    .pointer(pointer)
                    .is_some_and(serde_json::Value::is_null),
                "{pointer}"
            );
        }
        let missing = json(Path::new("/nowhere/song.wav"));
        assert_eq!(missing["file"], "/nowhere/song.wav");
        assert!(missing["error"].is_string());
    }

    #[test]
    fn what_is_wrong_with_a_file_is_in_its_object_and_a_whole_file_has_an_empty_list() {
        let file = wav(1.0, 0.1);
        assert_eq!(json(file.path())["warnings"], serde_json::json!([]));
        let bytes = std::fs::read(file.path()).expect("just written");
        std::fs::write(file.path(), &bytes[..bytes.len() / 2]).expect("room");
        let warnings = json(file.path())["warnings"].clone();
        let first = warnings[0].as_str().expect("a sentence");
        assert!(first.starts_with("the file is cut short"), "{first}");
    }

    #[test]
    fn targets_are_judged_in_words_and_in_json() {
        let file = wav(4.0, 0.1);
        let targets = targets::built_in();
        let mut output = Vec::new();
        write_result(
            &mut output,
            file.path(),
            analyse(file.path()),
            false,
            Some(&targets),
        )
        .expect("a vector takes everything");
        let text = String::from_utf8(output).expect("text");
        assert!(
            text.contains(
                "  pass Spotify −14 LUFS / −1 dBTP: integrated −20.0: 6.0 LU below, will be turned up; true peak −20.0: 19.0 dB \
                 of room\n"
            ),
            "{text}"
        );
        assert!(
            text.contains("EBU R 128 −23 ±0.2 LUFS / −1 dBTP: integrated −20.0: 3.0 LU above;")
        );
        let mut output = Vec::new();
        write_result(
            &mut output,
            file.path(),
            analyse(file.path()),
            true,
            Some(&targets),
        )
        .expect("a vector takes everything");
        let json: serde_json::Value = serde_json::from_slice(&output).expect("JSON");
        assert_eq!(json["schema"], 1);
        assert_eq!(json["targets"].as_array().map(Vec::len), Some(10));
        assert_eq!(json["targets"][0]["name"], "Spotify");
        assert_eq!(json["targets"][0]["pass"], true);
        assert_eq!(json["targets"][0]["loudness_off_lu"], -6.0);
        assert_eq!(json["targets"][0]["turned_up_lu"], 6.0);
        assert_eq!(json["targets"][1]["pass"], false);
        let silence = wav(1.0, 0.0);
        let mut output = Vec::new();
        write_result(
            &mut output,
            silence.path(),
            analyse(silence.path()),
            true,
            Some(&targets),
        )
        .expect("a vector takes everything");
        let json: serde_json::Value = serde_json::from_slice(&output).expect("JSON");
        assert!(json["targets"][0]["pass"].is_null());
    }

    #[test]
    fn a_list_of_targets_that_cannot_be_used_is_told_in_one_line() {
        let missing = read_targets(Some(Path::new("/nowhere/targets.toml"))).expect_err("missing");
        assert!(missing.to_string().contains("/nowhere/targets.toml"));
        let list = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(list.path(), "[[target]]\nname = 5\n").expect("room");
        let broken = read_targets(Some(list.path()))
            .expect_err("broken")
            .to_string();
        assert!(
            broken.contains("line 2") && !broken.contains('\n'),
            "{broken}"
        );
        assert_eq!(read_targets(None).expect("ships").len(), 10);
    }
}
