//! View: what is shown, as plain data: axes, layout, palettes, readouts. No egui, no wgpu.
