//! The help: every key and what it does, over a dimmed picture.

use egui::{Align2, LayerId, Order};

use crate::session::action::catalog;
use crate::ui::fonts::Weight;
use crate::ui::text::{Pen, color32};
use crate::view::scene::Scene;

/// Writes the keys in the middle of the window.
pub fn help(ctx: &egui::Context, scene: &Scene) {
    let painter = ctx.layer_painter(LayerId::new(Order::Foreground, egui::Id::unique("help")));
    let pen = Pen {
        painter: &painter,
        palette: &scene.palette,
    };
    let text = scene.layout.text;
    let [width, height] = scene.layout.size;
    let bindings: Vec<_> = catalog()
        .into_iter()
        .filter(|binding| binding.key.is_some() && !binding.help.is_empty())
        .collect();
    let columns = if width > text.title * 50.0 { 2 } else { 1 };
    let rows = bindings.len().div_ceil(columns);
    let row_height = (text.title * 1.9).min(height / (rows as f32 + 3.0));
    let column_width = (text.title * 22.0).min(width / columns as f32 - text.title);
    let size = [
        column_width * columns as f32 + text.title * 2.0,
        row_height * (rows as f32 + 2.0),
    ];
    let corner = [(width - size[0]) / 2.0, (height - size[1]) / 2.0];
    let plate = egui::Rect::from_min_size(
        egui::pos2(corner[0].round(), corner[1].round()),
        egui::vec2(size[0].round(), size[1].round()),
    );
    let everything = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(width, height));
    painter.rect_filled(
        everything,
        0.0,
        color32(scene.palette.background.alpha(0.6)),
    );
    painter.rect_filled(plate, text.title * 0.4, color32(scene.palette.panel));
    for (index, binding) in bindings.iter().enumerate() {
        let x = corner[0] + text.title + (index / rows) as f32 * column_width;
        let y = corner[1] + row_height * ((index % rows) as f32 + 1.5);
        let key = (Weight::Medium, text.title);
        let words = (Weight::Regular, text.title);
        pen.put(
            binding.key.unwrap_or_default(),
            [x, y],
            Align2::LEFT_CENTER,
            key,
            pen.palette.text,
        );
        let left = x + text.title * 4.2;
        let shown = pen.fitted(binding.help, words, column_width - text.title * 5.0);
        pen.put(
            &shown,
            [left, y],
            Align2::LEFT_CENTER,
            words,
            pen.palette.text_dim,
        );
    }
}
