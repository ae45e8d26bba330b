//! Differences by third-octave band as an SVG: up and blue where the mix has more, down and orange where the reference
//! has. It is text, so it stays sharp on paper and can be read aloud.

use crate::compare::difference::ThirdOctaveDifference;
use crate::compare::runs::nominal_words;
use crate::view::readout::{frequency_tick, signed, whole};

/// Size in units of the drawing; a phone shows half of it in each direction.
const SIZE: [f64; 2] = [760.0, 330.0];
/// Left, top, right, bottom.
const MARGINS: [f64; 4] = [46.0, 14.0, 8.0, 30.0];
/// The scale reaches at least so far.
const LEAST_RANGE_DB: f64 = 3.0;
/// Bands that have their frequency written below.
const LABELLED_HZ: [f64; 9] = [
    31.5, 63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0,
];

/// The chart; empty where there is nothing to draw.
pub fn third_octave_svg(difference: &ThirdOctaveDifference) -> String {
    let bands = &difference.db;
    if bands.iter().all(Option::is_none) {
        return String::new();
    }
    let [width, height] = SIZE;
    let [left, top, right, bottom] = MARGINS;
    let (plot_w, plot_h) = (width - left - right, height - top - bottom);
    let most = bands
        .iter()
        .flatten()
        .fold(LEAST_RANGE_DB, |most, db| most.max(db.abs()));
    let step = step_db(most);
    let range = (most / step).ceil() * step;
    let y = |db: f64| top + plot_h * (0.5 - 0.5 * db / range);
    let mut svg = format!(
        "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"Difference by third-octave band\">\n"
    );
    let lines = (range / step).round() as i64;
    for n in -lines..=lines {
        let db = n as f64 * step;
        let class = if n == 0 { "zero" } else { "grid" };
        let at = y(db);
        svg += &format!(
            "<line class=\"{class}\" x1=\"{left}\" x2=\"{:.1}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>",
            width - right
        );
        let words = match n {
            0 => "0 dB".to_owned(),
            1.. => format!("+{}", whole(db)),
            _ => whole(db),
        };
        svg += &format!(
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{words}</text>\n",
            left - 7.0,
            at + 5.0
        );
    }
    let slot = plot_w / bands.len() as f64;
    for (band, (db, center_hz)) in bands.iter().zip(&difference.center_hz).enumerate() {
        let x = left + slot * band as f64;
        if let Some(db) = db {
            let (from, to) = (y(db.max(0.0)), y(db.min(0.0)));
            let class = if *db >= 0.0 { "more" } else { "less" };
            svg += &format!(
                "<rect class=\"{class}\" x=\"{:.1}\" y=\"{from:.1}\" width=\"{:.1}\" height=\"{:.1}\"><title>{}: {} dB\
                 </title></rect>",
                x + slot * 0.14,
                slot * 0.72,
                (to - from).max(0.5),
                nominal_words(*center_hz),
                signed(Some(*db))
            );
        }
        if let Some(hz) = LABELLED_HZ
            .iter()
            .find(|hz| (center_hz / *hz).log2().abs() < 0.1)
        {
            svg += &format!(
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\n",
                x + slot / 2.0,
                height - 8.0,
                if *hz < 100.0 {
                    hz.to_string()
                } else {
                    frequency_tick(*hz)
                }
            );
        }
    }
    svg + "</svg>"
}

/// At most five lines to each side of zero.
fn step_db(most_db: f64) -> f64 {
    [1.0, 2.0, 3.0, 5.0, 10.0, 20.0]
        .into_iter()
        .find(|step| most_db / step <= 5.0)
        .unwrap_or(50.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::fractional_octave::third_octave_center_hz;

    #[test]
    fn each_band_with_a_difference_has_a_bar_of_its_sign() {
        let svg = third_octave_svg(&ThirdOctaveDifference {
            center_hz: (0..31).map(third_octave_center_hz).collect(),
            db: (0..31)
                .map(|n| (n > 0).then_some(n as f64 - 10.5))
                .collect(),
        });
        assert_eq!(svg.matches("class=\"more\"").count(), 20);
        assert_eq!(svg.matches("class=\"less\"").count(), 10);
        assert!(svg.contains(">+20</text>") && svg.contains(">−20</text>"));
        assert!(svg.contains(">63</text>") && svg.contains(">8k</text>"));
        for name in ["80 Hz: ", "1 kHz: ", "1.25 kHz: ", "12.5 kHz: "] {
            assert!(svg.contains(&format!("<title>{name}")), "{name}");
        }
    }

    #[test]
    fn nothing_is_drawn_of_silence() {
        let silent = ThirdOctaveDifference {
            center_hz: vec![1000.0],
            db: vec![None],
        };
        assert_eq!(third_octave_svg(&silent), "");
    }
}
