//! Tells HE-AAC from plain AAC. Its decoder here knows the core alone, half the rate and the lower half of the spectrum;
//! where the header does not say what else there is, only the packets do, and figures of the core would be wrong.

/// Whether a packet carries spectral band replication: a fill element with that extension, the last or among the last
/// before the end (ISO 14496-3, 4.4.2.7). Elements have no length that could be followed from the front, so they are
/// found from the back: the end element, and in front of it what would lead to it exactly. A packet of plain AAC looks
/// so by chance once in some sixty.
pub(super) fn carries_band_replication(packet: &[u8]) -> bool {
    let last_one = (0..packet.len() * 8)
        .rev()
        .find(|bit| bits(packet, *bit, 1) == 1);
    last_one
        .and_then(|last| last.checked_sub(2))
        .is_some_and(|end| bits(packet, end, 3) == END && fills_lead_to(packet, end, MAX_FILLS))
}

/// Looks for band replication in all packets of a stream: one that begins with silence may carry none there.
#[derive(Default)]
pub(super) struct ReplicationWatch {
    /// Of the last packets, a bit for each that carries it.
    last: u32,
}

impl ReplicationWatch {
    /// Takes the next packet; whether it is clear by now that the stream is HE-AAC. Chance has it so in three of four
    /// packets never.
    pub fn is_sure_with(&mut self, packet: &[u8]) -> bool {
        self.last = self.last << 1 | u32::from(carries_band_replication(packet));
        self.last.count_ones() >= u32::BITS * 3 / 4
    }
}

const FILL: u32 = 6;
const END: u32 = 7;
/// Extension types of band replication, without and with a checksum.
const BAND_REPLICATION: [u32; 2] = [0xD, 0xE];
/// Fill elements at the end of a packet that are looked through.
const MAX_FILLS: usize = 4;

/// Whether one of up to so many fill elements that end at this bit carries band replication.
fn fills_lead_to(packet: &[u8], end: usize, most: usize) -> bool {
    most > 0
        && (1..=269usize).any(|count| {
            // From 15 bytes on the count has 4 bits that say so, and 8 for what is above 14.
            let (head, coded) = if count < 15 {
                (7, FILL << 4 | count as u32)
            } else {
                (15, (FILL << 4 | 15) << 8 | (count as u32 - 14))
            };
            let Some(start) = end.checked_sub(head + 8 * count) else {
                return false;
            };
            bits(packet, start, head) == coded
                && (BAND_REPLICATION.contains(&bits(packet, start + head, 4))
                    || fills_lead_to(packet, start, most - 1))
        })
}

/// Up to 32 bits from the front, the highest first.
fn bits(packet: &[u8], start: usize, count: usize) -> u32 {
    (start..start + count).fold(0, |value, bit| {
        let byte = packet.get(bit / 8).copied().unwrap_or(0);
        value << 1 | u32::from(byte >> (7 - bit % 8) & 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bits written one behind the other, padded to bytes.
    fn packed(fields: &[(u32, usize)]) -> Vec<u8> {
        let mut bytes = vec![];
        let mut used = 0;
        for &(value, count) in fields {
            for bit in (0..count).rev() {
                if used % 8 == 0 {
                    bytes.push(0);
                }
                let last = bytes.len() - 1;
                bytes[last] |= ((value >> bit & 1) as u8) << (7 - used % 8);
                used += 1;
            }
        }
        bytes
    }

    #[test]
    fn band_replication_is_found_in_short_and_long_fills_and_before_another_fill() {
        let core = (0b0010_1101_0011, 12);
        let payload = |bytes: usize| vec![(0x5A, 8); bytes];
        let short = [
            vec![core, (FILL, 3), (3, 4), (0xD, 4), (0, 4)],
            payload(2),
            vec![(END, 3)],
        ]
        .concat();
        assert!(carries_band_replication(&packed(&short)));
        let long = [
            vec![core, (FILL, 3), (15, 4), (6, 8), (0xE, 4), (0, 4)],
            payload(19),
            vec![(END, 3)],
        ]
        .concat();
        assert!(carries_band_replication(&packed(&long)));
        let padded = [
            vec![core, (FILL, 3), (1, 4), (0xD, 4), (9, 4)],
            vec![(FILL, 3), (2, 4), (0, 4), (0, 4), (0, 8), (END, 3)],
        ]
        .concat();
        assert!(carries_band_replication(&packed(&padded)));
    }

    #[test]
    fn plain_packets_and_padding_carry_none() {
        let padding = packed(&[(0b10_1101, 6), (FILL, 3), (2, 4), (0, 16), (END, 3)]);
        assert!(!carries_band_replication(&padding));
        for packet in [b"".as_slice(), &[0], &[0; 40], &[0xFF; 3], &[0xE0]] {
            assert!(!carries_band_replication(packet), "{packet:?}");
        }
        // Chance.
        let mut state = 1u64;
        let noise = (0..4_000).filter(|_| {
            let packet: Vec<u8> = (0..200)
                .map(|_| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    (state >> 56) as u8
                })
                .collect();
            carries_band_replication(&packet)
        });
        assert!(noise.count() < 4_000 / 30);
    }
}
