//! What the window answers to the remote control.

use crate::app::costs;
use crate::app::message::{Ask, What};
use crate::app::window::state::App;
use crate::audio::threads;
use crate::compare::tracker::Tracking;
use crate::session::sides::beside::CompanionFrame;
use crate::session::sides::history::History;
use crate::view::cursor::Pointer;
use serde_json::json;
use winit::event_loop::ActiveEventLoop;

impl App {
    /// Does what was asked from outside and answers.
    pub(super) fn answer(&mut self, event_loop: &ActiveEventLoop, ask: Ask) {
        let Ask {
            what,
            reply,
            waits_for_files,
        } = ask;
        match what {
            What::Status => reply.give(Ok(self.status_json(waits_for_files))),
            What::Act(action) => {
                self.asked.begin(reply, waits_for_files);
                self.act(event_loop, &action);
                self.asked.end();
            }
        }
    }

    /// How things are, for scripts.
    fn status_json(&mut self, is_own: bool) -> String {
        let costs = self.costs_json();
        let mix = self.session.pair.mix.history();
        let looks = &self.view.looks;
        let reference = self.session.pair.references.active();
        let counts = self.remote.counts();
        let mut status = json!({
            "schema": 1,
            "version": env!("CARGO_PKG_VERSION"),
            "mode": looks.mode,
            "channel": looks.channel,
            "color_map": looks.level_map,
            "theme": self.session.settings.theme,
            "span_secs": looks.span_secs,
            "loudness_match": looks.loudness_match,
            "frozen": self.view.frozen.is_some(),
            "crosshair": crosshair_json(self.view.pointer),
            "mark": self.view.mark.mark().map(|mark| [mark.from_secs, mark.to_secs]),
            "drawer": self.view.drawer.map(|drawer| drawer.name()),
            "help": self.view.help,
            "fullscreen": self.screen.as_ref().map(|s| s.window.fullscreen().is_some()),
            "input": mix.map(|mix| mix.name.clone()),
            "input_problem": self.session
                .pair
                .mix
                .live()
                .and_then(|live| live.lost_reason())
                .or_else(|| self.session.pair.mix.problem().map(str::to_owned)),
            "sample_rate_hz": mix.map(|mix| mix.format().sample_rate_hz),
            "mix_secs": mix.map(|mix| mix.end_secs()),
            "snapshot": self.session.pair.mix.recalled_name(),
            "lost_frames": mix.map_or(0, |mix| mix.meters.lost_frames),
            "reference": reference.map(|reference| reference.name.clone()),
            // From 0 to 1, and 1 only once all of it is known.
            "reference_read": reference.map(|reference| {
                let data = reference.data();
                match data.programme {
                    Some(_) => 1.0,
                    None => data.progress.min(0.999),
                }
            }),
            "references": self.session.pair.references.count().0,
            "sections": reference.map(|reference| reference.data().sections.len()),
            "alignment": alignment_json(&self.session.pair.beside),
            "song_position": self.session.pair.mix.shown_song().is_some(),
            "nudge_secs": self.session.pair.nudge_secs(),
            "song_secs": self.session.pair.mix.history().and_then(song_secs),
            "message": self.toast.as_ref().map(|(words, _)| words.clone()),
            "pictures_drawn": self.pace.num_drawn,
            "stopped": self.casualties.stopped,
            "stumbles": threads::num_broken(),
            "remote_accepted": counts.accepted,
            "remote_errors": counts.errors,
            "remote_ignored": counts.ignored,
            "remote_refused": counts.refused,
            "remote_limited": counts.limited,
            // Not for those who have to send it.
            "remote_code": self.remote.code.as_ref().filter(|_| is_own),
        });
        if let (Some(status), Some(costs)) = (status.as_object_mut(), costs.as_object()) {
            status.extend(costs.clone());
        }
        status.to_string()
    }

    /// What the program costs: shares of a core since the last answer, durations of the newest pictures, memory.
    fn costs_json(&mut self) -> serde_json::Value {
        let gpu = self.screen.as_ref().map(|screen| &screen.gpu);
        let handed_secs = self.screen.as_ref().and_then(|screen| screen.handed_secs);
        let handing_over: Vec<_> = handed_secs
            .map(|secs| ("present", secs))
            .into_iter()
            .collect();
        let remembered = self.session.pair.mix.history();
        let counted = &mut self.pace.counted;
        json!({
            "fps": counted.fps,
            "latency_ms": counted.latencies.json(&[50, 99]),
            "shown_ms": counted.shown.json(&[50, 99]),
            "frame_ms": counted.pictures.json(&[50, 95, 99]),
            "longest_gap_ms": std::mem::take(&mut counted.longest_gap).as_millis() as u64,
            "cpu": counted.shares.json(&THREADS, &handing_over),
            "mix_columns_bytes": remembered.map_or(0, |mix| mix.columns.kept_bytes()),
            "rss_bytes": costs::resident_bytes(),
            "gpu_memory_bytes": gpu.and_then(costs::gpu_bytes),
        })
    }
}

/// Where the crosshair was put; a mouse's is its own.
fn crosshair_json(pointer: Option<Pointer>) -> serde_json::Value {
    match pointer {
        Some(Pointer::Place(place)) => json!({ "hz": place.hz, "secs": place.secs }),
        Some(Pointer::Pixel(_)) | None => serde_json::Value::Null,
    }
}

/// Threads whose share of a core is told, by the names of both.
const THREADS: [(&str, &str); 3] = [
    ("analysis", "analysis"),
    ("companion", "companion"),
    ("window", costs::MAIN),
];

/// Where a DAW is in its song at the end of what was heard.
fn song_secs(mix: &History) -> Option<f64> {
    let end_secs = mix.end_secs();
    mix.song.at(end_secs)?.song_secs_at(end_secs)
}

/// Where the reference lies under the mix, and how that is known.
fn alignment_json(beside: &CompanionFrame) -> serde_json::Value {
    let (state, found) = match beside.tracking {
        Some(Tracking::Locked(found)) => ("aligned", Some(found)),
        Some(Tracking::Doubtful(found)) => ("in doubt", Some(found)),
        Some(Tracking::OtherSpeed(_)) => ("another speed", None),
        Some(Tracking::NotTheSameSong) => ("another song", None),
        Some(Tracking::Searching) => ("listening", None),
        None => ("none", None),
    };
    json!({
        "state": state,
        "offset_secs": beside.offset_secs,
        "confidence": found.map(|found| found.confidence),
    })
}
