//! Forgeries: inputs that are broken inside and packed well, so that they pass the checksums and reach the rules behind.

use std::io::Cursor;

use abscope::session::format::archive::{ArchiveReader, ArchiveWriter, Packing};

use super::mutate::{Random, broken_bytes, broken_text};

/// A well-packed archive with one entry broken; numbers in its manifest are the favourite.
pub fn broken_snapshot(base: &[u8], random: &mut Random) -> Vec<u8> {
    let Ok(mut archive) = ArchiveReader::open(Cursor::new(base), |_| Some(1 << 26), 1 << 27) else {
        return broken_bytes(base, random);
    };
    let names: Vec<String> = archive.names().map(str::to_owned).collect();
    let victim = match random.below(3) {
        0 => random.below(names.len().max(1)),
        _ => 0,
    };
    let mut forged = ArchiveWriter::default();
    for (n, name) in names.iter().enumerate() {
        let Ok(content) = archive.read(name) else {
            return broken_bytes(base, random);
        };
        let content = match (n == victim, name.as_str()) {
            (true, "manifest.json") => broken_text(&content, random),
            (true, _) => broken_bytes(&content, random),
            (false, _) => content,
        };
        forged.add(name, &content, Packing::Deflated);
    }
    forged.finish()
}

/// A picture with bytes broken and the right checksum behind every chunk that is still one.
pub fn broken_picture(base: &[u8], random: &mut Random) -> Vec<u8> {
    let mut png = broken_bytes(base, random);
    let mut at = 8;
    while let Some(head) = png.get(at..at + 8) {
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let Some(end) = (at + 8)
            .checked_add(length)
            .filter(|end| end + 4 <= png.len())
        else {
            break;
        };
        let mut crc = flate2::Crc::new();
        crc.update(&png[at + 4..end]);
        png[end..end + 4].copy_from_slice(&crc.sum().to_be_bytes());
        at = end + 4;
    }
    png
}
