//! Where the host is in its song: what travels with every packet.

/// Frames by which a song position may differ from the one expected and still count as going on: hosts tell it in
/// seconds or beats, rounded.
const ROUNDING_FRAMES: i64 = 2;

/// Beats by which a position in beats may differ and still count as the same.
const ROUNDING_BEATS: f64 = 1e-6;

/// Words that a transport takes in a packet.
pub(crate) const TRANSPORT_WORDS: usize = 10;

/// The host's transport at the first frame of a packet. What a host does not tell is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Transport {
    /// Whether the song runs.
    pub is_playing: bool,
    /// Whether the host records.
    pub is_recording: bool,
    /// Whether the host goes round its loop.
    pub is_looping: bool,
    /// Position in the song, in frames at the stream's rate; negative before its beginning.
    pub song_frames: Option<i64>,
    /// Position in the song, in quarter notes.
    pub song_beats: Option<f64>,
    /// Tempo in quarter notes a minute.
    pub tempo_bpm: Option<f64>,
    /// Time signature.
    pub meter: Option<Meter>,
    /// The bar that sounds.
    pub bar: Option<Bar>,
    /// The loop in quarter notes.
    pub loop_beats: Option<Span<f64>>,
    /// The loop in frames at the stream's rate.
    pub loop_frames: Option<Span<i64>>,
}

/// A time signature: 6/8 is `beats` 6, `unit` 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meter {
    /// Beats in a bar.
    pub beats: u16,
    /// What a beat is: 4 for quarter notes.
    pub unit: u16,
}

/// A bar of the song.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// Where it begins, in quarter notes.
    pub start_beats: f64,
    /// Its number as hosts count, from 0 at the beginning of the song; `None` where the host tells only where it
    /// begins.
    pub number: Option<i32>,
}

/// From here to there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span<T> {
    /// Its beginning.
    pub start: T,
    /// Its end, not included.
    pub end: T,
}

impl Transport {
    /// The song position in frames, so many frames of the stream later, if all goes on.
    pub fn song_frames_after(&self, frames: u64) -> Option<i64> {
        let passed = if self.is_playing {
            i64::try_from(frames).unwrap_or(i64::MAX)
        } else {
            0
        };
        self.song_frames.map(|at| at.saturating_add(passed))
    }

    /// Whether `next`, so many frames of the stream later, is elsewhere in the song than where this would have gone:
    /// a locate, or the end of a loop. Unknown positions jump nowhere.
    pub fn jumps_to(&self, next: &Self, frames: u64) -> bool {
        match (self.song_frames_after(frames), next.song_frames) {
            (Some(expected), Some(at)) => at.abs_diff(expected) > ROUNDING_FRAMES.unsigned_abs(),
            _ => false,
        }
    }

    /// Whether `next`, so many frames later, tells nothing that does not follow from this.
    pub fn goes_on_in(&self, next: &Self, frames: u64) -> bool {
        let steady = |transport: &Self| Self {
            song_frames: transport.song_frames.map(|_| 0),
            song_beats: transport.song_beats.map(|_| 0.0),
            ..*transport
        };
        steady(self) == steady(next) && !self.jumps_to(next, frames)
    }

    /// The number of the bar that sounds, from 0, worked out from beats and meter where the host does not tell it.
    /// Right as long as the meter has not changed since the beginning of the song.
    pub fn bar_number(&self) -> Option<i64> {
        if let Some(number) = self.bar.and_then(|bar| bar.number) {
            return Some(number.into());
        }
        let meter = self.meter?;
        let bar_beats = 4.0 * f64::from(meter.beats) / f64::from(meter.unit);
        let at = match self.bar {
            Some(bar) => bar.start_beats,
            None => self.song_beats?,
        };
        let number = (at / bar_beats + ROUNDING_BEATS).floor();
        number.is_finite().then_some(number as i64)
    }

    /// The number of the bar that sounds so many seconds of the stream later, while the host goes on as it does.
    pub fn bar_number_after(&self, secs: f64) -> Option<i64> {
        let number = self.bar_number()?;
        let (Some(beats), Some(tempo_bpm), Some(meter)) =
            (self.song_beats, self.tempo_bpm, self.meter)
        else {
            return Some(number);
        };
        if !self.is_playing {
            return Some(number);
        }
        let bar_beats = 4.0 * f64::from(meter.beats) / f64::from(meter.unit);
        let in_bar = match self.bar {
            Some(bar) => beats - bar.start_beats,
            None => (beats + ROUNDING_BEATS * bar_beats).rem_euclid(bar_beats),
        };
        let passed = ((in_bar + secs * tempo_bpm / 60.0) / bar_beats + ROUNDING_BEATS).floor();
        Some(number.saturating_add(passed.max(0.0) as i64))
    }

    pub(crate) fn to_words(self) -> [u64; TRANSPORT_WORDS] {
        let mut flags = 0;
        let mut flag = |bit: Flag, is_set: bool| flags |= u64::from(is_set) << bit as u32;
        flag(Flag::Playing, self.is_playing);
        flag(Flag::Recording, self.is_recording);
        flag(Flag::Looping, self.is_looping);
        flag(Flag::SongFrames, self.song_frames.is_some());
        flag(Flag::SongBeats, self.song_beats.is_some());
        flag(Flag::Tempo, self.tempo_bpm.is_some());
        flag(Flag::Meter, self.meter.is_some());
        flag(Flag::Bar, self.bar.is_some());
        flag(
            Flag::BarNumber,
            self.bar.is_some_and(|bar| bar.number.is_some()),
        );
        flag(Flag::LoopBeats, self.loop_beats.is_some());
        flag(Flag::LoopFrames, self.loop_frames.is_some());
        let meter = self.meter.map_or(0, |meter| {
            u64::from(meter.beats) << 32 | u64::from(meter.unit) << 48
        });
        let number = self.bar.and_then(|bar| bar.number).unwrap_or_default();
        let loop_beats = self.loop_beats.unwrap_or(Span {
            start: 0.0,
            end: 0.0,
        });
        let loop_frames = self.loop_frames.unwrap_or(Span { start: 0, end: 0 });
        [
            flags,
            self.song_frames.unwrap_or_default().cast_unsigned(),
            self.song_beats.unwrap_or_default().to_bits(),
            self.tempo_bpm.unwrap_or_default().to_bits(),
            meter | u64::from(number.cast_unsigned()),
            self.bar.map_or(0.0, |bar| bar.start_beats).to_bits(),
            loop_beats.start.to_bits(),
            loop_beats.end.to_bits(),
            loop_frames.start.cast_unsigned(),
            loop_frames.end.cast_unsigned(),
        ]
    }

    /// Whatever the words are: values that make no sense are absent.
    pub(crate) fn of_words(words: &[u64; TRANSPORT_WORDS]) -> Self {
        let has = |flag: Flag| words[0] >> flag as u32 & 1 == 1;
        let float = |index: usize| Some(f64::from_bits(words[index])).filter(|x| x.is_finite());
        let frames = |index: usize| words[index].cast_signed();
        let meter = Meter {
            beats: (words[4] >> 32) as u16,
            unit: (words[4] >> 48) as u16,
        };
        let number = (words[4] as u32).cast_signed();
        let span_beats = float(6).zip(float(7));
        Self {
            is_playing: has(Flag::Playing),
            is_recording: has(Flag::Recording),
            is_looping: has(Flag::Looping),
            song_frames: has(Flag::SongFrames).then(|| frames(1)),
            song_beats: float(2).filter(|_| has(Flag::SongBeats)),
            tempo_bpm: float(3).filter(|bpm| has(Flag::Tempo) && *bpm > 0.0),
            meter: Some(meter).filter(|m| has(Flag::Meter) && m.beats > 0 && m.unit > 0),
            bar: float(5).filter(|_| has(Flag::Bar)).map(|start_beats| Bar {
                start_beats,
                number: has(Flag::BarNumber).then_some(number),
            }),
            loop_beats: span_beats
                .filter(|(start, end)| has(Flag::LoopBeats) && end > start)
                .map(|(start, end)| Span { start, end }),
            loop_frames: Some(Span {
                start: frames(8),
                end: frames(9),
            })
            .filter(|span| has(Flag::LoopFrames) && span.end > span.start),
        }
    }
}

/// Bits of a transport's first word.
#[derive(Clone, Copy)]
enum Flag {
    Playing,
    Recording,
    Looping,
    SongFrames,
    SongBeats,
    Tempo,
    Meter,
    Bar,
    BarNumber,
    LoopBeats,
    LoopFrames,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn playing_at(song_frames: i64) -> Transport {
        Transport {
            is_playing: true,
            song_frames: Some(song_frames),
            ..Transport::default()
        }
    }

    #[test]
    fn all_that_a_host_tells_comes_back() {
        let all = Transport {
            is_playing: true,
            is_recording: true,
            is_looping: true,
            song_frames: Some(-48_000),
            song_beats: Some(-2.5),
            tempo_bpm: Some(117.3),
            meter: Some(Meter { beats: 7, unit: 8 }),
            bar: Some(Bar {
                start_beats: -3.5,
                number: Some(-1),
            }),
            loop_beats: Some(Span {
                start: 4.0,
                end: 8.0,
            }),
            loop_frames: Some(Span { start: 1, end: 2 }),
        };
        assert_eq!(Transport::of_words(&all.to_words()), all);
        let nothing = Transport::default();
        assert_eq!(Transport::of_words(&nothing.to_words()), nothing);
    }

    #[test]
    fn a_locate_and_the_end_of_a_loop_are_jumps_and_rounding_is_none() {
        let at = playing_at(1000);
        assert!(!at.jumps_to(&playing_at(1512), 512));
        assert!(!at.jumps_to(&playing_at(1513), 512));
        assert!(at.jumps_to(&playing_at(1520), 512));
        assert!(at.jumps_to(&playing_at(0), 512));
        let stands = Transport {
            is_playing: false,
            ..at
        };
        assert!(!stands.jumps_to(&at, 512));
        assert!(stands.jumps_to(&playing_at(1512), 512));
        assert!(!Transport::default().jumps_to(&at, 512));
    }

    #[test]
    fn bars_are_counted_by_the_host_or_else_by_beats_and_meter() {
        let four = Some(Meter { beats: 4, unit: 4 });
        let six = Some(Meter { beats: 6, unit: 8 });
        let check = |meter, song_beats, bar, expected| {
            let transport = Transport {
                meter,
                song_beats,
                bar,
                ..Transport::default()
            };
            assert_eq!(transport.bar_number(), expected);
        };
        check(four, Some(33.0), None, Some(8));
        check(six, Some(9.0), None, Some(3));
        check(four, Some(-0.5), None, Some(-1));
        check(None, Some(33.0), None, None);
        let bar = |number| {
            Some(Bar {
                start_beats: 32.0,
                number,
            })
        };
        check(four, Some(33.0), bar(None), Some(8));
        check(four, Some(33.0), bar(Some(12)), Some(12));
    }

    #[test]
    fn a_bar_that_ends_between_two_marks_is_followed_by_the_next() {
        let check = |beats, bar, secs, expected| {
            let transport = Transport {
                is_playing: true,
                song_beats: Some(beats),
                tempo_bpm: Some(120.0),
                meter: Some(Meter { beats: 4, unit: 4 }),
                bar,
                ..Transport::default()
            };
            assert_eq!(transport.bar_number_after(secs), Some(expected));
            let standing = Transport {
                is_playing: false,
                ..transport
            };
            assert_eq!(standing.bar_number_after(secs), transport.bar_number());
        };
        let bar = Some(Bar {
            start_beats: 8.0,
            number: Some(5),
        });
        // Two beats a second: the bar from beat 8 on ends with beat 12.
        check(11.9, None, 0.0, 2);
        check(11.9, None, 0.04, 2);
        check(11.9, None, 0.05, 3);
        check(11.9, None, 2.1, 4);
        check(12.0, None, 0.0, 3);
        check(11.9, bar, 0.04, 5);
        check(11.9, bar, 0.05, 6);
    }

    proptest! {
        #[test]
        fn no_words_make_a_transport_with_values_that_make_no_sense(words in any::<[u64; TRANSPORT_WORDS]>()) {
            let transport = Transport::of_words(&words);
            prop_assert!(transport.tempo_bpm.is_none_or(|bpm| bpm > 0.0 && bpm.is_finite()));
            prop_assert!(transport.song_beats.is_none_or(f64::is_finite));
            prop_assert!(transport.loop_beats.is_none_or(|span| span.end > span.start));
            let _ = transport.bar_number();
            let _ = transport.bar_number_after(1e9);
            let _ = transport.jumps_to(&transport, u64::MAX);
            prop_assert!(transport.goes_on_in(&transport, 0));
        }
    }
}
