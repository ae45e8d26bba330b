"""Abscope Send as VST3 in pedalboard, a host made with JUCE: audio goes through to the bit whatever the host does, nothing
is left behind, and `abscope` hears it with exact levels.

usage: check_vst3.py BUNDLE ABSCOPE [quick]
"""

import gc
import json
import os
import re
import subprocess
import sys
import threading
import time

import numpy as np
import pedalboard

STEREO, MONO = "Abscope Send", "Abscope Send (mono)"
RATES_HZ = [44_100, 48_000, 88_200, 96_000, 176_400, 192_000]
LONGEST_BLOCK = 8192


def load(bundle, name=STEREO):
    return pedalboard.load_plugin(bundle, plugin_name=name)


def noise(channels, frames, seed):
    return np.random.default_rng(seed).standard_normal((channels, frames)).astype(np.float32)


def passes(plugin, audio, rate_hz, block, **more):
    """Whether what comes out is what went in, to the bit."""
    out = plugin.process(audio, rate_hz, buffer_size=block, **more)
    return out.shape == audio.shape and np.array_equal(out.view(np.uint32), audio.view(np.uint32))


def check_blocks(bundle, quick):
    sizes = [1, 2, 63, 64, 65, 480, 1000, 8191, 8192] if quick else range(1, LONGEST_BLOCK + 1)
    stereo, mono = load(bundle), load(bundle, MONO)
    # The host guesses which dimension the channels are, and wants a first hint.
    assert passes(stereo, noise(2, 480, 0), 48_000, 480) and passes(mono, noise(1, 480, 0), 48_000, 480)
    for block in sizes:
        # A whole block and a part of one; single frames are slow in every host.
        frames = block + block // 2 + 1
        assert passes(stereo, noise(2, frames, block), 48_000, block), f"{block} frames"
        if block % 16 == 1:
            assert passes(mono, noise(1, frames, block), 48_000, block), f"{block} frames, mono"
    print(f"ok  {len(sizes)} block sizes from 1 to {LONGEST_BLOCK}, stereo and mono")


def check_rates(bundle):
    for rate_hz in RATES_HZ:
        for name, channels in [(STEREO, 2), (MONO, 1)]:
            assert passes(load(bundle, name), noise(channels, rate_hz // 4, rate_hz), rate_hz, 512), rate_hz
    print(f"ok  rates {RATES_HZ}")


def check_reset_state_bypass(bundle):
    plugin = load(bundle)
    audio = noise(2, 48_000, 1)
    assert passes(plugin, audio, 48_000, 512)
    plugin.reset()
    assert passes(plugin, audio, 48_000, 512, reset=False)
    plugin.bypass = True
    plugin.name_in_abscope = "Vocal"
    assert passes(plugin, audio, 48_000, 512)
    other = load(bundle)
    other.raw_state = plugin.raw_state
    assert other.bypass and other.name_in_abscope == "Vocal", other.parameters
    assert passes(other, audio, 48_000, 512)
    before = other.raw_state
    for garbage in [b"", b"abscope", os.urandom(10_000)]:
        try:
            other.raw_state = garbage
        except Exception:
            pass
        assert passes(other, audio, 48_000, 512)
    assert len(before) > 0
    print("ok  reset, state, bypass")


def check_many(bundle):
    plugins = [load(bundle) for _ in range(64)]
    for seed, plugin in enumerate(plugins):
        assert passes(plugin, noise(2, 4800, seed), 48_000, 480)
    print("ok  64 instances")


def footprint():
    """Threads of the plug-in, open files, and private memory in kB."""
    # Python's plug-ins and their parameters know each other, so that only its collector lets them go.
    gc.collect()
    tasks = [open(f"/proc/self/task/{task}/comm").read().strip() for task in os.listdir("/proc/self/task")]
    anonymous = re.search(r"RssAnon:\s+(\d+)", open("/proc/self/status").read())
    return tasks.count("abscope send"), len(os.listdir("/proc/self/fd")), int(anonymous[1])


def check_loads(bundle, count):
    audio = noise(2, 512, 1)

    def once():
        assert passes(load(bundle), audio, 48_000, 512)
        gc.collect()

    for _ in range(count // 5):
        once()
    before = footprint()
    for _ in range(count):
        once()
    after = footprint()
    assert after[0] == 0 and after[1] <= before[1], (before, after)
    # The host itself keeps a little of each; a leaked instance would be hundreds of kilobytes.
    grown = (after[2] - before[2]) / count
    assert grown < 4.0, (before, after)
    print(f"ok  {count} loads and unloads: no thread, no file, {grown:.2f} kB each")


class Playing(threading.Thread):
    """Plays tones through instances in real time, as a master and two tracks would."""

    def __init__(self, bundle, tones):
        super().__init__(daemon=True)
        self.stopped = False
        frames = np.arange(48_000)
        self.tracks = []
        for name, (hz, peak_dbfs) in tones.items():
            plugin = load(bundle)
            plugin.name_in_abscope = name
            tone = 10 ** (peak_dbfs / 20) * np.sin(2 * np.pi * hz * frames / 48_000)
            self.tracks.append((plugin, np.tile(tone.astype(np.float32), (2, 1))))

    def run(self):
        block, at, begin = 480, 0, time.monotonic()
        while not self.stopped:
            for plugin, tone in self.tracks:
                now = tone[:, at % 48_000 : at % 48_000 + block]
                assert passes(plugin, now, 48_000, block, reset=False)
            at += block
            time.sleep(max(0.0, begin + at / 48_000 - time.monotonic()))


def check_heard(bundle, abscope, secs):
    tones = {"Master": (1000.0, -18.0), "Vocal": (1000.0, -23.0), "Bass": (500.0, -30.0)}
    playing = Playing(bundle, tones)
    playing.start()
    names = lambda: [
        device["name"]
        for device in json.loads(subprocess.run([abscope, "devices", "--json"], capture_output=True).stdout)["inputs"]
        if device["host"] == "Abscope Send"
    ]
    patience = time.monotonic() + 20
    while (found := names()) != [f"DAW: {name}" for name in tones]:
        assert time.monotonic() < patience, found
    readers = {
        name: subprocess.Popen(
            [abscope, "live", "--input", f"DAW: {name}", "--seconds", str(secs), "--json"],
            stdout=subprocess.PIPE,
        )
        for name in tones
    }
    for name, reader in readers.items():
        heard = json.loads(reader.communicate(timeout=secs + 60)[0])
        peak = heard["loudness"]["sample_peak_dbfs"]
        assert abs(peak - tones[name][1]) < 0.01, (name, heard["loudness"])
        assert heard["lost_frames"] == 0, (name, heard["lost_frames"])
        print(f"ok  {name}: {secs} s heard, peak {peak:.3f} dBFS, 0 frames lost")
    playing.stopped = True
    playing.join()


def main():
    bundle, abscope = sys.argv[1], sys.argv[2]
    quick = "quick" in sys.argv[3:]
    check_blocks(bundle, quick)
    check_rates(bundle)
    check_reset_state_bypass(bundle)
    check_many(bundle)
    check_loads(bundle, 100 if quick else 1000)
    check_heard(bundle, abscope, 5 if quick else 60)


main()
