// Shapes: rectangles, lines with round ends, and the area between two curves, all as one instanced quad.

const RECT: u32 = 0u;
const SEGMENT: u32 = 1u;
const BAND: u32 = 2u;

struct ShapeIn {
    @location(0) ends: vec4<f32>,
    @location(1) extra: vec4<f32>,
    @location(2) color: vec4<f32>,
    @location(3) kind: u32,
}

struct ShapeOut {
    @builtin(position) clip: vec4<f32>,
    @location(0) px: vec2<f32>,
    @location(1) @interpolate(flat) ends: vec4<f32>,
    @location(2) @interpolate(flat) extra: vec4<f32>,
    @location(3) @interpolate(flat) color: vec4<f32>,
    @location(4) @interpolate(flat) kind: u32,
}

@vertex
fn vs_shape(@builtin(vertex_index) corner: u32, shape: ShapeIn) -> ShapeOut {
    let unit = vec2<f32>(f32(corner & 1u), f32(corner >> 1u));
    var low = shape.ends.xy;
    var high = shape.ends.zw;
    var px = mix(low, high, unit);
    if shape.kind == SEGMENT {
        // The quad lies along the line, so that a long slanted one does not fill its bounding box.
        let reach = shape.extra.x + 1.0;
        let along = shape.ends.zw - shape.ends.xy;
        let length_px = max(length(along), 1e-4);
        let direction = select(along / length_px, vec2<f32>(1.0, 0.0), length_px < 1e-3);
        let normal = vec2<f32>(-direction.y, direction.x);
        px = mix(shape.ends.xy - direction * reach, shape.ends.zw + direction * reach, unit.x)
            + normal * reach * (unit.y * 2.0 - 1.0);
    } else if shape.kind == BAND {
        low = vec2<f32>(shape.ends.x, min(min(shape.ends.y, shape.ends.w), min(shape.extra.x, shape.extra.y)) - 1.0);
        high = vec2<f32>(shape.ends.z, max(max(shape.ends.y, shape.ends.w), max(shape.extra.x, shape.extra.y)) + 1.0);
        px = mix(low, high, unit);
    }
    var out: ShapeOut;
    out.clip = clip_from_px(px);
    out.px = px;
    out.ends = shape.ends;
    out.extra = shape.extra;
    out.color = shape.color;
    out.kind = shape.kind;
    return out;
}

struct GroundOut {
    @builtin(position) clip: vec4<f32>,
    @location(0) @interpolate(flat) color: vec4<f32>,
}

// Opaque rectangles: the ends of a shape, its colour, and nothing to be worked out for a pixel.
@vertex
fn vs_ground(@builtin(vertex_index) corner: u32, shape: ShapeIn) -> GroundOut {
    let unit = vec2<f32>(f32(corner & 1u), f32(corner >> 1u));
    var out: GroundOut;
    out.clip = clip_from_px(mix(shape.ends.xy, shape.ends.zw, unit));
    out.color = shape.color;
    return out;
}

@fragment
fn fs_ground(in: GroundOut) -> @location(0) vec4<f32> {
    return in.color;
}

@fragment
fn fs_shape(in: ShapeOut) -> @location(0) vec4<f32> {
    var coverage = 1.0;
    if in.kind == SEGMENT {
        let along = in.ends.zw - in.ends.xy;
        let from_start = in.px - in.ends.xy;
        let t = clamp(dot(from_start, along) / max(dot(along, along), 1e-6), 0.0, 1.0);
        coverage = clamp(in.extra.x + 0.5 - length(from_start - along * t), 0.0, 1.0);
    } else if in.kind == BAND {
        let t = clamp((in.px.x - in.ends.x) / max(in.ends.z - in.ends.x, 1e-4), 0.0, 1.0);
        let upper = mix(in.ends.y, in.ends.w, t);
        let lower = mix(in.extra.x, in.extra.y, t);
        coverage = clamp(in.px.y - min(upper, lower) + 0.5, 0.0, 1.0)
            * clamp(max(upper, lower) - in.px.y + 0.5, 0.0, 1.0);
    }
    return vec4<f32>(in.color.rgb, in.color.a * coverage);
}
