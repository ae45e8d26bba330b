//! `abscope analyze FILE… [--json]`: every figure of each file, in the order given.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use anyhow::Context;

use crate::analysis::programme::{Programme, ProgrammeOptions};
use crate::analysis::summary::Summary;
use crate::audio::decode::FileDecoder;

/// Analyses files and writes each one's figures to the standard output: an object a line with `json`, a short table
/// without. A file that fails is reported and the others go on; whether all went well. Fails only where the output
/// cannot be written.
pub fn run(files: &[PathBuf], json: bool) -> anyhow::Result<bool> {
    let mut output = io::stdout().lock();
    let mut all_well = true;
    for file in files {
        let result = analyse(file);
        if let Err(error) = &result {
            all_well = false;
            eprintln!("abscope: {error}");
        }
        write_result(&mut output, file, result, json)
            .context("cannot write the figures to the standard output")?;
    }
    Ok(all_well)
}

/// The figures of a file. Damage that leaves something to analyse is told on the standard error.
pub fn analyse(file: &Path) -> anyhow::Result<Summary> {
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
    for warning in decoder.warnings() {
        eprintln!("abscope: {}: {warning}", file.display());
    }
    let programme = programme.context("the analysis was cancelled")?;
    Ok(programme.summary)
}

fn write_result(
    output: &mut impl Write,
    file: &Path,
    result: anyhow::Result<Summary>,
    json: bool,
) -> anyhow::Result<()> {
    match result {
        Ok(summary) if json => writeln!(output, "{}", serde_json::to_string(&summary)?)?,
        Ok(summary) => write_table(output, &summary)?,
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
    writeln!(output, "{}", summary.file)?;
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
    line("Peak to loudness", loudness.plr_lu, "LU")?;
    line("RMS (AES17)", levels.rms_dbfs, "dBFS")?;
    line("Crest", levels.crest_db, "dB")?;
    line("Balance", stereo.balance_db, "dB")?;
    line("Side to mid", stereo.side_to_mid_db, "dB")?;
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
        write_result(&mut output, file, analyse(file), true).expect("a vector takes everything");
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
}
