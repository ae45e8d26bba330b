//! What the fuzz targets share: the checks of the readers, and forgeries that a fuzzer of bytes would never come upon.
//! fuzz/README.md says how to run them.

pub mod checks;
mod forge;
mod mutate;

use std::sync::Once;

use mutate::Random;

/// Gives an input to a target.
///
/// # Panics
/// If the input does harm, and if there is no target of this name.
pub fn run(target: &str, input: &[u8]) {
    leave_to_guards();
    let found = checks::TARGETS.iter().find(|(name, _)| *name == target);
    let (_, check) = found.unwrap_or_else(|| panic!("no target {target}"));
    check(input);
}

/// A panic that a reader's guard catches is a damaged file that is refused. The fuzzer would end with it; it still ends with
/// one that nobody catches.
fn leave_to_guards() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| std::panic::set_hook(Box::new(|panic| eprintln!("{panic}"))));
}

/// Forges a snapshot out of one, in place; the new length. What would not fit is left as it was.
pub fn forge_snapshot(data: &mut [u8], size: usize, most: usize, seed: u32) -> usize {
    forge(data, size, most, seed, forge::broken_snapshot)
}

/// The same with a picture.
pub fn forge_picture(data: &mut [u8], size: usize, most: usize, seed: u32) -> usize {
    forge(data, size, most, seed, forge::broken_picture)
}

fn forge(
    data: &mut [u8],
    size: usize,
    most: usize,
    seed: u32,
    broken: fn(&[u8], &mut Random) -> Vec<u8>,
) -> usize {
    let forged = broken(&data[..size], &mut Random(seed.into()));
    let length = forged.len();
    if length > most.min(data.len()) {
        return size;
    }
    data[..length].copy_from_slice(&forged);
    length
}
