//! The renderer: puts the passes of one frame in order, for a window's surface and for an off-screen picture alike.

use crate::mirror;
use crate::render::gpu::Gpu;
use crate::render::history::History;
use crate::render::panels;
use crate::render::pipeline::uniform_buffer;
use crate::render::scope::{ScopeFeed, ScopePass};
use crate::render::shapes::{ShapeList, ShapesPass};
use crate::render::spectrogram::SpectrogramPass;
use crate::view::scene::Scene;

mirror! {
    /// What every pass of a frame knows, see shaders/shared/frame.wgsl.
    pub struct FrameGlobals {
        /// Width and height of the target.
        pub size_px: [f32; 2],
        /// Mix time at the right edge.
        pub time_secs: f32,
        /// Rounds the struct up to 16 bytes.
        pub unused: f32,
    }
}

/// All passes and both histories.
pub struct Renderer {
    globals: wgpu::Buffer,
    /// Columns of mix and reference.
    pub histories: [History; 2],
    spectrogram: SpectrogramPass,
    scope: ScopePass,
    shapes: ShapesPass,
    list: ShapeList,
    ground_count: u32,
}

impl Renderer {
    /// Builds every pass for a target format; it should not be sRGB, colours here are already encoded.
    pub fn new(gpu: &Gpu, format: wgpu::TextureFormat) -> Self {
        let device = &gpu.device;
        let globals = uniform_buffer::<FrameGlobals>(device, "Frame::globals");
        Self {
            histories: [
                History::new(device, "History::mix"),
                History::new(device, "History::reference"),
            ],
            spectrogram: SpectrogramPass::new(device, format, &globals),
            scope: ScopePass::new(device, format, &globals),
            shapes: ShapesPass::new(device, format, &globals),
            list: ShapeList::default(),
            ground_count: 0,
            globals,
        }
    }

    /// Uploads and records what must be done before the frame's own pass.
    pub fn prepare(
        &mut self,
        gpu: &Gpu,
        encoder: &mut wgpu::CommandEncoder,
        scene: &Scene,
        scopes: [ScopeFeed<'_>; 2],
    ) {
        let globals = FrameGlobals {
            size_px: scene.layout.size,
            time_secs: scene.right_edge_secs as f32,
            unused: 0.0,
        };
        gpu.queue
            .write_buffer(&self.globals, 0, bytemuck::bytes_of(&globals));
        self.spectrogram
            .prepare(gpu, encoder, &self.histories, scene);
        self.scope.prepare(gpu, encoder, scene, scopes);
        self.list.clear();
        panels::ground(scene, &mut self.list);
        self.ground_count = self.list.len() as u32;
        panels::over(scene, &mut self.list);
        self.shapes.prepare(&gpu.device, &gpu.queue, &self.list);
    }

    /// Draws the prepared picture into a pass that was cleared to the background.
    pub fn draw(&self, pass: &mut wgpu::RenderPass<'_>) {
        self.shapes.draw_grounds(pass, 0..self.ground_count);
        self.spectrogram.draw(pass);
        self.scope.draw(pass);
        self.shapes.draw(pass, self.ground_count..u32::MAX);
    }
}

/// Begins the frame's pass on a view, cleared to the scene's background.
pub fn begin_frame<'a>(
    encoder: &'a mut wgpu::CommandEncoder,
    view: &wgpu::TextureView,
    scene: &Scene,
) -> wgpu::RenderPass<'a> {
    let [r, g, b, _] = scene.palette.background.to_f32().map(f64::from);
    encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
        label: Some("Frame::pass"),
        color_attachments: &[Some(wgpu::RenderPassColorAttachment {
            view,
            depth_slice: None,
            resolve_target: None,
            ops: wgpu::Operations {
                load: wgpu::LoadOp::Clear(wgpu::Color { r, g, b, a: 1.0 }),
                store: wgpu::StoreOp::Store,
            },
        })],
        ..Default::default()
    })
}
