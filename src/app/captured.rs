//! A copy of what a picture is drawn from, so that a thread of its own draws it while the window goes on.
//!
//! The scenes are plain data already. What is copied besides are the columns they show, some megabytes, and the last
//! frames of the vectorscopes; a record's data are shared, not copied.

use crate::app::scopes::{ScopeTracks, TrackFeed};
use crate::app::upload::needed;
use crate::session::pairing::histories::{Histories, ReferenceColumns};
use crate::session::references::SharedReference;
use crate::session::sides::columns::MixColumns;
use crate::view::build::Moment;
use crate::view::palette::Side;
use crate::view::scene::Scene;

/// All that scenes of one moment are drawn from.
pub(super) struct Captured {
    mix: Option<MixColumns>,
    reference: Option<Reference>,
    /// What the vectorscopes show.
    pub(super) scopes: [TrackFeed; 2],
}

enum Reference {
    Heard(Box<MixColumns>),
    Record(SharedReference),
}

fn excerpt(columns: &MixColumns, side: Side, scenes: &[&Scene]) -> MixColumns {
    let mut copy = MixColumns::default();
    for scene in scenes {
        let clock = &scene.side(side).clock;
        copy.copy_excerpt(columns, clock.tier, needed(scene, clock));
    }
    copy
}

impl Captured {
    /// Copies what scenes show of histories.
    pub(super) fn of(histories: &Histories<'_>, moment: Moment<'_>, scenes: &[&Scene]) -> Self {
        let reference = histories.reference.as_ref();
        Self {
            mix: histories.mix.map(|mix| excerpt(mix, Side::Mix, scenes)),
            reference: reference.map(|reference| match reference {
                ReferenceColumns::Heard(heard) => {
                    Reference::Heard(Box::new(excerpt(heard, Side::Reference, scenes)))
                }
                ReferenceColumns::Record(record) => Reference::Record(record.clone()),
            }),
            scopes: ScopeTracks::default().advance(moment),
        }
    }

    /// What the scenes are drawn from.
    pub(super) fn histories(&self) -> Histories<'_> {
        Histories {
            mix: self.mix.as_ref(),
            reference: self.reference.as_ref().map(|reference| match reference {
                Reference::Heard(heard) => ReferenceColumns::Heard(heard),
                Reference::Record(record) => ReferenceColumns::Record(record.clone()),
            }),
        }
    }
}
