//! Sections of a song: where it changes, which parts sound alike, and what they may be called.
//!
//! A song is reduced to textures: the levels of 16 half-octave bands and how much moves in them. It is cut where that
//! changes most for the length of a section ([`split`]); what sounds alike gets the same letter; and a section gets
//! a word instead only where the evidence is strong ([`names`]). No beat is looked for, so free time is no hindrance.

mod fit;
mod names;
mod pairs;
mod section;
mod split;
mod texture;

pub use fit::{Fit, Heard, fits};
pub use pairs::{BETTER, pairs};
pub use section::Section;
pub use texture::{Bands, NUM_BANDS, TIER, Texture, bands};

use crate::analysis::column::{TIER_FACTOR, TierColumn};
use crate::dsp::loudness::{LoudnessPoint, region_integrated};

/// Points of a loudness history in a second.
const POINTS_PER_SEC: f64 = 10.0;

/// Collects a song while it is analysed and finds its sections in the end.
#[derive(Clone, Debug)]
pub struct SectionFinder {
    column_secs: f64,
    /// Columns of the stream before the first one here.
    first_column: u64,
    /// `columns[column]`; silent ones are at the floor.
    columns: Vec<Bands>,
}

impl SectionFinder {
    /// A finder for columns of tier 0 so many seconds apart.
    pub fn new(hop_secs: f64) -> Self {
        Self {
            column_secs: hop_secs * TIER_FACTOR as f64,
            first_column: 0,
            columns: vec![],
        }
    }

    /// The same from a column of a stream on.
    pub fn from_column(hop_secs: f64, first_column: u64) -> Self {
        Self {
            first_column,
            ..Self::new(hop_secs)
        }
    }

    /// Columns taken so far.
    pub fn num_columns(&self) -> usize {
        self.columns.len()
    }

    /// Takes the bands of the next column of the tier; none of an absent one.
    pub fn push_bands(&mut self, bands: Option<Bands>) {
        self.columns.push(bands.unwrap_or(texture::SILENT));
    }

    /// Takes columns of any tier, in order, and keeps 64 bytes of each that it needs.
    pub fn push(&mut self, columns: &[TierColumn]) {
        let wanted = columns.iter().filter(|column| column.tier == TIER);
        self.columns
            .extend(wanted.map(|column| bands(&column.column.bins).unwrap_or(texture::SILENT)));
    }

    /// The sections of a song, without a gap from the beginning to the end; none of what is silent or empty.
    pub fn finish(&self, loudness: &[LoudnessPoint]) -> Vec<Section> {
        self.sections(loudness, true)
    }

    /// The same of what was heard up to now, which has neither intro nor outro.
    pub fn heard(&self, loudness: &[LoudnessPoint]) -> Vec<Section> {
        self.sections(loudness, false)
    }

    fn sections(&self, loudness: &[LoudnessPoint], is_whole: bool) -> Vec<Section> {
        let Some(floor_db) = texture::floor_db(self.columns.iter()) else {
            return vec![];
        };
        let column_secs = self.column_secs.max(1e-3);
        let edges = split::edges(&self.columns, floor_db, column_secs);
        let mut sections: Vec<Section> = edges
            .windows(2)
            .map(|edge| {
                let secs = |edge: usize| (self.first_column as f64 + edge as f64) * column_secs;
                let (start_secs, end_secs) = (secs(edge[0]), secs(edge[1]));
                let point = |secs: f64| (secs * POINTS_PER_SEC).round() as usize;
                // The end of a tail has a loudness, and is no part of a song.
                let columns = &self.columns[edge[0]..edge[1]];
                let sounding = columns
                    .iter()
                    .filter(|bands| texture::sounds(bands))
                    .count();
                let points = point(start_secs)..point(end_secs).min(loudness.len());
                Section {
                    start_secs,
                    end_secs,
                    letter: 'A',
                    name: String::new(),
                    loudness_lufs: (2 * sounding >= columns.len())
                        .then(|| region_integrated(loudness, points))
                        .flatten(),
                    texture: texture::mean(columns, floor_db),
                }
            })
            .collect();
        names::name(&mut sections, is_whole);
        sections
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::loudness::LoudnessPoint;

    #[test]
    fn what_is_silent_but_for_the_end_of_a_tail_is_silence() {
        let hop_secs = 512.0 / 48_000.0;
        let mut finder = SectionFinder::new(hop_secs);
        let columns = (20.0 / (hop_secs * TIER_FACTOR as f64)) as usize;
        for is_heard in [true, false, true] {
            for _ in 0..columns {
                finder.push_bands(is_heard.then_some([-30.0; NUM_BANDS]));
            }
        }
        let point = |tenth: usize| LoudnessPoint {
            momentary_lufs: if (212..400).contains(&tenth) {
                -200.0
            } else {
                -20.0
            },
            ..LoudnessPoint::ABSENT
        };
        let loudness: Vec<LoudnessPoint> = (0..600).map(point).collect();
        let found = finder.heard(&loudness);
        let names: Vec<&str> = found.iter().map(|section| &*section.name).collect();
        assert_eq!(names, ["A", "silence", "A"]);
    }
}
