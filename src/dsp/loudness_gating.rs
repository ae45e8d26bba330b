//! The gates of BS.1770 (integrated loudness) and Tech 3342 (loudness range), exact and from histograms.
//!
//! Energies are weighted mean squares, linear: `Σ G z` of BS.1770. The exact functions serve regions computed later
//! from stored history; the histogram serves the running measurement, where six hours must update in microseconds.

use crate::units::db::{db_from_power, existing, power_from_db};

/// Blocks at or below this are never part of the integrated loudness.
pub const ABSOLUTE_GATE_LUFS: f64 = -70.0;
/// Integrated loudness keeps blocks louder than the mean minus this.
const RELATIVE_GATE_LU: f64 = -10.0;
/// Loudness range keeps values louder than the mean minus this.
const RANGE_GATE_LU: f64 = -20.0;

/// Loudness in LUFS of an energy; −∞ for zero.
pub fn lufs_from_energy(energy: f64) -> f64 {
    -0.691 + db_from_power(energy)
}

/// Energy of a loudness in LUFS.
pub fn energy_from_lufs(lufs: f64) -> f64 {
    power_from_db(lufs + 0.691)
}

/// Integrated loudness in LUFS of 400 ms blocks at 100 ms hop, gated twice; `None` if no block passes.
pub fn integrated_of(block_energies: impl Iterator<Item = f64> + Clone) -> Option<f64> {
    let mean_above = |gate: f64| {
        let kept = block_energies.clone().filter(|&energy| energy > gate);
        let (count, sum) = kept.fold((0u64, 0.0), |(n, sum), energy| (n + 1, sum + energy));
        (count > 0).then(|| sum / count as f64)
    };
    let gate = energy_from_lufs(ABSOLUTE_GATE_LUFS);
    let mean = mean_above(gate)?;
    let mean = mean_above(gate.max(mean * power_from_db(RELATIVE_GATE_LU)))?;
    existing(lufs_from_energy(mean))
}

/// Loudness range in LU of short-term energies at 10 Hz or better; `None` if none passes the gate.
pub fn range_of(short_term_energies: impl Iterator<Item = f64>) -> Option<f64> {
    let gate = energy_from_lufs(ABSOLUTE_GATE_LUFS);
    let mut kept: Vec<f64> = short_term_energies
        .filter(|&energy| energy >= gate)
        .collect();
    let mean = kept.iter().sum::<f64>() / kept.len() as f64;
    kept.retain(|&energy| energy >= mean * power_from_db(RANGE_GATE_LU));
    kept.sort_by(f64::total_cmp);
    let (low, high) = percentile_ranks(kept.len() as u64)?;
    existing(db_from_power(kept[high as usize] / kept[low as usize]))
}

/// Ranks, from 0, of the 10th and 95th percentile among a number of sorted values: Tech 3342 counts from 1 and
/// takes round((n − 1) p + 1).
fn percentile_ranks(count: u64) -> Option<(u64, u64)> {
    let rank = |p: f64| ((count - 1) as f64 * p).round() as u64;
    (count > 0).then(|| (rank(0.10), rank(0.95)))
}

const BINS_PER_LU: usize = 200;
const BINS_PER_GROUP: usize = 100;
const NUM_GROUPS: usize = 200;
const NUM_BINS: usize = BINS_PER_GROUP * NUM_GROUPS;

/// Energies counted by level, 0.005 LU a bin from −70 to +30 LUFS, each bin with the exact sum of what it holds.
///
/// Only the one bin that a relative gate falls into is judged as a whole, by its mean. Groups of bins carry their own
/// sums, so an answer costs about 300 additions however long the programme is.
#[derive(Clone, Debug)]
pub struct LoudnessHistogram {
    bins: Vec<Tally>,
    groups: Vec<Tally>,
    total: Tally,
}

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    count: u64,
    energy: f64,
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.count += other.count;
        self.energy += other.energy;
    }

    fn mean(self) -> f64 {
        self.energy / self.count as f64
    }
}

impl Default for LoudnessHistogram {
    fn default() -> Self {
        Self {
            bins: vec![Tally::default(); NUM_BINS],
            groups: vec![Tally::default(); NUM_GROUPS],
            total: Tally::default(),
        }
    }
}

impl LoudnessHistogram {
    /// Counts an energy. The caller applies the absolute gate, as the two measurements differ in strictness.
    pub fn add(&mut self, energy: f64) {
        let tally = Tally { count: 1, energy };
        let bin = bin_of(energy);
        self.bins[bin].add(tally);
        self.groups[bin / BINS_PER_GROUP].add(tally);
        self.total.add(tally);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.bins.fill(Tally::default());
        self.groups.fill(Tally::default());
        self.total = Tally::default();
    }

    /// Counts in what another one has.
    pub fn absorb(&mut self, other: &Self) {
        let pairs = [
            (&mut self.bins, &other.bins),
            (&mut self.groups, &other.groups),
        ];
        for (own, others) in pairs {
            own.iter_mut()
                .zip(others)
                .for_each(|(tally, other)| tally.add(*other));
        }
        self.total.add(other.total);
    }

    /// Integrated loudness in LUFS and the number of blocks above both gates; `None` without any.
    pub fn integrated(&self) -> Option<(f64, u64)> {
        let (first_bin, kept) = self.above(RELATIVE_GATE_LU)?;
        debug_assert!(first_bin < NUM_BINS);
        existing(lufs_from_energy(kept.mean())).map(|lufs| (lufs, kept.count))
    }

    /// Loudness range in LU; `None` if nothing was counted.
    pub fn range(&self) -> Option<f64> {
        let (first_bin, kept) = self.above(RANGE_GATE_LU)?;
        let (low, high) = percentile_ranks(kept.count)?;
        let (low, high) = (
            self.at_rank(first_bin, low)?,
            self.at_rank(first_bin, high)?,
        );
        existing(db_from_power(high / low))
    }

    /// The first bin above the gate relative to the mean, and all from there on.
    fn above(&self, gate_lu: f64) -> Option<(usize, Tally)> {
        if self.total.count == 0 {
            return None;
        }
        let gate = self.total.mean() * power_from_db(gate_lu);
        let mut first = if lufs_from_energy(gate) <= ABSOLUTE_GATE_LUFS {
            0
        } else {
            bin_of(gate)
        };
        let straddling = self.bins[first];
        if first > 0 && straddling.count > 0 && straddling.mean() <= gate {
            first += 1;
        }
        let group_end = first.next_multiple_of(BINS_PER_GROUP).min(NUM_BINS);
        let mut kept = Tally::default();
        for tally in &self.bins[first..group_end] {
            kept.add(*tally);
        }
        for tally in &self.groups[group_end / BINS_PER_GROUP..] {
            kept.add(*tally);
        }
        (kept.count > 0).then_some((first, kept))
    }

    /// Mean energy of the bin that holds the value of a rank, counted from 0 at `first_bin` upwards.
    fn at_rank(&self, first_bin: usize, rank: u64) -> Option<f64> {
        let mut below = 0;
        let mut bin = first_bin;
        while bin < NUM_BINS {
            let whole_group = bin.is_multiple_of(BINS_PER_GROUP);
            let group = self.groups[bin / BINS_PER_GROUP];
            if whole_group && below + group.count <= rank {
                below += group.count;
                bin += BINS_PER_GROUP;
                continue;
            }
            below += self.bins[bin].count;
            if below > rank {
                return Some(self.bins[bin].mean());
            }
            bin += 1;
        }
        None
    }
}

fn bin_of(energy: f64) -> usize {
    let bin = (lufs_from_energy(energy) - ABSOLUTE_GATE_LUFS) * BINS_PER_LU as f64;
    (bin.max(0.0) as usize).min(NUM_BINS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Levels without a pattern between two bounds.
    fn levels(count: usize, low_lufs: f64, high_lufs: f64) -> Vec<f64> {
        let mut state = 1u64;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1u64 << 53) as f64
        };
        (0..count)
            .map(|_| energy_from_lufs(low_lufs + (high_lufs - low_lufs) * next() * next()))
            .collect()
    }

    #[test]
    fn the_histogram_agrees_with_the_exact_gates() {
        for (count, low, high) in [
            (1, -20.0, -20.0),
            (10, -75.0, -5.0),
            (50_000, -69.9, 3.0),
            (7_000, -40.0, -10.0),
        ] {
            let energies = levels(count, low, high);
            let mut histogram = LoudnessHistogram::default();
            for &energy in energies
                .iter()
                .filter(|&&e| e > energy_from_lufs(ABSOLUTE_GATE_LUFS))
            {
                histogram.add(energy);
            }
            let exact = integrated_of(energies.iter().copied()).expect("some are above the gate");
            let (quick, _) = histogram.integrated().expect("some are above the gate");
            assert!((exact - quick).abs() < 0.005, "I {exact} {quick}");
            let exact = range_of(energies.iter().copied()).expect("some are above the gate");
            let quick = histogram.range().expect("some are above the gate");
            assert!((exact - quick).abs() < 0.0101, "LRA {exact} {quick}");
        }
    }

    #[test]
    fn both_gates_are_strict_for_integrated_loudness() {
        let gate = energy_from_lufs(ABSOLUTE_GATE_LUFS);
        assert_eq!(integrated_of([gate, gate].into_iter()), None);
        assert!(integrated_of([gate * 1.0001].into_iter()).is_some());
        assert_eq!(range_of([gate, gate].into_iter()), Some(0.0));
    }

    #[test]
    fn nothing_has_no_loudness_and_no_range() {
        let histogram = LoudnessHistogram::default();
        assert_eq!(histogram.integrated(), None);
        assert_eq!(histogram.range(), None);
        assert_eq!(integrated_of(std::iter::empty()), None);
        assert_eq!(range_of([0.0, f64::NAN].into_iter()), None);
    }

    #[test]
    fn levels_beyond_the_histogram_keep_their_energy() {
        let mut histogram = LoudnessHistogram::default();
        histogram.add(energy_from_lufs(57.0));
        assert!((histogram.integrated().expect("it is loud").0 - 57.0).abs() < 1e-9);
    }
}
