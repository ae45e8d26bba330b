//! The chrome of a scene in egui's test harness: drawers are read, clicked and walked through as a person does it.

use abscope::session::Session;
use abscope::session::action::{Action, Drawer};
use abscope::session::sides::beside::CompanionFrame;
use abscope::ui;
use abscope::ui::help::Help;
use abscope::view::build::{Moment, PictureRequest, scene};
use abscope::view::drawer::DrawerScene;
use abscope::view::rect::Rect;
use abscope::view::scene::{Looks, Scene};
use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::NodeT as _;
use egui_kittest::{Harness, Node};

/// Size of the window unless a test asks for another.
pub const SIZE: [u32; 2] = [1280, 720];

/// A running chrome; what was asked for by clicks and keys is kept until it is taken.
pub struct Chrome {
    harness: Harness<'static, State>,
}

struct State {
    scene: Scene,
    help: Help,
    actions: Vec<Action>,
}

impl Chrome {
    /// An open drawer over an empty session.
    pub fn drawer(content: DrawerScene) -> Self {
        Self::drawer_in(content, SIZE)
    }

    /// The same in a window of another size.
    pub fn drawer_in(content: DrawerScene, size: [u32; 2]) -> Self {
        let mut scene = scene_of(size, Some(content.drawer()));
        scene.drawer = Some(content);
        Self::of(scene)
    }

    /// Any scene.
    pub fn of(scene: Scene) -> Self {
        Self::start(scene, Help::None)
    }

    /// Any scene with something explained over it.
    pub fn helped(scene: Scene, help: Help) -> Self {
        Self::start(scene, help)
    }

    fn start(scene: Scene, help: Help) -> Self {
        let [width, height] = scene.layout.size;
        let state = State {
            scene,
            help,
            actions: vec![],
        };
        let harness = Harness::builder()
            .with_size([width, height])
            .with_max_steps(8)
            .with_context_setup(|ctx| ui::fonts::install(ctx, vec![]))
            .build_ui_state(
                |ui, state: &mut State| {
                    let ctx = ui.ctx().clone();
                    state.actions.extend(ui::chrome::chrome(&ctx, &state.scene));
                    state.help.show(&ctx, &state.scene);
                },
                state,
            );
        Self { harness }
    }

    /// Shows the drawer with other content, as the window does when data has changed.
    pub fn show(&mut self, content: DrawerScene) {
        self.change(|scene| scene.drawer = Some(content));
    }

    /// Changes the scene and draws it.
    pub fn change(&mut self, change: impl FnOnce(&mut Scene)) {
        change(&mut self.harness.state_mut().scene);
        self.settle();
    }

    /// Whether a widget or text with exactly these words is there.
    pub fn has(&self, words: &str) -> bool {
        let mut nodes = self.harness.root().children_recursive();
        nodes.any(|node| is_called(&node, words))
    }

    /// Every widget and text that has words, in the order assistive tools read them.
    pub fn words(&self) -> Vec<String> {
        let nodes = self.harness.root().children_recursive();
        nodes
            .filter_map(|node| {
                let node = node.accesskit_node();
                node.label().or_else(|| node.value())
            })
            .filter(|words| !words.trim().is_empty())
            .collect()
    }

    /// Clicks the first widget of these words, scrolled to if need be, and returns what it asked for.
    pub fn click(&mut self, words: &str) -> Vec<Action> {
        self.node(words).scroll_to_me();
        self.settle();
        self.node(words).click();
        self.settle();
        self.take()
    }

    /// Gives the first widget of these words the keyboard.
    pub fn focus(&mut self, words: &str) {
        self.node(words).focus();
        self.settle();
    }

    /// Gives the control that has these words as its name the keyboard; the plain text of the same words is passed by.
    pub fn focus_control(&mut self, words: &str) {
        let is_control = |node: &Node<'_>| node.accesskit_node().role() != Role::Label;
        let control = {
            let nodes = self.harness.root().children_recursive();
            nodes.filter(is_control).find(|node| is_called(node, words))
        };
        control
            .unwrap_or_else(|| panic!("no control “{words}” among {:#?}", self.words()))
            .focus();
        self.settle();
    }

    /// Presses a key and returns what was asked for.
    pub fn press(&mut self, key: Key) -> Vec<Action> {
        self.harness.key_press(key);
        self.settle();
        self.take()
    }

    /// Types text into what has the keyboard and returns what was asked for.
    pub fn type_text(&mut self, text: &str) -> Vec<Action> {
        self.harness.event(egui::Event::Text(text.to_owned()));
        self.settle();
        self.take()
    }

    /// Moves the pointer over the middle of a rectangle; a tooltip there is up when this returns.
    pub fn hover(&mut self, place: Rect) {
        let middle = egui::pos2(place.x + place.w / 2.0, place.y + place.h / 2.0);
        self.harness.hover_at(middle);
        // Tooltips wait until the pointer rests.
        self.harness.run_steps(8);
    }

    /// Drags the mouse from one place to another and returns what was asked for.
    pub fn drag(&mut self, [from, to]: [[f32; 2]; 2]) -> Vec<Action> {
        let [from, to] = [from, to].map(|[x, y]| egui::pos2(x, y));
        self.harness.hover_at(from);
        self.settle();
        self.harness.drag_at(from);
        self.settle();
        for at in [from.lerp(to, 0.3), from.lerp(to, 0.8), to] {
            self.harness.hover_at(at);
            self.settle();
        }
        self.harness.drop_at(to);
        self.settle();
        self.take()
    }

    /// The words of the widget that has the keyboard.
    pub fn focused(&self) -> Option<String> {
        let mut nodes = self.harness.root().children_recursive();
        nodes.find_map(|node| {
            let node = node.accesskit_node();
            let has_keyboard = node.is_focused() && node.role() != Role::Window;
            node.label().filter(|_| has_keyboard)
        })
    }

    /// What every widget shows as its value.
    pub fn values(&self) -> Vec<String> {
        let nodes = self.harness.root().children_recursive();
        nodes.filter_map(|node| node.value()).collect()
    }

    /// The words of each widget that the Tab key reaches, in order, once round.
    pub fn tab_stops(&mut self) -> Vec<String> {
        let mut stops: Vec<(egui::Id, String)> = vec![];
        loop {
            self.harness.key_press(Key::Tab);
            self.harness.run_steps(2);
            let Some(id) = self.harness.ctx.memory(|memory| memory.focused()) else {
                break;
            };
            if stops.iter().any(|(seen, _)| *seen == id) {
                break;
            }
            let focused = self.harness.root().children_recursive().find(|node| {
                let node = node.accesskit_node();
                node.is_focused() && node.role() != Role::Window
            });
            let words = focused.and_then(|node| node.accesskit_node().label());
            stops.push((id, words.unwrap_or_default()));
        }
        stops.into_iter().map(|(_, words)| words).collect()
    }

    /// Where the first widget of these words lies.
    pub fn place(&self, words: &str) -> Rect {
        let rect = self.node(words).rect();
        Rect {
            x: rect.min.x,
            y: rect.min.y,
            w: rect.width(),
            h: rect.height(),
        }
    }

    /// What the first widget of these words shows as its value.
    pub fn value(&self, words: &str) -> Option<String> {
        self.node(words).value()
    }

    /// What was asked for since it was last taken.
    pub fn take(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.harness.state_mut().actions)
    }

    fn node(&self, words: &str) -> Node<'_> {
        let mut nodes = self.harness.root().children_recursive();
        nodes
            .find(|node| is_called(node, words))
            .unwrap_or_else(|| panic!("no “{words}” among {:#?}", self.words()))
    }

    fn settle(&mut self) {
        self.harness.run();
    }
}

/// Buttons carry their words as a label, plain text as a value.
fn is_called(node: &Node<'_>, words: &str) -> bool {
    let node = node.accesskit_node();
    let text = || node.value().filter(|_| node.role() == Role::Label);
    node.label().or_else(text).as_deref() == Some(words)
}

/// A scene without any sound.
pub fn empty_scene(size: [u32; 2]) -> Scene {
    scene_of(size, None)
}

/// The same with room for a drawer.
fn scene_of(size: [u32; 2], drawer: Option<Drawer>) -> Scene {
    let request = PictureRequest {
        size,
        drawer,
        ..PictureRequest::default()
    };
    let beside = CompanionFrame::default();
    let moment = Moment {
        mix: None,
        beside: &beside,
    };
    scene(&Session::default(), moment, &Looks::default(), request)
}
