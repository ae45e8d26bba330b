"""Abscope Send as VST3 in Ardour, on a display without a screen and a sound server without a sound card: a known song on a
master and its tracks is heard by `abscope live` with exact levels, under the tracks' own names, with the song's place; each
frame lies where Ardour says that its song is, also after a locate; and the window offers the tracks at its first start and
hears the master as loud as a file of the same song. Then Ardour is killed.

Ardour has no way in from outside for all of this, so that its window is clicked at, at the size of Debian's Ardour 7; where
that fails, the last picture of it is in the folder that is named.

usage: check_ardour.py BUNDLE ABSCOPE [quick]
"""

import csv
import json
import math
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import wave
from pathlib import Path

HERE = Path(__file__).resolve().parent
PICTURES = HERE.parents[1] / "target/hosts"
RATE_HZ = 48_000
SONG_SECS = 180
# All tracks go round in a tenth of a second, and so does their sum.
PERIOD_FRAMES = RATE_HZ // 10
FULL_SCALE = 2**23


def tone(hz, peak_dbfs):
    peak = 10 ** (peak_dbfs / 20) * (FULL_SCALE - 1)
    return [round(peak * math.sin(2 * math.pi * hz * n / RATE_HZ)) for n in range(PERIOD_FRAMES)]


# A period of each track in steps of 24 bits; of the last one each frame is its own number.
TRACKS = {"Vocal": tone(1000.0, -20.0), "Bass": tone(100.0, -26.0), "Places": list(range(PERIOD_FRAMES))}
MASTER = [sum(frames) for frames in zip(*TRACKS.values())]
TOLERANCE_DB = 0.01
SCANNER = "/usr/lib/ardour7/ardour-vst3-scanner"
# Points to click at, at 1280 × 900.
AUDIO_SYSTEM, SAMPLE_RATE, START = (648, 309), (648, 369), (847, 610)
WINDOW_MENU, SCRIPTING, SCRIPT, RUN = (299, 12), (322, 423), (200, 300), (20, 531)


def peak_dbfs(period):
    return 20 * math.log10(max(map(abs, period)) / FULL_SCALE)


def write_song(path, period):
    """Stereo, 24 bits."""
    frames = b"".join(struct.pack("<i", sample << 8)[1:] * 2 for sample in period)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(3)
        out.setframerate(RATE_HZ)
        out.writeframes(frames * (SONG_SECS * 10))


def wait_for(what, look, secs=120):
    patience = time.monotonic() + secs
    while not (found := look()):
        assert time.monotonic() < patience, what
        time.sleep(0.5)
    return found


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
        for name, period in {**TRACKS, "record": MASTER}.items():
            write_song(folder / f"{name}.wav", period)
        self.env = dict(os.environ, HOME=str(folder), XDG_RUNTIME_DIR=str(folder), XDG_CONFIG_HOME=str(folder / ".config"))
        self.env["PULSE_SERVER"] = f"unix:{folder}/native"
        self.start(
            "pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1",
            "-L", f"module-native-protocol-unix auth-anonymous=1 socket={folder}/native",
            "-L", "module-null-sink sink_name=desk format=float32le rate=48000 channels=2",
        )
        self.env["DISPLAY"] = self.open_display()
        scanner_env = dict(self.env, LD_LIBRARY_PATH="/usr/lib/ardour7")
        subprocess.run([SCANNER, "-f", str(folder / ".vst3" / bundle.name)], env=scanner_env, check=True, capture_output=True)
        # It also ends well where it could not load the plug-in.
        assert list(folder.glob(".cache/ardour7/vst/*.v3i")), "Ardour's scanner does not take the plug-in"
        self.ardour = self.start("ardour", "-a", "-n", "-N", str(folder / "session/song"))

    def start(self, *words, **more):
        with open(self.folder / f"{words[0]}.log", "wb") as log:
            child = subprocess.Popen(words, env=self.env, stdout=log, stderr=log, **more)
        self.children.append(child)
        return child

    def open_display(self):
        said, out = os.pipe()
        self.start("Xvfb", "-screen", "0", "1280x900x24", "-nolisten", "tcp", "-displayfd", str(out), pass_fds=[out])
        os.close(out)
        with os.fdopen(said) as name:
            return ":" + name.readline().strip()

    def xdotool(self, *words):
        return subprocess.run(["xdotool", *map(str, words)], env=self.env, capture_output=True, text=True).stdout

    def click(self, at, secs=3):
        self.xdotool("mousemove", *at, "click", 1)
        time.sleep(secs)

    def wait_for_window(self, name):
        wait_for(f"no window “{name}”", lambda: self.xdotool("search", "--onlyvisible", "--name", name), 180)
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

    def take_picture(self, env, path):
        subprocess.run(["import", "-window", "root", str(path)], env=env)
        return path

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


def check_live(desk, abscope, secs):
    names = [*TRACKS, "Master"]
    wait_for("not all are listed", lambda: sorted(inputs(abscope)) == sorted(f"DAW: {name}" for name in names))
    print(f"ok  Ardour's own names: {inputs(abscope)}")
    readers = {name: listen(abscope, name, secs) for name in names}
    for name, reader in readers.items():
        heard = json.loads(reader.communicate(timeout=secs + 60)[0])
        peak, song = heard["loudness"]["sample_peak_dbfs"], heard["song"]
        expected = peak_dbfs(TRACKS.get(name, MASTER))
        assert heard["lost_frames"] == 0, (name, heard["lost_frames"])
        assert song["playing"] and song["tempo_bpm"] == 120.0 and song["meter"] == [4, 4], song
        assert song["bar"] == math.floor(song["position_secs"] / 2.0) + 1, song
        assert abs(peak - expected) < TOLERANCE_DB, (name, peak, expected)
        print(f"ok  {name}: {secs} s, 0 frames lost, peak {peak:.3f} of {expected:.3f} dBFS, bar {song['bar']}")


def check_locate(desk, abscope):
    places = Path(abscope).parent / "examples/places"
    reader = listen(abscope, "Vocal", 10)
    judge = subprocess.Popen([places, "Places", str(PERIOD_FRAMES), "10"], stdout=subprocess.PIPE, text=True)
    time.sleep(3)
    desk.run("ardour_locate.lua")
    song = json.loads(reader.communicate(timeout=60)[0])["song"]
    assert song["jumps"] >= 1 and 10.0 <= song["position_secs"] <= 20.0, song
    print(f"ok  a locate is followed: {song['position_secs']:.3f} s, {song['jumps']} jumps")
    heard = json.loads(judge.communicate(timeout=60)[0])
    assert heard["lost_frames"] == 0 and heard["jumps"] >= 1 and heard["wrong"] == 0, heard
    # Of ten seconds, without those in which Ardour fades and goes to another place.
    assert heard["right"] > 8 * RATE_HZ, heard
    print(f"ok  each frame is the one of its place, also behind the locate: {heard}")


class Window:
    """Abscope's window in a home that has never seen it, on a display of its own."""

    def __init__(self, desk, abscope):
        self.abscope, self.home = abscope, desk.folder / "abscope"
        self.home.mkdir()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        (self.home / "settings.toml").write_text(f"remote-port = {port}\n")
        self.env = dict(desk.env, HOME=str(self.home), ABSCOPE_CONFIG=str(self.home / "settings.toml"))
        for name in ["CONFIG", "DATA", "STATE", "CACHE"]:
            self.env[f"XDG_{name}_HOME"] = str(self.home / name.lower())
        self.env["DISPLAY"] = desk.open_display()
        with open(desk.folder / "abscope.log", "wb") as log:
            words = [abscope, "--reference", desk.folder / "record.wav", "--fps", "10"]
            desk.children.append(subprocess.Popen(words, env=self.env, stdout=log, stderr=log))
        wait_for("the window does not answer", self.status)

    def ctl(self, *words):
        return subprocess.run([self.abscope, "ctl", *words], env=self.env, capture_output=True, text=True)

    def do(self, *words):
        done = self.ctl(*words)
        assert done.returncode == 0, done.stderr

    def status(self):
        said = self.ctl("status").stdout
        return json.loads(said) if said else None


def check_window(desk, abscope, secs):
    window = Window(desk, abscope)
    assert window.status()["drawer"] == "inputs", window.status()
    time.sleep(2)
    picture = desk.take_picture(window.env, PICTURES / "first-start.png")
    print(f"ok  the window offers the tracks at its first start: {picture}")
    window.do("input", "DAW: Master")
    window.do("inputs")
    wait_for("the master is not heard", lambda: window.status()["input"] == "DAW: Master")
    window.do("reset")
    begin = window.status()
    wait_for("the time stands", lambda: window.status()["mix_secs"] >= begin["mix_secs"] + secs, 2 * secs + 60)
    end = window.status()
    assert end["lost_frames"] == begin["lost_frames"] and not end["input_problem"], (begin, end)
    picture = desk.take_picture(window.env, PICTURES / "window.png")
    wait_for("the record is not read", lambda: window.ctl("export").returncode == 0)
    # Short-term loudness of the mix as it now is, beside that of the same song from a file.
    [table] = window.home.rglob("loudness.csv")
    rows = [row for row in csv.DictReader(table.open()) if row["mix_short_term_lufs"] and row["reference_short_term_lufs"]]
    mix, record = (float(rows[-1][f"{side}_short_term_lufs"]) for side in ["mix", "reference"])
    assert abs(mix - record) < TOLERANCE_DB, (mix, record)
    print(f"ok  the window hears the master: {secs} s, 0 frames lost, {mix:.3f} LUFS, its file {record:.3f}: {picture}")
    return window


def check_kill(desk, abscope, window):
    desk.ardour.kill()
    wait_for("dead senders are listed", lambda: not inputs(abscope), 15)
    problem = wait_for("the window does not say so", lambda: window.status()["input_problem"], 15)
    print(f"ok  Ardour is killed: no sender is listed, and the window says: {problem}")


def check(desk, abscope, secs):
    desk.begin_session()
    desk.run("ardour_setup.lua")
    check_live(desk, abscope, secs)
    check_locate(desk, abscope)
    window = check_window(desk, abscope, secs)
    check_kill(desk, abscope, window)


def main():
    bundle, abscope = Path(sys.argv[1]).resolve(), str(Path(sys.argv[2]).resolve())
    folder = Path(tempfile.mkdtemp(prefix="abscope-ardour-"))
    desk = Desk(folder, bundle)
    try:
        check(desk, abscope, 5 if "quick" in sys.argv[3:] else 60)
    except BaseException:
        print(f"Ardour's window: {desk.take_picture(desk.env, folder / 'ardour.png')}, what was said: {folder}/*.log", file=sys.stderr)
        raise
    finally:
        desk.close()
    shutil.rmtree(folder)


main()
