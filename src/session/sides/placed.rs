//! What of a song was placed lately, over what was there: pictures have shown that, and whoever draws has to know.

use std::collections::VecDeque;

/// So many are noted: those of some seconds. Who has not looked for longer looks at all of it anew.
pub(super) const MOST_NOTED: usize = 2_048;

/// What was placed lately.
#[derive(Clone, Debug, Default)]
pub(super) struct Placed {
    /// Of all, how many.
    pub count: u64,
    /// Tier and index of the newest, the oldest first.
    pub newest: VecDeque<(usize, u64)>,
}

impl Placed {
    /// Notes one more.
    pub fn note(&mut self, tier: usize, index: u64) {
        if self.newest.len() == MOST_NOTED {
            self.newest.pop_front();
        }
        self.newest.push_back((tier, index));
        self.count += 1;
    }
}
