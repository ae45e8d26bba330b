//! WAV files made for a test: any rate and channel count, each sample computed.

use std::path::Path;

/// Writes a float WAV of `secs` seconds whose samples are `value(channel, secs)`.
pub fn write_wav(
    path: &Path,
    sample_rate_hz: u32,
    channels: u16,
    secs: f64,
    value: impl Fn(u16, f64) -> f64,
) {
    let spec = hound::WavSpec {
        channels,
        sample_rate: sample_rate_hz,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut wav = hound::WavWriter::create(path, spec).expect("the folder is writable");
    let rate_hz = f64::from(sample_rate_hz);
    for frame in 0..(secs * rate_hz).round() as u64 {
        for channel in 0..channels {
            let sample = value(channel, frame as f64 / rate_hz);
            wav.write_sample(sample as f32)
                .expect("the folder is writable");
        }
    }
    wav.finalize().expect("the folder is writable");
}

/// A sine at a time, its peak in dBFS.
pub fn sine(frequency_hz: f64, peak_dbfs: f64, secs: f64) -> f64 {
    abscope::units::db::amplitude_from_db(peak_dbfs)
        * (std::f64::consts::TAU * frequency_hz * secs).sin()
}
