//! Findings of the mix heard so far: those of the files, and how the drawer shows them.

use crate::support::kittest::Chrome;
use crate::support::parts;
use abscope::analysis::band_range::noise_weights;
use abscope::analysis::column::{Column, NUM_TIERS, TIER_FACTOR, TierColumn, pack_bin};
use abscope::analysis::summary::LevelSummary;
use abscope::audio::demo::{self, DemoSong, DemoVersion, FAULT_SHELF_DB};
use abscope::audio::frames::{ChannelLayout, StreamFormat};
use abscope::compare::alignment::AlignmentResult;
use abscope::compare::comparison::{Comparison, Relation, Told};
use abscope::compare::findings::Area;
use abscope::compare::heard::HeardSide;
use abscope::compare::tracker::Tracking;
use abscope::dsp::grid::{NUM_BINS, hz_from_bin};
use abscope::dsp::loudness::LoudnessPoint;
use abscope::session::Session;
use abscope::session::action::{Action, WindowAction};
use abscope::session::pairing::heard::{Heard, HeardJob, SongTime};
use abscope::session::references::Reference;
use abscope::session::sides::beside::CompanionFrame;
use abscope::session::sides::columns::MixColumns;
use abscope::session::sides::history::History;
use abscope::session::sides::still::StillSide;
use abscope::session::sides::stretches::{Stretch, Stretches};
use abscope::view::drawer::DrawerScene;
use abscope::view::findings::{FindingsScene, NOTHING, pointed_finding};
use abscope::view::looks::Smoothing;
use abscope::view::mark::measured;

/// A session that has heard a version of the demo beside its reference, aligned.
fn session(version: DemoVersion) -> Session {
    let format = StreamFormat {
        sample_rate_hz: demo::SAMPLE_RATE_HZ,
        layout: ChannelLayout::Stereo,
    };
    let mut mix = StillSide::new("Demo".to_owned(), format);
    let mut song = DemoSong::new(version);
    let mut chunk = vec![0.0; 2 * 48_000];
    loop {
        let frames = song.read(&mut chunk);
        if frames == 0 {
            break;
        }
        mix.feed(&chunk[..2 * frames]);
    }
    mix.settle();
    let to_secs = mix.history.end_secs();
    let mut session = Session::default();
    session.pair.mix = mix.into();
    session
        .pair
        .references
        .add(Reference::demo())
        .expect("there is room");
    session.pair.references.shelf_mut().all_mut()[0].wait();
    let alignment = AlignmentResult::at(0.0, 0.99);
    session.pair.beside = CompanionFrame {
        tracking: Some(Tracking::Locked(alignment)),
        stretches: Stretches::of(vec![Stretch {
            from_secs: 0.0,
            to_secs,
            offset_secs: 0.0,
        }]),
        ..CompanionFrame::default()
    };
    session
}

fn heard(session: &Session) -> Heard {
    HeardJob::of(&session.pair)
        .unwrap_or_else(|why| panic!("{why}"))
        .compare()
}

#[test]
fn the_mix_heard_so_far_has_the_findings_of_its_file() {
    if parts::left_to_the_whole_run("the_mix_heard_so_far_has_the_findings_of_its_file") {
        return;
    }
    let mut session = session(DemoVersion::Mix);
    let heard = heard(&session);
    let comparison = heard.comparison();
    let findings = &comparison.findings;
    for (word, value) in [
        ("boomier", 3.0),
        ("duller", FAULT_SHELF_DB),
        ("narrower", -6.0),
        ("quieter", -4.0),
        ("over full scale", 4.2),
    ] {
        let mut found = findings
            .iter()
            .filter(|finding| finding.clause.contains(word));
        let finding = found
            .next()
            .unwrap_or_else(|| panic!("{word}: {findings:#?}"));
        assert!((finding.value - value).abs() <= 0.5, "{word}: {finding:?}");
        assert!(found.next().is_none(), "{word} is said once: {findings:#?}");
    }
    assert_eq!(findings.len(), 5, "{findings:#?}");

    let verdict = comparison.verdict.clone();
    session.heard = Some(Ok(heard.clone()));
    let content = FindingsScene::of(&session);
    assert_eq!((content.rows.len(), &content.state), (5, &None));
    // What a mark reads that points at a finding is of the same seconds and the same range.
    for (row, finding) in content.rows.iter().zip(findings) {
        let pointed = pointed_finding(&session, row.mark);
        assert_eq!(pointed.is_some(), finding.area == Area::Spectrum);
        let Some(pointed) = pointed else { continue };
        assert_eq!(pointed.db, finding.value);
        let smoothing = Smoothing::default();
        let marked = measured(&session, &session.pair.beside, row.mark, smoothing);
        let matched_db = marked.band_difference_db.expect("both sound")
            - comparison
                .difference
                .loudness_offset_lu
                .expect("both sound");
        let gain_db = comparison.difference.left_out_db(heard.relation);
        let apart_db = matched_db - gain_db - pointed.db;
        assert!(apart_db.abs() < 1.5, "{finding:?}: {matched_db}");
    }
    let mut chrome = Chrome::drawer(DrawerScene::Findings(content));
    let words = chrome.words().join("\n").replace('\u{a0}', " ");
    for sentence in &verdict {
        assert!(words.contains(sentence), "{sentence}\n{words}");
    }
    assert!(
        words.contains("quieter than the reference") && words.contains("−4.0 LU"),
        "{words}"
    );
    assert_eq!(
        chrome.click("Report"),
        vec![Action::Window(WindowAction::Report)]
    );
    assert_eq!(
        chrome.click("Export figures"),
        vec![Action::Window(WindowAction::Export)]
    );
}

#[test]
fn what_is_done_to_a_song_weighs_the_same_whatever_passage_of_it_is_heard() {
    let session = session(DemoVersion::Mix);
    let beside = &session.pair.beside;
    let severities = |secs: [f64; 2]| {
        let job = HeardJob::within(&session.pair, beside, Some(secs), None);
        let heard = job.unwrap_or_else(|why| panic!("{why}")).compare();
        ["boomier", "duller", "narrower"].map(|word| {
            let mut findings = heard.told.findings.iter();
            let found = findings.find(|finding| finding.clause.contains(word));
            found
                .unwrap_or_else(|| panic!("{word} in {secs:?}"))
                .severity
        })
    };
    let whole = severities([1.0, 60.0]);
    for secs in [[9.0, 13.0], [16.0, 40.0], [40.0, 58.0]] {
        for (part, whole) in severities(secs).iter().zip(whole) {
            assert!((part - whole).abs() < 0.08, "{secs:?}: {part} of {whole}");
        }
    }
}

#[test]
fn the_reference_heard_beside_itself_has_none() {
    if parts::left_to_the_whole_run("the_reference_heard_beside_itself_has_none") {
        return;
    }
    let mut session = session(DemoVersion::Reference);
    let heard = heard(&session);
    assert!(
        heard.comparison().findings.is_empty(),
        "{:#?}",
        heard.comparison().findings
    );
    session.heard = Some(Ok(heard));
    let content = FindingsScene::of(&session);
    assert_eq!(content.state.as_deref(), Some(NOTHING));
    assert!(
        content.verdict[0].starts_with("Nothing differs"),
        "{:?}",
        content.verdict
    );
}

#[test]
fn what_is_missing_is_said() {
    let mut empty = Session::default();
    let why = HeardJob::of(&empty.pair).err().expect("there is nothing");
    assert!(why.contains("No input"), "{why}");
    empty.heard = Some(Err(why.clone()));
    let chrome = Chrome::drawer(DrawerScene::Findings(FindingsScene::of(&empty)));
    assert!(chrome.has(&why));
    let mut short = session(DemoVersion::Mix);
    short.pair.beside.stretches = Stretches::of(vec![Stretch {
        from_secs: 0.0,
        to_secs: 5.0,
        offset_secs: 0.0,
    }]);
    let why = HeardJob::of(&short.pair)
        .err()
        .expect("five seconds are too little");
    assert!(why.starts_with("Listening"), "{why}");
    let beside = short.pair.beside.clone();
    let why_of = |secs| HeardJob::within(&short.pair, &beside, Some(secs), None).err();
    // Of what is marked, and of a picture that stands still, no more will come.
    let why = why_of([1.0, 3.5]).expect("a mark of 2.5 seconds is too short");
    assert!(
        why.contains("2.5 s are marked") && why.contains("three"),
        "{why}"
    );
    assert_eq!(
        why_of([1.0, 4.5]),
        None,
        "of the same seconds three are enough"
    );
    let mut other_song = beside.clone();
    other_song.tracking = Some(Tracking::NotTheSameSong);
    let why = HeardJob::within(&short.pair, &other_song, Some([2.0, 11.0]), None).err();
    let why = why.expect("of another song nine seconds are too little");
    assert!(
        why.contains("9.0 s are marked") && why.contains("ten"),
        "{why}"
    );
    let why = why_of([0.0, 30.0]).expect("five seconds in common are too little");
    assert!(why.contains("5 s in common"), "{why}");
}

#[test]
fn a_second_live_input_is_compared_over_the_time_that_both_were_heard() {
    if parts::left_to_the_whole_run(
        "a_second_live_input_is_compared_over_the_time_that_both_were_heard",
    ) {
        return;
    }
    let mut session = session(DemoVersion::Mix);
    let mut live = self::session(DemoVersion::Reference);
    let live = std::mem::take(live.pair.mix.hearing_mut());
    session.pair.set_live_reference(Some(live));
    let heard = heard(&session);
    let comparison = heard.comparison();
    let has = |word: &str| {
        let mut findings = comparison.findings.iter();
        findings.any(|finding| finding.clause.contains(word))
    };
    assert!(
        has("boomier") && has("duller") && has("quieter"),
        "{:#?}",
        comparison.findings
    );
    assert!(matches!(comparison.relation, Relation::SameTime(_)));
    assert!(
        comparison.verdict[2].starts_with("Both are inputs"),
        "{:?}",
        comparison.verdict
    );
}

/// Columns of a mix, in each tier only those from a time on.
fn kept_from(mix: &History, from_secs: impl Fn(usize) -> f64) -> MixColumns {
    let mut columns = MixColumns::default();
    for tier in 0..NUM_TIERS {
        let slice_secs = mix.hop_secs() * TIER_FACTOR.pow(tier as u32) as f64;
        let first = (from_secs(tier) / slice_secs) as u64;
        for column in mix.columns.range(tier, first..u64::MAX) {
            columns.push(&TierColumn {
                tier: tier as u8,
                column,
            });
        }
    }
    columns
}

#[test]
fn what_a_fine_tier_has_let_go_is_read_from_a_coarser_one_and_all_figures_are_of_the_same_time() {
    if parts::left_to_the_whole_run(
        "what_a_fine_tier_has_let_go_is_read_from_a_coarser_one_and_all_figures_are_of_the_same_time",
    ) {
        return;
    }
    let mut session = session(DemoVersion::Mix);
    let mix = session.pair.mix.history_mut().expect("it is heard");
    let slice_secs = |mix: &History, tier: u32| mix.hop_secs() * TIER_FACTOR.pow(tier) as f64;
    mix.columns = kept_from(mix, |tier| if tier < 4 { 40.0 } else { 0.0 });
    let coarser = heard(&session);
    let mix = session.pair.mix.history_mut().expect("it is heard");
    assert_eq!(coarser.sides[0].slice_secs, slice_secs(mix, 4));
    assert_eq!(coarser.mix_secs[0], 0.0);

    mix.columns = kept_from(mix, |tier| if tier < 4 { 40.0 } else { 60.0 });
    let shorter = heard(&session);
    let mix = session.pair.mix.history().expect("it is heard");
    assert_eq!(shorter.sides[0].slice_secs, slice_secs(mix, 3));
    let [from_secs, to_secs] = shorter.mix_secs;
    assert!((39.0..41.0).contains(&from_secs), "{from_secs}");
    for side in &shorter.sides {
        let loudness_secs = side.loudness.len() as f64 * 0.1;
        let columns_secs = side.columns.len() as f64 * side.slice_secs;
        assert!((loudness_secs - (to_secs - from_secs)).abs() < 0.3);
        assert!((columns_secs - loudness_secs).abs() < 2.0 * side.slice_secs);
    }
}

/// A side of half a minute or more that leans and has faults.
fn side(leans_db: f32, levels: LevelSummary, true_peak_dbtp: f64, columns: u64) -> HeardSide {
    let column = |index: u64| {
        // It breathes a little, as music does.
        let level_db = -30.0 - 6.0 * (index % 2) as f32;
        let bins = [pack_bin(level_db, leans_db, -9.0 - leans_db.abs()); NUM_BINS];
        Column { index, bins }
    };
    let point = |n: u64| LoudnessPoint {
        momentary_lufs: -20.0,
        short_term_lufs: if n % 200 < 100 {
            -20.0
        } else {
            -20.0 + leans_db.abs()
        },
        ..LoudnessPoint::ABSENT
    };
    HeardSide {
        columns: (0..columns).map(column).collect(),
        slice_secs: 0.7,
        loudness: (0..7 * columns).map(point).collect(),
        true_peak_dbtp: Some(true_peak_dbtp),
        levels,
        ..HeardSide::default()
    }
}

fn clauses(mix: &HeardSide, reference: &HeardSide) -> Vec<String> {
    let summaries = [mix.summary(), reference.summary()];
    let parts = [
        mix.material(&summaries[0]),
        reference.material(&summaries[1]),
    ];
    let relation = Relation::SameSong(AlignmentResult::at(0.0, 0.99));
    let comparison = Comparison::new(summaries.each_ref(), parts, relation);
    let findings = comparison.findings.into_iter();
    findings.map(|finding| finding.clause).collect()
}

#[test]
fn faults_are_said_though_the_reference_is_worse_and_nobody_leans_who_does_not() {
    let faulty = |dc_offset: f64, clipped_samples: u64| LevelSummary {
        clipped_samples,
        dc_offset: Some(dc_offset),
        ..LevelSummary::default()
    };
    let mix = side(0.0, faulty(0.3, 44_000), 1.1, 50);
    let worse = side(4.0, faulty(0.4, 90_000), 3.0, 50);
    let said = clauses(&mix, &worse).join("; ");
    for words in [
        "a DC offset (−10.5 dBFS)",
        "over full scale (+1.1 dBTP, 44000 clipped samples)",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let quiet = |leans_db| side(leans_db, LevelSummary::default(), -3.0, 50);
    for (mix_db, reference_db, expected) in [
        (
            0.0,
            4.0,
            "less to the left than the reference, which leans there",
        ),
        (2.0, 4.0, "less to the left"),
        (
            -2.0,
            4.0,
            "to the right, where the reference leans to the left",
        ),
        (4.0, 0.0, "more to the left"),
    ] {
        let said = clauses(&quiet(mix_db), &quiet(reference_db)).join("; ");
        assert!(said.contains(expected), "{mix_db}, {reference_db}: {said}");
    }
}

#[test]
fn a_loudness_range_is_no_finding_before_it_has_settled() {
    let of = |leans_db: f32, columns| side(leans_db, LevelSummary::default(), -3.0, columns);
    let said = |columns| clauses(&of(4.0, columns), &of(0.0, columns)).join("; ");
    assert!(!said(45).contains("dynamic"), "32 s: {}", said(45));
    assert!(said(100).contains("more dynamic"), "70 s: {}", said(100));
}

/// Dark music: so quiet above 8 kHz that nobody judges it, and lower by so much above 4.5 kHz.
fn dark(shelf_db: f32) -> HeardSide {
    let level_db = |bin: usize| {
        let hz = hz_from_bin(bin as f64);
        let fallen_db = 18.0 * (hz / 1000.0).log2().max(0.0);
        let shelf_db = if hz > 4500.0 { shelf_db } else { 0.0 };
        -20.0 - fallen_db as f32 + shelf_db
    };
    let column = |index: u64| {
        let breath_db = 6.0 * (index % 2) as f32;
        let bins = std::array::from_fn(|bin| pack_bin(level_db(bin) - breath_db, 0.0, -9.0));
        Column { index, bins }
    };
    HeardSide {
        columns: (0..50).map(column).collect(),
        ..side(0.0, LevelSummary::default(), -3.0, 50)
    }
}

#[test]
fn a_shelf_is_told_to_its_end_though_its_top_is_too_quiet_to_be_judged() {
    let said = clauses(&dark(-3.0), &dark(0.0)).join("; ");
    assert!(said.contains("duller (−3.0 dB, 5–20 kHz)"), "{said}");
}

/// A song of thirds of an octave at such levels.
fn of_thirds(level_db: impl Fn(usize) -> f32) -> HeardSide {
    let third = |bin: usize| {
        let hz = hz_from_bin(bin as f64);
        (10.0 * (hz / 19.953).log10()).round().clamp(0.0, 30.0) as usize
    };
    let column = |index: u64| {
        let breath_db = 2.0 * (index % 2) as f32;
        // Cells whose power is the same within an octave do not read the same level.
        let cell_db = |bin: usize| 10.0 * noise_weights()[bin].log10();
        let level = |bin: usize| level_db(third(bin)) - breath_db - cell_db(bin);
        let bins = std::array::from_fn(|bin| pack_bin(level(bin), 0.0, -9.0));
        Column { index, bins }
    };
    HeardSide {
        columns: (0..50).map(column).collect(),
        ..side(0.0, LevelSummary::default(), -3.0, 50)
    }
}

#[test]
fn findings_of_another_song_judge_each_range_once_and_hold_no_band_of_the_other_sign() {
    // Nothing but rumble at 20 and 25 Hz, of which the mix has more; less sub where that sounds; more from 160 Hz to 1 kHz,
    // but for a gap at 125 Hz.
    let song = |band: usize| match band {
        0..=1 => -75.0,
        2..=5 => -30.0,
        _ => -35.0,
    };
    let mix = |band: usize| {
        song(band)
            + match band {
                0..=1 => 8.0,
                2..=5 => -8.0,
                8 => -5.0,
                9..=17 => 7.0,
                _ => 0.0,
            }
    };
    let sides = [of_thirds(mix), of_thirds(song)];
    let summaries = sides.each_ref().map(HeardSide::summary);
    let parts = [0, 1].map(|n| sides[n].material(&summaries[n]));
    let comparison = Comparison::new(summaries.each_ref(), parts, Relation::OtherSong);
    let words: Vec<&str> = comparison
        .findings
        .iter()
        .map(|f| f.text.as_str())
        .collect();
    let sub = words.iter().filter(|words| words.contains("sub"));
    assert_eq!(sub.count(), 1, "{words:?}");
    assert!(
        words.iter().any(|words| words.contains("less sub")),
        "{words:?}"
    );
    let midrange = comparison
        .findings
        .iter()
        .find(|f| f.text.contains("midrange"));
    let frequency_hz = midrange.and_then(|f| f.frequency_hz);
    let [from_hz, to_hz] = frequency_hz.unwrap_or_else(|| panic!("{words:?}"));
    assert!(from_hz > 140.0 && to_hz < 1_500.0, "{from_hz} {to_hz}");
    let [_, matches, _] = &comparison.verdict;
    assert!(
        !matches.contains("160") && !matches.contains("400"),
        "{matches}"
    );
}

#[test]
fn snapshots_of_other_bars_have_no_strong_findings() {
    let sides = [dark(-9.0), dark(0.0)];
    let heard = Heard {
        summaries: sides.each_ref().map(HeardSide::summary),
        sides,
        relation: Relation::OtherSong,
        mix_secs: [0.0, 35.0],
        places: vec![],
        generation: 0,
        has_kept_sound: true,
        song_time: SongTime::OfKept(None),
        told: Told::default(),
    }
    .judged(&[]);
    let comparison = heard.comparison();
    assert!(!comparison.findings.is_empty());
    for finding in &comparison.findings {
        assert!(finding.severity < 0.25, "{finding:?}");
        assert!(finding.text.ends_with("(other bars)"), "{finding:?}");
    }
    let [differs, _, sure] = &comparison.verdict;
    assert!(
        differs.starts_with("The two have no passage in common"),
        "{differs}"
    );
    assert!(sure.contains("no passage"), "{sure}");
    // Whole songs that differ so much are another matter.
    let songs = Heard {
        has_kept_sound: false,
        song_time: SongTime::Own,
        ..heard
    }
    .judged(&[]);
    let strongest = songs.comparison().findings[0].severity;
    assert!(strongest >= 0.5, "{strongest}");
}
