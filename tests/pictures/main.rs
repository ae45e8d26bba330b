//! What is drawn, on a software GPU: golden images, the shaders' twins, pictures with figures, snapshots drawn again.

mod cursor;
mod golden_images;
mod gpu_twins;
mod lost_device;
mod metadata;
mod shaders;
mod snapshots;

#[path = "../support/mod.rs"]
mod support;
