//! From session to scene: looks up, for the time at the right edge of the picture, what every panel shows.

use crate::analysis::column::NUM_TIERS;
use crate::analysis::meters::Meters;
use crate::compare::matching::match_gain_lu;
use crate::compare::tracker::Tracking;
use crate::dsp::loudness::LoudnessPoint;
use crate::session::Session;
use crate::session::action::Drawer;
use crate::session::basis::{BandOf, MatchBasis};
use crate::session::companion::CompanionFrame;
use crate::session::loudness_history::POINT_SECS;
use crate::session::mix::MixSide;
use crate::session::references::ReferenceData;
use crate::session::stretches::Stretches;
use crate::view::absences::absences;
use crate::view::axis::FrequencyAxis;
use crate::view::figures::{mix_figures, reference_figures};
use crate::view::inputs::{UNHEARD_SECS, no_sound_hint};
use crate::view::layout::{Layout, Room};
use crate::view::looks::Looks;
use crate::view::palette::Palette;
use crate::view::panels::SidePanels;
use crate::view::panels::levels::take_place;
use crate::view::panels::loudness::{live_loudness, reference_loudness};
use crate::view::panels::spectrum::{live_curves, reference_curves};
use crate::view::picture_cache::PictureCache;
use crate::view::readout::minutes;
use crate::view::scene::{Alignment, Scene, Status};
use crate::view::sections::{marks, offer_words};
use crate::view::shelf::target_words;
use crate::view::side::{Figures, SideClock, SideScene, SideState};
use crate::view::timeline::{column_index, column_secs};
use crate::view::visible::{Source, Visible};

/// The short-term match is the mean of so many points: ten seconds.
const SHORT_TERM_POINTS: usize = 100;
/// So far it looks back for seconds that sounded, in points: a minute.
const SHORT_TERM_REACH: u32 = 600;
/// Below this a side pauses.
const SHORT_TERM_GATE_LUFS: f64 = -55.0;

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

/// The figures at the right edge of a picture: of now, or of the moment it was frozen.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// The mix's.
    pub mix: Option<&'a Meters>,
    /// The reference's, and where it lies.
    pub beside: &'a CompanionFrame,
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
    let levels = take_place(&mut layout);
    let visible = Visible::of(&layout, looks, request.right_edge_secs, last);
    let mix = mix_scene(session, moment.mix, &visible);
    let reference = reference_scene(session, moment.beside, &visible, looks.band_of);
    last.curves.end_picture();
    let (match_gain_db, match_of) = matched(
        session,
        moment,
        [&mix.figures, &reference.figures],
        looks.match_basis,
        request.right_edge_secs,
    );
    Scene {
        layout,
        palette: Palette::of(looks.light, looks.high_contrast),
        looks: looks.clone(),
        sides: [mix, reference],
        match_gain_db,
        match_of,
        trim_db: session
            .references
            .active()
            .filter(|_| session.live_reference.is_none())
            .map_or(0.0, |active| active.data().trim_db),
        alignment: match session.live_reference {
            Some(_) => Alignment::SameClock,
            None => alignment(moment.beside),
        },
        section: session
            .section_offer
            .as_ref()
            .map(|offer| offer_words(offer, session.follows_sections)),
        right_edge_secs: request.right_edge_secs,
        frozen_behind_secs: request.frozen_behind_secs,
        frequency: request.frequency,
        status: request.status,
        drawer: request.drawer.map(|drawer| last.drawer(drawer, session)),
        stamp: None,
        levels,
        cursor: None,
        mark: None,
        absolute_time: false,
    }
}

fn mix_scene(session: &Session, meters: Option<&Meters>, visible: &Visible) -> SideScene {
    let Some((mix, meters)) = session.mix.as_ref().zip(meters) else {
        return SideScene {
            state: match &session.mix_problem {
                Some(why) => SideState::Failed(why.clone()),
                None => SideState::Empty,
            },
            ..SideScene::default()
        };
    };
    let detail = session.recalled.as_ref();
    SideScene {
        detail: detail.map_or_else(String::new, |name| format!("snapshot {name}")),
        ..live_scene(mix, meters, visible, 0.0, session.mix_generation)
    }
}

/// A live side: its own time lies `offset_secs` under mix time 0.
fn live_scene(
    side: &MixSide,
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
        detail: String::new(),
        state: match side.lost_reason() {
            Some(why) => SideState::Lost(why),
            None => SideState::Running,
        },
        hint: match side.unheard_secs {
            Some(secs) if secs >= UNHEARD_SECS => no_sound_hint(&side.name),
            _ => String::new(),
        },
        absences: absences(side, visible, offset_secs),
        figures: mix_figures(meters),
        spectrum: live_curves(meters, visible),
        loudness: live_loudness(side, offset_secs, visible),
        panels: SidePanels::of(Source::Live(side, offset_secs), visible),
        sections: vec![],
        clock: SideClock {
            hop_secs,
            offset_secs,
            tier,
            final_secs: column_secs(hop_secs, tier, finished as f64 - 1.0),
            generation,
            region: None,
        },
        stretches: Stretches::default(),
        sample_rate_hz: meters.format.sample_rate_hz,
    }
}

/// Whether a tier no longer holds the columns at a time.
fn has_let_go(mix: &MixSide, tier: usize, secs: f64) -> bool {
    let secs = secs.max(0.0);
    let at = column_index(mix.hop_secs(), tier, secs).floor().max(0.0);
    let first = mix.columns.known_from(tier, at as u64);
    let is_left_out = mix.columns.kept(tier).is_empty() && !mix.columns.kept(tier + 1).is_empty();
    is_left_out || first > 0 && column_secs(mix.hop_secs(), tier, first as f64) > secs
}

/// The gain that matches the loudness of both sides, and what it is made of.
fn matched(
    session: &Session,
    moment: Moment<'_>,
    [mix, reference]: [&Figures; 2],
    basis: MatchBasis,
    right_secs: f64,
) -> (Option<f64>, &'static str) {
    let gain = |reference_lufs| match_gain_lu(mix.integrated_lufs, reference_lufs);
    // The same song is matched over the seconds that both played; another one as a whole.
    let integrated = match moment.beside.matched_lufs {
        Some([mix, reference]) => (match_gain_lu(Some(mix), Some(reference)), "same seconds"),
        None => (gain(reference.integrated_lufs), "integrated"),
    };
    match basis {
        MatchBasis::Integrated => integrated,
        MatchBasis::Region => (gain(reference.integrated_lufs), "region"),
        // Before anything sounded there is no short-term loudness to match.
        MatchBasis::ShortTerm => match short_term_gain(session, moment.beside, right_secs) {
            Some(gain) => (Some(gain), "short-term"),
            None => integrated,
        },
    }
}

/// The mean of what the mix is louder, short-term, over the last seconds in which both sides sounded: single values
/// would make the picture pump, and a pause keeps what was before it.
fn short_term_gain(session: &Session, beside: &CompanionFrame, right_secs: f64) -> Option<f64> {
    let mix = session.mix.as_ref()?;
    let sounding = |point: Option<LoudnessPoint>| {
        let lufs = f64::from(point?.short_term()?);
        (lufs > SHORT_TERM_GATE_LUFS).then_some(lufs)
    };
    let reference: Box<dyn Fn(f64) -> Option<LoudnessPoint>> = match &session.live_reference {
        Some(live) => Box::new(|secs| live.side.loudness.at(secs + beside.offset_secs)),
        None => {
            let data = session.references.active()?.data();
            let region = beside.region(&data);
            // Before a jump the mix was beside other seconds of it, and before the first of the song beside none.
            Box::new(move |secs| {
                let offset_secs = beside.offset_at(secs)?;
                data.loudness.at(region.reference_secs(offset_secs + secs))
            })
        }
    };
    let steps = (0..SHORT_TERM_REACH).map(|step| right_secs - f64::from(step) * POINT_SECS);
    let differences = steps.take_while(|secs| *secs > 0.0).filter_map(|secs| {
        let reference_lufs = sounding(reference(secs))?;
        Some(sounding(mix.loudness.at(secs))? - reference_lufs)
    });
    let (sum, count) = differences
        .take(SHORT_TERM_POINTS)
        .fold((0.0, 0), |(sum, count), lu| (sum + lu, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

fn reference_scene(
    session: &Session,
    beside: &CompanionFrame,
    visible: &Visible<'_>,
    band_of: BandOf,
) -> SideScene {
    if let Some(live) = &session.live_reference {
        let Some(meters) = &beside.meters else {
            return SideScene::default();
        };
        let generation = session.references.generation << 32;
        return SideScene {
            detail: "live".to_owned(),
            ..live_scene(&live.side, meters, visible, beside.offset_secs, generation)
        };
    }
    let Some(reference) = session.references.active() else {
        return SideScene::default();
    };
    let data = reference.data();
    let region = beside.region(&data);
    let at_edge =
        region.reference_secs(region.laid_offset_secs(beside.offset_secs) + visible.right_secs);
    let shown_secs = [visible.left_secs().max(0.0), visible.right_secs];
    let pieces = beside.stretches.pieces(shown_secs, beside.offset_secs);
    let hop_secs = data.hop_secs();
    let tier = visible.tier(hop_secs.max(1e-4));
    let generation =
        (session.references.generation << 32) + data.revision + beside.stretches.revision;
    // The same song is compared over the same seconds of it; another one as a whole.
    let is_same_song = matches!(alignment(beside), Alignment::Locked { .. });
    let same_seconds = is_same_song || beside.followed.is_some();
    SideScene {
        name: reference.name.clone(),
        detail: detail(&data, at_edge),
        state: reference_state(&data),
        hint: String::new(),
        absences: vec![],
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
        panels: SidePanels::of(Source::Laid(&data, region, &pieces, generation), visible),
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
            // All of it is final once it is read; while it grows, nothing is.
            final_secs: if data.programme.is_some() {
                f64::MAX
            } else {
                0.0
            },
            generation,
            region: Some(region),
        },
        stretches: beside.stretches.clone(),
        sample_rate_hz: data.sample_rate_hz,
    }
}

/// Where the picture's right edge lies, and which region is compared.
fn detail(data: &ReferenceData, at_edge_secs: f64) -> String {
    if let Some(target) = &data.target {
        return target_words(target);
    }
    if data.programme.is_none() {
        return String::new();
    }
    let place = format!(
        "{} of {}",
        minutes(at_edge_secs),
        minutes(data.duration_secs())
    );
    match data.region {
        Some(region) => format!(
            "{place} [{}–{}]",
            minutes(region.start_secs),
            minutes(region.start_secs + region.length_secs)
        ),
        None => place,
    }
}

fn reference_state(data: &ReferenceData) -> SideState {
    match (&data.failure, &data.programme) {
        (Some(why), _) => SideState::Failed(why.clone()),
        (None, None) => SideState::Loading(data.progress),
        (None, Some(_)) if data.target.is_some() => SideState::Timeless,
        (None, Some(_)) => SideState::Running,
    }
}

fn alignment(beside: &CompanionFrame) -> Alignment {
    match beside.tracking {
        Some(Tracking::Locked(found) | Tracking::Doubtful(found)) => Alignment::Locked {
            offset_secs: beside.offset_secs,
            confidence: found.confidence,
            in_doubt: matches!(beside.tracking, Some(Tracking::Doubtful(_))),
        },
        Some(Tracking::NotTheSameSong) => Alignment::OtherSong,
        _ => Alignment::Beside,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::frames::{ChannelLayout, StreamFormat};

    #[test]
    fn a_second_picture_of_the_same_smooths_no_curve() {
        let format = StreamFormat {
            sample_rate_hz: 48_000,
            layout: ChannelLayout::Stereo,
        };
        let mut session = Session::default();
        let mut mix = MixSide::still("tone".to_owned(), format);
        let tone: Vec<f32> = (0..48_000).map(|n| 0.2 * (n as f32 * 0.05).sin()).collect();
        mix.feed(&tone);
        session.mix = Some(mix);
        let last = PictureCache::default();
        let draw = |session: &Session| {
            let moment = Moment {
                mix: session.mix.as_ref().map(|mix| &mix.meters),
                beside: &session.beside,
            };
            let request = PictureRequest {
                size: [1280, 720],
                scale: 1.0,
                right_edge_secs: 0.5,
                frozen_behind_secs: None,
                frequency: FrequencyAxis::default(),
                status: Status::default(),
                drawer: None,
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
        if let Some(mix) = &mut session.mix {
            mix.feed(&tone);
        }
        draw(&session);
        assert!(last.curves.num_smoothed() > first, "more was heard");
    }
}
