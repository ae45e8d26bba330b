//! `abscope show PICTURE.png`: the figures and settings that a saved picture carries.

use std::fs::File;
use std::io::{self, BufReader, Write};

use anyhow::Context as _;

use crate::cli::args::ShowArgs;
use crate::cli::output::complain;
use crate::cli::output::output;
use crate::session::snapshots::picture_metadata::{PictureMetadata, PictureSide};
use crate::view::readout::{one_decimal, signed};

/// Prints them; whether all went well.
pub fn run(args: &ShowArgs) -> anyhow::Result<bool> {
    let mut output = output();
    let mut all_well = true;
    for path in &args.pictures {
        let read = File::open(path)
            .map_err(Into::into)
            .and_then(|file| PictureMetadata::read(&mut BufReader::new(file)));
        let written = match read {
            Ok(metadata) if args.json => writeln!(output, "{}", metadata.to_text()),
            Ok(metadata) => write_figures(&mut output, &metadata),
            Err(error) => {
                all_well = false;
                complain(format_args!("{}: {error}", path.display()));
                if args.json {
                    let failure = serde_json::json!({ "file": path.display().to_string(), "error": error.to_string() });
                    writeln!(output, "{failure}")
                } else {
                    Ok(())
                }
            }
        };
        written.context("cannot write to the standard output")?;
    }
    Ok(all_well)
}

fn write_figures(output: &mut impl Write, metadata: &PictureMetadata) -> io::Result<()> {
    writeln!(output, "{}", metadata.song)?;
    writeln!(
        output,
        "  made       {} by Abscope {}",
        metadata.created, metadata.app_version
    )?;
    if let Some(snapshot) = &metadata.snapshot {
        writeln!(output, "  snapshot   {snapshot}")?;
    }
    let sides = [
        ("mix", Some(&metadata.mix)),
        ("reference", metadata.reference.as_ref()),
    ];
    for (name, side) in sides {
        let Some(side) = side else { continue };
        writeln!(output, "  {name:<10} {}", side_words(side))?;
    }
    if let Some(gain_db) = metadata.match_gain_db {
        writeln!(
            output,
            "  match      {} LU on the reference",
            signed(Some(gain_db))
        )?;
    }
    if let Some(found) = metadata.alignment {
        writeln!(
            output,
            "  alignment  {:+.3} s, {:.0} % sure",
            found.offset_secs,
            100.0 * found.confidence
        )?;
    }
    writeln!(output, "  settings   {}", metadata.settings)
}

fn side_words(side: &PictureSide) -> String {
    format!(
        "{} at {} Hz: {} LUFS integrated, {} LUFS short-term, range {} LU, true peak {} dBTP, PLR {} LU",
        side.source,
        side.sample_rate_hz,
        one_decimal(side.integrated_lufs),
        one_decimal(side.short_term_lufs),
        one_decimal(side.range_lu),
        one_decimal(side.true_peak_dbtp),
        one_decimal(side.plr_lu)
    )
}
