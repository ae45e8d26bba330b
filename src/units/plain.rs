//! Words that came from outside, made safe to print and to draw: terminals obey control characters, and characters that
//! turn the direction of text make a name read as another.

use std::borrow::Cow;

/// Whether a character has no place in a name: controls, line ends, what turns the direction, what nobody sees. Joiners
/// stay: names in Persian and Hindi need them.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// A text without them, each a `�` that shows where one was.
pub fn plain(text: &str) -> Cow<'_, str> {
    if text.contains(is_hidden) {
        Cow::Owned(text.replace(is_hidden, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// A text for an output that others read, with `\u202e` in the place of each: JSON stays what it was. Line ends and tabs
/// stay.
pub fn printable(text: &str) -> Cow<'_, str> {
    let is_bad = |c: char| is_hidden(c) && c != '\n' && c != '\t';
    if !text.contains(is_bad) {
        return Cow::Borrowed(text);
    }
    let mut units = [0; 2];
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match is_bad(c) {
            true => {
                for unit in c.encode_utf16(&mut units) {
                    safe += &format!("\\u{unit:04x}");
                }
            }
            false => safe.push(c),
        }
    }
    Cow::Owned(safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Clears a terminal, sets its title, writes to its clipboard, turns what follows.
    const NASTY: &str = "a\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}2J\u{202e}gpj.exe\u{2066}\r\u{200b}b";

    #[test]
    fn nothing_that_a_terminal_obeys_or_that_turns_text_is_left() {
        for text in [plain(NASTY), printable(NASTY)] {
            assert!(!text.contains(is_hidden), "{text:?}");
            assert!(text.starts_with('a') && text.ends_with('b'));
        }
        for fine in [
            "Ärger – 東京 #3 (Mix)",
            "می\u{200c}خواهم",
            "👩\u{200d}🎤",
            "نَص",
        ] {
            assert_eq!(plain(fine), fine);
            assert_eq!(printable(fine), fine);
        }
    }

    #[test]
    fn json_that_is_made_printable_says_the_same() {
        let texts = [NASTY, "line\nend\ttab", "\u{e0041}\u{1f600}"];
        for text in texts {
            let json = serde_json::json!({ "name": text }).to_string();
            let printed = printable(&json);
            assert!(!printed.contains(is_hidden), "{printed}");
            let read: serde_json::Value = serde_json::from_str(&printed).expect("it is JSON");
            assert_eq!(read["name"], text);
        }
        assert_eq!(printable("a\tb\n"), "a\tb\n");
    }
}
