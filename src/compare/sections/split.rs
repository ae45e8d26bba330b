//! Where a song changes.
//!
//! The novelty of a moment is how unlike the stretches before and after it are; a checkerboard laid along the diagonal
//! of the self-similarity matrix measures just that, one moment at a time. Here all boundaries are weighed together:
//! of all ways to cut the song into stretches of seven seconds and more, the one with the least change inside them,
//! where every cut must earn its price. Each boundary then moves to the strongest step within a second and a half,
//! because a riser or a fill belongs to what it leads out of.

use super::texture::{Bands, DIMENSIONS, textures};

/// Columns merged into a slice: 0.68 s.
const SLICE_COLUMNS: usize = 16;
/// The shortest section in slices: 6.8 s.
const SHORTEST_SLICES: usize = 10;
/// The longest break or fill that is no section, in slices: 2.7 s.
const BREAK_SLICES: usize = 4;
/// The longest stretch that is weighed, in slices: five minutes; longer ones come in pieces that are then joined.
const LONGEST_SLICES: usize = 440;
/// What a cut must save, in dB² · slices: 3.2 dB between two stretches of the shortest length.
const CUT_PRICE: f64 = 50.0;
/// Sections are so long in the mean, in slices, or longer: 15 s. Of music that changes all the time only the greatest
/// changes are told, since nobody aims at forty parts of a song.
const MEAN_SLICES: usize = 22;
/// A clip may have so many whatever its length.
const FEW_SECTIONS: usize = 8;
/// The price of a cut rises by this factor until they are few enough.
const PRICE_RISES: f64 = 1.25;
/// How far a boundary may move to the strongest step.
const REFINE_SECS: f64 = 1.5;
/// How much of the song either side of a step is compared: a beat or two.
const STEP_SECS: f64 = 1.0;

type Point = [f64; DIMENSIONS];

/// The columns at which sections begin, and the number of columns at the end.
pub(super) fn edges(columns: &[Bands], floor_db: f32, column_secs: f64) -> Vec<usize> {
    let points: Vec<Point> = textures(columns, floor_db)
        .map(|texture| texture.point().map(f64::from))
        .collect();
    let sums = Sums::of(points.iter());
    let slices = points.len() / SLICE_COLUMNS;
    let slice = |n: usize| {
        let mean = sums.mean(n * SLICE_COLUMNS, (n + 1) * SLICE_COLUMNS);
        mean.map(|x| x as f32).map(f64::from)
    };
    let sliced = without_breaks(&(0..slices).map(slice).collect::<Vec<_>>());
    let reach = (REFINE_SECS / column_secs) as usize;
    let step = ((STEP_SECS / column_secs) as usize).max(1);
    let mut edges = vec![0];
    for cut in few_cuts(&Sums::of(sliced.iter()), slices) {
        let at = cut * SLICE_COLUMNS;
        let from = at.saturating_sub(reach).max(step);
        let to = (at + reach).min(points.len().saturating_sub(step));
        let change = |edge: usize| sums.change(edge - step, edge, edge + step);
        let strongest = (from..=to).max_by(|a, b| change(*a).total_cmp(&change(*b)));
        edges.push(strongest.unwrap_or(at));
    }
    edges.push(columns.len());
    edges
}

/// The running median of each dimension: a break or a fill is gone, and a lasting step stays where it is.
fn without_breaks(slices: &[Point]) -> Vec<Point> {
    let around = |n: usize| {
        // Fewer at both ends, and as many before as after.
        let reach = BREAK_SLICES.min(n).min(slices.len() - 1 - n);
        &slices[n - reach..=n + reach]
    };
    let median = |n: usize| {
        std::array::from_fn(|dimension| {
            let mut values: Vec<f64> = around(n).iter().map(|point| point[dimension]).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        })
    };
    (0..slices.len()).map(median).collect()
}

/// Cuts at a price at which the stretches are long enough in the mean.
fn few_cuts(sums: &Sums, slices: usize) -> Vec<usize> {
    let most = (slices / MEAN_SLICES).max(FEW_SECTIONS);
    let mut price = CUT_PRICE;
    loop {
        let found = cuts(sums, slices, price);
        // A price beyond all scatter cuts nothing.
        if found.len() < most {
            return found;
        }
        price *= PRICE_RISES;
    }
}

/// The slices at which the best way to cut begins a new stretch, where each cut has its price.
fn cuts(sums: &Sums, slices: usize, price: f64) -> Vec<usize> {
    // `best[end]`: the least cost of all slices before `end`, and where its last stretch begins.
    let mut best = vec![(f64::INFINITY, 0); slices + 1];
    best[0] = (0.0, 0);
    for end in SHORTEST_SLICES..=slices {
        for start in end.saturating_sub(LONGEST_SLICES)..=end - SHORTEST_SLICES {
            let cost = best[start].0 + sums.scatter(start, end) + price;
            if cost < best[end].0 {
                best[end] = (cost, start);
            }
        }
    }
    let mut cuts = vec![];
    let mut end = slices;
    while end > 0 && best[end].1 > 0 {
        end = best[end].1;
        cuts.push(end);
    }
    cuts.reverse();
    // A stretch that was cut only for its length is joined again.
    let mut kept: Vec<usize> = vec![];
    for (n, &cut) in cuts.iter().enumerate() {
        let start = kept.last().copied().unwrap_or(0);
        let next = cuts.get(n + 1).copied().unwrap_or(slices);
        if sums.change(start, cut, next) >= price {
            kept.push(cut);
        }
    }
    kept
}

/// Running sums of points and of their squared lengths: means and scatters of any stretch at once.
struct Sums {
    /// `points[n]`: the sum of the first `n`.
    points: Vec<Point>,
    squares: Vec<f64>,
}

impl Sums {
    fn of<'a>(points: impl Iterator<Item = &'a Point>) -> Self {
        let mut sums = Self {
            points: vec![[0.0; DIMENSIONS]],
            squares: vec![0.0],
        };
        let (mut sum, mut square) = ([0.0; DIMENSIONS], 0.0);
        for point in points {
            for (sum, x) in sum.iter_mut().zip(point) {
                *sum += x;
                square += x * x;
            }
            sums.points.push(sum);
            sums.squares.push(square);
        }
        sums
    }

    fn mean(&self, from: usize, to: usize) -> Point {
        let mut mean = self.points[to];
        for (x, before) in mean.iter_mut().zip(self.points[from]) {
            *x = (*x - before) / (to - from).max(1) as f64;
        }
        mean
    }

    /// Sum of squared distances from the mean.
    fn scatter(&self, from: usize, to: usize) -> f64 {
        let mean = self.mean(from, to);
        let of_mean: f64 = mean.iter().map(|x| x * x).sum();
        self.squares[to] - self.squares[from] - of_mean * (to - from) as f64
    }

    /// What cutting a stretch at a place saves of its scatter.
    fn change(&self, from: usize, at: usize, to: usize) -> f64 {
        self.scatter(from, to) - self.scatter(from, at) - self.scatter(at, to)
    }
}

#[cfg(test)]
mod tests {
    use super::super::texture::NUM_BANDS;
    use super::*;

    const COLUMN_SECS: f64 = 4.0 * 512.0 / 48_000.0;

    fn song(parts: &[(f64, f32)]) -> Vec<Bands> {
        let part = |&(secs, level_db): &(f64, f32)| {
            std::iter::repeat_n([level_db; NUM_BANDS], (secs / COLUMN_SECS) as usize)
        };
        parts.iter().flat_map(part).collect()
    }

    fn seconds(columns: &[Bands]) -> Vec<f64> {
        let edges = edges(columns, -60.0, COLUMN_SECS);
        edges
            .iter()
            .map(|edge| *edge as f64 * COLUMN_SECS)
            .collect()
    }

    #[test]
    fn hard_changes_are_found_where_they_are() {
        let found = seconds(&song(&[(20.0, -30.0), (15.0, -20.0), (30.0, -30.0)]));
        let expected = [0.0, 20.0, 35.0, 65.0];
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 0.1, "{found} is not {expected}");
        }
    }

    #[test]
    fn a_short_fill_and_a_small_change_are_no_sections() {
        let fill = song(&[(20.0, -30.0), (1.4, -36.0), (20.0, -30.0)]);
        assert_eq!(seconds(&fill).len(), 2);
        for secs in [0.5, 2.0] {
            let quiet = song(&[(20.0, -30.0), (secs, -45.0), (20.0, -30.0)]);
            assert_eq!(seconds(&quiet).len(), 2, "a break of {secs} s");
        }
        assert_eq!(seconds(&song(&[(20.0, -30.0), (20.0, -31.0)])).len(), 2);
    }

    #[test]
    fn music_that_changes_all_the_time_has_no_more_sections_than_one_can_aim_at() {
        // Eight seconds each, now and then with a great change.
        let level = |n: u32| -20.0 - 5.0 * (n % 2) as f32 - 15.0 * ((n / 5) % 2) as f32;
        let parts: Vec<(f64, f32)> = (0..40).map(|n| (8.0, level(n))).collect();
        let found = seconds(&song(&parts));
        assert!(found.len() - 1 <= 21, "{found:?}");
        for great in (1..8).map(|n| 40.0 * f64::from(n)) {
            let nearest = found.iter().map(|secs| (secs - great).abs());
            let nearest = nearest.min_by(f64::total_cmp).expect("it has edges");
            assert!(nearest < 1.0, "{great}: {found:?}");
        }
    }

    #[test]
    fn what_stays_the_same_for_an_hour_is_one_section_and_a_clip_is_one_too() {
        assert_eq!(seconds(&song(&[(3600.0, -30.0)])).len(), 2);
        assert_eq!(seconds(&song(&[(5.0, -30.0)])).len(), 2);
        assert_eq!(seconds(&song(&[(700.0, -30.0), (700.0, -20.0)])).len(), 3);
    }
}
