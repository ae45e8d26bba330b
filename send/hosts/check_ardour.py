"""Abscope Send as VST3 in Ardour, on a display without a screen and a sound server without a sound card: a known song on a
master and two tracks is heard by `abscope live` with exact levels, under the tracks' own names, with the song's place.

Ardour has no way in from outside for all of this, so that its window is clicked at, at the size of Debian's Ardour 7; where
that fails, the last picture of it is in the folder that is named.

usage: check_ardour.py BUNDLE ABSCOPE [quick]
"""

import json
import math
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import wave
from pathlib import Path

HERE = Path(__file__).resolve().parent
RATE_HZ = 48_000
SONG_SECS = 120
# Frequency in Hz and peak in dBFS.
TRACKS = {"Vocal": (1000.0, -20.0), "Bass": (100.0, -26.0)}
SCANNER = "/usr/lib/ardour7/ardour-vst3-scanner"
# Points to click at, at 1280 × 900.
AUDIO_SYSTEM, SAMPLE_RATE, START = (648, 309), (648, 369), (847, 610)
WINDOW_MENU, SCRIPTING, SCRIPT, RUN = (299, 12), (322, 423), (200, 300), (20, 531)


def write_tone(path, hz, peak_dbfs):
    """Stereo, 24 bits; both frequencies go round in a tenth of a second."""
    peak = 10 ** (peak_dbfs / 20) * (2**23 - 1)
    tenth = [round(peak * math.sin(2 * math.pi * hz * n / RATE_HZ)) for n in range(RATE_HZ // 10)]
    frames = b"".join(struct.pack("<i", sample << 8)[1:] * 2 for sample in tenth)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(3)
        out.setframerate(RATE_HZ)
        out.writeframes(frames * (SONG_SECS * 10))


class Desk:
    """A home, a sound server and a display of their own, and Ardour in them."""

    def __init__(self, folder, bundle):
        self.folder = folder
        self.children = []
        config = folder / ".config/ardour7"
        config.mkdir(parents=True)
        # Neither the first start's questions nor the warning about locked memory.
        (config / ".a7").touch()
        (config / "instant.xml").write_text("<instant><no-memory-warning/></instant>")
        shutil.copytree(bundle, folder / ".vst3" / bundle.name)
        for name, tone in TRACKS.items():
            write_tone(folder / f"{name}.wav", *tone)
        self.env = dict(os.environ, HOME=str(folder), XDG_RUNTIME_DIR=str(folder), XDG_CONFIG_HOME=str(folder / ".config"))
        self.env["PULSE_SERVER"] = f"unix:{folder}/native"
        self.start(
            "pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1",
            "-L", f"module-native-protocol-unix auth-anonymous=1 socket={folder}/native",
            "-L", "module-null-sink sink_name=desk format=float32le rate=48000 channels=2",
        )
        display, out = os.pipe()
        self.start("Xvfb", "-screen", "0", "1280x900x24", "-nolisten", "tcp", "-displayfd", str(out), pass_fds=[out])
        self.env["DISPLAY"] = ":" + os.read(display, 16).decode().strip()
        scanner_env = dict(self.env, LD_LIBRARY_PATH="/usr/lib/ardour7")
        subprocess.run([SCANNER, "-f", str(folder / ".vst3" / bundle.name)], env=scanner_env, check=True, capture_output=True)
        self.ardour = self.start("ardour", "-a", "-n", "-N", str(folder / "session/song"))

    def start(self, *words, **more):
        with open(self.folder / f"{words[0]}.log", "wb") as log:
            child = subprocess.Popen(words, env=self.env, stdout=log, stderr=log, **more)
        self.children.append(child)
        return child

    def xdotool(self, *words):
        return subprocess.run(["xdotool", *map(str, words)], env=self.env, capture_output=True, text=True).stdout

    def click(self, at, secs=3):
        self.xdotool("mousemove", *at, "click", 1)
        time.sleep(secs)

    def wait_for_window(self, name):
        patience = time.monotonic() + 180
        while not self.xdotool("search", "--onlyvisible", "--name", name):
            assert time.monotonic() < patience, f"no window “{name}”"
            time.sleep(0.5)
        time.sleep(3)

    def begin_session(self):
        self.wait_for_window("Audio/MIDI Setup")
        self.click(AUDIO_SYSTEM)
        # ALSA, JACK, PulseAudio.
        self.xdotool("key", "Down", "Down", "Return")
        time.sleep(3)
        # 44.1 kHz, 48 kHz.
        self.click(SAMPLE_RATE)
        self.xdotool("key", "Down", "Return")
        time.sleep(2)
        self.click(START)
        self.wait_for_window("song")
        time.sleep(10)
        self.click(WINDOW_MENU)
        self.click(SCRIPTING)

    def run(self, script):
        text = (HERE / script).read_text().replace("@FOLDER@", str(self.folder))
        subprocess.run(["xclip", "-selection", "clipboard", "-i"], env=self.env, input=text, text=True, check=True)
        self.click(SCRIPT, 1)
        self.xdotool("key", "ctrl+a")
        time.sleep(0.5)
        self.xdotool("key", "ctrl+v")
        time.sleep(1)
        self.click(RUN, 0)

    def take_picture(self):
        picture = self.folder / "ardour.png"
        subprocess.run(["import", "-window", "root", str(picture)], env=self.env)
        return picture

    def close(self):
        for child in reversed(self.children):
            child.kill()
            child.wait()


def inputs(abscope):
    listed = subprocess.run([abscope, "devices", "--json"], capture_output=True, text=True).stdout
    return [device["name"] for device in json.loads(listed)["inputs"] if device["host"] == "Abscope Send"]


def listen(abscope, name, secs):
    words = [abscope, "live", "--input", f"DAW: {name}", "--seconds", str(secs), "--json"]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)


def check(desk, abscope, secs):
    desk.begin_session()
    desk.run("ardour_setup.lua")
    names = [*TRACKS, "Master"]
    patience = time.monotonic() + 120
    while sorted(found := inputs(abscope)) != sorted(f"DAW: {name}" for name in names):
        assert time.monotonic() < patience, found
        time.sleep(0.5)
    print(f"ok  Ardour's own names: {found}")
    readers = {name: listen(abscope, name, secs) for name in names}
    for name, reader in readers.items():
        heard = json.loads(reader.communicate(timeout=secs + 60)[0])
        peak, song = heard["loudness"]["sample_peak_dbfs"], heard["song"]
        assert heard["lost_frames"] == 0, (name, heard["lost_frames"])
        assert song["playing"] and song["tempo_bpm"] == 120.0 and song["meter"] == [4, 4], song
        assert song["bar"] == math.floor(song["position_secs"] / 2.0) + 1, song
        if name in TRACKS:
            assert abs(peak - TRACKS[name][1]) < 0.01, (name, peak)
        print(f"ok  {name}: {secs} s, 0 frames lost, peak {peak:.3f} dBFS, bar {song['bar']}")
    reader = listen(abscope, "Vocal", 10)
    time.sleep(3)
    desk.run("ardour_locate.lua")
    song = json.loads(reader.communicate(timeout=60)[0])["song"]
    assert song["jumps"] >= 1 and 10.0 <= song["position_secs"] <= 20.0, song
    print(f"ok  a locate is followed: {song['position_secs']:.3f} s, {song['jumps']} jumps")


def main():
    bundle, abscope = Path(sys.argv[1]).resolve(), str(Path(sys.argv[2]).resolve())
    folder = Path(tempfile.mkdtemp(prefix="abscope-ardour-"))
    desk = Desk(folder, bundle)
    try:
        check(desk, abscope, 5 if "quick" in sys.argv[3:] else 60)
    except BaseException:
        print(f"Ardour's window: {desk.take_picture()}, what it said: {folder}/ardour.log", file=sys.stderr)
        raise
    finally:
        desk.close()
    shutil.rmtree(folder)


main()
