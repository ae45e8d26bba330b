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
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LENGTH_SECS: f64 = 200.0;

    fn noted(held: &[([f64; 2], f64)]) -> Stretches {
        let mut stretches = Stretches::default();
        for (held, offset_secs) in held {
            stretches.note(*held, *offset_secs, LENGTH_SECS);
        }
        stretches
    }

    #[test]
    fn a_lock_that_holds_is_one_stretch_and_a_jump_or_other_music_between_begins_another() {
        let stretches = noted(&[
            ([10.0, 20.0], 3.0),
            ([10.0, 30.0], 3.002),
            // The same place, a turn of the reference away.
            ([10.0, 40.0], 3.0 - LENGTH_SECS),
            ([39.5, 41.0], -20.0),
            ([39.5, 50.0], -20.0),
            ([60.0, 61.0], -20.0),
        ]);
        let times: Vec<_> = stretches
            .all()
            .iter()
            .map(|stretch| [stretch.from_secs, stretch.to_secs])
            .collect();
        assert_eq!(times, [[10.0, 40.0], [40.0, 50.0], [60.0, 61.0]]);
        assert_eq!(
            stretches.longest_since(0.0).map(|s| s.offset_secs),
            Some(3.0)
        );
        assert_eq!(
            stretches.longest_since(35.0).map(|s| s.from_secs),
            Some(40.0)
        );
        assert_eq!(stretches.longest_since(61.0), None);
    }

    #[test]
    fn each_time_has_the_offset_of_its_own_stretch_and_what_is_not_known_has_none() {
        let stretches = noted(&[
            ([10.0, 40.0], 3.0),
            ([40.5, 50.0], -20.0),
            ([60.0, 61.0], 7.0),
        ]);
        let at = |secs| stretches.offset_at(secs, 7.002);
        assert_eq!(at(9.0), None);
        assert_eq!(
            [at(10.0), at(40.4), at(40.5)],
            [Some(3.0), Some(3.0), Some(-20.0)]
        );
        assert_eq!(
            [at(51.0), at(55.0), at(60.0)],
            [Some(-20.0), None, Some(7.002)]
        );
        assert_eq!(at(1000.0), Some(7.002));
        let pieces = stretches.pieces([20.0, 70.0], 7.002);
        let pieces: Vec<_> = pieces
            .iter()
            .map(|piece| (piece.from_secs, piece.to_secs, piece.offset_secs))
            .collect();
        assert_eq!(
            pieces,
            [(20.0, 40.5, 3.0), (40.5, 52.0, -20.0), (60.0, 70.0, 7.002)]
        );
        assert_eq!(Stretches::default().offset_at(5.0, 1.0), Some(1.0));
        assert_eq!(noted(&[([0.0, 9.0], 3.0)]).offset_at(-0.1, 3.0), Some(3.0));
        assert_eq!(Stretches::default().pieces([2.0, 5.0], 1.0).len(), 1);
    }

    #[test]
    fn what_slips_leaves_what_was_before_where_it_lay_and_what_slips_back_has_not_slipped() {
        let slipped = noted(&[([10.0, 20.0], 3.0), ([10.0, 20.5], 3.02)]);
        let at = |stretches: &Stretches, secs| stretches.offset_at(secs, 3.02);
        assert_eq!(
            [at(&slipped, 19.9), at(&slipped, 20.1)],
            [Some(3.0), Some(3.02)]
        );
        let back = noted(&[
            ([10.0, 20.0], 3.0),
            ([10.0, 20.3], 3.02),
            ([10.0, 21.0], 3.001),
        ]);
        assert_eq!(back.all().len(), 1);
        assert_eq!(back.all()[0].to_secs, 21.0);
        let stays = noted(&[
            ([10.0, 20.0], 3.0),
            ([10.0, 23.0], 3.02),
            ([10.0, 24.0], 3.0),
        ]);
        assert_eq!(stays.all().len(), 3, "it did for three seconds");
    }

    #[test]
    fn where_the_mix_paused_the_reference_ends_also_if_it_is_known_from_elsewhere() {
        let mut stretches = noted(&[([10.0, 20.0], 3.0)]);
        stretches.note_pause(20.4);
        stretches.note([30.0, 40.0], -7.0, LENGTH_SECS);
        stretches.note_pause(40.8);
        let again = Stretches::of(stretches.all().to_vec());
        let again = again.with_pauses(stretches.pauses_secs().to_vec());
        for stretches in [&stretches, &again] {
            assert!(stretches.is_unknown());
            assert_eq!(stretches.over_secs(), None);
            let at = |secs| stretches.offset_at(secs, -7.0);
            assert_eq!([at(20.3), at(20.5), at(29.0)], [Some(3.0), None, None]);
            assert_eq!([at(40.7), at(40.9)], [Some(-7.0), None]);
        }
        stretches.note([30.0, 60.0], -7.0, LENGTH_SECS);
        assert_eq!(
            stretches.offset_at(50.0, -7.0),
            Some(-7.0),
            "the song itself was silent"
        );
    }

    #[test]
    fn behind_its_end_a_reference_lies_beside_nothing_unless_the_mix_repeats_it() {
        let mut stretches = noted(&[([10.0, 40.0], 3.0)]);
        stretches.note_end(LENGTH_SECS - 3.0, LENGTH_SECS);
        let revision = stretches.revision;
        stretches.note_end(LENGTH_SECS - 3.001, LENGTH_SECS);
        assert_eq!(stretches.revision, revision);
        let at = |stretches: &Stretches, secs| stretches.offset_at(secs, 3.0);
        assert_eq!(
            [at(&stretches, 196.9), at(&stretches, 197.1)],
            [Some(3.0), None]
        );
        assert_eq!(stretches.pieces([150.0, 300.0], 3.0)[0].to_secs, 197.0);
        assert!(stretches.pieces([200.0, 300.0], 3.0).is_empty());
        let again = |stretches: &Stretches, over_secs| {
            let mut stretches = stretches.clone();
            stretches.note_end(over_secs, LENGTH_SECS);
            stretches.over_secs()
        };
        // From its beginning on right behind its end, or from elsewhere.
        assert_eq!(again(&stretches, 2.0 * LENGTH_SECS - 3.0), None);
        assert_eq!(again(&stretches, 350.0), Some(350.0));
        stretches.shift(0.5);
        assert_eq!(stretches.over_secs(), Some(196.5));
    }

    #[test]
    fn a_loop_of_hours_is_bounded_and_the_longest_stretch_outlives_it() {
        let mut stretches = noted(&[([0.0, 5.0], 1.0), ([5.0, 200.0], 2.0)]);
        for turn in 0..1000 {
            let from_secs = 200.0 + 8.0 * f64::from(turn);
            let offset_secs = f64::from(turn % 2) * 8.0;
            stretches.note([from_secs, from_secs + 7.0], offset_secs, LENGTH_SECS);
        }
        assert_eq!(stretches.all().len(), MOST_STRETCHES);
        assert_eq!(stretches.all()[0].to_secs, 200.0);
        let revision = stretches.revision;
        stretches.shift(0.5);
        assert_eq!(stretches.all()[0].offset_secs, 2.5);
        stretches.clear();
        assert!(stretches.is_empty() && stretches.revision > revision + 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn pieces_lie_in_order_apart_and_where_the_offset_says(
            held in proptest::collection::vec((0.0f64..30.0, 0.0f64..60.0, -900.0f64..900.0), 0..300),
            length_secs in 0.05f64..900.0,
            now_offset_secs in -900.0f64..900.0,
            left_secs in -50.0f64..9_000.0,
            span_secs in 0.1f64..9_000.0,
        ) {
            let mut stretches = Stretches::default();
            let mut at = 0.0;
            for (silence_secs, secs, offset_secs) in held {
                let from_secs = at + silence_secs;
                at = from_secs + secs;
                stretches.note([from_secs, at], offset_secs, length_secs);
            }
            prop_assert!(stretches.all().len() <= MOST_STRETCHES);
            let right_secs = left_secs + span_secs;
            let pieces = stretches.pieces([left_secs, right_secs], now_offset_secs);
            prop_assert!(pieces.len() <= MOST_STRETCHES);
            let mut end = left_secs;
            for piece in &pieces {
                prop_assert!(piece.from_secs >= end - 1e-9 && piece.from_secs < piece.to_secs);
                prop_assert!(piece.to_secs <= right_secs);
                let middle_secs = (piece.from_secs + piece.to_secs) / 2.0;
                prop_assert_eq!(
                    stretches.offset_at(middle_secs, now_offset_secs),
                    Some(piece.offset_secs)
                );
                end = piece.to_secs;
            }
        }
    }
}
