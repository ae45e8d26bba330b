//! Snapshots in the window: S keeps the scene, a recalled one stands beside the live mix or in its place.
//!
//! The window copies what it keeps a piece a frame, and the shelf has a thread of its own, so neither waits for the other.

use std::sync::{Arc, OnceLock};

use serde_json::json;
use winit::event_loop::EventLoopProxy;

use crate::analysis::tap::Recent;
use crate::app::autosave::{Autosave, Beat};
use crate::app::message::Message;
use crate::app::reply::Reply;
use crate::session::snapshots::Snapshot;
use crate::session::snapshots::keep::Keeping;
use crate::session::snapshots::shelf_desk::ShelfDesk;
use crate::session::snapshots::shelf_worker::SoundSource;
use crate::view::axis::FrequencyAxis;
use crate::view::scene::Looks;

/// A snapshot that is being copied.
pub(super) struct BeingKept {
    pub(super) keeping: Keeping,
    pub(super) looks: Looks,
    pub(super) sound: SoundSource,
    /// Who waits until it is on the disk.
    pub(super) reply: Option<Reply>,
}

/// What the window keeps of snapshots.
pub(super) struct Snapshots {
    /// The shelf they lie on.
    pub(super) desk: ShelfDesk,
    pub(super) keeping: Option<BeingKept>,
    /// When the session is kept next.
    pub(super) beat: Beat,
    /// The sound of the frozen picture.
    pub(super) held: Option<Arc<OnceLock<Recent>>>,
    /// When the window opened.
    pub(super) since_unix_secs: i64,
}

impl Snapshots {
    /// Opens the shelf.
    pub(super) fn start(proxy: EventLoopProxy<Message>, autosave: Autosave, folder: &str) -> Self {
        let Autosave {
            state,
            has_crashed,
            absent,
            ..
        } = autosave;
        let tell = move |news| {
            // A window that has closed needs no news.
            let _ = proxy.send_event(Message::Shelf(Box::new(news)));
        };
        Self {
            desk: ShelfDesk::start(folder, state, has_crashed, tell),
            keeping: None,
            beat: Beat::new(absent),
            held: None,
            since_unix_secs: jiff::Timestamp::now().as_second(),
        }
    }
}

/// The view as a snapshot keeps it.
pub fn settings_json(looks: &Looks, frequency: FrequencyAxis) -> serde_json::Value {
    json!({
        "looks": looks,
        "frequency_bins": [frequency.low_bin, frequency.high_bin],
    })
}

/// The view of a snapshot, within the bounds that drawing relies on; what it does not say is as it is now.
pub fn looks_of(snapshot: &Snapshot, now: &Looks) -> (Looks, FrequencyAxis) {
    let settings = &snapshot.facts.settings;
    let looks: Looks =
        serde_json::from_value(settings["looks"].clone()).unwrap_or_else(|_| now.clone());
    let usual = FrequencyAxis::default();
    let bins: [f64; 2] = serde_json::from_value(settings["frequency_bins"].clone())
        .unwrap_or([usual.low_bin, usual.high_bin]);
    let frequency = FrequencyAxis {
        low_bin: bins[0],
        high_bin: bins[1],
    };
    // What suits the eyes of whoever looks is theirs, not the picture's.
    let looks = Looks {
        light: now.light,
        high_contrast: now.high_contrast,
        font_scale: now.font_scale,
        ..looks
    };
    let is_axis = bins[0] >= 0.0 && bins[1] <= 1_023.0 && bins[1] - bins[0] >= 1.0;
    (
        within_bounds(looks),
        if is_axis { frequency } else { usual },
    )
}

fn within_bounds(looks: Looks) -> Looks {
    let [low, high] = looks
        .loudness_range_lufs
        .map(|lufs| lufs.clamp(-200.0, 50.0));
    Looks {
        span_secs: looks.span_secs.clamp(1.0, 43_200.0),
        top_db: looks.top_db.clamp(-160.0, 40.0),
        fit_db: looks.fit_db.clamp(-60.0, 40.0),
        range_db: looks.range_db.clamp(1.0, 200.0),
        tilt_db_per_octave: looks.tilt_db_per_octave.clamp(-20.0, 20.0),
        spectrum_tilt_db_per_octave: looks.spectrum_tilt_db_per_octave.clamp(-20.0, 20.0),
        masking_range_db: looks.masking_range_db.clamp(0.0, 20.0),
        difference_range_db: looks.difference_range_db.clamp(0.5, 100.0),
        difference_smoothing: looks.difference_smoothing.min(3),
        spectrum_top_db: looks.spectrum_top_db.clamp(-160.0, 60.0),
        spectrum_range_db: looks.spectrum_range_db.clamp(1.0, 250.0),
        loudness_range_lufs: if high - low >= 1.0 {
            [low, high]
        } else {
            [-36.0, -6.0]
        },
        target_lufs: looks.target_lufs.clamp(-200.0, 50.0),
        target_dbtp: looks.target_dbtp.clamp(-200.0, 50.0),
        font_scale: looks.font_scale.clamp(0.5, 4.0),
        ..looks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Puts a number in the place of every number.
    fn replace_numbers(value: &mut serde_json::Value, number: f64) {
        match value {
            serde_json::Value::Number(of) if of.is_f64() => *value = json!(number),
            serde_json::Value::Number(_) => *value = json!(255),
            serde_json::Value::Array(values) => {
                values.iter_mut().for_each(|v| replace_numbers(v, number));
            }
            serde_json::Value::Object(fields) => {
                fields.values_mut().for_each(|v| replace_numbers(v, number));
            }
            _ => {}
        }
    }

    #[test]
    fn no_number_of_a_snapshot_s_view_is_beyond_what_is_drawn() {
        for number in [-1e30, 1e30] {
            let usual = Looks::default();
            let mut looks = json!(usual);
            replace_numbers(&mut looks, number);
            let read: Looks = serde_json::from_value(looks).expect("these are numbers");
            let bounded = json!(within_bounds(read));
            let fields = bounded.as_object().expect("it has fields");
            for (name, value) in fields.iter().filter(|(name, _)| *name != "arrangement") {
                let numbers = match value {
                    serde_json::Value::Array(values) => values.clone(),
                    value => vec![value.clone()],
                };
                for number in numbers.iter().filter_map(serde_json::Value::as_f64) {
                    let most = if name == "difference_smoothing" {
                        3.0
                    } else {
                        43_200.0
                    };
                    assert!(number.abs() <= most, "{name}: {number}");
                }
            }
        }
    }
}
