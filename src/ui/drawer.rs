//! The drawer: a plate over the right side of the picture that holds a list or choices. One file for each kind.

mod findings;
mod inputs;
mod journal;
mod layouts;
mod menu;
mod references;
mod settings;
mod snapshots;

use std::mem::Discriminant;

use egui::style::ScrollAnimation;
use egui::{
    Align, FocusDirection, Frame, Id, Key, Layout, Margin, Order, RichText, ScrollArea, Stroke,
    pos2, vec2,
};

use crate::session::action::{Action, ViewAction};
use crate::ui::fonts::{Weight, font};
use crate::ui::style;
use crate::ui::text::color32;
use crate::view::drawer::DrawerScene;
use crate::view::scene::Scene;

/// Draws the open drawer and returns what was asked for.
pub fn drawer(ctx: &egui::Context, scene: &Scene, content: &DrawerScene) -> Vec<Action> {
    let text = scene.layout.text;
    let mut actions = vec![];
    let Some(place) = scene.layout.drawer else {
        return actions;
    };
    let size = vec2(place.w, place.h);
    style::apply(ctx, scene);
    let id = Id::unique("drawer");
    if ctx.memory(|memory| memory.area_rect(id)).is_none() {
        // An area only measures itself in its first pass; a still picture has no second frame to show it in.
        ctx.request_discard("the drawer opens");
    }
    egui::Area::new(id)
        .order(Order::Foreground)
        .fixed_pos(pos2(place.x, place.y))
        .show(ctx, |ui| {
            let margin = text.label;
            Frame::new()
                .fill(color32(scene.palette.panel))
                .stroke(Stroke::new(1.0, color32(scene.palette.grid)))
                .inner_margin(Margin::same(margin as i8))
                .show(ui, |ui| {
                    ui.set_min_size(size - vec2(2.0 * margin, 2.0 * margin));
                    ui.set_max_size(size - vec2(2.0 * margin, 2.0 * margin));
                    heading(ui, scene, content, &mut actions);
                    let mut list = ScrollArea::vertical().auto_shrink([false, false]);
                    if opens(ui, content) {
                        // It is read from its beginning on.
                        list = list.vertical_scroll_offset(0.0);
                    }
                    list.show(ui, |ui| {
                        // Its bar lies beside what it scrolls.
                        ui.set_max_width(ui.available_width() - text.label * 0.8);
                        let to_end = enter_by_keys(ui, content);
                        match content {
                            DrawerScene::Findings(content) => {
                                findings::findings(ui, scene, content, &mut actions);
                            }
                            DrawerScene::Menu => menu::menu(ui, scene, &mut actions),
                            DrawerScene::Inputs(content) => {
                                inputs::inputs(ui, scene, content, &mut actions);
                            }
                            DrawerScene::Layouts => layouts::layouts(ui, scene, &mut actions),
                            DrawerScene::Settings(content) => {
                                settings::settings(ui, scene, content, &mut actions)
                            }
                            DrawerScene::References(shelf) => {
                                references::references(ui, scene, shelf, &mut actions);
                            }
                            DrawerScene::Snapshots(shelf) => {
                                snapshots::snapshots(ui, scene, shelf, &mut actions);
                            }
                            DrawerScene::Journal(content) => journal::journal(ui, scene, content),
                        }
                        if to_end {
                            focus_last(ui);
                        }
                        go_on_by_keys(ui);
                        keep_focus_in_sight(ui);
                    });
                });
        });
    actions
}

/// Whether a drawer was not there in the picture before, or another one was.
fn opens(ui: &egui::Ui, content: &DrawerScene) -> bool {
    let id = Id::unique("the drawer that was open");
    let now = (
        std::mem::discriminant(content),
        ui.ctx().cumulative_pass_nr(),
    );
    let before = ui.data_mut(|data| {
        let before = data.get_temp::<(Discriminant<DrawerScene>, u64)>(id);
        data.insert_temp(id, now);
        before
    });
    before.is_none_or(|(drawer, pass)| drawer != now.0 || pass + 1 < now.1)
}

fn heading(ui: &mut egui::Ui, scene: &Scene, content: &DrawerScene, actions: &mut Vec<Action>) {
    let drawer = content.drawer();
    ui.horizontal(|ui| {
        let title =
            RichText::new(drawer.title()).font(font(Weight::Medium, scene.layout.text.title));
        ui.label(title);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.button("Close").clicked() {
                actions.push(Action::View(ViewAction::ToggleDrawer(drawer)));
            }
        });
    });
    ui.add_space(scene.layout.text.label * 0.5);
}

/// Down and Home bring the keyboard to the first control of a list, Up and End to its last: Down and Up while it is nowhere.
/// Returns whether it is to go to the last, which is drawn then.
fn enter_by_keys(ui: &egui::Ui, content: &DrawerScene) -> bool {
    // What is read is gone through by its text; snapshots are entered at what each is used for most.
    let is_read = matches!(
        content,
        DrawerScene::Findings(_) | DrawerScene::Journal(_) | DrawerScene::Snapshots(_)
    );
    if is_read || ui.ctx().text_edit_focused() {
        return false;
    }
    let pressed = |key: Key| ui.input(|input| input.key_pressed(key));
    let focused = ui.memory(|memory| memory.focused());
    let (goes, is_last) = match (pressed(Key::Home), pressed(Key::End)) {
        (true, _) => (true, false),
        (_, true) => (true, true),
        _ if focused.is_some() => (false, false),
        _ => (
            pressed(Key::ArrowDown) || pressed(Key::ArrowUp),
            pressed(Key::ArrowUp),
        ),
    };
    if goes {
        ui.memory_mut(|memory| {
            focused
                .into_iter()
                .for_each(|id| memory.surrender_focus(id));
            memory.move_focus(match is_last {
                true => FocusDirection::None,
                false => FocusDirection::Next,
            });
        });
    }
    goes && is_last
}

/// Gives the keyboard to the control that was drawn last.
fn focus_last(ui: &egui::Ui) {
    let behind = Id::unique("behind the last control of the drawer");
    ui.memory_mut(|memory| {
        memory.move_focus(FocusDirection::Previous);
        memory.interested_in_focus(behind, ui.layer_id());
    });
}

/// PageUp and PageDown go through a long list, Home and End to its ends, unless something is being written.
fn go_on_by_keys(ui: &mut egui::Ui) {
    if ui.ctx().text_edit_focused() {
        return;
    }
    let page = 0.9 * ui.clip_rect().height();
    // Further than any list is long.
    let all = 1e6;
    let ways = [
        (Key::PageUp, page),
        (Key::PageDown, -page),
        (Key::Home, all),
        (Key::End, -all),
    ];
    let pressed = |(key, _): &(Key, f32)| ui.input(|input| input.key_pressed(*key));
    if let Some((_, way)) = ways.into_iter().find(pressed) {
        ui.scroll_with_delta_animation(vec2(0.0, way), ScrollAnimation::none());
    }
}

/// Who walks through a long list by keys sees where the focus is: egui moves it, but scrolls for nobody.
fn keep_focus_in_sight(ui: &egui::Ui) {
    let seen = Id::unique("the focus of the drawer");
    let focused = ui.memory(|memory| memory.focused());
    let before = ui.data(|data| data.get_temp::<Option<Id>>(seen)).flatten();
    if focused == before {
        return;
    }
    ui.data_mut(|data| data.insert_temp(seen, focused));
    if let Some(response) = focused.and_then(|id| ui.ctx().read_response(id)) {
        let air = response.rect.height();
        ui.scroll_to_rect(response.rect.expand2(vec2(0.0, air)), None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scene_knows_its_drawer() {
        for drawer in crate::session::action::Drawer::ALL {
            let session = crate::session::Session::default();
            assert_eq!(DrawerScene::of(drawer, &session).drawer(), drawer);
        }
    }
}
