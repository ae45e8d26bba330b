//! Figures of bars of stereo bands in words, and where the mix lies in the reference's range.

use crate::ui::delta::{TELLING_CORRELATION, TELLING_DB};
use crate::view::panels::band_figure::{BandFigure, MONO_DB};
use crate::view::readout::{correlation, fixed, one_decimal, signed};
use crate::view::scene::{STEREO_BANDS_HZ, Scene};

/// Whether the mix is so far outside the reference's range that it tells something.
pub(super) fn is_outside(scene: &Scene, figure: BandFigure, band: usize) -> bool {
    let tells = match figure {
        BandFigure::Correlation => TELLING_CORRELATION,
        BandFigure::Width => TELLING_DB,
    };
    let excess = figure.excess(scene, band);
    excess.is_some_and(|excess| excess.abs() >= tells)
}

/// A figure of a band. A side/mid ratio below −48 dB is mono: more digits would only crowd the next one.
pub(super) fn words_of(figure: BandFigure, value: Option<f64>) -> String {
    match (figure, value) {
        (BandFigure::Width, Some(db)) if db <= MONO_DB => "mono".to_owned(),
        (BandFigure::Correlation, value) => correlation(value),
        (BandFigure::Width, value) => one_decimal(value),
    }
}

/// What two figures of a band differ by.
pub(super) fn difference_words(figure: BandFigure, value: Option<f64>) -> String {
    match figure {
        BandFigure::Correlation => correlation(value),
        BandFigure::Width => signed(value),
    }
}

/// Where the mix lies in the reference's range: "mix 3.2 dB below the record's 10 %: −8.1 … −4.4 dB".
pub(super) fn range_words(scene: &Scene, figure: BandFigure, band: usize) -> Option<String> {
    let [low, _, high] = figure.range(scene, band)?;
    let (unit, decimals) = match figure {
        BandFigure::Correlation => ("", 2),
        BandFigure::Width => (" dB", 1),
    };
    let keeps_to = match [low, high].map(|value| words_of(figure, Some(value))) {
        [low, high] if low == high => low,
        [low, high] => format!("{low} … {high}{unit}"),
    };
    let off = figure.excess(scene, band)?;
    let far = fixed(off.abs(), decimals);
    let place = match off {
        _ if far == fixed(0.0, decimals) => "mix within the record's 10–90 %".to_owned(),
        off if off > 0.0 => format!("mix {far}{unit} above the record's 90 %"),
        _ => format!("mix {far}{unit} below the record's 10 %"),
    };
    Some(format!("{place}: {keeps_to}"))
}

/// A band by its edges, in Hz.
pub(super) fn band_name(band: usize) -> String {
    let (low, high) = STEREO_BANDS_HZ[band];
    format!("{}–{}", short_hz(low), short_hz(high))
}

fn short_hz(hz: f64) -> String {
    if hz >= 1000.0 {
        format!("{:.0}k", hz / 1000.0)
    } else {
        format!("{hz:.0}")
    }
}
