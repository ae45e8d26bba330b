//! From session to scene: looks up, for the time at the right edge of the picture, what every panel shows.

use crate::analysis::column::NUM_TIERS;
use crate::analysis::meters::Meters;
use crate::compare::tracker::Tracking;
use crate::session::Session;
use crate::session::action::Drawer;
use crate::session::pairing::basis::BandOf;
use crate::session::references::ReferenceData;
use crate::session::sides::beside::CompanionFrame;
use crate::session::sides::history::History;
use crate::session::sides::live::LiveSide;
use crate::view::absences::absences;
use crate::view::axis::FrequencyAxis;
use crate::view::figures::{is_a_part, matched_gain_db, mix_figures, reference_figures};
use crate::view::inputs::{UNHEARD_SECS, no_sound_hint};
use crate::view::layout::{Layout, PaneContent, Room};
use crate::view::looks::{CompareMode, DifferenceOf, Looks};
use crate::view::masking::MaskingScene;
use crate::view::on_grid::wanted;
use crate::view::outside::OutsideScene;
use crate::view::palette::Palette;
use crate::view::panels::SidePanels;
use crate::view::panels::levels::take_place;
use crate::view::panels::loudness::{live_loudness, reference_loudness};
use crate::view::panels::spectrum::{live_curves, reference_curves};
use crate::view::picture_cache::PictureCache;
use crate::view::same_tenth::read_together;
use crate::view::scene::{Alignment, Scene, Status};
use crate::view::sections::{SectionMark, marks, mix_marks, offer_words};
use crate::view::side::{SideClock, SideScene, SideState};
use crate::view::side_words::{detail, reference_state};
use crate::view::song::SongScene;
use crate::view::timeline::{column_index, column_secs};
use crate::view::visible::{Source, Visible};

/// What a picture is asked for.
#[derive(Clone, Debug)]
pub struct PictureRequest {
    /// Width and height in pixels.
    pub size: [u32; 2],
    /// Pixels per point of the monitor.
    pub scale: f32,
    /// Mix time at the right edge.
    pub right_edge_secs: f64,
    /// Seconds behind now when frozen.
    pub frozen_behind_secs: Option<f64>,
    /// Frequency axis.
    pub frequency: FrequencyAxis,
    /// Status line.
    pub status: Status,
    /// The open drawer.
    pub drawer: Option<Drawer>,
}

impl Default for PictureRequest {
    /// A small window, live, before anything was heard.
    fn default() -> Self {
        Self {
            size: [1280, 720],
            scale: 1.0,
            right_edge_secs: 0.0,
            frozen_behind_secs: None,
            frequency: FrequencyAxis::default(),
            status: Status::default(),
            drawer: None,
        }
    }
}

/// The figures at the right edge of a picture: of now, or of the moment it was frozen.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// The mix's.
    pub mix: Option<&'a Meters>,
    /// The reference's, and where it lies.
    pub beside: &'a CompanionFrame,
}

impl<'a> Moment<'a> {
    /// That at the end of what was heard.
    pub fn now(session: &'a Session) -> Self {
        Self {
            mix: session.pair.mix.history().map(|mix| &mix.meters),
            beside: &session.pair.beside,
        }
    }
}

/// Puts a scene together.
pub fn scene(
    session: &Session,
    moment: Moment<'_>,
    looks: &Looks,
    request: PictureRequest,
) -> Scene {
    scene_after(session, moment, looks, request, &PictureCache::default())
}

/// The same where pictures follow each other: what has not changed since the last one is not worked out again.
pub fn scene_after(
    session: &Session,
    moment: Moment<'_>,
    looks: &Looks,
    request: PictureRequest,
    last: &PictureCache,
) -> Scene {
    let room = Room {
        size: request.size,
        scale: request.scale,
        font_scale: looks.font_scale,
        has_drawer: request.drawer.is_some(),
    };
    let mut layout = Layout::in_room(room, looks.mode, &looks.arrangement);
    let alignment = match session.pair.references.input() {
        Some(_) => Alignment::SameClock,
        None => alignment(moment.beside, request.right_edge_secs),
    };
    let placed = (&mut layout, alignment);
    let outside = show_difference(session, moment.beside, looks, placed, last);
    let levels = take_place(&mut layout);
    let visible = Visible::of(&layout, looks, request.right_edge_secs, last);
    let mut mix = mix_scene(session, moment.mix, &visible);
    if alignment == Alignment::OtherSong {
        mix.sections = sections_of_mix(session, moment.beside, &visible);
    }
    let mut reference = reference_scene(session, moment.beside, &visible, looks.band_of);
    let figures = [&mut mix.figures, &mut reference.figures];
    read_together(session, (moment.mix, moment.beside), figures);
    let masking = MaskingScene::shown(session, &layout, [&mix, &reference], looks, &visible);
    let wants_on_grid = wanted(session, &layout, [&mix, &reference], alignment, &visible);
    mix.figures.whole_is_settled &= !is_a_part_of_its_song(session, moment.mix, alignment);
    last.curves.end_picture();
    let (match_gain_db, match_of) = matched_gain_db(
        (session, moment.beside),
        mix.figures.integrated_lufs,
        request.right_edge_secs,
        looks.match_basis,
    );
    Scene {
        layout,
        palette: Palette::of(looks.light, looks.high_contrast),
        looks: looks.clone(),
        sides: [mix, reference],
        match_gain_db,
        match_of,
        trim_db: session
            .pair
            .references
            .active()
            .map_or(0.0, |active| active.data().trim_db),
        alignment,
        outside,
        on_grid: wants_on_grid
            .as_ref()
            .and_then(|wanted| session.pair.on_grid.ready(wanted)),
        wants_on_grid,
        masking,
        section: session
            .pair
            .section_offer
            .as_ref()
            // An offer is for now.
            .filter(|_| request.frozen_behind_secs.is_none())
            .map(|offer| offer_words(offer, session.pair.follows_sections)),
        right_edge_secs: request.right_edge_secs,
        frozen_behind_secs: request.frozen_behind_secs,
        frequency: request.frequency,
        status: request.status,
        drawer: request.drawer.map(|drawer| last.drawer(drawer, session)),
        context: None,
        stamp: None,
        levels,
        cursor: None,
        mark: None,
        overlap_secs: None,
        song: SongScene::of(session.pair.mix.history(), &visible),
        absolute_time: false,
    }
}

/// Has the pane of a difference show what is meant beside the reference as it lies: the range that the mix is held against,
/// if that is it.
fn show_difference(
    session: &Session,
    beside: &CompanionFrame,
    looks: &Looks,
    (layout, alignment): (&mut Layout, Alignment),
    last: &PictureCache,
) -> Option<OutsideScene> {
    let is_range = match looks.difference_of {
        DifferenceOf::Moments => !alignment.has_same_time(),
        DifferenceOf::Range => true,
        DifferenceOf::Masking => {
            layout.show_in_place_of_difference(PaneContent::Masking);
            false
        }
    };
    let outside = (looks.mode == CompareMode::Difference && is_range)
        .then(|| OutsideScene::of(session, beside, looks.band_of, last))
        .flatten();
    if outside.is_some() {
        layout.show_outside();
    }
    outside
}

/// Whether figures of all of the song are beside a mix that was heard for a small part of it.
fn is_a_part_of_its_song(session: &Session, mix: Option<&Meters>, alignment: Alignment) -> bool {
    let is_same_song = matches!(alignment, Alignment::Locked { .. });
    let record = session.pair.references.active().filter(|_| is_same_song);
    record.is_some_and(|record| is_a_part(mix, &record.data()))
}

/// Sections of the mix beside those of another song.
fn sections_of_mix(
    session: &Session,
    beside: &CompanionFrame,
    visible: &Visible,
) -> Vec<SectionMark> {
    let Some(reference) = session.pair.references.active() else {
        return vec![];
    };
    let data = reference.data();
    let secs = [visible.left_secs(), visible.right_secs];
    mix_marks(&beside.sections, &data.sections, secs)
}

fn mix_scene(session: &Session, meters: Option<&Meters>, visible: &Visible) -> SideScene {
    let Some((mix, meters)) = session.pair.mix.history().zip(meters) else {
        return SideScene {
            state: match session.pair.mix.problem() {
                Some(why) => SideState::Failed(why.to_owned()),
                None => SideState::Empty,
            },
            ..SideScene::default()
        };
    };
    let detail = session.pair.mix.recalled_name();
    let generation = session.pair.mix.generation();
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
            None => String::new(),
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
    while tier + 1 < NUM_TIERS && has_let_go(side, tier, visible.left_secs() + offset_secs) {
        tier += 1;
    }
    let finished = side.columns.kept(tier).end;
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
            final_secs: column_secs(hop_secs, tier, finished as f64 - 1.0),
            generation,
            region: None,
        },
        sample_rate_hz: meters.format.sample_rate_hz,
        ..SideScene::default()
    }
}

/// Whether a tier no longer holds the columns at a time.
fn has_let_go(mix: &History, tier: usize, secs: f64) -> bool {
    let secs = secs.max(0.0);
    let at = column_index(mix.hop_secs(), tier, secs).floor().max(0.0);
    let first = mix.columns.known_from(tier, at as u64);
    let is_left_out = mix.columns.kept(tier).is_empty() && !mix.columns.kept(tier + 1).is_empty();
    is_left_out || first > 0 && column_secs(mix.hop_secs(), tier, first as f64) > secs
}

fn reference_scene(
    session: &Session,
    beside: &CompanionFrame,
    visible: &Visible<'_>,
    band_of: BandOf,
) -> SideScene {
    if let Some(live) = session.pair.references.input() {
        let Some((history, meters)) = live.history().zip(beside.meters.as_ref()) else {
            return SideScene::default();
        };
        let generation = session.pair.references.generation() << 32;
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
    let pieces = beside.stretches.pieces(shown_secs, beside.offset_secs);
    let hop_secs = data.hop_secs();
    let tier = visible.tier(hop_secs.max(1e-4));
    let generation =
        (session.pair.references.generation() << 32) + data.revision + beside.stretches.revision;
    // The same song is compared over the same seconds of it; another one as a whole.
    let is_same_song = matches!(
        alignment(beside, visible.right_secs),
        Alignment::Locked { .. }
    );
    let same_seconds = is_same_song || beside.followed.is_some();
    let source = Source::Laid(&data, region, &pieces, generation);
    SideScene {
        name: reference.name.clone(),
        detail: detail(&data, at_edge),
        state: reference_state(&data),
        figures: reference_figures(&data, beside.meters.as_ref()),
        spectrum: reference_curves(
            session,
            &data,
            beside.meters.as_ref(),
            same_seconds,
            band_of,
            visible,
        ),
        loudness: reference_loudness(&data, region, &pieces, visible),
        panels: reference_panels(session, source, band_of, visible),
        sections: marks(
            &data.sections,
            region,
            &pieces,
            [visible.left_secs(), visible.right_secs],
        ),
        clock: SideClock {
            hop_secs: hop_secs.max(1e-4),
            offset_secs: region.laid_offset_secs(beside.offset_secs),
            tier,
            final_secs: final_secs(&data),
            generation,
            region: Some(region),
        },
        stretches: beside.stretches.clone(),
        sample_rate_hz: data.sample_rate_hz,
        is_kept_sound: data.is_kept_sound,
        ..SideScene::default()
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

fn alignment(beside: &CompanionFrame, right_secs: f64) -> Alignment {
    match beside.tracking {
        Some(Tracking::Locked(found) | Tracking::Doubtful(found)) => Alignment::Locked {
            offset_secs: beside.offset_secs,
            confidence: found.confidence,
            num_places: found.num_places,
            in_doubt: matches!(beside.tracking, Some(Tracking::Doubtful(_))),
            is_over: beside
                .stretches
                .over_secs()
                .is_some_and(|over| right_secs >= over),
        },
        Some(Tracking::OtherSpeed(found)) => Alignment::OtherSpeed { speed: found.speed },
        Some(Tracking::NotTheSameSong) => Alignment::OtherSong,
        _ => Alignment::Beside,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::frames::{ChannelLayout, StreamFormat};
    use crate::session::sides::still::StillSide;

    #[test]
    fn a_frozen_axis_counts_the_time_of_the_mix_wherever_it_is_moved() {
        let session = Session::default();
        let edge = |right_edge_secs: f64, frozen_behind_secs: Option<f64>| {
            let moment = Moment::now(&session);
            let request = PictureRequest {
                right_edge_secs,
                frozen_behind_secs,
                ..PictureRequest::default()
            };
            let scene = scene(&session, moment, &Looks::default(), request);
            let mut ticks = scene.time_ticks(0.1);
            ticks.sort_by(|a, b| a.fraction.total_cmp(&b.fraction));
            ticks.pop().map(|tick| tick.label)
        };
        assert_eq!(edge(100.0, None).as_deref(), Some("now"));
        assert_eq!(edge(100.0, Some(3.0)).as_deref(), Some("frozen 1:40"));
        // A page back, and later.
        assert_eq!(edge(70.0, Some(63.0)).as_deref(), Some("frozen 1:10"));
    }

    #[test]
    fn a_second_picture_of_the_same_smooths_no_curve() {
        let format = StreamFormat {
            sample_rate_hz: 48_000,
            layout: ChannelLayout::Stereo,
        };
        let mut session = Session::default();
        let mut mix = StillSide::new("tone".to_owned(), format);
        let tone: Vec<f32> = (0..48_000).map(|n| 0.2 * (n as f32 * 0.05).sin()).collect();
        mix.feed(&tone);
        mix.settle();
        session.pair.mix = mix.into();
        let last = PictureCache::default();
        let draw = |session: &Session| {
            let moment = Moment::now(session);
            let request = PictureRequest {
                right_edge_secs: 0.5,
                ..PictureRequest::default()
            };
            let looks = Looks::default();
            let drawn = scene_after(session, moment, &looks, request.clone(), &last);
            assert_eq!(drawn, scene(session, moment, &looks, request));
        };
        draw(&session);
        let first = last.curves.num_smoothed();
        assert!(first > 0, "the mix has curves");
        for _ in 0..3 {
            draw(&session);
        }
        assert_eq!(last.curves.num_smoothed(), first);
        if let Some(mix) = session.pair.mix.still_mut() {
            mix.feed(&tone);
            mix.settle();
        }
        draw(&session);
        assert!(last.curves.num_smoothed() > first, "more was heard");
    }
}
