//! The report of `compare --report`: whole, safe, readable in a browser at every width, and the same words as the JSON.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::support::music::files::{run_compare, write_wav};
use crate::support::parts;
use abscope::audio::demo::{DemoVersion, SAMPLE_RATE_HZ, render};
use abscope::cli::report::escaped;
use abscope::view::findings::NOTHING;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// Kept after the test, so that it can be looked at.
fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report");
    std::fs::create_dir_all(&folder).expect("the target folder is writable");
    folder
}

struct Made {
    html: String,
    path: PathBuf,
    json: Value,
}

fn made(mix: &Path, reference: &Path, name: &str) -> Made {
    let path = folder().join(name);
    let files = [mix.to_owned(), reference.to_owned()];
    let report = path.to_str().expect("the folder's name is text");
    let output = run_compare(&files, &["--json", "--report", report]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    Made {
        html: std::fs::read_to_string(&path).expect("the report was written"),
        json: serde_json::from_slice(&output.stdout).expect("one line of JSON"),
        path,
    }
}

/// The report of the demo against its reference, made once.
fn demo() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let song = |version, name: &str| {
            let path = folder().join(name);
            write_wav(&path, SAMPLE_RATE_HZ, &render(version));
            path
        };
        let mix = song(DemoVersion::Mix, "Rough mix 3.wav");
        let reference = song(DemoVersion::Reference, "The master.wav");
        made(&mix, &reference, "demo.html")
    })
}

/// What stands between two marks, each time.
fn between<'a>(text: &'a str, before: &str, after: char) -> Vec<&'a str> {
    let parts = text.split(before).skip(1);
    parts.filter_map(|part| part.split(after).next()).collect()
}

fn texts(json: &Value, list: &str, field: Option<&str>) -> Vec<String> {
    let items = json[list].as_array().expect("a list");
    let text = |item: &Value| field.map_or(item.clone(), |field| item[field].clone());
    items
        .iter()
        .map(|item| text(item).as_str().expect("words").to_owned())
        .collect()
}

#[test]
fn it_says_every_finding_and_the_verdict_in_the_words_of_the_json() {
    let Made { html, json, .. } = demo();
    let findings = texts(json, "findings", Some("text"));
    assert_eq!(findings.len(), 5, "{findings:?}");
    for sentence in findings.iter().chain(&texts(json, "verdict", None)) {
        assert!(html.contains(&escaped(sentence)), "{sentence}");
    }
    assert_eq!(html.matches("class=\"bar\"").count(), 5);
}

#[test]
fn the_verdict_on_the_demo_names_its_faults() {
    let verdict = texts(&demo().json, "verdict", None);
    assert_eq!(verdict.len(), 3);
    let all = verdict.join(" ");
    for word in [
        "over full scale",
        "boomier",
        "duller",
        "narrower",
        "quieter",
    ] {
        let is_named = all.contains(word);
        let is_counted = verdict[0].contains("2 smaller differences follow");
        assert!(is_named || is_counted, "{word}: {verdict:?}");
    }
    assert!(verdict[2].contains("same song"), "{verdict:?}");
}

#[test]
fn it_needs_nothing_but_itself_and_every_picture_decodes() {
    let html = &demo().html;
    for outside in [
        "http:",
        "https:",
        "<script",
        "<link",
        "@import",
        "url(",
        "javascript:",
    ] {
        assert!(!html.contains(outside), "{outside}");
    }
    let sources = between(html, "src=\"", '"');
    assert_eq!(
        sources.len(),
        4,
        "mix above reference, difference, spectrum, loudness"
    );
    let widths = between(html, "<img width=\"", '"');
    for (source, width) in sources.into_iter().zip(widths) {
        let base64 = source
            .strip_prefix("data:image/png;base64,")
            .expect("inline");
        let png = STANDARD.decode(base64).expect("base64");
        let mut reader = png::Decoder::new(std::io::Cursor::new(png))
            .read_info()
            .expect("a PNG");
        assert_eq!(reader.info().width.to_string(), width);
        let mut pixels = vec![0; reader.output_buffer_size().expect("it fits")];
        reader.next_frame(&mut pixels).expect("whole");
        let is_drawn = |p: &&[u8]| p[0].abs_diff(p[2]) > 40;
        let coloured = pixels.chunks_exact(3).filter(is_drawn).count();
        assert!(coloured > 1000, "a picture without data: {coloured}");
    }
}

#[test]
fn a_file_against_itself_differs_in_nothing_and_its_name_cannot_break_the_page() {
    let song = render(DemoVersion::Reference);
    let path = folder().join("a<b> & 'c\" song.wav");
    write_wav(&path, SAMPLE_RATE_HZ, &song[..song.len() / 4]);
    let Made { html, json, .. } = made(&path, &path, "same.html");
    assert!(texts(&json, "verdict", None)[0].starts_with("Nothing differs"));
    assert!(html.contains(&escaped(NOTHING)));
    assert!(html.contains("a&lt;b&gt; &amp; &#39;c&quot; song"));
    assert!(!html.contains("<b> &"));
}

#[test]
fn a_report_that_cannot_be_written_says_so_in_one_line() {
    if parts::left_to_the_whole_run("a_report_that_cannot_be_written_says_so_in_one_line") {
        return;
    }
    let files = [folder().join("none.wav"), folder().join("none.wav")];
    let output = run_compare(&files, &["--report", "/nowhere/report.html"]);
    assert_eq!(output.status.code(), Some(1));
    let demo = demo();
    let files = [
        folder().join("Rough mix 3.wav"),
        folder().join("The master.wav"),
    ];
    assert!(demo.path.exists());
    let output = run_compare(&files, &["--report", "/nowhere/report.html"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("/nowhere/report.html: the report cannot be written"),
        "{said}"
    );
}

#[test]
fn figures_are_exported_with_their_units_and_never_written_over() {
    if parts::left_to_the_whole_run("figures_are_exported_with_their_units_and_never_written_over")
    {
        return;
    }
    demo();
    let files = [
        folder().join("Rough mix 3.wav"),
        folder().join("The master.wav"),
    ];
    let place = tempfile::tempdir().expect("a temporary folder can be made");
    let target = place.path().join("figures");
    let words = ["--export", target.to_str().expect("text")];
    for name in ["figures", "figures (2)"] {
        let output = run_compare(&files, &words);
        assert!(output.status.success(), "{output:?}");
        let text = |file: &str| {
            let path = place.path().join(name).join(file);
            std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{path:?}: {why}"))
        };
        let json: Value = serde_json::from_str(&text("comparison.json")).expect("JSON");
        assert_eq!(
            texts(&json, "findings", Some("text")),
            texts(&demo().json, "findings", Some("text"))
        );
        let spectrum = text("spectrum.csv");
        assert!(spectrum.starts_with("frequency_hz,mix_mean_dbfs,mix_p10_dbfs"));
        assert_eq!(spectrum.lines().count(), 1025);
        assert_eq!(text("third-octaves.csv").lines().count(), 32);
        assert_eq!(text("bands.csv").lines().count(), 6);
        let loudness = text("loudness.csv");
        assert!(loudness.lines().count() > 800, "85 s have ten lines each");
        let columns = |line: &str| line.split(',').count();
        assert!(loudness.lines().all(|line| columns(line) == 5));
        // Later than a minute in, both play.
        let line = loudness.lines().nth(601).expect("it is there");
        let cells: Vec<f64> = line
            .split(',')
            .map(|cell| cell.parse().expect(line))
            .collect();
        assert!((cells[0] - 60.1).abs() < 1e-6, "{line}");
        assert!(
            (cells[2] - cells[4] + 4.0).abs() < 0.6,
            "the mix is 4 LU quieter: {line}"
        );
    }
    let guide = std::fs::read_to_string("docs/export.md").expect("it is there");
    for word in [
        "mix_minus_matched_reference_db",
        "side_to_mid_difference_db",
        "mix_secs",
    ] {
        assert!(guide.contains(word), "{word}");
    }
}
