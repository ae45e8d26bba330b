//! Render: wgpu. Histories on the GPU, one pass a file, the same for window and off-screen targets.

pub mod crosshair;
pub mod floor;
pub mod gpu;
pub mod history;
pub mod marks;
pub mod mirror;
pub mod offscreen;
pub mod panels;
pub mod pipeline;
pub mod plot;
pub mod renderer;
pub mod scope;
pub mod shapes;
pub mod spectrogram;
pub mod triangles;
