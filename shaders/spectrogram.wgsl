// The spectrogram: one sample of the strip a pixel, moved by fractions of a pixel as time goes on.

struct PaneParams {
    // Left, top, width, height in pixels.
    rect: vec4<f32>,
    // Strip texel under the left edge, ring width.
    base_texel: f32,
    ring_width: f32,
    pad_a: f32,
    pad_b: f32,
}

@group(1) @binding(0) var<uniform> pane: PaneParams;
@group(1) @binding(1) var strip: texture_2d<f32>;
@group(1) @binding(2) var strip_sampler: sampler;

struct PaneOut {
    @builtin(position) clip: vec4<f32>,
    @location(0) uv: vec2<f32>,
}

@vertex
fn vs_pane(@builtin(vertex_index) corner: u32) -> PaneOut {
    let unit = vec2<f32>(f32(corner & 1u), f32(corner >> 1u));
    var out: PaneOut;
    out.clip = clip_from_px(pane.rect.xy + unit * pane.rect.zw);
    out.uv = vec2<f32>((pane.base_texel + unit.x * pane.rect.z) / pane.ring_width, unit.y);
    return out;
}

@fragment
fn fs_pane(in: PaneOut) -> @location(0) vec4<f32> {
    return textureSampleLevel(strip, strip_sampler, in.uv, 0.0);
}
