//! Masking held against what is published of it: a tone in noise, and one tone beside another.

use abscope::analysis::analyzer::Analyzer;
use abscope::analysis::band_range::BAND_TIER;
use abscope::analysis::excitation::Excitation;
use abscope::audio::frames::{ChannelLayout, StreamFormat};
use abscope::compare::masking::over_threshold_db;
use abscope::dsp::excitation::NUM_FILTERS;
use abscope::dsp::signals::Random;
use abscope::units::db::db_from_power;

const RATE_HZ: u32 = 48_000;
const SECS: usize = 8;

/// What the filters let through of a sound in the mean, the same in both channels.
fn heard(mut sample: impl FnMut(f64) -> f64) -> Excitation {
    let format = StreamFormat {
        sample_rate_hz: RATE_HZ,
        layout: ChannelLayout::Stereo,
    };
    let frames = SECS * RATE_HZ as usize;
    let sound: Vec<f32> = (0..frames)
        .flat_map(|n| [sample(n as f64 / f64::from(RATE_HZ)) as f32; 2])
        .collect();
    let mut columns = vec![];
    Analyzer::new(format).process(&sound, &mut columns);
    let of_tier = columns.iter().filter(|column| column.tier == BAND_TIER);
    // The first ones begin before the sound does.
    let moments: Vec<Excitation> = of_tier
        .skip(4)
        .map(|column| Excitation::of(&column.column.bins))
        .collect();
    let sums = moments.iter().cloned().reduce(|sum, moment| Excitation {
        powers: std::array::from_fn(|n| sum.powers[n] + moment.powers[n]),
        sounds: std::array::from_fn(|n| sum.sounds[n] + moment.sounds[n]),
    });
    let sums = sums.expect("it is seconds long");
    let mean = |of: [f32; NUM_FILTERS]| of.map(|sum| sum / moments.len() as f32);
    Excitation {
        powers: mean(sums.powers),
        sounds: mean(sums.sounds),
    }
}

fn tone(hz: f64, peak_dbfs: f64) -> Excitation {
    let amplitude = 10f64.powf(peak_dbfs / 20.0);
    heard(|secs| amplitude * (std::f64::consts::TAU * hz * secs).sin())
}

/// By how many dB a masker stands over the threshold of a track in the filter in which that is heard best, of those in
/// which it sounds.
fn masked_db(track: &Excitation, masker: &Excitation) -> f64 {
    let filters = (0..NUM_FILTERS).filter(|n| track.sounds_in(*n));
    let over = filters.filter_map(|n| over_threshold_db(track.powers[n], masker.powers[n]));
    over.fold(f64::INFINITY, f64::min)
}

#[test]
fn a_tone_is_lost_in_noise_at_the_critical_ratio() {
    let mut random = Random::new(11);
    let amplitude = 0.2;
    let noise = heard(|_| amplitude * random.bipolar());
    // Relative to a full-scale sine, whose mean square is a half, in each Hz up to half the rate.
    let density_db = db_from_power(amplitude * amplitude / 3.0 / 0.5 / f64::from(RATE_HZ / 2));
    // Fletcher (1940), Hawkins & Stevens (1950): level of the tone above the noise in one Hz.
    for (hz, published_db) in [
        (500.0, 17.0),
        (1000.0, 18.0),
        (2000.0, 20.0),
        (4000.0, 23.0),
    ] {
        let level_db = -40.0;
        let lost_db = level_db + masked_db(&tone(hz, level_db), &noise);
        let ratio_db = lost_db - density_db;
        assert!(
            (ratio_db - published_db).abs() < 2.0,
            "{hz} Hz: {ratio_db:.1} dB, published {published_db}"
        );
    }
}

#[test]
fn a_tone_is_lost_beside_itself_3_db_up_and_low_tones_mask_high_ones_more_than_the_other_way() {
    let [low, high] = [1000.0, 1500.0];
    let loud = [low, high].map(|hz| tone(hz, -20.0));
    let same = masked_db(&tone(low, -26.0), &loud[0]);
    assert!((same - 3.0).abs() < 0.1, "{same}");
    let upwards = masked_db(&tone(high, -20.0), &loud[0]);
    let downwards = masked_db(&tone(low, -20.0), &loud[1]);
    assert!(upwards > downwards + 5.0, "{upwards} and {downwards}");
    assert!(
        upwards < -15.0,
        "half an octave apart both are heard: {upwards}"
    );
}
