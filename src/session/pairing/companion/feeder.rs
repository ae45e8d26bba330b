//! Feeds the reference that lies under the mix to an Analyzer of its own, without a seam but where the mix has one.

use crate::analysis::analyzer::Analyzer;
use crate::analysis::meters::Meters;
use crate::analysis::resolution::hop_frames;
use crate::analysis::spectral::{LIVE_CURVES_SECS, LIVE_CURVES_STRIDE, Purpose};
use crate::audio::frames::{ChannelLayout, StreamFormat};
use crate::dsp::samples::risen;
use crate::session::references::{ReferenceData, SharedReference};
use crate::session::sides::beside::BesideAt;
use crate::session::sides::region::Region;
use crate::session::sides::stretches::{Stretch, Stretches};

/// Begun anew, the Analyzer hears so much of what lay beside the mix before, that its curves are full without the edge that they
/// begin with.
const LEAD_SECS: f64 = LIVE_CURVES_SECS + 1.0;
/// It begins at a tenth of a second of the mix, so that its points of loudness are of the same tenths as the mix's.
const TENTHS_PER_SEC: f64 = 10.0;
/// And at one of so many at which its columns lie where the mix's do: curves of the same music are of the same moments of it, or
/// hats and hits fall into the columns of the one and between those of the other.
const TENTHS_TO_CHOOSE: usize = 32;
/// Frames copied from the reference at once.
const CHUNK_FRAMES: i64 = 8_192;
/// A reference that has to catch up by more than this jumps.
const LONGEST_CATCH_UP_SECS: f64 = 2.0;
/// What begins on the way comes up within this time.
const RISE_SECS: f64 = 0.05;
/// A measurement that was begun anew longer ago than this is heard anew.
const RESET_WITHIN_SECS: f64 = 0.5;
/// Figures are remembered so far apart in the mix …
const LATELY_SECS: f64 = 0.016;
/// … and so many: half a second, which is more than a picture comes late.
const MOST_LATELY: usize = 32;

/// What lies under the newest part of the mix.
#[derive(Clone, Copy, Debug)]
pub(super) struct Laid<'a> {
    /// Mix time up to which it is heard.
    pub mix_secs: f64,
    /// Reference time under mix time 0.
    pub offset_secs: f64,
    /// Where the mix was before, if it is the same song.
    pub stretches: Option<&'a Stretches>,
    /// Mix time from which on curves and what else accumulates count.
    pub measured_from_secs: f64,
    /// Mix time in which nothing sounded: what the reference has there is heard and is in no curve.
    pub pauses: &'a [[f64; 2]],
}

impl Laid<'_> {
    /// What lay beside the mix between two mix times, in order; between the pieces nothing did.
    fn pieces(&self, secs: [f64; 2]) -> Vec<Stretch> {
        match self.stretches {
            Some(stretches) => stretches.pieces(secs, self.offset_secs),
            None => Stretches::default().pieces(secs, self.offset_secs),
        }
    }
}

/// Up to where an Analyzer was fed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fed {
    /// Mix time, in frames of the reference's rate.
    end: i64,
    offset_secs: f64,
    region: Region,
    measured_from_secs: f64,
}

/// The Analyzer of the reference, and up to where it was fed.
#[derive(Default)]
pub(super) struct Feeder {
    analyzer: Option<Analyzer>,
    /// The tenth of a second of the mix that the Analyzer began at.
    first_tenth: usize,
    fed: Option<Fed>,
    /// From where on was measured before the last reset, if the Analyzer made that and it can be undone.
    before_reset_secs: Option<f64>,
    /// The same of a reset that lies ahead.
    before_next_secs: Option<f64>,
    /// Where the mix paused, in frames of the reference's rate.
    pauses: Vec<[i64; 2]>,
    scratch: Vec<f32>,
    lately: Vec<BesideAt>,
    /// Mix time that was fed last.
    fed_secs: f64,
}

impl Feeder {
    /// Up to where it was fed.
    pub fn fed(&self) -> Option<Fed> {
        self.fed
    }

    /// The figures of what was fed, with points of loudness that are numbered as the mix's; false where there are none.
    pub fn write_meters(&mut self, meters: &mut Option<Meters>) -> bool {
        let Some(analyzer) = &mut self.analyzer else {
            *meters = None;
            return false;
        };
        let format = analyzer.format();
        let meters = meters.get_or_insert_with(|| Meters::silent(format));
        analyzer.write_meters(meters);
        meters.num_loudness_points += self.first_tenth;
        true
    }

    /// Figures of the last moments, the newest last.
    pub fn lately(&self) -> &[BesideAt] {
        &self.lately
    }

    /// The next feed begins anew.
    pub fn forget(&mut self) {
        self.fed = None;
    }

    /// Goes on at another place where the mix did, as the mix is heard to: the next feed begins there.
    pub fn turn(&mut self, mix_secs: f64, offset_secs: f64, reference: &SharedReference) {
        let rate = f64::from(reference.with(|data| data.sample_rate_hz));
        if let Some(fed) = &mut self.fed {
            fed.end = (mix_secs * rate).floor() as i64;
            fed.offset_secs = offset_secs;
        }
    }

    /// Feeds what lies under the mix since the last time, and remembers figures on the way.
    pub fn feed(&mut self, laid: Laid<'_>, reference: &SharedReference) {
        // Nobody looks back at what is further behind.
        let steps = ((laid.mix_secs - self.fed_secs) / LATELY_SECS).ceil();
        let steps = match steps > MOST_LATELY as f64 {
            true => 1,
            false => (steps as u32).max(1),
        };
        for left in (0..steps).rev() {
            let mix_secs = laid.mix_secs - f64::from(left) * LATELY_SECS;
            self.feed_up_to(Laid { mix_secs, ..laid }, reference);
            let needles = self.analyzer.as_ref().map(Analyzer::needles);
            let at = needles.map(|needles| BesideAt { mix_secs, needles });
            self.lately.extend(at);
        }
        self.fed_secs = laid.mix_secs;
        let surplus = self.lately.len().saturating_sub(MOST_LATELY);
        self.lately.drain(..surplus);
    }

    /// The same up to a mix time; after a jump, anew with all that lay beside it for a while: what the mix's curves tell
    /// of, the reference's are to tell of too.
    fn feed_up_to(&mut self, laid: Laid<'_>, reference: &SharedReference) {
        let (sample_rate_hz, region, is_mono) = reference.with(|data| {
            let is_mono = layout_of(data) == ChannelLayout::Mono;
            let is_aligned = laid.stretches.is_some();
            (data.sample_rate_hz, data.beside(is_aligned), is_mono)
        });
        let rate = f64::from(sample_rate_hz);
        let end = (laid.mix_secs * rate).floor() as i64;
        let reset = (laid.measured_from_secs * rate).round() as i64;
        self.note_pauses(laid.pauses, rate);
        let goes_on = |fed: &Fed| {
            (fed.offset_secs - laid.offset_secs).abs() < 1e-6
                && fed.region == region
                && end >= fed.end
                && ((end - fed.end) as f64) < LONGEST_CATCH_UP_SECS * rate
                && (fed.is_reset_lately(laid.measured_from_secs, rate)
                    || self.undoes(laid.measured_from_secs))
        };
        let from = match self.fed.filter(goes_on) {
            Some(fed) => {
                if fed.measured_from_secs != laid.measured_from_secs {
                    self.measure_from(laid.measured_from_secs, fed, reset);
                }
                fed.end
            }
            None => {
                self.analyzer = None;
                (self.before_reset_secs, self.before_next_secs) = (None, None);
                // Not before the mix began: what was never beside it is not measured.
                let from_secs = (laid.mix_secs - LEAD_SECS).max(0.0);
                self.first_tenth = first_tenth(from_secs, sample_rate_hz);
                (self.first_tenth as f64 / TENTHS_PER_SEC * rate).round() as i64
            }
        };
        let format = format_of(sample_rate_hz, is_mono);
        let first = (region.start_secs * rate).round() as i64;
        let length = ((region.length_secs * rate).round() as i64).max(1);
        let mut is_begun = from > 0 && self.analyzer.is_none();
        self.analyzer
            .get_or_insert_with(|| Analyzer::with_purpose(format, Purpose::Live));
        let mut at = from;
        for piece in laid.pieces([from, end].map(|frame| frame as f64 / rate)) {
            let [piece_from, piece_end] =
                [piece.from_secs, piece.to_secs].map(|secs| (secs * rate).round() as i64);
            let offset = (piece.offset_secs * rate).round() as i64;
            let at_before = at;
            self.hear([at, piece_from.min(end)], reset, |_, _| [0.0; 2], reference);
            at = at.max(piece_from);
            // Behind silence that nobody played, the music comes up: a step would be a click, loud at both ends of the
            // spectrum.
            let comes_up = is_begun || piece_from > at_before;
            let rise = if comes_up { RISE_SECS * rate } else { 0.0 };
            // What lies past the end, by a rounded frame, is silent.
            let frame = |data: &ReferenceData, at: i64| {
                let laid = first + (at + offset - first).rem_euclid(length);
                let frame = data.pcm.frame(laid as usize);
                let since = (at - piece_from) as f64;
                match since < rise {
                    true => frame.map(|sample| sample * risen(since / rise)),
                    false => frame,
                }
            };
            self.hear([at, piece_end.min(end)], reset, frame, reference);
            at = at.max(piece_end);
            is_begun = false;
        }
        // Behind its end it is silent beside a mix that goes on.
        self.hear([at, end], reset, |_, _| [0.0; 2], reference);
        self.fed = Some(Fed {
            end: end.max(from),
            offset_secs: laid.offset_secs,
            region,
            measured_from_secs: laid.measured_from_secs,
        });
    }

    /// Hears what a frame of mix time is of the reference, from one to another; what accumulates is begun anew at
    /// `reset`.
    fn hear(
        &mut self,
        [from, end]: [i64; 2],
        reset: i64,
        frame: impl Fn(&ReferenceData, i64) -> [f32; 2],
        reference: &SharedReference,
    ) {
        let Some(is_mono) = self.analyzer.as_ref().map(is_mono) else {
            return;
        };
        let mut columns = vec![];
        let mut at = from;
        while at < end {
            if at == reset {
                self.reset();
                self.before_reset_secs = self.before_next_secs.take();
            }
            let to = end.min(at + CHUNK_FRAMES);
            let to = if at < reset { to.min(reset) } else { to };
            let (to, is_pause) = self.up_to_a_pause(at, to);
            self.scratch.clear();
            // Only copied under the lock: the picture waits for it, the analysis may take its time.
            reference.with(|data| match is_mono {
                true => self.scratch.extend((at..to).map(|at| frame(data, at)[0])),
                false => self.scratch.extend((at..to).flat_map(|at| frame(data, at))),
            });
            if let Some(analyzer) = &mut self.analyzer {
                if is_pause {
                    analyzer.leave_out((to - at) as u64);
                }
                analyzer.process(&self.scratch, &mut columns);
            }
            columns.clear();
            at = to;
        }
    }

    /// Whether measuring from a time on is as before the last reset.
    fn undoes(&self, secs: f64) -> bool {
        [self.before_reset_secs, self.before_next_secs].contains(&Some(secs))
    }

    /// Measures from another time on than before: anew, or as before the last reset.
    fn measure_from(&mut self, secs: f64, fed: Fed, reset: i64) {
        let is_made = self.before_reset_secs == Some(secs);
        let is_undone = self.undoes(secs);
        (self.before_reset_secs, self.before_next_secs) = (None, None);
        match &mut self.analyzer {
            Some(analyzer) if is_made => analyzer.undo_reset(),
            _ if is_undone => {}
            _ if reset > fed.end => self.before_next_secs = Some(fed.measured_from_secs),
            _ => {
                self.reset();
                self.before_reset_secs = Some(fed.measured_from_secs);
            }
        }
    }

    fn note_pauses(&mut self, secs: &[[f64; 2]], rate: f64) {
        self.pauses.clear();
        let frames = secs
            .iter()
            .map(|pause| pause.map(|at| (at * rate).round() as i64));
        self.pauses.extend(frames);
    }

    /// Up to where it is as at a frame, at most to another one: a pause of the mix, or none.
    fn up_to_a_pause(&self, at: i64, to: i64) -> (i64, bool) {
        let edges = self.pauses.iter().flatten().filter(|edge| **edge > at);
        let is_pause = self
            .pauses
            .iter()
            .any(|[from, end]| (*from..*end).contains(&at));
        (edges.copied().min().unwrap_or(to).min(to), is_pause)
    }

    fn reset(&mut self) {
        if let Some(analyzer) = &mut self.analyzer {
            analyzer.reset_measurement();
        }
    }
}

impl Fed {
    /// Whether a measurement from a mix time on needs nothing that was fed already.
    fn is_reset_lately(&self, from_secs: f64, rate: f64) -> bool {
        let end_secs = self.end as f64 / rate;
        from_secs == self.measured_from_secs
            || (from_secs > self.measured_from_secs && from_secs > end_secs - RESET_WITHIN_SECS)
    }
}

/// The tenth of a second at a mix time or up to three seconds before it at which columns that count for curves lie nearest to
/// the mix's.
fn first_tenth(from_secs: f64, sample_rate_hz: u32) -> usize {
    let latest = (from_secs * TENTHS_PER_SEC).ceil() as usize;
    let apart = (LIVE_CURVES_STRIDE as usize * hop_frames(sample_rate_hz)) as f64;
    let off = |tenth: &usize| {
        let frame = (*tenth as f64 / TENTHS_PER_SEC * f64::from(sample_rate_hz)).round();
        let behind = frame.rem_euclid(apart);
        behind.min(apart - behind)
    };
    let tenths = (latest + 1).saturating_sub(TENTHS_TO_CHOOSE)..=latest;
    tenths
        .min_by(|a, b| off(a).total_cmp(&off(b)))
        .unwrap_or(latest)
}

/// One channel that is kept as two would read 3 LU too loud.
fn format_of(sample_rate_hz: u32, is_mono: bool) -> StreamFormat {
    let layout = match is_mono {
        true => ChannelLayout::Mono,
        false => ChannelLayout::Stereo,
    };
    StreamFormat {
        sample_rate_hz,
        layout,
    }
}

fn is_mono(analyzer: &Analyzer) -> bool {
    analyzer.format().layout == ChannelLayout::Mono
}

/// The channels that a reference was measured in.
pub(super) fn layout_of(data: &ReferenceData) -> ChannelLayout {
    let programme = data.programme.as_ref();
    programme.map_or(ChannelLayout::Stereo, |programme| programme.format.layout)
}
