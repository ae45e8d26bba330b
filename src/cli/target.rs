//! `abscope target FOLDER|FILE… -o TARGET.json`: what tracks have in common, as a file to compare with.

use std::io;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use anyhow::{Context as _, anyhow, bail};

use crate::analysis::distribution::{Distribution, LevelQuantiles};
use crate::analysis::programme::{Programme, ProgrammeOptions};
use crate::audio::decode::FileDecoder;
use crate::cli::analyze::tell_warnings;
use crate::cli::args::TargetArgs;
use crate::cli::output::complain;
use crate::cli::output::say;
use crate::cli::picture::write_whole;
use crate::compare::target::{Spread, Target, Track};
use crate::session::references::folder;
use crate::view::readout::{minutes, one_decimal};

/// Makes the target and says what went into it. A track that fails is reported and the others go on; whether all went
/// well.
pub fn run(args: &TargetArgs) -> anyhow::Result<bool> {
    let files = folder::expanded(&args.tracks).map_err(|why| anyhow!(why))?;
    let mut all_well = true;
    let mut tracks = vec![];
    for file in &files {
        match read(file) {
            Ok(track) => {
                let summary = &track.summary;
                say(format_args!(
                    "{:>6} LUFS {:>6} LU {:>6}  {}",
                    one_decimal(summary.loudness.integrated_lufs),
                    one_decimal(summary.loudness.range_lu),
                    minutes(summary.duration_secs),
                    file.display()
                ))?;
                tracks.push(track);
            }
            Err(error) => {
                complain(format_args!("{error:#}"));
                all_well = false;
            }
        }
    }
    let name = match &args.name {
        Some(name) => name.clone(),
        None => args
            .output
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
    };
    let Some(target) = Target::new(&name, &tracks) else {
        bail!("no target was made: none of the files has any loudness");
    };
    write(&args.output, &target)?;
    tell(&args.output, &target)?;
    Ok(all_well)
}

fn read(file: &Path) -> anyhow::Result<Track> {
    let mut decoder = FileDecoder::open(file)?;
    let format = decoder.format();
    let options = ProgrammeOptions {
        path: Some(file.to_path_buf()),
        ..ProgrammeOptions::default()
    };
    let mut distribution = Distribution::default();
    let programme = Programme::analyse(
        |chunk| decoder.read(chunk),
        format,
        options,
        &mut |batch| distribution.add_finest(batch.columns),
        &AtomicBool::new(false),
    )?
    .context("the analysis was cancelled")?;
    tell_warnings(file, &decoder);
    if programme.summary.loudness.integrated_lufs.is_none() {
        bail!(
            "{}: it has no loudness, so it cannot be part of a target; leave it out",
            file.display()
        );
    }
    Ok(Track {
        range: programme.curves.range,
        summary: programme.summary,
        quantiles: LevelQuantiles::new(&distribution),
    })
}

fn write(path: &Path, target: &Target) -> anyhow::Result<()> {
    let text = serde_json::to_string(target)? + "\n";
    write_whole(path, "target", "-o", text.as_bytes())
}

fn tell(path: &Path, target: &Target) -> io::Result<()> {
    let spread = |spread: Spread| {
        let [low, middle, high] = [spread.p10, spread.p50, spread.p90].map(one_decimal);
        format!("{middle} ({low} … {high})")
    };
    let loudness = &target.loudness;
    say(format_args!(
        "{}: {} tracks",
        path.display(),
        target.tracks.len()
    ))?;
    say(format_args!(
        "  integrated  {} LUFS",
        spread(loudness.integrated_lufs)
    ))?;
    say(format_args!(
        "  range       {} LU",
        spread(loudness.range_lu)
    ))?;
    say(format_args!("  PLR         {} LU", spread(loudness.plr_lu)))
}
