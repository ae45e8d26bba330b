//! The shelf of snapshots as plain data: a row for each, newest first.

use std::sync::Arc;

use crate::session::Session;
use crate::session::snapshots::journal::Page;
use crate::view::readout::{bars_words, one_decimal};

/// Rows of the drawer; older ones are in the folder, and `recall` takes them by name.
const MOST_ROWS: usize = 100;

/// Everything the drawer of snapshots shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SnapshotsScene {
    /// What the song is called, and whether a person has named it so.
    pub song: (String, bool),
    /// Newest first.
    pub rows: Vec<SnapshotRow>,
    /// How many more there are.
    pub more: usize,
    /// Files that do not open, one line each.
    pub problems: Vec<String>,
    /// What was deleted last and can come back.
    pub deleted: Option<String>,
    /// The snapshot that stands in place of the live mix.
    pub recalled: Option<String>,
    /// Whether the shelf has been read.
    pub is_read: bool,
}

/// One snapshot.
#[derive(Clone, Debug, PartialEq)]
pub struct SnapshotRow {
    /// Its data.
    pub page: Arc<Page>,
    /// Date and loudness in few words.
    pub facts: String,
    /// Its place among the references, if it is the one that is shown.
    pub as_reference: Option<usize>,
    /// Whether it stands in the place of the mix.
    pub is_mix: bool,
}

impl SnapshotsScene {
    /// The shelf of a session.
    pub fn of(session: &Session) -> Self {
        let pages = &session.pages;
        let recalled = session.pair.mix.recalled_name();
        let row = |page: &Arc<Page>| SnapshotRow {
            facts: facts(page),
            as_reference: {
                let mut references = session.pair.references.all();
                let at =
                    references.position(|item| item.path.as_deref() == Some(page.path.as_path()));
                let (_, active) = session.pair.references.count();
                at.filter(|at| *at == active)
            },
            is_mix: recalled == Some(page.facts.name.as_str()),
            page: Arc::clone(page),
        };
        Self {
            song: (
                session.pair.song_name(),
                !session.pair.named_song().is_empty(),
            ),
            rows: pages.pages.iter().take(MOST_ROWS).map(row).collect(),
            more: pages.pages.len().saturating_sub(MOST_ROWS),
            problems: pages.problems.clone(),
            deleted: session.deleted.clone(),
            recalled: recalled.map(str::to_owned),
            is_read: pages.is_read,
        }
    }
}

/// "2026-11-23 03:12 · integrated −14.2 LUFS · beside Record".
fn facts(page: &Page) -> String {
    let mut created: String = page.facts.created.text.chars().take(16).collect();
    if let Some(bars) = page.bars {
        created += &format!("  ·  {}", bars_words(bars));
    }
    let loudness = one_decimal(page.portrait.integrated_lufs);
    match &page.sources.1 {
        Some(reference) => {
            format!("{created}  ·  integrated {loudness} LUFS  ·  beside {reference}")
        }
        None => format!("{created}  ·  integrated {loudness} LUFS"),
    }
}
