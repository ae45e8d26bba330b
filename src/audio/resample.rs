//! A whole programme at another sample rate, with every event at the same time as before.
//!
//! The rate of a file never changes, so rubato's synchronous FFT resampler does: linear phase, its delay removed.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler, WindowFunction};

/// Frames transformed at a time, about. The longer, the closer to Nyquist the passband reaches: with this, up to 20 kHz
/// of 44.1 kHz is untouched. Offline the delay that costs is no matter.
const BLOCK_FRAMES: usize = 2_048;

/// Interleaved samples of `channels` at `from_hz` to the same at `to_hz`, `ceil(frames · to / from)` frames long.
/// The content above the lower of the two Nyquist frequencies is removed. Nothing changes where the rates are equal;
/// a frame that is not whole at the end is dropped. Rates must not be zero.
pub fn resample(samples: &[f32], channels: usize, from_hz: u32, to_hz: u32) -> Vec<f32> {
    let frames = samples.len() / channels.max(1);
    if from_hz == to_hz || frames == 0 || from_hz == 0 || to_hz == 0 {
        return samples.to_vec();
    }
    let mut resampler = Fft::<f32>::new_custom(
        from_hz as usize,
        to_hz as usize,
        block_frames(from_hz, to_hz),
        1,
        channels,
        WindowFunction::BlackmanHarris2,
        FixedSync::Both,
    )
    .expect("rates and channels are not zero");
    let input =
        InterleavedSlice::new(samples, channels, frames).expect("the slice holds these frames");
    let output = resampler
        .process_all(&input, frames, None)
        .expect("the input has the resampler's channels");
    let mut resampled = output.take_data();
    // The ratio as a float rounds up to a frame more.
    let whole_frames = (frames as u64 * u64::from(to_hz)).div_ceil(u64::from(from_hz)) as usize;
    resampled.truncate(whole_frames * channels);
    resampled
}

/// The block at the old rate. Only whole multiples of the reduced ratio are possible, and of these only even ones:
/// rubato's delay is half a block, and half of an odd one would leave everything half a frame early.
fn block_frames(from_hz: u32, to_hz: u32) -> usize {
    let (mut divisor, mut rest) = (from_hz, to_hz);
    while rest > 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    let unit = (from_hz / divisor) as usize;
    BLOCK_FRAMES.div_ceil(unit).next_multiple_of(2) * unit
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    const RATES: [(u32, u32); 6] = [
        (44_100, 48_000),
        (48_000, 44_100),
        (96_000, 48_000),
        (192_000, 44_100),
        (48_000, 96_000),
        (22_050, 48_000),
    ];

    /// Amplitude and phase (radians, of a sine that begins at frame 0) of a tone in the middle of a channel.
    fn tone_in(
        samples: &[f32],
        channels: usize,
        channel: usize,
        hz: f64,
        rate_hz: u32,
    ) -> (f64, f64) {
        let frames = samples.len() / channels;
        // Whole milliseconds of a 1 kHz multiple: whole periods, so that nothing leaks.
        let len = frames / 2 / (rate_hz as usize / 50) * (rate_hz as usize / 50);
        let (mut re, mut im) = (0.0, 0.0);
        for frame in frames / 4..frames / 4 + len {
            let phase = TAU * hz * frame as f64 / f64::from(rate_hz);
            let x = f64::from(samples[frame * channels + channel]);
            re += x * phase.sin();
            im += x * phase.cos();
        }
        (2.0 * re.hypot(im) / len as f64, im.atan2(re))
    }

    #[test]
    fn a_sine_keeps_its_level_and_its_place() {
        for (from_hz, to_hz) in RATES {
            let frames = from_hz as usize;
            let sine = |frame: usize, hz: f64| {
                (0.5 * (TAU * hz * frame as f64 / f64::from(from_hz)).sin()) as f32
            };
            let stereo: Vec<f32> = (0..frames)
                .flat_map(|frame| [sine(frame, 1_000.0), sine(frame, 9_000.0)])
                .collect();
            let out = resample(&stereo, 2, from_hz, to_hz);
            assert_eq!(out.len(), 2 * to_hz as usize, "{from_hz} to {to_hz}");
            for (channel, hz) in [(0, 1_000.0), (1, 9_000.0)] {
                let (amplitude, phase) = tone_in(&out, 2, channel, hz, to_hz);
                let level_db = crate::units::db::db_from_amplitude(amplitude / 0.5);
                assert!(
                    level_db.abs() < 0.01,
                    "{from_hz} to {to_hz}, {hz} Hz: {level_db} dB"
                );
                let shift_frames = phase / (TAU * hz) * f64::from(to_hz);
                assert!(
                    shift_frames.abs() < 0.1,
                    "{from_hz} to {to_hz}, {hz} Hz: {shift_frames} frames late"
                );
            }
        }
    }

    #[test]
    fn what_does_not_fit_under_the_new_nyquist_frequency_is_removed() {
        let tone: Vec<f32> = (0..96_000)
            .map(|frame| (TAU * 30_000.0 * f64::from(frame) / 96_000.0).sin() as f32)
            .collect();
        let out = resample(&tone, 1, 96_000, 48_000);
        let worst = out[4_800..43_200]
            .iter()
            .fold(0f32, |worst, x| worst.max(x.abs()));
        assert!(worst < 1e-5, "{worst}");
    }

    #[test]
    fn an_impulse_stays_at_its_time_and_short_clips_keep_their_length() {
        let mut click = vec![0f32; 4_410];
        click[1_470] = 1.0;
        let out = resample(&click, 1, 44_100, 48_000);
        let peak = (0..out.len())
            .max_by(|a, b| out[*a].total_cmp(&out[*b]))
            .expect("not empty");
        assert_eq!((out.len(), peak), (4_800, 1_600));
        assert_eq!(resample(&[0.5; 3], 1, 48_000, 96_000).len(), 6);
        assert_eq!(resample(&[], 2, 48_000, 96_000).len(), 0);
        assert_eq!(resample(&[0.25, 0.5], 2, 48_000, 48_000), [0.25, 0.5]);
    }
}
