//! How egui's own widgets look: the picture's palette and sizes of type, nothing rounded much, nothing that moves.

use std::collections::BTreeMap;

use egui::{CornerRadius, Stroke, TextStyle, vec2};

use crate::ui::fonts::{Weight, font};
use crate::ui::text::color32;
use crate::view::scene::Scene;

/// Gives the widgets drawn next the looks of the scene.
pub fn apply(ctx: &egui::Context, scene: &Scene) {
    let (text, palette) = (scene.layout.text, &scene.palette);
    // It seldom changes, and all of it is made anew each time.
    let (made_of, known) = (
        (text, *palette, scene.looks.light),
        egui::Id::unique("style made of"),
    );
    if ctx.data(|data| data.get_temp(known)) == Some(made_of) {
        return;
    }
    ctx.data_mut(|data| data.insert_temp(known, made_of));
    let mut style = egui::Style {
        animation_time: 0.0,
        ..egui::Style::default()
    };
    let sizes = [
        (TextStyle::Heading, Weight::Medium, text.title),
        (TextStyle::Body, Weight::Regular, text.label),
        (TextStyle::Button, Weight::Regular, text.label),
        (TextStyle::Small, Weight::Regular, text.label),
        (TextStyle::Monospace, Weight::Regular, text.label),
    ];
    style.text_styles = sizes
        .into_iter()
        .map(|(kind, weight, size)| (kind, font(weight, size)))
        .collect::<BTreeMap<_, _>>();
    style.spacing.item_spacing = vec2(text.label * 0.6, text.label * 0.35);
    style.spacing.button_padding = vec2(text.label * 0.6, text.label * 0.3);
    style.spacing.interact_size.y = text.label * 1.8;
    style.spacing.slider_width = text.label * 8.0;
    style.spacing.combo_width = text.label * 8.0;
    style.spacing.icon_width = text.label * 1.1;
    style.spacing.icon_width_inner = text.label * 0.65;
    style.spacing.scroll.bar_width = text.label * 0.7;
    style.spacing.tooltip_width = text.label * 28.0;
    #[cfg(debug_assertions)]
    {
        style.debug.show_unaligned = false;
    }
    style.interaction.selectable_labels = false;
    style.visuals = if scene.looks.light {
        egui::Visuals::light()
    } else {
        egui::Visuals::dark()
    };
    let visuals = &mut style.visuals;
    // Glyphs are drawn as they were in the pass before: one way for both themes keeps a still picture the same.
    visuals.text_options = egui::Visuals::dark().text_options;
    // Nothing blinks.
    visuals.text_cursor.blink = false;
    visuals.panel_fill = color32(palette.panel);
    visuals.window_fill = color32(palette.panel);
    visuals.extreme_bg_color = color32(palette.background);
    visuals.selection.bg_fill = color32(palette.mix.alpha(0.45));
    visuals.selection.stroke = Stroke::new(1.0, color32(palette.text));
    let widgets = &mut visuals.widgets;
    for state in [
        &mut widgets.noninteractive,
        &mut widgets.inactive,
        &mut widgets.hovered,
        &mut widgets.active,
        &mut widgets.open,
    ] {
        state.corner_radius = CornerRadius::same(3);
        state.expansion = 0.0;
        state.fg_stroke = Stroke::new(1.0, color32(palette.text));
        state.bg_stroke = Stroke::NONE;
        state.weak_bg_fill = color32(palette.text.alpha(0.07));
        state.bg_fill = color32(palette.text.alpha(0.10));
    }
    widgets.hovered.weak_bg_fill = color32(palette.text.alpha(0.14));
    widgets.active.weak_bg_fill = color32(palette.text.alpha(0.22));
    // Where the keyboard is must be seen from where one sits.
    widgets.active.bg_stroke = Stroke::new(1.5, color32(palette.text));
    widgets.hovered.bg_stroke = Stroke::new(1.0, color32(palette.text.alpha(0.4)));
    ctx.set_global_style(style);
}

/// Outlines a control without a frame of its own while it has the keyboard.
pub fn show_focus(ui: &egui::Ui, scene: &Scene, response: &egui::Response) {
    if response.has_focus() {
        let stroke = Stroke::new(1.5, color32(scene.palette.text));
        let rect = response.rect;
        ui.painter()
            .rect_stroke(rect, 3.0, stroke, egui::StrokeKind::Inside);
    }
}
