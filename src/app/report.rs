//! Reports: of files by `abscope compare --report`, of the mix heard so far from the window; and what else `compare`
//! writes.

use std::path::{Path, PathBuf};

use crate::app::captured::Captured;
use crate::app::headless::Headless;
use crate::app::open::file_name;
use crate::app::render_command::{self, still_scene, whole_session};
use crate::app::report_pictures::{PanelScene, draw, panel_scenes};
use crate::app::scopes::ScopeTracks;
use crate::cli;
use crate::cli::args::{CompareArgs, LayoutName, RenderArgs};
use crate::cli::compare::Compared;
use crate::cli::export::Export;
use crate::cli::report::{Report, Section};
use crate::compare::alignment::AlignmentResult;
use crate::compare::comparison::{Comparison, Relation};
use crate::compare::speed::speed_words;
use crate::compare::tracker::Tracking;
use crate::dsp::loudness::LoudnessPoint;
use crate::session::pairing::heard::{Heard, HeardJob, SongTime};
use crate::session::sides::beside::CompanionFrame;
use crate::session::sides::history::History;
use crate::session::sides::loudness_history::POINT_SECS;
use crate::session::sides::stretches::{Stretch, Stretches};
use crate::units::plain::plain;
use crate::view::build::Moment;
use crate::view::findings::{compared_words, tone_note};
use crate::view::readout::{clock_time, signed, whole};
use crate::view::scene::Looks;

/// What is so much quieter than the loudest moment is the end of a fade.
const FADED_LU: f32 = 20.0;

/// `abscope compare`: the figures, and picture, report and export where they are asked for. Whether all went well.
pub fn compare(args: &CompareArgs) -> anyhow::Result<bool> {
    let mut sections = vec![];
    let mut pictured = None;
    let all_well = cli::compare::run(args, |compared| {
        let alignment = compared.comparison.difference.alignment;
        let lengths_secs = compared.loudness.map(length_secs);
        pictured.get_or_insert_with(|| {
            let until_secs = sounding_secs(compared.loudness[0]);
            (placed(alignment, lengths_secs), until_secs)
        });
        if args.report.is_some() {
            sections.push(section(compared)?);
        }
        if let Some(folder) = &args.export {
            export(compared, folder, args.references.len() > 1)?;
        }
        Ok(())
    })?;
    if let Some(path) = args.report.as_ref().filter(|_| !sections.is_empty()) {
        cli::report::write(path, &report(sections))?;
    }
    if let (Some(output), Some(reference), Some((placed, until_secs)), true) =
        (&args.image, args.references.first(), pictured, all_well)
    {
        let args = RenderArgs {
            fill: None,
            show: vec![],
            light: false,
            drawer: None,
            context: None,
            cursor: None,
            mark: None,
            mix: Some(args.mix.clone()),
            demo: false,
            other_song: false,
            reference: Some(reference.clone()),
            at: until_secs,
            // All of it.
            span: Some(f64::INFINITY),
            layout: LayoutName::Difference,
            size: args.size,
            frames: 1,
            output: output.clone(),
            stats: None,
        };
        render_command::run(&args, Some(&placed))?;
    }
    Ok(all_well)
}

/// Until when a song sounds, in seconds: a picture of all of it ends there, not in the silence behind.
fn sounding_secs(points: &[LoudnessPoint]) -> Option<f64> {
    let levels = points.iter().map(|point| point.momentary_lufs);
    let loudest = levels.fold(LoudnessPoint::ABSENT_LUFS, f32::max);
    let last = points
        .iter()
        .rposition(|point| point.momentary_lufs > loudest - FADED_LU)?;
    Some((last + 1) as f64 * POINT_SECS)
}

pub(super) fn report(sections: Vec<Section>) -> Report {
    Report {
        made: jiff::Zoned::now().strftime("%-d %B %Y, %H:%M").to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        sections,
    }
}

fn section(compared: &Compared) -> anyhow::Result<Section> {
    let [mix_file, reference_file]: [&Path; 2] = [compared.mix_file, compared.reference_file];
    let difference = &compared.comparison.difference;
    let names = [file_name(mix_file), file_name(reference_file)];
    let mut session = whole_session(mix_file, reference_file)?;
    session.pair.beside = placed(difference.alignment, compared.loudness.map(length_secs));
    let end_secs = session
        .pair
        .mix
        .history()
        .map_or(1.0, History::end_secs)
        .max(1.0);
    let panels = panel_scenes(end_secs, end_secs, |looks, size| {
        still_scene(&session, looks, size, "")
    });
    let mut headless = Headless::new()?;
    let feeds = ScopeTracks::default().advance(Moment::now(&session));
    let mut section = Section::new(names.each_ref().map(String::as_str), compared.comparison);
    section.pictures = draw(
        &mut headless,
        &session.pair.histories(),
        panels,
        &feeds,
        difference,
        compared.spectra,
    )?;
    // Not the folders: the report goes to other people.
    let file = |path: &Path| {
        let name = path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    };
    let sides = [("Mix", mix_file), ("Reference", reference_file)];
    section.settings = sides
        .map(|(name, path)| [name.to_owned(), file(path)])
        .into();
    section
        .settings
        .extend(settings(compared.comparison, None, &headless.gpu.name));
    Ok(section)
}

fn export(compared: &Compared, folder: &Path, is_one_of_many: bool) -> anyhow::Result<()> {
    let folder = if is_one_of_many {
        folder.join(file_name(compared.reference_file))
    } else {
        folder.to_owned()
    };
    let alignment = compared.comparison.difference.alignment;
    let offset_secs = alignment.map_or(0.0, |found| found.offset_secs);
    let written = cli::export::write(
        &folder,
        &Export {
            comparison: compared.comparison,
            spectra: compared.spectra,
            loudness: compared.loudness,
            loudness_from_secs: [0.0, -offset_secs],
        },
    )?;
    // With JSON the standard output is for the objects alone.
    eprintln!(
        "figures exported: {}",
        plain(&written.display().to_string())
    );
    Ok(())
}

fn length_secs(points: &[LoudnessPoint]) -> f64 {
    points.len() as f64 * POINT_SECS
}

/// The reference where the comparison found it: before its beginning and behind its end the mix lies beside nothing.
fn placed(
    alignment: Option<AlignmentResult>,
    [mix_secs, reference_secs]: [f64; 2],
) -> CompanionFrame {
    let laid = alignment.filter(AlignmentResult::is_laid_in_time);
    let offset_secs = laid.map_or(0.0, |found| found.offset_secs);
    let over_secs = reference_secs - offset_secs;
    let stretch = Stretch {
        from_secs: (-offset_secs).max(0.0),
        to_secs: over_secs.min(mix_secs),
        offset_secs,
    };
    let stretches = laid.map(|_| vec![stretch]).unwrap_or_default();
    CompanionFrame {
        tracking: Some(match alignment {
            None => Tracking::NotTheSameSong,
            Some(found) if laid.is_none() => Tracking::OtherSpeed(found),
            Some(found) => Tracking::Locked(found),
        }),
        offset_secs,
        stretches: Stretches::of_one_that_ends(stretches, laid.map(|_| over_secs)),
        ..CompanionFrame::default()
    }
}

/// A report of the mix heard so far, on its way to a thread.
pub(super) struct ReportJob {
    pub(super) heard: HeardJob,
    pub(super) panels: Vec<PanelScene>,
    pub(super) captured: Captured,
    pub(super) path: PathBuf,
    /// What the song is called.
    pub(super) song: String,
}

impl ReportJob {
    pub(super) fn run(self) -> anyhow::Result<PathBuf> {
        let heard = self.heard.compare();
        let comparison = heard.comparison();
        let mut headless = Headless::new()?;
        let names = [&self.song, &heard.sides[1].name];
        let mut section = Section::new(names.map(String::as_str), &comparison);
        section.pictures = draw(
            &mut headless,
            &self.captured.histories(),
            self.panels,
            &self.captured.scopes,
            &comparison.difference,
            heard.summaries.each_ref().map(|summary| &summary.spectrum),
        )?;
        section.facts = compared_words(&heard);
        let left_out_db = comparison.difference.left_out_db(comparison.relation);
        let note = tone_note(&comparison.findings, left_out_db);
        if !note.is_empty() {
            section.facts = format!("{}. {note}", section.facts);
        }
        section.settings = settings(&comparison, laid_words(&heard), &headless.gpu.name);
        drop(headless);
        let html = cli::report::html(&report(vec![section]));
        cli::picture::write_new(&self.path, html.as_bytes())
    }
}

/// Which part of the reference a mix was heard beside, in words; none where no moment of the one belongs to one of the other.
fn laid_words(heard: &Heard) -> Option<String> {
    if matches!(heard.song_time, SongTime::OfKept(_)) {
        // Its own time is nobody's.
        return Some("each moment beside the same one of the song".to_owned());
    }
    let length_secs = |place: &Stretch| place.to_secs - place.from_secs;
    let longest = heard
        .places
        .iter()
        .max_by(|a, b| length_secs(a).total_cmp(&length_secs(b)))?;
    let [from, to] =
        [longest.from_secs, longest.to_secs].map(|secs| clock_time(secs + longest.offset_secs));
    Some(match heard.places.len() {
        1 => format!("beside {from} to {to} of the reference"),
        num => format!("beside {num} passages of the reference, the longest {from} to {to}"),
    })
}

/// How it was measured and drawn. `laid` says where a mix was heard; a file that is the same song begins somewhere.
fn settings(comparison: &Comparison, laid: Option<String>, gpu: &str) -> Vec<[String; 2]> {
    let looks = Looks::default();
    let difference = &comparison.difference;
    let alignment = match comparison.relation {
        Relation::SameSong(found) if !found.is_laid_in_time() => {
            format!("none: the same song, {}", speed_words(found.speed))
        }
        Relation::SameSong(found) => format!(
            "{}, {:.1} % confidence",
            match (laid, found.offset_secs < 0.0) {
                (Some(laid), _) => laid,
                (None, true) => format!(
                    "the reference begins at {} of the mix",
                    clock_time(-found.offset_secs)
                ),
                (None, false) => format!(
                    "the mix begins at {} of the reference",
                    clock_time(found.offset_secs)
                ),
            },
            100.0 * found.confidence
        ),
        Relation::SameTime(_) => "both inputs were heard at the same time".to_owned(),
        Relation::OtherSong => "none: different song".to_owned(),
        Relation::Target => "none: the reference is a target".to_owned(),
    };
    let rows = [
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
            format!("± {} dB to full colour", looks.difference_range_db),
        ),
        (
            "Spectrum",
            format!(
                "{} octave, tilt {} dB per octave about 1 kHz",
                looks.spectrum_smoothing.name(),
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
    ];
    rows.map(|(name, value)| [name.to_owned(), value]).into()
}
