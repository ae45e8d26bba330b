//! Ways to break an input, the same for the same seed.

/// Bytes changed, cut, doubled or moved.
pub fn broken_bytes(base: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = base.to_vec();
    for _ in 0..=random.below(6) {
        if bytes.is_empty() {
            break;
        }
        let at = random.below(bytes.len());
        let length = (random.below(64) + 1).min(bytes.len() - at);
        match random.below(7) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][random.below(5)],
            2 => drop(bytes.drain(at..at + length)),
            3 => {
                let piece = bytes[at..at + length].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, piece);
            }
            4 => bytes.truncate(at),
            5 => {
                let number = [0u32, 1, 0xffff, 0x7fff_ffff, u32::MAX][random.below(5)];
                let end = (at + 4).min(bytes.len());
                bytes[at..end].copy_from_slice(&number.to_le_bytes()[..end - at]);
            }
            _ => bytes[at..at + length].fill(random.below(256) as u8),
        }
    }
    bytes
}

/// One value of a JSON text written over by another.
pub fn broken_text(text: &[u8], random: &mut Random) -> Vec<u8> {
    const VALUES: [&str; 14] = [
        "0",
        "1",
        "-1",
        "2",
        "0.5",
        "1e300",
        "-1e300",
        "1e-300",
        "18446744073709551615",
        "null",
        "true",
        "[]",
        "{}",
        "\"\\u0000\"",
    ];
    let Ok(text) = std::str::from_utf8(text) else {
        return broken_bytes(text, random);
    };
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..=random.below(3) {
        let at = random.below(lines.len().max(1));
        let Some(line) = lines.get_mut(at) else { break };
        let (key, comma) = (
            line.split_once(": ").map(|(key, _)| key.to_owned()),
            line.ends_with(','),
        );
        let is_value = !line.ends_with('{') && !line.ends_with('[') && !line.contains(['}', ']']);
        if !is_value {
            continue;
        }
        let value = VALUES[random.below(VALUES.len())];
        let comma = if comma { "," } else { "" };
        *line = match key {
            Some(key) => format!("{key}: {value}{comma}"),
            None => format!("{value}{comma}"),
        };
    }
    lines.join("\n").into_bytes()
}

/// Numbers without a pattern that are the same for the same seed (splitmix64).
pub struct Random(pub u64);

impl Random {
    /// A number from 0 up to, and without, an end.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((bits ^ (bits >> 31)) % end.max(1) as u64) as usize
    }
}
