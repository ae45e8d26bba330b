//! The pictures of a report: one panel each, on paper, of all that was compared.

use anyhow::Context as _;

use crate::analysis::summary::SpectrumSummary;
use crate::app::headless::Headless;
use crate::app::scopes::TrackFeed;
use crate::cli::picture::encode_rgb;
use crate::cli::report::ReportPicture;
use crate::compare::difference::Difference;
use crate::session::pairing::histories::Histories;
use crate::view::curves::Width;
use crate::view::fit::fit_db;
use crate::view::palette::Side;
use crate::view::readout::whole;
use crate::view::report_panel::ReportPanel;
use crate::view::scene::{Looks, Scene};

/// Panels with what they show and how to read them.
const PANELS: [(ReportPanel, &str, &str); 4] = [
    (
        ReportPanel::SideBySide,
        "Mix above reference",
        "Both sides on the same axes and colours; time runs from left to right, pitch from bottom to top.",
    ),
    (
        ReportPanel::Difference,
        "Mix minus reference",
        "Blue where the mix has more, orange where the reference has, at equal loudness.",
    ),
    (
        ReportPanel::Spectrum,
        "Spectrum",
        "Means of mix (blue) and reference (orange) by thirds of an octave at equal loudness, with the range in which \
         the reference lies 80 % of the time.",
    ),
    (
        ReportPanel::Loudness,
        "Loudness",
        "Short-term loudness of both, momentary as a thin line, over all that is compared; the reference matched.",
    ),
];

/// What would move scales down by less than this is read on the usual ones.
const QUIET_DB: f32 = -12.0;

/// A panel and its scene.
pub(super) struct PanelScene {
    panel: ReportPanel,
    title: &'static str,
    caption: &'static str,
    /// What is drawn.
    pub(super) scene: Scene,
}

/// What the difference is called and how it is read where two songs have no moments in common.
const OUTSIDE: (&str, &str) = (
    "Outside the record",
    "Dark where the mix is within the range in which the reference lies 80 % of the time; blue where it is above, orange \
     where it is below.",
);

/// The scenes of all panels over a span that ends at the right edge. `make` puts a scene of some looks together.
pub(super) fn panel_scenes(
    span_secs: f64,
    right_secs: f64,
    mut make: impl FnMut(&Looks, [u32; 2]) -> Scene,
) -> Vec<PanelScene> {
    PANELS
        .into_iter()
        .map(|(panel, title, caption)| {
            let looks = Looks {
                mode: panel.mode(),
                span_secs,
                light: true,
                ..Looks::default()
            };
            let mut scene = make(&looks, panel.size());
            scene.layout = panel.layout();
            let (mut title, mut caption) = (title, caption);
            if scene.outside.is_some() {
                scene.layout.show_outside();
                (title, caption) = OUTSIDE;
            }
            scene.levels = None;
            scene.right_edge_secs = right_secs;
            let later_secs = scene.told_later_secs.or(scene.song_later_secs());
            scene.told_later_secs = Some(later_secs.unwrap_or(0.0));
            scene.frozen_behind_secs = None;
            scene.drawer = None;
            scene.cursor = None;
            scene.mark = None;
            PanelScene {
                panel,
                title,
                caption,
                scene,
            }
        })
        .collect()
}

/// Gives the scenes what the comparison found, and draws them.
pub(super) fn draw(
    headless: &mut Headless,
    histories: &Histories<'_>,
    panels: Vec<PanelScene>,
    feeds: &[TrackFeed; 2],
    difference: &Difference,
    spectra: [&SpectrumSummary; 2],
) -> anyhow::Result<Vec<ReportPicture>> {
    let means = spectra.map(mean_curve);
    let draw_one = |mut panel: PanelScene| {
        let scene = &mut panel.scene;
        scene.match_gain_db = difference.loudness_offset_lu;
        scene.looks.fit_db = report_fit_db(loudest_lufs(scene));
        for (side, mean_db) in scene.sides.iter_mut().zip(&means) {
            side.spectrum.live_db = vec![];
            side.spectrum.mean_db.clone_from(mean_db);
        }
        // Of the mix it would be that of its last seconds.
        let of_mix = &mut scene.sides[Side::Mix.index()].spectrum;
        (of_mix.p10_db, of_mix.p90_db) = (vec![], vec![]);
        let mut caption = panel.caption.to_owned();
        if panel.panel == ReportPanel::Difference {
            let range_db = whole(f64::from(scene.looks.difference_range_db));
            caption += &format!(" Full colour at ±{range_db} dB.");
        }
        let pixels = headless.picture(histories, scene, feeds.each_ref().map(TrackFeed::feed))?;
        let size = panel.panel.size();
        Ok(ReportPicture {
            title: panel.title,
            caption,
            size,
            png: encode_rgb(size, &pixels).context("a picture of the report")?,
        })
    };
    panels.into_iter().map(draw_one).collect()
}

/// By how many dB the scales of a report move: for loud music, and for what would lie at their foot.
fn report_fit_db(loudest_lufs: f64) -> f32 {
    let moved_db = fit_db(loudest_lufs);
    if moved_db > 0.0 || moved_db <= QUIET_DB {
        moved_db
    } else {
        0.0
    }
}

/// The loudest 3 s that are shown, of both sides: what the scales are fitted to.
fn loudest_lufs(scene: &Scene) -> f64 {
    let of = |side: Side| {
        let samples = scene.side(side).loudness.iter();
        let loudest = samples.fold(f32::NEG_INFINITY, |most, at| most.max(at.short_term_lufs));
        f64::from(loudest) + scene.gain_db(side)
    };
    of(Side::Mix).max(of(Side::Reference))
}

/// The mean of a summary as the spectrum panel draws it.
fn mean_curve(spectrum: &SpectrumSummary) -> Vec<f32> {
    let present = spectrum.mean_db.iter().map(|db| match db {
        Some(db) if *db > -170.0 => *db as f32,
        _ => f32::NEG_INFINITY,
    });
    let levels_db: Vec<f32> = present.collect();
    match Looks::default().spectrum_smoothing.octaves() {
        Some(octaves) => Width::Bands(octaves).smooth(&levels_db),
        None => levels_db,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::render_command::still_scene;
    use crate::session::Session;
    use crate::view::scene::LoudnessSample;

    #[test]
    fn the_scales_of_a_report_fit_its_loudest_side_as_it_is_shown() {
        let session = Session::default();
        let mut scene = still_scene(&session, &Looks::default(), [1400, 440], "");
        let sample = |short_term_lufs| LoudnessSample {
            fraction: 0.5,
            momentary_lufs: short_term_lufs,
            short_term_lufs,
        };
        scene.sides[0].loudness = vec![sample(-14.0), sample(-9.0)];
        scene.sides[1].loudness = vec![sample(-11.0), sample(f32::NEG_INFINITY)];
        scene.match_gain_db = Some(5.0);
        assert_eq!(loudest_lufs(&scene), -6.0);
        scene.looks.fit_db = report_fit_db(loudest_lufs(&scene));
        assert_eq!(report_fit_db(-18.0), 0.0);
        let [_, high] = scene.loudness_range();
        assert!(high >= -3.0, "{high}");
    }

    #[test]
    fn a_panel_of_a_report_has_its_picture_for_itself() {
        let session = Session::default();
        let make = |looks: &Looks, size| still_scene(&session, looks, size, "");
        assert!(make(&Looks::default(), [1400, 1000]).levels.is_some());
        for panel in panel_scenes(20.0, 20.0, make) {
            assert_eq!(panel.scene.levels, None, "{:?}", panel.panel);
        }
    }
}
