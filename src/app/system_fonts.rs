//! Fonts of the computer for what the family of type has no glyphs of: songs and files are named in every script there
//! is. They are looked for once a name needs them, and read only then.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use fontdb::{Database, FaceInfo, Source, Style, Weight};
use skrifa::{FontRef, MetadataProvider as _};

use crate::ui::fonts::SystemFont;

/// More fonts than this for one name are not worth their memory.
const MOST_FONTS: usize = 6;

/// The computer's fonts that together have most of some characters, the one that has most first. Takes up to a second:
/// not for the window's thread.
pub fn covering(wanted: &BTreeSet<char>) -> Vec<SystemFont> {
    let mut fonts = Database::new();
    fonts.load_system_fonts();
    chosen(&fonts, wanted)
}

fn chosen(fonts: &Database, wanted: &BTreeSet<char>) -> Vec<SystemFont> {
    let mut faces: Vec<&FaceInfo> = fonts.faces().collect();
    faces.sort_by_cached_key(|face| unlikeness(face));
    let covered = faces.into_iter().map(|face| {
        let glyphs = fonts.with_face_data(face.id, |data, index| has_of(data, index, wanted));
        (face, glyphs.unwrap_or_default())
    });
    let mut covered: Vec<(&FaceInfo, BTreeSet<char>)> =
        covered.filter(|(_, glyphs)| !glyphs.is_empty()).collect();
    let mut left = wanted.clone();
    let mut chosen = vec![];
    while chosen.len() < MOST_FONTS {
        // The first of those that have most: the one that looks most alike.
        let best = covered.iter().rev().max_by_key(|(_, glyphs)| glyphs.len());
        let Some((face, glyphs)) = best.filter(|(_, glyphs)| !glyphs.is_empty()) else {
            break;
        };
        let data = fonts.with_face_data(face.id, |data, _| shared(face, data));
        chosen.extend(data.map(|data| SystemFont {
            data,
            index: face.index,
        }));
        left = &left - &glyphs.clone();
        for (_, glyphs) in &mut covered {
            glyphs.retain(|glyph| left.contains(glyph));
        }
    }
    chosen
}

/// A font's file in memory, once for the window and all pictures.
fn shared(face: &FaceInfo, data: &[u8]) -> Arc<Vec<u8>> {
    static FILES: Mutex<BTreeMap<PathBuf, Arc<Vec<u8>>>> = Mutex::new(BTreeMap::new());
    let (Source::File(path) | Source::SharedFile(path, _)) = &face.source else {
        return Arc::new(data.to_vec());
    };
    let mut files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    let file = files
        .entry(path.clone())
        .or_insert_with(|| Arc::new(data.to_vec()));
    Arc::clone(file)
}

/// How little a face is like the family of type: upright, regular and without serifs are what it is.
fn unlikeness(face: &FaceInfo) -> (bool, u16, bool, String) {
    let name = face.families.first().map_or("", |(name, _)| name.as_str());
    let weight = face.weight.0.abs_diff(Weight::NORMAL.0);
    let is_other = !name.contains("Sans") || name.contains("Mono");
    (
        face.style != Style::Normal,
        weight,
        is_other,
        name.to_owned(),
    )
}

/// Which of some characters a face has an outline of; pictures in colour cannot be drawn.
fn has_of(data: &[u8], index: u32, wanted: &BTreeSet<char>) -> BTreeSet<char> {
    let Ok(font) = FontRef::from_index(data, index) else {
        return BTreeSet::new();
    };
    let (glyphs, outlines) = (font.charmap(), font.outline_glyphs());
    let has = |c: &&char| {
        let glyph = glyphs.map(**c);
        glyph.is_some_and(|glyph| outlines.get(glyph).is_some())
    };
    wanted.iter().filter(has).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_font_is_chosen_for_what_it_has_and_none_for_what_nobody_has() {
        let mut fonts = Database::new();
        for file in ["Inter-Medium-Tabular.otf", "Inter-Regular-Tabular.otf"] {
            let path = std::path::Path::new("assets/fonts").join(file);
            fonts.load_font_data(std::fs::read(path).expect("it is there"));
        }
        let of = |text: &str| chosen(&fonts, &text.chars().collect());
        let found = of("aß\u{10FFFD}");
        assert_eq!(found.len(), 1, "one has both, and nobody has the last");
        let regular = std::fs::read("assets/fonts/Inter-Regular-Tabular.otf").expect("it is there");
        assert!(*found[0].data == regular, "the one of regular weight");
        assert!(of("\u{10FFFD}").is_empty());
        assert!(of("").is_empty());
    }
}
