//! What of another song lay beside the mix while the sections that fit were followed: each from where it was followed, again
//! and again, until the next one. A picture of the past shows what lay beside it then.

use crate::session::pairing::sections::SectionOffer;
use crate::session::sides::beside::CompanionFrame;
use crate::session::sides::region::Region;
use crate::session::sides::stretches::{MOST_STRETCHES, Stretch, Stretches};

/// Counts of changes begin here, so that they are none of those that a companion counts.
const FIRST_REVISION: u64 = 1 << 25;
/// Turns of a section lie at the same offset if it differs by less.
const SAME_SECS: f64 = 1e-3;

/// The sections that were followed, in the record's own time.
#[derive(Debug, Default)]
pub(super) struct FollowedPast {
    items: Vec<Stretch>,
    nudge_secs: f64,
    changes: u64,
    /// Of which choice of reference.
    generation: u64,
}

impl FollowedPast {
    /// Lays what is followed at a mix time, and what was before; `compared` is what ran beside the mix before anything was
    /// followed, of a choice of reference.
    pub fn lay(
        &mut self,
        beside: &mut CompanionFrame,
        followed: Option<&SectionOffer>,
        [now_secs, nudge_secs]: [f64; 2],
        (compared, generation): (Region, u64),
    ) {
        let until_secs = self.items.last().map_or(0.0, |last| last.to_secs);
        let is_same = self.generation == generation && until_secs <= now_secs;
        if followed.is_none() || !is_same {
            self.generation = generation;
            self.items.clear();
            self.changes += 1;
        }
        let Some(offer) = followed else {
            beside.followed_past = Stretches::default();
            return;
        };
        if self.items.is_empty() {
            self.nudge_secs = nudge_secs;
            // A frame may be of before the last nudge.
            self.run(compared, nudge_secs, [0.0, now_secs]);
        }
        if nudge_secs != self.nudge_secs {
            let by_secs = nudge_secs - self.nudge_secs;
            self.items
                .iter_mut()
                .for_each(|item| item.offset_secs += by_secs);
            self.nudge_secs = nudge_secs;
            self.changes += 1;
        }
        let until_secs = self.items.last().map_or(0.0, |last| last.to_secs);
        self.run(
            offer.region,
            offer.offset_secs + nudge_secs,
            [until_secs, now_secs],
        );
        if beside.followed_past.revision != FIRST_REVISION + self.changes {
            beside.followed_past = Stretches::of(self.items.clone());
            beside.followed_past.revision = FIRST_REVISION + self.changes;
        }
    }

    /// Lays the turns of a region between two mix times.
    fn run(&mut self, region: Region, offset_secs: f64, secs: [f64; 2]) {
        for turn in region.turns(region.laid_offset_secs(offset_secs), secs) {
            let [from_secs, to_secs] = turn.mix_secs;
            let offset_secs = turn.reference_secs - from_secs;
            match self.items.last_mut() {
                Some(last) if (last.offset_secs - offset_secs).abs() < SAME_SECS => {
                    last.to_secs = to_secs;
                }
                _ => {
                    self.items.push(Stretch {
                        from_secs,
                        to_secs,
                        offset_secs,
                    });
                    self.changes += 1;
                }
            }
        }
        let surplus = self.items.len().saturating_sub(MOST_STRETCHES);
        self.items.drain(..surplus);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(start_secs: f64, length_secs: f64, at_secs: f64) -> SectionOffer {
        SectionOffer {
            section: 0,
            name: "Verse".to_owned(),
            region: Region {
                start_secs,
                length_secs,
            },
            offset_secs: start_secs - at_secs,
        }
    }

    #[test]
    fn what_lay_beside_the_mix_stays_there_when_another_section_is_followed() {
        let whole = Region {
            start_secs: 0.0,
            length_secs: 100.0,
        };
        let mut past = FollowedPast::default();
        let mut beside = CompanionFrame::default();
        let verse = offer(20.0, 10.0, 12.0);
        let chorus = offer(60.0, 15.0, 40.0);
        for tenth in 150..=600 {
            let now_secs = 0.1 * f64::from(tenth);
            let followed = if now_secs < 40.0 { &verse } else { &chorus };
            past.lay(&mut beside, Some(followed), [now_secs, 0.0], (whole, 1));
        }
        beside.followed = Some(chorus.region);
        let at = |mix_secs: f64| beside.offset_at(mix_secs).map(|secs| secs + mix_secs);
        let near = |at: Option<f64>, secs: f64| at.is_some_and(|at| (at - secs).abs() < 1e-6);
        assert!(near(at(5.0), 5.0), "before anything was followed");
        // It was followed from 15 s on, and runs as if from 12 s on.
        assert!(near(at(16.0), 24.0));
        assert!(near(at(25.0), 23.0), "its second turn");
        assert!(near(at(39.0), 27.0));
        assert!(near(at(41.0), 61.0));
        assert!(near(at(57.0), 62.0), "the second turn of the next one");
        let revision = beside.followed_past.revision;
        past.lay(&mut beside, Some(&chorus), [60.1, 0.0], (whole, 1));
        assert_eq!(beside.followed_past.revision, revision, "it only goes on");
        past.lay(&mut beside, Some(&chorus), [60.2, 0.5], (whole, 1));
        assert!(beside.followed_past.revision > revision, "it was moved");
        past.lay(&mut beside, Some(&chorus), [60.3, 0.5], (whole, 2));
        assert_eq!(beside.followed_past.all().len(), 1, "another record");
        past.lay(&mut beside, None, [60.4, 0.5], (whole, 2));
        assert!(beside.followed_past.is_empty());
        // An evening of short sections stays bounded.
        for second in 0..20_000 {
            past.lay(
                &mut beside,
                Some(&verse),
                [f64::from(second), 0.0],
                (whole, 1),
            );
        }
        assert!(beside.followed_past.all().len() <= MOST_STRETCHES);
    }
}
