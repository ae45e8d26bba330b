// The spectrogram: one sample of the strip a pixel, then tilt, gain, range and colour. Knobs cost nothing here.

struct PaneParams {
    // Left, top, width, height in pixels.
    rect: vec4<f32>,
    // Strip texel under the left edge, ring width, lowest bin, bins a pixel.
    base_texel: f32,
    ring_width: f32,
    low_bin: f32,
    bins_per_px: f32,
    // dB a bin, bin of 1 kHz, level of the dark end, 1 / range.
    tilt_db_per_bin: f32,
    pivot_bin: f32,
    low_db: f32,
    per_db: f32,
    // Gain of the reference, 1 / range of the difference, what to show, row of the table.
    reference_gain_db: f32,
    per_difference_db: f32,
    content: u32,
    table_row: u32,
    panel: vec4<f32>,
    mix_hue: vec4<f32>,
    reference_hue: vec4<f32>,
}

const LEVEL_MIX: u32 = 0u;
const LEVEL_REFERENCE: u32 = 1u;
const OVERLAY: u32 = 2u;
const DIFFERENCE: u32 = 3u;
const TABLE_LEN: f32 = 256.0;
const DIFFERENCE_ROW: i32 = 2;
const NOTHING_DB: f32 = -170.0;

@group(1) @binding(0) var<uniform> pane: PaneParams;
@group(1) @binding(1) var strip: texture_2d<f32>;
@group(1) @binding(2) var strip_sampler: sampler;
@group(1) @binding(3) var tables: texture_2d<f32>;

struct PaneOut {
    @builtin(position) clip: vec4<f32>,
    @location(0) uv: vec2<f32>,
    @location(1) tilt_db: f32,
}

@vertex
fn vs_pane(@builtin(vertex_index) corner: u32) -> PaneOut {
    let unit = vec2<f32>(f32(corner & 1u), f32(corner >> 1u));
    let bin = pane.low_bin + (1.0 - unit.y) * pane.rect.w * pane.bins_per_px;
    var out: PaneOut;
    out.clip = clip_from_px(pane.rect.xy + unit * pane.rect.zw);
    out.uv = vec2<f32>((pane.base_texel + unit.x * pane.rect.z) / pane.ring_width, unit.y);
    out.tilt_db = (bin - pane.pivot_bin) * pane.tilt_db_per_bin;
    return out;
}

fn table_color(row: i32, value: f32) -> vec4<f32> {
    let index = i32(clamp(value, 0.0, 1.0) * (TABLE_LEN - 1.0) + 0.5);
    return textureLoad(tables, vec2<i32>(index, row), 0);
}

@fragment
fn fs_pane(in: PaneOut) -> @location(0) vec4<f32> {
    let levels = textureSampleLevel(strip, strip_sampler, in.uv, 0.0).xy;
    let shown = levels + vec2<f32>(in.tilt_db, in.tilt_db + pane.reference_gain_db);
    let value = (shown - pane.low_db) * pane.per_db;
    if pane.content <= LEVEL_REFERENCE {
        let is_mix = pane.content == LEVEL_MIX;
        let level = select(levels.y, levels.x, is_mix);
        let color = table_color(i32(pane.table_row), select(value.y, value.x, is_mix));
        return select(color, pane.panel, level < NOTHING_DB);
    }
    let strength = clamp(value, vec2<f32>(0.0), vec2<f32>(1.0));
    if pane.content == OVERLAY {
        let light = strength * strength;
        let color = pane.panel.rgb + pane.mix_hue.rgb * light.x + pane.reference_hue.rgb * light.y;
        return vec4<f32>(min(color, vec3<f32>(1.0)), 1.0);
    }
    // Where both are quiet the difference fades to neutral, or noise would shout.
    let heard = smoothstep(0.0, 0.25, max(strength.x, strength.y));
    let missing = min(levels.x, levels.y) < NOTHING_DB && max(levels.x, levels.y) < NOTHING_DB;
    let difference_db = (shown.x - shown.y) * heard;
    let color = table_color(DIFFERENCE_ROW, 0.5 + 0.5 * difference_db * pane.per_difference_db);
    return select(color, pane.panel, missing);
}
