//! The stamp: a band at the foot of a saved picture that says what it shows, so that it can be read without the program.

use crate::compare::speed::speed_words;
use crate::view::layout::Layout;
use crate::view::palette::Side;
use crate::view::readout::{clock_time, frequency_edge, minutes, signed, whole};
use crate::view::rect::Rect;
use crate::view::scene::{Alignment, Scene};
use crate::view::side::SideState;
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

/// The gain of the reference in words, with what it is made of.
pub fn match_words(scene: &Scene) -> String {
    let gain = gain_words(scene);
    if scene.match_gain_db.is_none() || !scene.looks.loudness_match {
        return gain;
    }
    match scene.trim_db {
        0.0 => format!("{gain} ({} match)", scene.match_of),
        trim_db => format!(
            "{gain} ({} match, trim {} dB)",
            scene.match_of,
            signed(Some(trim_db))
        ),
    }
}

/// The same in as few words as say it.
pub fn gain_words(scene: &Scene) -> String {
    match (scene.looks.loudness_match, scene.match_gain_db) {
        (true, Some(_)) => format!("reference {} dB", signed(Some(scene.reference_gain_db()))),
        (true, None) => "match not known".to_owned(),
        (false, _) => format!("reference {}", scene.gain_words()),
    }
}

/// The alignment in words.
pub fn alignment_words(scene: &Scene) -> String {
    match scene.alignment {
        Alignment::Beside if matches!(scene.side(Side::Reference).state, SideState::Failed(_)) => {
            "not read".to_owned()
        }
        Alignment::Beside => "aligning…".to_owned(),
        // Half a minute of a song may be another half minute than the one beside it.
        Alignment::OtherSong
            if Side::BOTH
                .iter()
                .any(|side| scene.side(*side).is_kept_sound) =>
        {
            "no passage in common, not aligned".to_owned()
        }
        Alignment::OtherSong => "different song, not aligned".to_owned(),
        Alignment::OtherSpeed { speed } => format!("same song, {}", speed_words(speed)),
        Alignment::SameClock => "both live".to_owned(),
        Alignment::Locked {
            confidence,
            num_places,
            in_doubt,
            is_over,
            ..
        } => {
            let song = song_words(scene);
            let moved = match (1000.0 * scene.nudge_secs).round() {
                0.0 => String::new(),
                ms => format!(
                    ", moved {}{} ms",
                    if ms > 0.0 { "+" } else { "" },
                    whole(ms)
                ),
            };
            match in_doubt {
                _ if is_over => "the reference ended".to_owned(),
                true => format!("{song}place in doubt"),
                false if num_places > 1 => {
                    format!("{song}time-aligned to one of {num_places} places{moved}")
                }
                false => format!("{song}time-aligned {:.0} %{moved}", 100.0 * confidence),
            }
        }
    }
}

/// Where in the song the picture ends, to be followed by how sure that is; to the hundredth where it stands still.
fn song_words(scene: &Scene) -> String {
    let reference = scene.side(Side::Reference);
    // The sound of a snapshot begins somewhere in it.
    let of = match reference.is_kept_sound {
        true => Side::Reference.letter(),
        false => "song",
    };
    match (
        reference.reference_secs(scene.right_edge_secs),
        scene.frozen_behind_secs,
    ) {
        (None, _) => String::new(),
        (Some(secs), None) => format!("{of} {}, ", minutes(secs)),
        (Some(secs), Some(_)) => format!("{of} {}, ", clock_time(secs)),
    }
}

/// How the picture was drawn, in pieces that belong together.
pub fn setting_words(scene: &Scene) -> Vec<String> {
    let looks = &scene.looks;
    let hz = |bin: f64| frequency_edge(crate::dsp::grid::hz_from_bin(bin));
    vec![
        looks.mode.name().to_owned(),
        span_words(looks.span_secs),
        format!(
            "{} to {}",
            hz(scene.frequency.low_bin),
            hz(scene.frequency.high_bin)
        ),
        looks.channel.name().to_owned(),
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
