//! `abscope devices`: inputs and outputs, and what only a window system and a graphics driver know.

use winit::application::ApplicationHandler;
use winit::event::WindowEvent;
use winit::event_loop::{ActiveEventLoop, EventLoop};
use winit::window::WindowId;

use crate::app::x_server::check_display;
use crate::cli;
use crate::cli::devices::MonitorInfo;
use crate::render::gpu::Gpu;

/// Prints the list.
pub fn run(json: bool) -> anyhow::Result<()> {
    cli::devices::run(json, &monitors(), &Gpu::adapter_names())
}

/// The monitors in the order `--monitor N` counts them; none without a display.
fn monitors() -> Vec<MonitorInfo> {
    let mut lister = MonitorLister::default();
    if check_display().is_ok()
        && let Ok(event_loop) = EventLoop::new()
    {
        // Without a display there is nothing to list, which is what an empty list says.
        let _ = event_loop.run_app(&mut lister);
    }
    lister.monitors
}

#[derive(Default)]
struct MonitorLister {
    monitors: Vec<MonitorInfo>,
}

impl ApplicationHandler for MonitorLister {
    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        let primary = event_loop.primary_monitor();
        self.monitors = event_loop
            .available_monitors()
            .map(|monitor| MonitorInfo {
                name: monitor.name().unwrap_or_default(),
                size_px: [monitor.size().width, monitor.size().height],
                scale: monitor.scale_factor(),
                is_primary: primary.as_ref() == Some(&monitor),
            })
            .collect();
        event_loop.exit();
    }

    fn window_event(&mut self, _: &ActiveEventLoop, _: WindowId, _: WindowEvent) {}
}
