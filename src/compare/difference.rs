//! What is left between mix and reference once they are equally loud: always mix minus matched reference.

use serde::Serialize;

use crate::analysis::summary::Summary;
use crate::compare::alignment::AlignmentResult;
use crate::compare::matching::match_gain_lu;
use crate::units::db;

/// Mix minus loudness-matched reference, in the shape of `compare --json`. What one side lacks is `None`.
#[derive(Clone, Debug, Serialize)]
pub struct Difference {
    /// Gain given to the reference so that it is as loud as the mix.
    pub loudness_offset_lu: Option<f64>,
    /// Where the mix lies in the reference; `None`: not the same song.
    pub alignment: Option<AlignmentResult>,
    /// Per third-octave band.
    pub third_octave: ThirdOctaveDifference,
    /// Per stereo band.
    pub bands: Vec<BandDifference>,
    /// Peak-to-loudness ratio.
    pub plr_lu: Option<f64>,
    /// Loudness range.
    pub range_lu: Option<f64>,
}

/// Third-octave levels, `[band]`.
#[derive(Clone, Debug, Serialize)]
pub struct ThirdOctaveDifference {
    /// Exact centres.
    pub center_hz: Vec<f64>,
    /// Mix minus matched reference.
    pub db: Vec<Option<f64>>,
}

/// One stereo band.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct BandDifference {
    /// Lower edge.
    pub low_hz: f64,
    /// Upper edge.
    pub high_hz: f64,
    /// Level.
    pub level_db: Option<f64>,
    /// Side/mid ratio: positive means that the mix is wider.
    pub side_to_mid_db: Option<f64>,
    /// Correlation.
    pub correlation: Option<f64>,
}

impl Difference {
    /// Of two programmes, or of the parts of them that are compared.
    pub fn new(mix: &Summary, reference: &Summary, alignment: Option<AlignmentResult>) -> Self {
        let offset = match_gain_lu(
            mix.loudness.integrated_lufs,
            reference.loudness.integrated_lufs,
        );
        let level =
            |mix_db, reference_db: Option<f64>| minus(mix_db, Some(reference_db? + offset?));
        let third_octaves = mix
            .third_octave
            .mean_db
            .iter()
            .zip(&reference.third_octave.mean_db);
        let bands = mix.stereo.bands.iter().zip(&reference.stereo.bands);
        Self {
            loudness_offset_lu: offset.and_then(rounded),
            alignment: alignment.map(|found| AlignmentResult {
                // A hundredth of a millisecond is finer than it is known.
                offset_secs: (found.offset_secs * 1e5).round() / 1e5 + 0.0,
                confidence: (found.confidence * 1000.0).round() / 1000.0,
                speed: (found.speed * 1e6).round() / 1e6,
                ..found
            }),
            third_octave: ThirdOctaveDifference {
                center_hz: mix.third_octave.center_hz.clone(),
                db: third_octaves
                    .map(|(mix, reference)| level(*mix, *reference))
                    .collect(),
            },
            bands: bands
                .map(|(mix, reference)| BandDifference {
                    low_hz: mix.low_hz,
                    high_hz: mix.high_hz,
                    level_db: level(mix.level_dbfs, reference.level_dbfs),
                    side_to_mid_db: minus(mix.side_to_mid_db, reference.side_to_mid_db),
                    correlation: minus(mix.correlation, reference.correlation),
                })
                .collect(),
            plr_lu: minus(mix.loudness.plr_lu, reference.loudness.plr_lu),
            range_lu: minus(mix.loudness.range_lu, reference.loudness.range_lu),
        }
    }

    /// Whether one gain turns the reference into the mix: nothing but the loudness differs by more than this, in dB,
    /// LU and hundredths of correlation.
    pub fn is_only_gain(&self, tolerance_db: f64) -> bool {
        let levels = self.third_octave.db.iter().copied();
        let bands = self.bands.iter().flat_map(|band| {
            let correlation = band.correlation.map(|correlation| 100.0 * correlation);
            [band.level_db, band.side_to_mid_db, correlation]
        });
        levels
            .chain(bands)
            .chain([self.plr_lu, self.range_lu])
            .flatten()
            .all(|difference| difference.abs() <= tolerance_db)
    }
}

/// The difference of what both sides have.
fn minus(mix: Option<f64>, reference: Option<f64>) -> Option<f64> {
    rounded(mix? - reference?)
}

/// Summaries have three decimals; so have their differences. Adding 0 turns −0 into 0.
fn rounded(value: f64) -> Option<f64> {
    db::existing((value * 1000.0).round() / 1000.0 + 0.0)
}
