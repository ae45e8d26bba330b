//! The report: a comparison as one HTML file to hand on. It needs no network and no script, prints to A4, and reads on
//! a phone. Everything that came from outside, names above all, is escaped.

use std::fmt::Write as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::analysis::punch::{PunchBand, Tenths};
use crate::analysis::summary::Summary;
use crate::cli::report_chart::third_octave_svg;
use crate::cli::report_style::style;
use crate::compare::comparison::{Comparison, Relation};
use crate::compare::findings::Finding;
use crate::compare::verdict::band_words;
use crate::units::plain::is_hidden;
use crate::view::findings::{NOTHING, area_name, place_words, severity_name};
use crate::view::readout::{correlation, minutes, one_decimal, sample_rate, signed};

/// All that a report says.
pub struct Report {
    /// When it was made, as a person reads it.
    pub made: String,
    /// Version of Abscope.
    pub version: String,
    /// One for each reference.
    pub sections: Vec<Section>,
}

/// Mix against one reference.
pub struct Section {
    /// The mix.
    pub mix_name: String,
    /// The reference.
    pub reference_name: String,
    /// One line on what was compared.
    pub facts: String,
    /// What differs, what matches, how sure.
    pub verdict: [String; 3],
    /// Most severe first.
    pub findings: Vec<Finding>,
    /// Figures read first: name, figure, unit.
    pub tiles: Vec<[String; 3]>,
    /// Pictures in order.
    pub pictures: Vec<ReportPicture>,
    /// Bars by third-octave band: an SVG, or nothing.
    pub chart_svg: String,
    /// The figures.
    pub table: Vec<Row>,
    /// Level, width and correlation by band.
    pub bands: Vec<Row>,
    /// What the figures are of, where that is less than all.
    pub part: Option<String>,
    /// How it was measured and drawn: name and value.
    pub settings: Vec<[String; 2]>,
}

/// A row of a table: name, mix, reference, difference.
pub struct Row {
    /// What it is.
    pub name: String,
    /// Its unit.
    pub unit: &'static str,
    /// Mix, reference, difference, as read.
    pub cells: [String; 3],
    /// Whether the mix is over full scale.
    pub is_over: bool,
}

/// A picture of a report.
pub struct ReportPicture {
    /// What it shows.
    pub title: &'static str,
    /// How to read it.
    pub caption: String,
    /// Width and height.
    pub size: [u32; 2],
    /// A PNG file.
    pub png: Vec<u8>,
}

impl Section {
    /// A section of a comparison; its pictures and settings come from who draws.
    pub fn new(names: [&str; 2], comparison: &Comparison) -> Self {
        let [mix, reference] = [comparison.mix, comparison.reference];
        Self {
            mix_name: names[0].to_owned(),
            reference_name: names[1].to_owned(),
            facts: facts(mix, reference, comparison.relation),
            verdict: comparison.verdict.clone(),
            findings: comparison.findings.clone(),
            tiles: tiles(comparison),
            pictures: vec![],
            chart_svg: third_octave_svg(&comparison.difference.third_octave),
            part: comparison.part_words(),
            table: table(comparison),
            bands: bands(comparison),
            settings: vec![],
        }
    }
}

/// Writes the report, whole or not at all.
pub fn write(path: &Path, report: &Report) -> anyhow::Result<()> {
    crate::cli::picture::write_whole(path, "report", "--report", html(report).as_bytes())
}

/// The report as HTML.
pub fn html(report: &Report) -> String {
    let mut page = String::new();
    let title = report.sections.first().map_or_else(String::new, |section| {
        format!("{} vs {}", section.mix_name, section.reference_name)
    });
    page += "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
    page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
    // Nothing is fetched and nothing runs, whatever a name may hold.
    page += "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src \
             'unsafe-inline'\">\n";
    let _ = write!(
        page,
        "<title>{} – Abscope</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n",
        escaped(&title),
        style()
    );
    for section in &report.sections {
        write_section(&mut page, section, report);
    }
    let _ = write!(
        page,
        "<footer>Made by Abscope {} on {}. Differences are mix minus reference, with the reference brought to the \
         loudness of the mix. Severity of tone is measured, beside another song, by the reference's own 10–90 % spread, \
         and the middle of the bar is as far out as the reference itself goes; of the same song 4 dB are strong. Loudness after ITU-R BS.1770-5 and EBU Tech 3341 and 3342, true peak \
         after BS.1770 annex 2.</footer>\n</main>\n</body>\n</html>\n",
        escaped(&report.version),
        escaped(&report.made)
    );
    page
}

fn write_section(page: &mut String, section: &Section, report: &Report) {
    let _ = write!(
        page,
        "<section class=\"comparison\">\n<header>\n<p class=\"over-line\">Mix vs reference</p>\n\
         <h1><span class=\"side mix\">{}</span><span class=\"vs\">vs</span>\
         <span class=\"side reference\">{}</span></h1>\n<p class=\"facts\">{} · {}</p>\n</header>\n",
        escaped(&section.mix_name),
        escaped(&section.reference_name),
        escaped(&section.facts),
        escaped(&report.made)
    );
    page.push_str("<div class=\"verdict\">\n");
    for (name, sentence) in ["What differs", "What matches", "How sure"]
        .iter()
        .zip(&section.verdict)
    {
        let _ = writeln!(
            page,
            "<p><b>{name}</b><span>{}</span></p>",
            escaped(sentence)
        );
    }
    page.push_str("</div>\n<ul class=\"tiles\">\n");
    for [name, figure, unit] in &section.tiles {
        let _ = writeln!(
            page,
            "<li><span>{}</span><strong>{} <small>{}</small></strong></li>",
            escaped(name),
            escaped(figure),
            escaped(unit)
        );
    }
    page.push_str("</ul>\n<h2>Findings</h2>\n");
    write_findings(page, &section.findings);
    page.push_str("<div class=\"page\">\n<h2>Pictures</h2>\n");
    for picture in &section.pictures {
        let [width, height] = picture.size;
        let _ = writeln!(
            page,
            "<figure class=\"wide\"><img width=\"{width}\" height=\"{height}\" alt=\"{}\" \
             src=\"data:image/png;base64,{}\"><figcaption><b>{}.</b> {}</figcaption></figure>",
            escaped(picture.title),
            STANDARD.encode(&picture.png),
            escaped(picture.title),
            escaped(&picture.caption)
        );
    }
    if !section.chart_svg.is_empty() {
        let _ = writeln!(
            page,
            "<figure>{}<figcaption><b>Difference by third-octave band.</b> Above zero the mix has more, below it the \
             reference has.</figcaption></figure>",
            section.chart_svg
        );
    }
    let of_part = match &section.part {
        Some(part) => format!(" <small>of {}</small>", escaped(part)),
        None => String::new(),
    };
    let _ = writeln!(
        page,
        "</div>\n<div class=\"page\">\n<h2>Figures{of_part}</h2>"
    );
    write_table(page, &section.table, "as is");
    let _ = writeln!(page, "<h2>Bands{of_part}</h2>");
    write_table(page, &section.bands, "levels matched");
    page.push_str("<h2>Settings</h2>\n<dl>\n");
    for [name, value] in &section.settings {
        let _ = writeln!(
            page,
            "<dt>{}</dt><dd>{}</dd>",
            escaped(name),
            escaped(value)
        );
    }
    page.push_str("</dl>\n</div>\n</section>\n");
}

fn write_findings(page: &mut String, findings: &[Finding]) {
    if findings.is_empty() {
        let _ = writeln!(page, "<p class=\"none\">{}</p>", escaped(NOTHING));
        return;
    }
    page.push_str("<ul class=\"findings\">\n");
    for finding in findings {
        let percent = (100.0 * finding.severity.clamp(0.0, 1.0)).round();
        let _ = writeln!(
            page,
            "<li><div class=\"figure\">{} <small>{}</small></div><div class=\"what\"><h3>{}</h3><p>{}</p></div>\
             <div class=\"how\"><div class=\"bar\"><i style=\"width:{percent}%\"></i></div>\
             <span class=\"severity\">{} · {}</span></div></li>",
            signed(Some(finding.value)),
            finding.unit,
            escaped(&finding.text),
            escaped(&place_words(finding)),
            area_name(finding.area),
            severity_name(finding.severity)
        );
    }
    page.push_str("</ul>\n");
}

/// The sides are as they are; `apart` says how they are taken for their difference.
fn write_table(page: &mut String, rows: &[Row], apart: &str) {
    let _ = write!(
        page,
        "<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\"></th><th scope=\"col\">Mix</th>\
         <th scope=\"col\">Reference <small>as is</small></th><th scope=\"col\">Δ <small>{apart}</small></th></tr></thead>\n\
         <tbody>\n"
    );
    for row in rows {
        let [mix, reference, apart] = row.cells.each_ref().map(|cell| escaped(cell));
        let class = if row.is_over { " class=\"over\"" } else { "" };
        let _ = writeln!(
            page,
            "<tr><td>{} <small>{}</small></td><td{class}>{mix}</td><td>{reference}</td><td>{apart}</td></tr>",
            escaped(&row.name),
            row.unit
        );
    }
    page.push_str("</tbody>\n</table></div>\n");
}

fn facts(mix: &Summary, reference: &Summary, relation: Relation) -> String {
    let side = |summary: &Summary| {
        format!(
            "{} at {}",
            minutes(summary.duration_secs),
            sample_rate(summary.sample_rate_hz)
        )
    };
    let reference = match relation {
        Relation::Target => "a target".to_owned(),
        _ => side(reference),
    };
    format!("mix {}, reference {reference}", side(mix))
}

fn tiles(comparison: &Comparison) -> Vec<[String; 3]> {
    let difference = &comparison.difference;
    let aligned = match comparison.relation {
        Relation::SameSong(found) if !found.is_laid_in_time() => {
            ["yes".into(), "at another speed".into()]
        }
        // How sure that is, is of which place.
        Relation::SameSong(found) if found.num_places > 1 => [
            "yes".into(),
            format!("at one of {} places", found.num_places),
        ],
        Relation::SameSong(found) => [format!("{:.0}", 100.0 * found.confidence), "% sure".into()],
        Relation::SameTime(_) => ["live".into(), "both inputs".into()],
        Relation::OtherSong => ["no".into(), "another song".into()],
        Relation::Target => ["no".into(), "a target".into()],
    };
    let [sure, unit] = aligned;
    // Of a part of a mix whose sound is gone it is not known.
    let true_peak = comparison.mix.loudness.true_peak_dbtp.map(|dbtp| {
        [
            "True peak of the mix".into(),
            signed(Some(dbtp)),
            "dBTP".into(),
        ]
    });
    let first = [
        [
            "Match, on the reference".into(),
            signed(difference.loudness_offset_lu),
            "LU".into(),
        ],
        ["Same song".into(), sure, unit],
    ];
    let last = [
        "Findings".into(),
        comparison.findings.len().to_string(),
        String::new(),
    ];
    first.into_iter().chain(true_peak).chain([last]).collect()
}

/// A figure of a whole side.
type Figure = fn(&Summary) -> Option<f64>;

const FIGURES: [(&str, &str, Figure); 11] = [
    ("Integrated", "LUFS", |s| s.loudness.integrated_lufs),
    ("Loudest 3 s", "LUFS", |s| s.loudness.max_short_term_lufs),
    ("Loudest 0.4 s", "LUFS", |s| s.loudness.max_momentary_lufs),
    ("Loudness range", "LU", |s| s.loudness.range_lu),
    ("True peak", "dBTP", |s| s.loudness.true_peak_dbtp),
    ("PLR", "LU", |s| s.loudness.plr_lu),
    ("PSR, median", "LU", |s| Some(s.punch.psr_lu?.p50)),
    ("RMS (AES17)", "dBFS", |s| s.levels.rms_dbfs),
    ("Crest", "dB", |s| s.levels.crest_db),
    ("Width, side/mid", "dB", |s| s.stereo.side_to_mid_db),
    ("Balance, left over right", "dB", |s| s.stereo.balance_db),
];

fn table(comparison: &Comparison) -> Vec<Row> {
    let sides = comparison.compared;
    // Of a part of a mix some figures are not known; those of the reference alone are no comparison.
    let is_told = |(_, _, figure): &&(_, _, Figure)| {
        let [mix, reference] = sides.map(figure);
        mix.is_some() || reference.is_none()
    };
    let mut rows: Vec<Row> = FIGURES
        .iter()
        .filter(is_told)
        .map(|(name, unit, figure)| {
            let values = comparison.figures(*name == "True peak").map(figure);
            Row {
                is_over: *name == "True peak" && values[0].is_some_and(|peak| peak > 0.0),
                ..row(*name, unit, values, apart(values))
            }
        })
        .collect();
    let values = sides.map(|side| side.stereo.correlation);
    rows.push(Row {
        name: "Correlation".to_owned(),
        unit: "",
        cells: [values[0], values[1], apart(values)].map(correlation),
        is_over: false,
    });
    let whole = comparison.figures(true);
    let clipped = whole.map(|side| side.levels.clipped_samples.to_string());
    let [mix, reference] = clipped;
    rows.push(Row {
        name: "Clipped samples".to_owned(),
        unit: "",
        is_over: mix != "0",
        cells: [mix, reference, String::new()],
    });
    rows
}

/// Levels are matched here: they are those of the part that is compared.
fn bands(comparison: &Comparison) -> Vec<Row> {
    let sides = comparison.compared;
    let mut rows = vec![];
    for (n, band) in comparison.difference.bands.iter().enumerate() {
        let name = band_words(band);
        let values = |figure: fn(&crate::analysis::summary::BandSummary) -> Option<f64>| {
            sides.map(|side| side.stereo.bands.get(n).and_then(figure))
        };
        rows.push(row(
            format!("Level, {name}"),
            "dBFS, matched Δ dB",
            values(|b| b.level_dbfs),
            band.level_db,
        ));
        rows.push(row(
            format!("Width, {name}"),
            "dB",
            values(|b| b.side_to_mid_db),
            band.side_to_mid_db,
        ));
    }
    for (n, band) in comparison.difference.bands.iter().enumerate() {
        let name = band_words(band);
        let values = |figure: fn(&PunchBand) -> Option<Tenths>| {
            sides.map(|side| Some(side.punch.bands.get(n).and_then(figure)?.p50))
        };
        let attack = values(|b| b.attack_db);
        let crest = values(|b| b.crest_db);
        rows.push(row(format!("Attack, {name}"), "dB", attack, band.attack_db));
        rows.push(row(format!("Crest, {name}"), "dB", crest, band.crest_db));
    }
    // All levels, then all widths: neighbours are compared.
    rows.sort_by_key(|row| {
        let kinds = ["Level", "Width", "Attack", "Crest"];
        kinds.iter().position(|kind| row.name.starts_with(kind))
    });
    rows
}

fn row(
    name: impl Into<String>,
    unit: &'static str,
    [mix, reference]: [Option<f64>; 2],
    apart: Option<f64>,
) -> Row {
    Row {
        name: name.into(),
        unit,
        cells: [one_decimal(mix), one_decimal(reference), signed(apart)],
        is_over: false,
    }
}

fn apart([mix, reference]: [Option<f64>; 2]) -> Option<f64> {
    Some(mix? - reference?)
}

/// Text as HTML shows it, in elements and in quoted attributes.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Control characters and those that turn the direction of text have no place in a name.
            c if is_hidden(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_out_of_the_page() {
        let text = escaped("<script>alert(\"1\")</script> & 'x' \u{202e}");
        assert_eq!(
            text,
            "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39; \u{fffd}"
        );
    }
}
