#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""kmidi compose --from --to: journeys as their users meet them."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

PROGRAM = os.environ["KMIDI_PROGRAM"]
DONE, USAGE, REFUSED = 0, 1, 2


def compose(*words, text=None):
    return subprocess.run([PROGRAM, "compose", *words], input=text, capture_output=True, timeout=60)


class Journeys(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.song = self.folder / "song.mid"

    def journey(self, *words, text=None):
        result = compose(*words, "--json", text=text)
        self.assertEqual(result.returncode, DONE, result.stderr)
        return json.loads(result.stdout)

    def refuse(self, code, *words):
        result = compose(*words, "-o", str(self.song))
        self.assertEqual(result.returncode, code, result.stderr)
        self.assertEqual(result.stdout, b"")
        self.assertFalse(self.song.exists())
        return result.stderr.decode()

    def test_leads_from_one_feeling_to_another(self):
        answer = self.journey("--from", "rage and fury", "--to", "calm and content")
        journey = answer["journey"]
        stages = journey["stages"]
        self.assertEqual(journey["path"], "small steps")
        self.assertEqual(journey["reached"], 1)
        self.assertLess(abs(journey["seconds"] - 600), 20)
        self.assertLess(stages[0]["valence"], -0.4)
        self.assertGreater(stages[-1]["valence"], 0.3)
        for here, there in zip(stages, stages[1:]):
            self.assertLessEqual(abs(there["valence"] - here["valence"]), 0.2002)
            self.assertLessEqual(abs(there["arousal"] - here["arousal"]), 0.2002)
            self.assertAlmostEqual(here["start_s"] + here["seconds"], there["start_s"], delta=0.001)

    def test_begins_with_the_words_where_no_from_is_given(self):
        spoken = self.journey("--from", "I am so sad", "--to", "joy", "--minutes", "4")
        typed = self.journey("I am so sad", "--to", "joy", "--minutes", "4")
        piped = self.journey("-", "--to", "joy", "--minutes", "4", text=b"I am so sad")
        self.assertEqual(spoken["journey"], typed["journey"])
        self.assertEqual(spoken["journey"], piped["journey"])

    def test_writes_the_song_the_plan_and_the_picture(self):
        plan, roll = self.folder / "plan.json", self.folder / "song.svg"
        result = compose("--from", "grief", "--to", "hope", "--minutes", "3", "-o", str(self.song), "--plan", str(plan),
                         "--roll", str(roll))
        self.assertEqual(result.returncode, DONE, result.stderr)
        self.assertTrue(self.song.read_bytes().startswith(b"MThd\0\0\0\6\0\1"))
        stages = json.loads(plan.read_text())["journey"]["stages"]
        picture = roll.read_text()
        xml.etree.ElementTree.fromstring(picture)
        for stage in (stages[0], stages[-1]):
            self.assertIn(">" + stage["plan"]["root_note"] + " " + stage["plan"]["mode"] + "<", picture)
        self.assertEqual(picture.count('class="edge"'), len(stages) - 1)
        self.assertIn("small steps", result.stdout.decode())

    def test_a_journey_is_no_plan_but_its_stages_are(self):
        plan, stage = self.folder / "plan.json", self.folder / "stage.json"
        compose("--from", "grief", "--to", "hope", "--minutes", "3", "--plan", str(plan))
        self.assertIn("stage", self.refuse(REFUSED, "--plan-in", str(plan)))
        stage.write_text(json.dumps(json.loads(plan.read_text())["journey"]["stages"][1]["plan"]))
        result = compose("--plan-in", str(stage), "-o", str(self.song))
        self.assertEqual(result.returncode, DONE, result.stderr)
        self.assertEqual(result.stderr, b"")

    def test_keeps_no_word_of_the_user(self):
        plan, roll = self.folder / "plan.json", self.folder / "song.svg"
        compose("--from", "grief for xylophonia", "--to", "hope for quixotica", "--minutes", "2", "-o", str(self.song),
                "--plan", str(plan), "--roll", str(roll))
        for path in (self.song, plan, roll):
            self.assertNotIn(b"xylophonia", path.read_bytes())
            self.assertNotIn(b"quixotica", path.read_bytes())

    def test_says_when_the_time_is_too_short(self):
        result = compose("--from", "rage", "--to", "calm", "--minutes", "1")
        self.assertEqual(result.returncode, DONE)
        self.assertIn("ends on the way", result.stdout.decode())
        self.assertLess(self.journey("--from", "rage", "--to", "calm", "--minutes", "1")["journey"]["reached"], 1)

    def test_goes_there_at_once_or_stays(self):
        at_once = self.journey("--from", "rage", "--to", "calm", "--at-once", "--minutes", "3")["journey"]
        self.assertEqual(at_once["path"], "at once")
        self.assertEqual({stage["valence"] for stage in at_once["stages"]}, {at_once["stages"][0]["valence"]})
        self.assertGreater(at_once["stages"][0]["valence"], 0)
        self.assertEqual(self.journey("--from", "rage", "--minutes", "3")["journey"]["path"], "hold")

    def test_phrases_last_ten_seconds(self):
        plan = self.journey("calm", "--phrase-seconds", "10", "--bars", "16")["plan"]
        beats, unit = map(int, plan["time_signature"].split("/"))
        self.assertEqual(4 * beats * 4 / unit * 60 / plan["tempo_bpm"], 10)

    def test_silence_stands_in_songs_too(self):
        plan = self.journey("calm", "--silence", "12", "--bars", "16")["plan"]
        self.assertIn("silence", [section["name"] for section in plan["sections"]])
        self.assertIn("N.C.", plan["chord_symbols"])

    def test_calm_is_slow_and_soft(self):
        plan = self.journey("rage", "--calm")["plan"]
        self.assertTrue(60 <= plan["tempo_bpm"] <= 80)
        self.assertLessEqual(plan["dynamics"]["high"], plan["dynamics"]["ceiling"])

    def test_refuses_what_does_not_go_together(self):
        self.assertIn("--minutes", self.refuse(USAGE, "x", "--minutes", "3"))
        self.assertIn("--at-once", self.refuse(USAGE, "x", "--at-once"))
        self.assertIn("--from", self.refuse(USAGE, "x", "--from", "y"))
        self.assertIn("--bars", self.refuse(USAGE, "--from", "y", "--bars", "16"))
        self.refuse(REFUSED, "--from", "x", "--minutes", "61")
        self.assertIn("tempo", self.refuse(REFUSED, "x", "--phrase-seconds", "10", "--tempo", "80"))
        self.assertIn("half", self.refuse(REFUSED, "--from", "x", "--minutes", "1", "--silence", "40"))

    def test_claims_nothing_about_health(self):
        claims = re.compile(r"\b(cure|heal|healing|treat|treats|treatment|relieves?|remedy|clinical|patient|diagnos\w+)\b",
                            re.IGNORECASE)
        said = compose("--help").stdout + compose("--from", "rage", "--to", "calm").stdout
        self.assertIsNone(claims.search(said.decode()))
        self.assertIn("no effect on health is claimed", " ".join(said.decode().split()))


if __name__ == "__main__":
    unittest.main()
