//! The same song on both sides: each stretch of the mix with the stretch of the reference that lay beside it.
//!
//! Where the DAW jumped, each side of the jump lies elsewhere in the reference. All stretches are compared, from the
//! first sure second on, and only seconds in which both sides sound: a pause of the mix is no quiet reference.

use std::sync::Arc;

use crate::analysis::column::{Column, NUM_TIERS, column_index, column_secs};
use crate::analysis::tap::Tap;
use crate::compare::heard::HeardSide;
use crate::dsp::loudness::LoudnessPoint;
use crate::session::pairing::beside_levels;
use crate::session::references::ReferenceData;
use crate::session::sides::history::History;
use crate::session::sides::loudness_history::POINT_SECS;
use crate::session::sides::stretches::Stretch;

/// Less than this says nothing of music that is heard.
pub(super) const LEAST_SECS: f64 = 10.0;
/// Less than this nothing of what a person marked, of the same seconds on both sides.
pub(super) const LEAST_MARKED_SECS: f64 = 3.0;
/// Columns of finer tiers are shorter than a phrase is judged by.
pub(super) const LONG_TIER: usize = 3;
/// The finest tier that is compared: 0.2 s a column, so that the ends of a stretch weigh next to nothing.
const FINEST_TIER: usize = 2;
/// The coarsest for a mix that jumps: 0.7 s a column. What is more than fits is the oldest, and is left out.
const COARSEST_WITH_JUMPS: usize = 3;
/// More columns than this are not copied: 8 MB.
const MOST_COLUMNS: f64 = 2_048.0;
/// Windows of a momentary and a short-term value: at the beginning of a stretch they reach back before it.
const WINDOWS_SECS: [f64; 2] = [0.4, 3.0];

/// Which columns of the mix are compared, and what lay beside them.
#[derive(Clone, Debug)]
pub(super) struct SideBySide {
    /// Stretches in order of time, none reaching into the next.
    pub(super) pieces: Vec<Stretch>,
    tier: usize,
    hop_secs: f64,
    /// The newest sound of a mix of two channels.
    sound: Option<Arc<Tap>>,
}

impl SideBySide {
    /// What can be compared of stretches of the mix between two mix times; `None` if that is too little.
    pub(super) fn of(
        mix: &History,
        stretches: &[Stretch],
        [from_secs, to_secs]: [f64; 2],
        least_secs: f64,
    ) -> Option<Self> {
        let within = |stretch: &Stretch| Stretch {
            from_secs: stretch.from_secs.max(from_secs).max(0.0),
            to_secs: stretch.to_secs.min(to_secs),
            ..*stretch
        };
        let known = stretches.iter().map(within);
        let known: Vec<Stretch> = known.filter(|piece| length_secs(piece) > 0.0).collect();
        let first_secs = known.first()?.from_secs;
        let total_secs: f64 = known.iter().map(length_secs).sum();
        let coarsest = match known.len() {
            1 => NUM_TIERS - 1,
            _ => COARSEST_WITH_JUMPS,
        };
        let kept_from_secs = |tier: usize| mix.kept_from_secs(tier);
        let fits = |tier: &usize| {
            total_secs <= MOST_COLUMNS * mix.tier_secs(*tier)
                && kept_from_secs(*tier) <= first_secs + mix.tier_secs(*tier)
        };
        let mut tiers = FINEST_TIER..=coarsest;
        let furthest = |a: &usize, b: &usize| {
            kept_from_secs(*a)
                .total_cmp(&kept_from_secs(*b))
                .then(b.cmp(a))
        };
        let tier = tiers
            .find(fits)
            .or_else(|| (FINEST_TIER..=coarsest).min_by(furthest))?;
        let kept_from_secs = kept_from_secs(tier);
        let mut room_secs = MOST_COLUMNS * mix.tier_secs(tier);
        let mut pieces = vec![];
        for piece in known.into_iter().rev() {
            let oldest_secs = kept_from_secs.max(piece.to_secs - room_secs);
            let from_secs = piece.from_secs.max(oldest_secs);
            if from_secs < piece.to_secs {
                room_secs -= piece.to_secs - from_secs;
                pieces.push(Stretch { from_secs, ..piece });
            }
        }
        pieces.reverse();
        let total_secs: f64 = pieces.iter().map(length_secs).sum();
        (total_secs >= least_secs).then(|| Self {
            pieces,
            tier,
            hop_secs: mix.hop_secs(),
            sound: (mix.format().layout.count() == 2).then(|| mix.tap()),
        })
    }

    /// Mix time from the first to the last.
    pub(super) fn mix_secs(&self) -> [f64; 2] {
        let [first, .., last] = &self.pieces[..] else {
            let only = &self.pieces[0];
            return [only.from_secs, only.to_secs];
        };
        [first.from_secs, last.to_secs]
    }

    /// How long all pieces are together.
    pub(super) fn length_secs(&self) -> f64 {
        self.pieces.iter().map(length_secs).sum()
    }

    /// The longest, which tells where the mix lies if one is to tell it.
    pub(super) fn longest(&self) -> Stretch {
        let longest = self.pieces.iter().max_by(|a, b| {
            let lengths = [a, b].map(|piece| length_secs(piece));
            lengths[0].total_cmp(&lengths[1])
        });
        *longest.expect("there is a piece")
    }

    /// Its pieces, with the offsets that lead into the reference's own time.
    pub(super) fn places(&self, data: &ReferenceData) -> Vec<Stretch> {
        let whole = data.whole();
        let place = |piece: &Stretch| {
            // Its ends may lie a little beyond those of the reference.
            let middle_secs = 0.5 * (piece.from_secs + piece.to_secs);
            Stretch {
                offset_secs: whole.reference_secs(middle_secs + piece.offset_secs) - middle_secs,
                ..*piece
            }
        };
        self.pieces.iter().map(place).collect()
    }

    /// Copies the mix; `None` if too little of it has columns.
    pub(super) fn mix(&self, mix: &History) -> Option<HeardSide> {
        let slice_secs = mix.tier_secs(self.tier);
        // A column reaches half a hop further to both sides than the steps it stands for.
        let half_hop_secs = 0.5 * self.hop_secs;
        let index = |secs: f64| ((secs + half_hop_secs) / slice_secs).max(0.0);
        let columns: Vec<Column> = self
            .pieces
            .iter()
            .flat_map(|piece| {
                let first = index(piece.from_secs).ceil() as u64;
                let end = index(piece.to_secs).floor() as u64;
                mix.columns.range(self.tier, first..end.max(first))
            })
            .collect();
        let points = mix.loudness.points();
        let loudness = self.points(|n, _| points.get(n).copied());
        let is_enough = columns.len() as f64 * slice_secs >= 0.5 * self.length_secs();
        is_enough.then(|| HeardSide {
            name: mix.name.clone(),
            sample_rate_hz: mix.format().sample_rate_hz,
            columns,
            slice_secs,
            loudness,
            ..HeardSide::default()
        })
    }

    /// What lay beside the mix; both sides keep only what sounds on both. Only copies: whoever draws waits for the data.
    pub(super) fn reference(
        &self,
        mix: &mut HeardSide,
        name: String,
        data: &ReferenceData,
    ) -> HeardSide {
        let whole = data.whole();
        let points = data.loudness.points();
        let mut loudness = self.points(|n, piece| {
            let end_secs = (n + 1) as f64 * POINT_SECS + piece.offset_secs;
            let beside = (whole.reference_secs(end_secs) / POINT_SECS).round() as usize;
            points.get(beside.checked_sub(1)?).copied()
        });
        keep_what_sounds(&mut mix.loudness, &mut loudness);
        let tier = data.tier_there(self.tier);
        let first_point = self.first_point();
        let pairs = mix.columns.iter().filter_map(|column| {
            let secs = column_secs(self.hop_secs, self.tier, column.index as f64);
            let next = self.pieces.partition_point(|piece| piece.from_secs <= secs);
            let piece = self.pieces.get(next.checked_sub(1)?)?;
            // The point whose 0.4 s lie around the middle of the column, or the first that lies in the stretch.
            let heard_secs = (secs + 0.5 * WINDOWS_SECS[0]).max(piece.from_secs + 0.5);
            let heard_secs = heard_secs.min(piece.to_secs - 0.5 * POINT_SECS);
            let point =
                ((heard_secs / POINT_SECS).round() as usize).checked_sub(1 + first_point)?;
            mix.loudness.get(point).filter(|point| point.sounds())?;
            let at_secs = whole.reference_secs(secs + piece.offset_secs);
            let at = column_index(data.hop_secs(), tier, at_secs).round();
            let bins = data.column(tier, at.max(0.0) as u64)?;
            let beside = Column {
                index: column.index,
                bins: *bins,
            };
            Some((*column, beside))
        });
        let (of_mix, columns): (Vec<Column>, Vec<Column>) = pairs.unzip();
        mix.columns = of_mix;
        let whole = data.programme.as_ref().map(|programme| &programme.summary);
        let mut reference = HeardSide {
            name,
            sample_rate_hz: data.sample_rate_hz,
            columns,
            slice_secs: mix.slice_secs,
            loudness,
            true_peak_dbtp: whole.and_then(|whole| whole.loudness.true_peak_dbtp),
            levels: whole.map(|whole| whole.levels).unwrap_or_default(),
            ..HeardSide::default()
        };
        for side in [mix, &mut reference] {
            let first = side.columns.first().map_or(0, |first| first.index);
            side.start_secs = first as f64 * side.slice_secs;
        }
        reference
    }

    /// Gives the mix peaks and levels of its pieces, where their sound is still kept.
    pub(super) fn measure_mix(&self, mix: &mut HeardSide) {
        if let Some(sound) = &self.sound {
            beside_levels::measure_mix(mix, sound, &self.pieces);
        }
    }

    /// Makes slices that are long enough to tell of the song, where the columns are short.
    pub(super) fn lengthen(&self, sides: [&mut HeardSide; 2]) {
        if self.tier < LONG_TIER {
            sides.into_iter().for_each(HeardSide::lengthen_slices);
        }
    }

    /// Number of the first point of loudness; point `n` ends at `n + 1` tenths of a second.
    fn first_point(&self) -> usize {
        (self.mix_secs()[0] / POINT_SECS).round().max(0.0) as usize
    }

    /// A point for every tenth of a second from the first piece to the last, absent between them and where its window
    /// reaches back before its piece.
    fn points(
        &self,
        point_of: impl Fn(usize, &Stretch) -> Option<LoudnessPoint>,
    ) -> Vec<LoudnessPoint> {
        let first = self.first_point();
        let end = (self.mix_secs()[1] / POINT_SECS).round().max(0.0) as usize;
        let mut points = vec![LoudnessPoint::ABSENT; end.saturating_sub(first)];
        for piece in &self.pieces {
            let index = |secs: f64| (secs / POINT_SECS - 1e-6).ceil().max(1.0) as usize - 1;
            let [momentary, short_term] = WINDOWS_SECS.map(|secs| index(piece.from_secs + secs));
            let end = ((piece.to_secs / POINT_SECS + 1e-6).floor() as usize).min(end);
            for n in momentary.max(first)..end {
                let Some(point) = point_of(n, piece) else {
                    continue;
                };
                points[n - first] = match n >= short_term {
                    true => point,
                    false => LoudnessPoint {
                        momentary_lufs: point.momentary_lufs,
                        ..LoudnessPoint::ABSENT
                    },
                };
            }
        }
        points
    }
}

/// Leaves only points at which both sides sound, and behind a pause of either only short-term values whose window has left it.
fn keep_what_sounds(mix: &mut [LoudnessPoint], reference: &mut [LoudnessPoint]) {
    let window = (WINDOWS_SECS[1] / POINT_SECS).round() as usize;
    let (mut silent, mut since_pause) = (0, window);
    for (a, b) in mix.iter_mut().zip(reference) {
        if !(a.sounds() && b.sounds()) {
            (*a, *b) = (LoudnessPoint::ABSENT, LoudnessPoint::ABSENT);
            silent += 1;
            continue;
        }
        // What is shorter is a rest of the music.
        if silent >= window {
            since_pause = 0;
        }
        silent = 0;
        since_pause += 1;
        if since_pause < window {
            for point in [a, b] {
                *point = LoudnessPoint {
                    momentary_lufs: point.momentary_lufs,
                    ..LoudnessPoint::ABSENT
                };
            }
        }
    }
}

fn length_secs(piece: &Stretch) -> f64 {
    piece.to_secs - piece.from_secs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_term_loudness_behind_a_pause_is_of_music_alone_and_a_rest_is_none() {
        let points = |is_silent: fn(usize) -> bool| -> Vec<LoudnessPoint> {
            let point = |n: usize| LoudnessPoint {
                momentary_lufs: if is_silent(n) { -200.0 } else { -20.0 },
                short_term_lufs: -20.0,
                ..LoudnessPoint::ABSENT
            };
            (0..200).map(point).collect()
        };
        let mut mix = points(|n| (150..160).contains(&n));
        let mut reference = points(|n| (20..60).contains(&n));
        keep_what_sounds(&mut mix, &mut reference);
        for side in [&mix, &reference] {
            let known = |of: fn(LoudnessPoint) -> Option<f32>| -> Vec<usize> {
                (0..200).filter(|n| of(side[*n]).is_some()).collect()
            };
            let sounding = (0..20).chain(60..150).chain(160..200);
            assert_eq!(
                known(LoudnessPoint::momentary),
                sounding.collect::<Vec<_>>()
            );
            let full = (0..20).chain(89..150).chain(160..200);
            assert_eq!(known(LoudnessPoint::short_term), full.collect::<Vec<_>>());
        }
    }
}
