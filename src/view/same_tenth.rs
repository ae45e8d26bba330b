//! Loudness of the moment on both sides of the same song, shown at the same tenth of a second of the mix.

use crate::analysis::meters::Meters;
use crate::dsp::loudness::LoudnessPoint;
use crate::dsp::loudness_gating::{energy_from_lufs, lufs_from_energy};
use crate::dsp::punch::PunchPoint;
use crate::session::Session;
use crate::session::sides::beside::CompanionFrame;
use crate::session::sides::loudness_history::{LoudnessHistory, POINT_SECS};
use crate::session::sides::same_tenth::{heard_tenths, point_at, same_tenth};
use crate::units::db::existing;
use crate::view::figures::heard;
use crate::view::side::Figures;

/// Gives the figures of mix and reference their loudness and PSR of the newest tenth of a second that both have heard, if
/// they are the same song.
pub(super) fn read_together(
    session: &Session,
    (mix, lies): (Option<&Meters>, &CompanionFrame),
    [of_mix, of_reference]: [&mut Figures; 2],
) {
    let meters = mix.zip(lies.meters.as_ref().filter(|_| lies.is_aligned()));
    let Some((history, (mix, beside))) = session.pair.mix.history().zip(meters) else {
        return;
    };
    if beside.loudness_points.is_empty() {
        // Of an older picture that is reopened, and of more than two channels, the history tells.
        let tenth = heard_tenths(mix).min(history.loudness.len());
        let point = point_at(mix, &history.loudness, tenth);
        let both = point.zip(beside_in_history(session, lies, tenth));
        if let Some((mix, [momentary_lufs, short_term_lufs])) = both {
            give(of_mix, mix);
            of_reference.momentary_lufs = heard(momentary_lufs);
            of_reference.short_term_lufs = heard(short_term_lufs);
        }
        return;
    }
    if let Some((_, [mix, reference])) = same_tenth(mix, &history.loudness, beside) {
        for (figures, point) in [(of_mix, mix), (of_reference, reference)] {
            give(figures, point);
            let psr_lu = PunchPoint::existing(point.punch.psr_lu).map(f64::from);
            figures.psr_lu = psr_lu.filter(|_| figures.short_term_lufs.is_some());
        }
    }
}

fn give(figures: &mut Figures, point: LoudnessPoint) {
    figures.momentary_lufs = heard(point.momentary().map(f64::from));
    figures.short_term_lufs = heard(point.short_term().map(f64::from));
}

/// Momentary and short-term loudness of a reference where it lay beside the end of a tenth of a second of the mix.
fn beside_in_history(
    session: &Session,
    beside: &CompanionFrame,
    tenth: usize,
) -> Option<[Option<f64>; 2]> {
    let mix_secs = tenth as f64 * POINT_SECS;
    let data = session.pair.references.active()?.data();
    let region = beside.region(&data);
    let laid_secs = region.laid_offset_secs(beside.offset_at(mix_secs)?) + mix_secs;
    Some(between(&data.loudness, region.reference_secs(laid_secs)))
}

/// What a history reads between two of its points: the one has left its window by as much as the other has entered it.
fn between(history: &LoudnessHistory, secs: f64) -> [Option<f64>; 2] {
    let place = secs / POINT_SECS - 1.0;
    let part = place - place.floor();
    let point = |at: f64| match at >= 0.0 {
        true => history.points().get(at as usize).copied(),
        false => None,
    };
    let ends = [point(place.floor()), point(place.floor() + 1.0)];
    [LoudnessPoint::momentary, LoudnessPoint::short_term].map(|of| {
        let energy = |point: Option<LoudnessPoint>| Some(energy_from_lufs(f64::from(of(point?)?)));
        let [before, after] = [energy(ends[0])?, energy(ends[1]).or(energy(ends[0]))?];
        existing(lufs_from_energy(before + part * (after - before)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::frames::{ChannelLayout, StreamFormat};
    use crate::compare::alignment::AlignmentResult;
    use crate::compare::tracker::Tracking;
    use crate::session::references::{Reference, ReferenceData};
    use crate::session::sides::still::StillSide;

    fn point(lufs: f32) -> LoudnessPoint {
        LoudnessPoint {
            momentary_lufs: lufs,
            short_term_lufs: lufs,
            ..LoudnessPoint::ABSENT
        }
    }

    fn meters(num_points: usize, newest: &[f32]) -> Meters {
        let format = StreamFormat {
            sample_rate_hz: 8_000,
            layout: ChannelLayout::Stereo,
        };
        Meters {
            end_frame: 800 * num_points as u64,
            num_loudness_points: num_points,
            loudness_points: newest.iter().map(|lufs| point(*lufs)).collect(),
            ..Meters::silent(format)
        }
    }

    /// Momentary loudness of both sides as it is shown.
    fn shown(session: &Session, mix: &Meters, beside: Meters) -> [Option<f64>; 2] {
        let beside = CompanionFrame {
            meters: Some(beside),
            tracking: Some(Tracking::Locked(AlignmentResult::at(0.0, 1.0))),
            ..CompanionFrame::default()
        };
        let mut figures = [Figures::default(), Figures::default()];
        let [of_mix, of_reference] = &mut figures;
        read_together(session, (Some(mix), &beside), [of_mix, of_reference]);
        figures.map(|figures| figures.momentary_lufs)
    }

    fn session() -> Session {
        let mut session = Session::default();
        session.pair.mix = StillSide::new("mix".to_owned(), meters(0, &[]).format).into();
        session
    }

    #[test]
    fn whichever_side_was_heard_further_both_are_read_at_the_tenth_they_share() {
        let session = session();
        let mix = meters(12, &[-20.0, -10.0, -30.0]);
        // It has heard the tenths 10 and 11: up to 11 both have.
        let beside = meters(11, &[-23.0, -13.0]);
        assert_eq!(shown(&session, &mix, beside), [Some(-10.0), Some(-13.0)]);
        let beside = meters(14, &[-23.0, -13.0, -33.0, 0.0, 0.0]);
        assert_eq!(shown(&session, &mix, beside), [Some(-30.0), Some(-33.0)]);
        // Seconds later nothing is shared.
        let beside = meters(90, &[-23.0, -13.0]);
        assert_eq!(shown(&session, &mix, beside), [None, None]);
    }

    #[test]
    fn what_is_no_music_has_no_loudness_on_either_side() {
        let mix = meters(12, &[-20.0, -10.0, -30.0]);
        let beside = meters(11, &[-23.0, -142.6]);
        assert_eq!(shown(&session(), &mix, beside), [Some(-10.0), None]);
        let beside = meters(11, &[-23.0, -69.0]);
        let mix = meters(12, &[-20.0, -71.0, -30.0]);
        assert_eq!(shown(&session(), &mix, beside), [None, Some(-69.0)]);
    }

    #[test]
    fn of_a_kept_picture_both_are_read_from_their_histories() {
        let mut session = session();
        if let Some(mix) = session.pair.mix.history_mut() {
            [-20.0, -10.0, -30.0]
                .into_iter()
                .for_each(|lufs| mix.loudness.push(point(lufs)));
        }
        let mut data = ReferenceData {
            sample_rate_hz: 8_000,
            frames: 80_000,
            ..ReferenceData::empty()
        };
        [-23.0, -13.0, -33.0]
            .into_iter()
            .for_each(|lufs| data.loudness.push(point(lufs)));
        let record = Reference::of_picture("record".to_owned(), data);
        session.pair.references.add(record).expect("there is room");
        let kept = |end_frame: u64| Meters {
            end_frame,
            ..meters(0, &[])
        };
        let both = shown(&session, &kept(1_650), kept(0));
        let both = both.map(|lufs| lufs.map(|lufs| (lufs * 1e6).round() / 1e6));
        assert_eq!(both, [Some(-10.0), Some(-13.0)]);
        let mut history = LoudnessHistory::default();
        [-20.0, -10.0]
            .into_iter()
            .for_each(|lufs| history.push(point(lufs)));
        let [halfway, _] = between(&history, 0.15);
        assert!(
            (halfway.expect("it sounds") + 12.6).abs() < 0.05,
            "{halfway:?}"
        );
    }
}
