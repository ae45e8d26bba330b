//! The level meters: where their bars stand, and what a level is on them.

use crate::analysis::bridge::{ChannelLevels, LevelMeter};
use crate::view::layout::Layout;
use crate::view::looks::CompareMode;
use crate::view::palette::Side;
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// Width of the panel in letters of a label.
const WIDTH_EM: f32 = 8.4;
/// The least that each vectorscope keeps, in letters.
const SCOPE_EM: f32 = 9.0;
/// The highest sample of a 16-bit file, in dBFS: what reaches it is over.
const OVER_DBFS: f64 = -0.000_3;

/// Takes the place of the level meters from the right of the vectorscopes, where there is enough of it.
pub fn take_place(layout: &mut Layout) -> Option<Rect> {
    let [Some(left), Some(right)] = layout.scopes else {
        return None;
    };
    let label = layout.text.label;
    let gap = right.x - left.right();
    let width = (label * WIDTH_EM).round();
    let scope_width = ((right.right() - left.x - width - 2.0 * gap) / 2.0).floor();
    let is_beside = left.y == right.y && gap >= 0.0;
    if !is_beside || scope_width < label * SCOPE_EM || left.h < label * 9.0 {
        return None;
    }
    let scope = |x: f32| Rect {
        x,
        w: scope_width,
        ..left
    };
    layout.scopes = [Some(scope(left.x)), Some(scope(left.x + scope_width + gap))];
    let from = left.x + 2.0 * (scope_width + gap);
    Some(Rect::snapped(from, left.y, right.right(), left.bottom()))
}

/// A channel this low does not sound, so that nothing differs from it by any number: a needle takes its time to fall.
const SILENT_DBFS: f64 = -80.0;

/// One bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LevelBar {
    /// From the lower to the upper end of the scale.
    pub track: Rect,
    /// Whose it is; none shows A − B.
    pub side: Option<Side>,
    /// 0 left, 1 right.
    pub channel: usize,
}

/// Whether it shows A − B. Two songs have no moments in common: they are shown beside each other.
fn is_difference(scene: &Scene) -> bool {
    scene.looks.mode == CompareMode::Difference && scene.has_same_time()
}

/// Bars of the panel: left and right of each side, or of the difference.
pub fn bars(scene: &Scene, rect: Rect) -> Vec<LevelBar> {
    let label = scene.layout.text.label;
    let area = Rect::snapped(
        rect.x + label * 2.5,
        rect.y + label * 2.4,
        rect.right() - label * 0.6,
        rect.bottom() - label * 1.7,
    );
    let owners: Vec<Option<Side>> = if is_difference(scene) {
        vec![None]
    } else {
        Side::BOTH.map(Some).to_vec()
    };
    let width = area.w / owners.len() as f32;
    let mut bars = vec![];
    for (index, side) in owners.into_iter().enumerate() {
        let left = area.x + index as f32 * width;
        // A little air between the sides, less between the channels of one.
        let bar_width = width * 0.4;
        for channel in 0..2 {
            let x = left + width * 0.06 + channel as f32 * width * 0.46;
            let track = Rect::snapped(x, area.y, x + bar_width, area.bottom());
            bars.push(LevelBar {
                track,
                side,
                channel,
            });
        }
    }
    bars
}

/// Ends of the scale, in dB as the chosen meter counts, or of the difference.
pub fn range_db(scene: &Scene) -> [f64; 2] {
    if is_difference(scene) {
        let range = f64::from(scene.looks.difference_range_db);
        return [-range, range];
    }
    match scene.looks.level_meter {
        LevelMeter::Vu => [-20.0, 3.0],
        LevelMeter::K20 => [-40.0, 20.0],
        LevelMeter::K14 => [-40.0, 14.0],
        LevelMeter::K12 => [-40.0, 12.0],
        LevelMeter::PeakRms => [-60.0, 3.0],
        LevelMeter::PpmI | LevelMeter::PpmII => [-50.0, 3.0],
    }
}

/// Vertical pixel of a value on the scale.
pub fn y_of(scene: &Scene, track: Rect, value_db: f64) -> f32 {
    let [low, high] = range_db(scene);
    let fraction = ((value_db - low) / (high - low)).clamp(0.0, 1.0);
    track.bottom() - fraction as f32 * track.h
}

/// What a bar shows, on its scale, the reference matched.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BarReading {
    /// The needle.
    pub value_db: Option<f64>,
    /// The digital peak above it.
    pub peak_db: Option<f64>,
    /// The held peak.
    pub held_db: Option<f64>,
    /// Whether full scale was reached since the reset.
    pub is_over: bool,
}

/// Reads a bar.
pub fn reading(scene: &Scene, bar: &LevelBar) -> BarReading {
    let meter = scene.looks.level_meter;
    let levels = |side: Side| -> &ChannelLevels { &scene.side(side).figures.levels[bar.channel] };
    let Some(side) = bar.side else {
        let value = |side| {
            let dbfs = meter.level_dbfs(levels(side));
            Some(dbfs.filter(|dbfs| *dbfs > SILENT_DBFS)? + scene.gain_db(side))
        };
        return BarReading {
            value_db: value(Side::Mix)
                .zip(value(Side::Reference))
                .map(|(a, b)| a - b),
            ..BarReading::default()
        };
    };
    let levels = levels(side);
    let shown = |dbfs: Option<f64>| Some(dbfs? + scene.gain_db(side) - meter.zero_dbfs());
    BarReading {
        value_db: shown(meter.level_dbfs(levels)),
        peak_db: shown(levels.peak_dbfs),
        held_db: shown(levels.held_dbfs),
        is_over: levels.highest_dbfs.is_some_and(|dbfs| dbfs >= OVER_DBFS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Session;
    use crate::view::build::{Moment, PictureRequest, scene};
    use crate::view::looks::Looks;
    use crate::view::scene::Alignment;

    #[test]
    fn beside_what_does_not_sound_there_is_no_difference_of_levels() {
        let session = Session::default();
        let moment = Moment::now(&session);
        let looks = Looks {
            mode: CompareMode::Difference,
            ..Looks::default()
        };
        let mut scene = scene(&session, moment, &looks, PictureRequest::default());
        let rect = Rect::snapped(0.0, 0.0, 200.0, 200.0);
        scene.alignment = Alignment::OtherSong;
        let owners: Vec<_> = bars(&scene, rect).iter().map(|bar| bar.side).collect();
        let [mix, reference] = Side::BOTH.map(Some);
        assert_eq!(owners, [mix, mix, reference, reference], "another song");
        scene.alignment = Alignment::SameClock;
        let mut apart = |mix: f64, reference: Option<f64>| {
            for (side, rms_dbfs) in [(0, Some(mix)), (1, reference)] {
                scene.sides[side].figures.levels[0].rms_dbfs = rms_dbfs;
            }
            let bar = bars(&scene, rect)[0];
            reading(&scene, &bar).value_db
        };
        assert_eq!(apart(-20.0, Some(-23.0)), Some(3.0));
        assert_eq!(apart(-20.0, None), None);
        assert_eq!(apart(-20.0, Some(-110.0)), None, "a needle that falls");
    }

    #[test]
    fn the_meters_take_their_place_from_the_vectorscopes_alone() {
        for size in [
            [1280, 720],
            [1920, 1080],
            [3840, 2160],
            [1000, 600],
            [700, 900],
        ] {
            let before = Layout::compare(size, 1.0, CompareMode::SideBySide);
            let mut layout = before.clone();
            let Some(rect) = take_place(&mut layout) else {
                assert_eq!(layout, before);
                continue;
            };
            let [Some(a), Some(b)] = layout.scopes else {
                panic!("the vectorscopes stay");
            };
            assert_eq!((a.w, a.h), (b.w, b.h));
            assert!(!a.overlaps(b) && !b.overlaps(rect));
            let was = before.scopes[1].expect("it was there");
            assert_eq!((rect.right(), rect.y, rect.h), (was.right(), was.y, was.h));
        }
        let mut large = Layout::compare([1920, 1080], 1.0, CompareMode::SideBySide);
        assert!(take_place(&mut large).is_some());
    }
}
