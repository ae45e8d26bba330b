//! A small CLAP host: loads the plug-in, plays audio through it, tells it of a track and a song.
#![allow(dead_code, reason = "each test uses its part")]

use std::ffi::CString;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use abscope_link::Table;
use abscope_send::SendEntry;
use abscope_send::entry::{MONO_ID, STEREO_ID};
use clack_extensions::state::{HostState, HostStateImpl, PluginState};
use clack_extensions::track_info::{
    HostTrackInfo, HostTrackInfoImpl, PluginTrackInfo, TrackInfo, TrackInfoWriter,
};
use clack_host::events::event_types::TransportEvent;
use clack_host::prelude::*;

/// What the host says of itself and hears from the plug-in.
#[derive(Default)]
pub struct Said {
    /// Kept for ever: what a host says of a track must outlive the asking.
    pub track: Mutex<Option<&'static str>>,
    pub is_project_dirty: AtomicBool,
    pub wants_callback: AtomicBool,
}

pub struct TestHost;

pub struct HostShared(Arc<Said>);

pub struct HostMain(Arc<Said>);

impl HostHandlers for TestHost {
    type Shared<'a> = HostShared;
    type MainThread<'a> = HostMain;
    type AudioProcessor<'a> = ();

    fn declare_extensions(builder: &mut HostExtensions<Self>, _: &HostShared) {
        builder.register::<HostState>().register::<HostTrackInfo>();
    }
}

impl SharedHandler<'_> for HostShared {
    fn request_restart(&self) {}
    fn request_process(&self) {}
    fn request_callback(&self) {
        self.0.wants_callback.store(true, Ordering::Release);
    }
}

impl MainThreadHandler<'_> for HostMain {}

impl HostStateImpl for HostMain {
    fn mark_dirty(&self) {
        self.0.is_project_dirty.store(true, Ordering::Release);
    }
}

impl HostTrackInfoImpl for HostMain {
    fn get<'a>(&'a self, writer: &mut TrackInfoWriter<'_, 'a>) {
        let track = self.0.track.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(track) = *track {
            writer.set(&TrackInfo::new().with_name(Some(track.as_bytes())));
        }
    }
}

fn kept(name: &str) -> &'static str {
    Box::leak(name.to_owned().into_boxed_str())
}

/// The plug-in, loaded.
pub struct Loaded {
    pub instance: PluginInstance<TestHost>,
    pub said: Arc<Said>,
    processor: Option<StartedPluginAudioProcessor<TestHost>>,
    pub channels: usize,
}

/// How a block is handed over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Buffers {
    Separate,
    InPlace,
}

impl Loaded {
    /// The plug-in that is compiled into the test.
    pub fn new(channels: usize, track: Option<&str>) -> Self {
        let entry = PluginEntry::load_from_clack::<SendEntry>(c"").expect("it is built in");
        Self::of(&entry, channels, track)
    }

    /// The plug-in of a library.
    pub fn of(entry: &PluginEntry, channels: usize, track: Option<&str>) -> Self {
        let info = HostInfo::new("Test host", "Abscope", "", "1").expect("no zeros");
        let said = Arc::new(Said {
            track: Mutex::new(track.map(kept)),
            ..Said::default()
        });
        let (shared, main) = (Arc::clone(&said), Arc::clone(&said));
        let id = if channels == 1 { MONO_ID } else { STEREO_ID };
        let id = CString::new(id).expect("no zeros");
        let instance = PluginInstance::new(
            move |()| HostShared(shared),
            move |_| HostMain(main),
            entry,
            &id,
            &info,
        );
        Self {
            instance: instance.expect("the plug-in begins"),
            said,
            processor: None,
            channels,
        }
    }

    pub fn start(&mut self, rate_hz: f64) {
        let config = PluginAudioConfiguration {
            sample_rate: rate_hz,
            min_frames_count: 1,
            max_frames_count: 16_384,
        };
        let stopped = self.instance.activate(|_, _| (), config);
        let stopped = stopped.expect("it starts");
        self.processor = Some(stopped.start_processing().expect("it starts"));
    }

    pub fn stop(&mut self) {
        if let Some(processor) = self.processor.take() {
            self.instance.deactivate(processor.stop_processing());
        }
    }

    pub fn processor(&mut self) -> &mut StartedPluginAudioProcessor<TestHost> {
        self.processor.as_mut().expect("it was started")
    }

    /// Sends a block through and gives what came out.
    pub fn play(
        &mut self,
        block: &[Vec<f32>],
        buffers: Buffers,
        events: &InputEvents,
        transport: Option<&TransportEvent>,
    ) -> Vec<Vec<f32>> {
        let mut input = block.to_vec();
        let mut output: Vec<Vec<f32>> = match buffers {
            Buffers::Separate => block.iter().map(|c| vec![7.0; c.len()]).collect(),
            Buffers::InPlace => Vec::new(),
        };
        #[expect(unsafe_code, reason = "a host in place gives the same buffer twice")]
        // SAFETY: both ends go to the plug-in as plain addresses, and nobody else uses them while it runs.
        let shared = input
            .iter_mut()
            .map(|channel| unsafe {
                std::slice::from_raw_parts_mut(channel.as_mut_ptr(), channel.len())
            })
            .collect::<Vec<&mut [f32]>>()
            .into_iter();
        let mut input_ports = AudioPorts::with_capacity(self.channels, 1);
        let mut output_ports = AudioPorts::with_capacity(self.channels, 1);
        let inputs = input_ports.with_input_buffers([AudioPortBuffer {
            latency: 0,
            channels: AudioPortBufferType::f32_input_only(
                input.iter_mut().map(InputChannel::variable),
            ),
        }]);
        let mut outputs = match buffers {
            Buffers::Separate => output_ports.with_output_buffers([AudioPortBuffer {
                latency: 0,
                channels: AudioPortBufferType::f32_output_only(
                    output.iter_mut().map(Vec::as_mut_slice),
                ),
            }]),
            Buffers::InPlace => output_ports.with_output_buffers([AudioPortBuffer {
                latency: 0,
                channels: AudioPortBufferType::f32_output_only(shared),
            }]),
        };
        let processor = self.processor.as_mut().expect("it was started");
        let mut events_out = OutputEvents::void();
        processor
            .process(
                &inputs,
                &mut outputs,
                events,
                &mut events_out,
                None,
                transport,
            )
            .expect("it runs");
        match buffers {
            Buffers::Separate => output,
            Buffers::InPlace => input,
        }
    }

    pub fn save(&mut self) -> Vec<u8> {
        let handle = self.instance.plugin_handle();
        let state: PluginState = handle.get_extension().expect("it has state");
        let mut bytes = Vec::new();
        state.save(&handle, &mut bytes).expect("it can save");
        bytes
    }

    pub fn load(&mut self, bytes: &[u8]) -> bool {
        let handle = self.instance.plugin_handle();
        let state: PluginState = handle.get_extension().expect("it has state");
        state.load(&handle, &mut &bytes[..]).is_ok()
    }

    /// The host gives the track another name.
    pub fn rename_track(&mut self, name: &str) {
        *self
            .said
            .track
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(kept(name));
        let handle = self.instance.plugin_handle();
        let info: PluginTrackInfo = handle.get_extension().expect("it hears of tracks");
        info.changed(&handle);
    }

    /// Does what the plug-in asked the main thread for.
    pub fn idle(&mut self) {
        if self.said.wants_callback.swap(false, Ordering::AcqRel) {
            self.instance.call_on_main_thread_callback();
        }
    }
}

impl Drop for Loaded {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A table that is not the user's own. One test at a time has it; it is removed afterwards.
pub struct OwnTable {
    pub table: Table,
    name: String,
    _turn: MutexGuard<'static, ()>,
}

impl OwnTable {
    pub fn new() -> Self {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let name = name_of(std::process::id());
        remove(&name);
        #[expect(
            unsafe_code,
            reason = "the plug-in looks there, and there is no other way to it"
        )]
        // SAFETY: only the holder of the turn runs, and all that read it do so through the standard library.
        unsafe {
            std::env::set_var("ABSCOPE_LINK", &name);
        }
        let table = Table::make_named(&name).expect("there is shared memory");
        Self {
            table,
            name,
            _turn: turn,
        }
    }
}

impl Drop for OwnTable {
    fn drop(&mut self) {
        remove(&self.name);
    }
}

/// Removes what a process left that was killed.
pub fn remove_table_of(pid: u32) {
    remove(&name_of(pid));
}

fn name_of(pid: u32) -> String {
    format!("abscope-test-send-{pid}")
}

fn remove(name: &str) {
    let shm = std::path::Path::new("/dev/shm");
    let _ = std::fs::remove_file(shm.join(name));
    let _ = std::fs::remove_dir_all(shm.join(format!("{name}.owners")));
}
