//! Triangles with textures: what a library for words and buttons leaves to be painted. Most of it is glyphs, which lie
//! on whole pixels and are read texel by texel: on a software GPU that costs a third of what filtering them does.

use std::collections::HashMap;

use crate::render::gpu::Gpu;
use crate::render::pipeline::{
    Binding, GrowingBuffer, PipelineSpec, bind_group, bind_group_layout, render_pipeline,
    uniform_buffer,
};
use crate::render::renderer::FrameGlobals;

/// The shader of this pass.
pub const WGSL: &str = concat!(
    include_str!("../../shaders/shared/frame.wgsl"),
    include_str!("../../shaders/triangles.wgsl")
);

/// The number of the texture that has the glyphs, and white at its first texel.
pub const GLYPHS: u64 = 0;

/// A corner: place in pixels, place in the texture (0 … 1), premultiplied colour.
#[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct Corner {
    /// Pixels from the upper left.
    pub px: [f32; 2],
    /// Place in the texture.
    pub uv: [f32; 2],
    /// Colour, premultiplied.
    pub color: [u8; 4],
}

/// A part of a texture: where it lies, its width and height, and its texels, premultiplied RGBA.
pub struct Patch<'a> {
    /// Left and top; `None`: it is all of the texture.
    pub at: Option<[u32; 2]>,
    /// Width and height.
    pub size: [u32; 2],
    /// Row by row.
    pub texels: &'a [u8],
}

/// Triangles that are drawn at once.
struct Batch {
    indices: std::ops::Range<u32>,
    base_corner: i32,
    texture: u64,
    /// Left, top, width, height in pixels: outside nothing is drawn.
    clip: [u32; 4],
}

struct Image {
    texture: wgpu::Texture,
    group: wgpu::BindGroup,
}

/// The pass: pipelines, textures, and what the next picture has.
pub struct TrianglesPass {
    glyphs: wgpu::RenderPipeline,
    images: wgpu::RenderPipeline,
    image_layout: wgpu::BindGroupLayout,
    sampler: wgpu::Sampler,
    globals: wgpu::Buffer,
    frame_group: wgpu::BindGroup,
    textures: HashMap<u64, Image>,
    corners: GrowingBuffer,
    indices: GrowingBuffer,
    corner_list: Vec<Corner>,
    index_list: Vec<u32>,
    batches: Vec<Batch>,
    size_px: [u32; 2],
    /// The size that the GPU was told.
    globals_of: [u32; 2],
}

impl TrianglesPass {
    /// Builds the pass for a target format.
    pub fn new(device: &wgpu::Device, format: wgpu::TextureFormat) -> Self {
        let frame_layout =
            bind_group_layout(device, "Triangles::frame_layout", &[Binding::Uniform]);
        let image_layout = bind_group_layout(
            device,
            "Triangles::image_layout",
            &[Binding::Texture, Binding::Sampler],
        );
        let pipeline = |label, entries| {
            render_pipeline(
                device,
                &PipelineSpec {
                    label,
                    wgsl: WGSL,
                    entries,
                    groups: &[&frame_layout, &image_layout],
                    buffers: &[Some(wgpu::VertexBufferLayout {
                        array_stride: size_of::<Corner>() as u64,
                        step_mode: wgpu::VertexStepMode::Vertex,
                        attributes: &wgpu::vertex_attr_array![
                            0 => Float32x2, 1 => Float32x2, 2 => Unorm8x4
                        ],
                    })],
                    format,
                    blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
                    topology: wgpu::PrimitiveTopology::TriangleList,
                },
            )
        };
        let globals = uniform_buffer::<FrameGlobals>(device, "Triangles::globals");
        Self {
            glyphs: pipeline("Triangles::glyphs", ["vs_glyph", "fs_glyph"]),
            images: pipeline("Triangles::images", ["vs_image", "fs_image"]),
            sampler: device.create_sampler(&wgpu::SamplerDescriptor {
                label: Some("Triangles::sampler"),
                mag_filter: wgpu::FilterMode::Linear,
                min_filter: wgpu::FilterMode::Linear,
                ..Default::default()
            }),
            frame_group: bind_group(
                device,
                "Triangles::frame_group",
                &frame_layout,
                vec![globals.as_entire_binding()],
            ),
            globals,
            image_layout,
            textures: HashMap::new(),
            corners: GrowingBuffer::new(device, "Triangles::corners", 1 << 18),
            indices: GrowingBuffer::indices(device, "Triangles::indices", 1 << 16),
            corner_list: vec![],
            index_list: vec![],
            batches: vec![],
            size_px: [0; 2],
            globals_of: [0; 2],
        }
    }

    /// Makes a texture, or changes a part of one. A part of a texture that is not there is left out.
    pub fn put_texture(&mut self, gpu: &Gpu, id: u64, patch: &Patch<'_>) {
        let [width, height] = patch.size;
        if patch.at.is_none() {
            let image = self.image(&gpu.device, patch.size);
            self.textures.insert(id, image);
        }
        let Some(image) = self.textures.get(&id) else {
            return;
        };
        let [x, y] = patch.at.unwrap_or_default();
        gpu.queue.write_texture(
            wgpu::TexelCopyTextureInfo {
                origin: wgpu::Origin3d { x, y, z: 0 },
                ..image.texture.as_image_copy()
            },
            patch.texels,
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(4 * width),
                rows_per_image: None,
            },
            wgpu::Extent3d {
                width,
                height,
                depth_or_array_layers: 1,
            },
        );
    }

    fn image(&self, device: &wgpu::Device, [width, height]: [u32; 2]) -> Image {
        let texture = device.create_texture(&wgpu::TextureDescriptor {
            label: Some("Triangles::texture"),
            size: wgpu::Extent3d {
                width,
                height,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: wgpu::TextureFormat::Rgba8Unorm,
            usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
            view_formats: &[],
        });
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        let group = bind_group(
            device,
            "Triangles::image_group",
            &self.image_layout,
            vec![
                wgpu::BindingResource::TextureView(&view),
                wgpu::BindingResource::Sampler(&self.sampler),
            ],
        );
        Image { texture, group }
    }

    /// Forgets a texture.
    pub fn free_texture(&mut self, id: u64) {
        self.textures.remove(&id);
    }

    /// Begins the next picture, of so many pixels.
    pub fn begin(&mut self, size_px: [u32; 2]) {
        self.size_px = size_px;
        self.corner_list.clear();
        self.index_list.clear();
        self.batches.clear();
    }

    /// Adds triangles, three indices each into `corners`, drawn within `clip`: left, top, right, bottom in pixels.
    pub fn add(&mut self, corners: &[Corner], indices: &[u32], texture: u64, clip: [f32; 4]) {
        let [width, height] = self.size_px.map(|size| size as f32);
        let [left, right] = [clip[0], clip[2]].map(|x| x.round().clamp(0.0, width) as u32);
        let [top, bottom] = [clip[1], clip[3]].map(|y| y.round().clamp(0.0, height) as u32);
        if right <= left || bottom <= top || indices.is_empty() {
            return;
        }
        let first = self.index_list.len() as u32;
        let base_corner = self.corner_list.len() as i32;
        self.corner_list.extend_from_slice(corners);
        self.index_list.extend_from_slice(indices);
        self.batches.push(Batch {
            indices: first..self.index_list.len() as u32,
            base_corner,
            texture,
            clip: [left, top, right - left, bottom - top],
        });
    }

    /// Uploads what was added.
    pub fn prepare(&mut self, gpu: &Gpu) {
        let (device, queue) = (&gpu.device, &gpu.queue);
        if self.globals_of != self.size_px {
            self.globals_of = self.size_px;
            let globals = FrameGlobals {
                size_px: self.size_px.map(|size| size as f32),
                ..FrameGlobals::default()
            };
            queue.write_buffer(&self.globals, 0, bytemuck::bytes_of(&globals));
        }
        let corners = bytemuck::cast_slice(&self.corner_list);
        self.corners.write(device, queue, corners);
        let indices = bytemuck::cast_slice(&self.index_list);
        self.indices.write(device, queue, indices);
    }

    /// Draws what was prepared.
    pub fn draw(&self, pass: &mut wgpu::RenderPass<'_>) {
        if self.batches.is_empty() {
            return;
        }
        pass.set_bind_group(0, &self.frame_group, &[]);
        pass.set_vertex_buffer(0, self.corners.buffer().slice(..));
        pass.set_index_buffer(self.indices.buffer().slice(..), wgpu::IndexFormat::Uint32);
        for batch in &self.batches {
            let Some(image) = self.textures.get(&batch.texture) else {
                continue;
            };
            pass.set_pipeline(match batch.texture {
                GLYPHS => &self.glyphs,
                _ => &self.images,
            });
            pass.set_bind_group(1, &image.group, &[]);
            let [x, y, width, height] = batch.clip;
            pass.set_scissor_rect(x, y, width, height);
            pass.draw_indexed(batch.indices.clone(), batch.base_corner, 0..1);
        }
        pass.set_scissor_rect(0, 0, self.size_px[0], self.size_px[1]);
    }
}
