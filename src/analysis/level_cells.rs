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
    let mut below = 0.0;
    let mut next = 0;
    for (cell, count) in occupied_cells(counts) {
        let cell = first + cell;
        let count = f64::from(count);
        while next < N && parts[next] * f64::from(total) <= below + count {
            let inside = (parts[next] * f64::from(total) - below) / count;
            if cell > 0 {
                let code = (cell as f64 + inside) * f64::from(1u32 << CELL_SHIFT);
                quantiles[next] = level_of_code(code as f32);
            }
            next += 1;
        }
        if next == N {
            break;
        }
        below += count;
    }
    quantiles
}

/// Cells that hold something, with how much. Most are empty, and so are passed over sixteen at a time.
fn occupied_cells(counts: &[u32]) -> impl Iterator<Item = (usize, u32)> {
    let groups = counts.chunks(GROUP).enumerate();
    groups
        .filter(|(_, group)| is_occupied(group))
        .flat_map(|(n, group)| {
            let cells = group.iter().enumerate();
            cells.map(move |(cell, &count)| (n * GROUP + cell, count))
        })
        .filter(|(_, count)| *count > 0)
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
