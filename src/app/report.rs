//! `abscope compare --report`: draws the pictures of a report with the window's own passes and writes the page.

use std::path::Path;

use anyhow::Context as _;

use crate::analysis::summary::SpectrumSummary;
use crate::app::headless::Headless;
use crate::app::open::file_name;
use crate::app::render_command::{self, still_moment, still_scene, whole_session};
use crate::app::scopes::{ScopeTracks, TrackFeed};
use crate::cli;
use crate::cli::args::{CompareArgs, LayoutName, RenderArgs};
use crate::cli::compare::Compared;
use crate::cli::picture::encode_rgb;
use crate::cli::report::{Report, ReportPicture, Section};
use crate::compare::alignment::AlignmentResult;
use crate::compare::difference::Difference;
use crate::compare::tracker::Tracking;
use crate::session::Session;
use crate::session::companion::CompanionFrame;
use crate::session::mix::MixSide;
use crate::view::readout::{signed, whole};
use crate::view::report_panel::ReportPanel;
use crate::view::scene::{Looks, SpectrumScene};
use crate::view::spectrum::smoothed;

/// Smoothing of the spectra, as in the window.
const MEDIAN_OCTAVES: f64 = 1.0 / 6.0;

/// `abscope compare`: the figures, and picture and report where they are asked for. Whether all went well.
pub fn compare(args: &CompareArgs) -> anyhow::Result<bool> {
    let mut sections = vec![];
    let all_well = cli::compare::run(args, |compared| {
        if args.report.is_some() {
            sections.push(section(compared)?);
        }
        Ok(())
    })?;
    if let Some(path) = args.report.as_ref().filter(|_| !sections.is_empty()) {
        let report = Report {
            made: local_time(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            sections,
        };
        cli::report::write(path, &report)?;
    }
    if let (Some(output), Some(reference), true) = (&args.image, args.references.first(), all_well)
    {
        render_command::run(&RenderArgs {
            drawer: None,
            cursor: None,
            mark: None,
            mix: Some(args.mix.clone()),
            demo: false,
            reference: Some(reference.clone()),
            at: None,
            // All of it.
            span: Some(f64::INFINITY),
            layout: LayoutName::Difference,
            size: args.size,
            frames: 1,
            output: output.clone(),
            stats: None,
        })?;
    }
    Ok(all_well)
}

/// Date and time of the place, as a person reads it.
pub(super) fn local_time() -> String {
    jiff::Zoned::now().strftime("%-d %B %Y, %H:%M").to_string()
}

fn section(compared: &Compared) -> anyhow::Result<Section> {
    let [mix_file, reference_file]: [&Path; 2] = [compared.mix_file, compared.reference_file];
    let names = [file_name(mix_file), file_name(reference_file)];
    let mut session = whole_session(mix_file, reference_file)?;
    let mut headless = Headless::new()?;
    let mut section = Section::new(names.each_ref().map(String::as_str), compared.comparison);
    section.pictures = pictures(
        &mut headless,
        &mut session,
        &compared.comparison.difference,
        compared.spectra.map(spectrum_scene),
    )?;
    section.settings = settings(&compared.comparison.difference, &headless.gpu.name);
    // Not the folders: the report goes to other people.
    let file = |path: &Path| {
        path.file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    };
    let sides = [("Mix", mix_file), ("Reference", reference_file)];
    let files = sides.map(|(name, path)| [name.to_owned(), file(path)]);
    section.settings.splice(0..0, files);
    Ok(section)
}

/// Draws the panels of a whole comparison.
pub(super) fn pictures(
    headless: &mut Headless,
    session: &mut Session,
    difference: &Difference,
    spectra: [SpectrumScene; 2],
) -> anyhow::Result<Vec<ReportPicture>> {
    let end_secs = session.mix.as_ref().map_or(1.0, MixSide::end_secs).max(1.0);
    session.beside = placed(difference.alignment);
    let mut panels = vec![
        (
            ReportPanel::SideBySide,
            "Mix above reference",
            "Both sides on the same axes and colours; \
         time runs from left to right, pitch from bottom to top."
                .to_owned(),
        ),
        (
            ReportPanel::Difference,
            "Mix minus reference",
            "Blue where the mix has more, orange where the reference has, \
         at equal loudness."
                .to_owned(),
        ),
        (
            ReportPanel::Spectrum,
            "Spectrum",
            "Medians of mix (blue) and reference (orange) at equal loudness, with the \
         range in which the reference lies 80 % of the time."
                .to_owned(),
        ),
        (
            ReportPanel::Loudness,
            "Loudness",
            "Short-term loudness of both over the whole length.".to_owned(),
        ),
    ];
    if difference.alignment.is_none() {
        // Two songs have no moments in common.
        panels.retain(|(panel, ..)| *panel != ReportPanel::Difference);
    }
    let mut drawn = vec![];
    for (panel, title, caption) in panels {
        let looks = Looks {
            mode: panel.mode(),
            span_secs: end_secs,
            light: true,
            difference_range_db: difference_range_db(difference),
            ..Looks::default()
        };
        let mut scene = still_scene(session, &looks, panel.size(), "");
        scene.layout = panel.layout();
        scene.match_gain_db = difference.loudness_offset_lu;
        scene.absolute_time = true;
        scene.right_edge_secs = end_secs;
        for (side, spectrum) in scene.sides.iter_mut().zip(&spectra) {
            side.spectrum.clone_from(spectrum);
        }
        let feeds = ScopeTracks::default().advance(still_moment(session));
        let pixels = headless.picture(session, &scene, feeds.each_ref().map(TrackFeed::feed))?;
        drawn.push(ReportPicture {
            title,
            caption,
            size: panel.size(),
            png: encode_rgb(panel.size(), &pixels).context("a picture of the report")?,
        });
    }
    Ok(drawn)
}

/// Half the usual range where nothing needs more: small differences of a whole song are seen then.
fn difference_range_db(difference: &Difference) -> f32 {
    let levels = difference.third_octave.db.iter().flatten();
    let most_db = levels.fold(0.0f64, |most, db| most.max(db.abs()));
    let usual_db = Looks::default().difference_range_db;
    if most_db < f64::from(usual_db) / 2.0 {
        usual_db / 2.0
    } else {
        usual_db
    }
}

/// The reference where the comparison found it.
fn placed(alignment: Option<AlignmentResult>) -> CompanionFrame {
    CompanionFrame {
        tracking: Some(alignment.map_or(Tracking::NotTheSameSong, Tracking::Locked)),
        offset_secs: alignment.map_or(0.0, |found| found.offset_secs),
        ..CompanionFrame::default()
    }
}

/// The curves of a summary as the spectrum panel draws them.
pub(super) fn spectrum_scene(spectrum: &SpectrumSummary) -> SpectrumScene {
    let curve = |levels: &[Option<f64>]| {
        let present = levels.iter().map(|db| match db {
            Some(db) if *db > -170.0 => *db as f32,
            _ => f32::NEG_INFINITY,
        });
        smoothed(&present.collect::<Vec<f32>>(), MEDIAN_OCTAVES)
    };
    SpectrumScene {
        live_db: vec![],
        median_db: curve(&spectrum.p50_db),
        p10_db: curve(&spectrum.p10_db),
        p90_db: curve(&spectrum.p90_db),
    }
}

/// How it was measured and drawn.
pub(super) fn settings(difference: &Difference, gpu: &str) -> Vec<[String; 2]> {
    let looks = Looks::default();
    let alignment = match difference.alignment {
        Some(found) => format!(
            "mix 0:00 is reference {}{:.3} s, {:.1} % confidence",
            if found.offset_secs < 0.0 { "−" } else { "" },
            found.offset_secs.abs(),
            100.0 * found.confidence
        ),
        None => "none: not the same song".to_owned(),
    };
    [
        (
            "Match",
            format!(
                "{} LU on the reference",
                signed(difference.loudness_offset_lu)
            ),
        ),
        ("Alignment", alignment),
        (
            "Spectrograms",
            format!(
                "{} dB range, tilt {} dB per octave about 1 kHz, 96 bins per octave",
                looks.range_db, looks.tilt_db_per_octave
            ),
        ),
        (
            "Difference",
            format!("± {} dB to full colour", difference_range_db(difference)),
        ),
        (
            "Spectrum",
            format!(
                "1/6 octave, tilt {} dB per octave about 1 kHz",
                looks.spectrum_tilt_db_per_octave
            ),
        ),
        (
            "Target",
            format!(
                "{} LUFS, {} dBTP",
                whole(looks.target_lufs),
                whole(looks.target_dbtp)
            ),
        ),
        (
            "Abscope",
            format!("{}, drawn by {gpu}", env!("CARGO_PKG_VERSION")),
        ),
    ]
    .map(|(name, value)| [name.to_owned(), value])
    .into()
}
