//! The order of findings that are made anew while somebody reads them.

use super::finding::Finding;

/// A severity that is higher by less than this passes nobody.
const CLEARLY_HIGHER: f64 = 0.08;

/// Puts findings that weigh nearly the same into the order in which they stood last; whether that moved any.
pub fn keep_order(found: &mut [Finding], last: &[Finding]) -> bool {
    let stood = |finding: &Finding| last.iter().position(|other| is_same(finding, other));
    let mut has_moved = false;
    // Neighbours change places until none is out of order: never more rounds than there are findings.
    for _ in 0..found.len() {
        let mut is_settled = true;
        for n in 1..found.len() {
            let [above, below] = [&found[n - 1], &found[n]];
            let is_close = above.severity - below.severity < CLEARLY_HIGHER;
            let stood_below = stood(above).zip(stood(below)).is_some_and(|(a, b)| a > b);
            if is_close && stood_below {
                found.swap(n - 1, n);
                is_settled = false;
                has_moved = true;
            }
        }
        if is_settled {
            break;
        }
    }
    has_moved
}

/// Whether both say the same of the same place, though not with the same figure.
fn is_same(a: &Finding, b: &Finding) -> bool {
    let lies_as = match (a.frequency_hz, b.frequency_hz) {
        (Some([from, to]), Some([other_from, other_to])) => from < other_to && other_from < to,
        (None, None) => true,
        _ => false,
    };
    let says_as = a.value.signum() == b.value.signum() && a.unit == b.unit;
    a.area == b.area && says_as && lies_as
}

#[cfg(test)]
mod tests {
    use super::super::finding::Area;
    use super::*;

    fn finding(hz: f64, value: f64, severity: f64) -> Finding {
        Finding {
            frequency_hz: Some([hz, 2.0 * hz]),
            ..Finding::of(Area::Spectrum, value, "dB", severity)
        }
    }

    fn order(found: &[Finding]) -> Vec<f64> {
        found
            .iter()
            .map(|f| f.frequency_hz.map_or(0.0, |hz| hz[0]))
            .collect()
    }

    #[test]
    fn what_weighs_nearly_the_same_stays_where_it_stood_and_what_is_clearly_worse_passes() {
        let last = [
            finding(100.0, 3.0, 0.52),
            finding(5_000.0, -2.0, 0.50),
            finding(800.0, 1.0, 0.30),
        ];
        let mut near = [
            finding(5_000.0, -2.1, 0.53),
            finding(100.0, 2.9, 0.51),
            finding(800.0, 1.0, 0.31),
        ];
        assert!(keep_order(&mut near, &last));
        assert_eq!(order(&near), [100.0, 5_000.0, 800.0]);
        assert!(!keep_order(&mut near, &last), "it stands as it did");
        let mut worse = [
            finding(800.0, 2.5, 0.70),
            finding(100.0, 3.0, 0.52),
            finding(5_000.0, -2.0, 0.50),
        ];
        assert!(!keep_order(&mut worse, &last));
        assert_eq!(order(&worse), [800.0, 100.0, 5_000.0]);
        // The same place the other way round is another finding, and what is new stands by its weight.
        let mut other = [finding(5_000.0, 2.0, 0.53), finding(100.0, 3.0, 0.51)];
        assert!(!keep_order(&mut other, &last));
        assert!(!keep_order(&mut other, &[]));
    }
}
