//! The spectrogram pass: for each pane a strip, drawn a few columns a frame, and the pane itself.
//!
//! A strip is a ring of display columns, coloured, at the pane's own resolution. Scrolling moves where the pane samples it, by
//! fractions of a pixel; only columns that are new or still in the making are computed. That keeps the cost of a
//! frame at one texture sample a pixel, whatever the zoom and however long the session.

mod bands;
mod excitation;
mod params;
mod strip;

use crate::render::gpu::Gpu;
use crate::render::history::History;
use crate::render::pipeline::{
    Binding, PipelineSpec, bind_group, bind_group_layout, render_pipeline,
};
use crate::render::spectrogram::bands::BandPass;
pub use crate::render::spectrogram::bands::{BANDS_WGSL, BandParams};
pub use crate::render::spectrogram::excitation::EXCITATION_WGSL;
use crate::render::spectrogram::excitation::ExcitationPass;
pub use crate::render::spectrogram::params::{PaneParams, StripParams, StripSide, secs_per_px};
use crate::render::spectrogram::params::{pane_params, strip_params};
use crate::render::spectrogram::strip::{Reads, STRIP_FORMAT, Strip};
use crate::view::colormap::{LevelMap, TABLE_LEN, difference_table};
use crate::view::layout::Pane;
use crate::view::palette::Palette;
use crate::view::scene::Scene;

/// The shader that draws strips.
pub const STRIP_WGSL: &str = concat!(
    include_str!("../../shaders/shared/columns.wgsl"),
    include_str!("../../shaders/spectrogram_strip.wgsl")
);
/// The shader that draws panes.
pub const PANE_WGSL: &str = concat!(
    include_str!("../../shaders/shared/frame.wgsl"),
    include_str!("../../shaders/spectrogram.wgsl")
);

/// The pass: pipelines, tables and up to two strips.
pub struct SpectrogramPass {
    strip_pipeline: wgpu::RenderPipeline,
    strip_layout: wgpu::BindGroupLayout,
    pane_pipeline: wgpu::RenderPipeline,
    pane_layout: wgpu::BindGroupLayout,
    frame_group: wgpu::BindGroup,
    sampler: wgpu::Sampler,
    tables: wgpu::Texture,
    /// Of which map and palette they are.
    tables_of: Option<(LevelMap, Palette)>,
    /// Counts changes of the tables.
    tables_generation: u64,
    strips: Vec<Strip>,
    /// Made when a pane first needs it.
    bands: Option<BandPass>,
    /// As above.
    excitations: Option<ExcitationPass>,
    no_bands: wgpu::Buffer,
}

impl SpectrogramPass {
    /// Builds the pass for a target format.
    pub fn new(device: &wgpu::Device, format: wgpu::TextureFormat, frame: &wgpu::Buffer) -> Self {
        let strip_layout = bind_group_layout(
            device,
            "Spectrogram::strip_layout",
            &[
                Binding::Uniform,
                Binding::Storage,
                Binding::Storage,
                Binding::Texture,
                Binding::Storage,
                Binding::Storage,
            ],
        );
        let frame_layout =
            bind_group_layout(device, "Spectrogram::frame_layout", &[Binding::Uniform]);
        let pane_layout = bind_group_layout(
            device,
            "Spectrogram::pane_layout",
            &[Binding::Uniform, Binding::Texture, Binding::Sampler],
        );
        let pipeline = |label, wgsl, entries, groups, format| {
            render_pipeline(
                device,
                &PipelineSpec {
                    label,
                    wgsl,
                    entries,
                    groups,
                    buffers: &[],
                    format,
                    blend: None,
                    topology: wgpu::PrimitiveTopology::TriangleStrip,
                },
            )
        };
        Self {
            strip_pipeline: pipeline(
                "Spectrogram::strip_pipeline",
                STRIP_WGSL,
                ["vs_strip", "fs_strip"],
                &[&strip_layout],
                STRIP_FORMAT,
            ),
            pane_pipeline: pipeline(
                "Spectrogram::pipeline",
                PANE_WGSL,
                ["vs_pane", "fs_pane"],
                &[&frame_layout, &pane_layout],
                format,
            ),
            frame_group: bind_group(
                device,
                "Spectrogram::frame_group",
                &frame_layout,
                vec![frame.as_entire_binding()],
            ),
            sampler: device.create_sampler(&wgpu::SamplerDescriptor {
                label: Some("Spectrogram::sampler"),
                address_mode_u: wgpu::AddressMode::Repeat,
                mag_filter: wgpu::FilterMode::Linear,
                min_filter: wgpu::FilterMode::Linear,
                ..Default::default()
            }),
            tables: tables_texture(device),
            tables_of: None,
            tables_generation: 0,
            strip_layout,
            pane_layout,
            strips: vec![],
            bands: None,
            excitations: None,
            no_bands: device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("Spectrogram::no_bands"),
                size: 16,
                usage: wgpu::BufferUsages::STORAGE,
                mapped_at_creation: false,
            }),
        }
    }

    /// Brings strips up to date (recorded into `encoder`) and sets what the panes need.
    pub fn prepare(
        &mut self,
        gpu: &Gpu,
        encoder: &mut wgpu::CommandEncoder,
        histories: &[History; 2],
        scene: &Scene,
    ) {
        self.prepare_tables(gpu, scene);
        let panes = &scene.layout.panes;
        self.strips.truncate(panes.len());
        for (index, pane) in panes.iter().enumerate() {
            self.fit_strip(&gpu.device, histories, index, pane);
            let strip = &mut self.strips[index];
            let Some(redraw) = strip.plan(scene, pane, self.tables_generation) else {
                continue;
            };
            let params = strip_params(scene, pane, histories, &redraw.columns, strip.size[0]);
            gpu.queue
                .write_buffer(&strip.params, 0, bytemuck::bytes_of(&params));
            match (strip.reads, &mut self.bands, &scene.outside) {
                (Reads::Bands, Some(bands), Some(outside)) => {
                    bands.show(gpu, outside);
                    bands.sum(gpu, encoder, &params, &redraw.columns);
                }
                (Reads::Excitations, ..) => {
                    if let Some(excitations) = &self.excitations {
                        excitations.filter(gpu, encoder, &params, &redraw.columns);
                    }
                }
                _ => {}
            }
            strip.draw(encoder, &self.strip_pipeline, &redraw.columns);
            strip.settled = redraw.settled;
            let pane_params = pane_params(scene, pane, strip.size[0]);
            gpu.queue
                .write_buffer(&strip.pane_params, 0, bytemuck::bytes_of(&pane_params));
        }
    }

    /// Draws all panes.
    pub fn draw(&self, pass: &mut wgpu::RenderPass<'_>) {
        pass.set_pipeline(&self.pane_pipeline);
        pass.set_bind_group(0, &self.frame_group, &[]);
        for strip in &self.strips {
            pass.set_bind_group(1, &strip.pane_group, &[]);
            pass.draw(0..4, 0..1);
        }
    }

    fn prepare_tables(&mut self, gpu: &Gpu, scene: &Scene) {
        let palette = &scene.palette;
        let map = scene.looks.level_map;
        if self.tables_of == Some((map, *palette)) {
            return;
        }
        let mut bytes = Vec::with_capacity(TABLE_LEN * 3 * 4);
        for table in [
            map.table(palette.panel, palette.mix),
            map.table(palette.panel, palette.reference),
            difference_table(palette),
        ] {
            bytes.extend(table.iter().flat_map(|color| color.0));
        }
        gpu.queue.write_texture(
            self.tables.as_image_copy(),
            &bytes,
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(TABLE_LEN as u32 * 4),
                rows_per_image: None,
            },
            self.tables.size(),
        );
        self.tables_of = Some((map, *palette));
        self.tables_generation += 1;
    }

    fn fit_strip(
        &mut self,
        device: &wgpu::Device,
        histories: &[History; 2],
        index: usize,
        pane: &Pane,
    ) {
        // Spare columns, so that the ones just leaving on the left are not yet overwritten on the right.
        let size = [pane.plot.w as u32 + 8, (pane.plot.h as u32).max(1)];
        let reads = Reads::of(pane.content);
        let fits = |strip: &Strip| strip.size == size && strip.reads == reads;
        if self.strips.get(index).is_some_and(fits) {
            return;
        }
        let buffers = match reads {
            Reads::Levels => [&self.no_bands; 2],
            Reads::Bands => {
                let made = || BandPass::new(device, &histories[0]);
                let bands = self.bands.get_or_insert_with(made);
                [&bands.bands, &bands.range]
            }
            Reads::Excitations => {
                let made = || ExcitationPass::new(device, histories);
                self.excitations.get_or_insert_with(made).buffers()
            }
        };
        let mut strip = Strip::new(
            device,
            size,
            histories,
            [&self.strip_layout, &self.pane_layout],
            &self.sampler,
            &self.tables,
            buffers,
        );
        strip.reads = reads;
        if index < self.strips.len() {
            self.strips[index] = strip;
        } else {
            self.strips.push(strip);
        }
    }
}

fn tables_texture(device: &wgpu::Device) -> wgpu::Texture {
    device.create_texture(&wgpu::TextureDescriptor {
        label: Some("Spectrogram::tables"),
        size: wgpu::Extent3d {
            width: TABLE_LEN as u32,
            height: 3,
            depth_or_array_layers: 1,
        },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: wgpu::TextureFormat::Rgba8Unorm,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    })
}
