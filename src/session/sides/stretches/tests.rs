//! How stretches lie, slip, pause and end.

use proptest::prelude::*;

use super::*;

const LENGTH_SECS: f64 = 200.0;

fn noted(held: &[([f64; 2], f64)]) -> Stretches {
    let mut stretches = Stretches::default();
    for (held, offset_secs) in held {
        stretches.note(*held, *offset_secs, LENGTH_SECS);
    }
    stretches
}

#[test]
fn a_lock_that_holds_is_one_stretch_and_a_jump_or_other_music_between_begins_another() {
    let stretches = noted(&[
        ([10.0, 20.0], 3.0),
        ([10.0, 30.0], 3.002),
        // The same place, a turn of the reference away.
        ([10.0, 40.0], 3.0 - LENGTH_SECS),
        ([39.5, 41.0], -20.0),
        ([39.5, 50.0], -20.0),
        ([60.0, 61.0], -20.0),
    ]);
    let times: Vec<_> = stretches
        .all()
        .iter()
        .map(|stretch| [stretch.from_secs, stretch.to_secs])
        .collect();
    assert_eq!(times, [[10.0, 40.0], [40.0, 50.0], [60.0, 61.0]]);
    assert_eq!(
        stretches.longest_since(0.0).map(|s| s.offset_secs),
        Some(3.0)
    );
    assert_eq!(
        stretches.longest_since(35.0).map(|s| s.from_secs),
        Some(40.0)
    );
    assert_eq!(stretches.longest_since(61.0), None);
}

#[test]
fn each_time_has_the_offset_of_its_own_stretch_and_what_is_not_known_has_none() {
    let stretches = noted(&[
        ([10.0, 40.0], 3.0),
        ([40.5, 50.0], -20.0),
        ([60.0, 61.0], 7.0),
    ]);
    let at = |secs| stretches.offset_at(secs, 7.002);
    assert_eq!(at(9.0), None);
    assert_eq!(
        [at(10.0), at(40.4), at(40.5)],
        [Some(3.0), Some(3.0), Some(-20.0)]
    );
    assert_eq!(
        [at(51.0), at(55.0), at(60.0)],
        [Some(-20.0), None, Some(7.002)]
    );
    assert_eq!(at(1000.0), Some(7.002));
    let pieces = stretches.pieces([20.0, 70.0], 7.002);
    let pieces: Vec<_> = pieces
        .iter()
        .map(|piece| (piece.from_secs, piece.to_secs, piece.offset_secs))
        .collect();
    assert_eq!(
        pieces,
        [(20.0, 40.5, 3.0), (40.5, 52.0, -20.0), (60.0, 70.0, 7.002)]
    );
    assert_eq!(Stretches::default().offset_at(5.0, 1.0), Some(1.0));
    assert_eq!(noted(&[([0.0, 9.0], 3.0)]).offset_at(-0.1, 3.0), Some(3.0));
    assert_eq!(Stretches::default().pieces([2.0, 5.0], 1.0).len(), 1);
}

#[test]
fn what_slips_leaves_what_was_before_where_it_lay_and_what_slips_back_has_not_slipped() {
    let slipped = noted(&[([10.0, 20.0], 3.0), ([10.0, 20.5], 3.02)]);
    let at = |stretches: &Stretches, secs| stretches.offset_at(secs, 3.02);
    assert_eq!(
        [at(&slipped, 19.9), at(&slipped, 20.1)],
        [Some(3.0), Some(3.02)]
    );
    let back = noted(&[
        ([10.0, 20.0], 3.0),
        ([10.0, 20.3], 3.02),
        ([10.0, 21.0], 3.001),
    ]);
    assert_eq!(back.all().len(), 1);
    assert_eq!(back.all()[0].to_secs, 21.0);
    let stays = noted(&[
        ([10.0, 20.0], 3.0),
        ([10.0, 23.0], 3.02),
        ([10.0, 24.0], 3.0),
    ]);
    assert_eq!(stays.all().len(), 3, "it did for three seconds");
}

#[test]
fn where_the_mix_paused_the_reference_ends_also_if_it_is_known_from_elsewhere() {
    let mut stretches = noted(&[([10.0, 20.0], 3.0)]);
    stretches.note_pause(20.4);
    stretches.note([30.0, 40.0], -7.0, LENGTH_SECS);
    stretches.note_pause(40.8);
    let again = Stretches::of(stretches.all().to_vec());
    let again = again.with_pauses(stretches.pauses_secs().to_vec());
    for stretches in [&stretches, &again] {
        assert!(stretches.is_unknown());
        assert_eq!(stretches.over_secs(), None);
        let at = |secs| stretches.offset_at(secs, -7.0);
        assert_eq!([at(20.3), at(20.5), at(29.0)], [Some(3.0), None, None]);
        assert_eq!([at(40.7), at(40.9)], [Some(-7.0), None]);
    }
    stretches.note([30.0, 60.0], -7.0, LENGTH_SECS);
    assert_eq!(
        stretches.offset_at(50.0, -7.0),
        Some(-7.0),
        "the song itself was silent"
    );
}

#[test]
fn behind_its_end_a_reference_lies_beside_nothing_unless_the_mix_repeats_it() {
    let mut stretches = noted(&[([10.0, 40.0], 3.0)]);
    stretches.note_end(LENGTH_SECS - 3.0, LENGTH_SECS);
    let revision = stretches.revision;
    stretches.note_end(LENGTH_SECS - 3.001, LENGTH_SECS);
    assert_eq!(stretches.revision, revision);
    let at = |stretches: &Stretches, secs| stretches.offset_at(secs, 3.0);
    assert_eq!(
        [at(&stretches, 196.9), at(&stretches, 197.1)],
        [Some(3.0), None]
    );
    assert_eq!(stretches.pieces([150.0, 300.0], 3.0)[0].to_secs, 197.0);
    assert!(stretches.pieces([200.0, 300.0], 3.0).is_empty());
    let again = |stretches: &Stretches, over_secs| {
        let mut stretches = stretches.clone();
        stretches.note_end(over_secs, LENGTH_SECS);
        stretches.over_secs()
    };
    // From its beginning on right behind its end, or from elsewhere.
    assert_eq!(again(&stretches, 2.0 * LENGTH_SECS - 3.0), None);
    assert_eq!(again(&stretches, 350.0), Some(350.0));
    stretches.shift(0.5);
    assert_eq!(stretches.over_secs(), Some(196.5));
}

#[test]
fn a_loop_of_hours_is_bounded_and_the_longest_stretch_outlives_it() {
    let mut stretches = noted(&[([0.0, 5.0], 1.0), ([5.0, 200.0], 2.0)]);
    for turn in 0..1000 {
        let from_secs = 200.0 + 8.0 * f64::from(turn);
        let offset_secs = f64::from(turn % 2) * 8.0;
        stretches.note([from_secs, from_secs + 7.0], offset_secs, LENGTH_SECS);
    }
    assert_eq!(stretches.all().len(), MOST_STRETCHES);
    assert_eq!(stretches.all()[0].to_secs, 200.0);
    let revision = stretches.revision;
    stretches.shift(0.5);
    assert_eq!(stretches.all()[0].offset_secs, 2.5);
    stretches.clear();
    assert!(stretches.is_empty() && stretches.revision > revision + 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn pieces_lie_in_order_apart_and_where_the_offset_says(
        held in proptest::collection::vec((0.0f64..30.0, 0.0f64..60.0, -900.0f64..900.0), 0..300),
        length_secs in 0.05f64..900.0,
        now_offset_secs in -900.0f64..900.0,
        left_secs in -50.0f64..9_000.0,
        span_secs in 0.1f64..9_000.0,
    ) {
        let mut stretches = Stretches::default();
        let mut at = 0.0;
        for (silence_secs, secs, offset_secs) in held {
            let from_secs = at + silence_secs;
            at = from_secs + secs;
            stretches.note([from_secs, at], offset_secs, length_secs);
        }
        prop_assert!(stretches.all().len() <= MOST_STRETCHES);
        let right_secs = left_secs + span_secs;
        let pieces = stretches.pieces([left_secs, right_secs], now_offset_secs);
        prop_assert!(pieces.len() <= MOST_STRETCHES);
        let mut end = left_secs;
        for piece in &pieces {
            prop_assert!(piece.from_secs >= end - 1e-9 && piece.from_secs < piece.to_secs);
            prop_assert!(piece.to_secs <= right_secs);
            let middle_secs = (piece.from_secs + piece.to_secs) / 2.0;
            prop_assert_eq!(
                stretches.offset_at(middle_secs, now_offset_secs),
                Some(piece.offset_secs)
            );
            end = piece.to_secs;
        }
    }
}
