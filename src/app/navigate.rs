//! Zooming and panning the picture: what lies under the pointer stays there, and time never leaves what was heard.

use crate::app::frozen::Frozen;
use crate::app::view_state::{SPAN_RANGE_SECS, ViewState};
use crate::session::Session;
use crate::session::sides::history::History;
use crate::view::axis::FrequencyAxis;
use crate::view::timeline::zoomed_secs;

/// The time that is shown about a marked stretch, in lengths of it.
const ROOM_ABOUT_MARK: f64 = 1.25;

impl ViewState {
    /// Zooms in time by a factor about a place across the picture (0 left, 1 right). A live picture keeps its right
    /// edge, which is now.
    pub fn zoom_time_about(&mut self, factor: f64, fraction: f64, session: &Session) {
        let before = self.looks.span_secs;
        let heard_secs = session.pair.mix.drawn().map_or(0.0, History::end_secs);
        let span = zoomed_secs(SPAN_RANGE_SECS, [before, before / factor], heard_secs);
        self.looks.span_secs = span;
        if let Some(frozen) = &self.frozen {
            let right_of_place = 1.0 - fraction;
            let edge = frozen.edge_secs + right_of_place * (span - before);
            self.move_edge(edge, session);
        }
    }

    /// Zooms in frequency by a factor about a place along the axis (0 low, 1 high).
    pub fn zoom_frequency_about(&mut self, factor: f64, fraction: f64) {
        self.frequency = self.frequency.zoomed(fraction, factor);
    }

    /// Puts the right edge of the picture at a time; a live picture is frozen at `now_secs` first.
    pub fn pan_time_to(&mut self, edge_secs: f64, session: &Session, now_secs: f64) {
        self.frozen
            .get_or_insert_with(|| Frozen::of(session, now_secs));
        self.move_edge(edge_secs, session);
    }

    /// Brings what is marked to the middle of the picture, which stands still there and shows as much time as it takes.
    pub fn go_to_mark(&mut self, session: &Session, now_secs: f64) {
        let Some(mark) = self.mark.mark() else {
            return;
        };
        let [shortest, longest] = SPAN_RANGE_SECS;
        let length_secs = mark.to_secs - mark.from_secs;
        let span = self.looks.span_secs.max(length_secs * ROOM_ABOUT_MARK);
        self.looks.span_secs = span.clamp(shortest, longest);
        // What was heard after the freeze is shown by freezing again.
        if self
            .frozen
            .as_ref()
            .is_some_and(|frozen| frozen.at_secs < mark.to_secs)
        {
            self.frozen = None;
        }
        let middle = (mark.from_secs + mark.to_secs) / 2.0;
        self.pan_time_to(middle + self.looks.span_secs / 2.0, session, now_secs);
    }

    /// The usual axes; a frozen picture stays where it is.
    pub fn reset_axes(&mut self, session: &Session) {
        self.frequency = FrequencyAxis::default();
        let before = self.looks.span_secs;
        self.looks.span_secs = session.settings.span_secs;
        if let Some(frozen) = &self.frozen {
            let middle = frozen.edge_secs - before / 2.0;
            self.move_edge(middle + self.looks.span_secs / 2.0, session);
        }
    }

    /// A picture over song position and one over time have no time in common: what stands still, is marked or pointed at in the
    /// one is nowhere in the other.
    pub fn follow_song_position(&mut self, session: &Session) {
        let is_over_song = session.pair.mix.shown_song().is_some();
        if self.is_over_song != is_over_song {
            self.is_over_song = is_over_song;
            self.frozen = None;
            self.mark.set(None);
            self.pointer = None;
        }
    }

    /// Neither before the start nor past the moment of the freeze.
    pub(super) fn move_edge(&mut self, edge_secs: f64, session: &Session) {
        let span = self.looks.span_secs;
        if let Some(frozen) = &mut self.frozen {
            let heard = session.pair.mix.drawn().map(|mix| mix.end_secs());
            // A page of a song goes beyond what was played of it.
            let is_over_song = session.pair.mix.shown_song().is_some();
            let heard = heard.filter(|_| !is_over_song);
            let newest = heard.map_or(frozen.at_secs, |heard| heard.min(frozen.at_secs));
            frozen.edge_secs = edge_secs.clamp(span.min(newest), newest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::frames::{ChannelLayout, StreamFormat};
    use crate::session::action::{Crosshair, CursorPlace, Mark, ViewAction};
    use crate::session::sides::still::StillSide;
    use crate::view::axis::hz_from_fraction;
    use crate::view::cursor::Pointer;

    fn heard(secs: usize) -> Session {
        let format = StreamFormat {
            sample_rate_hz: 8_000,
            layout: ChannelLayout::Stereo,
        };
        let mut mix = StillSide::new("silence".to_owned(), format);
        mix.feed(&vec![0.0; 2 * 8_000 * secs]);
        mix.settle();
        let mut session = Session::default();
        session.pair.mix = mix.into();
        session
    }

    #[test]
    fn zooming_a_frozen_picture_keeps_what_is_under_the_pointer_in_place() {
        let session = heard(100);
        let mut view = ViewState::default();
        view.pan_time_to(60.0, &session, 100.0);
        for fraction in [0.1, 0.5, 0.93] {
            let secs_at = |view: &ViewState| {
                let edge = view.frozen.as_ref().expect("it is frozen").edge_secs;
                edge - (1.0 - fraction) * view.looks.span_secs
            };
            let before = secs_at(&view);
            for factor in [1.15, 1.15, 2.0, 0.5, 0.8] {
                view.zoom_time_about(factor, fraction, &session);
                assert!((secs_at(&view) - before).abs() < 1e-9, "at {fraction}");
            }
            let hz = hz_from_fraction(&view.frequency, fraction);
            view.zoom_frequency_about(1.5, fraction);
            assert!((hz_from_fraction(&view.frequency, fraction) / hz - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn zooming_a_frozen_picture_by_keys_keeps_what_is_under_the_crosshair_in_place() {
        let mut session = heard(100);
        let mut view = ViewState::default();
        view.pan_time_to(60.0, &session, 100.0);
        let below = |view: &ViewState| match view.pointer {
            Some(Pointer::Place(CursorPlace { secs, .. })) => {
                let edge = view.frozen.as_ref().expect("it is frozen").edge_secs;
                (edge + secs, -secs / view.looks.span_secs)
            }
            other => panic!("{other:?}"),
        };
        view.apply(&ViewAction::Crosshair(Crosshair::Left), &mut session, 100.0);
        for _ in 0..10 {
            view.apply(&ViewAction::Crosshair(Crosshair::Left), &mut session, 100.0);
        }
        let before = below(&view);
        for factor in [2.0, 2.0, 0.5, 0.5, 0.8] {
            view.apply(&ViewAction::ZoomTime(factor), &mut session, 100.0);
            let now = below(&view);
            assert!((now.0 - before.0).abs() < 1e-9 && (now.1 - before.1).abs() < 1e-9);
        }
        // Where the picture ends with what was heard, the crosshair goes on pointing at what it did.
        view.apply(&ViewAction::ZoomTime(0.1), &mut session, 100.0);
        assert!((below(&view).0 - before.0).abs() < 1e-9);
    }

    #[test]
    fn what_is_marked_comes_into_the_picture_with_room_about_it() {
        let session = heard(100);
        let mut view = ViewState::default();
        for (from_secs, to_secs) in [(40.0, 44.0), (10.0, 90.0), (0.0, 2.0), (97.0, 100.0)] {
            view.mark.set(Some(Mark {
                from_secs,
                to_secs,
                hz: None,
            }));
            view.go_to_mark(&session, 100.0);
            let edge = view.frozen.as_ref().expect("it stands still").edge_secs;
            let shown = edge - view.looks.span_secs..=edge;
            assert!(
                shown.contains(&from_secs) && shown.contains(&to_secs),
                "{from_secs} to {to_secs} is not in {shown:?}"
            );
        }
    }

    #[test]
    fn a_live_picture_zooms_about_now_and_is_frozen_by_panning() {
        let session = heard(100);
        let mut view = ViewState::default();
        view.zoom_time_about(2.0, 0.3, &session);
        assert!(view.frozen.is_none() && view.looks.span_secs == 10.0);
        view.pan_time_to(40.0, &session, 100.0);
        assert_eq!(view.frozen.as_ref().map(|f| f.edge_secs), Some(40.0));
        view.pan_time_to(1e6, &session, 100.0);
        assert_eq!(view.frozen.as_ref().map(|f| f.edge_secs), Some(100.0));
        view.pan_time_to(-5.0, &session, 100.0);
        assert_eq!(view.frozen.as_ref().map(|f| f.edge_secs), Some(10.0));
        view.reset_axes(&session);
        assert!(view.frozen.is_some() && view.looks.span_secs == 20.0);
    }
}
