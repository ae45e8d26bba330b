//! A second live input in the place of a reference: heard, analysed and kept as the mix is, at the same clock.
//!
//! Both inputs count their own frames, so the one's time under the other's is measured where both publish, and smoothed:
//! blocks arrive when they arrive. The time that the devices themselves take is not known and not corrected.

use std::sync::mpsc::{Receiver, TryRecvError, channel};

use crate::audio::threads;
use crate::session::sides::history::History;
use crate::session::sides::input::{InputWish, OpenInput};
use crate::session::sides::live::LiveSide;
use crate::session::sides::mix::Hearing;

/// How fast the difference of the clocks is learnt, per picture.
const STEP: f64 = 0.05;
/// The place of one under the other moves once it is off by this much: a gap, or a device that was away.
const MOVE_SECS: f64 = 0.03;

/// Side B, live.
pub struct LiveReference {
    /// The input with all it remembers.
    pub heard: Hearing,
    /// Its time under mix time 0, as shown.
    pub offset_secs: f64,
    /// The same, smoothed.
    mean_secs: Option<f64>,
}

impl LiveReference {
    /// Beside a mix from now on.
    pub fn new(heard: impl Into<Hearing>) -> Self {
        Self {
            heard: heard.into(),
            offset_secs: 0.0,
            mean_secs: None,
        }
    }

    /// What was heard.
    pub fn history(&self) -> Option<&History> {
        self.heard.history()
    }

    /// What a picture is drawn of: its song while that is shown, else what was heard.
    pub fn drawn(&self) -> Option<&History> {
        self.heard.drawn()
    }

    /// Takes what its analysis has made, and where that lies under what else is heard. Never waits.
    pub fn poll(&mut self, mix: &Hearing, news: &mut Vec<String>) {
        self.heard.poll(news);
        let ends = [&self.heard, mix]
            .map(|heard| Some((heard.published_at()?, heard.history()?.end_secs())));
        let [Some((own, own_end_secs)), Some((other, other_end_secs))] = ends else {
            return;
        };
        let later_secs = match own.checked_duration_since(other) {
            Some(later) => later.as_secs_f64(),
            None => -other.duration_since(own).as_secs_f64(),
        };
        self.lie_at(own_end_secs - other_end_secs - later_secs);
    }

    /// Learns that its time under mix time 0 was measured to be this.
    pub fn lie_at(&mut self, now_secs: f64) {
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

/// An input that is being opened, on a thread of its own.
pub struct Opening(Receiver<Result<(InputWish, OpenInput), String>>);

impl Opening {
    /// Begins. Fails only where no thread can be made.
    pub fn start(wish: InputWish) -> std::io::Result<Self> {
        let (opened, opening) = channel();
        threads::spawn("opening", move || {
            let input = OpenInput::open(&wish).map_err(|error| error.to_string());
            // Nobody waits any more for an input that was chosen before another.
            let _ = opened.send(input.map(|input| (wish, input)));
        })?;
        Ok(Self(opening))
    }

    /// The open input, or why it is not; none while it is waited for. Never waits.
    pub fn opened(&self) -> Option<Result<LiveSide, String>> {
        let opened = match self.0.try_recv() {
            Ok(opened) => opened,
            Err(TryRecvError::Empty) => return None,
            Err(TryRecvError::Disconnected) => Err("the input was not opened".to_owned()),
        };
        Some(opened.and_then(|(wish, input)| {
            LiveSide::open(wish, input).map_err(|error| format!("no thread to hear it: {error}"))
        }))
    }
}

/// The input of a name, with its pair of channels if one is given behind it.
pub fn wish_from(name: &str, of_mix: Option<&InputWish>) -> Option<InputWish> {
    let Some((name, pair)) = name.rsplit_once('#') else {
        return Some(InputWish::from_name(name));
    };
    let pair = pair.trim().parse::<u16>().ok()?.checked_sub(1)?;
    match name.trim() {
        "" => of_mix?.with_pair(pair),
        name => InputWish::from_name(name).with_pair(pair),
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
