//! What was measured of a part of a reference, or of all of it.

use crate::analysis::distribution::{LevelQuantiles, SpectrumCurves};
use crate::analysis::stereo_band_range::StereoBandRanges;
use crate::analysis::summary::Summary;
use crate::session::sides::region::Region;

/// Figures of a part.
#[derive(Clone, Debug)]
pub struct PartFigures {
    /// Which part.
    pub region: Region,
    /// Every figure.
    pub summary: Summary,
    /// Mean, percentiles and maximum.
    pub curves: SpectrumCurves,
    /// The spread of levels.
    pub quantiles: LevelQuantiles,
    /// Between which figures its stereo bands move.
    pub bands: StereoBandRanges,
}
