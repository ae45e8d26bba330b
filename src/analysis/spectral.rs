//! The spectral half of the Analyzer: stereo frames become columns, tiers, distributions and band powers.
//!
//! A column is complete when its longest window is, a third of a second after its centre; its shorter windows are
//! done long before. Each is transformed once, as soon as it can be, and waits for the others. Live pictures need
//! not wait: [`SpectralAnalyzer::provisional`] shows what is known of the columns under way.

mod curves;
mod purpose;

use std::collections::VecDeque;
use std::ops::Range;

use crate::analysis::band_power::{
    BandReading, BinSpan, STEREO_BANDS, resolution_of, third_octaves,
};
use crate::analysis::band_track::BandTrack;
use crate::analysis::column::{Column, TierColumn};
use crate::analysis::distribution::SpectrumCurves;
use crate::analysis::resolution::{
    NUM_RESOLUTIONS, WINDOW_SECS, decimation_factors, hop_frames, join, join_lows, join_values,
};
use crate::analysis::slice::Slice;
use crate::analysis::tiers::{TierBuilder, absent_column, push_absent};
use crate::dsp::fractional_octave::{FrequencyBand, NUM_THIRD_OCTAVES, third_octave_center_hz};
use crate::dsp::frame_history::{FrameHistory, StereoFrame};
use crate::dsp::grid::NUM_BINS;

use curves::CurveMeters;
pub use curves::{LIVE_CURVES_SECS, LIVE_CURVES_STRIDE};
pub use purpose::Purpose;

/// A programme is taken in blocks of at most this many hops: enough columns at a time to keep two threads at work.
const HOPS_PER_BLOCK: usize = 48;
/// And a live stream, which comes in small pieces: the shorter what is remembered, the less of the cache it takes.
const LIVE_HOPS_PER_BLOCK: usize = 4;

/// What every bin of a column in digital silence is: no level, and nothing to either side.
const SILENT_BIN: u32 = 0x8080_0000;

/// Columns and spectra of a stream.
// Many fields: three tracks at their rates, what joins them, and what of the stream is missing or not counted.
pub struct SpectralAnalyzer {
    sample_rate_hz: u32,
    purpose: Purpose,
    hop: usize,
    input: FrameHistory,
    /// Shortest window first; each follows the one before.
    tracks: [BandTrack; NUM_RESOLUTIONS],
    silence: Vec<StereoFrame>,
    end_frame: u64,
    next_emitted: u64,
    /// Columns from here on do not exist: the stream has ended.
    end_column: u64,
    /// Missing frames that a waiting column could still meet.
    gaps: VecDeque<Range<u64>>,
    /// Frames that the curves of the last seconds are not of.
    left_out: VecDeque<Range<u64>>,
    slice: Slice,
    /// Provisional columns whose two shorter windows are complete: column `i` is in slot `i % packed.len()`.
    packed: Vec<Column>,
    powers: Vec<f32>,
    tiers: TierBuilder,
    curves: CurveMeters,
}

impl SpectralAnalyzer {
    /// An analyzer of a stream of stereo frames.
    pub fn new(sample_rate_hz: u32, purpose: Purpose) -> Self {
        Self::starting_at(sample_rate_hz, purpose, 0)
    }

    /// An analyzer whose first frame is the one at the centre of a column; all before is silence.
    pub fn from_column(sample_rate_hz: u32, purpose: Purpose, first_column: u64) -> Self {
        let mut analyzer = Self::starting_at(sample_rate_hz, purpose, first_column);
        analyzer.tiers.jump(first_column, &mut vec![]);
        analyzer
    }

    /// An analyzer of a stream of which nothing is known before a column: the next frame is the one at its centre.
    fn starting_at(sample_rate_hz: u32, purpose: Purpose, first_column: u64) -> Self {
        let hop = hop_frames(sample_rate_hz);
        let start = first_column * hop as u64;
        let is_live = purpose.is_live();
        let hops = if is_live {
            LIVE_HOPS_PER_BLOCK
        } else {
            HOPS_PER_BLOCK
        };
        let block = hops * hop;
        let factors = decimation_factors(sample_rate_hz);
        let column_secs = hop as f64 / f64::from(sample_rate_hz);
        // A column waits half the longest window; filters and blocks add a few.
        let num_slots = (WINDOW_SECS[NUM_RESOLUTIONS - 1] / 2.0 / column_secs) as usize + hops + 16;
        // Long enough for the first filter, and for all windows of a block's columns at the rate of the stream.
        let own = (0..NUM_RESOLUTIONS).rfind(|&n| factors[n] == 1);
        let window = own.map_or(0.0, |n| WINDOW_SECS[n] * f64::from(sample_rate_hz)) as usize;
        let keep = (block + hop + 2 * window).max(8192);
        let input = FrameHistory::new(keep, block, start as i64);
        let track = |resolution: usize, source_factor: usize, source: &FrameHistory| {
            let max_push = block / source_factor + 1;
            let start = source.end();
            BandTrack::new(
                sample_rate_hz,
                resolution,
                first_column,
                source_factor,
                start,
                max_push,
                num_slots,
                is_live,
            )
        };
        let short = track(0, 1, &input);
        let middle = track(1, factors[0], short.history(&input));
        let long = track(2, factors[1], middle.history(&input));
        Self {
            sample_rate_hz,
            purpose,
            hop,
            input,
            tracks: [short, middle, long],
            silence: vec![[0.0; 2]; block],
            end_frame: start,
            next_emitted: first_column,
            end_column: u64::MAX,
            gaps: VecDeque::new(),
            left_out: VecDeque::new(),
            slice: Slice::silent(),
            packed: vec![absent_column(u64::MAX); num_slots],
            powers: vec![0.0; NUM_BINS],
            tiers: TierBuilder::default(),
            curves: CurveMeters::new(purpose, column_secs),
        }
    }

    /// Frames between columns.
    pub fn hop_frames(&self) -> usize {
        self.hop
    }

    /// Analyses frames and appends the columns they complete.
    pub fn process(&mut self, frames: &[StereoFrame], columns: &mut Vec<TierColumn>) {
        for block in frames.chunks(self.silence.len()) {
            self.end_frame += block.len() as u64;
            self.input.push(block);
            self.advance(columns);
        }
    }

    /// The next frames, so many, belong to no last seconds: what they are held against makes a pause.
    pub fn leave_out(&mut self, frames: u64) {
        let (from, end) = (self.end_frame, self.end_frame + frames);
        match self.left_out.back_mut() {
            Some(last) if last.end == from => last.end = end,
            _ => self.left_out.push_back(from..end),
        }
    }

    /// Passes over missing frames. Columns whose shortest window meets them are absent; longer windows see silence
    /// in their place, so that both sides of the gap keep their time.
    pub fn gap(&mut self, frames: u64, columns: &mut Vec<TierColumn>) {
        self.gaps.push_back(self.end_frame..self.end_frame + frames);
        self.end_frame += frames;
        self.feed_silence(frames, columns);
    }

    /// Goes on after an absence too long to be passed over frame by frame, or at another rate: the next frame is
    /// number `frame` at `sample_rate_hz`, at least a hop later than all before. Columns in between are left out,
    /// but for one that says where the absence ends. Curves go on; sums over the whole programme start anew. Returns
    /// the length of `columns` at which those of the new rate begin.
    pub fn resume(
        &mut self,
        sample_rate_hz: u32,
        frame: u64,
        columns: &mut Vec<TierColumn>,
    ) -> usize {
        let unheard = u64::from(self.sample_rate_hz);
        self.gaps
            .push_back(self.end_frame..self.end_frame + unheard);
        self.complete(columns);
        let first_column = frame / hop_frames(sample_rate_hz) as u64;
        let mut next = Self::starting_at(sample_rate_hz, self.purpose, first_column);
        std::mem::swap(&mut next.curves, &mut self.curves);
        if sample_rate_hz == self.sample_rate_hz {
            std::mem::swap(&mut next.tiers, &mut self.tiers);
        } else {
            self.tiers.finish(columns);
        }
        let first_new = columns.len();
        if let Some(before) = first_column.checked_sub(1) {
            push_absent(columns, 0, before);
        }
        next.tiers.jump(first_column, columns);
        let known_from = next.end_frame;
        next.gaps
            .push_back(known_from.saturating_sub(u64::from(sample_rate_hz))..frame);
        next.end_frame = frame;
        next.feed_silence(frame - known_from, columns);
        *self = next;
        first_new
    }

    /// Completes the columns of a stream that has ended; nothing may be processed afterwards.
    pub fn finish(&mut self, columns: &mut Vec<TierColumn>) {
        self.complete(columns);
        self.tiers.finish(columns);
    }

    /// Completes the columns that begin before the end.
    fn complete(&mut self, columns: &mut Vec<TierColumn>) {
        self.end_column = self.end_frame.div_ceil(self.hop as u64);
        self.tracks
            .iter_mut()
            .for_each(|track| track.end_at(self.end_frame, self.hop));
        while self.next_emitted < self.end_column {
            self.feed_silence(self.hop as u64, columns);
        }
    }

    /// The columns under way, oldest first, from the next one to be emitted to the newest whose shortest window is
    /// complete. What longer windows do not know yet is held from the newest column in which they do.
    pub fn provisional(&mut self, columns: &mut Vec<Column>) {
        // Cells that the longest window serves alone are the same in all columns it does not know yet.
        let mut held: Option<Column> = None;
        for index in self.next_emitted..self.tracks[0].next_column() {
            if self.is_in_gap(index) {
                columns.push(absent_column(index));
                continue;
            }
            let slot = (index % self.packed.len() as u64) as usize;
            if self.packed[slot].index != index {
                let column = self.provisional_column(index, slot);
                columns.push(column);
                continue;
            }
            let parts = self.tracks.each_ref().map(|track| track.part(index));
            let lows = 0..parts[2].0.end;
            let fade = parts[1].0.start.min(lows.end)..lows.end;
            columns.extend_from_slice(std::slice::from_ref(&self.packed[slot]));
            let bins = columns.last_mut().map(|column| &mut column.bins);
            let is_held = index >= self.tracks[2].next_column();
            match (bins, &held) {
                (Some(bins), Some(held)) if is_held => {
                    bins[..fade.start].copy_from_slice(&held.bins[..fade.start]);
                    join_lows(parts, fade.start, &mut self.slice);
                    self.slice.pack_bins(fade, bins);
                }
                (Some(bins), _) => {
                    join_lows(parts, 0, &mut self.slice);
                    self.slice.pack_bins(lows, bins);
                    if is_held {
                        held = columns.last().copied();
                    }
                }
                (None, _) => {}
            }
        }
    }

    /// Writes the live spectrum in dB: tone levels `[bin]`, mean power over about 0.3 s; −200 where absent.
    pub fn write_live_spectrum_db(&mut self, levels_db: &mut Vec<f32>) {
        levels_db.clear();
        levels_db.resize(NUM_BINS, -200.0);
        if self.curves.is_live() {
            let parts = self.tracks.each_mut().map(BandTrack::live_levels_db);
            join_values(parts, levels_db);
        }
    }

    /// Curves of the last 20 s, silent for a programme; none where they are as they were the last time.
    pub fn new_live_curves(&mut self) -> Option<SpectrumCurves> {
        self.curves.take_news().then(|| self.curves.recent())
    }

    /// The five stereo bands over the last second.
    pub fn live_bands(&self) -> [BandReading; STEREO_BANDS.len()] {
        let mut bands = [BandReading::default(); STEREO_BANDS.len()];
        for (band, power) in self.tracks.iter().flat_map(BandTrack::live_bands) {
            bands[band] = power.reading();
        }
        bands
    }

    /// Curves of everything since the start or the last reset; silent for [`Purpose::Live`].
    pub fn curves(&self) -> SpectrumCurves {
        self.curves.whole()
    }

    /// The five stereo bands of everything since the start or the last reset.
    pub fn bands(&self) -> [BandReading; STEREO_BANDS.len()] {
        STEREO_BANDS.map(|band| self.band_reading(band))
    }

    /// Third-octave levels in dBFS from 20 Hz to 20 kHz; `None` without signal and above Nyquist.
    pub fn third_octaves_db(&self) -> [Option<f64>; NUM_THIRD_OCTAVES] {
        let bands = third_octaves();
        std::array::from_fn(|n| {
            let exists = third_octave_center_hz(n) < f64::from(self.sample_rate_hz) / 2.0;
            exists
                .then(|| self.band_reading(bands[n]).level_dbfs)
                .flatten()
        })
    }

    /// Begins everything that accumulates anew; columns go on.
    pub fn reset_measurement(&mut self) {
        self.curves.clear();
        self.tracks.iter_mut().for_each(BandTrack::clear_sums);
    }

    /// As if it had not been reset the last time.
    pub fn undo_reset(&mut self) {
        self.curves.restore();
        self.tracks.iter_mut().for_each(BandTrack::restore_sums);
    }

    fn band_reading(&self, band: FrequencyBand) -> BandReading {
        let (resolution, sums) = self.tracks[resolution_of(band)].power_sums();
        let power = sums.mean(&BinSpan::new(resolution, band));
        power.map(|power| power.reading()).unwrap_or_default()
    }

    fn feed_silence(&mut self, frames: u64, columns: &mut Vec<TierColumn>) {
        let mut left = frames;
        while left > 0 {
            let count = left.min(self.silence.len() as u64);
            self.input.push(&self.silence[..count as usize]);
            self.advance(columns);
            left -= count;
        }
    }

    /// Transforms every window that has become complete, and emits the columns that then are.
    fn advance(&mut self, columns: &mut Vec<TierColumn>) {
        let input = &self.input;
        let [short, middle, long] = &mut self.tracks;
        short.follow(input);
        middle.follow(short.history(input));
        long.follow(middle.history(input));
        let end_column = self.end_column;
        let is_in_gap = |column| is_in_gap(&self.gaps, column, self.hop, self.sample_rate_hz);
        let mut short = || short.transform_complete(input, end_column, is_in_gap);
        let mut longer = || {
            middle.transform_complete(input, end_column, is_in_gap);
            long.transform_complete(input, end_column, is_in_gap);
        };
        match self.purpose {
            Purpose::Programme => rayon::join(short, longer),
            Purpose::Live | Purpose::LiveProgramme => (short(), longer()),
        };
        let complete = self
            .tracks
            .iter()
            .map(BandTrack::next_column)
            .min()
            .unwrap_or(0);
        while self.next_emitted < complete {
            self.emit(self.next_emitted, columns);
            self.next_emitted += 1;
        }
        self.forget_gaps();
    }

    fn emit(&mut self, index: u64, columns: &mut Vec<TierColumn>) {
        if self.is_in_gap(index) {
            push_absent(columns, 0, index);
            self.tiers.push(None, columns);
            return;
        }
        let mut parts = self.tracks.iter().map(|track| track.part(index).1);
        let is_silence = parts.all(|part| part.is_silence);
        let column = push_absent(columns, 0, index);
        if is_silence {
            column.bins.fill(SILENT_BIN);
        } else {
            let parts = self.tracks.each_ref().map(|track| track.part(index));
            join(parts, &mut self.slice);
            self.slice.write_powers(&mut self.powers);
            self.slice.pack_bins(0..NUM_BINS, &mut column.bins);
        }
        let centre = index * self.hop as u64;
        let is_left_out = self.left_out.iter().any(|frames| frames.contains(&centre));
        self.curves.add(column, is_left_out);
        let first_new = columns.len();
        match is_silence {
            true => self.tiers.push_silence(columns),
            false => self.tiers.push(Some((&self.slice, &self.powers)), columns),
        }
        self.curves.add_bands(&columns[first_new..], is_left_out);
    }

    /// A column packed in full. One of which only the longest window may still be unknown changes in its lowest cells
    /// alone from then on, and is kept for that.
    fn provisional_column(&mut self, index: u64, slot: usize) -> Column {
        self.join(index);
        let column = self.slice.pack(index);
        if index < self.tracks[1].next_column() {
            self.packed[slot] = column;
        }
        column
    }

    fn join(&mut self, index: u64) {
        let parts = self.tracks.each_ref().map(|track| track.part(index));
        join(parts, &mut self.slice);
    }

    fn is_in_gap(&self, column: u64) -> bool {
        is_in_gap(&self.gaps, column, self.hop, self.sample_rate_hz)
    }

    /// Drops gaps that lie before every waiting column.
    fn forget_gaps(&mut self) {
        let behind = |gap: &Range<u64>| {
            gap.end + u64::from(self.sample_rate_hz) < self.next_emitted * self.hop as u64
        };
        for passed in [&mut self.gaps, &mut self.left_out] {
            while passed.front().is_some_and(behind) {
                passed.pop_front();
            }
        }
    }
}

/// Whether a column's shortest window meets missing frames.
fn is_in_gap(gaps: &VecDeque<Range<u64>>, column: u64, hop: usize, sample_rate_hz: u32) -> bool {
    let centre = column * hop as u64;
    let half = (WINDOW_SECS[0] * f64::from(sample_rate_hz) / 2.0) as u64;
    gaps.iter()
        .any(|gap| centre + half > gap.start && centre < gap.end + half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_silence_are_those_that_would_have_been_worked_out() {
        let worked_out = Slice::silent().pack(0);
        assert!(worked_out.bins.iter().all(|bin| *bin == SILENT_BIN));
    }
}
