//! The least that a picture can cost: one full-screen pass that samples one texture of the target's size. What a frame costs
//! is told against it, drawn in turn, so that figures of two machines can be compared.

use crate::render::gpu::{Gpu, GpuError};
use crate::render::offscreen::{FORMAT, Offscreen, wait};
use crate::render::pipeline::{
    Binding, PipelineSpec, bind_group, bind_group_layout, render_pipeline,
};

/// The shader.
pub const WGSL: &str = include_str!("../../shaders/floor.wgsl");

/// The pass with its texture.
pub struct Floor {
    pipeline: wgpu::RenderPipeline,
    group: wgpu::BindGroup,
}

impl Floor {
    /// For targets of a size.
    pub fn new(gpu: &Gpu, size: [u32; 2]) -> Self {
        let layout = bind_group_layout(
            &gpu.device,
            "Floor::layout",
            &[Binding::Texture, Binding::Sampler],
        );
        let texture = gpu.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("Floor::texture"),
            size: wgpu::Extent3d {
                width: size[0],
                height: size[1],
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: FORMAT,
            usage: wgpu::TextureUsages::TEXTURE_BINDING,
            view_formats: &[],
        });
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        let sampler = gpu.device.create_sampler(&wgpu::SamplerDescriptor {
            mag_filter: wgpu::FilterMode::Linear,
            min_filter: wgpu::FilterMode::Linear,
            ..Default::default()
        });
        let group = bind_group(
            &gpu.device,
            "Floor::group",
            &layout,
            vec![
                wgpu::BindingResource::TextureView(&view),
                wgpu::BindingResource::Sampler(&sampler),
            ],
        );
        let pipeline = render_pipeline(
            &gpu.device,
            &PipelineSpec {
                label: "Floor::pipeline",
                wgsl: WGSL,
                entries: ["vs", "fs"],
                groups: &[&layout],
                buffers: &[],
                format: FORMAT,
                blend: None,
                topology: wgpu::PrimitiveTopology::TriangleStrip,
            },
        );
        Self { pipeline, group }
    }

    /// Draws it over a target and waits until that is done.
    pub fn draw(&self, gpu: &Gpu, target: &Offscreen) -> Result<(), GpuError> {
        let mut encoder = gpu
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        {
            let view = target.view();
            let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
                label: Some("Floor::pass"),
                color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                    view: &view,
                    depth_slice: None,
                    resolve_target: None,
                    ops: wgpu::Operations {
                        load: wgpu::LoadOp::Clear(wgpu::Color::BLACK),
                        store: wgpu::StoreOp::Store,
                    },
                })],
                ..Default::default()
            });
            pass.set_pipeline(&self.pipeline);
            pass.set_bind_group(0, &self.group, &[]);
            pass.draw(0..4, 0..1);
        }
        gpu.queue.submit([encoder.finish()]);
        wait(gpu)
    }
}
