//! The sound of a reference as it is kept: to the bit, in half the memory where it came with 16 bits.

use std::ops::Range;

use crate::analysis::downmix::append_stereo;
use crate::audio::decode::FileDecoder;
use crate::dsp::frame_history::StereoFrame;

/// What a whole number of 16 bits is divided by.
const SIXTEEN: f32 = 32_768.0;

/// Left and right of all frames.
#[derive(Debug, PartialEq)]
pub struct Sound(Frames);

#[derive(Debug)]
enum Frames {
    /// Numbers of 16 bits, as a CD and most files without loss have them.
    Whole(Vec<[i16; 2]>),
    /// Anything else.
    Any(Vec<StereoFrame>),
}

impl Default for Sound {
    fn default() -> Self {
        Self(Frames::Whole(vec![]))
    }
}

impl Sound {
    /// Frames that there are.
    pub fn len(&self) -> usize {
        match &self.0 {
            Frames::Whole(frames) => frames.len(),
            Frames::Any(frames) => frames.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends frames. The first that is no number of 16 bits has all kept as they come from then on.
    pub fn push(&mut self, frames: &[StereoFrame]) {
        if let Frames::Whole(kept) = &mut self.0 {
            let before = kept.len();
            let whole = frames.iter().map_while(|frame| whole(*frame));
            kept.extend(whole);
            if kept.len() - before == frames.len() {
                return;
            }
            kept.truncate(before);
            let mut any = Vec::new();
            // Room was made for all of it; without room it grows as it comes.
            let _ = any.try_reserve_exact(kept.capacity().max(before + frames.len()));
            any.extend(kept.iter().map(|frame| frame.map(of_whole)));
            self.0 = Frames::Any(any);
        }
        if let Frames::Any(kept) = &mut self.0 {
            kept.extend_from_slice(frames);
        }
    }

    /// A frame; silence where there is none.
    #[inline]
    pub fn frame(&self, at: usize) -> StereoFrame {
        match &self.0 {
            Frames::Whole(frames) => frames.get(at).map(|frame| frame.map(of_whole)),
            Frames::Any(frames) => frames.get(at).copied(),
        }
        .unwrap_or_default()
    }

    /// Appends copies of frames, as far as there are any.
    pub fn copy(&self, range: Range<usize>, to: &mut Vec<StereoFrame>) {
        let end = range.end.min(self.len());
        let range = range.start.min(end)..end;
        match &self.0 {
            Frames::Whole(frames) => {
                to.extend(frames[range].iter().map(|frame| frame.map(of_whole)));
            }
            Frames::Any(frames) => to.extend_from_slice(&frames[range]),
        }
    }

    /// That of a file, of about so many frames; `None` when cancelled.
    pub(super) fn decode(
        decoder: &mut FileDecoder,
        num_frames: usize,
        is_cancelled: impl Fn() -> bool,
    ) -> Result<Option<Self>, String> {
        let format = decoder.format();
        let mut sound = Self::default();
        sound.make_room(num_frames);
        let (mut chunk, mut stereo) = (vec![], vec![]);
        while decoder
            .read(&mut chunk)
            .map_err(|error| error.to_string())?
        {
            if is_cancelled() {
                return Ok(None);
            }
            stereo.clear();
            append_stereo(format, &chunk, &mut stereo);
            sound.push(&stereo);
        }
        Ok(Some(sound))
    }

    /// Makes room for as many frames, if there is any.
    pub(super) fn make_room(&mut self, frames: usize) {
        // It grows as it comes where not.
        let _ = match &mut self.0 {
            Frames::Whole(kept) => kept.try_reserve_exact(frames),
            Frames::Any(kept) => kept.try_reserve_exact(frames),
        };
    }

    /// Keeps no more than twice the room that is used.
    pub(super) fn give_room_back(&mut self) {
        match &mut self.0 {
            Frames::Whole(frames) => fit(frames),
            Frames::Any(frames) => fit(frames),
        }
    }

    /// Bytes that it takes, room included.
    pub fn bytes(&self) -> usize {
        match &self.0 {
            Frames::Whole(frames) => frames.capacity() * size_of::<[i16; 2]>(),
            Frames::Any(frames) => frames.capacity() * size_of::<StereoFrame>(),
        }
    }
}

/// Equal where all frames are, however they are kept.
impl PartialEq for Frames {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => a == b,
            (Self::Any(a), Self::Any(b)) => a == b,
            (Self::Whole(whole), Self::Any(any)) | (Self::Any(any), Self::Whole(whole)) => {
                let whole = whole.iter().map(|frame| frame.map(of_whole));
                whole.eq(any.iter().copied())
            }
        }
    }
}

/// Keeps no more than twice the room that is used.
pub(super) fn fit<T>(values: &mut Vec<T>) {
    if values.capacity() / 2 > values.len() {
        values.shrink_to_fit();
    }
}

fn of_whole(sample: i16) -> f32 {
    f32::from(sample) / SIXTEEN
}

/// The frame as numbers of 16 bits, if it is exactly that.
fn whole(frame: StereoFrame) -> Option<[i16; 2]> {
    let numbers = frame.map(|sample| (sample * SIXTEEN) as i16);
    (numbers.map(of_whole) == frame).then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::signals::Random;

    fn copied(sound: &Sound, range: Range<usize>) -> Vec<StereoFrame> {
        let mut frames = vec![];
        sound.copy(range, &mut frames);
        frames
    }

    #[test]
    fn every_number_of_16_bits_comes_back_to_the_bit_in_half_the_memory() {
        let all: Vec<StereoFrame> = (i16::MIN..=i16::MAX)
            .map(|n| [f32::from(n) / SIXTEEN, -f32::from(n / 2) / SIXTEEN])
            .collect();
        let mut sound = Sound::default();
        sound.make_room(all.len());
        all.chunks(1_000).for_each(|chunk| sound.push(chunk));
        assert_eq!(copied(&sound, 0..usize::MAX), all);
        assert_eq!(sound.frame(17), all[17]);
        assert_eq!(sound.frame(all.len()), [0.0; 2]);
        assert!(copied(&sound, 70_000..80_000).is_empty());
        assert_eq!(sound.bytes(), 4 * all.len());
    }

    #[test]
    fn what_is_no_number_of_16_bits_is_kept_as_it_came_wherever_it_begins() {
        let mut random = Random::new(3);
        for sample in [1.0, 1e-6, 0.3, -1.5, f32::MAX] {
            let mut frames = vec![[0.5, -0.25]; 500];
            frames.push([0.0, sample]);
            frames.extend((0..300).map(|_| [random.bipolar() as f32; 2]));
            for block in [1, 7, 500, 501, 801] {
                let mut sound = Sound::default();
                frames.chunks(block).for_each(|chunk| sound.push(chunk));
                assert_eq!(
                    copied(&sound, 0..frames.len()),
                    frames,
                    "{sample} in blocks of {block}"
                );
            }
        }
    }
}
