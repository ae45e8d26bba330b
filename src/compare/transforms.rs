//! Plans of Fourier transforms, made once: of a long one the plan costs as much as the transform.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use rustfft::{Fft, FftPlanner};

static PLANNER: LazyLock<Mutex<FftPlanner<f32>>> = LazyLock::new(|| Mutex::new(FftPlanner::new()));

/// Both ways of a transform of a length, forward and back.
pub fn transforms(length: usize) -> [Arc<dyn Fft<f32>>; 2] {
    // A plan that somebody's thread ended over was not added.
    let mut planner = PLANNER.lock().unwrap_or_else(PoisonError::into_inner);
    [
        planner.plan_fft_forward(length),
        planner.plan_fft_inverse(length),
    ]
}
