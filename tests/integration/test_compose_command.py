#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""kmidi compose as its users meet it: files, messages, exit codes."""

import hashlib
import json
import os
import pathlib
import resource
import signal
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

PROGRAM = os.environ["KMIDI_PROGRAM"]
DONE, USAGE, REFUSED = 0, 1, 2


def kmidi(*words, text=None, environment=None, **options):
    return subprocess.run([PROGRAM, *words], input=text, capture_output=True, timeout=60,
                          env={**os.environ, **(environment or {})}, **options)


class InFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.song = self.folder / "song.mid"

    def compose(self, *words, **options):
        return kmidi("compose", *words, "-o", str(self.song), **options)

    def expect_refused(self, result, *words_of_message, code=REFUSED):
        message = result.stderr.decode()
        self.assertEqual(result.returncode, code, message)
        for word in words_of_message:
            self.assertIn(word, message)
        self.assertEqual(len(message.strip().splitlines()), 1 if code == REFUSED else 2, message)
        self.assertEqual(sorted(self.folder.iterdir()), [], "something was left behind")


class Files(InFolder):
    def test_writes_song_plan_and_picture(self):
        plan, roll = self.folder / "plan.json", self.folder / "song.svg"
        result = self.compose("feeling grief and loss", "--plan", str(plan), "--roll", str(roll))
        self.assertEqual(result.returncode, DONE, result.stderr)
        self.assertEqual(result.stderr, b"")
        self.assertTrue(self.song.read_bytes().startswith(b"MThd\0\0\0\6\0\1"))
        values = json.loads(plan.read_text())
        for field in ("root_note", "mode", "tempo_bpm", "time_signature", "length_bars", "chord_symbols",
                      "harmonic_rhythm", "mood_profile", "complexity", "vulnerability"):
            self.assertIn(field, values)
        self.assertEqual(values["length_bars"], 32)
        picture = xml.etree.ElementTree.parse(roll)
        self.assertTrue(picture.getroot().tag.endswith("svg"))

    def test_the_picture_in_the_readme_is_what_the_command_draws(self):
        shown = pathlib.Path(__file__).resolve().parents[2] / "docs" / "images" / "grief.svg"
        drawn = self.folder / "song.svg"
        self.compose("feeling grief and loss", "--roll", str(drawn))
        self.assertTrue(shown.read_bytes() == drawn.read_bytes(),
                        'draw it anew: ./run compose "feeling grief and loss" --roll docs/images/grief.svg')

    def test_json_names_the_files_by_their_content(self):
        result = self.compose("so happy today!", "--json", "--seed", "7")
        answer = json.loads(result.stdout)
        self.assertEqual(answer["seed"], 7)
        for field in ("version", "affect", "plan", "files"):
            self.assertIn(field, answer)
        self.assertGreater(answer["affect"]["valence"], 0)
        self.assertEqual([file["path"] for file in answer["files"]], [str(self.song)])
        self.assertEqual(answer["files"][0]["sha256"],
                         hashlib.sha256(self.song.read_bytes()).hexdigest())

    def test_same_seed_same_bytes_other_seed_another_song(self):
        def song(seed):
            self.assertEqual(self.compose("a quiet evening alone", "--seed", seed).returncode, DONE)
            return self.song.read_bytes()
        self.assertEqual(song("3"), song("3"))
        self.assertNotEqual(song("3"), song("4"))

    def test_words_have_a_seed_of_their_own(self):
        def plan(*words):
            return json.loads(kmidi("compose", *words, "--json").stdout)["plan"]
        asked = [plan(words) for words in ("hopeful", "proud of my work", "playful and silly", "so happy", "delighted",
                                           "what a wonderful day")]
        self.assertGreater(len({song["seed"] for song in asked}), 4)
        self.assertGreater(len({(song["root_note"], tuple(song["chord_symbols"])) for song in asked}), 4)
        for song in asked:
            self.assertTrue(1 <= song["seed"] <= 999)
        self.assertEqual(plan("Hopeful!")["seed"], asked[0]["seed"])
        self.assertEqual(plan("hopeful", "--arousal", "-0.5")["seed"], asked[0]["seed"])
        self.assertEqual(plan("--valence", "0.5")["seed"], 1)
        self.assertEqual(plan("hopeful", "--seed", str(asked[0]["seed"])), asked[0])

    def test_song_goes_to_a_pipe(self):
        result = kmidi("compose", "calm", "-o", "-")
        self.assertEqual(result.returncode, DONE)
        self.assertTrue(result.stdout.startswith(b"MThd"))
        self.assertEqual(self.compose("calm").returncode, DONE)
        self.assertEqual(result.stdout, self.song.read_bytes())

    def test_keeps_the_words_out_of_the_files(self):
        plan = self.folder / "plan.json"
        self.compose("my sister Philomena left us in despair", "--plan", str(plan))
        self.assertNotIn(b"Philomena", self.song.read_bytes() + plan.read_bytes())

    def test_the_summary_shows_every_bar(self):
        for seed in "1", "2", "3":
            result = self.compose("--valence", "0.7", "--arousal", "-0.5", "--bars", "16", "--seed", seed)
            shown = [line.count("|") - 1 for line in result.stdout.decode().splitlines() if line.endswith("|")]
            self.assertEqual(sum(shown), 16)

    def test_wishes_are_granted(self):
        result = self.compose("hm", "--key", "Eb", "--mode", "lydian", "--tempo", "93", "--bars", "24",
                              "--genre", "synthwave", "--rule", "HARMONY_ModalInterchange", "--json")
        plan = json.loads(result.stdout)["plan"]
        self.assertEqual((plan["root_note"], plan["mode"], plan["tempo_bpm"], plan["length_bars"]),
                         ("Eb", "lydian", 93, 24))
        self.assertEqual(plan["genre"], "Synthwave")
        self.assertIn("HARMONY_ModalInterchange", [rule["id"] for rule in plan["rules"]])


    def test_metre_arc_feel_and_ensemble_are_granted(self):
        for metre in "4/4", "3/4", "6/8", "2/4", "12/8", "5/4", "7/8":
            self.assertEqual(self.plan("--metre", metre)["time_signature"], metre)
        plan = self.plan("--arc", "slow-reveal", "--feel", "laid back", "--ensemble", "string quartet")
        self.assertEqual((plan["arc"], plan["feel"], plan["ensemble"]),
                         ("Slow Reveal", "Laid Back", "string quartet"))

    def plan(self, *words):
        result = self.compose("hm", "--bars", "16", "--json", *words)
        self.assertEqual(result.returncode, DONE, result.stderr)
        return json.loads(result.stdout)["plan"]


class Words(InFolder):
    def affect(self, *words, **options):
        result = self.compose(*words, "--json", **options)
        self.assertEqual(result.returncode, DONE, result.stderr)
        return json.loads(result.stdout)["affect"]

    def test_a_rule_that_is_not_heard_is_not_said_to_be_broken(self):
        result = kmidi("compose", "calm", "--rule", "PRODUCTION_RoomNoise", "--rule", "HARMONY_ParallelMotion")
        self.assertIn(b"\nbreaks HARMONY_ParallelMotion\n", result.stdout)
        self.assertIn(b"\ncarries PRODUCTION_RoomNoise, which needs the audio engine", result.stdout)

    def test_no_words_are_neutral(self):
        for words in ([], [""], [" \t\n "]):
            self.assertEqual(self.affect(*words)["primary"], "neutral")

    def test_point_goes_over_words(self):
        affect = self.affect("", "--valence", "-0.8", "--arousal", "0.9")
        self.assertAlmostEqual(affect["valence"], -0.8, places=5)
        self.assertAlmostEqual(affect["arousal"], 0.9, places=5)
        self.assertNotEqual(affect["primary"], "neutral")

    def test_takes_a_megabyte(self):
        affect = self.affect("-", text=b"I am so sad and lost. " * 48000)
        self.assertLess(affect["valence"], -0.2)

    def test_reads_on_past_what_is_not_text(self):
        self.assertLess(self.affect("-", text=b"\xff\xfe grief \xc3\x28 \xed\xa0\x80")["valence"], 0)

    def test_other_scripts_and_emoji(self):
        self.affect("Мне грустно, 我很难过, أنا حزين")
        self.assertLess(self.affect("😭😭💔")["valence"], 0)
        self.assertGreater(self.affect("🥳😍")["valence"], 0)


class BadInput(InFolder):
    def test_numbers(self):
        for option, value in (("--valence", "1.5"), ("--valence", "nan"), ("--arousal", "0,5"),
                              ("--chaos", "-0.1"), ("--chaos", "inf"), ("--motivation", "11"),
                              ("--tempo", "0"), ("--tempo", "92.5"), ("--bars", "3"), ("--bars", "1e9"),
                              ("--seed", "-1"), ("--seed", "99999999999999999999"), ("--vulnerability", "")):
            with self.subTest(option=option, value=value):
                self.expect_refused(self.compose("calm", option, value), option, "from")

    def test_names(self):
        for option, value, nearest in (("--key", "H#", "a note"), ("--mode", "lidian", "lydian"),
                                       ("--genre", "indie fork", "Indie Folk"),
                                       ("--rule", "HARMONY_ParalelMotion", "HARMONY_ParallelMotion"),
                                       ("--metre", "4/3", "4/4"), ("--arc", "climb", "Climb-to-Climax"),
                                       ("--feel", "lay back", "Laid Back"),
                                       ("--ensemble", "quartet", "string quartet")):
            with self.subTest(option=option):
                self.expect_refused(self.compose("calm", option, value), value, nearest)

    def test_a_wrong_name_is_told_all_the_right_ones(self):
        for option, last in (("--genre", "Confessional Acoustic"), ("--rule", "PRODUCTION_MonoCollapse"),
                             ("--mode", "phrygian dominant"), ("--metre", "12/8"), ("--arc", "Descent"),
                             ("--feel", "Rubato/Free"), ("--ensemble", "solo piano")):
            with self.subTest(option=option):
                message = self.compose("calm", option, "zzz").stderr.decode()
                self.assertIn(last, message)
                self.assertNotIn("...", message)
        self.assertIn("--vulnerability", self.compose("calm", "--zzz").stderr.decode())

    def test_an_empty_path(self):
        for option in ("-o", "--plan", "--roll"):
            self.expect_refused(kmidi("compose", "calm", option, ""), "empty path")

    def test_usage(self):
        self.expect_refused(self.compose("calm", "--tmepo", "90"), "--tempo", code=USAGE)
        self.expect_refused(kmidi("compose", "calm", "-o"), "needs a value", code=USAGE)
        self.expect_refused(self.compose("calm", "--plan", str(self.song)), "both", code=USAGE)
        for other in (f"{self.folder}/./song.mid", f"{self.folder}//song.mid", os.path.relpath(self.song)):
            self.expect_refused(self.compose("calm", "--plan", other), "both", code=USAGE)
        self.assertEqual(kmidi("compose", "calm", "-o", "/dev/null", "--plan", f"{self.folder}/null").returncode, DONE)

    def test_numbers_do_not_depend_on_the_locale(self):
        german = {"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"}
        first = self.compose("calm", "--valence", "0.5", "--json", environment=german)
        self.assertEqual(first.returncode, DONE)
        self.assertEqual(first.stdout, self.compose("calm", "--valence", "0.5", "--json").stdout)


class Outputs(InFolder):
    def test_unwritable(self):
        self.expect_refused(kmidi("compose", "calm", "-o", str(self.folder / "no" / "song.mid")), "no/song.mid")
        self.expect_refused(kmidi("compose", "calm", "-o", str(self.folder)), str(self.folder))

    def test_full_disk(self):
        for option in ("-o", "--plan", "--roll"):
            self.expect_refused(kmidi("compose", "calm", option, "/dev/full"), "/dev/full", "space")
        with open("/dev/full", "wb") as full:
            result = subprocess.run([PROGRAM, "compose", "calm", "--json"], stdout=full,
                                    stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(result.returncode, REFUSED)
        self.assertIn(b"space", result.stderr)

    def test_an_output_that_fails_is_told_once_and_why(self):
        for words in (["affect", "sad"], ["affect", "--lines"], ["chord", "60"], ["chord", "--lines"],
                      ["groove", "list"], ["help"], ["compose", "sad"]):
            with self.subTest(words=words), open("/dev/full", "wb") as full:
                result = subprocess.run([PROGRAM, *words], input=b"60\n64\n", stdout=full,
                                        stderr=subprocess.PIPE, timeout=60)
                self.assertEqual(result.returncode, REFUSED)
                self.assertIn(b"space", result.stderr)
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)

    def test_closed_pipe(self):
        read_end, write_end = os.pipe()
        os.close(read_end)
        result = subprocess.run([PROGRAM, "compose", "calm", "-o", "-"], stdout=write_end,
                                stderr=subprocess.PIPE, timeout=60)
        os.close(write_end)
        self.assertEqual(result.returncode, REFUSED)
        self.assertIn(b"pipe", result.stderr)

    def test_one_failing_file_leaves_all_as_they_were(self):
        self.song.write_bytes(b"precious")
        result = self.compose("calm", "--plan", "/dev/full")
        self.assertEqual(result.returncode, REFUSED)
        self.assertEqual(self.song.read_bytes(), b"precious")
        self.assertEqual(list(self.folder.iterdir()), [self.song])

    def test_file_size_limit_is_a_full_disk(self):
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512))
        self.expect_refused(self.compose("calm", preexec_fn=limit), "song.mid", "space")

    def test_every_refused_request_for_memory_is_told(self):
        roll = self.folder / "song.svg"
        for request in range(1, 2000):
            result = self.compose("calm", "--roll", str(roll), "--bars", "4", "--json",
                                  environment={"KMIDI_HEAP_FAIL_AT": str(request)})
            if result.returncode == DONE:
                break
            if self.song.exists():  # The files stand; only the report on them failed.
                self.song.unlink()
                roll.unlink()
            self.expect_refused(result, "memory")
        self.assertEqual(result.returncode, DONE)
        self.assertGreater(request, 5)


if __name__ == "__main__":
    unittest.main()
