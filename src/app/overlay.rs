//! egui on wgpu: runs the chrome for a frame and paints it over the data, in a window and off-screen alike.

use crate::render::gpu::Gpu;
use crate::session::action::Action;
use crate::ui;
use crate::view::scene::Scene;

/// egui's context and its painter.
pub struct Overlay {
    /// The context, shared with the window's event handling.
    pub ctx: egui::Context,
    painter: egui_wgpu::Renderer,
}

/// What one run of the chrome left to paint and to do.
pub struct Painted {
    jobs: Vec<egui::ClippedPrimitive>,
    screen: egui_wgpu::ScreenDescriptor,
    free: Vec<egui::TextureId>,
    /// What was clicked.
    pub actions: Vec<Action>,
    /// Cursor, clipboard and the like, for the window.
    pub platform: egui::PlatformOutput,
    /// egui asks for another frame within this time.
    pub repaint_after: std::time::Duration,
}

impl Overlay {
    /// An overlay for a target format.
    pub fn new(gpu: &Gpu, format: wgpu::TextureFormat) -> Self {
        let ctx = egui::Context::default();
        ui::fonts::install(&ctx);
        let options = egui_wgpu::RendererOptions {
            // Two runs of one picture give the same bytes.
            dithering: false,
            ..Default::default()
        };
        Self {
            ctx,
            painter: egui_wgpu::Renderer::new(&gpu.device, format, options),
        }
    }

    /// Runs the chrome and uploads what it paints.
    pub fn prepare(
        &mut self,
        gpu: &Gpu,
        encoder: &mut wgpu::CommandEncoder,
        input: egui::RawInput,
        scene: &Scene,
        extra: impl FnMut(&egui::Context),
    ) -> Painted {
        let mut actions = vec![];
        let mut extra = extra;
        let mut output = self.ctx.run_pass(input, |ctx| {
            actions = ui::chrome::chrome(ctx, scene);
            extra(ctx);
        });
        for (id, deltas) in &output.textures_delta.set {
            for delta in deltas {
                self.painter
                    .update_texture(&gpu.device, &gpu.queue, *id, delta);
            }
        }
        let free = output.textures_delta.free.iter().copied().collect();
        output.textures_delta.clear();
        let jobs = self.ctx.tessellate(output.shapes, output.pixels_per_point);
        let screen = egui_wgpu::ScreenDescriptor {
            size_in_pixels: scene.layout.size.map(|s| s as u32),
            pixels_per_point: output.pixels_per_point,
        };
        let commands =
            self.painter
                .update_buffers(&gpu.device, &gpu.queue, encoder, &jobs, &screen);
        debug_assert!(commands.is_empty(), "no paint callbacks are used");
        let repaint_after = output
            .viewport_output
            .values()
            .map(|viewport| viewport.repaint_delay)
            .min()
            .unwrap_or(std::time::Duration::MAX);
        Painted {
            jobs,
            screen,
            free,
            actions,
            platform: output.platform_output,
            repaint_after,
        }
    }

    /// Paints into the frame's pass.
    pub fn draw(&self, pass: &mut wgpu::RenderPass<'static>, painted: &Painted) {
        self.painter.render(pass, &painted.jobs, &painted.screen);
    }

    /// Frees textures egui no longer needs, once the frame is submitted.
    pub fn finish(&mut self, painted: &Painted) {
        for id in &painted.free {
            self.painter.free_texture(id);
        }
    }
}

/// Input for a picture without a window: a screen of so many pixels, one point each. `native_scale` undoes the zoom
/// of a context that is shared with a window on a monitor of that scale.
pub fn still_input(size: [u32; 2], native_scale: f32) -> egui::RawInput {
    let mut input = egui::RawInput {
        screen_rect: Some(egui::Rect::from_min_size(
            egui::Pos2::ZERO,
            egui::vec2(size[0] as f32, size[1] as f32),
        )),
        ..Default::default()
    };
    input
        .viewports
        .entry(egui::ViewportId::ROOT)
        .or_default()
        .native_pixels_per_point = Some(native_scale);
    input
}
