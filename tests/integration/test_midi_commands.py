# SPDX-License-Identifier: MIT
"""Commands of two words from outside: how `kmidi midi` finds its verbs and explains them."""

import os
import re
import subprocess
import unittest

PROGRAM = os.environ.get("KMIDI_PROGRAM", "build/kmidi")


def kmidi(*words, **more):
    return subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=60, **more)


class Verbs(unittest.TestCase):
    def verbs(self):
        return re.findall(r"^  ([a-z]+) +[A-Z]", kmidi("midi", "--help").stdout, re.M)

    def test_the_group_lists_its_verbs(self):
        asked = kmidi("midi", "--help")
        self.assertEqual((asked.returncode, asked.stderr), (0, ""))
        self.assertIn("scan", self.verbs())
        alone = kmidi("midi")
        self.assertEqual((alone.returncode, alone.stdout), (1, ""))
        self.assertEqual(alone.stderr, asked.stdout)
        self.assertEqual(kmidi("help", "midi").stdout, asked.stdout)
        self.assertEqual(kmidi("midi", "-h").stdout, asked.stdout)

    def test_the_overview_has_one_line_for_the_group(self):
        lines = re.findall(r"^  midi.*", kmidi("--help").stdout, re.M)
        self.assertEqual(len(lines), 1)
        self.assertIn("kmidi midi", lines[0])

    def test_each_verb_is_explained_in_three_ways(self):
        for verb in self.verbs():
            text = kmidi("midi", verb, "--help")
            self.assertEqual((text.returncode, text.stderr), (0, ""))
            self.assertTrue(text.stdout.startswith(f"usage: kmidi midi {verb} "), verb)
            self.assertIn(f"  kmidi midi {verb} ", text.stdout.split("Example:")[1])
            self.assertEqual(kmidi("help", "midi", verb).stdout, text.stdout)
            self.assertEqual(kmidi("help", f"midi-{verb}").stdout, text.stdout)
            page = kmidi("help", "--man", "midi", verb)
            self.assertEqual(page.returncode, 0)
            self.assertIn(f".TH kmidi\\-midi\\-{verb} 1", page.stdout)
            self.assertIn(f"kmidi\\-midi\\-{verb}", kmidi("help", "--man", "midi").stdout)
            self.assertIn(f"kmidi\\-midi\\-{verb}", kmidi("help", "--man").stdout)

    def test_an_unknown_verb_is_answered_with_those_like_it(self):
        asked = kmidi("midi", "scna")
        self.assertEqual((asked.returncode, asked.stdout), (1, ""))
        self.assertRegex(asked.stderr, r"^kmidi midi: no verb 'scna'; there are: scan")
        self.assertEqual(kmidi("help", "midi", "scna").stderr, asked.stderr)
        self.assertRegex(kmidi("mdi").stderr, "there are: midi")

    def test_commands_of_one_word_have_no_verbs(self):
        asked = kmidi("help", "chord", "scan")
        self.assertEqual(asked.returncode, 1)
        self.assertIn("no verbs", asked.stderr)

    def test_errors_name_both_words(self):
        asked = kmidi("midi", "scan", "--no-such")
        self.assertEqual(asked.returncode, 1)
        self.assertRegex(asked.stderr, r"^kmidi midi scan: no option")
        self.assertIn("kmidi midi scan --help", asked.stderr)
        self.assertIn("expected: kmidi midi scan", kmidi("midi", "scan").stderr)

    def complete(self, *words):
        script = kmidi("help", "--completion", "bash").stdout + f"""
COMP_WORDS=({' '.join(words)})
COMP_CWORD={len(words) - 1}
_kmidi
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
        return subprocess.run(["bash", "-u", "-c", script], capture_output=True, text=True, check=True).stdout.split()

    def test_bash_completes_groups_verbs_and_options(self):
        self.assertEqual(self.complete("kmidi", "mid"), ["midi"])
        self.assertEqual(set(self.complete("kmidi", "midi", "''")) - {"--help"}, set(self.verbs()))
        self.assertEqual(self.complete("kmidi", "midi", "sca"), ["scan"])
        self.assertEqual(self.complete("kmidi", "midi", "scan", "--stri"), ["--strict"])
        self.assertEqual(self.complete("kmidi", "midi", "scna", "--stri"), [])
        self.assertEqual(self.complete("kmidi", "chord", "--lin"), ["--lines"])


if __name__ == "__main__":
    unittest.main()
