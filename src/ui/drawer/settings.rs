//! The settings: each with its words, its value, its unit and what it does; a change acts at once.

use egui::{ComboBox, DragValue, Id, RichText, Slider, TextEdit};

use crate::session::action::{Action, ViewAction};
use crate::session::settings::{Kind, Setting, Topic, Value};
use crate::ui::fonts::{Weight, font};
use crate::ui::text::color32;
use crate::view::readout::fixed;
use crate::view::scene::Scene;
use crate::view::settings::{SettingRow, SettingsScene, decimals};

/// The settings that a delivery target sets.
const TARGET_LUFS: &str = "target-lufs";
const TEXT_SIZE: &str = "font-scale";
const TARGET_DBTP: &str = "target-dbtp";

/// Lists all settings by topic.
pub fn settings(
    ui: &mut egui::Ui,
    scene: &Scene,
    content: &SettingsScene,
    actions: &mut Vec<Action>,
) {
    let text = scene.layout.text;
    for topic in Topic::ALL {
        let heading = RichText::new(topic.title())
            .font(font(Weight::Medium, text.label))
            .color(color32(scene.palette.text_dim));
        ui.label(heading);
        if topic == Topic::Targets {
            targets(ui, content, actions);
        }
        let rows = content.rows.iter().filter(|row| row.topic == topic);
        for (row, setting) in rows.filter_map(|row| Some((row, Setting::named(row.name)?))) {
            if let Some(value) = self::row(ui, scene, row, setting) {
                actions.push(Action::View(ViewAction::Set(row.name, value)));
            }
        }
        ui.add_space(text.label * 0.6);
    }
}

/// What services ask for: a choice sets loudness and true peak.
fn targets(ui: &mut egui::Ui, content: &SettingsScene, actions: &mut Vec<Action>) {
    let chosen = content.targets.iter().find(|target| target.is_chosen);
    let shown = chosen.map_or("your own figures", |target| target.title.as_str());
    let combo = ComboBox::from_id_salt("delivery target").width(ui.available_width() * 0.9);
    let combo = combo.selected_text(shown).show_ui(ui, |ui| {
        for target in &content.targets {
            if ui
                .selectable_label(target.is_chosen, &target.title)
                .clicked()
            {
                let [lufs, dbtp] = target.values.clone();
                actions.push(ViewAction::Set(TARGET_LUFS, lufs).into());
                actions.push(ViewAction::Set(TARGET_DBTP, dbtp).into());
            }
        }
    });
    combo.response.accessible_name("Delivery target");
}

/// One setting; returns its new value when it was changed.
fn row(ui: &mut egui::Ui, scene: &Scene, row: &SettingRow, setting: &Setting) -> Option<Value> {
    let label_width = ui.available_width() * 0.36;
    let height = ui.spacing().interact_size.y;
    let mut changed = None;
    ui.horizontal(|ui| {
        ui.allocate_ui_with_layout(
            egui::vec2(label_width, height),
            egui::Layout::left_to_right(egui::Align::Center),
            |ui| {
                ui.set_min_width(label_width);
                ui.set_max_width(label_width);
                let label = egui::Label::new(setting.label).truncate();
                ui.add(label).on_hover_text(hint(setting, row));
            },
        );
        changed = control(ui, scene, row, setting);
        if row.value != row.default {
            let back = ui
                .button("Default")
                .on_hover_text(format!("Back to {}.", shown(setting, &row.default)));
            let back = back.accessible_name(format!("{}: default", setting.label));
            if back.clicked() {
                changed = Some(row.default.clone());
            }
        }
    });
    changed
}

/// The widget of a setting; returns the value it was given.
fn control(ui: &mut egui::Ui, scene: &Scene, row: &SettingRow, setting: &Setting) -> Option<Value> {
    match (setting.kind, &row.value) {
        (Kind::Switch(_), Value::Switch(on)) => {
            let mut on = *on;
            let response = ui.checkbox(&mut on, row.value.to_string());
            let response = response
                .accessible_name(setting.label)
                .on_hover_text(hint(setting, row));
            response.changed().then_some(Value::Switch(on))
        }
        (
            Kind::Number {
                low, high, step, ..
            },
            Value::Number(number),
        ) => {
            let mut number = *number;
            let slider = Slider::new(&mut number, low..=high)
                .step_by(step)
                .logarithmic(low > 0.0 && high / low > 200.0)
                .show_value(false);
            let slid = ui.add(slider).accessible_name(setting.label);
            if is_held(ui, &slid, setting, &mut number) {
                return None;
            }
            let digits = DragValue::new(&mut number)
                .range(low..=high)
                .speed(step)
                .custom_formatter(move |number, _| fixed(number, decimals(&setting.kind)))
                .suffix(format!(" {}", setting.unit));
            // Both are one value: the digits say so with the unit in their name.
            let name = format!("{}, {}", setting.label, setting.unit);
            let typed = ui.add(digits).accessible_name(name);
            let is_changed = slid.changed() || typed.changed();
            slid.union(typed).on_hover_text(hint(setting, row));
            let value = setting.checked(&Value::Number(number)).ok()?;
            (is_changed && value != row.value).then_some(value)
        }
        (Kind::Choice { words, .. }, Value::Word(word)) => {
            let mut chosen = *word;
            let combo = ComboBox::from_id_salt(setting.name).selected_text(chosen);
            let response = combo.show_ui(ui, |ui| {
                for word in words {
                    ui.selectable_value(&mut chosen, word, *word);
                }
            });
            let response = response
                .response
                .accessible_name(setting.label)
                .on_hover_text(hint(setting, row));
            chosen = stepped(ui, &response, words, chosen);
            (chosen != *word).then_some(Value::Word(chosen))
        }
        (Kind::Text { empty, .. }, Value::Text(text)) => {
            field(ui, scene, row, setting, (text, empty))
        }
        _ => None,
    }
}

/// Whether a slider is held that would run away from under the mouse if it counted at once: that of the size of letters. What
/// it was dragged to counts when it is let go.
fn is_held(ui: &egui::Ui, slid: &egui::Response, setting: &Setting, number: &mut f64) -> bool {
    if setting.name != TEXT_SIZE {
        return false;
    }
    let dragged_to = Id::unique("text size");
    if slid.dragged() {
        ui.data_mut(|data| data.insert_temp(dragged_to, *number));
        return true;
    }
    if slid.drag_stopped()
        && let Some(to) = ui.data_mut(|data| data.remove_temp(dragged_to))
    {
        *number = to;
    }
    false
}

/// The choice that Up and Down go to where the keyboard is on a closed list: it need not be opened.
fn stepped(
    ui: &egui::Ui,
    list: &egui::Response,
    words: &[&'static str],
    chosen: &'static str,
) -> &'static str {
    if !list.has_focus() {
        return chosen;
    }
    // Otherwise the toolkit goes on from there to another control.
    let filter = egui::EventFilter {
        vertical_arrows: true,
        ..egui::EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(list.id, filter));
    let pressed = |key| ui.input(|input| input.key_pressed(key));
    let at = words.iter().position(|word| *word == chosen).unwrap_or(0);
    let to = match (pressed(egui::Key::ArrowDown), pressed(egui::Key::ArrowUp)) {
        (true, _) => at + 1,
        (_, true) => at.saturating_sub(1),
        _ => at,
    };
    words.get(to).copied().unwrap_or(chosen)
}

/// A text: it counts when it is left or Enter is pressed, and only if the setting takes it.
fn field(
    ui: &mut egui::Ui,
    scene: &Scene,
    row: &SettingRow,
    setting: &Setting,
    (text, empty): (&str, &str),
) -> Option<Value> {
    // What is being typed is egui's to hold until it is done: a path is no path in its middle.
    let draft_id = Id::unique(("draft", setting.name));
    let draft = ui.data(|data| data.get_temp::<String>(draft_id));
    let mut words = draft.clone().unwrap_or_else(|| text.to_owned());
    let response = ui.add(
        TextEdit::singleline(&mut words)
            .hint_text(empty)
            .desired_width(scene.layout.text.label * 18.5),
    );
    let response = response
        .accessible_name(setting.label)
        .on_hover_text(hint(setting, row));
    if response.changed() {
        ui.data_mut(|data| data.insert_temp(draft_id, words.clone()));
    }
    let parsed = setting.parse(&words);
    if let Err(takes) = &parsed {
        let over = color32(scene.palette.over);
        ui.colored_label(over, takes);
    }
    if !response.lost_focus() {
        return None;
    }
    let value = parsed.ok()?;
    ui.data_mut(|data| data.remove::<String>(draft_id));
    (value != row.value).then_some(value)
}

fn hint(setting: &Setting, row: &SettingRow) -> String {
    format!(
        "{} Default: {}.",
        setting.help,
        shown(setting, &row.default)
    )
}

fn shown(setting: &Setting, value: &Value) -> String {
    match (value, setting.kind) {
        (Value::Text(text), Kind::Text { empty, .. }) if text.is_empty() => empty.to_owned(),
        (Value::Number(number), kind) => {
            let digits = fixed(*number, decimals(&kind));
            format!("{digits} {}", setting.unit).trim_end().to_owned()
        }
        _ => format!("{value} {}", setting.unit).trim_end().to_owned(),
    }
}
