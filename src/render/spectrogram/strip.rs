//! A pane's strip: a ring of coloured display columns, and which of them a picture has to draw.

use crate::render::history::History;
use crate::render::pipeline::{bind_group, uniform_buffer};
use crate::render::spectrogram::params::{PaneParams, StripParams, secs_per_px};
use crate::view::layout::{Pane, PaneContent};
use crate::view::looks::Channel;
use crate::view::outside::OutsideScene;
use crate::view::palette::Side;
use crate::view::scene::Scene;
use crate::view::timeline::tier_secs;

/// Format of a strip.
pub const STRIP_FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;
/// Columns before the newest finished one that may still be drawn with one in the making.
const UNSETTLED_COLUMNS: f64 = 2.0;
/// The match breathes with every second that is heard. What was drawn stays until it is off by this much: less is
/// not seen in a colour, and drawing everything anew each time would stutter on a small GPU.
const GAIN_TOLERANCE_DB: f64 = 0.2;

/// What a strip's pixels depend on besides time: when it changes, all of it is drawn again.
#[derive(Clone, Debug, PartialEq)]
struct StripKey {
    content: PaneContent,
    channel: Channel,
    secs_per_px: f64,
    bins: [f64; 2],
    clocks: [Option<(f64, f64, usize, u64)>; 2],
    looks: StripLooks,
    /// What a pane outside the record is held against.
    outside: Option<OutsideScene>,
}

/// What a strip's colours depend on.
#[derive(Clone, Debug, PartialEq)]
struct StripLooks {
    tilt_db_per_octave: f32,
    low_db: f32,
    range_db: f32,
    difference_range_db: f32,
    difference_smoothing: u8,
    masking_range_db: f32,
    tables: u64,
}

/// What a strip reads besides columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reads {
    /// Nothing.
    #[default]
    Levels,
    /// Powers of bands of the mix, and a range.
    Bands,
    /// What auditory filters let through of both sides.
    Excitations,
}

impl Reads {
    /// What a pane reads.
    pub fn of(content: PaneContent) -> Self {
        match content {
            PaneContent::Outside => Self::Bands,
            PaneContent::Masking => Self::Excitations,
            PaneContent::Level(_) | PaneContent::Overlay | PaneContent::Difference => Self::Levels,
        }
    }
}

/// One pane's strip.
pub struct Strip {
    texture: wgpu::Texture,
    /// What it is drawn from.
    pub params: wgpu::Buffer,
    draw_group: wgpu::BindGroup,
    /// How its pane shows it.
    pub pane_params: wgpu::Buffer,
    /// The pane's bindings.
    pub pane_group: wgpu::BindGroup,
    /// Display columns and rows.
    pub size: [u32; 2],
    /// What was made for it of the columns that it reads.
    pub reads: Reads,
    key: Option<StripKey>,
    /// Gain of the reference all of it was last drawn with.
    gain_db: f64,
    /// Display columns that are right and will not change.
    pub settled: std::ops::Range<i64>,
}

/// Display columns of a strip to draw now.
pub struct Redraw {
    /// Those that are drawn.
    pub columns: std::ops::Range<i64>,
    /// Those that are right for good once they are.
    pub settled: std::ops::Range<i64>,
}

impl Strip {
    /// A strip of a size, with nothing in it yet.
    pub fn new(
        device: &wgpu::Device,
        size: [u32; 2],
        histories: &[History; 2],
        [strip_layout, pane_layout]: [&wgpu::BindGroupLayout; 2],
        sampler: &wgpu::Sampler,
        tables: &wgpu::Texture,
        [bands, range]: [&wgpu::Buffer; 2],
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
                bands.as_entire_binding(),
                range.as_entire_binding(),
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
            reads: Reads::default(),
            key: None,
            gain_db: 0.0,
            settled: 0..0,
        }
    }

    /// Decides which display columns are to be drawn for this picture.
    pub fn plan(&mut self, scene: &Scene, pane: &Pane, tables: u64) -> Option<Redraw> {
        let secs_per_px = secs_per_px(scene, pane);
        if !secs_per_px.is_finite() || secs_per_px <= 0.0 {
            return None;
        }
        let key = strip_key(scene, pane, secs_per_px, tables);
        let gain_db = scene.reference_gain_db();
        let shows_reference =
            pane.content == PaneContent::Outside || uses(pane.content, Side::Reference);
        let gain_moved = shows_reference && (gain_db - self.gain_db).abs() > GAIN_TOLERANCE_DB;
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

    /// Records the drawing of some display columns.
    pub fn draw(
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
        let clock = &scene.columns_clock(side);
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
            low_db: scene.looks.level_range_db()[0],
            range_db: scene.looks.range_db,
            difference_range_db: scene.looks.difference_range_db,
            difference_smoothing: scene.looks.difference_smoothing,
            masking_range_db: scene.looks.masking_range_db,
            tables,
        },
        outside: match pane.content {
            PaneContent::Outside => scene.outside.clone(),
            _ => None,
        },
    }
}

/// First display column that may still change: the one in which the earliest of the shown sides is not final.
fn settled_end(scene: &Scene, pane: &Pane, secs_per_px: f64) -> i64 {
    Side::BOTH
        .into_iter()
        .filter(|side| uses(pane.content, *side))
        .map(|side| {
            let clock = &scene.columns_clock(side);
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
        // The reference's range is no column of it.
        PaneContent::Outside => side == Side::Mix,
        PaneContent::Overlay | PaneContent::Difference | PaneContent::Masking => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Session;
    use crate::view::build::{Moment, PictureRequest, scene};
    use crate::view::scene::Looks;

    #[test]
    fn a_strip_is_drawn_again_for_the_sides_it_shows_and_for_no_other() {
        let session = Session::default();
        let moment = Moment::now(&session);
        let request = PictureRequest::default();
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
