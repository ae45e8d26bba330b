//! A sliding sum that never subtracts, so that silence after a fortissimo is silence and not a rounding residue.
//!
//! The window is cut into a block being filled and the one before it, of which all suffix sums are known (the van
//! Herk / Gil-Werman scheme): the sum is one suffix plus one prefix. Three additions a value, no drift in 6 hours.

/// Sum over the last `window` values pushed; values before the first count as zero.
#[derive(Clone, Debug)]
pub struct SlidingSum {
    filling: Vec<f64>,
    /// `suffixes[i]` = sum of the previous block from value `i` on.
    suffixes: Vec<f64>,
    prefix: f64,
    index: usize,
}

impl SlidingSum {
    /// A window of a number of values, at least 1.
    pub fn new(window: usize) -> Self {
        let window = window.max(1);
        Self {
            filling: vec![0.0; window],
            suffixes: vec![0.0; window + 1],
            prefix: 0.0,
            index: 0,
        }
    }

    /// Adds a value and lets the oldest go.
    pub fn push(&mut self, value: f64) {
        if self.index == self.filling.len() {
            let mut sum = 0.0;
            for (suffix, value) in self.suffixes.iter_mut().zip(&self.filling).rev() {
                sum += value;
                *suffix = sum;
            }
            self.prefix = 0.0;
            self.index = 0;
        }
        self.filling[self.index] = value;
        self.prefix += value;
        self.index += 1;
    }

    /// Sum of the window.
    pub fn sum(&self) -> f64 {
        self.prefix + self.suffixes[self.index]
    }

    /// Forgets all values.
    pub fn clear(&mut self) {
        self.suffixes.fill(0.0);
        self.prefix = 0.0;
        self.index = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_that_of_the_last_values() {
        for window in [1, 2, 7, 40] {
            let mut sliding = SlidingSum::new(window);
            for i in 0..500usize {
                sliding.push((i * i % 97) as f64);
                let first = (i + 1).saturating_sub(window);
                let expected: f64 = (first..=i).map(|j| (j * j % 97) as f64).sum();
                assert_eq!(sliding.sum(), expected, "window {window}, value {i}");
            }
        }
    }

    #[test]
    fn nothing_is_left_of_a_loud_value_that_went_by() {
        let mut sliding = SlidingSum::new(40);
        for i in 0..100 {
            sliding.push(if i < 30 { 1e9 / 3.0 } else { 0.0 });
        }
        assert_eq!(sliding.sum(), 0.0);
    }
}
