#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures groove templates on human drummers: does a performance's template bring its quantised self back?

usage: measure_templates.py KMIDI [FOLDER] [--every N] [--grid own|16|32|24] [--average] [--swing]

FOLDER is the Groove MIDI Dataset (default: $KMIDI_DATA/groove). Every take is put on a grid, by this program and not by
kmidi: each beat on its sixteenths or its triplets, whichever is nearer (own), on sixteenths alone (16), on 32nds or on
triplet sixteenths. `kmidi groove extract` takes the template of the performance, `kmidi groove apply` gives it to the
quantised take, and the onsets of each key are compared one by one with those of the performance. Printed: the share of
hits that lie less than 3 ms off, over all takes and by style, the median and 95th percentile of what is left, before
and after; and the same of velocities, which the quantised take has all at 64. --average uses the average bar alone.
--swing prints each take's swing ratio instead. Exit code 3 if less than 95 % of the hits are that near.
"""

import argparse
import csv
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

from midi_notes import chunks, track_events

NEAR_MS, SHARE_MIN, QUANTISED_VELOCITY = 3, 0.95, 64


def notes_of(path):
    """Ticks of a quarter note, microseconds of it, metre, and the note-ons: (tick, key, velocity), in order."""
    data = path.read_bytes()
    notes, tempo, metre = [], 500000, (4, 2)
    for at, end in chunks(data):
        for tick, status, body in track_events(data, at, end):
            if status >> 4 == 9 and body[1] > 0:
                notes.append((tick, body[0], body[1]))
    tempo_at = data.find(b"\xff\x51\x03")
    if tempo_at >= 0:
        tempo = int.from_bytes(data[tempo_at + 3:tempo_at + 6], "big")
    metre_at = data.find(b"\xff\x58\x04")
    if metre_at >= 0:
        metre = (data[metre_at + 3], data[metre_at + 4])
    return int.from_bytes(data[12:14], "big"), tempo, metre, sorted(notes, key=lambda n: n[0])


def quantised(notes, division, grid):
    """Each note's tick on the grid."""
    if grid != "own":
        step = division * 4 / int(grid)
        return [round(int(tick / step + 0.5) * step) for tick, _, _ in notes]
    beats = {}
    for index, (tick, _, _) in enumerate(notes):
        beats.setdefault(int(tick / division + 0.125), []).append(index)
    ticks = [0] * len(notes)
    for indices in beats.values():
        ways = []
        for parts in (4, 3):
            step = division / parts
            places = [round(int(notes[i][0] / step + 0.5) * step) for i in indices]
            ways.append((sum(abs(p - notes[i][0]) for p, i in zip(places, indices)), places))
        for index, place in zip(indices, min(ways, key=lambda way: way[0])[1]):
            ticks[index] = place
    return ticks


def length_bytes(value):
    out = [value & 127]
    while value > 127:
        value >>= 7
        out.insert(0, value & 127 | 128)
    return bytes(out)


def write_midi(path, division, tempo, metre, notes):
    """One track: tempo, metre, and the notes, each a tenth of a beat long."""
    events = [(0, 0, b"\xff\x51\x03" + tempo.to_bytes(3, "big")), (0, 1, b"\xff\x58\x04" + bytes([*metre, 24, 8]))]
    for index, (tick, key, velocity) in enumerate(notes):
        events.append((tick, index + 2, bytes([0x99, key, velocity])))
        events.append((tick + division // 10, index + 2, bytes([0x89, key, 64])))
    events.sort(key=lambda e: (e[0], e[1]))
    track, last = b"", 0
    for tick, _, body in events:
        track += length_bytes(tick - last) + body
        last = tick
    track += length_bytes(division * 4) + b"\xff\x2f\x00"
    path.write_bytes(b"MThd" + struct.pack(">IHHH", 6, 0, 1, division) + b"MTrk" + struct.pack(">I", len(track)) + track)


def by_key(notes):
    keys = {}
    for tick, key, velocity in notes:
        keys.setdefault(key, []).append((tick, velocity))
    return keys


def compare(performance, applied, ms):
    """What is left of each hit's time, in ms, and of its velocity: the n-th of a key against the n-th."""
    times, velocities = [], []
    found = by_key(applied)
    for key, hits in by_key(performance).items():
        others = found.get(key, [])
        if len(others) != len(hits):
            sys.exit(f"{len(hits)} hits of key {key} became {len(others)}")
        times += [abs(a[0] - b[0]) * ms for a, b in zip(hits, others)]
        velocities += [abs(a[1] - b[1]) for a, b in zip(hits, others)]
    return times, velocities


def run(kmidi, *words):
    return subprocess.run([kmidi, "groove", *map(str, words)], check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


def measure_take(arguments, path, folder):
    division, tempo, metre, notes = notes_of(path)
    if not notes:
        return None
    ticks = quantised(notes, division, arguments.grid)
    ms = tempo / 1000 / division
    onto_grid = [(tick, key, QUANTISED_VELOCITY) for tick, (_, key, _) in zip(ticks, notes)]
    before = [abs(tick - note[0]) * ms for tick, note in zip(ticks, notes)]
    write_midi(folder / "grid.mid", division, tempo, metre, onto_grid)
    average = ["--average"] if arguments.average else []
    run(arguments.kmidi, "extract", path, "-o", folder / "feel.json", *average)
    run(arguments.kmidi, "apply", folder / "grid.mid", "--template", folder / "feel.json", "-o", folder / "out.mid")
    times, velocities = compare(notes, notes_of(folder / "out.mid")[3], ms)
    return {"before": before, "times": times, "velocities": velocities,
            "bytes": (folder / "feel.json").stat().st_size}


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]


def near_share(takes):
    times = [t for take in takes for t in take["times"]]
    return sum(t < NEAR_MS for t in times) / len(times)


def print_line(name, takes):
    times = [t for take in takes for t in take["times"]]
    before = [t for take in takes for t in take["before"]]
    velocities = [v for take in takes for v in take["velocities"]]
    print(f"{name:14} {len(takes):5} {len(times):7} {100 * near_share(takes):7.2f} {percentile(times, .5):7.2f} "
          f"{percentile(times, .95):7.2f} {percentile(before, .5):8.2f} {percentile(before, .95):7.2f} "
          f"{100 * sum(v == 0 for v in velocities) / len(velocities):8.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kmidi")
    parser.add_argument("folder", nargs="?", type=pathlib.Path,
                        default=pathlib.Path(os.environ.get("KMIDI_DATA", "../shared/data")) / "groove")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--grid", default="own", choices=("own", "16", "32", "24"))
    parser.add_argument("--average", action="store_true")
    parser.add_argument("--swing", action="store_true")
    arguments = parser.parse_args()
    with open(arguments.folder / "info.csv", newline="", encoding="utf-8") as table:
        rows = list(csv.DictReader(table))[::arguments.every]
    if arguments.swing:
        for row in sorted(rows, key=lambda r: (r["style"], int(r["bpm"]))):
            if row["beat_type"] == "beat":
                found = json.loads(run(arguments.kmidi, "extract", arguments.folder / row["midi_filename"], "--json"))
                print(f"{row['style']:28} {row['bpm']:>4} {row['midi_filename']:58} {found['swing_ratio']:5.2f} "
                      f"{found['swung'] or '-':10} {found['swing_evidence']:.2f}")
        return
    styles, takes = {}, []
    with tempfile.TemporaryDirectory() as name:
        for row in rows:
            take = measure_take(arguments, arguments.folder / row["midi_filename"], pathlib.Path(name))
            if take:
                takes.append(take)
                styles.setdefault(row["style"].split("/")[0], []).append(take)
    print("style          takes    hits  < 3 ms  median     p95  gridded     p95  velocity same %")
    for style in sorted(styles, key=lambda s: -len(styles[s])):
        print_line(style, styles[style])
    print_line("all", takes)
    print(f"template: median {percentile([t['bytes'] for t in takes], .5)} bytes, largest {max(t['bytes'] for t in takes)}")
    if not arguments.average and near_share(takes) < SHARE_MIN:
        sys.exit(3)


if __name__ == "__main__":
    main()
