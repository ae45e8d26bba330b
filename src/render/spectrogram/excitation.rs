//! What each auditory filter lets through of both sides, on the GPU: what a pane of masking reads.

use std::ops::Range;

use wgpu::util::DeviceExt as _;

use crate::analysis::excitation::filters;
use crate::dsp::excitation::NUM_FILTERS;
use crate::dsp::grid::NUM_BINS;
use crate::render::gpu::Gpu;
use crate::render::history::{History, RING_COLUMNS};
use crate::render::pipeline::{
    Binding, bind_group, bind_group_layout, compute_pipeline, uniform_buffer,
};
use crate::render::spectrogram::bands::{BandParams, columns_read};
use crate::render::spectrogram::params::StripParams;

/// The shader that filters.
pub const EXCITATION_WGSL: &str = concat!(
    include_str!("../../../shaders/shared/columns.wgsl"),
    include_str!("../../../shaders/excitation.wgsl")
);

/// The pass that filters, and its results of each side.
pub struct ExcitationPass {
    pipeline: wgpu::ComputePipeline,
    sides: [OfSide; 2],
}

struct OfSide {
    params: wgpu::Buffer,
    group: wgpu::BindGroup,
    /// `excitations[slot][filter]`: power at its output, and how much the side sounds there.
    excitations: wgpu::Buffer,
}

impl ExcitationPass {
    /// The pass over the columns of both sides.
    pub fn new(device: &wgpu::Device, histories: &[History; 2]) -> Self {
        let layout = bind_group_layout(
            device,
            "Excitation::layout",
            &[
                Binding::Uniform,
                Binding::Storage,
                Binding::Storage,
                Binding::Storage,
                Binding::Results,
            ],
        );
        let constant = |label, contents: &[u8]| {
            device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
                label: Some(label),
                contents,
                usage: wgpu::BufferUsages::STORAGE,
            })
        };
        let mut weights = vec![0.0f32; NUM_FILTERS * NUM_BINS];
        for (row, filter) in weights.chunks_exact_mut(NUM_BINS).zip(filters()) {
            row[filter.first..][..filter.weights.len()].copy_from_slice(&filter.weights);
        }
        let heard = filters().iter();
        let heard: Vec<[u32; 4]> = heard
            .map(|filter| {
                let (first, len) = (filter.first, filter.weights.len());
                [first, len, filter.own.start, filter.own.end].map(|bin| bin as u32)
            })
            .collect();
        let heard = constant("Excitation::heard", bytemuck::cast_slice(&heard));
        let weights = constant("Excitation::weights", bytemuck::cast_slice(&weights));
        let pair_bytes = size_of::<[f32; 2]>() as u64;
        let of_side = |history: &History| {
            let params = uniform_buffer::<BandParams>(device, "Excitation::params");
            let excitations = device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("Excitation::excitations"),
                size: RING_COLUMNS * NUM_FILTERS as u64 * pair_bytes,
                usage: wgpu::BufferUsages::STORAGE,
                mapped_at_creation: false,
            });
            let group = bind_group(
                device,
                "Excitation::group",
                &layout,
                vec![
                    params.as_entire_binding(),
                    history.buffer().as_entire_binding(),
                    heard.as_entire_binding(),
                    weights.as_entire_binding(),
                    excitations.as_entire_binding(),
                ],
            );
            OfSide {
                params,
                group,
                excitations,
            }
        };
        let label = "Excitation::pipeline";
        Self {
            pipeline: compute_pipeline(device, label, EXCITATION_WGSL, "cs_excitation", &layout),
            sides: histories.each_ref().map(of_side),
        }
    }

    /// The results of both sides.
    pub fn buffers(&self) -> [&wgpu::Buffer; 2] {
        self.sides.each_ref().map(|side| &side.excitations)
    }

    /// Records the filters over the columns that some display columns of a strip read.
    pub fn filter(
        &self,
        gpu: &Gpu,
        encoder: &mut wgpu::CommandEncoder,
        strip: &StripParams,
        display_columns: &Range<i64>,
    ) {
        for (of_side, side) in self.sides.iter().zip([&strip.mix, &strip.reference]) {
            let Some(params) = columns_read(side, display_columns) else {
                continue;
            };
            gpu.queue
                .write_buffer(&of_side.params, 0, bytemuck::bytes_of(&params));
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
                label: Some("Excitation::pass"),
                timestamp_writes: None,
            });
            pass.set_pipeline(&self.pipeline);
            pass.set_bind_group(0, &of_side.group, &[]);
            pass.dispatch_workgroups(params.num_columns, 1, 1);
        }
    }
}
