//! What pictures that follow each other have in common, so that it is worked out once per change and not per picture.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use crate::analysis::band_range::BandRange;
use crate::analysis::excitation::Excitation;
use crate::analysis::stereo_band_range::StereoBandRanges;
use crate::session::Session;
use crate::session::action::Drawer;
use crate::session::settings::Settings;
use crate::session::sides::region::Region;
use crate::view::curves::CurveCache;
use crate::view::drawer::DrawerScene;
use crate::view::palette::Side;
use crate::view::panels::punch_figure::PunchRanges;
use crate::view::settings::SettingsScene;

/// What the last picture was made of. Everything in it is found by what it was made from, so it needs no care.
#[derive(Clone, Debug, Default)]
pub struct PictureCache {
    /// Curves, smoothed.
    pub curves: CurveCache,
    settings: RefCell<Option<(Settings, SettingsScene)>>,
    sections: RefCell<Vec<(SectionKey, Arc<BandRange>)>>,
    bands: RefCell<Option<((u64, Region), StereoBandRanges)>>,
    punch: RefCell<Option<((u64, Region), PunchRanges)>>,
    excitations: RefCell<HashMap<ColumnKey, Excitation>>,
}

/// Which side, a number that changes with what it is, the tier, the column, and what is in it where that changes.
type ColumnKey = (Side, u64, usize, u64, u64);

/// More columns than this are not remembered: those of some pictures, a megabyte.
const MOST_EXCITATIONS: usize = 4_096;

/// What is remembered of a key, made anew when that is another one.
fn of_key<K: PartialEq, V: Clone>(
    last: &RefCell<Option<(K, V)>>,
    key: K,
    make: impl FnOnce() -> V,
) -> V {
    let mut last = last.borrow_mut();
    match &*last {
        Some((of, value)) if *of == key => value.clone(),
        _ => {
            let value = make();
            *last = Some((key, value.clone()));
            value
        }
    }
}

/// Which section of which reference: its choice, how many columns are known, and the section.
type SectionKey = (u64, usize, Region);

/// Ranges of more sections are not remembered: two songs have fewer.
const MOST_RANGES: usize = 64;

impl PictureCache {
    /// What a drawer shows of a session.
    pub fn drawer(&self, drawer: Drawer, session: &Session) -> DrawerScene {
        match drawer {
            Drawer::Settings => DrawerScene::Settings(self.settings(&session.settings)),
            _ => DrawerScene::of(drawer, session),
        }
    }

    /// The range of a section, measured once.
    pub fn range_of_section(
        &self,
        key: SectionKey,
        measure: impl FnOnce() -> BandRange,
    ) -> Arc<BandRange> {
        let mut known = self.sections.borrow_mut();
        if let Some((_, range)) = known.iter().find(|(of, _)| *of == key) {
            return Arc::clone(range);
        }
        if known.len() >= MOST_RANGES {
            known.clear();
        }
        let range = Arc::new(measure());
        known.push((key, Arc::clone(&range)));
        range
    }

    /// The ranges of the bands of a section of a side that changes with a number.
    pub fn bands_of_section(
        &self,
        generation: u64,
        section: Region,
        measure: impl FnOnce() -> StereoBandRanges,
    ) -> StereoBandRanges {
        of_key(&self.bands, (generation, section), measure)
    }

    /// The same of its punch.
    pub fn punch_of_section(
        &self,
        generation: u64,
        section: Region,
        measure: impl FnOnce() -> PunchRanges,
    ) -> PunchRanges {
        of_key(&self.punch, (generation, section), measure)
    }

    /// What auditory filters let through of a finished column.
    pub fn excitation(&self, key: ColumnKey, measure: impl FnOnce() -> Excitation) -> Excitation {
        let mut known = self.excitations.borrow_mut();
        if known.len() >= MOST_EXCITATIONS && !known.contains_key(&key) {
            known.clear();
        }
        known.entry(key).or_insert_with(measure).clone()
    }

    /// The rows of the settings.
    fn settings(&self, settings: &Settings) -> SettingsScene {
        let mut last = self.settings.borrow_mut();
        match &*last {
            Some((of, scene)) if of == settings => scene.clone(),
            _ => {
                let scene = SettingsScene::of(settings);
                *last = Some((settings.clone(), scene.clone()));
                scene
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_the_drawer_follow_every_change_of_the_settings() {
        let cache = PictureCache::default();
        let mut settings = Settings::default();
        let first = cache.settings(&settings);
        assert_eq!(first, SettingsScene::of(&settings));
        settings.span_secs = 33.0;
        let changed = cache.settings(&settings);
        assert_eq!(changed, SettingsScene::of(&settings));
        assert_ne!(changed, first);
        assert_eq!(cache.settings(&settings), changed);
    }
}
