# SPDX-License-Identifier: MIT
"""`kmidi render` and `compose --wav` from outside: the files they write, read by other programs."""

import array
import hashlib
import json
import math
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest
import wave

PROGRAM = os.environ.get("KMIDI_PROGRAM", "build/kmidi")
DONE, USAGE, REFUSED = 0, 1, 2
FONT = pathlib.Path(os.environ.get("KMIDI_SOUNDFONT", "/usr/share/sounds/sf2/TimGM6mb.sf2"))
SONG = ("compose", "a quiet, hopeful morning", "--bars", "4", "--seed", "3")


def kmidi(*words, **more):
    return subprocess.run([PROGRAM, *[str(w) for w in words]], capture_output=True, text=True, timeout=120, **more)


def samples(path):
    """The samples of a 16-bit stereo WAV, left and right one after the other."""
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (2, 2)
        return array.array("h", file.readframes(file.getnframes()))


def floats(path):
    """The samples of a WAV of 32-bit floats."""
    data = pathlib.Path(path).read_bytes()
    start = data.index(b"data")
    size = int.from_bytes(data[start + 4:start + 8], "little")
    return array.array("f", data[start + 8:start + 8 + size])


def sum_of(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


@unittest.skipUnless(FONT.exists(), f"{FONT} is not there (package timgm6mb-soundfont)")
class InFolder(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.temporary.name)
        self.song = self.folder / "song.mid"
        self.wav = self.folder / "song.wav"
        self.assertEqual(kmidi(*SONG, "-o", self.song).returncode, DONE)

    def tearDown(self):
        self.temporary.cleanup()

    def render(self, *words, code=DONE, **more):
        result = kmidi("render", self.song, *words, **more)
        self.assertEqual(result.returncode, code, result.stderr)
        return result

    def expect_refused(self, result, *words, code=REFUSED):
        self.assertEqual((result.returncode, result.stdout), (code, ""), result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)
        self.assertEqual([p.name for p in self.folder.iterdir()], ["song.mid"])


class Renders(InFolder):
    def test_a_wav_that_other_programs_read(self):
        self.render("-o", self.wav)
        with wave.open(str(self.wav)) as file:
            self.assertEqual(file.getframerate(), 48000)
            seconds = file.getnframes() / 48000
        sound = samples(self.wav)
        self.assertGreater(max(sound), 3000)
        self.assertLess(max(abs(s) for s in sound[-200:]), 30)  # It has died away.
        told = json.loads(kmidi("midi", "scan", self.song, "--json").stdout)
        self.assertGreater(seconds, told["duration_s"] - 1)
        self.assertLess(seconds, told["duration_s"] + 15)

    def test_the_same_command_gives_the_same_bytes_whatever_the_block(self):
        other = self.folder / "other.wav"
        self.render("-o", self.wav)
        for block in (1, 61, 512, 8192):
            self.render("-o", other, "--block", block)
            first, second = samples(self.wav), samples(other)
            self.assertEqual(first, second, block)
        self.render("-o", other)
        self.assertEqual(sum_of(self.wav), sum_of(other))

    def test_json_says_what_was_rendered(self):
        answer = json.loads(self.render("-o", self.wav, "--json").stdout)
        self.assertEqual(answer["file"], str(self.wav))
        self.assertEqual(answer["soundfont"], str(FONT))
        with wave.open(str(self.wav)) as file:
            self.assertEqual(answer["frames"], file.getnframes())
        self.assertGreater(answer["notes"], 10)
        self.assertEqual((answer["voices_stolen"], answer["notes_lost"]), (0, 0))
        self.assertLess(answer["side_a_bytes"], 16 << 20)
        if "integrated_lufs" not in answer:
            self.skipTest("kmidi-ebur128.so is not there: no loudness")
        self.assertLess(answer["true_peak_dbtp"], -1)

    def test_sample_memory_over_the_budget_is_what_is_refused(self):
        said = self.render("-o", self.wav, "--sample-memory", "1000", code=REFUSED).stderr
        self.assertIn("--sample-memory 1000", said)
        self.assertNotIn("choose a smaller soundfont", said)

    def test_a_rule_of_distortion_is_heard(self):
        told = kmidi("compose", "rage and fury", "--bars", "4", "--rule", "PRODUCTION_Distortion", "-o", self.song, "--wav", self.wav)
        self.assertEqual(told.returncode, DONE, told.stderr)
        clean = self.folder / "clean.wav"
        self.render("-o", clean)
        first, second = samples(self.wav), samples(clean)
        count = min(len(first), len(second))
        ours = sum(x * x for x in first[:count])
        reference = sum(y * y for y in second[:count])
        product = sum(x * y for x, y in zip(first[:count], second[:count]))
        self.assertGreater(1 - product * product / (ours * reference), 0.01)  # What no gain explains: above -20 dB.

    def test_songs_that_break_rules_of_production_are_no_louder(self):
        for rule in ("PRODUCTION_Distortion", "PRODUCTION_ExcessiveMud"):
            told = kmidi("compose", "rage and fury", "--bars", "8", "--rule", rule, "--wav", self.wav).stdout
            line = next((line for line in told.split("\n") if "LUFS" in line), None)
            if line is None:
                self.skipTest("kmidi-ebur128.so is not there: no loudness")
            loudness = float(line.split()[1])
            self.assertGreater(loudness, -18, rule)
            self.assertLess(loudness, -14, rule)

    def test_each_format_and_depth(self):
        for name, magic in (("a.flac", b"fLaC"), ("a.ogg", b"OggS"), ("a.wav", b"RIFF")):
            path = self.folder / name
            self.render("-o", path)
            self.assertEqual(path.read_bytes()[:4], magic)
        self.render("-o", self.wav, "--bits", "24", "--rate", "44100")
        with wave.open(str(self.wav)) as file:
            self.assertEqual((file.getsampwidth(), file.getframerate()), (3, 44100))
        self.render("-o", self.wav, "--bits", "float")
        self.assertGreater(max(floats(self.wav)), 0.1)

    def test_stems_are_equally_long_whatever_rings_on(self):
        # A piano with full reverb ends the music; the harp before it has none. Ticks, then the event.
        events = ((0, "c00d"), (0, "c12f"), (0, "b15b00"), (0, "b05b7f"), (0, "913c64"), (240, "813c40"), (720, "904c7f"), (10, "804c40"),
                  (10, "b07800"), (0, "ff2f00"))
        track = b"".join((bytes([ticks >> 7 | 128]) if ticks > 127 else b"") + bytes([ticks & 127]) + bytes.fromhex(event)
                         for ticks, event in events)
        self.song.write_bytes(bytes.fromhex("4d546864000000060000000101e04d54726b") + len(track).to_bytes(4, "big") + track)
        self.render("-o", self.wav, "--stems")
        stems = [path for path in self.folder.iterdir() if path.suffix == ".wav"]
        self.assertEqual((len(stems), len({path.stat().st_size for path in stems})), (2, 1))

    def test_stems_add_up_to_the_mix_before_the_limiter(self):
        mix = self.folder / "mix.wav"
        self.render("-o", mix, "--bits", "float", "--no-limiter")
        told = json.loads(self.render("-o", self.folder / "stem.wav", "--stems", "--bits", "float", "--json").stdout)
        stems = [floats(stem["file"]) for stem in told["stems"]]
        self.assertGreater(len(stems), 2)
        whole = floats(mix)
        self.assertEqual({len(s) for s in stems}, {len(stems[0])})
        worst = 0.0
        for i in range(0, min(len(whole), len(stems[0])), 7):
            worst = max(worst, abs(whole[i] - math.fsum(s[i] for s in stems)))
        self.assertLess(worst, 1e-4)

    def test_standard_input_is_music_as_well(self):
        self.render("-o", self.wav)
        other = self.folder / "other.wav"
        with open(self.song, "rb") as file:
            result = subprocess.run([PROGRAM, "render", "-", "-o", str(other)], stdin=file, capture_output=True, timeout=120, check=False)
        self.assertEqual(result.returncode, DONE, result.stderr)
        self.assertEqual(sum_of(self.wav), sum_of(other))

    def test_all_ways_to_interpolate_sound_alike(self):
        for way in ("linear", "7"):
            self.render("-o", self.wav, "--interpolation", way)
            self.assertGreater(max(samples(self.wav)), 3000)


class Refusals(InFolder):
    def test_what_is_no_music_or_not_there(self):
        self.expect_refused(kmidi("render", self.folder / "none.mid", "-o", self.wav), "none.mid", "No such file")
        self.expect_refused(kmidi("render", PROGRAM, "-o", self.wav))

    def test_what_is_no_font(self):
        self.expect_refused(kmidi("render", self.song, "-o", self.wav, "--soundfont", self.song), "song.mid")
        nowhere = kmidi("render", self.song, "-o", self.wav, "--soundfont", self.folder / "none.sf2")
        self.expect_refused(nowhere, "none.sf2")

    def test_a_font_that_the_memory_does_not_hold(self):
        result = kmidi("render", self.song, "-o", self.wav, "--sample-memory", "4096")
        self.assertEqual(result.returncode, REFUSED)
        big = pathlib.Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
        if big.exists():
            result = kmidi("render", self.song, "-o", self.wav, "--soundfont", big, "--sample-memory", "1")
            self.expect_refused(result, str(big), "KiB", "--sample-memory", "smaller soundfont")

    def test_where_nothing_can_be_written(self):
        self.expect_refused(kmidi("render", self.song, "-o", self.folder / "no" / "x.wav"), "x.wav")
        self.expect_refused(kmidi("render", self.song, "-o", self.folder / "x.mp3"), ".flac", code=USAGE)
        self.expect_refused(kmidi("render", self.song), "-o", code=USAGE)
        self.expect_refused(kmidi("render", self.song, "-o", self.wav, "--bits", "12"), "24", code=USAGE)
        self.expect_refused(kmidi("render", self.song, "-o", self.wav, "--interpolation", "9"), "linear", code=USAGE)

    def test_interrupted_it_leaves_nothing(self):
        long = self.folder / "long.mid"
        self.assertEqual(kmidi("compose", "calm", "--bars", "256", "-o", long).returncode, DONE)
        with subprocess.Popen([PROGRAM, "render", str(long), "-o", str(self.wav)], stderr=subprocess.DEVNULL) as program:
            time.sleep(0.3)
            program.send_signal(signal.SIGINT)
            program.wait(timeout=60)
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["long.mid", "song.mid"])


class Composes(InFolder):
    def test_compose_renders_what_render_would(self):
        other = self.folder / "other.wav"
        result = kmidi(*SONG, "-o", self.song, "--wav", other, "--json")
        self.assertEqual(result.returncode, DONE, result.stderr)
        files = {f["path"]: f["sha256"] for f in json.loads(result.stdout)["files"]}
        self.assertEqual(files[str(other)], sum_of(other))
        sound = json.loads(result.stdout)["files"][-1]
        self.assertGreater(sound["notes"], 10)
        self.assertAlmostEqual(sound["duration_s"], len(samples(other)) / 2 / 48000, places=4)
        self.render("-o", self.wav)
        self.assertEqual(sum_of(self.wav), sum_of(other))

    def test_what_production_rules_ask_for_is_heard(self):
        plain = self.folder / "plain.wav"
        self.assertEqual(kmidi(*SONG, "--wav", plain).returncode, DONE)
        for rule in ("Distortion", "RoomNoise", "MonoCollapse", "ExcessiveMud", "PitchImperfection"):
            self.assertEqual(kmidi(*SONG, "--wav", self.wav, "--rule", f"PRODUCTION_{rule}").returncode, DONE)
            self.assertNotEqual(sum_of(self.wav), sum_of(plain), rule)
        self.assertEqual(kmidi(*SONG, "--wav", self.wav, "--rule", "PRODUCTION_MonoCollapse").returncode, DONE)
        sound, before = samples(self.wav), samples(plain)

        def side(s):
            return sum((s[i] - s[i + 1]) ** 2 for i in range(0, len(s) - 1, 2))

        self.assertLess(side(sound), 0.5 * side(before))

    def test_it_fails_as_a_whole(self):
        result = kmidi(*SONG, "-o", self.folder / "new.mid", "--wav", self.folder / "no" / "x.wav")
        self.expect_refused(result, "x.wav")
        result = kmidi(*SONG, "-o", self.wav, "--wav", self.wav)
        self.expect_refused(result, "both", code=USAGE)

    def test_a_journey_is_rendered(self):
        result = kmidi("compose", "--from", "tense", "--to", "calm", "--minutes", "0.5", "--wav", self.wav, "--json")
        self.assertEqual(result.returncode, DONE, result.stderr)
        self.assertGreater(len(samples(self.wav)), 2 * 48000 * 20)

    def test_loudness_is_the_same_for_all_feelings(self):
        for place in ((-0.8, -0.8, "band"), (-0.8, 0.8, "solo piano"), (0.8, -0.8, "string quartet"), (0.8, 0.8, "band"),
                      (0.8, -0.8, "solo piano")):
            words = ("--valence", place[0], "--arousal", place[1], "--ensemble", place[2], "--bars", "8")
            self.assertEqual(kmidi("compose", *words, "-o", self.song).returncode, DONE)
            answer = json.loads(self.render("-o", self.wav, "--json").stdout)
            if "integrated_lufs" not in answer:
                self.skipTest("kmidi-ebur128.so is not there: no loudness")
            with self.subTest(words):
                self.assertLess(answer["integrated_lufs"], -14)
                self.assertGreater(answer["integrated_lufs"], -18)
                self.assertLess(answer["true_peak_dbtp"], -1)


if __name__ == "__main__":
    unittest.main()
