//! Scales that fit the music: a loud master neither burns out nor sticks to the ceiling.
//!
//! Levels, spectrum and loudness are shown about the loudness they were made for, and move by what the loudest part of
//! the mix is louder or quieter. What would burn out moves them at once; for quiet music they wait, since a song may
//! begin with its quietest part. Apart from that they stand still, for a scale that moves cannot be read; but where
//! nothing was seen on them for a while, they follow what is heard.

use crate::analysis::meters::Meters;
use crate::session::Session;

/// The loudness that the scales are made for, in LUFS.
const MADE_FOR_LUFS: f64 = -14.0;
/// From here to there nothing moves: what is a little quieter still fills the picture.
const FITS_LUFS: [f64; 2] = [-21.0, -12.0];
/// Scales move by whole steps of this, so that their ticks stay where they are.
const STEP_DB: f64 = 6.0;
/// Loud music is believed after so much of it, quiet music only later.
const HEARD_SECS: f64 = 6.0;
const QUIET_SECS: f64 = 40.0;
/// Music that lay below the axis of loudness, or no higher above its edge than this, for so long is not a pause of it.
const UNSEEN_SECS: f64 = 12.0;
const AT_THE_EDGE_LU: f64 = 4.0;
/// The loudest 3 s of music lie about so much above its integrated loudness, in LU.
const LOUDEST_ABOVE_LU: f64 = 3.0;

/// By how many dB scales move for music whose loudest 3 s have a loudness.
pub fn fit_db(max_short_term_lufs: f64) -> f32 {
    let lufs = max_short_term_lufs - LOUDEST_ABOVE_LU;
    let [quiet, loud] = FITS_LUFS;
    if (quiet..=loud).contains(&lufs) || !lufs.is_finite() {
        return 0.0;
    }
    let steps = ((lufs - MADE_FOR_LUFS) / STEP_DB).round();
    (steps * STEP_DB).clamp(-36.0, 12.0) as f32
}

/// The loudest 3 s of a reference that is shown as it is, in LUFS; −∞ of one that is as loud as the mix.
pub fn beside_lufs(session: &Session, is_matched: bool) -> f64 {
    let shown = session.pair.references.active().filter(|_| !is_matched);
    let lufs = shown.and_then(|reference| {
        let data = reference.data();
        Some(data.summary()?.loudness.max_short_term_lufs? + data.trim_db)
    });
    lufs.unwrap_or(f64::NEG_INFINITY)
}

/// What the scales were fitted to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fit {
    /// The mix that they stand for, by its generation.
    generation: Option<u64>,
    /// Whether that may still turn out to be quiet.
    may_be_quiet: bool,
    /// Whether a person wants them fitted again.
    is_asked: bool,
    /// Since when all that was heard lies below the axis, in measured seconds, and the loudest of it.
    unseen: Option<(f64, f64)>,
    /// What was loudest since the scales followed such music down: what came before it is no measure of it.
    loudest_since: Option<f64>,
    measured_secs: f64,
}

impl Fit {
    /// By how many dB the scales are to be moved from now on, where they are moved by `now_db` and the axis of loudness
    /// begins at `low_lufs`; `None` while they stand. `beside_lufs` are the loudest 3 s of a reference that is shown as it is.
    pub fn due(
        &mut self,
        now_db: f32,
        [low_lufs, beside_lufs]: [f64; 2],
        generation: u64,
        meters: &Meters,
    ) -> Option<f32> {
        let loudness = &meters.loudness;
        let is_new = self.generation != Some(generation);
        if is_new || loudness.measured_secs < self.measured_secs {
            (self.unseen, self.loudest_since) = (None, None);
        }
        self.measured_secs = loudness.measured_secs;
        let unseen_lufs = self.unseen_lufs(low_lufs, meters);
        if loudness.measured_secs < HEARD_SECS {
            return None;
        }
        if let Some(lufs) = unseen_lufs.filter(|lufs| fit_db(*lufs) < now_db) {
            self.loudest_since = Some(lufs);
            self.generation = Some(generation);
            self.may_be_quiet = false;
            self.is_asked = false;
            return Some(fit_db(lufs));
        }
        let since = loudness
            .short_term_lufs
            .into_iter()
            .chain(self.loudest_since);
        self.loudest_since = self.loudest_since.and(since.reduce(f64::max));
        let loudest = self.loudest_since.or(loudness.max_short_term_lufs);
        let fit_db = fit_db(loudest?.max(beside_lufs));
        if is_new {
            self.generation = Some(generation);
            self.may_be_quiet = true;
        }
        let is_sure = self.may_be_quiet && loudness.measured_secs >= QUIET_SECS;
        self.may_be_quiet &= !is_sure;
        if std::mem::take(&mut self.is_asked) || is_sure {
            return Some(fit_db);
        }
        // Another mix begins where the settings are, unless it is louder.
        let at_least_db = if is_new { 0.0 } else { now_db };
        let wanted_db = fit_db.max(at_least_db);
        (is_new || wanted_db > now_db).then_some(wanted_db)
    }

    /// The loudest of what has lain below the axis for long enough, and still does.
    fn unseen_lufs(&mut self, low_lufs: f64, meters: &Meters) -> Option<f64> {
        let now_secs = meters.loudness.measured_secs;
        let below = meters.loudness.short_term_lufs;
        let below = below.filter(|lufs| lufs.is_finite() && *lufs < low_lufs + AT_THE_EDGE_LU);
        self.unseen = below.map(|lufs| {
            let (since, loudest) = self.unseen.unwrap_or((now_secs, lufs));
            (since, loudest.max(lufs))
        });
        let (since, loudest) = self.unseen?;
        (now_secs - since >= UNSEEN_SECS).then_some(loudest)
    }

    /// Has them fitted again.
    pub fn again(&mut self) {
        self.is_asked = true;
    }

    /// Whether that was asked for and is still to be done.
    pub fn is_asked(&self) -> bool {
        self.is_asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::frames::{ChannelLayout, StreamFormat};

    #[test]
    fn loud_and_quiet_music_moves_the_scales_and_most_does_not() {
        for (loudest_lufs, expected) in [
            (-4.0, 6.0),
            (-6.0, 6.0),
            (-11.0, 0.0),
            (-17.0, 0.0),
            (-22.0, -12.0),
            (-90.0, -36.0),
            (20.0, 12.0),
            (f64::NAN, 0.0),
        ] {
            assert_eq!(fit_db(loudest_lufs), expected, "{loudest_lufs}");
        }
    }

    #[test]
    fn scales_move_up_at_once_and_down_only_for_what_stays_quiet() {
        let mut meters = Meters::silent(StreamFormat {
            sample_rate_hz: 48_000,
            layout: ChannelLayout::Stereo,
        });
        let mut fit = Fit::default();
        let mut now_db = 0.0;
        let mut heard = |fit: &mut Fit, generation, secs, loudest_lufs| {
            meters.loudness.measured_secs = secs;
            meters.loudness.max_short_term_lufs = Some(loudest_lufs);
            let due = fit.due(now_db, [-30.0, f64::NEG_INFINITY], generation, &meters);
            now_db = due.unwrap_or(now_db);
            due
        };
        assert_eq!(heard(&mut fit, 1, 3.0, -4.0), None, "too little was heard");
        // A quiet beginning, and then the song.
        assert_eq!(heard(&mut fit, 1, 7.0, -28.0), Some(0.0));
        assert_eq!(heard(&mut fit, 1, 20.0, -28.0), None);
        assert_eq!(heard(&mut fit, 1, 30.0, -5.0), Some(6.0));
        assert_eq!(heard(&mut fit, 1, 41.0, -5.0), Some(6.0));
        assert_eq!(heard(&mut fit, 1, 60.0, -5.0), None, "they stand");
        // Another one that stays quiet, but for its end.
        assert_eq!(heard(&mut fit, 2, 7.0, -28.0), Some(0.0));
        assert_eq!(heard(&mut fit, 2, 45.0, -28.0), Some(-18.0));
        assert_eq!(heard(&mut fit, 2, 50.0, -27.0), None);
        assert_eq!(heard(&mut fit, 2, 90.0, -15.0), Some(0.0));
        // After a reset less was loud; that moves nothing unless it is asked for.
        assert_eq!(heard(&mut fit, 2, 50.0, -28.0), None);
        fit.again();
        assert!(fit.is_asked());
        assert_eq!(heard(&mut fit, 2, 51.0, -28.0), Some(-18.0));
        assert!(!fit.is_asked(), "once is enough");
    }

    #[test]
    fn a_louder_record_that_is_shown_as_it_is_has_room() {
        let mut meters = Meters::silent(StreamFormat {
            sample_rate_hz: 48_000,
            layout: ChannelLayout::Stereo,
        });
        meters.loudness.measured_secs = 7.0;
        meters.loudness.max_short_term_lufs = Some(-18.0);
        let due = |beside_lufs| Fit::default().due(0.0, [-36.0, beside_lufs], 1, &meters);
        assert_eq!(due(f64::NEG_INFINITY), Some(0.0));
        assert_eq!(due(-5.0), Some(6.0));
    }

    #[test]
    fn scales_follow_music_that_nobody_sees_and_what_came_before_it_is_forgotten() {
        let mut meters = Meters::silent(StreamFormat {
            sample_rate_hz: 48_000,
            layout: ChannelLayout::Stereo,
        });
        let mut fit = Fit::default();
        let mut now_db = 0.0f32;
        let mut heard = |secs, now_lufs| {
            meters.loudness.measured_secs = secs;
            meters.loudness.max_short_term_lufs = Some(-10.0);
            meters.loudness.short_term_lufs = now_lufs;
            let axis = [-30.0 + f64::from(now_db), f64::NEG_INFINITY];
            let due = fit.due(now_db, axis, 1, &meters);
            now_db = due.unwrap_or(now_db);
            due
        };
        assert_eq!(heard(100.0, Some(-12.0)), Some(0.0));
        assert_eq!(heard(101.0, Some(-12.0)), None);
        // A break, a stop of the DAW, and then a quiet song.
        assert_eq!(heard(102.0, Some(-36.0)), None);
        assert_eq!(heard(110.0, Some(-20.0)), None);
        assert_eq!(heard(111.0, Some(-37.0)), None);
        assert_eq!(heard(122.0, None), None);
        assert_eq!(heard(123.0, Some(-36.0)), None);
        assert_eq!(heard(134.0, Some(-29.0)), None, "at the edge");
        assert_eq!(heard(136.0, Some(-36.0)), Some(-18.0));
        assert_eq!(heard(137.0, Some(-36.0)), None, "and they stand");
        assert_eq!(heard(150.0, Some(-12.0)), Some(0.0), "it was an intro");
    }
}
