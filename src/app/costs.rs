//! What the program costs the computer: memory, each thread's share of a core, and how long things took lately.

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use serde_json::{Value, json};

use crate::render::gpu::Gpu;

/// So many of the newest durations are looked at.
const RECENT: usize = 1024;

/// How long something took, the newest times.
#[derive(Debug, Default)]
pub struct Durations {
    newest_ms: VecDeque<f64>,
}

impl Durations {
    /// Notes one.
    pub fn note_ms(&mut self, ms: f64) {
        if self.newest_ms.len() == RECENT {
            self.newest_ms.pop_front();
        }
        self.newest_ms.push_back(ms);
    }

    /// Notes the time since one began.
    pub fn note_since(&mut self, begun: Instant) {
        self.note_ms(begun.elapsed().as_secs_f64() * 1000.0);
    }

    /// What a percentage of them is not longer than; `None` of none.
    pub fn percentile_ms(&self, percent: usize) -> Option<f64> {
        let mut sorted: Vec<f64> = self.newest_ms.iter().copied().collect();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().checked_sub(1)?;
        Some(sorted[(sorted.len() * percent / 100).min(last)])
    }

    /// Percentiles by name: `p50` and so on; `null` of none.
    pub fn json(&self, percents: &[usize]) -> Value {
        let named = percents.iter().map(|percent| {
            let ms = self.percentile_ms(*percent);
            let rounded = ms.map(|ms| (1000.0 * ms).round() / 1000.0);
            (format!("p{percent}"), json!(rounded))
        });
        Value::Object(named.collect())
    }
}

/// The time that threads had on a core, between two looks.
#[derive(Debug)]
pub struct Shares {
    looked_at: Instant,
    before: BTreeMap<String, f64>,
}

impl Default for Shares {
    fn default() -> Self {
        Self {
            looked_at: Instant::now(),
            before: BTreeMap::new(),
        }
    }
}

impl Shares {
    /// Percent of a core that threads of these names had since the last look, or since the program began; `null` where there
    /// is no such thread, or the system does not say. `parts` are what was counted of a thread: name and seconds so far.
    pub fn json(&mut self, names: &[(&str, &str)], parts: &[(&str, f64)]) -> Value {
        let secs = self.looked_at.elapsed().as_secs_f64().max(1e-3);
        let mut now = thread_secs();
        let own = parts.iter().map(|(name, secs)| (part_of(name), *secs));
        now.extend(own);
        let parts: Vec<_> = parts
            .iter()
            .map(|(name, _)| (*name, part_of(name)))
            .collect();
        let parts = parts.iter().map(|(name, part)| (*name, part.as_str()));
        let names: Vec<(&str, &str)> = names.iter().copied().chain(parts).collect();
        let named = names.iter().map(|(key, thread)| {
            let had = now.get(*thread).map(|after| {
                let before = self.before.get(*thread).copied().unwrap_or(0.0);
                (10_000.0 * (after - before).max(0.0) / secs).round() / 100.0
            });
            (format!("{key}_percent"), json!(had))
        });
        let shares = Value::Object(named.collect());
        (self.looked_at, self.before) = (Instant::now(), now);
        shares
    }
}

/// A name that no thread has.
fn part_of(name: &str) -> String {
    format!("part: {name}")
}

/// Seconds that the calling thread has had on a core so far; `None` where the system does not say.
#[cfg(unix)]
pub fn own_secs() -> Option<f64> {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Some(now.tv_sec as f64 + now.tv_nsec as f64 * 1e-9)
}

/// As on Unix.
#[cfg(not(unix))]
pub fn own_secs() -> Option<f64> {
    None
}

/// The name under which [`Shares`] has the thread that the program began with.
pub const MAIN: &str = "";

/// Seconds on a core of each thread, by its name; threads of one name together.
#[cfg(target_os = "linux")]
fn thread_secs() -> BTreeMap<String, f64> {
    let mut secs = BTreeMap::new();
    let own = std::process::id().to_string();
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten();
    for thread in threads.flatten() {
        let read = |file: &str| std::fs::read_to_string(thread.path().join(file)).ok();
        let (Some(name), Some(times)) = (read("comm"), read("schedstat")) else {
            // It has ended meanwhile.
            continue;
        };
        let first = times
            .split(' ')
            .next()
            .and_then(|ns| ns.parse::<f64>().ok());
        let name = match thread.file_name().to_str() == Some(own.as_str()) {
            true => MAIN,
            false => name.trim_end(),
        };
        *secs.entry(name.to_owned()).or_default() += first.unwrap_or(0.0) * 1e-9;
    }
    secs
}

#[cfg(not(target_os = "linux"))]
fn thread_secs() -> BTreeMap<String, f64> {
    BTreeMap::new()
}

/// Memory of the program that is in use just now, that of a software GPU included; `None` where the system does not say.
#[cfg(target_os = "linux")]
pub fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes << 10)
}

/// As on Linux.
#[cfg(not(target_os = "linux"))]
pub fn resident_bytes() -> Option<u64> {
    None
}

/// Memory of textures and buffers; `None` where the driver keeps no account.
pub fn gpu_bytes(gpu: &Gpu) -> Option<u64> {
    let report = gpu.device.generate_allocator_report()?;
    Some(report.total_allocated_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_newest_durations() {
        let mut durations = Durations::default();
        assert_eq!(durations.json(&[50]), json!({ "p50": null }));
        (0..5_000).for_each(|_| durations.note_ms(1e6));
        (0..RECENT).for_each(|n| durations.note_ms(n as f64));
        assert_eq!(durations.percentile_ms(0), Some(0.0));
        assert_eq!(durations.percentile_ms(50), Some(RECENT as f64 / 2.0));
        assert_eq!(durations.percentile_ms(100), Some(RECENT as f64 - 1.0));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_written_to_is_resident() {
        let mut room = vec![0u8; 64 << 20];
        room.iter_mut().step_by(4096).for_each(|byte| *byte = 1);
        let bytes = resident_bytes().expect("Linux says it");
        assert!(bytes >= 64 << 20, "{bytes}");
        assert_eq!(room[4096], 1);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_thread_that_works_has_a_share_and_one_that_is_not_there_has_none() {
        let mut shares = Shares::default();
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let worker = std::thread::Builder::new().name("costs-at-work".to_owned());
        let worker = worker.spawn(move || {
            let mut n = 0u64;
            while stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
                n = std::hint::black_box(n.wrapping_add(1));
            }
        });
        let names = [("work", "costs-at-work"), ("none", "costs-of-nobody")];
        // Each look counts anew; sooner or later the worker gets a core.
        let counted = [("counted", 1e9)];
        let share = (0..100_000)
            .map(|_| shares.json(&names, &counted))
            .find(|shares| {
                shares["work_percent"]
                    .as_f64()
                    .is_some_and(|percent| percent > 0.0)
            });
        drop(stop);
        worker
            .expect("a thread can be made")
            .join()
            .expect("it counts");
        let share = share.expect("it worked");
        assert!(share["none_percent"].is_null());
        assert!(share["counted_percent"].is_number(), "{share}");
        assert_eq!(
            shares.json(&[], &counted)["counted_percent"],
            0.0,
            "nothing came to it"
        );
        let before_secs = own_secs().expect("Linux says it");
        let worked = (0..2_000_000u64).fold(0, |sum, n| std::hint::black_box(sum ^ n));
        assert!(own_secs().expect("Linux says it") > before_secs, "{worked}");
    }
}
