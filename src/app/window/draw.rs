//! A picture of the window: its scene, and how it is drawn.

use std::sync::Arc;
use std::time::{Duration, Instant};

use winit::event_loop::ActiveEventLoop;

use crate::app::listening::listening_words;
use crate::app::pace::IDLE;
use crate::app::screen::{Canvas, Screen};
use crate::app::still::still_of;
use crate::app::upload::hold;
use crate::app::view_state::moment;
use crate::app::watchdog::Stage;
use crate::app::window::state::App;
use crate::session::action::Drawer;
use crate::view::build::{PictureRequest, scene_after};
use crate::view::context_items::{context_amid, context_at};
use crate::view::scene::{Scene, Status};

/// The picture ends this much before the newest frame: half a short window, what columns in the making lack.
const EDGE_SECS: f64 = 0.022;

impl App {
    pub(super) fn draw(&mut self, event_loop: &ActiveEventLoop) {
        self.watchdog.at(self.drawing_stage());
        let Some(screen) = &mut self.screen else {
            return;
        };
        let frame = match screen.canvas() {
            Canvas::Ready(frame) => frame,
            Canvas::Skipped => return self.poll_session(),
            Canvas::Lost => return self.lose_screen(event_loop),
        };
        let begun = Instant::now();
        let Some(scene) = self.next_scene() else {
            return;
        };
        hold(&mut self.session.pair, &scene);
        self.session.pair.companions.let_rest(false);
        self.session.pair.want_on_grid(scene.wants_on_grid.as_ref());
        if self.session.pair.on_grid.is_making() {
            // What is made for this picture is shown in one of the next.
            self.pace.touch();
        }
        self.mouse.saw(&scene);
        let help = self.help();
        self.watchdog.at(self.drawing_stage());
        let Some(screen) = &mut self.screen else {
            return;
        };
        let moment = moment(&self.session, &self.view);
        let histories = self.session.pair.histories();
        let Some(shown) = screen.draw(frame, &histories, moment, &scene, help) else {
            return self.lose_screen(event_loop);
        };
        let painted = &shown.painted;
        screen.finish(painted);
        self.count_frame(begun, shown.submitted_at);
        let may_stand = self.pace.is_slow && painted.repaint_after > IDLE;
        self.still = may_stand.then(|| Box::new(still_of(&scene, self.is_empty(begun))));
        for action in painted.actions.clone() {
            self.act(event_loop, &action);
        }
    }

    /// The first picture makes the driver translate the shaders, which takes as long as it must.
    fn drawing_stage(&self) -> Stage {
        if self.pace.has_drawn() {
            Stage::Drawing
        } else {
            Stage::Waiting
        }
    }

    /// Histories are in memory, so a new screen shows all of it again.
    fn lose_screen(&mut self, event_loop: &ActiveEventLoop) {
        // A window has one swapchain: the old one goes first.
        if let Some(mut screen) = self.screen.take() {
            let window = Arc::clone(&screen.window);
            let assistive = screen.take_assistive();
            drop(screen);
            self.reopen_screen(event_loop, window, assistive);
        }
    }

    /// Whether the next picture would look as the one on the screen.
    pub(super) fn stands_still(&mut self, now: Instant) -> bool {
        if !self.pace.is_slow || self.still.is_none() {
            return false;
        }
        let is_empty = self.is_empty(now);
        let Some(scene) = self.next_scene() else {
            return false;
        };
        let is_same = self.still.as_deref() == Some(&still_of(&scene, is_empty));
        if is_same {
            self.pace.stands_since.get_or_insert(now);
            self.session.pair.companions.let_rest(is_empty);
        }
        is_same
    }

    /// Whether all sound has moved out of the live picture, and nobody hears what lies beside it: another input, or a record
    /// that is listened to.
    fn is_empty(&self, now: Instant) -> bool {
        let since = self.pace.audible_at.map(|at| now.duration_since(at));
        let span_secs = self.view.looks.span_secs + 1.0;
        let pair = &self.session.pair;
        let is_live = pair.mix.live().is_some() && self.view.frozen.is_none();
        let is_heard = pair.references.input().is_some() || pair.listen.state().is_some();
        is_live && !is_heard && since.is_none_or(|since| since.as_secs_f64() > span_secs)
    }

    /// The scene of the next picture, of what there is by now; none without a screen.
    fn next_scene(&mut self) -> Option<Scene> {
        self.watchdog.at(Stage::Polling);
        self.poll_session();
        self.view.follow_song_position(&self.session);
        self.look_for_findings();
        let size = self.screen.as_ref().map(Screen::size)?;
        let scale = self
            .screen
            .as_ref()
            .map_or(1.0, |screen| screen.scale() as f32);
        self.watchdog.at(Stage::Scene);
        if let Some(words) = self.view.fit_scales(&self.session) {
            self.say(words);
        }
        if let Some(frozen) = &mut self.view.frozen {
            frozen.keep_to(&self.session);
        }
        if let Some(words) = self.view.go_to_common(&self.session) {
            self.say(words);
        }
        let edge = self.advance_clock();
        let edge = self.stepped(edge);
        let mut mark = std::mem::take(&mut self.view.mark);
        let frozen = self.view.frozen.as_ref();
        let until_secs = frozen.map_or(f64::INFINITY, |frozen| frozen.at_secs);
        mark.measure(
            &self.session,
            (moment(&self.session, &self.view).beside, until_secs),
            &self.view.looks,
        );
        self.view.mark = mark;
        let mut scene = self.scene_beside(self.view.drawer, size, scale, edge);
        scene.context = self.view.context.map(|(about, at)| match at {
            Some(at) => context_at(about, at, &scene),
            None => context_amid(about, &scene),
        });
        Some(scene)
    }

    /// Time at the right edge of a live picture: of the mix, or of its song.
    pub(super) fn advance_clock(&mut self) -> f64 {
        let mix = &self.session.pair.mix;
        let Some(history) = mix.history() else {
            return 0.0;
        };
        let published_at = mix.live().and_then(|live| live.published_at);
        let age = published_at.map_or(Duration::ZERO, |published| published.elapsed());
        let stopped = mix.has_ended() || age > IDLE;
        let end_secs = history.end_secs();
        let now = self.clock.advance(Instant::now(), end_secs, age, stopped);
        match mix.shown_song() {
            Some(song) => song.page_edge_secs(self.view.looks.span_secs),
            None => (now - EDGE_SECS).max(0.0),
        }
    }

    /// The scene of a picture that is saved: without a drawer.
    pub(super) fn scene(&self, size: [u32; 2], scale: f32, live_edge: f64) -> Scene {
        self.scene_beside(None, size, scale, live_edge)
    }

    fn scene_beside(
        &self,
        drawer: Option<Drawer>,
        size: [u32; 2],
        scale: f32,
        live_edge: f64,
    ) -> Scene {
        let mix = self.session.pair.mix.history();
        let frozen = self.view.frozen.as_ref();
        let edge = frozen.map_or(live_edge, |frozen| frozen.edge_secs);
        let moment = moment(&self.session, &self.view);
        let request = PictureRequest {
            size,
            scale,
            right_edge_secs: edge,
            frozen_behind_secs: frozen.map(|_| live_edge - edge),
            frozen_at_secs: frozen.map(|frozen| frozen.figures_secs(&self.session)),
            drawer,
            frequency: self.view.frequency,
            status: Status {
                lost_frames: mix.map_or(0, |mix| mix.meters.lost_frames),
                lost_secs: mix.map_or(0.0, |mix| mix.lost_secs()),
                gaps: mix.map_or(0, |mix| mix.meters.gaps),
                fps: self.pace.counted.fps,
                latency_ms: self.pace.counted.latency_ms,
                gpu: self
                    .screen
                    .as_ref()
                    .map(|screen| screen.gpu.name.clone())
                    .unwrap_or_default(),
                listening: self
                    .session
                    .pair
                    .listen
                    .state()
                    .as_ref()
                    .map_or_else(String::new, listening_words),
                stopped: self.casualties.stopped.clone(),
                toast: self.toast.as_ref().map(|(words, _)| words.clone()),
            },
        };
        let looks = &self.view.looks;
        let mut scene = scene_after(&self.session, moment, looks, request, &self.view.last);
        self.view.mark.show(&mut scene);
        scene.cursor = self.crosshair(&scene);
        scene
    }
}
