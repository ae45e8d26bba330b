//! Colours: near-black neutral ground, mix blue, reference orange, red for over, amber for frozen, nothing else.

/// Red, green, blue, alpha; sRGB, alpha not premultiplied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgba(pub [u8; 4]);

impl Rgba {
    /// Opaque colour from 0xRRGGBB.
    pub const fn rgb(hex: u32) -> Self {
        Self([(hex >> 16) as u8, (hex >> 8) as u8, hex as u8, 255])
    }

    /// The same colour at another opacity, 0 … 1.
    pub fn alpha(self, alpha: f32) -> Self {
        let [r, g, b, _] = self.0;
        Self([r, g, b, (alpha.clamp(0.0, 1.0) * 255.0).round() as u8])
    }

    /// A mixture: 0 is `self`, 1 is `other`. Opaque mixtures let thin lines cross without dark joints.
    pub fn mix(self, other: Self, amount: f32) -> Self {
        let blend =
            |a: u8, b: u8| (f32::from(a) + (f32::from(b) - f32::from(a)) * amount).round() as u8;
        let mut out = [0; 4];
        for (channel, value) in out.iter_mut().enumerate() {
            *value = blend(self.0[channel], other.0[channel]);
        }
        Self(out)
    }

    /// How light it looks, 0 … 1, of the encoded components.
    pub fn lightness(self) -> f32 {
        let [r, g, b, _] = self.to_f32();
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// Components 0 … 1 as the GPU takes them.
    pub fn to_f32(self) -> [f32; 4] {
        self.0.map(|c| f32::from(c) / 255.0)
    }
}

/// Which side of the comparison something belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// A, the mix: blue.
    Mix,
    /// B, the reference: orange.
    Reference,
}

impl Side {
    /// Both sides, mix first.
    pub const BOTH: [Self; 2] = [Self::Mix, Self::Reference];

    /// 0 for the mix, 1 for the reference.
    pub fn index(self) -> usize {
        self as usize
    }

    /// The word on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mix => "Mix",
            Self::Reference => "Reference",
        }
    }

    /// Which of the two it is, where there is no room for a word.
    pub fn letter(self) -> &'static str {
        match self {
            Self::Mix => "A",
            Self::Reference => "B",
        }
    }
}

/// Shades of the reference's colour.
const NUM_SHADES: usize = 16;
/// The ends of the shades.
const DEEP_ORANGE: Rgba = Rgba::rgb(0xA8401A);
const PALE_ORANGE: Rgba = Rgba::rgb(0xFFE0A6);

/// Every colour of the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Palette {
    /// Behind everything.
    pub background: Rgba,
    /// Behind a panel's data.
    pub panel: Rgba,
    /// Grid lines.
    pub grid: Rgba,
    /// Text that is read.
    pub text: Rgba,
    /// Text that is looked up: labels, units, ticks.
    pub text_dim: Rgba,
    /// Side A.
    pub mix: Rgba,
    /// Side B.
    pub reference: Rgba,
    /// Over, clipped, lost.
    pub over: Rgba,
    /// Frozen.
    pub frozen: Rgba,
}

impl Palette {
    /// The dark theme.
    pub const DARK: Self = Self {
        background: Rgba::rgb(0x0B0D10),
        panel: Rgba::rgb(0x11151A),
        grid: Rgba([255, 255, 255, 20]),
        text: Rgba([255, 255, 255, 224]),
        text_dim: Rgba([255, 255, 255, 153]),
        mix: Rgba::rgb(0x4AA8FF),
        reference: Rgba::rgb(0xFF9B3D),
        over: Rgba::rgb(0xFF5A5A),
        frozen: Rgba::rgb(0xFFC233),
    };

    /// The light theme: the same rules on paper.
    pub const LIGHT: Self = Self {
        background: Rgba::rgb(0xF4F5F7),
        panel: Rgba::rgb(0xFFFFFF),
        grid: Rgba([0, 0, 0, 24]),
        text: Rgba([0, 0, 0, 224]),
        text_dim: Rgba([0, 0, 0, 160]),
        mix: Rgba::rgb(0x0B6FD0),
        reference: Rgba::rgb(0xC45F00),
        over: Rgba::rgb(0xC81E1E),
        frozen: Rgba::rgb(0xB07A00),
    };

    /// The palette of a theme and a contrast.
    pub fn of(is_light: bool, has_high_contrast: bool) -> Self {
        let palette = if is_light { Self::LIGHT } else { Self::DARK };
        if !has_high_contrast {
            return palette;
        }
        let [ground, ink] = if is_light {
            [Rgba::rgb(0xFFFFFF), Rgba::rgb(0x000000)]
        } else {
            [Rgba::rgb(0x000000), Rgba::rgb(0xFFFFFF)]
        };
        Self {
            background: ground,
            panel: ground,
            grid: ink.alpha(0.28),
            text: ink,
            text_dim: ink.alpha(0.88),
            mix: palette.mix.mix(ink, 0.15),
            reference: palette.reference.mix(ink, 0.15),
            ..palette
        }
    }

    /// A shade of the reference's colour for each of the references, counted from 0: neighbours differ most.
    pub fn reference_shade(&self, number: usize) -> Rgba {
        // A walk of seven through sixteen steps from deep to pale meets each of them once.
        let step = (number * 7 + 8) % NUM_SHADES;
        let part = step as f32 / (NUM_SHADES - 1) as f32;
        if part < 0.5 {
            self.reference.mix(DEEP_ORANGE, 1.0 - 2.0 * part)
        } else {
            self.reference.mix(PALE_ORANGE, 2.0 * part - 1.0)
        }
    }

    /// Whether data is drawn on paper: what is strong is then dark.
    pub fn has_light_ground(&self) -> bool {
        self.panel.lightness() > 0.5
    }

    /// The colour of a side.
    pub fn side(&self, side: Side) -> Rgba {
        match side {
            Side::Mix => self.mix,
            Side::Reference => self.reference,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contrast of a colour laid over the ground (WCAG 2.2, relative luminance).
    fn contrast(color: Rgba, ground: Rgba) -> f32 {
        let [_, _, _, alpha] = color.to_f32();
        let seen = ground.mix(color, alpha).to_f32();
        let luminance = |[r, g, b, _]: [f32; 4]| {
            let linear = |c: f32| {
                if c <= 0.04045 {
                    c / 12.92
                } else {
                    ((c + 0.055) / 1.055).powf(2.4)
                }
            };
            0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
        };
        let (a, b) = (luminance(seen), luminance(ground.to_f32()));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_can_be_read_and_high_contrast_is_higher() {
        for light in [false, true] {
            let [normal, high] = [false, true].map(|high| Palette::of(light, high));
            for palette in [normal, high] {
                assert!(contrast(palette.text, palette.panel) > 7.0);
                assert!(contrast(palette.text_dim, palette.panel) > 4.5);
            }
            assert!(contrast(high.text_dim, high.panel) > 12.0);
            for color in [
                |p: &Palette| p.mix,
                |p: &Palette| p.reference,
                |p: &Palette| p.grid,
            ] {
                let [low, more] = [&normal, &high].map(|p| contrast(color(p), p.panel));
                assert!(more > low, "{low} {more}");
            }
        }
    }

    #[test]
    fn every_reference_has_a_shade_of_its_own_and_the_first_is_nearly_the_side_s() {
        for palette in [Palette::DARK, Palette::LIGHT] {
            let shades: Vec<_> = (0..NUM_SHADES)
                .map(|n| palette.reference_shade(n))
                .collect();
            for (n, shade) in shades.iter().enumerate() {
                assert!(!shades[..n].contains(shade), "{n}");
            }
            let [a, b] = [shades[0].0, palette.reference.0];
            assert!(a.iter().zip(b).all(|(a, b)| a.abs_diff(b) < 16));
        }
    }
}
