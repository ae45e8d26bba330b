//! Loudness after ITU-R BS.1770-5, EBU Tech 3341 and 3342: momentary, short-term, integrated, range and maxima.
//!
//! K-weighted energies are summed on a grid of 10 ms and everything else follows from these sums, so M, S and their
//! maxima are sampled at 100 Hz and all figures are the same however the audio was cut into blocks.
//! M exists once 0.4 s without a gap have been heard, S after 3 s: before that the window would hold made-up silence.

mod history;
mod measured;
mod tenth;
mod weights;
mod windows;

use super::k_weighting::{KWeightedPair, KWeighting, PairEnergy};
use super::loudness_gating::lufs_from_energy;
use super::punch::PunchPoint;
use super::samples::is_silence;
use super::slots::SlotClock;
use crate::units::db::{db_from_power, existing};

pub use history::{HISTORY_STEP_SECS, LoudnessPoint, region_integrated, region_loudness};
use measured::Measured;
pub use tenth::{SHORT_TERM_TENTHS, Tenth, TenthsReading, point_of_tenths, reading_of_tenths};
pub use weights::{channel_weights, speaker_weights};
use windows::{HOP_SLOTS, SHORT_TERM_SLOTS, Windows};

/// Below the noise of the best converters: what is left is the tail of the filters behind a sound.
const SILENCE_LUFS: f64 = -140.0;
/// History room made at the start, one hour; growing beyond is amortised.
const RESERVED_POINTS: usize = 36_000;

/// All loudness figures at one moment; `None` is "does not exist": silence, or not heard for long enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct LoudnessReading {
    /// Loudness of the last 0.4 s in LUFS.
    pub momentary_lufs: Option<f64>,
    /// Loudness of the last 3 s in LUFS.
    pub short_term_lufs: Option<f64>,
    /// Gated loudness since the start or the last reset, in LUFS.
    pub integrated_lufs: Option<f64>,
    /// Loudness range since the start or the last reset, in LU; not yet stable while `measured_secs` is below 60.
    pub range_lu: Option<f64>,
    /// Largest momentary loudness since the start or the last reset, in LUFS.
    pub max_momentary_lufs: Option<f64>,
    /// Largest short-term loudness since the start or the last reset, in LUFS.
    pub max_short_term_lufs: Option<f64>,
    /// What folding the last 3 s of a stereo stream to mono would cost, in LU: 0 for identical channels, 3 for
    /// unrelated ones. `None` without signal, in other layouts, and where nothing is left of the sound.
    pub mono_loss_short_term_lu: Option<f64>,
    /// The same since the start or the last reset.
    pub mono_loss_lu: Option<f64>,
    /// Seconds heard since the start or the last reset, without gaps.
    pub measured_secs: f64,
    /// Seconds that passed both gates: 0.1 s for each block of the integrated loudness.
    pub gated_secs: f64,
}

/// Measures the loudness of one stream.
#[derive(Clone, Debug)]
pub struct LoudnessMeter {
    channels: usize,
    pairs: Vec<Pair>,
    clock: SlotClock,
    /// The slot being filled has been heard from its start.
    slot_is_whole: bool,
    windows: Windows,
    measured: Measured,
    /// What was measured before the last reset.
    before: Measured,
    history: Vec<LoudnessPoint>,
}

/// Two channels that count for loudness; a lone one is paired with itself at weight 0.
#[derive(Clone, Debug)]
struct Pair {
    channels: [usize; 2],
    weights: [f64; 2],
    filters: KWeightedPair,
    energy: PairEnergy,
}

impl LoudnessMeter {
    /// A meter for interleaved frames of `weights.len()` channels; weight 0 leaves a channel out.
    pub fn new(sample_rate_hz: u32, weights: &[f64]) -> Self {
        let filters = KWeightedPair::new(&KWeighting::new(sample_rate_hz));
        let counted: Vec<usize> = (0..weights.len()).filter(|&c| weights[c] > 0.0).collect();
        let pairs = counted
            .chunks(2)
            .map(|pair| Pair {
                channels: [pair[0], pair[pair.len() - 1]],
                weights: [weights[pair[0]], pair.get(1).map_or(0.0, |&c| weights[c])],
                filters: filters.clone(),
                energy: PairEnergy::default(),
            })
            .collect();
        Self {
            channels: weights.len().max(1),
            pairs,
            clock: SlotClock::new(sample_rate_hz),
            slot_is_whole: true,
            windows: Windows::new(),
            measured: Measured::default(),
            before: Measured::default(),
            history: Vec::with_capacity(RESERVED_POINTS),
        }
    }

    /// Hears interleaved frames, any number; the results do not depend on how a stream is cut.
    pub fn process(&mut self, interleaved: &[f32]) {
        let mut rest = interleaved;
        while rest.len() >= self.channels {
            let frames = (rest.len() / self.channels).min(self.clock.frames_left());
            let (now, later) = rest.split_at(frames * self.channels);
            for pair in &mut self.pairs {
                pair.process(now, self.channels);
            }
            self.measured.frames += frames as u64;
            if self.clock.advance(frames) {
                self.end_slot();
            }
            rest = later;
        }
    }

    /// A gap of frames known to be missing: filters and windows start anew behind it, the history shows absence, and
    /// the gated measurements go on without it.
    pub fn skip(&mut self, frames: u64) {
        if frames == 0 {
            return;
        }
        self.clock.jump(frames);
        let points = (self.clock.slot() / HOP_SLOTS) as usize;
        if points > self.history.len() {
            self.history.resize(points, LoudnessPoint::ABSENT);
        }
        for pair in &mut self.pairs {
            pair.filters.clear();
            pair.energy = PairEnergy::default();
        }
        self.slot_is_whole = self.clock.position() == self.clock.start_of(self.clock.slot());
        self.windows.clear();
    }

    /// The same measurement going on in another format, behind a gap that ends at frame `position` of the new rate:
    /// what was gated, the maxima and the history are kept, filters and windows start anew.
    pub fn in_format(self, sample_rate_hz: u32, weights: &[f64], position: u64) -> Self {
        let scale = f64::from(sample_rate_hz.max(1)) / self.clock.start_of(100) as f64;
        let mut next = Self::new(sample_rate_hz, weights);
        next.measured = self.measured.at_rate(scale);
        next.history = self.history;
        next.skip(position);
        next
    }

    /// Restarts I, LRA, the maxima and the mono loss together; M, S and the history go on. What was measured until
    /// then can be brought back once.
    pub fn reset(&mut self) {
        std::mem::swap(&mut self.before, &mut self.measured);
        self.measured.reset();
    }

    /// As if it had not been reset the last time.
    pub fn undo_reset(&mut self) {
        self.measured.absorb(&self.before);
        self.before.reset();
    }

    /// At the end of a file: lets the short-term window run 1.5 s out into silence for the loudness range, as
    /// Tech 3342 asks, so that the end of the programme weighs as much as its middle.
    pub fn finish_range(&mut self) {
        let heard = self.windows.slots().min(self.measured.slots());
        if heard < SHORT_TERM_SLOTS {
            return;
        }
        for energy in self.windows.run_out(&self.clock) {
            self.measured.add_range_value(energy);
        }
    }

    /// All figures now. Cheap enough for every frame of a display, however long the programme is.
    pub fn reading(&mut self) -> LoudnessReading {
        let gated = self.measured.gated();
        let windows = self.windows.energies(&self.clock);
        let measured = &self.measured;
        let level =
            |energy: f64| existing(lufs_from_energy(energy)).filter(|lufs| *lufs > SILENCE_LUFS);
        LoudnessReading {
            momentary_lufs: windows.momentary.and_then(level),
            short_term_lufs: windows.short_term.and_then(level),
            integrated_lufs: gated.integrated_lufs,
            range_lu: gated.range_lu,
            max_momentary_lufs: level(measured.max_momentary),
            max_short_term_lufs: level(measured.max_short_term),
            mono_loss_short_term_lu: self.mono_loss(self.windows.short_term_sums()),
            mono_loss_lu: self.mono_loss([measured.energy, measured.cross]),
            measured_secs: measured.frames as f64 / self.clock.start_of(100) as f64,
            gated_secs: gated.secs,
        }
    }

    /// One point per 100 ms of the stream since its start, gaps included.
    pub fn history(&self) -> &[LoudnessPoint] {
        &self.history
    }

    /// Mean K-weighted energy of the 100 ms that the newest point ends with, linear; none where a gap lies in them.
    pub fn newest_energy(&self) -> Option<f64> {
        self.windows.hop_energy(&self.clock)
    }

    /// Gives the newest point what other meters found in its 100 ms.
    pub fn add_to_newest(&mut self, punch_of: impl FnOnce(LoudnessPoint) -> PunchPoint) {
        if let Some(newest) = self.history.last_mut() {
            newest.punch = punch_of(*newest);
        }
    }

    fn end_slot(&mut self) {
        let (mut energy, mut cross) = (0.0, 0.0);
        for pair in &mut self.pairs {
            let sums = std::mem::take(&mut pair.energy);
            energy += pair.weights[0] * sums.squares[0] + pair.weights[1] * sums.squares[1];
            cross += sums.cross;
            pair.filters.flush_denormals();
        }
        // A file may hold NaN or infinity; such a slot is silence, and the filters must not remember it.
        if !energy.is_finite() {
            (energy, cross) = (0.0, 0.0);
            self.pairs.iter_mut().for_each(|pair| pair.filters.clear());
        }
        if self.slot_is_whole {
            self.windows.push(energy, cross);
            self.measured.end_slot(energy, cross);
            self.measured
                .raise_maxima(self.windows.energies(&self.clock));
        }
        self.slot_is_whole = true;
        if self.clock.slot().is_multiple_of(HOP_SLOTS) {
            let energies = self.windows.energies(&self.clock);
            self.history.push(LoudnessPoint::of(energies));
            self.measured.end_hop(energies);
        }
    }

    /// Mono is (L + R)/2 from both loudspeakers: its energy is (L² + R² + 2LR)/2.
    fn mono_loss(&self, [energy, cross]: [f64; 2]) -> Option<f64> {
        let folded = (energy + 2.0 * cross) / 2.0;
        // Below this the fold is rounding residue of channels that cancel.
        let is_sound = self.channels == 2 && self.pairs.len() == 1 && folded > energy * 1e-13;
        if is_sound {
            existing(db_from_power(energy / folded))
        } else {
            None
        }
    }
}

impl Pair {
    fn process(&mut self, interleaved: &[f32], channels: usize) {
        if self.filters.is_at_rest() && is_silence(interleaved) {
            return;
        }
        match (channels, self.channels) {
            (2, [0, 1]) => {
                let (frames, _) = interleaved.as_chunks::<2>();
                self.filters
                    .process(frames.iter().copied(), &mut self.energy);
            }
            (_, [first, second]) => {
                let frames = interleaved
                    .chunks_exact(channels)
                    .map(|f| [f[first], f[second]]);
                self.filters.process(frames, &mut self.energy);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::signals::Signal;

    fn mono_loss(signal: &Signal) -> [Option<f64>; 2] {
        let mut meter =
            LoudnessMeter::new(signal.sample_rate_hz, &channel_weights(signal.channels));
        meter.process(&signal.samples);
        let reading = meter.reading();
        [reading.mono_loss_lu, reading.mono_loss_short_term_lu]
    }

    #[test]
    fn what_the_filters_ring_on_behind_a_sound_is_no_loudness() {
        let mut meter = LoudnessMeter::new(48_000, &channel_weights(2));
        meter.process(&Signal::new(48_000, 2).tone(1_000.0, -20.0, 4.0).samples);
        meter.process(&[1e-20; 2 * 48_000 * 5]);
        let reading = meter.reading();
        assert_eq!(
            (reading.momentary_lufs, reading.short_term_lufs),
            (None, None)
        );
        assert!(reading.max_momentary_lufs.is_some());
    }

    #[test]
    fn folding_to_mono_costs_nothing_of_mono_and_3_lu_of_unrelated_channels() {
        for loss in mono_loss(&Signal::new(48_000, 2).tone(1_000.0, -20.0, 5.0)) {
            assert!(loss.expect("tone").abs() < 1e-9);
        }
        for loss in mono_loss(&Signal::new(48_000, 2).noise(0.5, 10.0, 11)) {
            assert!((loss.expect("noise") - 3.01).abs() < 0.1, "{loss:?}");
        }
        for loss in mono_loss(&Signal::new(48_000, 2).tones(1_000.0, &[Some(-20.0), None], 5.0)) {
            assert!((loss.expect("tone") - 3.0103).abs() < 1e-6);
        }
    }

    #[test]
    fn the_mono_loss_is_the_difference_to_a_meter_that_hears_the_fold() {
        let stereo = Signal::new(44_100, 2).piece(5.0, |i, rate, c| {
            let phase = std::f64::consts::TAU * i as f64 / rate;
            0.3 * (phase * 997.0).sin() + if c == 0 { 0.2 } else { -0.1 } * (phase * 3_001.0).sin()
        });
        let folded: Vec<f32> = stereo
            .samples
            .chunks(2)
            .flat_map(|frame| [(frame[0] + frame[1]) / 2.0; 2])
            .collect();
        let loudness = |samples: &[f32]| {
            let mut meter = LoudnessMeter::new(44_100, &[1.0, 1.0]);
            meter.process(samples);
            meter.reading().short_term_lufs.expect("5 s of tones")
        };
        let expected = loudness(&stereo.samples) - loudness(&folded);
        let loss = mono_loss(&stereo)[1].expect("tones");
        assert!((loss - expected).abs() < 1e-5, "{loss} {expected}");
    }

    #[test]
    fn what_cancels_or_is_silent_or_not_stereo_has_no_mono_loss() {
        let anti = Signal::new(48_000, 2).piece(4.0, |i, _, c| {
            (i as f64 * 0.1).sin() * if c == 0 { 0.5 } else { -0.5 }
        });
        assert_eq!(mono_loss(&anti), [None, None]);
        assert_eq!(
            mono_loss(&Signal::new(48_000, 2).silence(4.0)),
            [None, None]
        );
        assert_eq!(
            mono_loss(&Signal::new(48_000, 1).tone(1_000.0, -20.0, 4.0)),
            [None, None]
        );
        assert_eq!(
            mono_loss(&Signal::new(48_000, 6).tone(1_000.0, -20.0, 4.0)),
            [None, None]
        );
    }

    #[test]
    fn six_hours_are_read_in_less_than_a_millisecond_and_twelve_megabytes() {
        let rate = 8_000;
        let mut meter = LoudnessMeter::new(rate, &[1.0]);
        // Ten minutes that wander over 60 LU, again and again.
        let mut signal = Signal::new(rate, 1);
        for step in 0..600u32 {
            signal = signal.noise(
                10f64.powf(-3.0 * f64::from(step * 37 % 600) / 600.0),
                1.0,
                u64::from(step),
            );
        }
        for _ in 0..36 {
            meter.process(&signal.samples);
        }
        let points = meter.history().len();
        assert_eq!(points, 6 * 3_600 * 10);
        assert!(size_of_val(meter.history()) < 12_000_000);
        // Every 100 ms the gates are computed anew; the slowest of a hundred must do.
        let started = std::time::Instant::now();
        for block in signal.samples.chunks(rate as usize / 10).take(100) {
            meter.process(block);
            assert!(meter.reading().integrated_lufs.is_some());
        }
        let each = started.elapsed() / 100;
        assert!(
            each < std::time::Duration::from_millis(1),
            "{each:?} for 100 ms of audio and a reading"
        );
        let reading = meter.reading();
        let (integrated, range) = region_loudness(meter.history(), 0..usize::MAX);
        let integrated = integrated.expect("noise") - reading.integrated_lufs.expect("noise");
        let range = range.expect("noise") - reading.range_lu.expect("noise");
        assert!(
            integrated.abs() < 0.005 && range.abs() < 0.01,
            "I {integrated}, LRA {range} from the exact gates"
        );
    }
}
