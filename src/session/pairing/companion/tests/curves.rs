//! The curves of a record that is the mix.

use super::*;
use crate::analysis::spectral::Purpose;

/// Strokes of noise of 8 ms, some of them a second apart and some less, as hats are: columns between them are empty.
fn hats(secs: usize) -> Vec<[f32; 2]> {
    let mut random = Random::new(11);
    let mut frames = song();
    frames.truncate(secs * RATE);
    let mut at = 0;
    while at < frames.len() {
        let stroke = RATE / 125;
        for frame in frames.iter_mut().skip(at).take(stroke) {
            *frame = frame.map(|sample| 0.3 * sample + 0.2 * random.bipolar() as f32);
        }
        at += stroke + (random.unit() * 0.9 * RATE as f64) as usize;
    }
    frames
}

#[test]
fn the_curves_of_the_same_music_are_the_same_wherever_it_lies_and_whenever_it_was_found() {
    let song = hats(60);
    for from_frame in [0, 7 * RATE + 1, 13 * RATE + 4_321] {
        let mix = &song[from_frame..from_frame + 41 * RATE];
        let mut beside = Beside::new(&reference(2, song.as_flattened()));
        // It is taken up late, at no moment in particular.
        let (before, since) = mix.split_at(31 * RATE + 1_234);
        before
            .chunks(BLOCK)
            .for_each(|block| beside.tap.push(block));
        beside.hear(since);
        let mut alone = Analyzer::with_purpose(beside_format(), Purpose::Live);
        let mut columns = vec![];
        for block in mix.as_flattened().chunks(2 * BLOCK) {
            alone.process(block, &mut columns);
            columns.clear();
        }
        let mut meters = Meters::silent(beside_format());
        alone.write_meters(&mut meters);
        let record = mean_db(&mut beside);
        let pairs = meters.curves.mean_db.iter().zip(&record);
        let sounding = pairs.filter(|(mix, _)| **mix > -70.0);
        let apart: Vec<f32> = sounding.map(|(mix, record)| (mix - record).abs()).collect();
        let most = apart.iter().copied().fold(0.0, f32::max);
        assert!(
            apart.len() > 600 && most < 0.2,
            "from {from_frame}: {most} dB"
        );
    }
}

fn beside_format() -> StreamFormat {
    StreamFormat {
        sample_rate_hz: SAMPLE_RATE_HZ,
        layout: ChannelLayout::Stereo,
    }
}
