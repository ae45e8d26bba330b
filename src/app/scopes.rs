//! What the vectorscopes draw: the frames heard since the last picture, of both sides.

use crate::render::scope::ScopeFeed;
use crate::session::Session;
use crate::view::palette::Side;
use crate::view::scene::Scene;

/// Sound before a first picture that still glows in it.
const SCOPE_SECS: f64 = 1.0;

/// Feeds the vectorscopes with what was heard since the last picture, on both sides.
#[derive(Default)]
pub struct ScopeTracks {
    drawn_to: Option<[u64; 2]>,
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
    /// What is new up to the scene's right edge.
    pub fn advance(&mut self, session: &Session, scene: &Scene) -> [TrackFeed; 2] {
        let mix = session.mix.as_ref();
        let mix_end = mix.map_or(0, |mix| mix.meters.end_frame);
        let reference_rate = f64::from(scene.side(Side::Reference).sample_rate_hz.max(1));
        let reference_end = (scene.right_edge_secs * reference_rate) as u64;
        let ends = [mix_end, reference_end];
        let restart = self.drawn_to.is_none();
        let mix_feed = mix.map_or(TrackFeed::none(), |mix| {
            let scope = &mix.meters.scope;
            let new = self
                .drawn_to
                .map_or(u64::MAX, |to| mix_end.saturating_sub(to[0]));
            let take = scope.len().min(new as usize);
            TrackFeed {
                frames: scope[scope.len() - take..].to_vec(),
                sample_rate_hz: mix.format().sample_rate_hz,
                restart,
            }
        });
        let new = self
            .drawn_to
            .map_or((SCOPE_SECS * reference_rate) as u64, |to| {
                reference_end.saturating_sub(to[1])
            });
        let reference_feed = reference_frames(session, scene.right_edge_secs, new, restart);
        self.drawn_to = Some(ends);
        [mix_feed, reference_feed]
    }
}

impl TrackFeed {
    fn none() -> Self {
        Self {
            frames: vec![],
            sample_rate_hz: 1,
            restart: true,
        }
    }
}

/// The newest frames of the reference under a mix time.
fn reference_frames(session: &Session, mix_secs: f64, count: u64, restart: bool) -> TrackFeed {
    let Some(reference) = session.references.active() else {
        return TrackFeed::none();
    };
    let data = reference.data();
    let region = data.whole();
    let secs = region.reference_secs(region.laid_offset_secs(session.offset_secs) + mix_secs);
    let end = ((secs * f64::from(data.sample_rate_hz)) as usize).min(data.pcm.len());
    let start = end.saturating_sub(count as usize);
    TrackFeed {
        frames: data.pcm[start..end].to_vec(),
        sample_rate_hz: data.sample_rate_hz,
        restart,
    }
}
