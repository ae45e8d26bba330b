//! What a tenth of a second holds by itself: what any programme that it becomes a part of is measured from.
//!
//! Momentary and short-term loudness are means of 4 and 30 tenths, so a song whose parts were played at different times
//! is measured as if it had been played through.

use super::history::{HISTORY_STEP_SECS, LoudnessPoint};
use super::windows::{HOP_SLOTS, MOMENTARY_SLOTS, SHORT_TERM_SLOTS};
use crate::dsp::loudness_gating::{integrated_of, lufs_from_energy, range_of};
use crate::dsp::punch::PunchPoint;
use crate::units::db::{db_from_amplitude, existing};

/// Tenths in the momentary window.
const MOMENTARY_TENTHS: usize = (MOMENTARY_SLOTS / HOP_SLOTS) as usize;
/// Tenths in the short-term window: so many points change with one of them.
pub const SHORT_TERM_TENTHS: usize = (SHORT_TERM_SLOTS / HOP_SLOTS) as usize;

/// The 100 ms that a point of the history ends with, without what came before them.
///
/// Plain finite numbers: an absent one is below zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tenth {
    /// Mean K-weighted energy, linear.
    pub energy: f32,
    /// Largest true peak of all channels, linear.
    pub true_peak: f32,
}

impl Tenth {
    /// One in which sound is missing.
    pub const ABSENT: Self = Self {
        energy: -1.0,
        true_peak: -1.0,
    };

    /// Its energy, if nothing of it is missing.
    pub fn energy(self) -> Option<f64> {
        (self.energy >= 0.0).then(|| self.energy.into())
    }
}

/// The point of a history that ends with the last of some tenths, in their order; punch is not told by them.
pub fn point_of_tenths(tenths: &[Tenth], punch: PunchPoint) -> LoudnessPoint {
    let lufs = |count: usize| {
        let from = tenths.len().checked_sub(count);
        let energy = from.and_then(|from| mean_energy(&tenths[from..]));
        energy.map_or(LoudnessPoint::ABSENT_LUFS, |energy| {
            (lufs_from_energy(energy) as f32).max(LoudnessPoint::ABSENT_LUFS)
        })
    };
    LoudnessPoint {
        momentary_lufs: lufs(MOMENTARY_TENTHS),
        short_term_lufs: lufs(SHORT_TERM_TENTHS),
        punch,
    }
}

/// What a programme of tenths reads.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TenthsReading {
    /// Gated loudness, LUFS.
    pub integrated_lufs: Option<f64>,
    /// Loudness range, LU.
    pub range_lu: Option<f64>,
    /// Largest momentary loudness, LUFS.
    pub max_momentary_lufs: Option<f64>,
    /// Largest short-term loudness, LUFS.
    pub max_short_term_lufs: Option<f64>,
    /// Largest true peak, dBTP.
    pub true_peak_dbtp: Option<f64>,
    /// Seconds that are there.
    pub measured_secs: f64,
}

/// Measures a programme of tenths; windows that reach over an absent one do not count.
pub fn reading_of_tenths(tenths: &[Tenth]) -> TenthsReading {
    let momentary = || tenths.windows(MOMENTARY_TENTHS).filter_map(mean_energy);
    let short_term = || tenths.windows(SHORT_TERM_TENTHS).filter_map(mean_energy);
    let loudest = |energy: f64| existing(lufs_from_energy(energy));
    let there = || tenths.iter().filter(|tenth| tenth.energy().is_some());
    let true_peak = there().map(|tenth| tenth.true_peak).fold(0.0, f32::max);
    TenthsReading {
        integrated_lufs: integrated_of(momentary()),
        range_lu: range_of(short_term()),
        max_momentary_lufs: momentary().reduce(f64::max).and_then(loudest),
        max_short_term_lufs: short_term().reduce(f64::max).and_then(loudest),
        true_peak_dbtp: existing(db_from_amplitude(true_peak.into())),
        measured_secs: there().count() as f64 * HISTORY_STEP_SECS,
    }
}

/// Mean energy of tenths of which none is absent.
fn mean_energy(tenths: &[Tenth]) -> Option<f64> {
    let sum = tenths
        .iter()
        .try_fold(0.0, |sum, tenth| Some(sum + tenth.energy()?))?;
    Some(sum / tenths.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::super::{LoudnessMeter, channel_weights};
    use super::*;
    use crate::dsp::signals::Signal;

    /// Tenths and points of a signal, and what its meter reads.
    fn heard(signal: &Signal) -> (Vec<Tenth>, LoudnessMeter) {
        let mut meter =
            LoudnessMeter::new(signal.sample_rate_hz, &channel_weights(signal.channels));
        let mut tenths = vec![];
        for block in signal.samples.chunks(signal.channels * 4_800) {
            meter.process(block);
            tenths.push(Tenth {
                energy: meter.newest_energy().expect("nothing is missing") as f32,
                true_peak: 0.5,
            });
        }
        (tenths, meter)
    }

    #[test]
    fn tenths_read_what_the_meter_reads_of_the_whole() {
        let loud = Signal::new(48_000, 2).noise(0.4, 20.0, 3);
        let signal = loud.noise(0.05, 20.0, 5);
        let (tenths, mut meter) = heard(&signal);
        let (reading, whole) = (reading_of_tenths(&tenths), meter.reading());
        for (tenths, whole) in [
            (reading.integrated_lufs, whole.integrated_lufs),
            (reading.range_lu, whole.range_lu),
        ] {
            let off = tenths.expect("it sounds") - whole.expect("it sounds");
            assert!(off.abs() < 0.011, "{off}");
        }
        assert!((reading.measured_secs - 40.0).abs() < 1e-9);
        assert!((reading.true_peak_dbtp.expect("it sounds") + 6.02).abs() < 0.01);
        for (n, point) in meter.history().iter().enumerate() {
            let of_tenths = point_of_tenths(&tenths[..=n], point.punch);
            assert!(
                (of_tenths.momentary_lufs - point.momentary_lufs).abs() < 1e-4,
                "{n}"
            );
            assert!(
                (of_tenths.short_term_lufs - point.short_term_lufs).abs() < 1e-4,
                "{n}"
            );
        }
    }

    #[test]
    fn what_is_absent_is_in_no_window() {
        let sounding = Tenth {
            energy: 0.01,
            true_peak: 0.1,
        };
        let mut tenths = vec![sounding; 100];
        tenths[50] = Tenth::ABSENT;
        let reading = reading_of_tenths(&tenths);
        let lufs = reading.integrated_lufs.expect("it sounds");
        assert!((lufs - lufs_from_energy(0.01)).abs() < 1e-6, "{lufs}");
        assert!((reading.measured_secs - 9.9).abs() < 1e-9);
        let point = |end: usize| point_of_tenths(&tenths[..end], PunchPoint::ABSENT);
        assert_eq!(point(54).momentary(), None);
        assert!(point(55).momentary().is_some());
        assert_eq!(point(80).short_term(), None);
        assert!(point(81).short_term().is_some());
        assert_eq!(reading_of_tenths(&[]), TenthsReading::default());
    }
}
