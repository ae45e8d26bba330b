//! What of a stream's channels is drawn: a stereo pair.

use crate::audio::frames::{ChannelLayout, StreamFormat};
use crate::dsp::frame_history::StereoFrame;
use crate::dsp::samples::{keep_sound, sound};

/// Weight of centre and surrounds in the downmix of ITU-R BS.775: −3 dB.
const SURROUND_WEIGHT: f32 = std::f32::consts::FRAC_1_SQRT_2;

/// Appends the stereo pair of interleaved frames: mono on both sides, known speakers folded down after ITU-R BS.775
/// without the LFE and without lowering the level, of other layouts the first two channels.
pub fn append_stereo(format: StreamFormat, interleaved: &[f32], stereo: &mut Vec<StereoFrame>) {
    let channels = format.layout.count().max(1);
    let frames = interleaved.chunks_exact(channels);
    match format.layout {
        ChannelLayout::Stereo => {
            let before = stereo.len();
            stereo.extend_from_slice(interleaved.as_chunks::<2>().0);
            keep_sound(stereo[before..].as_flattened_mut());
        }
        ChannelLayout::Mono => stereo.extend(frames.map(|f| [sound(f[0]); 2])),
        ChannelLayout::Surround51 => stereo.extend(frames.map(|f| {
            let at = |n: usize| sound(f[n]);
            [
                at(0) + SURROUND_WEIGHT * (at(2) + at(4)),
                at(1) + SURROUND_WEIGHT * (at(2) + at(5)),
            ]
        })),
        ChannelLayout::Speakers(mask) if mask & 0x3 == 0x3 => {
            let mut weights = [[0.0; 2]; u32::BITS as usize];
            let weights = write_fold_weights(mask, &mut weights);
            stereo.extend(frames.map(|f| {
                let mut pair = [0.0; 2];
                for (sample, weight) in f.iter().map(|&sample| sound(sample)).zip(weights) {
                    pair[0] += weight[0] * sample;
                    pair[1] += weight[1] * sample;
                }
                pair
            }));
        }
        _ => stereo.extend(frames.map(|f| [sound(f[0]), sound(f[channels.min(2) - 1])])),
    }
}

/// What each speaker of a WAV mask gives to left and right, `[channel]`, in the order of the bits.
fn write_fold_weights(mask: u32, weights: &mut [StereoFrame]) -> &[StereoFrame] {
    const BOTH: StereoFrame = [SURROUND_WEIGHT; 2];
    const LEFT: StereoFrame = [SURROUND_WEIGHT, 0.0];
    const RIGHT: StereoFrame = [0.0, SURROUND_WEIGHT];
    let mut count = 0;
    for bit in (0..u32::BITS).filter(|bit| mask >> bit & 1 == 1) {
        weights[count] = match bit {
            0 => [1.0, 0.0],
            1 => [0.0, 1.0],
            // Centre; back left, front left of centre, side left; their counterparts.
            2 => BOTH,
            4 | 6 | 9 => LEFT,
            5 | 7 | 10 => RIGHT,
            // A rear centre is two surrounds of half the power each, and each of them is 3 dB down.
            8 => [0.5; 2],
            // The LFE, and speakers above the listener, of which BS.775 knows nothing.
            _ => [0.0; 2],
        };
        count += 1;
    }
    &weights[..count]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stereo(channels: u16, frame: &[f32]) -> Vec<StereoFrame> {
        let format = StreamFormat {
            sample_rate_hz: 48_000,
            layout: ChannelLayout::from_count(channels),
        };
        let mut stereo = Vec::new();
        append_stereo(format, frame, &mut stereo);
        stereo
    }

    #[test]
    fn every_layout_has_a_stereo_pair() {
        assert_eq!(stereo(1, &[0.5]), [[0.5, 0.5]]);
        assert_eq!(stereo(2, &[0.5, -0.25]), [[0.5, -0.25]]);
        assert_eq!(stereo(3, &[0.5, -0.25, 9.0]), [[0.5, -0.25]]);
        let h = SURROUND_WEIGHT;
        assert_eq!(
            stereo(6, &[0.1, 0.2, 0.4, 9.0, 0.3, -0.3]),
            [[0.1 + h * (0.4 + 0.3), 0.2 + h * (0.4 - 0.3)]]
        );
        assert_eq!(
            stereo(5, &[0.1, 0.2, 0.4, 0.3, -0.3]),
            [[0.1 + h * 0.4 + h * 0.3, 0.2 + h * 0.4 - h * 0.3]]
        );
        assert_eq!(
            stereo(8, &[0.1, 0.2, 0.0, 9.0, 0.3, 0.0, 0.0, -0.3]),
            [[0.1 + h * 0.3, 0.2 - h * 0.3]]
        );
        assert_eq!(stereo(2, &[f32::NAN, f32::INFINITY]), [[0.0, 0.0]]);
    }
}
