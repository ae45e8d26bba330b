//! Sections of the reference as the picture shows them: where they lie under the shared time axis, and in words.

use crate::compare::sections::Section;
use crate::session::pairing::sections::SectionOffer;
use crate::session::sides::beside::SectionsBeside;
use crate::session::sides::region::Region;
use crate::session::sides::stretches::Stretch;
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
    /// Of the mix: what it can be held against.
    pub beside: Option<SectionBeside>,
}

/// A section of the mix and the section of a record that lies beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct SectionBeside {
    /// What that is called.
    pub name: String,
    /// Start and end of the mix's section, in its seconds.
    pub mix_secs: [f64; 2],
    /// Start and end of the record's section, in its own.
    pub record_secs: [f64; 2],
}

/// The sections of the mix between two of its times, each with the section of a record that lies beside it.
pub fn mix_marks(
    sections: &SectionsBeside,
    record: &[Section],
    [left_secs, right_secs]: [f64; 2],
) -> Vec<SectionMark> {
    let span_secs = (right_secs - left_secs).max(1e-3);
    let fraction = |secs: f64| ((secs - left_secs) / span_secs).clamp(0.0, 1.0) as f32;
    // They are an offer, as the section that fits is: without one to take there is nothing to say.
    if sections.beside.iter().all(Option::is_none) {
        return vec![];
    }
    let pairs = sections.of_mix.iter().zip(&sections.beside);
    let marks = pairs.map(|(section, beside)| SectionMark {
        from: fraction(section.start_secs),
        to: fraction(section.end_secs),
        begins: section.start_secs >= left_secs,
        name: section.name.clone(),
        beside: beside
            .and_then(|beside| record.get(beside))
            .map(|beside| SectionBeside {
                name: beside.name.clone(),
                mix_secs: [section.start_secs, section.end_secs],
                record_secs: [beside.start_secs, beside.end_secs],
            }),
    });
    let visible = marks.filter(|mark| mark.to - mark.from > LEAST_WIDTH);
    visible.take(MOST_MARKS).collect()
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
        for turn in region.turns(piece.offset_secs, [from_secs, to_secs]) {
            if marks.len() >= MOST_MARKS {
                return marks;
            }
            let [mix_secs, mix_end_secs] = turn.mix_secs;
            let from = turn.reference_secs;
            let to = from + (mix_end_secs - mix_secs);
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
                    beside: None,
                }
            });
            // A song that began a moment before its reference has the end of the loop beside its first moment.
            marks.extend(here.filter(|mark| mark.to - mark.from > LEAST_WIDTH));
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
        false => format!("best section: {} ({from}), press G", offer.name),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    #[test]
    fn a_song_begun_at_another_moment_is_marked_and_the_marks_end() {
        // What is left of a turn is here below the last digit of the laid time: adding it would move nothing.
        let sections = [section("a", 0.0, 10.0), section("b", 10.0, 40.0)];
        let region = Region {
            start_secs: 0.0,
            length_secs: 40.3,
        };
        let laid_secs = region.laid_offset_secs(23.178_316_4);
        for tenths in 0..4_000 {
            let right_secs = f64::from(tenths) / 10.0 + 0.033_3;
            let pieces = [piece(0.0, right_secs, laid_secs)];
            let found = marks(&sections, region, &pieces, [right_secs - 20.0, right_secs]);
            assert!(found.len() <= 6, "{found:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn every_mark_lies_over_the_section_that_is_beside_it(
            lengths in proptest::collection::vec(0.3f64..60.0, 2..9),
            cut in 0.0f64..0.9,
            offset_secs in -5_000.0f64..5_000.0,
            right_secs in 0.0f64..40_000.0,
            span_secs in 0.5f64..600.0,
            jumps in proptest::collection::vec((0.0f64..1.0, -300.0f64..300.0), 0..4),
        ) {
            let mut start = 0.0;
            let sections: Vec<Section> = lengths.iter().enumerate().map(|(n, length)| {
                let section = section(&format!("s{n}"), start, start + length);
                start += length;
                section
            }).collect();
            let region = Region { start_secs: start * cut / 2.0, length_secs: start * (1.0 - cut) };
            let left_secs = right_secs - span_secs;
            let mut jumps = jumps;
            jumps.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut pieces = vec![];
            let mut from = left_secs;
            for (share, by_secs) in jumps.into_iter().chain([(1.0, 0.0)]) {
                let to = left_secs + share * span_secs;
                pieces.push(piece(from, to, region.laid_offset_secs(offset_secs + by_secs)));
                from = to;
            }
            let found = marks(&sections, region, &pieces, [left_secs, right_secs]);
            prop_assert!(found.len() <= MOST_MARKS + sections.len());
            for mark in &found {
                prop_assert!(0.0 <= mark.from && mark.from < mark.to && mark.to <= 1.0, "{mark:?}");
                let mix_secs = left_secs + f64::from(mark.from + mark.to) / 2.0 * span_secs;
                let beside = pieces.iter().rev().find(|piece| piece.from_secs <= mix_secs).unwrap();
                let secs = region.reference_secs(beside.offset_secs + mix_secs);
                let of = sections.iter().find(|section| section.name == mark.name).unwrap();
                prop_assert!(secs > of.start_secs - 1e-2 && secs < of.end_secs + 1e-2, "{mark:?} {secs}");
            }
        }
    }
}
