#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures what human drummers play: the figures in src/session/drum_habits.def.

usage: measure_drums.py [FOLDER]      (default: $KMIDI_DATA/groove, the Groove MIDI Dataset v1.0.0, Google LLC, CC BY 4.0)

Only the training split in 4/4 is read, takes of at least 64 hits. Printed for each style: in how many of a hundred bars a
kick, and a ghost note of the snare (softer than .8 of the take's mean), stands on each sixteenth; then for each voice the
mean velocity relative to the take's, and that of the snare's back beats and ghosts.
"""

import csv
import os
import pathlib
import statistics
import sys

from measure_groove import VOICES, notes_of

GHOST = 0.8


class Style:
    def __init__(self):
        self.bars = 0
        self.kicks, self.ghosts = [0] * 16, [0] * 16

    def add(self, division, notes, mean):
        hits = {(round(tick / division * 4), VOICES.get(key), velocity < GHOST * mean) for tick, key, velocity in notes}
        self.bars += len({place // 16 for place, _, _ in hits})
        for place in {h[0] for h in hits if h[1] == "kick"}:
            self.kicks[place % 16] += 1
        for place in {h[0] for h in hits if h[1] == "snare" and h[2]}:
            self.ghosts[place % 16] += 1

    def row(self, name):
        def percents(counts):
            return ", ".join(str(round(100 * n / self.bars)) for n in counts)
        return f"KM_DRUM_HABIT({name.upper()}, {self.bars}, {percents(self.kicks)}, {percents(self.ghosts)})"


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.environ.get("KMIDI_DATA", "../shared/data"), "groove"))
    styles, voices = {}, {}
    with open(folder / "info.csv", newline="", encoding="utf-8") as table:
        for row in csv.DictReader(table):
            if row["split"] != "train" or row["time_signature"] != "4-4" or row["beat_type"] != "beat":
                continue
            division, notes = notes_of(folder / row["midi_filename"])
            if len(notes) < 64:
                continue
            mean = statistics.mean(n[2] for n in notes)
            styles.setdefault(row["style"].split("/")[0], Style()).add(division, notes, mean)
            for _, key, velocity in notes:
                voices.setdefault(VOICES.get(key), []).append(velocity / mean)
    for name in sorted(styles):
        print(styles[name].row(name))
    for voice in ("kick", "snare", "hat", "ride", "crash", "tom"):
        print(f"{voice}: {statistics.mean(voices[voice]):.2f} of the mean velocity")
    loud = [v for v in voices["snare"] if v >= GHOST]
    soft = [v for v in voices["snare"] if v < GHOST]
    print(f"snare: back beats {statistics.mean(loud):.2f} ({100 * len(loud) / len(voices['snare']):.0f} %), "
          f"ghosts {statistics.mean(soft):.2f}")


if __name__ == "__main__":
    main()
