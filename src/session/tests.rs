//! What stands on either side comes and goes through snapshots, and what it covered is there again.

use crate::audio::frames::{ChannelLayout, StreamFormat};
use crate::compare::alignment::AlignmentResult;
use crate::compare::tracker::Tracking;
use crate::session::format::Snapshot;
use crate::session::pairing::Pair;
use crate::session::references::{Reference, ReferenceData};
use crate::session::sides::beside::CompanionFrame;
use crate::session::sides::live_reference::LiveReference;
use crate::session::sides::still::StillSide;
use crate::session::snapshots::keep::{Keeping, Visible};

fn heard(name: &str) -> StillSide {
    let format = StreamFormat {
        sample_rate_hz: 8_000,
        layout: ChannelLayout::Stereo,
    };
    let mut side = StillSide::new(name.to_owned(), format);
    side.feed(&vec![0.1; 2 * 8_000]);
    side.settle();
    side
}

/// A pair whose mix is heard.
fn pair() -> Pair {
    let mut pair = Pair::default();
    pair.mix = heard("mix").into();
    pair
}

/// What it shows, kept.
fn kept(pair: &Pair) -> Snapshot {
    let visible = Visible {
        right_edge_secs: 1.0,
        span_secs: 1.0,
        tiers: [0; 2],
        finest_tier: 0,
        match_gain_db: None,
        settings: serde_json::json!({}),
    };
    let meters = pair.mix.history().map(|mix| &mix.meters);
    let mut keeping = Keeping::begin(pair, meters, &pair.beside, visible).unwrap();
    while !keeping.step(pair) {}
    keeping.finish(pair)
}

/// A snapshot of a mix alone.
pub(in crate::session) fn snapshot() -> Snapshot {
    kept(&pair())
}

/// What the second live input is called, if it is shown; and if it only lasts.
fn inputs(pair: &Pair) -> [Option<&str>; 2] {
    [pair.references.input(), pair.references.lasting_input()].map(|live| {
        let history = live.and_then(LiveReference::history)?;
        Some(history.name.as_str())
    })
}

#[test]
fn a_second_live_input_comes_back_behind_a_picture_and_is_measured_meanwhile() {
    let mut pair = pair();
    let snapshot = kept(&pair);
    pair.set_live_reference(Some(heard("record").into()));
    for _ in 0..2 {
        pair.reopen(&snapshot);
        pair.poll();
        assert_eq!(inputs(&pair), [None, Some("record")]);
    }
    assert!(pair.back_to_live());
    assert_eq!(inputs(&pair), [Some("record"); 2]);
    assert!(pair.references.active().is_none());
    pair.reopen(&snapshot);
    let generation = pair.references.generation();
    pair.select_reference_input("");
    assert_eq!(
        pair.references.generation(),
        generation,
        "the picture stays"
    );
    pair.back_to_live();
    assert_eq!(inputs(&pair), [None; 2], "it was given up meanwhile");
}

#[test]
fn a_reopened_picture_is_nudged_from_where_its_reference_lay() {
    let mut pair = pair();
    let snapshot = kept(&pair);
    pair.reopen(&snapshot);
    pair.nudge(0.5);
    pair.poll();
    assert_eq!(pair.beside.offset_secs, 0.5);
    pair.back_to_live();
    pair.poll();
    assert_eq!((pair.beside.offset_secs, pair.nudge_secs()), (0.0, 0.0));
}

#[test]
fn measuring_anew_behind_a_snapshot_begins_both_live_sides_together() {
    let mut pair = pair();
    pair.set_live_reference(Some(heard("record").into()));
    let snapshot = kept(&pair);
    pair.recall_mix(&snapshot);
    pair.reset_measurement();
    pair.back_to_live();
    let record = pair.references.input().and_then(LiveReference::history);
    let sides = [pair.mix.history(), record];
    assert_eq!(sides.map(|side| side.unwrap().measured_from_secs), [1.0; 2]);
}

#[test]
fn a_mix_that_takes_the_place_of_a_reopened_picture_is_not_laid_where_that_was() {
    let mut pair = pair();
    let record = |name: &str| Reference::of_picture(name.to_owned(), ReferenceData::empty());
    pair.references
        .add(record("record"))
        .expect("there is room");
    let tracking = Some(Tracking::Locked(AlignmentResult::at(7.0, 1.0)));
    pair.beside.tracking = tracking;
    let snapshot = kept(&pair);
    pair.reopen(&snapshot);
    pair.references.show_picture(
        Some(record("record of the picture")),
        CompanionFrame {
            tracking,
            offset_secs: 7.0,
            ..CompanionFrame::default()
        },
    );
    pair.poll();
    assert!(pair.beside.is_aligned() && pair.beside.offset_secs == 7.0);
    pair.recall_mix(&snapshot);
    for polled in [false, true] {
        if polled {
            pair.poll();
        }
        assert!(!pair.beside.is_aligned(), "{:?}", pair.beside.tracking);
        assert_eq!(pair.beside.offset_secs, 0.0);
        let active = pair.references.active().map(|active| &active.name[..]);
        assert_eq!(active, Some("record"));
    }
}
