//! `manifest.json`: the facts of a snapshot and the shape of its arrays, and how older manifests become today's.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::session::format::error::Refusal;
use crate::session::format::snapshot::{Created, Facts, SCHEMA, SideData, Snapshot};

/// Says that a zip is a snapshot of Abscope.
pub const FORMAT: &str = "abscope-snapshot";

/// A step from one schema to the next.
pub type Migration = fn(Value) -> Result<Value, String>;

/// `MIGRATIONS[s - 1]` turns a manifest of schema `s` into one of `s + 1`: a new schema does not compile without its
/// step.
const MIGRATIONS: [Migration; SCHEMA as usize - 1] = [];

/// The manifest as it is written, field for field.
// Many fields: they are those of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    format: String,
    schema: u64,
    name: String,
    song: String,
    counter: u32,
    note: String,
    created_unix_secs: i64,
    created: String,
    app_version: String,
    at_secs: f64,
    match_gain_db: Option<f64>,
    offset_secs: Option<f64>,
    settings: Value,
    figures: Value,
    /// Side A.
    pub mix: SideShape,
    /// Side B.
    pub reference: Option<SideShape>,
    /// The sound, where it was kept.
    pub sound: Option<SoundShape>,
    /// Whether there is a picture.
    pub thumbnail: bool,
}

/// A side without its arrays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SideShape {
    /// Device or file.
    pub source: String,
    /// Samples per second.
    pub sample_rate_hz: u32,
    /// Stretches of columns.
    pub tiers: Vec<TierShape>,
    /// Side time of the end of the first loudness point.
    pub loudness_from_secs: f64,
    /// Columns of tier 0 that were in the making.
    #[serde(default)]
    pub provisional_columns: usize,
    /// Points of loudness.
    pub loudness_points: usize,
    /// Whether each has its punch.
    #[serde(default)]
    pub punch: bool,
    /// Whether there are curves.
    pub curves: bool,
    /// Whether there are curves of what lay beside the mix.
    #[serde(default)]
    pub beside: bool,
    /// Whether there is a spectrum of the moment.
    #[serde(default)]
    pub spectrum: bool,
    /// Frames of the vectorscope.
    pub scope_frames: usize,
}

/// A stretch of columns without its columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierShape {
    /// 0 is the finest.
    pub tier: u8,
    /// Index of the first column.
    pub first_index: u64,
    /// Frames from column to column.
    pub hop_frames: u32,
    /// First column of the stretch that repeats, and the one after its last.
    #[serde(default)]
    pub repeats: Option<[u64; 2]>,
    /// Number of columns.
    pub columns: usize,
}

/// The sound without its samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SoundShape {
    /// Samples per second.
    pub sample_rate_hz: u32,
    /// Side time of the first frame.
    pub from_secs: f64,
    /// Number of frames.
    pub frames: usize,
}

/// What every schema has: read first, because the rest of a newer one may look different.
#[derive(Deserialize)]
struct Head {
    format: String,
    schema: u64,
}

impl Manifest {
    /// The manifest of a snapshot.
    pub fn of(snapshot: &Snapshot) -> Self {
        let facts = snapshot.facts.clone();
        Self {
            format: FORMAT.to_owned(),
            schema: SCHEMA,
            name: facts.name,
            song: facts.song,
            counter: facts.counter,
            note: facts.note,
            created_unix_secs: facts.created.unix_secs,
            created: facts.created.text,
            app_version: facts.app_version,
            at_secs: facts.at_secs,
            match_gain_db: facts.match_gain_db,
            offset_secs: facts.offset_secs,
            settings: facts.settings,
            figures: facts.figures,
            mix: SideShape::of(&snapshot.mix),
            reference: snapshot.reference.as_ref().map(SideShape::of),
            sound: snapshot.sound.as_ref().map(|sound| SoundShape {
                sample_rate_hz: sound.sample_rate_hz,
                from_secs: sound.from_secs,
                frames: sound.frames.len(),
            }),
            thumbnail: snapshot.thumbnail_png.is_some(),
        }
    }

    /// As text, a field a line, so that a person can read it.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).expect("plain data become JSON")
    }

    /// From the text of any schema up to today's.
    pub fn from_json(text: &[u8]) -> Result<Self, Refusal> {
        let damaged =
            |error: serde_json::Error| Refusal::Damaged(format!("manifest.json: {error}"));
        let head: Head = serde_json::from_slice(text).map_err(damaged)?;
        if head.format != FORMAT {
            return Err(Refusal::Foreign("its manifest is of something else".into()));
        }
        if head.schema == SCHEMA {
            return serde_json::from_slice(text).map_err(damaged);
        }
        let value = serde_json::from_slice(text).map_err(damaged)?;
        let value = migrated(value, head.schema, &MIGRATIONS)?;
        serde_json::from_value(value).map_err(damaged)
    }

    /// The facts.
    pub fn facts(&self) -> Facts {
        Facts {
            name: self.name.clone(),
            song: self.song.clone(),
            counter: self.counter,
            note: self.note.clone(),
            created: Created {
                unix_secs: self.created_unix_secs,
                text: self.created.clone(),
            },
            app_version: self.app_version.clone(),
            settings: self.settings.clone(),
            at_secs: self.at_secs,
            match_gain_db: self.match_gain_db,
            offset_secs: self.offset_secs,
            figures: self.figures.clone(),
        }
    }
}

impl SideShape {
    fn of(side: &SideData) -> Self {
        let tiers = side.tiers.iter().map(|stretch| TierShape {
            tier: stretch.tier,
            first_index: stretch.first_index,
            hop_frames: stretch.hop_frames,
            repeats: stretch.repeats,
            columns: stretch.columns.len(),
        });
        Self {
            source: side.source.clone(),
            sample_rate_hz: side.sample_rate_hz,
            tiers: tiers.collect(),
            loudness_from_secs: side.loudness_from_secs,
            loudness_points: side.loudness.len(),
            punch: side.has_punch(),
            provisional_columns: side.provisional_columns,
            curves: side.curves.is_some(),
            beside: side.beside.is_some(),
            spectrum: !side.spectrum_db.is_empty(),
            scope_frames: side.scope.len(),
        }
    }
}

/// A manifest of `schema` taken up to the schema after the last of `steps`.
fn migrated(mut manifest: Value, schema: u64, steps: &[Migration]) -> Result<Value, Refusal> {
    if schema > steps.len() as u64 + 1 {
        return Err(Refusal::Newer(schema));
    }
    let first = schema
        .checked_sub(1)
        .ok_or_else(|| Refusal::Damaged("there is no schema 0".into()))?;
    for (step, schema) in steps[first as usize..].iter().zip(schema..) {
        manifest = step(manifest)
            .map_err(|why| Refusal::Damaged(format!("manifest.json of schema {schema}: {why}")))?;
        manifest["schema"] = (schema + 1).into();
    }
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_older_manifest_takes_every_step_up_and_a_newer_one_none() {
        let steps: [Migration; 2] = [
            |mut value| {
                value["b"] = value["a"].take();
                Ok(value)
            },
            |value| match value["b"].as_u64() {
                Some(b) => Ok(json!({ "c": b * 2 })),
                None => Err("b is no number".into()),
            },
        ];
        let check = |manifest: Value, schema, expected: Result<Value, Refusal>| {
            assert_eq!(migrated(manifest, schema, &steps), expected);
        };
        check(json!({ "a": 4 }), 1, Ok(json!({ "c": 8, "schema": 3 })));
        check(json!({ "b": 5 }), 2, Ok(json!({ "c": 10, "schema": 3 })));
        check(json!({}), 4, Err(Refusal::Newer(4)));
        check(
            json!({}),
            0,
            Err(Refusal::Damaged("there is no schema 0".into())),
        );
        let why = "manifest.json of schema 2: b is no number".into();
        check(json!({ "a": "x" }), 1, Err(Refusal::Damaged(why)));
    }

    #[test]
    fn a_newer_manifest_is_refused_politely_whatever_else_it_holds() {
        let text = br#"{"format": "abscope-snapshot", "schema": 7, "hologram": [1]}"#;
        let refusal = Manifest::from_json(text).unwrap_err();
        assert!(
            refusal
                .to_string()
                .starts_with("made by a newer Abscope (schema 7")
        );
    }
}
