//! The figures in saved pictures; half of the inputs have the right checksums.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_target!(|input: &[u8]| abscope_fuzz::run("picture", input));

fuzz_mutator!(|data: &mut [u8], size: usize, most: usize, seed: u32| {
    match seed % 2 {
        0 => fuzzer_mutate(data, size, most),
        _ => abscope_fuzz::forge_picture(data, size, most, seed),
    }
});
