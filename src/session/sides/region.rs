//! The part of a reference that is compared: it repeats under the mix, turn by turn.

/// The part of a reference that is compared, in its own time; it repeats under the mix.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Region {
    /// Start in seconds.
    pub start_secs: f64,
    /// Length in seconds, above 0.
    pub length_secs: f64,
}

impl Region {
    /// Laid time: reference time under mix time 0 moved by whole turns of the region, so that it is never negative.
    ///
    /// Fifty hours fit below it, however far the reference was moved back.
    pub fn laid_offset_secs(&self, offset_secs: f64) -> f64 {
        let turns = (200_000.0 / self.length_secs).ceil();
        offset_secs + turns * self.length_secs
    }

    /// Reference time at a laid time.
    pub fn reference_secs(&self, laid_secs: f64) -> f64 {
        self.start_secs + (laid_secs - self.start_secs).rem_euclid(self.length_secs)
    }

    /// The turns of the region under a stretch of mix time, with the laid time under mix time 0; the first and the
    /// last are cut to the stretch.
    ///
    /// Turns are counted: a step of what is left of one in seconds is less than the last digit of a large laid time,
    /// and would never arrive. No more than [`MOST_TURNS`] come, whatever the numbers are.
    pub fn turns(
        self,
        laid_offset_secs: f64,
        [from_secs, to_secs]: [f64; 2],
    ) -> impl Iterator<Item = Turn> {
        let turn_at =
            |mix_secs: f64| (laid_offset_secs + mix_secs - self.start_secs) / self.length_secs;
        let first = turn_at(from_secs).floor();
        // A number that is none, or no length at all, has no turns.
        let count = (turn_at(to_secs).ceil() - first).clamp(0.0, MOST_TURNS as f64) as usize;
        (0..count).filter_map(move |number| {
            let turn = first + number as f64;
            let begins_secs = self.start_secs + turn * self.length_secs - laid_offset_secs;
            let from = begins_secs.max(from_secs);
            let to = (begins_secs + self.length_secs).min(to_secs);
            (to - from > LEAST_TURN_SECS).then_some(Turn {
                mix_secs: [from, to],
                reference_secs: self.start_secs + (from - begins_secs),
            })
        })
    }
}

/// Turns of a region that are told at most: twelve hours of a loop of ten seconds.
pub const MOST_TURNS: usize = 4_096;
/// Shorter ones are rounding.
const LEAST_TURN_SECS: f64 = 1e-6;

/// One run of a region under the mix, without a seam.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turn {
    /// Mix time from which and up to which it goes.
    pub mix_secs: [f64; 2],
    /// Reference time at its beginning.
    pub reference_secs: f64,
}

impl Turn {
    /// How long it is.
    pub fn length_secs(&self) -> f64 {
        self.mix_secs[1] - self.mix_secs[0]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_region_repeats_under_the_mix_before_and_after_its_start() {
        let region = Region {
            start_secs: 130.0,
            length_secs: 40.0,
        };
        for offset in [-500.0, 0.0, 130.0, 7.25] {
            let laid = region.laid_offset_secs(offset);
            assert!(laid >= 0.0);
            for mix_secs in [0.0, 12.5, 39.9, 1000.0] {
                let secs = region.reference_secs(laid + mix_secs);
                assert!((130.0..170.0).contains(&secs));
                let expected = 130.0 + (offset + mix_secs - 130.0).rem_euclid(40.0);
                assert!((secs - expected).abs() < 1e-6);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn turns_follow_each_other_and_cover_the_stretch_in_a_bounded_number(
            start_secs in 0.0f64..600.0,
            length_secs in 0.05f64..900.0,
            offset_secs in -200_000.0f64..400_000.0,
            from_secs in 0.0f64..50_000.0,
            span_secs in 0.01f64..43_200.0,
        ) {
            let region = Region { start_secs, length_secs };
            let to_secs = from_secs + span_secs;
            let turns: Vec<Turn> = region.turns(offset_secs, [from_secs, to_secs]).collect();
            prop_assert!(turns.len() <= MOST_TURNS);
            let mut at = from_secs;
            for turn in &turns {
                let [from, to] = turn.mix_secs;
                prop_assert!((from - at).abs() < 3.0 * LEAST_TURN_SECS && from < to, "{turn:?} at {at}");
                let middle_secs = (from + to) / 2.0;
                let expected = region.reference_secs(offset_secs + middle_secs);
                let found = turn.reference_secs + (middle_secs - from);
                prop_assert!((found - expected).abs() < 1e-6, "{turn:?}: {expected}");
                at = to;
            }
            let is_cut = (span_secs / length_secs) as usize + 2 > MOST_TURNS;
            prop_assert!(is_cut || (at - to_secs).abs() < 3.0 * LEAST_TURN_SECS);
        }
    }

    #[test]
    fn turns_end_whatever_the_numbers_are() {
        let odd = [
            0.0,
            -1.0,
            1e-300,
            1e17,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
        ];
        for start_secs in odd {
            for length_secs in odd {
                for offset_secs in odd {
                    for to_secs in odd {
                        let region = Region {
                            start_secs,
                            length_secs,
                        };
                        let turns = region.turns(offset_secs, [0.0, to_secs]);
                        assert!(turns.count() <= MOST_TURNS);
                    }
                }
            }
        }
    }
}
