//! Vorbis of more than two channels, by lewton: symphonia 0.6.1 undoes the channel coupling from the first step to the
//! last instead of from the last to the first (Vorbis I, 4.3.5), and where more than one pair is coupled channels mix.

use lewton::audio::{PreviousWindowRight, read_audio_packet_generic};
use lewton::header::{IdentHeader, SetupHeader, read_header_ident, read_header_setup};

use super::channels::ChannelOrder;

/// Length of the identification header, which the setup header follows in symphonia's extra data.
const IDENT_BYTES: usize = 30;

/// A decoder and its overlap.
pub(super) struct VorbisDecoder {
    ident: IdentHeader,
    setup: SetupHeader,
    overlap: PreviousWindowRight,
}

/// Channels in a Vorbis identification header.
pub(super) fn channels_of(extra_data: &[u8]) -> Option<u8> {
    extra_data.get(11).copied()
}

impl VorbisDecoder {
    /// From symphonia's extra data, or what is wrong with it.
    pub fn new(extra_data: &[u8]) -> Result<Self, String> {
        let damaged = "a damaged Vorbis header";
        let (ident, setup) = extra_data.split_at_checked(IDENT_BYTES).ok_or(damaged)?;
        let ident = read_header_ident(ident).map_err(|_| damaged)?;
        let block_sizes = (ident.blocksize_0, ident.blocksize_1);
        let setup =
            read_header_setup(setup, ident.audio_channels, block_sizes).map_err(|_| damaged)?;
        Ok(Self {
            ident,
            setup,
            overlap: PreviousWindowRight::new(),
        })
    }

    /// Frames per second.
    pub fn sample_rate_hz(&self) -> u32 {
        self.ident.audio_sample_rate
    }

    /// How the channels come.
    pub fn order(&self) -> ChannelOrder {
        ChannelOrder::of_vorbis(usize::from(self.ident.audio_channels))
    }

    /// Appends a packet's frames; the first packet has none.
    pub fn decode(&mut self, packet: &[u8], interleaved: &mut Vec<f32>) -> Result<(), String> {
        let planes: Vec<Vec<f32>> =
            read_audio_packet_generic(&self.ident, &self.setup, packet, &mut self.overlap)
                .map_err(|_| "damaged packet".to_owned())?;
        let frames = planes.iter().map(Vec::len).min().unwrap_or(0);
        interleaved.reserve(frames * planes.len());
        for frame in 0..frames {
            interleaved.extend(planes.iter().map(|plane| plane[frame]));
        }
        Ok(())
    }
}
