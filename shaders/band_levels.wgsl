// Powers of bands of the mix: a third of an octave around every fourth bin, and a sixth, both with soft ends.
//
// One invocation for a band of a column. A strip reads the few columns it shows many times over, so that the sums are
// made once for each column and not for each pixel.

struct BandParams {
    // First word of the tier in the buffer, and slot of the first column in its ring.
    tier_word: u32,
    first_slot: u32,
    num_columns: u32,
    pad_a: u32,
}

const NUM_BANDS: u32 = 256u;
const BINS_PER_BAND: u32 = 4u;
const BINS_PER_THIRD: u32 = 32u;
// Bins that a third with soft ends reads.
const REACH: u32 = 48u;

@group(0) @binding(0) var<uniform> params: BandParams;
@group(0) @binding(1) var<storage, read> columns: array<u32>;
// What the power of each cell counts.
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read_write> bands: array<vec2<f32>>;

@compute @workgroup_size(64)
fn cs_bands(@builtin(global_invocation_id) id: vec3<u32>) {
    let band = id.x;
    if band >= NUM_BANDS || id.y >= params.num_columns {
        return;
    }
    let slot = (params.first_slot + id.y) & (RING_COLUMNS - 1u);
    let word = params.tier_word + slot * NUM_BINS;
    let half = f32(BINS_PER_THIRD) * 0.5;
    let first = i32(BINS_PER_BAND * band + 2u) - i32(REACH / 2u);
    var powers = vec2<f32>(0.0, 0.0);
    for (var n = 0; n < i32(REACH); n = n + 1) {
        let bin = first + n;
        if bin < 0 || bin >= i32(NUM_BINS) {
            continue;
        }
        let level = unpack_level_db(columns[word + u32(bin)], CHANNEL_BOTH);
        if level <= ABSENT_DB {
            continue;
        }
        let power = weights[bin] * exp2(level * 0.33219281);
        let away = abs(f32(n) + 0.5 - f32(REACH) * 0.5);
        let shares = vec2<f32>(f32(REACH) * 0.5 - away, half - away) / half;
        powers = powers + power * saturate(shares);
    }
    bands[slot * NUM_BANDS + band] = powers;
}
