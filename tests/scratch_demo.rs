use abscope::audio::demo::*;
#[test]
fn wavs() {
    for (v, name) in [(DemoVersion::Mix, "mix"), (DemoVersion::Reference, "ref")] {
        let x = render(v);
        for (g, suffix) in [(1.0f32, ""), (0.501187234, "-6")] {
            let spec = hound::WavSpec {
                channels: 2,
                sample_rate: 48000,
                bits_per_sample: 32,
                sample_format: hound::SampleFormat::Float,
            };
            let mut w =
                hound::WavWriter::create(format!("/tmp/cmp_{name}{suffix}.wav"), spec).unwrap();
            for s in &x {
                w.write_sample(*s * g).unwrap();
            }
            w.finalize().unwrap();
        }
    }
}
