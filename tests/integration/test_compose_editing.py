#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Plans that are kept, changed and composed again."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

PROGRAM = os.environ["KMIDI_PROGRAM"]
DONE, USAGE, REFUSED = 0, 1, 2


def kmidi(*words, text=None, environment=None):
    return subprocess.run([PROGRAM, "compose", *map(str, words)], input=text, capture_output=True, timeout=60,
                          env={**os.environ, **(environment or {})})


def tracks_of(song):
    """The tracks of a Standard MIDI File by their names, as bytes."""
    tracks, position = {}, 14
    while position < len(song):
        assert song[position:position + 4] == b"MTrk"
        size = int.from_bytes(song[position + 4:position + 8], "big")
        body = song[position + 8:position + 8 + size]
        name = body.index(b"\xFF\x03")
        tracks[body[name + 3:name + 3 + body[name + 2]].decode()] = body
        position += 8 + size
    return tracks


class InFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.song = self.folder / "song.mid"
        self.plan = self.folder / "plan.json"

    def done(self, *words, **options):
        result = kmidi(*words, **options)
        self.assertEqual(result.returncode, DONE, result.stderr)
        return result

    def expect_refused(self, result, *words_of_message, code=REFUSED):
        message = result.stderr.decode()
        self.assertEqual(result.returncode, code, message)
        for word in words_of_message:
            self.assertIn(word, message)

    def first_song(self, *words):
        self.done("feeling grief and loss", "-o", self.song, "--plan", self.plan, *words)
        return json.loads(self.plan.read_text())

    def compose(self, plan):
        """Composes a changed plan; its song."""
        changed, song = self.folder / "changed.json", self.folder / "changed.mid"
        changed.write_text(json.dumps(plan))
        result = self.done("--plan-in", changed, "-o", song)
        self.assertEqual(result.stderr, b"")
        return song.read_bytes()


class PlanIn(InFolder):
    def test_the_plan_as_it_was_gives_the_same_bytes(self):
        for words in ([], ["--ensemble", "string quartet"], ["--metre", "7/8", "--seed", "9"]):
            plan = self.first_song(*words)
            self.assertEqual(self.compose(plan), self.song.read_bytes())
            again = self.done("--plan-in", "-", "--plan", "-", text=self.plan.read_bytes())
            self.assertEqual(again.stdout, self.plan.read_bytes())

    def test_a_changed_part_leaves_the_others_byte_for_byte(self):
        plan = self.first_song()
        before = tracks_of(self.song.read_bytes())
        for part in plan["parts"]:
            if part["on"]:
                changed = json.loads(json.dumps(plan))
                [other] = [other for other in changed["parts"] if other["id"] == part["id"]]
                other["variation"], other["program"], other["level"] = 5, 11, part["level"] - 6
                after = tracks_of(self.compose(changed))
                different = {name for name in before if before[name] != after[name]}
                self.assertEqual(different, {part["name"]})
                other["on"] = False
                after = tracks_of(self.compose(changed))
                self.assertEqual(after, {name: track for name, track in before.items() if name != part["name"]})

    def test_another_tempo_and_another_chord(self):
        plan = self.first_song()
        plan["tempo_bpm"] += 20
        self.assertNotEqual(tracks_of(self.compose(plan)), tracks_of(self.song.read_bytes()))
        plan = self.first_song()
        plan["chord_symbols"][2] = "F#m7"
        changed = self.compose(plan)
        self.assertNotEqual(changed, self.song.read_bytes())
        plan = self.first_song()
        plan["chords"][2]["symbol"] = "F#m7"
        self.assertEqual(self.compose(plan), changed)

    def test_a_few_fields_are_enough(self):
        plan = {"root_note": "E", "mode": "minor", "length_bars": 8, "chord_symbols": ["Em", "C", "G", "D"]}
        answer = json.loads(self.done("--plan-in", "-", "--json", text=json.dumps(plan).encode()).stdout)["plan"]
        self.assertEqual(answer["chord_symbols"], ["Em", "C", "G", "D"] * 2)
        self.assertEqual((answer["root_note"], answer["mode"]), ("E", "aeolian"))

    def test_what_has_no_effect_is_told(self):
        plan = self.first_song()
        plan["tempo"] = 90
        result = self.done("--plan-in", "-", "-o", self.song, text=json.dumps(plan).encode())
        self.assertIn(b"kmidi compose: standard input: tempo: no such field", result.stderr)

    def test_what_is_wrong_is_named_by_its_place(self):
        plan = self.first_song()
        self.song.unlink()
        plan["chords"][3]["symbol"] = "Hm7"
        self.plan.write_text(json.dumps(plan))
        result = kmidi("--plan-in", self.plan, "-o", self.song)
        self.expect_refused(result, f"{self.plan}: chords[3].symbol: ", "Hm7")
        self.assertFalse(self.song.exists())
        self.expect_refused(kmidi("--plan-in", "-", text=b"{"), "standard input: line 1")
        self.expect_refused(kmidi("--plan-in", "-", text=b" " * (1 << 20) + b"{}"), "standard input: larger")
        self.expect_refused(kmidi("--plan-in", self.folder / "none.json"), "none.json")

    def test_a_seed_goes_over_the_plans(self):
        self.first_song()
        other = self.folder / "other.mid"
        self.done("--plan-in", self.plan, "--seed", "5", "-o", other)
        self.assertNotEqual(other.read_bytes(), self.song.read_bytes())
        self.done("--plan-in", self.plan, "--seed", "1", "-o", other)
        self.assertEqual(other.read_bytes(), self.song.read_bytes())

    def test_a_plan_goes_alone(self):
        self.first_song()
        self.expect_refused(kmidi("sad", "--plan-in", self.plan), "words", code=USAGE)
        for option, value in (("--tempo", 90), ("--key", "C"), ("--motivation", 5), ("--chaos", 0.3), ("--rule", "x"),
                              ("--vulnerability", 0), ("--valence", 0), ("--metre", "4/4"), ("--ensemble", "band")):
            self.expect_refused(kmidi("--plan-in", self.plan, option, value), option, "change it there", code=USAGE)

    def test_every_refused_request_for_memory_is_told(self):
        self.first_song("--bars", "4")
        for request in list(range(1, 40)) + list(range(40, 4000, 97)):
            result = kmidi("--plan-in", self.plan, environment={"KMIDI_HEAP_FAIL_AT": str(request)})
            if result.returncode == DONE:
                break
            self.expect_refused(result, "memory")
        self.assertEqual(result.returncode, DONE)
        self.assertGreater(request, 39)


if __name__ == "__main__":
    unittest.main()
