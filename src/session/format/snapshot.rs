//! A snapshot: a frozen scene as plain data, with everything needed to draw it, hear it and compare it months later.
//!
//! In memory it is what this file says; on disk it is one zip of JSON, NPY, WAV and PNG (`docs/snapshot-format.md`),
//! so that the data outlive Abscope. Reading trusts nothing: see [`check`] for the rules and [`archive`] for the zip.

use std::path::Path;

use crate::analysis::distribution::SpectrumCurves;
use crate::dsp::grid::NUM_BINS;
use crate::dsp::loudness::LoudnessPoint;
use crate::dsp::punch::PunchPoint;

/// Schema of the files written now.
pub const SCHEMA: u64 = 1;
/// Extension of snapshot files, without the dot.
pub const EXTENSION: &str = "abscope";

/// Whether a file is a snapshot by its name.
pub fn is_snapshot(path: &Path) -> bool {
    path.extension().is_some_and(|found| found == EXTENSION)
}

/// A frozen scene.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// What it is, in words and figures.
    pub facts: Facts,
    /// Side A.
    pub mix: SideData,
    /// Side B, where one was open.
    pub reference: Option<SideData>,
    /// The last seconds of the mix.
    pub sound: Option<Sound>,
    /// A small picture, a PNG file as it is.
    pub thumbnail_png: Option<Vec<u8>>,
}

/// What a shelf shows without opening the data.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// Name: "Chorus 3".
    pub name: String,
    /// Song it belongs to; empty where unknown.
    pub song: String,
    /// Counts the snapshots of a song.
    pub counter: u32,
    /// A person's note, with line ends.
    pub note: String,
    /// When it was made.
    pub created: Created,
    /// Version of Abscope that made it.
    pub app_version: String,
    /// The looks of the view, as it writes them; an object.
    pub settings: serde_json::Value,
    /// Mix time at the right edge of the picture, in seconds.
    pub at_secs: f64,
    /// Gain on the reference that matched its loudness to the mix, in dB.
    pub match_gain_db: Option<f64>,
    /// Reference time less mix time, in seconds.
    pub offset_secs: Option<f64>,
    /// Figures shown (loudness table, distance …), an object.
    pub figures: serde_json::Value,
}

/// A moment, for machines and for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// Seconds since 1970, UTC.
    pub unix_secs: i64,
    /// The same, written out; sorts by time.
    pub text: String,
}

impl Created {
    /// A moment in UTC: "2026-11-23 02:51:28 UTC".
    pub fn utc(unix_secs: i64) -> Self {
        let [year, month, day] = civil_from_days(unix_secs.div_euclid(86_400));
        let secs = unix_secs.rem_euclid(86_400);
        let (hour, minute, second) = (secs / 3600, secs / 60 % 60, secs % 60);
        Self {
            unix_secs,
            text: format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC"),
        }
    }

    /// Now, by the system's clock, written in the time of the place.
    pub fn now() -> Self {
        let now = jiff::Zoned::now();
        Self {
            unix_secs: now.timestamp().as_second(),
            text: now.strftime("%Y-%m-%d %H:%M:%S %:z").to_string(),
        }
    }
}

/// Data of one side.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SideData {
    /// What it was: a device or a file, as a person would say it.
    pub source: String,
    /// Samples per second.
    pub sample_rate_hz: u32,
    /// Columns around what was visible, finest tier first; each tier at most once.
    pub tiers: Vec<TierStretch>,
    /// How many of the last columns of tier 0 were still in the making.
    pub provisional_columns: usize,
    /// Side time of the end of the first loudness point, in seconds.
    pub loudness_from_secs: f64,
    /// Loudness and punch, a point every 100 ms.
    pub loudness: Vec<LoudnessPoint>,
    /// Spectrum curves: of the last seconds for the mix, of the whole for a reference.
    pub curves: Option<SpectrumCurves>,
    /// Curves of a reference over the seconds that lay beside the mix.
    pub beside: Option<SpectrumCurves>,
    /// Spectrum of the moment, `[bin]`, dBFS, −200 where there is none; empty where unknown.
    pub spectrum_db: Vec<f32>,
    /// Latest frames of the vectorscope, left and right.
    pub scope: Vec<[f32; 2]>,
}

impl SideData {
    /// Whether anything is known of its punch.
    pub fn has_punch(&self) -> bool {
        let mut points = self.loudness.iter();
        points.any(|point| point.punch != PunchPoint::ABSENT)
    }
}

/// Consecutive columns of a tier.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TierStretch {
    /// 0 is the finest.
    pub tier: u8,
    /// Index of the first column in its tier.
    pub first_index: u64,
    /// Frames of the side from a column of this tier to the next.
    pub hop_frames: u32,
    /// Of a reference that repeats under the mix: after the column before the second index follows the first.
    pub repeats: Option<[u64; 2]>,
    /// `columns[column][bin]`, packed as in [`crate::analysis::column`].
    pub columns: Vec<[u32; NUM_BINS]>,
}

/// Stereo sound.
#[derive(Clone, Debug, PartialEq)]
pub struct Sound {
    /// Samples per second.
    pub sample_rate_hz: u32,
    /// Side time of the first frame, in seconds.
    pub from_secs: f64,
    /// Left and right.
    pub frames: Vec<[f32; 2]>,
}

/// Year, month and day of a number of days since 1970. Counted in 400-year cycles of the Gregorian calendar that
/// begin in March, so that the leap day ends a year.
fn civil_from_days(days: i64) -> [i64; 3] {
    let days = days + 719_468;
    let (cycle, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    [year + cycle * 400 + next, month, day_of_month]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_a_calendar_has_them() {
        for (unix_secs, text) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (-1, "1969-12-31 23:59:59 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (1_000_000_000, "2001-09-09 01:46:40 UTC"),
            (4_107_542_399, "2100-02-28 23:59:59 UTC"),
            (4_107_542_400, "2100-03-01 00:00:00 UTC"),
        ] {
            assert_eq!(Created::utc(unix_secs).text, text);
        }
    }
}
