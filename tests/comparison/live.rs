//! What a live mix is said to be beside the same song: what its file is said to be, whatever was played of it.

use abscope::analysis::tap::Recent;
use abscope::audio::frames::{ChannelLayout, StreamFormat};
use abscope::compare::comparison::Comparison;
use abscope::compare::tracker::Tracking;
use abscope::session::Session;
use abscope::session::pairing::heard::HeardJob;
use abscope::session::references::Reference;
use abscope::session::sides::still::StillSide;
use abscope::session::snapshots::Snapshot;
use abscope::session::snapshots::keep::{self, Keeping, Visible};
use abscope::view::findings::compared_words;
use serde_json::Value;

use crate::support::music::{self, Frames};
use crate::support::parts;
use crate::support::program::{abscope, hear};

const RATE_HZ: u32 = 48_000;
const WORDS: [&str; 3] = ["boomier", "duller", "quieter"];
/// What is played of it: from which second, for how long.
const PLAYED_SECS: [[usize; 2]; 2] = [[20, 35], [100, 30]];
/// What lies between two looks at the alignment.
const BLOCK: usize = RATE_HZ as usize * 32 / 100;

/// Six sections of three textures, 150 s.
fn song() -> Frames {
    let secs = |secs: usize| secs * RATE_HZ as usize;
    let [verse, chorus, bridge] = [3, 4, 6].map(|seed| music::song(seed, 50.0, RATE_HZ));
    let mut loud = chorus;
    music::limit(&mut loud, 6.0);
    let mut thin = bridge;
    music::equalise(&mut thin, RATE_HZ, 120.0, -18.0);
    music::equalise(&mut thin, RATE_HZ, 6_000.0, 9.0);
    let halves = |part: Frames| [part[..secs(25)].to_vec(), part[secs(25)..].to_vec()];
    let [[a, b], [c, d], [e, f]] = [verse, loud, thin].map(halves);
    [a, c, b, d, e, f].concat()
}

/// The song as it was at the desk: a bell of +3 dB at 120 Hz and a shelf of −2 dB above 6 kHz.
fn mixed(song: &[[f32; 2]]) -> Frames {
    let mut mix = song.to_vec();
    music::equalise(&mut mix, RATE_HZ, 120.0, 3.0);
    music::shelve(&mut mix, RATE_HZ, 6_000.0, -2.0);
    mix.as_flattened_mut().iter_mut().for_each(|x| *x *= 0.5);
    mix
}

fn part(frames: &[[f32; 2]], from_secs: usize, secs: usize) -> &[[f32; 2]] {
    &frames[RATE_HZ as usize * from_secs..RATE_HZ as usize * (from_secs + secs)]
}

/// A live mix beside a record.
struct Desk {
    session: Session,
}

impl Desk {
    fn open(record: &std::path::Path) -> Self {
        let format = StreamFormat {
            sample_rate_hz: RATE_HZ,
            layout: ChannelLayout::Stereo,
        };
        let mut session = Session::default();
        session.pair.mix = StillSide::new("Monitor".to_owned(), format).into();
        let mut reference = Reference::from_file(record);
        reference.wait();
        let added = session.pair.references.add(reference);
        added.expect("there is room");
        Self { session }
    }

    fn hear(&mut self, frames: &[[f32; 2]]) {
        for block in frames.chunks(BLOCK) {
            let mix = self
                .session
                .pair
                .mix
                .still_mut()
                .expect("it is fed by hand");
            mix.feed(block.as_flattened());
            mix.settle();
            self.session.pair.step();
        }
    }

    /// Hears without looking for the place.
    fn feed(&mut self, frames: &[[f32; 2]]) {
        let mix = self.session.pair.mix.still_mut();
        let mix = mix.expect("it is fed by hand");
        mix.feed(frames.as_flattened());
        mix.settle();
    }

    fn pause(&mut self, secs: usize) {
        self.hear(&vec![[0.0; 2]; secs * RATE_HZ as usize]);
    }
}

fn thirds(value: &Value) -> Vec<Option<f64>> {
    let bands = value.as_array().expect("a list of bands");
    bands.iter().map(Value::as_f64).collect()
}

/// What is said of a comparison: words with their figures.
fn said(comparison: &Comparison) -> Vec<(String, f64)> {
    let findings = comparison.findings.iter();
    let first = |clause: &str| clause.split(' ').next().unwrap_or_default().to_owned();
    let mut said: Vec<_> = findings
        .map(|finding| (first(&finding.clause), finding.value))
        .collect();
    said.sort_by(|a, b| a.0.cmp(&b.0));
    said
}

#[test]
fn a_live_mix_that_jumps_has_the_findings_of_its_file() {
    if parts::left_to_the_whole_run("a_live_mix_that_jumps_has_the_findings_of_its_file") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let song = song();
    let mix = mixed(&song);
    let paths =
        ["record", "played of it", "played"].map(|name| folder.path().join(format!("{name}.wav")));
    let played = |of: &[[f32; 2]]| {
        PLAYED_SECS
            .map(|[from, secs]| part(of, from, secs))
            .concat()
    };
    for (path, frames) in paths.iter().zip([&song, &played(&song), &played(&mix)]) {
        music::files::write_wav(path, RATE_HZ, frames.as_flattened());
    }
    let of_files = hear(
        abscope()
            .args(["compare", "--json"])
            .args([&paths[2], &paths[1]]),
    );
    let of_files = &of_files.json_lines()[0];

    let mut desk = Desk::open(&paths[0]);
    for [from, secs] in PLAYED_SECS {
        desk.pause(3);
        desk.hear(part(&mix, from, secs));
    }
    let job = HeardJob::of(&desk.session.pair).unwrap_or_else(|why| panic!("{why}"));
    let heard = job.compare();
    let live = heard.comparison();

    let found = of_files["findings"].as_array().expect("a list");
    let mut of_files_said: Vec<_> = found
        .iter()
        .map(|finding| {
            let text = finding["text"].as_str().expect("words");
            let word = WORDS.into_iter().find(|word| text.contains(word));
            let value = finding["value"].as_f64().expect("a figure");
            (word.unwrap_or(text).to_owned(), value)
        })
        .collect();
    of_files_said.sort_by(|a, b| a.0.cmp(&b.0));
    let said = said(&live);
    let words = |said: &[(String, f64)]| said.iter().map(|(word, _)| word.clone()).collect();
    let [live_words, file_words]: [Vec<String>; 2] = [words(&said), words(&of_files_said)];
    assert_eq!(live_words, WORDS, "{:#?}", live.findings);
    assert_eq!(file_words, WORDS);
    for ((word, live), (_, file)) in said.iter().zip(&of_files_said) {
        assert!(
            (live - file).abs() <= 0.3,
            "{word}: {live} live, {file} of files"
        );
    }
    let file_db = thirds(&of_files["difference"]["third_octave"]["db"]);
    let heard_bands = &live.difference.heard_bands;
    for (n, live_db) in live.difference.third_octave.db.iter().enumerate() {
        if let (true, Some(live_db), Some(file_db)) = (heard_bands[n], live_db, file_db[n]) {
            let apart_db = live_db - file_db;
            assert!(apart_db.abs() <= 0.3, "band {n}: {live_db} and {file_db}");
        }
    }
}

/// A snapshot of what a desk has heard, with its last 30 s of sound, as a file.
fn kept(desk: &mut Desk, name: &str, folder: &std::path::Path) -> std::path::PathBuf {
    let pair = &desk.session.pair;
    let mix = pair.mix.history().expect("there is a mix");
    let visible = Visible {
        right_edge_secs: mix.end_secs(),
        span_secs: 10.0,
        tiers: [1; 2],
        finest_tier: 0,
        match_gain_db: None,
        settings: serde_json::json!({}),
    };
    let keeping = Keeping::begin(pair, Some(&mix.meters), &pair.beside, visible);
    let mut snapshot = keeping.expect("there is a mix").finish(pair);
    let mut recent = Recent::default();
    mix.tap().copy(usize::MAX, &mut recent);
    snapshot.sound = keep::sound(&recent, mix.end_secs(), 30.0);
    snapshot.facts.name = name.to_owned();
    let path = folder.join(format!("{name}.abscope"));
    snapshot.write_to(&path).expect("the folder is writable");
    path
}

#[test]
fn two_snapshots_of_a_song_are_laid_by_their_sound_and_have_full_figures_on_both_sides() {
    if parts::left_to_the_whole_run(
        "two_snapshots_of_a_song_are_laid_by_their_sound_and_have_full_figures_on_both_sides",
    ) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let song = song();
    let record = folder.path().join("record.wav");
    music::files::write_wav(&record, RATE_HZ, part(&song, 0, 12).as_flattened());
    // The version before heard 20 … 60 of the song, the one of now 30 … 75: both keep 45 … 60.
    let now = {
        let mut desk = Desk::open(&record);
        desk.feed(part(&mixed(&song), 20, 40));
        kept(&mut desk, "chorus 2", folder.path())
    };
    let whole = folder.path().join("whole record.wav");
    music::files::write_wav(&whole, RATE_HZ, song.as_flattened());
    let mut before = Desk::open(&whole);
    before.hear(part(&song, 30, 45));
    let path = kept(&mut before, "chorus 1", folder.path());
    let measured = before.session.pair.mix.history().map(|mix| &mix.meters);
    let measured = measured.expect("there is a mix").loudness;

    let mut desk = Desk::open(&record);
    let pair = &mut desk.session.pair;
    pair.recall_mix(&Snapshot::read(&now).expect("it was written"));
    let mut reference = Reference::from_snapshot("chorus 1".to_owned(), &path);
    reference.wait();
    pair.references.add(reference).expect("there is room");
    assert!(pair.references.activate(1));
    pair.settle_anew();
    let beside = &pair.beside;
    assert!(
        matches!(beside.tracking, Some(Tracking::Locked(_))),
        "{:?}",
        beside.tracking
    );
    // Mix time 0 is second 20, the other one's half minute of sound begins at second 45, and repeats.
    let apart = (beside.offset_secs + 25.0).rem_euclid(30.0);
    assert!(apart.min(30.0 - apart) < 0.005, "{}", beside.offset_secs);
    let data = pair.references.active().expect("it is shown").data();
    let (lufs, range_lu) = data.loudness_of_part();
    assert!((lufs.expect("it sounds") - measured.integrated_lufs.expect("it sounds")).abs() < 0.01);
    assert_eq!(range_lu, measured.range_lu);
    drop(data);
    let heard = HeardJob::of(pair)
        .unwrap_or_else(|why| panic!("{why}"))
        .compare();
    let words: Vec<String> = said(&heard.comparison())
        .into_iter()
        .map(|(word, _)| word)
        .collect();
    assert_eq!(words, WORDS);
    assert_eq!(
        compared_words(&heard),
        "A chorus 2, 0:25 – 0:40 · B chorus 1, 0:00 – 0:15 · 0:45 – 1:00 of the song"
    );
    let places = heard.told.findings.iter().filter_map(|it| it.song_secs);
    for [from, to] in places {
        assert!(from >= 44.0 && to <= 61.0, "{from} {to}");
    }
}

#[test]
fn what_is_asked_for_is_compared_and_after_a_reset_only_what_was_heard_since() {
    if parts::left_to_the_whole_run(
        "what_is_asked_for_is_compared_and_after_a_reset_only_what_was_heard_since",
    ) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let song = song();
    let record = folder.path().join("record.wav");
    music::files::write_wav(&record, RATE_HZ, part(&song, 0, 60).as_flattened());
    let mut desk = Desk::open(&record);
    // Half a minute of the mix as it was, then the record itself.
    desk.hear(part(&mixed(&song), 0, 25));
    desk.session.pair.reset_measurement();
    desk.hear(part(&song, 25, 25));
    let pair = &desk.session.pair;
    let job = |secs| {
        HeardJob::within(pair, &pair.beside, secs, None).unwrap_or_else(|why| panic!("{why}"))
    };
    let since = job(None).compare();
    assert!(
        (since.mix_secs[0] - 25.0).abs() < 0.5,
        "{:?}",
        since.mix_secs
    );
    assert!(
        since.comparison().findings.is_empty(),
        "{:#?}",
        since.comparison().findings
    );
    let marked = job(Some([5.0, 22.0])).compare();
    assert_eq!(marked.mix_secs, [5.0, 22.0]);
    let words: Vec<String> = said(&marked.comparison())
        .into_iter()
        .map(|(word, _)| word)
        .collect();
    assert_eq!(words, WORDS);
}
