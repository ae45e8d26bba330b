//! The figures of a mix that stands still at the last moment that it and the reference both have: two snapshots of a song
//! seldom end at the same moment of it.

use std::sync::Arc;

use crate::analysis::analyzer::Analyzer;
use crate::analysis::meters::Meters;
use crate::analysis::spectral::LIVE_CURVES_SECS;
use crate::analysis::tap::Recent;
use crate::audio::frames::{ChannelLayout, StreamFormat};
use crate::session::sides::beside::CompanionFrame;

/// So much is heard for them: curves are full without the edge that they begin with.
const LEAD_SECS: f64 = LIVE_CURVES_SECS + 1.0;
/// Points of loudness are of the mix's tenths of a second.
const TENTHS_PER_SEC: f64 = 10.0;

/// Figures of the moment of what was heard, at a mix time within it.
pub(super) fn meters_at(heard: &Recent, mix_secs: f64) -> Option<Meters> {
    let rate = f64::from(heard.sample_rate_hz.max(1));
    let first = heard.end_frame.checked_sub(heard.frames.len() as u64)?;
    let first_secs = first as f64 / rate;
    let from_secs = (mix_secs - LEAD_SECS).max(first_secs);
    let first_tenth = (from_secs * TENTHS_PER_SEC).ceil();
    let frame = |secs: f64| ((secs - first_secs) * rate).round().max(0.0) as usize;
    let range = frame(first_tenth / TENTHS_PER_SEC)..frame(mix_secs);
    let sound = heard.frames.get(range.clone())?;
    if sound.is_empty() {
        return None;
    }
    let format = StreamFormat {
        sample_rate_hz: heard.sample_rate_hz,
        layout: ChannelLayout::Stereo,
    };
    let mut analyzer = Analyzer::new(format);
    analyzer.begin_midway();
    let mut made = vec![];
    for block in sound.chunks(8_192) {
        analyzer.process(block.as_flattened(), &mut made);
        made.clear();
    }
    let mut meters = Meters::silent(format);
    analyzer.write_meters(&mut meters);
    meters.end_frame = first + range.end as u64;
    meters.num_loudness_points += first_tenth as usize;
    Some(meters)
}

/// What is shown of the mix at that moment.
#[derive(Default)]
pub(super) struct MixThere {
    of: Option<Arc<Meters>>,
    /// With what was measured of all of the mix.
    meters: Option<Meters>,
}

impl MixThere {
    /// Keeps up with what is known of it.
    pub fn follow(&mut self, beside: &CompanionFrame, mix: Option<&Meters>) {
        let is_known = match (&self.of, &beside.mix_there) {
            (None, None) => true,
            (Some(of), Some(there)) => Arc::ptr_eq(of, there),
            _ => false,
        };
        if !is_known {
            self.of.clone_from(&beside.mix_there);
            let there = self.of.as_ref().zip(mix);
            self.meters = there.map(|(there, mix)| mix.at_moment(there));
        }
    }

    /// The figures.
    pub fn meters(&self) -> Option<&Meters> {
        self.meters.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::tap::Tap;

    #[test]
    fn figures_of_a_moment_are_of_that_moment_and_numbered_as_the_mix() {
        let rate = 48_000;
        let tap = Tap::new(rate, 30.0);
        // Forty seconds, of which the first ten are kept no more: quiet, and loud from 0:30 on.
        for tenth in 0..400 {
            let level = if tenth < 300 { 0.01 } else { 0.5 };
            let sound: Vec<[f32; 2]> = (0..4_800)
                .map(|n| [level * (n as f32 * 0.13).sin(); 2])
                .collect();
            tap.push(&sound);
        }
        let mut heard = Recent::default();
        tap.copy(usize::MAX, &mut heard);
        let at = |secs: f64| meters_at(&heard, secs);
        let quiet = at(29.95).expect("it is kept");
        let loud = at(38.0).expect("it is kept");
        let short_term = |meters: &Meters| meters.loudness.short_term_lufs.expect("it sounds");
        let louder_lu = short_term(&loud) - short_term(&quiet);
        assert!((louder_lu - 33.98).abs() < 0.1, "{louder_lu}");
        assert_eq!(
            [quiet.num_loudness_points, loud.num_loudness_points],
            [299, 380]
        );
        assert_eq!([quiet.end_frame, loud.end_frame], [1_437_600, 1_824_000]);
        assert!(loud.correlation.is_some_and(|value| value > 0.99));
        // What is gone, and what is not heard yet, has none.
        assert!(at(9.0).is_none() && at(41.0).is_none());
        let whole = Meters {
            plr_lu: Some(12.0),
            ..quiet.clone()
        };
        let shown = whole.at_moment(&loud);
        assert_eq!(shown.plr_lu, Some(12.0));
        assert_eq!(
            shown.loudness.short_term_lufs,
            loud.loudness.short_term_lufs
        );
        assert_eq!(
            shown.loudness.integrated_lufs,
            quiet.loudness.integrated_lufs
        );
    }
}
