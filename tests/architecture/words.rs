//! Lines of functions and structs. The parser knows no lines without a feature that would have half of the program built
//! twice, once for tests, so they are counted in the text.

/// Name and lines of each function that has a body, from `fn` to the closing brace; unit tests at the end are left out.
pub fn functions(text: &str) -> Vec<(String, usize)> {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let blank = blanked(code);
    let mut found = vec![];
    for (start, name) in named(&blank, "fn") {
        if let Some(end) = end_of_body(&blank[start..]) {
            let lines = blank[start..start + end].matches('\n').count() + 1;
            found.push((name.to_owned(), lines));
        }
    }
    found
}

/// The line, counted from 1, in which something of a kind has its name; 0 if it is not there.
pub fn line_of(text: &str, kind: &str, name: &str) -> usize {
    let blank = blanked(text);
    let place = named(&blank, kind).find(|(_, found)| *found == name);
    place.map_or(0, |(start, _)| blank[..start].matches('\n').count() + 1)
}

/// Where a keyword stands before a name, and the name.
fn named<'a>(blank: &'a str, keyword: &'a str) -> impl Iterator<Item = (usize, &'a str)> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    blank.match_indices(keyword).filter_map(move |(start, _)| {
        let before = blank[..start].chars().next_back();
        let rest = blank[start + keyword.len()..].strip_prefix(' ')?;
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        (!before.is_some_and(is_part) && end > 0).then_some((start, &rest[..end]))
    })
}

/// Behind the closing brace of the first block; none if a semicolon ends the declaration before.
fn end_of_body(blank: &str) -> Option<usize> {
    let (mut depth, mut brackets) = (0, 0);
    for (at, character) in blank.char_indices() {
        match character {
            '(' | '[' => brackets += 1,
            ')' | ']' => brackets -= 1,
            ';' if depth == 0 && brackets == 0 => return None,
            '{' => depth += 1,
            '}' if depth == 1 => return Some(at + 1),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The text with spaces in the place of comments, strings and characters; lines stay.
fn blanked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let length = length_of_words(rest);
        let (skipped, behind) = rest.split_at(length.max(character.len_utf8()));
        match length {
            0 => out.push_str(skipped),
            _ => out.extend(skipped.chars().map(|c| if c == '\n' { c } else { ' ' })),
        }
        rest = behind;
    }
    out
}

/// Length of the comment, string or character that a text begins with; 0 if it begins with code.
fn length_of_words(text: &str) -> usize {
    let until = |end: &str| text.find(end).map_or(text.len(), |at| at + end.len());
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return until("*/");
    }
    if let Some(raw) = text.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[hashes..].starts_with('"') {
            let end = format!("\"{}", "#".repeat(hashes));
            let inside = hashes + 2;
            let length = text[inside..].find(&end);
            return length.map_or(text.len(), |length| inside + length + end.len());
        }
    }
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    let Some(quote) = quote else { return 0 };
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            // A lifetime has no second quote: a character is one, or begins with a backslash.
            _ if quote == '\'' && at > 1 && !text.starts_with("'\\") => return 0,
            _ => {}
        }
    }
    0
}

#[test]
fn lines_are_counted_past_words_and_lifetimes() {
    let code = "fn a<'a>(x: &'a [u8; 2]) -> char {\n    let s = \"}\\\"\n}\";\n    '}'\n}\n\nfn b();\nfn c() {}\n";
    let expected = [("a".to_owned(), 5), ("c".to_owned(), 1)];
    assert_eq!(functions(code), expected);
    assert_eq!(
        line_of("// struct A\nstruct B;\nstruct A;\n", "struct", "A"),
        3
    );
}
