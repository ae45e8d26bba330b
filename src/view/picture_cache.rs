//! What pictures that follow each other have in common, so that it is worked out once per change and not per picture.

use std::cell::RefCell;
use std::sync::Arc;

use crate::analysis::band_range::BandRange;
use crate::session::Session;
use crate::session::action::Drawer;
use crate::session::settings::Settings;
use crate::session::sides::columns::Region;
use crate::view::curves::CurveCache;
use crate::view::drawer::DrawerScene;
use crate::view::ranges::RangeCache;
use crate::view::settings::SettingsScene;

/// What the last picture was made of. Everything in it is found by what it was made from, so it needs no care.
#[derive(Clone, Debug, Default)]
pub struct PictureCache {
    /// Curves, smoothed.
    pub curves: CurveCache,
    /// Ranges of histories.
    pub ranges: RangeCache,
    settings: RefCell<Option<(Settings, SettingsScene)>>,
    section: RefCell<Option<(SectionKey, Arc<BandRange>)>>,
}

/// Which section of which reference: its choice, its revision and the section.
type SectionKey = (u64, u64, Region);

impl PictureCache {
    /// What a drawer shows of a session.
    pub fn drawer(&self, drawer: Drawer, session: &Session) -> DrawerScene {
        match drawer {
            Drawer::Settings => DrawerScene::Settings(self.settings(&session.settings)),
            _ => DrawerScene::of(drawer, session),
        }
    }

    /// The range of a section, measured when it becomes another one.
    pub fn range_of_section(
        &self,
        key: SectionKey,
        measure: impl FnOnce() -> BandRange,
    ) -> Arc<BandRange> {
        let mut last = self.section.borrow_mut();
        match &*last {
            Some((of, range)) if *of == key => Arc::clone(range),
            _ => {
                let range = Arc::new(measure());
                *last = Some((key, Arc::clone(&range)));
                range
            }
        }
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
