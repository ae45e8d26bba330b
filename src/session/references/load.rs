//! Reads a reference on its own thread: decodes, analyses and hands on what is known, second by second.

use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::analysis::distribution::Distribution;
use crate::analysis::downmix::append_stereo;
use crate::analysis::programme::{Programme, ProgrammeOptions};
use crate::audio::decode::FileDecoder;
use crate::audio::demo::{self, DemoSong, DemoVersion};
use crate::audio::frames::{ChannelLayout, StreamFormat};
use crate::compare::sections::{Section, SectionFinder};
use crate::session::reference_figures::{LevelQuantiles, PartFigures, count_finest, measure};
use crate::session::references::data::{ReferenceData, SharedReference, locked};
use crate::session::references::overview::{Overview, Thumbnail};

/// Reads a file.
pub fn load_file(
    path: &Path,
    data: &Arc<Mutex<ReferenceData>>,
    cancel: &AtomicBool,
) -> Result<(), String> {
    let mut decoder = FileDecoder::open(path).map_err(|error| error.to_string())?;
    let format = decoder.format();
    let options = ProgrammeOptions {
        name: decoder.title().unwrap_or_default(),
        path: Some(path.to_owned()),
        expected_frames: decoder.declared_frames(),
        ..ProgrammeOptions::default()
    };
    analyse(
        |chunk| decoder.read(chunk).map_err(|error| error.to_string()),
        format,
        options,
        data,
        cancel,
    )?;
    locked(data).warnings = decoder.warnings().iter().map(ToString::to_string).collect();
    Ok(())
}

/// Makes the demo's reference.
pub fn load_demo(data: &Arc<Mutex<ReferenceData>>, cancel: &AtomicBool) -> Result<(), String> {
    let mut song = DemoSong::new(DemoVersion::Reference);
    let format = StreamFormat {
        sample_rate_hz: demo::SAMPLE_RATE_HZ,
        layout: ChannelLayout::Stereo,
    };
    let options = ProgrammeOptions {
        name: demo::TITLE.to_owned(),
        expected_frames: Some((demo::DURATION_SECS * f64::from(demo::SAMPLE_RATE_HZ)) as u64),
        ..ProgrammeOptions::default()
    };
    let source = |chunk: &mut Vec<f32>| {
        chunk.resize(2 * 4096, 0.0);
        let frames = song.read(chunk);
        chunk.truncate(2 * frames);
        Ok(frames > 0)
    };
    analyse(source, format, options, data, cancel)
}

/// Analyses all of a source.
fn analyse(
    mut source: impl FnMut(&mut Vec<f32>) -> Result<bool, String> + Send,
    format: StreamFormat,
    options: ProgrammeOptions,
    data: &Arc<Mutex<ReferenceData>>,
    cancel: &AtomicBool,
) -> Result<(), String> {
    begin(&mut locked(data), format, options.expected_frames);
    let mut stereo = vec![];
    let with_pcm = |chunk: &mut Vec<f32>| {
        let more = source(chunk)?;
        if more {
            stereo.clear();
            append_stereo(format, chunk, &mut stereo);
            let mut data = locked(data);
            data.overview.push(&stereo);
            data.pcm.extend_from_slice(&stereo);
            data.frames = data.pcm.len() as u64;
        }
        Ok::<_, String>(more)
    };
    let mut distribution = Distribution::default();
    let mut finder = SectionFinder::new(locked(data).hop_secs());
    let programme = Programme::analyse(
        with_pcm,
        format,
        options,
        &mut |batch| {
            count_finest(&mut distribution, batch.columns);
            finder.push(batch.columns);
            let mut data = locked(data);
            for column in batch.columns {
                data.tiers[usize::from(column.tier)].push(column.column);
            }
            for point in batch.loudness_points {
                data.loudness.push(*point);
            }
            data.progress = batch.progress;
            data.revision += 1;
        },
        cancel,
    )?;
    if let Some(programme) = programme {
        let sections = finder.finish(&programme.loudness_points);
        finish(data, programme, sections, &distribution);
        measure_region(data, cancel);
    }
    Ok(())
}

/// What is known before the first frame.
fn begin(data: &mut ReferenceData, format: StreamFormat, expected_frames: Option<u64>) {
    data.sample_rate_hz = format.sample_rate_hz;
    data.hop_frames = crate::analysis::resolution::hop_frames(format.sample_rate_hz);
    data.expected_frames = expected_frames.unwrap_or(0);
    data.overview = Overview::new(format.sample_rate_hz);
}

fn finish(
    data: &Mutex<ReferenceData>,
    programme: Programme,
    sections: Vec<Section>,
    distribution: &Distribution,
) {
    let quantiles = LevelQuantiles::new(distribution);
    // Of the coarse tiers only: what is copied is small.
    let coarse: Vec<_> = locked(data).tiers[2..].to_vec();
    let thumbnail = Thumbnail::new(&coarse);
    let mut data = locked(data);
    data.thumbnail = Some(Arc::new(thumbnail));
    data.whole_part = Some(Arc::new(PartFigures {
        region: data.whole(),
        summary: programme.summary.clone(),
        curves: programme.curves.clone(),
        quantiles,
    }));
    data.sections = sections;
    data.programme = Some(programme);
    data.pcm_is_whole = true;
    data.progress = 1.0;
    data.revision += 1;
    // What was chosen while the length was not known.
    if let Some(region) = data.region {
        let end = region.start_secs + region.length_secs;
        data.region = data.possible_region([region.start_secs, end]);
    }
}

/// Measures the region that is chosen, if one is and it is not measured yet. Ends early when another one is chosen.
pub fn measure_region(data: &Arc<Mutex<ReferenceData>>, cancel: &AtomicBool) {
    let wanted = || {
        let data = locked(data);
        data.region.filter(|_| data.part().is_none())
    };
    while let (Some(region), false) = (wanted(), cancel.load(Ordering::Relaxed)) {
        let is_stale = || cancel.load(Ordering::Relaxed) || locked(data).region != Some(region);
        let shared = SharedReference(Arc::clone(data));
        let Some(part) = measure(&shared, region, &is_stale) else {
            if is_stale() {
                continue;
            }
            return;
        };
        locked(data).region_part = Some(part);
    }
}
