//! A snapshot as one file: packed, unpacked, and put in its place so that nothing saved earlier can be harmed.

use std::fs::{self, File};
use std::io::{self, BufReader, Cursor, Read, Seek, Write as _};
use std::path::Path;

use crate::analysis::band_range::BandRange;
use crate::analysis::column::NUM_TIERS;
use crate::analysis::distribution::SpectrumCurves;
use crate::dsp::grid::NUM_BINS;
use crate::dsp::loudness::LoudnessPoint;
use crate::dsp::punch::PunchPoint;
use crate::session::format::archive::{ArchiveReader, ArchiveWriter, Packing, ReadError};
use crate::session::format::check::{
    self, MAX_MANIFEST_BYTES, MAX_THUMBNAIL_BYTES, MAX_TOTAL_BYTES,
};
use crate::session::format::error::{Refusal, SnapshotError};
use crate::session::format::manifest::{Manifest, SideShape};
use crate::session::format::npy;
use crate::session::format::snapshot::{Facts, SideData, Snapshot, Sound, TierStretch};
use crate::session::format::wav;
use crate::session::replace::replace_file;

/// Figures of a point of punch.
const PUNCH_VALUES: usize = size_of::<PunchPoint>() / size_of::<f32>();
const MANIFEST: &str = "manifest.json";
const SOUND: &str = "sound/mix.wav";
const THUMBNAIL: &str = "thumbnail.png";

/// What a shelf shows of a file, read without its arrays.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// Name, song, date, figures.
    pub facts: Facts,
    /// Sources: the mix, and the reference where there is one.
    pub sources: (String, Option<String>),
    /// The picture, a PNG file as it is.
    pub thumbnail_png: Option<Vec<u8>>,
}

impl Snapshot {
    /// The file's bytes. Equal snapshots have equal bytes.
    pub fn encode(&self) -> Result<Vec<u8>, SnapshotError> {
        check::snapshot(self).map_err(SnapshotError::Unsaveable)?;
        let manifest = Manifest::of(self).to_json();
        // Values nested too deep, say, would be written but not read.
        Manifest::from_json(&manifest)
            .map_err(|refusal| SnapshotError::Unsaveable(refusal.to_string()))?;
        let mut archive = ArchiveWriter::default();
        archive.add(MANIFEST, &manifest, Packing::Deflated);
        if let Some(png) = &self.thumbnail_png {
            archive.add(THUMBNAIL, png, Packing::Stored);
        }
        add_side(&mut archive, "mix", &self.mix);
        if let Some(reference) = &self.reference {
            add_side(&mut archive, "reference", reference);
        }
        if let Some(sound) = &self.sound {
            let bytes = wav::encode(&sound.frames, sound.sample_rate_hz);
            archive.add(SOUND, &bytes, Packing::Stored);
        }
        Ok(archive.finish())
    }

    /// From the file's bytes; anything but a sound snapshot is refused with the reason.
    pub fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        match read_snapshot(Cursor::new(bytes)) {
            Ok(snapshot) => Ok(snapshot),
            Err(ReadError::Refused(refusal)) => Err(refusal),
            Err(ReadError::Io(error)) => Err(Refusal::Damaged(error.to_string())),
        }
    }

    /// Saves to a file, in place of one that is there. Either the whole new file is at `path` afterwards or what was
    /// there before, whatever happens in between; on an error the snapshot is still in memory.
    pub fn write_to(&self, path: &Path) -> Result<(), SnapshotError> {
        let bytes = self.encode()?;
        replace_file(path, |file| file.write_all(&bytes)).map_err(|source| SnapshotError::Write {
            path: path.to_owned(),
            source,
        })
    }

    /// Opens a file.
    pub fn read(path: &Path) -> Result<Self, SnapshotError> {
        open(path)
            .map_err(ReadError::Io)
            .and_then(read_snapshot)
            .map_err(|error| with_path(error, path))
    }
}

/// What a journal compares of a file: its preview, and the curves of its mix and of what lay beside that.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// What a shelf shows.
    pub preview: Preview,
    /// Curves of the mix.
    pub mix_curves: Option<SpectrumCurves>,
    /// Curves of the reference over the same seconds.
    pub beside_curves: Option<SpectrumCurves>,
}

impl Outline {
    /// Reads that and nothing else.
    pub fn read(path: &Path) -> Result<Self, SnapshotError> {
        open(path)
            .map_err(ReadError::Io)
            .and_then(|file| {
                let (mut archive, manifest) = open_archive(file)?;
                let mix_curves = match manifest.mix.curves {
                    true => Some(read_curves(&mut archive, "mix", "curves")?),
                    false => None,
                };
                let reference = manifest.reference.as_ref();
                let beside_curves = match reference.is_some_and(|side| side.beside) {
                    true => Some(read_curves(&mut archive, "reference", "beside")?),
                    false => None,
                };
                for (side, curves) in [("mix", &mix_curves), ("reference", &beside_curves)] {
                    for curve in curves.iter().flat_map(check::rows) {
                        check::levels(side, curve).map_err(Refusal::Damaged)?;
                    }
                }
                let preview = Preview::of(&mut archive, manifest)?;
                Ok(Self {
                    preview,
                    mix_curves,
                    beside_curves,
                })
            })
            .map_err(|error| with_path(error, path))
    }
}

impl Preview {
    /// Reads what a shelf shows; arrays and sound stay unread and unchecked.
    pub fn read(path: &Path) -> Result<Self, SnapshotError> {
        open(path)
            .map_err(ReadError::Io)
            .and_then(|file| {
                let (mut archive, manifest) = open_archive(file)?;
                Self::of(&mut archive, manifest)
            })
            .map_err(|error| with_path(error, path))
    }

    fn of<R: Read + Seek>(
        archive: &mut ArchiveReader<R>,
        manifest: Manifest,
    ) -> Result<Self, ReadError> {
        Ok(Self {
            facts: manifest.facts(),
            thumbnail_png: read_thumbnail(archive, &manifest)?,
            sources: (
                manifest.mix.source,
                manifest.reference.map(|reference| reference.source),
            ),
        })
    }
}

/// Opens a regular file: a pipe or a device by that name would wait for ever.
fn open(path: &Path) -> io::Result<BufReader<File>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    File::open(path).map(BufReader::new)
}

fn with_path(error: ReadError, path: &Path) -> SnapshotError {
    let path = path.to_owned();
    match error {
        ReadError::Io(source) => SnapshotError::Read { path, source },
        ReadError::Refused(refusal) => SnapshotError::Refused { path, refusal },
    }
}

/// How large an entry of this name may be; none where a snapshot has no such entry.
fn max_bytes(name: &str) -> Option<u64> {
    if let Some(array) = name.strip_prefix("arrays/") {
        let known = ["mix", "reference"].iter().any(|side| {
            let plain = ["loudness", "punch", "curves", "beside", "spectrum", "scope"].iter();
            plain
                .clone()
                .any(|kind| array == format!("{side}_{kind}.npy"))
                || (0..NUM_TIERS).any(|tier| array == format!("{side}_tier{tier}.npy"))
        });
        return known.then_some(MAX_TOTAL_BYTES);
    }
    match name {
        MANIFEST => Some(MAX_MANIFEST_BYTES),
        SOUND => Some(MAX_TOTAL_BYTES),
        THUMBNAIL => Some(MAX_THUMBNAIL_BYTES),
        _ => None,
    }
}

/// The names a manifest speaks of, in the order of the file.
fn names_of(manifest: &Manifest) -> Vec<String> {
    let mut names = vec![MANIFEST.to_owned()];
    names.extend(manifest.thumbnail.then(|| THUMBNAIL.to_owned()));
    let sides = [
        ("mix", Some(&manifest.mix)),
        ("reference", manifest.reference.as_ref()),
    ];
    for (side, shape) in sides {
        let Some(shape) = shape else { continue };
        for stretch in &shape.tiers {
            names.push(array_name(side, &format!("tier{}", stretch.tier)));
        }
        names.push(array_name(side, "loudness"));
        names.extend(shape.punch.then(|| array_name(side, "punch")));
        names.extend(shape.curves.then(|| array_name(side, "curves")));
        names.extend(shape.beside.then(|| array_name(side, "beside")));
        names.extend(shape.spectrum.then(|| array_name(side, "spectrum")));
        names.push(array_name(side, "scope"));
    }
    names.extend(manifest.sound.as_ref().map(|_| SOUND.to_owned()));
    names
}

fn array_name(side: &str, kind: &str) -> String {
    format!("arrays/{side}_{kind}.npy")
}

fn add_side(archive: &mut ArchiveWriter, name: &str, side: &SideData) {
    let mut add = |kind: &str, bytes: Vec<u8>| {
        archive.add(&array_name(name, kind), &bytes, Packing::Deflated);
    };
    for stretch in &side.tiers {
        let shape = [stretch.columns.len(), NUM_BINS];
        let bins = stretch.columns.as_flattened();
        add(&format!("tier{}", stretch.tier), npy::encode(bins, shape));
    }
    let num_points = side.loudness.len();
    let both = |point: &LoudnessPoint| [point.momentary_lufs, point.short_term_lufs];
    let loudness: Vec<[f32; 2]> = side.loudness.iter().map(both).collect();
    add(
        "loudness",
        npy::encode(loudness.as_flattened(), [num_points, 2]),
    );
    if side.has_punch() {
        let punch: Vec<PunchPoint> = side.loudness.iter().map(|point| point.punch).collect();
        let values = bytemuck::cast_slice::<_, f32>(&punch);
        add("punch", npy::encode(values, [num_points, PUNCH_VALUES]));
    }
    for (kind, curves) in [("curves", &side.curves), ("beside", &side.beside)] {
        if let Some(curves) = curves {
            let levels = check::rows(curves).map(Vec::as_slice).concat();
            add(kind, npy::encode(&levels, [6, NUM_BINS]));
        }
    }
    if !side.spectrum_db.is_empty() {
        add("spectrum", npy::encode(&side.spectrum_db, [1, NUM_BINS]));
    }
    let scope = side.scope.as_flattened();
    add("scope", npy::encode(scope, [side.scope.len(), 2]));
}

/// Directory and manifest, each checked, and that they speak of the same entries.
fn open_archive<R: Read + Seek>(reader: R) -> Result<(ArchiveReader<R>, Manifest), ReadError> {
    let mut archive = ArchiveReader::open(reader, max_bytes, MAX_TOTAL_BYTES)?;
    if !archive.names().any(|name| name == MANIFEST) {
        return Err(Refusal::Foreign("it has no manifest.json".into()).into());
    }
    let manifest = Manifest::from_json(&archive.read(MANIFEST)?)?;
    check::manifest(&manifest).map_err(Refusal::Damaged)?;
    let names = names_of(&manifest);
    if !archive.names().eq(names.iter()) {
        let why = "its entries are not those its manifest speaks of";
        return Err(Refusal::Damaged(why.into()).into());
    }
    Ok((archive, manifest))
}

fn read_snapshot<R: Read + Seek>(reader: R) -> Result<Snapshot, ReadError> {
    let (mut archive, manifest) = open_archive(reader)?;
    let thumbnail_png = read_thumbnail(&mut archive, &manifest)?;
    let mix = read_side(&mut archive, "mix", &manifest.mix)?;
    let reference = match &manifest.reference {
        Some(shape) => Some(read_side(&mut archive, "reference", shape)?),
        None => None,
    };
    let sound = match &manifest.sound {
        Some(shape) => {
            let frames = wav::decode(&archive.read(SOUND)?, shape.frames, shape.sample_rate_hz)
                .map_err(|why| Refusal::Damaged(format!("{SOUND}: {why}")))?;
            Some(Sound {
                sample_rate_hz: shape.sample_rate_hz,
                from_secs: shape.from_secs,
                frames,
            })
        }
        None => None,
    };
    let snapshot = Snapshot {
        facts: manifest.facts(),
        mix,
        reference,
        sound,
        thumbnail_png,
    };
    check::snapshot(&snapshot).map_err(Refusal::Damaged)?;
    Ok(snapshot)
}

fn read_thumbnail<R: Read + Seek>(
    archive: &mut ArchiveReader<R>,
    manifest: &Manifest,
) -> Result<Option<Vec<u8>>, ReadError> {
    manifest
        .thumbnail
        .then(|| archive.read(THUMBNAIL))
        .transpose()
}

fn read_side<R: Read + Seek>(
    archive: &mut ArchiveReader<R>,
    name: &str,
    shape: &SideShape,
) -> Result<SideData, ReadError> {
    let mut tiers = Vec::with_capacity(shape.tiers.len());
    for stretch in &shape.tiers {
        let kind = format!("tier{}", stretch.tier);
        let bins = read_array::<u32, R>(archive, name, &kind, [stretch.columns, NUM_BINS])?;
        tiers.push(TierStretch {
            tier: stretch.tier,
            first_index: stretch.first_index,
            hop_frames: stretch.hop_frames,
            repeats: stretch.repeats,
            columns: bins.as_chunks().0.to_vec(),
        });
    }
    let points = shape.loudness_points;
    let loudness = read_array::<f32, R>(archive, name, "loudness", [points, 2])?;
    let punch = match shape.punch {
        true => read_array::<f32, R>(archive, name, "punch", [points, PUNCH_VALUES])?,
        // Older files have none.
        false => vec![PunchPoint::ABSENT_DB; points * PUNCH_VALUES],
    };
    let loudness = loudness.as_chunks::<2>().0.iter();
    let loudness = loudness.zip(bytemuck::cast_slice(&punch));
    let curves = match shape.curves {
        true => Some(read_curves(archive, name, "curves")?),
        false => None,
    };
    let beside = match shape.beside {
        true => Some(read_curves(archive, name, "beside")?),
        false => None,
    };
    let spectrum_db = match shape.spectrum {
        true => read_array::<f32, R>(archive, name, "spectrum", [1, NUM_BINS])?,
        false => vec![],
    };
    let scope = read_array::<f32, R>(archive, name, "scope", [shape.scope_frames, 2])?;
    Ok(SideData {
        source: shape.source.clone(),
        sample_rate_hz: shape.sample_rate_hz,
        tiers,
        provisional_columns: shape.provisional_columns,
        loudness_from_secs: shape.loudness_from_secs,
        loudness: loudness
            .map(|([momentary, short_term], punch)| LoudnessPoint {
                momentary_lufs: *momentary,
                short_term_lufs: *short_term,
                punch: *punch,
            })
            .collect(),
        curves,
        beside,
        spectrum_db,
        scope: scope.as_chunks().0.to_vec(),
    })
}

fn read_curves<R: Read + Seek>(
    archive: &mut ArchiveReader<R>,
    side: &str,
    kind: &str,
) -> Result<SpectrumCurves, ReadError> {
    let name = array_name(side, kind);
    let bytes = archive.read(&name)?;
    // Files of before bands were measured have one row less.
    let levels = npy::decode::<f32>(&bytes, [6, NUM_BINS])
        .or_else(|_| npy::decode(&bytes, [5, NUM_BINS]))
        .map_err(|why| Refusal::Damaged(format!("{name}: {why}")))?;
    let row = |n: usize| levels[n * NUM_BINS..(n + 1) * NUM_BINS].to_vec();
    Ok(SpectrumCurves {
        mean_db: row(0),
        p10_db: row(1),
        p50_db: row(2),
        p90_db: row(3),
        max_db: row(4),
        range: match levels.len() / NUM_BINS {
            6 => BandRange(row(5)),
            _ => BandRange::silent(),
        },
    })
}

fn read_array<T: npy::Element, R: Read + Seek>(
    archive: &mut ArchiveReader<R>,
    side: &str,
    kind: &str,
    shape: [usize; 2],
) -> Result<Vec<T>, ReadError> {
    let name = array_name(side, kind);
    let bytes = archive.read(&name)?;
    Ok(npy::decode(&bytes, shape).map_err(|why| Refusal::Damaged(format!("{name}: {why}")))?)
}
