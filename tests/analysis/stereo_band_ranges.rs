//! Ranges of width, read from columns, are those of the meters, which read the transforms themselves.

use crate::support::parts;
use abscope::analysis::analyzer::Analyzer;
use abscope::analysis::band_range::BAND_TIER;
use abscope::analysis::column::TierColumn;
use abscope::analysis::stereo_band_range::{StereoBandMeter, StereoBandRanges};
use abscope::audio::demo::{self, DemoVersion};
use abscope::audio::frames::{ChannelLayout, StreamFormat};

const FORMAT: StreamFormat = StreamFormat {
    sample_rate_hz: demo::SAMPLE_RATE_HZ,
    layout: ChannelLayout::Stereo,
};

fn ranges(columns: &[TierColumn]) -> StereoBandRanges {
    let mut meter = StereoBandMeter::default();
    let of_tier = columns.iter().filter(|column| column.tier == BAND_TIER);
    of_tier.for_each(|column| meter.add(&column.column.bins));
    meter.ranges()
}

#[test]
fn what_the_columns_of_a_song_give_is_what_its_meters_showed() {
    if parts::left_to_the_whole_run("what_the_columns_of_a_song_give_is_what_its_meters_showed") {
        return;
    }
    for version in [DemoVersion::Mix, DemoVersion::OtherSong] {
        let song = demo::render(version);
        let mut analyzer = Analyzer::new(FORMAT);
        let mut columns = vec![];
        let mut shown: [Vec<[f64; 2]>; 5] = Default::default();
        // A reading every tenth of a second, of what is no pause.
        for block in song.chunks_exact(2 * 4800) {
            analyzer.process(block, &mut columns);
            for (shown, band) in shown.iter_mut().zip(analyzer.meters().bands) {
                if let (Some(width), Some(correlation)) = (band.width_db(), band.correlation)
                    && band.level_dbfs > Some(-45.0)
                {
                    shown.push([width, correlation]);
                }
            }
        }
        for (band, (range, mut shown)) in ranges(&columns).into_iter().zip(shown).enumerate() {
            let mut hold = |read: Option<[f64; 3]>, figure: usize, within: f64| {
                shown.sort_by(|a, b| a[figure].total_cmp(&b[figure]));
                let at = |part: f64| shown[((shown.len() - 1) as f64 * part) as usize][figure];
                let expected = [0.1, 0.5, 0.9].map(at);
                let read = read.expect("the song is long enough");
                eprintln!("{version:?} {band} {figure}: {read:.2?} {expected:.2?}");
                let off = read.iter().zip(expected).map(|(a, b)| (a - b).abs());
                assert!(off.fold(0.0, f64::max) < within, "{version:?} band {band}");
            };
            hold(range.side_to_mid_db, 0, 1.0);
            hold(range.correlation, 1, 0.06);
        }
    }
}
