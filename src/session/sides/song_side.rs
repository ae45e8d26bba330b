//! The song of a live mix beside what is heard: a thread lays what comes over song position, and what it has written is
//! taken here, as a history like any other.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use crate::analysis::column::NUM_TIERS;
use crate::analysis::meters::Meters;
use crate::analysis::song_clock::SongPlace;
use crate::analysis::summary::LevelSummary;
use crate::audio::threads;
use crate::dsp::loudness::{LoudnessPoint, Tenth};
use crate::session::background;
use crate::session::sides::columns::{Bins, MixColumns};
use crate::session::sides::history::History;
use crate::session::sides::loudness_history::LoudnessHistory;
use crate::session::sides::song_runs::SongRuns;
use crate::session::sides::song_tape::{LONGEST_SONG_SECS, SongFigures, SongTape, Written};

/// What the song reads is worked out this often, and what is still to be made of columns is made.
const FIGURES_EVERY: Duration = Duration::from_millis(250);
/// What was written in the picture is drawn anew for so long.
const SETTLES_AFTER: Duration = Duration::from_secs(1);

/// What was heard since the last time.
#[derive(Clone, Debug, Default)]
pub(super) struct Taken {
    /// Where the song was found to be.
    pub places: Vec<SongPlace>,
    /// Columns of the finest tier, by their index.
    pub columns: Vec<(u64, Bins)>,
    /// Points by their number, each with its tenth of a second.
    pub tenths: Vec<(usize, LoudnessPoint, Tenth)>,
}

impl Taken {
    fn is_empty(&self) -> bool {
        self.places.is_empty() && self.columns.is_empty() && self.tenths.is_empty()
    }
}

/// What the thread is told.
enum Told {
    Heard(Taken),
    /// All is asked for, for what was written meanwhile was not taken.
    All,
}

/// What the thread has made.
enum Made {
    Written(Written, SongRuns),
    Figures(Box<SongFigures>),
    All(Box<(MixColumns, LoudnessHistory)>),
}

/// The song of a mix, as far as it was heard.
pub struct SongSide {
    /// The song as a side remembers it, its time being that of the song.
    pub history: History,
    /// Which stretch of it was played when.
    pub runs: SongRuns,
    /// Whether it is what is shown of the mix.
    pub is_shown: bool,
    /// Counts how often all of it was taken anew.
    pub epoch: u64,
    /// Where in the song the mix was last, in seconds.
    now_secs: Option<f64>,
    /// What was written lately, when, of which tier and from which song time on.
    lately: VecDeque<(Instant, usize, f64)>,
    figures: SongFigures,
    /// A picture of it stands still: what is written meanwhile is asked for later.
    is_held: bool,
    /// Whether something that was written was not taken, and whether all was asked for since.
    missed: [bool; 2],
    told: Sender<Told>,
    made: Receiver<Made>,
}

impl SongSide {
    /// Begins once a DAW tells where it plays; none before, and where no thread can be made.
    pub(super) fn begin(heard: &History) -> Option<Self> {
        heard.song.at(f64::INFINITY)?.offset_secs()?;
        Self::anew(heard)
    }

    /// Begins with nothing played so far, wherever the DAW is; none where no thread can be made.
    pub(super) fn anew(heard: &History) -> Option<Self> {
        let (told, told_out) = channel();
        let (made_in, made) = channel();
        let mut tape = SongTape::new(heard.hop_secs());
        if let Some(place) = heard.song.at(f64::INFINITY) {
            tape.note(*place);
        }
        let thread = background::spawn("song", background::BESIDE, move || {
            run(tape, &told_out, &made_in);
        });
        if let Err(error) = thread {
            tracing::error!("no thread for the song: {error}");
            return None;
        }
        Some(Self {
            history: heard.of_song(),
            runs: SongRuns::default(),
            is_shown: false,
            epoch: 0,
            now_secs: None,
            lately: VecDeque::new(),
            figures: SongFigures::default(),
            is_held: false,
            missed: [false; 2],
            told,
            made,
        })
    }

    /// Whether anything of the song was heard.
    pub fn is_begun(&self) -> bool {
        !self.runs.all().is_empty()
    }

    /// Lets it stand still as it is, or go on.
    pub fn hold(&mut self, is_held: bool) {
        self.is_held = is_held;
    }

    /// Passes on what was heard, and takes what was made of what was before. Never waits.
    pub(super) fn poll(&mut self, taken: Taken) {
        if !taken.is_empty() {
            // The thread lives as long as self; if it ever died, the song stands still and the window says so.
            let _ = self.told.send(Told::Heard(taken));
        }
        let [missed, asked] = &mut self.missed;
        if *missed && !*asked && !self.is_held {
            *asked = self.told.send(Told::All).is_ok();
        }
        while let Ok(made) = self.made.try_recv() {
            self.take(made);
        }
    }

    fn take(&mut self, made: Made) {
        let [missed, asked] = &mut self.missed;
        match made {
            Made::Figures(figures) if !self.is_held => self.figures = *figures,
            Made::Figures(_) => {}
            Made::All(all) => {
                *asked = false;
                // Held again before it came: it is asked for again.
                if !self.is_held {
                    *missed = false;
                    (self.history.columns, self.history.loudness) = *all;
                    self.epoch += 1;
                }
            }
            Made::Written(..) if self.is_held || *missed => *missed = true,
            Made::Written(written, runs) => {
                self.note_written(&written);
                for (tier, index, bins) in written.columns {
                    self.history.columns.place(tier, index, bins);
                }
                for (number, point) in written.points {
                    self.history.loudness.place(number, point);
                }
                self.history.song = runs.timeline();
                self.history.song_end_secs = Some(runs.end_secs());
                self.runs = runs;
            }
        }
    }

    /// Brings its figures up to those of the mix: those of the moment are the mix's, those of the whole the song's.
    pub(super) fn read(&mut self, heard: &Meters) {
        let meters = &mut self.history.meters;
        if self.is_held {
            return;
        }
        meters.clone_from(heard);
        let of_song = &self.figures.reading;
        let loudness = &mut meters.loudness;
        loudness.integrated_lufs = of_song.integrated_lufs;
        loudness.range_lu = of_song.range_lu;
        loudness.max_momentary_lufs = of_song.max_momentary_lufs;
        loudness.max_short_term_lufs = of_song.max_short_term_lufs;
        loudness.measured_secs = of_song.measured_secs;
        meters.true_peak_dbtp = of_song.true_peak_dbtp;
        let peak_and_lufs = of_song.true_peak_dbtp.zip(of_song.integrated_lufs);
        meters.plr_lu = peak_and_lufs.map(|(peak, lufs)| peak - lufs);
        // Those are of all that was heard.
        meters.measured = LevelSummary::default();
        if !self.figures.curves.mean_db.is_empty() {
            meters.curves = Arc::clone(&self.figures.curves);
        }
    }

    /// Notes where in the song the mix is, by what is heard.
    pub(super) fn note_now(&mut self, heard: &History) {
        let end_secs = heard.end_secs();
        let place = heard.song.at(end_secs);
        if let Some(secs) = place.and_then(|place| place.song_secs_at(end_secs)) {
            self.now_secs = Some(secs).filter(|secs| (0.0..LONGEST_SONG_SECS).contains(secs));
        }
    }

    /// Where in the song the mix is, or was last, in seconds; none outside it.
    pub fn now_secs(&self) -> Option<f64> {
        self.now_secs
    }

    /// Song time at the right edge of the page that the song is on, pages being as long as the picture: bars stand still
    /// while the song runs through them, and what lies ahead is seen as it was played last.
    pub fn page_edge_secs(&self, span_secs: f64) -> f64 {
        let now_secs = self.now_secs.unwrap_or_default();
        ((now_secs / span_secs).floor() + 1.0) * span_secs
    }

    /// Song time up to which columns of a tier were not written in the last second; infinite where none were.
    pub fn settled_secs(&self, tier: usize) -> f64 {
        let is_of_now = |at: &Instant| at.elapsed() <= SETTLES_AFTER;
        let lately = self.lately.iter();
        let of_tier = lately.filter(|(at, of, _)| *of == tier && is_of_now(at));
        of_tier.fold(f64::INFINITY, |settled, (.., from)| settled.min(*from))
    }

    fn note_written(&mut self, written: &Written) {
        let is_old = |(at, ..): &(Instant, usize, f64)| at.elapsed() > SETTLES_AFTER;
        while self.lately.front().is_some_and(is_old) {
            self.lately.pop_front();
        }
        for tier in 0..NUM_TIERS {
            let of_tier = written.columns.iter().filter(|(of, ..)| *of == tier);
            if let Some(first) = of_tier.map(|(_, index, _)| *index).min() {
                let from_secs = first.saturating_sub(1) as f64 * self.history.tier_secs(tier);
                self.lately.push_back((Instant::now(), tier, from_secs));
            }
        }
    }
}

/// The thread: ends with who tells it something.
fn run(mut tape: SongTape, told: &Receiver<Told>, made: &Sender<Made>) {
    let (mut is_new, mut told_at) = (false, Instant::now());
    loop {
        let next = match is_new {
            true => told.recv_timeout(FIGURES_EVERY),
            false => told.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        threads::may_break("song");
        let sent = match next {
            Ok(Told::Heard(taken)) => {
                is_new = true;
                made.send(hear(&mut tape, taken))
            }
            Ok(Told::All) => made.send(all(&mut tape)),
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Err(RecvTimeoutError::Disconnected) => return,
        };
        if sent.is_err() {
            return;
        }
        if is_new && told_at.elapsed() >= FIGURES_EVERY {
            (is_new, told_at) = (false, Instant::now());
            let mut written = Written::default();
            tape.settle(&mut written);
            let figures = Box::new(tape.figures());
            let of_columns = made.send(Made::Written(written, tape.runs.clone()));
            if of_columns.and(made.send(Made::Figures(figures))).is_err() {
                return;
            }
        }
    }
}

fn hear(tape: &mut SongTape, taken: Taken) -> Made {
    let mut written = Written::default();
    taken.places.into_iter().for_each(|place| tape.note(place));
    for (index, bins) in &taken.columns {
        tape.hear_column(*index, bins, &mut written);
    }
    for (number, point, tenth) in taken.tenths {
        tape.hear_tenth(number, (point, tenth), &mut written);
    }
    Made::Written(written, tape.runs.clone())
}

/// All of the tape: bins are shared, so it is a list of them.
fn all(tape: &mut SongTape) -> Made {
    tape.settle(&mut Written::default());
    Made::All(Box::new((tape.columns.clone(), tape.loudness.clone())))
}
