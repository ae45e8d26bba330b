//! Telling places apart: how sure it is that an excerpt lies here and not there.
//!
//! What the first place has beyond the second is looked for in the mix. If it is there, its share is one; if the mix
//! lies at the second place, none; if it lies at neither, because the mix has something else there, about half.
//! Places that are the same to the sample differ in nothing, and then each is as likely as the other.

use crate::compare::evidence::Apart;

/// How much the share strays beside the noise: a version's balance is another, and its limiter breathes.
const SHARE_STRAYS: f64 = 0.17;
/// Noise of limiters and coders is less independent than its bandwidth says.
const DEPENDENCE: f64 = 3.0;
/// How likely it is beforehand that the mix lies at neither, beside that it lies at one of the two.
const NEITHER: f64 = 0.15;
/// Power of the odds that are shown. What noise and a limiter leave of the difference of two rounds strays by more than its
/// bandwidth says: of two thousand excerpts one was sure of the wrong round by 500 to 1, with noise over nearly all that told
/// them apart. So who is to be 90 % sure has to have odds of 700 to 1; twins stay equally likely.
const CAUTION: f64 = 1.0 / 3.0;
/// A place this likely beside the best one is counted as a rival.
const RIVAL_ODDS: f64 = 0.1;

/// Odds against the first of two places.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Odds {
    /// That it is the second: 1 if nothing tells them apart, 0 if it is surely the first.
    pub rival: f64,
    /// That it is neither.
    pub neither: f64,
}

/// Odds against the first place from what tells it from a rival.
pub fn odds_against(apart: Apart) -> Odds {
    let energy = apart.energy;
    if energy <= 0.0 {
        return Odds {
            rival: 1.0,
            neither: 0.0,
        };
    }
    let share = apart.share();
    let variance = SHARE_STRAYS.powi(2) + DEPENDENCE / (2.0 * energy);
    let fit = |expected: f64| (-(share - expected).powi(2) / (2.0 * variance)).exp();
    // More than all of it is there: louder in this version.
    let here = if share > 1.0 {
        1.0
    } else {
        fit(1.0).max(f64::MIN_POSITIVE)
    };
    // Where noise covers all, neither is no third possibility beside one of two.
    let neither = NEITHER * (1.0 - fit_of_noise(energy));
    Odds {
        rival: fit(0.0) / here,
        neither: neither * fit(0.5) / here,
    }
}

/// Logarithm of the odds for the rival, beside the first place alone.
pub fn log_odds_for_rival(apart: Apart) -> f64 {
    if apart.energy <= 0.0 {
        return 0.0;
    }
    let share = (apart.product / apart.energy).clamp(0.0, 1.0);
    let variance = SHARE_STRAYS.powi(2) + DEPENDENCE / (2.0 * apart.energy);
    (1.0 - 2.0 * share) / (2.0 * variance)
}

/// 1 where noise covers what tells two places apart, 0 where it stands out.
fn fit_of_noise(energy: f64) -> f64 {
    1.0 / (1.0 + energy / DEPENDENCE)
}

/// The probability of the best place beside its rivals, and how many places it could be.
pub fn standing(odds: impl IntoIterator<Item = Odds>) -> (f64, u32) {
    let (mut sum, mut neither, mut num_places) = (1.0, 0f64, 1);
    for odds in odds {
        let rival = odds.rival.powf(CAUTION);
        sum += rival;
        neither = neither.max(odds.neither);
        num_places += u32::from(rival + odds.neither >= RIVAL_ODDS);
    }
    (1.0 / (sum + neither), num_places)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apart(share: f64, energy: f64) -> Apart {
        Apart {
            product: share * energy,
            energy,
            ..Apart::default()
        }
    }

    #[test]
    fn twins_are_equally_likely_and_a_clear_difference_decides() {
        let twin = odds_against(apart(0.0, 0.0));
        assert_eq!(standing([twin, twin]), (1.0 / 3.0, 3));
        assert!(odds_against(apart(1.0, 1000.0)).rival < 0.01);
        assert!(odds_against(apart(0.0, 1000.0)).rival > 100.0);
        assert!((odds_against(apart(0.5, 0.01)).rival - 1.0).abs() < 0.1);
    }

    #[test]
    fn a_mix_that_lies_at_neither_is_not_sure() {
        let (sure, num_places) = standing([odds_against(apart(0.55, 1e5))]);
        assert!(sure < 0.5, "{sure}");
        assert_eq!(num_places, 2);
        let edited = Apart {
            won: 900.0,
            lost: 500.0,
            ..apart(1.0, 1e5)
        };
        let (sure, num_places) = standing([odds_against(edited)]);
        assert!(sure < 0.8, "{sure}");
        assert_eq!(num_places, 2);
    }
}
