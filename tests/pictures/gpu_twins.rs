//! What the shaders compute, read back from pixels and held against the same formulas in Rust.

use std::sync::Arc;

use crate::support::parts;
use abscope::analysis::band_range::{BandRange, NUM_BANDS};
use abscope::analysis::column::{RATIO_STEP_DB, pack_bin};
use abscope::analysis::excitation::Excitation;
use abscope::app::headless::Headless;
use abscope::app::render_command::still_scene;
use abscope::audio::demo::{self, DemoSong, DemoVersion};
use abscope::audio::frames::{ChannelLayout, StreamFormat};
use abscope::compare::alignment::AlignmentResult;
use abscope::compare::masking;
use abscope::compare::tracker::Tracking;
use abscope::dsp::grid::{BINS_PER_OCTAVE, NUM_BINS, bin_from_hz};
use abscope::render::gpu::Gpu;
use abscope::render::offscreen::{FORMAT, Offscreen};
use abscope::render::renderer::{Renderer, begin_frame};
use abscope::render::scope::ScopeFeed;
use abscope::session::Session;
use abscope::session::references::Reference;
use abscope::session::sides::still::StillSide;
use abscope::units::db::{db_from_power, power_from_db};
use abscope::view::axis::FrequencyAxis;
use abscope::view::build::{Moment, PictureRequest, scene};
use abscope::view::colormap::{LevelMap, TABLE_LEN, difference_table};
use abscope::view::layout::CompareMode;
use abscope::view::looks::DifferenceOf;
use abscope::view::outside::{OutsideScene, powers_between};
use abscope::view::palette::Side;
use abscope::view::rect::Rect;
use abscope::view::scene::{Channel, Looks, Scene, SideClock};

const SIZE: [u32; 2] = [1000, 600];
/// First column of the histories; what follows crosses the end of their rings of 4096.
const FIRST_COLUMN: u64 = 3_800;
const NUM_COLUMNS: usize = 900;
/// Display column that ends at the right edge.
const RIGHT_EDGE: i64 = 4_600;
/// Lowest bin of the pictures.
const LOW_BIN: usize = 300;

/// A part of the demo's reference whose turns are no whole number of columns: 0.3 of one is left.
const REGION_SECS: f64 = 61.011;

type Columns = Vec<[u32; NUM_BINS]>;

/// A scene in which a pixel is exactly one column wide and one bin high, its centre on theirs.
fn one_to_one(looks: &Looks) -> Scene {
    let plot = |scene: &Scene| scene.layout.panes[0].plot;
    let request = |span: &Looks, right_edge_secs, frequency| {
        let request = PictureRequest {
            size: SIZE,
            right_edge_secs,
            frequency,
            ..PictureRequest::default()
        };
        let session = Session::default();
        let moment = Moment::now(&session);
        scene(&session, moment, span, request)
    };
    let measured = plot(&request(looks, 0.0, FrequencyAxis::default()));
    let hop_secs = SideClock::default().hop_secs;
    let looks = Looks {
        span_secs: f64::from(measured.w) * hop_secs,
        ..looks.clone()
    };
    let low_bin = LOW_BIN as f64 - 0.5;
    let frequency = FrequencyAxis {
        low_bin,
        high_bin: low_bin + f64::from(measured.h),
    };
    let mut scene = request(&looks, RIGHT_EDGE as f64 * hop_secs, frequency);
    for side in &mut scene.sides {
        // A display column's centre lies half a hop after its left edge; this puts the next column there.
        side.clock.offset_secs = 0.5 * hop_secs;
    }
    scene
}

/// The pixel of a column and a bin in such a scene.
fn pixel_of(plot: Rect, column: u64, bin: usize) -> [usize; 2] {
    let display = column as i64 - 1;
    let x = plot.x as i64 + plot.w as i64 - (RIGHT_EDGE - display);
    let y = plot.bottom() as usize - 1 - (bin - LOW_BIN);
    [x as usize, y]
}

/// Draws a scene with given columns of both sides.
fn draw(gpu: &Gpu, scene: &Scene, columns: [&Columns; 2]) -> Vec<u8> {
    let mut renderer = Renderer::new(gpu, FORMAT);
    for (history, columns) in renderer.histories.iter_mut().zip(columns) {
        history.write(&gpu.queue, 0, FIRST_COLUMN, columns.iter());
    }
    let target = Offscreen::new(gpu, SIZE).expect("a small picture");
    let mut encoder = gpu
        .device
        .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let silent = || ScopeFeed {
        frames: &[],
        sample_rate_hz: 48_000,
        skipped_frames: 0,
        restart: true,
    };
    renderer.prepare(gpu, &mut encoder, scene, [silent(), silent()]);
    {
        let view = target.view();
        let mut pass = begin_frame(&mut encoder, &view, scene);
        renderer.draw(&mut pass);
    }
    gpu.queue.submit([encoder.finish()]);
    target.read(gpu).expect("the picture comes back")
}

fn at(picture: &[u8], [x, y]: [usize; 2]) -> [u8; 3] {
    let at = 4 * (y * SIZE[0] as usize + x);
    [picture[at], picture[at + 1], picture[at + 2]]
}

fn assert_color(what: &str, got: [u8; 3], expected: [u8; 4]) {
    for channel in 0..3 {
        assert!(
            got[channel].abs_diff(expected[channel]) <= 1,
            "{what}: {got:?}, expected {expected:?}"
        );
    }
}

fn gpu() -> Gpu {
    Gpu::headless().expect("a GPU; Debian: mesa-vulkan-drivers draws in software")
}

fn silence() -> Columns {
    vec![[0; NUM_BINS]; NUM_COLUMNS]
}

fn uniform(level_db: f32) -> Columns {
    vec![[pack_bin(level_db, 0.0, -48.0); NUM_BINS]; NUM_COLUMNS]
}

/// Position in the colour table, 0 … 255, of a level at a bin.
fn table_position(looks: &Looks, bin: usize, level_db: f64) -> f64 {
    let octaves = (bin as f64 - bin_from_hz(1000.0)) / BINS_PER_OCTAVE;
    let shown_db = level_db + f64::from(looks.tilt_db_per_octave) * octaves;
    let low_db = f64::from(looks.top_db - looks.range_db);
    (shown_db - low_db) / f64::from(looks.range_db) * (TABLE_LEN - 1) as f64
}

#[test]
fn one_bin_of_one_column_is_one_pixel_in_its_row_column_and_colour() {
    let gpu = gpu();
    for (mode, side) in [(CompareMode::MixOnly, 0), (CompareMode::ReferenceOnly, 1)] {
        let looks = Looks {
            mode,
            ..Looks::default()
        };
        let scene = one_to_one(&looks);
        let plot = scene.layout.panes[0].plot;
        let table = looks
            .level_map
            .table(scene.palette.panel, scene.palette.mix);
        let mut columns = silence();
        let mut points = vec![];
        // Both sides of the end of the ring, low and high, dark and bright.
        for (column, bin, position) in [
            (4_090, 333, 100),
            (4_095, 340, 200),
            (4_096, 400, 180),
            (4_097, 411, 150),
            (4_300, 575, 255),
            (4_321, 601, 128),
            (4_555, 622, 90),
        ] {
            // The level that lies amid an entry of the table, so that no rounding moves it to the next.
            let per_step = table_position(&looks, bin, 1.0) - table_position(&looks, bin, 0.0);
            let level = (f64::from(position) - table_position(&looks, bin, 0.0)) / per_step;
            columns[(column - FIRST_COLUMN) as usize][bin] = pack_bin(level as f32, 0.0, 0.0);
            points.push((pixel_of(plot, column, bin), table[position as usize].0));
        }
        let none = silence();
        let sides = if side == 0 {
            [&columns, &none]
        } else {
            [&none, &columns]
        };
        let picture = draw(&gpu, &scene, sides);
        for (pixel, color) in &points {
            assert_color(&format!("{mode:?} {pixel:?}"), at(&picture, *pixel), *color);
        }
        // Grid lines are faint; all else that stands out from the panel is one of the points.
        let panel = scene.palette.panel.0;
        let stands_out = |pixel: [u8; 3]| (0..3).any(|c| pixel[c].abs_diff(panel[c]) > 40);
        let count = (plot.y as usize..plot.bottom() as usize)
            .flat_map(|y| (plot.x as usize..plot.right() as usize).map(move |x| [x, y]))
            .filter(|pixel| stands_out(at(&picture, *pixel)))
            .count();
        assert_eq!(count, points.len(), "{mode:?}");
    }
}

#[test]
fn left_right_mid_and_side_follow_from_a_bin_as_their_formulas_say() {
    const LEVEL_DB: f32 = -30.0;
    let gpu = gpu();
    let codes = [0u8, 40, 96, 118, 128, 129, 160, 255];
    let ratio_db = |code: u8| (f32::from(code) - 128.0) * RATIO_STEP_DB;
    let mut columns = silence();
    for column in &mut columns {
        for (bin, packed) in column.iter_mut().enumerate() {
            let [left_to_right, side_to_mid] = codes_of(bin, &codes).map(ratio_db);
            *packed = pack_bin(LEVEL_DB, left_to_right, side_to_mid);
        }
    }
    for channel in [
        Channel::Both,
        Channel::Left,
        Channel::Right,
        Channel::Mid,
        Channel::SideSignal,
    ] {
        let looks = Looks {
            mode: CompareMode::MixOnly,
            level_map: LevelMap::Grey,
            tilt_db_per_octave: 0.0,
            top_db: -20.0,
            range_db: 30.0,
            channel,
            ..Looks::default()
        };
        let scene = one_to_one(&looks);
        let plot = scene.layout.panes[0].plot;
        let picture = draw(&gpu, &scene, [&columns, &silence()]);
        let mut checked = 0;
        for bin in LOW_BIN + 10..LOW_BIN + plot.h as usize - 10 {
            let [left_to_right, side_to_mid] = codes_of(bin, &codes).map(ratio_db);
            let expected_db = channel_db(channel, LEVEL_DB, left_to_right, side_to_mid);
            let entry = table_position(&looks, bin, expected_db).clamp(0.0, 255.0);
            // Two columns, for a grid line may lie on one; one on the row itself shows on both and is passed by.
            let [a, b] = [4_400, 4_403].map(|column| at(&picture, pixel_of(plot, column, bin))[0]);
            let off = (f64::from(a) - entry)
                .abs()
                .min((f64::from(b) - entry).abs());
            // Half an entry of rounding, and what 16-bit floats leave out.
            if off <= 0.5 + 0.3 {
                checked += 1;
            } else {
                let y = pixel_of(plot, 4_400, bin)[1];
                assert!(
                    is_grid_row(&scene, y),
                    "{channel:?} bin {bin}: {a}, expected {entry:.2}"
                );
            }
        }
        assert!(checked > 150, "{channel:?}: only {checked} bins");
    }
}

/// Every pair of ratio codes in turn over the bins.
fn codes_of(bin: usize, codes: &[u8]) -> [u8; 2] {
    let n = codes.len();
    [codes[bin % n], codes[bin / n % n]]
}

/// The level of a channel from the mean power of left and right and two power ratios.
fn channel_db(channel: Channel, level_db: f32, left_to_right_db: f32, side_to_mid_db: f32) -> f64 {
    let mean = power_from_db(f64::from(level_db));
    let left_to_right = power_from_db(f64::from(left_to_right_db));
    let side_to_mid = power_from_db(f64::from(side_to_mid_db));
    // L² + R² is twice the mean; M² + S², of halves of sum and difference, is the mean.
    db_from_power(match channel {
        Channel::Both => mean,
        Channel::Left => 2.0 * mean * left_to_right / (1.0 + left_to_right),
        Channel::Right => 2.0 * mean / (1.0 + left_to_right),
        Channel::Mid => mean / (1.0 + side_to_mid),
        Channel::SideSignal => mean * side_to_mid / (1.0 + side_to_mid),
    })
}

fn is_grid_row(scene: &Scene, y: usize) -> bool {
    let plot = scene.layout.panes[0].plot;
    let min_gap = scene.layout.text.label * 1.5 / plot.h;
    abscope::view::axis::frequency_ticks(&scene.frequency, min_gap)
        .iter()
        .any(|tick| (plot.bottom() - tick.fraction * plot.h).round() as usize == y)
}

fn is_grid_column(scene: &Scene, x: usize) -> bool {
    let plot = scene.layout.panes[0].plot;
    let ticks = scene.time_ticks(scene.layout.text.label * 6.0 / plot.w);
    ticks
        .iter()
        .any(|tick| (plot.x + tick.fraction * plot.w).round() as usize == x)
}

#[test]
fn the_difference_is_mix_minus_matched_reference_in_the_diverging_table() {
    let gpu = gpu();
    for (mix_db, reference_db, match_db) in [
        (-30.0, -36.0, 0.0),
        (-36.0, -30.0, 0.0),
        (-30.0, -30.0, 0.0),
        (-30.0, -33.0, 3.0),
        (-30.0, -30.0, -6.0),
        (-20.0, -60.0, 0.0),
    ] {
        let looks = Looks {
            mode: CompareMode::Difference,
            tilt_db_per_octave: 0.0,
            ..Looks::default()
        };
        let mut scene = one_to_one(&looks);
        scene.match_gain_db = Some(match_db);
        let plot = scene.layout.panes[0].plot;
        let (mix, reference) = (uniform(mix_db), uniform(reference_db));
        let picture = draw(&gpu, &scene, [&mix, &reference]);
        let difference_db = f64::from(mix_db) - (f64::from(reference_db) + match_db);
        let range_db = f64::from(looks.difference_range_db);
        let entry = (0.5 + 0.5 * difference_db / range_db).clamp(0.0, 1.0) * 255.0;
        let table = difference_table(&scene.palette);
        let pixel = at(&picture, pixel_of(plot, 4_403, 444));
        // A level is rounded to a code and a half float, so the entry beside is right as well.
        let near = [entry.floor() as usize, (entry.ceil() as usize).min(255)];
        let fits = near.iter().any(|i| {
            let color = table[*i].0;
            (0..3).all(|c| color[c].abs_diff(pixel[c]) <= 1)
        });
        assert!(
            fits,
            "{mix_db} − {reference_db}: {pixel:?}, entry {entry:.2}"
        );
    }
}

/// The pane "outside the record" beside what the crosshair reads there.
#[test]
fn outside_the_record_is_drawn_as_the_crosshair_reads_it() {
    let gpu = gpu();
    let looks = Looks {
        mode: CompareMode::Difference,
        tilt_db_per_octave: 0.0,
        // All of it is heard.
        top_db: 10.0,
        range_db: 150.0,
        ..Looks::default()
    };
    let mut scene = one_to_one(&looks);
    scene.match_gain_db = Some(2.0);
    let range = |higher_db: f32| {
        let edges = move |n: usize| {
            [-70.0, -50.0 + 0.05 * n as f32].map(|db| higher_db + db + 0.05 * n as f32)
        };
        let kind = |edge: usize| (0..NUM_BANDS).map(move |n| edges(n)[edge]);
        let none = || std::iter::repeat_n(-40.0, NUM_BANDS);
        let levels = kind(0).chain(none()).chain(none()).chain(kind(1));
        Arc::new(BandRange(levels.collect()))
    };
    let hop_secs = scene.side(Side::Mix).clock.hop_secs;
    let secs = |column: u64| (column as f64 - 0.5) * hop_secs;
    // The mix goes through three sections, each beside another one of the record.
    let sections = [(4_150, 4.0), (4_300, -3.0), (4_450, 9.0)];
    let outside = OutsideScene {
        range: range(0.0),
        sections: sections
            .map(|(column, db)| (secs(column), range(db)))
            .to_vec(),
        of: String::new(),
    };
    scene.layout.show_outside();
    scene.outside = Some(outside.clone());
    // Louder and quieter in time, with hills over frequency: above, within and below. Now and then it pauses, which
    // lies below nothing.
    let pauses = |n: usize| n % 120 < 20;
    let columns: Columns = (0..NUM_COLUMNS)
        .map(|n| {
            let pause_db = if pauses(n) { 50.0 } else { 0.0 };
            let swell = 30.0 * (n as f32 / 40.0).sin() - pause_db;
            std::array::from_fn(|bin| {
                pack_bin(swell - 66.0 + 8.0 * (bin as f32 / 60.0).sin(), 0.0, 0.0)
            })
        })
        .collect();
    let picture = draw(&gpu, &scene, [&columns, &silence()]);
    let plot = scene.layout.panes[0].plot;
    let table = difference_table(&scene.palette);
    let mut seen = [0; 4];
    // What is drawn at a place is what is read there: `Ok` with how far outside that is.
    let check = |column: u64, bin: usize| {
        let bins = &columns[(column - FIRST_COLUMN) as usize];
        let powers = powers_between([bins, bins], 0.0);
        let off = outside
            .excess_db(&powers, [bin as f64, secs(column)], 2.0)
            .expect("both have something");
        let far = (off.abs() / f64::from(looks.difference_range_db)).min(1.0);
        let outline = ((off.abs() - 0.2) / 0.6).clamp(0.0, 1.0);
        let outline = outline * outline * (3.0 - 2.0 * outline);
        let entry = 127.5 + 127.5 * off.signum() * (0.2 * outline + 0.8 * far);
        let entry = if off == 0.0 { 127.5 } else { entry };
        let pixel = at(&picture, pixel_of(plot, column, bin));
        // Powers are 32-bit floats and a sum of many: some entries beside are right as well.
        let near = (entry - 2.0).max(0.0) as usize..=(entry.ceil() as usize + 2).min(255);
        let fits = near.clone().any(|i| {
            let color = table[i].0;
            (0..3).all(|c| color[c].abs_diff(pixel[c]) <= 1)
        });
        match fits {
            true => Ok(off),
            false => Err(format!(
                "column {column}, bin {bin}: {pixel:?}, expected entry {entry:.1} for {off:+.2} dB"
            )),
        }
    };
    for column in (4_010..4_580).step_by(7) {
        for bin in (LOW_BIN + 20..LOW_BIN + plot.h as usize - 20).step_by(11) {
            if is_grid_row(&scene, pixel_of(plot, column, bin)[1]) {
                continue;
            }
            // Two columns, for a grid line of time may lie on one.
            let off = check(column, bin)
                .or_else(|_| check(column + 3, bin))
                .unwrap_or_else(|why| panic!("{why}"));
            let pauses = pauses((column - FIRST_COLUMN) as usize);
            seen[if pauses && off == 0.0 {
                3
            } else if off > 0.0 {
                2
            } else {
                usize::from(off == 0.0)
            }] += 1;
        }
    }
    assert!(
        seen.iter().all(|count| *count > 100),
        "below, within, above, pauses: {seen:?}"
    );
}

/// The pane of masking beside what is measured there.
#[test]
fn masking_is_drawn_as_it_is_measured() {
    let gpu = gpu();
    let looks = Looks {
        mode: CompareMode::Difference,
        difference_of: DifferenceOf::Masking,
        masking_range_db: 2.0,
        tilt_db_per_octave: 0.0,
        top_db: 10.0,
        range_db: 100.0,
        ..Looks::default()
    };
    let scene = one_to_one(&looks);
    assert!(scene.layout.shows_masking());
    // Two sounds that take turns, with hills over frequency that wander against each other; now and then the mix is
    // quiet.
    let sound = |slow: f32, hill: f32| -> Columns {
        let column = |n: usize| {
            let swell = 14.0 * (n as f32 / slow).sin();
            let quiet = if n % 90 < 15 { 80.0 } else { 0.0 };
            let level = |bin: usize| swell - 30.0 - quiet + 9.0 * (bin as f32 / hill).sin();
            std::array::from_fn(|bin| pack_bin(level(bin), 0.0, 0.0))
        };
        (0..NUM_COLUMNS).map(column).collect()
    };
    let (mix, mut reference) = (sound(37.0, 70.0), sound(23.0, 45.0));
    // Behind its end the reference has no columns, and what lies beside nothing is neither masked nor heard.
    let over = (4_500 - FIRST_COLUMN) as usize;
    reference[over..].fill([0; NUM_BINS]);
    let picture = draw(&gpu, &scene, [&mix, &reference]);
    let plot = scene.layout.panes[0].plot;
    let palette = &scene.palette;
    let [panel, blue, orange] = [palette.panel, palette.mix, palette.reference].map(|c| c.to_f32());
    let smooth = |x: f64| x * x * (3.0 - 2.0 * x);
    let mut seen = [0; 3];
    let first = RIGHT_EDGE as u64 + 2 - plot.w as u64;
    for column in (first..4_580).step_by(7) {
        let at_column = (column - FIRST_COLUMN) as usize;
        if at_column >= over {
            let pixel = pixel_of(plot, column, LOW_BIN + 101);
            if !is_grid_row(&scene, pixel[1]) && !is_grid_column(&scene, pixel[0]) {
                let nothing = [0, 1, 2].map(|c| (panel[c] * 255.0).round() as u8);
                let nothing = [nothing[0], nothing[1], nothing[2], 255];
                assert_color(&format!("column {column}"), at(&picture, pixel), nothing);
            }
            continue;
        }
        let [track, other] = [&mix, &reference].map(|of| Excitation::of(&of[at_column]));
        for bin in (LOW_BIN + 20..LOW_BIN + plot.h as usize - 20).step_by(11) {
            let pixel = pixel_of(plot, column, bin);
            if is_grid_row(&scene, pixel[1]) || is_grid_column(&scene, pixel[0]) {
                continue;
            }
            let (power, sounds) = track.at_bin(bin as f64);
            let powers = [power, other.at_bin(bin as f64).0];
            let over_db = masking::over_threshold_db(powers[0], powers[1]).expect("both sound");
            let heard = smooth(((-over_db - 2.0) / 6.0).clamp(0.0, 1.0)) as f32;
            let level = (db_from_power(f64::from(powers[0])) as f32 - looks.top_db) / 100.0 + 1.0;
            let there = smooth(((f64::from(sounds) - 0.2) / 0.6).clamp(0.0, 1.0)) as f32;
            let light = there * (0.3 + 0.7 * level.clamp(0.0, 1.0));
            let mixed = |c: usize| {
                let hue = orange[c] + (blue[c] - orange[c]) * heard;
                ((panel[c] + (hue - panel[c]) * light) * 255.0).round() as u8
            };
            let what = format!("column {column}, bin {bin}, {over_db:+.2} dB");
            assert_color(
                &what,
                at(&picture, pixel),
                [mixed(0), mixed(1), mixed(2), 255],
            );
            seen[if there < 0.1 {
                0
            } else {
                1 + usize::from(heard > 0.5)
            }] += 1;
        }
    }
    assert!(
        seen.iter().all(|count| *count > 100),
        "quiet, masked, heard: {seen:?}"
    );
}

/// The demo's reference on both sides, the mix beginning some columns into it and laid where it belongs: as one
/// that repeats, or as the same song.
fn the_same_song(skipped_columns: f64) -> Session {
    const SECS: usize = 13;
    let rate = demo::SAMPLE_RATE_HZ as usize;
    let mut samples = vec![0.0; 2 * SECS * rate];
    DemoSong::new(DemoVersion::Reference).read(&mut samples);
    let mut mix = StillSide::new(
        "the same".to_owned(),
        StreamFormat {
            sample_rate_hz: demo::SAMPLE_RATE_HZ,
            layout: ChannelLayout::Stereo,
        },
    );
    let hop_secs = mix.history.hop_secs();
    let skipped_frames = (hop_secs * rate as f64 * skipped_columns).round() as usize;
    mix.feed(&samples[2 * skipped_frames..]);
    mix.settle();
    let mut session = Session::default();
    session.pair.mix = mix.into();
    let mut reference = Reference::demo();
    reference.wait();
    session
        .pair
        .references
        .add(reference)
        .expect("there is room");
    session.pair.references.set_region(Some([0.0, REGION_SECS]));
    let offset_secs = skipped_frames as f64 / rate as f64;
    session.pair.beside.offset_secs = offset_secs;
    let found = AlignmentResult::at(offset_secs, 1.0);
    session.pair.beside.tracking = Some(Tracking::Locked(found));
    session
}

#[test]
fn the_same_song_on_both_sides_shows_no_difference_even_at_its_drum_hits() {
    if parts::left_to_the_whole_run(
        "the_same_song_on_both_sides_shows_no_difference_even_at_its_drum_hits",
    ) {
        return;
    }
    // Where the mix begins, in columns: hits are cut into columns at another moment than in the record's own.
    for (smoothing, skipped_columns) in [
        (0, 0.0),
        (1, 64.0),
        (0, 37.0),
        (0, 37.5),
        (1, 64.25),
        (1, 9.62),
    ] {
        let mut headless =
            Headless::new().expect("a GPU; Debian: mesa-vulkan-drivers draws in software");
        let session = the_same_song(skipped_columns);
        let looks = Looks {
            mode: CompareMode::Difference,
            difference_smoothing: smoothing,
            loudness_match: false,
            span_secs: 8.0,
            ..Looks::default()
        };
        let scene = still_scene(&session, &looks, SIZE, "");
        assert!(scene.outside.is_none());
        assert_eq!(scene.wants_on_grid.is_some(), skipped_columns.fract() > 0.0);
        let silent = ScopeFeed::default();
        let picture = headless
            .picture(&session.pair.histories(), &scene, [silent, silent])
            .expect("the picture comes back");
        // Grid and words are grey; a difference is blue or orange. Neutral is what is below an eighth of a dB.
        let tint = |[red, _, blue]: [u8; 3]| i32::from(blue) - i32::from(red);
        let panel = scene.palette.panel.0;
        let neutral = tint([panel[0], panel[1], panel[2]]);
        // The names of the sides, in their colours, stand at the top.
        let plot = scene.layout.panes[0].plot.columns(0.1, 0.9).rows(0.15, 1.0);
        let worst = (plot.y as usize..plot.bottom() as usize)
            .flat_map(|y| (plot.x as usize..plot.right() as usize).map(move |x| [x, y]))
            .map(|pixel| ((tint(at(&picture, pixel)) - neutral).abs(), pixel))
            .max();
        let (most, pixel) = worst.expect("the pane has pixels");
        assert!(
            most <= 6,
            "smoothing {smoothing}, {skipped_columns} columns in: {most} at {pixel:?} of {plot:?}"
        );
    }
}

#[test]
fn a_pixel_over_several_columns_shows_the_loudest_of_them() {
    let gpu = gpu();
    let looks = Looks {
        mode: CompareMode::MixOnly,
        level_map: LevelMap::Grey,
        tilt_db_per_octave: 0.0,
        top_db: -20.0,
        range_db: 30.0,
        ..Looks::default()
    };
    let mut scene = one_to_one(&looks);
    let plot = scene.layout.panes[0].plot;
    // The same pane, with two and a half columns a pixel.
    scene.looks.span_secs *= 2.5;
    let mut columns = silence();
    // Clicks of one column each, at every phase against the pixels.
    let clicks: Vec<u64> = (0..20).map(|n| 4_200 + 17 * n).collect();
    for column in &clicks {
        columns[(*column - FIRST_COLUMN) as usize] = [pack_bin(-20.0, 0.0, 0.0); NUM_BINS];
    }
    let picture = draw(&gpu, &scene, [&columns, &silence()]);
    let y = (plot.y + plot.h / 2.0) as usize;
    let row: Vec<u8> = (plot.x as usize..plot.right() as usize)
        .map(|x| at(&picture, [x, y])[0])
        .collect();
    let bright = row
        .split(|level| *level < 128)
        .filter(|run| !run.is_empty());
    let brightest: Vec<u8> = bright
        .map(|run| run.iter().copied().max().expect("it is not empty"))
        .collect();
    assert_eq!(
        brightest.len(),
        clicks.len(),
        "every click is seen: {row:?}"
    );
    assert!(brightest.iter().all(|level| *level > 250), "{brightest:?}");
}
