"""Abscope Send as VST3 in pedalboard, a host made with JUCE: audio goes through to the bit whatever the host does, nothing
is left behind, and `abscope` lists it. That it is heard is shown in Ardour: this host renders, it does not play.

usage: check_vst3.py BUNDLE ABSCOPE [quick]
"""

import gc
import json
import os
import re
import subprocess
import sys
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


def check_listed_and_silent(bundle, abscope):
    """This host says that it renders, faster than time goes: it is listed by the chosen names, and not heard."""
    plugins = {}
    for name in ["Master", "Vocal", "Bass"]:
        plugins[name] = load(bundle)
        plugins[name].name_in_abscope = name
        assert passes(plugins[name], noise(2, 4800, 1), 48_000, 480)
    patience = time.monotonic() + 20
    while (found := names_listed(abscope)) != [f"DAW: {name}" for name in plugins]:
        assert time.monotonic() < patience, found
    reader = subprocess.Popen(
        [abscope, "live", "--input", "DAW: Vocal", "--seconds", "1", "--json"], stderr=subprocess.PIPE, text=True
    )
    while reader.poll() is None:
        assert passes(plugins["Vocal"], noise(2, 4800, 2), 48_000, 480, reset=False)
        time.sleep(0.05)
    said = reader.stderr.read()
    assert "nothing has arrived" in said, said
    print(f"ok  listed as {found}, and what is rendered is not heard")


def names_listed(abscope):
    listed = subprocess.run([abscope, "devices", "--json"], capture_output=True, text=True).stdout
    return [device["name"] for device in json.loads(listed)["inputs"] if device["host"] == "Abscope Send"]


def main():
    bundle, abscope = sys.argv[1], sys.argv[2]
    quick = "quick" in sys.argv[3:]
    check_blocks(bundle, quick)
    check_rates(bundle)
    check_reset_state_bypass(bundle)
    check_many(bundle)
    check_loads(bundle, 100 if quick else 1000)
    check_listed_and_silent(bundle, abscope)


main()
