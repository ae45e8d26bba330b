//! The companion beside a mix that pauses and goes on.

use super::*;

#[test]
fn while_the_mix_pauses_the_curves_of_both_stay_of_what_lay_beside_each_other() {
    let song = song();
    let mut beside = Beside::new(&reference(2, song.as_flattened()));
    beside.hear(part(&song, 5, 25));
    let heard = mean_db(&mut beside);
    // The newest columns come a third of a second late.
    beside.hear(&vec![[1e-6; 2]; 2 * RATE]);
    let before = mean_db(&mut beside);
    let sounding = heard
        .iter()
        .zip(&before)
        .filter(|(level, _)| **level > -70.0);
    let apart: Vec<f32> = sounding
        .map(|(heard, before)| (heard - before).abs())
        .collect();
    let mean = apart.iter().sum::<f32>() / apart.len() as f32;
    assert!(apart.len() > 500 && mean < 0.3, "{mean} dB");
    // Longer than the record, which ends and begins anew meanwhile.
    beside.hear(&vec![[1e-6; 2]; 50 * RATE]);
    let behind = mean_db(&mut beside);
    assert!(behind == before);
}

#[test]
fn behind_a_pause_nothing_lies_beside_the_mix_until_its_place_is_known_and_likely_places_are_tried_first()
 {
    let song = song();
    // Where it goes on, in song time: where it was stopped, from where it was begun, and elsewhere.
    for (on_secs, within_secs) in [(32, 1.2), (20, 1.2), (3, 3.5)] {
        let mut beside = Beside::new(&reference(2, song.as_flattened()));
        beside.hear(&vec![[0.0; 2]; 2 * RATE]);
        beside.hear(part(&song, 20, 12));
        assert!((beside.frame().offset_secs - 18.0).abs() < 0.005);
        beside.hear(&vec![[0.0; 2]; 7 * RATE]);
        let (resumed_secs, mut known_secs) = (21.0, None);
        assert!(beside.frame().offset_at(20.0).is_none() && beside.frame().meters.is_some());
        for block in part(&song, on_secs, 6).chunks(BLOCK) {
            beside.hear(block);
            let now_secs = beside.tap.end_secs();
            let right_secs = on_secs as f64 - resumed_secs;
            let frame = beside.frame();
            let Some(secs) = frame.offset_at(now_secs) else {
                assert!(frame.meters.is_none());
                continue;
            };
            assert!((secs - right_secs).abs() < 0.01, "{secs} at {now_secs}");
            known_secs.get_or_insert(now_secs - resumed_secs);
        }
        assert!(
            known_secs.is_some_and(|secs| secs < within_secs),
            "{on_secs}: {known_secs:?}"
        );
        // Loudness rises with the sound on both sides.
        let stretches = beside.frame().stretches;
        let began_secs = stretches.all().iter().map(|stretch| stretch.from_secs);
        let apart_secs = began_secs
            .zip([2.0, resumed_secs])
            .map(|(a, b)| (a - b).abs());
        let most_secs = apart_secs.fold(0.0, f64::max);
        assert!(
            stretches.all().len() == 2 && most_secs < 0.1,
            "{stretches:?}"
        );
    }
}
