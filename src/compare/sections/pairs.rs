//! Which section of a record lies beside which of the mix: the one that sounds most alike, or none.

use super::fit::{Heard, fits};
use super::section::Section;
use super::texture::mean_of;

/// A kind of section fits if all others are this much less alike.
pub const BETTER: f32 = 0.85;

/// For each section of the mix the section of the record that it is to be held against; none where no kind is clearly
/// more alike than the others, and where either song has only one kind. What lay beside a section before (`before[section]`)
/// stays there until another one is clearly more alike: as more of a mix is heard, its middle moves.
pub fn pairs(mix: &[Section], record: &[Section], before: &[Option<usize>]) -> Vec<Option<usize>> {
    let middle = mean_of(
        mix.iter()
            .map(|section| (section.texture, section.length_secs() as f32)),
    );
    let secs = mix.iter().map(Section::length_secs).sum();
    let has_kinds = |sections: &[Section]| {
        sections
            .iter()
            .any(|section| section.letter != sections[0].letter)
    };
    let can_tell = has_kinds(mix) && has_kinds(record);
    let beside = |section: &Section, before: Option<usize>| {
        let heard = Heard {
            now: section.texture,
            middle,
            secs,
        };
        let fits = fits(record, &heard);
        let best = fits.first()?;
        let before = fits.iter().find(|fit| before == Some(fit.section));
        if let Some(before) = before.filter(|fit| best.distance_db > BETTER * fit.distance_db) {
            return Some(before.section);
        }
        let letter = record[best.section].letter;
        let mut others = fits
            .iter()
            .filter(|fit| record[fit.section].letter != letter);
        let is_clear = others.all(|fit| best.distance_db <= BETTER * fit.distance_db);
        is_clear.then_some(best.section)
    };
    let before = before.iter().copied().chain(std::iter::repeat(None));
    mix.iter()
        .zip(before)
        .map(|(section, before)| match can_tell {
            true => beside(section, before),
            false => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::texture::{NUM_BANDS, Texture};
    use super::*;

    fn song(levels: &[(char, f32, f32)]) -> Vec<Section> {
        let section = |(n, (letter, level_db, density_db)): (usize, &(char, f32, f32))| Section {
            start_secs: 20.0 * n as f64,
            end_secs: 20.0 * (n + 1) as f64,
            letter: *letter,
            name: letter.to_string(),
            loudness_lufs: None,
            texture: Texture {
                bands_db: [*level_db; NUM_BANDS],
                density_db: *density_db,
            },
        };
        levels.iter().enumerate().map(section).collect()
    }

    #[test]
    fn the_loud_part_lies_beside_the_loud_part_however_loud_the_songs_are() {
        let mix = song(&[('A', -40.0, 1.0), ('B', -30.0, 3.0), ('A', -40.0, 1.0)]);
        let record = song(&[('A', -20.0, 3.2), ('B', -31.0, 1.1), ('A', -20.0, 3.2)]);
        assert_eq!(pairs(&mix, &record, &[]), [Some(1), Some(0), Some(1)]);
    }

    #[test]
    fn where_all_is_alike_nothing_lies_beside_anything() {
        let one = song(&[('A', -20.0, 2.0), ('A', -20.0, 2.0)]);
        let two = song(&[('A', -30.0, 1.0), ('B', -20.0, 3.0)]);
        assert_eq!(pairs(&one, &two, &[]), [None, None]);
        assert_eq!(pairs(&two, &one, &[]), [None, None]);
        assert!(pairs(&[], &two, &[]).is_empty());
    }

    #[test]
    fn what_lay_beside_a_section_stays_until_another_is_clearly_more_alike() {
        let record = song(&[('A', -30.0, 2.0), ('B', -26.0, 2.0), ('C', -16.0, 2.0)]);
        // Its middle is that of the record, so that levels are compared as they are.
        let mix = |level_db: f32| song(&[('A', level_db, 2.0), ('B', -48.0 - level_db, 2.0)]);
        let beside =
            |level_db: f32, before: Option<usize>| pairs(&mix(level_db), &record, &[before])[0];
        assert_eq!(beside(-28.0, None), None, "it is amid two");
        assert_eq!(
            [Some(0), Some(1)].map(|before| beside(-28.0, before)),
            [Some(0), Some(1)]
        );
        assert_eq!(beside(-30.0, Some(1)), Some(0), "clearly");
        assert_eq!(
            beside(-28.0, Some(2)),
            None,
            "that is gone, and nothing is clear"
        );
    }
}
