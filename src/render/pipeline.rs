//! What every pass needs to build its pipeline, said once.

use wgpu::util::DeviceExt as _;

/// A pass's vertex buffers, blending and target.
pub struct PipelineSpec<'a> {
    /// Label, `"Spectrogram::pipeline"`.
    pub label: &'a str,
    /// The whole WGSL of the pass.
    pub wgsl: &'a str,
    /// Vertex and fragment entry points.
    pub entries: [&'a str; 2],
    /// Bind group layouts in order.
    pub groups: &'a [&'a wgpu::BindGroupLayout],
    /// Vertex buffers.
    pub buffers: &'a [Option<wgpu::VertexBufferLayout<'a>>],
    /// Format drawn into.
    pub format: wgpu::TextureFormat,
    /// How it blends; `None` replaces.
    pub blend: Option<wgpu::BlendState>,
    /// Triangles in a list or a strip.
    pub topology: wgpu::PrimitiveTopology,
}

/// Builds a render pipeline.
pub fn render_pipeline(device: &wgpu::Device, spec: &PipelineSpec<'_>) -> wgpu::RenderPipeline {
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(spec.label),
        source: wgpu::ShaderSource::Wgsl(spec.wgsl.into()),
    });
    let groups: Vec<_> = spec.groups.iter().map(|group| Some(*group)).collect();
    let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some(spec.label),
        bind_group_layouts: &groups,
        immediate_size: 0,
    });
    device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some(spec.label),
        layout: Some(&layout),
        vertex: wgpu::VertexState {
            module: &module,
            entry_point: Some(spec.entries[0]),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            buffers: spec.buffers,
        },
        primitive: wgpu::PrimitiveState {
            topology: spec.topology,
            ..Default::default()
        },
        depth_stencil: None,
        multisample: wgpu::MultisampleState::default(),
        fragment: Some(wgpu::FragmentState {
            module: &module,
            entry_point: Some(spec.entries[1]),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            targets: &[Some(wgpu::ColorTargetState {
                format: spec.format,
                blend: spec.blend,
                write_mask: wgpu::ColorWrites::ALL,
            })],
        }),
        multiview_mask: None,
        cache: None,
    })
}

/// What a binding of a group is.
#[derive(Clone, Copy)]
pub enum Binding {
    /// A uniform buffer.
    Uniform,
    /// A read-only storage buffer.
    Storage,
    /// A storage buffer that a compute shader writes.
    Results,
    /// A 2D float texture that a sampler filters.
    Texture,
    /// A filtering sampler.
    Sampler,
}

/// Builds a compute pipeline of one bind group.
pub fn compute_pipeline(
    device: &wgpu::Device,
    label: &str,
    wgsl: &str,
    entry: &str,
    group: &wgpu::BindGroupLayout,
) -> wgpu::ComputePipeline {
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(label),
        source: wgpu::ShaderSource::Wgsl(wgsl.into()),
    });
    let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some(label),
        bind_group_layouts: &[Some(group)],
        immediate_size: 0,
    });
    device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some(label),
        layout: Some(&layout),
        module: &module,
        entry_point: Some(entry),
        compilation_options: wgpu::PipelineCompilationOptions::default(),
        cache: None,
    })
}

/// Builds the layout of a bind group; every binding is visible to all stages, but results to the one that writes them.
pub fn bind_group_layout(
    device: &wgpu::Device,
    label: &str,
    bindings: &[Binding],
) -> wgpu::BindGroupLayout {
    let buffer = |ty| wgpu::BindingType::Buffer {
        ty,
        has_dynamic_offset: false,
        min_binding_size: None,
    };
    let entries: Vec<_> = bindings
        .iter()
        .enumerate()
        .map(|(binding, kind)| wgpu::BindGroupLayoutEntry {
            binding: binding as u32,
            visibility: match kind {
                Binding::Results => wgpu::ShaderStages::COMPUTE,
                _ => wgpu::ShaderStages::VERTEX_FRAGMENT | wgpu::ShaderStages::COMPUTE,
            },
            ty: match kind {
                Binding::Uniform => buffer(wgpu::BufferBindingType::Uniform),
                Binding::Storage => buffer(wgpu::BufferBindingType::Storage { read_only: true }),
                Binding::Results => buffer(wgpu::BufferBindingType::Storage { read_only: false }),
                Binding::Texture => wgpu::BindingType::Texture {
                    sample_type: wgpu::TextureSampleType::Float { filterable: true },
                    view_dimension: wgpu::TextureViewDimension::D2,
                    multisampled: false,
                },
                Binding::Sampler => wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering),
            },
            count: None,
        })
        .collect();
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some(label),
        entries: &entries,
    })
}

/// Builds a bind group from resources in order.
pub fn bind_group(
    device: &wgpu::Device,
    label: &str,
    layout: &wgpu::BindGroupLayout,
    resources: Vec<wgpu::BindingResource<'_>>,
) -> wgpu::BindGroup {
    let entries: Vec<_> = resources
        .into_iter()
        .enumerate()
        .map(|(binding, resource)| wgpu::BindGroupEntry {
            binding: binding as u32,
            resource,
        })
        .collect();
    device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some(label),
        layout,
        entries: &entries,
    })
}

/// A uniform buffer that holds one value of `T`.
pub fn uniform_buffer<T: bytemuck::Pod + Default>(
    device: &wgpu::Device,
    label: &str,
) -> wgpu::Buffer {
    device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
        label: Some(label),
        contents: bytemuck::bytes_of(&T::default()),
        usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
    })
}

/// A buffer of vertices or indices that grows, by doubling, when more is to be drawn than ever before; steady pictures never allocate.
pub struct GrowingBuffer {
    label: &'static str,
    usage: wgpu::BufferUsages,
    buffer: wgpu::Buffer,
}

impl GrowingBuffer {
    /// A buffer of vertices, some bytes to start with.
    pub fn new(device: &wgpu::Device, label: &'static str, bytes: u64) -> Self {
        Self::of(device, label, wgpu::BufferUsages::VERTEX, bytes)
    }

    /// The same of indices.
    pub fn indices(device: &wgpu::Device, label: &'static str, bytes: u64) -> Self {
        Self::of(device, label, wgpu::BufferUsages::INDEX, bytes)
    }

    fn of(
        device: &wgpu::Device,
        label: &'static str,
        usage: wgpu::BufferUsages,
        bytes: u64,
    ) -> Self {
        Self {
            label,
            usage,
            buffer: buffer(device, label, usage, bytes),
        }
    }

    /// Puts data at the front of the buffer.
    pub fn write(&mut self, device: &wgpu::Device, queue: &wgpu::Queue, data: &[u8]) {
        if data.len() as u64 > self.buffer.size() {
            let bytes = (data.len() as u64).next_power_of_two();
            self.buffer = buffer(device, self.label, self.usage, bytes);
        }
        if !data.is_empty() {
            queue.write_buffer(&self.buffer, 0, data);
        }
    }

    /// The buffer as it is now.
    pub fn buffer(&self) -> &wgpu::Buffer {
        &self.buffer
    }
}

fn buffer(
    device: &wgpu::Device,
    label: &str,
    usage: wgpu::BufferUsages,
    size: u64,
) -> wgpu::Buffer {
    device.create_buffer(&wgpu::BufferDescriptor {
        label: Some(label),
        size,
        usage: usage | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}
