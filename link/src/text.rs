//! Names in shared memory: a fixed number of words, cut at a whole letter, without control characters.

/// Longest name, in bytes of UTF-8.
pub const NAME_BYTES: usize = 64;
pub(crate) const NAME_WORDS: usize = NAME_BYTES / 8;

/// A name as words: zeros behind its end.
pub(crate) fn words_of(name: &str) -> [u64; NAME_WORDS] {
    let mut bytes = [0; NAME_BYTES];
    let name = cleaned(name);
    bytes[..name.len()].copy_from_slice(name.as_bytes());
    let mut words = [0; NAME_WORDS];
    for (word, eight) in words.iter_mut().zip(bytes.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*eight);
    }
    words
}

/// The name that words hold, whatever they are.
pub(crate) fn text_of(words: &[u64; NAME_WORDS]) -> String {
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let end = bytes.iter().position(|&byte| byte == 0);
    let text = String::from_utf8_lossy(&bytes[..end.unwrap_or(NAME_BYTES)]);
    cleaned(&text)
}

/// Without control characters and outer spaces, at most [`NAME_BYTES`] long.
pub(crate) fn cleaned(name: &str) -> String {
    let mut text: String = name.chars().filter(|c| !c.is_control()).collect();
    text = text.trim().to_owned();
    text.truncate(text.floor_char_boundary(NAME_BYTES));
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_comes_back_cut_at_a_whole_letter_and_without_control_characters() {
        for (name, expected) in [
            ("Vocal", "Vocal"),
            ("", ""),
            (" Lead\tVox\n ", "LeadVox"),
            ("Gesang 🎤", "Gesang 🎤"),
        ] {
            assert_eq!(text_of(&words_of(name)), expected);
        }
        let long = "ä".repeat(40);
        assert_eq!(text_of(&words_of(&long)), "ä".repeat(32));
    }

    proptest! {
        #[test]
        fn no_words_make_a_name_that_is_too_long_or_breaks_a_line(words in any::<[u64; NAME_WORDS]>()) {
            let text = text_of(&words);
            prop_assert!(text.len() <= NAME_BYTES);
            prop_assert!(!text.chars().any(char::is_control));
        }

        #[test]
        fn every_clean_name_comes_back(name in "[a-zA-Z0-9ßé语 ]{0,20}") {
            prop_assert_eq!(text_of(&words_of(&name)), cleaned(&name));
        }
    }
}
