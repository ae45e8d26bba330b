//! Speaker positions to the one order used here: that of WAV, which for 5.1 is L R C LFE Ls Rs.

use symphonia::core::audio::{ChannelLabel, Channels};

use crate::audio::frames::ChannelLayout;

/// What a decoder's channels are once in order, and where each comes from.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ChannelOrder {
    pub layout: ChannelLayout,
    /// `sources[channel]` is the decoder's channel to take; nothing where the order is right already.
    pub sources: Option<Vec<usize>>,
}

impl ChannelOrder {
    /// Channels that come in our order already.
    pub fn in_order(layout: ChannelLayout) -> Self {
        Self {
            layout,
            sources: None,
        }
    }

    /// Channels that stand at these speakers of WAV, one bit each, in any order; nothing where one stands twice.
    pub fn of_speakers(speakers: &[u32]) -> Option<Self> {
        let all = speakers.iter().fold(0, |all, speaker| all | speaker);
        if all.count_ones() as usize != speakers.len() {
            return None;
        }
        let mut sources: Vec<usize> = (0..speakers.len()).collect();
        sources.sort_by_key(|channel| speakers[*channel]);
        Some(Self {
            layout: layout_of(u64::from(all), speakers.len()),
            sources: (!sources.is_sorted()).then_some(sources),
        })
    }

    /// The order for what symphonia calls its planes. A set of positions is stored in the order of its bits, which is
    /// WAV's; only an explicit list can be in another.
    pub fn of(channels: &Channels) -> Self {
        match channels {
            Channels::Positioned(positions) => Self {
                layout: layout_of(positions.bits(), channels.count()),
                sources: None,
            },
            Channels::Custom(labels) => Self::of_labels(labels),
            _ => Self::of_count(channels.count()),
        }
    }

    /// Channels in Vorbis order (Vorbis I, 4.3.9), which Opus shares: 5.1 is L C R Ls Rs LFE there.
    pub fn of_vorbis(count: usize) -> Self {
        let sources: Option<&[usize]> = match count {
            3 => Some(&[0, 2, 1]),
            5 => Some(&[0, 2, 1, 3, 4]),
            6 => Some(&[0, 2, 1, 5, 3, 4]),
            7 => Some(&[0, 2, 1, 6, 5, 3, 4]),
            8 => Some(&[0, 2, 1, 7, 5, 6, 3, 4]),
            _ => None,
        };
        // In WAV order: L R C, quadrophony, and 6.1 with side surrounds and a rear centre.
        let layout = match count {
            3 => ChannelLayout::Speakers(0x7),
            4 => ChannelLayout::Speakers(0x33),
            7 => ChannelLayout::Speakers(0x70F),
            _ => Self::of_count(count).layout,
        };
        Self {
            layout,
            sources: sources.map(<[usize]>::to_vec),
        }
    }

    /// Rearranges whole frames, from a decoder's to ours.
    pub fn apply(&self, interleaved: &mut [f32]) {
        let Some(sources) = &self.sources else { return };
        let mut frame = vec![0.0; sources.len()];
        for samples in interleaved.chunks_exact_mut(sources.len()) {
            frame.copy_from_slice(samples);
            for (sample, source) in samples.iter_mut().zip(sources) {
                *sample = frame[*source];
            }
        }
    }

    fn of_count(count: usize) -> Self {
        Self {
            layout: ChannelLayout::from_count(u16::try_from(count).unwrap_or(u16::MAX)),
            sources: None,
        }
    }

    fn of_labels(labels: &[ChannelLabel]) -> Self {
        let positions: Vec<u64> = labels
            .iter()
            .filter_map(|label| match label {
                ChannelLabel::Positioned(position) => Some(position.bits()),
                _ => None,
            })
            .collect();
        let all = positions.iter().fold(0, |all, position| all | position);
        if positions.len() < labels.len() || all.count_ones() as usize != labels.len() {
            return Self::of_count(labels.len());
        }
        let mut sources: Vec<usize> = (0..labels.len()).collect();
        sources.sort_by_key(|channel| positions[*channel]);
        let sources = (!sources.is_sorted()).then_some(sources);
        Self {
            layout: layout_of(all, labels.len()),
            sources,
        }
    }
}

/// symphonia numbers the speakers of WAV as WAV does; beyond them a layout is only a count.
fn layout_of(positions: u64, count: usize) -> ChannelLayout {
    const SPEAKERS_OF_WAV: u64 = 0x3_FFFF;
    let is_wav = positions & !SPEAKERS_OF_WAV == 0;
    let mask = if is_wav { positions as u32 } else { 0 };
    let channels = u16::try_from(count).unwrap_or(u16::MAX);
    match ChannelLayout::from_speakers(channels, mask) {
        // The count alone would make 5.0, 5.1 or 7.1 of speakers that stand elsewhere.
        _ if !is_wav => ChannelLayout::Other(channels),
        layout => layout,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use symphonia::core::audio::Position;

    #[test]
    fn a_list_of_speakers_in_film_order_is_brought_into_wav_order() {
        let film = [
            Position::FRONT_LEFT,
            Position::FRONT_CENTER,
            Position::FRONT_RIGHT,
            Position::SIDE_LEFT,
            Position::SIDE_RIGHT,
            Position::LFE1,
        ];
        let order = ChannelOrder::of(&Channels::Custom(
            film.into_iter().map(ChannelLabel::Positioned).collect(),
        ));
        assert_eq!(order.layout, ChannelLayout::Surround51);
        let mut frame = [1.0, 3.0, 2.0, 5.0, 6.0, 4.0];
        order.apply(&mut frame);
        assert_eq!(frame, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    }

    #[test]
    fn vorbis_order_is_brought_into_wav_order() {
        let mut frame = [1.0, 3.0, 2.0, 5.0, 6.0, 4.0];
        ChannelOrder::of_vorbis(6).apply(&mut frame);
        assert_eq!(frame, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    }

    #[test]
    fn six_speakers_that_are_not_five_and_a_subwoofer_are_not_taken_for_it() {
        let hexagon = Position::FRONT_LEFT
            | Position::FRONT_RIGHT
            | Position::FRONT_CENTER
            | Position::REAR_CENTER
            | Position::REAR_LEFT
            | Position::REAR_RIGHT;
        assert_eq!(
            ChannelOrder::of(&Channels::Positioned(hexagon)).layout,
            ChannelLayout::Speakers(0x137)
        );
    }
}
