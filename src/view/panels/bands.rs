//! What panels of stereo bands show of a side: the ranges in which a reference's figures move.
//!
//! A range is what a tenth, the half and nine tenths of the reference's seconds lie below, of all that is compared: the
//! whole, its region, or the section that is followed.

use crate::analysis::stereo_band_range::StereoBandRanges;
use crate::session::settings::arrangement::Panel;
use crate::view::visible::{Source, Visible};

/// What panels of bands show of a side besides its figures.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bands {
    /// Of a reference: between which figures its bands move.
    pub ranges: StereoBandRanges,
}

impl Bands {
    /// Reads a side where a panel of bands is shown.
    pub fn of(source: Source<'_>, visible: &Visible<'_>) -> Self {
        let Source::Laid(data, region, _, generation) = source else {
            return Self::default();
        };
        // Beside the vectorscopes of a difference stand correlations.
        if !visible.shows(Panel::Width) && !visible.shows(Panel::Scopes) {
            return Self::default();
        }
        let ranges = match data.bands_of(region) {
            Some(known) => known,
            None if data.programme.is_none() || region == data.compared() => Default::default(),
            None => {
                let measure = || data.bands_within(region);
                visible.last.bands_of_section(generation, region, measure)
            }
        };
        Self { ranges }
    }
}
