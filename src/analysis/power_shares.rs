//! How much of the power of each cell of a mean spectrum counts, so that a sum over cells is the power in them.
//!
//! A cell shows the highest that the spectrum reaches within it. Of noise that is too much by what was measured
//! ([`noise_weights`]); of a tone, whose lobe several cells show and whose peak one or two, it is something else: summed as
//! noise a tone alone reads up to 1.3 dB high, above 6 kHz up to 2.5. Where cells stand as the lobe of a window does, their
//! sum is made the level of the highest.

use crate::analysis::band_range::noise_weights;
use crate::analysis::resolution::lobe_hz;
use crate::dsp::grid::{BINS_PER_OCTAVE, NUM_BINS, hz_from_bin};

/// By how much a lobe that is a tone's stands above what is beside it, as a power ratio: from the first on it is taken for
/// one in part, from the second on in full. 12 and 20 dB: means of noise do not fall so steeply.
const STANDS_OUT: [f64; 2] = [15.85, 100.0];
/// More is never taken off: by so much noise's weights read a tone too high, up to 6 kHz and above. 1.6 and 3.2 dB.
const MOST_TAKEN_OFF: [f64; 2] = [0.69, 0.48];
const WIDE_CELLS_FROM_HZ: f64 = 6000.0;

/// What the power of each cell of a mean spectrum counts; `powers` are linear, 0 where there is nothing.
pub fn power_shares(powers: &[f64]) -> Vec<f64> {
    let mut shares: Vec<f64> = noise_weights().iter().map(|w| f64::from(*w)).collect();
    let at = |bin: usize| powers.get(bin).copied().unwrap_or(0.0);
    for peak in 0..powers.len().min(NUM_BINS) {
        let below = if peak > 0 { at(peak - 1) } else { 0.0 };
        if at(peak) <= below || at(peak) < at(peak + 1) {
            continue;
        }
        let reach = lobe_cells(peak);
        let foot = |from: usize, step: isize| {
            let cell = |n: usize| from.checked_add_signed(step * n as isize);
            (1..=reach)
                .map(|n| cell(n).map_or(0.0, at))
                .fold(f64::INFINITY, f64::min)
        };
        let beside = foot(peak, -1).max(foot(peak, 1));
        let tonal = tonality(at(peak) / beside.max(f64::MIN_POSITIVE));
        if tonal == 0.0 {
            continue;
        }
        let lobe = peak.saturating_sub(reach)..(peak + reach + 1).min(powers.len().min(NUM_BINS));
        let as_noise: f64 = lobe.clone().map(|bin| at(bin) * shares[bin]).sum();
        let is_wide = hz_from_bin(peak as f64) >= WIDE_CELLS_FROM_HZ;
        let least = MOST_TAKEN_OFF[usize::from(is_wide)];
        let taken = (at(peak) / as_noise).clamp(least, 1.0 / least);
        let factor = 1.0 + (taken - 1.0) * tonal;
        for bin in lobe {
            shares[bin] *= factor;
        }
    }
    shares
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
