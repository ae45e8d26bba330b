//! What a key, a button or the remote control makes the window do: every [`Action`] goes through [`App::act`].

use winit::event::KeyEvent;
use winit::event_loop::ActiveEventLoop;
use winit::keyboard::{Key, NamedKey};

use crate::app::keys::{action_of, crosshair_of};
use crate::app::pair_actions::apply_to_pair;
use crate::app::screen::Screen;
use crate::app::watchdog::Stage;
use crate::app::window::state::App;
use crate::session::action::{
    Action, Crosshair, Drawer, PairAction, ShelfAction, ViewAction, WindowAction,
};
use crate::session::snapshots::shelf_worker::{Edit, RecallAs};
use crate::view::context::stays_open;
use crate::view::stamp::match_words;

impl App {
    pub(super) fn act(&mut self, event_loop: &ActiveEventLoop, action: &Action) {
        self.watchdog.at(Stage::Acting);
        self.end_hints();
        // A menu is about what was clicked, and done with once something was chosen of it or beside it.
        if !stays_open(action) {
            self.view.context = None;
        }
        match action {
            Action::View(action) => self.act_on_view(action),
            Action::Pair(action) => {
                self.snapshots.beat.see(action);
                let edge_secs = self.advance_clock();
                if let PairAction::Song(name) = action {
                    self.take_snapshots_along(name);
                }
                apply_to_pair(action, &mut self.session, &mut self.view, edge_secs);
                self.view.follow_song_position(&self.session);
                self.hold_sound();
            }
            Action::Shelf(action) => self.act_on_shelf(action),
            Action::Window(action) => self.act_on_window(event_loop, action),
        }
    }

    fn act_on_view(&mut self, action: &ViewAction) {
        // A snapshot cannot go on: what goes on is the live mix behind it.
        let is_kept = self.session.pair.mix.recalled_name().is_some();
        if is_kept && self.view.frozen.is_some() && *action == ViewAction::ToggleFreeze {
            return self.back_to_live();
        }
        let edge_secs = self.advance_clock();
        let was_frozen = self.view.frozen.is_some();
        self.view.apply(action, &mut self.session, edge_secs);
        if matches!(action, ViewAction::GoTo(_)) && self.view.frozen.is_some() && !was_frozen {
            self.say("the picture stands still to show it · Space goes on".to_owned());
        }
        if let Some((_, at)) = &mut self.view.context {
            *at = at.or(self.mouse.at);
        }
        self.follow_settings();
        self.hold_sound();
        self.read_pages_for(action);
        if matches!(action, ViewAction::MatchBasis(_)) {
            self.say_match(edge_secs);
        }
    }

    /// What the reference is matched by now: of an aligned song several bases are the same gain.
    fn say_match(&mut self, edge_secs: f64) {
        let basis = self.view.looks.match_basis.name();
        let scene = self.scene([1280, 720], 1.0, edge_secs);
        self.say(format!("match basis {basis}: {}", match_words(&scene)));
    }

    fn act_on_shelf(&mut self, action: &ShelfAction) {
        match action {
            ShelfAction::Snapshot => self.keep_snapshot(),
            ShelfAction::Recall(called) => self.recall(called, RecallAs::Reference),
            ShelfAction::RecallMix(called) => self.recall(called, RecallAs::Mix),
            ShelfAction::Reopen(called) => self.recall(called, RecallAs::Picture),
            ShelfAction::BackToLive => self.back_to_live(),
            ShelfAction::RenameSnapshot(path, text) | ShelfAction::NoteSnapshot(path, text)
                if path.as_os_str().is_empty() && text.is_empty() =>
            {
                self.view.drawer = Some(Drawer::Snapshots);
                self.read_pages_for(&ViewAction::ToggleDrawer(Drawer::Snapshots));
            }
            ShelfAction::RenameSnapshot(path, name) => {
                self.edit_snapshot(path, Edit::Name(name.clone()))
            }
            ShelfAction::NoteSnapshot(path, note) => {
                self.edit_snapshot(path, Edit::Note(note.clone()))
            }
            ShelfAction::DeleteSnapshot(path) => self.delete_snapshot(path),
            ShelfAction::UndeleteSnapshot => self.undelete_snapshot(),
        }
    }

    fn act_on_window(&mut self, event_loop: &ActiveEventLoop, action: &WindowAction) {
        match action {
            WindowAction::Quit => event_loop.exit(),
            WindowAction::ToggleFullscreen => self.set_fullscreen(event_loop, None),
            WindowAction::Escape => self.escape(event_loop),
            WindowAction::NextMonitor => self.next_monitor(event_loop),
            WindowAction::OpenReference => self.ask_for_files(),
            WindowAction::Open(path) => {
                self.session.typed.offered.clear();
                self.open_files(vec![path.clone()]);
            }
            WindowAction::TypePath(text) => self.type_path(text),
            WindowAction::Report => self.report(),
            WindowAction::Export => self.export(),
            WindowAction::Screenshot(kind) => self.screenshot(*kind),
            WindowAction::ToggleAlwaysOnTop => self.toggle_always_on_top(),
        }
    }

    /// Closes the topmost thing over the picture; with nothing there, leaves full screen.
    fn escape(&mut self, event_loop: &ActiveEventLoop) {
        if self.view.context.is_some() {
            self.view.context = None;
        } else if self.view.help {
            self.view.help = false;
        } else if self.view.drawer.is_some() {
            self.view.drawer = None;
        } else if self.view.mark.mark().is_some() {
            self.view.mark.set(None);
        } else if self.view.has_placed_crosshair() {
            self.view.pointer = None;
        } else {
            self.set_fullscreen(event_loop, Some(false));
        }
    }

    /// Whether a key is for the open drawer or menu: all of them while something is written there; those that walk through
    /// it or press a button while one has the focus.
    pub(super) fn is_for_drawer(&self, event: &KeyEvent) -> bool {
        let Some(ctx) = self.screen.as_ref().map(Screen::chrome) else {
            return false;
        };
        let is_escape = event.logical_key == Key::Named(NamedKey::Escape);
        let walks = matches!(
            event.logical_key,
            Key::Named(
                NamedKey::Tab
                    | NamedKey::ArrowUp
                    | NamedKey::ArrowDown
                    | NamedKey::Home
                    | NamedKey::End
            )
        );
        let pages = matches!(
            event.logical_key,
            Key::Named(NamedKey::PageUp | NamedKey::PageDown)
        );
        let presses = matches!(
            event.logical_key,
            Key::Named(NamedKey::Space | NamedKey::Enter)
        );
        let has_focus = ctx.memory(|memory| memory.focused().is_some());
        // A slider goes left and right; all other keys stay actions while no text is written.
        let steps = matches!(
            event.logical_key,
            Key::Named(NamedKey::ArrowLeft | NamedKey::ArrowRight)
        );
        let is_open = self.view.drawer.is_some() || self.view.context.is_some();
        is_open
            && !is_escape
            && (ctx.text_edit_focused()
                || walks
                || (pages && self.view.drawer.is_some())
                || ((presses || steps) && has_focus))
    }

    /// A key without a modifier; held down, only those that go step by step act again.
    pub(super) fn on_key(&mut self, event_loop: &ActiveEventLoop, event: &KeyEvent) {
        let is_plain = !self.modifiers.alt_key() && !self.modifiers.super_key();
        let with_ctrl = self.modifiers.control_key();
        let steps = crosshair_of(&event.logical_key)
            .filter(|_| !with_ctrl && self.view.has_placed_crosshair())
            .map(|step| ViewAction::Crosshair(step).into());
        let asked = steps.or_else(|| action_of(&event.logical_key, with_ctrl));
        let Some(mut action) = asked.filter(|_| is_plain) else {
            return;
        };
        // What is undone is what was done there.
        let undeletes = action == Action::Pair(PairAction::UndoReset)
            && self.view.drawer == Some(Drawer::Snapshots)
            && self.session.deleted.is_some();
        if undeletes {
            action = Action::Shelf(ShelfAction::UndeleteSnapshot);
        }
        let is_safe = undeletes
            || matches!(
                event.logical_key,
                Key::Named(NamedKey::Escape | NamedKey::F1 | NamedKey::F11)
            );
        // A letter that misses a field would do what nobody meant.
        if let Some(drawer) = self
            .view
            .drawer
            .filter(|drawer| drawer.has_fields() && !is_safe)
        {
            let title = drawer.title().to_lowercase();
            self.say(format!(
                "keys rest while {title} are open · Esc closes them"
            ));
            return;
        }
        let repeats = matches!(
            action,
            Action::Pair(PairAction::NudgeAlignment(_))
                | Action::View(
                    ViewAction::ZoomTime(_)
                        | ViewAction::Crosshair(
                            Crosshair::Up | Crosshair::Down | Crosshair::Left | Crosshair::Right
                        )
                )
        );
        if !event.repeat || repeats {
            self.act(event_loop, &action);
        }
    }
}
