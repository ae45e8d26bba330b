//! What the reference masks of the mix, as plain data: figures of the octaves in the picture, and what the crosshair
//! reads. Tracks are held against each other as they are: a match of loudness would change what one masks of another.

use crate::analysis::band_range::BAND_TIER;
use crate::analysis::excitation::{Excitation, is_sound};
use crate::compare::masking::{MaskingMeter, OctaveMasking, most_masked, over_threshold_db};
use crate::dsp::grid::NUM_BINS;
use crate::session::Session;
use crate::session::sides::history::History;
use crate::session::sides::live_reference::LiveReference;
use crate::view::layout::Layout;
use crate::view::looks::Looks;
use crate::view::palette::Side;
use crate::view::picture_cache::PictureCache;
use crate::view::readout::shortened;
use crate::view::side::{SideClock, SideScene};
use crate::view::timeline::{column_index, column_secs};
use crate::view::visible::Visible;

/// More moments than this are not read for the figures of a picture: of a longer one every second, third … is.
const MOST_MOMENTS: usize = 240;

/// What the pane of masking says besides its colours.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MaskingScene {
    /// Of each octave how much of the mix is masked in the stretch of time that is shown.
    pub octaves: Vec<OctaveMasking>,
    /// What mix and reference are called.
    pub names: [String; 2],
}

impl MaskingScene {
    /// Those of a picture of two sides, where its layout has such a pane.
    pub fn shown(
        session: &Session,
        layout: &Layout,
        sides: [&SideScene; 2],
        looks: &Looks,
        visible: &Visible<'_>,
    ) -> Option<Self> {
        let is_shown = layout.shows_masking();
        is_shown.then(|| Self::of(session, sides, looks.masking_range_db, visible))
    }

    /// The figures of a picture of two sides.
    fn of(session: &Session, sides: [&SideScene; 2], range_db: f32, visible: &Visible<'_>) -> Self {
        let tier = usize::from(BAND_TIER);
        let [mix, _] = sides;
        let hop_secs = mix.clock.hop_secs;
        let index = |secs: f64| column_index(hop_secs, tier, secs).ceil().max(0.0) as u64;
        let (first, end) = (index(visible.left_secs()), index(visible.right_secs));
        let step = (end.saturating_sub(first) as usize).div_ceil(MOST_MOMENTS);
        let mut meter = MaskingMeter::new(f64::from(range_db));
        for column in (first..end).step_by(step.max(1)) {
            let secs = column_secs(hop_secs, tier, column as f64);
            if let Some([track, other]) =
                excitations_at(session, sides, [tier; 2], secs, visible.last)
            {
                meter.add(&track, &other);
            }
        }
        Self {
            octaves: if meter.is_empty() {
                vec![]
            } else {
                meter.octaves()
            },
            names: sides.map(|side| track_name(&side.name)),
        }
    }

    /// What to listen to first, in a sentence, with names of so many letters at most; `None` where hardly anything is
    /// masked.
    pub fn words(&self, letters: usize) -> Option<String> {
        let most = most_masked(&self.octaves)?;
        let names = self.names.each_ref();
        let [track, other] = names.map(|name| shortened(name, letters));
        Some(masked_words(&track, &other, most))
    }
}

/// "Vocal: masked 62 % of the time at 2–4 kHz by Guitar, by 5 dB".
pub fn masked_words(track: &str, other: &str, octave: &OctaveMasking) -> String {
    let masked = 100.0 * octave.masked.unwrap_or(0.0);
    let at = octave_words(octave);
    let by = match octave.over_threshold_db {
        Some(over_db) if over_db >= 0.5 => format!(", {over_db:.0} dB under its threshold"),
        _ => String::new(),
    };
    format!("{track}: masked {masked:.0} % of the time at {at} by {other}{by}")
}

/// "2–4 kHz", "250–500 Hz".
pub fn octave_words(octave: &OctaveMasking) -> String {
    let [low, high] = [octave.low_hz, octave.high_hz];
    match high > 1_000.0 {
        true => format!("{}–{} kHz", low / 1_000.0, high / 1_000.0),
        false => format!("{:.0}–{:.0} Hz", low, high),
    }
}

/// The octaves as objects.
pub fn masking_json(octaves: &[OctaveMasking]) -> serde_json::Value {
    let rounded = |value: f64, to: f64| (value * to).round() / to;
    let object = |octave: &OctaveMasking| {
        serde_json::json!({
            "low_hz": octave.low_hz,
            "high_hz": octave.high_hz,
            "sounds": rounded(octave.sounds, 1e3),
            "masked": octave.masked.map(|part| rounded(part, 1e3)),
            "over_threshold_db": octave.over_threshold_db.map(|db| rounded(db, 1e2)),
        })
    };
    octaves.iter().map(object).collect()
}

/// The octaves for people: a line each, and the one to listen to first.
pub fn masking_lines([track, other]: [&str; 2], octaves: &[OctaveMasking]) -> Vec<String> {
    let mut lines = vec![format!("{track}, masked by {other}")];
    let head = ["octave", "sounds", "masked", "by"];
    lines.push(format!(
        "  {:<14}{:>8}{:>10}{:>10}",
        head[0], head[1], head[2], head[3]
    ));
    let percent = |part: f64| format!("{:.0} %", 100.0 * part);
    let or_dash = |words: Option<String>| words.unwrap_or_else(|| "–".to_owned());
    for octave in octaves {
        let masked = or_dash(octave.masked.map(percent));
        let over = or_dash(octave.over_threshold_db.map(|db| format!("{db:.1} dB")));
        let (name, sounds) = (octave_words(octave), percent(octave.sounds));
        lines.push(format!("  {name:<14}{sounds:>8}{masked:>10}{over:>10}"));
    }
    let told = most_masked(octaves).map(|octave| masked_words(track, other, octave));
    lines.push(format!(
        "  • {}",
        told.unwrap_or_else(|| "Hardly anything is masked.".to_owned())
    ));
    lines
}

/// A name as a person calls the track.
fn track_name(name: &str) -> String {
    name.strip_prefix("DAW: ").unwrap_or(name).to_owned()
}

/// What the pane shows at a bin and a mix time: levels of mix and reference at the output of the filter there in dBFS, and
/// by how many dB the reference stands over the threshold; `None` where the mix does not sound.
pub fn read_masking(
    session: &Session,
    sides: [&SideScene; 2],
    [bin, mix_secs]: [f64; 2],
) -> ([Option<f64>; 2], Option<f64>) {
    let cache = PictureCache::default();
    let tiers = sides.map(|side| side.clock.tier);
    let Some(excitations) = excitations_at(session, sides, tiers, mix_secs, &cache) else {
        return ([None; 2], None);
    };
    let [(track, track_sounds), (other, _)] = excitations.each_ref().map(|of| of.at_bin(bin));
    let level = |power: f32| {
        let level = crate::units::db::db_from_power(f64::from(power));
        (level > -160.0).then_some(level)
    };
    let over_db = over_threshold_db(track, other).filter(|_| is_sound(track_sounds));
    ([track, other].map(level), over_db)
}

/// What the filters let through of both sides in columns of a tier each at a mix time; `None` where one of them has none.
fn excitations_at(
    session: &Session,
    [mix, reference]: [&SideScene; 2],
    [mix_tier, reference_tier]: [usize; 2],
    mix_secs: f64,
    last: &PictureCache,
) -> Option<[Excitation; 2]> {
    // Columns of a song are written over; those of a record or of what was heard are what they were.
    let is_over_song = session.pair.mix.shown_song().is_some();
    let content = |bins: &[u32; NUM_BINS]| match is_over_song {
        true => number_of(bins),
        false => 0,
    };
    let remembered =
        |of: Side, tier: usize, clock: &SideClock, index: u64, bins: &[u32; NUM_BINS]| {
            let key = (of, clock.generation, tier, index, content(bins));
            last.excitation(key, || Excitation::of(bins))
        };
    let heard = |history: &History, clock: &SideClock, tier: usize, of: Side| {
        let at = column_index(clock.hop_secs, tier, mix_secs + clock.offset_secs);
        between(at, |index| {
            let bins = history.columns.get(tier, index)?;
            Some(remembered(of, tier, clock, index, bins))
        })
    };
    let mix_history = session.pair.mix.drawn()?;
    let track = heard(mix_history, &mix.clock, mix_tier, Side::Mix)?;
    let live = session.pair.references.input();
    if let Some(live) = live.and_then(LiveReference::drawn) {
        let other = heard(live, &reference.clock, reference_tier, Side::Reference)?;
        return Some([track, other]);
    }
    let data = session.pair.references.active()?.data();
    let tier = data.tier_there(reference_tier);
    let secs = reference.reference_secs(mix_secs)?;
    let at = column_index(reference.clock.hop_secs, tier, secs);
    let other = between(at, |index| {
        let bins = data.column(tier, index)?;
        Some(remembered(
            Side::Reference,
            tier,
            &reference.clock,
            index,
            bins,
        ))
    })?;
    Some([track, other])
}

/// A number that another column hardly has (FNV-1a over words).
fn number_of(bins: &[u32; NUM_BINS]) -> u64 {
    bins.iter().fold(0xcbf2_9ce4_8422_2325, |number, bin| {
        (number ^ u64::from(*bin)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Between the two columns about a position, as the pane draws it.
fn between(at: f64, column: impl Fn(u64) -> Option<Excitation>) -> Option<Excitation> {
    if at < -1e-9 {
        return None;
    }
    let first = (at + 1e-9).floor().max(0.0);
    let part = (at - first).max(0.0) as f32;
    let before = column(first as u64)?;
    if part < 1e-6 {
        return Some(before);
    }
    Some(before.between(&column(first as u64 + 1)?, part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octaves_and_tracks_are_called_as_people_call_them() {
        let octave = |low_hz: f64| OctaveMasking {
            low_hz,
            high_hz: 2.0 * low_hz,
            sounds: 1.0,
            masked: Some(0.62),
            over_threshold_db: Some(5.2),
        };
        assert_eq!(octave_words(&octave(500.0)), "500–1000 Hz");
        assert_eq!(octave_words(&octave(1_000.0)), "1–2 kHz");
        assert_eq!(octave_words(&octave(62.5)), "62–125 Hz");
        let scene = MaskingScene {
            octaves: vec![octave(2_000.0)],
            names: ["DAW: Vocal", "DAW: Guitar"].map(track_name),
        };
        assert_eq!(
            scene.words(20).as_deref(),
            Some("Vocal: masked 62 % of the time at 2–4 kHz by Guitar, 5 dB under its threshold")
        );
        assert_eq!(MaskingScene::default().words(20), None);
    }
}
