//! Where references lay beside the mix before another one took their place: whoever goes to and fro between two records,
//! or looks at a snapshot, finds the past of the picture as it was.

use std::sync::{Arc, Weak};

use crate::analysis::tap::Tap;
use crate::session::sides::stretches::Stretches;

/// More references than this are not remembered; the oldest is forgotten.
const MOST_REMEMBERED: usize = 32;

/// What a companion knew of the past when it ended.
#[derive(Clone, Debug, Default)]
pub struct KnownPast {
    /// Where the mix lay.
    pub stretches: Stretches,
    /// Seconds that a person had moved the reference by, and with it all of them.
    pub nudge_secs: f64,
}

/// The pasts of references, each beside the mix that it lay beside.
#[derive(Default)]
pub(super) struct Remembered {
    pasts: Vec<(u64, Weak<Tap>, KnownPast)>,
}

impl Remembered {
    /// Keeps what was known of a reference beside what a tap has heard.
    pub(super) fn keep(&mut self, reference: u64, tap: &Arc<Tap>, known: KnownPast) {
        self.pasts.retain(|(of, heard, _)| {
            heard.strong_count() > 0 && (*of != reference || !is_of(heard, tap))
        });
        if known.stretches.is_empty() {
            return;
        }
        if self.pasts.len() == MOST_REMEMBERED {
            self.pasts.remove(0);
        }
        self.pasts.push((reference, Arc::downgrade(tap), known));
    }

    /// What was known of a reference beside what a tap has heard.
    pub(super) fn of(&self, reference: u64, tap: &Arc<Tap>) -> Option<KnownPast> {
        let mut pasts = self.pasts.iter();
        let found = pasts.find(|(of, heard, _)| *of == reference && is_of(heard, tap))?;
        Some(found.2.clone())
    }
}

fn is_of(heard: &Weak<Tap>, tap: &Arc<Tap>) -> bool {
    std::ptr::eq(heard.as_ptr(), Arc::as_ptr(tap))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::sides::stretches::Stretch;

    fn known(from_secs: f64) -> KnownPast {
        let stretch = Stretch {
            from_secs,
            to_secs: from_secs + 10.0,
            offset_secs: 3.0,
        };
        KnownPast {
            stretches: Stretches::of(vec![stretch]),
            nudge_secs: 0.0,
        }
    }

    #[test]
    fn each_reference_is_found_beside_the_mix_it_lay_beside_as_it_was_last() {
        let [live, recalled] = [0, 1].map(|_| Arc::new(Tap::new(48_000, 1.0)));
        let mut remembered = Remembered::default();
        remembered.keep(1, &live, known(0.0));
        remembered.keep(2, &live, known(20.0));
        remembered.keep(1, &recalled, known(40.0));
        remembered.keep(1, &live, known(60.0));
        let from = |reference, tap: &Arc<Tap>| {
            let known = remembered.of(reference, tap)?;
            Some(known.stretches.all()[0].from_secs)
        };
        assert_eq!([from(1, &live), from(2, &live)], [Some(60.0), Some(20.0)]);
        assert_eq!([from(1, &recalled), from(2, &recalled)], [Some(40.0), None]);
    }

    #[test]
    fn what_lies_nowhere_or_beside_a_mix_that_is_gone_is_forgotten() {
        let live = Arc::new(Tap::new(48_000, 1.0));
        let mut remembered = Remembered::default();
        remembered.keep(1, &live, known(0.0));
        remembered.keep(1, &live, KnownPast::default());
        assert!(remembered.of(1, &live).is_none());
        for reference in 0..100 {
            remembered.keep(reference, &live, known(0.0));
        }
        assert_eq!(remembered.pasts.len(), MOST_REMEMBERED);
        let next = Arc::new(Tap::new(48_000, 1.0));
        drop(live);
        remembered.keep(1, &next, known(0.0));
        assert_eq!(remembered.pasts.len(), 1);
    }
}
