//! What a file may cost: one that is too long is refused with a word before its sound is in memory.

use std::io::{Seek as _, SeekFrom, Write as _};

use abscope::session::references::Reference;

/// A WAV file of silence, 8-bit mono at 8 kHz, of so many hours; it takes no room on the disk.
fn silence(hours: u32) -> tempfile::NamedTempFile {
    const RATE_HZ: u32 = 8_000;
    let length = hours * 3600 * RATE_HZ;
    let mut head = b"RIFF".to_vec();
    head.extend((36 + length).to_le_bytes());
    head.extend(b"WAVEfmt ");
    for word in [
        16,
        0x0001_0001,
        RATE_HZ,
        RATE_HZ,
        0x0008_0001,
        0x6174_6164,
        length,
    ] {
        head.extend(u32::to_le_bytes(word));
    }
    let mut file = tempfile::Builder::new()
        .suffix(".wav")
        .tempfile()
        .expect("room");
    file.write_all(&head).expect("room");
    file.seek(SeekFrom::Start(u64::from(length) + head.len() as u64 - 1))
        .expect("a file has places");
    file.write_all(&[128]).expect("room");
    file
}

#[test]
fn a_reference_of_ten_hours_is_refused_with_a_word_and_nothing_of_it_is_kept() {
    let file = silence(10);
    let mut reference = Reference::from_file(file.path());
    reference.wait();
    let data = reference.data();
    let why = data.failure.as_deref().expect("it is too long");
    assert!(why.contains("longer than 3 hours"), "{why}");
    assert!(data.pcm.is_empty() && data.tiers.iter().all(Vec::is_empty));
}
