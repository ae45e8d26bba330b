//! Each side of a picture, looked up in the session: its figures, curves, histories and where its columns lie.

use crate::analysis::column::NUM_TIERS;
use crate::analysis::meters::Meters;
use crate::compare::tracker::Tracking;
use crate::session::Session;
use crate::session::pairing::basis::BandOf;
use crate::session::references::ReferenceData;
use crate::session::sides::beside::CompanionFrame;
use crate::session::sides::history::History;
use crate::session::sides::live::LiveSide;
use crate::session::sides::region::Region;
use crate::session::sides::stretches::Stretch;
use crate::view::absences::absences;
use crate::view::figures::{mix_figures, reference_figures};
use crate::view::inputs::{UNHEARD_SECS, no_sound_hint};
use crate::view::panels::SidePanels;
use crate::view::panels::loudness::{live_loudness, reference_loudness};
use crate::view::panels::spectrum::{SameSeconds, live_curves, reference_curves};
use crate::view::panels::taken_up::{SHORT_TERM_SECS, TakenUp};
use crate::view::scene::Alignment;
use crate::view::sections::marks;
use crate::view::side::{Figures, LoudnessSample, SideClock, SideScene, SideState};
use crate::view::side_words::{detail, reference_state};
use crate::view::timeline::column_secs;
use crate::view::visible::{Source, Visible};

/// Figures of a moment so little behind the end of kept sound are of it.
const BEHIND_SECS: f64 = 0.1;

/// The mix: what is heard, its song, or a snapshot.
pub(super) fn mix_scene(
    session: &Session,
    meters: Option<&Meters>,
    visible: &Visible,
) -> SideScene {
    let Some((mix, meters)) = session.pair.mix.drawn().zip(meters) else {
        return SideScene {
            state: match session.pair.mix.problem() {
                Some(why) => SideState::Failed(why.to_owned()),
                None => SideState::Empty,
            },
            ..SideScene::default()
        };
    };
    let detail = session.pair.mix.recalled_name();
    let generation = session.pair.mix.drawn_generation();
    let over_song = session
        .pair
        .mix
        .shown_song()
        .map_or("", |_| "song position");
    let heard = (mix, session.pair.mix.live());
    let heard = heard_scene(heard, meters, visible, 0.0, generation);
    let song = session.pair.named_song().to_owned();
    SideScene {
        is_kept_sound: detail.is_some(),
        // Not what it was once recorded from.
        name: detail.map_or(heard.name, str::to_owned),
        detail: match detail {
            Some(name) if !song.is_empty() => format!("snapshot {name}"),
            Some(_) => "snapshot".to_owned(),
            None => over_song.to_owned(),
        },
        song,
        ..heard
    }
}

/// A side that was heard, and its input if that is live: its own time lies `offset_secs` under mix time 0.
fn heard_scene(
    (side, live): (&History, Option<&LiveSide>),
    meters: &Meters,
    visible: &Visible<'_>,
    offset_secs: f64,
    generation: u64,
) -> SideScene {
    let hop_secs = side.hop_secs();
    let mut tier = visible.tier(hop_secs);
    // What a fine tier has let go of, a coarser one still has.
    let shown_secs = [visible.left_secs(), visible.right_secs].map(|secs| secs + offset_secs);
    while tier + 1 < NUM_TIERS && side.has_let_go(tier, shown_secs) {
        tier += 1;
    }
    SideScene {
        name: side.name.clone(),
        state: match live.and_then(LiveSide::lost_reason) {
            Some(why) => SideState::Lost(why),
            None => SideState::Running,
        },
        hint: match live.and_then(|live| live.unheard_secs) {
            Some(secs) if secs >= UNHEARD_SECS => no_sound_hint(&side.name),
            _ => String::new(),
        },
        absences: absences(side, visible, offset_secs),
        figures: match live.and_then(LiveSide::lost_reason) {
            // What sounded last is not what sounds now.
            Some(_) => mix_figures(meters).without_moment(),
            None => mix_figures(meters),
        },
        spectrum: live_curves(meters, visible),
        loudness: live_loudness(side, offset_secs, visible),
        panels: SidePanels::of(Source::Live(side, offset_secs), visible),
        clock: SideClock {
            hop_secs,
            offset_secs,
            tier,
            final_secs: heard_final_secs((side, live), tier),
            generation,
            region: None,
        },
        sample_rate_hz: meters.format.sample_rate_hz,
        ..SideScene::default()
    }
}

/// Up to where columns of a tier do not change any more: of a song, those that were written just now do.
fn heard_final_secs((side, live): (&History, Option<&LiveSide>), tier: usize) -> f64 {
    let song = live.and_then(|live| live.song.as_ref());
    match song.filter(|_| side.song_end_secs.is_some()) {
        Some(song) => song.settled_secs(tier),
        None => {
            let finished = side.columns.kept(tier).end;
            column_secs(side.hop_secs(), tier, finished as f64 - 1.0)
        }
    }
}

/// What stands beside it, as it lies there.
pub(super) fn reference_scene(
    session: &Session,
    beside: &CompanionFrame,
    visible: &Visible<'_>,
    band_of: BandOf,
) -> SideScene {
    if let Some(live) = session.pair.references.input() {
        let Some((history, meters)) = live.drawn().zip(beside.meters.as_ref()) else {
            return SideScene::default();
        };
        let generation = session.pair.references.generation() << 32;
        let generation = generation + live.heard.drawn_epoch();
        return SideScene {
            detail: "live".to_owned(),
            ..heard_scene(
                (history, live.heard.live()),
                meters,
                visible,
                beside.offset_secs,
                generation,
            )
        };
    }
    let Some(reference) = session.pair.references.active() else {
        return SideScene::default();
    };
    let data = reference.data();
    let region = beside.region(&data);
    let at_edge = beside.offset_at(visible.right_secs).map(|offset_secs| {
        region.reference_secs(region.laid_offset_secs(offset_secs) + visible.right_secs)
    });
    let shown_secs = [visible.left_secs().max(0.0), visible.right_secs];
    let (stretches, offset_secs) = beside.laid();
    let pieces = stretches.pieces(shown_secs, offset_secs);
    let hop_secs = data.hop_secs();
    let tier = visible.tier(hop_secs.max(1e-4));
    let generation =
        (session.pair.references.generation() << 32) + data.revision + stretches.revision;
    let same_seconds = same_seconds(beside, visible);
    let source = Source::Laid(&data, region, &pieces, generation);
    SideScene {
        name: reference.name.clone(),
        detail: reference_detail(session, beside, (&data, at_edge)),
        state: reference_state(&data),
        figures: figures_beside(session, beside, &data),
        spectrum: reference_curves(
            session,
            &data,
            beside.meters.as_ref(),
            same_seconds,
            band_of,
            visible,
        ),
        loudness: laid_loudness(&data, (region, &pieces), beside, visible),
        panels: reference_panels(session, source, band_of, visible),
        sections: marks(
            &data.sections,
            region,
            &pieces,
            [visible.left_secs(), visible.right_secs],
        ),
        clock: SideClock {
            hop_secs: hop_secs.max(1e-4),
            offset_secs: region.laid_offset_secs(offset_secs),
            tier,
            final_secs: final_secs(&data),
            generation,
            region: Some(region),
        },
        stretches: stretches.clone(),
        sample_rate_hz: data.sample_rate_hz,
        is_kept_sound: data.is_kept_sound,
        ..SideScene::default()
    }
}

/// The figures of a reference; of a moment only where it is known what lay beside the mix then.
fn figures_beside(session: &Session, beside: &CompanionFrame, data: &ReferenceData) -> Figures {
    // Else the mix pauses, or nobody knows yet where it went on.
    let is_known = !beside.stretches.is_unknown() && !is_behind_kept(session, beside, data);
    reference_figures(data, beside.meters.as_ref().filter(|_| is_known))
}

/// Whether the mix is behind the end of kept sound: that goes on, and what was not kept of it has no figures.
fn is_behind_kept(session: &Session, beside: &CompanionFrame, data: &ReferenceData) -> bool {
    let over_secs = beside.stretches.over_secs().filter(|_| data.is_kept_sound);
    let mix = session.pair.mix.drawn();
    // Else the figures are of the last moment that both have.
    let mix = mix.filter(|_| beside.mix_there.is_none());
    over_secs
        .zip(mix)
        .is_some_and(|(over, mix)| mix.end_secs() > over + BEHIND_SECS)
}

/// The reference's loudness as it lies beside the mix.
fn laid_loudness(
    data: &ReferenceData,
    lies: (Region, &[Stretch]),
    beside: &CompanionFrame,
    visible: &Visible<'_>,
) -> Vec<LoudnessSample> {
    // What a window of the first visible moment reaches back to, and where that began.
    let from_secs = (visible.left_secs() - 3.0 * SHORT_TERM_SECS).max(0.0);
    let pieces = beside
        .stretches
        .pieces([from_secs, visible.right_secs], beside.offset_secs);
    let taken_up = TakenUp {
        pieces: &pieces,
        from_secs,
    };
    let taken_up = beside.is_aligned().then_some(taken_up);
    reference_loudness(data, lies, taken_up, visible)
}

/// The same song is compared over the same seconds of it; another one as a whole.
fn same_seconds(beside: &CompanionFrame, visible: &Visible<'_>) -> SameSeconds {
    let is_same_song = matches!(
        alignment(beside, visible.right_secs),
        Alignment::Locked { .. }
    );
    match beside.is_lost() {
        true => SameSeconds::Unknown,
        false => SameSeconds::of(is_same_song, beside.followed.is_some()),
    }
}

/// What is said beside the name of a reference: where it is at the right edge, as far as that is now.
fn reference_detail(
    session: &Session,
    beside: &CompanionFrame,
    (data, at_edge_secs): (&ReferenceData, Option<f64>),
) -> String {
    match session.pair.mix.shown_song() {
        Some(_) if data.target.is_none() && !beside.is_aligned() => {
            "not over song position".to_owned()
        }
        Some(_) => detail(data, None),
        None => detail(data, at_edge_secs),
    }
}

/// All of a reference is final once it is read; while it grows, nothing is.
fn final_secs(data: &ReferenceData) -> f64 {
    match data.programme {
        Some(_) => f64::MAX,
        None => 0.0,
    }
}

/// What single panels show of a reference, with the ranges of all of them if the band is theirs.
fn reference_panels(
    session: &Session,
    source: Source<'_>,
    band_of: BandOf,
    visible: &Visible<'_>,
) -> SidePanels {
    let panels = SidePanels::of(source, visible);
    let common = session.pair.references.common_band();
    match common.filter(|_| band_of == BandOf::All) {
        Some(common) => panels.with_ranges_of(common),
        None => panels,
    }
}

/// How the reference is placed beside a picture that ends at a mix time.
pub(super) fn alignment(beside: &CompanionFrame, right_secs: f64) -> Alignment {
    match beside.tracking {
        Some(Tracking::Locked(found) | Tracking::Doubtful(found)) => Alignment::Locked {
            offset_secs: beside.offset_secs,
            confidence: found.confidence,
            num_places: found.num_places,
            in_doubt: matches!(beside.tracking, Some(Tracking::Doubtful(_))),
            is_over: beside
                .stretches
                .over_secs()
                .is_some_and(|over| right_secs > over),
        },
        Some(Tracking::OtherSpeed(found)) => Alignment::OtherSpeed { speed: found.speed },
        Some(Tracking::NotTheSameSong) => Alignment::OtherSong,
        _ => Alignment::Beside,
    }
}
