//! What the vectorscopes draw: the frames heard since the last picture, of both sides.

use crate::analysis::meters::Meters;
use crate::render::scope::ScopeFeed;
use crate::view::build::Moment;

/// Up to which frame each side was drawn.
#[derive(Default)]
pub struct ScopeTracks {
    drawn_to: [Option<u64>; 2],
}

/// Frames for one vectorscope.
pub struct TrackFeed {
    frames: Vec<[f32; 2]>,
    sample_rate_hz: u32,
    restart: bool,
}

impl TrackFeed {
    /// As the pass takes them.
    pub fn feed(&self) -> ScopeFeed<'_> {
        ScopeFeed {
            frames: &self.frames,
            sample_rate_hz: self.sample_rate_hz,
            restart: self.restart,
        }
    }
}

impl ScopeTracks {
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
        restart: from.is_none(),
    }
}
