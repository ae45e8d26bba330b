//! The companion of the reference that is chosen, and what those before it knew.

use std::sync::Arc;

use crate::session::pairing::companion::Companion;
use crate::session::pairing::remembered::Remembered;
use crate::session::references::Reference;
use crate::session::sides::mix::Mix;

/// One companion at most, and the pasts of all.
#[derive(Default)]
pub struct Companions {
    running: Option<Running>,
    remembered: Remembered,
}

/// Of which choice of reference, of which reference, and what knows.
struct Running {
    generation: u64,
    reference: u64,
    companion: Companion,
}

impl Companions {
    /// The one that runs, if there is one.
    pub(super) fn running(&mut self) -> Option<&mut Companion> {
        self.running.as_mut().map(|running| &mut running.companion)
    }

    /// Whether the one that runs is that of a choice of reference.
    pub(super) fn is_of(&self, generation: u64) -> bool {
        let running = self.running.as_ref();
        running.is_some_and(|running| running.generation == generation)
    }

    /// Begins one beside the mix, with what was known of its past.
    pub(super) fn begin(&mut self, generation: u64, mix: &Mix, reference: &Reference) {
        let Some(heard) = mix.history() else {
            return;
        };
        let (tap, rate) = (heard.tap(), heard.format().sample_rate_hz);
        let known = self.remembered.of(reference.id, &tap);
        let mix_stands = mix.recalled_name().is_some();
        let shared = reference.shared();
        match Companion::spawn(Arc::clone(&tap), rate, shared, mix_stands, known) {
            Ok(companion) => {
                companion.set_measured_from_secs(heard.measured_from_secs);
                self.running = Some(Running {
                    generation,
                    reference: reference.id,
                    companion,
                });
            }
            Err(error) => tracing::error!("no thread for the reference: {error}"),
        }
    }

    /// Whether it may rest while nothing sounds in the mix: nobody sees what lies beside it. Behind that it begins anew, as
    /// behind a jump.
    pub fn let_rest(&mut self, may_rest: bool) {
        if let Some(companion) = self.running() {
            companion.set_may_rest(may_rest);
        }
    }

    /// Ends it, and remembers what it knew.
    pub(super) fn end(&mut self) {
        if let Some(mut running) = self.running.take() {
            let known = running.companion.known_past();
            let tap = running.companion.tap();
            self.remembered.keep(running.reference, tap, known);
        }
    }
}
