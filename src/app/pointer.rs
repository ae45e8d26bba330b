//! The mouse over the picture: the crosshair follows it, the wheel zooms about it, dragging pans or marks.

use std::time::Instant;

use crate::session::action::{Context, Mark};
use crate::session::settings::arrangement::Across;
use crate::view::axis::{FrequencyAxis, hz_from_fraction};
use crate::view::layout::Layout;
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// A pressed mouse that moves by more than this drags.
pub(super) const DRAG_PX: f32 = 4.0;
/// Width of the axes beside a pane, in letters of a label.
const AXIS_EM: f32 = 3.0;
/// A hand that goes straight across strays by so much.
const TREMOR_PX: f64 = 16.0;

/// What the mouse does just now.
pub(super) struct Mouse {
    pub(super) at: Option<[f32; 2]>,
    pub(super) moved_at: Instant,
    /// The picture it is over.
    pub(super) picture: Option<Picture>,
    pub(super) press: Option<Press>,
    /// Where the right button went down.
    pub(super) asks: Option<[f32; 2]>,
}

impl Default for Mouse {
    fn default() -> Self {
        Self {
            at: None,
            moved_at: Instant::now(),
            picture: None,
            press: None,
            asks: None,
        }
    }
}

/// What is needed of the picture last drawn to know what the mouse means.
pub(super) struct Picture {
    pub(super) layout: Layout,
    levels: Option<Rect>,
    pub(super) right_edge_secs: f64,
    pub(super) span_secs: f64,
}

impl Picture {
    /// What the small menu of a place is about.
    pub(super) fn asked_about(&self, [x, y]: [f32; 2]) -> Option<Context> {
        let is_levels = self.levels.is_some_and(|levels| levels.contains(x, y));
        let panel = self.layout.panel_at(x, y).map(Context::Panel);
        is_levels.then_some(Context::Levels).or(panel)
    }
}

/// A button held down, and the axes when it went down.
pub(super) struct Press {
    pub(super) at: [f32; 2],
    pub(super) target: Target,
    pub(super) edge_secs: f64,
    pub(super) span_secs: f64,
    pub(super) frequency: FrequencyAxis,
    pub(super) drags: bool,
    /// Marks a stretch instead of moving the picture.
    pub(super) marks: bool,
}

/// A plot under the mouse, and where its axes run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Target {
    /// Time runs from left to right: width in pixels, and how far across the mouse is.
    pub(super) time: Option<(f32, f64)>,
    /// Frequency runs upwards or to the right: length in pixels, and how far along the mouse is.
    pub(super) frequency: Option<(f32, f64)>,
    pub(super) frequency_is_upright: bool,
}

impl Target {
    fn under(layout: &Layout, [x, y]: [f32; 2]) -> Option<Self> {
        let mut panes = layout.panes.iter().map(|pane| pane.plot);
        if let Some(plot) = panes.find(|plot| plot.contains(x, y)) {
            return Some(Self {
                time: Some((plot.w, f64::from((x - plot.x) / plot.w))),
                frequency: Some((plot.h, f64::from((plot.bottom() - y) / plot.h))),
                frequency_is_upright: true,
            });
        }
        let under = |across| {
            let mut plots = layout.plots(across).map(|(_, plot)| plot);
            plots.find(|plot| plot.contains(x, y))
        };
        let along = |plot: Rect| (plot.w, f64::from((x - plot.x) / plot.w));
        let frequency = under(Across::Frequency).map(along);
        let time = under(Across::Time).map(along);
        (frequency.is_some() || time.is_some()).then_some(Self {
            time,
            frequency,
            frequency_is_upright: false,
        })
    }

    /// The axis of a pane under the mouse, beside or below its plot: what a wheel turns there.
    fn of_axis(layout: &Layout, [x, y]: [f32; 2]) -> Option<Self> {
        let beside = AXIS_EM * layout.text.label;
        layout.panes.iter().find_map(|pane| {
            let plot = pane.plot;
            let is_level = (plot.y..plot.bottom()).contains(&y);
            let is_along = (plot.x..plot.right()).contains(&x);
            let is_beside = (plot.x - beside..plot.right() + beside).contains(&x);
            let is_below = (plot.bottom()..plot.bottom() + 0.5 * beside).contains(&y);
            let frequency = (is_level && is_beside && !is_along)
                .then(|| (plot.h, f64::from((plot.bottom() - y) / plot.h)));
            let time = (is_along && is_below).then(|| (plot.w, f64::from((x - plot.x) / plot.w)));
            (frequency.is_some() || time.is_some()).then_some(Self {
                time,
                frequency,
                frequency_is_upright: true,
            })
        })
    }
}

impl Press {
    /// What a mouse that moved by so many pixels has passed over, in a picture whose right edge is at a time by now.
    pub(super) fn mark_to(&self, moved: [f64; 2], edge_secs: f64) -> Option<Mark> {
        let (width, across) = self.target.time?;
        let secs = |edge: f64, across: f64| edge - (1.0 - across.clamp(0.0, 1.0)) * self.span_secs;
        let start = secs(self.edge_secs, across);
        let end = secs(edge_secs, across + moved[0] / f64::from(width));
        let hz = self.target.frequency.map(|(height, up)| {
            let to = (up - moved[1] / f64::from(height)).clamp(0.0, 1.0);
            [up.min(to), up.max(to)].map(|fraction| hz_from_fraction(&self.frequency, fraction))
        });
        Mark {
            from_secs: start.min(end).max(0.0),
            to_secs: start.max(end),
            // A drag straight across means the time alone.
            hz: hz.filter(|_| means_band(moved)),
        }
        .at_edge(edge_secs)
    }
}

/// Whether a mouse that moved by so many pixels means frequencies too, not the time alone.
fn means_band([across, up]: [f64; 2]) -> bool {
    let up = up.abs();
    up > TREMOR_PX || (up > f64::from(DRAG_PX) && up > 0.5 * across.abs())
}

impl Mouse {
    /// Remembers the picture the mouse is over.
    pub(super) fn saw(&mut self, scene: &Scene) {
        self.picture = Some(Picture {
            layout: scene.layout.clone(),
            levels: scene.levels,
            right_edge_secs: scene.right_edge_secs,
            span_secs: scene.looks.span_secs,
        });
    }

    pub(super) fn target(&self) -> Option<Target> {
        Target::under(&self.picture.as_ref()?.layout, self.at?)
    }

    /// What a wheel turns: a plot, or one axis of it.
    pub(super) fn wheel_target(&self) -> Option<Target> {
        let layout = &self.picture.as_ref()?.layout;
        self.target().or_else(|| Target::of_axis(layout, self.at?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Session;
    use crate::session::settings::arrangement::Panel;
    use crate::view::build::{Moment, PictureRequest, scene};
    use crate::view::context_items::context_at;
    use crate::view::layout::CompareMode;
    use crate::view::looks::Looks;

    #[test]
    fn a_drag_marks_what_it_passed_over_whichever_way_it_went() {
        let press = Press {
            at: [500.0, 300.0],
            target: Target {
                time: Some((1000.0, 0.5)),
                frequency: Some((400.0, 0.25)),
                frequency_is_upright: true,
            },
            edge_secs: 60.0,
            span_secs: 20.0,
            frequency: FrequencyAxis::from_hz(100.0, 1600.0),
            drags: true,
            marks: true,
        };
        let mark = |moved| press.mark_to(moved, 60.0).expect("something is marked");
        for moved in [[100.0, -100.0], [-100.0, 100.0]] {
            let marked = mark(moved);
            let [low, high] = marked.hz.expect("frequencies are marked");
            assert!((marked.to_secs - marked.from_secs - 2.0).abs() < 1e-9);
            assert!((high / low - 2.0).abs() < 1e-9, "a quarter of four octaves");
        }
        assert_eq!([mark([100.0, 1.0]).hz, mark([300.0, 9.0]).hz], [None; 2]);
        assert!(mark([8.0, 9.0]).hz.is_some(), "a small band");
        assert_eq!(
            (mark([100.0, 1.0]).from_secs, mark([100.0, 1.0]).to_secs),
            (50.0, 52.0)
        );
        assert_eq!(press.mark_to([0.0, 50.0], 60.0), None);
    }

    #[test]
    fn every_panel_and_the_level_meters_have_a_small_menu() {
        let session = Session::default();
        let request = PictureRequest {
            size: [1920, 1080],
            ..PictureRequest::default()
        };
        let looks = Looks::default();
        let mut scene = scene(&session, Moment::now(&session), &looks, request);
        let mut mouse = Mouse::default();
        mouse.saw(&scene);
        let middle = |rect: Rect| [rect.x + rect.w / 2.0, rect.y + rect.h / 2.0];
        let about = |mouse: &Mouse, at| mouse.picture.as_ref().and_then(|p| p.asked_about(at));
        let levels = scene.levels.expect("there is room");
        assert_eq!(about(&mouse, middle(levels)), Some(Context::Levels));
        for panel in Panel::ALL {
            scene.layout = Layout::of([1920, 1080], 1.0, looks.mode, &looks.arrangement);
            scene.layout.clear();
            scene
                .layout
                .put(panel, Rect::snapped(100.0, 100.0, 900.0, 700.0));
            scene.levels = None;
            mouse.saw(&scene);
            let place = scene.layout.rects(panel).next().map(middle);
            let Some(at) = place else { continue };
            assert_eq!(about(&mouse, at), Some(Context::Panel(panel)));
            assert!(context_at(Context::Panel(panel), at, &scene).items.len() > 3);
        }
        assert!(context_at(Context::Levels, [0.0; 2], &scene).items.len() > 3);
    }

    #[test]
    fn each_plot_knows_its_axes() {
        let layout = Layout::compare([1280, 720], 1.0, CompareMode::SideBySide);
        let middle = |rect: Rect| [rect.x + rect.w / 2.0, rect.y + rect.h / 4.0];
        let pane = Target::under(&layout, middle(layout.panes[1].plot)).expect("a pane");
        assert!(pane.frequency_is_upright);
        let (_, up) = pane.frequency.expect("frequency runs upwards");
        assert!((up - 0.75).abs() < 0.01);
        let (_, across) = pane.time.expect("time runs across");
        assert!((across - 0.5).abs() < 0.01);
        let spectrum = layout.place(Panel::Spectrum).expect("it is there");
        let spectrum = Target::under(&layout, middle(spectrum)).expect("a plot");
        assert!(spectrum.time.is_none() && !spectrum.frequency_is_upright);
        let loudness = layout.place(Panel::Loudness).expect("it is there");
        let loudness = Target::under(&layout, middle(loudness)).expect("a plot");
        assert!(loudness.frequency.is_none());
        assert_eq!(Target::under(&layout, [1.0, 1.0]), None);
        // Beside and below a pane its axes are turned by the wheel, each alone.
        let plot = layout.panes[0].plot;
        let left = Target::of_axis(&layout, [plot.x - 10.0, plot.y + plot.h / 4.0]);
        let left = left.expect("an axis");
        assert!(left.time.is_none());
        assert!((left.frequency.expect("it runs upwards").1 - 0.75).abs() < 0.01);
        let below = Target::of_axis(&layout, [plot.x + plot.w / 2.0, plot.bottom() + 4.0]);
        let below = below.expect("an axis");
        assert!(below.frequency.is_none() && below.time.is_some());
        assert_eq!(Target::of_axis(&layout, [plot.x + 9.0, plot.y + 9.0]), None);
    }
}
