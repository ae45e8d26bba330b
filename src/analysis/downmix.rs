//! What of a stream's channels is drawn: a stereo pair.

use crate::audio::frames::{ChannelLayout, StreamFormat};
use crate::dsp::frame_history::StereoFrame;
use crate::dsp::samples::sound;

/// Weight of centre and surrounds in the downmix of ITU-R BS.775: −3 dB.
const SURROUND_WEIGHT: f32 = std::f32::consts::FRAC_1_SQRT_2;

/// Appends the stereo pair of interleaved frames: mono on both sides, 5.1 folded down after ITU-R BS.775 without
/// the LFE and without lowering the level, of other layouts the first two channels.
pub fn append_stereo(format: StreamFormat, interleaved: &[f32], stereo: &mut Vec<StereoFrame>) {
    let channels = format.layout.count().max(1);
    let frames = interleaved.chunks_exact(channels);
    match format.layout {
        ChannelLayout::Mono => stereo.extend(frames.map(|f| [sound(f[0]); 2])),
        ChannelLayout::Surround51 => stereo.extend(frames.map(|f| {
            let at = |n: usize| sound(f[n]);
            [
                at(0) + SURROUND_WEIGHT * (at(2) + at(4)),
                at(1) + SURROUND_WEIGHT * (at(2) + at(5)),
            ]
        })),
        _ => stereo.extend(frames.map(|f| [sound(f[0]), sound(f[channels.min(2) - 1])])),
    }
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
        assert_eq!(stereo(2, &[f32::NAN, f32::INFINITY]), [[0.0, 0.0]]);
    }
}
