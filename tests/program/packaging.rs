//! What a package carries: man pages, completions, desktop file and AppStream file are whole and agree.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Command;

use crate::support::parts::{self, VALIDATORS};
use crate::support::program::abscope;
use abscope::cli::args::Cli;
use clap::CommandFactory as _;

const DESKTOP: &str = "packaging/org.abscope.Abscope.desktop";
const METAINFO: &str = "packaging/org.abscope.Abscope.metainfo.xml";

#[test]
fn every_command_has_a_man_page_and_every_shell_its_completions() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let status = abscope()
        .arg("manual")
        .arg(folder.path())
        .status()
        .expect("the program was built");
    assert!(status.success());
    let told: Vec<String> = Cli::command()
        .get_subcommands()
        .filter(|command| !command.is_hide_set())
        .map(|command| format!("man/abscope-{}.1", command.get_name()))
        .chain(["man/abscope.1".to_owned()])
        .chain(
            ["abscope.bash", "_abscope", "abscope.fish"].map(|name| format!("completions/{name}")),
        )
        .collect();
    for name in told {
        let text = std::fs::read_to_string(folder.path().join(&name));
        assert!(text.is_ok_and(|text| text.len() > 200), "{name}");
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_said_in_one_line() {
    let output = abscope()
        .args(["manual", "/proc/abscope"])
        .output()
        .expect("the program was built");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said.starts_with("abscope: /proc/abscope/man: it cannot be made"),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn desktop_file_and_appstream_file_are_valid() {
    if !parts::are_there("desktop_file_and_appstream_file_are_valid", &[VALIDATORS]) {
        return;
    }
    assert_says_nothing_bad(Command::new("desktop-file-validate").arg(DESKTOP));
    assert_says_nothing_bad(Command::new("appstreamcli").args([
        "validate",
        "--no-net",
        "--explain",
        METAINFO,
    ]));
}

fn assert_says_nothing_bad(command: &mut Command) {
    let output = command.output().expect("it was found");
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn everything_the_package_takes_from_the_tree_is_there() {
    let manifest: toml::Table = std::fs::read_to_string("Cargo.toml")
        .expect("it is there")
        .parse()
        .expect("cargo reads it too");
    let assets = manifest["package"]["metadata"]["deb"]["assets"]
        .as_array()
        .expect("a list");
    let sources: Vec<&str> = assets
        .iter()
        .filter_map(|asset| asset[0].as_str())
        .collect();
    assert!(sources.len() > 8);
    for source in sources {
        let is_made = source.starts_with("target/");
        let path = Path::new(source.split('*').next().unwrap_or_default());
        assert!(is_made || path.exists(), "{source}");
    }
    let version = manifest["package"]["version"].as_str().expect("a version");
    let metainfo = std::fs::read_to_string(METAINFO).expect("it is there");
    assert!(metainfo.contains(&format!("release version=\"{version}\"")));
}

#[test]
fn every_kind_of_package_takes_what_is_there_and_its_scripts_are_whole() {
    let scripts = [
        "package",
        "try-package",
        "check-others",
        "wine-smoke",
        "setup",
    ];
    for script in scripts {
        let path = format!("scripts/{script}");
        let output = Command::new("bash").args(["-n", &path]).output();
        let output = output.expect("bash is there");
        assert!(output.status.success(), "{path}: {output:?}");
    }
    let text = std::fs::read_to_string("scripts/package").expect("it is there");
    let is_part = |c: char| c.is_alphanumeric() || "/._-".contains(c);
    let taken: Vec<&str> = text
        .split(|c| !is_part(c))
        .filter(|word| word.starts_with("assets/") || word.starts_with("packaging/"))
        .collect();
    assert!(taken.len() > 6, "{taken:?}");
    for path in taken {
        assert!(Path::new(path).exists(), "{path}");
    }
    // What the document says was found lies between marks that the script looks for.
    let document = std::fs::read_to_string("docs/platforms.md").expect("it is there");
    for system in ["windows", "macos"] {
        let (_, rest) = document
            .split_once(&format!("<!-- {system} -->\n"))
            .expect("it has a mark");
        assert!(rest.contains("<!-- end -->"), "{system}");
    }
}
