//! Targets made of tracks, and lists of delivery targets.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| abscope_fuzz::run("target", input));
