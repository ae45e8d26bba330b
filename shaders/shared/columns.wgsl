// Columns as the analysis packs them: a 16-bit level, an 8-bit left/right and an 8-bit side/mid ratio a bin.

const NUM_BINS: u32 = 1024u;
const RING_COLUMNS: u32 = 4096u;
const LEVEL_FLOOR_DB: f32 = -160.0;
const LEVEL_STEP_DB: f32 = 0.0029297322;
const RATIO_STEP_DB: f32 = 0.375;
// What an absent bin reads: below every level there is.
const ABSENT_DB: f32 = -200.0;

const CHANNEL_BOTH: u32 = 0u;
const CHANNEL_LEFT: u32 = 1u;
const CHANNEL_RIGHT: u32 = 2u;
const CHANNEL_MID: u32 = 3u;
const CHANNEL_SIDE: u32 = 4u;

// 10 log10(1 + 10^(x/10)): how much louder the sum of two powers is than the first when the second is x dB above it.
fn sum_over_first_db(ratio_db: f32) -> f32 {
    return 3.0103 * log2(1.0 + exp2(ratio_db * 0.33219281));
}

// Level in dB of a channel of a packed bin.
fn unpack_level_db(bits: u32, channel: u32) -> f32 {
    let code = bits & 0xffffu;
    if code == 0u {
        return ABSENT_DB;
    }
    let level = LEVEL_FLOOR_DB + f32(code) * LEVEL_STEP_DB;
    if channel == CHANNEL_BOTH {
        return level;
    }
    let left_to_right = (f32((bits >> 16u) & 0xffu) - 128.0) * RATIO_STEP_DB;
    let side_to_mid = (f32(bits >> 24u) - 128.0) * RATIO_STEP_DB;
    // The level is the mean of left and right, so one of them alone can be 3 dB above it.
    if channel == CHANNEL_LEFT {
        return level + 3.0103 - sum_over_first_db(-left_to_right);
    } else if channel == CHANNEL_RIGHT {
        return level + 3.0103 - sum_over_first_db(left_to_right);
    } else if channel == CHANNEL_MID {
        return level - sum_over_first_db(side_to_mid);
    }
    return level - sum_over_first_db(-side_to_mid);
}
