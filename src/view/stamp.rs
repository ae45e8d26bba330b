//! The stamp: a band at the foot of a saved picture that says what it shows, so that it can be read without the program.

use crate::compare::speed::speed_words;
use crate::view::layout::Layout;
use crate::view::looks::Channel;
use crate::view::readout::{frequency_tick, signed, whole};
use crate::view::rect::Rect;
use crate::view::scene::{Alignment, Scene};
pub use crate::view::stamp_band::Stamp;

impl Stamp {
    /// Puts it at the foot of a scene that was laid out for [`Stamp::rest`] of the height of a whole layout.
    pub fn put_into(mut self, scene: &mut Scene, whole: &Layout) {
        let [width, height] = whole.size;
        scene.layout.text = whole.text;
        let top = scene.layout.status_bar.y;
        self.rect = Rect::snapped(0.0, top, width, height);
        scene.layout.size = [width, height];
        scene.layout.status_bar = Rect::default();
        scene.stamp = Some(self);
    }
}

/// The match in words.
pub fn match_words(scene: &Scene) -> String {
    match (scene.looks.loudness_match, scene.match_gain_db) {
        (true, Some(gain)) => format!("match {} LU on the reference", signed(Some(gain))),
        (true, None) => "match not known".to_owned(),
        (false, _) => "loudness match off".to_owned(),
    }
}

/// The alignment in words.
pub fn alignment_words(scene: &Scene) -> String {
    match scene.alignment {
        Alignment::Beside => "place not known".to_owned(),
        Alignment::OtherSong => "another song".to_owned(),
        Alignment::OtherSpeed { speed } => format!("same song, {}", speed_words(speed)),
        Alignment::SameClock => "both live".to_owned(),
        Alignment::Locked {
            offset_secs,
            confidence,
            num_places,
            in_doubt,
        } => {
            let offset = format!("{offset_secs:+.3}").replace('-', "−");
            match in_doubt {
                true => format!("place in doubt, {offset} s"),
                false if num_places > 1 => {
                    format!("aligned {offset} s, one of {num_places} places")
                }
                false => format!("aligned {offset} s, {:.0} %", 100.0 * confidence),
            }
        }
    }
}

/// How the picture was drawn, in pieces that belong together.
pub fn setting_words(scene: &Scene) -> Vec<String> {
    let looks = &scene.looks;
    let hz = |bin: f64| frequency_tick(crate::dsp::grid::hz_from_bin(bin));
    let channel = match looks.channel {
        Channel::Both => "L+R",
        Channel::Left => "left",
        Channel::Right => "right",
        Channel::Mid => "mid",
        Channel::SideSignal => "side",
    };
    vec![
        looks.mode.name().to_owned(),
        span_words(looks.span_secs),
        format!(
            "{}–{} Hz",
            hz(scene.frequency.low_bin),
            hz(scene.frequency.high_bin)
        ),
        channel.to_owned(),
        format!(
            "{} to {} dBFS",
            whole(f64::from(looks.level_range_db()[0])),
            whole(f64::from(looks.level_range_db()[1]))
        ),
        format!("tilt {} dB/oct", looks.tilt_db_per_octave),
        format!("spectrum tilt {} dB/oct", looks.spectrum_tilt_db_per_octave),
        format!("difference ±{} dB", looks.difference_range_db),
        format!(
            "target {} LUFS, {} dBTP",
            whole(looks.target_lufs),
            whole(looks.target_dbtp)
        ),
    ]
}

fn span_words(secs: f64) -> String {
    if secs >= 120.0 {
        format!("{:.1} min", secs / 60.0)
    } else if secs >= 10.0 {
        format!("{secs:.0} s")
    } else {
        format!("{secs:.1} s")
    }
}
