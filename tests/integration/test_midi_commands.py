# SPDX-License-Identifier: MIT
"""Commands of two words from outside: how `kmidi midi` finds its verbs and explains them."""

import json
import os
import pathlib
import pty
import re
import subprocess
import tempfile
import time
import unittest

try:
    import mido
except ImportError:
    mido = None

DATA = pathlib.Path(os.environ.get("KMIDI_DATA", "/nowhere"))
GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden" / "midi"
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


def lines(*words):
    result = kmidi("midi", *map(str, words), "--json")
    return result, [json.loads(line) for line in result.stdout.splitlines()]


def songs():
    """Files that mido reads: ours, and those of KMIDI_DATA where it is there."""
    found = sorted(GOLDEN.glob("*.mid"))
    if (DATA / "midi_small").is_dir():
        found += sorted((DATA / "midi_small").rglob("*.mid*"))[:30]
    for path in found:
        try:
            yield path, mido.MidiFile(path)
        except Exception:  # Files that mido refuses prove nothing here.
            continue


@unittest.skipUnless(mido, "mido is missing (Debian: python3-mido)")
class AsMidoReads(unittest.TestCase):
    def test_scan_counts_what_mido_counts(self):
        for path, song in songs():
            result, answers = lines("scan", path)
            if result.returncode == 2:  # mido takes SMPTE divisions that have no frame rate.
                self.assertIn("division", result.stderr)
                continue
            [scanned] = answers
            self.assertEqual(scanned["format"], song.type, path)
            self.assertEqual(scanned["tracks"], len(song.tracks), path)
            self.assertEqual(scanned["division"], song.ticks_per_beat, path)
            messages = [message for track in song.tracks for message in track]
            on = [m for m in messages if m.type == "note_on" and m.velocity > 0]
            self.assertEqual(scanned["note_ons"], len(on), path)
            if not scanned["warnings"]:
                self.assertEqual(scanned["events"], len(messages), path)
            if song.type != 2:
                self.assertAlmostEqual(scanned["duration_s"], song.length, delta=1e-6 * song.length + 1e-6)

    def test_dump_has_the_messages_of_mido(self):
        for path, song in songs():
            _, events = lines("dump", path)
            ours = [(e["track"], e["tick"], e["type"], e["channel"], e["number"], e["value"])
                    for e in events if e["type"] in ("note_on", "control")]
            theirs = []
            for index, track in enumerate(song.tracks):
                tick = 0
                for m in track:
                    tick += m.time
                    if m.type == "note_on" and m.velocity > 0:
                        theirs.append((index, tick, "note_on", m.channel + 1, m.note, m.velocity))
                    elif m.type == "control_change":
                        theirs.append((index, tick, "control", m.channel + 1, m.control, m.value))
            self.assertEqual(ours, theirs, path)
            texts = [e["text"] for e in events if e.get("name") == "track name"]
            names = [m.name for track in song.tracks for m in track if m.type == "track_name"]
            self.assertEqual(len(texts), len(names), path)

    def test_merged_times_are_those_of_mido(self):
        for path, song in songs():
            if song.type == 2:
                continue
            _, events = lines("dump", "--merged", path)
            ours = [(e["seconds"], e["number"]) for e in events if e["type"] == "note_on"]
            now, theirs = 0.0, []
            for m in song:
                now += m.time
                if m.type == "note_on" and m.velocity > 0:
                    theirs.append((now, m.note))
            self.assertEqual(len(ours), len(theirs), path)
            for (mine, _), (other, _) in zip(ours, theirs):
                self.assertAlmostEqual(mine, other, delta=2e-6 * other + 2e-6, msg=str(path))
            self.assertEqual(sorted(n for _, n in ours), sorted(n for _, n in theirs))


def track(*events):
    body = b"".join(events)
    return b"MTrk" + len(body).to_bytes(4, "big") + body


def song(*tracks, format=0, division=96):
    header = b"MThd\0\0\0\6" + b"".join(n.to_bytes(2, "big") for n in (format, len(tracks), division))
    return header + b"".join(tracks)


END = b"\0\xFF\x2F\0"
WHOLE = song(track(b"\0\x90\x3C\x40", b"\x60\x80\x3C\x40", END))
OPEN = song(track(b"\0\x90\x3C\x40", b"\x60\x80\x3C\x40"))
CUT = WHOLE[:-7]


class Answers(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def test_check_ends_with_0_3_or_2(self):
        whole, open_, cut = self.file("a", WHOLE), self.file("b", OPEN), self.file("c", CUT)
        for path, code, verdict, words in ((whole, 0, "ok", "nothing is wrong"),
                                           (open_, 3, "repairable", "byte 30, track 0, tick 96"),
                                           (cut, 2, "refused", "cannot be read")):
            result = kmidi("midi", "check", str(path))
            self.assertEqual(result.returncode, code)
            self.assertIn(words, result.stdout)
            self.assertEqual(result.stderr != "", code == 2)
            result, [answer] = lines("check", path)
            self.assertEqual((result.returncode, answer["verdict"]), (code, verdict))
            self.assertEqual(answer["problems_total"], len(answer["problems"]))
        self.assertEqual(kmidi("midi", "check", "--strict", str(open_)).returncode, 2)
        self.assertEqual(kmidi("midi", "scan", "--strict", str(open_)).returncode, 2)
        self.assertEqual(kmidi("midi", "dump", "--strict", str(open_)).returncode, 2)
        self.assertEqual(kmidi("midi", "check", str(self.folder)).returncode, 2)

    def test_check_lists_up_to_a_limit_and_counts_the_rest(self):
        orphans = song(track(*[b"\0\x80\x3C\x40"] * 500, END))
        path = self.file("orphans.mid", orphans)
        result, [answer] = lines("check", "--limit", "3", path)
        self.assertEqual(len(answer["problems"]), 3)
        self.assertEqual(answer["faults"], {"note-off-without-note": 500})
        self.assertEqual(answer["problems"][2]["offset"], 22 + 8)
        text = kmidi("midi", "check", "--limit", "3", str(path)).stdout
        self.assertIn("and 497 more", text)
        self.assertEqual(len(lines("scan", path)[1][0]["warnings"]), 100)
        self.assertEqual(lines("scan", path)[1][0]["warnings_total"], 500)

    def test_scan_goes_on_after_a_refused_file(self):
        result, answers = lines("scan", self.file("a", WHOLE), self.file("b", CUT), self.file("c", OPEN))
        self.assertEqual(result.returncode, 2)
        self.assertEqual([pathlib.Path(a["file"]).name for a in answers], ["a", "c"])
        self.assertEqual(answers[1]["warnings"][0]["fault"], "missing-end-of-track")
        self.assertRegex(result.stderr, r"^kmidi midi scan: .*/b: byte \d+: ")

    def test_all_read_standard_input(self):
        for verb in ("scan", "dump", "check"):
            result = subprocess.run([PROGRAM, "midi", verb, "-"], input=WHOLE, capture_output=True, timeout=60)
            self.assertEqual((result.returncode, result.stderr), (0, b""), verb)

    def test_dump_writes_any_text_as_utf8(self):
        texts = [b"caf\xC3\xA9", b"caf\xE9", b"\x1b[31m\x07\"\\", b"\xED\xA0\xB4", b"a" * 5000 + b"\xC3\xA9"]
        events = [b"\0\xFF\x05" + (bytes([len(t) >> 7 | 0x80, len(t) & 127]) if len(t) > 127 else bytes([len(t)])) + t
                  for t in texts]
        path = self.file("texts.mid", song(track(*events, END)))
        _, dumped = lines("dump", path)
        self.assertEqual([e["text"] for e in dumped[:3]], ["caf\u00e9", "caf\u00e9", "\x1b[31m\x07\"\\"])
        self.assertEqual(dumped[4]["text"], "a" * 4096 + "...")
        for words in ((), ("--json",)):
            out = subprocess.run([PROGRAM, "midi", "dump", str(path), *words], capture_output=True, timeout=60).stdout
            self.assertNotIn(b"\x1b", out)
            out.decode("utf-8")

    def test_bars_and_beats_follow_the_metre(self):
        three = b"\0\xFF\x58\4\3\2\x18\x08"
        note = b"\x60\x90\x3C\x40"
        path = self.file("waltz.mid", song(track(three, note, note, note, note, END)))
        _, events = lines("dump", path)
        places = [(e["bar"], e["beat"]) for e in events if e["type"] == "note_on"]
        self.assertEqual(places, [(1, 2), (1, 3), (2, 1), (2, 2)])

    def test_a_clip_is_dumped_with_its_groups_and_finer_values(self):
        words = [0x00400000, 0x00300060, 0x00400000, 0xF0200000, 0, 0, 0, 0x00400000, 0x45903C00, 0xC1230000,
                 0x00400000, 0xF0210000, 0, 0, 0]
        path = self.file("clip.midi2", b"SMF2CLIP" + b"".join(w.to_bytes(4, "big") for w in words))
        result, events = lines("dump", path)
        self.assertEqual((events[0]["group"], events[0]["value"], events[0]["value16"]), (6, 96, 0xC123))
        self.assertTrue(lines("scan", path)[1][0]["is_clip"])
        self.assertEqual(lines("dump", "--merged", path)[1], events)

    def test_a_closed_pipe_ends_a_dump(self):
        big = self.file("big.mid", song(track(*[b"\0\x90\x3C\x40"] * 200000, END)))
        dump = subprocess.Popen([PROGRAM, "midi", "dump", str(big)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        dump.stdout.readline()
        dump.stdout.close()
        self.assertEqual(dump.wait(timeout=10), 2)
        self.assertIn(b"cannot write", dump.stderr.read())
        dump.stderr.close()

    def test_a_bar_is_shown_on_a_terminal_alone_and_cleared(self):
        slow = song(track(*[b"\0\x90\x3C\x40"] * 600000, END))
        try:
            controller, terminal = pty.openpty()
        except OSError as error:
            self.skipTest(f"no pseudo-terminal on this machine: {error}")
        scan = subprocess.Popen([PROGRAM, "midi", "scan", "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                stderr=terminal, env={**os.environ, "TERM": "xterm"})
        os.close(terminal)
        for part in (slow[:1200000], slow[1200000:]):
            scan.stdin.write(part)
            scan.stdin.flush()
            time.sleep(0.7)
        scan.stdin.close()
        self.assertEqual(scan.wait(timeout=20), 0)
        shown = b""
        try:
            while part := os.read(controller, 65536):
                shown += part
        except OSError:  # The terminal has no other end any more: all of it has been read.
            pass
        os.close(controller)
        self.assertIn(b" MB", shown)
        self.assertTrue(shown.endswith(b"\r\x1b[K"), shown[-20:])


if __name__ == "__main__":
    unittest.main()
