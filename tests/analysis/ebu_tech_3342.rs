//! The loudness range cases of EBU Tech 3342, at 44.1, 48 and 96 kHz, in odd blocks and at once.

use crate::support::signals::*;
use abscope::dsp::signals::Signal;

#[test]
fn cases_1_to_4_read_the_published_range() {
    check_loudness(&range_cases(), &RATES_HZ);
}

#[test]
fn a_steady_tone_has_no_range() {
    let reading = measured_loudness(&Signal::new(48_000, 2).tone(1_000.0, -23.0, 120.0));
    let range = reading.range_lu.expect("2 minutes of tone");
    assert!(range < 0.001, "{range}");
}

#[test]
fn less_than_the_short_term_window_has_no_range() {
    let reading = measured_loudness(&Signal::new(48_000, 2).tone(1_000.0, -23.0, 2.9));
    assert_eq!(reading.range_lu, None);
    assert!(reading.integrated_lufs.is_some());
}
