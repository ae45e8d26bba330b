//! The companion beside music that starts late, jumps, pauses; and beside a reference of one channel.

mod curves;
mod pauses;
mod still;

use super::*;
use crate::analysis::analyzer::Analyzer;
use crate::analysis::meters::Meters;
use crate::analysis::song_clock::SongPlace;
use crate::audio::demo::{DemoSong, DemoVersion, SAMPLE_RATE_HZ};
use crate::audio::frames::{ChannelLayout, StreamFormat};
use crate::compare::tracker::Tracking;
use crate::dsp::loudness::LoudnessPoint;
use crate::dsp::signals::Random;
use crate::session::pairing::remembered::KnownPast;
use crate::session::references::Reference;
use crate::session::references::ReferenceData;
use crate::session::sides::region::Region;
use crate::session::sides::stretches::{Stretch, Stretches};

const RATE: usize = SAMPLE_RATE_HZ as usize;
const REFERENCE_SECS: usize = 60;
/// What comes between two looks at the alignment.
const BLOCK: usize = RATE * 32 / 100;

fn song() -> Vec<[f32; 2]> {
    let mut samples = vec![0.0; 2 * RATE * REFERENCE_SECS];
    DemoSong::new(DemoVersion::Reference).read(&mut samples);
    samples.as_chunks().0.to_vec()
}

fn reference(channels: u16, samples: &[f32]) -> Reference {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("song.wav");
    let spec = hound::WavSpec {
        channels,
        sample_rate: SAMPLE_RATE_HZ,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer = hound::WavWriter::create(&path, spec).expect("a writable file");
    for sample in samples {
        writer.write_sample(*sample).expect("it is written");
    }
    writer.finalize().expect("it is written");
    let mut reference = Reference::from_file(&path);
    reference.wait();
    reference
}

/// A follower and what it hears.
struct Beside {
    follower: Follower,
    tap: Tap,
    reference: SharedReference,
    wishes: Wishes,
}

impl Beside {
    fn new(reference: &Reference) -> Self {
        Self {
            follower: Follower::new(SAMPLE_RATE_HZ, MixIs::Live),
            tap: Tap::new(SAMPLE_RATE_HZ, 33.0),
            reference: reference.shared(),
            wishes: Wishes::default(),
        }
    }

    fn beat(&mut self) -> bool {
        self.follower.beats = 0;
        self.follower.beat(&self.tap, &self.reference, &self.wishes)
    }

    fn hear(&mut self, frames: &[[f32; 2]]) {
        for block in frames.chunks(BLOCK) {
            self.tap.push(block);
            self.beat();
        }
    }

    fn frame(&mut self) -> CompanionFrame {
        let mut frame = CompanionFrame::default();
        self.follower.write(&self.reference, &mut frame);
        frame
    }
}

fn part(song: &[[f32; 2]], from_secs: usize, secs: usize) -> &[[f32; 2]] {
    &song[RATE * from_secs..RATE * (from_secs + secs)]
}

#[test]
fn beside_silence_that_nobody_sees_the_reference_rests_and_with_the_sound_it_goes_on() {
    let song = song();
    let mut beside = Beside::new(&reference(2, song.as_flattened()));
    beside.hear(part(&song, 10, 6));
    beside.wishes.may_rest.store(true, Ordering::Relaxed);
    beside.tap.push(part(&song, 16, 1));
    assert!(beside.beat(), "beside what sounds it goes on");
    beside.hear(&vec![[0.0; 2]; 3 * RATE]);
    beside.tap.push(&[[0.0; 2]; BLOCK]);
    assert!(!beside.beat());
    beside.hear(part(&song, 20, 2));
    let frame = beside.frame();
    let newest = frame.lately.last().expect("it was fed");
    assert!((newest.mix_secs - beside.tap.end_secs()).abs() < 1e-6);
    assert!(
        frame
            .meters
            .is_some_and(|meters| meters.loudness.momentary_lufs.is_some())
    );
}

#[test]
fn only_music_that_fits_lies_beside_the_reference_and_each_stretch_at_its_own_place() {
    let song = song();
    let mut beside = Beside::new(&reference(2, song.as_flattened()));
    let mut random = Random::new(3);
    let noise: Vec<[f32; 2]> = (0..12 * RATE)
        .map(|_| [random.bipolar() as f32 * 0.1; 2])
        .collect();
    beside.hear(&noise);
    assert!(beside.frame().stretches.is_empty());
    // A minute's song begins at mix time 12, goes back at 28, and is stopped at 40.
    beside.hear(part(&song, 20, 16));
    beside.hear(part(&song, 5, 12));
    beside.hear(&vec![[0.0; 2]; 30 * RATE]);
    let frame = beside.frame();
    assert!(frame.is_aligned(), "{:?}", frame.tracking);
    let [first, second] = frame.stretches.all() else {
        panic!("{:?}", frame.stretches);
    };
    assert!((first.offset_secs - 8.0).abs() < 0.005, "{first:?}");
    assert!((11.9..13.5).contains(&first.from_secs), "{first:?}");
    assert!((26.0..28.0).contains(&first.to_secs), "{first:?}");
    assert!((second.offset_secs + 23.0).abs() < 0.005, "{second:?}");
    assert!((27.5..29.5).contains(&second.from_secs), "{second:?}");
    assert!((38.0..40.0).contains(&second.to_secs), "{second:?}");
    assert_eq!(frame.offset_at(5.0), None, "noise lay beside nothing");
    // A lock is looked after with a second, and what stands still is not told again.
    assert!(beside.follower.recent.frames.len() <= RATE);
    assert!(!beside.beat());
}

/// The mean curve of what lay beside the mix.
fn mean_db(beside: &mut Beside) -> Vec<f32> {
    let meters = beside.frame().meters.expect("it runs");
    meters.curves.mean_db.clone()
}

#[test]
fn behind_its_end_a_kept_passage_is_silent_and_begins_again_only_if_the_mix_does() {
    let song = song();
    let passage = part(&song, 10, 30);
    let reference = reference(2, passage.as_flattened());
    let mut beside = Beside::new(&reference);
    beside.hear(&passage[RATE * 10..]);
    let mut random = Random::new(5);
    let applause: Vec<[f32; 2]> = (0..4 * RATE)
        .map(|_| [random.bipolar() as f32 * 0.1; 2])
        .collect();
    beside.hear(&applause);
    let frame = beside.frame();
    assert!(frame.is_aligned(), "{:?}", frame.tracking);
    let lies = |secs| frame.offset_at(secs).is_some();
    assert_eq!(
        [19.9, 20.1].map(lies),
        [true, false],
        "{:?}",
        frame.stretches
    );
    let meters = frame.meters.expect("it runs");
    assert_eq!(meters.loudness.momentary_lufs, None);
    // A loop of the same length goes on beside its beginning.
    let mut beside = Beside::new(&reference);
    beside.hear(&passage[RATE * 10..]);
    beside.hear(&passage[..RATE * 8]);
    let frame = beside.frame();
    assert_eq!(frame.stretches.all().len(), 1, "{:?}", frame.stretches);
    assert_eq!(frame.stretches.over_secs(), None);
    assert!(frame.offset_at(20.1).is_some());
    let momentary = frame.meters.expect("it runs").loudness.momentary_lufs;
    assert!(momentary.is_some_and(|lufs| lufs > -30.0), "{momentary:?}");
}

#[test]
fn what_an_earlier_companion_knew_of_the_past_holds_once_the_song_is_found_again() {
    let song = song();
    let mut beside = Beside::new(&reference(2, song.as_flattened()));
    let past = Stretch {
        from_secs: 0.0,
        to_secs: 5.0,
        offset_secs: 40.0,
    };
    beside.follower.past.known = Some(KnownPast {
        stretches: Stretches::of(vec![past]),
        nudge_secs: 0.0,
    });
    beside.tap.skip(8 * RATE as u64);
    beside.hear(part(&song, 20, 2));
    assert_eq!(beside.frame().offset_at(4.0), Some(0.0), "it is not found");
    beside.hear(part(&song, 22, 8));
    let frame = beside.frame();
    assert_eq!(frame.offset_at(4.0), Some(40.0));
    let now = frame.offset_at(12.0).expect("it lies there");
    assert!((now - 12.0).abs() < 0.005, "{:?}", frame.stretches);
}

#[test]
fn a_reference_taken_up_later_is_looked_back_for_in_what_is_still_remembered() {
    let song = song();
    let reference = reference(2, song.as_flattened());
    let mut beside = Beside::new(&reference);
    beside.tap.push(part(&song, 10, 32));
    beside.beat();
    let frame = beside.frame();
    let [only] = frame.stretches.all() else {
        panic!("{:?}", frame.stretches);
    };
    assert!((2.0..3.1).contains(&only.from_secs), "{only:?}");
}

#[test]
fn a_reference_of_one_channel_reads_as_loud_beside_the_mix_as_in_its_history() {
    let song = song();
    let mono: Vec<f32> = song.iter().map(|frame| frame[0]).collect();
    let reference = reference(1, &mono);
    let mut beside = Beside::new(&reference);
    beside.hear(part(&song, 0, 30));
    let frame = beside.frame();
    let meters = frame.meters.expect("it runs");
    let at_secs = frame.offset_secs + 30.0;
    let point = reference.data().loudness.at(at_secs + 0.001);
    let expected = point
        .and_then(LoudnessPoint::short_term)
        .expect("it sounds");
    let short_term = meters.loudness.short_term_lufs.expect("it sounds");
    assert!(
        (short_term - f64::from(expected)).abs() < 0.1,
        "{short_term} not {expected}"
    );
    let peak = meters.psr_lu.expect("it sounds") + short_term;
    assert!((-30.0..3.0).contains(&peak), "{peak}");
}

#[test]
fn a_reference_of_six_channels_reads_beside_the_mix_as_loud_as_all_of_them() {
    let song = song();
    let six: Vec<f32> = song
        .iter()
        .flat_map(|[left, right]| [*left, *right, *left, 0.0, *left, *right])
        .collect();
    let reference = reference(6, &six);
    let mut beside = Beside::new(&reference);
    beside.hear(part(&song, 0, 20));
    let frame = beside.frame();
    let point = reference.data().loudness.at(frame.offset_secs + 20.001);
    let expected = point.and_then(LoudnessPoint::momentary).expect("it sounds");
    let meters = frame.meters.expect("it runs");
    let momentary = meters.loudness.momentary_lufs.expect("it sounds");
    assert!(
        (momentary - f64::from(expected)).abs() < 1.0,
        "{momentary} not {expected}"
    );
    assert_eq!(meters.psr_lu, None);
}

#[test]
fn a_frame_of_an_earlier_moment_shows_the_section_that_was_followed_then() {
    let section = |start_secs| {
        Some(Region {
            start_secs,
            length_secs: 20.0,
        })
    };
    let mut data = ReferenceData::empty();
    data.followed = section(60.0);
    let mut frame = CompanionFrame {
        followed: section(30.0),
        ..CompanionFrame::default()
    };
    assert_eq!(Some(frame.region(&data)), section(30.0));
    frame.followed = None;
    assert_eq!(frame.region(&data), data.compared());
}

/// What a DAW tells that plays on from a place of its song.
fn plays_from(at_secs: f64, song_secs: f64) -> SongPlace {
    SongPlace {
        at_secs,
        song_secs: Some(song_secs),
        transport: abscope_link::Transport {
            is_playing: true,
            ..abscope_link::Transport::default()
        },
    }
}

#[test]
fn a_jump_that_the_daw_tells_of_moves_the_reference_at_the_next_block_and_the_sound_has_the_last_word()
 {
    let song = song();
    let mut beside = Beside::new(&reference(2, song.as_flattened()));
    // In the DAW the song begins at 100 s.
    beside.tap.note_song(plays_from(0.0, 120.0));
    beside.hear(part(&song, 20, 12));
    assert!((beside.frame().offset_secs - 20.0).abs() < 0.005);
    beside.tap.note_song(plays_from(12.0, 105.0));
    let after = part(&song, 5, 9);
    let (at_once, later) = after.split_at(RATE / 50);
    beside.tap.push(at_once);
    // Between two looks at the sound.
    beside.follower.beats = 1;
    let (tap, reference) = (&beside.tap, &beside.reference);
    assert!(beside.follower.beat(tap, reference, &beside.wishes));
    let frame = beside.frame();
    assert!(matches!(frame.tracking, Some(Tracking::Locked(_))));
    assert!((frame.offset_secs + 7.0).abs() < 0.005, "{frame:?}");
    let lay = |secs| frame.offset_at(secs).expect("it lay there");
    assert!((lay(11.99) - 20.0).abs() < 0.005, "{:?}", frame.stretches);
    assert!((lay(12.0) + 7.0).abs() < 0.005, "{:?}", frame.stretches);
    beside.hear(later);
    let frame = beside.frame();
    assert!((frame.offset_secs + 7.0).abs() < 0.005);
    assert_eq!(frame.stretches.all().len(), 2, "{:?}", frame.stretches);
    // A stop, and on at the same place: more of the mix has passed than of the song.
    let mut stopped = plays_from(21.0, 114.0);
    stopped.transport.is_playing = false;
    beside.tap.note_song(stopped);
    beside.hear(&vec![[0.0; 2]; 3 * RATE]);
    beside.tap.note_song(plays_from(24.0, 114.0));
    beside.hear(part(&song, 14, 3));
    assert!((beside.frame().offset_secs + 10.0).abs() < 0.005);
    // Somebody has moved the song in the DAW by ten seconds: it says 30 s and plays what was at 40 s.
    beside.tap.note_song(plays_from(27.0, 130.0));
    beside.hear(part(&song, 40, 12));
    let frame = beside.frame();
    assert!((frame.offset_secs - 13.0).abs() < 0.005, "{frame:?}");
    let past = frame.offset_at(27.8).expect("it lies there");
    assert!(
        (past - 13.0).abs() < 0.005,
        "what it said was never so: {:?}",
        frame.stretches
    );
    beside.tap.note_song(plays_from(39.0, 110.0));
    beside.hear(part(&song, 20, 1));
    assert!((beside.frame().offset_secs + 19.0).abs() < 0.005);
}

/// A song that is quiet and dark for its first half, and loud and bright for the other.
fn dark_then_bright() -> Vec<[f32; 2]> {
    let mut song = song();
    let mut held = 0.0;
    let half = song.len() / 2;
    for frame in &mut song[..half] {
        held += 0.05 * (frame[0] - held);
        *frame = [0.3 * held; 2];
    }
    song
}

const FORMAT: StreamFormat = StreamFormat {
    sample_rate_hz: SAMPLE_RATE_HZ,
    layout: ChannelLayout::Stereo,
};

/// How far the mean spectrum of the reference lies at most from that of the mix, in dB, over what a curve is looked at.
fn apart_db(mix: &Meters, reference: &Meters) -> f64 {
    let thirds = |meters: &Meters| -> Vec<f64> {
        let power = |db: &f32| 10_f64.powf(f64::from(*db) / 10.0);
        let chunks = meters.curves.mean_db[100..900].chunks(32);
        let level = |bins: &[f32]| 10.0 * bins.iter().map(power).sum::<f64>().log10();
        chunks.map(level).collect()
    };
    let pairs = thirds(mix).into_iter().zip(thirds(reference));
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

#[test]
fn behind_a_jump_and_a_reset_the_curves_of_the_reference_are_of_the_seconds_that_the_mixs_are_of() {
    let song = dark_then_bright();
    let mut beside = Beside::new(&reference(2, song.as_flattened()));
    let mut analyzer = Analyzer::new(FORMAT);
    let mut columns = vec![];
    let mut hear = |beside: &mut Beside, frames: &[[f32; 2]], is_reset: bool| {
        if is_reset {
            analyzer.reset_measurement();
        }
        analyzer.process(frames.as_flattened(), &mut columns);
        beside.hear(frames);
        let meters = beside.frame().meters.expect("it runs");
        apart_db(&analyzer.meters(), &meters)
    };
    let apart = hear(&mut beside, part(&song, 36, 20), false);
    assert!(apart < 0.5, "{apart} dB");
    // Back to the dark half: a few seconds of it beside many of the bright one, as in the mix.
    let apart = hear(&mut beside, part(&song, 4, 8), false);
    assert!(beside.frame().stretches.all().len() == 2);
    assert!(apart < 1.5, "{apart} dB");
    let measured_from = 28.0_f64.to_bits();
    beside
        .wishes
        .measured_from_bits
        .store(measured_from, Ordering::Relaxed);
    let apart = hear(&mut beside, part(&song, 12, 3), true);
    assert!(apart < 0.5, "{apart} dB");
    let loudness = beside.frame().meters.expect("it runs").loudness;
    assert!(
        loudness.short_term_lufs.is_some(),
        "that of the last 3 s goes on"
    );
    // Undone, both are of all the seconds again.
    analyzer.undo_reset();
    beside
        .wishes
        .measured_from_bits
        .store(0.0_f64.to_bits(), Ordering::Relaxed);
    let frames = part(&song, 15, 2);
    analyzer.process(frames.as_flattened(), &mut columns);
    beside.hear(frames);
    let [mix, reference] = [analyzer.meters(), beside.frame().meters.expect("it runs")];
    let apart = apart_db(&mix, &reference);
    assert!(apart < 1.5, "{apart} dB");
    let range = |meters: &Meters| meters.curves.p90_db[600] - meters.curves.p10_db[600];
    assert!(
        range(&mix) > 10.0 && range(&reference) > 10.0,
        "{} {}",
        range(&mix),
        range(&reference)
    );
}

#[test]
fn a_jump_that_nobody_tells_of_is_known_to_a_tenth_of_a_second() {
    let song = song();
    for (first_frames, to_secs) in [
        (8 * RATE, 2),
        (8 * RATE + 2_345, 25),
        (9 * RATE - 3_210, 20),
    ] {
        let mut beside = Beside::new(&reference(2, song.as_flattened()));
        beside.hear(&song[10 * RATE..10 * RATE + first_frames]);
        beside.hear(part(&song, to_secs, 5));
        let stretches = beside.frame().stretches;
        let jumped_secs = first_frames as f64 / RATE as f64;
        let now_secs = to_secs as f64 - jumped_secs;
        let offset_at = |secs: f64| stretches.offset_at(jumped_secs + secs, now_secs);
        let before_secs = offset_at(-0.1).expect("it was aligned");
        assert!((before_secs - 10.0).abs() < 0.01, "{before_secs}");
        let behind_secs = offset_at(0.1).expect("it was found");
        assert!(
            (behind_secs - now_secs).abs() < 0.01,
            "{to_secs}: {behind_secs}"
        );
    }
}

#[test]
fn where_a_player_loses_a_moment_what_was_heard_before_stays_beside_what_it_lay_beside() {
    let song = song();
    for lost_ms in [8, 30] {
        let mut beside = Beside::new(&reference(2, song.as_flattened()));
        let lost_frames = lost_ms * RATE / 1000;
        beside.hear(part(&song, 10, 8));
        beside.hear(&song[18 * RATE + lost_frames..25 * RATE + lost_frames]);
        let stretches = beside.frame().stretches;
        let lost_secs = lost_frames as f64 / RATE as f64;
        let offset_at = |secs: f64| stretches.offset_at(secs, 10.0 + lost_secs);
        for (at_secs, expected_secs) in [(7.8, 10.0), (8.2, 10.0 + lost_secs)] {
            let secs = offset_at(at_secs).expect("it is the song");
            assert!((secs - expected_secs).abs() < 0.003, "{lost_ms} ms: {secs}");
        }
        assert_eq!(stretches.all().len(), 2);
    }
}

#[test]
fn the_tenths_of_a_second_that_loudness_is_told_of_are_those_of_the_mix() {
    let song = song();
    let mut beside = Beside::new(&reference(2, song.as_flattened()));
    let mut analyzer = Analyzer::new(FORMAT);
    let mut columns = vec![];
    let heard = &part(&song, 0, 27)[..27 * RATE - 1_777];
    analyzer.process(heard.as_flattened(), &mut columns);
    // As one who opens the record later: the Analyzer begins on the way.
    beside.tap.push(heard);
    beside.beat();
    let meters = beside.frame().meters.expect("it runs");
    let mix = analyzer.meters();
    assert_eq!(meters.num_loudness_points, mix.num_loudness_points);
    let newest = |meters: &Meters| meters.loudness_points.last().copied().expect("it sounds");
    let [a, b] = [newest(&mix), newest(&meters)].map(|point| point.momentary_lufs);
    assert!((a - b).abs() < 0.02, "{a} {b}");
}
