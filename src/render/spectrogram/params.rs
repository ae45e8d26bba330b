//! What the shaders of the spectrogram are told: mirrors of their structs, and how a scene fills them.

use crate::dsp::grid::{BINS_PER_OCTAVE, NUM_BINS, bin_from_hz};
use crate::mirror;
use crate::render::history::{History, RING_COLUMNS};
use crate::view::layout::{Pane, PaneContent};
use crate::view::outside::MOST_SECTIONS;
use crate::view::palette::Side;
use crate::view::scene::Scene;
use crate::view::side::SideClock;
use crate::view::timeline::{column_index, laid_column, tier_secs};

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
    // Many fields: the shader's struct has them, and a test holds both against each other.
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
        /// A track that stands so little above the threshold in the other counts as masked.
        pub masking_range_db: f32,
        /// Rounds the struct up to 16 bytes, as uniforms ask.
        pub pad_a: f32,
        /// As above.
        pub pad_b: f32,
        /// As above.
        pub pad_c: f32,
        /// Ground.
        pub panel: [f32; 4],
        /// Hue of side A.
        pub mix_hue: [f32; 4],
        /// Hue of side B.
        pub reference_hue: [f32; 4],
        /// Positions from which on the range of a section counts, the first row's from the first one on.
        pub sections_from: [[f32; 4]; MOST_SECTIONS / 4],
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

/// Seconds a pixel of a pane stands for.
pub fn secs_per_px(scene: &Scene, pane: &Pane) -> f64 {
    scene.looks.span_secs / f64::from(pane.plot.w)
}

/// What a strip is drawn from in a scene: some of its display columns.
pub fn strip_params(
    scene: &Scene,
    pane: &Pane,
    histories: &[History; 2],
    columns: &std::ops::Range<i64>,
    ring_width: u32,
) -> StripParams {
    let secs_per_px = secs_per_px(scene, pane);
    let side = |side: Side| {
        let clock = &scene.columns_clock(side);
        let history = &histories[side.index()];
        // Columns in the making hold the past where they know nothing yet: to a difference that would be a lie.
        let compares = matches!(
            pane.content,
            PaneContent::Difference | PaneContent::Outside | PaneContent::Masking
        );
        let held = if compares {
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
        PaneContent::Outside => (5, 2, 1),
        PaneContent::Masking => (6, 2, 3),
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
        low_db: looks.level_range_db()[0],
        per_db: 1.0 / looks.range_db.max(1.0),
        reference_gain_db: scene.reference_gain_db() as f32,
        per_difference_db: 1.0 / looks.difference_range_db.max(0.1),
        content,
        table_row,
        masking_range_db: looks.masking_range_db,
        panel: palette.panel.to_f32(),
        mix_hue: palette.mix.to_f32(),
        reference_hue: palette.reference.to_f32(),
        sections_from: sections_from(scene, histories),
        ..StripParams::default()
    }
}

/// Where in the columns of the mix its sections begin, as a strip counts them; nowhere those there are not.
fn sections_from(scene: &Scene, histories: &[History; 2]) -> [[f32; 4]; MOST_SECTIONS / 4] {
    let clock = scene.columns_clock(Side::Mix);
    let origin = histories[Side::Mix.index()].finished(clock.tier).start;
    let sections = scene.outside.iter().flat_map(|outside| &outside.sections);
    let mut from = [[f32::MAX; 4]; MOST_SECTIONS / 4];
    for (at, (secs, _)) in from.as_flattened_mut().iter_mut().zip(sections) {
        let column = column_index(clock.hop_secs, clock.tier, secs + clock.offset_secs);
        *at = (column - origin as f64) as f32;
    }
    from
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

/// How a pane shows its strip in a scene.
pub fn pane_params(scene: &Scene, pane: &Pane, ring_width: u32) -> PaneParams {
    let left_texel = scene.right_edge_secs / secs_per_px(scene, pane) - f64::from(pane.plot.w);
    PaneParams {
        rect: [pane.plot.x, pane.plot.y, pane.plot.w, pane.plot.h],
        base_texel: left_texel.rem_euclid(f64::from(ring_width)) as f32,
        ring_width: ring_width as f32,
        ..PaneParams::default()
    }
}
