//! A picture that stands still while measuring goes on: of when its figures are, and what lay beside it.

use crate::analysis::meters::Meters;
use crate::session::Session;
use crate::session::sides::beside::CompanionFrame;
use crate::session::sides::region::Region;

/// A picture that stands still while measuring goes on.
#[derive(Clone, Debug)]
pub struct Frozen {
    /// Mix time at the right edge.
    pub edge_secs: f64,
    /// Mix time when it was frozen: nothing later is shown.
    pub at_secs: f64,
    /// The mix's figures at that time.
    pub meters: Option<Meters>,
    /// The reference's, and where it lay; none where it was not known then and is still to be found.
    pub beside: Option<FrozenBeside>,
}

/// What lay beside a picture that stands still.
#[derive(Clone, Debug)]
pub struct FrozenBeside {
    /// Its figures, and where it lay.
    pub frame: CompanionFrame,
    /// Which choice of reference that was: another one was not beside the picture.
    pub generation: u64,
    /// What of it was compared: another part was not beside it either.
    pub compared: Option<Region>,
}

/// What of the reference is compared.
fn compared(session: &Session) -> Option<Region> {
    let active = session.pair.references.active();
    active.map(|active| active.data().compared())
}

impl Frozen {
    /// What is shown now.
    pub(super) fn of(session: &Session, edge_secs: f64) -> Self {
        Self {
            edge_secs,
            // The page of a song may end before the song does.
            at_secs: session
                .pair
                .mix
                .shown_song()
                .map_or(edge_secs, |song| song.history.end_secs().max(edge_secs)),
            meters: session.pair.mix.drawn().map(|mix| mix.meters.clone()),
            beside: Some(FrozenBeside {
                frame: session.pair.beside_drawn().clone(),
                generation: session.pair.references.generation(),
                compared: compared(session),
            }),
        }
    }

    /// Gives up the reference's figures of the moment once another part of another song is held against the picture: that did not
    /// play then.
    pub(super) fn keep_to(&mut self, session: &Session) {
        let generation = session.pair.references.generation();
        let beside = self.beside.as_mut();
        let Some(beside) = beside.filter(|beside| beside.generation == generation) else {
            return;
        };
        let now = compared(session);
        if beside.compared != now && !beside.frame.is_aligned() {
            beside.frame.meters = None;
        }
        beside.compared = now;
    }

    /// Mix time of the figures: when it was frozen, or the last moment that a snapshot and the reference both have.
    pub(super) fn figures_secs(&self, session: &Session) -> f64 {
        let generation = session.pair.references.generation();
        let there = session.pair.mix_there();
        let there = there.filter(|_| self.beside(generation).is_none());
        there.map_or(self.at_secs, |there| {
            there.end_frame as f64 / f64::from(there.format.sample_rate_hz.max(1))
        })
    }

    /// What lay beside it, as long as the same reference is chosen.
    pub(super) fn beside(&self, generation: u64) -> Option<&CompanionFrame> {
        let beside = self
            .beside
            .as_ref()
            .filter(|beside| beside.generation == generation);
        beside.map(|beside| &beside.frame)
    }
}
