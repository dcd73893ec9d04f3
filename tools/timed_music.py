#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Music whose beats are known: what tools/learn_tempo.c learns from and is tested on.

usage: timed_music.py KMIDI FOLDER

Prints lines of a share (0: only a test), set and file: takes of the Groove MIDI Dataset (KMIDI_DATA/groove; beats of over 12 s: its
training split is learned from), songs of ours, humanised, and random tunes, 12 ms off the beat on average. Songs and tunes are
written into the folder; seeds are fixed, so the same program gives the same music. What people play counts twice (chosen on
the validation split).
"""

import csv
import os
import pathlib
import random
import subprocess
import sys

import labelled_music

DATA = pathlib.Path(os.environ.get("KMIDI_DATA", "../shared/data"))
SONGS, SONGS_LEARNED = 204, 144
TUNES, TUNES_LEARNED = 160, 110
SECONDS_MIN = 12
FEELINGS = ["joy", "grief and loss", "calm", "anger", "longing", "hope", "fear of the night", "a quiet morning", "feeling nothing",
            "dancing all night", "a slow goodbye", "pride"]
METRES = ["4/4", None, "3/4", None, "6/8", None]
RHYTHMS = {  # Of a bar, in beats, by how many beats it has.
    4: [[1, 1, 1, 1], [2, 1, 1], [1, .5, .5, 1, 1], [1.5, .5, 1, 1], [.5] * 8, [2, 2], [1, 1, 2], [1, 1, .5, .5, 1],
        [.5, .5, 1, .5, .5, 1], [3, 1]],
    3: [[1, 1, 1], [2, 1], [1.5, .5, 1], [.5] * 6, [1, .5, .5, 1], [1, 1, .5, .5], [3], [1, .5, .5, .5, .5]],
    2: [[1, 1], [.5, .5, 1], [1, .5, .5], [.5] * 4, [2], [.75, .25, 1]]}
BARS = 32


def takes():
    with open(DATA / "groove/info.csv", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["beat_type"] == "beat" and float(row["duration"]) > SECONDS_MIN:
                yield 2 if row["split"] == "train" else 0, "groove_" + row["split"], DATA / "groove" / row["midi_filename"]


def songs(program, folder):
    for i in range(SONGS):
        path = folder / f"song_{i}.mid"
        metre = ["--metre", METRES[i % 6]] if METRES[i % 6] else []
        subprocess.run([program, "compose", FEELINGS[i % len(FEELINGS)], "--seed", str(i + 1), *metre, "-o", path],
                       check=True, capture_output=True)
        yield int(i < SONGS_LEARNED), "songs", path


def accompaniment(kind, at, beats, root):
    """(start, beats, key, velocity) of one bar."""
    if kind != "none":
        yield at, beats if kind == "bass" else 1, 36 + root, 75
    for beat in range(beats):
        if kind == "chords" or (kind == "waltz" and beat > 0):
            yield from ((at + beat, .8, 48 + root + step, 55) for step in (0, 4, 7))
        if kind == "broken":
            for half in (0, 1):
                yield at + beat + half / 2, .5, 48 + root + [0, 7, 4, 7][(2 * beat + half) % 4], 55


def tune(chance, beats):
    """A tune over one of five kinds of accompaniment: (start, beats, key, velocity)."""
    kind = chance.choice(["bass", "waltz", "chords", "none", "broken"])
    first = [chance.choice(RHYTHMS[beats]) for _ in range(4)]
    second = [chance.choice(RHYTHMS[beats]) for _ in range(4)]
    roots = [chance.choice([0, 5, 7, 9]) for _ in range(8)]
    for bar in range(BARS):
        at = bar * beats
        for number, length in enumerate((first if bar // 4 % 4 != 2 else second)[bar % 4]):
            yield at, length * .9, 60 + chance.choice([0, 2, 4, 5, 7, 9, 11, 12]), chance.randint(60, 90) + 8 * (number == 0)
            at += length
        yield from accompaniment(kind, bar * beats, beats, roots[bar % 8])


def tunes(folder):
    chance = random.Random(5)
    for i in range(TUNES):
        beats, bpm = chance.choice([4, 4, 4, 3, 3, 2]), chance.uniform(62, 168)
        notes = []
        for start, length, key, velocity in tune(chance, beats):
            start = max(0.0, start + chance.gauss(0, .012) * bpm / 60)
            notes.append(labelled_music.Note(start, start + length, key, velocity, 0, 0))
        path = folder / f"tune_{i}.mid"
        path.write_bytes(labelled_music.file_of(labelled_music.Piece("", None, (beats, 4), sorted(notes)), bpm))
        yield int(i < TUNES_LEARNED), "tunes", path


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(exist_ok=True)
    for pieces in (takes(), songs(sys.argv[1], folder), tunes(folder)):
        for share, name, path in pieces:
            print(share, name, path)


if __name__ == "__main__":
    main()
