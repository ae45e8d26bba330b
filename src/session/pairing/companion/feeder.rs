//! Feeds the reference that lies under the mix to an Analyzer of its own, without a seam but where the mix has one.

use crate::analysis::analyzer::Analyzer;
use crate::analysis::meters::Meters;
use crate::analysis::spectral::Purpose;
use crate::audio::frames::{ChannelLayout, StreamFormat};
use crate::session::references::{ReferenceData, SharedReference};
use crate::session::sides::columns::Region;

/// After a jump that was searched for the Analyzer hears so much before the place, that its windows and curves are full.
const LEAD_SECS: f64 = 20.0;
/// Frames copied from the reference at once.
const CHUNK_FRAMES: i64 = 8_192;
/// A reference that has to catch up by more than this jumps.
const LONGEST_CATCH_UP_SECS: f64 = 2.0;

/// What lies under the newest part of the mix.
#[derive(Clone, Copy, Debug)]
pub(super) struct Laid {
    /// Mix time up to which it is heard.
    pub mix_secs: f64,
    /// Reference time under mix time 0.
    pub offset_secs: f64,
    /// Mix time at which the reference is over.
    pub over_secs: Option<f64>,
    /// Whether it is the same song.
    pub is_aligned: bool,
}

/// Up to where an Analyzer was fed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fed {
    /// Laid frame of the reference.
    end: i64,
    offset_secs: f64,
    region: Region,
}

/// The Analyzer of the reference, and up to where it was fed.
#[derive(Default)]
pub(super) struct Feeder {
    analyzer: Option<Analyzer>,
    fed: Option<Fed>,
    scratch: Vec<f32>,
}

impl Feeder {
    /// Up to where it was fed.
    pub fn fed(&self) -> Option<Fed> {
        self.fed
    }

    /// The figures of what was fed; false where there are none.
    pub fn write_meters(&mut self, meters: &mut Option<Meters>) -> bool {
        let Some(analyzer) = &mut self.analyzer else {
            *meters = None;
            return false;
        };
        let format = analyzer.format();
        let meters = meters.get_or_insert_with(|| Meters::silent(format));
        analyzer.write_meters(meters);
        true
    }

    /// Goes on at another place where the mix did, as the mix is heard to: the next feed begins there.
    pub fn turn(&mut self, mix_secs: f64, offset_secs: f64, reference: &SharedReference) {
        let rate = f64::from(reference.with(|data| data.sample_rate_hz));
        if let Some(fed) = &mut self.fed {
            fed.end = ((mix_secs + offset_secs) * rate).floor() as i64;
            fed.offset_secs = offset_secs;
        }
    }

    /// Feeds what lies under the mix since the last time; after a jump, anew with a lead.
    pub fn feed(&mut self, laid: Laid, reference: &SharedReference) {
        let (sample_rate_hz, region, is_mono) = reference.with(|data| {
            let is_mono = layout_of(data) == ChannelLayout::Mono;
            (data.sample_rate_hz, data.beside(laid.is_aligned), is_mono)
        });
        let rate = f64::from(sample_rate_hz);
        let end = ((laid.mix_secs + laid.offset_secs) * rate).floor() as i64;
        let lead = (LEAD_SECS * rate) as i64;
        let from = match self.fed {
            Some(fed)
                if (fed.offset_secs - laid.offset_secs).abs() < 1e-6
                    && fed.region == region
                    && end >= fed.end
                    && ((end - fed.end) as f64) < LONGEST_CATCH_UP_SECS * rate =>
            {
                fed.end
            }
            _ => {
                self.analyzer = None;
                // Not before the mix began: what was never beside it is not measured.
                end - lead.min((laid.mix_secs * rate) as i64)
            }
        };
        // One channel that is kept as two would read 3 LU too loud.
        let layout = match is_mono {
            true => ChannelLayout::Mono,
            false => ChannelLayout::Stereo,
        };
        let format = StreamFormat {
            sample_rate_hz,
            layout,
        };
        let analyzer = self
            .analyzer
            .get_or_insert_with(|| Analyzer::with_purpose(format, Purpose::Live));
        // Behind its end it is silent beside a mix that goes on.
        let over_secs = laid.over_secs.filter(|_| laid.is_aligned);
        let over = over_secs.map_or(i64::MAX, |secs| {
            ((secs + laid.offset_secs) * rate).ceil() as i64
        });
        let first = (region.start_secs * rate).round() as i64;
        let length = ((region.length_secs * rate).round() as i64).max(1);
        let mut columns = vec![];
        let mut at = from;
        while at < end {
            let to = end.min(at + CHUNK_FRAMES);
            self.scratch.clear();
            // Only copied under the lock: the picture waits for it, the analysis may take its time.
            reference.with(|data| {
                // What lies past the end, by a rounded frame, is silent.
                let frame = |laid: i64| {
                    if laid >= over {
                        return [0.0; 2];
                    }
                    let frame = first + (laid - first).rem_euclid(length);
                    data.pcm.frame(frame as usize)
                };
                match is_mono {
                    true => self.scratch.extend((at..to).map(|laid| frame(laid)[0])),
                    false => self.scratch.extend((at..to).flat_map(frame)),
                }
            });
            analyzer.process(&self.scratch, &mut columns);
            columns.clear();
            at = to;
        }
        self.fed = Some(Fed {
            end,
            offset_secs: laid.offset_secs,
            region,
        });
    }
}

/// The channels that a reference was measured in.
pub(super) fn layout_of(data: &ReferenceData) -> ChannelLayout {
    let programme = data.programme.as_ref();
    programme.map_or(ChannelLayout::Stereo, |programme| programme.format.layout)
}
