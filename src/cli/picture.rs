//! Pictures to files: PNG, written whole or not at all.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::session::replace::{new_file, replace_file};

/// Writes RGBA pixels as a PNG. It is written beside its place and moved there, so that no half picture is left.
pub fn write_png(path: &Path, size: [u32; 2], pixels: &[u8]) -> anyhow::Result<()> {
    let mut png = vec![];
    encode(&mut png, size, pixels)
        .with_context(|| format!("{}: the picture cannot be compressed", path.display()))?;
    write_whole(path, "picture", "-o", &png)
}

/// Writes a file whole or not at all; `what` it is and the option that chose the place are for the words of a failure.
pub fn write_whole(path: &Path, what: &str, option: &str, bytes: &[u8]) -> anyhow::Result<()> {
    replace_file(path, |file| file.write_all(bytes)).with_context(|| {
        format!(
            "{}: the {what} cannot be written; choose another place with {option}",
            path.display()
        )
    })
}

/// Writes a file where none is: to the path, or to the next free name beside it. Returns where it went.
pub fn write_new(path: &Path, bytes: &[u8]) -> anyhow::Result<PathBuf> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    let numbered = (2..1000).map(|n| folder.join(format!("{stem} ({n}).{ending}")));
    let places = std::iter::once(path.to_owned()).chain(numbered);
    new_file(places, |file| file.write_all(bytes))
        .with_context(|| format!("{}: it cannot be written there", path.display()))
}

/// "Abscope 2026-11-23 04.31.05 Song.png" in a folder: what file systems forbid becomes a hyphen.
pub fn picture_path(folder: &Path, time: &str, song: &str, ending: &str) -> PathBuf {
    let is_safe = |c: char| c.is_alphanumeric() || " _+#&,()'-".contains(c);
    let song: String = song
        .chars()
        .map(|c| if is_safe(c) { c } else { '-' })
        .take(60)
        .collect();
    let name = format!("Abscope {time} {}", song.trim());
    folder.join(format!("{}.{ending}", name.trim()))
}

/// RGBA pixels as a PNG that carries a text.
pub fn encode_with_text(
    size: [u32; 2],
    pixels: &[u8],
    keyword: &str,
    text: &str,
) -> anyhow::Result<Vec<u8>> {
    let mut png = vec![];
    let mut encoder = encoder(&mut png, size);
    encoder.add_itxt_chunk(keyword.to_owned(), text.to_owned())?;
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(png)
}

/// RGBA pixels as a PNG without its alpha, small rather than fast: it travels inside a page.
pub fn encode_rgb(size: [u32; 2], pixels: &[u8]) -> anyhow::Result<Vec<u8>> {
    let rgb: Vec<u8> = pixels
        .chunks_exact(4)
        .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
        .collect();
    let mut png = vec![];
    let mut encoder = png::Encoder::new(&mut png, size[0], size[1]);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Balanced);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&rgb)?;
    writer.finish()?;
    Ok(png)
}

fn encode(out: &mut impl std::io::Write, size: [u32; 2], pixels: &[u8]) -> anyhow::Result<()> {
    let mut writer = encoder(out, size).write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(())
}

fn encoder<W: std::io::Write>(out: W, size: [u32; 2]) -> png::Encoder<'static, W> {
    let mut encoder = png::Encoder::new(out, size[0], size[1]);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    encoder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_device_is_said_and_stays_a_device() {
        use std::os::unix::fs::FileTypeExt as _;
        let full = Path::new("/dev/full");
        let said = write_whole(full, "picture", "-o", &[0; 10_000]).map_err(|e| format!("{e:#}"));
        assert!(
            said.is_err_and(|words| words.starts_with("/dev/full: the picture cannot be written"))
        );
        let still = std::fs::metadata(full).expect("it is there").file_type();
        assert!(still.is_char_device());
    }

    #[test]
    fn names_sort_by_time_and_hold_nothing_a_file_system_forbids() {
        let folder = Path::new("p");
        let name = |time: &str, song: &str| picture_path(folder, time, song, "png");
        let names = [
            name("2026-09-30 23.59.59", "Z"),
            name("2026-10-01 00.00.00", "A/..\\b:c?"),
            name("2026-10-01 09.05.00", "Ä"),
            name("2026-11-23 04.31.05", ""),
        ];
        assert!(names.is_sorted());
        assert_eq!(
            names[1],
            folder.join("Abscope 2026-10-01 00.00.00 A----b-c-.png")
        );
        assert_eq!(names[3], folder.join("Abscope 2026-11-23 04.31.05.png"));
    }

    #[test]
    fn nothing_is_written_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.png");
        let written = [b"1", b"2", b"3"].map(|bytes| write_new(&path, bytes).expect("room"));
        assert_eq!(written[2], folder.path().join("a (3).png"));
        assert_eq!(std::fs::read(path).expect("it is there"), b"1");
    }
}
