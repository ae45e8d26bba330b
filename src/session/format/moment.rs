//! The figures of a moment as a snapshot keeps them: plain numbers in the manifest, arrays beside it.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::analysis::band_power::{BandReading, STEREO_BANDS};
use crate::analysis::bridge::ChannelLevels;
use crate::analysis::distribution::SpectrumCurves;
use crate::analysis::meters::Meters;
use crate::analysis::programme::{Programme, ProgrammeOptions};
use crate::analysis::stereo_band_range::StereoBandRanges;
use crate::analysis::summary::{LevelSummary, Summary};
use crate::audio::frames::{ChannelLayout, StreamFormat};
use crate::compare::alignment::AlignmentResult;
use crate::compare::sections::Section;
use crate::compare::tracker::Tracking;
use crate::dsp::loudness::{LoudnessPoint, LoudnessReading};
use crate::dsp::punch::PunchPoint;
use crate::session::format::snapshot::{SideData, Sound};
use crate::session::format::song::KeptSong;
use crate::session::sides::beside::CompanionFrame;
use crate::session::sides::region::Region;
use crate::session::sides::stretches::{MOST_STRETCHES, Stretch, Stretches};
use crate::units::plain::is_hidden;

/// Positions beyond this are not exact in the manifest; no stream lasts so long.
const LAST_FRAME: u64 = 1 << 53;
/// More sections than this no song has.
const MOST_SECTIONS: usize = 256;

/// All figures of a snapshot: the object `figures` of the manifest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Figures {
    /// The mix at the moment.
    pub mix: Option<KeptMeters>,
    /// The sound that was kept, as `analyze --json` prints it, without the spectrum.
    pub sound: Option<Value>,
    /// The reference as a whole.
    pub reference: Option<KeptReference>,
    /// The reference beside the mix at the moment.
    pub beside: Option<KeptBeside>,
    /// Where a DAW was in its song; absent for other inputs, and in older files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub song: Option<KeptSong>,
}

/// Meters without their arrays.
// Many fields: one for each figure that is kept of a moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeptMeters {
    /// Position in the stream.
    pub end_frame: u64,
    /// The tenth of a second of the mix, counted from 1, that M, S and PSR are of, where those of the other side are of
    /// the same; absent in older files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenth: Option<u64>,
    /// Frames missing up to there.
    pub lost_frames: u64,
    /// Gaps up to there.
    pub gaps: u64,
    /// M, S, I, LRA and the maxima.
    pub loudness: LoudnessReading,
    /// Largest true peak, dBTP.
    pub true_peak_dbtp: Option<f64>,
    /// Largest sample, dBFS.
    pub sample_peak_dbfs: Option<f64>,
    /// True peak above short-term loudness, LU.
    pub psr_lu: Option<f64>,
    /// True peak above integrated loudness, LU.
    pub plr_lu: Option<f64>,
    /// Clipped samples.
    pub clipped_samples: u64,
    /// RMS, crest, clipped samples and DC since measuring began; absent in older files.
    pub measured: LevelSummary,
    /// −1 … 1.
    pub correlation: Option<f64>,
    /// Left over right, dB.
    pub balance_db: Option<f64>,
    /// Side over mid, dB.
    pub side_to_mid_db: Option<f64>,
    /// The five stereo bands.
    pub bands: [BandReading; STEREO_BANDS.len()],
    /// The needles of left and right.
    pub levels: [ChannelLevels; 2],
}

/// A reference as a whole, without its arrays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeptReference {
    /// Length in frames.
    pub frames: u64,
    /// Every figure of what is compared, as `analyze --json` prints them, without the spectrum.
    pub summary: Value,
    /// The part that is compared, start and length in seconds; absent for all of it.
    pub region: Option<[f64; 2]>,
    /// The section that is followed, start and length in seconds.
    pub followed: Option<[f64; 2]>,
    /// Its sections.
    pub sections: Vec<Section>,
    /// Gain besides the loudness match.
    pub trim_db: f64,
    /// Between which figures its stereo bands move; absent in older files.
    pub bands: StereoBandRanges,
}

/// Where the reference lay beside the mix, and its figures there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeptBeside {
    /// Reference time less mix time, seconds.
    pub offset_secs: f64,
    /// Loudness of the stretches that were matched, LUFS.
    pub matched_lufs: Option<f64>,
    /// That of the mix over the same stretches; absent in older files.
    pub matched_mix_lufs: Option<f64>,
    /// Where it lay in times past: mix time from and to, reference time less mix time, seconds.
    pub stretches: Vec<[f64; 3]>,
    /// Mix time at which the reference was over in the last of them; absent where it repeats, and in older files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub over_secs: Option<f64>,
    /// Mix times at which the mix paused: the reference ends there; absent where it did not, and in older files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pauses_secs: Vec<f64>,
    /// "searching", "other-song", "other-speed", "locked" or "doubtful"; absent before anything was heard.
    pub tracking: Option<String>,
    /// Where and how sure, for "locked" and "doubtful".
    pub found: Option<[f64; 2]>,
    /// How many times as fast as the reference the mix played, for "other-speed".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speed: Option<f64>,
    /// Its meters.
    pub meters: Option<KeptMeters>,
}

impl KeptMeters {
    /// The numbers of meters.
    pub fn of(meters: &Meters) -> Self {
        Self {
            end_frame: meters.end_frame,
            tenth: None,
            lost_frames: meters.lost_frames,
            gaps: meters.gaps,
            loudness: meters.loudness,
            true_peak_dbtp: meters.true_peak_dbtp,
            sample_peak_dbfs: meters.sample_peak_dbfs,
            psr_lu: meters.psr_lu,
            plr_lu: meters.plr_lu,
            clipped_samples: meters.clipped_samples,
            measured: meters.measured,
            correlation: meters.correlation,
            balance_db: meters.balance_db,
            side_to_mid_db: meters.side_to_mid_db,
            bands: meters.bands,
            levels: meters.levels,
        }
    }

    /// Has M, S and PSR be those of a point, which ends with a tenth of a second of the mix.
    pub fn keep_point(&mut self, tenth: usize, point: LoudnessPoint) {
        self.tenth = Some(tenth as u64);
        self.loudness.momentary_lufs = point.momentary().map(f64::from);
        self.loudness.short_term_lufs = point.short_term().map(f64::from);
        self.psr_lu = PunchPoint::existing(point.punch.psr_lu).map(f64::from);
    }

    /// That point, and which tenth it ends with.
    fn point(&self) -> Option<(usize, LoudnessPoint)> {
        let tenth = self.tenth?.min(LAST_FRAME) as usize;
        let stored =
            |value: Option<f64>| value.map_or(LoudnessPoint::ABSENT_LUFS, |value| value as f32);
        let mut point = LoudnessPoint {
            momentary_lufs: stored(self.loudness.momentary_lufs),
            short_term_lufs: stored(self.loudness.short_term_lufs),
            ..LoudnessPoint::ABSENT
        };
        point.punch.psr_lu = self.psr_lu.map_or(PunchPoint::ABSENT_DB, |psr| psr as f32);
        Some((tenth, point))
    }

    /// The same in the shape of a programme's figures.
    pub fn as_summary(&self, sample_rate_hz: u32) -> Value {
        let bands = self.bands.iter().zip(STEREO_BANDS);
        let bands: Vec<_> = bands
            .map(|(reading, band)| {
                serde_json::json!({
                    "low_hz": band.low_hz, "high_hz": band.high_hz, "level_dbfs": reading.level_dbfs,
                    "correlation": reading.correlation, "side_to_mid_db": reading.side_to_mid_db,
                })
            })
            .collect();
        let none: [f64; 0] = [];
        serde_json::json!({
            "schema": 1, "file": "", "sample_rate_hz": sample_rate_hz, "channels": 2,
            "duration_secs": self.loudness.measured_secs,
            "loudness": {
                "integrated_lufs": self.loudness.integrated_lufs, "range_lu": self.loudness.range_lu,
                "max_momentary_lufs": self.loudness.max_momentary_lufs,
                "max_short_term_lufs": self.loudness.max_short_term_lufs,
                "true_peak_dbtp": self.true_peak_dbtp, "sample_peak_dbfs": self.sample_peak_dbfs,
                "plr_lu": self.plr_lu,
            },
            "levels": LevelSummary { clipped_samples: self.clipped_samples, ..self.measured },
            "stereo": {
                "correlation": self.correlation, "balance_db": self.balance_db,
                "side_to_mid_db": self.side_to_mid_db, "mono_loss_lu": self.loudness.mono_loss_lu, "bands": bands,
            },
            "spectrum": {
                "frequency_hz": none, "mean_db": none, "p10_db": none, "p50_db": none, "p90_db": none, "max_db": none,
            },
            "third_octave": { "center_hz": none, "mean_db": none },
        })
    }

    /// Meters again, with the arrays of a side.
    fn with_arrays(&self, side: &SideData, curves: Option<&SpectrumCurves>) -> Meters {
        let silent = Meters::silent(format_of(side));
        let (num_loudness_points, point) = self.point().unzip();
        Meters {
            num_loudness_points: num_loudness_points.unwrap_or_default(),
            loudness_points: point.into_iter().collect(),
            end_frame: self.end_frame.min(LAST_FRAME),
            lost_frames: self.lost_frames,
            gaps: self.gaps,
            loudness: self.loudness,
            true_peak_dbtp: self.true_peak_dbtp,
            sample_peak_dbfs: self.sample_peak_dbfs,
            psr_lu: self.psr_lu,
            plr_lu: self.plr_lu,
            clipped_samples: self.clipped_samples,
            measured: LevelSummary {
                clipped_samples: self.clipped_samples,
                ..self.measured
            },
            correlation: self.correlation,
            balance_db: self.balance_db,
            side_to_mid_db: self.side_to_mid_db,
            bands: self.bands,
            levels: self.levels,
            spectrum_db: if side.spectrum_db.is_empty() {
                silent.spectrum_db.clone()
            } else {
                side.spectrum_db.clone()
            },
            curves: Arc::new(curves.cloned().unwrap_or_else(SpectrumCurves::silent)),
            scope: side.scope.clone(),
            ..silent
        }
    }
}

impl KeptReference {
    /// An input that was heard in the place of a reference: from its beginning to now.
    pub fn of_heard(meters: &KeptMeters, sample_rate_hz: u32) -> Self {
        Self {
            frames: meters.end_frame,
            summary: meters.as_summary(sample_rate_hz),
            ..Self::default()
        }
    }

    /// The sections that can be drawn: in their order, with names a person can read.
    pub fn sections(&self) -> Vec<Section> {
        let is_plain = |name: &str| name.chars().count() <= 64 && !name.contains(is_hidden);
        let mut end_secs = 0.0;
        let mut follows = |section: &Section| {
            let is_one = section.start_secs >= end_secs && section.end_secs > section.start_secs;
            end_secs = if is_one { section.end_secs } else { end_secs };
            is_one
        };
        let kept = self.sections.iter().take(MOST_SECTIONS);
        kept.filter(|section| is_plain(&section.name) && follows(section))
            .cloned()
            .collect()
    }

    /// The part that is compared and the one that is followed, if they lie within so many seconds.
    pub fn regions(&self, duration_secs: f64) -> [Option<Region>; 2] {
        [self.region, self.followed].map(|part| Self::within(part?, duration_secs))
    }

    fn within([start_secs, length_secs]: [f64; 2], duration_secs: f64) -> Option<Region> {
        let fits = start_secs >= 0.0
            && length_secs >= 0.1
            && start_secs + length_secs <= duration_secs + 0.001;
        fits.then_some(Region {
            start_secs,
            length_secs,
        })
    }
}

impl KeptBeside {
    /// The numbers of a frame.
    pub fn of(frame: &CompanionFrame) -> Self {
        let (tracking, found) = match frame.tracking {
            None => (None, None),
            Some(Tracking::Searching) => (Some("searching"), None),
            Some(Tracking::NotTheSameSong) => (Some("other-song"), None),
            Some(Tracking::OtherSpeed(found)) => (Some("other-speed"), Some(found)),
            Some(Tracking::Locked(found)) => (Some("locked"), Some(found)),
            Some(Tracking::Doubtful(found)) => (Some("doubtful"), Some(found)),
        };
        Self {
            offset_secs: frame.offset_secs,
            matched_lufs: frame.matched_lufs.map(|[_, reference]| reference),
            matched_mix_lufs: frame.matched_lufs.map(|[mix, _]| mix),
            stretches: frame
                .stretches
                .all()
                .iter()
                .map(|stretch| [stretch.from_secs, stretch.to_secs, stretch.offset_secs])
                .collect(),
            over_secs: frame.stretches.over_secs(),
            pauses_secs: frame.stretches.pauses_secs().to_vec(),
            tracking: tracking.map(str::to_owned),
            found: found.map(|found| [found.offset_secs, found.confidence]),
            speed: found.map(|found| found.speed).filter(|speed| *speed != 1.0),
            meters: frame.meters.as_ref().map(KeptMeters::of),
        }
    }

    /// The frame again, with the arrays of the reference's side.
    pub fn frame(&self, side: &SideData) -> CompanionFrame {
        let found = self.found.map(|[offset_secs, confidence]| AlignmentResult {
            speed: self.speed.unwrap_or(1.0),
            ..AlignmentResult::at(offset_secs, confidence)
        });
        let tracking = match (self.tracking.as_deref(), found) {
            (Some("searching"), _) => Some(Tracking::Searching),
            (Some("other-song"), _) => Some(Tracking::NotTheSameSong),
            (Some("other-speed"), Some(found)) => Some(Tracking::OtherSpeed(found)),
            (Some("locked"), Some(found)) => Some(Tracking::Locked(found)),
            (Some("doubtful"), Some(found)) => Some(Tracking::Doubtful(found)),
            _ => None,
        };
        let meters = self.meters.as_ref();
        CompanionFrame {
            meters: meters.map(|kept| kept.with_arrays(side, side.beside.as_ref())),
            tracking,
            offset_secs: self.offset_secs.clamp(-1e6, 1e6),
            matched_lufs: self
                .matched_mix_lufs
                .zip(self.matched_lufs)
                .map(|(mix, reference)| [mix, reference]),
            stretches: self.known_stretches(),
            // Kept with the reference, whose length says whether it can be: see `Snapshot::beside`.
            followed: None,
            followed_past: Stretches::default(),
            sections: Default::default(),
            lately: vec![],
            mix_there: None,
        }
    }

    /// Where it lay in times past.
    pub fn known_stretches(&self) -> Stretches {
        let known = self.stretches.iter().take(MOST_STRETCHES);
        let possible = known.filter(|numbers| numbers.iter().all(|secs| secs.abs() <= 1e6));
        let stretches = possible.map(|&[from_secs, to_secs, offset_secs]| Stretch {
            from_secs,
            to_secs,
            offset_secs,
        });
        let over_secs = self.over_secs.filter(|secs| secs.abs() <= 1e6);
        let pauses = self.pauses_secs.iter().take(MOST_STRETCHES).copied();
        let pauses = pauses.filter(|secs| secs.abs() <= 1e6).collect();
        Stretches::of_one_that_ends(stretches.collect(), over_secs).with_pauses(pauses)
    }
}

/// Every figure of a sound, without its spectrum.
pub fn figures_of_sound(sound: &Sound) -> Option<Value> {
    let format = StreamFormat {
        sample_rate_hz: sound.sample_rate_hz,
        layout: ChannelLayout::Stereo,
    };
    let mut pieces = sound.frames.chunks(16_384);
    let source = |chunk: &mut Vec<f32>| {
        chunk.clear();
        let piece = pieces.next().unwrap_or_default();
        chunk.extend_from_slice(piece.as_flattened());
        Ok::<_, Infallible>(!piece.is_empty())
    };
    let (options, never) = (ProgrammeOptions::default(), AtomicBool::new(false));
    let analysed = Programme::analyse(source, format, options, &mut |_| {}, &never);
    let programme = analysed.unwrap_or_else(|never| match never {})?;
    Some(without_spectrum(&programme.summary))
}

/// The curves are an array of their own.
pub fn without_spectrum(summary: &Summary) -> Value {
    let mut summary = serde_json::to_value(summary).expect("plain data become JSON");
    let spectrum = summary.get_mut("spectrum").and_then(Value::as_object_mut);
    for (_, curve) in spectrum.into_iter().flatten() {
        *curve = serde_json::json!([]);
    }
    summary
}

impl Figures {
    /// Figures of the sound.
    pub fn sound(&self) -> Option<Summary> {
        serde_json::from_value(self.sound.clone()?).ok()
    }

    /// As the manifest has them; what cannot be understood is absent.
    pub fn from_json(value: &serde_json::Value) -> Self {
        serde_json::from_value(value.clone()).unwrap_or_default()
    }

    /// For the manifest.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("plain data become JSON")
    }

    /// The mix's meters, with the arrays of its side.
    pub fn mix_meters(&self, side: &SideData) -> Meters {
        let kept = self.mix.clone().unwrap_or_default();
        kept.with_arrays(side, side.curves.as_ref())
    }
}

/// What is kept is a stereo picture, whatever the input was.
pub fn format_of(side: &SideData) -> StreamFormat {
    StreamFormat {
        sample_rate_hz: side.sample_rate_hz,
        layout: ChannelLayout::Stereo,
    }
}
