//! Pictures of print quality, for a phone or for a slide: drawn off-screen on a thread of their own, from a copy, with a
//! stamp that says what they show and the same as data inside the file.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::app::captured::Captured;
use crate::app::clipboard::copy_picture;
use crate::app::headless::Headless;
use crate::app::scopes::TrackFeed;
use crate::cli::picture::{self, encode_with_text, write_new};
use crate::session::snapshots::picture_metadata::{
    KEYWORD, PictureAlignment, PictureMetadata, PictureSide, SCHEMA,
};
use crate::units::plain::plain;
use crate::view::palette::Side;
use crate::view::scene::{Alignment, Scene};

/// All that the thread needs.
pub(super) struct PictureJob {
    pub(super) scene: Scene,
    pub(super) captured: Captured,
    pub(super) metadata: PictureMetadata,
    pub(super) path: PathBuf,
}

impl PictureJob {
    /// Draws, compresses, saves and copies; what to say about it.
    pub(super) fn run(self) -> anyhow::Result<String> {
        let size = self.scene.layout.size.map(|side| side as u32);
        let mut headless = Headless::new()?;
        let feeds = self.captured.scopes.each_ref().map(TrackFeed::feed);
        let pixels = headless.picture(&self.captured.histories(), &self.scene, feeds)?;
        drop(headless);
        let png = encode_with_text(size, &pixels, KEYWORD, &self.metadata.to_text())
            .context("it cannot be compressed")?;
        let path = write_new(&self.path, &png)?;
        let shown = path.display();
        Ok(match copy_picture(size, &pixels) {
            Ok(()) => format!("picture saved and copied: {shown}"),
            Err(error) => format!("picture saved: {shown} (not copied: {error})"),
        })
    }
}

/// "Abscope 2026-11-23 04.31.05 Song print.png", free in its folder: sorted by name it is sorted by time.
pub(super) fn picture_path(folder: &Path, made: &jiff::Zoned, song: &str) -> PathBuf {
    picture::picture_path(
        folder,
        &made.strftime("%Y-%m-%d %H.%M.%S").to_string(),
        song,
        "png",
    )
}

/// The figures and settings of a scene, for the file.
pub(super) fn metadata(scene: &Scene, song: &str, made: &jiff::Zoned) -> PictureMetadata {
    let side = |side: Side| {
        let shown = scene.side(side);
        let figures = &shown.figures;
        PictureSide {
            source: plain(&shown.name).into_owned(),
            sample_rate_hz: shown.sample_rate_hz,
            momentary_lufs: figures.momentary_lufs,
            short_term_lufs: figures.short_term_lufs,
            integrated_lufs: figures.integrated_lufs,
            range_lu: figures.range_lu,
            true_peak_dbtp: figures.true_peak_dbtp,
            plr_lu: figures.plr_lu,
            psr_lu: figures.psr_lu,
            correlation: figures.correlation,
        }
    };
    let stamp = scene.stamp.as_ref();
    PictureMetadata {
        schema: SCHEMA,
        app_version: env!("CARGO_PKG_VERSION").to_owned(),
        created_unix_secs: made.timestamp().as_second(),
        created: stamp.map(|stamp| stamp.made.clone()).unwrap_or_default(),
        song: plain(song).into_owned(),
        snapshot: stamp.and_then(|stamp| stamp.snapshot.clone()),
        at_secs: scene.right_edge_secs,
        bars: scene.song.bars(),
        mix: side(Side::Mix),
        reference: Some(side(Side::Reference)).filter(|side| !side.source.is_empty()),
        match_gain_db: scene.match_gain_db.filter(|_| scene.looks.loudness_match),
        alignment: match scene.alignment {
            Alignment::Locked {
                offset_secs,
                confidence,
                ..
            } => Some(PictureAlignment {
                offset_secs,
                confidence,
            }),
            Alignment::Beside
            | Alignment::OtherSong
            | Alignment::OtherSpeed { .. }
            | Alignment::SameClock => None,
        },
        settings: serde_json::to_value(&scene.looks).expect("plain data become JSON"),
    }
}
