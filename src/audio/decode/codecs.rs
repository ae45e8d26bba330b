//! What codecs are called by those who refuse them: the names behind the codes of the containers.

/// By the format tag of a WAV.
pub(super) fn of_wave_tag(tag: u16) -> Option<&'static str> {
    Some(match tag {
        0x02 => "Microsoft ADPCM",
        0x11 => "IMA ADPCM",
        0x22 => "TrueSpeech",
        0x31 | 0x32 => "GSM",
        0x40 | 0x45 | 0x64 | 0x14 => "G.726 ADPCM",
        0x50 => "MPEG audio",
        0x55 => "MP3",
        0x92 | 0x2000 => "Dolby Digital",
        0x2001 | 0x08 => "DTS",
        0xFF | 0x1600 | 0x1601 | 0x1602 | 0x1610 | 0xA106 => "AAC",
        0x160..=0x163 => "Windows Media Audio",
        0x270 => "ATRAC3",
        0x566F | 0x674F..=0x6751 | 0x676F..=0x6771 => "Vorbis",
        0x6C61 => "ALAC",
        0x704F => "Opus",
        0xF1AC => "FLAC",
        0x5756 => "WavPack",
        _ => return None,
    })
}

/// By the four letters of QuickTime, which MP4, AIFF-C and CAF share.
pub(super) fn of_four_letters(code: [u8; 4]) -> Option<&'static str> {
    Some(match &code {
        b"ima4" | b"ms\0\x11" => "IMA ADPCM",
        b"ms\0\x02" => "Microsoft ADPCM",
        b"MAC3" | b"MAC6" => "MACE",
        b"QDMC" | b"QDM2" | b"Qclp" => "QDesign Music",
        b"agsm" | b"GSM " | b"ms\x001" => "GSM",
        b"aac " | b"mp4a" => "AAC",
        b"aach" | b"aacp" => "HE-AAC",
        b"aacl" | b"aace" => "AAC-LD",
        b"usac" => "xHE-AAC",
        b"ac-3" | b"ec-3" | b"AC-3" | b"sac3" | b"cac3" => "Dolby Digital",
        b"ac-4" => "Dolby AC-4",
        b"mlpa" => "Dolby TrueHD",
        b"dtsc" | b"dtsh" | b"dtsl" | b"dtse" | b"dtsx" | b"dtsy" | b"DTS " => "DTS",
        b"samr" | b"sawb" | b"sawp" => "AMR",
        b"sevc" | b"sqcp" => "a telephone codec",
        b".mp1" | b".mp2" => "MPEG audio",
        b".mp3" | b"mp3 " => "MP3",
        b"alac" => "ALAC",
        b"fLaC" | b"flac" => "FLAC",
        b"Opus" | b"opus" => "Opus",
        b"wma " | b"WMA2" => "Windows Media Audio",
        b"ilbc" => "iLBC",
        b"spex" => "Speex",
        b"vdva" | b"dvca" => "DV audio",
        b"mha1" | b"mhm1" | b"mha2" | b"mhm2" => "MPEG-H 3D Audio",
        b"iamf" => "IAMF",
        b"ADP4" => "ADPCM",
        b"enca" | b"drms" | b"p608" => "protected audio (DRM)",
        _ => return None,
    })
}

/// By the object type in the `esds` of an MP4 (the registry of mp4ra.org).
pub(super) fn of_object_type(object_type: u8) -> Option<&'static str> {
    Some(match object_type {
        0x40 | 0x66..=0x68 => "AAC",
        0x69 | 0x6B => "MP3",
        0xA5 | 0xA6 => "Dolby Digital",
        0xA9..=0xAC => "DTS",
        0xAD => "Opus",
        0xDD => "Vorbis",
        0xE1 => "QCELP",
        _ => return None,
    })
}

/// By the identifier of a Matroska or WebM track.
pub(super) fn of_matroska(id: &str) -> Option<&'static str> {
    const NAMES: [(&str, &str); 17] = [
        ("A_AAC/MPEG4/LC/SBR", "HE-AAC"),
        ("A_AAC/MPEG2/LC/SBR", "HE-AAC"),
        (
            "A_AAC",
            "this kind of AAC (HE-AAC, or more than two channels)",
        ),
        ("A_AC3", "Dolby Digital"),
        ("A_EAC3", "Dolby Digital"),
        ("A_AC4", "Dolby AC-4"),
        ("A_TRUEHD", "Dolby TrueHD"),
        ("A_MLP", "MLP"),
        ("A_DTS", "DTS"),
        ("A_MPC", "Musepack"),
        ("A_TTA1", "True Audio"),
        ("A_WAVPACK4", "WavPack"),
        ("A_ATRAC", "ATRAC"),
        ("A_REAL", "RealAudio"),
        ("A_MS/ACM", "a codec of Windows"),
        ("A_QUICKTIME", "a codec of QuickTime"),
        ("A_PCM", "this kind of PCM"),
    ];
    let known = NAMES.iter().find(|(start, _)| id.starts_with(start));
    known.map(|(_, name)| *name)
}

/// A code that has no name here, as a person can look it up.
pub(super) fn unknown(code: [u8; 4]) -> String {
    format!("its codec (\u{201C}{}\u{201D})", code.escape_ascii())
}
