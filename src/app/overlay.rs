//! Runs the chrome for a frame and paints it over the data, in a window and off-screen alike.

use std::collections::{BTreeSet, HashSet};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::Duration;

use crate::app::system_fonts::covering;
use crate::render::gpu::Gpu;
use crate::render::triangles::{Corner, GLYPHS, Patch, TrianglesPass};
use crate::session::action::Action;
use crate::session::background;
use crate::ui;
use crate::ui::fonts::{self, SystemFont};
use crate::view::scene::Scene;

/// While fonts are looked for, a picture that stands is made again after this.
const UNTIL_FONTS: Duration = Duration::from_millis(200);

/// egui's context and its painter.
pub struct Overlay {
    /// The context, shared with the window's event handling.
    pub ctx: egui::Context,
    painter: TrianglesPass,
    /// Whether a picture waits for the fonts it needs: where it has no other one behind it.
    waits_for_fonts: bool,
    /// What was written so far beyond plain letters.
    seen: HashSet<char>,
    /// What of it fonts of the computer were looked for, whether one has it or not.
    looked_for: BTreeSet<char>,
    /// The fonts that are being looked for.
    coming: Option<Receiver<Vec<SystemFont>>>,
}

/// What one run of the chrome left to paint and to do.
pub struct Painted {
    free: Vec<egui::TextureId>,
    /// What was clicked.
    pub actions: Vec<Action>,
    /// Cursor, clipboard and the like, for the window.
    pub platform: egui::PlatformOutput,
    /// egui asks for another frame within this time.
    pub repaint_after: Duration,
}

impl Overlay {
    /// An overlay for a target format. In a window fonts that are missing come later; a still picture waits for them.
    pub fn new(gpu: &Gpu, format: wgpu::TextureFormat, waits_for_fonts: bool) -> Self {
        let ctx = egui::Context::default();
        // Its own two styles would follow the desktop: the looks here are the scene's.
        ctx.set_theme(egui::Theme::Dark);
        fonts::install(&ctx, vec![]);
        // Discs out of the glyphs' texture would be scaled, which texels that are read singly are not.
        ctx.tessellation_options_mut(|options| options.prerasterized_discs = false);
        Self {
            ctx,
            painter: TrianglesPass::new(&gpu.device, format),
            waits_for_fonts,
            seen: HashSet::new(),
            looked_for: BTreeSet::new(),
            coming: None,
        }
    }

    /// Runs the chrome and uploads what it paints.
    pub fn prepare(
        &mut self,
        gpu: &Gpu,
        input: egui::RawInput,
        scene: &Scene,
        extra: impl FnMut(&egui::Context),
    ) -> Painted {
        let mut actions = vec![];
        let mut extra = extra;
        let mut run = |ctx: &egui::Context, input| {
            ctx.run_pass(input, |ctx| {
                actions = ui::chrome::chrome(ctx, scene);
                extra(ctx);
            })
        };
        self.take_fonts();
        let again = self.waits_for_fonts.then(|| input.clone());
        let mut output = run(&self.ctx, input);
        if self.look_for_fonts(&output.shapes)
            && let Some(again) = again
        {
            let mut textures = output.textures_delta;
            output = run(&self.ctx, again);
            textures.append(output.textures_delta);
            output.textures_delta = textures;
        }
        for (id, deltas) in &output.textures_delta.set {
            for delta in deltas {
                self.put_texture(gpu, *id, delta);
            }
        }
        let free = output.textures_delta.free.iter().copied().collect();
        output.textures_delta.clear();
        let scale = output.pixels_per_point;
        let jobs = self.ctx.tessellate(output.shapes, scale);
        self.painter.begin(scene.layout.size.map(|s| s as u32));
        for job in jobs {
            self.add(job, scale);
        }
        self.painter.prepare(gpu);
        let repaint_after = output
            .viewport_output
            .values()
            .map(|viewport| viewport.repaint_delay)
            .min()
            .unwrap_or(Duration::MAX);
        let repaint_after = match self.coming {
            Some(_) => repaint_after.min(UNTIL_FONTS),
            None => repaint_after,
        };
        Painted {
            free,
            actions,
            platform: output.platform_output,
            repaint_after,
        }
    }

    /// Takes the fonts that were found meanwhile.
    fn take_fonts(&mut self) {
        match self.coming.as_ref().map(Receiver::try_recv) {
            Some(Ok(found)) => {
                self.coming = None;
                fonts::install(&self.ctx, found);
            }
            // It broke, which is said elsewhere.
            Some(Err(TryRecvError::Disconnected)) => self.coming = None,
            Some(Err(TryRecvError::Empty)) | None => {}
        }
    }

    /// Looks for fonts for what has none; whether the picture is to be made again with them.
    fn look_for_fonts(&mut self, shapes: &[egui::epaint::ClippedShape]) -> bool {
        // While some are looked for, what else is missing waits its turn.
        if self.coming.is_some() {
            return false;
        }
        let missing = fonts::newly_missing(&self.ctx, shapes, &mut self.seen);
        if missing.is_empty() {
            return false;
        }
        self.looked_for.extend(missing);
        let wanted = self.looked_for.clone();
        if self.waits_for_fonts {
            fonts::install(&self.ctx, covering(&wanted));
            return true;
        }
        let (tell, coming) = channel();
        let looking = background::spawn("fonts", background::WORK, move || {
            // A window that has closed needs no fonts.
            let _ = tell.send(covering(&wanted));
        });
        match looking {
            Ok(_) => self.coming = Some(coming),
            Err(error) => tracing::debug!("no thread to look for fonts: {error}"),
        }
        false
    }

    fn put_texture(&mut self, gpu: &Gpu, id: egui::TextureId, delta: &egui::epaint::ImageDelta) {
        let egui::epaint::ImageData::Color(image) = &delta.image;
        let patch = Patch {
            at: delta.pos.map(|at| at.map(|n| n as u32)),
            size: image.size.map(|n| n as u32),
            texels: bytemuck::cast_slice(&image.pixels),
        };
        self.painter.put_texture(gpu, number(id), &patch);
    }

    fn add(&mut self, job: egui::ClippedPrimitive, scale: f32) {
        // What a program paints itself has a pass of its own here.
        let egui::epaint::Primitive::Mesh(mut mesh) = job.primitive else {
            return;
        };
        if scale != 1.0 {
            for vertex in &mut mesh.vertices {
                vertex.pos = (vertex.pos.to_vec2() * scale).to_pos2();
            }
        }
        let corners: &[Corner] = bytemuck::cast_slice(&mesh.vertices);
        let clip = job.clip_rect * scale;
        let clip = [clip.left(), clip.top(), clip.right(), clip.bottom()];
        let texture = number(mesh.texture_id);
        self.painter.add(corners, &mesh.indices, texture, clip);
    }

    /// Paints what was prepared into the frame's pass.
    pub fn draw(&self, pass: &mut wgpu::RenderPass<'_>) {
        self.painter.draw(pass);
    }

    /// Frees textures egui no longer needs, once the frame is submitted.
    pub fn finish(&mut self, painted: &Painted) {
        for id in &painted.free {
            self.painter.free_texture(number(*id));
        }
    }
}

/// The painter's number of a texture; the library's own first one has the glyphs.
fn number(id: egui::TextureId) -> u64 {
    match id {
        egui::TextureId::Managed(n) => GLYPHS + n,
        egui::TextureId::User(n) => u64::MAX - n,
    }
}

/// Input for a picture without a window: a screen of so many pixels, one point each. `native_scale` undoes the zoom
/// of a context that is shared with a window on a monitor of that scale.
pub fn still_input(size: [u32; 2], native_scale: f32) -> egui::RawInput {
    let mut input = egui::RawInput {
        screen_rect: Some(egui::Rect::from_min_size(
            egui::Pos2::ZERO,
            egui::vec2(size[0] as f32, size[1] as f32),
        )),
        ..Default::default()
    };
    input
        .viewports
        .entry(egui::ViewportId::ROOT)
        .or_default()
        .native_pixels_per_point = Some(native_scale);
    input
}
