//! Shapes: rectangles, anti-aliased lines and filled bands, one draw for all that a picture holds of them; and the
//! opaque grounds below, which need neither blending nor edges.

use crate::render::pipeline::{
    Binding, GrowingBuffer, PipelineSpec, bind_group, bind_group_layout, render_pipeline,
};
use crate::view::palette::Rgba;
use crate::view::rect::Rect;

/// The shader of this pass.
pub const WGSL: &str = concat!(
    include_str!("../../shaders/shared/frame.wgsl"),
    include_str!("../../shaders/shapes.wgsl")
);

const RECT: u32 = 0;
const SEGMENT: u32 = 1;
const BAND: u32 = 2;

/// One shape as the vertex shader takes it.
#[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct Shape {
    ends: [f32; 4],
    extra: [f32; 4],
    color: [u8; 4],
    kind: u32,
}

/// A list of shapes in drawing order.
#[derive(Clone, Debug, Default)]
pub struct ShapeList {
    shapes: Vec<Shape>,
}

impl ShapeList {
    /// A filled rectangle.
    pub fn rect(&mut self, rect: Rect, color: Rgba) {
        self.shapes.push(Shape {
            ends: [rect.x, rect.y, rect.right(), rect.bottom()],
            extra: [0.0; 4],
            color: color.0,
            kind: RECT,
        });
    }

    /// A straight line with round ends.
    pub fn segment(&mut self, a: [f32; 2], b: [f32; 2], width: f32, color: Rgba) {
        self.shapes.push(Shape {
            ends: [a[0], a[1], b[0], b[1]],
            extra: [width / 2.0, 0.0, 0.0, 0.0],
            color: color.0,
            kind: SEGMENT,
        });
    }

    /// A line through points.
    pub fn polyline(&mut self, points: &[[f32; 2]], width: f32, color: Rgba) {
        for pair in points.windows(2) {
            self.segment(pair[0], pair[1], width, color);
        }
    }

    /// The area between two curves over the same x: `upper[i]` and `lower[i]` share their x.
    pub fn band(&mut self, upper: &[[f32; 2]], lower: &[[f32; 2]], color: Rgba) {
        for (above, below) in upper.windows(2).zip(lower.windows(2)) {
            self.shapes.push(Shape {
                ends: [above[0][0], above[0][1], above[1][0], above[1][1]],
                extra: [below[0][1], below[1][1], 0.0, 0.0],
                color: color.0,
                kind: BAND,
            });
        }
    }

    /// How many shapes there are.
    pub fn len(&self) -> usize {
        self.shapes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.shapes.is_empty()
    }

    /// Empties the list and keeps its memory.
    pub fn clear(&mut self) {
        self.shapes.clear();
    }
}

/// The pass: immutable pipelines and a buffer of instances.
pub struct ShapesPass {
    pipeline: wgpu::RenderPipeline,
    /// Opaque rectangles: a third of the screen is ground, and blending it costs as much as all that is drawn on it.
    grounds: wgpu::RenderPipeline,
    group: wgpu::BindGroup,
    instances: GrowingBuffer,
    count: u32,
}

impl ShapesPass {
    /// Builds the pass; `frame` is the uniform of [`crate::render::renderer::FrameGlobals`].
    pub fn new(device: &wgpu::Device, format: wgpu::TextureFormat, frame: &wgpu::Buffer) -> Self {
        let layout = bind_group_layout(device, "Shapes::layout", &[Binding::Uniform]);
        let group = bind_group(
            device,
            "Shapes::group",
            &layout,
            vec![frame.as_entire_binding()],
        );
        let pipeline = |label, entries, blend| {
            render_pipeline(
                device,
                &PipelineSpec {
                    label,
                    wgsl: WGSL,
                    entries,
                    groups: &[&layout],
                    buffers: &[Some(wgpu::VertexBufferLayout {
                        array_stride: size_of::<Shape>() as u64,
                        step_mode: wgpu::VertexStepMode::Instance,
                        attributes: &wgpu::vertex_attr_array![
                            0 => Float32x4, 1 => Float32x4, 2 => Unorm8x4, 3 => Uint32
                        ],
                    })],
                    format,
                    blend,
                    topology: wgpu::PrimitiveTopology::TriangleStrip,
                },
            )
        };
        Self {
            pipeline: pipeline(
                "Shapes::pipeline",
                ["vs_shape", "fs_shape"],
                Some(wgpu::BlendState::ALPHA_BLENDING),
            ),
            grounds: pipeline("Shapes::grounds", ["vs_ground", "fs_ground"], None),
            group,
            instances: GrowingBuffer::new(device, "Shapes::instances", 1 << 18),
            count: 0,
        }
    }

    /// Uploads the shapes of the next picture.
    pub fn prepare(&mut self, device: &wgpu::Device, queue: &wgpu::Queue, list: &ShapeList) {
        self.count = list.shapes.len() as u32;
        self.instances
            .write(device, queue, bytemuck::cast_slice(&list.shapes));
    }

    /// Draws the shapes with indices in a range, in order.
    pub fn draw(&self, pass: &mut wgpu::RenderPass<'_>, range: std::ops::Range<u32>) {
        self.draw_with(&self.pipeline, pass, range);
    }

    /// Draws the shapes with indices in a range, all of them opaque rectangles.
    pub fn draw_grounds(&self, pass: &mut wgpu::RenderPass<'_>, range: std::ops::Range<u32>) {
        self.draw_with(&self.grounds, pass, range);
    }

    fn draw_with(
        &self,
        pipeline: &wgpu::RenderPipeline,
        pass: &mut wgpu::RenderPass<'_>,
        range: std::ops::Range<u32>,
    ) {
        let range = range.start..range.end.min(self.count);
        if range.is_empty() {
            return;
        }
        pass.set_pipeline(pipeline);
        pass.set_bind_group(0, &self.group, &[]);
        pass.set_vertex_buffer(0, self.instances.buffer().slice(..));
        pass.draw(0..4, range);
    }
}
