//! How much of the power of each cell of a mean spectrum counts, so that a sum over cells is the power in them.
//!
//! A cell shows the highest that the spectrum reaches within it. Of noise that is too much by what was measured
//! ([`noise_weights`]); of a tone, whose lobe several cells show and whose peak one or two, it is something else: summed as
//! noise a tone alone reads up to 1.3 dB high, above 6 kHz up to 3.6. Where cells stand as the lobe of a window does, their
//! sum is made the level of the highest.

use crate::analysis::band_range::noise_weights;
use crate::analysis::resolution::lobe_hz;
use crate::dsp::grid::{BINS_PER_OCTAVE, NUM_BINS, hz_from_bin};

/// By how much a lobe that is a tone's stands above what is beside it, as a power ratio: from the first on it is taken for
/// one in part, from the second on in full. 14 and 19 dB: means of noise do not fall so steeply.
const STANDS_OUT: [f64; 2] = [25.1, 79.4];
/// No lobe of a tone alone has more, as a ratio to its peak, summed as noise: 0.8 dB where the longest window has a part, 1.25
/// dB above that, and 3.6 dB from where cells are wider than a lobe. Measured with tones of 25 Hz to 16 kHz.
const MOST: [(f64, f64); 3] = [(0.0, 1.2), (400.0, 1.33), (6000.0, 2.29)];

/// What the power of each cell of a mean spectrum counts; `powers` are linear, 0 where there is nothing.
pub fn power_shares(powers: &[f64]) -> Vec<f64> {
    let weights: Vec<f64> = noise_weights().iter().map(|w| f64::from(*w)).collect();
    let mut factors = vec![1.0f64; weights.len()];
    let end = powers.len().min(NUM_BINS);
    for peak in 0..end {
        let power = powers[peak];
        let reach = lobe_cells(peak);
        let lobe = peak.saturating_sub(reach)..(peak + reach + 1).min(end);
        // Of two as high side by side the first stands for the lobe.
        let is_highest = powers[lobe.start..peak].iter().all(|below| *below < power)
            && powers[peak..lobe.end].iter().all(|above| *above <= power);
        if power <= 0.0 || !is_highest {
            continue;
        }
        let lowest = |cells: &[f64]| cells.iter().copied().fold(f64::INFINITY, f64::min);
        let foot = |cells: &[f64]| if cells.is_empty() { 0.0 } else { lowest(cells) };
        let beside = foot(&powers[lobe.start..peak]).max(foot(&powers[peak + 1..lobe.end]));
        let as_noise: f64 = lobe.clone().map(|bin| powers[bin] * weights[bin]).sum();
        let most = most_of_a_tone(hz_from_bin(peak as f64));
        let excess = as_noise / power;
        let tonal = tonality(power / beside.max(f64::MIN_POSITIVE)) * likeness(excess / most);
        let factor = 1.0 + (1.0 / excess.max(1.0 / most) - 1.0) * tonal;
        for bin in lobe {
            // Lobes may overlap: nothing is taken off twice.
            factors[bin] = match factors[bin] < 1.0 {
                true => factors[bin].min(factor),
                false => factor,
            };
        }
    }
    let shares = weights.iter().zip(factors);
    shares.map(|(weight, factor)| weight * factor).collect()
}

/// How much a lobe is that of a tone that stands still, by how much more is in it than the most that one has: from 1 down to
/// 0, for vibrato, and for two tones that nearly are one.
fn likeness(beyond: f64) -> f64 {
    ((1.1 - beyond) / 0.1).clamp(0.0, 1.0)
}

/// The most that a tone's lobe has at a frequency, see [`MOST`].
fn most_of_a_tone(hz: f64) -> f64 {
    let reached = MOST.iter().rev().find(|(from_hz, _)| hz >= *from_hz);
    reached.map_or(1.0, |(_, most)| *most)
}

/// Cells on each side of a tone in which its lobe has fallen by 20 dB.
fn lobe_cells(bin: usize) -> usize {
    let hz = hz_from_bin(bin as f64);
    let cell_hz = hz * std::f64::consts::LN_2 / BINS_PER_OCTAVE;
    (lobe_hz(hz) / cell_hz).ceil() as usize + 1
}

/// Whether a lobe is a tone's, from 0 to 1.
fn tonality(above_its_feet: f64) -> f64 {
    let [from, to] = STANDS_OUT.map(f64::ln);
    ((above_its_feet.ln() - from) / (to - from)).clamp(0.0, 1.0)
}
