//! Which columns of a record a difference reads: those on the grid of the mix, where they can be made.

use crate::session::Session;
use crate::session::pairing::on_grid::{COARSEST_TIER, GridColumns, Lie, Wanted};
use crate::session::sides::history::History;
use crate::view::layout::{Layout, Pane, PaneContent};
use crate::view::palette::Side;
use crate::view::scene::{Alignment, Scene};
use crate::view::side::{SideClock, SideScene};
use crate::view::timeline::{MARGIN_COLUMNS, column_index};
use crate::view::visible::Visible;

/// Numbers of what is on the grid are none of what lies on its own.
const ON_GRID: u64 = 1 << 63;

/// What a picture of a difference wants; `None` where the record's own columns serve: they stand on the mix's grid, or there
/// is no sound to make others of.
pub fn wanted(
    session: &Session,
    layout: &Layout,
    [mix, reference]: [&SideScene; 2],
    alignment: Alignment,
    visible: &Visible<'_>,
) -> Option<Wanted> {
    let is_difference = |pane: &Pane| pane.content == PaneContent::Difference;
    if !layout.panes.iter().any(is_difference) || !matches!(alignment, Alignment::Locked { .. }) {
        return None;
    }
    let history = session.pair.mix.drawn()?;
    let data = session.pair.references.active()?.data();
    let region = reference.clock.region?;
    let tier = mix.clock.tier;
    if data.finished_secs().is_none() || tier > COARSEST_TIER {
        return None;
    }
    let lie = Lie {
        generation: reference.clock.generation,
        tier,
        mix_rate_hz: history.columns_rate_hz,
        hop_frames: history.hop_frames,
        region,
        offset_secs: reference.clock.offset_secs,
        stretches: reference.stretches.clone(),
    };
    let own_serve = data.sample_rate_hz == lie.mix_rate_hz && lie.keeps_to_hops();
    (!own_serve).then(|| Wanted {
        columns: shown(history, tier, visible),
        lie,
    })
}

/// Columns of the mix in the picture, as far as they are finished.
fn shown(history: &History, tier: usize, visible: &Visible<'_>) -> std::ops::Range<u64> {
    let index = |secs: f64| column_index(history.hop_secs(), tier, secs);
    let first = (index(visible.left_secs()) - MARGIN_COLUMNS).max(0.0) as u64;
    let end = (index(visible.right_secs) + MARGIN_COLUMNS).max(0.0) as u64;
    let end = end.min(history.columns.kept(tier).end);
    first.min(end)..end
}

impl Scene {
    /// How a side's columns lie under the time axis in the panes: of a record, where it is so, on the grid of the mix.
    pub fn columns_clock(&self, side: Side) -> SideClock {
        let clock = self.side(side).clock;
        match &self.on_grid {
            Some(grid) if side == Side::Reference => on_grid(grid, self),
            _ => clock,
        }
    }
}

fn on_grid(grid: &GridColumns, scene: &Scene) -> SideClock {
    SideClock {
        hop_secs: scene.side(Side::Mix).clock.hop_secs,
        offset_secs: 0.0,
        tier: grid.lie.tier,
        final_secs: grid.last_secs(),
        generation: ON_GRID | grid.number,
        region: None,
    }
}
