//! Whether a picture would look as the one that stands on the screen: then none is drawn.

use crate::session::sides::history::History;
use crate::view::scene::Scene;
use crate::view::side::SideScene;

/// Below this, in dB, a spectrum is that of digital silence: the noise of 24-bit converters lies 30 dB higher.
const SILENT_DB: f32 = -150.0;

/// Whether nothing sounds on a side just now, not even noise that a picture would show.
pub(super) fn is_silent(history: &History) -> bool {
    let spectrum = &history.meters.spectrum_db;
    spectrum.iter().all(|db| *db < SILENT_DB)
}

/// What a scene shows that stands, with what moves in the status line left out: where two of it are equal, so are their
/// pictures. Of an `empty` picture of the mix, one out of which all sound has moved, what lies at its place beside it is left
/// out too: it stands until there is a mix again.
pub(super) fn still_of(scene: &Scene, is_empty: bool) -> Scene {
    let mut still = if is_empty {
        Scene {
            sides: scene.sides.each_ref().map(standing),
            outside: None,
            on_grid: None,
            wants_on_grid: None,
            masking: None,
            cursor: None,
            right_edge_secs: 0.0,
            ..scene.clone()
        }
    } else {
        scene.clone()
    };
    still.status.fps = None;
    still.status.latency_ms = None;
    // Said in whole seconds.
    still.frozen_behind_secs = scene.frozen_behind_secs.map(f64::floor);
    for side in &mut still.sides {
        let right_edge_secs = scene.right_edge_secs + side.clock.offset_secs;
        side.clock.final_secs = side.clock.final_secs.min(right_edge_secs);
    }
    still
}

/// What of a side does not move with its sound.
fn standing(side: &SideScene) -> SideScene {
    SideScene {
        name: side.name.clone(),
        song: side.song.clone(),
        state: side.state.clone(),
        hint: side.hint.clone(),
        sample_rate_hz: side.sample_rate_hz,
        ..SideScene::default()
    }
}
