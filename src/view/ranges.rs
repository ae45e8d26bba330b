//! Ranges in which a side lies most of the time: worked out once per change, however many pictures show them.

use std::cell::RefCell;

use crate::session::settings::arrangement::Panel;

/// More ranges than this are of sides that nobody looks at any more.
const MOST_KEPT: usize = 8;

/// What a range depends on: which panel shows it, and a number that changes with what it is measured from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RangeKey {
    /// The panel.
    pub panel: Panel,
    /// Counts changes of the side.
    pub generation: u64,
    /// The part of the side's time that is meant, as bits of its seconds.
    pub part: [u64; 2],
}

/// What a tenth, the half and nine tenths of the time lie below; `None` where too little is known.
pub type Range = Option<[f32; 3]>;

/// The ranges of the last pictures.
#[derive(Clone, Debug, Default)]
pub struct RangeCache {
    kept: RefCell<Vec<(RangeKey, Range)>>,
}

impl RangeCache {
    /// A range, worked out where that has not been done for the same key.
    pub fn range(&self, key: RangeKey, make: impl FnOnce() -> Range) -> Range {
        let known = self
            .kept
            .borrow()
            .iter()
            .find(|(of, _)| *of == key)
            .copied();
        if let Some((_, range)) = known {
            return range;
        }
        let range = make();
        let mut kept = self.kept.borrow_mut();
        if kept.len() == MOST_KEPT {
            kept.remove(0);
        }
        kept.push((key, range));
        range
    }
}

/// The range of values, if there are at least so many.
pub fn range_of(mut values: Vec<f32>, least: usize) -> Range {
    if values.len() < least.max(1) {
        return None;
    }
    values.sort_by(f32::total_cmp);
    let at = |part: f64| values[((values.len() - 1) as f64 * part).round() as usize];
    Some([0.1, 0.5, 0.9].map(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_worked_out_once_for_each_change() {
        let cache = RangeCache::default();
        let key = |generation| RangeKey {
            panel: Panel::Loudness,
            generation,
            part: [0, 1],
        };
        let mut made = 0;
        for generation in [1, 1, 2, 2, 1] {
            let range = cache.range(key(generation), || {
                made += 1;
                Some([generation as f32; 3])
            });
            assert_eq!(range, Some([generation as f32; 3]));
        }
        assert_eq!(made, 2);
        for generation in 3..40 {
            cache.range(key(generation), || None);
        }
        assert_eq!(cache.kept.borrow().len(), MOST_KEPT);
    }

    #[test]
    fn tenths_lie_where_they_do_in_a_ladder() {
        let ladder: Vec<f32> = (0..=100).rev().map(|n| n as f32).collect();
        assert_eq!(range_of(ladder, 100), Some([10.0, 50.0, 90.0]));
        assert_eq!(range_of(vec![1.0], 2), None);
        assert_eq!(range_of(vec![], 0), None);
    }
}
