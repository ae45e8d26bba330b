//! How much each channel counts for loudness.

/// Weights of BS.1770-5 for a number of channels in WAV order: 5 is 5.0, 6 is 5.1, 8 is 7.1; other layouts count
/// every channel once.
pub fn channel_weights(channels: usize) -> Vec<f64> {
    match channels {
        5 => speaker_weights(0x37),
        6 => speaker_weights(0x3F),
        8 => speaker_weights(0x63F),
        n => vec![1.0; n],
    }
}

/// Weights of BS.1770-5 for the speakers of a WAV mask, in the order of its bits: 1.41 for those 60 to 120° to the
/// side of the listener, 0 for the LFE, 1 for all others. What WAV calls back stands at 110° where there are no side
/// speakers, as in 5.1, and at 135° where there are, as in 7.1.
pub fn speaker_weights(mask: u32) -> Vec<f64> {
    const LFE: u32 = 0x8;
    const BACK: u32 = 0x30;
    const SIDE: u32 = 0x600;
    let beside = if mask & SIDE == 0 { BACK } else { SIDE };
    (0..u32::BITS)
        .map(|bit| 1 << bit)
        .filter(|speaker| mask & speaker != 0)
        .map(|speaker| match speaker {
            LFE => 0.0,
            speaker if speaker & beside != 0 => 1.41,
            _ => 1.0,
        })
        .collect()
}
