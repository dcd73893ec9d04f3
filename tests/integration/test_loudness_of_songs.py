# SPDX-License-Identifier: MIT
"""The loudness that is estimated before a note sounds, beside what libebur128 measures of the render."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

PROGRAM = os.environ.get("KMIDI_PROGRAM", "build/kmidi")
FONT = pathlib.Path(os.environ.get("KMIDI_SOUNDFONT", "/usr/share/sounds/sf2/TimGM6mb.sf2"))
TARGET_LUFS = -16
SONGS = (
    ("calm", ()),
    ("furious", ()),
    ("grief and loss", ("--ensemble", "solo_piano")),
    ("a quiet, hopeful morning", ("--ensemble", "string_quartet")),
    ("joy", ("--genre", "Hip-Hop")),
    ("anxious", ("--tempo", "140")),
    ("tired", ("--ensemble", "solo_piano", "--arousal", "-0.74", "--vulnerability", "0.85", "--chaos", "0.69")),
    ("rage", ("--rule", "PRODUCTION_Distortion")),
    ("trapped", ("--rule", "PRODUCTION_ExcessiveMud")),
    ("alone", ("--rule", "PRODUCTION_MonoCollapse", "--rule", "PRODUCTION_RoomNoise")),
)


def kmidi(*words):
    result = subprocess.run([PROGRAM, *[str(w) for w in words]], capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    return result.stdout


@unittest.skipUnless(FONT.exists(), f"{FONT} is not there (package timgm6mb-soundfont)")
class Estimates(unittest.TestCase):
    def test_are_within_two_units_of_what_is_rendered(self):
        with tempfile.TemporaryDirectory() as name:
            for i, (words, options) in enumerate(SONGS):
                with self.subTest(words=words):
                    wav = pathlib.Path(name, "song.wav")
                    result = kmidi("compose", words, *options, "--bars", 8, "--seed", i + 1, "--wav", wav, "--json")
                    answer = json.loads(result)["files"][-1]
                    if "integrated_lufs" not in answer:
                        self.skipTest("kmidi-ebur128.so is not there: no loudness")
                    self.assertLess(abs(answer["integrated_lufs"] - TARGET_LUFS), 2, answer)
                    self.assertLess(answer["true_peak_dbtp"], -1, answer)


if __name__ == "__main__":
    unittest.main()
