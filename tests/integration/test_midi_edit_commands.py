# SPDX-License-Identifier: MIT
"""The verbs of `kmidi midi` that make files of files, read by mido: an independent reader."""

import collections
import hashlib
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

try:
    import mido
except ImportError:
    mido = None

PROGRAM = os.environ.get("KMIDI_PROGRAM", "build/kmidi")


def notes_of(path):
    """Every note with its time: (start, end, channel, key, velocity), counted."""
    file = mido.MidiFile(path)
    found = collections.Counter()
    for track in file.tracks:
        tick, sounding = 0, collections.defaultdict(list)
        for message in track:
            tick += message.time
            if message.type == "note_on" and message.velocity > 0:
                sounding[message.channel, message.note].append((tick, message.velocity))
            elif message.type in ("note_on", "note_off") and sounding[message.channel, message.note]:
                start, velocity = sounding[message.channel, message.note].pop(0)
                found[start, tick, message.channel, message.note, velocity] += 1
    return found


def events_of(path):
    """Every event with its time, but for ends of tracks, counted."""
    found = collections.Counter()
    for track in mido.MidiFile(path).tracks:
        tick = 0
        for message in track:
            tick += message.time
            if message.type != "end_of_track":
                found[tick, str(message.copy(time=0))] += 1
    return found


@unittest.skipUnless(mido, "mido is not installed")
class Edits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.song = os.path.join(cls.folder.name, "song.mid")
        subprocess.run([PROGRAM, "compose", "joy and relief", "--seed", "4", "--key", "D", "-o", cls.song], check=True,
                       capture_output=True, timeout=60)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def run_midi(self, *words, code=0, **more):
        done = subprocess.run([PROGRAM, "midi", *words], capture_output=True, timeout=60, **more)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def edit(self, verb, *words, source=None):
        output = self.path(f"{verb}-{len(words)}-{'_'.join(words).replace('/', '').replace('=', '')}.mid")
        done = self.run_midi(verb, source or self.song, *words, "-o", output, "--json")
        answer = json.loads(done.stdout)
        data = pathlib.Path(output).read_bytes()
        self.assertEqual(answer["files"], [{"path": output, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}])
        self.assertEqual(answer["problems"], {})
        scanned = json.loads(self.run_midi("scan", "--json", output).stdout)
        self.assertEqual(scanned["warnings"], [])
        self.assertEqual(scanned["note_ons"], answer["notes"])
        return output

    def test_a_valid_file_is_repaired_to_itself(self):
        self.assertEqual(pathlib.Path(self.edit("repair")).read_bytes(), pathlib.Path(self.song).read_bytes())

    def test_transposed_notes_are_where_they_should_be(self):
        moved = notes_of(self.edit("transpose", "--semitones", "5"))
        wanted = collections.Counter()
        for (start, end, channel, key, velocity), count in notes_of(self.song).items():
            wanted[start, end, channel, key + (0 if channel == 9 else 5), velocity] += count
        self.assertEqual(moved, wanted)

    def test_a_note_beyond_the_keyboard_is_refused_with_its_place(self):
        done = self.run_midi("transpose", self.song, "--semitones", "90", "-o", self.path("never.mid"), code=2)
        self.assertRegex(done.stderr, rb"byte \d+, track \d+, tick \d+: note \d+ of channel \d+ would move to \d+")
        self.assertFalse(os.path.exists(self.path("never.mid")))
        folded = notes_of(self.edit("transpose", "--semitones", "90", "--fold", "octave"))
        self.assertEqual(sum(folded.values()), sum(notes_of(self.song).values()))
        self.assertEqual({note[3] % 12 for note in folded if note[2] != 9},
                         {(note[3] + 90) % 12 for note in notes_of(self.song) if note[2] != 9})

    def test_one_track_and_back_keeps_every_event_at_its_tick(self):
        one = self.edit("convert", "--format", "0")
        self.assertEqual((mido.MidiFile(one).type, len(mido.MidiFile(one).tracks)), (0, 1))
        self.assertEqual(events_of(one), events_of(self.song))
        many = self.edit("convert", "--format", "1", source=one)
        self.assertEqual(mido.MidiFile(many).type, 1)
        self.assertEqual(events_of(many), events_of(self.song))
        for track in mido.MidiFile(many).tracks[1:]:
            self.assertEqual(len({message.channel for message in track if not message.is_meta}), 1)

    def test_a_clip_and_back_is_the_file_on_one_track(self):
        clip, back = self.path("song.midi2"), self.path("back.mid")
        self.run_midi("convert", self.song, "-o", clip)
        self.assertEqual(pathlib.Path(clip).read_bytes()[:8], b"SMF2CLIP")
        self.run_midi("convert", clip, "-o", back)
        one = self.edit("convert", "--format", "0")
        self.assertEqual(pathlib.Path(back).read_bytes(), pathlib.Path(one).read_bytes())
        for verb in ("repair", "quantize"):
            done = self.run_midi(verb, clip, "-o", self.path("never.mid"), code=2)
            self.assertIn(b"MIDI 2.0 clip file", done.stderr)
        self.run_midi("convert", clip, "--to", "clip", "-o", self.path("never.midi2"), code=2)

    def test_every_clip_that_is_read_becomes_a_file(self):
        folder = os.path.join(os.environ.get("KMIDI_DATA", ""), "edge/jazz_soft/midi2")
        if not os.path.isdir(folder):
            self.skipTest("the clips of KMIDI_DATA are not there")
        for name in sorted(os.listdir(folder)):
            clip, output = os.path.join(folder, name), self.path("clip.mid")
            scanned = subprocess.run([PROGRAM, "midi", "scan", "--json", clip], capture_output=True, timeout=60)
            if scanned.returncode == 0:
                self.run_midi("convert", clip, "-o", output)
                self.assertEqual(json.loads(scanned.stdout)["note_ons"], sum(notes_of(output).values()), name)

    def test_a_division_there_and_back_is_the_same_file(self):
        finer = self.edit("convert", "--division", "960")
        self.assertEqual(mido.MidiFile(finer).ticks_per_beat, 960)
        self.assertAlmostEqual(mido.MidiFile(finer).length, mido.MidiFile(self.song).length, places=6)
        back = self.edit("convert", "--division", "480", source=finer)
        self.assertEqual(pathlib.Path(back).read_bytes(), pathlib.Path(self.song).read_bytes())

    def test_parts_merged_again_have_the_same_events(self):
        for by in ("track", "channel", "drums"):
            pattern = self.path(f"{by}-{{}}.mid")
            answer = json.loads(self.run_midi("split", self.song, "--by", by, "-o", pattern, "--json").stdout)
            paths = [part["path"] for part in answer["files"]]
            self.assertGreater(len(paths), 1)
            for part in answer["files"]:
                self.assertEqual(hashlib.sha256(pathlib.Path(part["path"]).read_bytes()).hexdigest(), part["sha256"])
                tempos = [m.tempo for track in mido.MidiFile(part["path"]).tracks for m in track if m.type == "set_tempo"]
                self.assertTrue(tempos, "each part has the tempo")
            merged = self.path(f"{by}.mid")
            self.run_midi("merge", *paths, "-o", merged)
            self.assertEqual(events_of(merged), events_of(self.song))

    def test_appended_files_follow_each_other(self):
        twice = self.path("twice.mid")
        self.run_midi("merge", self.song, self.song, "--append", "-o", twice)
        self.assertAlmostEqual(mido.MidiFile(twice).length, 2 * mido.MidiFile(self.song).length, places=6)
        self.assertEqual(sum(notes_of(twice).values()), 2 * sum(notes_of(self.song).values()))

    def test_files_of_several_divisions_meet_in_their_least_common_multiple(self):
        other = self.edit("convert", "--division", "360")
        merged = self.path("divisions.mid")
        answer = json.loads(self.run_midi("merge", self.song, other, "-o", merged, "--json").stdout)
        self.assertEqual((mido.MidiFile(merged).ticks_per_beat, answer["rounded"]), (1440, False))
        third, fourth = self.edit("convert", "--division", "32749"), self.path("rounded.mid")
        answer = json.loads(self.run_midi("merge", self.song, third, "-o", fourth, "--json").stdout)
        self.assertEqual((mido.MidiFile(fourth).ticks_per_beat, answer["rounded"]), (32749, True))

    def test_quantized_onsets_are_on_the_grid(self):
        straight = self.edit("quantize", "--grid", "1/16")
        self.assertEqual({note[0] % 120 for note in notes_of(straight)}, {0})
        self.assertEqual(sum(notes_of(straight).values()), sum(notes_of(self.song).values()))
        same = self.edit("quantize", "--strength", "0")
        self.assertEqual(pathlib.Path(same).read_bytes(), pathlib.Path(self.song).read_bytes())

    def test_bars_are_cut_as_written(self):
        file = mido.MidiFile(self.song)
        meter = next(m for track in file.tracks for m in track if m.type == "time_signature")
        bar = file.ticks_per_beat * 4 * meter.numerator // meter.denominator
        cut = notes_of(self.edit("cut", "--bars", "3-4"))
        wanted = collections.Counter()
        for (start, end, channel, key, velocity), count in notes_of(self.song).items():
            if start < 4 * bar and (end > 2 * bar or start >= 2 * bar):
                wanted[max(start - 2 * bar, 0), min(end, 4 * bar) - 2 * bar, channel, key, velocity] += count
        self.assertEqual(cut, wanted)
        self.run_midi("cut", self.song, "--bars", "9999", "-o", self.path("never.mid"), code=2)

    def test_a_file_may_be_written_over_itself_and_piped(self):
        own = self.path("own.mid")
        data = pathlib.Path(self.song).read_bytes()
        pathlib.Path(own).write_bytes(data)
        self.run_midi("transpose", own, "--semitones", "2", "-o", own)
        self.assertNotEqual(pathlib.Path(own).read_bytes(), data)
        self.run_midi("transpose", own, "--semitones=-2", "-o", own)
        self.assertEqual(pathlib.Path(own).read_bytes(), data)
        self.assertEqual(self.run_midi("repair", "-", "-o", "-", input=data).stdout, data)

    def test_standard_input_is_read_from_where_it_stands(self):
        data = pathlib.Path(self.song).read_bytes()
        late = self.path("late.bin")
        pathlib.Path(late).write_bytes(b"taken before" + data)
        with open(late, "rb", buffering=0) as file:
            file.read(12)
            done = subprocess.run([PROGRAM, "midi", "repair", "-", "-o", "-"], stdin=file, capture_output=True,
                                  timeout=60, check=True)
        self.assertEqual(done.stdout, data)

    def test_standard_input_is_called_so_everywhere(self):
        data = pathlib.Path(self.song).read_bytes()
        self.assertIn(b"standard input: nothing is wrong", self.run_midi("check", "-", input=data).stdout)
        self.assertIn(b"dump: standard input: ", self.run_midi("dump", "-", input=data + b"more").stderr)

    def test_a_groove_without_end_is_named_with_a_remedy(self):
        done = subprocess.run([PROGRAM, "groove", "extract", "/dev/zero"], capture_output=True, timeout=60, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, "/dev/zero: larger than .*kmidi midi cut")

    def test_what_is_no_midi_and_has_no_end_is_refused_at_once(self):
        for verb, *words in (("repair",), ("transpose", "--semitones", "1"), ("convert", "--to", "clip"), ("merge",)):
            done = self.run_midi(verb, "/dev/zero", *words, "-o", self.path("zero.mid"), code=2)
            self.assertIn(b"/dev/zero: byte 0: no Standard MIDI File", done.stderr)
        self.run_midi("split", "/dev/zero", "-o", self.path("zero-{}.mid"), code=2)
        self.run_midi("dump", "--merged", "/dev/zero", code=2)
        self.assertEqual([name for name in os.listdir(self.folder.name) if "zero" in name], [])

    def test_an_error_names_the_file_that_failed_once(self):
        done = self.run_midi("repair", self.song, "-o", "/dev/full", code=2)
        self.assertEqual(done.stderr, b"kmidi midi repair: /dev/full: cannot write: no space left on the device\n")
        long = self.path("long.mid")
        track = b"\x00\x90\x3c\x40\x01\x3c\x00" * 40000 + b"\x00\xff\x2f\x00"
        pathlib.Path(long).write_bytes(b"MThd\0\0\0\6\0\0\0\1\0\x60MTrk" + len(track).to_bytes(4, "big") + track)
        reading, writing = os.pipe()
        os.close(reading)
        for words in (("repair", long), ("merge", long, long)):
            done = subprocess.run([PROGRAM, "midi", *words, "-o", "-"], stdout=writing, stderr=subprocess.PIPE, text=True,
                                  timeout=60)
            self.assertEqual(done.returncode, 2)
            self.assertRegex(done.stderr, "^kmidi midi [a-z]+: standard output: cannot write")
        os.close(writing)
        with open(self.song, "rb") as file:
            piped = subprocess.Popen(["cat"], stdin=file, stdout=subprocess.PIPE)
            done = subprocess.run([PROGRAM, "midi", "dump", "--merged", "-"], stdin=piped.stdout, capture_output=True,
                                  text=True, timeout=60, env={**os.environ, "TMPDIR": "/nowhere"})
            piped.stdout.close()
            piped.wait()
        self.assertEqual((done.returncode, done.stderr.count("standard input")), (2, 1))

    def test_broken_files_are_repaired_or_refused(self):
        broken = self.path("broken.mid")
        pathlib.Path(broken).write_bytes(b"MThd\0\0\0\6\0\1\0\2\1\xe0MTrk\0\0\0\x04\0\x90\x3c\x40")
        whole = self.path("whole.mid")
        answer = json.loads(self.run_midi("repair", broken, "-o", whole, "--json").stdout)
        self.assertEqual(set(answer["problems"]), {"track-count", "missing-end-of-track", "hanging-note"})
        self.assertEqual(sum(notes_of(whole).values()), 1)
        self.run_midi("repair", broken, "--strict", "-o", self.path("never.mid"), code=2)
        self.run_midi("repair", broken, code=1)
        self.run_midi("repair", self.folder.name, "-o", self.path("never.mid"), code=2)
        pathlib.Path(broken).write_bytes(b"")
        for verb, words in (("repair", ()), ("transpose", ("--semitones", "1")), ("convert", ("--format", "0")),
                            ("quantize", ()), ("cut", ("--bars", "1")), ("merge", ())):
            self.run_midi(verb, broken, *words, "-o", self.path("never.mid"), code=2)
        self.run_midi("split", broken, "-o", self.path("never{}.mid"), code=2)
        self.assertFalse(any("never" in name for name in os.listdir(self.folder.name)))

    def test_each_request_for_memory_may_fail(self):
        output = self.path("failing.mid")
        for words in (("repair", self.song), ("convert", self.song, "--format", "0"), ("convert", self.song, "--to", "clip"),
                      ("split", self.song), ("merge", self.song, self.song), ("quantize", self.song)):
            pattern = self.path("failing{}.mid") if words[0] == "split" else output
            for request in range(1, 200):
                environment = dict(os.environ, KMIDI_HEAP_FAIL_AT=str(request))
                done = subprocess.run([PROGRAM, "midi", *words, "-o", pattern], capture_output=True, timeout=60,
                                      env=environment)
                self.assertIn(done.returncode, (0, 2), (words, request, done.stderr))
                left = [name for name in os.listdir(self.folder.name) if name.startswith("failing")]
                if done.returncode == 0:
                    break
                self.assertIn(b"memory", done.stderr)
                self.assertEqual(left, [], (words, request))
            self.assertGreater(request, 3)
            for name in left:
                os.remove(self.path(name))


if __name__ == "__main__":
    unittest.main()
