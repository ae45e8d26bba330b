//! Songs as files, and what `abscope compare --json` says about them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// Writes interleaved stereo as a WAV of 32-bit floats.
pub fn write_wav(path: &Path, rate_hz: u32, interleaved: &[f32]) {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: rate_hz,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer = hound::WavWriter::create(path, spec).expect("a writable file");
    interleaved
        .iter()
        .for_each(|x| writer.write_sample(*x).expect("room"));
    writer.finalize().expect("a whole file");
}

/// Runs `abscope compare` with these files.
pub fn run_compare(files: &[PathBuf], more: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_abscope");
    Command::new(program)
        .arg("compare")
        .args(files)
        .args(more)
        .output()
        .expect("the program runs")
}

/// What `compare --json` says, line by line.
pub fn compare(files: &[PathBuf]) -> Vec<Value> {
    let output = run_compare(files, &["--json"]);
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("a line is JSON"))
        .collect()
}

/// A number of a JSON object by its path.
pub fn number(json: &Value, pointer: &str) -> f64 {
    let value = json.pointer(pointer).and_then(Value::as_f64);
    value.unwrap_or_else(|| panic!("{pointer} is a number: {json}"))
}
