//! One resolution at work: its signal at the lowered rate, and its transform for each column as soon as the window
//! is complete.

use std::collections::VecDeque;
use std::ops::Range;

use crate::analysis::band_power::{
    BinSpan, PowerSums, STEREO_BANDS, StereoPower, measured_from_hz, resolution_of,
};
use crate::analysis::resolution::{
    WINDOW_SECS, cells_of_resolutions, decimation_factors, hop_frames, passband_hz,
};
use crate::dsp::decimator::Decimator;
use crate::dsp::fast_math::{db_from_power, power_from_db};
use crate::dsp::frame_history::FrameHistory;
use crate::dsp::resolution_band::{CellSpectrum, ResolutionBand};
use crate::dsp::wide::widely;
use crate::dsp::window::blackman_harris;

/// Time constant of the live spectrum, an exponential mean of power.
const LIVE_SPECTRUM_SECS: f64 = 0.3;
/// Length of the live stereo bands' sliding mean.
const LIVE_BANDS_SECS: f64 = 1.0;

/// A resolution of a running stream.
pub struct BandTrack {
    resolution: ResolutionBand,
    cells: Range<usize>,
    /// `None`: the signal is the stream's own.
    lowered: Option<Lowered>,
    /// Frames of the lowered rate between columns.
    hop: i64,
    next_column: u64,
    /// Results of the newest columns: column `i` is in slot `i % slots.len()`.
    slots: Vec<CellSpectrum>,
    sums: PowerSums,
    /// The sums before they were begun anew.
    before: PowerSums,
    /// `energy_before[n]`: part of a window's energy before its frame `n`.
    energy_before: Vec<f64>,
    /// Where the stream ends, in frames of the lowered rate.
    end: i64,
    live: Option<LiveBand>,
}

/// The signal at a lowered rate.
struct Lowered {
    /// `None`: the rate of the source, which is lowered already.
    decimator: Option<Decimator>,
    history: FrameHistory,
}

/// What only the live picture needs of a resolution.
struct LiveBand {
    /// Which of the five stereo bands this resolution measures, and over which transform bins.
    spans: Vec<(usize, BinSpan)>,
    /// Their powers in the newest columns, `[span][column]`.
    recent: Vec<VecDeque<StereoPower>>,
    max_recent: usize,
    /// Exponential mean of power per cell, linear.
    mean_power: Vec<f32>,
    mean_db: Vec<f32>,
    step: f32,
}

impl BandTrack {
    /// Resolution 0 (shortest window), 1 or 2 of a stream, fed from a source that lowers the rate by
    /// `source_factor` and starts at `source_start`, at most `max_push` source frames at a time; keeps the results
    /// of `num_slots` columns, the first of which is `first_column`.
    #[expect(
        clippy::too_many_arguments,
        reason = "all of them are counts that the caller has at hand, in one place"
    )]
    pub fn new(
        sample_rate_hz: u32,
        resolution: usize,
        first_column: u64,
        source_factor: usize,
        source_start: i64,
        max_push: usize,
        num_slots: usize,
        is_live: bool,
    ) -> Self {
        let factor = decimation_factors(sample_rate_hz)[resolution];
        let rate_hz = f64::from(sample_rate_hz) / factor as f64;
        let cells = cells_of_resolutions(sample_rate_hz)[resolution].clone();
        let band = ResolutionBand::new(
            rate_hz,
            WINDOW_SECS[resolution],
            cells.clone(),
            measured_from_hz(resolution),
        );
        let hop = hop_frames(sample_rate_hz);
        let decimator = (factor > source_factor).then(|| {
            let source_rate_hz = f64::from(sample_rate_hz) / source_factor as f64;
            Decimator::new(
                source_rate_hz,
                factor / source_factor,
                passband_hz(resolution),
                source_start,
            )
        });
        let max_push = max_push * source_factor / factor + 1;
        // The next track's filter reads this history, too; its span is far shorter than a window.
        let keep = 2 * band.window_frames() + hop + max_push;
        let start = decimator
            .as_ref()
            .map_or(source_start, Decimator::next_output);
        let lowered = (factor > 1).then(|| Lowered {
            decimator,
            history: FrameHistory::new(keep, max_push, start),
        });
        Self {
            cells: cells.clone(),
            lowered,
            hop: (hop / factor) as i64,
            next_column: first_column,
            slots: vec![CellSpectrum::silent(cells.len()); num_slots],
            sums: PowerSums::new(band.powers().0.len()),
            before: PowerSums::new(band.powers().0.len()),
            energy_before: energy_before(band.window_frames()),
            // Far beyond every stream, with room for differences.
            end: i64::MAX / 2,
            live: is_live.then(|| LiveBand::new(sample_rate_hz, resolution, &band)),
            resolution: band,
        }
    }

    /// Takes over what is new in the source.
    pub fn follow(&mut self, source: &FrameHistory) {
        let Some(Lowered { decimator, history }) = &mut self.lowered else {
            return;
        };
        match decimator {
            Some(decimator) => decimator.run(source, history),
            None => {
                let from = history.end();
                history.push(source.slice(from, (source.end() - from) as usize));
            }
        }
    }

    /// The signal at the lowered rate; that of the stream where it is not lowered.
    pub fn history<'a>(&'a self, stream: &'a FrameHistory) -> &'a FrameHistory {
        self.lowered
            .as_ref()
            .map_or(stream, |lowered| &lowered.history)
    }

    /// The column that comes next; all before it are done.
    pub fn next_column(&self) -> u64 {
        self.next_column
    }

    fn is_ready(&self, end: i64) -> bool {
        let half = self.resolution.window_frames() as i64 / 2;
        self.next_column as i64 * self.hop + half <= end
    }

    /// Transforms every column whose window has become complete, up to the last one of the stream; those in a gap
    /// are passed over.
    pub fn transform_complete(
        &mut self,
        stream: &FrameHistory,
        end_column: u64,
        is_in_gap: impl Fn(u64) -> bool,
    ) {
        let end = self.history(stream).end();
        while self.is_ready(end) && self.next_column < end_column {
            if is_in_gap(self.next_column) {
                // What the slot held before was another moment's.
                let slot = (self.next_column % self.slots.len() as u64) as usize;
                self.slots[slot].silence();
            } else {
                self.transform_next(stream);
            }
            self.next_column += 1;
        }
    }

    fn transform_next(&mut self, stream: &FrameHistory) {
        let slot = (self.next_column % self.slots.len() as u64) as usize;
        let half = self.resolution.window_frames() as i64 / 2;
        let from = self.next_column as i64 * self.hop - half;
        let lowered = self.lowered.as_ref().map(|lowered| &lowered.history);
        let history = lowered.unwrap_or(stream);
        if history.is_silent_from(from) {
            self.resolution.transform_silence(&mut self.slots[slot]);
        } else {
            let frames = history.slice(from, self.resolution.window_frames());
            self.resolution.transform(frames, &mut self.slots[slot]);
        }
        let part = self.part_within_stream(from);
        match self.slots[slot].is_silence {
            true => self.sums.add_silence(part),
            false => self.sums.add(self.resolution.powers(), part),
        }
        if let Some(live) = &mut self.live {
            live.add(&self.resolution, &self.slots[slot]);
        }
    }

    /// Says at which frame of the stream's own rate it has ended.
    pub fn end_at(&mut self, end_frame: u64, hop_frames: usize) {
        self.end = (end_frame as f64 * self.hop as f64 / hop_frames as f64).round() as i64;
    }

    /// The cells served and what they show in a column; the newest known where that is not done yet.
    pub fn part(&self, column: u64) -> (&Range<usize>, &CellSpectrum) {
        let known = column.min(self.next_column.saturating_sub(1));
        let slot = (known % self.slots.len() as u64) as usize;
        (&self.cells, &self.slots[slot])
    }

    /// The cells served and their live levels in dB, an exponential mean over 0.3 s.
    pub fn live_levels_db(&mut self) -> (&Range<usize>, &[f32]) {
        let levels_db = match &mut self.live {
            Some(live) => live.mean_levels_db(),
            None => &[],
        };
        (&self.cells, levels_db)
    }

    /// Mean powers of the stereo bands this resolution measures over the last second, by band index.
    pub fn live_bands(&self) -> impl Iterator<Item = (usize, StereoPower)> {
        self.live.iter().flat_map(LiveBand::bands)
    }

    /// The resolution and the sums of its powers since the last [`clear_sums`](Self::clear_sums).
    pub fn power_sums(&self) -> (&ResolutionBand, &PowerSums) {
        (&self.resolution, &self.sums)
    }

    /// Begins the sums anew.
    pub fn clear_sums(&mut self) {
        std::mem::swap(&mut self.before, &mut self.sums);
        self.sums.clear();
    }

    /// As if they had not been begun anew the last time.
    pub fn restore_sums(&mut self) {
        self.sums.absorb(&mut self.before);
        self.before.clear();
    }
}

impl BandTrack {
    /// Part of the energy of a window from a frame on that is not beyond the stream's start or end: without this,
    /// the mean powers of short programmes would be too low.
    fn part_within_stream(&self, from: i64) -> f64 {
        let len = self.resolution.window_frames() as i64;
        let before = |frame: i64| self.energy_before[(frame - from).clamp(0, len) as usize];
        before(self.end) - before(0)
    }
}

fn energy_before(window_frames: usize) -> Vec<f64> {
    let window = blackman_harris(window_frames);
    let total: f64 = window.iter().map(|w| w * w).sum();
    let mut sum = 0.0;
    let running = window.iter().map(|w| {
        sum += w * w / total;
        sum
    });
    std::iter::once(0.0).chain(running).collect()
}

impl LiveBand {
    fn new(sample_rate_hz: u32, resolution: usize, band: &ResolutionBand) -> Self {
        let column_secs = hop_frames(sample_rate_hz) as f64 / f64::from(sample_rate_hz);
        let spans: Vec<_> = (0..STEREO_BANDS.len())
            .filter(|&n| resolution_of(STEREO_BANDS[n]) == resolution)
            .map(|n| (n, BinSpan::new(band, STEREO_BANDS[n])))
            .collect();
        let max_recent = (LIVE_BANDS_SECS / column_secs).round() as usize;
        let recent = VecDeque::from(vec![StereoPower::default(); max_recent]);
        Self {
            recent: vec![recent; spans.len()],
            spans,
            max_recent,
            mean_power: vec![0.0; band.cells().len()],
            mean_db: vec![-200.0; band.cells().len()],
            step: (1.0 - (-column_secs / LIVE_SPECTRUM_SECS).exp()) as f32,
        }
    }

    fn add(&mut self, resolution: &ResolutionBand, cells: &CellSpectrum) {
        for (recent, (_, span)) in self.recent.iter_mut().zip(&self.spans) {
            recent.pop_front();
            recent.push_back(match cells.is_silence {
                true => StereoPower::default(),
                false => span.power(resolution.powers()),
            });
        }
        follow_powers(&mut self.mean_power, &cells.level_db, self.step);
    }

    fn mean_levels_db(&mut self) -> &[f32] {
        levels_of_powers(&self.mean_power, &mut self.mean_db);
        &self.mean_db
    }

    fn bands(&self) -> impl Iterator<Item = (usize, StereoPower)> {
        self.spans
            .iter()
            .zip(&self.recent)
            .map(|((band, _), recent)| {
                let mut sum = StereoPower::default();
                recent.iter().for_each(|power| sum.add(power));
                (*band, sum.scaled(1.0 / self.max_recent as f64))
            })
    }
}

widely! {
    /// Moves mean powers towards those of levels in dB by a part of the way.
    fn follow_powers(means: &mut [f32], levels_db: &[f32], part: f32) {
        for (mean, level_db) in means.iter_mut().zip(levels_db) {
            *mean += part * (power_from_db(*level_db) - *mean);
        }
    }
}

widely! {
    fn levels_of_powers(powers: &[f32], levels_db: &mut [f32]) {
        for (level_db, power) in levels_db.iter_mut().zip(powers) {
            *level_db = db_from_power(power.max(1e-20));
        }
    }
}
