//! What is heard of the reference, and what it is kept from.

use super::*;
use crate::audio::callback::ChannelPick;
use crate::audio::capture::CaptureInfo;
use crate::audio::frames::{ChannelLayout, StreamFormat};
use crate::session::pairing::matching::Matching;
use crate::session::references::ReferenceData;
use crate::session::sides::input::OpenInput;
use crate::session::sides::live::LiveSide;
use crate::session::sides::region::Region;
use crate::session::sides::still::StillSide;

/// A pair whose mix reads so many LUFS, and a reference of −14 with a trim of 1 dB.
fn pair(lufs: f64) -> Pair {
    let format = StreamFormat {
        sample_rate_hz: 8_000,
        layout: ChannelLayout::Stereo,
    };
    let mut mix = StillSide::new("mix".to_owned(), format);
    mix.history.meters.loudness.integrated_lufs = Some(lufs);
    let mut pair = Pair {
        mix: mix.into(),
        ..Pair::default()
    };
    let data = ReferenceData {
        trim_db: 1.0,
        ..ReferenceData::empty()
    };
    let record = Reference::of_picture("record".to_owned(), data);
    pair.references.add(record).expect("there is room");
    pair.beside.matched_lufs = Some([lufs, -14.0]);
    pair
}

#[test]
fn what_is_heard_follows_the_match_without_a_picture_and_stops_with_it() {
    let mut pair = pair(-20.0);
    assert!(
        (pair.heard_gain_db() - -5.0).abs() < 1e-9,
        "{}",
        pair.heard_gain_db()
    );
    pair.beside.matched_lufs = Some([-20.0, -8.0]);
    assert!((pair.heard_gain_db() - -11.0).abs() < 1e-9);
    pair.listen.matching = Matching {
        is_on: false,
        ..Matching::default()
    };
    assert_eq!(pair.heard_gain_db(), 1.0);
}

#[test]
fn behind_a_snapshot_the_reference_is_kept_from_the_input_as_well() {
    let wish = InputWish::Demo;
    let input = OpenInput::open(&wish).expect("the demo is built in");
    let mut live = LiveSide::open(wish, input).expect("threads can be made");
    live.input.info = Some(CaptureInfo {
        id: "monitor".to_owned(),
        name: "Monitor".to_owned(),
        host: "PulseAudio".to_owned(),
        is_monitor: true,
        format: live.history.format(),
        device_channels: 2,
        pick: ChannelPick::Pair { left: 0, right: 1 },
        block_frames: None,
    });
    let mut pair = Pair {
        mix: live.into(),
        ..pair(-14.0)
    };
    let format = StreamFormat {
        sample_rate_hz: 8_000,
        layout: ChannelLayout::Stereo,
    };
    let snapshot = StillSide::new("snapshot".to_owned(), format).history;
    pair.mix.recall("snapshot".to_owned(), snapshot);
    let wish = pair.listen_wish().expect("there is a reference");
    assert_eq!(wish.mix_input, Some(("monitor".to_owned(), true)));
}

#[test]
fn who_has_sections_followed_lets_the_region_go_that_held_the_record() {
    let mut pair = pair(-20.0);
    let region = Region {
        start_secs: 10.0,
        length_secs: 5.0,
    };
    if let Some(record) = pair.references.active() {
        record.data().region = Some(region);
    }
    let held = |pair: &Pair| pair.references.active().and_then(|it| it.data().region);
    pair.follows_sections = true;
    pair.toggle_following();
    assert_eq!(held(&pair), Some(region), "nothing is followed from now on");
    pair.toggle_following();
    assert_eq!(held(&pair), None);
    assert!(pair.news.iter().any(|words| words == "whole song again"));
}
