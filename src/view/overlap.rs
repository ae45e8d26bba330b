//! What both sides have in common, where their spectra would otherwise be of other seconds: all of it beside a kept sound; the
//! last seconds in which the record lay beside the mix, where it is over, and in a difference also where the mix sounded before
//! it or goes on behind its end; and while sections of another song are followed what the mix has of its own.

use crate::analysis::spectral::LIVE_CURVES_SECS;
use crate::session::Session;
use crate::session::action::Mark;
use crate::session::sides::beside::CompanionFrame;
use crate::session::sides::history::History;
use crate::session::sides::loudness_history::POINT_SECS;
use crate::view::looks::CompareMode;

/// So much of other music in curves of 20 s is not seen in them.
const UNSEEN_SECS: f64 = 0.5;
/// Less than this is no curve of anything.
const LEAST_SECS: f64 = 1.0;
/// A section is followed so long after the mix has begun its own, at least.
const FOLLOWS_AFTER_SECS: f64 = 3.0;
/// What grows is measured again after so much more of it.
const STEP_SECS: f64 = 1.0;

/// What the spectra are of in a picture up to a mix time, where that is not what was heard last. A picture that is reopened
/// has the curves it was kept with.
pub fn overlap(
    session: &Session,
    beside: &CompanionFrame,
    mode: CompareMode,
    until_secs: f64,
) -> Option<Mark> {
    let pair = &session.pair;
    if pair.references.picture_beside().is_some() {
        return None;
    }
    let mix = pair.mix.drawn()?;
    if !beside.is_aligned() {
        return since_followed(mix, beside, until_secs);
    }
    let record = pair.references.active();
    let is_kept_sound =
        pair.mix.recalled_name().is_some() || record.is_some_and(|it| it.data().is_kept_sound);
    let stretches = beside.stretches.all();
    let (first, last) = stretches.first().zip(stretches.last())?;
    let from_secs = first.from_secs.max(mix.measured_from_secs);
    let [from_secs, to_secs] = match (is_kept_sound, mode) {
        (true, _) => [from_secs, last.to_secs],
        (false, mode) => lately(mix, beside, mode, [from_secs, until_secs])?,
    };
    Some(Mark {
        from_secs,
        to_secs,
        hz: None,
    })
    .filter(|mark| mark.to_secs > mark.from_secs)
}

/// What the mix has of the section that is held against the one that is followed, until that fills the curves: they would be of
/// the section before as well.
fn since_followed(mix: &History, beside: &CompanionFrame, until_secs: f64) -> Option<Mark> {
    let end_secs = mix.end_secs().min(until_secs);
    let from_secs = (beside.followed_since_secs()? - FOLLOWS_AFTER_SECS)
        .max(mix.measured_from_secs)
        .max(0.0);
    let is_all = end_secs - from_secs >= LIVE_CURVES_SECS;
    let to_secs = grown(from_secs, end_secs);
    let is_enough = to_secs - from_secs >= LEAST_SECS;
    (is_enough && !is_all).then_some(Mark {
        from_secs,
        to_secs,
        hz: None,
    })
}

/// Up to where what grows is measured.
fn grown(from_secs: f64, end_secs: f64) -> f64 {
    from_secs + ((end_secs - from_secs) / STEP_SECS).floor() * STEP_SECS
}

/// The newest seconds up to a mix time in which a record lay beside a mix that it lies beside from another one on, unless the
/// curves of what was heard last are of no others.
fn lately(
    mix: &History,
    beside: &CompanionFrame,
    mode: CompareMode,
    [from_secs, until_secs]: [f64; 2],
) -> Option<[f64; 2]> {
    // The mix goes on behind a picture that stands still.
    let end_secs = mix.end_secs().min(until_secs);
    let window_secs = (end_secs - LIVE_CURVES_SECS).max(mix.measured_from_secs);
    let sounded = |from: f64, to: f64| sounding_secs(mix, [from, to]) > UNSEEN_SECS;
    let over_secs = beside.stretches.over_secs().unwrap_or(f64::INFINITY);
    let is_over = over_secs < end_secs - UNSEEN_SECS;
    let is_difference = mode == CompareMode::Difference;
    let to_secs = match (is_over, is_difference) {
        // A mix that goes on has a curve of its own; where both are over, they are of what both had.
        (true, false) if sounded(over_secs, end_secs) => return None,
        (true, _) => over_secs,
        // Behind a song's beginning it grows until it fills the curves.
        (false, true) if sounded(window_secs, from_secs) => grown(from_secs, end_secs),
        (false, _) => return None,
    };
    let from_secs = from_secs.max(to_secs - LIVE_CURVES_SECS);
    // A mix that was stopped before the record was over had nothing there.
    let is_music = to_secs - from_secs >= LEAST_SECS && sounded(from_secs, to_secs);
    is_music.then_some([from_secs, to_secs])
}

/// How much of a stretch of mix time sounds.
pub fn sounding_secs(mix: &History, [from_secs, to_secs]: [f64; 2]) -> f64 {
    let point = |secs: f64| (secs / POINT_SECS).round().max(0.0) as usize;
    let points = mix.loudness.points();
    let points = points.get(point(from_secs)..point(to_secs).min(points.len()));
    let sound = points.into_iter().flatten().filter(|point| point.sounds());
    sound.count() as f64 * POINT_SECS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::frames::{ChannelLayout, StreamFormat};
    use crate::compare::alignment::AlignmentResult;
    use crate::compare::tracker::Tracking;
    use crate::session::sides::region::Region;
    use crate::session::sides::still::StillSide;
    use crate::session::sides::stretches::{Stretch, Stretches};

    #[test]
    fn a_difference_is_of_the_seconds_in_which_the_record_lay_beside_the_mix() {
        let format = StreamFormat {
            sample_rate_hz: 8_000,
            layout: ChannelLayout::Stereo,
        };
        let mut session = Session::default();
        let mut mix = StillSide::new("tone".to_owned(), format);
        // It is silent until 2 s and sounds until 30 s.
        mix.feed(&[0.0; 2 * 2 * 8_000]);
        let tone = (0..28 * 2 * 8_000).map(|n| 0.2 * (n as f32 * 0.3).sin());
        mix.feed(&tone.collect::<Vec<f32>>());
        mix.settle();
        session.pair.mix = mix.into();
        let until = std::cell::Cell::new(f64::INFINITY);
        let overlap_of = |from_secs: f64, over_secs: f64, mode: CompareMode| {
            let stretch = Stretch {
                from_secs,
                to_secs: over_secs.min(29.0),
                offset_secs: 0.0,
            };
            let over_secs = Some(over_secs).filter(|secs| secs.is_finite());
            let beside = CompanionFrame {
                tracking: Some(Tracking::Locked(AlignmentResult::at(0.0, 0.99))),
                stretches: Stretches::of_one_that_ends(vec![stretch], over_secs),
                ..CompanionFrame::default()
            };
            let until_secs = until.get();
            overlap(&session, &beside, mode, until_secs).map(|mark| [mark.from_secs, mark.to_secs])
        };
        let difference = CompareMode::Difference;
        assert_eq!(overlap_of(5.0, 12.0, difference), Some([5.0, 12.0]));
        assert_eq!(overlap_of(1.0, 27.0, difference), Some([7.0, 27.0]));
        assert_eq!(
            overlap_of(22.5, f64::INFINITY, difference),
            Some([22.5, 29.5])
        );
        // What was heard last is what both have: silence before it is in no curve.
        assert_eq!(overlap_of(5.0, f64::INFINITY, difference), None);
        assert_eq!(overlap_of(2.2, f64::INFINITY, difference), None);
        assert_eq!(overlap_of(5.0, 40.0, difference), None);
        // A picture that stands still knows nothing of what came behind it.
        until.set(27.2);
        assert_eq!(overlap_of(5.0, 27.0, difference), None);
        until.set(28.0);
        assert_eq!(overlap_of(5.0, 27.0, difference), Some([7.0, 27.0]));
        // Each side has a curve of its own there.
        assert_eq!(overlap_of(5.0, 12.0, CompareMode::SideBySide), None);
    }

    #[test]
    fn behind_the_end_of_both_all_curves_are_of_what_both_had_and_of_a_section_of_its_own_seconds()
    {
        let format = StreamFormat {
            sample_rate_hz: 8_000,
            layout: ChannelLayout::Stereo,
        };
        let mut session = Session::default();
        let mut mix = StillSide::new("tone".to_owned(), format);
        let tone = (0..28 * 2 * 8_000).map(|n| 0.2 * (n as f32 * 0.3).sin());
        mix.feed(&tone.collect::<Vec<f32>>());
        mix.feed(&[0.0; 6 * 2 * 8_000]);
        mix.settle();
        session.pair.mix = mix.into();
        let stretch = |from_secs: f64, to_secs: f64, offset_secs: f64| Stretch {
            from_secs,
            to_secs,
            offset_secs,
        };
        let over = CompanionFrame {
            tracking: Some(Tracking::Locked(AlignmentResult::at(0.0, 0.99))),
            stretches: Stretches::of_one_that_ends(vec![stretch(0.0, 28.0, 0.0)], Some(28.0)),
            ..CompanionFrame::default()
        };
        let shown = |beside: &CompanionFrame, mode, until_secs| {
            let mark = overlap(&session, beside, mode, until_secs);
            mark.map(|mark| [mark.from_secs, mark.to_secs])
        };
        for mode in [CompareMode::SideBySide, CompareMode::Difference] {
            assert_eq!(shown(&over, mode, 34.0), Some([8.0, 28.0]));
            assert_eq!(shown(&over, mode, 28.2), None);
        }
        // A verse until 12 s, then a chorus of eight, which begins again at 20 s.
        let verse_and_chorus = vec![
            stretch(0.0, 12.0, 40.0),
            stretch(12.0, 20.0, 68.0),
            stretch(20.0, 25.5, 60.0),
        ];
        let followed = CompanionFrame {
            tracking: Some(Tracking::NotTheSameSong),
            followed: Some(Region {
                start_secs: 80.0,
                length_secs: 8.0,
            }),
            followed_past: Stretches::of(verse_and_chorus),
            ..CompanionFrame::default()
        };
        let mode = CompareMode::SideBySide;
        assert_eq!(shown(&followed, mode, 25.5), Some([9.0, 25.0]));
        assert_eq!(shown(&followed, mode, 30.0), None, "it fills the curves");
    }
}
