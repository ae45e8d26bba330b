//! A copy of what a picture is drawn from, so that a thread of its own draws it while the window goes on.
//!
//! The scenes are plain data already. What is copied besides are the columns they show, some megabytes, and the last
//! frames of the vectorscopes; the reference's data are shared, not copied.

use crate::app::scopes::{ScopeTracks, TrackFeed};
use crate::app::upload::needed;
use crate::audio::frames::StreamFormat;
use crate::session::Session;
use crate::session::columns::MixColumns;
use crate::session::mix::MixSide;
use crate::session::references::{Reference, SharedReference};
use crate::view::build::Moment;
use crate::view::palette::Side;
use crate::view::scene::Scene;

/// All that scenes of one moment are drawn from.
pub(super) struct Captured {
    mix: Option<CapturedMix>,
    reference: Option<(String, SharedReference)>,
    scopes: [TrackFeed; 2],
}

struct CapturedMix {
    name: String,
    format: StreamFormat,
    hop_frames: usize,
    columns: MixColumns,
}

impl Captured {
    /// Copies what scenes of a session show.
    pub(super) fn of(session: &Session, moment: Moment<'_>, scenes: &[&Scene]) -> Self {
        let mix = session.mix.as_ref().map(|mix| {
            let mut columns = MixColumns::default();
            for scene in scenes {
                let clock = &scene.side(Side::Mix).clock;
                columns.copy_excerpt(&mix.columns, clock.tier, needed(scene, clock));
            }
            CapturedMix {
                name: mix.name.clone(),
                format: mix.format(),
                hop_frames: mix.hop_frames,
                columns,
            }
        });
        let active = session.references.active();
        Self {
            mix,
            reference: active.map(|active| (active.name.clone(), active.shared())),
            scopes: ScopeTracks::default().advance(moment),
        }
    }

    /// A session to draw the scenes from, and what the vectorscopes show. Takes some milliseconds: for a thread.
    pub(super) fn into_session(self) -> (Session, [TrackFeed; 2]) {
        let mut session = Session::default();
        if let Some(captured) = self.mix {
            let mut mix = MixSide::still(captured.name, captured.format);
            mix.hop_frames = captured.hop_frames;
            mix.columns = captured.columns;
            session.mix = Some(mix);
        }
        if let Some((name, shared)) = self.reference {
            let reference = Reference::of_shared(name, &shared);
            if let Err(why) = session.references.add(reference) {
                tracing::debug!("{why}");
            }
        }
        (session, self.scopes)
    }
}
