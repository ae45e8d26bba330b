//! The mouse over the picture: the crosshair follows it, the wheel zooms about it, dragging pans or marks.

use std::time::{Duration, Instant};

use winit::event::{ElementState, MouseButton, MouseScrollDelta, WindowEvent};

use crate::app::screen::Screen;
use crate::app::window::App;
use crate::session::action::Mark;
use crate::session::settings::arrangement::Across;
use crate::view::axis::{FrequencyAxis, hz_from_fraction};
use crate::view::cursor::{CursorScene, Pointer, cursor};
use crate::view::layout::Layout;
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// A mouse that rests this long over a live picture no longer points.
const REST: Duration = Duration::from_secs(10);
/// A pressed mouse that moves by more than this drags.
const DRAG_PX: f32 = 4.0;
/// Zoom of one notch of the wheel.
const NOTCH: f64 = 1.15;

/// What the mouse does just now.
pub(super) struct Mouse {
    at: Option<[f32; 2]>,
    moved_at: Instant,
    /// The picture it is over.
    picture: Option<Picture>,
    press: Option<Press>,
}

impl Default for Mouse {
    fn default() -> Self {
        Self {
            at: None,
            moved_at: Instant::now(),
            picture: None,
            press: None,
        }
    }
}

/// What is needed of the picture last drawn to know what the mouse means.
struct Picture {
    layout: Layout,
    right_edge_secs: f64,
    span_secs: f64,
}

/// A button held down, and the axes when it went down.
struct Press {
    at: [f32; 2],
    target: Target,
    edge_secs: f64,
    span_secs: f64,
    frequency: FrequencyAxis,
    drags: bool,
    /// Marks a stretch instead of moving the picture.
    marks: bool,
}

/// A plot under the mouse, and where its axes run.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Target {
    /// Time runs from left to right: width in pixels, and how far across the mouse is.
    time: Option<(f32, f64)>,
    /// Frequency runs upwards or to the right: length in pixels, and how far along the mouse is.
    frequency: Option<(f32, f64)>,
    frequency_is_upright: bool,
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
}

impl Press {
    /// What a mouse that moved by so many pixels has passed over, in a picture whose right edge is at a time by now.
    fn mark_to(&self, moved: [f64; 2], edge_secs: f64) -> Option<Mark> {
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
            hz: hz.filter(|_| moved[1].abs() > f64::from(DRAG_PX)),
        }
        .at_edge(edge_secs)
    }
}

impl Mouse {
    /// Remembers the picture the mouse is over.
    pub(super) fn saw(&mut self, scene: &Scene) {
        self.picture = Some(Picture {
            layout: scene.layout.clone(),
            right_edge_secs: scene.right_edge_secs,
            span_secs: scene.looks.span_secs,
        });
    }

    fn target(&self) -> Option<Target> {
        Target::under(&self.picture.as_ref()?.layout, self.at?)
    }
}

impl App {
    /// The crosshair of a picture about to be drawn.
    pub(super) fn crosshair(&self, scene: &Scene) -> Option<CursorScene> {
        let pointer = self.view.pointer?;
        if let Pointer::Pixel(_) = pointer {
            let rests = self.view.frozen.is_none() && self.mouse.moved_at.elapsed() > REST;
            let is_here = self
                .mouse
                .picture
                .as_ref()
                .is_none_or(|picture| picture.layout.size == scene.layout.size);
            let drags = self.mouse.press.as_ref().is_some_and(|press| press.drags);
            if rests || !is_here || drags {
                return None;
            }
        }
        cursor(&self.session, scene, pointer)
    }

    /// What the mouse does to the picture; `consumed` where it was meant for something over it.
    pub(super) fn on_mouse(&mut self, event: &WindowEvent, consumed: bool) {
        match event {
            WindowEvent::CursorMoved { position, .. } => {
                self.on_motion([position.x as f32, position.y as f32]);
            }
            WindowEvent::CursorLeft { .. } => {
                self.mouse.at = None;
                self.stop_pointing();
            }
            WindowEvent::MouseInput { state, button, .. } => match (state, button) {
                (ElementState::Pressed, MouseButton::Left) if !consumed => {
                    self.on_press(self.modifiers.shift_key());
                }
                (ElementState::Pressed, MouseButton::Right) if !consumed => self.on_press(true),
                (ElementState::Released, MouseButton::Left | MouseButton::Right) => {
                    self.on_release();
                }
                _ => {}
            },
            WindowEvent::MouseWheel { delta, .. } if !consumed => {
                let lines = match delta {
                    // With Shift held, some systems turn the wheel sideways.
                    MouseScrollDelta::LineDelta(x, y) => f64::from(if *y == 0.0 { *x } else { *y }),
                    MouseScrollDelta::PixelDelta(position) => position.y / 40.0,
                };
                self.on_wheel(NOTCH.powf(lines));
            }
            _ => {}
        }
    }

    fn stop_pointing(&mut self) {
        if let Some(Pointer::Pixel(_)) = self.view.pointer {
            self.view.pointer = None;
        }
    }

    fn on_motion(&mut self, at: [f32; 2]) {
        // Some systems report a motion when the window under a still mouse changes.
        if self.mouse.at == Some(at) {
            return;
        }
        self.mouse.at = Some(at);
        self.mouse.moved_at = Instant::now();
        if self.mouse.press.is_some() {
            self.drag(at);
        }
        let is_over_chrome = self
            .screen
            .as_ref()
            .map(Screen::chrome)
            .is_some_and(|chrome| chrome.egui_wants_pointer_input());
        if is_over_chrome && self.mouse.press.is_none() {
            self.stop_pointing();
        } else {
            self.view.pointer = Some(Pointer::Pixel(at));
        }
    }

    fn on_press(&mut self, marks: bool) {
        let (Some(at), Some(target)) = (self.mouse.at, self.mouse.target()) else {
            return;
        };
        let Some(picture) = &self.mouse.picture else {
            return;
        };
        self.mouse.press = Some(Press {
            at,
            target,
            edge_secs: picture.right_edge_secs,
            span_secs: picture.span_secs,
            frequency: self.view.frequency,
            drags: false,
            marks: marks && target.time.is_some(),
        });
    }

    fn on_release(&mut self) {
        // A click that is no drag ends what was marked before.
        if self.mouse.press.take().is_some_and(|press| !press.drags) {
            self.view.mark.set(None);
        }
    }

    /// Moves time and frequency with the mouse, as if the picture were held, or marks what it passes over.
    fn drag(&mut self, at: [f32; 2]) {
        let now_secs = self.advance_clock();
        let edge_now = self.mouse.picture.as_ref().map(|p| p.right_edge_secs);
        let Some(press) = &mut self.mouse.press else {
            return;
        };
        press.drags |= distance(press.at, at) > DRAG_PX;
        if !press.drags {
            return;
        }
        let moved = [at[0] - press.at[0], at[1] - press.at[1]].map(f64::from);
        if press.marks {
            let mark = press.mark_to(moved, edge_now.unwrap_or(press.edge_secs));
            self.view.mark.set(mark);
            return;
        }
        let target = press.target;
        if let Some((length, _)) = target.frequency {
            let axis = press.frequency;
            let along = if target.frequency_is_upright {
                -moved[1]
            } else {
                moved[0]
            };
            let bins = along / f64::from(length) * (axis.high_bin - axis.low_bin);
            self.view.frequency = axis.panned(-bins);
        }
        if let Some((width, _)) = target.time {
            let edge = press.edge_secs - moved[0] / f64::from(width) * press.span_secs;
            self.view.pan_time_to(edge, &self.session, now_secs);
            // Dragging a live picture froze it.
            self.hold_sound();
        }
    }

    /// Time about the mouse; with Ctrl or Shift, or where there is no time, frequency.
    fn on_wheel(&mut self, factor: f64) {
        let Some(target) = self.mouse.target() else {
            return;
        };
        let wants_frequency = self.modifiers.control_key() || self.modifiers.shift_key();
        match (target.time, target.frequency) {
            (Some((_, across)), frequency) if !wants_frequency || frequency.is_none() => {
                self.view.zoom_time_about(factor, across, &self.session);
            }
            (_, Some((_, along))) => self.view.zoom_frequency_about(factor, along),
            _ => {}
        }
    }
}

fn distance(a: [f32; 2], b: [f32; 2]) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::settings::arrangement::Panel;
    use crate::view::layout::CompareMode;

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
        assert_eq!(mark([100.0, 1.0]).hz, None);
        assert_eq!(
            (mark([100.0, 1.0]).from_secs, mark([100.0, 1.0]).to_secs),
            (50.0, 52.0)
        );
        assert_eq!(press.mark_to([0.0, 50.0], 60.0), None);
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
    }
}
