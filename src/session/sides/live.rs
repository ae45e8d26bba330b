//! A side that hears an input: capture and analysis run on threads of their own, and what they make is taken here.

use std::sync::Arc;
use std::time::Instant;

use crate::analysis::column::TierColumn;
use crate::analysis::live::{LiveAnalysis, Resumed};
use crate::analysis::tap::Tap;
use crate::audio::frames::StreamFormat;
use crate::audio::wall_clock::wall_clock;
use crate::session::sides::absence::absence;
use crate::session::sides::history::{History, TAP_SECS};
use crate::session::sides::input::{InputKeeper, InputState, InputWish, OpenInput};
use crate::session::sides::song_side::{SongSide, Taken};

/// An input with all that it was heard to say.
pub struct LiveSide {
    /// What was heard.
    pub history: History,
    /// What is known of the input.
    pub input: InputState,
    /// Whether the input has ended.
    pub has_ended: bool,
    /// When the newest frames shown were taken from the capture ring.
    pub published_at: Option<Instant>,
    /// Seconds since the input was opened, while it has given no sound at all; none once it has.
    pub unheard_secs: Option<f64>,
    /// Its song as it now stands, of a DAW that tells where it plays.
    pub song: Option<SongSide>,
    /// The song before it was begun anew, which goes on as long as that can be undone.
    song_before: Option<SongSide>,
    news: Vec<String>,
    /// Whether somebody is told of sound.
    tells_of_sound: bool,
    // Closed before the analysis that hears it.
    keeper: InputKeeper,
    analysis: LiveAnalysis,
}

impl LiveSide {
    /// On an open input: starts its threads. Fails only where none can be made.
    pub fn open(wish: InputWish, mut input: OpenInput) -> std::io::Result<Self> {
        let reader = input
            .take_reader()
            .ok_or_else(|| std::io::Error::other("the input's ring is already taken"))?;
        let tap = Arc::new(Tap::new(reader.format().sample_rate_hz, TAP_SECS));
        let analysis = LiveAnalysis::spawn_in_real_time(reader, Arc::clone(&tap), wall_clock())?;
        let history = History::new(
            input.name.clone(),
            analysis.format(),
            analysis.hop_frames(),
            tap,
        );
        let keeper = InputKeeper::spawn(wish, input, analysis.connector())?;
        Ok(Self {
            history,
            input: keeper.state(),
            has_ended: false,
            published_at: None,
            unheard_secs: None,
            song: None,
            song_before: None,
            news: vec![],
            tells_of_sound: false,
            keeper,
            analysis,
        })
    }

    /// Whether it comes from a device, whose name says nothing about what it plays.
    pub fn is_device(&self) -> bool {
        matches!(self.input.wish, InputWish::Device(_))
    }

    /// Id of the device, and whether it hears what an output plays; `None` for what is no device.
    pub fn input_id(&self) -> Option<(String, bool)> {
        let info = self.input.info.as_ref()?;
        Some((info.id.clone(), info.is_monitor))
    }

    /// Why the input does not deliver, if it does not: one line.
    pub fn lost_reason(&self) -> Option<String> {
        let stopped = || {
            let name = &self.input.name;
            let words = format!("{name}: the analysis has stopped; start Abscope again");
            self.analysis.has_stopped().then_some(words)
        };
        self.input.away.clone().or_else(stopped)
    }

    /// Hears another input from now on; what was heard stays, with a gap between.
    pub fn select_input(&mut self, wish: InputWish) {
        self.keeper.select(wish);
    }

    /// Takes what a person should hear of since the last call, a line each.
    pub fn news(&mut self) -> impl Iterator<Item = String> + '_ {
        self.news.drain(..)
    }

    /// Has somebody told whenever something sounds again after a quiet, unless somebody is already.
    pub fn tell_of_sound<T: Fn() + Send + 'static>(&mut self, teller: impl FnOnce() -> T) {
        if !std::mem::replace(&mut self.tells_of_sound, true) {
            self.analysis.tell_of_sound(teller());
        }
    }

    /// Takes what the threads have made since the last call. Never waits.
    pub fn poll(&mut self) {
        let history = &mut self.history;
        // The frame first: the columns it builds on went through the ring before it, so they are taken behind it. Taken
        // before, a column could be in neither, and the right edge would blink.
        let latest = self.analysis.latest();
        let before = history.meters.format;
        if self.published_at != Some(latest.published_at) {
            std::mem::swap(&mut history.meters, &mut latest.meters);
            std::mem::swap(&mut history.columns.provisional, &mut latest.provisional);
            self.published_at = Some(latest.published_at);
            self.has_ended = latest.has_ended;
        }
        let sounded_at = latest.has_sounded.then_some(latest.published_at);
        let mut taken = Taken::default();
        for TierColumn { tier, column } in self.analysis.columns() {
            let bins = Arc::new(column.bins);
            if tier == 0 {
                taken.columns.push((column.index, Arc::clone(&bins)));
            }
            history.columns.push_shared(tier.into(), column.index, bins);
        }
        for (point, tenth) in self.analysis.loudness_points() {
            taken.tenths.push((history.loudness.len(), point, tenth));
            history.loudness.push(point);
        }
        // Behind what was heard: what is told of a frame is sent before it.
        for place in self.analysis.song_places() {
            taken.places.push(place);
            history.song.note(place);
        }
        let state = self.keeper.state();
        history.name.clone_from(&state.name);
        self.news.extend(self.keeper.news());
        for resumed in self.analysis.resumed() {
            let from_secs = resumed.at_secs - resumed.missing_secs;
            history.absences.push([from_secs, resumed.at_secs]);
            self.news.push(resumption(&state, before, &resumed));
        }
        let has_sounded = sounded_at.is_some_and(|at| at > state.since);
        self.unheard_secs = (!has_sounded).then(|| state.since.elapsed().as_secs_f64());
        if state.wish != self.input.wish {
            // Another track or input has another song.
            self.song_before = None;
            if self.song.take().is_some_and(|song| song.is_shown) {
                let words = "over time again: another input has a song of its own";
                self.news.push(words.to_owned());
            }
        }
        self.input = state;
        self.follow_song(taken);
    }

    /// Lays what was heard over song position, where a DAW tells of it.
    fn follow_song(&mut self, taken: Taken) {
        if self.song.is_none() {
            self.song = SongSide::begin(&self.history);
        }
        if let Some(before) = &mut self.song_before {
            before.poll(taken.clone());
        }
        if let Some(song) = &mut self.song {
            song.poll(taken);
            song.note_now(&self.history);
            if song.is_shown {
                song.history.name.clone_from(&self.history.name);
                song.read(&self.history.meters);
            }
        }
    }

    /// Begins the song anew, as if nothing of it had been played yet.
    pub fn begin_song_anew(&mut self) {
        let Some(mut song) = SongSide::anew(&self.history) else {
            return;
        };
        let epoch = self.song.as_ref().map_or(0, |song| song.epoch);
        (song.is_shown, song.epoch) = (true, epoch + 1);
        self.song_before = self.song.replace(song);
    }

    /// The song as if it had not been begun anew the last time; false where it was not.
    pub fn undo_song_anew(&mut self) -> bool {
        let Some(mut before) = self.song_before.take() else {
            return false;
        };
        let epoch = self.song.as_ref().map_or(0, |song| song.epoch);
        (before.is_shown, before.epoch) = (true, epoch + 1);
        self.song = Some(before);
        true
    }

    /// Starts integrated loudness, range, maxima and curves anew.
    pub fn reset_measurement(&mut self) {
        self.history.begin_measuring();
        self.analysis.reset_measurement();
    }

    /// Measures on as if it had not been reset the last time; false where there is nothing to go back to.
    pub fn undo_reset(&mut self) -> bool {
        let is_undone = self.history.undo_reset();
        if is_undone {
            self.analysis.undo_reset();
        }
        is_undone
    }
}

/// What to say when the stream goes on after an absence.
fn resumption(input: &InputState, before: StreamFormat, resumed: &Resumed) -> String {
    let missing = absence(resumed.missing_secs);
    let mut words = if resumed.is_new_input {
        let gap = match resumed.missing_secs {
            ..0.05 => String::new(),
            _ => format!("; {missing} missing"),
        };
        format!("{} {}{gap}", input.name, input.came)
    } else {
        format!("{missing} missing: the input paused, or the computer slept")
    };
    if resumed.format.sample_rate_hz != before.sample_rate_hz {
        let rate_khz = f64::from(resumed.format.sample_rate_hz) / 1000.0;
        words += &format!("; it runs at {rate_khz} kHz now");
    }
    words
}
