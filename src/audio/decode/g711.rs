//! The telephone codes of ITU-T G.711: 8 bits a sample that stand for 14 (µ-law) or 13 (A-law), on a curved scale.

/// A µ-law byte, on the scale of 16-bit samples.
pub(super) fn from_mu_law(byte: u8) -> f32 {
    let code = !byte;
    let magnitude = ((i32::from(code & 0x0F) << 3) + 0x84) << ((code & 0x70) >> 4);
    signed(magnitude - 0x84, code & 0x80 == 0)
}

/// An A-law byte, on the scale of 16-bit samples.
pub(super) fn from_a_law(byte: u8) -> f32 {
    let code = byte ^ 0x55;
    let (step, segment) = (i32::from(code & 0x0F) << 4, (code & 0x70) >> 4);
    let magnitude = match segment {
        0 => step + 8,
        segment => (step + 0x108) << (segment - 1),
    };
    signed(magnitude, code & 0x80 != 0)
}

fn signed(magnitude: i32, positive: bool) -> f32 {
    (if positive { magnitude } else { -magnitude }) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_corners_of_both_laws_are_those_of_the_recommendation() {
        // G.711, tables 1 and 2, times 4 and 8: the largest magnitudes, the smallest, and both zeros of µ-law.
        assert_eq!(
            (from_mu_law(0x80), from_mu_law(0x00)),
            (32_124.0, -32_124.0)
        );
        assert_eq!((from_mu_law(0xFF), from_mu_law(0x7F)), (0.0, 0.0));
        assert_eq!((from_mu_law(0xFE), from_mu_law(0x7E)), (8.0, -8.0));
        assert_eq!((from_a_law(0xAA), from_a_law(0x2A)), (32_256.0, -32_256.0));
        assert_eq!((from_a_law(0xD5), from_a_law(0x55)), (8.0, -8.0));
    }
}
