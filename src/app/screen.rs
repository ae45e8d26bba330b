//! The window's screen: surface, device, passes and chrome, and drawing one frame with them.

use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use egui_winit::accesskit_winit;
use winit::event_loop::{ActiveEventLoop, EventLoopProxy};
use winit::raw_window_handle::{HasDisplayHandle as _, RawDisplayHandle};
use winit::window::Window;

use crate::app::costs::own_secs;
use crate::app::message::{AssistiveEvent, Message};
use crate::app::overlay::{Overlay, Painted};
use crate::app::scopes::{ScopeTracks, TrackFeed};
use crate::app::upload::{UploadState, upload};
use crate::render::gpu::{BACKENDS, Gpu, instance};
use crate::render::renderer::{Renderer, begin_frame};
use crate::session::pairing::histories::Histories;
use crate::ui::help::Help;
use crate::view::build::Moment;
use crate::view::scene::Scene;

/// The connection of a window to assistive tools.
pub type AssistiveAdapter = accesskit_winit::Adapter;

/// Everything that draws into one window.
pub struct Screen {
    /// The window.
    pub window: Arc<Window>,
    /// The GPU.
    pub gpu: Gpu,
    surface: wgpu::Surface<'static>,
    config: wgpu::SurfaceConfiguration,
    /// Pixels a point.
    scale: f64,
    renderer: Renderer,
    overlay: Overlay,
    events: egui_winit::State,
    /// What came after the release of a button: each click has a picture of its own.
    later: Vec<egui::Event>,
    uploads: UploadState,
    scopes: ScopeTracks,
    /// Seconds on a core that went into handing pictures over to be shown, where the system tells them: without a GPU the
    /// driver copies each to the display.
    pub handed_secs: Option<f64>,
}

/// A frame that is on its way to the screen.
pub struct Shown {
    /// What the chrome made of it.
    pub painted: Painted,
    /// When it was handed to the GPU. To be shown takes longer: without a GPU it is drawn and copied meanwhile.
    pub submitted_at: Instant,
}

/// What there is to draw the next frame on.
pub enum Canvas {
    /// This.
    Ready(wgpu::SurfaceTexture),
    /// Nothing just now.
    Skipped,
    /// The surface or device is gone; a new screen is needed.
    Lost,
}

impl Screen {
    /// Opens GPU and surface for a window.
    pub fn open(event_loop: &ActiveEventLoop, window: Arc<Window>) -> anyhow::Result<Self> {
        let (gpu, surface) = open_gpu(event_loop, &window)?;
        let capabilities = surface.get_capabilities(&gpu.adapter);
        // Colours are encoded already: an sRGB surface would encode them twice.
        // Eight bits a channel, because pictures are read back from it.
        let format = [
            wgpu::TextureFormat::Bgra8Unorm,
            wgpu::TextureFormat::Rgba8Unorm,
        ]
        .into_iter()
        .find(|format| capabilities.formats.contains(format))
        .or(capabilities.formats.first().copied())
        .context(
            "the display has colours that the graphics adapter cannot draw in; set it to 24 bits a pixel",
        )?;
        let size = window.inner_size();
        let mut config = surface
            .get_default_config(&gpu.adapter, size.width.max(1), size.height.max(1))
            .context("the graphics adapter cannot draw into this window")?;
        config.format = format;
        config.present_mode = present_mode(&window, &capabilities);
        config.desired_maximum_frame_latency = 1;
        surface.configure(&gpu.device, &config);
        let renderer = Renderer::new(&gpu, format);
        let overlay = Overlay::new(&gpu, format, false);
        let scale = window.scale_factor();
        let events = egui_winit::State::new(
            overlay.ctx.clone(),
            egui::ViewportId::ROOT,
            &window,
            Some(scale as f32),
            window.theme(),
            Some(gpu.device.limits().max_texture_dimension_2d as usize),
        );
        Ok(Self {
            window,
            gpu,
            surface,
            config,
            scale,
            renderer,
            overlay,
            events,
            later: vec![],
            uploads: UploadState::default(),
            scopes: ScopeTracks::default(),
            handed_secs: None,
        })
    }

    /// Hands an event to the chrome; true if it was meant for it alone.
    pub fn on_event(&mut self, event: &winit::event::WindowEvent) -> bool {
        if let winit::event::WindowEvent::ScaleFactorChanged { scale_factor, .. } = event {
            self.scale = *scale_factor;
        }
        self.events.on_window_event(&self.window, event).consumed
    }

    /// Lets assistive tools read the window; before it is seen for the first time.
    pub(super) fn tell_assistive(
        &mut self,
        event_loop: &ActiveEventLoop,
        proxy: EventLoopProxy<Message>,
    ) {
        self.events.init_accesskit(event_loop, &self.window, proxy);
    }

    /// The connection to assistive tools, which belongs to the window and outlives its screen.
    pub fn take_assistive(&mut self) -> Option<AssistiveAdapter> {
        self.events.accesskit.take()
    }

    /// Goes on with the connection of the window's screen before.
    pub fn give_assistive(&mut self, adapter: Option<AssistiveAdapter>) {
        self.events.accesskit = adapter;
        self.overlay.ctx.enable_accesskit();
    }

    /// What an assistive tool wants: the first look, a press, or nothing any more.
    pub fn on_assistive(&mut self, event: AssistiveEvent) {
        match event.window_event {
            accesskit_winit::WindowEvent::InitialTreeRequested => {
                self.overlay.ctx.enable_accesskit();
            }
            accesskit_winit::WindowEvent::ActionRequested(request) => {
                self.events.on_accesskit_action_request(request);
            }
            accesskit_winit::WindowEvent::AccessibilityDeactivated => {
                self.overlay.ctx.disable_accesskit();
            }
        }
    }

    /// The chrome's context: who has the keyboard.
    pub fn chrome(&self) -> &egui::Context {
        &self.overlay.ctx
    }

    /// The window, to ask and tell while other things change.
    pub fn window(&self) -> Arc<Window> {
        Arc::clone(&self.window)
    }

    /// Size in pixels.
    pub fn size(&self) -> [u32; 2] {
        [self.config.width, self.config.height]
    }

    /// Pixels a point, as the window was told last. What winit answers when it is asked lags behind on X11 until a
    /// window manager has moved the window.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// Follows the window's size.
    pub fn resize(&mut self, width: u32, height: u32) {
        if width > 0 && height > 0 && self.size() != [width, height] {
            self.config.width = width;
            self.config.height = height;
            self.surface.configure(&self.gpu.device, &self.config);
        }
    }

    /// Waits until there is something to draw on: as long as a frame before is not finished, or not shown. What a frame
    /// shows is looked up afterwards, so that it is not old by then.
    pub fn canvas(&mut self) -> Canvas {
        use wgpu::CurrentSurfaceTexture as Current;
        if self.gpu.is_lost() {
            return Canvas::Lost;
        }
        match self.surface.get_current_texture() {
            Current::Success(frame) | Current::Suboptimal(frame) => Canvas::Ready(frame),
            Current::Outdated => {
                self.surface.configure(&self.gpu.device, &self.config);
                Canvas::Skipped
            }
            Current::Timeout | Current::Occluded => Canvas::Skipped,
            Current::Lost | Current::Validation => Canvas::Lost,
        }
    }

    /// Draws one frame; none if the device was lost meanwhile.
    pub fn draw(
        &mut self,
        frame: wgpu::SurfaceTexture,
        histories: &Histories<'_>,
        moment: Moment<'_>,
        scene: &Scene,
        help: Help,
    ) -> Option<Box<Shown>> {
        let view = frame
            .texture
            .create_view(&wgpu::TextureViewDescriptor::default());
        // Points are pixels: sizes of type are worked out by the layout.
        let scale = self.scale as f32;
        self.overlay.ctx.set_zoom_factor(1.0 / scale);
        let mut input = self.events.take_egui_input(&self.window);
        self.later.append(&mut input.events);
        input.events = up_to_release(&mut self.later);
        if !self.later.is_empty() {
            self.window.request_redraw();
        }
        self.scopes.fit(scene);
        let feeds = self.scopes.advance(moment);
        let guard = self.gpu.loss_guard();
        let painted = guard.run(|| self.draw_into(&view, histories, scene, feeds, input, help))?;
        let submitted_at = Instant::now();
        self.window.pre_present_notify();
        let before_secs = own_secs();
        self.gpu.queue.present(frame);
        if let (Some(before), Some(after)) = (before_secs, own_secs()) {
            *self.handed_secs.get_or_insert_default() += after - before;
        }
        Some(Box::new(Shown {
            painted,
            submitted_at,
        }))
    }

    /// Applies what the chrome asks of the window: cursor, clipboard.
    pub fn finish(&mut self, painted: &Painted) {
        self.overlay.finish(painted);
        self.events
            .handle_platform_output(&self.window, painted.platform.clone());
    }

    fn draw_into(
        &mut self,
        view: &wgpu::TextureView,
        histories: &Histories<'_>,
        scene: &Scene,
        feeds: [TrackFeed; 2],
        input: egui::RawInput,
        help: Help,
    ) -> Painted {
        let gpu = &self.gpu;
        upload(
            &mut self.uploads,
            gpu,
            &mut self.renderer.histories,
            histories,
            scene,
        );
        let mut encoder = gpu
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor {
                label: Some("Screen::frame"),
            });
        self.renderer.prepare(
            gpu,
            &mut encoder,
            scene,
            feeds.each_ref().map(TrackFeed::feed),
        );
        let painted = self.overlay.prepare(gpu, input, scene, |ctx| {
            help.show(ctx, scene);
        });
        {
            let mut pass = begin_frame(&mut encoder, view, scene).forget_lifetime();
            self.renderer.draw(&mut pass);
            self.overlay.draw(&mut pass);
        }
        gpu.queue.submit([encoder.finish()]);
        painted
    }
}

/// Takes what came up to the first release of a button. A press and its release between two pictures are one click where
/// the mouse was then: looked at together with what followed, it would be one where the mouse went, or one on what only
/// the first click opens.
fn up_to_release(events: &mut Vec<egui::Event>) -> Vec<egui::Event> {
    let is_release =
        |event: &egui::Event| matches!(event, egui::Event::PointerButton { pressed: false, .. });
    let end = events.iter().position(is_release);
    let later = events.split_off(end.map_or(events.len(), |at| at + 1));
    std::mem::replace(events, later)
}

/// How pictures take turns: without tearing, and so that nobody waits for a compositor that shows none.
///
/// Under Wayland a picture in a queue is taken from it when the window is seen, and who hands over the next stands until then:
/// for good, where it is on a workspace that nobody looks at. There a newer picture takes the place of the one that waits,
/// and the compositor's own calls for pictures keep the pace.
fn present_mode(window: &Window, capabilities: &wgpu::SurfaceCapabilities) -> wgpu::PresentMode {
    let display = window.display_handle().map(|display| display.as_raw());
    let is_wayland = matches!(display, Ok(RawDisplayHandle::Wayland(_)));
    let replaces = wgpu::PresentMode::Mailbox;
    if is_wayland && capabilities.present_modes.contains(&replaces) {
        replaces
    } else {
        wgpu::PresentMode::AutoVsync
    }
}

/// Opens the first backend that can present to the window.
fn open_gpu(
    event_loop: &ActiveEventLoop,
    window: &Arc<Window>,
) -> anyhow::Result<(Gpu, wgpu::Surface<'static>)> {
    let mut failure = None;
    for backends in BACKENDS {
        let display = event_loop.owned_display_handle();
        let instance = instance(backends, Some(Box::new(display)));
        let opened = instance
            .create_surface(Arc::clone(window))
            .map_err(anyhow::Error::from)
            .and_then(|surface| Ok((Gpu::open(&instance, Some(&surface))?, surface)));
        match opened {
            Ok(opened) => return Ok(opened),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    Err(failure.context("no graphics backend is built in")?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{Event, Modifiers, PointerButton, pos2};

    #[test]
    fn two_clicks_between_two_pictures_are_seen_one_after_the_other_where_they_were() {
        let button = |x: f32, pressed| Event::PointerButton {
            pos: pos2(x, 5.0),
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        let moved = |x: f32| Event::PointerMoved(pos2(x, 5.0));
        let first = [moved(10.0), button(10.0, true), button(10.0, false)];
        let second = [moved(90.0), button(90.0, true), button(90.0, false)];
        let mut events = [&first[..], &second, &[moved(200.0)]].concat();
        assert_eq!(up_to_release(&mut events), first);
        assert_eq!(up_to_release(&mut events), second);
        assert_eq!(up_to_release(&mut events), [moved(200.0)]);
        assert!(events.is_empty());
        // What is held down is seen at once.
        let mut events = first[..2].to_vec();
        assert_eq!(up_to_release(&mut events).len(), 2);
    }
}
