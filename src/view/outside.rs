//! Outside the record: where a mix leaves the range in which the record itself moves.
//!
//! Two songs have no moments in common, so that subtracting them says nothing. What a record's bands do a tenth of its
//! time at least is its own range; a mix within it is like the record, however different the notes are. Too much is
//! judged by softened sixths of an octave, too little by softened thirds: between two notes is no lack.

use std::sync::Arc;

use crate::analysis::band_range::{
    BAND_TIER, BINS_PER_BAND, BandMeter, BandPowers, BandRange, NUM_BANDS, band_centre_bin,
};
use crate::analysis::column::Column;
use crate::compare::sections::Section;
use crate::dsp::grid::NUM_BINS;
use crate::session::Session;
use crate::session::pairing::basis::BandOf;
use crate::session::pairing::sections::is_to_aim_at;
use crate::session::references::ReferenceData;
use crate::session::sides::beside::CompanionFrame;
use crate::session::sides::region::Region;
use crate::units::db::{db_from_power, existing};
use crate::view::picture_cache::PictureCache;
use crate::view::timeline::column_index;

/// Levels below this are those of nothing.
const NOTHING_DB: f32 = -150.0;
/// Sections of the mix that a picture tells apart, the newest; earlier ones are held against what the newest one is.
pub const MOST_SECTIONS: usize = 16;

/// What the pane "outside the record" is drawn from besides the mix.
#[derive(Clone, Debug, PartialEq)]
pub struct OutsideScene {
    /// The range, without the match.
    pub range: Arc<BandRange>,
    /// From which mix time on another range counts, in order: that of the section beside this one of the mix.
    pub sections: Vec<(f64, Arc<BandRange>)>,
    /// Whose it is: "the record", "the section", "4 references".
    pub of: String,
}

impl OutsideScene {
    /// The range that is meant beside a mix; none while it is not known.
    pub fn of(
        session: &Session,
        beside: &CompanionFrame,
        band_of: BandOf,
        last: &PictureCache,
    ) -> Option<Self> {
        let references = &session.pair.references;
        let reference = references.active()?;
        let data = reference.data();
        let scene = |range, of: &str| Self {
            range,
            sections: vec![],
            of: of.to_owned(),
        };
        let common = references.common_band().filter(|_| band_of == BandOf::All);
        if let Some(common) = common {
            let range = raised(&common.range.0, common_gain_db(&data)?);
            return Some(scene(Arc::new(BandRange(range)), "all references"));
        }
        let scene = match beside.followed.filter(|_| data.target.is_none()) {
            Some(section) => {
                let range_of = |section: Region| {
                    let known = data.tiers.get(usize::from(BAND_TIER)).map_or(0, Vec::len);
                    let key = (references.generation(), known, section);
                    last.range_of_section(key, || range_within(&data, section))
                };
                let range = range_of(section);
                let beside = sections_beside(beside, &data);
                let mut sections: Vec<(f64, Option<Arc<BandRange>>)> = beside
                    .map(|(from_secs, part)| (from_secs, part.map(range_of)))
                    .collect();
                // What plays is held against what is followed; of what was before nothing is clear but the record.
                if let Some((_, playing)) = sections.last_mut() {
                    playing.get_or_insert_with(|| Arc::clone(&range));
                }
                let record = Arc::new(data.curves()?.range.clone());
                let known = sections.into_iter().map(|(from_secs, part)| {
                    (from_secs, part.unwrap_or_else(|| Arc::clone(&record)))
                });
                Self {
                    sections: known.collect(),
                    ..scene(range, "the section")
                }
            }
            None => {
                let range = Arc::new(data.curves()?.range.clone());
                let of = match (&data.target, data.region) {
                    (Some(_), _) => "the target",
                    (None, Some(_)) => "the region",
                    (None, None) => "the record",
                };
                scene(range, of)
            }
        };
        scene.range.is_known().then_some(scene)
    }

    /// The range that counts at a mix time.
    pub fn range_at(&self, mix_secs: f64) -> &Arc<BandRange> {
        let begun = self.sections.iter().rev();
        let mut begun = begun.skip_while(|(from_secs, _)| *from_secs > mix_secs);
        begun.next().map_or(&self.range, |(_, range)| range)
    }

    /// How far a band of the mix lies outside at a mix time, in dB: above its upper edge positive, below its lower edge
    /// negative, and 0 within; `None` where either has nothing. The range is raised by a gain in dB.
    pub fn excess_db(
        &self,
        mix: &BandPowers,
        [bin, mix_secs]: [f64; 2],
        gain_db: f64,
    ) -> Option<f64> {
        let [low, high] = self.edges_db([bin, mix_secs])?.map(|edge| edge + gain_db);
        let fine = existing(db_from_power(between(&mix.fine, bin)))?;
        let third = existing(db_from_power(between(&mix.third, bin)))?;
        Some(if fine > high {
            fine - high
        } else if third < low && !mix.is_pause() {
            third - low
        } else {
            0.0
        })
    }

    /// Lower edge of thirds and upper edge of softened sixths at a bin and a mix time, in dBFS.
    pub fn edges_db(&self, [bin, mix_secs]: [f64; 2]) -> Option<[f64; 2]> {
        let range = self.range_at(mix_secs);
        let edges = [range.low_db(), range.fine_high_db()];
        let [low, high] = edges.map(|levels| level_between(levels, bin));
        Some([low.unwrap_or(f64::NEG_INFINITY), high?])
    }
}

/// When the newest sections of the mix begin, and which part of the record lies beside each, where that is clear.
fn sections_beside<'a>(
    beside: &'a CompanionFrame,
    data: &'a ReferenceData,
) -> impl Iterator<Item = (f64, Option<Region>)> + 'a {
    let of_mix = &beside.sections.of_mix;
    let part = |section: &Section| Region {
        start_secs: section.start_secs,
        length_secs: section.length_secs(),
    };
    let laid = of_mix.iter().zip(&beside.sections.beside);
    laid.skip(of_mix.len().saturating_sub(MOST_SECTIONS))
        .map(move |(section, number)| {
            let there = number.and_then(|number| data.sections.get(number));
            let there = there.filter(|there| is_to_aim_at(there, data));
            (section.start_secs, there.map(part))
        })
}

/// From levels relative to loudness, as several references have in common, to levels of the active one, which the
/// picture then matches and trims.
pub fn common_gain_db(data: &ReferenceData) -> Option<f32> {
    let (integrated_lufs, _) = data.loudness_of_part();
    Some((integrated_lufs? - data.trim_db) as f32)
}

/// Levels with `gain_db` added.
pub fn raised(levels_db: &[f32], gain_db: f32) -> Vec<f32> {
    levels_db.iter().map(|level| level + gain_db).collect()
}

/// The range of a part of a reference, from the columns that are always in memory.
fn range_within(data: &ReferenceData, part: Region) -> BandRange {
    let tier = usize::from(BAND_TIER);
    let index = |secs: f64| column_index(data.hop_secs(), tier, secs).ceil().max(0.0) as u64;
    let mut meter = BandMeter::of_all();
    for index in index(part.start_secs)..index(part.start_secs + part.length_secs) {
        if let Some(bins) = data.column(tier, index) {
            meter.add(&Column { index, bins: *bins });
        }
    }
    meter.range()
}

/// Two bands around a bin and how far it is from the first to the second.
fn bands_around(bin: f64) -> (usize, f64) {
    let at = (bin - band_centre_bin(0)) / BINS_PER_BAND as f64;
    let at = at.clamp(0.0, (NUM_BANDS - 1) as f64);
    let band = (at as usize).min(NUM_BANDS - 2);
    (band, at - band as f64)
}

fn between(powers: &[f32; NUM_BANDS], bin: f64) -> f64 {
    let (band, part) = bands_around(bin);
    let [a, b] = [powers[band], powers[band + 1]].map(f64::from);
    a + (b - a) * part
}

/// A level on the straight line between two bands; `None` where one of them has nothing.
pub fn level_between(levels_db: &[f32], bin: f64) -> Option<f64> {
    let (band, part) = bands_around(bin);
    let [a, b] = [*levels_db.get(band)?, *levels_db.get(band + 1)?];
    (a > NOTHING_DB && b > NOTHING_DB).then(|| f64::from(a) + f64::from(b - a) * part)
}

/// Levels of bands at every bin, their corners softened over a twelfth of an octave: −∞ where there is nothing.
pub fn bins_from_bands(levels_db: &[f32]) -> Vec<f32> {
    let soft = |band: usize| {
        let level = |band: usize| levels_db[band.min(levels_db.len() - 1)];
        0.25 * level(band.saturating_sub(1)) + 0.5 * level(band) + 0.25 * level(band + 1)
    };
    let levels_db: &[f32] = &(0..levels_db.len()).map(soft).collect::<Vec<f32>>();
    let at = |bin: usize| level_between(levels_db, bin as f64);
    (0..NUM_BINS)
        .map(|bin| at(bin).map_or(f32::NEG_INFINITY, |level| level as f32))
        .collect()
}

/// Powers of two columns' bands where a position lies between them; what the shader reads.
pub fn powers_between(columns: [&[u32; NUM_BINS]; 2], part: f64) -> BandPowers {
    let [a, b] = columns.map(BandPowers::of);
    a.between(&b, part as f32)
}

/// The level in dBFS of the third of an octave around a bin.
pub fn third_db(powers: &BandPowers, bin: f64) -> Option<f64> {
    existing(db_from_power(between(&powers.third, bin))).filter(|level| *level > -160.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::column::pack_bin;

    fn scene(low_db: f32, high_db: f32) -> OutsideScene {
        let kind = |level| vec![level; NUM_BANDS];
        OutsideScene {
            range: Arc::new(BandRange(
                [
                    kind(low_db),
                    kind(-40.0),
                    kind(high_db),
                    kind(high_db - 3.01),
                ]
                .concat(),
            )),
            sections: vec![],
            of: String::new(),
        }
    }

    #[test]
    fn within_the_range_is_nothing_and_beyond_it_how_far() {
        // A flat column of which a third of an octave at bin 512 has −30 dBFS.
        let weight = crate::analysis::band_range::noise_weights()[512];
        let level = -30.0 - db_from_power(32.0 * f64::from(weight)) as f32;
        let bins = [pack_bin(level, 0.0, 0.0); NUM_BINS];
        let powers = powers_between([&bins, &bins], 0.3);
        let third = third_db(&powers, 512.0).expect("it sounds");
        assert!((third + 30.0).abs() < 0.2, "{third}");
        for (low, high, gain, expected) in [
            (-50.0, -20.0, 0.0, 0.0),
            (-50.0, -33.0, 0.0, 3.0),
            (-26.0, -20.0, 0.0, -4.0),
            (-50.0, -33.0, 2.0, 1.0),
            (f32::NEG_INFINITY, -20.0, 0.0, 0.0),
        ] {
            let excess = scene(low, high).excess_db(&powers, [512.0, 0.0], gain);
            let off = excess.expect("both sound") - expected;
            assert!(off.abs() < 0.2, "{low} … {high}: {off} off");
        }
        let silence = powers_between([&[0; NUM_BINS], &[0; NUM_BINS]], 0.0);
        assert_eq!(
            scene(-50.0, -20.0).excess_db(&silence, [512.0, 0.0], 0.0),
            None
        );
        let nothing = scene(f32::NEG_INFINITY, f32::NEG_INFINITY);
        assert_eq!(nothing.excess_db(&powers, [512.0, 0.0], 0.0), None);
    }
    #[test]
    fn each_section_of_the_mix_is_held_against_the_range_beside_it() {
        let of = |level: f32| scene(level - 10.0, level).range;
        let outside = OutsideScene {
            sections: vec![(10.0, of(-30.0)), (20.0, of(-20.0))],
            ..scene(-50.0, -40.0)
        };
        for (secs, high_db) in [(9.9, -40.0), (10.0, -30.0), (19.9, -30.0), (500.0, -20.0)] {
            let [low, high] = outside.edges_db([512.0, secs]).expect("it is known");
            let off = [low - (high_db - 10.0), high + 3.01 - high_db];
            assert!(off.iter().all(|off| off.abs() < 1e-4), "{secs} s: {off:?}");
        }
    }
}
