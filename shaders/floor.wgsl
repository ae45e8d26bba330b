// The least that a picture can cost: one texture sample a pixel.

@group(0) @binding(0) var image: texture_2d<f32>;
@group(0) @binding(1) var image_sampler: sampler;
struct Out { @builtin(position) clip: vec4<f32>, @location(0) uv: vec2<f32> }
@vertex fn vs(@builtin(vertex_index) i: u32) -> Out {
    let unit = vec2<f32>(f32(i & 1u), f32(i >> 1u));
    return Out(vec4<f32>(unit * 2.0 - 1.0, 0.0, 1.0), unit);
}
@fragment fn fs(in: Out) -> @location(0) vec4<f32> {
    return textureSampleLevel(image, image_sampler, in.uv, 0.0);
}
