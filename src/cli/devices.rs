//! `abscope devices`: the inputs and outputs this computer has, for people and for programs.

use std::io::Write;

use serde_json::{Value, json};

use crate::audio::capture::GET_SOUND;
use crate::audio::devices::{DeviceInfo, list_inputs, list_outputs};
use crate::cli::output::output;
use crate::render::gpu::GET_A_DRIVER;

/// Prints inputs and outputs, as a table or as one JSON object.
pub fn run(json: bool, monitors: &[MonitorInfo], gpus: &[String]) -> anyhow::Result<()> {
    let (inputs, outputs) = (list_inputs(), list_outputs());
    let text = if json {
        format!("{}\n", devices_json(&inputs, &outputs, monitors, gpus))
    } else {
        devices_text(&inputs, &outputs) + &screens_text(monitors, gpus)
    };
    output().write_all(text.as_bytes())?;
    Ok(())
}

/// A screen, as the window system tells of it.
#[derive(Clone, Debug, PartialEq)]
pub struct MonitorInfo {
    /// Its name; may be empty.
    pub name: String,
    /// Width and height.
    pub size_px: [u32; 2],
    /// Pixels per point.
    pub scale: f64,
    /// Whether windows open there by default.
    pub is_primary: bool,
}

/// `{"schema":1,"inputs":[…],"outputs":[…],"monitors":[…],"gpus":[…]}`, each with all that is known of it.
pub fn devices_json(
    inputs: &[DeviceInfo],
    outputs: &[DeviceInfo],
    monitors: &[MonitorInfo],
    gpus: &[String],
) -> Value {
    let monitor_json = |(index, monitor): (usize, &MonitorInfo)| {
        json!({
            "number": index + 1,
            "name": monitor.name,
            "size_px": monitor.size_px,
            "scale": monitor.scale,
            "is_primary": monitor.is_primary,
        })
    };
    json!({
        "schema": 1,
        "inputs": inputs.iter().map(device_json).collect::<Vec<_>>(),
        "outputs": outputs.iter().map(device_json).collect::<Vec<_>>(),
        "monitors": monitors.iter().enumerate().map(monitor_json).collect::<Vec<_>>(),
        "gpus": gpus,
    })
}

/// Inputs and outputs as a table. `*` marks the default, `~` an input that hears an output.
pub fn devices_text(inputs: &[DeviceInfo], outputs: &[DeviceInfo]) -> String {
    let mut text = String::new();
    section(
        &mut text,
        "Inputs",
        inputs,
        &format!("none: {GET_SOUND}; without one, use --demo"),
    );
    section(&mut text, "Outputs", outputs, "none");
    if inputs
        .iter()
        .any(|input| input.is_default || input.is_monitor)
    {
        text.push_str("  * used when none is named   ~ hears what an output plays\n");
    }
    text
}

/// Monitors, numbered as `--monitor` counts them, and graphics adapters.
fn screens_text(monitors: &[MonitorInfo], gpus: &[String]) -> String {
    let mut text = "Monitors\n".to_owned();
    if monitors.is_empty() {
        text.push_str("  none: there is no display here\n");
    }
    for (index, monitor) in monitors.iter().enumerate() {
        let [width, height] = monitor.size_px;
        let mark = if monitor.is_primary { '*' } else { ' ' };
        text.push_str(&format!(
            "{mark} {} {}  {width}×{height}\n",
            index + 1,
            monitor.name
        ));
    }
    text.push_str("Graphics\n");
    if gpus.is_empty() {
        text.push_str(&format!("  none: {GET_A_DRIVER}\n"));
    }
    for gpu in gpus {
        text.push_str(&format!("  {gpu}\n"));
    }
    text
}

fn section(text: &mut String, title: &str, devices: &[DeviceInfo], nothing: &str) {
    text.push_str(title);
    text.push('\n');
    if devices.is_empty() {
        text.push_str(&format!("  {nothing}\n"));
    }
    let width = devices
        .iter()
        .map(|device| device.name.chars().count())
        .max()
        .unwrap_or(0);
    for device in devices {
        let marks = match (device.is_default, device.is_monitor) {
            (true, true) => "*~",
            (true, false) => "* ",
            (false, true) => " ~",
            (false, false) => "  ",
        };
        let rate = match device.rates.first() {
            Some(rate_hz) => format!("{:>6} Hz", rate_hz),
            None => "     ? Hz".to_owned(),
        };
        text.push_str(&format!(
            "  {marks} {:<width$}  {:>2} ch  {rate}  {}  {}\n",
            device.name, device.channels, device.host, device.id
        ));
    }
}

fn device_json(device: &DeviceInfo) -> Value {
    json!({
        "name": device.name,
        "id": device.id,
        "host": device.host,
        "channels": device.channels,
        "sample_rates_hz": device.rates,
        "monitor": device.is_monitor,
        "default": device.is_default,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn monitor() -> DeviceInfo {
        DeviceInfo {
            name: "Monitor of Speakers".to_owned(),
            id: "speakers.monitor".to_owned(),
            host: "PulseAudio".to_owned(),
            channels: 2,
            rates: vec![48_000],
            is_monitor: true,
            is_default: true,
        }
    }

    #[test]
    fn the_table_has_a_line_for_each_device_and_says_what_the_marks_mean() {
        let text = devices_text(&[monitor()], &[]);
        assert!(
            text.contains("*~ Monitor of Speakers   2 ch   48000 Hz  PulseAudio  speakers.monitor")
        );
        assert!(text.contains("hears what an output plays"));
        assert!(text.contains("Outputs\n  none\n"));
    }

    #[test]
    fn no_inputs_says_what_to_do() {
        let text = devices_text(&[], &[]);
        assert!(text.contains("use --demo"));
        // Advice is for the system that it is read on.
        assert_eq!(text.contains("PulseAudio"), cfg!(target_os = "linux"));
    }

    #[test]
    fn json_tells_all_that_is_known() {
        let json = devices_json(&[monitor()], &[], &[], &[]);
        assert_eq!(json["inputs"][0]["monitor"], true);
        assert_eq!(json["inputs"][0]["sample_rates_hz"][0], 48_000);
        assert_eq!(json["outputs"], json!([]));
    }
}
