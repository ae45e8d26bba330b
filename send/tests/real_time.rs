//! The plug-in's `process` allocates nothing, and asks the system for nothing: it runs on in a process that the kernel
//! ends at the first system call beyond reading, writing and ending.
//!
//! It has a `main` of its own, so that it can start itself again as the process in that cage.

#[cfg(target_os = "linux")]
mod host;

#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
fn main() {
    let caged = std::env::args().nth(1).is_some_and(|word| word == "caged");
    if caged {
        linux::in_cage();
    }
    linux::process_runs_on_where_no_system_call_is_allowed();
    println!("test process_runs_on_where_no_system_call_is_allowed ... ok");
    linux::process_allocates_nothing();
    println!("test process_allocates_nothing ... ok");
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io::{Read as _, Write as _};
    use std::process::{Command, Stdio};

    use abscope_link::{Heard, Listener};
    use assert_no_alloc::assert_no_alloc;
    use clack_host::prelude::*;
    use rustix::thread::{SecureComputingMode, set_secure_computing_mode};

    use crate::host::{Loaded, OwnTable, remove_table_of};

    const FRAMES: usize = 512;

    /// Sends blocks through, with all buffers made before; `run` holds what must be real-time safe.
    fn play_blocks(plugin: &mut Loaded, run: impl FnOnce(&mut dyn FnMut())) {
        let mut input = [[0.25f32; FRAMES]; 2];
        let mut output = [[0.0f32; FRAMES]; 2];
        let mut input_ports = AudioPorts::with_capacity(2, 1);
        let mut output_ports = AudioPorts::with_capacity(2, 1);
        let inputs = input_ports.with_input_buffers([AudioPortBuffer {
            latency: 0,
            channels: AudioPortBufferType::f32_input_only(
                input.iter_mut().map(InputChannel::variable),
            ),
        }]);
        let mut outputs = output_ports.with_output_buffers([AudioPortBuffer {
            latency: 0,
            channels: AudioPortBufferType::f32_output_only(
                output.iter_mut().map(|c| c.as_mut_slice()),
            ),
        }]);
        let mut events = OutputEvents::void();
        let processor = plugin.processor();
        let mut block = || {
            let status = processor.process(
                &inputs,
                &mut outputs,
                &InputEvents::empty(),
                &mut events,
                None,
                None,
            );
            assert!(status.is_ok());
        };
        run(&mut block);
    }

    pub fn process_allocates_nothing() {
        let own = OwnTable::new();
        let mut plugin = Loaded::new(2, None);
        plugin.start(48_000.0);
        let info = own.table.senders().remove(0);
        let mut listener = Listener::new(&own.table, &info).expect("it streams");
        play_blocks(&mut plugin, |block| {
            assert_no_alloc(|| (0..10).for_each(|_| block()));
        });
        let mut out = Vec::new();
        assert!(matches!(listener.read(&mut out), Heard::Packet(_)));
    }

    pub fn process_runs_on_where_no_system_call_is_allowed() {
        let mut child = Command::new(std::env::current_exe().expect("it runs"))
            .arg("caged")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it can run again");
        let mut said = [0; 5];
        let mut out = child.stdout.take().expect("it is a pipe");
        out.read_exact(&mut said).expect("it came through its cage");
        assert_eq!(&said, b"done\n");
        child.kill().expect("it is ours");
        child.wait().expect("it was killed");
        remove_table_of(child.id());
    }

    /// More than the ring holds, while somebody listens, in the cage.
    pub fn in_cage() -> ! {
        let own = OwnTable::new();
        let mut plugin = Loaded::new(2, Some("Vocal"));
        plugin.start(48_000.0);
        let info = own.table.senders().remove(0);
        let _listener = Listener::new(&own.table, &info).expect("it streams");
        let mut out = std::io::stdout();
        play_blocks(&mut plugin, |block| {
            set_secure_computing_mode(SecureComputingMode::Strict).expect("the kernel has it");
            // Two seconds, then nobody listens any more.
            (0..400).for_each(|_| block());
            let _ = out.write_all(b"done\n");
            // There is no way out of the cage but being killed.
            let mut byte = [0];
            loop {
                let _ = std::io::stdin().read(&mut byte);
            }
        });
        unreachable!("the loop above has no end")
    }
}
