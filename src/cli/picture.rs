//! Pictures to files: PNG, written whole or not at all.

use std::path::Path;

use anyhow::Context as _;

/// Writes RGBA pixels as a PNG. It is written beside its place and moved there, so that no half picture is left.
pub fn write_png(path: &Path, size: [u32; 2], pixels: &[u8]) -> anyhow::Result<()> {
    let mut png = vec![];
    encode(&mut png, size, pixels)
        .with_context(|| format!("{}: the picture cannot be compressed", path.display()))?;
    write_whole(path, "picture", "-o", &png)
}

/// Writes a file beside its place and moves it there; `what` it is and the option that chose the place are for the
/// words of a failure.
pub fn write_whole(path: &Path, what: &str, option: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".part");
    let temporary = Path::new(&temporary);
    let written = std::fs::write(temporary, bytes).and_then(|()| std::fs::rename(temporary, path));
    if written.is_err() {
        // Best effort: what matters is the error below.
        let _ = std::fs::remove_file(temporary);
    }
    written.with_context(|| {
        format!(
            "{}: the {what} cannot be written; choose another place with {option}",
            path.display()
        )
    })
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
    let mut encoder = png::Encoder::new(out, size[0], size[1]);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(())
}
