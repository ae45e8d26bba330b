//! What stands on side A: what is heard now, or a snapshot in its place while that goes on being heard behind it.

use std::time::Instant;

use crate::session::sides::history::History;
use crate::session::sides::live::LiveSide;
use crate::session::sides::song_side::SongSide;
use crate::session::sides::still::StillSide;

/// What is heard.
pub enum Hearing {
    /// Nothing, and why if it was tried: one line.
    Nothing(Option<String>),
    /// An input, on threads of its own.
    Live(Box<LiveSide>),
    /// Sound that is fed by hand.
    Still(Box<StillSide>),
}

impl Default for Hearing {
    fn default() -> Self {
        Self::Nothing(None)
    }
}

impl From<LiveSide> for Hearing {
    fn from(live: LiveSide) -> Self {
        Self::Live(Box::new(live))
    }
}

impl From<StillSide> for Hearing {
    fn from(still: StillSide) -> Self {
        Self::Still(Box::new(still))
    }
}

impl Hearing {
    /// What was heard.
    pub fn history(&self) -> Option<&History> {
        match self {
            Self::Nothing(_) => None,
            Self::Live(live) => Some(&live.history),
            Self::Still(still) => Some(&still.history),
        }
    }

    /// The same, to hold columns of.
    pub fn history_mut(&mut self) -> Option<&mut History> {
        match self {
            Self::Nothing(_) => None,
            Self::Live(live) => Some(&mut live.history),
            Self::Still(still) => Some(&mut still.history),
        }
    }

    /// The input, if it is one.
    pub fn live(&self) -> Option<&LiveSide> {
        match self {
            Self::Live(live) => Some(live),
            Self::Nothing(_) | Self::Still(_) => None,
        }
    }

    /// The input, to choose another.
    pub fn live_mut(&mut self) -> Option<&mut LiveSide> {
        match self {
            Self::Live(live) => Some(live),
            Self::Nothing(_) | Self::Still(_) => None,
        }
    }

    /// Sound fed by hand, if it is that.
    pub fn still_mut(&mut self) -> Option<&mut StillSide> {
        match self {
            Self::Still(still) => Some(still),
            Self::Nothing(_) | Self::Live(_) => None,
        }
    }

    /// Takes what the threads have made since the last call, and what a person should hear of. Never waits.
    pub fn poll(&mut self, news: &mut Vec<String>) {
        if let Self::Live(live) = self {
            live.poll();
            news.extend(live.news());
        }
    }

    /// Its song, while a picture of it lies over song position.
    pub fn shown_song(&self) -> Option<&SongSide> {
        self.live()?.song.as_ref().filter(|song| song.is_shown)
    }

    /// The same, to let it stand still.
    pub fn shown_song_mut(&mut self) -> Option<&mut SongSide> {
        let song = self.live_mut()?.song.as_mut();
        song.filter(|song| song.is_shown)
    }

    /// Has its song shown in its place, or no longer.
    pub fn show_song(&mut self, is_shown: bool) {
        if let Some(song) = self.live_mut().and_then(|live| live.song.as_mut()) {
            song.is_shown = is_shown;
        }
    }

    /// What a picture is drawn of: the song where that is shown, else what was heard.
    pub fn drawn(&self) -> Option<&History> {
        match self.shown_song() {
            Some(song) => Some(&song.history),
            None => self.history(),
        }
    }

    /// Counts what of it a picture is drawn of: what was heard, or its song.
    pub fn drawn_epoch(&self) -> u64 {
        self.shown_song().map_or(0, |song| song.epoch + 1)
    }

    /// When the newest frames shown were heard; none where nothing is live.
    pub fn published_at(&self) -> Option<Instant> {
        self.live().and_then(|live| live.published_at)
    }

    /// Starts integrated loudness, range, maxima and curves anew.
    pub fn reset_measurement(&mut self) {
        match self {
            Self::Nothing(_) => {}
            Self::Live(live) => live.reset_measurement(),
            Self::Still(still) => still.reset_measurement(),
        }
    }

    /// Measures on as if it had not been reset the last time; false where there is nothing to go back to.
    pub fn undo_reset(&mut self) -> bool {
        match self {
            Self::Nothing(_) => false,
            Self::Live(live) => live.undo_reset(),
            Self::Still(still) => still.undo_reset(),
        }
    }
}

/// A snapshot in the place of what is heard.
struct Recalled {
    name: String,
    history: History,
    /// What goes on being heard behind it.
    behind: Hearing,
}

/// What stands on side A.
enum Stands {
    /// What is heard.
    Heard(Hearing),
    /// A snapshot in its place.
    Recalled(Box<Recalled>),
}

/// Side A.
pub struct Mix {
    stands: Stands,
    generation: u64,
}

impl Default for Mix {
    fn default() -> Self {
        Self::from(Hearing::default())
    }
}

impl<T: Into<Hearing>> From<T> for Mix {
    fn from(heard: T) -> Self {
        Self {
            stands: Stands::Heard(heard.into()),
            generation: 0,
        }
    }
}

impl Mix {
    /// Nothing is heard, and why: one line.
    pub fn failed(why: String) -> Self {
        Self::from(Hearing::Nothing(Some(why)))
    }

    /// What is heard, or a snapshot in its place, over the time it was heard.
    pub fn history(&self) -> Option<&History> {
        match &self.stands {
            Stands::Heard(heard) => heard.history(),
            Stands::Recalled(recalled) => Some(&recalled.history),
        }
    }

    /// The song of what is heard, while the picture lies over song position.
    pub fn shown_song(&self) -> Option<&SongSide> {
        match &self.stands {
            Stands::Heard(heard) => heard.shown_song(),
            Stands::Recalled(_) => None,
        }
    }

    /// The same, to let it stand still.
    pub fn shown_song_mut(&mut self) -> Option<&mut SongSide> {
        match &mut self.stands {
            Stands::Heard(heard) => heard.shown_song_mut(),
            Stands::Recalled(_) => None,
        }
    }

    /// What a picture is drawn of: the song where that is shown, else what is heard or stands in its place.
    pub fn drawn(&self) -> Option<&History> {
        match self.shown_song() {
            Some(song) => Some(&song.history),
            None => self.history(),
        }
    }

    /// Counts what a picture is drawn of: a snapshot, what is heard, its song.
    pub fn drawn_generation(&self) -> u64 {
        let of_song = match &self.stands {
            Stands::Heard(heard) => heard.drawn_epoch(),
            Stands::Recalled(_) => 0,
        };
        self.generation + (of_song << 32)
    }

    /// The same, to hold columns of.
    pub fn history_mut(&mut self) -> Option<&mut History> {
        match &mut self.stands {
            Stands::Heard(heard) => heard.history_mut(),
            Stands::Recalled(recalled) => Some(&mut recalled.history),
        }
    }

    /// What is heard, even behind a snapshot.
    pub fn hearing(&self) -> &Hearing {
        match &self.stands {
            Stands::Heard(heard) => heard,
            Stands::Recalled(recalled) => &recalled.behind,
        }
    }

    /// What is heard, even behind a snapshot.
    pub fn hearing_mut(&mut self) -> &mut Hearing {
        match &mut self.stands {
            Stands::Heard(heard) => heard,
            Stands::Recalled(recalled) => &mut recalled.behind,
        }
    }

    /// The input, if it is what is shown.
    pub fn live(&self) -> Option<&LiveSide> {
        match &self.stands {
            Stands::Heard(heard) => heard.live(),
            Stands::Recalled(_) => None,
        }
    }

    /// Sound fed by hand, if it is what is shown.
    pub fn still_mut(&mut self) -> Option<&mut StillSide> {
        match &mut self.stands {
            Stands::Heard(heard) => heard.still_mut(),
            Stands::Recalled(_) => None,
        }
    }

    /// Name of the snapshot that is shown.
    pub fn recalled_name(&self) -> Option<&str> {
        match &self.stands {
            Stands::Heard(_) => None,
            Stands::Recalled(recalled) => Some(&recalled.name),
        }
    }

    /// Why nothing is shown, if that is known: one line.
    pub fn problem(&self) -> Option<&str> {
        match &self.stands {
            Stands::Heard(Hearing::Nothing(why)) => why.as_deref(),
            Stands::Heard(_) | Stands::Recalled(_) => None,
        }
    }

    /// Whether what is shown does not go on.
    pub fn has_ended(&self) -> bool {
        match &self.stands {
            Stands::Heard(heard) => heard
                .live()
                .is_some_and(|live| live.has_ended || live.lost_reason().is_some()),
            Stands::Recalled(_) => true,
        }
    }

    /// Counts what is shown: a snapshot, or again what is heard.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Shows a snapshot in the place of what is heard.
    pub fn recall(&mut self, name: String, history: History) {
        let behind = std::mem::take(self.hearing_mut());
        self.stands = Stands::Recalled(Box::new(Recalled {
            name,
            history,
            behind,
        }));
        self.generation += 1;
    }

    /// Shows what is heard again; false if it is shown already.
    pub fn back_to_live(&mut self) -> bool {
        if let Stands::Heard(_) = self.stands {
            return false;
        }
        self.stands = Stands::Heard(std::mem::take(self.hearing_mut()));
        self.generation += 1;
        true
    }
}
