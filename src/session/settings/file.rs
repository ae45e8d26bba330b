//! The file of the settings: read field by field, so that one bad value costs one value; written whole or not at all.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::session::replace::replace_file;
use crate::session::settings::all::Settings;
use crate::session::settings::rows::settings;
use crate::session::settings::table::Setting;
use crate::units::plain::is_hidden;

/// Names another file than the usual one; for tests, and for two set-ups on one computer.
pub const PATH_VARIABLE: &str = "ABSCOPE_CONFIG";
/// The table of what features keep.
const KEPT: &str = "kept";
/// Larger files are no settings.
const MOST_BYTES: u64 = 4 << 20;

/// Where the settings are; none where the system knows no home folder.
pub fn path() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os(PATH_VARIABLE).filter(|named| !named.is_empty()) {
        return Some(PathBuf::from(named));
    }
    let folders = directories::ProjectDirs::from("", "", "Abscope")?;
    Some(folders.config_dir().join("settings.toml"))
}

/// What was read, and what to say about it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loaded {
    /// The settings, with defaults for what was not there or not understood.
    pub settings: Settings,
    /// What was wrong: a line each.
    pub problems: Vec<String>,
    /// The file is there and could not be read: writing would destroy what nobody has seen.
    pub is_unreadable: bool,
    /// Part of the text was not understood as TOML: a copy is kept before the file is written anew.
    pub is_broken: bool,
}

/// Reads a file of settings. One that is not there is all defaults.
pub fn load(path: &Path) -> Loaded {
    let too_large = || io::Error::other("it is larger than 4 MB");
    let read = fs::metadata(path).and_then(|metadata| {
        if metadata.len() > MOST_BYTES {
            return Err(too_large());
        }
        fs::read(path)
    });
    match read {
        Ok(bytes) => parse(
            &String::from_utf8_lossy(&bytes),
            &path.display().to_string(),
        ),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Loaded::default(),
        Err(error) => Loaded {
            problems: vec![format!(
                "{}: the settings cannot be read ({error}); the usual ones are used, and changes are not kept",
                path.display()
            )],
            is_unreadable: true,
            ..Loaded::default()
        },
    }
}

/// Reads the text of a file; `name` is what problems call it.
pub fn parse(text: &str, name: &str) -> Loaded {
    let mut loaded = Loaded::default();
    let table = match text.parse::<toml::Table>() {
        Ok(table) => table,
        Err(_) => {
            loaded.is_broken = true;
            line_by_line(text, name, &mut loaded.problems)
        }
    };
    let mut unknown = vec![];
    for (key, value) in table {
        if let Some(setting) = settings().iter().find(|setting| setting.name == key) {
            read_field(setting, &value, name, &mut loaded);
        } else if let (KEPT, toml::Value::Table(kept)) = (key.as_str(), &value) {
            loaded.settings.kept = kept.clone();
        } else {
            unknown.push(key.clone());
            loaded.settings.unknown.insert(key, value);
        }
    }
    if !unknown.is_empty() {
        loaded.problems.push(format!(
            "{name}: {} {} not known to this version, and left as it is",
            unknown.join(", "),
            if unknown.len() == 1 { "is" } else { "are" }
        ));
    }
    loaded
}

fn read_field(setting: &Setting, value: &toml::Value, name: &str, loaded: &mut Loaded) {
    match setting.from_toml(value) {
        Ok(value) => {
            loaded.settings.set(setting, &value);
        }
        Err(takes) => {
            let default = Settings::default().value(setting).to_toml();
            loaded.problems.push(format!(
                "{name}: {} = {} is not {takes}; {default} is used",
                setting.name,
                one_line(&value.to_string())
            ));
        }
    }
}

/// What can be saved of a text that is no TOML: each setting stands on a line of its own, and tables come last.
fn line_by_line(text: &str, name: &str, problems: &mut Vec<String>) -> toml::Table {
    let is_header = |line: &str| line.trim_start().starts_with('[');
    let tables_at = text
        .lines()
        .position(is_header)
        .unwrap_or(text.lines().count());
    let mut table = toml::Table::new();
    for (index, line) in text.lines().take(tables_at).enumerate() {
        match line.parse::<toml::Table>() {
            Ok(part) => table.extend(part),
            Err(_) => problems.push(format!(
                "{name}: line {} is not understood and left out: {}",
                index + 1,
                one_line(line)
            )),
        }
    }
    let rest: String = text
        .lines()
        .skip(tables_at)
        .flat_map(|line| [line, "\n"])
        .collect();
    match rest.parse::<toml::Table>() {
        Ok(part) => table.extend(part),
        Err(error) => problems.push(format!(
            "{name}: what follows line {tables_at} is not understood and left out: {}",
            one_line(error.message())
        )),
    }
    table
}

/// The first line of a text, shortened: what was wrong must fit where it is said.
fn one_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().trim();
    let mut short: String = line.chars().filter(|c| !is_hidden(*c)).take(80).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    short
}

/// The text of a file: every setting with its words and limits; defaults stand as comments unless `all` are asked for.
pub fn text(kept: &Settings, all: bool) -> String {
    let mut text = "# Settings of Abscope. The window writes this file: a comment of your own does not stay.\n\
                    # A line that begins with # is the default; take the # away to change it.\n"
        .to_owned();
    let defaults = Settings::default();
    for ((setting, value), (_, default)) in kept.values().zip(defaults.values()) {
        let mark = if all || value != default { "" } else { "# " };
        let _ = write!(
            text,
            "\n# {}: {}. {}\n{mark}{} = {}\n",
            setting.label,
            setting.takes(),
            setting.help,
            setting.name,
            value.to_toml()
        );
    }
    let mut rest = kept.unknown.clone();
    if !kept.kept.is_empty() {
        rest.insert(KEPT.to_owned(), toml::Value::Table(kept.kept.clone()));
    }
    if !rest.is_empty() {
        let _ = write!(text, "\n{rest}");
    }
    text
}

/// Writes the settings in one step, so that no crash leaves half a file.
pub fn save(path: &Path, kept: &Settings) -> io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
    replace_file(path, |file| file.write_all(text(kept, false).as_bytes()))
}

/// Puts the file aside as `….bak` and returns its new name; none if there was no file.
pub fn put_aside(path: &Path) -> io::Result<Option<PathBuf>> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(".bak");
    let aside = PathBuf::from(aside);
    match fs::rename(path, &aside) {
        Ok(()) => Ok(Some(aside)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::settings::value::Value;
    use proptest::prelude::*;

    #[test]
    fn a_bad_value_costs_that_value_and_one_line() {
        let bad = [
            ("tilt", "\"steep\""),
            ("tilt", "99"),
            ("tilt", "nan"),
            ("tilt", "-inf"),
            ("tilt", "true"),
            ("tilt", "[1, 2]"),
            ("tilt", "{ a = 1 }"),
            ("tilt", "1979-05-27"),
            ("theme", "\"pink\""),
            ("theme", "3"),
            ("reduced-motion", "\"on\""),
            ("reduced-motion", "1"),
            ("pictures-folder", "\"not/absolute\""),
            ("pictures-folder", "7"),
            ("frame-rate-cap", "0"),
            ("target-lufs", "1e400"),
        ];
        for (name, value) in bad {
            let text = format!("span = 33\n{name} = {value}\ncontrast = \"high\"\n");
            let loaded = parse(&text, "s.toml");
            let expected = Settings {
                span_secs: 33.0,
                contrast: "high",
                ..Settings::default()
            };
            assert_eq!(loaded.settings, expected, "{name} = {value}");
            assert_eq!(loaded.problems.len(), 1, "{:?}", loaded.problems);
            let line = &loaded.problems[0];
            assert!(
                line.starts_with("s.toml: ") && line.contains(name),
                "{line}"
            );
            assert!(!line.contains('\n'));
        }
    }

    #[test]
    fn a_line_that_is_no_toml_costs_that_line() {
        let loaded = parse(
            "span = 33\ntilt = = 4\nrange 60\ntop = -20\n[kept]\nmonitor = \"A\"\n",
            "s",
        );
        assert_eq!(loaded.settings.span_secs, 33.0);
        assert_eq!(loaded.settings.top_db, -20.0);
        assert_eq!(
            loaded.settings.kept::<String>("monitor").as_deref(),
            Some("A")
        );
        assert_eq!(loaded.problems.len(), 2, "{:?}", loaded.problems);
        assert!(loaded.is_broken);
    }

    #[test]
    fn what_is_not_known_is_named_once_and_written_back() {
        let text = "tilt = 3\nwarp = 9\nshine = true\n\n[window]\nx = 5\n";
        let loaded = parse(text, "s");
        assert_eq!(loaded.problems.len(), 1);
        assert!(loaded.problems[0].contains("warp") && loaded.problems[0].contains("window"));
        let again = parse(&super::text(&loaded.settings, false), "s");
        assert_eq!(again.settings, loaded.settings);
    }

    #[test]
    fn defaults_are_comments_and_all_are_shown_when_asked_for() {
        let settings = Settings {
            theme: "light",
            ..Settings::default()
        };
        let written = text(&settings, false);
        assert!(written.contains("\ntheme = \"light\"\n"));
        assert!(written.contains("\n# tilt = 4\n"));
        assert!(text(&settings, true).contains("\ntilt = 4\n"));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_not_written_over() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        // A folder in the file's place cannot be read as a file.
        let loaded = load(folder.path());
        assert!(loaded.is_unreadable);
        assert_eq!(loaded.problems.len(), 1);
        let missing = load(&folder.path().join("none.toml"));
        assert_eq!(missing, Loaded::default());
    }

    #[test]
    fn saving_replaces_the_file_whole_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().join("deep/settings.toml");
        let mut settings = Settings::default();
        for span_secs in [10.0, 12.0] {
            settings.span_secs = span_secs;
            save(&path, &settings).expect("the folder is writable");
            assert_eq!(load(&path).settings, settings);
        }
        let names = fs::read_dir(path.parent().expect("it has one"));
        assert_eq!(names.expect("it is there").count(), 1);
        // A folder in the way: the old file stays, and no half one is left.
        let taken = folder.path().join("taken.toml");
        fs::create_dir(&taken).expect("the folder is writable");
        fs::write(taken.join("file"), "x").expect("the folder is writable");
        assert!(save(&taken, &settings).is_err());
        let left = fs::read_dir(folder.path()).expect("it is there").count();
        assert_eq!(left, 2);
    }

    fn any_value(setting: &'static Setting) -> BoxedStrategy<Value> {
        use crate::session::settings::table::Kind;
        match setting.kind {
            Kind::Switch(_) => any::<bool>().prop_map(Value::Switch).boxed(),
            Kind::Number { low, high, .. } => (low..=high).prop_map(Value::Number).boxed(),
            Kind::Choice { words, .. } => proptest::sample::select(words.to_vec())
                .prop_map(Value::Word)
                .boxed(),
            Kind::Text { .. } => "(/[^\0]{0,20})?".prop_map(Value::Text).boxed(),
        }
    }

    proptest! {
        #[test]
        fn whatever_is_set_is_read_back(
            values in settings().iter().map(any_value).collect::<Vec<_>>(),
            words in "[ -~äöü\u{1F600}]{0,30}",
        ) {
            let mut kept = Settings::default();
            for (setting, value) in settings().iter().zip(&values) {
                kept.set(setting, value);
            }
            kept.keep("words", &words);
            for all in [false, true] {
                let loaded = parse(&text(&kept, all), "s");
                prop_assert_eq!(&loaded.problems, &Vec::<String>::new());
                prop_assert_eq!(&loaded.settings, &kept);
            }
        }

        #[test]
        fn no_text_makes_reading_panic(text in "(?s).{0,200}", cut in 0usize..2000) {
            parse(&text, "s");
            let whole = super::text(&Settings::default(), true);
            let broken: String = whole.chars().take(cut).chain(text.chars()).collect();
            parse(&broken, "s");
        }
    }
}
