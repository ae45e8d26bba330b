//! The crosshair by keys: it comes into the middle of the picture, goes by small steps, and marks from or up to where it
//! stands.

use crate::app::view_state::{SPAN_RANGE_SECS, ViewState};
use crate::session::Session;
use crate::session::action::{Crosshair, CursorPlace, Mark};
use crate::view::axis::hz_from_fraction;
use crate::view::cursor::Pointer;
use crate::view::timeline::zoomed_secs;

/// Where it comes to: amid the time that is visible, at a frequency amid the music.
const FIRST_HZ: f64 = 1000.0;
/// A step across, in widths of the picture.
const STEP_ACROSS: f64 = 0.01;
/// A step along, in octaves: a semitone.
const STEP_OCTAVES: f64 = 1.0 / 12.0;

impl ViewState {
    /// Whether it stands where it was put, and no mouse moves it.
    pub fn has_placed_crosshair(&self) -> bool {
        matches!(self.pointer, Some(Pointer::Place(_)))
    }

    /// Does what a key asks; one that has none to move brings it. `edge_secs` is mix time at the right edge.
    pub(super) fn step_crosshair(&mut self, step: Crosshair, edge_secs: f64) {
        let Some(Pointer::Place(place)) = self.pointer else {
            self.pointer = Some(Pointer::Place(self.first_place()));
            return;
        };
        match step {
            Crosshair::Toggle => self.pointer = None,
            Crosshair::Up => self.put_crosshair(place, 0.0, 1.0),
            Crosshair::Down => self.put_crosshair(place, 0.0, -1.0),
            Crosshair::Left => self.put_crosshair(place, -1.0, 0.0),
            Crosshair::Right => self.put_crosshair(place, 1.0, 0.0),
            Crosshair::MarkFrom | Crosshair::MarkTo => self.mark_by(step, place, edge_secs),
            Crosshair::MarkAbove | Crosshair::MarkBelow => self.mark_band(step, place, edge_secs),
        }
    }

    /// Zooms in time by a factor: what lies under a crosshair that was put somewhere stays there, as the wheel has it of the
    /// mouse. A live picture keeps its right edge, and the crosshair its place in it.
    pub(super) fn zoom_about_crosshair(&mut self, factor: f64, session: &Session, now_secs: f64) {
        let before = self.looks.span_secs;
        let span = zoomed_secs(SPAN_RANGE_SECS, [before, before / factor], now_secs);
        self.looks.span_secs = span;
        let edge_secs = self.edge_secs(now_secs);
        let Some(Pointer::Place(mut place)) = self.pointer else {
            return;
        };
        let counts_back = place.secs < 0.0;
        let behind_secs = match counts_back {
            true => -place.secs,
            false => edge_secs - place.secs,
        };
        let right_of_place = behind_secs / before;
        if self.frozen.is_some() && (0.0..=1.0).contains(&right_of_place) {
            self.move_edge(edge_secs - behind_secs + right_of_place * span, session);
            place.secs = edge_secs - behind_secs - self.edge_secs(now_secs);
        } else if counts_back {
            place.secs *= span / before;
        }
        if counts_back {
            place.secs = place.secs.min(-1e-3);
            self.pointer = Some(Pointer::Place(place));
        }
    }

    fn first_place(&self) -> CursorPlace {
        let [low, high] = [0.0, 1.0].map(|end| hz_from_fraction(&self.frequency, end));
        CursorPlace {
            hz: FIRST_HZ.clamp(low, high),
            secs: -self.looks.span_secs / 2.0,
        }
    }

    /// So many steps on in time and up in frequency, within what is visible.
    fn put_crosshair(&mut self, place: CursorPlace, across: f64, up: f64) {
        let span_secs = self.looks.span_secs;
        let [low, high] = [0.0, 1.0].map(|end| hz_from_fraction(&self.frequency, end));
        let moved = place.secs + across * STEP_ACROSS * span_secs;
        // What counts back from the right edge goes on doing so.
        let secs = match place.secs < 0.0 {
            true => moved.clamp(-span_secs, -1e-3),
            false => moved.max(0.0),
        };
        let hz = place.hz * 2f64.powf(up * STEP_OCTAVES);
        self.pointer = Some(Pointer::Place(CursorPlace {
            hz: hz.clamp(low, high),
            secs,
        }));
    }

    fn mark_by(&mut self, step: Crosshair, place: CursorPlace, edge_secs: f64) {
        let at_secs = match place.secs < 0.0 {
            true => edge_secs + place.secs,
            false => place.secs,
        };
        let before = self.mark.mark();
        let left_secs = (edge_secs - self.looks.span_secs).max(0.0);
        let [from_secs, to_secs] = match step {
            Crosshair::MarkFrom => {
                let end = before.map(|mark| mark.to_secs).filter(|to| *to > at_secs);
                [at_secs, end.unwrap_or(edge_secs)]
            }
            _ => {
                let start = before
                    .map(|mark| mark.from_secs)
                    .filter(|from| *from < at_secs);
                [start.unwrap_or(left_secs), at_secs]
            }
        };
        let mark = Mark {
            from_secs,
            to_secs,
            hz: before.and_then(|mark| mark.hz),
        };
        self.mark
            .set(Some(mark).filter(|mark| mark.to_secs > mark.from_secs));
    }

    /// Marks frequencies from or up to the crosshair's, over the time that is marked or else visible.
    fn mark_band(&mut self, step: Crosshair, place: CursorPlace, edge_secs: f64) {
        let visible = [(edge_secs - self.looks.span_secs).max(0.0), edge_secs];
        let before = self.mark.mark();
        let [from_secs, to_secs] = before.map_or(visible, |mark| [mark.from_secs, mark.to_secs]);
        let [low, high] = before
            .and_then(|mark| mark.hz)
            .unwrap_or([0.0, 1.0].map(|end| hz_from_fraction(&self.frequency, end)));
        let [top, bottom] = [1.0, 0.0].map(|end| hz_from_fraction(&self.frequency, end));
        let hz = match step {
            Crosshair::MarkAbove if place.hz < high => [place.hz, high],
            Crosshair::MarkAbove => [place.hz, top],
            _ if place.hz > low => [low, place.hz],
            _ => [bottom, place.hz],
        };
        let mark = Mark {
            from_secs,
            to_secs,
            hz: Some(hz),
        };
        let is_some = mark.to_secs > mark.from_secs && hz[1] > hz[0];
        self.mark.set(Some(mark).filter(|_| is_some));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::action::ViewAction;

    fn place(view: &ViewState) -> CursorPlace {
        match view.pointer {
            Some(Pointer::Place(place)) => place,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn keys_bring_the_crosshair_move_it_within_the_picture_and_mark_by_it() {
        let mut view = ViewState::default();
        let mut session = Session::default();
        let mut ask = |view: &mut ViewState, step, times: usize| {
            for _ in 0..times {
                view.apply(&ViewAction::Crosshair(step), &mut session, 100.0);
            }
        };
        ask(&mut view, Crosshair::Left, 1);
        assert_eq!(
            place(&view),
            CursorPlace {
                hz: 1000.0,
                secs: -10.0
            }
        );
        ask(&mut view, Crosshair::Up, 12);
        ask(&mut view, Crosshair::Right, 10);
        let CursorPlace { hz, secs } = place(&view);
        assert!(
            (hz - 2000.0).abs() < 1e-6 && (secs + 8.0).abs() < 1e-9,
            "{hz} {secs}"
        );
        ask(&mut view, Crosshair::MarkFrom, 1);
        ask(&mut view, Crosshair::Right, 15);
        ask(&mut view, Crosshair::MarkTo, 1);
        let mark = view.mark.mark().expect("it is marked");
        assert!((mark.from_secs - 92.0).abs() < 1e-9 && (mark.to_secs - 95.0).abs() < 1e-9);
        assert_eq!(mark.hz, None);
        // A band too, from below and from above, and its time stays; one that ends below where it begins begins anew.
        ask(&mut view, Crosshair::MarkAbove, 1);
        ask(&mut view, Crosshair::Up, 12);
        ask(&mut view, Crosshair::MarkBelow, 1);
        let band = view.mark.mark().expect("it is marked");
        let [low, high] = band.hz.expect("it has a band");
        assert!((low - 2000.0).abs() < 1e-6 && (high - 4000.0).abs() < 1e-6);
        assert_eq!(
            [band.from_secs, band.to_secs],
            [mark.from_secs, mark.to_secs]
        );
        ask(&mut view, Crosshair::Down, 24);
        ask(&mut view, Crosshair::MarkBelow, 1);
        let [low, high] = view.mark.mark().and_then(|mark| mark.hz).expect("a band");
        assert!(low < 30.0 && (high - 1000.0).abs() < 1e-6, "{low} {high}");
        ask(&mut view, Crosshair::Up, 12);
        // Neither beyond the edges nor beyond what is heard.
        ask(&mut view, Crosshair::Right, 400);
        ask(&mut view, Crosshair::Up, 400);
        let CursorPlace { hz, secs } = place(&view);
        assert!(secs < 0.0 && hz < 21_000.0, "{hz} {secs}");
        ask(&mut view, Crosshair::Left, 201);
        // It keeps its place in a live picture whose time is zoomed.
        let (span_secs, before) = (view.looks.span_secs, place(&view));
        view.apply(&ViewAction::ZoomTime(2.0), &mut session, 100.0);
        assert!((view.looks.span_secs - span_secs / 2.0).abs() < 1e-9);
        assert!((place(&view).secs - before.secs / 2.0).abs() < 1e-9);
        view.apply(
            &ViewAction::Crosshair(Crosshair::Toggle),
            &mut session,
            100.0,
        );
        assert_eq!(view.pointer, None);
    }
}
