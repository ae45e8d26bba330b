// What every pass of a frame knows: the target's size, to turn pixels into clip space.

struct FrameGlobals {
    size_px: vec2<f32>,
    time_secs: f32,
    unused: f32,
}

@group(0) @binding(0) var<uniform> frame: FrameGlobals;

// Clip-space position of a pixel position, origin at the upper left.
fn clip_from_px(px: vec2<f32>) -> vec4<f32> {
    return vec4<f32>(px.x / frame.size_px.x * 2.0 - 1.0, 1.0 - px.y / frame.size_px.y * 2.0, 0.0, 1.0);
}
