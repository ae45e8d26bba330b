//! A file as its decoder should see it: some stretches of it, one behind the other, with bytes of ours in front where its
//! own beginning is of no use. So decoders never meet what lies around the sound: tags, pictures, other recordings.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use symphonia::core::io::MediaSource;

/// Bytes of ours, then a stretch of the file.
pub(super) struct Parts {
    file: File,
    front: Vec<u8>,
    stretch: Range<u64>,
    position: u64,
    /// The length that is told, which is more than there is where a file is cut short.
    told_len: Option<u64>,
    /// Whether the decoder may look for what lies further on.
    is_seekable: bool,
}

impl Parts {
    /// A stretch of the file, with some bytes in front of it.
    pub fn new(file: File, front: Vec<u8>, stretch: Range<u64>) -> Self {
        Self {
            file,
            front,
            stretch,
            position: 0,
            told_len: None,
            is_seekable: true,
        }
    }

    /// A whole file that claims a length. Where an MP4's sound goes past the end of the file, symphonia leaves all of
    /// it out; believing that the rest is there, it reads up to the true end.
    pub fn claiming(file: File, file_len: u64, told_len: u64) -> Self {
        Self {
            told_len: Some(told_len),
            ..Self::new(file, vec![], 0..file_len)
        }
    }

    /// A whole file as a stream: where a Matroska file is cut short, its index leads beyond the end, and symphonia gives
    /// all of it up; what cannot be sought is read as it comes.
    pub fn streamed(file: File, file_len: u64) -> Self {
        Self {
            is_seekable: false,
            ..Self::new(file, vec![], 0..file_len)
        }
    }

    fn len(&self) -> u64 {
        self.front.len() as u64 + self.stretch.end.saturating_sub(self.stretch.start)
    }
}

impl Read for Parts {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let front = usize::try_from(self.position)
            .ok()
            .and_then(|at| self.front.get(at..))
            .filter(|rest| !rest.is_empty());
        let got = if let Some(front) = front {
            let got = front.len().min(buffer.len());
            buffer[..got].copy_from_slice(&front[..got]);
            got
        } else {
            let left = self.len().saturating_sub(self.position);
            let wanted = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
            let place = self.stretch.start + (self.position - self.front.len() as u64);
            // Clones of a file share its position, so it is never relied on.
            self.file.seek(SeekFrom::Start(place))?;
            self.file.read(&mut buffer[..wanted])?
        };
        self.position += got as u64;
        Ok(got)
    }
}

impl Seek for Parts {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        let target = match position {
            SeekFrom::Start(target) => Some(target),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
            SeekFrom::End(offset) => self
                .told_len
                .unwrap_or(self.len())
                .checked_add_signed(offset),
        };
        self.position = target.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

impl MediaSource for Parts {
    fn is_seekable(&self) -> bool {
        self.is_seekable
    }

    /// Not told where it would be a claim, which keeps symphonia from looking for tags behind the end.
    fn byte_len(&self) -> Option<u64> {
        (self.is_seekable && self.told_len.is_none()).then(|| self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn bytes_in_front_and_a_stretch_read_as_one_wherever_it_is_entered() {
        let mut file = tempfile::tempfile().expect("a temporary file");
        file.write_all(b"tag: sound :tag").expect("room");
        let mut parts = Parts::new(file, b"head ".to_vec(), 5..10);
        let whole = b"head sound";
        for start in 0..=whole.len() {
            let mut read = Vec::new();
            parts
                .seek(SeekFrom::Start(start as u64))
                .expect("inside of it");
            parts.read_to_end(&mut read).expect("readable");
            assert_eq!(read, whole[start..], "from {start}");
        }
        assert_eq!(parts.byte_len(), Some(10));
        assert_eq!(parts.seek(SeekFrom::End(-3)).expect("inside"), 7);
    }
}
