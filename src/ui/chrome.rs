//! All words of the picture: bars, labels, table, states. The data they stand beside is drawn by the render layer.

use egui::{LayerId, Order};

use crate::session::action::Action;
use crate::ui::arrange::arrange;
use crate::ui::context::context;
use crate::ui::cursor::cursor;
use crate::ui::drawer::drawer;
use crate::ui::mark::mark;
use crate::ui::numbers;
use crate::ui::panels;
use crate::ui::sections::section_marks;
use crate::ui::stamp::stamp;
use crate::ui::status_bar::status_bar;
use crate::ui::style;
use crate::ui::text::Pen;
use crate::ui::time_axis::time_axis;
use crate::ui::tooltip::{keep_clear, keep_clear_of_readout};
use crate::ui::top_bar::top_bar;
use crate::view::scene::Scene;

/// Writes the chrome of a scene and returns what was clicked. Points are pixels: the context's zoom is set so.
pub fn chrome(ctx: &egui::Context, scene: &Scene) -> Vec<Action> {
    style::apply(ctx, scene);
    let painter = ctx.layer_painter(LayerId::new(Order::Background, egui::Id::unique("chrome")));
    let pen = Pen {
        painter: &painter,
        palette: &scene.palette,
    };
    keep_clear(ctx, scene);
    panels::words(&pen, scene);
    time_axis(&pen, scene);
    if let Some(rect) = scene.layout.figure_line {
        numbers::figure_line(&pen, scene, rect);
    }
    if let Some(rect) = scene.layout.numerals {
        numbers::numerals(&pen, scene, rect);
    }
    let readout = cursor(&pen, scene);
    keep_clear_of_readout(ctx, readout);
    mark(&pen, scene, readout);
    let mut actions = vec![];
    section_marks(&pen, scene, &mut actions);
    panels::spectrogram::open_on_click(&pen, scene, &mut actions);
    arrange(ctx, scene, &mut actions);
    top_bar(&pen, scene, &mut actions);
    status_bar(&pen, scene, &mut actions);
    if let Some(content) = &scene.stamp {
        stamp(&pen, scene, content);
    }
    if let Some(content) = &scene.drawer {
        actions.extend(drawer(ctx, scene, content));
    }
    if let Some(content) = &scene.context {
        actions.extend(context(ctx, scene, content));
    }
    actions
}
