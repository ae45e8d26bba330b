//! Which of the frames that a decoder delivers are meant to be heard: without what its encoder put in front and behind, and,
//! where a film editor cut it, in several stretches.

use std::collections::VecDeque;

/// A stretch that is heard: frames to be left out in front of it, and its length where that is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stretch {
    pub skip: u64,
    pub len: Option<u64>,
}

/// What is still to be left out and to be delivered, in frames.
#[derive(Default)]
pub(super) struct Kept {
    stretches: VecDeque<Stretch>,
}

impl Kept {
    /// Stretches one behind the other; those of no length are none.
    pub fn new(stretches: impl IntoIterator<Item = Stretch>) -> Self {
        let stretches = stretches.into_iter();
        Self {
            stretches: stretches.filter(|stretch| stretch.len != Some(0)).collect(),
        }
    }

    /// All of it, where that is known.
    pub fn len(&self) -> Option<u64> {
        self.stretches
            .iter()
            .try_fold(0u64, |all, stretch| Some(all.saturating_add(stretch.len?)))
    }

    /// Whether nothing more is to be delivered.
    pub fn is_over(&self) -> bool {
        self.stretches.is_empty()
    }

    /// Takes out of the frames behind `start` what is not to be heard; how many frames are left there.
    pub fn apply(&mut self, interleaved: &mut Vec<f32>, start: usize, channels: usize) -> u64 {
        let frames = ((interleaved.len() - start) / channels) as u64;
        let (mut at, mut kept) = (0, 0);
        while let Some(stretch) = self.stretches.front_mut()
            && at < frames
        {
            let skipped = stretch.skip.min(frames - at);
            stretch.skip -= skipped;
            at += skipped;
            let taken = stretch.len.unwrap_or(u64::MAX).min(frames - at);
            let from = start + at as usize * channels;
            let samples = taken as usize * channels;
            interleaved.copy_within(from..from + samples, start + kept as usize * channels);
            (at, kept) = (at + taken, kept + taken);
            if let Some(len) = &mut stretch.len {
                *len -= taken;
                if *len == 0 {
                    self.stretches.pop_front();
                }
            }
        }
        interleaved.truncate(start + kept as usize * channels);
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_are_kept_whatever_the_packets_they_come_in() {
        let stretch = |skip, len| Stretch { skip, len };
        for (stretches, expected) in [
            (vec![stretch(0, None)], (0..20).collect::<Vec<_>>()),
            (vec![stretch(3, None)], (3..20).collect()),
            (vec![stretch(3, Some(4))], (3..7).collect()),
            (
                vec![
                    stretch(2, Some(3)),
                    stretch(0, Some(0)),
                    stretch(6, Some(2)),
                ],
                vec![2, 3, 4, 11, 12],
            ),
            (vec![], vec![]),
        ] {
            for packet in 1..=20 {
                let mut kept = Kept::new(stretches.clone());
                let mut all = vec![];
                let samples: Vec<f32> = (0..40).map(|n| (n / 2) as f32).collect();
                for frames in samples.chunks(2 * packet) {
                    let start = all.len();
                    all.extend(frames);
                    let left = kept.apply(&mut all, start, 2);
                    assert_eq!(all.len(), start + 2 * left as usize);
                }
                let left: Vec<i32> = all.iter().step_by(2).map(|x| *x as i32).collect();
                assert_eq!(left, expected, "packets of {packet}");
                assert_eq!(kept.is_over(), stretches.iter().all(|s| s.len.is_some()));
            }
        }
    }
}
