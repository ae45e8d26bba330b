//! What the mouse does in the window.

use crate::app::pointer::{DRAG_PX, Press};
use crate::app::screen::Screen;
use crate::app::window::state::App;
use crate::view::cursor::{CursorScene, Pointer, cursor};
use crate::view::scene::Scene;
use std::time::{Duration, Instant};
use winit::event::{ElementState, MouseButton, MouseScrollDelta, WindowEvent};

/// A mouse that rests this long over a live picture no longer points.
const REST: Duration = Duration::from_secs(10);

/// Zoom of one notch of the wheel.
const NOTCH: f64 = 1.15;

impl App {
    /// The crosshair of a picture about to be drawn.
    pub(super) fn crosshair(&self, scene: &Scene) -> Option<CursorScene> {
        // A menu is about what was clicked, not about what the mouse passes over on its way.
        let pointer = self.view.pointer.filter(|_| self.view.context.is_none())?;
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
                (ElementState::Pressed, MouseButton::Right) if !consumed => {
                    self.on_press(true);
                    self.mouse.asks = self.mouse.at;
                }
                (ElementState::Released, MouseButton::Left) => self.on_release(),
                (ElementState::Released, MouseButton::Right) => {
                    let drags = self.mouse.press.take().is_some_and(|press| press.drags);
                    let asks = self.mouse.asks.take().zip(self.mouse.at);
                    // Tables and meters have no axes to drag along.
                    if asks.is_some_and(|(from, to)| distance(from, to) <= DRAG_PX) && !drags {
                        self.open_context();
                    }
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

    /// A right click that is no drag opens the menu about what it hit.
    fn open_context(&mut self) {
        let Some((at, picture)) = self.mouse.at.zip(self.mouse.picture.as_ref()) else {
            return;
        };
        self.view.context = picture.asked_about(at).map(|about| (about, Some(at)));
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
        let Some(target) = self.mouse.wheel_target() else {
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
