#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How often kmidi names the chord that an analyst named: with the analyst's boundaries, and without.

usage: measure_chords.py KMIDI            figures: root, root and triad, root and seventh chord, in percent
       measure_chords.py --segments       the segments, for tools/learn_chords.c: name, share of each pitch class above the
                                          bass, root above the bass, quality

The segments are those of When in Rome's analyses of preludes and fugues of the first Well-Tempered Clavier and a prelude by
Chopin, laid over the notes in justkeydding: each analysis at the offset, in quarters of a bar, where most of what sounds belongs
to its chords. Analyses of which less than 69 percent does so are left out: their bars are numbered otherwise.
"""

import collections
import bisect
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import labelled_music
import real_progressions

DATA = pathlib.Path(os.environ.get("KMIDI_DATA", "../shared/data"))
BACH = "Keyboard_Other__Bach__Johann_Sebastian__The_Well-Tempered_Clavier_I__"
STEPS = {"M": (0, 4, 7), "m": (0, 3, 7), "d": (0, 3, 6), "+": (0, 4, 8), "M7": (0, 4, 7, 10), "m7": (0, 3, 7, 10),
         "j7": (0, 4, 7, 11), "h7": (0, 3, 6, 10), "d7": (0, 3, 6, 9), "+7": (0, 4, 8, 10)}
QUALITIES = ["M", "m", "d", "+", "M7", "m7", "j7", "h7", "d7"]
FIT_MIN = 0.69
REPETITIONS = 12  # Of a key that sounds for the whole segment, on the command line.
SONGS = 40

Segment = collections.namedtuple("Segment", "piece start end root triad quality sounding")  # sounding: (key, beats)


def laid_over(chords, end, notes, offset, piece=""):
    starts = [note.start for note in notes]  # In order, so that a segment looks at its own notes only.
    longest = max((note.end - note.start for note in notes), default=0)
    for chord, after in zip(chords, [chord.start for chord in chords[1:]] + [end]):
        start, stop, sounding = offset + chord.start, offset + after, []
        for note in notes[bisect.bisect_left(starts, start - longest):bisect.bisect_left(starts, stop)]:
            if note.end > start + 0.01 and note.start < stop - 0.01:
                sounding.append((note.key, min(note.end, stop) - max(note.start, start)))
        if after > chord.start and sounding:
            yield Segment(piece, start, stop, chord.root, chord.triad, chord.seventh, sounding)


def fit(segments):
    inside = total = 0.0
    for segment in segments:
        chord = {(segment.root + step) % 12 for step in STEPS[segment.quality]}
        total += sum(beats for _, beats in segment.sounding)
        inside += sum(beats for key, beats in segment.sounding if key % 12 in chord)
    return inside / total if total else 0.0


def aligned():
    """(file, segments) of each analysis that fits its notes."""
    works = [(f"{number:02d}", f"wtc1_{number:02d}_", f"{BACH}{number:02d}.txt", range(-8, 9)) for number in range(1, 25)]
    works += [(f"{number}f", f"wtc1_{number}_", f"{BACH}{number}_fugue.txt", range(12, 420, 4)) for number in (19, 22)]
    works.append(("op28_20", "op28_20_", "Keyboard_Other__Chopin__Frederic__Preludes__Op.28__20.txt", range(-8, 9)))
    for name, file_start, analysis, quarters in works:
        file = next((DATA / "justkeydding/features").glob(file_start + "*.mid"))
        notes, _ = labelled_music.notes_of_file(file)
        chords, _, bar = labelled_music.roman_text(DATA / "when_in_rome" / analysis)
        end = chords[-1].start + bar
        last = max(note.end for note in notes)
        offsets = [quarter * bar / 4 for quarter in quarters if quarter * bar / 4 + end < last + 2 * bar]
        if not offsets:
            continue
        offset = max(offsets, key=lambda offset: fit(laid_over(chords, end, notes, offset)))
        segments = list(laid_over(chords, end, notes, offset, name))
        if fit(segments) >= FIT_MIN:
            yield file, segments


def weights_of(segment):
    weights = [0.0] * 12
    for key, beats in segment.sounding:
        weights[key % 12] += beats
    return weights, min(key for key, _ in segment.sounding) % 12


def matched(weights, bass):
    """A plain matcher: what sounds inside the template, less what is missing, with a bonus for the bass."""
    total = sum(weights) or 1.0
    best = (-9.0, 0, "M")
    for quality in QUALITIES:
        for root in range(12):
            notes = [weights[(root + step) % 12] for step in STEPS[quality]]
            score = sum(notes) / total - 0.18 * notes.count(0) + 0.1 * (root == bass) - 0.04 * (len(notes) == 4)
            best = max(best, (score, root, quality), key=lambda one: one[0])
    return best[1], quality_class(STEPS[best[2]])


def quality_class(steps):
    """(triad, triad with its seventh) of steps above a root."""
    steps = {step % 12 for step in steps}
    if 4 in steps or 3 not in steps:
        triad = "+" if 8 in steps and 7 not in steps else "M"
    else:
        triad = "d" if 6 in steps and 7 not in steps else "m"
    if triad == "d" and 9 in steps:
        return triad, "d7"
    if 10 in steps:
        return triad, {"M": "M7", "m": "m7", "d": "h7", "+": "+7"}[triad]
    return triad, {"M": "j7"}.get(triad, triad + "j7") if 11 in steps else triad


def symbols():
    """The steps of each chord symbol, from the table."""
    table = pathlib.Path(__file__).resolve().parents[1] / "src/theory/chords.def"
    rows = re.findall(r'KM_CHORD\(\w+, "([^"]*)", (0x\w+)\)', table.read_text())
    return {symbol or "maj": [step for step in range(12) if int(pitches, 16) >> step & 1] for symbol, pitches in rows}


def named(program, segments, with_durations):
    """kmidi's answers; with durations a key is given the more often the longer it sounds."""
    lines = []
    for segment in segments:
        longest = max(beats for _, beats in segment.sounding)
        lines.append(" ".join(str(key) for key, beats in segment.sounding
                              for _ in range(max(1, round(REPETITIONS * beats / longest)) if with_durations else 1)))
    if not with_durations:
        lines = [" ".join(sorted(set(line.split()), key=int)) for line in lines]
    result = subprocess.run([program, "chord", "--lines"], input="\n".join(lines) + "\n", capture_output=True, text=True,
                            check=True)
    steps = symbols()
    for line in result.stdout.splitlines():
        answer = json.loads(line)
        yield answer["root"], quality_class(steps[answer["quality"]])


class Count:
    def __init__(self):
        self.right, self.total = [0.0, 0.0, 0.0], 0.0

    def add(self, segment, root, classes, weight=1.0):
        is_root = root == segment.root
        self.right[0] += weight * is_root
        self.right[1] += weight * (is_root and classes[0] == segment.triad)
        self.right[2] += weight * (is_root and classes[1] == segment.quality)
        self.total += weight

    def percent(self):
        return [100 * right / self.total if self.total else 0.0 for right in self.right]

    def __str__(self):
        return "  ".join(f"{percent:5.1f}" for percent in self.percent())


def analysed(program, file):
    """(start, end, root, classes) of the chords that analyze finds."""
    result = subprocess.run([program, "analyze", str(file), "--json"], capture_output=True, text=True, check=True)
    steps, spans = symbols(), []
    for chord in json.loads(result.stdout)["chords"]:
        match = re.match(r"([A-G][b#]*)(.*)", chord["symbol"])
        if match and chord["symbol"] != "N.C.":
            quality = re.sub(r"/[A-G][b#]*$", "", match[2]) or "maj"
            spans.append((chord["start_beat"], chord["end_beat"], real_progressions.pitch_class(match[1]),
                          quality_class(steps[quality])))
    return spans


def count_blind(count, segments, spans):
    for segment in segments:
        for start, end, root, classes in spans:
            common = min(end, segment.end) - max(start, segment.start)
            if common > 0:
                count.add(segment, root, classes, common)


def plan_segments(plan):
    """A plan's chords; suspensions and power chords have no triad and are left out."""
    steps = symbols()
    numerator, denominator = map(int, plan["time_signature"].split("/"))
    for chord in plan["chords"]:
        match = re.match(r"([A-G][b#]?)(.*)", chord["symbol"])
        quality = match and (re.sub(r"/[A-G][b#]*$", "", match[2]) or "maj")
        if not match or chord["symbol"] == "N.C." or not {3, 4} & set(steps[quality]):
            continue
        start = (chord["bar"] * numerator + chord["beat"]) * 4 / denominator
        yield Segment("", start, start + chord["beats"] * 4 / denominator, real_progressions.pitch_class(match[1]),
                      *quality_class(steps[quality]), [])


def measure(program):
    pieces = list(aligned())
    segments = [segment for _, found in pieces for segment in found]
    counts = collections.defaultdict(Count)
    for segment, alone, lasting in zip(segments, named(program, segments, False), named(program, segments, True)):
        weights, bass = weights_of(segment)
        counts["template, notes alone"].add(segment, *matched([float(weight > 0) for weight in weights], bass))
        counts["kmidi chord, notes alone"].add(segment, *alone)
        counts["template, durations"].add(segment, *matched(weights, bass))
        counts["kmidi chord, durations"].add(segment, *lasting)
    for file, found in pieces:
        count_blind(counts["kmidi analyze, blind"], found, analysed(program, file))
    with tempfile.TemporaryDirectory() as folder:
        songs, _, plans = labelled_music.ours(program, folder, SONGS)
        for number, (_, plan) in enumerate(zip(songs, plans)):
            file = pathlib.Path(folder) / f"{number}.mid"
            count_blind(counts["kmidi analyze, our songs"], list(plan_segments(plan)), analysed(program, file))
    print(f"{len(segments)} segments of {len(pieces)} analyses: root, root and triad, with seventh, in percent")
    for name, count in counts.items():
        print(f"{name:26} {count}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if sys.argv[1] != "--segments":
        return measure(sys.argv[1])
    for _, segments in aligned():
        for segment in segments:
            weights, bass = weights_of(segment)
            total = sum(weights)
            shares = " ".join(f"{weights[(bass + step) % 12] / total:.4f}" for step in range(12))
            quality = QUALITIES.index(segment.quality) if segment.quality in QUALITIES else QUALITIES.index("+")
            print(segment.piece, shares, (segment.root - bass) % 12, quality)
    return None


if __name__ == "__main__":
    main()
