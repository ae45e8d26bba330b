//! Logarithm and exponential in base 2 for loops over whole spectra, written so that they vectorise on plain SSE2.
//!
//! A column needs thousands of logarithms; `f32::log2` costs more than the Fourier transforms. Errors stay below
//! 0.0001 dB, a thirtieth of the step in which columns store levels. The polynomials are minimax fits made for this.

/// dB of a power ratio per unit of its base-2 logarithm: 10 log10 2.
pub const DB_PER_LOG2: f32 = 3.010_3;

/// Base-2 logarithm of a positive, normal number.
#[inline(always)]
pub fn log2(x: f32) -> f32 {
    // Splitting at √½ instead of at 1 keeps the series argument small and the result exact at 1.
    const SQRT_HALF_BITS: i32 = 0x3f35_04f3;
    let bits = x.to_bits() as i32;
    let exponent = bits.wrapping_sub(SQRT_HALF_BITS) >> 23;
    let t = f32::from_bits(bits.wrapping_sub(exponent << 23) as u32) - 1.0;
    let q =
        1.442_578 + t * (-0.720_241_8 + t * (0.486_686_5 + t * (-0.394_575_37 + t * 0.252_658_3)));
    exponent as f32 + t * q
}

/// 2 to the power of x, for x in −126 … 126.
#[inline(always)]
pub fn exp2(x: f32) -> f32 {
    // Adding 1.5 · 2^23 rounds to a whole number, which then stands in the low mantissa bits.
    const ROUNDER: f32 = 12_582_912.0;
    let rounded = x + ROUNDER;
    let whole = rounded - ROUNDER;
    let f = x - whole;
    let p = 0.999_999_3
        + f * (0.693_121_8 + f * (0.240_247_38 + f * (0.055_917_863 + f * 0.009_570_097)));
    let scale = f32::from_bits((rounded.to_bits() << 23).wrapping_add(0x3f80_0000));
    p * scale
}

/// Level in dB of a positive power ratio.
#[inline(always)]
pub fn db_from_power(power: f32) -> f32 {
    DB_PER_LOG2 * log2(power)
}

/// Power ratio of a level in dB within ±370.
#[inline(always)]
pub fn power_from_db(level_db: f32) -> f32 {
    exp2(level_db * (1.0 / DB_PER_LOG2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::db;

    #[test]
    fn levels_agree_with_the_exact_ones_within_a_ten_thousandth_of_a_db() {
        for step in -20_000..3_000 {
            let level_db = f64::from(step) * 0.01 + 0.003;
            let power = db::power_from_db(level_db);
            let error_db = f64::from(db_from_power(power as f32)) - level_db;
            assert!(error_db.abs() < 1e-4, "log2 at {level_db} dB: {error_db}");
            let back = f64::from(power_from_db(level_db as f32));
            let error_db = db::db_from_power(back / power);
            assert!(error_db.abs() < 1e-4, "exp2 at {level_db} dB: {error_db}");
        }
        assert_eq!(db_from_power(1.0), 0.0);
    }
}
