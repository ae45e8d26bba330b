//! Snapshots; half of the inputs are packed well and broken inside.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_target!(|input: &[u8]| abscope_fuzz::run("snapshot", input));

fuzz_mutator!(|data: &mut [u8], size: usize, most: usize, seed: u32| {
    match seed % 2 {
        0 => fuzzer_mutate(data, size, most),
        _ => abscope_fuzz::forge_snapshot(data, size, most, seed),
    }
});
