//! A whole evening of loudness, readable at any zoom: points of 100 ms and a pyramid of coarser ones above them.

use crate::dsp::loudness::LoudnessPoint;

/// Seconds between points of the finest tier.
pub const POINT_SECS: f64 = 0.1;
/// Points merged into one of the next tier.
const FACTOR: usize = 4;
/// Tiers: the coarsest has a point every 27 minutes.
const NUM_TIERS: usize = 8;

/// A growing history; `tiers[0]` is what was measured, each tier above keeps the highest of four.
#[derive(Clone, Debug)]
pub struct LoudnessHistory {
    tiers: Vec<Vec<LoudnessPoint>>,
}

impl Default for LoudnessHistory {
    fn default() -> Self {
        Self {
            tiers: vec![vec![]; NUM_TIERS],
        }
    }
}

impl LoudnessHistory {
    /// Adds a point.
    pub fn push(&mut self, point: LoudnessPoint) {
        self.tiers[0].push(point);
        for tier in 1..NUM_TIERS {
            let below = &self.tiers[tier - 1];
            if !below.len().is_multiple_of(FACTOR) {
                break;
            }
            let merged = below[below.len() - FACTOR..]
                .iter()
                .copied()
                .reduce(louder)
                .expect("four points make one");
            self.tiers[tier].push(merged);
        }
    }

    /// Puts a point at its number, from 0, over what was there; between it and those before it is nothing.
    pub fn place(&mut self, number: usize, point: LoudnessPoint) {
        while self.len() < number {
            self.push(LoudnessPoint::ABSENT);
        }
        if number == self.len() {
            return self.push(point);
        }
        self.tiers[0][number] = point;
        let mut number = number;
        for tier in 1..NUM_TIERS {
            number /= FACTOR;
            let (below, of_tier) = self.tiers.split_at_mut(tier);
            let four = number * FACTOR..(number + 1) * FACTOR;
            let merged = below[tier - 1].get(four).unwrap_or(&[]);
            let merged = merged.iter().copied().reduce(louder);
            let Some((place, merged)) = of_tier[0].get_mut(number).zip(merged) else {
                break;
            };
            *place = merged;
        }
    }

    /// All points measured.
    pub fn points(&self) -> &[LoudnessPoint] {
        &self.tiers[0]
    }

    /// Number of points measured.
    pub fn len(&self) -> usize {
        self.tiers[0].len()
    }

    /// Whether nothing was measured yet.
    pub fn is_empty(&self) -> bool {
        self.tiers[0].is_empty()
    }

    /// The point whose 100 ms end at or before a time.
    pub fn at(&self, secs: f64) -> Option<LoudnessPoint> {
        let index = (secs / POINT_SECS).floor() as i64 - 1;
        let last = self.len().checked_sub(1)?;
        (index >= 0).then(|| self.tiers[0][(index as usize).min(last)])
    }

    /// Points between two times at the finest tier that needs at most `most` of them: each with its time.
    pub fn between(
        &self,
        from_secs: f64,
        to_secs: f64,
        most: usize,
    ) -> impl Iterator<Item = (f64, LoudnessPoint)> + '_ {
        let step_of = |tier: usize| POINT_SECS * (FACTOR as f64).powi(tier as i32);
        let tier = (0..NUM_TIERS)
            .find(|tier| (to_secs - from_secs) / step_of(*tier) <= most as f64)
            .unwrap_or(NUM_TIERS - 1);
        let step = step_of(tier);
        let points = &self.tiers[tier];
        let first = (from_secs / step).floor().max(0.0) as usize;
        let last = ((to_secs / step).ceil().max(0.0) as usize).min(points.len());
        (first.min(last)..last).map(move |i| ((i as f64 + 1.0) * step, points[i]))
    }
}

fn louder(a: LoudnessPoint, b: LoudnessPoint) -> LoudnessPoint {
    LoudnessPoint {
        momentary_lufs: a.momentary_lufs.max(b.momentary_lufs),
        short_term_lufs: a.short_term_lufs.max(b.short_term_lufs),
        punch: a.punch.highest(b.punch),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_in_a_bounded_number_of_points_and_keep_their_maximum() {
        let mut history = LoudnessHistory::default();
        for i in 0..36_000 {
            let loud = i == 20_000;
            history.push(LoudnessPoint {
                momentary_lufs: if loud { -3.0 } else { -20.0 },
                short_term_lufs: -20.0,
                ..LoudnessPoint::ABSENT
            });
        }
        let read: Vec<_> = history.between(0.0, 3600.0, 1500).collect();
        assert!(read.len() <= 1500);
        assert!(read.iter().any(|(_, p)| p.momentary_lufs == -3.0));
        assert_eq!(history.between(10.0, 12.0, 1500).count(), 20);
    }

    #[test]
    fn points_that_are_placed_again_read_at_every_zoom_as_if_they_had_come_so() {
        let point = |lufs: f32| LoudnessPoint {
            momentary_lufs: lufs,
            short_term_lufs: lufs - 1.0,
            ..LoudnessPoint::ABSENT
        };
        let level = |n: usize| -40.0 + (n * 37 % 29) as f32;
        let (mut placed, mut pushed) = (LoudnessHistory::default(), LoudnessHistory::default());
        placed.place(700, point(0.0));
        (100..901).for_each(|n| placed.place(n, point(-3.0)));
        (100..901)
            .rev()
            .for_each(|n| placed.place(n, point(level(n))));
        (0..100).for_each(|_| pushed.push(LoudnessPoint::ABSENT));
        (100..901).for_each(|n| pushed.push(point(level(n))));
        assert_eq!(placed.tiers, pushed.tiers);
    }

    #[test]
    fn a_point_is_known_once_its_tenth_of_a_second_is_over() {
        let mut history = LoudnessHistory::default();
        assert!(history.at(1.0).is_none());
        history.push(LoudnessPoint {
            momentary_lufs: -10.0,
            short_term_lufs: -12.0,
            ..LoudnessPoint::ABSENT
        });
        assert!(history.at(0.05).is_none());
        assert_eq!(history.at(0.1001).map(|p| p.momentary_lufs), Some(-10.0));
    }
}
