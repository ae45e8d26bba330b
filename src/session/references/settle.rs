//! What is settled of a reference before its first frame, after its last, and when another region of it is chosen.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use crate::analysis::column::TIER_FACTOR;
use crate::analysis::distribution::LevelQuantiles;
use crate::analysis::programme::Programme;
use crate::audio::frames::StreamFormat;
use crate::session::references::data::{ReferenceData, SharedReference, locked};
use crate::session::references::figures::measure;
use crate::session::references::overview::{Overview, Thumbnail};
use crate::session::references::part::PartFigures;
use crate::session::references::sound::fit;

/// Room for what comes although it was not expected: a header counts without the last packet, a tier ends in a column
/// that is not whole.
const SPARE_FRAMES: usize = 1 << 16;
const SPARE_COLUMNS: usize = 64;

impl ReferenceData {
    /// What is known before the first frame.
    pub(super) fn begin(&mut self, format: StreamFormat, expected_frames: Option<u64>) {
        self.sample_rate_hz = format.sample_rate_hz;
        self.hop_frames = crate::analysis::resolution::hop_frames(format.sample_rate_hz);
        self.expected_frames = expected_frames.unwrap_or(0);
        self.overview = Overview::new(format.sample_rate_hz);
    }

    /// Makes room for as many frames as are expected, for which memory was claimed. What grows as it comes is moved to a
    /// larger place again and again, and the picture waits for the lock meanwhile; without room it does so all the same.
    pub(super) fn make_room(&mut self, keeps_sound: bool) {
        let frames = usize::try_from(self.expected_frames).unwrap_or_default();
        if frames == 0 {
            return;
        }
        if keeps_sound {
            self.pcm.make_room(frames.saturating_add(SPARE_FRAMES));
        }
        let mut columns = frames / self.hop_frames.max(1);
        for tier in &mut self.tiers {
            let _ = tier.try_reserve_exact(columns.saturating_add(SPARE_COLUMNS));
            columns /= TIER_FACTOR;
        }
    }

    /// Gives back the room for what was expected and did not come.
    pub(super) fn give_room_back(&mut self) {
        self.pcm.give_room_back();
        self.tiers.iter_mut().for_each(fit);
    }

    /// What is known after the last.
    pub(super) fn finish(
        &mut self,
        programme: Programme,
        quantiles: LevelQuantiles,
        thumbnail: Option<Thumbnail>,
    ) {
        self.thumbnail = thumbnail.map(Arc::new);
        self.whole_part = Some(Arc::new(PartFigures {
            region: self.whole(),
            summary: programme.summary.clone(),
            curves: programme.curves.clone(),
            quantiles,
            bands: self.bands_within(self.whole()),
        }));
        self.programme = Some(programme);
        self.progress = 1.0;
        self.revision += 1;
        self.mend_region();
    }

    /// A region that was chosen while the length was not known, or for another version of the file.
    pub(super) fn mend_region(&mut self) {
        if let Some(region) = self.region {
            let end = region.start_secs + region.length_secs;
            self.region = self.possible_region([region.start_secs, end]);
        }
    }
}

/// Measures the region that is chosen, if one is, it is not measured yet and its sound is there. Ends early when
/// another one is chosen.
pub fn measure_region(data: &Arc<Mutex<ReferenceData>>, cancel: &AtomicBool) {
    let wanted = || {
        let data = locked(data);
        data.region
            .filter(|_| data.pcm_is_whole && data.part().is_none())
    };
    while let (Some(region), false) = (wanted(), cancel.load(Ordering::Relaxed)) {
        let is_stale = || {
            let data = locked(data);
            cancel.load(Ordering::Relaxed) || data.region != Some(region) || !data.pcm_is_whole
        };
        let shared = SharedReference(Arc::clone(data));
        match measure(&shared, region, &is_stale) {
            Some(part) => locked(data).region_part = Some(part),
            None if is_stale() => {}
            None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::column::{Column, NUM_TIERS};
    use crate::audio::frames::ChannelLayout;
    use crate::dsp::grid::NUM_BINS;

    #[test]
    fn what_is_expected_has_room_before_it_comes_and_what_did_not_come_gives_it_back() {
        let format = StreamFormat {
            sample_rate_hz: 48_000,
            layout: ChannelLayout::Stereo,
        };
        let mut data = ReferenceData::empty();
        data.begin(format, Some(48_000 * 60));
        data.make_room(true);
        let places = |data: &ReferenceData| {
            let tiers = data.tiers.iter().map(|tier| tier.as_ptr().addr());
            (tiers.collect::<Vec<_>>(), data.pcm.bytes())
        };
        let before = places(&data);
        let column = Column {
            index: 0,
            bins: [0; NUM_BINS],
        };
        data.pcm.push(&vec![[0.0; 2]; 48_000 * 60]);
        for tier in 0..NUM_TIERS {
            let columns = (48_000 * 60 / data.hop_frames) / TIER_FACTOR.pow(tier as u32);
            data.tiers[tier].resize(columns + 1, column);
        }
        assert_eq!(places(&data), before, "it was moved");
        data.give_room_back();
        assert_eq!(places(&data), before, "all of it came");
        let mut short = ReferenceData::empty();
        short.begin(format, Some(48_000 * 60));
        short.make_room(true);
        short.pcm.push(&[[0.0; 2]; 100]);
        short.give_room_back();
        assert!(short.pcm.bytes() < 1_000, "{}", short.pcm.bytes());
        assert_eq!(short.pcm.len(), 100);
    }
}
