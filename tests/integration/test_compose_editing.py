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

    def test_a_rule_that_comes_too_late_is_told_and_the_remedy_works(self):
        left_out = {"HARMONY_TritoneSubstitution": ("chords", "chord_symbols", "phrases"),
                    "ARRANGEMENT_UnbalancedDynamics": ("parts",), "ARRANGEMENT_PrematureClimax": ("sections", "tension"),
                    "PRODUCTION_Distortion": ("production",)}
        for rule, fields in left_out.items():
            before = self.first_song()
            plan = json.loads(json.dumps(before))
            plan["rules"] = [{"id": rule}]
            result = self.done("--plan-in", "-", text=json.dumps(plan).encode())
            self.assertIn(b"rules[0].id: acts on ", result.stderr)
            for field in fields:
                self.assertIn(field.encode(), result.stderr)
                del plan[field]
            changed = json.loads(self.done("--plan-in", "-", "--json", text=json.dumps(plan).encode()).stdout)["plan"]
            asked = self.first_song("--rule", rule)
            self.assertNotEqual(changed[fields[0]], before[fields[0]])
            self.assertEqual(self.compose(asked), self.song.read_bytes())  # And nothing is told.

    def test_a_seed_goes_over_the_plans(self):
        seed = self.first_song()["seed"]
        other = self.folder / "other.mid"
        self.done("--plan-in", self.plan, "--seed", seed + 1, "-o", other)
        self.assertNotEqual(other.read_bytes(), self.song.read_bytes())
        self.done("--plan-in", self.plan, "--seed", seed, "-o", other)
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


class Vary(InFolder):
    def test_alternatives_are_the_songs_of_the_next_seeds(self):
        answer = json.loads(self.done("so happy", "--vary", 4, "--seed", 7, "-o", self.song, "--plan", self.plan,
                                      "--json").stdout)
        self.assertEqual([other["seed"] for other in answer["alternatives"]], [7, 8, 9, 10])
        self.assertEqual(answer["seed"], 7)
        self.assertEqual(answer["alternatives"][0]["differs"], {})
        self.assertEqual(answer["files"], answer["alternatives"][0]["files"])
        plans = []
        for number, other in enumerate(answer["alternatives"], 1):
            plan = json.loads((self.folder / f"plan-{number}.json").read_text())
            plans.append(plan)
            self.done("so happy", "--seed", other["seed"], "-o", self.song)
            self.assertEqual(self.song.read_bytes(), (self.folder / f"song-{number}.mid").read_bytes())
            facts = {"key": plan["root_note"], "mode": plan["mode"], "tempo_bpm": str(plan["tempo_bpm"]),
                     "time_signature": plan["time_signature"], "genre": plan["genre"], "arc": plan["arc"],
                     "groove": plan["groove"], "ensemble": plan["ensemble"], "feel": plan["feel"]}
            first = {"key": plans[0]["root_note"], "mode": plans[0]["mode"], "tempo_bpm": str(plans[0]["tempo_bpm"]),
                     "time_signature": plans[0]["time_signature"], "genre": plans[0]["genre"],
                     "arc": plans[0]["arc"], "groove": plans[0]["groove"], "ensemble": plans[0]["ensemble"],
                     "feel": plans[0]["feel"]}
            for name, value in facts.items():
                self.assertEqual(other["differs"].get(name), value if value != first[name] else None)
        self.assertEqual(answer["plan"], plans[0])
        self.song.unlink()
        self.assertEqual(len(list(self.folder.iterdir())), 8)

    def test_what_is_the_same_is_not_listed(self):
        text = self.done("so happy", "--vary", 3, "--seed", 1, "--key", "D", "--tempo", 100).stdout.decode()
        self.assertEqual([line for line in text.splitlines() if line[:1].isdigit()],
                         ["1  seed 1", "2  seed 2", "3  seed 3"])
        self.assertNotIn("tempo_bpm", text)
        self.assertNotIn(" key ", text)
        self.assertIn("chords", text)

    def test_all_files_or_none(self):
        result = kmidi("sad", "--vary", 9, "-o", self.song, "--plan", self.folder / "no" / "plan.json")
        self.expect_refused(result, "no/plan-1.json")
        self.assertEqual(list(self.folder.iterdir()), [])
        (self.folder / "song-5.mid").mkdir()
        self.expect_refused(kmidi("sad", "--vary", 9, "-o", self.song), "song-5.mid")
        self.assertEqual(len(list(self.folder.iterdir())), 1)

    def test_ninety_nine(self):
        self.done("sad", "--vary", 99, "--bars", 4, "-o", self.song, "--plan", self.plan)
        self.assertEqual(len(list(self.folder.iterdir())), 198)

    def test_usage(self):
        self.expect_refused(kmidi("sad", "--vary", 2, "-o", "-"), "--vary", code=USAGE)
        self.expect_refused(kmidi("--from", "sad", "--vary", 2), "--vary", code=USAGE)
        self.expect_refused(kmidi("sad", "--vary", 100), "from 1 to 99")
        self.expect_refused(kmidi("sad", "--vary", 2, "-o", ""), "empty path")

    def test_a_plan_is_played_otherwise(self):
        self.first_song()
        answer = json.loads(self.done("--plan-in", self.plan, "--vary", 3, "-o", self.song, "--json").stdout)
        self.assertEqual([other["differs"] for other in answer["alternatives"]], [{}] * 3)
        self.assertEqual(len({(self.folder / f"song-{i}.mid").read_bytes() for i in (1, 2, 3)}), 3)

    def test_every_refused_request_for_memory_is_told(self):
        for request in list(range(1, 30)) + list(range(30, 20000, 211)):
            result = kmidi("calm", "--vary", 2, "--bars", 4, "-o", self.song, "--json",
                           environment={"KMIDI_HEAP_FAIL_AT": str(request)})
            if result.returncode == DONE:
                break
            self.expect_refused(result, "memory")
        self.assertEqual(result.returncode, DONE)


class Lyrics(InFolder):
    WORDS = "I miss my mother and the garden where we used to sit, everything is quiet now"

    def lyrics_of(self, song):
        position, sung = 0, []
        while (position := song.find(b"\xFF\x05", position)) >= 0:
            size = song[position + 2]
            sung.append(song[position + 3:position + 3 + size].decode())
            position += 3 + size
        return "".join(sung)

    def test_words_are_sung_only_when_asked(self):
        self.done(self.WORDS, "-o", self.song, "--plan", self.plan)
        self.assertEqual(self.lyrics_of(self.song.read_bytes()), "")
        self.assertNotIn("lyrics", json.loads(self.plan.read_text()))
        self.done(self.WORDS, "-o", self.song, "--plan", self.plan, "--lyrics")
        sung = self.lyrics_of(self.song.read_bytes())
        self.assertIn("I miss my mo-ther\r", sung)
        self.assertEqual(set(sung.replace("-", "").replace("\r", " ").split()) - set(self.WORDS.replace(",", "").split()), set())
        self.assertEqual(json.loads(self.plan.read_text())["lyrics"],
                         ["I miss my mother", "and the garden", "where we used to sit", "everything is quiet now"])

    def test_other_words_to_the_same_song(self):
        self.done(self.WORDS, "-o", self.song, "--plan", self.plan, "--lyrics")
        plan = json.loads(self.plan.read_text())
        self.assertEqual(self.compose(plan), self.song.read_bytes())
        plan["lyrics"] = ["all is well", "caf\u00e9 \u6211\u5f88"]
        self.assertIn("all is well\r", self.lyrics_of(self.compose(plan)))

    def test_usage(self):
        self.first_song()
        self.expect_refused(kmidi("--plan-in", self.plan, "--lyrics"), "--lyrics", code=USAGE)
        self.expect_refused(kmidi("--from", "sad", "--lyrics"), "--lyrics", code=USAGE)


if __name__ == "__main__":
    unittest.main()
