// The vectorscope: an analytic beam drawn into a phosphor that fades, then shown in the side's hue.
//
// The beam is a Gaussian spot that moves from one frame of the signal to the next in equal time, so the light it
// leaves a point is the integral of the spot along the segment: slow parts glow, fast ones are faint, as on glass.

struct ScopeParams {
    // Left, top, width, height of the panel in pixels.
    rect: vec4<f32>,
    hue: vec4<f32>,
    panel: vec4<f32>,
    // Size of the phosphor in pixels.
    phosphor_px: vec2<f32>,
    // Standard deviation of the beam in pixels.
    sigma_px: f32,
    // Light one segment leaves in all, before it is spread.
    energy: f32,
    // Amplitude at the edge of the phosphor's shorter half.
    full_scale: f32,
    // Exposure of the picture.
    exposure: f32,
    // Grey that the colour goes towards where the beam dwells: white on a dark ground, black on a light one.
    dwelt: f32,
    pad: f32,
}

@group(1) @binding(0) var<uniform> scope: ScopeParams;
@group(1) @binding(1) var phosphor: texture_2d<f32>;

// Where the spot ends along the segment, in units of its sigma.
const EDGE_REACH: f32 = 2.05;

struct BeamOut {
    @builtin(position) clip: vec4<f32>,
    // Along and across the segment, in units of the beam's sigma.
    @location(0) along: vec2<f32>,
    @location(1) @interpolate(flat) length_sigmas: f32,
}

// Left and right samples to pixels of the phosphor: mono is vertical, left leans to the upper left.
fn phosphor_px_from_frame(left_right: vec2<f32>) -> vec2<f32> {
    let xy = vec2<f32>(left_right.y - left_right.x, left_right.x + left_right.y) * 0.70710678;
    let half_px = 0.5 * min(scope.phosphor_px.x, scope.phosphor_px.y);
    return 0.5 * scope.phosphor_px + vec2<f32>(xy.x, -xy.y) * (half_px / scope.full_scale);
}

@vertex
fn vs_beam(
    @builtin(vertex_index) corner: u32,
    @location(0) from_frame: vec2<f32>,
    @location(1) to_frame: vec2<f32>,
) -> BeamOut {
    let a = phosphor_px_from_frame(from_frame);
    let b = phosphor_px_from_frame(to_frame);
    let length_px = length(b - a);
    let direction = select(vec2<f32>(1.0, 0.0), (b - a) / max(length_px, 1e-6), length_px > 1e-3);
    let normal = vec2<f32>(-direction.y, direction.x);
    let reach = 2.6 * scope.sigma_px;
    let reach_along = EDGE_REACH * scope.sigma_px;
    let unit = vec2<f32>(f32(corner & 1u), f32(corner >> 1u));
    let along_px = mix(-reach_along, length_px + reach_along, unit.x);
    let across_px = mix(-reach, reach, unit.y);
    let px = a + direction * along_px + normal * across_px;
    var out: BeamOut;
    out.clip = vec4<f32>(
        px.x / scope.phosphor_px.x * 2.0 - 1.0,
        1.0 - px.y / scope.phosphor_px.y * 2.0,
        0.0,
        1.0,
    );
    out.along = vec2<f32>(along_px, across_px) / scope.sigma_px;
    out.length_sigmas = length_px / scope.sigma_px;
    return out;
}

// The integral of the spot up to a place, from -0.5 to 0.5: a cubic within 1.5 % of the Gaussian's, which needs two
// exponentials and two roots where this needs none. Whatever the curve, what a segment begins the one before it ends,
// so joints do not show and a segment leaves all of its light.
fn light_up_to(sigmas: f32) -> f32 {
    let x = clamp(sigmas / EDGE_REACH, -1.0, 1.0);
    return x * (0.75 - 0.25 * x * x);
}

@fragment
fn fs_beam(in: BeamOut) -> @location(0) vec4<f32> {
    let across = 0.39894228 * exp(-0.5 * in.along.y * in.along.y);
    // A spot that stands still moves a hundredth of its width: not seen, and there is nothing to decide for a pixel.
    let length_sigmas = max(in.length_sigmas, 0.01);
    let along = (light_up_to(in.along.x) - light_up_to(in.along.x - length_sigmas)) / length_sigmas;
    let light = scope.energy * across * along / (scope.sigma_px * scope.sigma_px);
    return vec4<f32>(light, 0.0, 0.0, 1.0);
}

@vertex
fn vs_fade(@builtin(vertex_index) corner: u32) -> @builtin(position) vec4<f32> {
    let unit = vec2<f32>(f32((corner << 1u) & 2u), f32(corner & 2u));
    return vec4<f32>(unit * 2.0 - 1.0, 0.0, 1.0);
}

@fragment
fn fs_fade() -> @location(0) vec4<f32> {
    // The blend constant multiplies what is there; nothing is added.
    return vec4<f32>(0.0);
}

struct PanelOut {
    @builtin(position) clip: vec4<f32>,
    @location(0) uv: vec2<f32>,
}

@vertex
fn vs_panel(@builtin(vertex_index) corner: u32) -> PanelOut {
    let unit = vec2<f32>(f32(corner & 1u), f32(corner >> 1u));
    var out: PanelOut;
    out.clip = clip_from_px(scope.rect.xy + unit * scope.rect.zw);
    out.uv = unit;
    return out;
}

// Colour of the light at a place of the panel, and how much of it there is.
fn light_at(uv: vec2<f32>) -> vec4<f32> {
    let texel = vec2<i32>(uv * scope.phosphor_px);
    let light = 1.0 - exp2(-textureLoad(phosphor, texel, 0).r * scope.exposure);
    // Hue first, away from the ground only where the beam dwells.
    let color = mix(scope.hue.rgb, vec3<f32>(scope.dwelt), 0.55 * light * light * light);
    return vec4<f32>(color, sqrt(light));
}

@fragment
fn fs_panel(in: PanelOut) -> @location(0) vec4<f32> {
    let light = light_at(in.uv);
    return vec4<f32>(mix(scope.panel.rgb, light.rgb, light.a), 1.0);
}

// The other side's light over what is there: premultiplied, so that the blending screens or mixes it.
@fragment
fn fs_over(in: PanelOut) -> @location(0) vec4<f32> {
    let light = light_at(in.uv);
    return vec4<f32>(light.rgb * light.a, light.a);
}
