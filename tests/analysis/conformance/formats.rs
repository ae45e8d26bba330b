//! The formats that the suite is for, and what of it applies to each.

/// A format, and what of the suite applies to it.
pub struct Format {
    pub file: &'static str,
    /// Arguments of ffmpeg that make it.
    pub encode: &'static str,
    /// Whether samples come back as they were.
    pub lossless: bool,
    /// Frames that may come after the last one, where the format cannot say where it ends; and how far the beginning
    /// may be off, where it does not say what the encoder put in front.
    pub surplus: usize,
    pub delay: usize,
    pub channels: &'static [usize],
    /// What ffmpeg calls the container where it can be written into a pipe.
    pub pipe: Option<&'static str>,
    /// Whether a file that ends in its middle can be entered, and whether that can be told.
    pub cut: Cut,
    pub tags: bool,
    pub picture: bool,
}

#[derive(PartialEq)]
pub enum Cut {
    Warns,
    Silent,
    Refused,
}

pub const RATE_HZ: u32 = 48_000;
pub const FRAMES: usize = 72_013;
pub const ALL: &[usize] = &[1, 2, 6];
const TWO: &[usize] = &[1, 2];

const PCM: Format = Format {
    file: "",
    encode: "",
    lossless: true,
    surplus: 0,
    delay: 0,
    channels: ALL,
    pipe: None,
    cut: Cut::Warns,
    tags: false,
    picture: false,
};
const LOSSY: Format = Format {
    lossless: false,
    channels: TWO,
    tags: true,
    ..PCM
};

#[rustfmt::skip]
pub const FORMATS: &[Format] = &[
    Format { file: "a.wav", encode: "-c:a pcm_s16le", pipe: Some("wav"), tags: true, ..PCM },
    Format { file: "rf64.wav", encode: "-c:a pcm_s16le -rf64 always", tags: true, ..PCM },
    // ffmpeg counts the padding to 8 bytes into the sound.
    Format { file: "a.w64", encode: "-c:a pcm_s16le", pipe: Some("w64"), surplus: 8, ..PCM },
    Format { file: "a.aiff", encode: "-c:a pcm_s16be", pipe: None, ..PCM },
    Format { file: "sowt.aifc", encode: "-c:a pcm_s16le -f aiff", ..PCM },
    Format { file: "a.caf", encode: "-c:a pcm_s16be", pipe: Some("caf"), ..PCM },
    Format { file: "a.mov", encode: "-c:a pcm_s16le", cut: Cut::Refused, ..PCM },
    Format { file: "fast.mov", encode: "-c:a pcm_s24be -movflags +faststart", ..PCM },
    Format { file: "a.flac", encode: "-c:a flac", pipe: Some("flac"), tags: true, picture: true, ..PCM },
    Format { file: "flac.ogg", encode: "-c:a flac -page_duration 200000 -f ogg", pipe: Some("ogg"), tags: true, ..PCM },
    Format { file: "alac.m4a", encode: "-c:a alac", cut: Cut::Refused, tags: true, picture: true, ..PCM },
    Format { file: "alac.caf", encode: "-c:a alac", channels: TWO, cut: Cut::Refused, ..PCM },
    Format { file: "flac.mka", encode: "-c:a flac", pipe: Some("matroska"), ..PCM },
    Format { file: "a.mp3", encode: "-c:a libmp3lame -b:a 256k", tags: true, picture: true, ..LOSSY },
    // Without the encoder's tag nothing says what it put in front and behind.
    Format { file: "bare.mp3", encode: "-c:a libmp3lame -b:a 256k -write_xing 0", pipe: Some("mp3"), delay: 1_105, surplus: 2_400,
        cut: Cut::Silent, ..LOSSY },
    Format { file: "a.mp2", encode: "-c:a mp2 -b:a 192k", pipe: Some("mp2"), delay: 481, surplus: 1_152, cut: Cut::Silent, tags: false, ..LOSSY },
    Format { file: "a.aac", encode: "-c:a aac -b:a 256k", pipe: Some("adts"), delay: 1_024, surplus: 2_048, cut: Cut::Silent, tags: false, ..LOSSY },
    Format { file: "a.m4a", encode: "-c:a aac -b:a 256k", cut: Cut::Refused, picture: true, ..LOSSY },
    Format { file: "fast.m4a", encode: "-c:a aac -b:a 256k -movflags +faststart", ..LOSSY },
    // Without an edit list, which ffmpeg leaves out here, nothing says what was put in front.
    Format { file: "fragments.m4a", encode: "-c:a aac -b:a 256k -movflags frag_keyframe+empty_moov -frag_duration 300000",
        pipe: Some("mp4"), delay: 1_024, ..LOSSY },
    Format { file: "cmaf.m4a", encode: "-c:a aac -b:a 256k -movflags cmaf -frag_duration 300000", delay: 1_024, ..LOSSY },
    Format { file: "half.m4a", encode: "-c:a aac -b:a 256k -movflags frag_keyframe -frag_duration 300000", delay: 1_024, ..LOSSY },
    Format { file: "alac-fragments.m4a", encode: "-c:a alac -movflags frag_keyframe+empty_moov -frag_duration 300000", ..PCM },
    Format { file: "a.ogg", encode: "-c:a libvorbis -q:a 8 -page_duration 200000", pipe: Some("ogg"), channels: ALL, ..LOSSY },
    Format { file: "a.opus", encode: "-c:a libopus -b:a 256k -page_duration 200000", pipe: Some("opus"), ..LOSSY },
    Format { file: "surround.opus", encode: "-c:a libopus -b:a 510k -page_duration 200000", pipe: Some("opus"), channels: &[6], ..LOSSY },
    Format { file: "a.webm", encode: "-c:a libopus -b:a 256k", pipe: Some("webm"), tags: false, ..LOSSY },
    Format { file: "vorbis.mka", encode: "-c:a libvorbis -q:a 8", pipe: Some("matroska"), surplus: 2_048, tags: false, ..LOSSY },
];
