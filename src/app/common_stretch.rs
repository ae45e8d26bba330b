//! Where the picture of a snapshot in the place of the mix goes first: to what it has in common with the reference. Two
//! snapshots of a song seldom end at the same moment of it.

use crate::app::view_state::ViewState;
use crate::session::Session;
use crate::view::overlap::sounding_secs;
use crate::view::readout::minutes;

/// What ends so little before the edge of a picture is in it.
const BEHIND_COMMON_SECS: f64 = 1.0;

impl ViewState {
    /// Goes to the end of what a snapshot in the place of the mix has in common with the reference, once that is known and
    /// unless it is shown; says what to tell.
    pub fn go_to_common(&mut self, session: &Session) -> Option<String> {
        let pair = &session.pair;
        let frozen = self.frozen.as_mut()?;
        let both = [pair.mix.generation(), pair.references.generation()];
        let is_picture = pair.references.picture_beside().is_some();
        if pair.mix.recalled_name().is_none()
            || is_picture
            || !pair.beside.is_aligned()
            || self.looked_at_common == Some(both)
        {
            return None;
        }
        self.looked_at_common = Some(both);
        let stretches = &pair.beside.stretches;
        let last = *stretches.all().last()?;
        let is_elsewhere = frozen.edge_secs - last.to_secs > BEHIND_COMMON_SECS;
        // Whoever has scrolled already knows where to look.
        if !is_elsewhere || frozen.edge_secs != frozen.at_secs {
            return None;
        }
        // It is over where the kept sound is.
        let over_secs = stretches.over_secs().unwrap_or(last.to_secs);
        frozen.edge_secs = over_secs.min(last.to_secs);
        // What is silent in it is not compared.
        let mix = pair.mix.drawn()?;
        let common_secs = sounding_secs(mix, [last.from_secs, last.to_secs]);
        let name = pair.references.active().map_or("", |active| &active.name);
        Some(format!(
            "in common with {name}: {common_secs:.0} s, up to {}",
            minutes(last.to_secs)
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::frozen::Frozen;
    use crate::compare::alignment::AlignmentResult;
    use crate::compare::tracker::Tracking;
    use crate::dsp::loudness::LoudnessPoint;
    use crate::session::references::{Reference, ReferenceData};
    use crate::session::sides::history::History;
    use crate::session::sides::still::StillSide;
    use crate::session::sides::stretches::{Stretch, Stretches};

    #[test]
    fn a_recalled_mix_is_first_shown_where_both_have_something_and_then_left_alone() {
        let side = || {
            let format = crate::audio::frames::StreamFormat {
                sample_rate_hz: 8_000,
                layout: crate::audio::frames::ChannelLayout::Stereo,
            };
            StillSide::new("mix".to_owned(), format)
        };
        let mut session = Session::default();
        let mut history: History = side().history;
        // Two seconds of the common six are silent.
        for tenth in 0..3_480 {
            let is_silent = (3_200..3_220).contains(&tenth);
            history.loudness.push(LoudnessPoint {
                momentary_lufs: if is_silent { -200.0 } else { -20.0 },
                ..LoudnessPoint::ABSENT
            });
        }
        session.pair.mix = side().into();
        session.pair.mix.recall("Mix 2".to_owned(), history);
        let record = Reference::of_picture("Mix 1".to_owned(), ReferenceData::empty());
        session.pair.references.add(record).expect("there is room");
        let mut view = ViewState::default();
        let mut frozen = Frozen::of(&session, 348.0);
        frozen.beside = None;
        view.frozen = Some(frozen);
        assert_eq!(view.go_to_common(&session), None, "it is not known yet");
        session.pair.beside.tracking = Some(Tracking::Locked(AlignmentResult::at(0.0, 1.0)));
        session.pair.beside.stretches = Stretches::of(vec![Stretch {
            from_secs: 320.0,
            to_secs: 326.0,
            offset_secs: 0.0,
        }]);
        let words = view.go_to_common(&session).expect("it lies further back");
        assert_eq!(words, "in common with Mix 1: 4 s, up to 5:26");
        let edge_secs = |view: &ViewState| view.frozen.as_ref().map(|frozen| frozen.edge_secs);
        assert_eq!(edge_secs(&view), Some(326.0));
        if let Some(frozen) = &mut view.frozen {
            frozen.edge_secs = frozen.at_secs;
        }
        assert_eq!(
            view.go_to_common(&session),
            None,
            "the person looks elsewhere"
        );
        assert_eq!(edge_secs(&view), Some(348.0));
    }
}
