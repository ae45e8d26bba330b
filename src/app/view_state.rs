//! What the person did with the picture: frozen where, zoomed how; and what an action makes of it.

use crate::app::frozen::Frozen;
use crate::session::Session;
use crate::session::action::{Context, Drawer, Mark, ViewAction};
use crate::session::pairing::basis::{BandOf, MatchBasis};
use crate::session::settings::Settings;
use crate::view::axis::FrequencyAxis;
use crate::view::build::Moment;
use crate::view::colormap::LevelMap;
use crate::view::cursor::Pointer;
use crate::view::findings::pointed_finding;
use crate::view::fit::{Fit, beside_lufs};
use crate::view::layout::CompareMode;
use crate::view::looks::{DifferenceOf, Smoothing};
use crate::view::mark::MarkState;
use crate::view::picture_cache::PictureCache;
use crate::view::scene::{Channel, Looks};
use crate::view::settings::looks;

/// Shortest and longest time across the picture.
pub(super) const SPAN_RANGE_SECS: [f64; 2] = [1.0, 43_200.0];

/// The view before a snapshot was reopened as a picture, which brings its own.
#[derive(Clone, Debug)]
struct BeforePicture {
    looks: Looks,
    frequency: FrequencyAxis,
    /// The setting of the time across, to see whether it is changed meanwhile.
    span_setting_secs: f64,
}

/// The person's view of the session.
#[derive(Clone, Debug, Default)]
pub struct ViewState {
    /// Choices that change looks.
    pub looks: Looks,
    /// Frequencies shown.
    pub frequency: FrequencyAxis,
    /// Standing still, or `None` when live.
    pub frozen: Option<Frozen>,
    /// Whether the keys are shown.
    pub help: bool,
    /// The open drawer.
    pub drawer: Option<Drawer>,
    /// What the small menu is about, and where it was asked for.
    pub context: Option<(Context, Option<[f32; 2]>)>,
    /// What the crosshair follows.
    pub pointer: Option<Pointer>,
    /// The marked stretch with what was measured in it.
    pub mark: MarkState,
    /// What the scales were fitted to.
    pub fit: Fit,
    /// What the last picture was made of.
    pub last: PictureCache,
    /// Whether the last picture lay over song position.
    pub(super) is_over_song: bool,
    /// Which mix and which choice of reference were looked at where both have something.
    pub(super) looked_at_common: Option<[u64; 2]>,
    /// The mode to go back to while masking is shown.
    before_masking: CompareMode,
    /// The view to go back to while a snapshot is shown as it was.
    before_picture: Option<BeforePicture>,
}

impl ViewState {
    /// Fits the scales once the mix has sounded long enough, if that is wanted, or when it is asked for; says what to
    /// tell.
    pub fn fit_scales(&mut self, session: &Session) -> Option<String> {
        let is_asked = self.fit.is_asked();
        let by_itself = self.frozen.is_none() && session.settings.fit_scales;
        if !is_asked && !by_itself {
            return None;
        }
        let mix = session.pair.mix.history()?;
        let generation = session.pair.mix.generation();
        let [low_lufs, _] = self.looks.loudness_axis_lufs();
        let now_db = self.looks.fit_db;
        let axis = [low_lufs, beside_lufs(session, self.looks.loudness_match)];
        let fit_db = self.fit.due(now_db, axis, generation, &mix.meters)?;
        if fit_db == self.looks.fit_db {
            return is_asked.then(|| "the scales fit the music as they are".to_owned());
        }
        self.looks.fit_db = fit_db;
        let words = match fit_db {
            0.0 => "scales as usual".to_owned(),
            moved => format!("scales moved by {moved:+} dB to fit the music").replace('-', "−"),
        };
        Some(format!("{words} · 0 fits them again"))
    }

    /// Does what is asked of the view. `edge_secs` is the time at the right edge now.
    pub fn apply(&mut self, action: &ViewAction, session: &mut Session, edge_secs: f64) {
        let looks = &mut self.looks;
        match action {
            ViewAction::ToggleFreeze => self.toggle_freeze(session, edge_secs),
            ViewAction::ShowMix => looks.toggle_mode(CompareMode::MixOnly),
            ViewAction::ShowReference => looks.toggle_mode(CompareMode::ReferenceOnly),
            ViewAction::ShowDifference => looks.toggle_mode(CompareMode::Difference),
            ViewAction::ToggleOverlay => looks.toggle_overlay(),
            ViewAction::ToggleLoudnessMatch => looks.loudness_match = !looks.loudness_match,
            ViewAction::MatchBasis(basis) => {
                looks.match_basis = basis.unwrap_or(next(&MatchBasis::ALL, looks.match_basis));
            }
            ViewAction::Band(band) => {
                looks.band_of = band.unwrap_or(next(&BandOf::ALL, looks.band_of));
            }
            ViewAction::ZoomTime(factor) => self.zoom_about_crosshair(*factor, session, edge_secs),
            ViewAction::Scroll(part) => self.scroll(*part, session, edge_secs),
            ViewAction::Cursor(place) => self.pointer = place.map(Pointer::Place),
            ViewAction::Crosshair(step) => self.step_crosshair(*step, self.edge_secs(edge_secs)),
            ViewAction::LevelMeter(meter) => looks.level_meter = *meter,
            ViewAction::NextLevelMeter => looks.level_meter = looks.level_meter.next(),
            ViewAction::DifferenceSmoothing(amount) => looks.difference_smoothing = *amount,
            ViewAction::NextSmoothing => {
                looks.difference_smoothing = (looks.difference_smoothing + 1) % 4;
            }
            ViewAction::FitScales => self.fit.again(),
            ViewAction::NextSpectrumSmoothing => {
                looks.spectrum_smoothing = next(&Smoothing::ALL, looks.spectrum_smoothing);
            }
            ViewAction::ToggleDifferenceOf => {
                looks.difference_of = next(&DifferenceOf::ALL, looks.difference_of);
            }
            ViewAction::ShowMasking => {
                self.before_masking = looks.toggle_masking(self.before_masking);
            }
            ViewAction::Mark(mark) => {
                let edge_secs = self.edge_secs(edge_secs);
                self.mark.set(mark.and_then(|mark| mark.at_edge(edge_secs)));
            }
            ViewAction::MarkVisible => self.mark_visible(edge_secs),
            ViewAction::GoTo(place) => {
                if let Some(mark) = place {
                    let at_edge = mark.at_edge(self.edge_secs(edge_secs));
                    self.mark.point_at(at_edge, pointed_finding(session, *mark));
                }
                self.go_to_mark(session, edge_secs);
            }
            ViewAction::ZoomFrequency(factor) => self.zoom_frequency_about_pointer(*factor),
            ViewAction::ResetAxes => self.reset_axes(session),
            ViewAction::ResetView => {
                self.frozen = None;
                self.frequency = FrequencyAxis::default();
                looks.span_secs = session.settings.span_secs;
            }
            ViewAction::NextColorMap => looks.level_map = next(&LevelMap::ALL, looks.level_map),
            ViewAction::NextChannel => looks.channel = next(&CHANNELS, looks.channel),
            ViewAction::ToggleTheme => looks.light = !looks.light,
            ViewAction::Set(name, value) => self.set(name, value, session),
            ViewAction::ToggleHelp => self.help = !self.help,
            ViewAction::ToggleDrawer(drawer) => {
                self.drawer = Some(*drawer).filter(|_| self.drawer != Some(*drawer));
            }
            ViewAction::Context(context) => self.context = context.map(|about| (about, None)),
            ViewAction::Layout(layout) => looks.arrangement.choose(*layout),
            ViewAction::NextLayout => looks.arrangement.choose(looks.arrangement.layout.next()),
            ViewAction::Fill(panel) => looks.arrangement.toggle_filled(*panel),
            ViewAction::Hide(panel) => looks.arrangement.toggle_hidden(*panel),
            ViewAction::SwapSides => looks.arrangement.swapped = !looks.arrangement.swapped,
            ViewAction::MoveDivider(divider, fraction) => {
                looks.arrangement.move_divider(*divider, *fraction);
            }
            ViewAction::ResetLayout => looks.arrangement.reset(),
        }
    }

    /// Mix time at the right edge: of the frozen picture, or the one now.
    pub(super) fn edge_secs(&self, now_secs: f64) -> f64 {
        self.frozen
            .as_ref()
            .map_or(now_secs, |frozen| frozen.edge_secs)
    }

    /// What findings, report and figures are asked for: the marked stretch, or all up to a picture that stands still.
    pub(super) fn compared_secs(&self, session: &Session) -> Option<[f64; 2]> {
        if let Some(mark) = self.mark.chosen() {
            return Some([mark.from_secs, mark.to_secs]);
        }
        let frozen = self.frozen.as_ref()?;
        let mix = session.pair.mix.drawn()?;
        // Looking back at an earlier moment is no other comparison.
        Some([mix.measured_from_secs, frozen.at_secs])
    }

    fn toggle_freeze(&mut self, session: &Session, edge_secs: f64) {
        self.frozen = match self.frozen {
            Some(_) => {
                // What was marked of a picture that stood still is done with.
                self.mark.set(None);
                None
            }
            None => Some(Frozen::of(session, edge_secs)),
        };
    }

    fn mark_visible(&mut self, edge_secs: f64) {
        let to_secs = self.edge_secs(edge_secs);
        let visible = Mark {
            from_secs: (to_secs - self.looks.span_secs).max(0.0),
            to_secs,
            hz: None,
        };
        self.mark.set(visible.at_edge(to_secs));
    }

    fn zoom_frequency_about_pointer(&mut self, factor: f64) {
        let about = match self.pointer {
            Some(Pointer::Place(place)) => self.frequency.fraction_from_hz(place.hz),
            _ => 0.5,
        };
        self.zoom_frequency_about(factor, about.clamp(0.0, 1.0));
    }

    /// Moves what lies beside a frozen picture, if it is that choice of reference.
    pub(super) fn nudge_frozen(&mut self, secs: f64, generation: u64) {
        let beside = self
            .frozen
            .as_mut()
            .and_then(|frozen| frozen.beside.as_mut());
        if let Some(beside) = beside.filter(|beside| beside.generation == generation) {
            beside.frame.offset_secs += secs;
        }
    }

    /// Shows a snapshot in the looks it was kept in.
    pub(super) fn enter_picture(&mut self, kept: (Looks, FrequencyAxis), settings: &Settings) {
        let before = BeforePicture {
            looks: self.looks.clone(),
            frequency: self.frequency,
            span_setting_secs: settings.span_secs,
        };
        self.before_picture.get_or_insert(before);
        (self.looks, self.frequency) = kept;
    }

    /// Whether the looks are those of a snapshot, which nobody has chosen for keeps.
    pub(super) fn is_in_picture(&self) -> bool {
        self.before_picture.is_some()
    }

    /// How the sides stand to each other when no snapshot is shown as it was.
    pub(super) fn lasting_mode(&self) -> CompareMode {
        let before = self.before_picture.as_ref();
        before.map_or(self.looks.mode, |before| before.looks.mode)
    }

    /// Back to the view before, with what the settings have become since.
    pub(super) fn leave_picture(&mut self, settings: &Settings) {
        let Some(before) = self.before_picture.take() else {
            return;
        };
        self.looks = looks(settings, &before.looks);
        self.frequency = before.frequency;
        if settings.span_secs != before.span_setting_secs {
            self.looks.span_secs = settings.span_secs;
        }
    }

    /// The part of the reference that lies in the picture, in its own seconds; up to its end where it repeats.
    pub(super) fn shown_of_reference(&self, session: &Session, edge_secs: f64) -> Option<[f64; 2]> {
        let edge_secs = self.frozen.as_ref().map_or(edge_secs, |f| f.edge_secs);
        let frozen = self.frozen.as_ref();
        let beside = frozen.and_then(|frozen| frozen.beside(session.pair.references.generation()));
        let beside = beside.unwrap_or(session.pair.beside_drawn());
        let data = session.pair.references.active()?.data();
        let region = beside.region(&data);
        let laid_secs = region.laid_offset_secs(beside.offset_secs) + edge_secs;
        let visible_secs = self.looks.span_secs.min(edge_secs);
        let start = region.reference_secs(laid_secs - visible_secs);
        let end = (start + visible_secs).min(region.start_secs + region.length_secs);
        Some([start, end])
    }

    /// Scrolls a frozen picture; a live one is frozen first. It goes neither before the start nor past the freeze.
    fn scroll(&mut self, part: f64, session: &Session, edge_secs: f64) {
        let edge = self.frozen.as_ref().map_or(edge_secs, |f| f.edge_secs);
        let moved = edge - part * self.looks.span_secs;
        self.pan_time_to(moved, session, edge_secs);
    }
}

const CHANNELS: [Channel; 5] = [
    Channel::Both,
    Channel::Left,
    Channel::Right,
    Channel::Mid,
    Channel::SideSignal,
];

fn next<T: Copy + PartialEq>(all: &[T], current: T) -> T {
    let at = all.iter().position(|item| *item == current).unwrap_or(0);
    all[(at + 1) % all.len()]
}

/// The figures of now, or of the moment the picture was frozen; another reference has only those of now.
pub(super) fn moment<'a>(session: &'a Session, view: &'a ViewState) -> Moment<'a> {
    match &view.frozen {
        Some(frozen) => match frozen.beside(session.pair.references.generation()) {
            Some(beside) => Moment {
                mix: frozen.meters.as_ref(),
                beside,
            },
            None => Moment {
                mix: session.pair.mix_there().or(frozen.meters.as_ref()),
                beside: session.pair.beside_drawn(),
            },
        },
        None => Moment::now(session),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::pair_actions::apply_to_pair;
    use crate::session::action::{Action, PairAction};
    use crate::session::references::{Reference, ReferenceData};
    use crate::session::settings::arrangement::{LayoutKind, Panel};

    fn asked_of_the_view(words: &str) -> ViewAction {
        match Action::from_words(words) {
            Ok(Action::View(action)) => action,
            other => panic!("{words}: {other:?}"),
        }
    }

    fn offset_secs(frozen: &Frozen) -> f64 {
        let beside = frozen.beside.as_ref().expect("it was known");
        beside.frame.offset_secs
    }

    #[test]
    fn a_key_pressed_twice_brings_back_what_was() {
        let mut state = ViewState::default();
        let mut session = Session::default();
        let before = state.looks.clone();
        for action in [
            ViewAction::ShowMix,
            ViewAction::ShowDifference,
            ViewAction::ToggleOverlay,
            ViewAction::ToggleLoudnessMatch,
            ViewAction::ToggleTheme,
            ViewAction::Fill(Panel::Table),
            ViewAction::Hide(Panel::Table),
            ViewAction::SwapSides,
        ] {
            state.apply(&action, &mut session, 0.0);
            assert_ne!(state.looks, before, "{action:?} did nothing");
            state.apply(&action, &mut session, 0.0);
            assert_eq!(state.looks, before, "{action:?} did not come back");
        }
    }

    #[test]
    fn the_usual_layout_comes_back_with_all_its_panels() {
        let mut state = ViewState::default();
        let mut session = Session::default();
        for words in [
            "hide scopes",
            "divider columns 0.4",
            "swap",
            "fill table",
            "layout stereo",
        ] {
            state.apply(&asked_of_the_view(words), &mut session, 0.0);
        }
        assert_eq!(state.looks.arrangement.layout, LayoutKind::Stereo);
        assert_eq!(state.looks.arrangement.filled, None);
        state.apply(&ViewAction::ResetLayout, &mut session, 0.0);
        assert_eq!(state.looks, Looks::default());
    }

    #[test]
    fn a_nudge_moves_what_stands_still_and_stays_with_its_reference() {
        let mut state = ViewState::default();
        let mut session = Session::default();
        for name in ["a", "b"] {
            let reference = Reference::of_picture(name.to_owned(), ReferenceData::empty());
            session
                .pair
                .references
                .add(reference)
                .expect("there is room");
        }
        state.apply(&ViewAction::ToggleFreeze, &mut session, 0.0);
        apply_to_pair(
            &PairAction::NudgeAlignment(0.25),
            &mut session,
            &mut state,
            0.0,
        );
        let frozen = state.frozen.as_ref().expect("it stands still");
        assert_eq!(
            (offset_secs(frozen), session.pair.nudge_secs()),
            (0.25, 0.25)
        );
        session.pair.references.activate(0);
        session.pair.poll();
        apply_to_pair(
            &PairAction::NudgeAlignment(-1.0),
            &mut session,
            &mut state,
            0.0,
        );
        assert_eq!(session.pair.nudge_secs(), -1.0);
        let frozen = state.frozen.as_ref().expect("it stands still");
        assert_eq!(offset_secs(frozen), 0.25, "it shows another reference now");
        session.pair.references.activate(1);
        session.pair.poll();
        assert_eq!(session.pair.nudge_secs(), 0.25);
    }

    #[test]
    fn masking_goes_back_to_the_mode_it_came_from() {
        let (mut state, mut session) = (ViewState::default(), Session::default());
        for mode in [CompareMode::Difference, CompareMode::Overlay] {
            state.looks.mode = mode;
            for _ in 0..2 {
                state.apply(&ViewAction::ShowMasking, &mut session, 0.0);
            }
            assert_eq!(state.looks.mode, mode);
        }
    }

    #[test]
    fn zoom_keeps_its_limits_however_often_the_key_is_pressed() {
        let mut state = ViewState::default();
        let mut session = Session::default();
        for _ in 0..40 {
            state.apply(&ViewAction::ZoomTime(2.0), &mut session, 0.0);
        }
        assert_eq!(state.looks.span_secs, SPAN_RANGE_SECS[0]);
        for _ in 0..60 {
            state.apply(&ViewAction::ZoomTime(0.5), &mut session, 100.0);
        }
        // Of little music no more than it fills a quarter of.
        assert_eq!(state.looks.span_secs, 400.0);
        for _ in 0..60 {
            state.apply(&ViewAction::ZoomTime(0.5), &mut session, 20_000.0);
        }
        assert_eq!(state.looks.span_secs, SPAN_RANGE_SECS[1]);
    }
}
