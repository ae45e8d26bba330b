//! Layouts for one question each, and one panel that fills the window.

use crate::session::settings::arrangement::{Panel, Zone};
use crate::view::layout::frame::{Frame, Shape};
use crate::view::layout::places::{Layout, Pane, PaneContent};
use crate::view::layout::put::{cut_columns, cut_rows, halves, panes};
use crate::view::looks::CompareMode;
use crate::view::palette::Side;
use crate::view::rect::Rect;

/// The spectrograms take nearly all; one line of figures stands below.
pub(super) fn spectrogram(frame: &Frame, mode: CompareMode) -> Layout {
    let mut layout = Layout::bare(frame);
    if frame.shape == Shape::Strip {
        strip_panes(&mut layout, frame, mode);
        return layout;
    }
    let content = frame.content;
    let line = frame.text.table * 1.7;
    let [above, below] = cut_rows(content, content.bottom() - line, frame.gap);
    layout.put_spectrograms(frame, above, mode);
    layout.figure_line = Some(below);
    layout
}

/// Panes beside each other: a strip is too low for one over the other, and for a time axis.
fn strip_panes(layout: &mut Layout, frame: &Frame, mode: CompareMode) {
    let plot = frame.between_gutters(frame.content);
    layout.panes = match mode {
        CompareMode::SideBySide => {
            let [left, right] = cut_columns(
                plot,
                plot.x + plot.w * 0.5,
                frame.hz_gutter + frame.note_gutter,
            );
            // Equally wide, so that their time axes match.
            let right = Rect {
                x: right.right() - left.w,
                w: left.w,
                ..right
            };
            [(left, Side::Mix), (right, Side::Reference)]
                .map(|(plot, side)| Pane {
                    plot,
                    content: PaneContent::Level(side),
                })
                .to_vec()
        }
        _ => panes(plot, 0.0, mode).0,
    };
}

/// Large vectorscopes, width and correlation of each band, and the table.
pub(super) fn stereo(frame: &Frame) -> Layout {
    let mut layout = Layout::bare(frame);
    let (content, gap) = (frame.content, frame.gap);
    match frame.shape {
        Shape::Wide => {
            let [above, below] = cut_rows(content, content.y + content.h * 0.62, gap);
            layout.scopes = halves(above, gap);
            let [left, right] = cut_columns(below, below.x + below.w * 0.62, gap);
            layout.put(Panel::Width, left);
            layout.put_table(right);
        }
        Shape::Column => {
            let scopes = (content.w * 0.5).min(content.h * 0.45);
            let [above, below] = cut_rows(content, content.y + scopes, gap);
            layout.scopes = halves(above, gap);
            let table = frame.text.table_height(5.0).min(below.h * 0.5);
            let [width, table] = cut_rows(below, below.bottom() - table, gap);
            layout.put(Panel::Width, width);
            layout.put_table(table);
        }
        Shape::Strip => {
            let square = content.h.min(content.w * 0.25);
            let [scopes, rest] = cut_columns(content, content.x + 2.0 * square + gap, gap);
            layout.scopes = halves(scopes, gap);
            let table = (frame.text.table * 22.0).min(rest.w * 0.5);
            let [width, table] = cut_columns(rest, rest.right() - table, gap);
            if width.w > frame.text.label * 40.0 {
                layout.put(Panel::Width, width);
                layout.put_table(table);
            } else {
                layout.put_table(rest);
            }
        }
    }
    layout
}

/// Large loudness histories beside a large table.
pub(super) fn loudness(frame: &Frame) -> Layout {
    let mut layout = Layout::bare(frame);
    let (content, gap) = (frame.content, frame.gap);
    match frame.shape {
        Shape::Wide => {
            let [left, right] = cut_columns(content, content.x + content.w * 0.62, gap);
            layout.put_histories(frame, left, &[Panel::Loudness]);
            layout.put_table(right);
        }
        Shape::Column => {
            let table = frame.text.table_height(5.0) * 1.35;
            let top = content.bottom() - table.min(content.h * 0.5);
            let [above, below] = cut_rows(content, top, gap);
            layout.put_histories(frame, above, &[Panel::Loudness]);
            layout.put_table(below);
        }
        Shape::Strip => {
            let table = (frame.text.table * 22.0).min(content.w * 0.45);
            let [left, right] = cut_columns(content, content.right() - table, gap);
            layout.put(Panel::Loudness, frame.between_gutters(left));
            layout.put_table(right);
        }
    }
    layout
}

/// Short-term, integrated, true peak; nothing else.
pub(super) fn big_numbers(frame: &Frame) -> Layout {
    let mut layout = Layout::bare(frame);
    layout.numerals = Some(frame.content);
    layout
}

/// One panel in the whole window.
pub(super) fn filled(frame: &Frame, mode: CompareMode, panel: Panel) -> Layout {
    let mut layout = Layout::bare(frame);
    let content = frame.content;
    let is_strip = frame.shape == Shape::Strip;
    match (panel, panel.row().zone) {
        (Panel::Spectrograms, _) if is_strip => strip_panes(&mut layout, frame, mode),
        (Panel::Spectrograms, _) => layout.put_spectrograms(frame, content, mode),
        (Panel::Spectrum, _) => {
            let plot = frame.between_gutters(content);
            layout.put(panel, plot.inset(0.0, 0.0, 0.0, frame.axis));
        }
        (Panel::Scopes, _) => layout.scopes = halves(content, frame.gap),
        (Panel::Table, _) => layout.put_table(content),
        (_, Zone::History) if is_strip => layout.put(panel, frame.between_gutters(content)),
        (_, Zone::History) => layout.put_histories(frame, content, &[panel]),
        _ => layout.put(panel, content),
    }
    layout
}
