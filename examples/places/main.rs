//! Whether a place can be stood by: random excerpts of songs that repeat themselves to the sample, through what engineers
//! and coders do, and how often each shown confidence was right. `cargo run --example places -- [EXCERPTS [SEED]]`.
//!
//! An example and not a test, because two thousand excerpts take minutes; `tests/places.rs` tries some of them.

mod music;
#[expect(dead_code, reason = "the test asks for more of a song")]
mod songs;
mod trials;
mod versions;

use std::process::ExitCode;

use trials::{Table, trials};

fn main() -> ExitCode {
    let number = |n: usize| {
        std::env::args()
            .nth(n)
            .and_then(|text| text.parse::<u64>().ok())
    };
    let (count, seed) = (number(1).unwrap_or(2_000), number(2).unwrap_or(1));
    let table = Table::of(&trials(seed, count as usize, 20, true));
    println!("{table}");
    if table.is_good() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
