//! The vectorscopes: beside each other, or over each other where the second place then shows correlation per band.

use crate::units::db::amplitude_from_db;
use crate::view::looks::CompareMode;
use crate::view::palette::Side;
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// What the scale moves by, so that it stands still between.
const SCALE_STEP_DB: f64 = 3.0;
/// At most 24 dB: beyond, the mix would be a dot.
const MOST_STEPS: f64 = 8.0;
/// A reference louder by no more than this is as loud.
const SAME_LOUDNESS_LU: f64 = 1.5;

impl Scene {
    /// Whether both vectorscopes lie over each other, so that the other place is free for correlation per band.
    fn has_one_scope(&self) -> bool {
        matches!(
            self.looks.mode,
            CompareMode::Overlay | CompareMode::Difference
        ) && self.layout.scopes.iter().all(Option::is_some)
    }

    /// Where a side's vectorscope is drawn: beside the other, or over it.
    pub fn scope_rect(&self, side: Side) -> Option<Rect> {
        if self.has_one_scope() {
            self.layout.scopes[0]
        } else {
            self.layout.scopes[side.index()]
        }
    }

    /// Amplitude at the edge of the vectorscopes' shorter half, the same for both sides. A reference that is shown louder than
    /// the mix, or turned up beyond full scale, moves it in steps, so that neither leaves its panel.
    pub fn scope_full_scale(&self) -> f32 {
        let looks = self.looks.scope_full_scale();
        let [mix, reference] = Side::BOTH.map(|side| &self.side(side).figures);
        let gain_db = self.gain_db(Side::Reference);
        let shown = |level: Option<f64>| level.map(|level| level + gain_db);
        let usual_dbtp = mix.true_peak_dbtp.unwrap_or(0.0);
        let usual_dbtp = usual_dbtp.max(0.0).max(f64::from(self.looks.fit_db));
        // What is matched is as loud, whatever part of the mix was heard.
        let is_matched = self.looks.loudness_match && self.match_gain_db.is_some();
        let over_db = [
            shown(reference.true_peak_dbtp).map(|peak| peak - usual_dbtp),
            shown(reference.integrated_lufs)
                .zip(mix.integrated_lufs)
                .filter(|_| !is_matched)
                .map(|(reference, mix)| reference - mix - SAME_LOUDNESS_LU),
        ];
        let over_db = over_db.into_iter().flatten().fold(0.0, f64::max);
        let steps = (over_db / SCALE_STEP_DB).ceil().min(MOST_STEPS);
        looks * amplitude_from_db(steps * SCALE_STEP_DB) as f32
    }

    /// The places that hold a vectorscope, each once.
    pub fn scope_rects(&self) -> impl Iterator<Item = Rect> + use<> {
        let count = if self.has_one_scope() { 1 } else { 2 };
        self.layout.scopes.into_iter().take(count).flatten()
    }

    /// Where correlation per band stands, in the modes with one vectorscope for both sides.
    pub fn correlation_rect(&self) -> Option<Rect> {
        self.layout.scopes[1].filter(|_| self.has_one_scope())
    }
}

#[cfg(test)]
mod tests {
    use crate::session::Session;
    use crate::view::build::{Moment, PictureRequest, scene};
    use crate::view::looks::Looks;

    #[test]
    fn a_reference_that_is_turned_up_beyond_full_scale_stays_in_its_panel() {
        let session = Session::default();
        let looks = Looks::default();
        let request = PictureRequest::default();
        let mut scene = scene(&session, Moment::now(&session), &looks, request);
        let usual = scene.scope_full_scale();
        assert_eq!(usual, looks.scope_full_scale());
        let mut show = |peak_dbtp: f64, lufs: f64, match_gain_db: f64| {
            let [mix, reference] = &mut scene.sides;
            (mix.figures.true_peak_dbtp, mix.figures.integrated_lufs) = (Some(-0.3), Some(-8.0));
            let figures = &mut reference.figures;
            (figures.true_peak_dbtp, figures.integrated_lufs) = (Some(peak_dbtp), Some(lufs));
            scene.match_gain_db = Some(match_gain_db);
            scene.scope_full_scale() / usual
        };
        assert_eq!(show(-0.1, -8.0, 0.0), 1.0);
        // 7.9 dB beyond full scale: three steps.
        let raised = show(-0.1, -16.0, 8.0);
        assert!((raised - 2.818).abs() < 0.01, "{raised}");
        // Of the mix only a quiet part was heard: it is matched all the same.
        assert_eq!(show(-5.2, -4.0, 0.0), 1.0);
    }

    #[test]
    fn a_louder_reference_stays_in_its_panel_where_it_is_not_matched() {
        let session = Session::default();
        let looks = Looks {
            loudness_match: false,
            ..Looks::default()
        };
        let request = PictureRequest::default();
        let mut scene = scene(&session, Moment::now(&session), &looks, request);
        let usual = scene.scope_full_scale();
        let [mix, reference] = &mut scene.sides;
        mix.figures.integrated_lufs = Some(-8.0);
        reference.figures.integrated_lufs = Some(-2.0);
        let louder = scene.scope_full_scale() / usual;
        assert!((louder - 1.995).abs() < 0.01, "{louder}");
    }
}
