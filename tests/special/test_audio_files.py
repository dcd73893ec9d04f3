#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What other programs read out of the audio files that we write: Python's wave, ffmpeg, sox."""

import json
import math
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile
import unittest
import wave

PROBE = os.environ["KMIDI_PROBE"]
DEFAULT, INT16, INT24, FLOAT = range(4)  # enum km_audio_encoding
SECONDS_MAX = 60


def run(*words, **options):
    return subprocess.run([str(w) for w in words], capture_output=True, timeout=SECONDS_MAX, check=False, **options)


def expected(rate, seconds):
    """What audio_probe writes: pairs of left and right."""
    turns = [i / rate * 2 * math.pi for i in range(rate * seconds)]
    return [(math.sin(t * 1000) * 0.5, math.sin(t * 441) * 0.25) for t in turns]


class Files(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kmidi-audio-"))

    def tearDown(self):
        shutil.rmtree(self.folder)

    def write(self, name, encoding=DEFAULT, rate=48000, seconds=1):
        path = self.folder / name
        result = run(PROBE, "write", path, encoding, rate, seconds)
        if b"kmidi-sndfile.so" in result.stdout:
            self.skipTest(json.loads(result.stdout)["error"])
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, b"", b""))
        self.assertFalse([p.name for p in self.folder.iterdir() if p.name.endswith(".part")])
        return path

    def need(self, program):
        if not shutil.which(program):
            self.skipTest(f"{program} is not installed")

    def assert_near(self, frames, rate, tolerance, missing=0):
        wanted = expected(rate, 1)
        self.assertIn(len(frames), range(len(wanted) - missing, len(wanted) + 1))
        worst = max(max(abs(a - b), abs(c - d)) for (a, c), (b, d) in zip(frames, wanted))
        self.assertLess(worst, tolerance)

    def through_ffmpeg(self, path):
        self.need("ffmpeg")
        result = run("ffmpeg", "-v", "error", "-i", path, "-f", "f32le", "-c:a", "pcm_f32le", "-")
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        return list(struct.iter_unpack("<2f", result.stdout))

    def probe(self, path):
        self.need("ffprobe")
        result = run("ffprobe", "-v", "error", "-of", "json", "-show_streams", "-show_format", path)
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        return json.loads(result.stdout)

    def test_python_reads_16_bit(self):
        with wave.open(str(self.write("a.wav")), "rb") as file:
            self.assertEqual(file.getparams()[:4], (2, 2, 48000, 48000))
            frames = [(a / 32768, b / 32768) for a, b in struct.iter_unpack("<2h", file.readframes(48000))]
        self.assert_near(frames, 48000, 1.6 / 32768)  # Rounding and dither.

    def test_python_reads_24_bit(self):
        with wave.open(str(self.write("a.wav", INT24, 96000)), "rb") as file:
            self.assertEqual(file.getparams()[:4], (2, 3, 96000, 96000))
            data = file.readframes(96000)
        samples = [int.from_bytes(data[i : i + 3], "little", signed=True) / 8388608 for i in range(0, len(data), 3)]
        self.assert_near(list(zip(samples[::2], samples[1::2])), 96000, 1.1 / 8388608)

    def test_ffmpeg_reads_each_format(self):
        cases = [("a.wav", INT16, 1.6 / 32768), ("a.wav", INT24, 1.1 / 8388608), ("a.wav", FLOAT, 1e-7), ("a.flac", INT16, 1.6 / 32768),
                 ("a.flac", INT24, 1.1 / 8388608), ("a.ogg", DEFAULT, 0.06)]
        for name, encoding, tolerance in cases:
            for rate in (44100, 48000):
                with self.subTest(name=name, encoding=encoding, rate=rate):
                    frames = self.through_ffmpeg(self.write(name, encoding, rate))
                    self.assert_near(frames, rate, tolerance, missing=1024 if name == "a.ogg" else 0)  # ffmpeg drops a part of the last page.

    def test_formats_rates_and_titles_are_seen(self):
        cases = [("a.wav", INT24, "pcm_s24le", 192000), ("a.wav", FLOAT, "pcm_f32le", 44100), ("a.flac", INT16, "flac", 88200),
                 ("a.flac", INT24, "flac", 192000), ("a.ogg", DEFAULT, "vorbis", 48000)]
        for name, encoding, codec, rate in cases:
            with self.subTest(name=name, encoding=encoding):
                seen = self.probe(self.write(name, encoding, rate))
                stream = seen["streams"][0]
                self.assertEqual((stream["codec_name"], int(stream["sample_rate"]), stream["channels"]), (codec, rate, 2))
                self.assertAlmostEqual(float(stream["duration"]), 1, places=3)
                tags = {**seen["format"].get("tags", {}), **stream.get("tags", {})}
                self.assertEqual({k.lower(): v for k, v in tags.items()}["title"], "Grief ä")
                if name == "a.flac":
                    self.assertEqual(stream["bits_per_raw_sample"], "24" if encoding == INT24 else "16")

    def test_sox_reads_what_it_can(self):
        self.need("sox")
        for name, encoding in (("a.wav", INT16), ("a.wav", INT24), ("a.wav", FLOAT), ("a.flac", INT16), ("a.ogg", DEFAULT)):
            with self.subTest(name=name, encoding=encoding):
                path = self.write(name, encoding)
                formats = run("sox", "--help").stdout.decode().split("AUDIO FILE FORMATS:")[-1]
                if path.suffix[1:] not in formats.splitlines()[0].split():
                    continue
                result = run("sox", path, "-n", "stat")
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertIn(b"Samples read:             96000", result.stderr)

    def test_a_file_over_four_gigabytes_is_understood(self):
        frames = 700_000_000  # 5.6 GB of floats, of which the disk holds only the header.
        path = self.folder / "sparse.wav"
        path.write_bytes(run(PROBE, "header", FLOAT, frames).stdout)
        header_size = path.stat().st_size
        try:
            os.truncate(path, header_size + 8 * frames)
        except OSError as error:
            self.skipTest(f"no large sparse files here: {error}")
        with open(path, "rb") as file:
            self.assertEqual(file.read(4), b"RF64")
        stream = self.probe(path)["streams"][0]
        self.assertEqual(stream["codec_name"], "pcm_f32le")
        self.assertEqual(int(stream["duration_ts"]), frames)
        if shutil.which("sndfile-info"):
            self.assertIn(f"Frames : {frames}".replace(" ", ""), run("sndfile-info", path).stdout.decode().replace(" ", ""))

    def test_samples_of_fonts_are_decoded(self):
        stereo = self.write("a.ogg", rate=44100)
        result = run(PROBE, "decode", stereo)
        self.assertEqual(result.returncode, 0, result.stderr)
        frames = [value / 32767 for (value,) in struct.iter_unpack("<h", result.stdout)]
        wanted = [(left + right) / 2 for left, right in expected(44100, 1)]
        self.assertEqual(len(frames), len(wanted))
        self.assertLess(max(abs(a - b) for a, b in zip(frames, wanted)), 0.02)

    def test_what_is_no_vorbis_is_refused(self):
        good = self.write("a.ogg").read_bytes()
        broken = self.folder / "broken"
        for data in (b"", b"OggS", b"x" * 1000, good[:100], self.write_other().read_bytes()):
            broken.write_bytes(data)
            result = run(PROBE, "decode", broken)
            self.assertEqual((result.returncode, result.stdout), (3, b""))
        broken.write_bytes(good[: len(good) // 2])  # Cut: what there is, or nothing.
        self.assertIn(run(PROBE, "decode", broken).returncode, (0, 3))

    def write_other(self):
        path = self.folder / "other.wav"
        run(PROBE, "write", path, INT16, 48000, 1)
        return path


if __name__ == "__main__":
    unittest.main()
