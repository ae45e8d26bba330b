//! The figures of a side as the meters have them, and of a reference: of the moment and of all that is compared.

use crate::analysis::band_power::BandReading;
use crate::analysis::meters::Meters;
use crate::dsp::loudness_gating::ABSOLUTE_GATE_LUFS;
use crate::session::Session;
use crate::session::pairing::basis::MatchBasis;
use crate::session::pairing::matching::ToMatch;
use crate::session::references::ReferenceData;
use crate::session::sides::beside::CompanionFrame;
use crate::view::side::{BandWidth, Figures};

/// LRA counts as settled after this long (EBU Tech 3342).
const RANGE_SETTLES_SECS: f64 = 60.0;

/// The loudness and peaks of less of a mix are not yet those of a song: a few bars beside a whole record say nothing.
const WHOLE_SETTLES_SECS: f64 = 30.0;

/// The same song beside less of itself than this is not told by its integrated loudness and range.
const LEAST_PART_OF_A_SONG: f64 = 0.8;

/// A loudness of what is music: what is quieter than the absolute gate of ITU-R BS.1770 is a hum behind the last note.
pub(super) fn heard(lufs: Option<f64>) -> Option<f64> {
    lufs.filter(|lufs| *lufs > ABSOLUTE_GATE_LUFS)
}

/// The figures of a live side.
pub fn mix_figures(meters: &Meters) -> Figures {
    let loudness = &meters.loudness;
    let short_term_lufs = heard(loudness.short_term_lufs);
    Figures {
        momentary_lufs: heard(loudness.momentary_lufs),
        short_term_lufs,
        integrated_lufs: loudness.integrated_lufs,
        range_lu: loudness.range_lu,
        range_is_stable: loudness.measured_secs >= RANGE_SETTLES_SECS,
        whole_is_settled: loudness.measured_secs >= WHOLE_SETTLES_SECS,
        whole_of: "",
        true_peak_dbtp: meters.true_peak_dbtp,
        plr_lu: meters.plr_lu,
        psr_lu: meters.psr_lu.filter(|_| short_term_lufs.is_some()),
        correlation: meters.correlation,
        bands: meters.bands.map(|band| BandWidth {
            side_to_mid_db: band.width_db(),
            correlation: band.correlation,
        }),
        levels: meters.levels,
    }
}

impl Figures {
    /// What is left of them where nothing comes any more.
    pub(super) fn without_moment(self) -> Self {
        Self {
            momentary_lufs: None,
            short_term_lufs: None,
            psr_lu: None,
            correlation: None,
            bands: Default::default(),
            levels: Default::default(),
            ..self
        }
    }
}

/// Whether a mix was heard for so little of its song, or for some of it so often, that figures of all of it are of other
/// music.
pub fn is_a_part(mix: Option<&Meters>, data: &ReferenceData, beside: &CompanionFrame) -> bool {
    let heard_secs = mix.map_or(0.0, |meters| meters.loudness.measured_secs);
    let measured_secs = measured_secs(data);
    if heard_secs < LEAST_PART_OF_A_SONG * measured_secs {
        return true;
    }
    if data.is_kept_sound {
        // A mix that was kept earlier has heard less since.
        return measured_secs < LEAST_PART_OF_A_SONG * heard_secs;
    }
    if beside.stretches.is_empty() {
        return false;
    }
    let [once_secs, in_all_secs] = beside.stretches.heard_of_it(data.whole().length_secs);
    once_secs < LEAST_PART_OF_A_SONG * measured_secs
        || once_secs < LEAST_PART_OF_A_SONG * in_all_secs
}

/// Figures of the moment come from beside the mix, figures of the whole from all that is compared.
pub fn reference_figures(data: &ReferenceData, beside: Option<&Meters>) -> Figures {
    let compared = data.summary().map(|summary| &summary.loudness);
    let (integrated_lufs, range_lu) = data.loudness_of_part();
    Figures {
        integrated_lufs,
        range_lu,
        range_is_stable: data.target.is_some() || measured_secs(data) >= RANGE_SETTLES_SECS,
        // Beside a region lies all that was heard, whatever part of it somebody has chosen it for.
        whole_is_settled: whole_of(data) != REGION,
        whole_of: whole_of(data),
        true_peak_dbtp: compared.and_then(|l| l.true_peak_dbtp),
        plr_lu: compared.and_then(|l| l.plr_lu),
        ..match (&data.target, beside) {
            (Some(_), _) => Figures {
                bands: target_widths(data),
                ..Figures::default()
            },
            (None, beside) => beside.map(mix_figures).unwrap_or_default(),
        }
    }
}

/// A part that somebody has chosen.
const REGION: &str = "its region";

/// What figures of the whole of a reference are of.
fn whole_of(data: &ReferenceData) -> &'static str {
    let is_all = data.compared().length_secs >= data.whole().length_secs - 0.5;
    match (&data.target, data.is_kept_sound, is_all) {
        (Some(_), ..) => "target",
        (None, true, _) => "whole mix",
        (None, false, true) => "whole record",
        (None, false, false) => REGION,
    }
}

/// How much the figures of a reference are of: the sound of a snapshot is only the end of that.
fn measured_secs(data: &ReferenceData) -> f64 {
    let of_all = data.summary().filter(|_| data.is_kept_sound);
    of_all.map_or(data.compared().length_secs, |summary| summary.duration_secs)
}

/// A target has no moment: its widths are those of its tracks.
fn target_widths(data: &ReferenceData) -> [BandWidth; 5] {
    let bands = data.summary().map(|summary| &summary.stereo.bands);
    std::array::from_fn(|n| {
        let band = bands.and_then(|bands| bands.get(n));
        let reading = band.map_or_else(BandReading::default, |band| BandReading {
            level_dbfs: band.level_dbfs,
            correlation: band.correlation,
            side_to_mid_db: band.side_to_mid_db,
        });
        BandWidth {
            side_to_mid_db: reading.width_db(),
            correlation: reading.correlation,
        }
    })
}
/// What brings the reference to the loudness of a mix of so many LUFS at a mix time, and what that is made of.
pub fn matched_gain_db(
    (session, beside): (&Session, &CompanionFrame),
    mix_lufs: Option<f64>,
    right_secs: f64,
    basis: MatchBasis,
) -> (Option<f64>, &'static str) {
    let Some(mix) = session.pair.mix.history() else {
        return (None, "integrated");
    };
    // Over song position as over time: the reference is as loud as the mix now.
    let (beside, right_secs) = match session.pair.mix.shown_song() {
        Some(_) => (&session.pair.beside, mix.end_secs()),
        None => (beside, right_secs),
    };
    let to_match = ToMatch {
        mix,
        mix_lufs,
        references: &session.pair.references,
        beside,
        right_secs,
    };
    to_match.gain_db(basis)
}
