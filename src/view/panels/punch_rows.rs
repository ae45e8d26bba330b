//! What the punch panel shows of a scene: its rows, what both sides usually are in each, and by how much they differ.

use crate::dsp::crossover::NUM_BANDS;
use crate::view::palette::Side;
use crate::view::panels::punch_figure::PunchFigure;
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// What the line of the attacks takes at the foot of a plot that has no rows for them, in labels.
const FOOT: f32 = 2.0;
/// Width and height of a plot that has room for it.
const LEAST_WITH_FOOT: [f32; 2] = [46.0, 6.0];
/// A row that is not as many labels high has no room for a line and its title.
const LEAST_ROW: f32 = 3.4;

/// The reference's range in a figure, where the reference is shown.
pub fn range(scene: &Scene, figure: PunchFigure) -> Option<[f64; 3]> {
    let range = scene.side(Side::Reference).panels.punch.ranges[figure.index()];
    range.filter(|_| scene.looks.mode.shows(Side::Reference))
}

/// What both sides are over the visible time: their medians. Another song has no moment in common with the mix: all of
/// it that is compared stands for it.
pub fn typical(scene: &Scene, figure: PunchFigure) -> [Option<f64>; 2] {
    let [mix, reference] = Side::BOTH.map(|side| &scene.side(side).panels.punch);
    let reference = reference.stands_for(figure, scene.has_same_time());
    [mix.median(figure), reference]
}

/// Mix minus reference over the visible time, at the mix's samples, −∞ where there is none. Of another song minus its
/// median.
pub fn difference(scene: &Scene, figure: PunchFigure) -> Vec<(f32, f32)> {
    let [mix, reference] = Side::BOTH.map(|side| &scene.side(side).panels.punch);
    mix.minus(reference, figure, scene.has_same_time())
}

/// Whether the mix is, most of the visible time, where the reference seldom is.
pub fn is_outside(scene: &Scene, figure: PunchFigure) -> bool {
    let beyond = |[low, _, high]: [f64; 3]| {
        let [mix, _] = typical(scene, figure);
        mix.is_some_and(|mix| mix < low || mix > high)
    };
    range(scene, figure).is_some_and(beyond)
}

/// Where each figure has its own plot: PSR and the attacks of all bands, highest on top, where there is room for that;
/// else PSR has all of it but the line that tells the attacks.
pub fn rows(scene: &Scene, plot: Rect) -> Vec<(PunchFigure, Rect)> {
    let attacks = (0..NUM_BANDS).rev().map(PunchFigure::Attack);
    let figures: Vec<_> = std::iter::once(PunchFigure::Psr).chain(attacks).collect();
    let count = figures.len() as f32;
    let label = scene.layout.text.label;
    if plot.h < count * LEAST_ROW * label {
        let foot = match has_foot(plot, label) {
            true => FOOT * label,
            false => 0.0,
        };
        let plot = Rect {
            h: plot.h - foot,
            ..plot
        };
        return vec![(PunchFigure::Psr, plot)];
    }
    let row = |n: usize| plot.rows(n as f32 / count, (n as f32 + 1.0) / count);
    figures
        .into_iter()
        .enumerate()
        .map(|(n, figure)| (figure, row(n)))
        .collect()
}

/// Whether there is room for the line of the attacks.
pub fn has_foot(plot: Rect, label: f32) -> bool {
    let [w, h] = LEAST_WITH_FOOT.map(|labels| labels * label);
    plot.w >= w && plot.h >= h
}
