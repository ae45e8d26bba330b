//! The crosshair: one frequency and one time, pointed at in one panel and shown in all, with what was measured there.
//!
//! Values are read from the columns, curves and histories in memory, never from pixels: they are the same at any size
//! of window, and the reference's carry the match as the panel beside them does.

use crate::analysis::column::{LEVEL_FLOOR_DB, left_to_right_db, level_db, side_to_mid_db};
use crate::dsp::grid::{NUM_BINS, bin_from_hz, hz_from_bin};
use crate::dsp::loudness::LoudnessPoint;
use crate::session::Session;
use crate::session::action::CursorPlace;
use crate::session::pairing::basis::BandOf;
use crate::session::settings::arrangement::Across;
use crate::session::sides::history::History;
use crate::session::sides::live_reference::LiveReference;
use crate::units::db::{db_from_power, power_from_db};
pub use crate::view::crosshair::{CursorLoudness, CursorPanel, CursorScene};
use crate::view::looks::{Channel, CompareMode, Smoothing};
use crate::view::masking::read_masking;
use crate::view::outside::{OutsideScene, powers_between, third_db};
use crate::view::palette::Side;
use crate::view::panels::spectrum::tilt_db;
use crate::view::rect::Rect;
use crate::view::scene::Scene;
use crate::view::side::SideClock;
use crate::view::timeline::column_index;

/// What points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pointer {
    /// The mouse, at a pixel of the window.
    Pixel([f32; 2]),
    /// Words: it stays where it was put.
    Place(CursorPlace),
}

/// Where something points, before anything is measured.
struct Place {
    panel: CursorPanel,
    at: [f32; 2],
    hz: Option<f64>,
    mix_secs: Option<f64>,
    vector: Option<[f32; 2]>,
}

/// The crosshair of a picture; none where nothing is pointed at.
pub fn cursor(session: &Session, scene: &Scene, pointer: Pointer) -> Option<CursorScene> {
    let place = match pointer {
        Pointer::Pixel(at) => place_under(scene, at)?,
        Pointer::Place(place) => place_of(scene, place)?,
    };
    let secs = place.mix_secs.filter(|secs| *secs >= 0.0);
    let gain = |side| scene.gain_db(side);
    let mut read = CursorScene {
        panel: place.panel,
        at: place.at,
        hz: place.hz,
        mix_secs: place.mix_secs,
        before_edge_secs: place.mix_secs.map(|secs| scene.right_edge_secs - secs),
        reference_secs: secs.and_then(|secs| reference_secs(session, scene, secs)),
        levels_db: [None; 2],
        band_db: None,
        outside_db: None,
        over_threshold_db: None,
        loudness: [CursorLoudness::default(); 2],
        vector: place.vector,
    };
    if let Some(secs) = secs {
        let reference = read.reference_secs;
        read.loudness = [
            mix_loudness(session, secs),
            reference_loudness(session, reference),
        ]
        .map(|point| point.map(loudness_of).unwrap_or_default());
        let gain = gain(Side::Reference);
        let matched = &mut read.loudness[Side::Reference.index()];
        matched.momentary_lufs = matched.momentary_lufs.map(|lufs| lufs + gain);
        matched.short_term_lufs = matched.short_term_lufs.map(|lufs| lufs + gain);
    }
    if let Some(hz) = place.hz {
        let bin = bin_from_hz(hz);
        if let (Some(outside), Some(secs)) = (&scene.outside, secs) {
            read_outside(&mut read, session, scene, outside, [bin, secs]);
            return Some(read);
        }
        if let (Some(_), Some(secs)) = (&scene.masking, secs) {
            let sides = scene.sides.each_ref();
            (read.levels_db, read.over_threshold_db) = read_masking(session, sides, [bin, secs]);
            return Some(read);
        }
        let levels = match (place.mix_secs, secs) {
            (_, Some(secs)) => levels_at(session, scene, bin, secs),
            (None, None) => medians_at(scene, bin),
            // Before the mix began.
            (Some(_), None) => [None; 2],
        };
        // What is read off a curve is what its axis says.
        let tilt_db = match place.mix_secs {
            Some(_) => 0.0,
            None => tilt_db(bin, scene.spectrum_tilt_db_per_octave()),
        };
        read.levels_db = Side::BOTH.map(|side| Some(levels[side.index()]? + gain(side) + tilt_db));
        // The band of several references exists only as it is drawn.
        let is_of_one = scene.looks.band_of == BandOf::Active;
        let band = match place.mix_secs {
            Some(_) if is_of_one => band_of_bin(session, bin),
            _ => drawn_band(scene, bin),
        };
        read.band_db = band.map(|band| band.map(|db| db + gain(Side::Reference) + tilt_db));
    }
    Some(read)
}

fn place_under(scene: &Scene, [x, y]: [f32; 2]) -> Option<Place> {
    let layout = &scene.layout;
    let along = |plot: Rect| f64::from((x - plot.x) / plot.w);
    let secs = |plot: Rect| scene.right_edge_secs - (1.0 - along(plot)) * scene.looks.span_secs;
    let hz = |fraction: f64| hz_from_bin(scene.frequency.bin_from_fraction(fraction));
    let place = |panel, hz, mix_secs| Place {
        panel,
        at: [x, y],
        hz,
        mix_secs,
        vector: None,
    };
    let mut panes = layout.panes.iter().enumerate();
    if let Some((index, pane)) = panes.find(|(_, pane)| pane.plot.contains(x, y)) {
        let up = f64::from((pane.plot.bottom() - y) / pane.plot.h);
        return Some(place(
            CursorPanel::Pane(index),
            Some(hz(up)),
            Some(secs(pane.plot)),
        ));
    }
    let inside = |plot: &Rect| plot.contains(x, y);
    let under = |across| layout.plots(across).find(|(_, plot)| inside(plot));
    if let Some((panel, plot)) = under(Across::Frequency) {
        let hz = hz(along(plot));
        return Some(place(CursorPanel::Plot(panel), Some(hz), None));
    }
    if let Some((panel, plot)) = under(Across::Time) {
        let secs = secs(plot);
        return Some(place(CursorPanel::Plot(panel), None, Some(secs)));
    }
    let mut scopes = Side::BOTH.into_iter();
    let (side, rect) = scopes.find_map(|side| {
        let rect = scene.scope_rect(side).filter(inside)?;
        Some((side, rect))
    })?;
    Some(Place {
        vector: Some(vector_at(rect, scene.scope_full_scale(), [x, y])),
        ..place(CursorPanel::Scope(side), None, None)
    })
}

fn place_of(scene: &Scene, place: CursorPlace) -> Option<Place> {
    let secs = if place.secs < 0.0 {
        scene.right_edge_secs + place.secs
    } else {
        place.secs
    };
    let fraction = 1.0 - (scene.right_edge_secs - secs) / scene.looks.span_secs;
    let up = scene.frequency.fraction_from_hz(place.hz);
    let is_on = |fraction: f64| (0.0..=1.0).contains(&fraction);
    let x = |plot: Rect| plot.x + fraction as f32 * plot.w;
    let history = scene.layout.plots(Across::Time).next();
    let (panel, at) = match (scene.layout.panes.first(), history) {
        (Some(pane), _) if is_on(fraction) && is_on(up) => {
            let y = pane.plot.bottom() - up as f32 * pane.plot.h;
            (CursorPanel::Pane(0), [x(pane.plot), y])
        }
        (None, Some((panel, plot))) if is_on(fraction) => {
            (CursorPanel::Plot(panel), [x(plot), plot.y + plot.h / 2.0])
        }
        _ => return None,
    };
    Some(Place {
        panel,
        at,
        hz: Some(place.hz),
        mix_secs: Some(secs),
        vector: None,
    })
}

/// Left and right amplitude at a pixel of a vectorscope.
fn vector_at(rect: Rect, full_scale: f32, [x, y]: [f32; 2]) -> [f32; 2] {
    let scale = full_scale / (rect.w.min(rect.h) / 2.0);
    let right_minus_left = (x - rect.x - rect.w / 2.0) * scale;
    let sum = (rect.y + rect.h / 2.0 - y) * scale;
    let root = std::f32::consts::FRAC_1_SQRT_2;
    [
        (sum - right_minus_left) * root,
        (sum + right_minus_left) * root,
    ]
}

/// Pixel of a vectorscope at which a left and right amplitude lie: the inverse of what the cursor reads.
pub fn vector_px(rect: Rect, full_scale: f32, [left, right]: [f32; 2]) -> [f32; 2] {
    let scale = rect.w.min(rect.h) / 2.0 / full_scale * std::f32::consts::FRAC_1_SQRT_2;
    [
        rect.x + rect.w / 2.0 + (right - left) * scale,
        rect.y + rect.h / 2.0 - (left + right) * scale,
    ]
}

/// The reference's own time under a time of the mix.
fn reference_secs(session: &Session, scene: &Scene, mix_secs: f64) -> Option<f64> {
    let side = scene.side(Side::Reference);
    if session.pair.references.input().is_some() {
        return Some(mix_secs + side.clock.offset_secs);
    }
    session.pair.references.active()?;
    side.reference_secs(mix_secs)
}

fn mix_loudness(session: &Session, secs: f64) -> Option<LoudnessPoint> {
    session.pair.mix.drawn()?.loudness.at(secs)
}

fn reference_loudness(session: &Session, secs: Option<f64>) -> Option<LoudnessPoint> {
    match session.pair.references.input() {
        Some(live) => live.drawn()?.loudness.at(secs?),
        None => session.pair.references.active()?.data().loudness.at(secs?),
    }
}

fn loudness_of(point: LoudnessPoint) -> CursorLoudness {
    CursorLoudness {
        momentary_lufs: point.momentary().map(f64::from),
        short_term_lufs: point.short_term().map(f64::from),
    }
}

/// Levels of both sides in the columns the picture shows at a time.
fn levels_at(session: &Session, scene: &Scene, bin: f64, mix_secs: f64) -> [Option<f64>; 2] {
    let reading = Reading::of(scene);
    let heard = |side: &History, clock: &SideClock| {
        let secs = mix_secs + clock.offset_secs;
        let index = column_index(clock.hop_secs, clock.tier, secs).round();
        let index = (index >= 0.0).then_some(index as u64)?;
        let finished = side.columns.get(clock.tier, index);
        let in_the_making = || {
            let ahead = index.checked_sub(side.columns.kept(clock.tier).end)?;
            side.columns.provisional_of(clock.tier).nth(ahead as usize)
        };
        reading.level_db(finished.or_else(in_the_making)?, bin)
    };
    let [mix_clock, clock] = Side::BOTH.map(|side| &scene.side(side).clock);
    let mix = session
        .pair
        .mix
        .drawn()
        .and_then(|mix| heard(mix, mix_clock));
    let live = session.pair.references.input();
    if let Some(live) = live.and_then(LiveReference::drawn) {
        return [mix, heard(live, clock)];
    }
    if let Some(grid) = &scene.on_grid {
        let clock = scene.columns_clock(Side::Reference);
        let index = column_index(clock.hop_secs, clock.tier, mix_secs).round();
        let bins = (index >= 0.0).then(|| grid.get(index as u64)).flatten();
        return [mix, bins.and_then(|bins| reading.level_db(bins, bin))];
    }
    let reference = session.pair.references.active().and_then(|reference| {
        let data = reference.data();
        let secs = scene.side(Side::Reference).reference_secs(mix_secs)?;
        let there = data.tier_there(clock.tier);
        let index = column_index(clock.hop_secs, there, secs).round().max(0.0);
        reading.level_db(data.column(there, index as u64)?, bin)
    });
    [mix, reference]
}

/// What the pane "outside the record" shows at a bin and a mix time.
fn read_outside(
    read: &mut CursorScene,
    session: &Session,
    scene: &Scene,
    outside: &OutsideScene,
    [bin, mix_secs]: [f64; 2],
) {
    let gain_db = scene.reference_gain_db();
    read.band_db = outside
        .edges_db([bin, mix_secs])
        .map(|edges| edges.map(|edge| edge + gain_db));
    let clock = &scene.side(Side::Mix).clock;
    let Some(mix) = session.pair.mix.drawn() else {
        return;
    };
    let at = column_index(clock.hop_secs, clock.tier, mix_secs).max(0.0);
    let column = |index: f64| mix.columns.get(clock.tier, index as u64);
    let Some(first) = column(at.floor()) else {
        return;
    };
    let next = column(at.floor() + 1.0).unwrap_or(first);
    let powers = powers_between([first, next], at - at.floor());
    read.outside_db = outside.excess_db(&powers, [bin, mix_secs], gain_db);
    // What was held against the edge it passed.
    let mix_db = match (read.outside_db, read.band_db) {
        (Some(off), Some([_, high])) if off > 0.0 => Some(high + off),
        _ => third_db(&powers, bin),
    };
    read.levels_db = [mix_db, record_mean_db(scene, bin)];
}

/// The record's mean at a bin, as loud as it is shown: what its curve reads without the tilt. Tones are no thirds.
fn record_mean_db(scene: &Scene, bin: f64) -> Option<f64> {
    let mean_db = &scene.side(Side::Reference).spectrum.mean_db;
    let level = f64::from(*mean_db.get(bin.round().max(0.0) as usize)?);
    let is_of_bands = scene.looks.spectrum_smoothing != Smoothing::Tones;
    (is_of_bands && level.is_finite()).then(|| level + scene.reference_gain_db())
}

/// How a spectrogram's pixel takes its level from a column.
struct Reading {
    channel: Channel,
    bins_per_px: f64,
    /// Bins on either side that a difference is averaged over; none elsewhere.
    averaged: Option<i64>,
}

impl Reading {
    fn of(scene: &Scene) -> Self {
        let height = scene.layout.panes.first().map_or(1.0, |pane| pane.plot.h);
        let axis = &scene.frequency;
        let is_difference = scene.looks.mode == CompareMode::Difference;
        Self {
            channel: scene.looks.channel,
            bins_per_px: (axis.high_bin - axis.low_bin) / f64::from(height.max(1.0)),
            averaged: is_difference.then(|| scene.looks.smoothing_bins()),
        }
    }

    /// The highest level of the bins under a pixel, or the mean around it where a difference is shown.
    fn level_db(&self, bins: &[u32; NUM_BINS], bin: f64) -> Option<f64> {
        let level = |at: f64| {
            let at = at.round();
            let packed = (0.0..NUM_BINS as f64)
                .contains(&at)
                .then(|| bins[at as usize])?;
            channel_level_db(packed, self.channel)
        };
        if let Some(reach) = self.averaged {
            let step = self.bins_per_px.max(1.0);
            let around: Option<Vec<f64>> = (-reach..=reach)
                .map(|k| level(bin + k as f64 * step))
                .collect();
            return around.map(|levels| levels.iter().sum::<f64>() / levels.len() as f64);
        }
        let half = (self.bins_per_px / 2.0).max(0.0);
        let (first, last) = ((bin - half).ceil(), (bin + half).floor());
        let nearest = level(bin);
        let covered = (first as i64..=last as i64).filter_map(|at| level(at as f64));
        covered.chain(nearest).max_by(f64::total_cmp)
    }
}

/// Level in dBFS of a channel of a packed bin, as the spectrogram's shader reads it; `None` where there is none.
pub fn channel_level_db(packed: u32, channel: Channel) -> Option<f64> {
    let level = f64::from(level_db(packed)?);
    let over_first = |ratio_db: f64| db_from_power(1.0 + power_from_db(ratio_db));
    let left_to_right = f64::from(left_to_right_db(packed));
    let side_to_mid = f64::from(side_to_mid_db(packed));
    let both = db_from_power(2.0);
    let shown = match channel {
        Channel::Both => level,
        // The level is the mean of left and right, so one of them alone can be 3 dB above it.
        Channel::Left => level + both - over_first(-left_to_right),
        Channel::Right => level + both - over_first(left_to_right),
        Channel::Mid => level - over_first(side_to_mid),
        Channel::SideSignal => level - over_first(-side_to_mid),
    };
    (shown > f64::from(LEVEL_FLOOR_DB)).then_some(shown)
}

/// The median curves as the spectrum panel draws them.
fn medians_at(scene: &Scene, bin: f64) -> [Option<f64>; 2] {
    Side::BOTH.map(|side| curve_at(&scene.side(side).spectrum.mean_db, bin))
}

fn drawn_band(scene: &Scene, bin: f64) -> Option<[f64; 2]> {
    let spectrum = &scene.side(Side::Reference).spectrum;
    let [low, high] = [&spectrum.p10_db, &spectrum.p90_db].map(|curve| curve_at(curve, bin));
    Some([low?, high?])
}

/// The 10-90 % band of one bin over what is compared of the reference.
fn band_of_bin(session: &Session, bin: f64) -> Option<[f64; 2]> {
    let data = session.pair.references.active()?.data();
    let curves = data.curves()?;
    let [low, high] = [&curves.p10_db, &curves.p90_db].map(|curve| curve_at(curve, bin));
    Some([low?, high?])
}

/// A curve at the bin nearest to a frequency; `None` where it is absent.
pub fn curve_at(levels_db: &[f32], bin: f64) -> Option<f64> {
    let level = *levels_db.get(bin.round().max(0.0) as usize)?;
    (level > -170.0).then_some(f64::from(level))
}

/// Where a plate of a size stands beside a point: right of it or left of it, never over it and never beyond the room it
/// has, as long as that is wide enough for it on one side.
pub fn plate_beside(at: [f32; 2], size: [f32; 2], room: Rect, gap: f32) -> Rect {
    let [x, y] = at;
    let right = x + gap;
    let left = if right + size[0] <= room.right() {
        right
    } else {
        (x - gap - size[0]).max(room.x)
    };
    let above = y - gap - size[1];
    let top = if above >= room.y { above } else { y + gap };
    let top = top.min(room.bottom() - size[1]).max(room.y);
    Rect::snapped(left, top, left + size[0], top + size[1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::column::pack_bin;

    #[test]
    fn a_plate_never_covers_what_is_pointed_at_and_never_leaves_its_room() {
        let room = Rect::snapped(0.0, 40.0, 700.0, 300.0);
        let size = [190.0, 90.0];
        for x in (0..700).step_by(7) {
            for y in (40..300).step_by(5) {
                let at = [x as f32, y as f32];
                let plate = plate_beside(at, size, room, 14.0);
                assert!(!plate.contains(at[0], at[1]), "{plate:?} over {at:?}");
                assert!(plate.x >= room.x && plate.y >= room.y);
                assert!(plate.right() <= room.right() && plate.bottom() <= room.bottom());
            }
        }
    }

    #[test]
    fn a_vector_is_where_it_is_read() {
        let rect = Rect::snapped(100.0, 50.0, 300.0, 210.0);
        for vector in [[0.0, 0.0], [0.5, 0.5], [0.3, -0.1], [-0.2, 0.4]] {
            let [left, right] = vector_at(rect, 0.8, vector_px(rect, 0.8, vector));
            assert!((left - vector[0]).abs() < 1e-5 && (right - vector[1]).abs() < 1e-5);
        }
        // Left leans to the upper left.
        let [x, y] = vector_px(rect, 0.8, [0.5, 0.0]);
        assert!(x < 200.0 && y < 130.0);
    }

    #[test]
    fn channels_follow_from_level_and_ratios() {
        // Left 6 dB above right, about: powers 0.8 and 0.2 of the sum.
        let packed = pack_bin(-20.0, 6.0, -48.0);
        let level = |channel| channel_level_db(packed, channel).expect("it is loud");
        assert!((level(Channel::Both) + 20.0).abs() < 0.01);
        assert!((level(Channel::Left) - level(Channel::Right) - 6.0).abs() < 1e-6);
        assert!((level(Channel::Mid) + 20.0).abs() < 0.01);
        assert!((level(Channel::SideSignal) + 68.0).abs() < 0.01);
        assert_eq!(channel_level_db(0, Channel::Left), None);
    }
}
