//! The sound of a snapshot: stereo WAV of 32-bit floats, so that what was heard comes back bit for bit.

/// Format tag of floats (IEEE).
const FLOAT: u16 = 3;
/// Bytes of one stereo frame.
const FRAME_BYTES: usize = 8;
/// Bytes before the samples in a file written here.
pub const HEADER_BYTES: usize = 58;

/// Stereo frames as a WAV file. At most 2²⁸ frames, which the limits of a snapshot hold.
pub fn encode(frames: &[[f32; 2]], sample_rate_hz: u32) -> Vec<u8> {
    let data_bytes = (frames.len() * FRAME_BYTES) as u32;
    let mut bytes = Vec::with_capacity(HEADER_BYTES + data_bytes as usize);
    let number = |bytes: &mut Vec<u8>, n: u32| bytes.extend_from_slice(&n.to_le_bytes());
    let short = |bytes: &mut Vec<u8>, n: u16| bytes.extend_from_slice(&n.to_le_bytes());
    bytes.extend_from_slice(b"RIFF");
    number(&mut bytes, data_bytes + HEADER_BYTES as u32 - 8);
    bytes.extend_from_slice(b"WAVEfmt ");
    number(&mut bytes, 18);
    short(&mut bytes, FLOAT);
    short(&mut bytes, 2);
    number(&mut bytes, sample_rate_hz);
    number(
        &mut bytes,
        sample_rate_hz.saturating_mul(FRAME_BYTES as u32),
    );
    short(&mut bytes, FRAME_BYTES as u16);
    short(&mut bytes, 32);
    short(&mut bytes, 0);
    // Formats other than integer PCM must say their number of frames.
    bytes.extend_from_slice(b"fact");
    number(&mut bytes, 4);
    number(&mut bytes, frames.len() as u32);
    bytes.extend_from_slice(b"data");
    number(&mut bytes, data_bytes);
    for sample in frames.as_flattened() {
        bytes.extend_from_slice(&sample.to_le_bytes());
    }
    bytes
}

/// The frames of a file that must have this many of them at this rate; else why it is refused.
///
/// Only what [`encode`] writes is a sound of a snapshot, so its header is compared, not interpreted.
pub fn decode(bytes: &[u8], num_frames: usize, rate_hz: u32) -> Result<Vec<[f32; 2]>, String> {
    let (header, data) = bytes
        .split_at_checked(HEADER_BYTES)
        .ok_or("its header is cut")?;
    if data.len() != num_frames * FRAME_BYTES {
        return Err(format!("it does not hold {num_frames} stereo frames"));
    }
    let mut expected = encode(&[], rate_hz);
    let data_bytes = data.len() as u32;
    let mut put = |at: usize, n: u32| expected[at..at + 4].copy_from_slice(&n.to_le_bytes());
    put(4, data_bytes + HEADER_BYTES as u32 - 8);
    put(46, num_frames as u32);
    put(54, data_bytes);
    if header != expected {
        return Err(format!(
            "it is not a stereo WAV of 32-bit floats at {rate_hz} Hz"
        ));
    }
    let frame = |b: &[u8; FRAME_BYTES]| {
        let sample = |at: usize| f32::from_le_bytes([b[at], b[at + 1], b[at + 2], b[at + 3]]);
        [sample(0), sample(4)]
    };
    Ok(data.as_chunks().0.iter().map(frame).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_program_reads_what_was_written() {
        let frames: Vec<[f32; 2]> = (0..100).map(|n| [n as f32 / 100.0, -1.0]).collect();
        let bytes = encode(&frames, 96_000);
        let mut reader = hound::WavReader::new(&bytes[..]).unwrap();
        let spec = reader.spec();
        assert_eq!((spec.channels, spec.sample_rate), (2, 96_000));
        assert_eq!(spec.sample_format, hound::SampleFormat::Float);
        let samples: Vec<f32> = reader.samples().map(Result::unwrap).collect();
        assert_eq!(samples, frames.as_flattened());
    }

    #[test]
    fn sound_comes_back_and_anything_else_is_refused() {
        let frames = vec![[0.25, -0.0], [1.5, -3.0]];
        let bytes = encode(&frames, 48_000);
        assert_eq!(decode(&bytes, 2, 48_000), Ok(frames));
        assert!(decode(&bytes, 2, 44_100).is_err());
        assert!(decode(&bytes, 3, 48_000).is_err());
        for cut in 0..bytes.len() {
            assert!(decode(&bytes[..cut], 2, 48_000).is_err(), "{cut}");
        }
        for at in 0..HEADER_BYTES {
            let mut broken = bytes.clone();
            broken[at] ^= 1;
            assert!(decode(&broken, 2, 48_000).is_err(), "{at}");
        }
    }
}
