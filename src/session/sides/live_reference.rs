//! A second live input in the place of a reference: heard, analysed and kept as the mix is, at the same clock.
//!
//! Both inputs count their own frames, so the one's time under the other's is measured where both publish, and smoothed:
//! blocks arrive when they arrive. The time that the devices themselves take is not known and not corrected.

use std::sync::mpsc::{Receiver, TryRecvError, channel};

use crate::session::pairing::companion::CompanionFrame;
use crate::session::sides::input::{InputWish, OpenInput};
use crate::session::sides::mix::MixSide;
use crate::session::{LIVE_REFERENCE, Session};

/// How fast the difference of the clocks is learnt, per picture.
const STEP: f64 = 0.05;
/// The place of one under the other moves once it is off by this much: a gap, or a device that was away.
const MOVE_SECS: f64 = 0.03;

/// Side B, live.
pub struct LiveReference {
    /// The input with all it remembers.
    pub side: MixSide,
    /// Its time under mix time 0, as shown.
    pub offset_secs: f64,
    /// The same, smoothed.
    mean_secs: Option<f64>,
}

impl LiveReference {
    /// Beside a mix from now on.
    pub fn new(side: MixSide) -> Self {
        Self {
            side,
            offset_secs: 0.0,
            mean_secs: None,
        }
    }

    /// Takes what its analysis has made. Never waits.
    fn poll(&mut self, mix: &MixSide) {
        self.side.poll();
        let (Some(own), Some(other)) = (self.side.published_at, mix.published_at) else {
            return;
        };
        let later_secs = match own.checked_duration_since(other) {
            Some(later) => later.as_secs_f64(),
            None => -other.duration_since(own).as_secs_f64(),
        };
        let now_secs = self.side.end_secs() - mix.end_secs() - later_secs;
        let mean = self.mean_secs.unwrap_or(now_secs);
        // A step that no jitter makes is believed at once.
        let mean = match (now_secs - mean).abs() < 0.25 {
            true => mean + STEP * (now_secs - mean),
            false => now_secs,
        };
        self.mean_secs = Some(mean);
        if (mean - self.offset_secs).abs() > MOVE_SECS {
            self.offset_secs = mean;
        }
    }
}

/// The reading end while an input is being opened.
pub(in crate::session) type Opening = Receiver<Result<(InputWish, OpenInput), String>>;

/// The input of a name, with its pair of channels if one is given behind it.
fn wish_from(name: &str, of_mix: Option<&InputWish>) -> Option<InputWish> {
    let Some((name, pair)) = name.rsplit_once('#') else {
        return Some(InputWish::from_name(name));
    };
    let pair = pair.trim().parse::<u16>().ok()?.checked_sub(1)?;
    match name.trim() {
        "" => of_mix?.with_pair(pair),
        name => InputWish::from_name(name).with_pair(pair),
    }
}

impl Session {
    /// Hears an input in the place of the references; empty gives the place back. `NAME #2` is its second pair of
    /// channels, `#2` that of the mix's own device. Never waits: what comes of it is news.
    pub fn select_reference_input(&mut self, name: &str) {
        if name.trim().is_empty() {
            self.opening_reference = None;
            self.parked_reference = None;
            // A picture that stands there keeps its own reference.
            if self.live_reference.is_some() {
                self.set_live_reference(None);
            }
            return;
        }
        let of_mix = self.mix.as_ref().and_then(|mix| mix.input.as_ref());
        let Some(wish) = wish_from(name, of_mix.map(|input| &input.wish)) else {
            self.news.push(format!(
                "“{}” is no input; it is a name, or a name and #2 for its second pair of channels",
                name.trim()
            ));
            return;
        };
        self.hear_reference_input(wish);
    }

    /// Hears an input in the place of the references. Never waits: what comes of it is news.
    pub fn hear_reference_input(&mut self, wish: InputWish) {
        if self.live_reference.is_none() && self.parked_reference.is_some() {
            self.take_parked_reference();
        }
        if let Some(live) = &mut self.live_reference {
            live.side.select_input(wish);
            return;
        }
        let (opened, opening) = channel();
        let thread = std::thread::Builder::new()
            .name("opening".to_owned())
            .spawn(move || {
                let input = OpenInput::open(&wish).map_err(|error| error.to_string());
                // Nobody waits any more for an input that was chosen before another.
                let _ = opened.send(input.map(|input| (wish, input)));
            });
        match thread {
            Ok(_) => self.opening_reference = Some(opening),
            Err(error) => self.news.push(format!("the input is not opened: {error}")),
        }
    }

    /// Takes the input that was being opened, once it is.
    pub(in crate::session) fn take_opened_reference(&mut self) {
        let Some(opening) = &self.opening_reference else {
            return;
        };
        let opened = match opening.try_recv() {
            Ok(opened) => opened,
            Err(TryRecvError::Empty) => return,
            Err(TryRecvError::Disconnected) => Err("the input was not opened".to_owned()),
        };
        self.opening_reference = None;
        let side = opened.and_then(|(wish, input)| {
            MixSide::live(wish, input).map_err(|error| format!("no thread to hear it: {error}"))
        });
        match side {
            Ok(side) => {
                self.news.push(format!("{} is the reference", side.name));
                self.set_live_reference(Some(side));
            }
            Err(why) => self.news.push(why),
        }
    }

    /// The second live input, even while a picture stands in its place.
    pub fn lasting_live_reference(&self) -> Option<&MixSide> {
        let live = self.live_reference.as_ref();
        live.or(self.parked_reference.as_ref())
            .map(|live| &live.side)
    }

    /// Lets a picture stand in the place of the live input, which goes on being measured.
    pub(in crate::session) fn park_live_reference(&mut self) {
        if let Some(live) = self.live_reference.take() {
            self.parked_reference = Some(live);
            self.references.stand_back(false);
        }
    }

    /// Puts the live input that a picture stood for back in its place.
    pub(in crate::session) fn take_parked_reference(&mut self) {
        if let Some(parked) = self.parked_reference.take() {
            self.live_reference = Some(parked);
            self.references.stand_back(true);
            self.beside = CompanionFrame::default();
        }
    }

    /// Measures a live input that a picture stands for on.
    pub(in crate::session) fn poll_parked_reference(&mut self) {
        if let (Some(parked), Some(mix)) = (&mut self.parked_reference, &self.live) {
            parked.poll(mix);
            self.news.extend(parked.side.news());
        }
    }

    /// Puts a live input in the place of the references, or takes it away again.
    pub fn set_live_reference(&mut self, side: Option<MixSide>) {
        self.parked_reference = None;
        self.live_reference = side.map(LiveReference::new);
        self.references.stand_back(self.live_reference.is_some());
        self.nudges_secs.remove(&LIVE_REFERENCE);
        self.beside = CompanionFrame::default();
    }

    /// Brings the figures beside the mix up to those of the live reference; false without one.
    pub(in crate::session) fn poll_live_reference(&mut self) -> bool {
        let nudge_secs = self.nudge_secs();
        let (Some(live), Some(mix)) = (&mut self.live_reference, &self.mix) else {
            return false;
        };
        live.poll(mix);
        self.news.extend(live.side.news());
        let beside = &mut self.beside;
        match &mut beside.meters {
            Some(meters) => meters.clone_from(&live.side.meters),
            None => beside.meters = Some(live.side.meters.clone()),
        }
        beside.offset_secs = live.offset_secs + nudge_secs;
        beside.tracking = None;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::capture::InputSelector;

    #[test]
    fn a_pair_of_channels_is_counted_from_one_and_may_be_the_mixs() {
        let desk = |pair| {
            Some(InputWish::Device(InputSelector {
                pair,
                ..InputSelector::named("Desk")
            }))
        };
        assert_eq!(wish_from("Desk", None), desk(None));
        assert_eq!(wish_from("Desk #2", None), desk(Some((2, 3))));
        let mix = desk(Some((0, 1)));
        assert_eq!(wish_from(" #3", mix.as_ref()), desk(Some((4, 5))));
        for bad in ["#2", "Desk #0", "Desk #x", "demo #2"] {
            assert_eq!(wish_from(bad, None), None, "{bad}");
        }
    }
}
