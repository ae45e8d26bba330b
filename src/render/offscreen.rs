//! A picture without a window: a texture to draw into and the way back to bytes.

use crate::render::gpu::{Gpu, GpuError};

/// The format of off-screen pictures: colours arrive encoded, bytes leave as they are.
pub const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// An off-screen target of a fixed size.
pub struct Offscreen {
    texture: wgpu::Texture,
    readback: wgpu::Buffer,
    size: [u32; 2],
    row_bytes: u32,
    is_bgra: bool,
}

impl Offscreen {
    /// A target of `size` pixels; fails if the adapter cannot draw that large.
    pub fn new(gpu: &Gpu, size: [u32; 2]) -> Result<Self, GpuError> {
        Self::with_format(gpu, size, FORMAT)
    }

    /// A target in the format of a window, so that its passes can draw into it: RGBA or BGRA of 8 bits.
    pub fn with_format(
        gpu: &Gpu,
        size: [u32; 2],
        format: wgpu::TextureFormat,
    ) -> Result<Self, GpuError> {
        let limits = gpu.device.limits();
        let limit = limits.max_texture_dimension_2d;
        let [width, height] = size;
        let row_bytes = (width * 4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
        let bytes = u64::from(row_bytes) * u64::from(height);
        if width > limit || height > limit || bytes > limits.max_buffer_size {
            return Err(GpuError::TooLarge {
                width,
                height,
                limit,
            });
        }
        let texture = gpu.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("Offscreen::target"),
            size: wgpu::Extent3d {
                width,
                height,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        });
        let readback = gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("Offscreen::readback"),
            size: bytes,
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        Ok(Self {
            texture,
            readback,
            size,
            row_bytes,
            is_bgra: matches!(
                format,
                wgpu::TextureFormat::Bgra8Unorm | wgpu::TextureFormat::Bgra8UnormSrgb
            ),
        })
    }

    /// The view to draw into.
    pub fn view(&self) -> wgpu::TextureView {
        self.texture
            .create_view(&wgpu::TextureViewDescriptor::default())
    }

    /// Waits for the drawing that was submitted and returns the picture: RGBA, `4 · width · height` bytes.
    pub fn read(&self, gpu: &Gpu) -> Result<Vec<u8>, GpuError> {
        let mut encoder = gpu
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor {
                label: Some("Offscreen::copy"),
            });
        encoder.copy_texture_to_buffer(
            self.texture.as_image_copy(),
            wgpu::TexelCopyBufferInfo {
                buffer: &self.readback,
                layout: wgpu::TexelCopyBufferLayout {
                    offset: 0,
                    bytes_per_row: Some(self.row_bytes),
                    rows_per_image: None,
                },
            },
            self.texture.size(),
        );
        gpu.queue.submit([encoder.finish()]);
        let (sender, receiver) = std::sync::mpsc::channel();
        self.readback
            .map_async(wgpu::MapMode::Read, .., move |result| {
                // The receiver lives until the answer is in; if it is gone, nobody wants the picture.
                let _ = sender.send(result);
            });
        wait(gpu)?;
        receiver
            .recv()
            .map_err(|e| GpuError::Readback(e.to_string()))?
            .map_err(|e| GpuError::Readback(e.to_string()))?;
        let mut pixels: Vec<u8> = {
            let mapped = self
                .readback
                .get_mapped_range(..)
                .map_err(|e| GpuError::Readback(format!("{e:?}")))?;
            let row = self.size[0] as usize * 4;
            mapped
                .chunks(self.row_bytes as usize)
                .flat_map(|padded| &padded[..row])
                .copied()
                .collect()
        };
        self.readback.unmap();
        if self.is_bgra {
            for pixel in pixels.chunks_exact_mut(4) {
                pixel.swap(0, 2);
            }
        }
        Ok(pixels)
    }
}

/// Waits until the GPU has done all that was submitted.
pub fn wait(gpu: &Gpu) -> Result<(), GpuError> {
    gpu.device
        .poll(wgpu::PollType::wait_indefinitely())
        .map(|_| ())
        .map_err(|e| GpuError::Readback(e.to_string()))
}
