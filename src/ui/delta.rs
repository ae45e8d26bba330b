//! How a difference of mix and reference is written: it is what people look for, so one that tells something is as bright
//! as what it is between, and one that tells nothing steps back.

use crate::ui::fonts::Weight;
use crate::view::palette::{Palette, Rgba};

/// From here on a difference of loudness and levels tells something, in LU and dB: what a careful ear notices.
pub const TELLING_DB: f64 = 0.5;
/// The same of correlations.
pub const TELLING_CORRELATION: f64 = 0.1;

/// Weight and colour of a difference, which tells something from `telling` on.
pub fn difference_look(palette: &Palette, difference: Option<f64>, telling: f64) -> (Weight, Rgba) {
    match difference {
        // As far as it is shown: to a tenth.
        Some(difference) if (difference.abs() * 10.0).round() / 10.0 >= telling => {
            (Weight::Medium, palette.text)
        }
        _ => (Weight::Regular, palette.text_dim),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tells_something_is_bright_and_all_else_steps_back() {
        let palette = &Palette::DARK;
        let look = |difference| difference_look(palette, difference, TELLING_DB);
        for telling in [0.5, -0.5, 0.46, -9.3] {
            assert_eq!(look(Some(telling)), (Weight::Medium, palette.text));
        }
        for quiet in [None, Some(0.0), Some(0.44), Some(-0.3)] {
            assert_eq!(look(quiet), (Weight::Regular, palette.text_dim));
        }
    }
}
