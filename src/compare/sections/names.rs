//! Letters by likeness, and words where the evidence is strong.

use super::section::Section;

/// Sections less unlike than this, in dB, are the same part of the song.
const ALIKE_DB: f32 = 2.5;
/// There are no more letters, A to J: where a song or an evening has more kinds of parts those that are most alike share one.
/// Nobody holds twenty of them apart, and "V1" would be read as a verse.
const MOST_LETTERS: usize = 10;
/// A first or last section is intro or outro if it is this much quieter than the song.
const QUIETER_LU: f64 = 2.0;
/// What a section is called in which nothing sounds: no part of a song.
const SILENCE: &str = "silence";
/// A chorus is this much louder than what comes next in loudness.
const LOUDER_LU: f64 = 0.8;

/// Gives each section its letter and its name. Only all of a song has an intro and an outro: what is heard of one begins and
/// ends anywhere.
pub(super) fn name(sections: &mut [Section], is_whole: bool) {
    let letters = letters(sections);
    for (section, letter) in sections.iter_mut().zip(&letters) {
        section.letter = *letter;
    }
    let words = words(sections, is_whole);
    for n in 0..sections.len() {
        if !sections[n].sounds() {
            sections[n].name = SILENCE.to_owned();
            continue;
        }
        let is_same = |m: &usize| words[*m] == words[n];
        let total = (0..sections.len()).filter(is_same).count();
        let before = (0..n).filter(is_same).count();
        // Of an evening, in which a song is played again and again, the count of its verses tells nothing.
        sections[n].name = if total > 1 && is_whole {
            let is_letter = words[n].len() == 1;
            let gap = if is_letter { "" } else { " " };
            format!("{}{gap}{}", words[n], before + 1)
        } else {
            words[n].clone()
        };
    }
}

/// Joins the two most similar groups again and again, until no two are alike and each has a letter; a group is its mean over all pairs.
fn letters(sections: &[Section]) -> Vec<char> {
    let sounding = (0..sections.len()).filter(|n| sections[*n].sounds());
    let mut groups: Vec<Vec<usize>> = sounding.map(|n| vec![n]).collect();
    let between = |a: &[usize], b: &[usize]| {
        let pairs = a.iter().flat_map(|a| b.iter().map(move |b| (*a, *b)));
        let sum: f32 = pairs
            .map(|(a, b)| sections[a].texture.distance_db(&sections[b].texture))
            .sum();
        sum / (a.len() * b.len()) as f32
    };
    loop {
        let pairs = (0..groups.len()).flat_map(|a| (a + 1..groups.len()).map(move |b| (a, b)));
        let nearest = pairs
            .map(|(a, b)| (between(&groups[a], &groups[b]), a, b))
            .min_by(|x, y| x.0.total_cmp(&y.0));
        match nearest {
            Some((distance_db, a, b)) if distance_db < ALIKE_DB || groups.len() > MOST_LETTERS => {
                let joined = groups.remove(b);
                groups[a].extend(joined);
            }
            _ => break,
        }
    }
    let mut letters = vec![' '; sections.len()];
    groups.sort_by_key(|group| group.iter().copied().min());
    for (group, letter) in groups.iter().zip('A'..) {
        group.iter().for_each(|n| letters[*n] = letter);
    }
    letters
}

/// What each section is, without its number.
fn words(sections: &[Section], is_whole: bool) -> Vec<String> {
    let count = |letter: char| sections.iter().filter(|s| s.letter == letter).count();
    let loudness = |letter: char| {
        let of_letter = sections.iter().filter(|s| s.letter == letter);
        let lufs: Vec<f64> = of_letter.filter_map(|s| s.loudness_lufs).collect();
        (!lufs.is_empty()).then(|| lufs.iter().sum::<f64>() / lufs.len() as f64)
    };
    let sounding = sections.iter().filter(|section| section.sounds());
    let mut known: Vec<char> = sounding.map(|s| s.letter).collect();
    known.sort_unstable();
    known.dedup();
    let mut by_loudness: Vec<(f64, char)> = known
        .iter()
        .filter_map(|&letter| Some((loudness(letter)?, letter)))
        .collect();
    by_loudness.sort_by(|a, b| b.0.total_cmp(&a.0));
    let chorus = match by_loudness.as_slice() {
        [(first, letter), (second, _), ..] if count(*letter) > 1 && first - second >= LOUDER_LU => {
            Some(*letter)
        }
        _ => None,
    };
    let repeated = |letter: &char| count(*letter) > 1 && Some(*letter) != chorus;
    // Only beside a chorus is what else comes back the verse, and only if it is the first that leads there.
    let leads_to_chorus = |letter: &char| {
        let after = |n: usize| {
            sections
                .get(n)
                .is_some_and(|next| Some(next.letter) == chorus)
        };
        let mut places = (0..sections.len()).filter(|n| sections[*n].letter == *letter);
        // What a song begins and ends with is its beginning and its end.
        let is_last = sections.last().is_some_and(|last| last.letter == *letter);
        !is_last && places.any(|n| after(n + 1) || after(n + 2))
    };
    let is_verse = |letter: &char| repeated(letter) && leads_to_chorus(letter);
    let verse = chorus.and_then(|_| known.iter().copied().find(is_verse));
    let typical_lufs = by_loudness
        .iter()
        .filter(|(_, letter)| count(*letter) > 1)
        .map(|(lufs, _)| *lufs)
        .reduce(f64::min);
    let is_quiet = |section: &Section| {
        is_whole
            && count(section.letter) == 1
            && typical_lufs.is_some_and(|typical| {
                section
                    .loudness_lufs
                    .is_none_or(|lufs| lufs < typical - QUIETER_LU)
            })
    };
    let last = sections.len().saturating_sub(1);
    sections
        .iter()
        .enumerate()
        .map(|(n, section)| match section.letter {
            letter if Some(letter) == chorus => "Chorus".to_owned(),
            letter if Some(letter) == verse => "Verse".to_owned(),
            _ if n == 0 && last > 0 && is_quiet(section) => "Intro".to_owned(),
            _ if n == last && last > 0 && is_quiet(section) => "Outro".to_owned(),
            letter => letter.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::texture::{NUM_BANDS, Texture};
    use super::*;

    #[test]
    fn silence_is_no_part_of_a_song_and_leads_to_no_chorus() {
        let mut sections = sections(&[-20.0, -99.0, -12.0, -20.0, -99.0, -12.0, -20.0]);
        for section in &mut sections {
            section.loudness_lufs = section.loudness_lufs.filter(|lufs| *lufs > -70.0);
        }
        name(&mut sections, false);
        let names: Vec<&str> = sections.iter().map(|section| &*section.name).collect();
        let expected = ["A", "silence", "Chorus", "A", "silence", "Chorus", "A"];
        assert_eq!(names, expected);
    }

    /// Sections of ten seconds whose textures are as loud as they are.
    fn sections(loudness: &[f64]) -> Vec<Section> {
        let section = |(n, &lufs): (usize, &f64)| Section {
            start_secs: 10.0 * n as f64,
            end_secs: 10.0 * (n + 1) as f64,
            letter: '?',
            name: String::new(),
            loudness_lufs: Some(lufs),
            texture: Texture {
                bands_db: [lufs as f32; NUM_BANDS],
                density_db: 1.0,
            },
        };
        loudness.iter().enumerate().map(section).collect()
    }

    fn song(loudness: &[f64], is_whole: bool) -> Vec<(char, String)> {
        let mut sections = sections(loudness);
        name(&mut sections, is_whole);
        sections.into_iter().map(|s| (s.letter, s.name)).collect()
    }

    fn names(loudness: &[f64]) -> Vec<String> {
        song(loudness, true)
            .into_iter()
            .map(|(_, name)| name)
            .collect()
    }

    #[test]
    fn the_loudest_that_comes_back_is_the_chorus() {
        let found = song(&[-30.0, -18.0, -12.0, -18.3, -12.1, -28.0], true);
        let letters: String = found.iter().map(|(letter, _)| letter).collect();
        assert_eq!(letters, "ABCBCA");
        let found = names(&[-40.0, -18.0, -12.0, -18.3, -12.1, -28.0]);
        assert_eq!(
            found,
            [
                "Intro", "Verse 1", "Chorus 1", "Verse 2", "Chorus 2", "Outro"
            ]
        );
        // What was heard up to now does not end there.
        let heard = song(&[-40.0, -18.0, -12.0, -18.3, -12.1, -28.0], false);
        let names: Vec<&str> = heard.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["A", "Verse", "Chorus", "Verse", "Chorus", "D"]);
        // Of more kinds of parts than there are letters those most alike share one, in order.
        let kinds: Vec<f64> = (0..40)
            .map(|n| -150.0 + 3.0 * f64::from(n) + 0.1 * f64::from(n % 7))
            .collect();
        let many = song(&kinds, false);
        let mut letters: Vec<char> = many.iter().map(|(letter, _)| *letter).collect();
        assert!(letters.is_sorted(), "{letters:?}");
        letters.dedup();
        assert_eq!(letters.len(), MOST_LETTERS, "{letters:?}");
    }

    #[test]
    fn without_evidence_there_are_letters_only() {
        assert_eq!(names(&[-18.0, -12.0]), ["A", "B"]);
        assert_eq!(names(&[-18.0]), ["A"]);
        assert!(names(&[]).is_empty());
        // What comes back is not the loudest.
        assert_eq!(names(&[-18.0, -6.0, -18.0]), ["A1", "B", "A2"]);
    }
}
