//! Histograms of levels: their cells, and the levels that parts of what was counted lie below.

use crate::analysis::column::{LEVEL_FLOOR_DB, LEVEL_STEP_DB};

/// Level codes of 16 bits fall into cells of 128: 0.375 dB.
pub const CELL_SHIFT: u32 = 7;
/// Cells of a histogram.
pub const NUM_CELLS: usize = 0x1_0000 >> CELL_SHIFT;
/// Cells looked at together.
const GROUP: usize = 16;

/// Levels below which parts of the columns lie, on the straight line within a cell; −∞ in the cell of silence. `counts`
/// begin at cell `first` and hold all columns.
pub fn quantiles_db<const N: usize>(
    counts: &[u32],
    first: usize,
    total: u32,
    parts: [f64; N],
) -> [f32; N] {
    let mut quantiles = [f32::NEG_INFINITY; N];
    let wanted = parts.map(|part| part * f64::from(total));
    let mut below = 0;
    let mut next = 0;
    for (group, counts) in counts.chunks(GROUP).enumerate() {
        let within: u32 = counts.iter().sum();
        // Most groups are empty, and of the others few hold what is looked for.
        while within > 0 && wanted[next] <= f64::from(below + within) {
            let (cell, before) = cell_of(counts, below, wanted[next]);
            let inside = (wanted[next] - f64::from(before)) / f64::from(counts[cell]);
            let cell = first + group * GROUP + cell;
            if cell > 0 {
                let code = (cell as f64 + inside) * f64::from(1u32 << CELL_SHIFT);
                quantiles[next] = level_of_code(code as f32);
            }
            next += 1;
            if next == N {
                return quantiles;
            }
        }
        below += within;
    }
    quantiles
}

/// In which of a few cells a count is reached, with so many before them, and how many are before that one. Without a
/// branch: no predictor foresees where that is.
#[inline(always)]
fn cell_of(counts: &[u32], before: u32, wanted: f64) -> (usize, u32) {
    // Counts are whole numbers.
    let wanted = wanted.ceil() as u32;
    let (mut cell, mut reached, mut sum) = (0, before, before);
    for count in counts {
        sum += count;
        let is_before = sum < wanted;
        cell += usize::from(is_before);
        reached = if is_before { sum } else { reached };
    }
    (cell, reached)
}

/// The highest cell that holds something; 0 of none.
pub fn highest_cell(counts: &[u32]) -> usize {
    let groups = counts.chunks(GROUP).enumerate().rev();
    let mut occupied = groups.filter(|(_, group)| is_occupied(group));
    occupied.next().map_or(0, |(n, group)| {
        n * GROUP + group.iter().rposition(|&count| count > 0).unwrap_or(0)
    })
}

fn is_occupied(group: &[u32]) -> bool {
    group.iter().fold(0, |all, count| all | count) != 0
}

/// The level of a code, fractions included.
#[inline(always)]
pub fn level_of_code(code: f32) -> f32 {
    LEVEL_FLOOR_DB + code * LEVEL_STEP_DB
}
