#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures timing and touch of human drummers: the figures in src/groove/styles.def.

usage: measure_groove.py [FOLDER]      (default: $KMIDI_DATA/groove, the Groove MIDI Dataset)

Only the training split in 4/4 is read. A hit belongs to the nearest sixteenth, or in a swung take to the nearest
place of a beat divided at 0, 1/3, 2/3. Kit latency and ghost notes are in the figures, so spreads are upper bounds.
Printed for each style: takes, the mean and spread in ms, the median spread of a take, the median own spread of a take
(see own_spread: what humanising has to add), the median swing ratio (long to short eighth) and its quartiles, the median offset in ms of each of 16 places (straight takes, relative to the
median of the take), the velocity of each place in percent of the mean (hi-hat and ride), and per voice the median
offset in ms relative to the take.
"""

import bisect
import csv
import os
import pathlib
import statistics
import sys

from midi_notes import chunks, track_events

VOICES = {35: "kick", 36: "kick", 37: "snare", 38: "snare", 39: "snare", 40: "snare", 22: "hat", 26: "hat", 42: "hat",
          44: "hat", 46: "hat", 51: "ride", 53: "ride", 59: "ride", 49: "crash", 52: "crash", 55: "crash", 57: "crash",
          41: "tom", 43: "tom", 45: "tom", 47: "tom", 48: "tom", 50: "tom", 58: "tom"}


def notes_of(path):
    """Ticks of a quarter note, and the note-ons: (tick, key, velocity)."""
    data = path.read_bytes()
    events = (event for at, end in chunks(data) for event in track_events(data, at, end))
    notes = [(tick, body[0], body[1]) for tick, status, body in events if status >> 4 == 9 and body[1] > 0]
    return int.from_bytes(data[12:14], "big"), notes


def swing_ratio(phases):
    """Long to short eighth from the median place of hits in the middle of the beat, or None if there are few."""
    middle = [p for p in phases if 0.42 < p < 0.71]
    if len(middle) < 12:
        return None
    place = statistics.median(middle)
    return place / (1 - place)


def own_spread(hits):
    """The spread in ms that is neither the kit's latency, the style's swing and placing, nor wandering against the click.

    Hits are (beat, place, ms, voice, velocity). Ghost notes (below 40) are left out, the median of each voice and place
    is taken out, then the mean of eight beats each way; what is left is given as 1.4826 times its median absolute value,
    which does not hear the flams and fills that fall on another place. None if there are few.
    """
    hits = [h for h in hits if h[4] >= 40]
    if len(hits) < 64:
        return None
    groups = {}
    for _, place, ms, voice, _ in hits:
        groups.setdefault((place, voice), []).append(ms)
    centres = {group: statistics.median(values) for group, values in groups.items()}
    beats = [h[0] for h in hits]
    rest = [h[2] - centres[h[1], h[3]] for h in hits]
    sums = [0.0]
    for value in rest:
        sums.append(sums[-1] + value)
    left = []
    for beat, value in zip(beats, rest):
        first, last = bisect.bisect_left(beats, beat - 8), bisect.bisect_right(beats, beat + 8)
        left.append(abs(value - (sums[last] - sums[first]) / (last - first)))
    return 1.4826 * statistics.median(left)


class Take:
    def __init__(self, path, bpm):
        division, notes = notes_of(path)
        beat_ms = 60000 / bpm
        self.swing = swing_ratio([t / division % 1 for t, key, _ in notes if VOICES.get(key) in ("hat", "ride")])
        steps = 3 if self.swing and self.swing > 1.5 else 4
        self.is_straight = not self.swing or self.swing < 1.2
        self.hits = []  # (place 0..15 or None, ms, voice, velocity)
        for tick, key, velocity in notes:
            at = tick / division
            place = round(at * steps)
            self.hits.append((place % 16 if steps == 4 else None, (at - place / steps) * beat_ms, VOICES.get(key), velocity))
        self.median = statistics.median(h[1] for h in self.hits) if self.hits else 0
        at = [(tick / division, round(tick / division * steps)) for tick, _, _ in notes]
        self.own = own_spread([(beat, place % (4 * steps), ms, voice, velocity)
                               for (beat, place), (_, ms, voice, velocity) in zip(at, self.hits)])


def numbers(values, digits=1):
    return " ".join("-" if v is None else f"{v:.{digits}f}" for v in values)


def middle(values, count_min=4):
    return statistics.median(values) if len(values) >= count_min else None


def report(style, takes):
    all_ms = [h[1] for t in takes for h in t.hits]
    spreads = [statistics.pstdev([h[1] for h in t.hits]) for t in takes if len(t.hits) > 8]
    owns = [t.own for t in takes if t.own]
    swings = sorted(t.swing for t in takes if t.swing)
    quarter = len(swings) // 4
    print(f"{style}: {len(takes)} takes, {len(all_ms)} hits, mean {statistics.mean(all_ms):.1f}, "
          f"spread {statistics.pstdev(all_ms):.1f}, of a take {statistics.median(spreads):.1f}, "
          f"own {statistics.median(owns) if owns else 0:.1f}")
    if swings:
        print(f"  swing {statistics.median(swings):.2f} ({swings[quarter]:.2f} to {swings[-1 - quarter]:.2f}), "
              f"straight takes {sum(t.is_straight for t in takes)}")
    straight = [t for t in takes if t.is_straight]
    print("  offset_ms  ", numbers([middle([h[1] - t.median for t in straight for h in t.hits if h[0] == i], 20)
                                    for i in range(16)]))
    for name, voices in (("hat+ride", ("hat", "ride")), ("snare", ("snare",)), ("kick", ("kick",))):
        hits = [h for t in straight for h in t.hits if h[2] in voices]
        if hits:
            mean = statistics.mean(h[3] for h in hits)
            places = [[h[3] for h in hits if h[0] == i] for i in range(16)]
            print(f"  velocity % {name:9}", numbers([100 * statistics.mean(p) / mean if len(p) >= 20 else None
                                                    for p in places], 0))
    print("  voice_ms   ", ", ".join(
        f"{v} {middle([h[1] - t.median for t in takes for h in t.hits if h[2] == v], 1) or 0:.1f}"
        for v in ("kick", "snare", "hat", "ride", "crash", "tom")))


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.environ.get("KMIDI_DATA", "../shared/data"), "groove"))
    styles = {}
    with open(folder / "info.csv", newline="", encoding="utf-8") as table:
        for row in csv.DictReader(table):
            if row["split"] == "train" and row["time_signature"] == "4-4" and row["beat_type"] == "beat":
                take = Take(folder / row["midi_filename"], float(row["bpm"]))
                if take.hits:
                    for style in {"all", row["style"], row["style"].split("/")[0]}:
                        styles.setdefault(style, []).append(take)
    for style in sorted(styles):
        report(style, styles[style])


if __name__ == "__main__":
    main()
