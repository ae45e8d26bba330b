//! Small pictures of a whole reference: its waveform as an envelope, and a spectrogram the size of a stamp.

use crate::analysis::column::{Column, level_db};
use crate::dsp::fast_math::{db_from_power, power_from_db};
use crate::dsp::frame_history::StereoFrame;
use crate::dsp::grid::{BINS_PER_OCTAVE, NUM_BINS, bin_from_hz};

/// Length of a cell of the envelope in seconds: an hour has 72 000 of them, half a megabyte.
const CELL_SECS: f64 = 0.05;
/// Columns of a thumbnail.
pub const THUMBNAIL_WIDTH: usize = 64;
/// Rows of a thumbnail.
pub const THUMBNAIL_HEIGHT: usize = 16;
/// Lowest and highest frequency of a thumbnail: where music is.
const THUMBNAIL_HZ: [f64; 2] = [40.0, 16_000.0];
/// As the spectrograms are drawn: tilt, bright end and range.
const TILT_DB_PER_OCTAVE: f64 = 4.0;
const TOP_DB: f64 = -18.0;
const RANGE_DB: f64 = 60.0;

/// The envelope of a recording, growing as it is read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overview {
    /// `cells[cell]`: lowest and highest sample of both channels; the last one may still grow.
    cells: Vec<[f32; 2]>,
    frames_per_cell: usize,
    frames_in_last: usize,
}

impl Overview {
    /// Nothing yet.
    pub fn new(sample_rate_hz: u32) -> Self {
        Self {
            cells: vec![],
            frames_per_cell: ((CELL_SECS * f64::from(sample_rate_hz)) as usize).max(1),
            frames_in_last: 0,
        }
    }

    /// An envelope that was kept.
    pub fn from_cells(cells: Vec<[f32; 2]>, sample_rate_hz: u32) -> Self {
        Self {
            cells,
            ..Self::new(sample_rate_hz)
        }
    }

    /// All cells.
    pub fn cells(&self) -> &[[f32; 2]] {
        &self.cells
    }

    /// Takes the next frames.
    pub fn push(&mut self, frames: &[StereoFrame]) {
        let per_cell = self.frames_per_cell.max(1);
        for [left, right] in frames {
            if self.frames_in_last == 0 {
                self.cells.push([f32::INFINITY, f32::NEG_INFINITY]);
            }
            if let Some([low, high]) = self.cells.last_mut() {
                *low = low.min(left.min(*right));
                *high = high.max(left.max(*right));
            }
            self.frames_in_last = (self.frames_in_last + 1) % per_cell;
        }
    }

    /// The envelope in so many steps: lowest and highest sample of each, over `total_cells` cells, of which the last
    /// may not have come yet.
    pub fn reduced(&self, num_steps: usize, total_cells: usize) -> Vec<[f32; 2]> {
        let total = total_cells.max(self.cells.len());
        (0..num_steps)
            .map_while(|step| {
                let from = step * total / num_steps;
                let to = ((step + 1) * total / num_steps).max(from + 1);
                let cells = self.cells.get(from..to.min(self.cells.len()))?;
                cells
                    .iter()
                    .copied()
                    .reduce(|a, b| [a[0].min(b[0]), a[1].max(b[1])])
            })
            .collect()
    }

    /// How many cells a length has.
    pub fn cells_in(&self, frames: u64) -> usize {
        frames.div_ceil(self.frames_per_cell.max(1) as u64) as usize
    }
}

/// A spectrogram the size of a stamp.
#[derive(Clone, Debug, PartialEq)]
pub struct Thumbnail {
    /// `levels[row * THUMBNAIL_WIDTH + column]`, lowest frequency first; 0 is dark, 255 bright.
    pub levels: Vec<u8>,
}

impl Thumbnail {
    /// Of a recording's tiers, finest first.
    pub fn new(tiers: &[Vec<Column>]) -> Self {
        let columns = tiers
            .iter()
            .rev()
            .find(|tier| tier.len() >= THUMBNAIL_WIDTH)
            .or(tiers.first())
            .map_or(&[][..], Vec::as_slice);
        let [low, high] = THUMBNAIL_HZ.map(bin_from_hz);
        let edge = |row: usize| {
            let part = row as f64 / THUMBNAIL_HEIGHT as f64;
            ((low + part * (high - low)) as usize).min(NUM_BINS)
        };
        let mut levels = vec![0; THUMBNAIL_WIDTH * THUMBNAIL_HEIGHT];
        for x in 0..THUMBNAIL_WIDTH {
            let at = x * columns.len() / THUMBNAIL_WIDTH;
            let Some(column) = columns.get(at) else {
                continue;
            };
            for row in 0..THUMBNAIL_HEIGHT {
                let bins = edge(row)..edge(row + 1);
                let middle = 0.5 * (bins.start + bins.end) as f64;
                let octaves = (middle - bin_from_hz(1000.0)) / BINS_PER_OCTAVE;
                let shown_db = mean_db(&column.bins[bins]) + TILT_DB_PER_OCTAVE * octaves;
                let part = (shown_db - (TOP_DB - RANGE_DB)) / RANGE_DB;
                levels[row * THUMBNAIL_WIDTH + x] = (part.clamp(0.0, 1.0) * 255.0) as u8;
            }
        }
        Self { levels }
    }
}

fn mean_db(bins: &[u32]) -> f64 {
    let powers = bins
        .iter()
        .filter_map(|bin| level_db(*bin))
        .map(power_from_db);
    let mean = powers.sum::<f32>() / bins.len().max(1) as f32;
    f64::from(db_from_power(mean + 1e-20))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::column::pack_bin;

    #[test]
    fn the_envelope_does_not_depend_on_how_frames_come() {
        let frames: Vec<_> = (0..100_000)
            .map(|n| [(n % 977) as f32 / 977.0, -((n % 311) as f32) / 400.0])
            .collect();
        let mut at_once = Overview::new(48_000);
        at_once.push(&frames);
        let mut in_pieces = Overview::new(48_000);
        frames.chunks(1_234).for_each(|piece| in_pieces.push(piece));
        assert_eq!(at_once, in_pieces);
        assert_eq!(at_once.cells().len(), at_once.cells_in(100_000));
        let whole = at_once.reduced(1, 0);
        assert_eq!(whole, vec![[-310.0 / 400.0, 976.0 / 977.0]]);
    }

    #[test]
    fn what_has_not_come_yet_is_not_drawn() {
        let mut overview = Overview::new(1000);
        overview.push(&[[0.5, -0.5]; 500]);
        assert_eq!(overview.cells().len(), 10);
        assert_eq!(overview.reduced(100, 40).len(), 25);
        assert_eq!(overview.reduced(100, 0).len(), 100);
    }

    #[test]
    fn a_thumbnail_is_bright_where_sound_is() {
        let column = |index: u64, level: f32| Column {
            index,
            bins: [pack_bin(level, 0.0, 0.0); NUM_BINS],
        };
        let columns: Vec<_> = (0..128)
            .map(|n| column(n, if n < 64 { -100.0 } else { -30.0 }))
            .collect();
        let levels = Thumbnail::new(&[columns]).levels;
        let at = |row: usize, x: usize| levels[row * THUMBNAIL_WIDTH + x];
        assert!(at(8, 10) < 20 && at(8, 50) > 100);
        assert_eq!(Thumbnail::new(&[]).levels, vec![0; 64 * 16]);
    }
}
