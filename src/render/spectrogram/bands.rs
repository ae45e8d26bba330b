//! Powers of the mix's bands on the GPU, and the range they are held against: what a pane "outside the record" reads.

use std::ops::Range;
use std::sync::Arc;

use wgpu::util::DeviceExt as _;

use crate::analysis::band_range::{BandRange, NUM_BANDS, noise_weights};
use crate::mirror;
use crate::render::gpu::Gpu;
use crate::render::history::{History, RING_COLUMNS};
use crate::render::pipeline::{
    Binding, bind_group, bind_group_layout, compute_pipeline, uniform_buffer,
};
use crate::render::spectrogram::params::{StripParams, StripSide};
use crate::view::outside::{MOST_SECTIONS, OutsideScene};

/// The shader that sums bands.
pub const BANDS_WGSL: &str = concat!(
    include_str!("../../../shaders/shared/columns.wgsl"),
    include_str!("../../../shaders/band_levels.wgsl")
);
/// Invocations that the shader groups.
const GROUP: u32 = 64;
/// Below every level; infinity is nothing a shader must know.
const NOTHING_DB: f32 = -200.0;

mirror! {
    /// Which columns are summed, see `BandParams` in band_levels.wgsl.
    pub struct BandParams {
        /// First word of the tier.
        pub tier_word: u32,
        /// Slot of the first column.
        pub first_slot: u32,
        /// How many.
        pub num_columns: u32,
        /// Rounds the struct up to 16 bytes.
        pub pad_a: u32,
    }
}

/// The columns of a side that some display columns of a strip read; `None` where there are none.
pub fn columns_read(side: &StripSide, display_columns: &Range<i64>) -> Option<BandParams> {
    let count = (display_columns.end - display_columns.start) as f32;
    let first = side.base.floor().max(side.valid_first);
    let last = (side.base + side.step * count + 1.0).min(side.valid_last);
    (last >= first).then(|| BandParams {
        tier_word: side.tier_word,
        first_slot: (side.origin_slot + first as u32) % RING_COLUMNS as u32,
        // No more than the ring has.
        num_columns: ((last - first) as u32 + 1).min(RING_COLUMNS as u32),
        ..BandParams::default()
    })
}

/// The pass that sums bands, and its results.
pub struct BandPass {
    pipeline: wgpu::ComputePipeline,
    params: wgpu::Buffer,
    group: wgpu::BindGroup,
    /// `bands[slot][band]`: thirds and softened sixths of an octave, power.
    pub bands: wgpu::Buffer,
    /// `range_db[row][band]`: lower and upper edge; of the first row those of the range, of the others those of sections.
    pub range: wgpu::Buffer,
    shown: Vec<Arc<BandRange>>,
}

impl BandPass {
    /// The pass over the columns of a side.
    pub fn new(device: &wgpu::Device, history: &History) -> Self {
        let label = "Bands::layout";
        let layout = bind_group_layout(
            device,
            label,
            &[
                Binding::Uniform,
                Binding::Storage,
                Binding::Storage,
                Binding::Results,
            ],
        );
        let buffer = |label, size, usage| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                size,
                usage: wgpu::BufferUsages::STORAGE | usage,
                mapped_at_creation: false,
            })
        };
        let pair_bytes = size_of::<[f32; 2]>() as u64 * NUM_BANDS as u64;
        let none = wgpu::BufferUsages::empty();
        let bands = buffer("Bands::bands", RING_COLUMNS * pair_bytes, none);
        let rows = pair_bytes * (1 + MOST_SECTIONS as u64);
        let range = buffer("Bands::range", rows, wgpu::BufferUsages::COPY_DST);
        let weights = device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
            label: Some("Bands::weights"),
            contents: bytemuck::cast_slice(noise_weights()),
            usage: wgpu::BufferUsages::STORAGE,
        });
        let params = uniform_buffer::<BandParams>(device, "Bands::params");
        let group = bind_group(
            device,
            "Bands::group",
            &layout,
            vec![
                params.as_entire_binding(),
                history.buffer().as_entire_binding(),
                weights.as_entire_binding(),
                bands.as_entire_binding(),
            ],
        );
        Self {
            pipeline: compute_pipeline(device, "Bands::pipeline", BANDS_WGSL, "cs_bands", &layout),
            params,
            group,
            bands,
            range,
            shown: vec![],
        }
    }

    /// Shows other ranges, if they are others.
    pub fn show(&mut self, gpu: &Gpu, outside: &OutsideScene) {
        let sections = outside.sections.iter().take(MOST_SECTIONS);
        let rows =
            || std::iter::once(&outside.range).chain(sections.clone().map(|(_, range)| range));
        if self.shown.iter().eq(rows()) {
            return;
        }
        let known = |level: &f32| level.max(NOTHING_DB);
        let edges = |range: &Arc<BandRange>| {
            let edges = range.low_db().iter().zip(range.fine_high_db());
            let edges = edges.map(|(low, high)| [known(low), known(high)]);
            edges.collect::<Vec<[f32; 2]>>()
        };
        let edges: Vec<[f32; 2]> = rows().flat_map(edges).collect();
        gpu.queue
            .write_buffer(&self.range, 0, bytemuck::cast_slice(&edges));
        self.shown = rows().cloned().collect();
    }

    /// Records the sums of the columns that some display columns of a strip read.
    pub fn sum(
        &self,
        gpu: &Gpu,
        encoder: &mut wgpu::CommandEncoder,
        strip: &StripParams,
        display_columns: &Range<i64>,
    ) {
        let Some(params) = columns_read(&strip.mix, display_columns) else {
            return;
        };
        gpu.queue
            .write_buffer(&self.params, 0, bytemuck::bytes_of(&params));
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
            label: Some("Bands::pass"),
            timestamp_writes: None,
        });
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.group, &[]);
        pass.dispatch_workgroups((NUM_BANDS as u32).div_ceil(GROUP), params.num_columns, 1);
    }
}
