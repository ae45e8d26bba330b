//! The meters make their buffers in `new`: hearing audio allocates nothing, whatever the block size.

use crate::support::signals::in_odd_blocks;
use abscope::analysis::metering::Metering;
use abscope::analysis::spectral::Purpose;
use abscope::audio::frames::{ChannelLayout, StreamFormat};
use abscope::dsp::ballistics::{MeterKind, Needle};
use abscope::dsp::levels::LevelMeter;
use abscope::dsp::loudness::{LoudnessMeter, channel_weights};
use abscope::dsp::signals::Signal;
use abscope::dsp::stereo::{DEFAULT_WINDOW_SECS, StereoMeter};
use abscope::dsp::true_peak::TruePeakMeter;
use assert_no_alloc::assert_no_alloc;

#[test]
fn hearing_reading_and_skipping_allocate_nothing() {
    for channels in [1, 2, 6] {
        let signal = Signal::new(44_100, channels).noise(1.2, 8.0, 4);
        let mut loudness = LoudnessMeter::new(44_100, &channel_weights(channels));
        let mut true_peak = TruePeakMeter::new(44_100, channels);
        let mut stereo = StereoMeter::new(44_100, channels, DEFAULT_WINDOW_SECS);
        let mut levels = LevelMeter::new(channels);
        let mut needle = Needle::new(MeterKind::PpmII, 44_100);
        in_odd_blocks(&signal, |frames| {
            assert_no_alloc(|| {
                loudness.process(frames);
                true_peak.process(frames);
                stereo.process(frames);
                levels.process(frames);
                needle.process(frames.chunks_exact(channels).map(|frame| frame[0]));
                std::hint::black_box((
                    loudness.reading(),
                    true_peak.peak(),
                    stereo.reading(),
                    levels.levels(),
                ));
            });
        });
        assert_no_alloc(|| {
            loudness.skip(44_100);
            true_peak.skip(44_100);
            stereo.skip(44_100);
            loudness.reset();
            true_peak.reset();
            stereo.reset();
            levels.reset();
            loudness.undo_reset();
            true_peak.undo_reset();
            stereo.undo_reset();
            levels.undo_reset();
        });
        assert_eq!(loudness.history().len(), 90);
    }
}

#[test]
fn all_meters_of_a_stream_together_allocate_nothing() {
    let format = StreamFormat {
        sample_rate_hz: 44_100,
        layout: ChannelLayout::Stereo,
    };
    let signal = Signal::new(44_100, 2).noise(0.5, 8.0, 4);
    let mut metering = Metering::new(format, Purpose::Live);
    in_odd_blocks(&signal, |frames| {
        let stereo = frames.as_chunks::<2>().0;
        assert_no_alloc(|| metering.process(frames, stereo));
    });
    assert_no_alloc(|| {
        metering.gap(44_100);
        metering.reset_measurement();
        metering.undo_reset();
    });
    assert_eq!(metering.loudness_points().len(), 90);
    assert!(metering.loudness_points()[70].punch.attack_db[4] > 0.0);
}
