//! Pictures without a window: the same session, scene, passes and chrome, drawn into a texture.

use std::borrow::Cow;
use std::sync::Arc;

use crate::app::overlay::{Overlay, still_input};
use crate::app::upload::{UploadState, upload, wait_for_record};
use crate::render::gpu::{Gpu, GpuError};
use crate::render::offscreen::{FORMAT, Offscreen, wait};
use crate::render::renderer::{Renderer, begin_frame};
use crate::render::scope::ScopeFeed;
use crate::session::pairing::histories::{Histories, ReferenceColumns};
use crate::session::pairing::on_grid::GridColumns;
use crate::view::scene::Scene;

/// Everything needed to draw pictures of one session.
pub struct Headless {
    /// The GPU.
    pub gpu: Gpu,
    renderer: Renderer,
    overlay: Overlay,
    uploads: UploadState,
    /// What was made of a reference for the last picture of a difference.
    on_grid: Option<Arc<GridColumns>>,
}

impl Headless {
    /// Opens a GPU without a window.
    pub fn new() -> Result<Self, GpuError> {
        let gpu = Gpu::headless()?;
        let renderer = Renderer::new(&gpu, FORMAT);
        let overlay = Overlay::new(&gpu, FORMAT, true);
        Ok(Self {
            gpu,
            renderer,
            overlay,
            uploads: UploadState::default(),
            on_grid: None,
        })
    }

    /// Gives a scene what it wants to be made of the reference: here and now, since nobody waits for this picture.
    pub fn complete(&mut self, histories: &Histories<'_>, scene: &mut Scene) {
        let record = match &histories.reference {
            Some(ReferenceColumns::Record(record)) => record,
            _ => return,
        };
        let Some(wanted) = scene
            .wants_on_grid
            .as_ref()
            .filter(|_| scene.on_grid.is_none())
        else {
            return;
        };
        let made = GridColumns::new(record, wanted, self.on_grid.as_deref());
        self.on_grid = Some(Arc::new(made));
        scene.on_grid.clone_from(&self.on_grid);
    }

    /// Draws one frame of a scene into a target and submits it.
    pub fn draw(
        &mut self,
        target: &Offscreen,
        histories: &Histories<'_>,
        scene: &Scene,
        scopes: [ScopeFeed<'_>; 2],
    ) {
        let mut completed = Cow::Borrowed(scene);
        if scene.wants_on_grid.is_some() && scene.on_grid.is_none() {
            self.complete(histories, completed.to_mut());
        }
        let scene = &*completed;
        wait_for_record(histories, scene);
        upload(
            &mut self.uploads,
            &self.gpu,
            &mut self.renderer.histories,
            histories,
            scene,
        );
        let mut encoder = self
            .gpu
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor {
                label: Some("Headless::frame"),
            });
        self.renderer
            .prepare(&self.gpu, &mut encoder, scene, scopes);
        let input = still_input(scene.layout.size.map(|s| s as u32), 1.0);
        let painted = self.overlay.prepare(&self.gpu, input, scene, |_| {});
        {
            let view = target.view();
            let mut pass = begin_frame(&mut encoder, &view, scene).forget_lifetime();
            self.renderer.draw(&mut pass);
            self.overlay.draw(&mut pass);
        }
        self.gpu.queue.submit([encoder.finish()]);
        self.overlay.finish(&painted);
    }

    /// Waits until everything submitted is drawn.
    pub fn wait(&self) -> Result<(), GpuError> {
        wait(&self.gpu)
    }

    /// Draws a scene and returns its pixels, RGBA.
    pub fn picture(
        &mut self,
        histories: &Histories<'_>,
        scene: &Scene,
        scopes: [ScopeFeed<'_>; 2],
    ) -> Result<Vec<u8>, GpuError> {
        let target = Offscreen::new(&self.gpu, scene.layout.size.map(|s| s as u32))?;
        let guard = self.gpu.loss_guard();
        guard
            .run(|| {
                self.draw(&target, histories, scene, scopes);
                target.read(&self.gpu)
            })
            .ok_or(GpuError::Lost)?
    }
}
