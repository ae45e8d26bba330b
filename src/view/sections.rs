//! Sections of the reference as the picture shows them: where they lie under the shared time axis, and in words.

use crate::compare::sections::Section;
use crate::session::columns::Region;
use crate::session::sections::SectionOffer;
use crate::session::stretches::Stretch;
use crate::view::readout::minutes;

/// More marks than this would only be a pattern.
const MOST_MARKS: usize = 64;

/// Narrower ones are not worth a mark, as a part of the picture.
const LEAST_WIDTH: f32 = 0.004;

/// A section under the shared time axis.
#[derive(Clone, Debug, PartialEq)]
pub struct SectionMark {
    /// Where it begins and ends: 0 at the left edge, 1 at the right; cut to the picture.
    pub from: f32,
    /// See `from`.
    pub to: f32,
    /// Whether its beginning is in the picture, and not only the middle of it.
    pub begins: bool,
    /// What it is called.
    pub name: String,
}

/// The sections between two mix times, where the reference lay in pieces. The region repeats within each.
pub fn marks(
    sections: &[Section],
    region: Region,
    pieces: &[Stretch],
    [left_secs, right_secs]: [f64; 2],
) -> Vec<SectionMark> {
    let span_secs = (right_secs - left_secs).max(1e-3);
    let fraction = |mix_secs: f64| ((mix_secs - left_secs) / span_secs).clamp(0.0, 1.0) as f32;
    let mut marks = vec![];
    if sections.len() < 2 {
        return marks;
    }
    for piece in pieces {
        // Before the mix began there was nothing beside it.
        let from_secs = piece.from_secs.max(left_secs).max(0.0);
        let to_secs = piece.to_secs.min(right_secs);
        let mut mix_secs = from_secs;
        while mix_secs < to_secs && marks.len() < MOST_MARKS {
            let from = region.reference_secs(piece.offset_secs + mix_secs);
            let room = (region.start_secs + region.length_secs - from).max(0.1);
            let to = from + room.min(to_secs - mix_secs);
            let here = sections
                .iter()
                .filter(|section| section.start_secs < to && section.end_secs > from);
            let here = here.map(|section| {
                let at = |secs: f64| mix_secs + secs - from;
                SectionMark {
                    from: fraction(at(section.start_secs.max(from))),
                    to: fraction(at(section.end_secs.min(to))),
                    begins: section.start_secs >= from || mix_secs > from_secs,
                    name: section.name.clone(),
                }
            });
            // A song that began a moment before its reference has the end of the loop beside its first moment.
            marks.extend(here.filter(|mark| mark.to - mark.from > LEAST_WIDTH));
            mix_secs += to - from;
        }
    }
    marks
}

/// The quiet line about the section that fits.
pub fn offer_words(offer: &SectionOffer, is_followed: bool) -> String {
    let Region {
        start_secs,
        length_secs,
    } = offer.region;
    let from = minutes(start_secs);
    match is_followed {
        true => format!(
            "follows {}, {from}–{}",
            offer.name,
            minutes(start_secs + length_secs)
        ),
        false => format!("fits {} at {from}, G follows", offer.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::sections::Texture;

    fn section(name: &str, start_secs: f64, end_secs: f64) -> Section {
        Section {
            start_secs,
            end_secs,
            letter: 'A',
            name: name.to_owned(),
            loudness_lufs: None,
            texture: Texture::default(),
        }
    }

    fn piece(from_secs: f64, to_secs: f64, offset_secs: f64) -> Stretch {
        Stretch {
            from_secs,
            to_secs,
            offset_secs,
        }
    }

    #[test]
    fn before_a_jump_sections_lie_where_they_were_heard() {
        let sections = [section("a", 0.0, 10.0), section("b", 10.0, 40.0)];
        let region = Region {
            start_secs: 0.0,
            length_secs: 40.0,
        };
        let pieces = [piece(0.0, 10.0, 20.0), piece(15.0, 20.0, -15.0)];
        let found = marks(&sections, region, &pieces, [0.0, 20.0]);
        let found: Vec<_> = found
            .iter()
            .map(|mark| (mark.name.as_str(), mark.from, mark.to))
            .collect();
        assert_eq!(found, [("b", 0.0, 0.5), ("a", 0.75, 1.0)]);
    }

    #[test]
    fn sections_lie_where_their_columns_do_and_repeat_with_the_region() {
        let sections = [section("a", 0.0, 10.0), section("b", 10.0, 40.0)];
        let region = Region {
            start_secs: 5.0,
            length_secs: 10.0,
        };
        let pieces = [piece(0.0, 20.0, 5.0)];
        let found = marks(&sections, region, &pieces, [0.0, 20.0]);
        let found: Vec<_> = found
            .iter()
            .map(|mark| (mark.name.as_str(), mark.from, mark.to, mark.begins))
            .collect();
        assert_eq!(
            found,
            [
                ("a", 0.0, 0.25, false),
                ("b", 0.25, 0.5, true),
                ("a", 0.5, 0.75, true),
                ("b", 0.75, 1.0, true)
            ]
        );
    }

    #[test]
    fn the_end_of_the_loop_leaves_no_sliver_before_the_first_section() {
        let sections = [section("a", 0.0, 10.0), section("b", 10.0, 40.0)];
        let region = Region {
            start_secs: 0.0,
            length_secs: 40.0,
        };
        let pieces = [piece(0.0, 20.0, -0.03)];
        let found = marks(&sections, region, &pieces, [0.0, 20.0]);
        let names: Vec<_> = found.iter().map(|mark| mark.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
    }

    #[test]
    fn one_section_and_none_have_no_marks() {
        let region = Region {
            start_secs: 0.0,
            length_secs: 10.0,
        };
        let pieces = [piece(0.0, 20.0, 0.0)];
        assert!(marks(&[], region, &pieces, [0.0, 20.0]).is_empty());
        let one = [section("a", 0.0, 10.0)];
        assert!(marks(&one, region, &pieces, [0.0, 20.0]).is_empty());
    }
}
