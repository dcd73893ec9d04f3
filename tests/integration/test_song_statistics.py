#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Songs of each quadrant of feeling lie within the spread of human music, but for what is explained."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.environ["KMIDI_PROGRAM"]
TOOL = pathlib.Path(__file__).resolve().parents[2] / "tools" / "measure_songs.py"
SONGS = 40
DONE, FAILED = 0, 3


def check(program):
    return subprocess.run([sys.executable, str(TOOL), "check", str(program), str(SONGS)], capture_output=True, text=True,
                          timeout=280)


class Statistics(unittest.TestCase):
    def test_songs_are_within_the_human_spread(self):
        result = check(PROGRAM)
        self.assertEqual(result.returncode, DONE, result.stdout + result.stderr)

    def test_songs_that_ignore_the_feeling_are_not(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        with_one_feeling = pathlib.Path(folder.name) / "kmidi"
        with_one_feeling.write_text(f'#!/bin/sh\nshift 5\nexec {PROGRAM} compose --valence 0.9 --arousal 0.9 "$@"\n')
        with_one_feeling.chmod(0o755)
        self.assertEqual(check(with_one_feeling).returncode, FAILED)


if __name__ == "__main__":
    unittest.main()
