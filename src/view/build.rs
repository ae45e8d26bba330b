//! From session to scene: looks up, for the time at the right edge of the picture, what every panel shows.

use crate::analysis::band_power::BandReading;
use crate::analysis::column::NUM_TIERS;
use crate::analysis::meters::Meters;
use crate::compare::matching::match_gain_lu;
use crate::compare::tracker::Tracking;
use crate::dsp::loudness::LoudnessPoint;
use crate::session::Session;
use crate::session::action::Drawer;
use crate::session::basis::{BandOf, MatchBasis};
use crate::session::columns::Region;
use crate::session::companion::CompanionFrame;
use crate::session::loudness_history::POINT_SECS;
use crate::session::mix::{MixSide, absence};
use crate::session::references::ReferenceData;
use crate::session::stretches::{Stretch, Stretches};
use crate::view::axis::FrequencyAxis;
use crate::view::drawer::DrawerScene;
use crate::view::inputs::{UNHEARD_SECS, no_sound_hint};
use crate::view::layout::{CompareMode, Layout, Room};
use crate::view::levels::take_place;
use crate::view::palette::Palette;
use crate::view::readout::minutes;
use crate::view::scene::{
    Absence, Alignment, BandWidth, Figures, Looks, LoudnessSample, Scene, SideClock, SideScene,
    SideState, SpectrumScene, Status,
};
use crate::view::sections::{marks, offer_words};
use crate::view::shelf::target_words;
use crate::view::spectrum::smoothed;
use crate::view::timeline::{
    MOST_COLUMNS_PER_DIFFERENCE_PX, MOST_COLUMNS_PER_PX, column_index, column_secs, tier_for,
};

/// Columns the GPU's ring of a tier holds.
pub const RING_COLUMNS: u64 = 4096;
/// Smoothing of median curves: what a mix decision is made on is not finer than this.
pub(super) const MEDIAN_OCTAVES: f64 = 1.0 / 6.0;
/// Smoothing of curves of the moment.
const LIVE_OCTAVES: f64 = 1.0 / 12.0;
/// Points of a loudness history in one picture.
const MOST_POINTS: usize = 1500;
/// The short-term match is the mean of so many points: ten seconds.
const SHORT_TERM_POINTS: usize = 100;
/// So far it looks back for seconds that sounded, in points: a minute.
const SHORT_TERM_REACH: u32 = 600;
/// Below this a side pauses.
const SHORT_TERM_GATE_LUFS: f64 = -55.0;
/// LRA counts as settled after this long (EBU Tech 3342).
const RANGE_SETTLES_SECS: f64 = 60.0;

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
    let room = Room {
        size: request.size,
        scale: request.scale,
        font_scale: looks.font_scale,
        has_drawer: request.drawer.is_some(),
    };
    let mut layout = Layout::in_room(room, looks.mode, &looks.arrangement);
    let levels = take_place(&mut layout);
    let width_px = layout.panes.first().map_or(1.0, |p| f64::from(p.plot.w));
    let visible = Visible {
        right_secs: request.right_edge_secs,
        span_secs: looks.span_secs,
        width_px,
        finest_tier: if looks.mode == CompareMode::Difference {
            looks.smoothing_tier()
        } else {
            0
        },
        most_columns_per_px: if looks.mode == CompareMode::Difference {
            MOST_COLUMNS_PER_DIFFERENCE_PX
        } else {
            MOST_COLUMNS_PER_PX
        },
        has_spectrum: layout.spectrum.is_some(),
        has_loudness: layout.loudness.is_some(),
    };
    let mix = mix_scene(session, moment.mix, &visible);
    let reference = reference_scene(session, moment.beside, &visible, looks.band_of);
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
        drawer: request
            .drawer
            .map(|drawer| DrawerScene::of(drawer, session)),
        stamp: None,
        levels,
        cursor: None,
        mark: None,
        absolute_time: false,
    }
}

/// The stretch of mix time in the picture.
struct Visible {
    right_secs: f64,
    span_secs: f64,
    width_px: f64,
    /// A difference of single columns is noise: it reads averages of four.
    finest_tier: usize,
    /// Columns of its tier that a pixel covers at most.
    most_columns_per_px: f64,
    /// Whether a panel shows spectra. What no panel shows is not worked out.
    has_spectrum: bool,
    /// Whether a panel shows loudness histories.
    has_loudness: bool,
}

impl Visible {
    fn left_secs(&self) -> f64 {
        self.right_secs - self.span_secs
    }

    /// A curve for the spectrum panel, smoothed; none where there is no such panel.
    fn curve(&self, levels_db: &[f32], octaves: f64) -> Vec<f32> {
        if self.has_spectrum {
            smoothed(&present(levels_db), octaves)
        } else {
            vec![]
        }
    }

    fn fraction(&self, mix_secs: f64) -> f32 {
        ((mix_secs - self.left_secs()) / self.span_secs) as f32
    }

    fn tier(&self, hop_secs: f64) -> usize {
        tier_for(
            hop_secs,
            self.span_secs / self.width_px,
            self.width_px,
            RING_COLUMNS as f64,
            self.most_columns_per_px,
        )
        .max(self.finest_tier)
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
    visible: &Visible,
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
    let points = if visible.has_loudness { MOST_POINTS } else { 0 };
    let loudness = side
        .loudness
        .between(
            visible.left_secs() + offset_secs,
            visible.right_secs + offset_secs,
            points,
        )
        .map(|(secs, point)| sample(visible.fraction(secs - offset_secs), point))
        .collect();
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
        spectrum: SpectrumScene {
            live_db: visible.curve(&meters.spectrum_db, LIVE_OCTAVES),
            median_db: visible.curve(&meters.curves.p50_db, MEDIAN_OCTAVES),
            // The band behind the curves is the reference's.
            p10_db: vec![],
            p90_db: vec![],
        },
        loudness,
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

/// Absences of a side within the picture, the newest first, cut at its edges.
fn absences(side: &MixSide, visible: &Visible, offset_secs: f64) -> Vec<Absence> {
    let shown = |[_, to]: &&[f64; 2]| *to > visible.left_secs() + offset_secs;
    let fraction = |secs: f64| visible.fraction(secs - offset_secs).clamp(0.0, 1.0);
    side.absences
        .iter()
        .rev()
        .take_while(shown)
        .filter(|[from, _]| *from < visible.right_secs + offset_secs)
        .map(|&[from, to]| Absence {
            fractions: [from, to].map(fraction),
            words: format!("{} missing", absence(to - from)),
        })
        .collect()
}

/// Whether a tier no longer holds the columns at a time.
fn has_let_go(mix: &MixSide, tier: usize, secs: f64) -> bool {
    let secs = secs.max(0.0);
    let at = column_index(mix.hop_secs(), tier, secs).floor().max(0.0);
    let first = mix.columns.known_from(tier, at as u64);
    let is_left_out = mix.columns.kept(tier).is_empty() && !mix.columns.kept(tier + 1).is_empty();
    is_left_out || first > 0 && column_secs(mix.hop_secs(), tier, first as f64) > secs
}

fn mix_figures(meters: &Meters) -> Figures {
    let loudness = &meters.loudness;
    Figures {
        momentary_lufs: loudness.momentary_lufs,
        short_term_lufs: loudness.short_term_lufs,
        integrated_lufs: loudness.integrated_lufs,
        range_lu: loudness.range_lu,
        range_is_stable: loudness.measured_secs >= RANGE_SETTLES_SECS,
        true_peak_dbtp: meters.true_peak_dbtp,
        plr_lu: meters.plr_lu,
        psr_lu: meters.psr_lu,
        correlation: meters.correlation,
        bands: meters.bands.map(|band| BandWidth {
            side_to_mid_db: band.width_db(),
            correlation: band.correlation,
        }),
        levels: meters.levels,
    }
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
    visible: &Visible,
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
    let compared = data.curves();
    // The same song is compared over the same seconds of it; another one as a whole.
    let is_same_song = matches!(alignment(beside), Alignment::Locked { .. });
    let same_seconds = beside.meters.as_ref().map(|meters| &meters.curves);
    let common = session
        .references
        .common_band()
        .filter(|_| band_of == BandOf::All);
    let common = common.and_then(|band| Some((band, band_gain_db(&data)?)));
    let median = same_seconds
        .filter(|_| is_same_song || beside.followed.is_some())
        .or(compared);
    let curve = |levels: Option<&Vec<f32>>| {
        levels.map_or_else(Vec::new, |levels| visible.curve(levels, MEDIAN_OCTAVES))
    };
    SideScene {
        name: reference.name.clone(),
        detail: detail(&data, at_edge),
        state: reference_state(&data),
        hint: String::new(),
        absences: vec![],
        figures: reference_figures(&data, beside.meters.as_ref()),
        spectrum: SpectrumScene {
            live_db: beside.meters.as_ref().map_or_else(Vec::new, |meters| {
                visible.curve(&meters.spectrum_db, LIVE_OCTAVES)
            }),
            median_db: match common {
                Some((band, gain_db)) => curve(Some(&raised(&band.p50_db, gain_db))),
                None => curve(median.map(|c| &c.p50_db)),
            },
            p10_db: match common {
                Some((band, gain_db)) => curve(Some(&raised(&band.p10_db, gain_db))),
                None => curve(compared.map(|c| &c.p10_db)),
            },
            p90_db: match common {
                Some((band, gain_db)) => curve(Some(&raised(&band.p90_db, gain_db))),
                None => curve(compared.map(|c| &c.p90_db)),
            },
        },
        loudness: if visible.has_loudness {
            reference_loudness(&data, region, &pieces, visible)
        } else {
            vec![]
        },
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
            generation: (session.references.generation << 32)
                + data.revision
                + beside.stretches.revision,
            region: Some(region),
        },
        stretches: beside.stretches.clone(),
        sample_rate_hz: data.sample_rate_hz,
    }
}

/// From levels relative to loudness to levels of the active reference, which the picture then matches and trims.
fn band_gain_db(data: &ReferenceData) -> Option<f32> {
    let (integrated_lufs, _) = data.loudness_of_part();
    Some((integrated_lufs? - data.trim_db) as f32)
}

fn raised(levels_db: &[f32], gain_db: f32) -> Vec<f32> {
    levels_db.iter().map(|level| level + gain_db).collect()
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

/// Figures of the moment come from beside the mix, figures of the whole from all that is compared.
fn reference_figures(data: &ReferenceData, beside: Option<&Meters>) -> Figures {
    let compared = data.summary().map(|summary| &summary.loudness);
    let (integrated_lufs, range_lu) = data.loudness_of_part();
    Figures {
        integrated_lufs,
        range_lu,
        range_is_stable: data.target.is_some() || data.compared().length_secs >= RANGE_SETTLES_SECS,
        true_peak_dbtp: compared.and_then(|l| l.true_peak_dbtp),
        plr_lu: compared.and_then(|l| l.plr_lu),
        ..match (&data.target, beside) {
            (Some(_), _) => Figures {
                bands: target_widths(data),
                ..Figures::default()
            },
            (None, beside) => beside.map(mix_figures).unwrap_or_default(),
        }
    }
}

/// A target has no moment: its widths are those of its tracks.
fn target_widths(data: &ReferenceData) -> [BandWidth; 5] {
    let bands = data.summary().map(|summary| &summary.stereo.bands);
    std::array::from_fn(|n| {
        let band = bands.and_then(|bands| bands.get(n));
        let reading = band.map_or_else(BandReading::default, |band| BandReading {
            level_dbfs: band.level_dbfs,
            correlation: band.correlation,
            side_to_mid_db: band.side_to_mid_db,
        });
        BandWidth {
            side_to_mid_db: reading.width_db(),
            correlation: reading.correlation,
        }
    })
}

fn alignment(beside: &CompanionFrame) -> Alignment {
    match beside.tracking {
        Some(Tracking::Locked(found) | Tracking::Doubtful(found)) => Alignment::Locked {
            offset_secs: beside.offset_secs,
            confidence: found.confidence,
            num_places: found.num_places,
            in_doubt: matches!(beside.tracking, Some(Tracking::Doubtful(_))),
        },
        Some(Tracking::OtherSpeed(found)) => Alignment::OtherSpeed { speed: found.speed },
        Some(Tracking::NotTheSameSong) => Alignment::OtherSong,
        _ => Alignment::Beside,
    }
}

/// The reference's loudness under the visible mix time, where it lay in pieces; its region repeats within each.
fn reference_loudness(
    data: &ReferenceData,
    region: Region,
    pieces: &[Stretch],
    visible: &Visible,
) -> Vec<LoudnessSample> {
    let mut samples = vec![];
    for piece in pieces {
        let mut mix_secs = piece.from_secs;
        while mix_secs < piece.to_secs && samples.len() <= 2 * MOST_POINTS {
            let from = region.reference_secs(piece.offset_secs + mix_secs);
            let room = region.start_secs + region.length_secs - from;
            let length = room.min(piece.to_secs - mix_secs).max(0.1);
            let before = samples.len();
            let share = (MOST_POINTS as f64 * length / visible.span_secs).ceil() as usize;
            for (secs, point) in data.loudness.between(from, from + length, share.max(2)) {
                samples.push(sample(visible.fraction(mix_secs + secs - from), point));
            }
            if before > 0 && samples.len() > before {
                // The line must not be drawn across a jump, nor from the region's end to its start.
                samples[before].momentary_lufs = f32::NEG_INFINITY;
                samples[before].short_term_lufs = f32::NEG_INFINITY;
            }
            mix_secs += length;
        }
    }
    samples
}

/// Curves of the analysis say −200 where there is nothing; here it is −∞, so that no line is drawn.
fn present(levels_db: &[f32]) -> Vec<f32> {
    levels_db
        .iter()
        .map(|&db| if db <= -170.0 { f32::NEG_INFINITY } else { db })
        .collect()
}

fn sample(fraction: f32, point: LoudnessPoint) -> LoudnessSample {
    let lufs = |value: f32| {
        if value > LoudnessPoint::ABSENT_LUFS {
            value
        } else {
            f32::NEG_INFINITY
        }
    };
    LoudnessSample {
        fraction,
        momentary_lufs: lufs(point.momentary_lufs),
        short_term_lufs: lufs(point.short_term_lufs),
    }
}
