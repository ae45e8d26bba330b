//! Where a side was not heard, within the picture.

use crate::session::sides::absence::absence;
use crate::session::sides::history::History;
use crate::view::side::Absence;
use crate::view::visible::Visible;

/// Absences of a side within the picture, the newest first, cut at its edges.
pub fn absences(side: &History, visible: &Visible<'_>, offset_secs: f64) -> Vec<Absence> {
    let shown = |[_, to]: &&[f64; 2]| *to > visible.left_secs() + offset_secs;
    let fraction = |secs: f64| visible.fraction(secs - offset_secs).clamp(0.0, 1.0);
    side.absences
        .iter()
        .rev()
        .take_while(shown)
        .filter(|[from, _]| *from < visible.right_secs + offset_secs)
        .map(|&[from, to]| Absence {
            fractions: [from, to].map(fraction),
            words: format!("{} missing", absence(to - from)),
        })
        .collect()
}
