//! `abscope snapshots list|show|export|delete`: the shelf without a window.
//!
//! A snapshot is called by its path, by its file name, or by the name a person gave it where only one has that name.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use serde_json::{Value, json};

use crate::cli::args::{SnapshotsArgs, SnapshotsCommand};
use crate::cli::output::complain;
use crate::cli::output::{output, say};
use crate::dsp::grid::hz_from_bin;
use crate::dsp::loudness::LoudnessPoint;
use crate::session::format::{check, manifest, wav};
use crate::session::replace::new_file;
use crate::session::sides::loudness_history::POINT_SECS;
use crate::session::snapshots::shelf::{self, Item};
use crate::session::snapshots::{Preview, SideData, Snapshot};

/// Does what was asked; whether all files could be read. Fails where there is nothing to do it with.
pub fn run(args: &SnapshotsArgs) -> anyhow::Result<bool> {
    let folder = match &args.folder {
        Some(folder) => folder.clone(),
        None => shelf::default_folder().context("no home folder: name one with --folder")?,
    };
    match &args.command {
        SnapshotsCommand::List { json } => list(&folder, *json),
        SnapshotsCommand::Show { snapshot, json } => {
            show(&find(&folder, snapshot)?, *json).map(|()| true)
        }
        SnapshotsCommand::Export { snapshot, output } => {
            export(&find(&folder, snapshot)?, output).map(|()| true)
        }
        SnapshotsCommand::Delete { snapshot } => {
            let path = find(&folder, snapshot)?;
            fs::remove_file(&path).with_context(|| format!("cannot delete {}", path.display()))?;
            say(format_args!("deleted {}", path.display()))?;
            Ok(true)
        }
    }
}

fn items(folder: &Path) -> anyhow::Result<Vec<Item>> {
    shelf::items(folder).with_context(|| format!("cannot read the folder {}", folder.display()))
}

fn list(folder: &Path, json: bool) -> anyhow::Result<bool> {
    let mut output = output();
    let mut all_well = true;
    for item in items(folder)? {
        match &item.preview {
            Ok(preview) if json => writeln!(output, "{}", preview_json(&item.path, preview))?,
            Ok(preview) => {
                let facts = &preview.facts;
                let file = item.path.file_name().unwrap_or_default().display();
                writeln!(
                    output,
                    "{}  {}  {}  ({file})",
                    facts.created.text,
                    or_dash(&facts.song),
                    or_dash(&facts.name)
                )?;
            }
            Err(error) => {
                all_well = false;
                complain(error);
                if json {
                    let failure = json!({ "file": item.path.display().to_string(), "error": error.to_string() });
                    writeln!(output, "{failure}")?;
                }
            }
        }
    }
    Ok(all_well)
}

fn show(path: &Path, json: bool) -> anyhow::Result<()> {
    let snapshot = Snapshot::read(path)?;
    let mut output = output();
    if json {
        output.write_all(&manifest::Manifest::of(&snapshot).to_json())?;
        writeln!(output)?;
        return Ok(());
    }
    let facts = &snapshot.facts;
    writeln!(
        output,
        "{} · {}",
        or_dash(&facts.song),
        or_dash(&facts.name)
    )?;
    writeln!(
        output,
        "  made       {} by Abscope {}",
        facts.created.text, facts.app_version
    )?;
    write_side(&mut output, "mix", &snapshot.mix)?;
    if let Some(reference) = &snapshot.reference {
        write_side(&mut output, "reference", reference)?;
    }
    if let Some(sound) = &snapshot.sound {
        let secs = sound.frames.len() as f64 / f64::from(sound.sample_rate_hz);
        writeln!(
            output,
            "  sound      {secs:.1} s at {} Hz",
            sound.sample_rate_hz
        )?;
    }
    if let Some(gain_db) = facts.match_gain_db {
        writeln!(output, "  match      {gain_db:+.1} dB on the reference")?;
    }
    if let Some(offset_secs) = facts.offset_secs {
        writeln!(output, "  alignment  {offset_secs:+.3} s")?;
    }
    for line in facts.note.lines() {
        writeln!(output, "  | {line}")?;
    }
    Ok(())
}

fn write_side(output: &mut impl Write, name: &str, side: &SideData) -> io::Result<()> {
    let columns: usize = side.tiers.iter().map(|stretch| stretch.columns.len()).sum();
    writeln!(
        output,
        "  {name:<10} {} at {} Hz, {columns} columns, {:.1} s of loudness",
        or_dash(&side.source),
        side.sample_rate_hz,
        side.loudness.len() as f64 * POINT_SECS
    )
}

/// Writes what a snapshot holds as files that any program opens. Nothing is written over.
fn export(path: &Path, folder: &Path) -> anyhow::Result<()> {
    let snapshot = Snapshot::read(path)?;
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let mut files = vec![(
        "manifest.json".to_owned(),
        manifest::Manifest::of(&snapshot).to_json(),
    )];
    let sides = [
        ("mix", Some(&snapshot.mix)),
        ("reference", snapshot.reference.as_ref()),
    ];
    for (name, side) in sides {
        let Some(side) = side else { continue };
        files.push((
            format!("{name}-loudness.csv"),
            loudness_csv(side).into_bytes(),
        ));
        if let Some(csv) = curves_csv(side) {
            files.push((format!("{name}-curves.csv"), csv.into_bytes()));
        }
    }
    if let Some(sound) = &snapshot.sound {
        let bytes = wav::encode(&sound.frames, sound.sample_rate_hz);
        files.push(("mix.wav".into(), bytes));
    }
    if let Some(png) = snapshot.thumbnail_png {
        files.push(("thumbnail.png".into(), png));
    }
    for (name, bytes) in files {
        let path = folder.join(name);
        new_file([path.clone()], |file| file.write_all(&bytes))
            .with_context(|| format!("cannot write {}", path.display()))?;
        say(path.display())?;
    }
    Ok(())
}

/// A line a point; an empty cell where there is no value.
fn loudness_csv(side: &SideData) -> String {
    let mut csv = String::from("secs,momentary_lufs,short_term_lufs\n");
    let cell = |lufs: f32| match lufs > LoudnessPoint::ABSENT_LUFS {
        true => format!("{lufs:.2}"),
        false => String::new(),
    };
    for (n, point) in side.loudness.iter().enumerate() {
        let secs = side.loudness_from_secs + n as f64 * POINT_SECS;
        let [momentary, short_term] = [point.momentary_lufs, point.short_term_lufs].map(cell);
        csv.push_str(&format!("{secs:.1},{momentary},{short_term}\n"));
    }
    csv
}

/// A line a bin; an empty cell where there was no signal.
fn curves_csv(side: &SideData) -> Option<String> {
    // The range of bands is no curve over bins.
    let [rows @ .., _] = check::rows(side.curves.as_ref()?);
    let mut csv = String::from("frequency_hz,mean_db,p10_db,p50_db,p90_db,max_db\n");
    for bin in 0..rows[0].len() {
        csv.push_str(&format!("{:.3}", hz_from_bin(bin as f64)));
        for row in rows {
            csv.push(',');
            if row[bin].is_finite() {
                csv.push_str(&format!("{:.2}", row[bin]));
            }
        }
        csv.push('\n');
    }
    Some(csv)
}

/// The one file that is meant.
fn find(folder: &Path, called: &str) -> anyhow::Result<PathBuf> {
    shelf::find(folder, called).map_err(|why| anyhow!(why))
}

fn preview_json(path: &Path, preview: &Preview) -> Value {
    let facts = &preview.facts;
    json!({
        "file": path.display().to_string(),
        "name": facts.name,
        "song": facts.song,
        "counter": facts.counter,
        "note": facts.note,
        "created": facts.created.text,
        "created_unix_secs": facts.created.unix_secs,
        "mix": preview.sources.0,
        "reference": preview.sources.1,
        "figures": facts.figures,
    })
}

fn or_dash(text: &str) -> &str {
    if text.is_empty() { "–" } else { text }
}
