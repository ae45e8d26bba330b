// What each auditory filter lets through of the columns of a side.
//
// One invocation for a filter of a column, one group for a column: the loudest filter of a column is known to all.
// What sounds is told as src/analysis/excitation.rs tells it.

struct BandParams {
    // First word of the tier in the buffer, and slot of the first column in its ring.
    tier_word: u32,
    first_slot: u32,
    num_columns: u32,
    pad_a: u32,
}

const NUM_FILTERS: u32 = 64u;
// What a track sounds with in a filter: so much of its loudest at that moment, so much of full scale, and so much of it
// within the filter's own width.
const SOUNDS_WITHIN: f32 = 1e-4;
const LEAST_POWER: f32 = 1e-7;
const LEAST_OWN: f32 = 0.1;

@group(0) @binding(0) var<uniform> params: BandParams;
@group(0) @binding(1) var<storage, read> columns: array<u32>;
// Per filter: the first bin that it hears, and how many; the first one within its own width, and the one behind the last.
@group(0) @binding(2) var<storage, read> heard: array<vec4<u32>>;
// Per filter and bin: what the power of the bin counts.
@group(0) @binding(3) var<storage, read> weights: array<f32>;
// Per slot of the ring and filter: power at its output, and how much the track sounds in it, 0 … 1; both below 0 where
// there is no column.
@group(0) @binding(4) var<storage, read_write> excitations: array<vec2<f32>>;

var<workgroup> outputs: array<f32, 64>;

@compute @workgroup_size(64)
fn cs_excitation(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) number: u32,
) {
    let slot = (params.first_slot + group.x) & (RING_COLUMNS - 1u);
    let word = params.tier_word + slot * NUM_BINS;
    let first = heard[number].x;
    let count = min(heard[number].y, NUM_BINS - first);
    let own_bins = heard[number].zw;
    var power = 0.0;
    var own = 0.0;
    for (var n = 0u; n < count; n = n + 1u) {
        let bin = first + n;
        let level = unpack_level_db(columns[word + bin], CHANNEL_BOTH);
        if level > ABSENT_DB {
            let part = weights[number * NUM_BINS + bin] * exp2(level * 0.33219281);
            power = power + part;
            own = own + select(0.0, part, bin >= own_bins.x && bin < own_bins.y);
        }
    }
    outputs[number] = power;
    workgroupBarrier();
    var loudest = 0.0;
    for (var n = 0u; n < NUM_FILTERS; n = n + 1u) {
        loudest = max(loudest, outputs[n]);
    }
    // Silence keeps its ratios: a word of zeros is no measurement at all.
    if columns[word] == 0u {
        excitations[slot * NUM_FILTERS + number] = vec2<f32>(-1.0, -1.0);
        return;
    }
    let by_level = power / max(loudest * SOUNDS_WITHIN, LEAST_POWER);
    let by_own = own / max(LEAST_OWN * power, 1e-20);
    excitations[slot * NUM_FILTERS + number] = vec2<f32>(power, min(0.5 * min(by_level, by_own), 1.0));
}
