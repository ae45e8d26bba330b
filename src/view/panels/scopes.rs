//! The vectorscopes: beside each other, or over each other where the second place then shows correlation per band.

use crate::view::looks::CompareMode;
use crate::view::palette::Side;
use crate::view::rect::Rect;
use crate::view::scene::Scene;

impl Scene {
    /// Whether both vectorscopes lie over each other, so that the other place is free for correlation per band.
    fn has_one_scope(&self) -> bool {
        matches!(
            self.looks.mode,
            CompareMode::Overlay | CompareMode::Difference
        ) && self.layout.scopes.iter().all(Option::is_some)
    }

    /// Where a side's vectorscope is drawn: beside the other, or over it.
    pub fn scope_rect(&self, side: Side) -> Option<Rect> {
        if self.has_one_scope() {
            self.layout.scopes[0]
        } else {
            self.layout.scopes[side.index()]
        }
    }

    /// The places that hold a vectorscope, each once.
    pub fn scope_rects(&self) -> impl Iterator<Item = Rect> + use<> {
        let count = if self.has_one_scope() { 1 } else { 2 };
        self.layout.scopes.into_iter().take(count).flatten()
    }

    /// Where correlation per band stands, in the modes with one vectorscope for both sides.
    pub fn correlation_rect(&self) -> Option<Rect> {
        self.layout.scopes[1].filter(|_| self.has_one_scope())
    }
}
