//! Which part of the reference lay beside which part of the mix: a stretch for each time that the mix ran on without a
//! jump. Where the DAW jumped or looped, each side of the jump has a place of its own in the reference.

/// So many are kept: an hour of a four-bar loop, or more.
pub const MOST_STRETCHES: usize = 256;
/// An offset that moves by more than this is a jump.
const JUMP_SECS: f64 = 0.05;
/// One that moves by more than this has slipped: a player lost a moment. What was heard before lies where it lay.
pub const SLIP_SECS: f64 = 0.005;
/// What slips back within so many seconds has not slipped.
const SLIPS_BACK_SECS: f64 = 2.0;
/// The ends of two stretches this close together have nothing between them: a jump is known to a second or two.
const REJOIN_SECS: f64 = 2.0;

/// A stretch of the mix that ran beside the reference without a jump.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// Mix time at which it began.
    pub from_secs: f64,
    /// Mix time up to which it surely goes.
    pub to_secs: f64,
    /// Reference time under mix time 0.
    pub offset_secs: f64,
}

/// Stretches in order of time, none reaching into the next; empty while nothing is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stretches {
    items: Vec<Stretch>,
    /// Mix time at which the reference is over in the newest stretch; `None` where it repeats, or nobody knows.
    over_secs: Option<f64>,
    /// Whether the mix was heard to go on at the beginning of the reference when that was over.
    repeats: bool,
    /// Mix time from which on the mix is nowhere, or nobody knows where, because it paused; `None` where it is known.
    unknown_from_secs: Option<f64>,
    /// Mix times of the pauses, in order.
    pauses_secs: Vec<f64>,
    /// Counts what changes where past parts of the mix lie.
    pub revision: u64,
    /// Counts how often all was given up.
    pub epoch: u64,
}

impl Stretches {
    /// Known stretches, in order of time.
    pub fn of(items: Vec<Stretch>) -> Self {
        Self {
            items,
            ..Self::default()
        }
    }

    /// All of them, the oldest first.
    pub fn all(&self) -> &[Stretch] {
        &self.items
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Known stretches, of which the newest ends where the reference does.
    pub fn of_one_that_ends(items: Vec<Stretch>, over_secs: Option<f64>) -> Self {
        Self {
            over_secs,
            ..Self::of(items)
        }
    }

    /// The same of a mix that is known to have paused at some mix times, in order.
    pub fn with_pauses(self, pauses_secs: Vec<f64>) -> Self {
        let newest = self.items.last();
        let pauses = pauses_secs.last().zip(newest);
        let is_unknown = pauses.filter(|(paused, newest)| **paused >= newest.to_secs);
        Self {
            unknown_from_secs: is_unknown.map(|(paused, _)| *paused),
            pauses_secs,
            ..self
        }
    }

    /// Mix times at which the mix paused, in order.
    pub fn pauses_secs(&self) -> &[f64] {
        &self.pauses_secs
    }

    /// Mix time at which the reference is over in the newest stretch: what is heard later lies beside nothing of it.
    pub fn over_secs(&self) -> Option<f64> {
        self.over_secs.filter(|_| !self.repeats)
    }

    /// Notes at which mix time a reference of a length is over, where the mix goes on as it does now. One that was
    /// heard to begin again right there goes on repeating.
    pub fn note_end(&mut self, over_secs: f64, length_secs: f64) {
        let moves_secs = self.over_secs.map(|known| over_secs - known);
        if moves_secs.is_some_and(|secs| secs.abs() < JUMP_SECS) {
            return;
        }
        self.repeats =
            moves_secs.is_some_and(|secs| secs > 0.0 && is_same_place(secs, length_secs));
        self.over_secs = Some(over_secs);
        self.revision += 1;
    }

    /// Notes that the mix paused at a mix time, or went on behind a pause at one: until its place is found, nothing of the
    /// reference lies there.
    pub fn note_pause(&mut self, from_secs: f64) {
        if self.unknown_from_secs.is_none() && !self.items.is_empty() {
            self.unknown_from_secs = Some(from_secs);
            if self.pauses_secs.len() == MOST_STRETCHES {
                self.pauses_secs.remove(0);
            }
            self.pauses_secs.push(from_secs);
            self.revision += 1;
        }
    }

    /// Whether the mix paused, and was not found again since.
    pub fn is_unknown(&self) -> bool {
        self.unknown_from_secs.is_some()
    }

    /// Mix time from which on nothing of the reference lies beside the newest stretch.
    pub fn lies_until_secs(&self) -> Option<f64> {
        let both = [self.over_secs(), self.unknown_from_secs];
        both.into_iter().flatten().min_by(f64::total_cmp)
    }

    /// How much of a reference of a length was heard, in seconds: each moment of it once, and each as often as it was played.
    pub fn heard_of_it(&self, length_secs: f64) -> [f64; 2] {
        let within = |stretch: &Stretch| {
            let at = |secs: f64| (secs + stretch.offset_secs).clamp(0.0, length_secs);
            [at(stretch.from_secs), at(stretch.to_secs)]
        };
        let mut parts: Vec<[f64; 2]> = self.items.iter().map(within).collect();
        parts.sort_by(|a, b| a[0].total_cmp(&b[0]));
        let (mut once_secs, mut in_all_secs, mut up_to_secs) = (0.0, 0.0, 0.0f64);
        for [from_secs, to_secs] in parts {
            in_all_secs += to_secs - from_secs;
            once_secs += (to_secs - from_secs.max(up_to_secs)).max(0.0);
            up_to_secs = up_to_secs.max(to_secs);
        }
        [once_secs, in_all_secs]
    }

    /// Notes that the mix lies at an offset in a reference of a length, and has from one mix time to another.
    pub fn note(&mut self, [from_secs, to_secs]: [f64; 2], offset_secs: f64, length_secs: f64) {
        if self.unknown_from_secs.take().is_some() {
            self.revision += 1;
        }
        self.forget_a_slip_back(offset_secs);
        let last = self.items.last_mut();
        let free_from_secs = match last {
            Some(last)
                if lies_alike(last.offset_secs - offset_secs, length_secs)
                    && from_secs - last.to_secs < REJOIN_SECS =>
            {
                last.to_secs = last.to_secs.max(to_secs);
                return;
            }
            Some(last) => last.to_secs.max(from_secs),
            None => from_secs,
        };
        if self.items.len() == MOST_STRETCHES {
            self.forget_one();
        }
        self.items.push(Stretch {
            from_secs: free_from_secs,
            to_secs: to_secs.max(free_from_secs),
            offset_secs,
        });
        self.revision += 1;
    }

    /// Gives up a newest stretch that was heard for a moment and from which the mix has slipped back.
    fn forget_a_slip_back(&mut self, offset_secs: f64) {
        let [.., before, last] = &self.items[..] else {
            return;
        };
        let is_short = last.to_secs - last.from_secs < SLIPS_BACK_SECS;
        let is_slip = (last.offset_secs - before.offset_secs).abs() < JUMP_SECS;
        let is_back = (before.offset_secs - offset_secs).abs() < SLIP_SECS;
        let has_left = (last.offset_secs - offset_secs).abs() >= SLIP_SECS;
        if is_short && is_slip && is_back && has_left {
            let to_secs = last.to_secs;
            self.items.pop();
            if let Some(before) = self.items.last_mut() {
                before.to_secs = to_secs;
            }
            self.revision += 1;
        }
    }

    /// Forgets the oldest, but not the longest: that is the one to compare.
    fn forget_one(&mut self) {
        let longest = self.longest_since(f64::NEG_INFINITY);
        let oldest = self
            .items
            .iter()
            .position(|stretch| Some(*stretch) != longest);
        self.items.remove(oldest.unwrap_or(0));
    }

    /// Gives up all of them: it is not the same song, or no longer.
    pub fn clear(&mut self) {
        if !self.items.is_empty() {
            self.items.clear();
            self.pauses_secs.clear();
            self.over_secs = None;
            self.unknown_from_secs = None;
            self.revision += 1;
            self.epoch += 1;
        }
    }

    /// Gives up the newest: the mix never lay there.
    pub fn forget_newest(&mut self) {
        if self.items.pop().is_some() {
            self.over_secs = None;
            self.revision += 1;
            // What was measured over it is not of the same seconds.
            self.epoch += 1;
        }
    }

    /// Moves the reference under all of them, as it is moved by hand.
    pub fn shift(&mut self, by_secs: f64) {
        for stretch in &mut self.items {
            stretch.offset_secs += by_secs;
        }
        self.over_secs = self.over_secs.map(|secs| secs - by_secs);
        self.revision += u64::from(!self.items.is_empty());
    }

    /// The longest one, as far as it lies behind a mix time.
    pub fn longest_since(&self, mix_secs: f64) -> Option<Stretch> {
        let behind = self.items.iter().map(|stretch| Stretch {
            from_secs: stretch.from_secs.max(mix_secs),
            ..*stretch
        });
        let length_secs = |stretch: &Stretch| stretch.to_secs - stretch.from_secs;
        behind
            .filter(|stretch| length_secs(stretch) > 0.0)
            .max_by(|a, b| length_secs(a).total_cmp(&length_secs(b)))
    }

    /// Reference time under mix time 0 as it was at a mix time, `now` being what it is in the newest stretch. `None`
    /// where nothing is known to have lain beside the mix.
    pub fn offset_at(&self, mix_secs: f64, now_offset_secs: f64) -> Option<f64> {
        let Some(newest) = self.items.last() else {
            return Some(now_offset_secs);
        };
        // The first column begins before the mix does.
        let mix_secs = mix_secs.max(0.0);
        if mix_secs >= newest.from_secs {
            let is_over = self.lies_until_secs().is_some_and(|end| mix_secs >= end);
            return (!is_over).then_some(now_offset_secs);
        }
        let next = self
            .items
            .partition_point(|stretch| stretch.from_secs <= mix_secs);
        let stretch = self.items[next.checked_sub(1)?];
        (mix_secs < self.end_of(next - 1)).then_some(stretch.offset_secs)
    }

    /// Where one gives way to the next, or to nothing.
    fn end_of(&self, index: usize) -> f64 {
        let known_secs = self.items[index].to_secs;
        let paused = self.pauses_secs.iter().find(|secs| **secs >= known_secs);
        let to_secs = paused
            .copied()
            .unwrap_or(f64::INFINITY)
            .min(known_secs + REJOIN_SECS);
        match self.items.get(index + 1) {
            Some(next) => to_secs.min(next.from_secs),
            None => self.lies_until_secs().unwrap_or(f64::INFINITY),
        }
    }

    /// What lay beside the mix between two mix times, in pieces of one offset each; what is missing between them is
    /// not known.
    pub fn pieces(&self, [from_secs, to_secs]: [f64; 2], now_offset_secs: f64) -> Vec<Stretch> {
        let whole = Stretch {
            from_secs,
            to_secs,
            offset_secs: now_offset_secs,
        };
        let Some(newest) = self.items.len().checked_sub(1) else {
            return vec![whole];
        };
        let piece = |(index, stretch): (usize, &Stretch)| Stretch {
            from_secs: stretch.from_secs.max(from_secs),
            to_secs: self.end_of(index).min(to_secs),
            offset_secs: match index == newest {
                true => now_offset_secs,
                false => stretch.offset_secs,
            },
        };
        let pieces = self.items.iter().enumerate().map(piece);
        pieces
            .filter(|piece| piece.from_secs < piece.to_secs)
            .collect()
    }
}

/// Whether offsets that differ by so much are the same place in a reference that repeats.
pub fn is_same_place(apart_secs: f64, length_secs: f64) -> bool {
    without_turns(apart_secs, length_secs).abs() < JUMP_SECS
}

/// Whether they lay the reference so that nobody sees a difference.
pub fn lies_alike(apart_secs: f64, length_secs: f64) -> bool {
    without_turns(apart_secs, length_secs).abs() < SLIP_SECS
}

fn without_turns(apart_secs: f64, length_secs: f64) -> f64 {
    apart_secs - (apart_secs / length_secs).round() * length_secs
}

#[cfg(test)]
mod tests;
