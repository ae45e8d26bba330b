//! A host's transport, as CLAP tells it, in the link's words.

use abscope_link::{Bar, Meter, Span, Transport};
use clack_plugin::events::event_types::{TransportEvent, TransportFlags};

/// Beats by which the song may be outside the bar that a host tells, for rounding.
const BAR_ROUNDING_BEATS: f64 = 1e-3;

/// What is told, at a rate in Hz. What a host leaves out, or tells in contradiction to itself, is absent.
pub(crate) fn transport_of(event: &TransportEvent, rate_hz: f64) -> Transport {
    let has = |flag| event.flags.contains(flag);
    let frames = |secs: f64| (secs * rate_hz).round() as i64;
    let song_beats =
        has(TransportFlags::HAS_BEATS_TIMELINE).then(|| event.song_pos_beats.to_float());
    let meter = Meter {
        beats: event.time_signature_numerator,
        unit: event.time_signature_denominator,
    };
    let is_meter = has(TransportFlags::HAS_TIME_SIGNATURE) && meter.beats > 0 && meter.unit > 0;
    let meter = Some(meter).filter(|_| is_meter);
    let loop_beats = Span {
        start: event.loop_start_beats.to_float(),
        end: event.loop_end_beats.to_float(),
    };
    let loop_frames = Span {
        start: frames(event.loop_start_seconds.to_float()),
        end: frames(event.loop_end_seconds.to_float()),
    };
    Transport {
        is_playing: has(TransportFlags::IS_PLAYING),
        is_recording: has(TransportFlags::IS_RECORDING),
        is_looping: has(TransportFlags::IS_LOOP_ACTIVE),
        song_frames: has(TransportFlags::HAS_SECONDS_TIMELINE)
            .then(|| frames(event.song_pos_seconds.to_float())),
        song_beats,
        tempo_bpm: Some(event.tempo)
            .filter(|bpm| has(TransportFlags::HAS_TEMPO) && bpm.is_finite() && *bpm > 0.0),
        meter,
        bar: bar_of(event, song_beats, meter),
        loop_beats: Some(loop_beats).filter(|span| span.end > span.start),
        loop_frames: Some(loop_frames).filter(|span| span.end > span.start),
    }
}

/// The bar, if the song is in it: some hosts leave its fields at zero throughout. VST3 knows no numbers of bars, so the
/// wrapper leaves that zero.
fn bar_of(event: &TransportEvent, song_beats: Option<f64>, meter: Option<Meter>) -> Option<Bar> {
    let (song_beats, meter) = (song_beats?, meter?);
    let start_beats = event.bar_start.to_float();
    let bar_beats = 4.0 * f64::from(meter.beats) / f64::from(meter.unit);
    let into_bar = song_beats - start_beats;
    let is_inside = (-BAR_ROUNDING_BEATS..bar_beats + BAR_ROUNDING_BEATS).contains(&into_bar);
    let is_first = start_beats.abs() < BAR_ROUNDING_BEATS;
    is_inside.then_some(Bar {
        start_beats,
        number: Some(event.bar_number).filter(|number| *number != 0 || is_first),
    })
}
