#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Keys and chords are found in labelled music as often as docs/analysis.md promises."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.environ["KMIDI_PROGRAM"]
TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"
sys.path.insert(0, str(TOOLS))

import labelled_music  # noqa: E402
import measure_chords  # noqa: E402
import measure_keys  # noqa: E402

DATA = pathlib.Path(os.environ.get("KMIDI_DATA", "../shared/data"))
SONGS = 8


def percent(counts):
    return 100 * sum(right for right, _ in counts) / sum(count for _, count in counts)


class Keys(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    @unittest.skipUnless((DATA / "justkeydding").is_dir(), "KMIDI_DATA/justkeydding is not there: left out")
    def test_classical_pieces(self):
        major, minor = measure_keys.measure(PROGRAM, labelled_music.classical(DATA), self.folder.name)
        self.assertGreaterEqual(major[1] + minor[1], 70)
        self.assertGreaterEqual(percent([major, minor]), 95)
        self.assertGreaterEqual(percent([minor]), 95)

    def test_songs_of_ours_and_their_melodies_alone(self):
        songs, melodies, _ = labelled_music.ours(PROGRAM, self.folder.name, SONGS)
        for pieces in (songs, melodies):
            self.assertGreaterEqual(percent(measure_keys.measure(PROGRAM, pieces, self.folder.name)), 80)

    def test_a_piece_without_notes_has_no_key(self):
        silent = pathlib.Path(self.folder.name) / "silent.mid"
        silent.write_bytes(labelled_music.file_of(labelled_music.Piece("", None, (4, 4), [])))
        result = subprocess.run([PROGRAM, "analyze", silent, "--json"], capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn('"confidence":0', result.stdout.replace(" ", ""))


@unittest.skipUnless((DATA / "when_in_rome").is_dir() and (DATA / "justkeydding").is_dir(),
                     "KMIDI_DATA/when_in_rome is not there: left out")
class Chords(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pieces = list(measure_chords.aligned())

    def test_segments_of_experts(self):
        segments = [segment for _, found in self.pieces for segment in found]
        self.assertGreaterEqual(len(segments), 2000)
        counts = {name: measure_chords.Count() for name in ("alone", "lasting", "template")}
        answers = zip(segments, measure_chords.named(PROGRAM, segments, False), measure_chords.named(PROGRAM, segments, True))
        for segment, alone, lasting in answers:
            counts["alone"].add(segment, *alone)
            counts["lasting"].add(segment, *lasting)
            counts["template"].add(segment, *measure_chords.matched(*measure_chords.weights_of(segment)))
        for count, bars in ((counts["lasting"], (78, 76, 69)), (counts["alone"], (76, 74, 64))):
            for percent_right, bar in zip(count.percent(), bars):
                self.assertGreaterEqual(percent_right, bar)
        for ours, matched in zip(counts["lasting"].percent(), counts["template"].percent()):
            self.assertGreater(ours, matched + 3)

    def test_chords_over_time(self):
        count = measure_chords.Count()
        for file, segments in self.pieces[::2]:
            measure_chords.count_blind(count, segments, measure_chords.analysed(PROGRAM, file))
        root, triad, _ = count.percent()
        self.assertGreaterEqual(root, 68)  # Plain templates on windows of a beat: 64 and 61.
        self.assertGreaterEqual(triad, 67)


class ChordsOfPlans(unittest.TestCase):
    def test_songs_of_ours(self):
        with tempfile.TemporaryDirectory() as folder:
            _, _, plans = labelled_music.ours(PROGRAM, folder, SONGS)
            count = measure_chords.Count()
            for number, plan in enumerate(plans):
                song = pathlib.Path(folder) / f"{number}.mid"
                measure_chords.count_blind(count, measure_chords.plan_segments(plan), measure_chords.analysed(PROGRAM, song))
        root, triad, _ = count.percent()
        self.assertGreaterEqual(root, 85)
        self.assertGreaterEqual(triad, 84)


if __name__ == "__main__":
    unittest.main()
