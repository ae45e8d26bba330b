//! What audio sources hand on: the shape of a stream, and the reading end of the capture ring.

use crate::dsp::loudness::speaker_weights;

/// What the channels of a stream are, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelLayout {
    /// One channel; shown and measured as one, drawn as L = R.
    Mono,
    /// Left, right.
    Stereo,
    /// L R C LFE Ls Rs, the order of WAV and of decoded FLAC, AAC and Vorbis after reordering.
    Surround51,
    /// Known speakers other than those above: the mask of WAVE_FORMAT_EXTENSIBLE, one bit for each, channels in the
    /// order of the bits. Loudness weighs each by its place, see [`speaker_weights`].
    Speakers(u32),
    /// Any other number of channels: the first two are left and right, all count for loudness with weight 1.
    Other(u16),
}

/// Speakers of 5.0: L R C Ls Rs.
const MASK_50: u32 = 0x37;
/// Speakers of 7.1: L R C LFE, rear left and right, side left and right.
const MASK_71: u32 = 0x63F;

impl ChannelLayout {
    /// The layout of a number of channels in WAV order, where nothing more is known: 5 is 5.0, 6 is 5.1, 8 is 7.1.
    pub fn from_count(channels: u16) -> Self {
        match channels {
            1 => Self::Mono,
            2 => Self::Stereo,
            5 => Self::Speakers(MASK_50),
            6 => Self::Surround51,
            8 => Self::Speakers(MASK_71),
            n => Self::Other(n),
        }
    }

    /// The layout of a number of channels that stand where a mask says; 5.1 is 5.1 with back or with side surrounds.
    /// A mask that is empty, names another number of speakers or one side of a pair without the other says nothing:
    /// writers that know only a count set as many of the lowest bits, which makes of 5.0 a left surround and no right.
    pub fn from_speakers(channels: u16, mask: u32) -> Self {
        match (channels, mask) {
            // A lone channel is drawn and heard on both sides, wherever it stands.
            (1, _) => Self::Mono,
            (n, mask) if mask == 0 || mask.count_ones() != u32::from(n) || !is_symmetric(mask) => {
                Self::from_count(n)
            }
            (2, 0x3) => Self::Stereo,
            (6, 0x3F | 0x60F) => Self::Surround51,
            (_, mask) => Self::Speakers(mask),
        }
    }

    /// Samples in a frame.
    pub fn count(self) -> usize {
        match self {
            Self::Mono => 1,
            Self::Stereo => 2,
            Self::Surround51 => 6,
            Self::Speakers(mask) => mask.count_ones() as usize,
            Self::Other(n) => usize::from(n),
        }
    }

    /// How much each channel counts for loudness after BS.1770-5, `[channel]`.
    pub fn loudness_weights(self) -> Vec<f64> {
        match self {
            Self::Mono | Self::Stereo | Self::Other(_) => vec![1.0; self.count().max(1)],
            Self::Surround51 => speaker_weights(0x3F),
            Self::Speakers(mask) => speaker_weights(mask),
        }
    }
}

/// Whether front, back, front of centre and side come in pairs.
fn is_symmetric(mask: u32) -> bool {
    [0x3, 0x30, 0xC0, 0x600]
        .iter()
        .all(|pair| mask & pair == 0 || mask & pair == *pair)
}

/// Rate and channels of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamFormat {
    /// Frames per second.
    pub sample_rate_hz: u32,
    /// What the samples of a frame are.
    pub layout: ChannelLayout,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::loudness::channel_weights;

    #[test]
    fn layouts_by_count_weigh_as_counts_do() {
        for channels in 1..=16 {
            let layout = ChannelLayout::from_count(channels);
            assert_eq!(layout.count(), usize::from(channels));
            assert_eq!(
                layout.loudness_weights(),
                channel_weights(channels.into()),
                "{channels} channels"
            );
        }
    }

    #[test]
    fn a_mask_decides_where_it_names_every_channel() {
        let from = ChannelLayout::from_speakers;
        assert_eq!(from(6, 0x60F), ChannelLayout::Surround51);
        assert_eq!(from(6, 0), ChannelLayout::Surround51);
        assert_eq!(from(6, 0x3), ChannelLayout::Surround51);
        assert_eq!(from(1, 0x4), ChannelLayout::Mono);
        assert_eq!(from(2, 0x3), ChannelLayout::Stereo);
        assert_eq!(from(5, 0x1F), from(5, 0x37));
        assert_eq!(from(3, 0xB).loudness_weights(), [1.0, 1.0, 0.0]);
        assert_eq!(from(4, 0x33).loudness_weights(), [1.0, 1.0, 1.41, 1.41]);
        assert_eq!(from(4, 0).loudness_weights(), [1.0; 4]);
    }
}
