//! The journal of a song as plain data: its snapshots in order, and how far each lies from the reference.

use std::sync::Arc;

use crate::compare::distance::{
    Distance, Portrait, distance, distance_beside, distance_through_record,
};
use crate::session::Session;
use crate::session::references::Reference;
use crate::session::snapshots::journal::{Page, Pages, portrait_of_reference};
use crate::view::readout::bars_words;

/// Snapshots of the newest evening; older ones do not fit a line.
const MOST_PAGES: usize = 60;
/// A mix that was heard for this much of its song is told by its peaks over its loudness beside the whole record.
const WHOLE_SONG: f64 = 0.9;
/// A change by less, in dB or LU, is none that a mix decision made.
const CHANCE: f64 = 0.3;

/// Everything the journal shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JournalScene {
    /// The song.
    pub song: String,
    /// What the distances are to; none where no reference is there.
    pub reference: Option<String>,
    /// What is held against each other.
    pub basis: Basis,
    /// Oldest first.
    pub entries: Vec<JournalEntry>,
    /// Whether the shelf has been read.
    pub is_read: bool,
}

/// What of a snapshot and of the reference is held against each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Basis {
    /// All that was heard, and all of another song.
    #[default]
    Whole,
    /// The same seconds of the same song.
    SameSeconds,
    /// Another snapshot of the song: by what both were beside the same seconds of a record.
    ThroughRecord,
}

/// One snapshot of the song.
#[derive(Clone, Debug, PartialEq)]
pub struct JournalEntry {
    /// Its name.
    pub name: String,
    /// Day and time.
    pub created: String,
    /// Which bars of the song it shows, in words, where a DAW told them.
    pub bars: Option<String>,
    /// How far it lies from the reference.
    pub distance: Distance,
}

/// A line of the journal: what it measures, in which unit, and its value in each entry, `None` where unknown.
#[derive(Clone, Debug, PartialEq)]
pub struct Trend {
    /// What it measures.
    pub title: &'static str,
    /// The unit.
    pub unit: &'static str,
    /// What a value says.
    pub hint: &'static str,
    /// Whether values have a sign; closer to 0 is closer either way.
    pub is_signed: bool,
    /// A value an entry.
    pub values: Vec<Option<f64>>,
}

impl JournalScene {
    /// The journal of the song at hand.
    pub fn of(session: &Session) -> Self {
        let (song, mut pages) = session.pages.of_song(&session.pair);
        pages.drain(..pages.len().saturating_sub(MOST_PAGES));
        let active = session.pair.references.active();
        let against = active.and_then(|reference| Against::of(reference, &session.pages, &pages));
        let entry = |page: &Arc<Page>| JournalEntry {
            name: page.facts.name.clone(),
            created: page.facts.created.text.chars().take(16).collect(),
            bars: page.bars.map(bars_words),
            distance: against
                .as_ref()
                .map(|against| against.distance_of(page))
                .unwrap_or_default(),
        };
        Self {
            song,
            reference: active
                .filter(|_| against.is_some())
                .map(|reference| reference.name.clone()),
            basis: against.as_ref().map(Against::basis).unwrap_or_default(),
            entries: pages.iter().map(entry).collect(),
            is_read: session.pages.is_read,
        }
    }

    /// The four lines.
    pub fn trends(&self) -> [Trend; 4] {
        let values = |of: fn(&Distance) -> Option<f64>| {
            let values = self.entries.iter().map(|entry| of(&entry.distance));
            values.collect()
        };
        [
            Trend {
                title: "Spectrum",
                unit: "dB",
                hint: match self.basis {
                    Basis::Whole => "mean difference of the last 20 s, matched, from the reference",
                    Basis::SameSeconds => "mean difference, matched, over the same seconds",
                    Basis::ThroughRecord => {
                        "how differently both differ from the record they were kept beside"
                    }
                },
                is_signed: false,
                values: values(|distance| distance.spectrum_db),
            },
            Trend {
                title: "Width",
                unit: "dB",
                hint: match self.basis {
                    Basis::Whole => "mean difference of side to mid in five bands",
                    _ => "mean difference of side to mid in five bands, at one moment",
                },
                is_signed: false,
                values: values(|distance| distance.width_db),
            },
            Trend {
                title: "Loudness",
                unit: "LU",
                hint: match self.basis {
                    Basis::Whole => "what was heard less the reference, integrated",
                    Basis::SameSeconds => {
                        "mix less reference, over the same seconds of the same song"
                    }
                    Basis::ThroughRecord => {
                        "mix less snapshot, each beside the same seconds of the record"
                    }
                },
                is_signed: true,
                values: values(|distance| distance.loudness_lu),
            },
            Trend {
                title: "Dynamics",
                unit: "LU",
                hint: match self.basis {
                    Basis::Whole => "true peak over integrated loudness, mix less reference",
                    _ => "peak over loudness, once the whole song was heard",
                },
                is_signed: true,
                values: values(|distance| distance.dynamics_lu),
            },
        ]
    }
}

/// What the snapshots of a song are held against.
enum Against<'a> {
    /// Another song.
    Whole(Portrait),
    /// A record that some of them were kept beside, over the same seconds, with its own figures and its length.
    Record(&'a str, Portrait, f64),
    /// A snapshot.
    Snapshot(Option<Arc<Page>>),
}

impl<'a> Against<'a> {
    /// A reference that is read, beside snapshots of a song.
    fn of(reference: &'a Reference, shelf: &Pages, pages: &[Arc<Page>]) -> Option<Self> {
        let data = reference.data();
        let portrait = portrait_of_reference(&data)?;
        if data.is_kept_sound {
            let is_it = |page: &&Arc<Page>| reference.path.as_ref() == Some(&page.path);
            return Some(Self::Snapshot(shelf.pages.iter().find(is_it).cloned()));
        }
        let name = reference.name.as_str();
        let lay_beside = |page: &Arc<Page>| was_beside(page, name);
        Some(match pages.iter().any(lay_beside) {
            true => Self::Record(name, portrait, data.duration_secs()),
            false => Self::Whole(portrait),
        })
    }

    fn basis(&self) -> Basis {
        match self {
            Self::Whole(_) => Basis::Whole,
            Self::Record(..) => Basis::SameSeconds,
            Self::Snapshot(_) => Basis::ThroughRecord,
        }
    }

    /// How far a snapshot lies from it; what is of other seconds of the song is not said.
    fn distance_of(&self, page: &Page) -> Distance {
        match self {
            Self::Whole(portrait) => distance(&page.portrait, portrait),
            Self::Record(name, portrait, length_secs) => {
                let is_whole = page.heard_secs >= WHOLE_SONG * length_secs;
                let whole = distance(&page.portrait, portrait);
                match was_beside(page, name) {
                    true => Distance {
                        dynamics_lu: whole.dynamics_lu.filter(|_| is_whole),
                        ..distance_beside(&page.portrait)
                    },
                    false => Distance::default(),
                }
            }
            // That one lies at itself is no news, and no end of a way.
            Self::Snapshot(Some(other))
                if other.path != page.path && other.sources.1 == page.sources.1 =>
            {
                distance_through_record(&page.portrait, &other.portrait)
            }
            Self::Snapshot(_) => Distance::default(),
        }
    }
}

/// Whether a snapshot was kept beside the record of a name, which was the same song.
fn was_beside(page: &Page, name: &str) -> bool {
    page.portrait.beside.is_some() && page.sources.1.as_deref() == Some(name)
}

impl Trend {
    /// What became of the first value in the newest one, in words; none with fewer than two.
    pub fn verdict(&self) -> &'static str {
        let mut known = self.values.iter().flatten();
        let (Some(first), Some(last)) = (known.next(), known.next_back()) else {
            return "";
        };
        match last.abs() - first.abs() {
            by if by.abs() < CHANCE => "as before",
            by if by < 0.0 => "closer",
            _ => "further away",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::distance::BesideRecord;
    use crate::session::format::snapshot::{Created, Facts};

    /// A snapshot that was kept beside a record, or beside another song.
    fn page(name: &str, heard_secs: f64, beside: Option<&str>) -> Page {
        let figures = serde_json::json!({});
        Page {
            path: format!("/shelf/{name}.abscope").into(),
            facts: Facts {
                name: name.to_owned(),
                song: "Song".to_owned(),
                counter: 1,
                note: String::new(),
                created: Created::utc(0),
                app_version: String::new(),
                settings: figures.clone(),
                at_secs: 0.0,
                match_gain_db: None,
                offset_secs: None,
                figures,
            },
            sources: ("mix".to_owned(), Some("record".to_owned())),
            thumbnail: None,
            portrait: Portrait {
                integrated_lufs: Some(-18.0),
                plr_lu: Some(12.0),
                beside: beside.map(|_| BesideRecord {
                    matched_lu: -1.5,
                    ..BesideRecord::default()
                }),
                ..Portrait::default()
            },
            heard_secs,
            bars: None,
        }
    }

    #[test]
    fn what_is_of_other_seconds_of_the_song_is_not_said() {
        let figures = |against: &Against<'_>, page: &Page| {
            let distance = against.distance_of(page);
            (distance.loudness_lu, distance.dynamics_lu)
        };
        let portrait = || Portrait {
            integrated_lufs: Some(-14.0),
            plr_lu: Some(13.0),
            ..Portrait::default()
        };
        let (verse, song) = (
            page("verse", 30.0, Some("record")),
            page("song", 200.0, Some("record")),
        );
        let elsewhere = page("elsewhere", 30.0, None);
        let record = Against::Record("record", portrait(), 210.0);
        assert_eq!(figures(&record, &verse), (Some(-1.5), None));
        assert_eq!(figures(&record, &song), (Some(-1.5), Some(-1.0)));
        assert_eq!(figures(&record, &elsewhere), (None, None));
        let snapshot = Against::Snapshot(Some(Arc::new(verse.clone())));
        assert_eq!(figures(&snapshot, &verse), (None, None), "it is itself");
        assert_eq!(figures(&snapshot, &song), (Some(0.0), None));
        assert_eq!(figures(&snapshot, &elsewhere), (None, None));
        assert_eq!(figures(&Against::Snapshot(None), &verse), (None, None));
        // Of another song there are no same seconds: all that was heard is held against all of it.
        let other = Against::Whole(portrait());
        assert_eq!(figures(&other, &verse), (Some(-4.0), Some(-1.0)));
    }

    #[test]
    fn closer_is_closer_to_zero_from_either_side() {
        let trend = |values: &[Option<f64>]| Trend {
            title: "",
            unit: "",
            hint: "",
            is_signed: true,
            values: values.to_vec(),
        };
        let verdict = |values: &[Option<f64>]| trend(values).verdict();
        assert_eq!(verdict(&[Some(-4.0), None, Some(1.0)]), "closer");
        assert_eq!(verdict(&[Some(1.0), Some(-3.0), None]), "further away");
        // Bars that were heard twice differ by as much.
        assert_eq!(verdict(&[Some(-1.0), Some(0.9)]), "as before");
        assert_eq!(verdict(&[Some(1.0)]), "");
        assert_eq!(verdict(&[]), "");
    }
}
