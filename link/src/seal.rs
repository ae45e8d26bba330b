//! Checksums that tell what a sender wrote from anything else that may lie in the memory.
//!
//! They guard against accidents, not against an enemy: whoever can write here is the same user and could do worse.

/// A running checksum over words of 64 bits. Each step is a bijection of the word, so that no change of a single word
/// goes unnoticed; of anything else, one in 2⁶⁴.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seal(u64);

impl Seal {
    /// Begins with what the words belong to: the same words of another owner have another seal.
    pub(crate) fn new(owner: u64) -> Self {
        Self(owner ^ 0x5bd1_e995_9e37_79b9)
    }

    /// Takes in a word.
    #[inline(always)]
    pub(crate) fn add(&mut self, word: u64) {
        let mixed = (self.0 ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 29);
    }

    /// The checksum of the words so far; never 0, which is what fresh memory holds.
    pub(crate) fn value(self) -> u64 {
        self.0.max(1)
    }

    /// The checksum of some words.
    pub(crate) fn of(owner: u64, words: impl IntoIterator<Item = u64>) -> u64 {
        let mut seal = Self::new(owner);
        for word in words {
            seal.add(word);
        }
        seal.value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_word_an_exchanged_pair_and_another_owner_have_another_seal() {
        let words = [1, 2, 3, 0, 0, u64::MAX];
        let seal = Seal::of(7, words);
        assert_eq!(seal, Seal::of(7, words));
        assert_ne!(seal, Seal::of(8, words));
        for (index, bit) in (0..words.len()).flat_map(|i| (0..64).map(move |b| (i, b))) {
            let mut changed = words;
            changed[index] ^= 1 << bit;
            assert_ne!(seal, Seal::of(7, changed), "word {index}, bit {bit}");
        }
        let mut exchanged = words;
        exchanged.swap(0, 1);
        assert_ne!(seal, Seal::of(7, exchanged));
        assert_ne!(Seal::of(7, [0; 3]), Seal::of(7, [0; 4]));
    }
}
