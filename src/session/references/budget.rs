//! The memory that references may have together: sound and fine columns of an hour are 3 GB, and a program that asks for
//! more than there is gets ended, with all that it holds.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// Where the system does not say how much memory it has.
const UNKNOWN_BYTES: u64 = 8 << 30;
/// Columns of all tiers a second, at any rate.
const COLUMNS_BYTES_PER_SEC: f64 = 520_000.0;
/// The same without the fine ones.
const COARSE_BYTES_PER_SEC: f64 = 33_000.0;
/// Left and right of a frame.
const FRAME_BYTES: f64 = 8.0;

/// Bytes that all references of the program have and may have.
#[derive(Debug)]
pub struct Budget {
    most_bytes: u64,
    used_bytes: AtomicU64,
}

impl Budget {
    /// Of so many bytes.
    pub fn new(most_bytes: u64) -> Self {
        Self {
            most_bytes,
            used_bytes: AtomicU64::new(0),
        }
    }

    /// That of the program: half of what the computer has, or of what the program may have.
    pub fn of_program() -> Arc<Self> {
        static BUDGET: OnceLock<Arc<Budget>> = OnceLock::new();
        Arc::clone(BUDGET.get_or_init(|| {
            let there = memory_bytes().unwrap_or(UNKNOWN_BYTES);
            Arc::new(Self::new(there / 2))
        }))
    }
}

/// What one reference has of it; given back when dropped.
#[derive(Debug)]
pub struct Claim {
    budget: Arc<Budget>,
    bytes: u64,
}

impl Claim {
    /// Nothing yet.
    pub fn new(budget: Arc<Budget>) -> Self {
        Self { budget, bytes: 0 }
    }

    /// Has so many bytes from now on, more or fewer than before; else why not, in words that follow the file's name.
    pub fn hold(&mut self, bytes: u64) -> Result<(), String> {
        let used = &self.budget.used_bytes;
        let others = |used: u64| used.saturating_sub(self.bytes);
        let change = |now: u64| {
            let wanted = others(now).saturating_add(bytes);
            (wanted <= self.budget.most_bytes || bytes <= self.bytes).then_some(wanted)
        };
        match used.fetch_update(Ordering::AcqRel, Ordering::Acquire, change) {
            Ok(_) => {
                self.bytes = bytes;
                Ok(())
            }
            Err(now) => Err(format!(
                "with it, references would take {:.1} GB of memory, and they may have {:.1} GB: close others, or cut out \
                 the part to compare with",
                gigabytes(others(now).saturating_add(bytes)),
                gigabytes(self.budget.most_bytes)
            )),
        }
    }
}

impl Default for Claim {
    fn default() -> Self {
        Self::new(Budget::of_program())
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.budget
            .used_bytes
            .fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

/// What a reference takes while it has its detail, or only what is kept of one that is not compared.
pub fn bytes_of(num_frames: u64, sample_rate_hz: u32, has_sound: bool, is_fine: bool) -> u64 {
    let secs = num_frames as f64 / f64::from(sample_rate_hz.max(1));
    let columns = match is_fine {
        true => COLUMNS_BYTES_PER_SEC,
        false => COARSE_BYTES_PER_SEC,
    };
    let sound = if has_sound {
        num_frames as f64 * FRAME_BYTES
    } else {
        0.0
    };
    (secs * columns + sound) as u64
}

fn gigabytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 30)
}

/// Memory of the computer, or what the program is limited to.
#[cfg(target_os = "linux")]
fn memory_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    let limit = rustix::process::getrlimit(rustix::process::Resource::As).current;
    Some((kilobytes << 10).min(limit.unwrap_or(u64::MAX)))
}

#[cfg(not(target_os = "linux"))]
fn memory_bytes() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_share_the_memory_and_what_goes_gives_it_back() {
        let budget = Arc::new(Budget::new(100));
        let mut first = Claim::new(Arc::clone(&budget));
        let mut second = Claim::new(Arc::clone(&budget));
        assert_eq!(first.hold(60), Ok(()));
        let why = second.hold(50).expect_err("it is too much");
        assert!(why.contains("close others"), "{why}");
        assert_eq!(second.hold(40), Ok(()));
        assert!(first.hold(61).is_err());
        assert_eq!(first.hold(10), Ok(()), "less is always possible");
        assert_eq!(second.hold(90), Ok(()));
        drop(second);
        assert_eq!(first.hold(100), Ok(()));
        drop(first);
        assert_eq!(budget.used_bytes.load(Ordering::Acquire), 0);
    }

    #[test]
    fn three_hours_take_what_they_were_measured_to() {
        let frames = 3 * 3600 * 48_000;
        let gigabytes_of =
            |has_sound, is_fine| gigabytes(bytes_of(frames, 48_000, has_sound, is_fine));
        assert!((gigabytes_of(true, true) - 9.1).abs() < 0.2);
        assert!(gigabytes_of(false, false) < 0.4);
    }
}
