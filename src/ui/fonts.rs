//! The one family of type: Inter with its tabular figures made the default, so that numbers change without moving.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

/// Weights of the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Text.
    Regular,
    /// Names and numerals.
    Medium,
}

/// Name, for which weight, and file: in the order of [`Weight`].
const FILES: [(Weight, &str, &[u8]); 2] = [
    (
        Weight::Regular,
        "regular",
        include_bytes!("../../assets/fonts/Inter-Regular-Tabular.otf"),
    ),
    (
        Weight::Medium,
        "medium",
        include_bytes!("../../assets/fonts/Inter-Medium-Tabular.otf"),
    ),
];

/// A size and a weight as egui takes them.
pub fn font(weight: Weight, size_px: f32) -> egui::FontId {
    // Text is written some hundred times a picture: its family's name is made once.
    static FAMILIES: LazyLock<[egui::FontFamily; 2]> =
        LazyLock::new(|| FILES.map(|(_, name, _)| egui::FontFamily::Name(name.into())));
    let family = match weight {
        Weight::Regular => &FAMILIES[0],
        Weight::Medium => &FAMILIES[1],
    };
    egui::FontId::new(size_px, family.clone())
}

/// A font of the computer, for characters that the family has not.
#[derive(Clone)]
pub struct SystemFont {
    /// The content of its file, which all that draw share.
    pub data: Arc<Vec<u8>>,
    /// Which face of the file.
    pub index: u32,
}

/// What a run wants to write and no font has, of the characters that were not seen before.
pub fn newly_missing(
    ctx: &egui::Context,
    shapes: &[egui::epaint::ClippedShape],
    seen: &mut HashSet<char>,
) -> Vec<char> {
    let mut new = vec![];
    for clipped in shapes {
        add_unseen(&clipped.shape, seen, &mut new);
    }
    if !new.is_empty() {
        let id = font(Weight::Regular, 12.0);
        ctx.fonts_mut(|fonts| new.retain(|c| !fonts.has_glyph(&id, *c)));
    }
    new
}

fn add_unseen(shape: &egui::Shape, seen: &mut HashSet<char>, new: &mut Vec<char>) {
    match shape {
        egui::Shape::Vec(shapes) => {
            for shape in shapes {
                add_unseen(shape, seen, new);
            }
        }
        // Most text is plain: then there is nothing to look up.
        egui::Shape::Text(text) if !text.galley.text().is_ascii() => {
            let written = text.galley.text().chars();
            new.extend(written.filter(|c| !c.is_ascii() && seen.insert(*c)));
        }
        _ => {}
    }
}

/// Gives the fonts to an egui context, those of the computer last; without this its text would be boxes.
pub fn install(ctx: &egui::Context, of_system: Vec<SystemFont>) {
    let mut fonts = egui::FontDefinitions::empty();
    for (_, name, bytes) in FILES {
        fonts.font_data.insert(
            name.to_owned(),
            Arc::new(egui::FontData::from_static(bytes)),
        );
        fonts
            .families
            .insert(egui::FontFamily::Name(name.into()), vec![name.to_owned()]);
    }
    for family in [egui::FontFamily::Proportional, egui::FontFamily::Monospace] {
        fonts.families.insert(family, vec!["regular".to_owned()]);
    }
    for (n, font) in of_system.into_iter().enumerate() {
        let name = format!("system {n}");
        let data = egui::FontData::from_blob(font.data, font.index);
        fonts.font_data.insert(name.clone(), Arc::new(data));
        for family in fonts.families.values_mut() {
            family.push(name.clone());
        }
    }
    ctx.set_fonts(fonts);
}
