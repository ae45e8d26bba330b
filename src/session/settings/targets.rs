//! Delivery targets: what services and broadcasters ask of a programme, and whether it gives it.
//!
//! The list is data (`assets/targets.toml`), because services change their figures more often than programs change.
//! Figures are judged as they are shown, to one decimal, so that a verdict never contradicts the figure beside it.

use serde::{Deserialize, Serialize};

/// The list that ships.
const BUILT_IN: &str = include_str!("../../../assets/targets.toml");

/// What one service or standard asks for.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Who asks.
    pub name: String,
    /// Integrated loudness asked for, in LUFS.
    pub integrated_lufs: f64,
    /// Highest true peak allowed, in dBTP.
    pub max_true_peak_dbtp: f64,
    /// How the loudness is judged.
    pub loudness: LoudnessRule,
    /// How far the loudness may be off, in LU.
    pub tolerance_lu: f64,
    /// The service turns quieter music up as far as its true peak stays below this, in dBTP; absent where it does not, or
    /// does not say.
    #[serde(default)]
    pub turns_up_to_dbtp: Option<f64>,
    /// The loudness meant is that of the dialogue alone, which is not measured here: the programme's stands in.
    #[serde(default)]
    pub dialogue_gated: bool,
    /// Where the figures come from.
    pub source: String,
    /// The day the source was last read, as in 2026-11-23.
    pub checked: String,
}

/// How the loudness of a programme is held against the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoudnessRule {
    /// Louder is turned down by the service and passes.
    AtLeast,
    /// No further off than the tolerance, above or below.
    Within,
}

/// A target and how a programme stands to it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// Who asks.
    pub name: String,
    /// Integrated loudness asked for, in LUFS.
    pub integrated_lufs: f64,
    /// Highest true peak allowed, in dBTP.
    pub max_true_peak_dbtp: f64,
    /// How the loudness is judged.
    pub loudness: LoudnessRule,
    /// How far the loudness may be off, in LU.
    pub tolerance_lu: f64,
    /// Whether loudness and true peak both pass; `None` for silence.
    pub pass: Option<bool>,
    /// The programme's loudness above the target, in LU.
    pub loudness_off_lu: Option<f64>,
    /// How far the service will turn it up, in LU; absent where it does not, or does not say.
    pub turned_up_lu: Option<f64>,
    /// Its true peak above the limit, in dB: negative is room left.
    pub true_peak_over_db: Option<f64>,
    /// The same in words.
    pub reason: String,
    /// Where the target's figures come from.
    pub source: String,
    /// The day the source was last read.
    pub checked: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetFile {
    target: Vec<Target>,
}

/// The targets that ship.
pub fn built_in() -> Vec<Target> {
    parse(BUILT_IN).expect("a test reads the list that ships")
}

/// Reads a list in the form of `assets/targets.toml`; the error says where and why, in one line.
pub fn parse(text: &str) -> Result<Vec<Target>, String> {
    let file: TargetFile = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| {
            text[..span.start.min(text.len())].matches('\n').count() + 1
        });
        format!("line {line}: {}", error.message().replace('\n', " "))
    })?;
    for target in &file.target {
        let figures = [
            target.integrated_lufs,
            target.max_true_peak_dbtp,
            target.tolerance_lu,
            target.turns_up_to_dbtp.unwrap_or(0.0),
        ];
        if figures.iter().any(|figure| !figure.is_finite()) || target.tolerance_lu < 0.0 {
            return Err(format!("{}: a figure is not usable", target.name));
        }
    }
    Ok(file.target)
}

impl Target {
    /// "Spotify −14 LUFS / −1 dBTP", with the tolerance where the target has one of its own.
    pub fn title(&self) -> String {
        let tolerance = match self.loudness {
            LoudnessRule::AtLeast => String::new(),
            LoudnessRule::Within => format!(" ±{}", self.tolerance_lu),
        };
        let dialogue = if self.dialogue_gated {
            " (dialogue)"
        } else {
            ""
        };
        format!(
            "{} {}{tolerance} LUFS{dialogue} / {} dBTP",
            self.name,
            minus(&self.integrated_lufs.to_string()),
            minus(&self.max_true_peak_dbtp.to_string())
        )
    }

    /// How a programme of an integrated loudness and a true peak stands to it.
    pub fn judge(&self, integrated_lufs: Option<f64>, true_peak_dbtp: Option<f64>) -> Verdict {
        let integrated_lufs = integrated_lufs.map(as_shown);
        let true_peak_dbtp = true_peak_dbtp.map(as_shown);
        let loudness_off_lu = integrated_lufs.map(|lufs| as_shown(lufs - self.integrated_lufs));
        let true_peak_over_db = true_peak_dbtp.map(|peak| as_shown(peak - self.max_true_peak_dbtp));
        let turned_up_lu =
            loudness_off_lu.and_then(|off_lu| self.turned_up_lu(off_lu, true_peak_dbtp));
        let is_loud_enough = loudness_off_lu.map(|off_lu| match self.loudness {
            LoudnessRule::AtLeast => off_lu + turned_up_lu.unwrap_or(0.0) >= -self.tolerance_lu,
            LoudnessRule::Within => off_lu.abs() <= self.tolerance_lu,
        });
        // A peak of nothing is below every limit.
        let peak_fits = true_peak_over_db.is_none_or(|over_db| over_db <= 0.0);
        Verdict {
            name: self.name.clone(),
            integrated_lufs: self.integrated_lufs,
            max_true_peak_dbtp: self.max_true_peak_dbtp,
            loudness: self.loudness,
            tolerance_lu: self.tolerance_lu,
            pass: is_loud_enough.map(|is_loud_enough| is_loud_enough && peak_fits),
            loudness_off_lu,
            turned_up_lu,
            true_peak_over_db,
            reason: format!(
                "{}; {}",
                self.loudness_in_words(integrated_lufs, loudness_off_lu, turned_up_lu),
                peak_in_words(true_peak_dbtp, true_peak_over_db)
            ),
            source: self.source.clone(),
            checked: self.checked.clone(),
        }
    }

    /// How far the service turns quieter music up.
    fn turned_up_lu(&self, off_lu: f64, true_peak_dbtp: Option<f64>) -> Option<f64> {
        let limit_dbtp = self.turns_up_to_dbtp?;
        let room_db = true_peak_dbtp.map_or(f64::INFINITY, |peak| limit_dbtp - peak);
        Some(as_shown((-off_lu).min(room_db).max(0.0)))
    }

    fn loudness_in_words(
        &self,
        integrated_lufs: Option<f64>,
        off_lu: Option<f64>,
        turned_up_lu: Option<f64>,
    ) -> String {
        let Some((lufs, off_lu)) = integrated_lufs.zip(off_lu) else {
            return "no integrated loudness: nothing above the gate".to_owned();
        };
        let distance = off_lu.abs();
        let is_turned_down = self.loudness == LoudnessRule::AtLeast;
        let how = if distance == 0.0 {
            "on target".to_owned()
        } else if off_lu < 0.0 {
            match turned_up_lu {
                Some(up_lu) if up_lu >= distance => {
                    format!("{distance:.1} LU below, will be turned up")
                }
                Some(up_lu) if up_lu > 0.0 => format!(
                    "{distance:.1} LU below, will be turned up {up_lu:.1} LU: its peaks leave no more room"
                ),
                Some(_) => {
                    format!("{distance:.1} LU below, not turned up: its peaks leave no room")
                }
                None => format!("{distance:.1} LU below"),
            }
        } else if is_turned_down {
            format!("{distance:.1} LU above, will be turned down")
        } else {
            format!("{distance:.1} LU above")
        };
        let stand_in = if self.dialogue_gated {
            " (of the whole programme: dialogue alone is not measured)"
        } else {
            ""
        };
        format!(
            "integrated {}: {how}{stand_in}",
            minus(&format!("{lufs:.1}"))
        )
    }
}

fn peak_in_words(true_peak_dbtp: Option<f64>, over_db: Option<f64>) -> String {
    let Some((peak, over_db)) = true_peak_dbtp.zip(over_db) else {
        return "no true peak".to_owned();
    };
    let how = if over_db > 0.0 {
        format!("over by {over_db:.1} dB")
    } else {
        format!("{:.1} dB of room", -over_db + 0.0)
    };
    format!("true peak {}: {how}", minus(&format!("{peak:+.1}")))
}

/// To one decimal; adding 0 turns −0 into 0.
fn as_shown(value: f64) -> f64 {
    (value * 10.0).round() / 10.0 + 0.0
}

/// With the sign that typesetters use.
fn minus(number: &str) -> String {
    number.replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(name: &str, integrated_lufs: f64, true_peak_dbtp: f64) -> Verdict {
        let targets = built_in();
        let target = targets.iter().find(|target| target.name == name);
        target
            .expect("a target that ships")
            .judge(Some(integrated_lufs), Some(true_peak_dbtp))
    }

    #[test]
    fn the_list_that_ships_holds_the_published_figures() {
        let figures: Vec<_> = built_in()
            .iter()
            .map(|target| {
                (
                    target.name.clone(),
                    target.integrated_lufs,
                    target.max_true_peak_dbtp,
                )
            })
            .collect();
        for (name, lufs, dbtp) in [
            ("Spotify", -14.0, -1.0),
            ("Apple Music", -16.0, -1.0),
            ("YouTube", -14.0, -1.0),
            ("TIDAL", -14.0, -1.0),
            ("Amazon Music", -14.0, -2.0),
            ("Deezer", -15.0, -1.0),
            ("AES TD1008", -16.0, -1.0),
            ("EBU R 128", -23.0, -1.0),
            ("ATSC A/85", -24.0, -2.0),
            ("Netflix", -27.0, -2.0),
        ] {
            assert!(figures.contains(&(name.to_owned(), lufs, dbtp)), "{name}");
        }
        for target in built_in() {
            assert!(target.source.len() > 10, "{}: no source", target.name);
            assert_eq!(target.checked.len(), 10, "{}: no date", target.name);
        }
    }

    #[test]
    fn a_quiet_mix_with_overs_fails_and_the_reason_has_the_figures() {
        let verdict = verdict("Spotify", -18.04, 4.16);
        assert_eq!(verdict.pass, Some(false));
        assert_eq!(
            verdict.reason,
            "integrated −18.0: 4.0 LU below, not turned up: its peaks leave no room; true peak +4.2: over by 5.2 dB"
        );
        assert_eq!(verdict.loudness_off_lu, Some(-4.0));
        assert_eq!(verdict.true_peak_over_db, Some(5.2));
    }

    #[test]
    fn louder_passes_where_it_is_turned_down_and_fails_where_it_is_not() {
        let streamed = verdict("Spotify", -8.0, -1.0);
        assert_eq!(streamed.pass, Some(true));
        assert!(
            streamed
                .reason
                .contains("6.0 LU above, will be turned down")
        );
        assert_eq!(verdict("EBU R 128", -22.7, -3.0).pass, Some(false));
        assert_eq!(verdict("ATSC A/85", -21.9, -3.0).pass, Some(false));
    }

    /// The example of the service's own page: −20 LUFS with peaks at −5 dBTP is lifted to −16 LUFS.
    #[test]
    fn quieter_music_is_turned_up_as_far_as_its_peaks_let_it() {
        let lifted = verdict("Spotify", -20.0, -5.0);
        assert_eq!((lifted.pass, lifted.turned_up_lu), (Some(false), Some(4.0)));
        assert!(
            lifted.reason.contains("turned up 4.0 LU: its peaks"),
            "{}",
            lifted.reason
        );
        let whole = verdict("Spotify", -20.0, -7.5);
        assert_eq!((whole.pass, whole.turned_up_lu), (Some(true), Some(6.0)));
        assert!(
            whole.reason.contains("6.0 LU below, will be turned up;"),
            "{}",
            whole.reason
        );
        assert_eq!(verdict("EBU R 128", -26.0, -9.0).turned_up_lu, None);
    }

    #[test]
    fn verdicts_follow_the_figures_as_they_are_shown() {
        // −22.76 is shown as −22.8, −0.96 as −1.0.
        assert_eq!(verdict("EBU R 128", -22.76, -0.96).pass, Some(true));
        assert_eq!(verdict("EBU R 128", -23.24, -0.96).pass, Some(true));
        assert_eq!(verdict("EBU R 128", -22.74, -1.0).pass, Some(false));
        assert_eq!(verdict("EBU R 128", -23.0, -0.94).pass, Some(false));
        assert_eq!(verdict("Spotify", -15.0, -1.0).pass, Some(true));
        assert_eq!(verdict("Spotify", -15.1, -1.0).pass, Some(false));
    }

    #[test]
    fn silence_neither_passes_nor_fails() {
        for target in built_in() {
            let verdict = target.judge(None, None);
            assert_eq!(verdict.pass, None);
            assert!(verdict.reason.contains("no integrated loudness"));
        }
    }

    #[test]
    fn a_broken_list_says_where() {
        let why = parse("[[target]]\nname = \"X\"\nintegrated_lufs = \"loud\"\n").expect_err("bad");
        assert!(why.starts_with("line 3: "), "{why}");
        assert!(parse(&BUILT_IN.replace("tolerance_lu = 0.2", "tolerance_lu = nan")).is_err());
        assert!(parse(&BUILT_IN.replace("checked", "chekced")).is_err());
    }
}
