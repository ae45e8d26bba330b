//! The looks of a report: paper, one column, tabular figures; the colours of the sides are those of the program.

use crate::view::palette::{Palette, Rgba};

/// Rules for screen, phone and paper. `@MIX@` and `@REFERENCE@` become the colours of the sides.
const RULES: &str = "
:root { --mix: @MIX@; --reference: @REFERENCE@; --over: @OVER@; --ink: #16191d; --dim: #5b636d; --line: #dfe3e8;
  --soft: #f5f6f8; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: #fff; color: var(--ink); font: 16px/1.55 Inter, system-ui, -apple-system, 'Segoe UI',
  Roboto, 'Helvetica Neue', Arial, sans-serif; font-feature-settings: 'tnum'; font-variant-numeric: tabular-nums; }
main { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; }
h1 { font-size: 2.1rem; line-height: 1.2; margin: .35rem 0 .6rem; font-weight: 650; letter-spacing: -.015em; }
h2 { font-size: 1.2rem; margin: 2.8rem 0 .8rem; font-weight: 650; }
h3 { font-size: 1rem; margin: 0 0 .15rem; font-weight: 600; }
p { margin: 0 0 .8rem; }
.over-line { font-size: .8rem; letter-spacing: .08em; text-transform: uppercase; color: var(--dim); margin: 0; }
.side { border-left: .3em solid; padding-left: .38em; overflow-wrap: anywhere; }
.side.mix { border-color: var(--mix); } .side.reference { border-color: var(--reference); }
.vs { color: var(--dim); font-weight: 400; font-size: .72em; margin: 0 .35em; }
.facts { color: var(--dim); margin: 0; }
.verdict { margin: 1.8rem 0 0; padding: 1.4rem 1.6rem; background: var(--soft); border-radius: .6rem; }
.verdict p { margin: 0; display: grid; grid-template-columns: 8.5rem 1fr; gap: .2rem 1rem; padding: .5rem 0; }
.verdict p + p { border-top: 1px solid var(--line); }
.verdict b { font-weight: 600; color: var(--dim); font-size: .88rem; padding-top: .12rem; }
.verdict p:first-child span { font-size: 1.12rem; line-height: 1.45; font-weight: 560; }
.tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: .8rem; margin: 1rem 0 0; padding: 0; list-style: none; }
.tiles li { border: 1px solid var(--line); border-radius: .6rem; padding: .8rem 1rem; min-width: 0; }
.tiles span { display: block; color: var(--dim); font-size: .82rem; }
.tiles strong { font-size: 1.5rem; font-weight: 620; letter-spacing: -.01em; white-space: nowrap; }
.tiles small { font-size: .85rem; color: var(--dim); font-weight: 400; }
.findings { list-style: none; padding: 0; margin: 0; border-top: 1px solid var(--line); }
.findings li { display: grid; grid-template-columns: 8.2rem 1fr 9.5rem; gap: 0 1.2rem; padding: .85rem 0;
  border-bottom: 1px solid var(--line); align-items: center; break-inside: avoid; }
.findings .figure { font-size: 1.35rem; font-weight: 620; white-space: nowrap; text-align: right; }
.findings .figure small { font-size: .85rem; font-weight: 400; color: var(--dim); }
.findings p { margin: 0; color: var(--dim); font-size: .92rem; }
.bar { height: .5rem; border-radius: .25rem; background: var(--line); overflow: hidden; }
.bar i { display: block; height: 100%; background: var(--ink); border-radius: .25rem; }
.severity { font-size: .82rem; color: var(--dim); }
.none { padding: 1rem 1.2rem; background: var(--soft); border-radius: .6rem; }
figure { margin: 1.6rem 0 0; break-inside: avoid; }
figure img, figure svg { display: block; width: 100%; height: auto; border: 1px solid var(--line); border-radius: .4rem; }
figcaption { color: var(--dim); font-size: .9rem; margin-top: .5rem; }
figcaption b { color: var(--ink); font-weight: 600; }
svg text { fill: #5b636d; font-size: 14px; font-family: inherit; }
svg .grid { stroke: #e6e9ed; stroke-width: 1; } svg .zero { stroke: #16191d; stroke-width: 1.2; }
svg .more { fill: var(--mix); } svg .less { fill: var(--reference); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .42rem .7rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; padding-left: 0; } td:last-child, th:last-child { padding-right: 0; }
thead th { font-weight: 600; font-size: .88rem; color: var(--dim); } td small { color: var(--dim); }
.over { color: var(--over); font-weight: 600; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.2rem; margin: 0; font-size: .92rem; }
dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
section.comparison + section.comparison { margin-top: 4rem; padding-top: 2rem; border-top: 3px solid var(--ink); }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--dim); font-size: .85rem; }
@media (max-width: 40rem) {
  main { padding: 1.2rem 1rem 3rem; } h1 { font-size: 1.45rem; }
  h1 .side { display: block; margin: .3rem 0; } .vs { margin: 0; }
  .verdict { padding: .8rem 1rem; } .verdict p { grid-template-columns: 1fr; }
  .tiles { grid-template-columns: 1fr 1fr; } .tiles strong { font-size: 1.3rem; }
  .findings li { grid-template-columns: 1fr auto; gap: .1rem .8rem; }
  .findings .figure { grid-area: 1 / 2; font-size: 1.15rem; } .findings .what { grid-area: 1 / 1; }
  .findings .how { grid-column: 1 / -1; display: grid; grid-template-columns: 1fr auto; gap: .8rem; align-items: center;
    margin-top: .3rem; }
  figure.wide { margin-left: -1rem; margin-right: -1rem; } figure.wide img { border-left: 0; border-right: 0;
    border-radius: 0; } figure.wide figcaption { padding: 0 1rem; }
  th, td { padding: .4rem .35rem; font-size: .9rem; } td:first-child { white-space: normal; } dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; }
}
@media print {
  @page { size: A4; margin: 15mm 14mm; }
  body { font-size: 9.5pt; line-height: 1.42; } main { max-width: none; padding: 0; } h1 { font-size: 20pt; }
  .verdict { margin-top: 6mm; padding: 4mm 5mm; } .verdict p:first-child span { font-size: 11.5pt; }
  .findings li { padding: 2.2mm 0; } .findings .figure { font-size: 13pt; }
  h2 { break-after: avoid; margin-top: 6mm; font-size: 12.5pt; }
  .verdict, .tiles, .tiles li, .findings li, tr, dl > * { break-inside: avoid; }
  .page { break-before: page; } .page > h2:first-child { margin-top: 0; }
  section.comparison + section.comparison { break-before: page; border-top: 0; margin-top: 0; padding-top: 0; }
  .scroll { overflow: visible; } th, td { padding: .7mm 2mm; }
  footer { margin-top: 5mm; padding-top: 2mm; font-size: 8pt; } dl { font-size: 9pt; gap: .4mm 5mm; }
  figure { margin-top: 4mm; } figcaption { margin-top: 1.2mm; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
";

/// The style sheet.
pub fn style() -> String {
    let palette = Palette::LIGHT;
    RULES
        .replace("@MIX@", &css(palette.mix))
        .replace("@REFERENCE@", &css(palette.reference))
        .replace("@OVER@", &css(palette.over))
}

fn css(color: Rgba) -> String {
    let [r, g, b, _] = color.0;
    format!("#{r:02x}{g:02x}{b:02x}")
}
