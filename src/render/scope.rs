//! The vectorscope pass: each side's phosphor texture, faded and struck by the beam as audio time goes on.
//!
//! Fading follows the audio's clock, not the screen's: a picture rendered headless and one in the window show the
//! same light for the same sound.

use crate::mirror;
use crate::render::gpu::Gpu;
use crate::render::pipeline::{
    Binding, GrowingBuffer, PipelineSpec, bind_group, bind_group_layout, render_pipeline,
    uniform_buffer,
};
use crate::units::db::amplitude_from_db;
use crate::view::palette::Side;
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// The shader of this pass.
pub const WGSL: &str = concat!(
    include_str!("../../shaders/shared/frame.wgsl"),
    include_str!("../../shaders/scope.wgsl")
);

const PHOSPHOR_FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::R16Float;
/// Time in which the phosphor falls to 37 %.
const FADE_SECS: f64 = 0.22;
/// Frames struck between two fades; short against [`FADE_SECS`], so that steps do not show.
const FRAMES_PER_FADE: usize = 1024;
/// More frames than this in one picture are not drawn: they would have faded.
const MOST_FRAMES: usize = 32_768;

mirror! {
    /// See `ScopeParams` in scope.wgsl.
    pub struct ScopeParams {
        /// Left, top, width, height of the panel.
        pub rect: [f32; 4],
        /// The side's hue.
        pub hue: [f32; 4],
        /// Ground.
        pub panel: [f32; 4],
        /// Size of the phosphor.
        pub phosphor_px: [f32; 2],
        /// Beam's standard deviation.
        pub sigma_px: f32,
        /// Light a segment leaves.
        pub energy: f32,
        /// Amplitude at the edge.
        pub full_scale: f32,
        /// Exposure.
        pub exposure: f32,
        /// Grey where the beam dwells.
        pub dwelt: f32,
        /// Rounds the struct up to 16 bytes.
        pub pad: f32,
    }
}

/// New frames of one side for its vectorscope.
#[derive(Clone, Copy, Debug, Default)]
pub struct ScopeFeed<'a> {
    /// Left and right, oldest first, following what was given before.
    pub frames: &'a [[f32; 2]],
    /// Frames per second.
    pub sample_rate_hz: u32,
    /// Frames that went by undrawn before these: the light fades over them, and no line leads across.
    pub skipped_frames: u64,
    /// Forget what glows, for a jump or another signal.
    pub restart: bool,
}

/// One side's phosphor.
struct Phosphor {
    texture: wgpu::Texture,
    size: [u32; 2],
    params: wgpu::Buffer,
    group: wgpu::BindGroup,
    beam_group: wgpu::BindGroup,
    frames: GrowingBuffer,
    last: [f32; 2],
    fresh: bool,
}

/// The pass: pipelines and both phosphors.
pub struct ScopePass {
    beam: wgpu::RenderPipeline,
    fade: wgpu::RenderPipeline,
    panel: wgpu::RenderPipeline,
    /// Light over light, for both sides in one place: screened on dark, mixed on light ground.
    over: [wgpu::RenderPipeline; 2],
    /// Which of them the picture needs; none where each side has its own place.
    overlaid: Option<usize>,
    frame_group: wgpu::BindGroup,
    layout: wgpu::BindGroupLayout,
    dark: wgpu::TextureView,
    phosphors: [Option<Phosphor>; 2],
    staging: Vec<[f32; 2]>,
}

impl ScopePass {
    /// Builds the pass for a target format.
    pub fn new(device: &wgpu::Device, format: wgpu::TextureFormat, frame: &wgpu::Buffer) -> Self {
        let frame_layout = bind_group_layout(device, "Scope::frame_layout", &[Binding::Uniform]);
        let layout = bind_group_layout(
            device,
            "Scope::layout",
            &[Binding::Uniform, Binding::Texture],
        );
        let groups = [&frame_layout, &layout];
        let pipeline = |label, entries, buffers, format, blend| {
            render_pipeline(
                device,
                &PipelineSpec {
                    label,
                    wgsl: WGSL,
                    entries,
                    groups: &groups,
                    buffers,
                    format,
                    blend,
                    topology: wgpu::PrimitiveTopology::TriangleStrip,
                },
            )
        };
        let frame_vertex = |attributes| {
            Some(wgpu::VertexBufferLayout {
                array_stride: size_of::<[f32; 2]>() as u64,
                step_mode: wgpu::VertexStepMode::Instance,
                attributes,
            })
        };
        let from = wgpu::vertex_attr_array![0 => Float32x2];
        let to = wgpu::vertex_attr_array![1 => Float32x2];
        Self {
            beam: pipeline(
                "Scope::beam",
                ["vs_beam", "fs_beam"],
                &[frame_vertex(&from), frame_vertex(&to)],
                PHOSPHOR_FORMAT,
                Some(blend(wgpu::BlendFactor::One, wgpu::BlendFactor::One)),
            ),
            fade: pipeline(
                "Scope::fade",
                ["vs_fade", "fs_fade"],
                &[],
                PHOSPHOR_FORMAT,
                Some(blend(wgpu::BlendFactor::Zero, wgpu::BlendFactor::Constant)),
            ),
            panel: pipeline("Scope::panel", ["vs_panel", "fs_panel"], &[], format, None),
            over: [
                wgpu::BlendFactor::OneMinusSrc,
                wgpu::BlendFactor::OneMinusSrcAlpha,
            ]
            .map(|dst| {
                pipeline(
                    "Scope::over",
                    ["vs_panel", "fs_over"],
                    &[],
                    format,
                    Some(blend(wgpu::BlendFactor::One, dst)),
                )
            }),
            overlaid: None,
            frame_group: bind_group(
                device,
                "Scope::frame_group",
                &frame_layout,
                vec![frame.as_entire_binding()],
            ),
            dark: phosphor_texture(device, [1, 1])
                .create_view(&wgpu::TextureViewDescriptor::default()),
            layout,
            phosphors: [None, None],
            staging: Vec::with_capacity(MOST_FRAMES + 1),
        }
    }

    /// Fades and strikes both phosphors (recorded into `encoder`) with the frames that came since the last picture.
    pub fn prepare(
        &mut self,
        gpu: &Gpu,
        encoder: &mut wgpu::CommandEncoder,
        scene: &Scene,
        feeds: [ScopeFeed<'_>; 2],
    ) {
        self.overlaid = scene
            .correlation_rect()
            .map(|_| usize::from(scene.looks.light));
        for side in Side::BOTH {
            let Some(rect) = scene.scope_rect(side) else {
                self.phosphors[side.index()] = None;
                continue;
            };
            self.fit(&gpu.device, side, rect);
            self.strike(gpu, encoder, scene, side, rect, feeds[side.index()]);
        }
    }

    /// Draws both panels' light; grounds and lines are drawn before as shapes.
    pub fn draw(&self, pass: &mut wgpu::RenderPass<'_>) {
        pass.set_pipeline(&self.panel);
        pass.set_bind_group(0, &self.frame_group, &[]);
        for (index, phosphor) in self.phosphors.iter().flatten().enumerate() {
            if let (Some(over), 1) = (self.overlaid, index) {
                pass.set_pipeline(&self.over[over]);
            }
            pass.set_bind_group(1, &phosphor.group, &[]);
            pass.draw(0..4, 0..1);
        }
    }

    fn fit(&mut self, device: &wgpu::Device, side: Side, rect: Rect) {
        let size = [(rect.w as u32).max(1), (rect.h as u32).max(1)];
        let slot = &mut self.phosphors[side.index()];
        if slot.as_ref().is_some_and(|phosphor| phosphor.size == size) {
            return;
        }
        *slot = Some(Phosphor::new(device, size, &self.layout, &self.dark));
    }

    fn strike(
        &mut self,
        gpu: &Gpu,
        encoder: &mut wgpu::CommandEncoder,
        scene: &Scene,
        side: Side,
        rect: Rect,
        feed: ScopeFeed<'_>,
    ) {
        let Some(phosphor) = &mut self.phosphors[side.index()] else {
            return;
        };
        let gain = amplitude_from_db(scene.gain_db(side)) as f32;
        let left_out = feed.frames.len().saturating_sub(MOST_FRAMES);
        let frames = &feed.frames[left_out..];
        let skipped_frames = feed.skipped_frames + left_out as u64;
        self.staging.clear();
        if !feed.restart && skipped_frames == 0 {
            self.staging.push(phosphor.last);
        }
        self.staging
            .extend(frames.iter().map(|frame| frame.map(|s| s * gain)));
        let rate = f64::from(feed.sample_rate_hz.max(1));
        let params = scope_params(rect, scene, side, rate);
        gpu.queue
            .write_buffer(&phosphor.params, 0, bytemuck::bytes_of(&params));
        phosphor
            .frames
            .write(&gpu.device, &gpu.queue, bytemuck::cast_slice(&self.staging));
        phosphor.last = self.staging.last().copied().unwrap_or(phosphor.last);
        let clear = feed.restart || phosphor.fresh;
        phosphor.fresh = false;
        let segments = self.staging.len().saturating_sub(1);
        phosphor.record(
            encoder,
            &self.fade,
            &self.beam,
            &self.frame_group,
            segments,
            rate,
            skipped_frames,
            clear,
        );
    }
}

impl Phosphor {
    fn new(
        device: &wgpu::Device,
        size: [u32; 2],
        layout: &wgpu::BindGroupLayout,
        dark: &wgpu::TextureView,
    ) -> Self {
        let texture = phosphor_texture(device, size);
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        let params = uniform_buffer::<ScopeParams>(device, "Scope::params");
        let group = |label, view: &wgpu::TextureView| {
            bind_group(
                device,
                label,
                layout,
                vec![
                    params.as_entire_binding(),
                    wgpu::BindingResource::TextureView(view),
                ],
            )
        };
        Self {
            group: group("Scope::group", &view),
            // A texture cannot be drawn into and read in one pass; the beam reads none, so it gets a dark one.
            beam_group: group("Scope::beam_group", dark),
            texture,
            size,
            frames: GrowingBuffer::new(device, "Scope::frames", 1 << 16),
            params,
            last: [0.0; 2],
            fresh: true,
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one call, in one place, of what a pass needs"
    )]
    fn record(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        fade: &wgpu::RenderPipeline,
        beam: &wgpu::RenderPipeline,
        frame_group: &wgpu::BindGroup,
        segments: usize,
        rate: f64,
        skipped_frames: u64,
        clear: bool,
    ) {
        if segments == 0 && !clear {
            return;
        }
        let view = self
            .texture
            .create_view(&wgpu::TextureViewDescriptor::default());
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("Scope::phosphor_pass"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: &view,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations {
                    load: if clear {
                        wgpu::LoadOp::Clear(wgpu::Color::BLACK)
                    } else {
                        wgpu::LoadOp::Load
                    },
                    store: wgpu::StoreOp::Store,
                },
            })],
            ..Default::default()
        });
        pass.set_bind_group(0, frame_group, &[]);
        pass.set_bind_group(1, &self.beam_group, &[]);
        let stride = size_of::<[f32; 2]>() as u64;
        pass.set_vertex_buffer(0, self.frames.buffer().slice(..));
        pass.set_vertex_buffer(1, self.frames.buffer().slice(stride..));
        let mut from = 0;
        let mut unfaded_frames = skipped_frames;
        while from < segments {
            let to = (from + FRAMES_PER_FADE).min(segments);
            unfaded_frames += (to - from) as u64;
            let keep = (-(unfaded_frames as f64 / rate) / FADE_SECS).exp();
            unfaded_frames = 0;
            pass.set_blend_constant(wgpu::Color {
                r: keep,
                g: keep,
                b: keep,
                a: keep,
            });
            pass.set_pipeline(fade);
            pass.draw(0..3, 0..1);
            pass.set_pipeline(beam);
            pass.draw(0..4, from as u32..to as u32);
            from = to;
        }
    }
}

fn scope_params(rect: Rect, scene: &Scene, side: Side, rate: f64) -> ScopeParams {
    let palette = &scene.palette;
    let shorter = rect.w.min(rect.h);
    ScopeParams {
        rect: [rect.x, rect.y, rect.w, rect.h],
        hue: palette.side(side).to_f32(),
        panel: palette.panel.to_f32(),
        phosphor_px: [rect.w.max(1.0).floor(), rect.h.max(1.0).floor()],
        sigma_px: (shorter / 300.0).clamp(0.7, 2.5),
        // One second of light fills a hundredth of the square, so brightness is the same at every size and rate.
        energy: shorter * shorter / 100.0 / rate as f32,
        full_scale: scene.scope_full_scale(),
        exposure: 3.2 / FADE_SECS as f32,
        dwelt: if palette.has_light_ground() { 0.0 } else { 1.0 },
        pad: 0.0,
    }
}

fn blend(src_factor: wgpu::BlendFactor, dst_factor: wgpu::BlendFactor) -> wgpu::BlendState {
    let component = wgpu::BlendComponent {
        src_factor,
        dst_factor,
        operation: wgpu::BlendOperation::Add,
    };
    wgpu::BlendState {
        color: component,
        alpha: component,
    }
}

fn phosphor_texture(device: &wgpu::Device, size: [u32; 2]) -> wgpu::Texture {
    device.create_texture(&wgpu::TextureDescriptor {
        label: Some("Scope::phosphor"),
        size: wgpu::Extent3d {
            width: size[0],
            height: size[1],
            depth_or_array_layers: 1,
        },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: PHOSPHOR_FORMAT,
        usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::TEXTURE_BINDING,
        view_formats: &[],
    })
}
