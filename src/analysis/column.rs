//! A column: one time slice of the spectrogram, four bytes a bin, in the very layout the GPU reads.
//!
//! A bin keeps the mean power of left and right as a 16-bit level, and two 8-bit ratios in dB: left to right and
//! side to mid. From these three, L, R, M and S all follow in the shader, so a knob recolours the past and costs
//! no analysis. Levels are **tone levels**: a full-scale sine in both channels reads 0 dB.

use crate::dsp::grid::NUM_BINS;

/// Level of code 1, the lowest that exists, in dBFS. Code 0 is absent: above Nyquist, silence, or a gap.
pub const LEVEL_FLOOR_DB: f32 = -160.0;
/// Level of code 65535, in dBFS.
pub const LEVEL_CEILING_DB: f32 = 32.0;
/// dB per step of the level code.
pub const LEVEL_STEP_DB: f32 = (LEVEL_CEILING_DB - LEVEL_FLOOR_DB) / 65535.0;
/// dB per step of the two ratio codes; code 128 is 0 dB, the range −48 … +47.6 dB.
pub const RATIO_STEP_DB: f32 = 0.375;

/// One time slice: `bins[bin]`, packed by [`pack_bin`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct Column {
    /// Index in its tier: column `i` of tier 0 is centred on frame `i · hop` of the stream.
    pub index: u64,
    /// Packed bins, low frequency first.
    pub bins: [u32; NUM_BINS],
}

impl Column {
    /// Whether anything sounds in it: what is silent is no part of how loud music is in the mean.
    pub fn sounds(&self) -> bool {
        sounds(&self.bins)
    }
}

/// The same of packed bins.
pub fn sounds(bins: &[u32; NUM_BINS]) -> bool {
    bins.iter().any(|bin| bin & 0xffff > 0)
}

/// A column of one tier of the time pyramid. Tier `t` merges `4^t` columns of tier 0.
#[derive(Clone, Copy, Debug)]
pub struct TierColumn {
    /// 0 is the finest.
    pub tier: u8,
    /// The column; its index counts columns of this tier.
    pub column: Column,
}

/// Columns of tier `t` merged into one of tier `t + 1`.
pub const TIER_FACTOR: usize = 4;
/// Tiers of the pyramid: at 93.75 columns a second, 4096 columns of tier 5 last 12 hours.
pub const NUM_TIERS: usize = 6;

/// Fractional index, in a tier, of the column centred on a side's time: column `i` of tier `t` is centred on the
/// middle of the `4^t` columns of tier 0 that it averages.
pub fn column_index(hop_secs: f64, tier: usize, side_secs: f64) -> f64 {
    let factor = (TIER_FACTOR as f64).powi(tier as i32);
    side_secs / (hop_secs * factor) - 0.5 + 0.5 / factor
}

/// A side's time at the centre of a column: the inverse of [`column_index`].
pub fn column_secs(hop_secs: f64, tier: usize, index: f64) -> f64 {
    let factor = (TIER_FACTOR as f64).powi(tier as i32);
    (index + 0.5 - 0.5 / factor) * hop_secs * factor
}

/// Packs a bin: level in dBFS (mean power of L and R), left/right and side/mid power ratios in dB.
pub fn pack_bin(level_db: f32, left_to_right_db: f32, side_to_mid_db: f32) -> u32 {
    let code = ((level_db - LEVEL_FLOOR_DB) / LEVEL_STEP_DB).round();
    // NaN and −∞ both fall to 0, which means absent.
    let level = if code >= 1.0 {
        code.min(65535.0) as u32
    } else {
        0
    };
    let ratio = |db: f32| (db / RATIO_STEP_DB + 128.5).clamp(0.0, 255.0) as u32;
    level | ratio(left_to_right_db) << 16 | ratio(side_to_mid_db) << 24
}

/// Level in dBFS of a packed bin, `None` where it is absent.
pub fn level_db(packed: u32) -> Option<f32> {
    let code = packed & 0xffff;
    (code > 0).then_some(LEVEL_FLOOR_DB + code as f32 * LEVEL_STEP_DB)
}

/// Left/right power ratio in dB of a packed bin: positive leans left.
pub fn left_to_right_db(packed: u32) -> f32 {
    ((packed >> 16 & 0xff) as f32 - 128.0) * RATIO_STEP_DB
}

/// Side/mid power ratio in dB of a packed bin: −48 is mono, 0 is uncorrelated.
pub fn side_to_mid_db(packed: u32) -> f32 {
    ((packed >> 24) as f32 - 128.0) * RATIO_STEP_DB
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_bin_comes_back_within_half_a_step() {
        for level in [-159.9, -96.3, -14.0, 0.0, 3.01, 31.9] {
            for ratio in [-48.0, -9.3, 0.0, 0.1, 47.5] {
                let packed = pack_bin(level, ratio, -ratio);
                let back = level_db(packed).expect("the level is in range");
                assert!((back - level).abs() <= LEVEL_STEP_DB / 2.0 + 1e-4);
                assert!((left_to_right_db(packed) - ratio).abs() <= RATIO_STEP_DB / 2.0 + 1e-4);
                assert!((side_to_mid_db(packed) + ratio).abs() <= RATIO_STEP_DB + 1e-4);
            }
        }
    }

    #[test]
    fn silence_and_nonsense_are_absent() {
        for level in [f32::NEG_INFINITY, f32::NAN, -161.0] {
            assert_eq!(level_db(pack_bin(level, 0.0, 0.0)), None);
        }
        assert_eq!(pack_bin(f32::NAN, f32::NAN, f32::NAN) & 0xffff, 0);
    }
}
