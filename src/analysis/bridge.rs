//! The level bridge: the needles of a live stream's left and right channel, all kinds side by side, so that another
//! meter can be chosen without waiting for it to move.

use serde::{Deserialize, Serialize};

use crate::dsp::ballistics::{MeterKind, NeedleSet, PeakHold, process_all};
use crate::dsp::frame_history::StereoFrame;
use crate::dsp::samples::is_silence;
use crate::units::db::{db_from_amplitude, existing};

/// How long the highest peak stands.
const HOLD_SECS: f64 = 1.5;
/// How fast it falls then.
const HOLD_FALL_DB_PER_SEC: f64 = 20.0;
/// Peaks are held in steps of this part of a second, wherever blocks end.
const STEPS_PER_SEC: u32 = 100;

/// A meter an engineer may want to look at.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Default, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum LevelMeter {
    /// Digital peak after IEC 60268-18 over AES17 RMS of 600 ms.
    #[default]
    PeakRms,
    /// VU, 0 at −18 dBFS.
    Vu,
    /// K-System, 0 at −20 dBFS.
    K20,
    /// K-System, 0 at −14 dBFS.
    K14,
    /// K-System, 0 at −12 dBFS.
    K12,
    /// IEC 60268-10 type I.
    PpmI,
    /// IEC 60268-10 type II.
    PpmII,
}

impl LevelMeter {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::PeakRms,
        Self::Vu,
        Self::K20,
        Self::K14,
        Self::K12,
        Self::PpmI,
        Self::PpmII,
    ];

    /// The words on the screen.
    pub fn title(self) -> &'static str {
        match self {
            Self::PeakRms => "Peak, RMS",
            Self::Vu => "VU",
            Self::K20 => "K-20",
            Self::K14 => "K-14",
            Self::K12 => "K-12",
            Self::PpmI => "PPM I",
            Self::PpmII => "PPM II",
        }
    }

    /// Its name for `ctl`.
    pub fn name(self) -> &'static str {
        match self {
            Self::PeakRms => "peak-rms",
            Self::Vu => "vu",
            Self::K20 => "k-20",
            Self::K14 => "k-14",
            Self::K12 => "k-12",
            Self::PpmI => "ppm-1",
            Self::PpmII => "ppm-2",
        }
    }

    /// The meter of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|meter| meter.name() == name)
    }

    /// The next one.
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|meter| *meter == self);
        Self::ALL[(at.unwrap_or(0) + 1) % Self::ALL.len()]
    }

    /// Level in dBFS that reads 0 on its scale.
    pub fn zero_dbfs(self) -> f64 {
        match self {
            Self::Vu => VU.zero_dbfs(),
            Self::K20 => MeterKind::K20.zero_dbfs(),
            Self::K14 => MeterKind::K14.zero_dbfs(),
            Self::K12 => MeterKind::K12.zero_dbfs(),
            Self::PeakRms | Self::PpmI | Self::PpmII => 0.0,
        }
    }

    /// Where its needle stands in a channel, in dBFS of a sine.
    pub fn level_dbfs(self, levels: &ChannelLevels) -> Option<f64> {
        match self {
            Self::Vu => levels.vu_dbfs,
            Self::PeakRms | Self::K20 | Self::K14 | Self::K12 => levels.rms_dbfs,
            Self::PpmI => levels.ppm_dbfs[0],
            Self::PpmII => levels.ppm_dbfs[1],
        }
    }
}

const VU: MeterKind = MeterKind::Vu { zero_dbfs: -18.0 };

/// All needles of one channel at one moment, in dBFS; `None` at rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChannelLevels {
    /// Digital peak, falling 20 dB in 1.7 s.
    pub peak_dbfs: Option<f64>,
    /// The highest sample of the last moments.
    pub held_dbfs: Option<f64>,
    /// AES17 RMS of 600 ms, which the K-System shows too.
    pub rms_dbfs: Option<f64>,
    /// VU.
    pub vu_dbfs: Option<f64>,
    /// Quasi-peak, types I and II.
    pub ppm_dbfs: [Option<f64>; 2],
    /// The highest sample since the reset.
    pub highest_dbfs: Option<f64>,
}

/// Needles of both channels.
pub struct LevelBridge {
    needles: [NeedleSet; 2],
    channels: [Channel; 2],
    step_frames: usize,
    /// Frames heard of the step under way.
    in_step: usize,
}

struct Channel {
    hold: PeakHold,
    held_dbfs: Option<f64>,
    /// Largest magnitude in the step under way, and since the reset.
    step_peak: f32,
    highest: f32,
    /// The highest before the last reset.
    before: f32,
}

impl LevelBridge {
    /// Needles at rest.
    pub fn new(sample_rate_hz: u32) -> Self {
        let channel = || Channel {
            hold: PeakHold::new(HOLD_SECS, HOLD_FALL_DB_PER_SEC),
            held_dbfs: None,
            step_peak: 0.0,
            highest: 0.0,
            before: 0.0,
        };
        Self {
            needles: [NeedleSet::new(sample_rate_hz); 2],
            channels: [channel(), channel()],
            step_frames: (sample_rate_hz / STEPS_PER_SEC).max(1) as usize,
            in_step: 0,
        }
    }

    /// Hears frames, any number.
    pub fn process(&mut self, frames: &[StereoFrame]) {
        let mut rest = frames;
        while !rest.is_empty() {
            let count = rest.len().min(self.step_frames - self.in_step);
            let (step, after) = rest.split_at(count);
            process_all(&mut self.needles, step);
            if !is_silence(step.as_flattened()) {
                for (index, channel) in self.channels.iter_mut().enumerate() {
                    channel.hear(step, index);
                }
            }
            self.in_step += count;
            if self.in_step == self.step_frames {
                self.in_step = 0;
                for channel in &mut self.channels {
                    channel.end_step();
                }
            }
            rest = after;
        }
    }

    /// Begins anew after missing frames: needles never fall through a gap as if it had been silence.
    pub fn gap(&mut self) {
        self.needles.iter_mut().for_each(NeedleSet::reset);
        for channel in &mut self.channels {
            channel.step_peak = 0.0;
        }
    }

    /// Forgets the highest peaks.
    pub fn reset(&mut self) {
        for channel in &mut self.channels {
            channel.hold.reset();
            channel.held_dbfs = None;
            channel.before = channel.highest;
            channel.highest = 0.0;
        }
    }

    /// The highest peaks of before the last reset count again.
    pub fn undo_reset(&mut self) {
        for channel in &mut self.channels {
            channel.highest = channel.highest.max(channel.before);
            channel.before = 0.0;
        }
    }

    /// Where all needles stand, left first.
    pub fn levels(&self) -> [ChannelLevels; 2] {
        std::array::from_fn(|index| {
            let (needles, channel) = (&self.needles[index], &self.channels[index]);
            ChannelLevels {
                peak_dbfs: needles.peak_dbfs(),
                held_dbfs: channel.held_dbfs,
                rms_dbfs: needles.rms_dbfs(),
                vu_dbfs: needles.vu_dbfs(),
                ppm_dbfs: needles.ppm_dbfs(),
                highest_dbfs: existing(db_from_amplitude(channel.highest.into())),
            }
        })
    }
}

impl Channel {
    fn hear(&mut self, frames: &[StereoFrame], index: usize) {
        let samples = frames.iter().map(|frame| frame[index]);
        // A comparison with what is no number is false, so it is passed over.
        let highest = |a: f32, b: f32| if b > a && b.is_finite() { b } else { a };
        self.step_peak = samples.map(f32::abs).fold(self.step_peak, highest);
    }

    fn end_step(&mut self) {
        self.highest = self.highest.max(self.step_peak);
        let level = existing(db_from_amplitude(self.step_peak.into()));
        self.held_dbfs = self.hold.update(level, 1.0 / f64::from(STEPS_PER_SEC));
        self.step_peak = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::signals::Signal;

    fn frames(left_dbfs: f64, right_dbfs: f64, secs: f64) -> Vec<StereoFrame> {
        let levels = [Some(left_dbfs), Some(right_dbfs)];
        let signal = Signal::new(48_000, 2).tones(1_000.0, &levels, secs);
        signal.samples.as_chunks::<2>().0.to_vec()
    }

    #[test]
    fn every_meter_reads_a_steady_sine_in_each_channel() {
        let mut bridge = LevelBridge::new(48_000);
        bridge.process(&frames(-12.0, -20.0, 4.0));
        let levels = bridge.levels();
        for meter in LevelMeter::ALL {
            for (channel, truth) in levels.iter().zip([-12.0, -20.0]) {
                let read = meter.level_dbfs(channel).expect("it sounds");
                assert!(
                    (read - truth).abs() < 0.15,
                    "{meter:?}: {read}, not {truth}"
                );
            }
        }
        assert!((levels[0].held_dbfs.expect("held") + 12.0).abs() < 0.05);
    }

    #[test]
    fn the_peak_is_held_and_the_highest_kept_until_the_reset() {
        let mut bridge = LevelBridge::new(48_000);
        bridge.process(&frames(-3.0, -3.0, 0.1));
        bridge.process(&frames(-30.0, -30.0, 1.0));
        let held = |bridge: &LevelBridge| bridge.levels()[0].held_dbfs.expect("it sounded");
        assert!((held(&bridge) + 3.0).abs() < 0.05);
        bridge.process(&frames(-30.0, -30.0, 3.0));
        assert!((held(&bridge) + 30.0).abs() < 0.05);
        let highest = |bridge: &LevelBridge| bridge.levels()[0].highest_dbfs;
        assert!((highest(&bridge).expect("it sounded") + 3.0).abs() < 0.05);
        bridge.reset();
        assert_eq!(highest(&bridge), None);
    }

    #[test]
    fn blocks_of_any_size_read_the_same() {
        let frames = frames(-9.0, -15.0, 0.73);
        let mut whole = LevelBridge::new(48_000);
        whole.process(&frames);
        for block in [1, 97, 4_096] {
            let mut cut = LevelBridge::new(48_000);
            frames.chunks(block).for_each(|frames| cut.process(frames));
            assert_eq!(cut.levels(), whole.levels());
        }
    }
}
