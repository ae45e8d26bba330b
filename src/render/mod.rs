//! Render: wgpu. Histories on the GPU, one pass a file, the same for window and off-screen targets.
