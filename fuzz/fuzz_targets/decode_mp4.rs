//! MP4 files: AAC and ALAC.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| abscope_fuzz::run("decode_mp4", input));
