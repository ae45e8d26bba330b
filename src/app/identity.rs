//! Who the window says it is: its icon, and the name by which a desktop finds the program's desktop file.

use winit::window::{Icon, WindowAttributes};

/// The desktop file's name without its ending.
#[cfg(target_os = "linux")]
const APPLICATION_ID: &str = "org.abscope.Abscope";

/// Gives a window its icon and name.
pub(super) fn identified(attributes: WindowAttributes) -> WindowAttributes {
    named(attributes).with_window_icon(icon())
}

#[cfg(target_os = "linux")]
fn named(attributes: WindowAttributes) -> WindowAttributes {
    // One field serves X11's class and Wayland's application id.
    use winit::platform::wayland::WindowAttributesExtWayland as _;
    attributes.with_name(APPLICATION_ID, "abscope")
}

#[cfg(not(target_os = "linux"))]
fn named(attributes: WindowAttributes) -> WindowAttributes {
    attributes
}

/// The icon that ships, or none should it not be what it was built from.
fn icon() -> Option<Icon> {
    let bytes: &[u8] = include_bytes!("../../assets/icon/abscope-256.png");
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes))
        .read_info()
        .ok()?;
    let mut pixels = vec![0; reader.output_buffer_size()?];
    let info = reader.next_frame(&mut pixels).ok()?;
    pixels.truncate(info.buffer_size());
    Icon::from_rgba(pixels, info.width, info.height).ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_icon_that_ships_is_one() {
        assert!(super::icon().is_some());
    }
}
