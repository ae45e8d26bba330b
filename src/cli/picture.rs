//! Pictures to files: PNG, written whole or not at all.

use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::Context as _;

/// Writes RGBA pixels as a PNG. It is written beside its place and moved there, so that no half picture is left.
pub fn write_png(path: &Path, size: [u32; 2], pixels: &[u8]) -> anyhow::Result<()> {
    let cannot = || {
        format!(
            "{}: the picture cannot be written; choose another place with -o",
            path.display()
        )
    };
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".part");
    let temporary = Path::new(&temporary);
    let file = std::fs::File::create(temporary).with_context(cannot)?;
    let mut writer = BufWriter::new(file);
    let written = encode(&mut writer, size, pixels)
        .and_then(|()| writer.flush().map_err(Into::into))
        .and_then(|()| std::fs::rename(temporary, path).map_err(Into::into));
    if written.is_err() {
        // Best effort: what matters is the error above.
        let _ = std::fs::remove_file(temporary);
    }
    written.with_context(cannot)
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
