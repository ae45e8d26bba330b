use abscope::analysis::downmix::append_stereo;
use abscope::audio::decode::decode_all;
use abscope::compare::alignment::*;
use abscope::compare::fingerprint::*;
use abscope::dsp::signals::Random;
use std::path::PathBuf;
use std::time::Instant;
mod music;
fn load(path: &PathBuf) -> (Vec<[f32; 2]>, u32) {
    let file = decode_all(path).unwrap();
    let mut frames = Vec::new();
    append_stereo(file.format, &file.samples, &mut frames);
    (frames, file.format.sample_rate_hz)
}
#[test]
fn real() {
    let list = std::fs::read_to_string("/tmp/cmp_music/list").unwrap();
    let mut songs = Vec::new();
    for line in list.lines() {
        let path = PathBuf::from(line);
        let t = Instant::now();
        let (frames, rate) = load(&path);
        let d = t.elapsed();
        let t = Instant::now();
        let fp = ReferenceFingerprint::new(&frames, rate);
        println!(
            "{line}: {:.0} s at {rate}, decode {:.2} fp {:.3} s",
            fp.duration_secs(),
            d.as_secs_f64(),
            t.elapsed().as_secs_f64()
        );
        songs.push((line.to_owned(), frames, rate, fp));
    }
    let mut random = Random::new(77);
    let (mut right, mut total, mut refused, mut tried) = (0, 0, 0, 0);
    for round in 0..3 {
        for i in 0..songs.len() {
            let (name, frames, rate, fp) = &songs[i];
            let len = 10 * *rate as usize;
            if frames.len() < len + 10 {
                continue;
            }
            let start = (random.unit() * (frames.len() - len) as f64) as usize;
            let mut ex = frames[start..start + len].to_vec();
            for _ in 0..3 {
                let hz = 60.0 * 2f64.powf(7.0 * random.unit());
                music::equalise(&mut ex, *rate, hz, 10.0 * random.bipolar());
            }
            music::limit(&mut ex, 10.0 * random.unit());
            music::add_noise(&mut ex, -20.0, &mut random);
            let t = Instant::now();
            let r = align(fp, &ex, *rate);
            let dt = t.elapsed().as_secs_f64();
            let truth = start as f64 / f64::from(*rate);
            total += 1;
            let ok = r.is_some_and(|r| (r.offset_secs - truth).abs() < 0.001);
            right += ok as i32;
            println!(
                "{round} {} {name} truth {truth:.4} {r:?} {dt:.3}s",
                if ok { "ok" } else { "MISS" }
            );
            let j = (i + 1 + (random.unit() * (songs.len() - 1) as f64) as usize) % songs.len();
            if j == i {
                continue;
            }
            tried += 1;
            let r = align(&songs[j].3, &ex, *rate);
            if r.is_none() {
                refused += 1
            } else {
                println!("FALSE {name} in {}: {r:?}", songs[j].0);
            }
        }
    }
    println!("right {right} of {total}, refused {refused} of {tried}");
}
#[test]
fn hunting() {
    let path = PathBuf::from("/tmp/cmp_music/usr/share/hyperrogue/music/hr-domina-hunting.ogg");
    let (frames, rate) = load(&path);
    let fp = ReferenceFingerprint::new(&frames, rate);
    for s in [41.9096f64, 48.19, 20.0, 30.0] {
        let start = (s * rate as f64) as usize;
        let ex = ReferenceFingerprint::new(&frames[start..start + 441000], rate);
        let c = abscope::compare::correlation::correlate(ex.samples(), fp.samples(), 24000);
        let mut v: Vec<(f32, usize)> = c
            .scores
            .iter()
            .copied()
            .enumerate()
            .map(|(a, b)| (b, a))
            .collect();
        v.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut shown: Vec<usize> = vec![];
        for (sc, n) in v {
            if shown.iter().all(|&m| m.abs_diff(n) > 80) {
                shown.push(n);
                println!("{s}: {:.4} {sc}", (n as i64 + c.first_lag) as f64 / 8000.0);
                if shown.len() == 5 {
                    break;
                }
            }
        }
    }
}
