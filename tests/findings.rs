//! Findings of the mix heard so far: those of the files, and how the drawer shows them.

mod support;

use abscope::audio::demo::{self, DemoSong, DemoVersion, FAULT_SHELF_DB};
use abscope::audio::frames::{ChannelLayout, StreamFormat};
use abscope::compare::alignment::AlignmentResult;
use abscope::compare::tracker::Tracking;
use abscope::session::Session;
use abscope::session::action::Action;
use abscope::session::companion::CompanionFrame;
use abscope::session::heard::{Heard, HeardJob};
use abscope::session::mix::MixSide;
use abscope::session::references::Reference;
use abscope::session::stretches::{Stretch, Stretches};
use abscope::view::drawer::DrawerScene;
use abscope::view::findings::{FindingsScene, NOTHING};
use support::kittest::Chrome;

/// A session that has heard a version of the demo beside its reference, aligned.
fn session(version: DemoVersion) -> Session {
    let format = StreamFormat {
        sample_rate_hz: demo::SAMPLE_RATE_HZ,
        layout: ChannelLayout::Stereo,
    };
    let mut mix = MixSide::still("Demo".to_owned(), format);
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
    let to_secs = mix.end_secs();
    let mut session = Session::default();
    session.mix = Some(mix);
    session
        .references
        .add(Reference::demo())
        .expect("there is room");
    session.references.all_mut()[0].wait();
    let alignment = AlignmentResult {
        offset_secs: 0.0,
        confidence: 0.99,
    };
    session.beside = CompanionFrame {
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
    HeardJob::of(session)
        .unwrap_or_else(|why| panic!("{why}"))
        .compare()
}

#[test]
fn the_mix_heard_so_far_has_the_findings_of_its_file() {
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
    let mut chrome = Chrome::drawer(DrawerScene::Findings(content));
    let words = chrome.words().join("\n");
    for sentence in &verdict {
        assert!(words.contains(sentence), "{sentence}\n{words}");
    }
    assert!(
        words.contains("quieter than the reference") && words.contains("−4.0 LU"),
        "{words}"
    );
    assert_eq!(chrome.click("Report"), vec![Action::Report]);
    assert_eq!(chrome.click("Export figures"), vec![Action::Export]);
}

#[test]
fn the_reference_heard_beside_itself_has_none() {
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
    let why = HeardJob::of(&empty).err().expect("there is nothing");
    assert!(why.contains("No input"), "{why}");
    empty.heard = Some(Err(why.to_owned()));
    let chrome = Chrome::drawer(DrawerScene::Findings(FindingsScene::of(&empty)));
    assert!(chrome.has(why));
    let mut short = session(DemoVersion::Mix);
    short.beside.stretches = Stretches::of(vec![Stretch {
        from_secs: 0.0,
        to_secs: 5.0,
        offset_secs: 0.0,
    }]);
    let why = HeardJob::of(&short)
        .err()
        .expect("five seconds are too little");
    assert!(why.contains("ten seconds"), "{why}");
}
