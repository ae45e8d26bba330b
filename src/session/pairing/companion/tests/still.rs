//! Beside a mix that stands still: two snapshots of a song seldom end at the same moment of it.

use super::*;

/// What lies beside a mix that was heard from second 10 of the song on, of a reference that is its seconds 20 to 40.
fn beside(mix_until_secs: usize) -> CompanionFrame {
    let song = song();
    let kept = reference(2, song[20 * RATE..40 * RATE].as_flattened());
    let tap = Tap::new(SAMPLE_RATE_HZ, 40.0);
    tap.push(&song[10 * RATE..mix_until_secs * RATE]);
    let mut companion = StillCompanion::beside_still(SAMPLE_RATE_HZ);
    companion.frame((&tap, 0.0), &kept.shared(), 0.0)
}

#[test]
fn figures_are_of_the_last_moment_that_both_have() {
    let frame = beside(50);
    let there = frame
        .mix_there
        .as_ref()
        .expect("it goes on for ten seconds");
    let there_secs = there.end_frame as f64 / f64::from(SAMPLE_RATE_HZ);
    assert!((29.5..30.0).contains(&there_secs), "{there_secs}");
    let reference = frame.meters.as_ref().expect("it is read");
    for of in [
        |meters: &Meters| meters.loudness.short_term_lufs,
        |meters: &Meters| meters.loudness.momentary_lufs,
        |meters: &Meters| meters.levels[0].peak_dbfs,
    ] {
        let [mix, reference] = [&**there, reference].map(|meters| of(meters).expect("it sounds"));
        assert!((mix - reference).abs() < 0.2, "{mix} {reference}");
    }
    // The same tenths of the mix.
    let [of_mix, of_reference] = [&**there, reference].map(|meters| meters.num_loudness_points);
    assert!(
        of_mix.abs_diff(of_reference) <= 1,
        "{of_mix} {of_reference}"
    );
    // One that ends amid the reference has figures of its own end.
    assert!(beside(38).mix_there.is_none());
}
