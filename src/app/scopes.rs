//! What the vectorscopes draw: the frames heard since the last picture, of both sides.

use crate::analysis::meters::Meters;
use crate::render::scope::ScopeFeed;
use crate::view::build::Moment;
use crate::view::palette::Side;
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// Up to which frame each side was drawn.
#[derive(Default)]
pub struct ScopeTracks {
    drawn_to: [Option<u64>; 2],
    /// Places they were drawn into.
    places: [Option<Rect>; 2],
}

/// Frames for one vectorscope.
pub struct TrackFeed {
    frames: Vec<[f32; 2]>,
    sample_rate_hz: u32,
    skipped_frames: u64,
    restart: bool,
}

impl TrackFeed {
    /// As the pass takes them.
    pub fn feed(&self) -> ScopeFeed<'_> {
        ScopeFeed {
            frames: &self.frames,
            sample_rate_hz: self.sample_rate_hz,
            skipped_frames: self.skipped_frames,
            restart: self.restart,
        }
    }
}

impl ScopeTracks {
    /// Draws all that is known again where a scene has another place for it: what was drawn there is gone, and of a
    /// frozen moment nothing new would come.
    pub fn fit(&mut self, scene: &Scene) {
        for side in Side::BOTH {
            let place = scene.scope_rect(side);
            let was = std::mem::replace(&mut self.places[side.index()], place);
            if place != was {
                self.drawn_to[side.index()] = None;
            }
        }
    }

    /// What is new on both sides since the last call; of a frozen moment nothing is, after its first picture.
    pub fn advance(&mut self, moment: Moment<'_>) -> [TrackFeed; 2] {
        let (mix, reference) = (moment.mix, moment.beside.meters.as_ref());
        let [mix_to, reference_to] = &mut self.drawn_to;
        [advance(mix_to, mix), advance(reference_to, reference)]
    }
}

fn advance(drawn_to: &mut Option<u64>, meters: Option<&Meters>) -> TrackFeed {
    let Some(meters) = meters else {
        let restart = drawn_to.take().is_some();
        return TrackFeed {
            frames: vec![],
            sample_rate_hz: 1,
            skipped_frames: 0,
            restart,
        };
    };
    let end = meters.end_frame;
    // A position that went back is another stream.
    let from = drawn_to.filter(|from| *from <= end);
    let new = from.map_or(u64::MAX, |from| end - from);
    let take = meters
        .scope
        .len()
        .min(usize::try_from(new).unwrap_or(usize::MAX));
    *drawn_to = Some(end);
    TrackFeed {
        frames: meters.scope[meters.scope.len() - take..].to_vec(),
        sample_rate_hz: meters.format.sample_rate_hz,
        skipped_frames: from.map_or(0, |_| new - take as u64),
        restart: from.is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::metering::scope_frames;
    use crate::app::render_command::still_scene;
    use crate::audio::frames::{ChannelLayout, StreamFormat};
    use crate::session::Session;
    use crate::session::sides::still::StillSide;
    use crate::view::scene::Looks;

    fn meters(sample_rate_hz: u32, end_frame: u64) -> Meters {
        let format = StreamFormat {
            sample_rate_hz,
            layout: ChannelLayout::Stereo,
        };
        Meters {
            end_frame,
            scope: vec![[0.5; 2]; scope_frames(sample_rate_hz)],
            ..Meters::silent(format)
        }
    }

    #[test]
    fn a_frozen_moment_is_drawn_again_where_its_place_is_another() {
        let mut session = Session::default();
        let format = StreamFormat {
            sample_rate_hz: 48_000,
            layout: ChannelLayout::Stereo,
        };
        let mut mix = StillSide::new("tone".to_owned(), format);
        mix.history.meters = meters(48_000, 1_000_000);
        session.pair.mix = mix.into();
        let mut tracks = ScopeTracks::default();
        let mut drawn = |size: [u32; 2]| {
            let scene = still_scene(&session, &Looks::default(), size, "");
            tracks.fit(&scene);
            let [mix, _] = tracks.advance(Moment::now(&session));
            (mix.frames.len(), mix.restart)
        };
        let (all, _) = drawn([1280, 720]);
        assert_eq!((all > 0, drawn([1280, 720])), (true, (0, false)));
        assert_eq!(drawn([1920, 1080]), (all, true), "full screen");
    }

    #[test]
    fn a_picture_that_comes_in_time_draws_every_frame_and_a_late_one_says_what_it_skipped() {
        for rate in [44_100, 48_000, 96_000, 192_000] {
            let mut drawn_to = None;
            let first = advance(&mut drawn_to, Some(&meters(rate, 1_000_000)));
            assert!(first.restart && first.skipped_frames == 0);
            // A fifteenth of a second is a slow picture, and still whole.
            let step = u64::from(rate) / 15;
            let next = advance(&mut drawn_to, Some(&meters(rate, 1_000_000 + step)));
            assert_eq!(next.frames.len() as u64, step);
            assert!(!next.restart && next.skipped_frames == 0);
            let late = advance(&mut drawn_to, Some(&meters(rate, 2_000_000 + step)));
            let drawn = late.frames.len() as u64;
            assert!(!late.restart);
            assert_eq!(late.skipped_frames, 1_000_000 - drawn);
        }
    }
}
