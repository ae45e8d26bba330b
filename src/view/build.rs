//! From session to scene: looks up, for the time at the right edge of the picture, what every panel shows.

use crate::analysis::meters::Meters;
use crate::session::Session;
use crate::session::action::Drawer;
use crate::session::sides::beside::CompanionFrame;
use crate::session::sides::song_side::SongSide;
use crate::view::axis::FrequencyAxis;
use crate::view::figures::{is_a_part, matched_gain_db};
use crate::view::layout::{Layout, PaneContent, Room};
use crate::view::looks::{CompareMode, DifferenceOf, Looks};
use crate::view::masking::MaskingScene;
use crate::view::on_grid::wanted;
use crate::view::outside::OutsideScene;
use crate::view::palette::{Palette, Side};
use crate::view::panels::levels::take_place;
use crate::view::picture_cache::PictureCache;
use crate::view::same_tenth::read_together;
use crate::view::scene::{Alignment, Scene, Status};
use crate::view::sections::{SectionMark, mix_marks, offer_words};
use crate::view::sides::{alignment, mix_scene, reference_scene};
use crate::view::song::SongScene;
use crate::view::visible::Visible;

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
    /// Mix time of its figures when frozen: wherever the picture is moved, they stay.
    pub frozen_at_secs: Option<f64>,
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
            frozen_at_secs: None,
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
            mix: match session.pair.mix_there() {
                Some(there) => Some(there),
                None => session.pair.mix.drawn().map(|mix| &mix.meters),
            },
            beside: session.pair.beside_drawn(),
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
    // A page of a song reaches beyond now, where the record may have ended.
    let song_secs = session.pair.mix.shown_song().and_then(SongSide::now_secs);
    let now_secs = song_secs.unwrap_or(request.right_edge_secs);
    let alignment = match session.pair.references.input() {
        Some(_) => Alignment::SameClock,
        None => alignment(moment.beside, now_secs),
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
    mix.figures.whole_is_settled &= !is_a_part_of_its_song(session, moment, alignment);
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
        nudge_secs: session.pair.nudge_secs(),
        outside,
        on_grid: wants_on_grid
            .as_ref()
            .and_then(|wanted| session.pair.on_grid.ready(wanted)),
        wants_on_grid,
        masking,
        section: offered_section(session, &request),
        right_edge_secs: request.right_edge_secs,
        frozen_behind_secs: request.frozen_behind_secs,
        frozen_at_secs: request.frozen_at_secs,
        frequency: request.frequency,
        status: request.status,
        drawer: request.drawer.map(|drawer| last.drawer(drawer, session)),
        context: None,
        stamp: None,
        levels,
        cursor: None,
        mark: None,
        overlap_secs: None,
        song: SongScene::of(&session.pair.mix, &visible),
        told_later_secs: session.pair.mix.shown_song().map(|_| 0.0),
    }
}

/// The section that is offered, in words: for now, and for the mix's own time.
fn offered_section(session: &Session, request: &PictureRequest) -> Option<String> {
    let is_over_song = session.pair.mix.shown_song().is_some();
    let offer = session.pair.section_offer.as_ref();
    offer
        .filter(|_| request.frozen_behind_secs.is_none() && !is_over_song)
        .map(|offer| offer_words(offer, session.pair.follows_sections))
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
    let has_record = session.pair.references.active().is_some();
    match &outside {
        Some(_) => layout.show_outside(),
        // Neither place nor range is known yet: what would be drawn is two songs taken from each other at any place.
        None if is_range && has_record && !alignment.has_same_time() => {
            layout.show_in_place_of_difference(PaneContent::Level(Side::Mix));
        }
        None => {}
    }
    outside
}

/// Whether figures of all of the song are beside a mix that was heard for a small part of it.
fn is_a_part_of_its_song(session: &Session, moment: Moment<'_>, alignment: Alignment) -> bool {
    let is_same_song = matches!(alignment, Alignment::Locked { .. });
    let record = session.pair.references.active().filter(|_| is_same_song);
    record.is_some_and(|record| is_a_part(moment.mix, &record.data(), moment.beside))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::frames::{ChannelLayout, StreamFormat};
    use crate::session::sides::still::StillSide;

    #[test]
    fn a_frozen_axis_counts_the_time_of_the_mix_wherever_it_is_moved() {
        let session = Session::default();
        let shown = |right_edge_secs: f64, frozen_behind_secs: Option<f64>| {
            let moment = Moment::now(&session);
            let request = PictureRequest {
                right_edge_secs,
                frozen_behind_secs,
                frozen_at_secs: frozen_behind_secs.map(|_| 100.0),
                ..PictureRequest::default()
            };
            let scene = scene(&session, moment, &Looks::default(), request);
            let mut ticks = scene.time_ticks(0.1);
            ticks.sort_by(|a, b| a.fraction.total_cmp(&b.fraction));
            let edge = ticks.pop().map(|tick| tick.label);
            (edge.unwrap_or_default(), scene.figures_elsewhere())
        };
        assert_eq!(shown(100.0, None), ("now".to_owned(), None));
        assert_eq!(shown(100.0, Some(3.0)), ("frozen 1:40".to_owned(), None));
        // A page back, and later: the figures stay.
        let at = Some("at 1:40".to_owned());
        assert_eq!(shown(70.0, Some(63.0)), ("1:10".to_owned(), at));
    }

    #[test]
    fn nothing_is_subtracted_before_it_is_known_where_it_lies() {
        use crate::compare::alignment::AlignmentResult;
        let mut session = Session::default();
        let record = crate::session::references::ReferenceData::empty();
        let record = crate::session::references::Reference::of_picture("b".to_owned(), record);
        session.pair.references.add(record).expect("there is room");
        let looks = Looks {
            mode: CompareMode::Difference,
            ..Looks::default()
        };
        let shown = |session: &Session| {
            let moment = Moment::now(session);
            let scene = scene(session, moment, &looks, PictureRequest::default());
            (
                scene.layout.panes[0].content,
                scene.loudness_is_difference(),
            )
        };
        assert_eq!(shown(&session), (PaneContent::Level(Side::Mix), false));
        let found = AlignmentResult::at(0.0, 1.0);
        session.pair.beside.tracking = Some(crate::compare::tracker::Tracking::Locked(found));
        assert_eq!(shown(&session), (PaneContent::Difference, true));
    }

    #[test]
    fn what_is_read_later_tells_the_time_of_the_song() {
        let session = Session::default();
        let moment = Moment::now(&session);
        let request = PictureRequest {
            right_edge_secs: 100.0,
            ..PictureRequest::default()
        };
        let mut scene = scene(&session, moment, &Looks::default(), request);
        scene.told_later_secs = Some(-60.0);
        let ticks = scene.time_ticks(0.1);
        assert!(ticks.iter().any(|tick| tick.label == "0:30"), "{ticks:?}");
        assert!(ticks.iter().all(|tick| tick.label != "now"), "{ticks:?}");
        assert_eq!(scene.song_later_secs(), None, "nothing lies beside it");
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
