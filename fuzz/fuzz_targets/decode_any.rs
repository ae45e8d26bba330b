//! Any file, whatever it is.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| abscope_fuzz::run("decode_any", input));
