//! The GPU: one adapter, one device, one queue, found for a window or for none.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What to do where nothing draws, on this system.
pub const GET_A_DRIVER: &str = if cfg!(target_os = "linux") {
    "install a Vulkan driver (Debian: mesa-vulkan-drivers draws in software)"
} else if cfg!(target_os = "windows") {
    "install the graphics card maker's driver"
} else {
    "Abscope needs a Mac with Metal"
};

/// Why there is no GPU to draw with.
#[derive(Debug, thiserror::Error)]
pub enum GpuError {
    /// No driver answered.
    #[error("no graphics adapter: {0}; {todo}", todo = GET_A_DRIVER)]
    NoAdapter(#[from] wgpu::RequestAdapterError),
    /// The driver answered but would not open a device.
    #[error("the graphics adapter {name} gave no device: {reason}; {todo}", todo = GET_A_DRIVER)]
    NoDevice {
        /// The adapter.
        name: String,
        /// What the driver said.
        reason: wgpu::RequestDeviceError,
    },
    /// The GPU did not finish or did not hand back a picture.
    #[error("the graphics adapter did not return the picture: {0}")]
    Readback(String),
    /// It was unplugged or reset while it drew.
    #[error("the graphics device was lost while it drew; try again")]
    Lost,
    /// A picture larger than the adapter takes.
    #[error(
        "a picture of {width}×{height} is larger than this graphics adapter draws (sides to {limit}, 64 million pixels); choose a smaller size"
    )]
    TooLarge {
        /// Asked width.
        width: u32,
        /// Asked height.
        height: u32,
        /// Largest side.
        limit: u32,
    },
}

/// An open GPU.
#[derive(Debug)]
pub struct Gpu {
    /// The device everything is made with.
    pub device: wgpu::Device,
    /// Where work is submitted.
    pub queue: wgpu::Queue,
    /// The adapter, for questions about surfaces.
    pub adapter: wgpu::Adapter,
    /// Its name as the driver gives it.
    pub name: String,
    /// Whether it is none: the processors draw.
    pub is_software: bool,
    lost: Arc<AtomicBool>,
}

/// What the program draws with where it can, and what it falls back to. GLES is asked only when nothing else
/// answers: its loaders print to the terminal on machines without a display.
pub const BACKENDS: [wgpu::Backends; 2] = [wgpu::Backends::PRIMARY, wgpu::Backends::GL];

/// An instance with some backends. `display` is what a GLES window needs, none when headless.
pub fn instance(
    backends: wgpu::Backends,
    display: Option<Box<dyn wgpu::wgt::WgpuHasDisplayHandle>>,
) -> wgpu::Instance {
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = backends;
    descriptor.display = display;
    wgpu::Instance::new(descriptor)
}

impl Gpu {
    /// Opens the best adapter, one that can present to `surface` if there is one; if it gives no device, the next one that
    /// does. The failure is the best one's.
    pub fn open(
        instance: &wgpu::Instance,
        surface: Option<&wgpu::Surface<'_>>,
    ) -> Result<Self, GpuError> {
        let best = pollster::block_on(instance.request_adapter(&wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            compatible_surface: surface,
            ..Default::default()
        }))?;
        let best_info = best.get_info();
        let others = || {
            let mut others = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::all()));
            others.retain(|other| {
                other.get_info() != best_info
                    && surface.is_none_or(|surface| other.is_surface_supported(surface))
            });
            // What draws in software comes last.
            others.sort_by_key(|other| other.get_info().device_type == wgpu::DeviceType::Cpu);
            others
        };
        first_that_opens(best, others, Self::of_adapter)
    }

    fn of_adapter(adapter: wgpu::Adapter) -> Result<Self, GpuError> {
        let info = adapter.get_info();
        let name = info.name;
        let is_software = info.device_type == wgpu::DeviceType::Cpu;
        let limits = wgpu::Limits::default().using_resolution(adapter.limits());
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("Abscope"),
            required_limits: limits,
            memory_hints: wgpu::MemoryHints::MemoryUsage,
            ..Default::default()
        };
        let (device, queue) =
            pollster::block_on(adapter.request_device(&descriptor)).map_err(|reason| {
                GpuError::NoDevice {
                    name: name.clone(),
                    reason,
                }
            })?;
        Ok(Self {
            lost: watch(&device),
            device,
            queue,
            adapter,
            name,
            is_software,
        })
    }

    /// Whether the device is gone: unplugged, reset by the driver, or out of memory. Nothing that was made with it
    /// draws any more, and all of it must be made anew.
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Acquire)
    }

    /// A guard for drawing.
    pub fn loss_guard(&self) -> LossGuard {
        LossGuard {
            device: self.device.clone(),
            lost: Arc::clone(&self.lost),
        }
    }

    /// Opens a GPU with no window.
    pub fn headless() -> Result<Self, GpuError> {
        Self::open(&instance(BACKENDS[0], None), None)
            .or_else(|first| Self::open(&instance(BACKENDS[1], None), None).map_err(|_| first))
    }

    /// Names of all adapters, for `abscope devices`.
    pub fn adapter_names() -> Vec<String> {
        pollster::block_on(instance(BACKENDS[0], None).enumerate_adapters(BACKENDS[0]))
            .into_iter()
            .map(|adapter| {
                let info = adapter.get_info();
                format!("{} ({:?}, {:?})", info.name, info.backend, info.device_type)
            })
            .collect()
    }
}

/// The first of some adapters that opens. If none does, why the best one did not: the others would not have been chosen.
fn first_that_opens<A, O, E: std::fmt::Display>(
    best: A,
    others: impl FnOnce() -> Vec<A>,
    open: impl Fn(A) -> Result<O, E>,
) -> Result<O, E> {
    open(best).or_else(|first| {
        tracing::info!("{first}");
        let opened = others().into_iter().find_map(|other| match open(other) {
            Ok(opened) => Some(opened),
            Err(error) => {
                tracing::info!("{error}");
                None
            }
        });
        opened.ok_or(first)
    })
}

/// Notices a loss in the middle of drawing.
pub struct LossGuard {
    device: wgpu::Device,
    lost: Arc<AtomicBool>,
}

impl LossGuard {
    /// Runs what draws; `None` if the device is gone. egui's painter panics when a device is lost under it, so a panic
    /// counts as the loss if there was one, and goes on being a panic if there was none.
    pub fn run<T>(&self, draw: impl FnOnce() -> T) -> Option<T> {
        use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
        if self.lost.load(Ordering::Acquire) {
            return None;
        }
        // What was half drawn belongs to the device, and goes with it.
        catch_unwind(AssertUnwindSafe(draw)).map_or_else(
            |panic| {
                // A loss is told by the next look at the device.
                let _ = self.device.poll(wgpu::PollType::Poll);
                if !self.lost.load(Ordering::Acquire) {
                    resume_unwind(panic);
                }
                None
            },
            Some,
        )
    }
}

/// What tells that a device was lost. Where wgpu would end the program, the device counts as lost: only an error in
/// what Abscope asks of it, while it is being developed, still does.
fn watch(device: &wgpu::Device) -> Arc<AtomicBool> {
    let lost = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&lost);
    device.set_device_lost_callback(move |_, reason| {
        tracing::info!("the graphics device was lost: {reason}");
        noted.store(true, Ordering::Release);
    });
    let noted = Arc::clone(&lost);
    device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
        let is_mistake = matches!(error, wgpu::Error::Validation { .. });
        let was_lost = noted.swap(true, Ordering::AcqRel);
        assert!(
            was_lost || !is_mistake || !cfg!(debug_assertions),
            "the graphics device refuses what it is asked: {error}"
        );
        tracing::error!("graphics: {error}");
    }));
    lost
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_adapter_that_gives_no_device_is_followed_by_the_next_and_is_the_one_that_is_named() {
        let open = |name: &'static str| match name {
            "broken" | "broken too" => Err(name),
            works => Ok(works),
        };
        let others = || vec!["broken too", "software"];
        assert_eq!(first_that_opens("broken", others, open), Ok("software"));
        let none = || panic!("nobody else is asked");
        assert_eq!(first_that_opens("card", none, open), Ok("card"));
        let others = || vec!["broken too"];
        assert_eq!(first_that_opens("broken", others, open), Err("broken"));
    }

    #[test]
    fn advice_is_for_the_system_that_it_is_read_on() {
        assert_eq!(GET_A_DRIVER.contains("Debian"), cfg!(target_os = "linux"));
    }
}
