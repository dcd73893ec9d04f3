#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Our chords beside those of real songs: as likely under a model of these, and no duller."""

import os
import pathlib
import subprocess
import sys
import unittest

DATA = pathlib.Path(os.environ["KMIDI_DATA"])
PROGRAM = os.environ["KMIDI_PROGRAM"]
ROOT = pathlib.Path(__file__).resolve().parents[2]
SONGS = "500"  # The report of docs/music.md takes 2,000.

sys.path.insert(0, str(ROOT / "tools"))
import real_progressions as real  # noqa: E402


class Readers(unittest.TestCase):
    def test_numerals_are_read_by_their_key(self):
        for text, is_minor, token in (("V7", False, (7, "M")), ("vi", False, (9, "m")), ("VI", True, (8, "M")),
                                      ("viio6", True, (11, "d")), ("vii/o7", False, (11, "d")), ("bVII", False, (10, "M")),
                                      ("V65/ii", False, (9, "M")), ("V6/5/III", True, (10, "M")), ("viio7/V", False, (6, "d")),
                                      ("III+6", True, (3, "+")), ("iiø65", True, (2, "d")), ("#vi", True, (9, "m"))):
            self.assertEqual(real.applied_token(text, is_minor), token, text)

    def test_power_chords_and_suspensions_take_the_triad_of_their_root(self):
        self.assertEqual(real.close_thirds([(0, "m"), (7, "?"), (7, "M"), (0, "?"), (5, "?")], {}),
                         [(0, "m"), (7, "M"), (0, "m"), (5, "M")])

    def test_a_line_of_billboard_is_its_bars(self):
        bars = real.billboard_bars("12.5\tA, verse, | C:maj | F:min7 . G:sus4(b7) C:5/5 | N | x2, (voice)")
        self.assertEqual(len(bars), 6)
        self.assertEqual(bars[1], [(5, "m"), (7, "?"), (0, "?")])
        self.assertEqual(bars[2], [None])

    def test_a_model_shares_out_all_of_its_chance(self):
        passage = real.Passage(False, [real.Phrase("", [(0, "M"), (5, "M"), (7, "M"), (0, "M"), (9, "m")], 4)], "x")
        model = real.Bigrams([passage])
        for last in ((0, "M"), (9, "m"), (1, "d")):
            total = sum(model.probability(last, (root, triad)) for root in range(12) for triad in real.TRIADS)
            self.assertAlmostEqual(total, 1)


@unittest.skipUnless((DATA / "billboard").is_dir() and (DATA / "when_in_rome").is_dir(), "KMIDI_DATA has no progressions")
class Progressions(unittest.TestCase):
    def test_the_table_is_what_the_tool_counts(self):
        result = subprocess.run([sys.executable, ROOT / "tools" / "learn_progressions.py", DATA], capture_output=True, check=True)
        self.assertEqual(result.stdout.decode(), (ROOT / "src" / "session" / "progressions.def").read_text())

    def test_our_songs_are_no_stranger_than_real_ones_and_no_duller(self):
        result = subprocess.run([sys.executable, ROOT / "tools" / "measure_progressions.py", "check", DATA, PROGRAM, SONGS],
                                capture_output=True, timeout=250)
        self.assertEqual(result.returncode, 0, (result.stdout + result.stderr).decode())


if __name__ == "__main__":
    unittest.main()
