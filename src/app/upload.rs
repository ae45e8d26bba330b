//! Brings the columns a picture needs onto the GPU: only those that are not there yet, and those still in the making.

use std::ops::Range;
use std::time::{Duration, Instant};

use crate::analysis::column::NUM_TIERS;
use crate::dsp::grid::NUM_BINS;
use crate::render::gpu::Gpu;
use crate::render::history::{History, RING_COLUMNS};
use crate::session::pairing::Pair;
use crate::session::pairing::histories::{Histories, ReferenceColumns};
use crate::session::references::{PAGE_COLUMNS, ReferenceData, SharedReference};
use crate::session::sides::columns::MixColumns;
use crate::session::sides::region::Region;
use crate::view::palette::Side;
use crate::view::scene::{Scene, SideClock};
use crate::view::timeline::{MARGIN_COLUMNS, column_index, column_secs, nearest_column, tier_secs};

/// A record's columns are read so many seconds before they are shown.
const AHEAD_SECS: f64 = 4.0;
/// A picture that nobody waits for waits so long for a record's columns, looking this often.
const MOST_WAIT: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// What was uploaded of which reference.
#[derive(Debug, Default)]
pub struct UploadState {
    mix_generation: u64,
    /// Columns that had been placed, of the mix's song and of the reference's.
    placed: [u64; 2],
    generation: u64,
    region: Option<Region>,
}

/// Uploads both sides for a scene, into the histories of the GPU.
pub fn upload(
    state: &mut UploadState,
    gpu: &Gpu,
    histories: &mut [History; 2],
    columns: &Histories<'_>,
    scene: &Scene,
) {
    if scene.layout.panes.is_empty() {
        return;
    }
    let [mix_history, reference_history] = histories;
    let mix_generation = scene.side(Side::Mix).clock.generation;
    if state.mix_generation != mix_generation {
        mix_history.clear();
        state.mix_generation = mix_generation;
        state.placed[0] = columns.mix.map_or(0, MixColumns::num_placed);
    }
    if let Some(mix) = columns.mix {
        upload_placed(&mut state.placed[0], gpu, mix_history, mix);
        upload_live(gpu, mix_history, mix, scene, Side::Mix);
    }
    let heard = match &columns.reference {
        None => return,
        Some(ReferenceColumns::Record(_)) if scene.on_grid.is_some() => {
            upload_on_grid(state, gpu, reference_history, scene);
            return;
        }
        Some(ReferenceColumns::Record(record)) => {
            upload_reference(state, gpu, reference_history, record, scene);
            return;
        }
        Some(ReferenceColumns::Heard(heard)) => heard,
    };
    let clock = &scene.side(Side::Reference).clock;
    if state.generation != clock.generation {
        reference_history.clear();
        state.generation = clock.generation;
        state.region = None;
        state.placed[1] = heard.num_placed();
    }
    upload_placed(&mut state.placed[1], gpu, reference_history, heard);
    upload_live(gpu, reference_history, heard, scene, Side::Reference);
}

/// Holds the live columns of a picture that stands still, and as many on either side to move it by: the rings go on,
/// and would leave only coarser ones to it after some minutes.
pub fn hold(pair: &mut Pair, scene: &Scene) {
    let is_still = scene.frozen_behind_secs.is_some();
    let is_over_song = pair.mix.shown_song().is_some();
    // A song is written over, so all of it stands still.
    if let Some(song) = pair.mix.shown_song_mut() {
        song.hold(is_still);
    }
    let live = pair.references.input_mut();
    if let Some(song) = live.and_then(|live| live.heard.shown_song_mut()) {
        song.hold(is_still);
    }
    let mix = pair.mix.history_mut();
    let live = pair.references.input_mut();
    let reference = live.and_then(|live| live.heard.history_mut());
    for (side, heard) in Side::BOTH.into_iter().zip([mix, reference]) {
        let Some(heard) = heard else {
            continue;
        };
        if !is_still || is_over_song {
            heard.columns.release();
        } else if !scene.layout.panes.is_empty() {
            let clock = &scene.side(side).clock;
            let shown = needed(scene, clock);
            let margin = shown.end - shown.start;
            let range = shown.start.saturating_sub(margin)..shown.end + margin;
            heard.columns.hold(clock.tier, range);
        }
    }
}

/// Columns of a side's tier that the picture shows.
pub(super) fn needed(scene: &Scene, clock: &SideClock) -> Range<u64> {
    let index = |mix_secs: f64| {
        column_index(clock.hop_secs, clock.tier, mix_secs + clock.offset_secs).max(0.0)
    };
    let first = (index(scene.right_edge_secs - scene.looks.span_secs) - MARGIN_COLUMNS).max(0.0);
    let last = index(scene.right_edge_secs) + MARGIN_COLUMNS;
    let end = last.ceil() as u64 + 1;
    (first as u64).max(end.saturating_sub(RING_COLUMNS))..end
}

fn upload_live(gpu: &Gpu, history: &mut History, mix: &MixColumns, scene: &Scene, side: Side) {
    let clock = &scene.side(side).clock;
    let kept = mix.kept(clock.tier);
    let needed = needed(scene, clock);
    let wanted = mix.known_from(clock.tier, needed.start)..needed.end.min(kept.end);
    let absent = [0u32; NUM_BINS];
    for range in missing(wanted, history.finished(clock.tier)) {
        let columns: Vec<&[u32; NUM_BINS]> = range
            .clone()
            .map(|index| mix.get(clock.tier, index).unwrap_or(&absent))
            .collect();
        history.write(&gpu.queue, clock.tier, range.start, columns.into_iter());
    }
    let room = needed.end.saturating_sub(kept.end) as usize;
    let provisional: Vec<_> = mix.provisional_of(clock.tier).take(room).collect();
    if kept.end < needed.end && history.finished(clock.tier).end == kept.end {
        history.write_provisional(&gpu.queue, clock.tier, kept.end, provisional.into_iter());
    }
}

/// Writes columns of a song anew that were placed over what the GPU has.
fn upload_placed(known: &mut u64, gpu: &Gpu, history: &mut History, mix: &MixColumns) {
    match mix.placed_since(*known) {
        None => history.clear(),
        Some(placed) => {
            for (tier, index) in placed {
                let column = mix.placed(tier, index);
                if let Some(bins) = column.filter(|_| history.finished(tier).contains(&index)) {
                    history.write(&gpu.queue, tier, index, std::iter::once(&**bins));
                }
            }
        }
    }
    *known = mix.num_placed();
}

/// A reference lies under the mix as a loop: its columns are numbered by laid time, the region repeating. Before a jump
/// of the mix they are those that lay there then.
fn upload_reference(
    state: &mut UploadState,
    gpu: &Gpu,
    history: &mut History,
    record: &SharedReference,
    scene: &Scene,
) {
    let side = scene.side(Side::Reference);
    let clock = &side.clock;
    if clock.region.is_none() {
        return;
    }
    let data = record.data();
    if state.generation != clock.generation || state.region != clock.region {
        history.clear();
        state.generation = clock.generation;
        state.region = clock.region;
    }
    let tier = clock.tier.min(NUM_TIERS - 1);
    // While fine columns are read, coarser ones stand in for them.
    let there = data.tier_there(tier);
    let absent = [0u32; NUM_BINS];
    let needed = needed_of_record(scene);
    for range in missing(needed.clone(), history.finished(tier)) {
        let columns: Vec<&[u32; NUM_BINS]> = range
            .clone()
            .map(|index| {
                let source = source_of(scene, there, index);
                let column = source.and_then(|source| data.column(there, source));
                column.unwrap_or(&absent)
            })
            .collect();
        history.write(&gpu.queue, tier, range.start, columns.into_iter());
    }
    let ahead = (AHEAD_SECS / tier_secs(clock.hop_secs, tier)).ceil() as u64;
    want(&data, scene, needed.start..needed.end + ahead);
}

/// Columns of a record that a picture shows, numbered by laid time.
fn needed_of_record(scene: &Scene) -> Range<u64> {
    let clock = &scene.side(Side::Reference).clock;
    let needed = needed(scene, clock);
    let tier = clock.tier.min(NUM_TIERS - 1);
    // Before the mix began there was nothing to compare with.
    let beginning = column_index(clock.hop_secs, tier, clock.offset_secs).max(0.0) as u64;
    needed.start.max(beginning).min(needed.end)..needed.end
}

/// Which column of a tier of the record lies where a laid column is.
fn source_of(scene: &Scene, there: usize, index: u64) -> Option<u64> {
    let side = scene.side(Side::Reference);
    let clock = &side.clock;
    let tier = clock.tier.min(NUM_TIERS - 1);
    let laid_secs = column_secs(clock.hop_secs, tier, index as f64);
    let secs = side.reference_secs(laid_secs - clock.offset_secs)?;
    Some(nearest_column(clock.hop_secs, there, secs).0)
}

/// Has a record's columns read, which those that a picture shows stay, and what it shows next; whether all are there.
fn want(data: &ReferenceData, scene: &Scene, laid: Range<u64>) -> bool {
    let there = data.tier_there(scene.side(Side::Reference).clock.tier.min(NUM_TIERS - 1));
    let last = laid.end.saturating_sub(1);
    let each = laid.step_by(PAGE_COLUMNS as usize / 4).chain([last]);
    let sources = each.filter_map(|index| source_of(scene, there, index));
    // All are asked for, whatever is missing.
    sources.filter(|source| !data.want(there, *source)).count() == 0
}

/// Waits until the columns of a record are there that a picture shows, but not for ever: coarser ones stand in for them.
pub(super) fn wait_for_record(columns: &Histories<'_>, scene: &Scene) {
    let Some(ReferenceColumns::Record(record)) = &columns.reference else {
        return;
    };
    let is_shown = scene.on_grid.is_none() && scene.side(Side::Reference).clock.region.is_some();
    let begun = Instant::now();
    while is_shown && begun.elapsed() < MOST_WAIT {
        if want(&record.data(), scene, needed_of_record(scene)) {
            return;
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// The columns of a reference that were made where the mix's are.
fn upload_on_grid(state: &mut UploadState, gpu: &Gpu, history: &mut History, scene: &Scene) {
    let Some(grid) = &scene.on_grid else {
        return;
    };
    let clock = scene.columns_clock(Side::Reference);
    if state.generation != clock.generation {
        history.clear();
        state.generation = clock.generation;
        state.region = None;
    }
    let (needed, there) = (needed(scene, &clock), grid.range());
    let wanted = needed.start.max(there.start)..needed.end.min(there.end);
    for range in missing(wanted, history.finished(clock.tier)) {
        let columns: Vec<_> = range.clone().filter_map(|index| grid.get(index)).collect();
        history.write(&gpu.queue, clock.tier, range.start, columns.into_iter());
    }
}

/// What of `wanted` is not in `held`: up to two ranges.
fn missing(wanted: Range<u64>, held: Range<u64>) -> Vec<Range<u64>> {
    if held.is_empty() || wanted.end <= held.start || wanted.start >= held.end {
        return [wanted].into_iter().filter(|r| !r.is_empty()).collect();
    }
    [wanted.start..held.start, held.end..wanted.end]
        .into_iter()
        .filter(|range| range.start < range.end)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::column::{Column, TierColumn};
    use crate::audio::frames::{ChannelLayout, StreamFormat};
    use crate::session::Session;
    use crate::session::sides::still::StillSide;
    use crate::view::build::{Moment, PictureRequest, scene};
    use crate::view::scene::Looks;

    fn frozen_scene(session: &Session, edge_secs: f64) -> Scene {
        let request = PictureRequest {
            size: [1920, 1080],
            right_edge_secs: edge_secs,
            frozen_behind_secs: Some(0.0),
            ..PictureRequest::default()
        };
        let moment = Moment::now(session);
        scene(session, moment, &Looks::default(), request)
    }

    #[test]
    fn a_picture_that_stands_still_reads_single_columns_however_long_it_stands() {
        let format = StreamFormat {
            sample_rate_hz: 48_000,
            layout: ChannelLayout::Stereo,
        };
        let mut session = Session::default();
        session.pair.mix = StillSide::new("Mix".to_owned(), format).into();
        // Ten minutes more are heard: three times what the ring of tier 0 has.
        let hear = |session: &mut Session, columns: Range<u64>| {
            let mix = session.pair.mix.history_mut().expect("it is there");
            for index in columns {
                for tier in [0u8, 1] {
                    let column = Column {
                        index: index >> (2 * tier),
                        bins: [index as u32; NUM_BINS],
                    };
                    mix.columns.push(&TierColumn { tier, column });
                }
            }
        };
        hear(&mut session, 0..5_000);
        let tier = |scene: &Scene| scene.side(Side::Mix).clock.tier;
        let before = frozen_scene(&session, 50.0);
        assert_eq!(tier(&before), 0);
        hold(&mut session.pair, &before);
        hear(&mut session, 5_000..50_000);
        let after = frozen_scene(&session, 50.0);
        assert_eq!(tier(&after), 0);
        let mix = session.pair.mix.history().expect("it is there");
        let shown = needed(&after, &after.side(Side::Mix).clock);
        for index in shown {
            let bins = mix.columns.get(0, index).expect("it is held");
            assert_eq!(u64::from(bins[0]), index);
        }
        // Let go, the rings have only coarser ones of that time.
        let running = Scene {
            frozen_behind_secs: None,
            ..after
        };
        hold(&mut session.pair, &running);
        assert!(tier(&frozen_scene(&session, 50.0)) > 0);
    }

    #[test]
    fn only_what_is_not_there_is_missing() {
        assert_eq!(missing(10..20, 0..0), vec![10..20]);
        assert_eq!(missing(10..20, 5..15), vec![15..20]);
        assert_eq!(missing(10..20, 12..15), vec![10..12, 15..20]);
        assert_eq!(missing(10..20, 30..40), vec![10..20]);
        assert!(missing(10..20, 5..25).is_empty());
        assert!(missing(20..20, 0..0).is_empty());
    }
}
