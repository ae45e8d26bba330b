//! WAV, RF64 and Wave64 files.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| abscope_fuzz::run("decode_wav", input));
