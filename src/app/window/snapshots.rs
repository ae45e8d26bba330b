//! S keeps the scene of the window; a recalled one stands beside the live mix or in its place.

use crate::analysis::tap::{Recent, Tap};
use crate::app::frozen::Frozen;
use crate::app::reply::Reply;
use crate::app::snapshots::{BeingKept, looks_of, settings_json};
use crate::app::thumbnail::thumbnail_png;
use crate::app::view_state::moment;
use crate::app::window::state::App;
use crate::audio::threads;
use crate::session::action::{Drawer, ViewAction};
use crate::session::references::{MOST_REFERENCES, Reference};
use crate::session::sides::history::History;
use crate::session::snapshots::journal::Page;
use crate::session::snapshots::keep::{Keeping, Visible};
use crate::session::snapshots::shelf_worker::{
    Done, DrawThumbnail, Edit, RecallAs, ShelfNews, SoundSource,
};
use crate::session::snapshots::{Snapshot, is_snapshot};
use crate::view::scene::Looks;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// Time of a picture that may go into copying what is kept, a piece at least.
const KEEPING_A_FRAME: Duration = Duration::from_millis(2);

/// Tells whoever asked what came of a task of the shelf.
fn tells(reply: Reply) -> Done {
    Box::new(|result| reply.give(result.map(|()| String::new())))
}

/// Draws small pictures in some looks, wherever it is called.
fn thumbnails_of(looks: &Looks) -> DrawThumbnail {
    let looks = looks.clone();
    Box::new(move |snapshot| thumbnail_png(snapshot, &looks))
}

impl App {
    /// Begins to keep what is shown.
    pub(super) fn keep_snapshot(&mut self) {
        let looks = &self.view.looks;
        let again = self.snapshots.desk.save_again(|| thumbnails_of(looks));
        if let Err(why) = again {
            return self.refuse(why.to_owned());
        }
        if self.snapshots.keeping.is_some() {
            return self.asked.refuse("one is being kept already");
        }
        if let Err(why) = self.snapshots.desk.has_room(0) {
            return self.refuse(why);
        }
        let Some(size) = self.screen.as_ref().map(|screen| screen.size()) else {
            return self.refuse("no snapshot: the window is not open".to_owned());
        };
        let Some((keeping, tap)) = self.over_time(|app| app.begin_keeping(size)) else {
            return self.refuse("no snapshot: there is no mix to keep".to_owned());
        };
        let sound = SoundSource {
            tap,
            held: self.snapshots.held.clone(),
            secs: self.session.settings.snapshot_sound_secs,
        };
        self.say(match self.view.frozen {
            Some(_) => "keeping a snapshot of the picture that stands still …".to_owned(),
            None => "keeping a snapshot …".to_owned(),
        });
        self.snapshots.keeping = Some(BeingKept {
            keeping,
            looks: self.view.looks.clone(),
            sound,
            reply: self.asked.take(),
        });
    }

    /// Does something with the picture as it lies over time: what is kept is what was heard, and its sound with it.
    pub(super) fn over_time<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        if self.session.pair.mix.shown_song().is_none() {
            return work(self);
        }
        let frozen = self.view.frozen.take();
        let mark = std::mem::take(&mut self.view.mark);
        self.session.pair.show_songs(false);
        let done = work(self);
        self.session.pair.show_songs(true);
        (self.view.frozen, self.view.mark) = (frozen, mark);
        done
    }

    /// Takes what is shown, and the sound that goes with it; none where there is no mix.
    fn begin_keeping(&mut self, size: [u32; 2]) -> Option<(Keeping, Arc<Tap>)> {
        let edge = self.advance_clock();
        let scene = self.scene(size, 1.0, edge);
        let visible = Visible {
            right_edge_secs: scene.right_edge_secs,
            span_secs: scene.looks.span_secs,
            tiers: [scene.sides[0].clock.tier, scene.sides[1].clock.tier],
            finest_tier: 0,
            match_gain_db: scene.match_gain_db,
            settings: settings_json(&self.view.looks, self.view.frequency),
        };
        let moment = moment(&self.session, &self.view);
        let keeping = Keeping::begin(&self.session.pair, moment.mix, moment.beside, visible);
        let mix = self.session.pair.mix.history();
        keeping.zip(mix.map(History::tap))
    }

    /// Copies a piece of what is kept; called once a frame.
    pub(super) fn keep_on(&mut self) {
        self.autosave();
        let begin = Instant::now();
        while let Some(kept) = &mut self.snapshots.keeping {
            if kept.keeping.step(&self.session.pair) {
                self.hand_over();
            }
            // Few pictures a second are no reason to have somebody wait for seconds.
            if begin.elapsed() >= KEEPING_A_FRAME {
                break;
            }
        }
    }

    /// Hands what was kept to the thread of the shelf.
    pub(super) fn hand_over(&mut self) {
        let Some(kept) = self.snapshots.keeping.take() else {
            return;
        };
        let snapshot = kept.keeping.finish(&self.session.pair);
        let sound = Some(kept.sound).filter(|sound| sound.secs > 0.0);
        let saved = self.snapshots.desk.save(
            snapshot,
            sound,
            thumbnails_of(&kept.looks),
            kept.reply.map(tells),
        );
        if let Err(why) = saved {
            self.say(why.to_owned());
        }
    }

    /// Looks for a snapshot of the shelf to show.
    pub(super) fn recall(&mut self, called: &str, place: RecallAs) {
        let done = self.asked.take().map(tells);
        if !self.snapshots.desk.recall(called, place, done) {
            self.say("snapshots cannot be read: start Abscope again".to_owned());
        }
    }

    /// Shows the snapshots that the command line names, or the one that stood in the place of the mix when the window
    /// was closed.
    pub(super) fn show_at_start(
        &mut self,
        files: &[PathBuf],
        stood_as_mix: Option<(String, RecallAs)>,
    ) {
        let named: Vec<_> = files.iter().filter(|path| is_snapshot(path)).collect();
        if let (Some((name, place)), true) = (stood_as_mix, named.is_empty()) {
            self.recall(&name, place);
        }
        for path in named {
            self.show_file(path.clone());
        }
    }

    /// Shows a snapshot of a file that a person opened.
    pub(super) fn show_file(&mut self, path: PathBuf) {
        if !self.snapshots.desk.show(path) {
            self.say("snapshots cannot be read: start Abscope again".to_owned());
        }
    }

    pub(super) fn on_shelf_news(&mut self, news: ShelfNews) {
        let news = match self.snapshots.desk.take(news) {
            Ok((words, has_changed)) => {
                self.say(words);
                if has_changed {
                    self.read_pages();
                }
                return;
            }
            Err(news) => news,
        };
        match news {
            // Taken above.
            ShelfNews::Saved { .. } | ShelfNews::NotSaved { .. } => {}
            ShelfNews::Found { name, path } => self.show_as_reference(name, &path),
            ShelfNews::Read { snapshot, place } => self.show_recalled(&snapshot, place),
            ShelfNews::NotRead(why) => self.say(why),
            ShelfNews::Pages {
                pages,
                deleted,
                said,
                ..
            } => {
                self.session.pages = pages;
                self.session.deleted = deleted;
                if let Some(words) = said {
                    self.say(words);
                }
            }
        }
    }

    /// Reads the shelf for a drawer that has just been opened.
    pub(super) fn read_pages_for(&mut self, action: &ViewAction) {
        let opens = |drawer| *action == ViewAction::ToggleDrawer(drawer);
        if (opens(Drawer::Snapshots) || opens(Drawer::Journal)) && self.view.drawer.is_some() {
            self.read_pages();
        }
    }

    pub(super) fn read_pages(&mut self) {
        self.snapshots.desk.read_pages();
    }

    /// A song that nobody had named gets its name: the snapshots that were taken of it since the window opened are of it.
    pub(super) fn take_snapshots_along(&mut self, name: &str) {
        let pair = &self.session.pair;
        if !pair.named_song().is_empty() || name.trim().is_empty() {
            return;
        }
        let (unnamed, since) = (pair.song_name(), self.snapshots.since_unix_secs);
        let is_meant =
            |page: &&Arc<Page>| page.facts.song == unnamed && page.facts.created.unix_secs >= since;
        let meant = self.session.pages.pages.iter().filter(is_meant);
        for path in meant.map(|page| page.path.clone()).collect::<Vec<_>>() {
            let edit = Edit::Song(name.to_owned());
            self.snapshots.desk.edit(path, edit, None);
        }
    }

    pub(super) fn edit_snapshot(&mut self, path: &Path, edit: Edit) {
        let done = self.asked.take().map(tells);
        self.snapshots.desk.edit(path.to_owned(), edit, done);
    }

    pub(super) fn delete_snapshot(&mut self, path: &Path) {
        let done = self.asked.take().map(tells);
        self.snapshots.desk.delete(path.to_owned(), done);
    }

    pub(super) fn undelete_snapshot(&mut self) {
        let done = self.asked.take().map(tells);
        self.snapshots.desk.undelete(done);
    }

    fn show_as_reference(&mut self, name: String, path: &Path) {
        let known = self.session.pair.references.shelf().index_of(path);
        if let Some(index) = known {
            self.session.pair.references.activate(index);
            self.say(format!("B is the snapshot {name}"));
            return;
        }
        if self.session.pair.references.is_full() {
            self.say(format!(
                "{name} was not loaded: {MOST_REFERENCES} references are open"
            ));
            return;
        }
        let reference = Reference::from_snapshot(name.clone(), path);
        match self.session.pair.references.add(reference) {
            Ok(()) => self.say(format!("B is the snapshot {name}")),
            Err(why) => self.say(why),
        }
    }

    fn show_recalled(&mut self, snapshot: &Snapshot, place: RecallAs) {
        // What is being kept is of the mix that leaves now.
        self.hand_over();
        let edge = snapshot.edge_secs();
        if place == RecallAs::Picture {
            self.session.pair.reopen(snapshot);
            self.view.follow_song_position(&self.session);
            let kept = looks_of(snapshot, &self.view.looks);
            self.view.enter_picture(kept, &self.session.settings);
            self.view.frozen = Some(Frozen::of(&self.session, edge));
        } else {
            self.session.pair.recall_mix(snapshot);
            self.view.follow_song_position(&self.session);
            self.view.leave_picture(&self.session.settings);
            let mut frozen = Frozen::of(&self.session, edge);
            // The mix stands still; what lies beside it is still to be found.
            frozen.beside = None;
            self.view.frozen = Some(frozen);
        }
        self.view.mark.set(None);
        self.snapshots.held = None;
        let name = &snapshot.facts.name;
        self.say(format!(
            "A is the snapshot {name}; menu: back to the live mix"
        ));
    }

    pub(super) fn back_to_live(&mut self) {
        self.hand_over();
        if !self.session.pair.back_to_live() {
            self.say("the mix is live".to_owned());
            return;
        }
        self.view.frozen = None;
        self.view.mark.set(None);
        self.snapshots.held = None;
        self.view.leave_picture(&self.session.settings);
        self.say("the mix is live again".to_owned());
    }

    /// Holds the sound of a picture that was just frozen, for the tap forgets it while somebody looks. Copying takes
    /// some milliseconds, so it happens beside the picture.
    pub(super) fn hold_sound(&mut self) {
        let mix = self.session.pair.mix.history();
        let Some(tap) = mix
            .filter(|_| self.view.frozen.is_some())
            .map(|mix| mix.tap())
        else {
            self.snapshots.held = None;
            return;
        };
        if self.snapshots.held.is_some() || self.session.pair.mix.recalled_name().is_some() {
            return;
        }
        let held = Arc::new(OnceLock::new());
        let filled = Arc::clone(&held);
        let copying = threads::spawn("held sound", move || {
            let mut recent = Recent::default();
            tap.copy(usize::MAX, &mut recent);
            // It is new: nobody else fills it.
            let _ = filled.set(recent);
        });
        // Without it, the sound of a snapshot is what the tap still has.
        self.snapshots.held = copying.is_ok().then_some(held);
    }

    /// Files dropped on the window or chosen: a snapshot is shown as it was, all else is a reference.
    pub(super) fn open_files(&mut self, paths: Vec<PathBuf>) {
        let (snapshots, others): (Vec<_>, Vec<_>) =
            paths.into_iter().partition(|path| is_snapshot(path));
        for path in snapshots {
            self.session.typed.text.clear();
            self.show_file(path);
        }
        if !others.is_empty() {
            self.take_paths(others);
        }
    }
}
