//! Words of the pane of masking: what its colours mean, and beside each octave how much of the mix is masked there.

use egui::Align2;

use crate::ui::fonts::Weight;
use crate::ui::labels::{shadowed, side_title};
use crate::ui::text::Pen;
use crate::view::palette::Side;
use crate::view::rect::Rect;
use crate::view::scene::{Alignment, Scene};

/// Letters that names in the sentence may have, where there is room for them.
const NAME_LETTERS: [usize; 6] = [60, 40, 30, 24, 18, 14];
const LEAST_LETTERS: usize = 10;

/// Title, figures of the octaves, and the octave to listen to first.
pub fn words(pen: &Pen<'_>, scene: &Scene, plot: Rect) {
    let Some(masking) = &scene.masking else {
        return;
    };
    let text = scene.layout.text;
    let x = plot.x + text.label * 0.8;
    let y = plot.y + text.label * 1.3;
    let [track, other] = &masking.names;
    let room = plot.w * 0.3;
    let style = (Weight::Medium, text.title);
    let [heard, masked] = [
        format!("{} heard", pen.fitted(track, style, room)),
        format!("masked by {}", pen.fitted(other, style, room)),
    ];
    let end = side_title(pen, Side::Mix, &heard, [x, y], text.title);
    let at = [end + text.title, y];
    side_title(pen, Side::Reference, &masked, at, text.title);
    let style = (Weight::Regular, text.label);
    let as_is = range_words(scene.looks.masking_range_db);
    let as_is_at = [plot.right() - text.label * 0.8, y];
    if end + plot.w * 0.35 + pen.width(&as_is, style) < plot.right() {
        shadowed(pen, &as_is, as_is_at, Align2::RIGHT_CENTER, style);
    }
    // Up to the figures of the octaves.
    let room = plot.w - text.label * 10.0;
    let fits = |words: &String| pen.width(words, style) <= room;
    // Names give way, and nothing else.
    let with_names = |letters: &usize| masking.words(*letters);
    let sentence = NAME_LETTERS.iter().filter_map(with_names).find(fits);
    let sentence = sentence.or_else(|| masking.words(LEAST_LETTERS));
    let mut line = y + text.title * 1.7;
    for words in [sentence, place_words(scene)].into_iter().flatten() {
        let words = pen.begun(&words, style, room);
        shadowed(pen, &words, [x, line], Align2::LEFT_CENTER, style);
        line += text.label * 1.6;
    }
    octaves(pen, scene, plot, line);
}

/// At what levels they are held against each other, and what counts as masked.
fn range_words(range_db: f32) -> String {
    match range_db > 0.0 {
        true => format!("unmatched, up to {range_db:.0} dB above the threshold"),
        false => "unmatched".to_owned(),
    }
}

/// What lies beside what, where nobody knows that it belongs together, and where it is one and the same.
fn place_words(scene: &Scene) -> Option<String> {
    if scene.side(Side::Reference).name.is_empty() {
        return None;
    }
    let words = match scene.alignment {
        Alignment::Locked { .. } => {
            "the same song on both sides: what both hold counts as masked; meant for two tracks"
        }
        _ if scene.has_same_time() => return None,
        Alignment::Beside => "both from their beginning",
        Alignment::OtherSong => {
            "another song, beside the mix by chance: meant for two tracks of one song"
        }
        _ => "not aligned: meant for two tracks of one song, both from its beginning",
    };
    Some(words.to_owned())
}

/// Beside each octave the part of the time in which the mix is masked there, of that in which it sounds.
fn octaves(pen: &Pen<'_>, scene: &Scene, plot: Rect, below: f32) {
    let Some(masking) = &scene.masking else {
        return;
    };
    let label = scene.layout.text.label;
    let style = (Weight::Medium, label);
    let right = plot.right() - label * 0.8;
    for octave in &masking.octaves {
        let Some(masked) = octave.masked else {
            continue;
        };
        let middle_hz = (octave.low_hz * octave.high_hz).sqrt();
        let up = scene.frequency.fraction_from_hz(middle_hz) as f32;
        let y = plot.bottom() - up * plot.h;
        let height = {
            let up = |hz: f64| scene.frequency.fraction_from_hz(hz) as f32;
            (up(octave.high_hz) - up(octave.low_hz)) * plot.h
        };
        let fits =
            y > plot.y + label * 2.4 && y < plot.bottom() - label * 0.8 && height > label * 1.4;
        if !fits {
            continue;
        }
        let percent = format!("{:.0} %", 100.0 * masked);
        let words = match octave.over_threshold_db {
            Some(over_db) if masked >= 0.005 && over_db >= 0.5 => {
                format!("{percent}  {over_db:.0} dB")
            }
            _ => percent,
        };
        // Not over the sentence of the title.
        let is_under_title = y < below && pen.width(&words, style) > plot.w * 0.25;
        if !is_under_title {
            shadowed(pen, &words, [right, y], Align2::RIGHT_CENTER, style);
        }
    }
}
