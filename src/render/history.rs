//! One side's columns on the GPU: a ring for each tier of the time pyramid, in one storage buffer.
//!
//! Memory is the same after five seconds and after twelve hours: six tiers of 4096 columns, 96 MiB a side.

use crate::analysis::column::NUM_TIERS;
use crate::dsp::grid::NUM_BINS;

/// Columns in the ring of a tier; a power of two, so that a slot is the low bits of the index.
pub use crate::view::timeline::RING_COLUMNS;

const COLUMN_BYTES: u64 = NUM_BINS as u64 * 4;

/// One side's columns, `bins[tier][index mod 4096][bin]`.
pub struct History {
    buffer: wgpu::Buffer,
    /// Per tier: indices from … to (exclusive) that the ring holds now.
    held: [std::ops::Range<u64>; NUM_TIERS],
    /// Per tier: how many columns after those are still in the making.
    provisional: [u64; NUM_TIERS],
}

impl History {
    /// An empty history.
    pub fn new(device: &wgpu::Device, label: &str) -> Self {
        let buffer = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size: NUM_TIERS as u64 * RING_COLUMNS * COLUMN_BYTES,
            usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        Self {
            buffer,
            held: std::array::from_fn(|_| 0..0),
            provisional: [0; NUM_TIERS],
        }
    }

    /// The storage buffer that shaders read.
    pub fn buffer(&self) -> &wgpu::Buffer {
        &self.buffer
    }

    /// Which columns of a tier can be drawn: the finished ones and those in the making.
    pub fn held(&self, tier: usize) -> std::ops::Range<u64> {
        let finished = self.held[tier].clone();
        let end = finished.end + self.provisional[tier];
        finished.start.max(end.saturating_sub(RING_COLUMNS))..end
    }

    /// Which finished columns of a tier the ring holds.
    pub fn finished(&self, tier: usize) -> std::ops::Range<u64> {
        let end = self.held[tier].end;
        self.held(tier).start..end
    }

    /// Forgets everything, for another stream.
    pub fn clear(&mut self) {
        self.held = std::array::from_fn(|_| 0..0);
        self.provisional = [0; NUM_TIERS];
    }

    /// Writes finished columns of a tier with indices from `first` on. They may go on from what is held on either
    /// side, or start anew elsewhere (a jump): then what was held is forgotten.
    pub fn write<'a>(
        &mut self,
        queue: &wgpu::Queue,
        tier: usize,
        first: u64,
        columns: impl ExactSizeIterator<Item = &'a [u32; NUM_BINS]>,
    ) {
        let count = columns.len() as u64;
        if count == 0 {
            return;
        }
        let surplus = count.saturating_sub(RING_COLUMNS);
        self.put(queue, tier, first, columns, surplus as usize);
        self.note_written(tier, first + surplus..first + count);
        self.provisional[tier] = 0;
    }

    /// Writes columns in the making right after the finished ones; the next write replaces them.
    pub fn write_provisional<'a>(
        &mut self,
        queue: &wgpu::Queue,
        tier: usize,
        first: u64,
        columns: impl ExactSizeIterator<Item = &'a [u32; NUM_BINS]>,
    ) {
        if first != self.held[tier].end || columns.len() as u64 > RING_COLUMNS {
            return;
        }
        self.provisional[tier] = columns.len() as u64;
        self.put(queue, tier, first, columns, 0);
    }

    fn put<'a>(
        &self,
        queue: &wgpu::Queue,
        tier: usize,
        first: u64,
        columns: impl ExactSizeIterator<Item = &'a [u32; NUM_BINS]>,
        skip: usize,
    ) {
        let end = first + columns.len() as u64;
        let mut columns = columns.skip(skip);
        for run in runs(first + skip as u64..end) {
            let slot = tier as u64 * RING_COLUMNS + run.start % RING_COLUMNS;
            let offset = slot * COLUMN_BYTES;
            let Some(size) = wgpu::BufferSize::new((run.end - run.start) * COLUMN_BYTES) else {
                continue;
            };
            // Straight into what travels to the GPU: a write a column would be staged and copied one by one.
            let Some(mut staging) = queue.write_buffer_with(&self.buffer, offset, size) else {
                continue;
            };
            let places = (0..staging.len()).step_by(COLUMN_BYTES as usize);
            for (place, bins) in places.zip(&mut columns) {
                staging
                    .slice(place..place + COLUMN_BYTES as usize)
                    .copy_from_slice(bytemuck::cast_slice(bins));
            }
        }
    }

    fn note_written(&mut self, tier: usize, written: std::ops::Range<u64>) {
        let held = &mut self.held[tier];
        let touches = written.start <= held.end && written.end >= held.start && !held.is_empty();
        let (start, end) = if touches {
            (held.start.min(written.start), held.end.max(written.end))
        } else {
            (written.start, written.end)
        };
        // What was written wins over what shares its slots.
        *held = if end - start <= RING_COLUMNS {
            start..end
        } else if written.end == end {
            end - RING_COLUMNS..end
        } else {
            start..start + RING_COLUMNS
        };
    }
}

/// Cuts a range of columns, at most as many as the ring has, where it crosses the end of the ring.
fn runs(columns: std::ops::Range<u64>) -> impl Iterator<Item = std::ops::Range<u64>> {
    let seam = columns.start.next_multiple_of(RING_COLUMNS);
    let seam = seam.clamp(columns.start, columns.end);
    [columns.start..seam, seam..columns.end]
        .into_iter()
        .filter(|run| !run.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_written_in_one_run_and_in_two_where_they_cross_the_end_of_the_ring() {
        let of = |columns| runs(columns).collect::<Vec<_>>();
        assert_eq!(of(10..20), vec![10..20]);
        assert_eq!(of(0..RING_COLUMNS), vec![0..RING_COLUMNS]);
        assert_eq!(of(4_090..4_100), vec![4_090..4_096, 4_096..4_100]);
        assert_eq!(of(4_000..8_096), vec![4_000..4_096, 4_096..8_096]);
        assert!(of(5..5).is_empty());
    }
}
