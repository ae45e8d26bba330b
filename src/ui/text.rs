//! Writing text at a place: aligned, in a weight and colour, cut to a width so that nothing overlaps.

use egui::{Align2, Color32, Pos2};

use crate::ui::fonts::{Weight, font};
use crate::units::plain::plain;
use crate::view::palette::{Palette, Rgba};
use crate::view::readout::shortened;

/// Writes text onto the background layer.
pub struct Pen<'a> {
    /// egui's painter.
    pub painter: &'a egui::Painter,
    /// Colours.
    pub palette: &'a Palette,
}

impl Pen<'_> {
    /// Writes a line with an anchor at a point; returns its right edge.
    pub fn put(
        &self,
        text: &str,
        at: [f32; 2],
        anchor: Align2,
        style: (Weight, f32),
        color: Rgba,
    ) -> f32 {
        let (weight, size) = style;
        let text = plain(text);
        // Whole pixels: text on a fraction blurs, and differently in each row.
        let at = Pos2::new(at[0].round(), at[1].round());
        self.painter
            .text(at, anchor, text, font(weight, size), color32(color))
            .right()
    }

    /// Width of a line in pixels.
    pub fn width(&self, text: &str, style: (Weight, f32)) -> f32 {
        let (weight, size) = style;
        self.painter
            .layout_no_wrap(plain(text).into_owned(), font(weight, size), Color32::WHITE)
            .size()
            .x
    }

    /// The text up to the last whole word that fits: for sentences, whose beginning says most.
    pub fn begun(&self, text: &str, style: (Weight, f32), max_px: f32) -> String {
        if self.width(text, style) <= max_px {
            return text.to_owned();
        }
        let ends = text.char_indices().filter(|(_, c)| c.is_whitespace());
        let mut beginnings = ends.map(|(end, _)| {
            let words = text[..end].trim_end_matches(|c: char| !c.is_alphanumeric());
            format!("{words} …")
        });
        let fits = |words: &String| words.len() > 4 && self.width(words, style) <= max_px;
        // Of a sentence of which not even the beginning fits, letters out of it say nothing; of a name they do.
        match (beginnings.rfind(fits), text.contains(char::is_whitespace)) {
            (Some(longest), _) => longest,
            (None, true) => String::new(),
            (None, false) => self.fitted(text, style, max_px),
        }
    }

    /// The text in lines of whole words that fit, at most so many: the last one ends where the words do not.
    pub fn lines(&self, text: &str, style: (Weight, f32), max_px: f32, most: usize) -> Vec<String> {
        let mut lines: Vec<String> = vec![];
        let mut rest = text.trim();
        while !rest.is_empty() {
            if lines.len() + 1 >= most {
                lines.push(self.begun(rest, style, max_px));
                break;
            }
            let ends = rest.char_indices().filter(|(_, c)| c.is_whitespace());
            let fits = |end: &usize| self.width(&rest[..*end], style) <= max_px;
            let mut ends = ends.map(|(end, _)| end).chain([rest.len()]);
            let end = ends.rfind(fits);
            let Some(end) = end else {
                lines.push(self.fitted(rest, style, max_px));
                break;
            };
            lines.push(rest[..end].to_owned());
            rest = rest[end..].trim_start();
        }
        lines
    }

    /// The text, shortened in its middle until it is no wider than `max_px`.
    pub fn fitted(&self, text: &str, style: (Weight, f32), max_px: f32) -> String {
        let width = self.width(text, style);
        if width <= max_px {
            return text.to_owned();
        }
        let mut chars = (text.chars().count() as f32 * max_px / width.max(1.0)) as usize;
        while chars > 4 {
            let cut = shortened(text, chars);
            if self.width(&cut, style) <= max_px {
                return cut;
            }
            chars -= 1;
        }
        String::new()
    }
}

/// A colour as egui takes it.
pub fn color32(color: Rgba) -> Color32 {
    let [r, g, b, a] = color.0;
    Color32::from_rgba_unmultiplied(r, g, b, a)
}
