//! The report of `compare --report` in a real browser, at every width and on paper.

use std::path::{Path, PathBuf};
use std::process::Command;

use abscope::audio::demo::{DemoVersion, SAMPLE_RATE_HZ, render};

use crate::support::music::files::{run_compare, write_wav};
use crate::support::parts::{self, CHROMIUM};
use crate::support::turns;

/// Kept after the test, so that it can be looked at.
fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report-in-a-browser");
    std::fs::create_dir_all(&folder).expect("the target folder is writable");
    folder
}

/// The report of the demo against its reference.
fn demo() -> PathBuf {
    let song = |version, name: &str| {
        let path = folder().join(name);
        write_wav(&path, SAMPLE_RATE_HZ, &render(version));
        path
    };
    let files = [
        song(DemoVersion::Mix, "Rough mix 3.wav"),
        song(DemoVersion::Reference, "The master.wav"),
    ];
    let path = folder().join("demo.html");
    let words = [
        "--report",
        path.to_str().expect("the folder's name is text"),
    ];
    let output = run_compare(&files, &words);
    assert!(output.status.success(), "{output:?}");
    path
}

fn browse(browser: &Path, words: &[String]) {
    let profile = tempfile::tempdir().expect("a temporary folder can be made");
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
        ])
        .args([
            "--no-first-run",
            "--disable-extensions",
            "--disable-background-networking",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(words)
        .output()
        .expect("it was found");
    assert!(
        output.status.success(),
        "{}: {}",
        browser.display(),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Pixels of a PNG of any colour type that has eight bits: width, and red, green and blue of each.
fn pixels(path: &Path) -> (usize, Vec<[u8; 3]>) {
    let file = std::fs::File::open(path).expect("the browser wrote it");
    let mut reader = png::Decoder::new(std::io::BufReader::new(file))
        .read_info()
        .expect("a PNG");
    let mut bytes = vec![0; reader.output_buffer_size().expect("it fits")];
    let info = reader.next_frame(&mut bytes).expect("whole");
    let samples = info.color_type.samples();
    let rgb = bytes.chunks_exact(samples).map(|p| [p[0], p[1], p[2]]);
    (info.width as usize, rgb.collect())
}

#[test]
fn a_browser_shows_it_wide_and_on_a_phone_and_prints_it() {
    let test = "a_browser_shows_it_wide_and_on_a_phone_and_prints_it";
    if !parts::are_there(test, &[CHROMIUM]) {
        return;
    }
    let browser = &CHROMIUM.program().expect("it was found");
    let _turn = turns::alone();
    let report = &demo();
    let url = |path: &Path| format!("file://{}", path.display().to_string().replace(' ', "%20"));
    // A browser's window has a least width; a frame in it can be as narrow as a phone.
    let phone = folder().join("phone.html");
    let page = format!(
        "<body style=\"margin:0;background:#0f0\"><iframe src=\"{}\" width=\"390\" height=\"6200\" \
         style=\"border:0\"></iframe>",
        url(report)
    );
    std::fs::write(&phone, page).expect("the folder is writable");
    for (name, shown, size) in [
        ("desktop", report, "1280,6000"),
        ("phone", &phone, "600,6200"),
    ] {
        let picture = folder().join(format!("{name}.png"));
        browse(
            browser,
            &[
                format!("--screenshot={}", picture.display()),
                format!("--window-size={size}"),
                url(shown),
            ],
        );
        let (width, pixels) = pixels(&picture);
        let is_blue = |p: &&[u8; 3]| p[2] > 180 && p[0] < 60;
        let blue = pixels.iter().filter(is_blue).count();
        assert!(
            blue > 500,
            "{name}: no picture is drawn in blue: {blue} pixels"
        );
        if name == "phone" {
            // Nothing is as wide as to be cut off: the phone's right margin is paper beside the words.
            let rows = pixels.chunks(width).take(1200);
            let is_ink = |p: &[u8; 3]| p.iter().all(|c| *c < 120);
            let cut = rows.filter(|row| row[380..390].iter().any(is_ink)).count();
            assert_eq!(cut, 0, "words reach over the phone's edge");
        }
    }
    let pdf = folder().join("demo.pdf");
    browse(
        browser,
        &[
            "--no-pdf-header-footer".into(),
            format!("--print-to-pdf={}", pdf.display()),
            url(report),
        ],
    );
    let bytes = std::fs::read(&pdf).expect("the browser wrote it");
    let text = String::from_utf8_lossy(&bytes);
    let pages = text.matches("/Type /Page\n").count();
    assert!(bytes.starts_with(b"%PDF-"));
    assert_eq!(pages, 5, "summary, two pages of pictures, two of figures");
}
