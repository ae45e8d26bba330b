//! What audio sources hand on: the shape of a stream, and the reading end of the capture ring.

/// What the channels of a stream are, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelLayout {
    /// One channel; shown and measured as one, drawn as L = R.
    Mono,
    /// Left, right.
    Stereo,
    /// L R C LFE Ls Rs, the order of WAV and of decoded FLAC, AAC and Vorbis after reordering.
    Surround51,
    /// Any other number of channels: the first two are left and right, all count for loudness with weight 1.
    Other(u16),
}

impl ChannelLayout {
    /// The layout of a number of channels in WAV order.
    pub fn from_count(channels: u16) -> Self {
        match channels {
            1 => Self::Mono,
            2 => Self::Stereo,
            6 => Self::Surround51,
            n => Self::Other(n),
        }
    }

    /// Samples in a frame.
    pub fn count(self) -> usize {
        match self {
            Self::Mono => 1,
            Self::Stereo => 2,
            Self::Surround51 => 6,
            Self::Other(n) => usize::from(n),
        }
    }
}

/// Rate and channels of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamFormat {
    /// Frames per second.
    pub sample_rate_hz: u32,
    /// What the samples of a frame are.
    pub layout: ChannelLayout,
}
