//! The audio callback allocates nothing, in any sample format, whether the ring has room or not.

use assert_no_alloc::assert_no_alloc;
use cpal::{FromSample, I24, SizedSample, StreamInstant, U24};

use abscope::audio::callback::{CaptureCallback, CaptureStatus, ChannelPick};
use abscope::audio::frames::{ChannelLayout, StreamFormat};
use abscope::audio::ring::{ReadEvent, frame_ring};

const STEREO: StreamFormat = StreamFormat {
    sample_rate_hz: 48_000,
    layout: ChannelLayout::Stereo,
};

/// Frames in a block and in the ring: the ring fills after two blocks, so the third must be dropped and counted.
const BLOCK: usize = 480;
const RING_SECS: f64 = 0.025;

/// Runs the callback over blocks of one sample format from a four-channel device and checks what arrives.
fn check<T>(tolerance: f32)
where
    T: SizedSample + FromSample<f32>,
    f32: FromSample<T>,
{
    let (writer, mut reader) = frame_ring(STEREO, RING_SECS);
    let status = CaptureStatus::new();
    let pick = ChannelPick::Pair { left: 2, right: 0 };
    let mut callback = CaptureCallback::new(writer, status.clone(), pick, 4, 48_000);
    let frame = [0.25, -0.9, -0.5, 0.9].map(|value: f32| T::from_sample(value));
    let block: Vec<T> = frame.iter().copied().cycle().take(4 * BLOCK).collect();

    assert_no_alloc(|| {
        for number in 0..4 {
            if number == 2 {
                status.note_error(&cpal::Error::new(cpal::ErrorKind::Xrun));
            }
            callback.on_samples(&block, StreamInstant::from_millis(10 * number));
        }
    });

    let mut out = Vec::new();
    assert_eq!(reader.read(&mut out), ReadEvent::Frames(1200));
    for heard in out.chunks(2) {
        assert!((heard[0] + 0.5).abs() <= tolerance, "left is {}", heard[0]);
        assert!(
            (heard[1] - 0.25).abs() <= tolerance,
            "right is {}",
            heard[1]
        );
    }
    assert_eq!(reader.lost_frames(), 4 * BLOCK as u64 - 1200);
    assert_eq!(status.frames(), 4 * BLOCK as u64);
}

#[test]
fn no_sample_format_allocates() {
    check::<f32>(0.0);
    check::<f64>(0.0);
    check::<i8>(1.0 / 128.0);
    check::<i16>(1e-4);
    check::<I24>(1e-6);
    check::<i32>(1e-7);
    check::<i64>(1e-7);
    check::<u8>(1.0 / 128.0);
    check::<u16>(1e-4);
    check::<U24>(1e-6);
    check::<u32>(1e-7);
    check::<u64>(1e-7);
}

#[test]
fn bytes_from_a_sound_server_do_not_allocate() {
    let (writer, mut reader) = frame_ring(STEREO, RING_SECS);
    let pick = ChannelPick::Pair { left: 0, right: 1 };
    let mut callback = CaptureCallback::new(writer, CaptureStatus::new(), pick, 2, 48_000);
    let bytes: Vec<u8> = [0.25f32, -0.5]
        .iter()
        .cycle()
        .take(2 * BLOCK)
        .flat_map(|sample| sample.to_le_bytes())
        .collect();
    assert_no_alloc(|| callback.on_f32_bytes(&bytes));
    let mut out = Vec::new();
    assert_eq!(reader.read(&mut out), ReadEvent::Frames(BLOCK));
    assert!(out.chunks(2).all(|frame| frame == [0.25, -0.5]));
}

#[test]
fn frames_that_an_overrun_swallowed_are_counted_where_they_are_missing() {
    let (writer, mut reader) = frame_ring(STEREO, 1.0);
    let status = CaptureStatus::new();
    let pick = ChannelPick::Pair { left: 0, right: 1 };
    let mut callback = CaptureCallback::new(writer, status.clone(), pick, 2, 48_000);
    let block = vec![0.1f32; 2 * BLOCK];
    callback.on_samples(&block, StreamInstant::from_millis(0));
    status.note_error(&cpal::Error::new(cpal::ErrorKind::Xrun));
    callback.on_samples(&block, StreamInstant::from_millis(40));
    let mut out = Vec::new();
    assert_eq!(reader.read(&mut out), ReadEvent::Frames(BLOCK));
    assert_eq!(reader.read(&mut out), ReadEvent::Gap { frames: 1440 });
    assert_eq!(reader.read(&mut out), ReadEvent::Frames(BLOCK));
    assert_eq!(status.overruns(), 1);
}
