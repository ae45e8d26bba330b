//! A track of a DAW: sends through the link as the plug-in does, in real time, in a table that is not the user's own.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use abscope_link::{Description, Meter, Sender, Table, Transport};

/// Frames of a block.
const BLOCK_FRAMES: u64 = 480;

/// A table for one test program, removed when dropped. Programs that are started find it by
/// `ABSCOPE_LINK` and its name.
pub struct OwnTable {
    pub name: String,
}

impl OwnTable {
    /// Makes it, also for this process. To be called once in a process, before its other threads.
    pub fn new() -> Self {
        let name = format!("abscope-test-senders-{}", std::process::id());
        remove(&name);
        #[expect(
            unsafe_code,
            reason = "the program looks there, as it does in a user's session"
        )]
        // SAFETY: called before anything else reads the environment on another thread.
        unsafe {
            std::env::set_var("ABSCOPE_LINK", &name);
        }
        Self { name }
    }
}

impl Drop for OwnTable {
    fn drop(&mut self) {
        remove(&self.name);
    }
}

fn remove(name: &str) {
    let shm = Path::new("/dev/shm");
    let _ = std::fs::remove_file(shm.join(name));
    let _ = std::fs::remove_dir_all(shm.join(format!("{name}.owners")));
}

/// What a track plays: the frame of its song at a place, and what the place is.
pub struct Song {
    pub rate_hz: u32,
    /// Left and right at a frame of the song.
    pub frame_at: Box<dyn Fn(u64) -> [f32; 2] + Send>,
    /// Length of its loop in frames.
    pub loop_frames: u64,
}

/// A jump of the song: the frame it goes to, and after how many more it stands still.
type Locate = (u64, u64);

/// A track that plays until it is dropped.
pub struct Track {
    stop: Arc<AtomicBool>,
    locate: Arc<Mutex<Option<Locate>>>,
    thread: Option<JoinHandle<u64>>,
}

impl Track {
    /// Begins to play under a name.
    pub fn play(name: &str, song: Song) -> Self {
        let table = Table::make().expect("there is shared memory");
        let description = Description {
            name: name.to_owned(),
            identity: 7,
        };
        let mut sender = Sender::take(&table, &description).expect("a slot is free");
        let stream = sender.stream(song.rate_hz, 2);
        let mut stream = stream.expect("a possible format");
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let locate = Arc::new(Mutex::new(None));
        let asked = Arc::clone(&locate);
        let thread = std::thread::spawn(move || {
            let _sender = sender;
            let begin = Instant::now();
            // Frames of the song ahead of those of the stream, and where it stands still.
            let (mut ahead, mut last) = (0, u64::MAX);
            while !stopped.load(Ordering::Acquire) {
                let position = stream.position();
                let take = asked.lock().unwrap_or_else(PoisonError::into_inner).take();
                if let Some((to, frames)) = take {
                    ahead = to + (position / song.loop_frames + 1) * song.loop_frames - position;
                    last = position + frames;
                }
                if position >= last {
                    std::thread::sleep(Duration::from_millis(5));
                    continue;
                }
                let place = |frame: u64| (frame + ahead) % song.loop_frames;
                let [left, right] = [0, 1].map(|channel: usize| {
                    (position..position + BLOCK_FRAMES)
                        .map(|frame| (song.frame_at)(place(frame))[channel])
                        .collect::<Vec<f32>>()
                });
                stream.write(&left, Some(&right), || Transport {
                    is_playing: true,
                    song_frames: Some(place(position) as i64),
                    tempo_bpm: Some(120.0),
                    // Two beats a second.
                    song_beats: Some(2.0 * place(position) as f64 / f64::from(song.rate_hz)),
                    meter: Some(Meter { beats: 4, unit: 4 }),
                    ..Transport::default()
                });
                let due = stream.position() as f64 / f64::from(song.rate_hz);
                let early = due - begin.elapsed().as_secs_f64();
                std::thread::sleep(Duration::from_secs_f64(early.max(0.0)));
            }
            stream.position()
        });
        Self {
            stop,
            locate,
            thread: Some(thread),
        }
    }

    /// Jumps to a frame of the song, plays so many from there, whole blocks, and then stands still.
    pub fn locate(&self, to: u64, frames: u64) {
        let mut locate = self.locate.lock().unwrap_or_else(PoisonError::into_inner);
        *locate = Some((to, frames));
    }
}

impl Drop for Track {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("it only plays");
        }
    }
}
