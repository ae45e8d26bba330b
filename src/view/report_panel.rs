//! One panel alone on a picture of its own, for pages that put words around it.

use crate::session::settings::arrangement::Panel;
use crate::view::layout::{CompareMode, Layout, Pane, PaneContent, TypeSizes};
use crate::view::palette::Side;
use crate::view::rect::Rect;

/// What a picture of a report shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportPanel {
    /// Mix above reference.
    SideBySide,
    /// Mix minus reference.
    Difference,
    /// Spectrum curves.
    Spectrum,
    /// Loudness histories.
    Loudness,
}

impl ReportPanel {
    /// The mode in which its scene is put together.
    pub fn mode(self) -> CompareMode {
        match self {
            Self::Difference => CompareMode::Difference,
            _ => CompareMode::SideBySide,
        }
    }

    /// Width and height in pixels: half of it is read well on a page, and an eighth of a page wide on a phone.
    pub fn size(self) -> [u32; 2] {
        match self {
            Self::SideBySide => [1400, 1000],
            Self::Difference => [1400, 620],
            Self::Spectrum => [1400, 560],
            Self::Loudness => [1400, 440],
        }
    }

    /// Its layout: the panel and its ticks, nothing else.
    pub fn layout(self) -> Layout {
        let size = self.size();
        let [w, h] = size.map(|side| side as f32);
        let text = TypeSizes {
            label: 25.0,
            title: 28.0,
            table: 30.0,
            key: 40.0,
        };
        let axis = text.label * 1.7;
        let margin = text.label * 0.6;
        let plot = Rect::snapped(
            text.label * 2.6,
            margin,
            w - text.label * 2.7,
            h - axis - margin * 0.2,
        );
        let mut layout = Layout {
            text,
            top_bar: Rect::default(),
            status_bar: Rect::default(),
            ..Layout::compare(size, 1.0, self.mode())
        };
        layout.clear();
        match self {
            Self::SideBySide => {
                let half = (plot.h - axis) / 2.0;
                let pane = |side: Side| {
                    let top = plot.y + side.index() as f32 * (half + axis);
                    Pane {
                        plot: Rect::snapped(plot.x, top, plot.right(), top + half),
                        content: PaneContent::Level(side),
                    }
                };
                layout.panes = Side::BOTH.map(pane).into();
                let [upper, lower] = [layout.panes[0].plot, layout.panes[1].plot];
                let between = Rect::snapped(plot.x, upper.bottom(), plot.right(), lower.y);
                layout.time_axis = Some(between);
            }
            Self::Difference => {
                layout.panes = vec![Pane {
                    plot,
                    content: PaneContent::Difference,
                }];
                let below = Rect::snapped(plot.x, plot.bottom(), plot.right(), h);
                layout.time_axis = Some(below);
            }
            Self::Spectrum => layout.put(Panel::Spectrum, plot),
            Self::Loudness => {
                layout.put(Panel::Loudness, plot);
                let below = Rect::snapped(plot.x, plot.bottom(), plot.right(), h);
                layout.time_axis = Some(below);
            }
        }
        layout
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panels_stay_on_their_picture_and_do_not_overlap() {
        for panel in [
            ReportPanel::SideBySide,
            ReportPanel::Difference,
            ReportPanel::Spectrum,
            ReportPanel::Loudness,
        ] {
            let [w, h] = panel.size().map(|side| side as f32);
            let rects: Vec<_> = panel
                .layout()
                .all_rects()
                .into_iter()
                .filter(|(_, rect)| rect.w > 0.0)
                .collect();
            assert!(!rects.is_empty(), "{panel:?}");
            for (i, (name, rect)) in rects.iter().enumerate() {
                assert!(
                    rect.right() <= w && rect.bottom() <= h,
                    "{panel:?}: {name} leaves"
                );
                for (other, beside) in &rects[i + 1..] {
                    assert!(!rect.overlaps(*beside), "{panel:?}: {name} over {other}");
                }
            }
        }
    }
}
