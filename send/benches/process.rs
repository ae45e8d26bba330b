//! What the plug-in costs a host, heard and not heard: `cargo bench -p abscope-send --no-default-features`.
//!
//! Each line is the median of five runs over ten seconds of stereo audio, as a share of one core by the thread's own clock:
//! what else the computer does counts for nothing.

#[path = "../tests/host/mod.rs"]
mod host;

use abscope_link::Listener;
use clack_host::prelude::*;
use host::{Loaded, OwnTable};

const SECS: usize = 10;
const RUNS: usize = 5;

fn main() {
    println!("rate block heard share_percent");
    for (rate_hz, block) in [(48_000, 64), (48_000, 512), (96_000, 512), (192_000, 512)] {
        for is_heard in [false, true] {
            let mut shares: Vec<f64> = (0..RUNS)
                .map(|_| share_of_core(rate_hz, block, is_heard))
                .collect();
            shares.sort_by(f64::total_cmp);
            let median = 100.0 * shares[RUNS / 2];
            println!("{rate_hz} {block} {is_heard} {median:.4}");
        }
    }
}

/// Seconds of work for a second of audio.
fn share_of_core(rate_hz: u32, block: usize, is_heard: bool) -> f64 {
    let own = OwnTable::new();
    let mut plugin = Loaded::new(2, None);
    plugin.start(rate_hz.into());
    let info = own.table.senders().remove(0);
    let mut listener = is_heard.then(|| Listener::new(&own.table, &info).expect("it streams"));
    let mut input = [vec![0.25f32; block], vec![-0.5; block]];
    let mut output = [vec![0.0f32; block], vec![0.0; block]];
    let mut input_ports = AudioPorts::with_capacity(2, 1);
    let mut output_ports = AudioPorts::with_capacity(2, 1);
    let inputs = input_ports.with_input_buffers([AudioPortBuffer {
        latency: 0,
        channels: AudioPortBufferType::f32_input_only(input.iter_mut().map(InputChannel::variable)),
    }]);
    let mut outputs = output_ports.with_output_buffers([AudioPortBuffer {
        latency: 0,
        channels: AudioPortBufferType::f32_output_only(output.iter_mut().map(Vec::as_mut_slice)),
    }]);
    let mut events = OutputEvents::void();
    let (mut spent, mut out) = (0.0, Vec::new());
    // In tenths of a second, with the reader's work between them and not counted.
    for _ in 0..10 * SECS {
        let begin = thread_secs();
        for _ in 0..rate_hz as usize / 10 / block {
            let done = plugin.processor().process(
                &inputs,
                &mut outputs,
                &InputEvents::empty(),
                &mut events,
                None,
                None,
            );
            assert!(done.is_ok());
        }
        spent += thread_secs() - begin;
        if let Some(listener) = &mut listener {
            out.clear();
            while !matches!(listener.read(&mut out), abscope_link::Heard::Idle) {}
            assert!(!out.is_empty());
        }
    }
    spent / SECS as f64
}

/// Time that this thread has had a core.
fn thread_secs() -> f64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 * 1e-9
}
