# SPDX-License-Identifier: MIT
"""`kmidi play` from outside: on drivers without hardware, on a terminal, with keys."""

import array
import fcntl
import json
import os
import pathlib
import pty
import select
import signal
import struct
import subprocess
import tempfile
import termios
import time
import unittest

PROGRAM = os.environ.get("KMIDI_PROGRAM", "build/kmidi")
DONE, USAGE, REFUSED = 0, 1, 2
LARGE_FONTS = [pathlib.Path("/usr/share/sounds", name) for name in ("sf2/FluidR3_GM.sf2", "sf3/MuseScore_General_Lite.sf3")]
FONT = pathlib.Path(os.environ.get("KMIDI_SOUNDFONT", "/usr/share/sounds/sf2/TimGM6mb.sf2"))


def kmidi(*words, **more):
    return subprocess.run([PROGRAM, *[str(w) for w in words]], capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL,
                          **more)


def floats(path):
    """The samples of a WAV of 32-bit floats."""
    data = pathlib.Path(path).read_bytes()
    start = data.index(b"data")
    size = int.from_bytes(data[start + 4:start + 8], "little")
    return array.array("f", data[start + 8:start + 8 + size])


def process_state(pid):
    """As in proc(5): T is stopped."""
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


class Terminal:
    """A program that runs on a terminal of its own."""

    def __init__(self, *words):
        try:
            self.outer, inner = pty.openpty()
        except OSError as error:
            raise unittest.SkipTest(f"no pseudo-terminals here: {error}") from error
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 200, 0, 0))
        self.before = termios.tcgetattr(inner)
        environment = {**os.environ, "TERM": "xterm"}
        self.program = subprocess.Popen([PROGRAM, *[str(w) for w in words]], stdin=inner, stdout=inner, stderr=inner, env=environment,
                                        start_new_session=True)
        self.inner = inner
        self.text = ""

    def read(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            ready, _, _ = select.select([self.outer], [], [], 0.05)
            if ready:
                self.text += os.read(self.outer, 65536).decode(errors="replace")
            if self.program.poll() is not None and not ready:
                break

    def wait_for(self, *words):
        """Reads until a status line that was drawn later than this call has all words."""
        seen = len(self.text)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            self.read(0.1)
            if any(all(word in line for word in words) for line in self.text[seen:].split("\r")):
                return
        raise AssertionError(f"{words} not in {self.text[seen:]!r}")

    def keys(self, text):
        os.write(self.outer, text.encode())

    def end(self):
        code = self.program.wait(timeout=20)
        self.read(0.2)
        after = termios.tcgetattr(self.inner)
        os.close(self.outer)
        os.close(self.inner)
        return code, after[3] == self.before[3]


@unittest.skipUnless(FONT.exists(), f"{FONT} is not there (package timgm6mb-soundfont)")
class InFolder(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.temporary.name)
        self.song = self.folder / "song.mid"
        words = ("compose", "hopeful", "--bars", "4", "--seed", "3", "-o", self.song)
        self.assertEqual(kmidi(*words).returncode, DONE)

    def tearDown(self):
        self.temporary.cleanup()


class Drivers(InFolder):
    def test_live_and_rendered_are_the_same_samples(self):
        played, rendered = self.folder / "played.wav", self.folder / "rendered.wav"
        self.assertEqual(kmidi("play", self.song, "--driver", f"file:{played}").returncode, DONE)
        self.assertEqual(kmidi("render", self.song, "-o", rendered, "--bits", "float").returncode, DONE)
        first, second = floats(played), floats(rendered)
        shorter = min(len(first), len(second))
        self.assertGreater(shorter, 48000)
        self.assertEqual(first[:shorter], second[:shorter])
        self.assertEqual(len(second), shorter)  # A driver may go on for a moment.
        self.assertLess(max(map(abs, first[shorter:]), default=0), 1e-4)

    def test_a_long_song_is_read_first_where_nobody_waits(self):
        long = self.folder / "long.mid"
        words = ("compose", "--from", "fury", "--to", "calm", "--minutes", "60", "-o", long)
        self.assertEqual(kmidi(*words).returncode, DONE)
        self.assertGreater(long.stat().st_size, 256 << 10)
        gains = []
        for driver in ("null", "clock"):
            with subprocess.Popen([PROGRAM, "play", str(long), "--driver", driver, "--json"], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as program:
                time.sleep(1)
                program.send_signal(signal.SIGTERM)
                gains.append(json.loads(program.communicate(timeout=60)[0])["gain"])
        self.assertNotAlmostEqual(gains[0], gains[1], 2)  # On a clock it begins before it was read.

    def test_json_says_what_was_played(self):
        result = kmidi("play", self.song, "--driver", "null", "--json")
        self.assertEqual(result.returncode, DONE, result.stderr)
        answer = json.loads(result.stdout)
        self.assertEqual((answer["driver"], answer["starvations"], answer["events_late"]), ("null", 0, 0))
        self.assertGreater(answer["notes"], 10)
        self.assertGreater(answer["first_sound_ms"], 0)
        scanned = json.loads(kmidi("midi", "scan", self.song, "--json").stdout)
        self.assertEqual(answer["notes"], scanned["note_ons"])

    def test_songs_follow_one_another(self):
        one = json.loads(kmidi("play", self.song, "--driver", "null", "--json").stdout)
        two = json.loads(kmidi("play", self.song, self.song, "--driver", "null", "--json").stdout)
        self.assertEqual(two["notes"], 2 * one["notes"])
        self.assertGreater(two["seconds"], 1.9 * one["seconds"] - 1)

    def test_a_large_file_has_a_gain_although_it_is_not_read_first(self):
        large = self.folder / "large.mid"
        text = b"\0\xff\x01\x83\xff\x7f" + b"x" * 65535  # A text event of 65,535 bytes.
        track = text * 70 + bytes.fromhex("00903c64" "8360803c40" "00ff2f00")
        large.write_bytes(bytes.fromhex("4d546864000000060000000101e04d54726b") + len(track).to_bytes(4, "big") + track)
        gains = []
        for decibels in ("0", "6"):
            result = kmidi("play", large, "--driver", "null", "--json", "--gain", decibels)
            self.assertEqual(result.returncode, DONE, result.stderr)
            self.assertEqual(json.loads(result.stdout)["notes"], 1)
            gains.append(json.loads(result.stdout)["gain"])
        self.assertGreater(gains[0], 2)
        self.assertAlmostEqual(gains[1] / gains[0], 10 ** 0.3, places=3)

    def test_a_loop_of_several_songs_plays_them_in_turn(self):
        other = self.folder / "other.mid"
        self.assertEqual(kmidi("compose", "sad", "--bars", "4", "--tempo", "200", "-o", other).returncode, DONE)
        notes = [json.loads(kmidi("midi", "scan", song, "--json").stdout)["note_ons"] for song in (self.song, other)]
        self.assertNotEqual(*notes)
        path = self.folder / "played.wav"
        with subprocess.Popen([PROGRAM, "play", str(self.song), str(other), "--loop", "--json", "--driver", f"file:{path}"],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
            time.sleep(1.5)
            program.send_signal(signal.SIGTERM)
            text, said = program.communicate(timeout=60)
        self.assertEqual(program.returncode, DONE, said)
        answer = json.loads(text)
        played, seconds = floats(path), answer["seconds"]
        self.assertGreater(len(played) / 2 / 48000, seconds - 1)
        # In a loop of the first alone there is no pause: a song that ended leaves at least a tenth of a second.
        piece = 2 * 480
        quiet = [max(map(abs, played[at:at + piece])) < 1e-4 for at in range(0, len(played) - piece, piece)]
        self.assertTrue(any(all(quiet[at:at + 10]) for at in range(100, len(quiet))))

    def test_songs_in_a_row_are_each_played_to_the_end(self):
        tempo = b"\0\xff\x51\x03" + (60000).to_bytes(3, "big")
        notes = b"".join(b"\0\x90\x3c\x64\x83\0\x80\x3c\x40" for _ in range(4))  # A bar each.
        track = tempo + notes + b"\0\xff\x2f\0"
        song = self.folder / "four_bars.mid"
        song.write_bytes(b"MThd" + struct.pack(">IHHH", 6, 0, 1, 96) + b"MTrk" + struct.pack(">I", len(track)) + track)
        result = kmidi("play", song, song, song, "--driver", "clock", "--json")
        self.assertEqual(result.returncode, DONE, result.stderr)
        self.assertEqual(json.loads(result.stdout)["notes"], 3 * 4)

    def test_it_begins_where_it_is_told_to(self):
        whole = json.loads(kmidi("play", self.song, "--driver", "null", "--json").stdout)
        part = json.loads(kmidi("play", self.song, "--driver", "null", "--json", "--from", "4").stdout)
        self.assertLess(part["notes"], whole["notes"])
        self.assertLess(part["seconds"], whole["seconds"] - 2)

    def test_a_clock_plays_in_time_until_it_is_told_to_end(self):
        with subprocess.Popen([PROGRAM, "play", str(self.song), "--driver", "clock", "--loop", "--json"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as program:
            time.sleep(2)
            program.send_signal(signal.SIGTERM)
            text = program.communicate(timeout=30)[0]
        answer = json.loads(text)
        self.assertEqual((program.returncode, answer["starvations"]), (DONE, 0))
        self.assertGreater(answer["seconds"], 0.5)
        self.assertLess(answer["seconds"], 4)

    def test_what_cannot_be_played(self):
        for words, said in ((("play",), "--live"), (("play", self.folder / "none.mid", "--driver", "null"), "none.mid"),
                            (("play", self.song, self.folder / "none.mid", "--driver", "null"), "none.mid"),
                            (("play", self.song, "--driver", "gramophone"), "gramophone")):
            result = kmidi(*words)
            self.assertIn(result.returncode, (USAGE, REFUSED))
            self.assertEqual(result.stdout, "")
            self.assertIn(said, result.stderr)

    def test_live_takes_what_the_budget_leaves_where_the_font_is_larger(self):
        fonts = [font for font in LARGE_FONTS if font.exists()]
        if not fonts:
            self.skipTest("no font is larger than the audio budget (package fluid-soundfont-gm)")
        with subprocess.Popen([PROGRAM, "play", "--live", "sad", "--driver", "clock", "--json", "--soundfont", str(fonts[0])],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
            time.sleep(1.5)
            program.send_signal(signal.SIGTERM)
            text, said = program.communicate(timeout=30)
        self.assertEqual(program.returncode, DONE, said)
        self.assertGreater(json.loads(text)["notes"], 0)

    def test_without_any_sound_device_it_says_what_to_do(self):
        environment = {**os.environ, "JACK_DEFAULT_SERVER": "kmidi-test-none", "JACK_NO_START_SERVER": "1"}
        result = kmidi("play", self.song, "--driver", "jack", env=environment)
        self.assertEqual(result.returncode, REFUSED)
        self.assertIn("jack", result.stderr.lower())


class Keys(InFolder):
    def play(self, *words):
        return Terminal("play", *words, "--driver", "clock")

    def test_pause_seek_volume_mute_and_the_end(self):
        terminal = self.play(self.song, "--loop")
        terminal.wait_for("playing", "bar 1")
        terminal.keys(" ")
        terminal.wait_for("paused")
        terminal.keys(" ")
        terminal.wait_for("playing")
        terminal.keys("\033[C")
        terminal.wait_for("bar 2")
        terminal.keys("\033[A\033[Bm1+-l?")
        terminal.wait_for("space pause")
        terminal.keys("q")
        self.assertEqual(terminal.end(), (DONE, True))
        self.assertIn("played", terminal.text)

    def test_the_line_shows_chords_and_sections(self):
        terminal = self.play(self.song, "--loop")
        terminal.wait_for("playing", " A1 ")
        told = json.loads(kmidi("analyze", self.song, "--json").stdout)
        terminal.wait_for("bar 1 ", f" {told['chords'][0]['symbol']} ")
        terminal.keys("q")
        self.assertEqual(terminal.end(), (DONE, True))

    def test_the_next_song(self):
        terminal = self.play(self.song, self.song, "--loop")
        terminal.wait_for("bar 2")
        terminal.keys("n")
        terminal.wait_for("bar 1 ")
        terminal.keys("q")
        self.assertEqual(terminal.end(), (DONE, True))

    def test_each_way_to_end_puts_the_terminal_back(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            terminal = self.play(self.song, "--loop")
            terminal.wait_for("playing")
            terminal.program.send_signal(number)
            code, is_restored = terminal.end()
            self.assertTrue(is_restored, number)
            self.assertEqual(code, DONE)
            self.assertIn("\033[?25h", terminal.text)

    def test_ctrl_z_stops_for_a_while_and_does_not_end(self):
        terminal = self.play(self.song, "--loop")
        terminal.wait_for("playing", "bar 1")
        terminal.program.send_signal(signal.SIGTSTP)
        end = time.monotonic() + 20
        while process_state(terminal.program.pid) != "T":
            self.assertIsNone(terminal.program.poll())
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)
        terminal.program.send_signal(signal.SIGCONT)
        terminal.wait_for("playing", "bar 2")
        terminal.keys("q")
        self.assertEqual(terminal.end(), (DONE, True))

    def test_80_columns_have_room_for_the_counters(self):
        for words in ((self.song, "--loop"), ("--live", "anxious")):
            terminal = self.play(*words)
            fcntl.ioctl(terminal.inner, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
            terminal.wait_for("bar 1", "voices", "dB", "A: ok")
            terminal.keys("q")
            self.assertEqual(terminal.end(), (DONE, True))

    def test_live_feelings_turn(self):
        terminal = self.play("--live", "anxious")
        terminal.wait_for("playing", "bar 1", " v -")
        terminal.keys("VVA")
        terminal.wait_for("playing", "a 0.8")
        terminal.keys("c")
        terminal.wait_for("c 0.2")
        terminal.keys("q")
        self.assertEqual(terminal.end(), (DONE, True))

    def test_a_pipe_gets_no_status_line(self):
        result = kmidi("play", self.song, "--driver", "null")
        self.assertEqual((result.returncode, result.stderr), (DONE, ""))
        self.assertNotIn("\033", result.stdout)
        self.assertNotIn("\r", result.stdout)


if __name__ == "__main__":
    unittest.main()
