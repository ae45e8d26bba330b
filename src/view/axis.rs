//! Axes: frequency, level and time to pixels, and ticks that never touch and never move while data does.

use crate::dsp::grid::{NUM_BINS, bin_from_hz, hz_from_bin};
use crate::units::note::c_of_octave_hz;
use crate::view::readout;

/// A span of the frequency grid, in bins, shown from one edge of a panel to the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrequencyAxis {
    /// Bin at the lower (or left) edge.
    pub low_bin: f64,
    /// Bin at the upper (or right) edge.
    pub high_bin: f64,
}

impl Default for FrequencyAxis {
    fn default() -> Self {
        Self::from_hz(27.5, 20_000.0)
    }
}

impl FrequencyAxis {
    /// The axis between two frequencies.
    pub fn from_hz(low_hz: f64, high_hz: f64) -> Self {
        Self {
            low_bin: bin_from_hz(low_hz),
            high_bin: bin_from_hz(high_hz),
        }
    }

    /// Position of a frequency along the axis: 0 at the low edge, 1 at the high edge.
    pub fn fraction_from_hz(&self, hz: f64) -> f64 {
        self.fraction_from_bin(bin_from_hz(hz))
    }

    /// Position of a bin along the axis.
    pub fn fraction_from_bin(&self, bin: f64) -> f64 {
        (bin - self.low_bin) / (self.high_bin - self.low_bin)
    }

    /// Bin at a position along the axis.
    pub fn bin_from_fraction(&self, fraction: f64) -> f64 {
        self.low_bin + fraction * (self.high_bin - self.low_bin)
    }

    /// Moves by bins, and stops at the ends of the grid.
    pub fn panned(&self, bins: f64) -> Self {
        let span = self.high_bin - self.low_bin;
        let low = (self.low_bin + bins).clamp(0.0, (NUM_BINS as f64 - 1.0 - span).max(0.0));
        Self {
            low_bin: low,
            high_bin: low + span,
        }
    }

    /// Zooms by a factor about a position and keeps inside the grid; never closer than half an octave.
    pub fn zoomed(&self, about: f64, factor: f64) -> Self {
        let center = self.bin_from_fraction(about);
        let span = ((self.high_bin - self.low_bin) / factor).clamp(48.0, NUM_BINS as f64 - 1.0);
        let low = (center - about * span).clamp(0.0, NUM_BINS as f64 - 1.0 - span);
        Self {
            low_bin: low,
            high_bin: low + span,
        }
    }
}

/// A tick: where along the axis (0 … 1) and what it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// 0 at the low end, 1 at the high end.
    pub fraction: f32,
    /// What stands beside it; empty for a line without words.
    pub label: String,
}

/// More ticks than this would only be a pattern, and no axis has them: it bounds the loops, whatever the numbers are.
const MOST_TICKS: usize = 256;

/// Hz ticks of 1-2-5 steps, left out where their labels would come closer than `min_gap` (a fraction of the axis).
pub fn frequency_ticks(axis: &FrequencyAxis, min_gap: f32) -> Vec<Tick> {
    // Decades first: where not all fit, 100, 1k and 10k are the ones people orient by.
    let mut ranked = vec![];
    for step in [1.0, 5.0, 2.0] {
        for decade in [10.0, 100.0, 1_000.0, 10_000.0] {
            ranked.push(step * decade);
        }
    }
    picked(
        ranked
            .into_iter()
            .map(|hz| (axis.fraction_from_hz(hz), readout::frequency_tick(hz))),
        min_gap,
    )
}

/// Ticks on every C, for the other edge of a frequency axis.
pub fn note_ticks(axis: &FrequencyAxis, min_gap: f32) -> Vec<Tick> {
    let octaves = [4, 2, 6, 8, 3, 5, 7, 1, 9, 0, 10];
    picked(
        octaves.into_iter().map(|octave| {
            (
                axis.fraction_from_hz(c_of_octave_hz(octave)),
                format!("C{octave}"),
            )
        }),
        min_gap,
    )
}

/// Ticks of a linear axis at the coarsest of the given steps that still leaves `min_gap` between labels.
pub fn linear_ticks(low: f64, high: f64, steps: &[f64], min_gap: f32) -> Vec<Tick> {
    let span = high - low;
    let step = steps
        .iter()
        .copied()
        .find(|step| step / span >= f64::from(min_gap))
        .unwrap_or(span);
    let first = (low / step).ceil() as i64;
    let last = (high / step).floor() as i64;
    (first..=last)
        .take(MOST_TICKS)
        .map(|n| {
            let value = n as f64 * step;
            Tick {
                fraction: ((value - low) / span) as f32,
                label: readout::whole(value),
            }
        })
        .collect()
}

/// Ticks of a time axis that ends at `end_secs`: labels relative to the right edge, "−5 s", "now" at the edge.
pub fn time_ticks(span_secs: f64, min_gap: f32) -> Vec<Tick> {
    let steps = [
        0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0,
        3600.0,
    ];
    let step = steps
        .into_iter()
        .find(|step| step / span_secs >= f64::from(min_gap))
        .unwrap_or(span_secs);
    let mut ticks = vec![Tick {
        fraction: 1.0,
        label: "now".to_owned(),
    }];
    let backs = (1..=MOST_TICKS).map(|n| n as f64 * step);
    let within = backs.take_while(|back| *back < span_secs * 0.985);
    ticks.extend(within.map(|back| Tick {
        fraction: (1.0 - back / span_secs) as f32,
        label: time_label(back, step),
    }));
    ticks
}

/// Ticks of a time axis that counts from the start of the mix: "0:30". `left_secs` is the time at the left edge.
pub fn absolute_time_ticks(left_secs: f64, span_secs: f64, min_gap: f32) -> Vec<Tick> {
    let steps = [
        1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0,
    ];
    let step = steps
        .into_iter()
        .find(|step| step / span_secs >= f64::from(min_gap))
        .unwrap_or(span_secs);
    let first = (left_secs / step).ceil().max(0.0);
    (0..MOST_TICKS)
        .map(|n| (first + n as f64) * step)
        .take_while(|secs| *secs < left_secs + span_secs * 0.985)
        .map(|secs| Tick {
            fraction: ((secs - left_secs) / span_secs) as f32,
            label: readout::minutes(secs),
        })
        .collect()
}

fn time_label(back_secs: f64, step_secs: f64) -> String {
    if step_secs >= 60.0 {
        format!("−{:.0} min", back_secs / 60.0)
    } else if step_secs >= 1.0 {
        format!("−{back_secs:.0} s")
    } else {
        format!("−{back_secs:.1} s")
    }
}

/// Keeps the candidates, in rank order, that lie on the axis and not too near to one already kept.
pub fn picked(ranked: impl Iterator<Item = (f64, String)>, min_gap: f32) -> Vec<Tick> {
    let mut ticks: Vec<Tick> = vec![];
    for (fraction, label) in ranked {
        let fraction = fraction as f32;
        let on_axis = (0.01..=0.995).contains(&fraction);
        if on_axis
            && ticks
                .iter()
                .all(|t| (t.fraction - fraction).abs() >= min_gap)
        {
            ticks.push(Tick { fraction, label });
        }
    }
    ticks.sort_by(|a, b| a.fraction.total_cmp(&b.fraction));
    ticks
}

/// Frequency in Hz at a position along an axis.
pub fn hz_from_fraction(axis: &FrequencyAxis, fraction: f64) -> f64 {
    hz_from_bin(axis.bin_from_fraction(fraction))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn frequency_ticks_never_come_closer_than_asked() {
        let axis = FrequencyAxis::default();
        for min_gap in [0.02, 0.05, 0.1, 0.3] {
            let ticks = frequency_ticks(&axis, min_gap);
            assert!(ticks.len() >= 2);
            for pair in ticks.windows(2) {
                assert!(pair[1].fraction - pair[0].fraction >= min_gap);
            }
        }
    }

    #[test]
    fn zooming_keeps_the_frequency_under_the_pointer() {
        let axis = FrequencyAxis::default();
        let before = hz_from_fraction(&axis, 0.4);
        let after = hz_from_fraction(&axis.zoomed(0.4, 1.5), 0.4);
        assert!((before / after - 1.0).abs() < 1e-9);
        let far = axis.zoomed(0.5, 1e9);
        assert!((far.high_bin - far.low_bin - 48.0).abs() < 1e-9);
    }

    #[test]
    fn panning_stops_at_the_ends_of_the_grid_and_keeps_the_zoom() {
        let axis = FrequencyAxis::from_hz(100.0, 1000.0);
        let span = axis.high_bin - axis.low_bin;
        for bins in [-1e4, -3.0, 7.5, 1e4] {
            let panned = axis.panned(bins);
            assert!((panned.high_bin - panned.low_bin - span).abs() < 1e-9);
            assert!(panned.low_bin >= 0.0 && panned.high_bin <= NUM_BINS as f64 - 1.0);
        }
        assert!((axis.panned(7.5).low_bin - axis.low_bin - 7.5).abs() < 1e-9);
    }

    #[test]
    fn absolute_ticks_stand_at_round_times_of_the_mix() {
        let ticks = absolute_time_ticks(7.0, 60.0, 0.1);
        let labels: Vec<&str> = ticks.iter().map(|tick| tick.label.as_str()).collect();
        assert_eq!(labels, ["0:10", "0:20", "0:30", "0:40", "0:50", "1:00"]);
        assert!((ticks[0].fraction - 0.05).abs() < 1e-6);
    }

    #[test]
    fn time_ticks_end_at_now() {
        let ticks = time_ticks(20.0, 0.09);
        assert_eq!(ticks[0].label, "now");
        assert_eq!(ticks[1].label, "−2 s");
        assert!(ticks.iter().all(|t| t.fraction > 0.0));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn ticks_stand_in_order_on_the_axis_and_keep_their_distance(
            left_secs in -100.0f64..200_000.0,
            span_secs in 0.05f64..100_000.0,
            low in -200.0f64..50.0,
            range in 0.5f64..250.0,
            min_gap in 0.01f32..0.5,
        ) {
            let steps = [1.0, 2.0, 3.0, 5.0, 6.0, 10.0, 20.0, 50.0];
            let rows = [
                absolute_time_ticks(left_secs, span_secs, min_gap),
                time_ticks(span_secs, min_gap).into_iter().rev().collect(),
                linear_ticks(low, low + range, &steps, min_gap),
            ];
            for ticks in rows {
                prop_assert!(ticks.len() <= MOST_TICKS.min((1.0 / min_gap) as usize + 2));
                for tick in &ticks {
                    prop_assert!((-1e-4..=1.0 + 1e-4).contains(&tick.fraction), "{tick:?}");
                }
                for pair in ticks.windows(2) {
                    prop_assert!(pair[1].fraction > pair[0].fraction);
                }
            }
        }
    }

    #[test]
    fn ticks_end_whatever_the_numbers_are() {
        let odd = [
            0.0,
            -1.0,
            1e-300,
            1e17,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
        ];
        for a in odd {
            for b in odd {
                assert!(absolute_time_ticks(a, b, 0.1).len() <= MOST_TICKS);
                assert!(time_ticks(b, 0.1).len() <= MOST_TICKS + 1);
                assert!(linear_ticks(a, b, &[1.0, 2.0], 0.1).len() <= MOST_TICKS);
            }
        }
    }
}
