//! A clock that goes on while the computer sleeps: what is missed then is missing, and has a length.
//!
//! `Instant` stands still during sleep on Linux and macOS. Linux has a clock that does not; elsewhere it is the time
//! of day, which a person may set, so nothing but the length of an absence may hang on it.

use std::time::Duration;

/// Time since some moment before the program began.
pub type WallClock = Box<dyn Fn() -> Duration + Send>;

/// The computer's own.
pub fn wall_clock() -> WallClock {
    Box::new(now)
}

/// Time since some moment before the program began, sleep included.
pub fn now() -> Duration {
    #[cfg(target_os = "linux")]
    if let Ok(time) = nix::time::clock_gettime(nix::time::ClockId::CLOCK_BOOTTIME) {
        return time.into();
    }
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_on_with_the_time() {
        let (clock, begin) = (now(), std::time::Instant::now());
        while begin.elapsed() < Duration::from_millis(5) {
            std::hint::spin_loop();
        }
        let passed = now() - clock;
        assert!(passed >= Duration::from_millis(4), "{passed:?}");
    }
}
