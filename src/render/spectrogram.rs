//! The spectrogram pass: for each pane a strip, drawn a few columns a frame, and the pane itself.
//!
//! A strip is a ring of display columns, coloured, at the pane's own resolution. Scrolling moves where the pane samples it, by
//! fractions of a pixel; only columns that are new or still in the making are computed. That keeps the cost of a
//! frame at one texture sample a pixel, whatever the zoom and however long the session.

use crate::dsp::grid::{BINS_PER_OCTAVE, NUM_BINS, bin_from_hz};
use crate::mirror;
use crate::render::gpu::Gpu;
use crate::render::history::{History, RING_COLUMNS};
use crate::render::pipeline::{
    Binding, PipelineSpec, bind_group, bind_group_layout, render_pipeline, uniform_buffer,
};
use crate::view::colormap::{TABLE_LEN, difference_table};
use crate::view::layout::{Pane, PaneContent};
use crate::view::palette::Side;
use crate::view::scene::{Channel, Scene, SideClock};
use crate::view::timeline::{column_index, laid_column, tier_secs};

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

const STRIP_FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;
/// Columns before the newest finished one that may still be drawn with one in the making.
const UNSETTLED_COLUMNS: f64 = 2.0;
/// The match breathes with every second that is heard. What was drawn stays until it is off by this much: less is
/// not seen in a colour, and drawing everything anew each time would stutter on a small GPU.
const GAIN_TOLERANCE_DB: f64 = 0.2;

mirror! {
    /// One side of a strip, see `StripSide` in spectrogram_strip.wgsl.
    pub struct StripSide {
        /// Position of the first display column.
        pub base: f32,
        /// Tier columns from one display column to the next.
        pub step: f32,
        /// First position that exists.
        pub valid_first: f32,
        /// Last position that exists.
        pub valid_last: f32,
        /// First word of the tier.
        pub tier_word: u32,
        /// Slot of the origin.
        pub origin_slot: u32,
        /// Rounds the struct up to 16 bytes, as uniforms ask.
        pub pad_a: f32,
        /// As above.
        pub pad_b: f32,
    }
}

mirror! {
    /// What a strip is drawn from, see `StripParams` in spectrogram_strip.wgsl.
    pub struct StripParams {
        /// Side A.
        pub mix: StripSide,
        /// Side B.
        pub reference: StripSide,
        /// Bin at the lower edge.
        pub low_bin: f32,
        /// Bins a pixel.
        pub bins_per_px: f32,
        /// Height of the strip.
        pub height_px: f32,
        /// Slot of the first display column of this draw.
        pub first_slot: u32,
        /// Slots in the ring.
        pub ring_width: u32,
        /// Channel shown.
        pub channel: u32,
        /// Bits: 1 mix, 2 reference.
        pub sides: u32,
        /// 0 none; else, for the difference, 1 more than the bins averaged on either side.
        pub smoothing: u32,
        /// Tilt in dB a bin.
        pub tilt_db_per_bin: f32,
        /// Bin of 1 kHz.
        pub pivot_bin: f32,
        /// Level at the dark end.
        pub low_db: f32,
        /// One over the range.
        pub per_db: f32,
        /// Gain of the reference.
        pub reference_gain_db: f32,
        /// One over the range of the difference.
        pub per_difference_db: f32,
        /// What to show.
        pub content: u32,
        /// Row of the colour table.
        pub table_row: u32,
        /// Ground.
        pub panel: [f32; 4],
        /// Hue of side A.
        pub mix_hue: [f32; 4],
        /// Hue of side B.
        pub reference_hue: [f32; 4],
    }
}

mirror! {
    /// How a pane shows its strip, see `PaneParams` in spectrogram.wgsl.
    pub struct PaneParams {
        /// Left, top, width, height.
        pub rect: [f32; 4],
        /// Strip texel under the left edge.
        pub base_texel: f32,
        /// Slots in the ring.
        pub ring_width: f32,
        /// Rounds the struct up to 16 bytes.
        pub pad_a: f32,
        /// As above.
        pub pad_b: f32,
    }
}

/// What a strip's pixels depend on besides time: when it changes, all of it is drawn again.
#[derive(Clone, Debug, PartialEq)]
struct StripKey {
    content: PaneContent,
    channel: Channel,
    secs_per_px: f64,
    bins: [f64; 2],
    clocks: [Option<(f64, f64, usize, u64)>; 2],
    looks: StripLooks,
}

/// What a strip's colours depend on.
#[derive(Clone, Debug, PartialEq)]
struct StripLooks {
    tilt_db_per_octave: f32,
    low_db: f32,
    range_db: f32,
    difference_range_db: f32,
    difference_smoothing: u8,
    tables: u64,
}

/// One pane's strip.
struct Strip {
    texture: wgpu::Texture,
    params: wgpu::Buffer,
    draw_group: wgpu::BindGroup,
    pane_params: wgpu::Buffer,
    pane_group: wgpu::BindGroup,
    size: [u32; 2],
    key: Option<StripKey>,
    /// Gain of the reference all of it was last drawn with.
    gain_db: f64,
    /// Display columns that are right and will not change.
    settled: std::ops::Range<i64>,
}

/// Display columns of a strip to draw now.
struct Redraw {
    columns: std::ops::Range<i64>,
    settled: std::ops::Range<i64>,
}

/// The pass: pipelines, tables and up to two strips.
pub struct SpectrogramPass {
    strip_pipeline: wgpu::RenderPipeline,
    strip_layout: wgpu::BindGroupLayout,
    pane_pipeline: wgpu::RenderPipeline,
    pane_layout: wgpu::BindGroupLayout,
    frame_group: wgpu::BindGroup,
    sampler: wgpu::Sampler,
    tables: wgpu::Texture,
    tables_key: Option<Vec<u8>>,
    /// Counts changes of the tables.
    tables_generation: u64,
    strips: Vec<Strip>,
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
            tables_key: None,
            tables_generation: 0,
            strip_layout,
            pane_layout,
            strips: vec![],
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
        let mut bytes = Vec::with_capacity(TABLE_LEN * 3 * 4);
        for table in [
            map.table(palette.panel, palette.mix),
            map.table(palette.panel, palette.reference),
            difference_table(palette),
        ] {
            bytes.extend(table.iter().flat_map(|color| color.0));
        }
        if self.tables_key.as_ref() == Some(&bytes) {
            return;
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
        self.tables_key = Some(bytes);
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
        if self.strips.get(index).is_some_and(|s| s.size == size) {
            return;
        }
        let strip = Strip::new(
            device,
            size,
            histories,
            &self.strip_layout,
            &self.pane_layout,
            &self.sampler,
            &self.tables,
        );
        if index < self.strips.len() {
            self.strips[index] = strip;
        } else {
            self.strips.push(strip);
        }
    }
}

impl Strip {
    fn new(
        device: &wgpu::Device,
        size: [u32; 2],
        histories: &[History; 2],
        strip_layout: &wgpu::BindGroupLayout,
        pane_layout: &wgpu::BindGroupLayout,
        sampler: &wgpu::Sampler,
        tables: &wgpu::Texture,
    ) -> Self {
        let texture = device.create_texture(&wgpu::TextureDescriptor {
            label: Some("Spectrogram::strip"),
            size: wgpu::Extent3d {
                width: size[0],
                height: size[1],
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: STRIP_FORMAT,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::TEXTURE_BINDING,
            view_formats: &[],
        });
        let params = uniform_buffer::<StripParams>(device, "Spectrogram::strip_params");
        let pane_params = uniform_buffer::<PaneParams>(device, "Spectrogram::pane_params");
        let tables_view = tables.create_view(&wgpu::TextureViewDescriptor::default());
        let draw_group = bind_group(
            device,
            "Spectrogram::strip_group",
            strip_layout,
            vec![
                params.as_entire_binding(),
                histories[0].buffer().as_entire_binding(),
                histories[1].buffer().as_entire_binding(),
                wgpu::BindingResource::TextureView(&tables_view),
            ],
        );
        let strip_view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        let pane_group = bind_group(
            device,
            "Spectrogram::pane_group",
            pane_layout,
            vec![
                pane_params.as_entire_binding(),
                wgpu::BindingResource::TextureView(&strip_view),
                wgpu::BindingResource::Sampler(sampler),
            ],
        );
        Self {
            texture,
            params,
            draw_group,
            pane_params,
            pane_group,
            size,
            key: None,
            gain_db: 0.0,
            settled: 0..0,
        }
    }

    /// Decides which display columns are to be drawn for this picture.
    fn plan(&mut self, scene: &Scene, pane: &Pane, tables: u64) -> Option<Redraw> {
        let secs_per_px = secs_per_px(scene, pane);
        if !secs_per_px.is_finite() || secs_per_px <= 0.0 {
            return None;
        }
        let key = strip_key(scene, pane, secs_per_px, tables);
        let gain_db = scene.reference_gain_db();
        let gain_moved = uses(pane.content, Side::Reference)
            && (gain_db - self.gain_db).abs() > GAIN_TOLERANCE_DB;
        if self.key.as_ref() != Some(&key) || gain_moved {
            self.key = Some(key);
            self.gain_db = gain_db;
            self.settled = 0..0;
        }
        let right = scene.right_edge_secs / secs_per_px;
        let needed = (right - f64::from(pane.plot.w)).floor() as i64 - 1..right.ceil() as i64 + 1;
        let settled_overlaps = self.settled.start < needed.end && self.settled.end > needed.start;
        let from = if settled_overlaps && self.settled.start <= needed.start {
            self.settled.end.max(needed.start)
        } else {
            needed.start
        };
        let final_end = settled_end(scene, pane, secs_per_px);
        Some(Redraw {
            columns: from.min(needed.end)..needed.end,
            settled: needed.start..final_end.clamp(needed.start, needed.end),
        })
    }

    fn draw(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        pipeline: &wgpu::RenderPipeline,
        columns: &std::ops::Range<i64>,
    ) {
        let count = (columns.end - columns.start).clamp(0, i64::from(self.size[0])) as u32;
        if count == 0 {
            return;
        }
        let view = self
            .texture
            .create_view(&wgpu::TextureViewDescriptor::default());
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("Spectrogram::strip_pass"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: &view,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations {
                    load: wgpu::LoadOp::Load,
                    store: wgpu::StoreOp::Store,
                },
            })],
            ..Default::default()
        });
        pass.set_pipeline(pipeline);
        pass.set_bind_group(0, &self.draw_group, &[]);
        let first = columns.start.rem_euclid(i64::from(self.size[0])) as u32;
        let before_wrap = count.min(self.size[0] - first);
        for (x, width) in [(first, before_wrap), (0, count - before_wrap)] {
            if width > 0 {
                pass.set_scissor_rect(x, 0, width, self.size[1]);
                pass.draw(0..3, 0..1);
            }
        }
    }
}

fn strip_key(scene: &Scene, pane: &Pane, secs_per_px: f64, tables: u64) -> StripKey {
    // Of the sides it shows: a record that is being read changes from picture to picture, which is nothing to the mix.
    let clock = |side: Side| {
        let clock = &scene.side(side).clock;
        uses(pane.content, side).then_some((
            clock.hop_secs,
            clock.offset_secs,
            clock.tier,
            clock.generation,
        ))
    };
    StripKey {
        content: pane.content,
        channel: scene.looks.channel,
        secs_per_px,
        bins: [scene.frequency.low_bin, scene.frequency.high_bin],
        clocks: Side::BOTH.map(clock),
        looks: StripLooks {
            tilt_db_per_octave: scene.looks.tilt_db_per_octave,
            low_db: scene.looks.top_db - scene.looks.range_db,
            range_db: scene.looks.range_db,
            difference_range_db: scene.looks.difference_range_db,
            difference_smoothing: scene.looks.difference_smoothing,
            tables,
        },
    }
}

/// Seconds a pixel of a pane stands for.
pub fn secs_per_px(scene: &Scene, pane: &Pane) -> f64 {
    scene.looks.span_secs / f64::from(pane.plot.w)
}

/// First display column that may still change: the one in which the earliest of the shown sides is not final.
fn settled_end(scene: &Scene, pane: &Pane, secs_per_px: f64) -> i64 {
    Side::BOTH
        .into_iter()
        .filter(|side| uses(pane.content, *side))
        .map(|side| {
            let clock = &scene.side(side).clock;
            // A coarse column, and the smoothing, reach back over what they average.
            let reach = UNSETTLED_COLUMNS * tier_secs(clock.hop_secs, clock.tier);
            ((clock.final_secs - clock.offset_secs - reach) / secs_per_px).floor() as i64
        })
        .min()
        .unwrap_or(i64::MAX)
}

fn uses(content: PaneContent, side: Side) -> bool {
    match content {
        PaneContent::Level(shown) => shown == side,
        PaneContent::Overlay | PaneContent::Difference => true,
    }
}

fn strip_params(
    scene: &Scene,
    pane: &Pane,
    histories: &[History; 2],
    columns: &std::ops::Range<i64>,
    ring_width: u32,
) -> StripParams {
    let secs_per_px = secs_per_px(scene, pane);
    let side = |side: Side| {
        let clock = &scene.side(side).clock;
        let history = &histories[side.index()];
        // Columns in the making hold the past where they know nothing yet: to a difference that would be a lie.
        let held = if pane.content == PaneContent::Difference {
            history.finished(clock.tier)
        } else {
            history.held(clock.tier)
        };
        strip_side(clock, held, columns, secs_per_px)
    };
    let looks = &scene.looks;
    let palette = &scene.palette;
    let (content, table_row, sides) = match pane.content {
        PaneContent::Level(Side::Mix) => (0, 0, 1),
        PaneContent::Level(Side::Reference) => (1, 1, 2),
        PaneContent::Overlay if palette.has_light_ground() => (4, 0, 3),
        PaneContent::Overlay => (2, 0, 3),
        PaneContent::Difference => (3, 2, 3),
    };
    StripParams {
        mix: side(Side::Mix),
        reference: side(Side::Reference),
        low_bin: scene.frequency.low_bin as f32,
        bins_per_px: bins_per_px(scene, pane),
        height_px: pane.plot.h,
        first_slot: columns.start.rem_euclid(i64::from(ring_width)) as u32,
        ring_width,
        channel: looks.channel as u32,
        sides,
        smoothing: if pane.content == PaneContent::Difference {
            1 + looks.smoothing_bins() as u32
        } else {
            0
        },
        tilt_db_per_bin: looks.tilt_db_per_octave / BINS_PER_OCTAVE as f32,
        pivot_bin: bin_from_hz(1000.0) as f32,
        low_db: looks.top_db - looks.range_db,
        per_db: 1.0 / looks.range_db.max(1.0),
        reference_gain_db: scene.reference_gain_db() as f32,
        per_difference_db: 1.0 / looks.difference_range_db.max(0.1),
        content,
        table_row,
        panel: palette.panel.to_f32(),
        mix_hue: palette.mix.to_f32(),
        reference_hue: palette.reference.to_f32(),
    }
}

fn strip_side(
    clock: &SideClock,
    held: std::ops::Range<u64>,
    columns: &std::ops::Range<i64>,
    secs_per_px: f64,
) -> StripSide {
    let tier = clock.tier;
    // Everything is relative to an index near what is drawn, so that 32-bit floats stay exact after many hours.
    let origin = held.start;
    let first_mix_secs = (columns.start as f64 + 0.5) * secs_per_px;
    let position = |secs: f64| column_index(clock.hop_secs, tier, secs) - origin as f64;
    let base = position(first_mix_secs + clock.offset_secs);
    // A reference's columns lie up to half a column off their laid time. Of two turns in one draw most of it counts.
    let middle_secs = (columns.start + columns.end) as f64 / 2.0 * secs_per_px;
    let middle = column_index(clock.hop_secs, tier, middle_secs + clock.offset_secs).floor();
    let off = clock.region.map_or(0.0, |region| {
        laid_column(region, clock.hop_secs, tier, middle).1
    });
    StripSide {
        base: (base + off) as f32,
        step: (secs_per_px / tier_secs(clock.hop_secs, tier)) as f32,
        valid_first: 0.0,
        // An empty history lies before everything.
        valid_last: if held.is_empty() {
            -10.0
        } else {
            (held.end - held.start - 1) as f32
        },
        tier_word: (tier as u64 * RING_COLUMNS * NUM_BINS as u64) as u32,
        origin_slot: (origin % RING_COLUMNS) as u32,
        ..StripSide::default()
    }
}

fn bins_per_px(scene: &Scene, pane: &Pane) -> f32 {
    ((scene.frequency.high_bin - scene.frequency.low_bin) / f64::from(pane.plot.h)) as f32
}

fn pane_params(scene: &Scene, pane: &Pane, ring_width: u32) -> PaneParams {
    let left_texel = scene.right_edge_secs / secs_per_px(scene, pane) - f64::from(pane.plot.w);
    PaneParams {
        rect: [pane.plot.x, pane.plot.y, pane.plot.w, pane.plot.h],
        base_texel: left_texel.rem_euclid(f64::from(ring_width)) as f32,
        ring_width: ring_width as f32,
        ..PaneParams::default()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Session;
    use crate::view::axis::FrequencyAxis;
    use crate::view::build::{Moment, PictureRequest, scene};
    use crate::view::scene::{Looks, Status};

    #[test]
    fn a_strip_is_drawn_again_for_the_sides_it_shows_and_for_no_other() {
        let session = Session::default();
        let moment = Moment {
            mix: None,
            beside: &session.pair.beside,
        };
        let request = PictureRequest {
            size: [1280, 720],
            scale: 1.0,
            right_edge_secs: 0.0,
            frozen_behind_secs: None,
            drawer: None,
            frequency: FrequencyAxis::default(),
            status: Status::default(),
        };
        let before = scene(&session, moment, &Looks::default(), request);
        let mut after = before.clone();
        // As it grows while a record is read.
        after.sides[Side::Reference.index()].clock.generation += 1;
        for (content, is_the_same) in [
            (PaneContent::Level(Side::Mix), true),
            (PaneContent::Level(Side::Reference), false),
            (PaneContent::Overlay, false),
            (PaneContent::Difference, false),
        ] {
            let pane = Pane {
                content,
                ..before.layout.panes[0]
            };
            let key = |scene| strip_key(scene, &pane, 0.01, 1);
            assert_eq!(key(&before) == key(&after), is_the_same, "{content:?}");
        }
    }
}
