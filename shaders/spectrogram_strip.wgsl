// The strip: a spectrogram at the pane's own resolution, in a ring of display columns.
//
// Only display columns that are new or still changing are drawn, so a scrolling spectrogram costs a few columns a
// frame; the whole strip is drawn again, once, when a knob is turned. Levels were kept in the strip at first and
// coloured in the pane: on a software GPU sampling half floats and a table for every pixel of every frame cost two
// and a half times what sampling colours costs.

struct StripSide {
    // Position of the first display column, in columns of the tier, relative to the origin.
    base: f32,
    // Columns of the tier from one display column to the next.
    step: f32,
    // Relative positions between which columns exist.
    valid_first: f32,
    valid_last: f32,
    // First word of the tier in the buffer, and slot of the origin in its ring.
    tier_word: u32,
    origin_slot: u32,
    pad_a: f32,
    pad_b: f32,
}

struct StripParams {
    mix: StripSide,
    reference: StripSide,
    low_bin: f32,
    bins_per_px: f32,
    height_px: f32,
    first_slot: u32,
    ring_width: u32,
    channel: u32,
    // 1: mix, 2: reference, 3: both.
    sides: u32,
    // 0: none; else, for the difference, 1 more than the bins averaged on either side.
    smoothing: u32,
    // dB a bin, bin of 1 kHz, level of the dark end, 1 / range.
    tilt_db_per_bin: f32,
    pivot_bin: f32,
    low_db: f32,
    per_db: f32,
    // Gain of the reference, 1 / range of the difference, what to show, row of the table.
    reference_gain_db: f32,
    per_difference_db: f32,
    content: u32,
    table_row: u32,
    // A track that stands so little above the threshold in the other counts as masked.
    masking_range_db: f32,
    pad_a: f32,
    pad_b: f32,
    pad_c: f32,
    panel: vec4<f32>,
    mix_hue: vec4<f32>,
    reference_hue: vec4<f32>,
    // Positions from which on the next row of the ranges counts.
    sections_from: array<vec4<f32>, 4>,
}

const LEVEL_MIX: u32 = 0u;
const LEVEL_REFERENCE: u32 = 1u;
const OVERLAY: u32 = 2u;
const DIFFERENCE: u32 = 3u;
const OVERLAY_ON_PAPER: u32 = 4u;
const OUTSIDE: u32 = 5u;
const MASKING: u32 = 6u;
// Columns that a pixel covers at most; what is drawn of a picture that covers more is a part of it.
const MOST_COLUMNS: f32 = 16.0;
const TABLE_LEN: f32 = 256.0;
// A side that is louder by this has its own hue in an overlay.
const OVERLAY_REACH_DB: f32 = 9.0;
const DIFFERENCE_ROW: i32 = 2;
// What a place without a column reads: the panel shows there. Silence in a column is black.
const NO_COLUMN_DB: f32 = -400.0;
const NOWHERE_DB: f32 = -300.0;

@group(0) @binding(0) var<uniform> params: StripParams;
@group(0) @binding(1) var<storage, read> mix_columns: array<u32>;
@group(0) @binding(2) var<storage, read> reference_columns: array<u32>;
@group(0) @binding(3) var tables: texture_2d<f32>;
// Of the mix, per slot of the ring and band: power of a third of an octave, and of a softened sixth. Of masking, per slot
// and filter: power at its output, and how much it sounds there.
@group(0) @binding(4) var<storage, read> bands: array<vec2<f32>>;
// Of the record and its sections, per row and band: what its thirds lie below a tenth of the time, and what its softened
// sixths lie above. Of masking, the same of the other side as of the mix.
@group(0) @binding(5) var<storage, read> range_db: array<vec2<f32>>;

const NUM_BANDS: u32 = 256u;
const BINS_PER_BAND: f32 = 4.0;
// The lowest level that the edge of a range has.
const NO_EDGE_DB: f32 = -150.0;
// So much of the colour what has just left the range has: its outline is seen from afar.
const OUTLINE: f32 = 0.2;

@vertex
fn vs_strip(@builtin(vertex_index) corner: u32) -> @builtin(position) vec4<f32> {
    let unit = vec2<f32>(f32((corner << 1u) & 2u), f32(corner & 2u));
    return vec4<f32>(unit * 2.0 - 1.0, 0.0, 1.0);
}

fn mix_level(word: u32) -> f32 {
    return unpack_level_db(mix_columns[word], params.channel);
}

fn reference_level(word: u32) -> f32 {
    return unpack_level_db(reference_columns[word], params.channel);
}

// First word of a column of a side, given relative to the origin.
fn column_word(side: StripSide, column: i32) -> u32 {
    let slot = (i32(side.origin_slot) + column) & i32(RING_COLUMNS - 1u);
    return side.tier_word + u32(slot) * NUM_BINS;
}

// Where display column `x` of the draw lies in a side's columns.
fn column_position(side: StripSide, x: f32) -> f32 {
    return side.base + x * side.step;
}

fn exists(side: StripSide, position: f32) -> bool {
    // A coarse tier's newest column waits for its last part; until then its neighbour stands in.
    return position >= side.valid_first - 0.5 && position <= side.valid_last + 1.5;
}

// Level at a position between columns and a position between bins.
fn level_between(side: StripSide, is_mix: bool, position: f32, bin: f32) -> f32 {
    let clamped = clamp(position, side.valid_first, side.valid_last);
    let column = floor(clamped);
    let t = clamped - column;
    let word_a = column_word(side, i32(column));
    let word_b = column_word(side, i32(min(column + 1.0, side.valid_last)));
    let low = clamp(floor(bin), 0.0, f32(NUM_BINS - 2u));
    let k = u32(low);
    let u = clamp(bin - low, 0.0, 1.0);
    if is_mix {
        return mix(mix(mix_level(word_a + k), mix_level(word_a + k + 1u), u),
                   mix(mix_level(word_b + k), mix_level(word_b + k + 1u), u), t);
    }
    return mix(mix(reference_level(word_a + k), reference_level(word_a + k + 1u), u),
               mix(reference_level(word_b + k), reference_level(word_b + k + 1u), u), t);
}

// Highest level of the whole bins from `from_bin` up to `to_bin`, between two columns.
fn level_of_bins(side: StripSide, is_mix: bool, position: f32, from_bin: u32, to_bin: u32) -> f32 {
    let clamped = clamp(position, side.valid_first, side.valid_last);
    let column = floor(clamped);
    let t = clamped - column;
    let word_a = column_word(side, i32(column));
    let word_b = column_word(side, i32(min(column + 1.0, side.valid_last)));
    var highest = ABSENT_DB;
    for (var k = from_bin; k <= to_bin; k = k + 1u) {
        var level = 0.0;
        if is_mix {
            level = mix(mix_level(word_a + k), mix_level(word_b + k), t);
        } else {
            level = mix(reference_level(word_a + k), reference_level(word_b + k), t);
        }
        highest = max(highest, level);
    }
    return highest;
}

fn level_of_word(is_mix: bool, word: u32) -> f32 {
    if is_mix {
        return mix_level(word);
    }
    return reference_level(word);
}

// Highest level of the bins that a pixel covers in one column, or between two bins where it is finer than they are.
fn level_of_column(side: StripSide, is_mix: bool, column: f32, bin: f32, bins: vec2<u32>) -> f32 {
    let word = column_word(side, i32(clamp(column, side.valid_first, side.valid_last)));
    if params.bins_per_px <= 1.0 {
        let k = u32(clamp(floor(bin), 0.0, f32(NUM_BINS - 2u)));
        let u = clamp(bin - f32(k), 0.0, 1.0);
        return mix(level_of_word(is_mix, word + k), level_of_word(is_mix, word + k + 1u), u);
    }
    var highest = ABSENT_DB;
    for (var k = bins.x; k <= bins.y; k = k + 1u) {
        highest = max(highest, level_of_word(is_mix, word + k));
    }
    return highest;
}

// Level of a side in one pixel: the highest of the columns and bins it covers, or between them where it is finer than
// they are. A mean of columns would blur a click over its neighbours; one of them alone would lose every other click.
fn pixel_level(side: StripSide, is_mix: bool, x: f32, bin: f32) -> f32 {
    let position = column_position(side, x);
    if !exists(side, position) || bin > f32(NUM_BINS - 1u) {
        return NO_COLUMN_DB;
    }
    let half_bins = params.bins_per_px * 0.5;
    let first_bin = u32(clamp(ceil(bin - half_bins), 0.0, f32(NUM_BINS - 1u)));
    let last_bin = u32(clamp(floor(bin + half_bins), f32(first_bin), f32(min(first_bin + 63u, NUM_BINS - 1u))));
    if side.step > 1.001 {
        let first = ceil(position - side.step * 0.5);
        let last = min(floor(position + side.step * 0.5), first + MOST_COLUMNS);
        var highest = ABSENT_DB;
        for (var column = first; column <= last; column = column + 1.0) {
            highest = max(highest, level_of_column(side, is_mix, column, bin, vec2<u32>(first_bin, last_bin)));
        }
        return highest;
    }
    if params.bins_per_px <= 1.0 {
        return level_between(side, is_mix, position, bin);
    }
    return level_of_bins(side, is_mix, position, first_bin, last_bin);
}

// Mean level around a pixel, over some bins or what as many pixels cover: a difference of single bins is noise. In
// time the picture of a difference reads a coarser tier, whose columns are averages already.
fn smooth_level(side: StripSide, is_mix: bool, x: f32, bin: f32) -> f32 {
    let position = column_position(side, x);
    // No neighbour stands in here: another moment's level would be taken for a difference.
    if position < side.valid_first || position > side.valid_last || bin > f32(NUM_BINS - 2u) {
        return NO_COLUMN_DB;
    }
    let clamped = position;
    let column = floor(clamped);
    let t = clamped - column;
    let word_a = column_word(side, i32(column));
    let word_b = column_word(side, i32(min(column + 1.0, side.valid_last)));
    let bin_step = max(params.bins_per_px, 1.0);
    var sum = 0.0;
    var lowest = 0.0;
    let reach = i32(params.smoothing) - 1;
    for (var k = -reach; k <= reach; k = k + 1) {
        let at = u32(clamp(round(bin + f32(k) * bin_step), 0.0, f32(NUM_BINS - 1u)));
        var level = 0.0;
        if is_mix {
            level = mix(mix_level(word_a + at), mix_level(word_b + at), t);
        } else {
            level = mix(reference_level(word_a + at), reference_level(word_b + at), t);
        }
        sum = sum + level;
        lowest = min(lowest, level);
    }
    // A gap, silence, or above Nyquist: there is nothing to compare with.
    if lowest < LEVEL_FLOOR_DB {
        return NO_COLUMN_DB;
    }
    return sum / f32(2 * reach + 1);
}

@fragment
fn fs_strip(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let slot = u32(position.x);
    let x = f32((slot + params.ring_width - params.first_slot) % params.ring_width);
    let bin = params.low_bin + (params.height_px - position.y) * params.bins_per_px;
    var levels = vec2<f32>(NO_COLUMN_DB, NO_COLUMN_DB);
    if params.content == OUTSIDE {
        return vec4<f32>(outside_color(x, bin), 1.0);
    }
    if params.content == MASKING {
        return vec4<f32>(masking_color(x, bin), 1.0);
    }
    if params.smoothing > 0u {
        levels = vec2<f32>(smooth_level(params.mix, true, x, bin), smooth_level(params.reference, false, x, bin));
    } else {
        if (params.sides & 1u) != 0u {
            levels.x = pixel_level(params.mix, true, x, bin);
        }
        if (params.sides & 2u) != 0u {
            levels.y = pixel_level(params.reference, false, x, bin);
        }
    }
    return vec4<f32>(color_of(levels, (bin - params.pivot_bin) * params.tilt_db_per_bin), 1.0);
}

// Which row of the ranges counts at a position: as many sections as have begun.
fn section_row(position: f32) -> u32 {
    var begun = vec4<f32>(0.0);
    for (var n = 0; n < 4; n = n + 1) {
        begun = begun + step(params.sections_from[n], vec4<f32>(position));
    }
    return u32(dot(begun, vec4<f32>(1.0)) + 0.5);
}

// A third of an octave that is louder is no pause: −80 dBFS. Every so many of the bands are asked.
const PAUSE_POWER: f32 = 1e-8;
const PAUSE_BANDS: u32 = 8u;

// How far the mix lies outside the record's range: above it positive, below it negative, in dB.
fn outside_db(x: f32, bin: f32) -> f32 {
    let position = column_position(params.mix, x);
    if position < params.mix.valid_first || position > params.mix.valid_last {
        return 0.0;
    }
    let column = floor(position);
    let t = position - column;
    let mask = i32(RING_COLUMNS - 1u);
    let slot_a = u32((i32(params.mix.origin_slot) + i32(column)) & mask);
    let slot_b = u32((i32(params.mix.origin_slot) + i32(min(column + 1.0, params.mix.valid_last))) & mask);
    let at = clamp((bin - (BINS_PER_BAND - 1.0) * 0.5) / BINS_PER_BAND, 0.0, f32(NUM_BANDS - 1u));
    let band = min(u32(at), NUM_BANDS - 2u);
    let u = at - f32(band);
    let word_a = slot_a * NUM_BANDS + band;
    let word_b = slot_b * NUM_BANDS + band;
    let powers = mix(mix(bands[word_a], bands[word_a + 1u], u), mix(bands[word_b], bands[word_b + 1u], u), t);
    let row = section_row(position) * NUM_BANDS + band;
    let low = min(range_db[row].x, range_db[row + 1u].x);
    let high = min(range_db[row].y, range_db[row + 1u].y);
    if powers.x <= 0.0 || high < NO_EDGE_DB {
        return 0.0;
    }
    let edges = mix(range_db[row], range_db[row + 1u], u) + params.reference_gain_db;
    let levels = 3.0103 * log2(powers);
    let tilt = (bin - params.pivot_bin) * params.tilt_db_per_bin;
    // What nobody hears on either side is no fault.
    if levels.y > edges.y {
        return (levels.y - edges.y) * audible(levels.y + tilt);
    }
    if low > NO_EDGE_DB && levels.x < edges.x && !is_pause(slot_a) {
        return (levels.x - edges.x) * audible(edges.x + tilt);
    }
    return 0.0;
}

// Whether nothing sounds in a column of the mix: a song that has ended has too little of nothing.
fn is_pause(slot: u32) -> bool {
    for (var band = PAUSE_BANDS / 2u; band < NUM_BANDS; band = band + PAUSE_BANDS) {
        if bands[slot * NUM_BANDS + band].x > PAUSE_POWER {
            return false;
        }
    }
    return true;
}

// 0 at the dark end of the scale, 1 from a quarter of it on.
fn audible(level: f32) -> f32 {
    return smoothstep(0.0, 0.25, (level - params.low_db) * params.per_db);
}

fn outside_color(x: f32, bin: f32) -> vec3<f32> {
    let off = outside_db(x, bin);
    let far = clamp(abs(off) * params.per_difference_db, 0.0, 1.0);
    let strength = OUTLINE * smoothstep(0.2, 0.8, abs(off)) + (1.0 - OUTLINE) * far;
    return table_color(DIFFERENCE_ROW, 0.5 + 0.5 * sign(off) * strength);
}

const NUM_FILTERS: u32 = 64u;
const BINS_PER_FILTER: f32 = 16.0;
// What a sound must have above another at the output of a filter to be heard.
const THRESHOLD_DB: f32 = -3.0;
// What hardly sounds is faint; from a half on it counts.
const SOUNDS_FROM: f32 = 0.2;
// From masked to well heard.
const HEARD_WITHIN_DB: f32 = 6.0;
// What sounds is seen, however quiet it is.
const LEAST_LIGHT: f32 = 0.3;

fn filtered(is_mix: bool, word: u32) -> vec2<f32> {
    if is_mix {
        return bands[word];
    }
    return range_db[word];
}

// Power of a side about a bin, and how much it sounds there, 0 … 1; below 0 where it has no column.
fn excitation(side: StripSide, is_mix: bool, x: f32, bin: f32) -> vec2<f32> {
    let position = column_position(side, x);
    if position < side.valid_first || position > side.valid_last {
        return vec2<f32>(-1.0, -1.0);
    }
    let column = floor(position);
    let t = position - column;
    let mask = i32(RING_COLUMNS - 1u);
    let slot_a = u32((i32(side.origin_slot) + i32(column)) & mask);
    let slot_b = u32((i32(side.origin_slot) + i32(min(column + 1.0, side.valid_last))) & mask);
    let at = clamp((bin - (BINS_PER_FILTER - 1.0) * 0.5) / BINS_PER_FILTER, 0.0, f32(NUM_FILTERS - 1u));
    let low = min(u32(at), NUM_FILTERS - 2u);
    let u = at - f32(low);
    let word_a = slot_a * NUM_FILTERS + low;
    let word_b = slot_b * NUM_FILTERS + low;
    let before = mix(filtered(is_mix, word_a), filtered(is_mix, word_a + 1u), u);
    let behind = mix(filtered(is_mix, word_b), filtered(is_mix, word_b + 1u), u);
    return mix(before, behind, t);
}

// By how many dB the other side stands over the threshold at which the mix is no longer heard beside it.
fn over_threshold_db(power: f32, other: f32) -> f32 {
    return THRESHOLD_DB - 3.0103 * log2(power / max(other, 1e-20));
}

fn masking_color(x: f32, bin: f32) -> vec3<f32> {
    let track = excitation(params.mix, true, x, bin);
    let other = excitation(params.reference, false, x, bin);
    // Where the mix does not sound nothing can be masked, and beside nothing, behind the end of the other, nothing is
    // heard either.
    let there = smoothstep(SOUNDS_FROM, 1.0 - SOUNDS_FROM, track.y);
    if there <= 0.0 || other.x < 0.0 {
        return params.panel.rgb;
    }
    let heard_db = -over_threshold_db(track.x, max(other.x, 0.0)) - params.masking_range_db;
    let hue = mix(params.reference_hue.rgb, params.mix_hue.rgb, smoothstep(0.0, HEARD_WITHIN_DB, heard_db));
    let level = 3.0103 * log2(track.x) + (bin - params.pivot_bin) * params.tilt_db_per_bin;
    let light = clamp((level - params.low_db) * params.per_db, 0.0, 1.0);
    return mix(params.panel.rgb, hue, there * (LEAST_LIGHT + (1.0 - LEAST_LIGHT) * light));
}

fn table_color(row: i32, value: f32) -> vec3<f32> {
    let index = i32(clamp(value, 0.0, 1.0) * (TABLE_LEN - 1.0) + 0.5);
    return textureLoad(tables, vec2<i32>(index, row), 0).rgb;
}

// Colour of the levels of mix and reference in one pixel.
fn color_of(levels: vec2<f32>, tilt_db: f32) -> vec3<f32> {
    let shown = levels + vec2<f32>(tilt_db, tilt_db + params.reference_gain_db);
    let value = (shown - params.low_db) * params.per_db;
    if params.content <= LEVEL_REFERENCE {
        let is_mix = params.content == LEVEL_MIX;
        let color = table_color(i32(params.table_row), select(value.y, value.x, is_mix));
        return select(color, params.panel.rgb, select(levels.y, levels.x, is_mix) < NOWHERE_DB);
    }
    let strength = clamp(value, vec2<f32>(0.0), vec2<f32>(1.0));
    let light = strength * strength;
    if params.content == OVERLAY_ON_PAPER {
        // Ink on ink: each side takes from the paper what its hue is not, and both together are nearly black.
        return params.panel.rgb * mix(vec3<f32>(1.0), params.mix_hue.rgb, light.x)
            * mix(vec3<f32>(1.0), params.reference_hue.rgb, light.y);
    }
    if params.content == OVERLAY {
        // Hue says which side is louder there, light how loud the louder one is: only where both are alike it is white, at
        // any level.
        let louder = smoothstep(-OVERLAY_REACH_DB, OVERLAY_REACH_DB, shown.x - shown.y);
        let both = mix(params.reference_hue.rgb, params.mix_hue.rgb, louder);
        let hue = both / max(max(both.r, both.g), max(both.b, 0.01));
        return mix(params.panel.rgb, hue, max(light.x, light.y));
    }
    // Where both are quiet the difference fades to neutral, or noise would shout.
    let heard = smoothstep(0.0, 0.25, max(strength.x, strength.y));
    let difference_db = (shown.x - shown.y) * heard;
    let color = table_color(DIFFERENCE_ROW, 0.5 + 0.5 * difference_db * params.per_difference_db);
    // Where one side has nothing there is no difference.
    return select(color, params.panel.rgb, min(levels.x, levels.y) < NOWHERE_DB);
}
