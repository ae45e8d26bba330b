//! How loud each input is now, for a list to choose from: people know their mix by its level, not by its name.
//!
//! PulseAudio finds peaks itself and sends 25 numbers a second for each source, beside whatever else listens. Other
//! hosts have no such thing: their inputs are opened in turn, for a moment each; one that is busy shows no level.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::capture::{InputSelector, open_input};
use super::device_info::DeviceInfo;
use super::devices::{list_inputs, list_outputs};
#[cfg(target_os = "linux")]
use super::pulse;
use super::ring::ReadEvent;
#[cfg(target_os = "linux")]
use super::sender;
use crate::audio::threads;
use crate::units::db;

/// How often levels are renewed.
const BEAT: Duration = Duration::from_millis(80);
/// How often it is looked whether inputs came or went.
#[cfg(target_os = "linux")]
const LIST_EVERY: Duration = Duration::from_secs(1);
/// How often it is looked whether outputs came or went.
const OUTPUTS_EVERY: Duration = Duration::from_secs(2);
/// How long an input of another host is listened to.
const LISTEN: Duration = Duration::from_millis(200);
/// What a level keeps from one beat to the next: it falls 20 dB in a second.
const FALL: f32 = 0.83;

/// An input and its level.
#[derive(Clone, Debug, PartialEq)]
pub struct InputLevel {
    /// The input.
    pub info: DeviceInfo,
    /// Peak in dBFS, falling slowly; −∞ for silence, `None` while nothing is known.
    pub peak_dbfs: Option<f32>,
}

/// Looks after the levels of all inputs on a thread of its own. Dropping it ends that soon, without waiting.
pub struct InputLevels {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    levels: Mutex<Option<Vec<InputLevel>>>,
    outputs: Mutex<Option<Vec<DeviceInfo>>>,
}

impl InputLevels {
    /// Starts looking. Fails only where no thread can be made.
    pub fn start() -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        threads::spawn("input levels", move || watch(&theirs))?;
        let theirs = Arc::clone(&shared);
        threads::spawn("outputs", move || watch_outputs(&theirs))?;
        Ok(Self { shared })
    }

    /// The inputs that were found, loopbacks of outputs first; `None` before they were looked for.
    pub fn read(&self) -> Option<Vec<InputLevel>> {
        self.shared.levels().clone()
    }

    /// The outputs that were found, to listen on; `None` before they were looked for.
    pub fn outputs(&self) -> Option<Vec<DeviceInfo>> {
        self.shared.outputs().clone()
    }
}

impl Drop for InputLevels {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
    }
}

impl Shared {
    fn levels(&self) -> std::sync::MutexGuard<'_, Option<Vec<InputLevel>>> {
        self.levels.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn outputs(&self) -> std::sync::MutexGuard<'_, Option<Vec<DeviceInfo>>> {
        self.outputs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    /// Takes over a new list; what is known of inputs that stay is kept.
    fn put(&self, inputs: Vec<DeviceInfo>) {
        let mut levels = self.levels();
        let known = levels.take().unwrap_or_default();
        let with_level = |info: DeviceInfo| {
            let same = known.iter().find(|level| level.info.id == info.id);
            let peak_dbfs = same.and_then(|level| level.peak_dbfs);
            InputLevel { info, peak_dbfs }
        };
        *levels = Some(inputs.into_iter().map(with_level).collect());
    }

    /// Lets all levels with new peaks rise or fall.
    fn renew(&self, peak_of: impl Fn(&str) -> Option<f32>) {
        for level in self.levels().iter_mut().flatten() {
            let Some(peak) = peak_of(&level.info.id) else {
                continue;
            };
            let before_db = level.peak_dbfs.unwrap_or(f32::NEG_INFINITY);
            let fallen_db = before_db + db::db_from_amplitude(f64::from(FALL)) as f32;
            // Below what a meter shows, the way down needs no steps.
            let fallen_db = if fallen_db < -100.0 {
                f32::NEG_INFINITY
            } else {
                fallen_db
            };
            let peak_db = db::db_from_amplitude(f64::from(peak)) as f32;
            level.peak_dbfs = Some(peak_db.max(fallen_db));
        }
    }
}

/// Lists the outputs, now and then again.
fn watch_outputs(shared: &Shared) {
    while !shared.is_stopped() {
        let outputs = list_outputs();
        *shared.outputs() = Some(outputs);
        let again_at = Instant::now() + OUTPUTS_EVERY;
        while Instant::now() < again_at && !shared.is_stopped() {
            std::thread::sleep(BEAT);
        }
    }
}

fn watch(shared: &Shared) {
    while !shared.is_stopped() {
        #[cfg(target_os = "linux")]
        if let Some(peaks) = pulse::Peaks::connect() {
            watch_pulse(shared, peaks);
            continue;
        }
        watch_others(shared);
    }
}

/// Until the server ends.
#[cfg(target_os = "linux")]
fn watch_pulse(shared: &Shared, mut peaks: pulse::Peaks) {
    let mut list_at = Instant::now();
    let mut senders = sender::Peaks::default();
    while !shared.is_stopped() {
        if Instant::now() >= list_at {
            list_at = Instant::now() + LIST_EVERY;
            let Some(inputs) = peaks.follow_sources() else {
                return;
            };
            shared.put(senders.follow_senders().into_iter().chain(inputs).collect());
        }
        let sent = senders.take_peaks();
        shared.renew(|id| {
            let sent = sent.iter().find(|(sender, _)| sender == id);
            sent.map(|(_, peak)| *peak).or_else(|| peaks.take_peak(id))
        });
        std::thread::sleep(BEAT);
    }
}

/// One round through the inputs of other hosts.
fn watch_others(shared: &Shared) {
    let inputs = list_inputs();
    shared.put(inputs.clone());
    for input in inputs {
        if shared.is_stopped() {
            return;
        }
        let peak = peak_of(&input);
        shared.renew(|id| peak.filter(|_| id == input.id));
    }
    std::thread::sleep(BEAT);
}

/// The largest sample of a moment; `None` if the input does not open.
fn peak_of(input: &DeviceInfo) -> Option<f32> {
    let mut capture = open_input(&InputSelector::named(&input.id)).ok()?;
    let mut reader = capture.reader.take()?;
    let begin = Instant::now();
    let mut samples = Vec::new();
    while begin.elapsed() < LISTEN {
        match reader.read(&mut samples) {
            ReadEvent::Idle => std::thread::sleep(Duration::from_millis(10)),
            ReadEvent::Closed => break,
            ReadEvent::Frames(_) | ReadEvent::Gap { .. } => {}
        }
    }
    Some(
        samples
            .iter()
            .fold(0.0, |peak, sample| sample.abs().max(peak)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(id: &str) -> DeviceInfo {
        DeviceInfo {
            name: id.to_owned(),
            id: id.to_owned(),
            host: "PulseAudio".to_owned(),
            channels: 2,
            rates: vec![48_000],
            is_monitor: true,
            is_default: false,
        }
    }

    #[test]
    fn a_level_rises_at_once_falls_slowly_and_is_kept_when_the_list_is_renewed() {
        let shared = Shared::default();
        shared.put(vec![input("a"), input("b")]);
        let level = |n: usize| shared.levels().as_ref().and_then(|all| all[n].peak_dbfs);
        assert_eq!(level(0), None);
        shared.renew(|id| (id == "a").then_some(1.0));
        assert_eq!((level(0), level(1)), (Some(0.0), None));
        shared.put(vec![input("b"), input("a")]);
        shared.renew(|_| Some(0.0));
        let fallen = level(1).expect("it was known");
        assert!(fallen < -1.0 && fallen > -2.0, "{fallen}");
        assert_eq!(level(0), Some(f32::NEG_INFINITY));
        for _ in 0..100 {
            shared.renew(|_| Some(0.0));
        }
        assert_eq!(level(1), Some(f32::NEG_INFINITY));
    }
}
