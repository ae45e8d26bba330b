//! The journal of a song as plain data: its snapshots in order, and how far each lies from the reference.

use std::sync::Arc;

use crate::compare::distance::{Distance, Portrait, distance};
use crate::session::Session;
use crate::session::snapshots::journal::{Page, portrait_of_reference};
use crate::view::readout::bars_words;

/// Snapshots of the newest evening; older ones do not fit a line.
const MOST_PAGES: usize = 60;

/// Everything the journal shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JournalScene {
    /// The song.
    pub song: String,
    /// What the distances are to; none where no reference is there.
    pub reference: Option<String>,
    /// Oldest first.
    pub entries: Vec<JournalEntry>,
    /// Whether the shelf has been read.
    pub is_read: bool,
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
        let portrait = active.and_then(|reference| portrait_of_reference(&reference.data()));
        let name = active.map(|reference| reference.name.as_str());
        let entry = |page: &Arc<Page>| JournalEntry {
            name: page.facts.name.clone(),
            created: page.facts.created.text.chars().take(16).collect(),
            bars: page.bars.map(bars_words),
            distance: portrait
                .as_ref()
                .map(|reference| distance(&beside(page, name), reference))
                .unwrap_or_default(),
        };
        Self {
            song,
            reference: active
                .filter(|_| portrait.is_some())
                .map(|reference| reference.name.clone()),
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
                hint: "mean difference of what was heard, matched, from the reference",
                is_signed: false,
                values: values(|distance| distance.spectrum_db),
            },
            Trend {
                title: "Width",
                unit: "dB",
                hint: "mean difference of side to mid in five bands",
                is_signed: false,
                values: values(|distance| distance.width_db),
            },
            Trend {
                title: "Loudness",
                unit: "LU",
                hint: "mix less reference, over the same seconds of the same song",
                is_signed: true,
                values: values(|distance| distance.loudness_lu),
            },
            Trend {
                title: "Dynamics",
                unit: "LU",
                hint: "true peak over integrated loudness, mix less reference",
                is_signed: true,
                values: values(|distance| distance.dynamics_lu),
            },
        ]
    }
}

/// What a snapshot is compared by beside the reference of a name: what was matched is known of the one it was kept with.
fn beside(page: &Page, name: Option<&str>) -> Portrait {
    let is_the_same = name.is_some() && page.sources.1.as_deref() == name;
    let matched_lu = page.portrait.matched_lu.filter(|_| is_the_same);
    Portrait {
        matched_lu,
        ..page.portrait.clone()
    }
}

impl Trend {
    /// Whether the newest value is closer than the first by more than chance; `None` with fewer than two.
    pub fn came_closer(&self) -> Option<bool> {
        let mut known = self.values.iter().flatten();
        let (first, last) = (known.next()?, known.next_back()?);
        Some(last.abs() < first.abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closer_is_closer_to_zero_from_either_side() {
        let trend = |values: &[Option<f64>]| Trend {
            title: "",
            unit: "",
            hint: "",
            is_signed: true,
            values: values.to_vec(),
        };
        assert_eq!(
            trend(&[Some(-4.0), None, Some(1.0)]).came_closer(),
            Some(true)
        );
        assert_eq!(
            trend(&[Some(1.0), Some(-3.0), None]).came_closer(),
            Some(false)
        );
        assert_eq!(trend(&[Some(1.0)]).came_closer(), None);
        assert_eq!(trend(&[]).came_closer(), None);
    }
}
