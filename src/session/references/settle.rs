//! What is settled of a reference before its first frame, after its last, and when another region of it is chosen.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use crate::analysis::distribution::LevelQuantiles;
use crate::analysis::programme::Programme;
use crate::audio::frames::StreamFormat;
use crate::session::references::data::{ReferenceData, SharedReference, locked};
use crate::session::references::figures::measure;
use crate::session::references::overview::{Overview, Thumbnail};
use crate::session::references::part::PartFigures;

impl ReferenceData {
    /// What is known before the first frame.
    pub(super) fn begin(&mut self, format: StreamFormat, expected_frames: Option<u64>) {
        self.sample_rate_hz = format.sample_rate_hz;
        self.hop_frames = crate::analysis::resolution::hop_frames(format.sample_rate_hz);
        self.expected_frames = expected_frames.unwrap_or(0);
        self.overview = Overview::new(format.sample_rate_hz);
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
