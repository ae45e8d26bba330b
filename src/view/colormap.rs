//! Colour maps as tables: perceptually uniform ones for levels, a diverging one for the difference.

use crate::view::palette::{Palette, Rgba};

/// Entries in a table; 256 steps over 60 dB are finer than an eye tells apart.
pub const TABLE_LEN: usize = 256;

/// Maps for the level of one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LevelMap {
    /// Black, purple, red, pale yellow.
    #[default]
    Magma,
    /// Purple, green, yellow; safe for the colour-blind.
    Viridis,
    /// Blue, grey, yellow; made to look the same to the colour-blind.
    Cividis,
    /// Black to white, for paper.
    Grey,
    /// Each side in its own hue.
    Sides,
}

impl LevelMap {
    /// All maps, in the order a key steps through them.
    pub const ALL: [Self; 5] = [
        Self::Magma,
        Self::Viridis,
        Self::Cividis,
        Self::Grey,
        Self::Sides,
    ];

    /// Its name in the settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Magma => "magma",
            Self::Viridis => "viridis",
            Self::Cividis => "cividis",
            Self::Grey => "grey",
            Self::Sides => "sides",
        }
    }

    /// The map of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|map| map.name() == name)
    }

    /// The table of this map; `hue` is the side's colour, used by [`LevelMap::Sides`].
    pub fn table(self, ground: Rgba, hue: Rgba) -> Vec<Rgba> {
        (0..TABLE_LEN)
            .map(|i| {
                let t = i as f64 / (TABLE_LEN - 1) as f64;
                match self {
                    Self::Magma => from_colorous(colorous::MAGMA.eval_continuous(t)),
                    Self::Viridis => from_colorous(colorous::VIRIDIS.eval_continuous(t)),
                    Self::Cividis => from_colorous(colorous::CIVIDIS.eval_continuous(t)),
                    Self::Grey => Rgba([i as u8, i as u8, i as u8, 255]),
                    Self::Sides => one_hue(ground, hue, t as f32),
                }
            })
            .collect()
    }
}

/// The diverging table of A − B: orange where the reference has more, the panel at zero, blue where the mix has more.
///
/// A small step from zero is neutral, so that what is equal keeps quiet; then colour rises faster than in a straight
/// line, because 2 or 3 dB are what a mix is changed for.
pub fn difference_table(palette: &Palette) -> Vec<Rgba> {
    (0..TABLE_LEN)
        .map(|i| {
            let t = i as f32 / (TABLE_LEN - 1) as f32 * 2.0 - 1.0;
            let hue = if t < 0.0 {
                palette.reference
            } else {
                palette.mix
            };
            let strength = ((t.abs() - 0.01) / 0.99).max(0.0);
            palette.panel.mix(hue, strength.powf(0.8))
        })
        .collect()
}

fn from_colorous(color: colorous::Color) -> Rgba {
    Rgba([color.r, color.g, color.b, 255])
}

/// Ground to hue to near white, or on paper to near black: lightness goes one way, so a grey print still reads.
fn one_hue(ground: Rgba, hue: Rgba, t: f32) -> Rgba {
    let loudest = if ground.lightness() > 0.5 {
        Rgba::rgb(0x000000)
    } else {
        Rgba::rgb(0xFFFFFF)
    };
    if t < 0.7 {
        ground.mix(hue, t / 0.7)
    } else {
        hue.mix(loudest, (t - 0.7) / 0.3 * 0.85)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn level_maps_get_lighter_all_the_way() {
        let palette = Palette::DARK;
        for map in LevelMap::ALL {
            let table = map.table(palette.panel, palette.mix);
            for pair in table.windows(8).step_by(8) {
                assert!(pair[7].lightness() > pair[0].lightness(), "{map:?}");
            }
        }
    }

    #[test]
    fn on_paper_a_sides_map_gets_darker_all_the_way() {
        for palette in [Palette::LIGHT, Palette::of(true, true)] {
            for hue in [palette.mix, palette.reference] {
                let table = LevelMap::Sides.table(palette.panel, hue);
                for pair in table.windows(8).step_by(8) {
                    assert!(pair[7].lightness() < pair[0].lightness());
                }
            }
        }
    }

    #[test]
    fn the_difference_map_is_neutral_in_the_middle_and_wears_the_sides_colours_at_its_ends() {
        let palette = Palette::DARK;
        let table = difference_table(&palette);
        assert_eq!(table[0], palette.reference);
        assert_eq!(table[TABLE_LEN - 1], palette.mix);
        let middle = table[TABLE_LEN / 2].0;
        for (channel, value) in middle.iter().enumerate() {
            assert!(value.abs_diff(palette.panel.0[channel]) <= 2);
        }
    }
}
