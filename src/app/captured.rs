//! A copy of what a picture is drawn from, so that a thread of its own draws it while the window goes on.
//!
//! The scenes are plain data already. What is copied besides are the columns they show, some megabytes, and the last
//! frames of the vectorscopes; the reference's data are shared, not copied.

use crate::app::scopes::{ScopeTracks, TrackFeed};
use crate::app::upload::needed;
use crate::audio::frames::StreamFormat;
use crate::session::Session;
use crate::session::references::{Reference, SharedReference};
use crate::session::sides::columns::MixColumns;
use crate::session::sides::live_reference::LiveReference;
use crate::session::sides::mix::MixSide;
use crate::view::build::Moment;
use crate::view::palette::Side;
use crate::view::scene::Scene;

/// All that scenes of one moment are drawn from.
pub(super) struct Captured {
    mix: Option<CapturedInput>,
    /// The second live input, where one is in the place of the reference.
    live_reference: Option<CapturedInput>,
    reference: Option<(String, SharedReference)>,
    scopes: [TrackFeed; 2],
}

struct CapturedInput {
    name: String,
    format: StreamFormat,
    hop_frames: usize,
    columns: MixColumns,
}

impl CapturedInput {
    fn of(input: &MixSide, side: Side, scenes: &[&Scene]) -> Self {
        let mut columns = MixColumns::default();
        for scene in scenes {
            let clock = &scene.side(side).clock;
            columns.copy_excerpt(&input.columns, clock.tier, needed(scene, clock));
        }
        Self {
            name: input.name.clone(),
            format: input.format(),
            hop_frames: input.hop_frames,
            columns,
        }
    }

    fn into_side(self) -> MixSide {
        let mut side = MixSide::still(self.name, self.format);
        side.hop_frames = self.hop_frames;
        side.columns = self.columns;
        side
    }
}

impl Captured {
    /// Copies what scenes of a session show.
    pub(super) fn of(session: &Session, moment: Moment<'_>, scenes: &[&Scene]) -> Self {
        let mix = session.mix.as_ref();
        let live = session.live_reference.as_ref();
        let active = session.references.active();
        Self {
            mix: mix.map(|mix| CapturedInput::of(mix, Side::Mix, scenes)),
            live_reference: live.map(|live| CapturedInput::of(&live.side, Side::Reference, scenes)),
            reference: active.map(|active| (active.name.clone(), active.shared())),
            scopes: ScopeTracks::default().advance(moment),
        }
    }

    /// A session to draw the scenes from, and what the vectorscopes show. Takes some milliseconds: for a thread.
    pub(super) fn into_session(self) -> (Session, [TrackFeed; 2]) {
        let mut session = Session::default();
        session.mix = self.mix.map(CapturedInput::into_side);
        let live = self.live_reference.map(CapturedInput::into_side);
        session.live_reference = live.map(LiveReference::new);
        if let Some((name, shared)) = self.reference {
            let reference = Reference::of_shared(name, &shared);
            if let Err(why) = session.references.add(reference) {
                tracing::debug!("{why}");
            }
        }
        (session, self.scopes)
    }
}
