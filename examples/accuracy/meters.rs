//! The three meters behind one shape: Abscope, the ebur128 crate, and ffmpeg's filter of that name.

use std::io::Write as _;
use std::process::Command;

use abscope::analysis::analyzer::Analyzer;
use abscope::analysis::meters::Meters;
use abscope::analysis::spectral::Purpose;
use abscope::audio::frames::{ChannelLayout, StreamFormat};
use abscope::dsp::signals::Signal;
use abscope::units::db::db_from_amplitude;
use ebur128::{Channel, EbuR128, Mode};

use crate::signals::{Figure, in_odd_blocks};

/// Anything a meter says below this is silence.
const SILENCE_LUFS: f64 = -100.0;

/// What a meter showed at a time.
#[derive(Clone, Copy)]
pub struct Point {
    pub secs: f64,
    pub momentary_lufs: Option<f64>,
    pub short_term_lufs: Option<f64>,
}

/// What a meter said of a signal.
#[derive(Default)]
pub struct Heard {
    pub momentary_lufs: Option<f64>,
    pub short_term_lufs: Option<f64>,
    pub integrated_lufs: Option<f64>,
    pub max_momentary_lufs: Option<f64>,
    pub max_short_term_lufs: Option<f64>,
    pub range_lu: Option<f64>,
    pub true_peak_dbtp: Option<f64>,
    /// In order of time; every 10 ms or every 100.
    pub trace: Vec<Point>,
}

impl Heard {
    pub fn figure(&self, figure: Figure) -> Option<f64> {
        match figure {
            Figure::Momentary => self.momentary_lufs,
            Figure::ShortTerm => self.short_term_lufs,
            Figure::Integrated => self.integrated_lufs,
            Figure::MaxMomentary => self.max_momentary_lufs,
            Figure::MaxShortTerm => self.max_short_term_lufs,
            Figure::Range => self.range_lu,
            Figure::TruePeak => self.true_peak_dbtp,
        }
    }

    fn take_figures_from_trace(&mut self) {
        let maximum = |values: &mut dyn Iterator<Item = f64>| values.max_by(f64::total_cmp);
        self.max_momentary_lufs = maximum(&mut self.trace.iter().filter_map(|p| p.momentary_lufs));
        self.max_short_term_lufs =
            maximum(&mut self.trace.iter().filter_map(|p| p.short_term_lufs));
        self.momentary_lufs = self.trace.last().and_then(|p| p.momentary_lufs);
        self.short_term_lufs = self.trace.last().and_then(|p| p.short_term_lufs);
    }
}

/// Rate and channels of a signal.
pub fn format_of(signal: &Signal) -> StreamFormat {
    StreamFormat {
        sample_rate_hz: signal.sample_rate_hz,
        layout: ChannelLayout::from_count(signal.channels as u16),
    }
}

/// Abscope, fed in odd blocks; with a trace, every 10 ms.
pub fn abscope(signal: &Signal, with_trace: bool) -> Heard {
    let mut analyzer = Analyzer::with_purpose(format_of(signal), Purpose::Programme);
    let mut meters = Meters::silent(format_of(signal));
    let (mut columns, mut trace) = (Vec::new(), Vec::new());
    if with_trace {
        let block = signal.sample_rate_hz as usize / 100 * signal.channels;
        for (n, frames) in signal.samples.chunks(block).enumerate() {
            analyzer.process(frames, &mut columns);
            columns.clear();
            analyzer.write_meters(&mut meters);
            trace.push(Point {
                secs: (n + 1) as f64 / 100.0,
                momentary_lufs: meters.loudness.momentary_lufs,
                short_term_lufs: meters.loudness.short_term_lufs,
            });
        }
    } else {
        in_odd_blocks(signal, |block| {
            analyzer.process(block, &mut columns);
            columns.clear();
        });
    }
    let end = analyzer.meters().loudness;
    analyzer.finish(&mut columns);
    let loudness = analyzer.summary().loudness;
    Heard {
        momentary_lufs: end.momentary_lufs,
        short_term_lufs: end.short_term_lufs,
        integrated_lufs: loudness.integrated_lufs,
        max_momentary_lufs: loudness.max_momentary_lufs,
        max_short_term_lufs: loudness.max_short_term_lufs,
        range_lu: loudness.range_lu,
        true_peak_dbtp: loudness.true_peak_dbtp,
        trace,
    }
}

/// The ebur128 crate, polled every 10 ms.
pub fn ebur128(signal: &Signal) -> Heard {
    let mode = Mode::I | Mode::LRA | Mode::S | Mode::M | Mode::TRUE_PEAK;
    let channels = signal.channels as u32;
    let mut meter = EbuR128::new(channels, signal.sample_rate_hz, mode).expect("a valid format");
    use Channel::{Center, Left, LeftSurround, Right, RightSurround, Unused};
    let map: &[Channel] = match channels {
        5 => &[Left, Right, Center, LeftSurround, RightSurround],
        6 => &[Left, Right, Center, Unused, LeftSurround, RightSurround],
        _ => &[],
    };
    if !map.is_empty() {
        meter.set_channel_map(map).expect("as many as channels");
    }
    let mut heard = Heard::default();
    let block = signal.sample_rate_hz as usize / 100 * signal.channels;
    for (n, frames) in signal.samples.chunks(block).enumerate() {
        meter.add_frames_f32(frames).expect("whole frames");
        heard.trace.push(Point {
            secs: (n + 1) as f64 / 100.0,
            momentary_lufs: loud(meter.loudness_momentary().expect("mode M")),
            short_term_lufs: loud(meter.loudness_shortterm().expect("mode S")),
        });
    }
    heard.take_figures_from_trace();
    heard.integrated_lufs = loud(meter.loudness_global().expect("mode I"));
    heard.range_lu = Some(meter.loudness_range().expect("mode LRA"));
    heard.true_peak_dbtp = (0..channels)
        .map(|channel| meter.true_peak(channel).expect("a channel"))
        .max_by(f64::total_cmp)
        .map(db_from_amplitude);
    heard
}

/// ffmpeg's filter; nothing where there is no ffmpeg.
pub fn ffmpeg(signal: &Signal) -> Heard {
    let mut heard = Heard::default();
    let Some(printed) = run_ffmpeg(signal) else {
        return heard;
    };
    let mut peak = 0.0f64;
    for line in printed.lines() {
        if line.starts_with("frame:") {
            heard.trace.push(Point {
                secs: (heard.trace.len() + 1) as f64 / 10.0,
                momentary_lufs: None,
                short_term_lufs: None,
            });
        }
        let Some((key, value)) = line.strip_prefix("lavfi.r128.").and_then(key_and_value) else {
            continue;
        };
        let Some(point) = heard.trace.last_mut() else {
            continue;
        };
        match key {
            "M" => point.momentary_lufs = loud(value),
            "S" => point.short_term_lufs = loud(value),
            "I" => heard.integrated_lufs = Some(value),
            "LRA" => heard.range_lu = Some(value),
            _ if key.starts_with("true_peaks_ch") => peak = peak.max(value),
            _ => {}
        }
    }
    heard.take_figures_from_trace();
    heard.true_peak_dbtp = (peak > 0.0).then(|| db_from_amplitude(peak));
    heard
}

/// Its name and version, "ffmpeg version 5.1".
pub fn ffmpeg_version() -> Option<String> {
    let output = Command::new("ffmpeg").arg("-version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let words: Vec<&str> = text.split_whitespace().take(3).collect();
    let version = words.last()?.split('-').next()?;
    Some(format!("ffmpeg {version}"))
}

fn run_ffmpeg(signal: &Signal) -> Option<String> {
    let mut file = tempfile::NamedTempFile::new().ok()?;
    let samples = signal.samples.iter().flat_map(|s| s.to_le_bytes());
    let mut bytes: Vec<u8> = samples.collect();
    if signal.frames() < signal.sample_rate_hz as usize / 10 {
        // Below a tenth of a second it would report nothing at all.
        bytes.resize(
            bytes.len() + signal.sample_rate_hz as usize * signal.channels,
            0,
        );
    }
    file.write_all(&bytes).ok()?;
    let layout = match signal.channels {
        1 => "mono",
        2 => "stereo",
        5 => "5.0",
        6 => "5.1",
        _ => "7.1",
    };
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-hide_banner", "-nostats", "-f", "f32le", "-ar"])
        .arg(signal.sample_rate_hz.to_string())
        .args(["-ac", &signal.channels.to_string()])
        .args(["-channel_layout", layout, "-i"])
        .arg(file.path())
        .args([
            "-filter:a",
            "ebur128=metadata=1:peak=true,ametadata=mode=print:file=-",
        ])
        .args(["-f", "null", "-"])
        .output()
        .ok()?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        eprintln!("accuracy: ffmpeg: {}", complaint.trim());
        return None;
    }
    String::from_utf8(output.stdout).ok()
}

fn key_and_value(text: &str) -> Option<(&str, f64)> {
    let (key, value) = text.split_once('=')?;
    Some((key, value.trim().parse().ok()?))
}

fn loud(lufs: f64) -> Option<f64> {
    (lufs > SILENCE_LUFS).then_some(lufs)
}
