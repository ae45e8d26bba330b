//! MP3 files, with tags or without.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| abscope_fuzz::run("decode_mp3", input));
