//! The one family of type: Inter with its tabular figures made the default, so that numbers change without moving.

use std::sync::Arc;

/// Weights of the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Text.
    Regular,
    /// Names and numerals.
    Medium,
}

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
    let name = FILES
        .iter()
        .find_map(|(w, name, _)| (*w == weight).then_some(*name))
        .expect("every weight has a file");
    egui::FontId::new(size_px, egui::FontFamily::Name(name.into()))
}

/// Gives the fonts to an egui context; without this its text would be boxes.
pub fn install(ctx: &egui::Context) {
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
    ctx.set_fonts(fonts);
}
