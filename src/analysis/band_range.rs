//! Band levels: how much a column holds within a third of an octave, and the range in which that moves over time.
//!
//! Columns hold tone levels, which fall between the notes of a song and rise at each; how bright or boomy it is, is a
//! matter of bands. A band is a third of an octave wide and stands every 24th of one; its power is the sum of its cells,
//! each weighted by what noise reads too much there. Levels are of columns of 0.17 s and of the means of two neighbours,
//! so that they are those of about 0.3 s wherever they are read.

use std::collections::VecDeque;
use std::sync::LazyLock;

use crate::analysis::column::{Column, LEVEL_FLOOR_DB, LEVEL_STEP_DB, level_db};
use crate::analysis::level_cells::{CELL_SHIFT, NUM_CELLS, quantiles_db};
use crate::dsp::fast_math::power_from_db;
use crate::dsp::grid::NUM_BINS;
use crate::units::db;

/// Bins from band to band: a 24th of an octave.
pub const BINS_PER_BAND: usize = 4;
/// Bands; number `n` stands in the middle of bins `4 n … 4 n + 3`.
pub const NUM_BANDS: usize = NUM_BINS / BINS_PER_BAND;
/// The (fractional) bin in the middle of a band.
pub fn band_centre_bin(band: usize) -> f64 {
    (BINS_PER_BAND * band) as f64 + (BINS_PER_BAND - 1) as f64 / 2.0
}

/// The tier whose columns are read.
pub const BAND_TIER: u8 = 2;
/// Bins in a third of an octave.
pub const BINS_PER_THIRD: usize = 32;
/// Bins that a third with soft ends reads: half an octave.
const REACH: usize = 48;

/// By how many dB a cell reads noise above the power that is in it, every 32 bins. Where windows are long against cells,
/// neighbours hold the same power again; where they are short, a cell shows its highest. Measured with white noise, midway
/// between the same noise in both channels and one of its own in each, which lie up to 0.6 dB apart; the same within 0.2
/// dB from 44.1 to 96 kHz.
const NOISE_EXCESS_DB: [f64; NUM_BINS / 32 + 1] = [
    14.27, 13.22, 12.10, 11.02, 10.18, 9.25, 8.26, 7.34, 6.42, 5.55, 4.76, 4.03, 4.80, 5.61, 6.36,
    5.57, 4.74, 3.93, 3.13, 2.34, 1.81, 2.53, 3.41, 4.09, 3.35, 2.60, 1.82, 1.09, 0.38, -0.33,
    -1.04, -1.75, -2.47,
];

static NOISE_WEIGHTS: LazyLock<[f32; NUM_BINS]> = LazyLock::new(|| {
    std::array::from_fn(|bin| {
        let (at, part) = (bin / 32, (bin % 32) as f64 / 32.0);
        let excess_db = NOISE_EXCESS_DB[at] * (1.0 - part) + NOISE_EXCESS_DB[at + 1] * part;
        db::power_from_db(-excess_db) as f32
    })
});

/// What the power of each cell counts, `[bin]`: the sum over a band is then the power in it.
pub fn noise_weights() -> &'static [f32; NUM_BINS] {
    &NOISE_WEIGHTS
}

/// Powers around each band; 1.0 is a full-scale sine.
#[derive(Clone, Debug, PartialEq)]
pub struct BandPowers {
    /// Of a third of an octave with soft ends: its middle half counts in full, then ever less up to a quarter of an octave
    /// away. With hard ends a note would cut a straight edge into a picture a sixth of an octave away from it.
    pub third: [f32; NUM_BANDS],
    /// Of a sixth: the middle counts in full, a sixth of an octave away nothing does.
    pub fine: [f32; NUM_BANDS],
}

/// What a cell counts for the third and the sixth, by how many bins it is away from their middle.
fn shares(bins_away: f32) -> [f32; 2] {
    let half = BINS_PER_THIRD as f32 / 2.0;
    let third = (REACH as f32 / 2.0 - bins_away) / half;
    let fine = 1.0 - bins_away / half;
    [third, fine].map(|share| share.clamp(0.0, 1.0))
}

impl BandPowers {
    /// Those of a column.
    pub fn of(bins: &[u32; NUM_BINS]) -> Self {
        const HALF: usize = REACH / 2;
        // Nothing on either side.
        let mut powers = [0.0f32; NUM_BINS + REACH];
        let cells = bins.iter().zip(noise_weights());
        for (power, (packed, weight)) in powers[HALF..].iter_mut().zip(cells) {
            *power = level_db(*packed).map_or(0.0, |level| weight * power_from_db(level));
        }
        let shares: [[f32; 2]; REACH] =
            std::array::from_fn(|n| shares((n as f32 + 0.5 - HALF as f32).abs()));
        // What is around band n is bins 4 n + 2 − 24 … 4 n + 1 + 24.
        let sum = |band: usize, kind: usize| {
            let around = &powers[BINS_PER_BAND * band + 2..][..REACH];
            let cells = around.iter().zip(&shares);
            cells.map(|(power, share)| power * share[kind]).sum()
        };
        Self {
            third: std::array::from_fn(|band| sum(band, 0)),
            fine: std::array::from_fn(|band| sum(band, 1)),
        }
    }

    /// Whether nothing sounds: no third of an octave reaches −80 dBFS, of which every so many are asked. As in
    /// shaders/spectrogram_strip.wgsl.
    pub fn is_pause(&self) -> bool {
        const BANDS: usize = 8;
        let asked = self.third.iter().skip(BANDS / 2).step_by(BANDS);
        asked
            .max_by(|a, b| a.total_cmp(b))
            .is_none_or(|power| *power <= 1e-8)
    }

    /// Between two columns: `part` 0 is the first, 1 the second.
    pub fn between(&self, other: &Self, part: f32) -> Self {
        let mix = |a: &[f32; NUM_BANDS], b: &[f32; NUM_BANDS]| {
            std::array::from_fn(|n| a[n] + (b[n] - a[n]) * part)
        };
        Self {
            third: mix(&self.third, &other.third),
            fine: mix(&self.fine, &other.fine),
        }
    }

    pub(super) fn is_silent(&self) -> bool {
        self.third.iter().all(|power| *power <= 0.0)
    }
}

/// Between which levels the bands of a recording move, `[band]` in dBFS each; −∞ where there is nothing.
///
/// One vector, one kind after the other: it travels and is kept beside the curves over bins, and is as long as they.
#[derive(Debug, PartialEq)]
pub struct BandRange(pub Vec<f32>);

impl Default for BandRange {
    fn default() -> Self {
        Self::silent()
    }
}

impl Clone for BandRange {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }

    fn clone_from(&mut self, source: &Self) {
        self.0.clone_from(&source.0);
    }
}

impl BandRange {
    /// Without signal.
    pub fn silent() -> Self {
        Self(vec![f32::NEG_INFINITY; 4 * NUM_BANDS])
    }

    /// Thirds of an octave lie below this a tenth of the time.
    pub fn low_db(&self) -> &[f32] {
        self.kind(0)
    }

    /// Their median.
    pub fn middle_db(&self) -> &[f32] {
        self.kind(1)
    }

    /// They lie above this a tenth of the time.
    pub fn high_db(&self) -> &[f32] {
        self.kind(2)
    }

    /// Softened sixths of an octave lie above this a tenth of the time.
    pub fn fine_high_db(&self) -> &[f32] {
        self.kind(3)
    }

    /// Whether anything is known.
    pub fn is_known(&self) -> bool {
        self.high_db().iter().any(|level| level.is_finite())
    }

    fn kind(&self, kind: usize) -> &[f32] {
        // A vector of another length is none of a range: nothing is known then.
        self.0
            .get(kind * NUM_BANDS..(kind + 1) * NUM_BANDS)
            .unwrap_or(&[])
    }
}

type Cells = [[u16; NUM_BANDS]; 2];

/// Counts how often each band had which level: over everything, or over the newest columns.
pub struct BandMeter {
    /// `counts[kind][band * NUM_CELLS + cell]`; thirds, then softened sixths.
    counts: [Vec<u32>; 2],
    total: u32,
    before: Option<BandPowers>,
    /// What is counted in, oldest first, and how much of it at most; none where nothing ever leaves.
    recent: Option<(VecDeque<Cells>, usize)>,
}

impl BandMeter {
    /// Over everything.
    pub fn of_all() -> Self {
        Self {
            counts: [const { NUM_BANDS * NUM_CELLS }; 2].map(|len| vec![0; len]),
            total: 0,
            before: None,
            recent: None,
        }
    }

    /// Over this many of the newest columns.
    pub fn of_newest(num_columns: usize) -> Self {
        Self {
            recent: Some((VecDeque::with_capacity(2 * num_columns), 2 * num_columns)),
            ..Self::of_all()
        }
    }

    /// Counts the next column in; one without sound is none.
    pub fn add(&mut self, column: &Column) {
        let powers = BandPowers::of(&column.bins);
        if powers.is_silent() {
            self.before = None;
            return;
        }
        if let Some(before) = &self.before {
            self.count(&before.between(&powers, 0.5));
        }
        self.count(&powers);
        self.before = Some(powers);
    }

    fn count(&mut self, powers: &BandPowers) {
        self.count_cells([&powers.third, &powers.fine].map(|powers| powers.map(cell_of_power)));
    }

    fn count_cells(&mut self, cells: Cells) {
        self.put(&cells, 1);
        let Some((recent, capacity)) = &mut self.recent else {
            return;
        };
        let oldest = (recent.len() == *capacity).then(|| recent.pop_front());
        recent.push_back(cells);
        if let Some(oldest) = oldest.flatten() {
            self.put(&oldest, u32::MAX);
        }
    }

    /// Counts powers in, or takes them out that were counted in before, whatever stands beside them.
    pub(super) fn put_powers(&mut self, powers: &BandPowers, is_in: bool) {
        let cells = [&powers.third, &powers.fine].map(|powers| powers.map(cell_of_power));
        self.put(&cells, if is_in { 1 } else { u32::MAX });
    }

    /// Adds one, or takes one away by adding the largest number.
    fn put(&mut self, cells: &Cells, step: u32) {
        for (counts, cells) in self.counts.iter_mut().zip(cells) {
            for (counts, cell) in counts.chunks_exact_mut(NUM_CELLS).zip(cells) {
                let count = &mut counts[usize::from(*cell)];
                *count = count.wrapping_add(step);
            }
        }
        self.total = self.total.wrapping_add(step);
    }

    /// The range of what is counted.
    pub fn range(&self) -> BandRange {
        let mut range = BandRange::silent();
        if self.total == 0 {
            return range;
        }
        let [thirds, fine] = &self.counts;
        let levels = |counts: &[u32], parts| {
            let counts = counts.chunks_exact(NUM_CELLS);
            let of_band = |counts| quantiles_db(counts, 0, self.total, parts);
            counts.map(of_band).collect::<Vec<[f32; 3]>>()
        };
        for (band, [low, middle, high]) in levels(thirds, [0.1, 0.5, 0.9]).into_iter().enumerate() {
            range.0[band] = low;
            range.0[NUM_BANDS + band] = middle;
            range.0[2 * NUM_BANDS + band] = high;
        }
        for (band, [.., high]) in levels(fine, [0.1, 0.5, 0.9]).into_iter().enumerate() {
            range.0[3 * NUM_BANDS + band] = high;
        }
        range
    }

    /// Counts in what another one has, of which nothing ever leaves.
    pub fn absorb(&mut self, other: &Self) {
        for (counts, others) in self.counts.iter_mut().zip(&other.counts) {
            counts
                .iter_mut()
                .zip(others)
                .for_each(|(count, other)| *count += other);
        }
        self.total += other.total;
    }

    /// Counts in the newest columns that another one has, as what came after.
    pub fn append(&mut self, newer: &Self) {
        let recent = newer.recent.iter().flat_map(|(recent, _)| recent);
        recent.for_each(|cells| self.count_cells(*cells));
        self.before.clone_from(&newer.before);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.counts.iter_mut().for_each(|counts| counts.fill(0));
        self.total = 0;
        self.before = None;
        if let Some((recent, _)) = &mut self.recent {
            recent.clear();
        }
    }
}

fn cell_of_power(power: f32) -> u16 {
    let code =
        (crate::dsp::fast_math::db_from_power(power + 1e-20) - LEVEL_FLOOR_DB) / LEVEL_STEP_DB;
    (code.clamp(0.0, 65535.0) as u32 >> CELL_SHIFT) as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::column::pack_bin;

    fn column(level_db: impl Fn(usize) -> f32) -> Column {
        Column {
            index: 0,
            bins: std::array::from_fn(|bin| pack_bin(level_db(bin), 0.0, 0.0)),
        }
    }

    #[test]
    fn a_range_spans_what_the_levels_did_and_pauses_do_not_count() {
        let mut meter = BandMeter::of_all();
        for n in 0..200 {
            meter.add(&column(|_| -60.0 + 0.1 * n as f32));
            meter.add(&column(|_| f32::NEG_INFINITY));
        }
        let range = meter.range();
        let band = 120;
        let at = |levels: &[f32]| levels[band];
        let [low, middle, high] = [range.low_db(), range.middle_db(), range.high_db()].map(at);
        assert!((middle - low - 8.0).abs() < 0.3, "{low} {middle}");
        assert!((high - middle - 8.0).abs() < 0.3, "{middle} {high}");
        // Half as wide, so half the power.
        assert!((high - at(range.fine_high_db()) - 3.01).abs() < 0.4);
    }

    #[test]
    fn the_range_of_the_newest_is_that_of_them_alone() {
        let mut sliding = BandMeter::of_newest(50);
        let mut alone = BandMeter::of_all();
        for n in 0..150 {
            let next = column(|bin| -80.0 + 0.3 * ((n * 37 + bin) % 97) as f32);
            sliding.add(&next);
            if n >= 100 {
                if n == 100 {
                    // The mean with the one before is among the newest as well.
                    alone.before = sliding.before.clone().map(|_| {
                        let before = column(|bin| -80.0 + 0.3 * (((n - 1) * 37 + bin) % 97) as f32);
                        BandPowers::of(&before.bins)
                    });
                }
                alone.add(&next);
            }
        }
        assert_eq!(sliding.range(), alone.range());
        sliding.clear();
        assert!(!sliding.range().is_known());
    }

    #[test]
    fn a_tone_in_a_band_reads_its_level_there_and_nothing_beyond() {
        let tone = column(|bin| if bin == 500 { -20.0 } else { f32::NEG_INFINITY });
        let powers = BandPowers::of(&tone.bins);
        let sounding: Vec<usize> = (0..NUM_BANDS).filter(|n| powers.third[*n] > 0.0).collect();
        assert_eq!((sounding[0], sounding.len()), (119, 12));
        let level =
            |band: usize| db::db_from_power(f64::from(powers.third[band] / noise_weights()[500]));
        // In full near the middle, towards the ends ever less.
        for (band, expected_db) in [(125, -20.0), (126, -20.0), (129, -23.91), (130, -28.06)] {
            let off = level(band) - expected_db;
            assert!(off.abs() < 0.02, "band {band}: {off:+.2} dB off");
        }
        assert!(powers.fine[125] > powers.fine[121]);
    }
}
