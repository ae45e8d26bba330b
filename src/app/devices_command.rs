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
    if check_display().is_err() {
        return vec![];
    }
    #[cfg(not(windows))]
    let listed = EventLoop::new().map_or(vec![], listed);
    #[cfg(windows)]
    let listed = listed_in_time();
    listed
}

/// Without a display there is nothing to list, which is what an empty list says.
fn listed(event_loop: EventLoop<()>) -> Vec<MonitorInfo> {
    let mut lister = MonitorLister::default();
    let _ = event_loop.run_app(&mut lister);
    lister.monitors
}

/// Where no desktop is, Windows has nobody told of anything, and whoever asks waits for ever.
#[cfg(windows)]
fn listed_in_time() -> Vec<MonitorInfo> {
    use winit::platform::windows::EventLoopBuilderExtWindows as _;
    let (tell, told) = std::sync::mpsc::channel();
    let asked = crate::audio::threads::spawn("monitors", move || {
        let event_loop = EventLoop::builder().with_any_thread(true).build();
        // Nobody listens any more where it took too long.
        let _ = tell.send(event_loop.map_or(vec![], listed));
    });
    let patience = std::time::Duration::from_secs(5);
    asked.map_or(vec![], |_| told.recv_timeout(patience).unwrap_or_default())
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
