//! Loudness after ITU-R BS.1770-5, EBU Tech 3341 and 3342: momentary, short-term, integrated, range and maxima.
//!
//! K-weighted energies are summed on a grid of 10 ms and everything else follows from these sums, so M, S and their
//! maxima are sampled at 100 Hz and all figures are the same however the audio was cut into blocks.
//! M exists once 0.4 s without a gap have been heard, S after 3 s: before that the window would hold made-up silence.

use super::k_weighting::{KWeightedPair, KWeighting, PairEnergy};
use super::loudness_gating::{
    ABSOLUTE_GATE_LUFS, LoudnessHistogram, energy_from_lufs, integrated_of, lufs_from_energy,
    range_of,
};
use super::sliding::SlidingSum;
use super::slots::SlotClock;
use crate::units::db::{db_from_power, existing};

/// 10 ms slots in the momentary window of 0.4 s.
const MOMENTARY_SLOTS: u64 = 40;
/// 10 ms slots in the short-term window of 3 s.
const SHORT_TERM_SLOTS: u64 = 300;
/// 10 ms slots between two gating blocks, history points and range values.
const HOP_SLOTS: u64 = 10;
/// Seconds between two points of the history.
pub const HISTORY_STEP_SECS: f64 = 0.1;
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

/// One point of the history, for the 100 ms that ended at `(index + 1) · 0.1 s` of the stream.
///
/// Plain finite numbers, as they go to the GPU: [`LoudnessPoint::ABSENT_LUFS`] stands for silence, for a window not
/// yet full and for a gap.
#[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct LoudnessPoint {
    /// Momentary loudness in LUFS, or the sentinel.
    pub momentary_lufs: f32,
    /// Short-term loudness in LUFS, or the sentinel.
    pub short_term_lufs: f32,
}

impl LoudnessPoint {
    /// Means that there is no value.
    pub const ABSENT_LUFS: f32 = -200.0;
    /// A point without values.
    pub const ABSENT: Self = Self {
        momentary_lufs: Self::ABSENT_LUFS,
        short_term_lufs: Self::ABSENT_LUFS,
    };

    /// Momentary loudness in LUFS, if it exists.
    pub fn momentary(self) -> Option<f32> {
        (self.momentary_lufs > Self::ABSENT_LUFS).then_some(self.momentary_lufs)
    }

    /// Short-term loudness in LUFS, if it exists.
    pub fn short_term(self) -> Option<f32> {
        (self.short_term_lufs > Self::ABSENT_LUFS).then_some(self.short_term_lufs)
    }

    fn of_energies(momentary: Option<f64>, short_term: Option<f64>) -> Self {
        let stored = |energy: Option<f64>| match energy {
            Some(energy) => (lufs_from_energy(energy) as f32).max(Self::ABSENT_LUFS),
            None => Self::ABSENT_LUFS,
        };
        Self {
            momentary_lufs: stored(momentary),
            short_term_lufs: stored(short_term),
        }
    }
}

/// Integrated loudness and range of a part of a history, as a file cut there would read.
///
/// The windows of a point reach back 0.4 and 3 s, so those of the first points of the region are left out. Stored
/// values have 24 bits: the result is within 0.0001 LU of one from the energies.
pub fn region_loudness(
    history: &[LoudnessPoint],
    region: std::ops::Range<usize>,
) -> (Option<f64>, Option<f64>) {
    let end = region.end.min(history.len());
    let points_after =
        |skipped: usize| &history[region.start.saturating_add(skipped).min(end)..end];
    let blocks = points_after(MOMENTARY_SLOTS as usize / HOP_SLOTS as usize - 1);
    let values = points_after(SHORT_TERM_SLOTS as usize / HOP_SLOTS as usize - 1);
    let integrated = integrated_of(
        blocks
            .iter()
            .filter_map(|p| p.momentary())
            .map(|lufs| energy_from_lufs(lufs.into())),
    );
    let range = range_of(
        values
            .iter()
            .filter_map(|p| p.short_term())
            .map(|lufs| energy_from_lufs(lufs.into())),
    );
    (integrated, range)
}

/// Weights of BS.1770-5 for a number of channels in WAV order: 5 is 5.0, 6 is 5.1, 8 is 7.1; other layouts count
/// every channel once.
pub fn channel_weights(channels: usize) -> Vec<f64> {
    match channels {
        5 => speaker_weights(0x37),
        6 => speaker_weights(0x3F),
        8 => speaker_weights(0x63F),
        n => vec![1.0; n],
    }
}

/// Weights of BS.1770-5 for the speakers of a WAV mask, in the order of its bits: 1.41 for those 60 to 120° to the
/// side of the listener, 0 for the LFE, 1 for all others. What WAV calls back stands at 110° where there are no side
/// speakers, as in 5.1, and at 135° where there are, as in 7.1.
pub fn speaker_weights(mask: u32) -> Vec<f64> {
    const LFE: u32 = 0x8;
    const BACK: u32 = 0x30;
    const SIDE: u32 = 0x600;
    let beside = if mask & SIDE == 0 { BACK } else { SIDE };
    (0..u32::BITS)
        .map(|bit| 1 << bit)
        .filter(|speaker| mask & speaker != 0)
        .map(|speaker| match speaker {
            LFE => 0.0,
            speaker if speaker & beside != 0 => 1.41,
            _ => 1.0,
        })
        .collect()
}

/// Measures the loudness of one stream.
#[derive(Clone, Debug)]
pub struct LoudnessMeter {
    channels: usize,
    pairs: Vec<Pair>,
    clock: SlotClock,
    /// The slot being filled has been heard from its start.
    slot_is_whole: bool,
    slots_since_gap: u64,
    slots_since_reset: u64,
    momentary: SlidingSum,
    short_term: SlidingSum,
    fold_cross: SlidingSum,
    total_energy: f64,
    total_cross: f64,
    measured_frames: u64,
    max_momentary: f64,
    max_short_term: f64,
    blocks: LoudnessHistogram,
    range_values: LoudnessHistogram,
    history: Vec<LoudnessPoint>,
    gated: Option<Gated>,
}

/// Two channels that count for loudness; a lone one is paired with itself at weight 0.
#[derive(Clone, Debug)]
struct Pair {
    channels: [usize; 2],
    weights: [f64; 2],
    filters: KWeightedPair,
    energy: PairEnergy,
}

/// What the gates said last time, kept until the next block.
#[derive(Clone, Copy, Debug)]
struct Gated {
    integrated_lufs: Option<f64>,
    range_lu: Option<f64>,
    secs: f64,
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
            slots_since_gap: 0,
            slots_since_reset: 0,
            momentary: SlidingSum::new(MOMENTARY_SLOTS as usize),
            short_term: SlidingSum::new(SHORT_TERM_SLOTS as usize),
            fold_cross: SlidingSum::new(SHORT_TERM_SLOTS as usize),
            total_energy: 0.0,
            total_cross: 0.0,
            measured_frames: 0,
            max_momentary: 0.0,
            max_short_term: 0.0,
            blocks: LoudnessHistogram::default(),
            range_values: LoudnessHistogram::default(),
            history: Vec::with_capacity(RESERVED_POINTS),
            gated: None,
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
            self.measured_frames += frames as u64;
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
        self.slots_since_gap = 0;
        self.momentary.clear();
        self.short_term.clear();
        self.fold_cross.clear();
    }

    /// The same measurement going on in another format, behind a gap that ends at frame `position` of the new rate:
    /// what was gated, the maxima and the history are kept, filters and windows start anew.
    pub fn in_format(self, sample_rate_hz: u32, weights: &[f64], position: u64) -> Self {
        let scale = f64::from(sample_rate_hz.max(1)) / self.clock.start_of(100) as f64;
        let mut next = Self::new(sample_rate_hz, weights);
        next.slots_since_reset = self.slots_since_reset;
        next.total_energy = self.total_energy * scale;
        next.total_cross = self.total_cross * scale;
        next.measured_frames = (self.measured_frames as f64 * scale).round() as u64;
        next.max_momentary = self.max_momentary;
        next.max_short_term = self.max_short_term;
        next.blocks = self.blocks;
        next.range_values = self.range_values;
        next.history = self.history;
        next.skip(position);
        next
    }

    /// Restarts I, LRA, the maxima and the mono loss together; M, S and the history go on.
    pub fn reset(&mut self) {
        self.slots_since_reset = 0;
        self.total_energy = 0.0;
        self.total_cross = 0.0;
        self.measured_frames = 0;
        self.max_momentary = 0.0;
        self.max_short_term = 0.0;
        self.blocks.clear();
        self.range_values.clear();
        self.gated = None;
    }

    /// At the end of a file: lets the short-term window run 1.5 s out into silence for the loudness range, as
    /// Tech 3342 asks, so that the end of the programme weighs as much as its middle.
    pub fn finish_range(&mut self) {
        let heard = self.slots_since_gap.min(self.slots_since_reset);
        if heard < SHORT_TERM_SLOTS {
            return;
        }
        let frames = self.window_frames(SHORT_TERM_SLOTS);
        let mut window = self.short_term.clone();
        for slot in 1..=150 {
            window.push(0.0);
            if (self.clock.slot() + slot).is_multiple_of(HOP_SLOTS) {
                self.add_range_value(window.sum() / frames);
            }
        }
        self.gated = None;
    }

    /// All figures now. Cheap enough for every frame of a display, however long the programme is.
    pub fn reading(&mut self) -> LoudnessReading {
        let gated = *self.gated.get_or_insert_with(|| {
            let integrated = self.blocks.integrated();
            Gated {
                integrated_lufs: integrated.map(|(lufs, _)| lufs),
                range_lu: self.range_values.range(),
                secs: integrated.map_or(0.0, |(_, blocks)| blocks as f64 * HISTORY_STEP_SECS),
            }
        });
        let level = |energy: f64| existing(lufs_from_energy(energy));
        LoudnessReading {
            momentary_lufs: self.momentary_energy().and_then(level),
            short_term_lufs: self.short_term_energy().and_then(level),
            integrated_lufs: gated.integrated_lufs,
            range_lu: gated.range_lu,
            max_momentary_lufs: level(self.max_momentary),
            max_short_term_lufs: level(self.max_short_term),
            mono_loss_short_term_lu: self.mono_loss(self.short_term.sum(), self.fold_cross.sum()),
            mono_loss_lu: self.mono_loss(self.total_energy, self.total_cross),
            measured_secs: self.measured_frames as f64 / self.clock.start_of(100) as f64,
            gated_secs: gated.secs,
        }
    }

    /// One point per 100 ms of the stream since its start, gaps included.
    pub fn history(&self) -> &[LoudnessPoint] {
        &self.history
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
            self.momentary.push(energy);
            self.short_term.push(energy);
            self.fold_cross.push(cross);
            self.total_energy += energy;
            self.total_cross += cross;
            self.slots_since_gap += 1;
            self.slots_since_reset += 1;
            self.update_maxima();
        }
        self.slot_is_whole = true;
        if self.clock.slot().is_multiple_of(HOP_SLOTS) {
            self.end_hop();
        }
    }

    /// Windows that reach back before the last reset belong to what was reset.
    fn is_measured(&self, window_slots: u64) -> bool {
        self.slots_since_reset >= window_slots
    }

    fn update_maxima(&mut self) {
        if let Some(energy) = self
            .momentary_energy()
            .filter(|_| self.is_measured(MOMENTARY_SLOTS))
        {
            self.max_momentary = self.max_momentary.max(energy);
        }
        if let Some(energy) = self
            .short_term_energy()
            .filter(|_| self.is_measured(SHORT_TERM_SLOTS))
        {
            self.max_short_term = self.max_short_term.max(energy);
        }
    }

    fn end_hop(&mut self) {
        let (momentary, short_term) = (self.momentary_energy(), self.short_term_energy());
        self.history
            .push(LoudnessPoint::of_energies(momentary, short_term));
        if let Some(energy) = momentary.filter(|_| self.is_measured(MOMENTARY_SLOTS))
            && lufs_from_energy(energy) > ABSOLUTE_GATE_LUFS
        {
            self.blocks.add(energy);
        }
        if let Some(energy) = short_term.filter(|_| self.is_measured(SHORT_TERM_SLOTS)) {
            self.add_range_value(energy);
        }
        self.gated = None;
    }

    fn add_range_value(&mut self, energy: f64) {
        if lufs_from_energy(energy) >= ABSOLUTE_GATE_LUFS {
            self.range_values.add(energy);
        }
    }

    fn momentary_energy(&self) -> Option<f64> {
        (self.slots_since_gap >= MOMENTARY_SLOTS)
            .then(|| self.momentary.sum() / self.window_frames(MOMENTARY_SLOTS))
    }

    fn short_term_energy(&self) -> Option<f64> {
        (self.slots_since_gap >= SHORT_TERM_SLOTS)
            .then(|| self.short_term.sum() / self.window_frames(SHORT_TERM_SLOTS))
    }

    /// Frames in the last whole slots; differs by one now and then where 10 ms is not a whole number of frames.
    fn window_frames(&self, slots: u64) -> f64 {
        let end = self.clock.slot();
        (self.clock.start_of(end) - self.clock.start_of(end.saturating_sub(slots))) as f64
    }

    /// Mono is (L + R)/2 from both loudspeakers: its energy is (L² + R² + 2LR)/2.
    fn mono_loss(&self, energy: f64, cross: f64) -> Option<f64> {
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
    fn six_hours_are_read_in_less_than_a_millisecond_and_two_megabytes() {
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
        assert!(size_of_val(meter.history()) < 2_000_000);
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
