//! What the person did with the picture: frozen where, zoomed how; and what an action makes of it.

use crate::analysis::meters::Meters;
use crate::session::Session;
use crate::session::action::{Action, Drawer, Mark};
use crate::session::pairing::basis::{BandOf, MatchBasis};
use crate::session::settings::Settings;
use crate::session::sides::beside::CompanionFrame;
use crate::session::sides::input::InputWish;
use crate::view::axis::FrequencyAxis;
use crate::view::cursor::Pointer;
use crate::view::layout::CompareMode;
use crate::view::mark::MarkState;
use crate::view::picture_cache::PictureCache;
use crate::view::scene::{Channel, Looks};
use crate::view::settings::looks;

/// Shortest and longest time across the picture.
pub(super) const SPAN_RANGE_SECS: [f64; 2] = [1.0, 43_200.0];

/// A picture that stands still while measuring goes on.
#[derive(Clone, Debug)]
pub struct Frozen {
    /// Mix time at the right edge.
    pub edge_secs: f64,
    /// The mix's figures at that time.
    pub meters: Option<Meters>,
    /// The reference's, and where it lay.
    pub beside: CompanionFrame,
    /// Which choice of reference that was.
    pub generation: u64,
}

impl Frozen {
    /// What is shown now.
    pub(super) fn of(session: &Session, edge_secs: f64) -> Self {
        Self {
            edge_secs,
            meters: session.pair.mix.history().map(|mix| mix.meters.clone()),
            beside: session.pair.beside.clone(),
            generation: session.pair.references.generation(),
        }
    }
}

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
    /// What the crosshair follows.
    pub pointer: Option<Pointer>,
    /// The marked stretch with what was measured in it.
    pub mark: MarkState,
    /// What the last picture was made of.
    pub last: PictureCache,
    /// The view to go back to while a snapshot is shown as it was.
    before_picture: Option<BeforePicture>,
}

impl ViewState {
    /// Applies an action on picture and session; false if it is for the window. `edge_secs` is the time at the right edge now.
    pub fn apply(&mut self, action: &Action, session: &mut Session, edge_secs: f64) -> bool {
        let looks = &mut self.looks;
        match action {
            Action::ToggleFreeze => {
                self.frozen = match self.frozen {
                    Some(_) => None,
                    None => Some(Frozen::of(session, edge_secs)),
                }
            }
            Action::ShowMix => toggle(&mut looks.mode, CompareMode::MixOnly),
            Action::ShowReference => toggle(&mut looks.mode, CompareMode::ReferenceOnly),
            Action::ShowDifference => toggle(&mut looks.mode, CompareMode::Difference),
            Action::ToggleOverlay => {
                looks.mode = match looks.mode {
                    CompareMode::SideBySide => CompareMode::Overlay,
                    _ => CompareMode::SideBySide,
                }
            }
            Action::ToggleLoudnessMatch => looks.loudness_match = !looks.loudness_match,
            Action::ResetMeasurement => {
                session.pair.reset_measurement();
            }
            Action::SelectInput(name) => session.pair.select_input(InputWish::from_name(name)),
            Action::SelectInputPair(pair) => session.pair.select_input_pair(*pair),
            Action::Reference(index) => {
                session.pair.references.activate(*index);
            }
            Action::NextReference => session.pair.references.activate_next(),
            Action::RemoveReference(number) => {
                let (_, active) = session.pair.references.count();
                session.pair.references.remove(number.unwrap_or(active));
            }
            Action::Region(secs) => {
                let shown = || self.shown_of_reference(session, edge_secs);
                if let Some(secs) = secs.or_else(shown) {
                    session.pair.references.set_region(Some(secs));
                }
            }
            Action::ClearRegion => session.pair.references.set_region(None),
            Action::MatchBasis(basis) => {
                let stepped = next(&MatchBasis::ALL, looks.match_basis);
                looks.match_basis = basis.unwrap_or(stepped);
            }
            Action::Band(band) => {
                looks.band_of = band.unwrap_or(next(&BandOf::ALL, looks.band_of));
            }
            Action::Trim(trim_db) => session.pair.references.set_trim_db(*trim_db),
            Action::ReferenceInput(name) => session.pair.select_reference_input(name),
            Action::FollowSections => {
                session.pair.follows_sections = !session.pair.follows_sections
            }
            Action::NudgeAlignment(secs) => {
                session.pair.nudge(*secs);
                // What stands still is moved as well, or it would jump when it goes on.
                if let Some(frozen) = &mut self.frozen
                    && frozen.generation == session.pair.references.generation()
                {
                    frozen.beside.offset_secs += secs;
                }
            }
            Action::ZoomTime(factor) => {
                let [shortest, longest] = SPAN_RANGE_SECS;
                looks.span_secs = (looks.span_secs / factor).clamp(shortest, longest);
            }
            Action::Scroll(part) => self.scroll(*part, session, edge_secs),
            Action::Cursor(place) => self.pointer = place.map(Pointer::Place),
            Action::LevelMeter(meter) => looks.level_meter = *meter,
            Action::NextLevelMeter => looks.level_meter = looks.level_meter.next(),
            Action::DifferenceSmoothing(amount) => looks.difference_smoothing = *amount,
            Action::NextSmoothing => {
                looks.difference_smoothing = (looks.difference_smoothing + 1) % 4;
            }
            Action::Mark(mark) => {
                let edge = self.frozen.as_ref().map_or(edge_secs, |f| f.edge_secs);
                self.mark.set(mark.and_then(|mark| mark.at_edge(edge)));
            }
            Action::MarkVisible => {
                let to_secs = self.frozen.as_ref().map_or(edge_secs, |f| f.edge_secs);
                let visible = Mark {
                    from_secs: (to_secs - looks.span_secs).max(0.0),
                    to_secs,
                    hz: None,
                };
                self.mark.set(visible.at_edge(to_secs));
            }
            Action::GoTo(place) => {
                if let Some(mark) = place {
                    let edge = self.frozen.as_ref().map_or(edge_secs, |f| f.edge_secs);
                    self.mark.set(mark.at_edge(edge));
                }
                self.go_to_mark(session, edge_secs);
            }
            Action::ZoomFrequency(factor) => {
                let about = match self.pointer {
                    Some(Pointer::Place(place)) => self.frequency.fraction_from_hz(place.hz),
                    _ => 0.5,
                };
                self.zoom_frequency_about(*factor, about.clamp(0.0, 1.0));
            }
            Action::ResetAxes => self.reset_axes(session),
            Action::ResetView => {
                self.frozen = None;
                self.frequency = FrequencyAxis::default();
                looks.span_secs = session.settings.span_secs;
            }
            Action::NextColorMap => {
                looks.level_map = next(&crate::view::colormap::LevelMap::ALL, looks.level_map);
            }
            Action::NextChannel => looks.channel = next(&CHANNELS, looks.channel),
            Action::ToggleTheme => looks.light = !looks.light,
            Action::Set(name, value) => self.set(name, value, session),
            Action::ToggleHelp => self.help = !self.help,
            Action::ToggleDrawer(drawer) => {
                self.drawer = Some(*drawer).filter(|_| self.drawer != Some(*drawer));
            }
            Action::Layout(layout) => looks.arrangement.choose(*layout),
            Action::NextLayout => {
                let next = looks.arrangement.layout.next();
                looks.arrangement.choose(next);
            }
            Action::Fill(panel) => looks.arrangement.toggle_filled(*panel),
            Action::Hide(panel) => looks.arrangement.toggle_hidden(*panel),
            Action::SwapSides => looks.arrangement.swapped = !looks.arrangement.swapped,
            Action::MoveDivider(divider, fraction) => {
                looks.arrangement.move_divider(*divider, *fraction);
            }
            Action::ResetLayout => looks.arrangement.reset(),
            Action::Screenshot(_)
            | Action::Report
            | Action::Export
            | Action::Snapshot
            | Action::Recall(_)
            | Action::RecallMix(_)
            | Action::Reopen(_)
            | Action::BackToLive
            | Action::RenameSnapshot(..)
            | Action::NoteSnapshot(..)
            | Action::DeleteSnapshot(_)
            | Action::UndeleteSnapshot
            | Action::ToggleListen
            | Action::ListenOn(_)
            | Action::NextMonitor
            | Action::ToggleFullscreen
            | Action::Escape
            | Action::OpenReference
            | Action::ToggleAlwaysOnTop
            | Action::Quit => return false,
        }
        true
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
    fn shown_of_reference(&self, session: &Session, edge_secs: f64) -> Option<[f64; 2]> {
        let edge_secs = self.frozen.as_ref().map_or(edge_secs, |f| f.edge_secs);
        let beside = match &self.frozen {
            Some(frozen) if frozen.generation == session.pair.references.generation() => {
                &frozen.beside
            }
            _ => &session.pair.beside,
        };
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

/// Into a mode, or back to side by side from it.
fn toggle(mode: &mut CompareMode, wanted: CompareMode) {
    *mode = if *mode == wanted {
        CompareMode::SideBySide
    } else {
        wanted
    };
}

fn next<T: Copy + PartialEq>(all: &[T], current: T) -> T {
    let at = all.iter().position(|item| *item == current).unwrap_or(0);
    all[(at + 1) % all.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::references::{Reference, ReferenceData};
    use crate::session::settings::arrangement::{LayoutKind, Panel};

    #[test]
    fn a_key_pressed_twice_brings_back_what_was() {
        let mut state = ViewState::default();
        let mut session = Session::default();
        let before = state.looks.clone();
        for action in [
            Action::ShowMix,
            Action::ShowDifference,
            Action::ToggleOverlay,
            Action::ToggleLoudnessMatch,
            Action::ToggleTheme,
            Action::Fill(Panel::Table),
            Action::Hide(Panel::Table),
            Action::SwapSides,
        ] {
            assert!(state.apply(&action, &mut session, 0.0));
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
            let action = Action::from_words(words).expect("it is in the catalog");
            assert!(state.apply(&action, &mut session, 0.0));
        }
        assert_eq!(state.looks.arrangement.layout, LayoutKind::Stereo);
        assert_eq!(state.looks.arrangement.filled, None);
        state.apply(&Action::ResetLayout, &mut session, 0.0);
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
        state.apply(&Action::ToggleFreeze, &mut session, 0.0);
        state.apply(&Action::NudgeAlignment(0.25), &mut session, 0.0);
        let frozen = state.frozen.as_ref().expect("it stands still");
        assert_eq!(
            (frozen.beside.offset_secs, session.pair.nudge_secs()),
            (0.25, 0.25)
        );
        session.pair.references.activate(0);
        session.pair.poll();
        state.apply(&Action::NudgeAlignment(-1.0), &mut session, 0.0);
        assert_eq!(session.pair.nudge_secs(), -1.0);
        let frozen = state.frozen.as_ref().expect("it stands still");
        assert_eq!(
            frozen.beside.offset_secs, 0.25,
            "it shows another reference now"
        );
        session.pair.references.activate(1);
        session.pair.poll();
        assert_eq!(session.pair.nudge_secs(), 0.25);
    }

    #[test]
    fn zoom_keeps_its_limits_however_often_the_key_is_pressed() {
        let mut state = ViewState::default();
        let mut session = Session::default();
        for _ in 0..40 {
            state.apply(&Action::ZoomTime(2.0), &mut session, 0.0);
        }
        assert_eq!(state.looks.span_secs, SPAN_RANGE_SECS[0]);
        for _ in 0..60 {
            state.apply(&Action::ZoomTime(0.5), &mut session, 0.0);
        }
        assert_eq!(state.looks.span_secs, SPAN_RANGE_SECS[1]);
    }
}
