//! What `abscope live` says: the figures of what was heard, and with a reference what `compare` says of two files, with
//! the places at which the mix lay in it.

use serde_json::{Value, json};

use crate::analysis::summary::Summary;
use crate::app::costs::{self, Shares};
use crate::app::live_capture::LiveCapture;
use crate::app::render_command::still_scene;
use crate::audio::ring::{FrameReader, SongMark};
use crate::cli::compare::{Told, Warnings, write_table};
use crate::cli::output::{output, say};
use crate::session::Session;
use crate::session::pairing::heard::{Heard, HeardJob};
use crate::session::sides::still::StillSide;
use crate::session::sides::stretches::Stretch;
use crate::view::looks::{CompareMode, DifferenceOf};
use crate::view::masking::{MaskingScene, masking_json, masking_lines};
use crate::view::readout::{minutes, one_decimal};
use crate::view::scene::Looks;

/// What is compared with: what came of it, and the figures of the whole reference.
pub(super) struct Compared {
    heard: Result<Heard, String>,
    reference: Option<Summary>,
    warnings: Vec<String>,
    /// What a second input masks of the first one.
    masking: Option<MaskingScene>,
}

/// Compares what was heard.
pub(super) fn compare(session: &Session) -> Compared {
    let reference = session.pair.references.active();
    let data = reference.map(|reference| reference.data());
    let whole = data.as_ref().and_then(|data| data.programme.as_ref());
    let (reference, warnings) = (
        whole.map(|whole| whole.summary.clone()),
        data.as_ref().map_or(vec![], |data| data.warnings.clone()),
    );
    drop(data);
    Compared {
        heard: HeardJob::of(&session.pair).map(HeardJob::compare),
        reference,
        warnings,
        masking: masking(session),
    }
}

/// What the second input masks of the first one, over all that was heard of both.
fn masking(session: &Session) -> Option<MaskingScene> {
    session.pair.references.input()?;
    let looks = Looks {
        mode: CompareMode::Difference,
        difference_of: DifferenceOf::Masking,
        span_secs: session.pair.mix.history()?.end_secs(),
        ..Looks::default()
    };
    let scene = still_scene(session, &looks, [640, 360], "");
    scene.masking.filter(|masking| !masking.octaves.is_empty())
}

/// Why the reference could not be read.
pub(super) fn reference_failure(session: &Session) -> Option<String> {
    let reference = session.pair.references.active()?;
    reference.data().failure.clone()
}

/// What is printed, and when.
pub(super) struct LiveReport {
    json: bool,
    every: Option<f64>,
    printed_secs: f64,
    shares: Shares,
}

impl LiveReport {
    /// With figures every so many seconds all is JSON.
    pub(super) fn new(json: bool, every: Option<f64>) -> Self {
        Self {
            json: json || every.is_some(),
            every,
            printed_secs: 0.0,
            shares: Shares::default(),
        }
    }

    /// Prints the figures of now if it is time.
    pub(super) fn print_if_due(
        &mut self,
        mix: &mut StillSide,
        input: &LiveCapture,
        heard_secs: f64,
    ) -> anyhow::Result<()> {
        match self.every {
            Some(every) if heard_secs - self.printed_secs >= every.max(0.1) => {
                self.printed_secs = heard_secs;
                self.print(mix, input, None)
            }
            _ => Ok(()),
        }
    }

    /// Prints the figures, and what came of the comparison.
    pub(super) fn print(
        &mut self,
        mix: &mut StillSide,
        input: &LiveCapture,
        compared: Option<Compared>,
    ) -> anyhow::Result<()> {
        let summary = mix.summary();
        if !self.json {
            say(line(&summary, input))?;
            return match compared {
                Some(compared) => Ok(compared.write(&summary)?),
                None => Ok(()),
            };
        }
        let figures = figures(&summary, input, &mut self.shares)?;
        match compared {
            Some(compared) => {
                let mut told = compared.json(&summary, figures)?;
                if let Some(masking) = &compared.masking {
                    told["masking"] = masking_json(&masking.octaves);
                }
                say(told)?;
            }
            None => say(figures)?,
        }
        Ok(())
    }
}

/// The figures in a line.
fn line(summary: &Summary, input: &LiveCapture) -> String {
    let (loudness, levels) = (&summary.loudness, &summary.levels);
    format!(
        "{}: {} s, integrated {} LUFS, short-term max {} LUFS, true peak {} dBTP, RMS {} dBFS, crest {} dB, lost {} \
         frames",
        input.info.name,
        one_decimal(Some(summary.duration_secs)),
        one_decimal(loudness.integrated_lufs),
        one_decimal(loudness.max_short_term_lufs),
        one_decimal(loudness.true_peak_dbtp),
        one_decimal(levels.rms_dbfs),
        one_decimal(levels.crest_db),
        input.lost_frames(),
    )
}

/// The figures as an object, with what is known of the input.
fn figures(summary: &Summary, input: &LiveCapture, shares: &mut Shares) -> anyhow::Result<Value> {
    let mut figures = serde_json::to_value(summary)?;
    let info = &input.info;
    figures["input"] = json!({
        "name": info.name,
        "host": info.host,
        "is_monitor": info.is_monitor,
    });
    figures["lost_frames"] = json!(input.lost_frames());
    figures["gaps"] = json!(input.gaps());
    // One thread captures, analyses and tells.
    figures["cpu"] = shares.json(&[("analysis", costs::MAIN)], &[]);
    figures["rss_bytes"] = json!(costs::resident_bytes());
    if let Some(song) = input.reader.song() {
        figures["song"] = song_json(song, &input.reader);
    }
    Ok(figures)
}

impl Compared {
    /// The object of `compare --json`, with the mix's figures as `live` gives them, and the places.
    fn json(&self, mix: &Summary, figures: Value) -> anyhow::Result<Value> {
        let heard = match &self.heard {
            Ok(heard) => heard,
            Err(why) => {
                return Ok(json!({
                    "schema": 1, "mix": figures, "reference": self.reference, "difference": null, "findings": [],
                    "places": [], "warnings": { "mix": [], "reference": self.warnings }, "not_compared": why,
                }));
            }
        };
        let reference = self.reference.as_ref().unwrap_or(&heard.summaries[1]);
        let mut told = serde_json::to_value(Told {
            comparison: &heard.comparison_beside([mix, reference]),
            warnings: Warnings {
                mix: &[],
                reference: &self.warnings,
            },
        })?;
        told["mix"] = figures;
        told["places"] = heard.places.iter().map(place_json).collect();
        Ok(told)
    }

    /// The same for people.
    fn write(&self, mix: &Summary) -> std::io::Result<()> {
        if let Some(masking) = &self.masking {
            let names = masking.names.each_ref().map(String::as_str);
            for line in masking_lines(names, &masking.octaves) {
                say(line)?;
            }
        }
        let heard = match &self.heard {
            Ok(heard) => heard,
            Err(why) => return say(why),
        };
        let mut mix = mix.clone();
        mix.file.clone_from(&heard.sides[0].name);
        let reference = self.reference.as_ref().unwrap_or(&heard.summaries[1]);
        for place in &heard.places {
            let [from, to] = [place.from_secs, place.to_secs].map(minutes);
            let beside = minutes(place.from_secs + place.offset_secs);
            say(format_args!("  {from} – {to} is {beside} of the reference"))?;
        }
        write_table(&mut output(), &heard.comparison_beside([&mix, reference]))
    }
}

fn place_json(place: &Stretch) -> Value {
    let rounded = |secs: f64| (1000.0 * secs).round() / 1000.0;
    let mix_secs = [place.from_secs, place.to_secs];
    json!({
        "mix_secs": mix_secs.map(rounded),
        "reference_secs": mix_secs.map(|secs| rounded(secs + place.offset_secs)),
    })
}

/// Where the DAW is in its song at the end of what was captured, and how often it jumped on the way.
fn song_json(song: &SongMark, reader: &FrameReader) -> Value {
    let rate = f64::from(reader.format().sample_rate_hz.max(1));
    let frames = song.song_frames_at(reader.position());
    let transport = &song.transport;
    let since_mark_secs = reader.position().saturating_sub(song.position) as f64 / rate;
    let bar = transport.bar_number_after(since_mark_secs);
    let meter = transport.meter.map(|meter| [meter.beats, meter.unit]);
    let looped = transport.loop_beats.filter(|_| transport.is_looping);
    json!({
        "playing": transport.is_playing,
        "position_secs": frames.map(|frames| frames as f64 / rate),
        "tempo_bpm": transport.tempo_bpm,
        "meter": meter,
        // As people count, from 1.
        "bar": bar.map(|bar| bar + 1),
        "loop_beats": looped.map(|span| [span.start, span.end]),
        "jumps": reader.jumps(),
    })
}
