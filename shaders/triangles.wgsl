// Triangles with a colour a corner and a texture, premultiplied: words, buttons and small pictures.

struct CornerIn {
    @location(0) px: vec2<f32>,
    @location(1) uv: vec2<f32>,
    @location(2) color: vec4<f32>,
}

struct CornerOut {
    @builtin(position) clip: vec4<f32>,
    @location(0) uv: vec2<f32>,
    @location(1) color: vec4<f32>,
}

@group(1) @binding(0) var image: texture_2d<f32>;
@group(1) @binding(1) var image_sampler: sampler;

// Of the glyphs' texture: in texels.
@vertex
fn vs_glyph(corner: CornerIn) -> CornerOut {
    return CornerOut(clip_from_px(corner.px), corner.uv * vec2<f32>(textureDimensions(image)), corner.color);
}

// Glyphs lie on whole pixels: what is between their texels is never asked for.
@fragment
fn fs_glyph(in: CornerOut) -> @location(0) vec4<f32> {
    return in.color * textureLoad(image, vec2<i32>(in.uv), 0);
}

@vertex
fn vs_image(corner: CornerIn) -> CornerOut {
    return CornerOut(clip_from_px(corner.px), corner.uv, corner.color);
}

@fragment
fn fs_image(in: CornerOut) -> @location(0) vec4<f32> {
    return in.color * textureSampleLevel(image, image_sampler, in.uv, 0.0);
}
