//! The shelf of references as plain data: what each one is, and the overview of the active one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::compare::sections::Section;
use crate::compare::target::Target;
use crate::session::Session;
use crate::session::references::overview::Thumbnail;
use crate::session::references::typed::TypedPath;
use crate::session::references::{MOST_REFERENCES, Reference};
use crate::units::plain::plain;
use crate::view::readout::{minutes, one_decimal, signed};

/// Steps of the overview's waveform.
pub const OVERVIEW_STEPS: usize = 400;

/// Files that were opened lately are offered up to this many.
const MOST_RECENT_SHOWN: usize = 6;

/// Everything the drawer of references shows.
#[derive(Clone, Debug, PartialEq)]
pub struct ShelfScene {
    /// One row each.
    pub items: Vec<ShelfItem>,
    /// The waveform of the active one, as soon as there is some of it.
    pub overview: Option<OverviewScene>,
    /// How many can be open.
    pub most: usize,
    /// The path that is being typed.
    pub typed: TypedPath,
    /// Files that were opened lately and are not open now.
    pub recent: Vec<PathBuf>,
    /// Files that were open before and are not there.
    pub absent: Vec<PathBuf>,
}

/// One reference.
#[derive(Clone, Debug, PartialEq)]
pub struct ShelfItem {
    /// Its own number, which stays when others leave.
    pub id: u64,
    /// What it is called.
    pub name: String,
    /// Loudness, length, region and trim in few words.
    pub facts: String,
    /// How it is doing.
    pub state: ShelfState,
    /// Its small picture.
    pub thumbnail: Option<Arc<Thumbnail>>,
    /// Whether it is the one that is compared.
    pub is_active: bool,
}

/// How a reference is doing.
#[derive(Clone, Debug, PartialEq)]
pub enum ShelfState {
    /// Being read; 0 … 1.
    Loading(f32),
    /// There.
    Ready,
    /// Could not be read: one line.
    Failed(String),
}

/// The waveform of the active reference with what is chosen of it.
#[derive(Clone, Debug, PartialEq)]
pub struct OverviewScene {
    /// Lowest and highest sample of each of [`OVERVIEW_STEPS`] steps; fewer while it is read.
    pub steps: Vec<[f32; 2]>,
    /// Length of all of it in seconds.
    pub duration_secs: f64,
    /// Whether it is the last seconds of a mix, of which its loudness is.
    pub is_kept_sound: bool,
    /// Start and end of the region in seconds; `None` is all of it.
    pub region_secs: Option<[f64; 2]>,
    /// Gain in dB besides the match.
    pub trim_db: f64,
    /// Its loudness over the region.
    pub integrated_lufs: Option<f64>,
    /// Its sections, when it is read and has more than one.
    pub sections: Vec<OverviewSection>,
}

/// A section under the waveform.
#[derive(Clone, Debug, PartialEq)]
pub struct OverviewSection {
    /// Start and end in seconds.
    pub secs: [f64; 2],
    /// What it is called.
    pub name: String,
    /// What sounds alike has the same letter.
    pub letter: char,
}

impl ShelfScene {
    /// The shelf of a session.
    pub fn of(session: &Session) -> Self {
        let (_, active) = session.pair.references.count();
        let all = || session.pair.references.all();
        let has_twin = |item: &Reference| all().filter(|other| other.name == item.name).count() > 1;
        let items = all().enumerate();
        Self {
            items: items
                .map(|(n, reference)| ShelfItem::of(reference, n == active, has_twin(reference)))
                .collect(),
            overview: session.pair.references.active().and_then(OverviewScene::of),
            most: MOST_REFERENCES,
            typed: session.typed.clone(),
            recent: recent(session),
            absent: {
                let absent = &session.pair.references.shelf().absent;
                absent
                    .iter()
                    .filter(|path| !is_open(session, path))
                    .cloned()
                    .collect()
            },
        }
    }
}

/// What was opened lately and is not open now.
fn recent(session: &Session) -> Vec<PathBuf> {
    let shelf = session.pair.references.shelf();
    let is_there = |path: &&PathBuf| !is_open(session, path) && !shelf.absent.contains(path);
    let closed = shelf.recent.iter().filter(is_there);
    closed.take(MOST_RECENT_SHOWN).cloned().collect()
}

fn is_open(session: &Session, path: &Path) -> bool {
    let references = session.pair.references.all();
    let mut paths = references.filter_map(|item| item.path.as_ref());
    paths.any(|other| std::path::absolute(other).is_ok_and(|other| other == path))
}

impl ShelfItem {
    fn of(reference: &Reference, is_active: bool, has_twin: bool) -> Self {
        let data = reference.data();
        let state = match (&data.failure, &data.programme) {
            (Some(why), _) => ShelfState::Failed(why.clone()),
            (None, None) => ShelfState::Loading(data.progress),
            (None, Some(_)) => ShelfState::Ready,
        };
        let (integrated_lufs, _) = data.loudness_of_part();
        let mut facts = vec![];
        // What tells it from another one of its name.
        let folder = reference
            .path
            .as_ref()
            .and_then(|path| path.parent()?.file_name());
        if let Some(folder) = folder.filter(|_| has_twin) {
            facts.push(format!("in {}", plain(&folder.to_string_lossy())));
        }
        if data.is_missing {
            facts.push("moved or deleted".to_owned());
        }
        if let Some(target) = &data.target {
            facts.push(target_words(target));
        }
        if integrated_lufs.is_some() {
            facts.push(format!("{} LUFS", one_decimal(integrated_lufs)));
        }
        if data.sample_rate_hz > 0 && data.target.is_none() {
            let kept = if data.is_kept_sound { "the last " } else { "" };
            facts.push(format!("{kept}{}", minutes(data.expected_secs())));
        }
        if let Some(region) = data.region {
            facts.push(region_words(region.start_secs, region.length_secs));
        }
        if data.trim_db != 0.0 {
            facts.push(format!("trim {} dB", signed(Some(data.trim_db))));
        }
        Self {
            id: reference.id,
            name: reference.name.clone(),
            facts: facts.join("  ·  "),
            state,
            thumbnail: data.thumbnail.clone(),
            is_active,
        }
    }
}

impl OverviewScene {
    fn of(reference: &Reference) -> Option<Self> {
        let data = reference.data();
        let total_cells = data
            .overview
            .cells_in(data.frames.max(data.expected_frames));
        let steps = data.overview.reduced(OVERVIEW_STEPS, total_cells);
        (!steps.is_empty()).then(|| Self {
            steps,
            duration_secs: data.expected_secs(),
            is_kept_sound: data.is_kept_sound,
            region_secs: data
                .region
                .map(|region| [region.start_secs, region.start_secs + region.length_secs]),
            trim_db: data.trim_db,
            integrated_lufs: data.loudness_of_part().0,
            sections: sections(&data.sections),
        })
    }
}

/// What a target is: "target of 12 tracks".
pub fn target_words(target: &Target) -> String {
    match target.tracks.len() {
        1 => "target of 1 track".to_owned(),
        count => format!("target of {count} tracks"),
    }
}

fn sections(sections: &[Section]) -> Vec<OverviewSection> {
    let shown = sections.iter().filter(|_| sections.len() > 1);
    shown
        .map(|section| OverviewSection {
            secs: [section.start_secs, section.end_secs],
            name: section.name.clone(),
            letter: section.letter,
        })
        .collect()
}

/// A region as people write it: "1:10–1:42".
pub fn region_words(start_secs: f64, length_secs: f64) -> String {
    format!(
        "{}–{}",
        minutes(start_secs),
        minutes(start_secs + length_secs)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_of_one_name_say_where_they_are() {
        let mut session = Session::default();
        let folder = tempfile::tempdir().expect("a temporary folder");
        for place in ["old/song.wav", "new/song.wav", "new/other.wav"] {
            let reference = Reference::from_file(&folder.path().join(place));
            let added = session.pair.references.add(reference);
            added.expect("there is room");
        }
        let items = ShelfScene::of(&session).items;
        let says = |place: &str| {
            items
                .iter()
                .filter(|item| item.facts.contains(place))
                .count()
        };
        assert_eq!([says("in old"), says("in new")], [1, 1]);
    }

    #[test]
    fn the_shelf_says_what_each_reference_is() {
        let mut session = Session::default();
        assert!(ShelfScene::of(&session).items.is_empty());
        let mut reference = Reference::demo();
        reference.wait();
        session
            .pair
            .references
            .add(reference)
            .expect("there is room");
        session.pair.references.set_region(Some([10.0, 40.0]));
        session.pair.references.set_trim_db(-1.5);
        let shelf = ShelfScene::of(&session);
        let item = &shelf.items[0];
        assert!(item.is_active && item.state == ShelfState::Ready);
        assert!(
            item.facts.contains("LUFS") && item.facts.contains("0:10–0:40"),
            "{}",
            item.facts
        );
        assert!(item.facts.contains("trim −1.5 dB"), "{}", item.facts);
        let overview = shelf.overview.expect("it is read");
        assert_eq!(overview.steps.len(), OVERVIEW_STEPS);
        assert_eq!(overview.region_secs, Some([10.0, 40.0]));
        assert_eq!(overview.sections.len(), 6);
        assert_eq!(overview.sections[2].name, "Chorus 1");
        assert!(
            overview
                .steps
                .iter()
                .any(|[low, high]| *low < -0.3 && *high > 0.3)
        );
    }
}
