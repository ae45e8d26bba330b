//! Where the channels of Apple's formats stand: the channel layout of Core Audio, in the `chan` chunk of CAF, the `CHAN`
//! chunk of AIFF and the `chan` atom of QuickTime. It is a tag for one of many fixed orders, a set of speakers, or a
//! label for each channel (CoreAudioBaseTypes.h).

use super::channels::ChannelOrder;
use crate::audio::frames::ChannelLayout;

/// The speakers of WAV, one bit each, as the labels of Core Audio name them.
const L: u32 = 0x1;
const R: u32 = 0x2;
const C: u32 = 0x4;
const LFE: u32 = 0x8;
const REAR_L: u32 = 0x10;
const REAR_R: u32 = 0x20;
const LC: u32 = 0x40;
const RC: u32 = 0x80;
const CS: u32 = 0x100;
const LS: u32 = 0x200;
const RS: u32 = 0x400;
const TOP: u32 = 0x800;
const HIGH_L: u32 = 0x1000;
const HIGH_C: u32 = 0x2000;
const HIGH_R: u32 = 0x4000;
const HIGH_REAR_L: u32 = 0x8000;
const HIGH_REAR_R: u32 = 0x2_0000;

const USE_DESCRIPTIONS: u32 = 0;
const USE_BITMAP: u32 = 1 << 16;

/// The order of a file's channels, or nothing where the layout says nothing of them or of another number.
pub(super) fn order_of(layout: &[u8], channels: u16) -> Option<ChannelOrder> {
    let word = |at: usize| Some(u32::from_be_bytes(*layout.get(at..)?.first_chunk()?));
    let tag = word(0)?;
    match tag {
        USE_DESCRIPTIONS => {
            let labels = layout.get(12..)?.as_chunks::<20>().0;
            let labels: Vec<u32> = labels
                .iter()
                .take(word(8)? as usize)
                .map(|[a, b, c, d, ..]| u32::from_be_bytes([*a, *b, *c, *d]))
                .collect();
            of_labels(&labels, channels)
        }
        // Bits are those of WAV, and channels come in their order.
        USE_BITMAP => Some(ChannelOrder::in_order(ChannelLayout::from_speakers(
            channels,
            word(4)?,
        ))),
        tag if tag & 0xFFFF != u32::from(channels) => None,
        tag => match speakers_of_tag(tag >> 16) {
            Some(speakers) => ChannelOrder::of_speakers(speakers),
            // Channels that are said to be no speakers at all, or ambisonics.
            None if [107, 147, 190, 191].contains(&(tag >> 16)) && channels > 2 => {
                Some(ChannelOrder::in_order(ChannelLayout::Other(channels)))
            }
            None => None,
        },
    }
}

/// A label for each channel.
fn of_labels(labels: &[u32], channels: u16) -> Option<ChannelOrder> {
    if labels.len() != usize::from(channels) {
        return None;
    }
    // Where there are surrounds that are called direct, those stand to the side and the others behind.
    let direct = labels.contains(&10);
    let speakers: Option<Vec<u32>> = labels
        .iter()
        .map(|label| match label {
            5 if !direct => Some(LS),
            6 if !direct => Some(RS),
            // The first eighteen are numbered as the speakers of WAV are.
            1..=18 => Some(1 << (label - 1)),
            33 => Some(REAR_L),
            34 => Some(REAR_R),
            35 => Some(LC),
            36 => Some(RC),
            _ => None,
        })
        .collect();
    match speakers.and_then(|speakers| ChannelOrder::of_speakers(&speakers)) {
        None if channels > 2 && labels.iter().any(|label| (1..=0xFFFF).contains(label)) => {
            Some(ChannelOrder::in_order(ChannelLayout::Other(channels)))
        }
        order => order,
    }
}

/// The speakers of a tag, in the order of the channels; the number of channels is left out of the tag.
fn speakers_of_tag(tag: u32) -> Option<&'static [u32]> {
    Some(match tag {
        101..=103 | 106 => &[L, R],
        108 | 132 => &[L, R, LS, RS],
        109 | 118 => &[L, R, LS, RS, C],
        110 | 139 => &[L, R, LS, RS, C, CS],
        111 => &[L, R, REAR_L, REAR_R, C, CS, LS, RS],
        113 => &[L, R, C],
        114 => &[C, L, R],
        115 => &[L, R, C, CS],
        116 => &[C, L, R, CS],
        117 => &[L, R, C, LS, RS],
        119 => &[L, C, R, LS, RS],
        120 => &[C, L, R, LS, RS],
        121 => &[L, R, C, LFE, LS, RS],
        122 => &[L, R, LS, RS, C, LFE],
        123 => &[L, C, R, LS, RS, LFE],
        124 => &[C, L, R, LS, RS, LFE],
        125 => &[L, R, C, LFE, LS, RS, CS],
        126 => &[L, R, C, LFE, LS, RS, LC, RC],
        127 => &[C, LC, RC, L, R, LS, RS, LFE],
        128 => &[L, R, C, LFE, LS, RS, REAR_L, REAR_R],
        129 => &[L, R, LS, RS, C, LFE, LC, RC],
        131 => &[L, R, CS],
        133 => &[L, R, LFE],
        134 => &[L, R, LFE, CS],
        135 => &[L, R, LFE, LS, RS],
        136 => &[L, R, C, LFE],
        137 => &[L, R, C, LFE, CS],
        138 => &[L, R, LS, RS, LFE],
        140 => &[L, R, LS, RS, C, REAR_L, REAR_R],
        141 => &[C, L, R, LS, RS, CS],
        142 => &[C, L, R, LS, RS, CS, LFE],
        143 => &[C, L, R, LS, RS, REAR_L, REAR_R],
        144 => &[C, L, R, LS, RS, REAR_L, REAR_R, CS],
        148 => &[L, R, LS, RS, C, LC, RC],
        149 => &[C, LFE],
        150 => &[L, C, R],
        151 => &[L, C, R, CS],
        152 => &[L, C, R, LFE],
        153 => &[L, R, CS, LFE],
        154 => &[L, C, R, CS, LFE],
        155 => &[L, C, R, LS, RS, CS],
        156 => &[L, C, R, LS, RS, REAR_L, REAR_R],
        157 => &[L, C, R, LS, RS, LFE, CS],
        158 => &[L, C, R, LS, RS, LFE, TOP],
        159 => &[L, C, R, LS, RS, LFE, HIGH_C],
        160 => &[L, C, R, LS, RS, LFE, REAR_L, REAR_R],
        161 | 163 => &[L, C, R, LS, RS, LFE, LC, RC],
        164 => &[L, C, R, LS, RS, LFE, HIGH_L, HIGH_R],
        165 => &[L, C, R, LS, RS, LFE, CS, TOP],
        166 => &[L, C, R, LS, RS, LFE, CS, HIGH_C],
        167 => &[L, C, R, LS, RS, LFE, TOP, HIGH_C],
        168 => &[C, L, R, LFE],
        169 => &[C, L, R, CS, LFE],
        170 => &[LC, RC, L, R, LS, RS],
        173 => &[LC, RC, L, R, LS, RS, LFE],
        176 => &[LC, C, RC, L, R, LS, RS],
        177 => &[LC, C, RC, L, R, LS, RS, LFE],
        182 => &[C, L, R, LS, RS, LFE, CS],
        183 => &[C, L, R, LS, RS, REAR_L, REAR_R, LFE],
        184 => &[C, L, R, LS, RS, LFE, HIGH_L, HIGH_R],
        185 => &[L, R, REAR_L, REAR_R],
        186 => &[L, R, C, REAR_L, REAR_R],
        187 => &[L, R, C, LFE, REAR_L, REAR_R],
        188 => &[L, R, C, LFE, CS, LS, RS],
        189 => &[L, R, C, LFE, REAR_L, REAR_R, LS, RS],
        192 => &[
            L,
            R,
            C,
            LFE,
            LS,
            RS,
            REAR_L,
            REAR_R,
            HIGH_L,
            HIGH_R,
            HIGH_REAR_L,
            HIGH_REAR_R,
        ],
        194 => &[L, R, C, LFE, LS, RS, HIGH_L, HIGH_R],
        195 => &[
            L,
            R,
            C,
            LFE,
            LS,
            RS,
            HIGH_L,
            HIGH_R,
            HIGH_REAR_L,
            HIGH_REAR_R,
        ],
        196 => &[L, R, C, LFE, LS, RS, REAR_L, REAR_R, HIGH_L, HIGH_R],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(tag: u32, bitmap: u32, labels: &[u32]) -> Vec<u8> {
        let mut bytes: Vec<u8> = [tag, bitmap, labels.len() as u32]
            .iter()
            .flat_map(|word| word.to_be_bytes())
            .collect();
        for label in labels {
            bytes.extend(label.to_be_bytes());
            bytes.extend([0; 16]);
        }
        bytes
    }

    /// A frame whose samples are numbers, after it was put in order.
    fn sorted(order: &ChannelOrder) -> Vec<f32> {
        let mut frame: Vec<f32> = (0..order.layout.count()).map(|n| n as f32).collect();
        order.apply(&mut frame);
        frame
    }

    #[test]
    fn the_orders_of_five_point_one_lead_to_the_one_of_wav() {
        for (tag, expected) in [
            (121, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]),
            (122, [0.0, 1.0, 4.0, 5.0, 2.0, 3.0]),
            (123, [0.0, 2.0, 1.0, 5.0, 3.0, 4.0]),
            (124, [1.0, 2.0, 0.0, 5.0, 3.0, 4.0]),
        ] {
            let order = order_of(&layout(tag << 16 | 6, 0, &[]), 6).expect("a known tag");
            assert_eq!(order.layout, ChannelLayout::Surround51, "{tag}");
            assert_eq!(sorted(&order), expected, "{tag}");
        }
    }

    #[test]
    fn labels_and_bits_say_the_same_as_tags() {
        let labels = order_of(&layout(0, 0, &[1, 3, 2, 5, 6, 4]), 6).expect("labels");
        let tag = order_of(&layout(123 << 16 | 6, 0, &[]), 6).expect("a known tag");
        assert_eq!(labels, tag);
        let bits = order_of(&layout(USE_BITMAP, 0x3F, &[]), 6).expect("bits");
        assert_eq!(bits, ChannelOrder::in_order(ChannelLayout::Surround51));
        // 7.1 with direct surrounds to the side.
        let labels = order_of(&layout(0, 0, &[1, 2, 3, 4, 5, 6, 10, 11]), 8).expect("labels");
        assert_eq!(labels.layout, ChannelLayout::Speakers(0x63F));
    }

    #[test]
    fn every_tag_names_each_speaker_once_and_the_lfe_counts_nothing() {
        let mut known = 0;
        for tag in 100..256 {
            let Some(speakers) = speakers_of_tag(tag) else {
                continue;
            };
            known += 1;
            let channels = speakers.len() as u16;
            let order = order_of(&layout(tag << 16 | u32::from(channels), 0, &[]), channels)
                .unwrap_or_else(|| panic!("{tag} names a speaker twice"));
            let lfe = speakers.iter().position(|speaker| *speaker == LFE);
            let weights = order.layout.loudness_weights();
            let place = lfe.and_then(|lfe| sorted(&order).iter().position(|n| *n == lfe as f32));
            if let Some(place) = place
                && channels > 2
            {
                assert_eq!(weights[place], 0.0, "{tag}");
            }
        }
        assert!(known > 50);
    }

    #[test]
    fn a_layout_for_another_number_of_channels_or_of_no_speakers_is_not_believed() {
        assert_eq!(order_of(&layout(122 << 16 | 6, 0, &[]), 5), None);
        assert_eq!(order_of(&layout(0, 0, &[1, 2]), 6), None);
        assert_eq!(order_of(&[0; 7], 2), None);
        let discrete = order_of(&layout(147 << 16 | 6, 0, &[]), 6).expect("a known tag");
        assert_eq!(discrete.layout, ChannelLayout::Other(6));
    }
}
