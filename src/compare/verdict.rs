//! The verdict: three sentences that sum a comparison up. What differs most, what matches, how sure that is.
//!
//! Report, window and command line say the same words, so they are made here, from figures alone.

mod matches;

use matches::{SAME_LOUDNESS_LU, what_matches};

use crate::compare::alignment::AlignmentResult;
use crate::compare::difference::Difference;
use crate::compare::findings::Finding;
use crate::compare::relation::Relation;
use crate::compare::speed::speed_words;

pub use matches::band_words;

/// From here on a place is called sure.
const SURE: f64 = 0.9;
/// How many findings the first sentence names.
const NAMED_FINDINGS: usize = 3;

/// The verdict on a comparison: what differs most, what matches, how sure it is.
pub fn verdict(difference: &Difference, relation: Relation, findings: &[Finding]) -> [String; 3] {
    if difference.is_silent != [false, false] {
        return of_silence(difference, relation, findings);
    }
    [
        what_differs(difference, findings),
        what_matches(difference, relation, findings),
        how_sure(difference, relation),
    ]
}

/// Nothing is compared with silence, but a fault of the mix is named.
fn of_silence(difference: &Difference, relation: Relation, findings: &[Finding]) -> [String; 3] {
    let who = match difference.is_silent {
        [true, true] => "Mix and reference are silent",
        [true, false] => "The mix is silent",
        _ => "The reference is silent",
    };
    let but = findings.first().map_or(String::new(), |finding| {
        format!("; the mix {} {}", verb(&finding.clause), finding.clause)
    });
    [
        format!("{who}, so there is nothing to compare{but}."),
        "Silence matches nothing.".to_owned(),
        match relation {
            // Of silence nobody can say whose it is.
            Relation::OtherSong => {
                "Whether it is the same song cannot be told, and there is no loudness to match."
                    .to_owned()
            }
            relation => how_sure(difference, relation),
        },
    ]
}

/// What goes between "the mix" and a clause.
fn verb(clause: &str) -> &'static str {
    let has = [
        "more sub",
        "less sub",
        "more midrange",
        "less midrange",
        "a ",
        "its ",
        "left and",
        "sound ",
    ];
    match has.iter().any(|beginning| clause.starts_with(beginning)) {
        true => "has",
        false => "is",
    }
}

/// Clauses behind "the mix", each with its verb where that changes.
fn with_verbs(clauses: &[&str]) -> Vec<String> {
    let mut before = "";
    let word = |clause: &&str| {
        let verb = verb(clause);
        let words = match verb == before {
            true => (*clause).to_owned(),
            false => format!("{verb} {clause}"),
        };
        before = verb;
        words
    };
    clauses.iter().map(word).collect()
}

fn what_differs(difference: &Difference, findings: &[Finding]) -> String {
    let named: Vec<&str> = findings
        .iter()
        .take(NAMED_FINDINGS)
        .map(|finding| finding.clause.as_str())
        .collect();
    let named = with_verbs(&named);
    let Some((first, rest)) = named.split_first() else {
        return nothing_differs(difference);
    };
    let then = match rest {
        [] => String::new(),
        [second] => format!(", then {second}"),
        [second, third, ..] => format!(", then {second} and {third}"),
    };
    let more = match findings.len().saturating_sub(NAMED_FINDINGS) {
        0 => String::new(),
        1 => "; one smaller difference follows".to_owned(),
        count => format!("; {count} smaller differences follow"),
    };
    let first = match first.split_once(' ') {
        Some((verb, clause)) => format!("{verb} above all {clause}"),
        None => first.clone(),
    };
    format!("Compared with the reference, the mix {first}{then}{more}.")
}

fn nothing_differs(difference: &Difference) -> String {
    let offset_lu = difference.loudness_offset_lu.unwrap_or(0.0);
    if offset_lu.abs() >= SAME_LOUDNESS_LU {
        return format!(
            "Nothing differs but the loudness: the mix is {:.1} LU {}.",
            offset_lu.abs(),
            if offset_lu > 0.0 { "louder" } else { "quieter" }
        );
    }
    "Nothing differs: no figure lies outside the reference's own spread.".to_owned()
}

fn how_sure(difference: &Difference, relation: Relation) -> String {
    let matched = match difference.loudness_offset_lu {
        Some(lu) if lu.abs() < 0.05 => "both are equally loud".to_owned(),
        Some(lu) => format!(
            "the reference was turned {} by {:.1} LU to be as loud as the mix",
            if lu > 0.0 { "up" } else { "down" },
            lu.abs()
        ),
        None => "the loudness could not be matched, because one side is silent".to_owned(),
    };
    match relation {
        Relation::SameSong(found) => {
            format!("It is the same song, {}, and {matched}.", laid(found))
        }
        Relation::SameTime(_) => {
            format!("Both are inputs that were heard at the same time, and {matched}.")
        }
        Relation::Target => format!(
            "The reference is a target, so the mix is taken as a whole and only what none of the target's tracks \
             does is named; {matched}."
        ),
        Relation::OtherSong => format!(
            "It is a different song, so each is taken as a whole and only what goes further than the reference does by \
             itself is named; {matched}."
        ),
    }
}

/// How the same song was laid.
fn laid(found: AlignmentResult) -> String {
    let sure = 100.0 * found.confidence;
    let mut words = if !found.is_laid_in_time() {
        format!(
            "{}, so it cannot be time-aligned and each is taken as a whole",
            speed_words(found.speed)
        )
    } else if found.num_places > 1 {
        format!(
            "aligned to one of {} places that sound alike ({sure:.0} % sure of this one)",
            found.num_places
        )
    } else if let Some(ms) = found.strays_ms() {
        format!(
            "time-aligned to within {ms} ms with {sure:.0} % confidence, by which the mix drifts from its beginning to its end"
        )
    } else if found.confidence >= SURE {
        format!("time-aligned to the millisecond with {sure:.0} % confidence")
    } else {
        format!("aligned where it fits best with {sure:.0} % confidence")
    };
    if let Some([from, to]) = found.piece_secs {
        words += &format!(
            ", in {} pieces of which the longest, {}–{} of the mix, is compared",
            found.num_pieces,
            minutes(from),
            minutes(to)
        );
        if let Some(jump) = found.jump_words() {
            words += &format!(" (the next longest lies {jump} in the reference)");
        }
    }
    match found.sides.words() {
        Some(sides) => format!("{words}, with {sides}"),
        None => words,
    }
}

fn minutes(secs: f64) -> String {
    let whole = secs as u64;
    format!("{}:{:02}", whole / 60, whole % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::difference::ThirdOctaveDifference;
    use crate::compare::findings::Area;
    use crate::dsp::fractional_octave::third_octave;

    fn difference(offset_lu: f64, tone_db: impl Fn(usize) -> f64) -> Difference {
        Difference {
            tone_offset_share: 1.0,
            loudness_offset_lu: Some(offset_lu),
            alignment: Some(AlignmentResult::at(0.0, 0.98)),
            third_octave: ThirdOctaveDifference {
                center_hz: vec![0.0; 31],
                db: (0..31).map(|band| Some(tone_db(band))).collect(),
            },
            tone_offset_db: Some(0.0),
            is_silent: [false; 2],
            heard_bands: vec![true; 31],
            octave_db: (0..31).map(|band| Some(tone_db(band))).collect(),
            bands: vec![],
            plr_lu: Some(0.0),
            psr_lu: Some(0.0),
            range_lu: Some(2.0),
        }
    }

    fn finding(clause: &str) -> Finding {
        Finding {
            area: Area::Spectrum,
            text: String::new(),
            value: 3.0,
            unit: "dB",
            severity: 0.5,
            frequency_hz: None,
            named_hz: vec![],
            time_secs: None,
            song_secs: None,
            clause: clause.to_owned(),
        }
    }

    fn said_of(difference: &Difference, findings: &[Finding]) -> [String; 3] {
        let relation = Relation::of_recordings(difference.alignment);
        verdict(difference, relation, findings)
    }

    #[test]
    fn the_first_sentence_names_three_findings_and_counts_the_rest() {
        let all: Vec<Finding> = ["boomier", "duller", "narrower", "wider", "louder"]
            .map(finding)
            .into();
        let said = |count: usize| said_of(&difference(0.0, |_| 0.0), &all[..count])[0].clone();
        assert!(said(1).ends_with("above all boomier."), "{}", said(1));
        assert!(said(3).ends_with("boomier, then duller and narrower."));
        assert!(said(4).ends_with("; one smaller difference follows."));
        assert!(said(5).ends_with("; 2 smaller differences follow."));
    }

    #[test]
    fn without_findings_nothing_differs_or_only_the_loudness() {
        assert!(said_of(&difference(0.0, |_| 0.0), &[])[0].starts_with("Nothing differs:"));
        let quieter = said_of(&difference(-6.0, |_| 0.0), &[]);
        assert!(quieter[0].contains("6.0 LU quieter"), "{}", quieter[0]);
        assert!(quieter[2].contains("turned down by 6.0 LU"));
    }

    #[test]
    fn what_matches_is_the_longest_run_of_bands_and_says_within_how_much() {
        let shelf = |band: usize| if band >= 24 { -2.0 } else { 0.42 };
        let said = said_of(&difference(0.2, shelf), &[finding("duller")])[1].clone();
        assert!(said.contains("31.5 Hz–4 kHz (within 0.5 dB)"), "{said}");
        assert!(said.contains("the loudness (within 0.2 LU)"), "{said}");
        assert!(!said.contains("loudness range"), "{said}");
    }

    #[test]
    fn what_a_finding_names_does_not_match() {
        // Of another song: close to each other where thirds are held against what is common, and told all the same.
        let mut other = difference(0.2, |_| 0.4);
        other.alignment = None;
        let mut muddier = finding("muddier");
        muddier.named_hz = vec![[third_octave(9).low_hz, third_octave(16).high_hz]];
        let said = said_of(&other, &[muddier])[1].clone();
        assert!(said.contains("tone at 1–16 kHz"), "{said}");
        other.octave_db = vec![Some(2.3); 31];
        assert!(!said_of(&other, &[])[1].contains("tone"));
    }

    #[test]
    fn verbs_fit_their_clauses() {
        let said = said_of(
            &difference(0.0, |_| 0.0),
            &["more sub", "duller", "boomier"].map(finding),
        );
        assert!(
            said[0].contains("has above all more sub, then is duller and boomier."),
            "{}",
            said[0]
        );
    }

    #[test]
    fn silence_is_not_called_the_same() {
        let mut silent = difference(0.0, |_| 0.0);
        silent.is_silent = [true, false];
        silent.loudness_offset_lu = None;
        let said = said_of(&silent, &[finding("a DC offset (−20.0 dBFS)")]);
        assert!(
            said[0].contains("The mix is silent") && said[0].contains("has a DC offset"),
            "{}",
            said[0]
        );
        assert!(
            !said
                .iter()
                .any(|sentence| sentence.contains("Nothing differs"))
        );
        silent.alignment = None;
        assert!(!said_of(&silent, &[])[2].contains("different song"));
    }

    #[test]
    fn how_the_same_song_was_laid_is_said_as_it_is() {
        let laid = |found: AlignmentResult| {
            let mut difference = difference(0.0, |_| 0.0);
            difference.alignment = Some(found);
            said_of(&difference, &[])[2].clone()
        };
        let sure = AlignmentResult::at(3.0, 0.97);
        assert!(laid(sure).contains("to the millisecond with 97 %"));
        let twins = AlignmentResult {
            num_places: 3,
            confidence: 0.33,
            ..sure
        };
        assert!(laid(twins).contains("one of 3 places") && !laid(twins).contains("millisecond"));
        let faster = AlignmentResult {
            speed: 1.0123,
            ..sure
        };
        assert!(laid(faster).contains("1.23 % faster") && !laid(faster).contains("millisecond"));
        let edit = AlignmentResult {
            num_pieces: 2,
            piece_secs: Some([61.0, 95.0]),
            jump_secs: Some(-15.0),
            ..sure
        };
        assert!(laid(edit).contains("in 2 pieces of which the longest, 1:01–1:35"));
        assert!(laid(edit).contains("(the next longest lies 15.000 s earlier in the reference)"));
        let drifting = AlignmentResult {
            strays_secs: -0.0032,
            ..sure
        };
        assert!(laid(drifting).contains("to within 3 ms with 97 %"));
        assert!(!laid(drifting).contains("to the millisecond"));
        let mut turned = sure;
        turned.sides.inverted = [true, false];
        assert!(laid(turned).contains("with its left channel inverted"));
    }

    #[test]
    fn another_song_and_a_target_are_said_to_be_one() {
        let mut other = difference(1.0, |_| 0.0);
        other.alignment = None;
        assert!(said_of(&other, &[])[2].contains("a different song"));
        let of_target = verdict(&other, Relation::Target, &[])[2].clone();
        assert!(of_target.contains("a target") && !of_target.contains("song"));
    }
}
