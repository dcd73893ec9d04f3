#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Learns where chords go from real songs, and writes the tables of src/session/progressions.def.

usage: learn_progressions.py DATA >src/session/progressions.def

DATA holds billboard/ (McGill Billboard 2.0: Burgoyne, Wild and Fujinaga, ISMIR 2011; CC0). Only the four in five pieces that
measure_progressions.py does not hold back are counted. Weights are probabilities in ten thousandths, smoothed by
Witten-Bell's rule; augmented triads count as major ones.
"""

import collections
import pathlib
import sys

import real_progressions as real

TRIADS = "Mmd"
STATES = [(root, triad) for root in range(12) for triad in TRIADS]
SECTIONS = {"VERSE": ("verse",), "CHORUS": ("chorus", "refrain"), "PRE_CHORUS": ("pre-chorus", "prechorus", "pre chorus"),
            "BRIDGE": ("bridge",)}
HEAD = """// SPDX-License-Identifier: MIT
// Where chords go in real songs. Counted in McGill Billboard 2.0 (Burgoyne, Wild and Fujinaga, ISMIR 2011; CC0), in the {pieces}
// pieces ({chords} chords) that tools/measure_progressions.py does not hold back. Made by: tools/learn_progressions.py DATA
// KM_PROGRESSION(is minor, root above the tonic, triad, weights of the chord after it)
// KM_OPENING(is minor, section, weights of its first chord)
// Weights, in ten thousandths, are of root 0 to 11, each major, minor, diminished.
"""


def fold(token):
    return token[0], "M" if token[1] == "+" else token[1]


def smoothed(row, singles):
    """Witten-Bell: what was not seen has as much weight as there were kinds, shared out by how common it is."""
    seen, kinds = sum(row.values()), len(row)
    total = sum(singles.values())
    weights = []
    for state in STATES:
        common = singles[state] / total
        weights.append((row[state] + kinds * common) / (seen + kinds) if seen else common)
    return weights


def numbers(weights):
    return ", ".join(str(round(weight * 10000)) for weight in weights)


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 1
    passages = [passage for passage in real.read_billboard(pathlib.Path(sys.argv[1])) if not real.is_held_back(passage.piece)]
    rows = []
    chords = 0
    for is_minor in (False, True):
        pairs = collections.defaultdict(collections.Counter)
        openings = collections.defaultdict(collections.Counter)
        singles = collections.Counter()
        for passage in passages:
            if passage.is_minor != is_minor:
                continue
            tokens = [fold(token) for token in real.stream(passage)]
            singles.update(tokens)
            for last, token in zip(tokens, tokens[1:]):
                if last != token:
                    pairs[last][token] += 1
            for phrase in passage.phrases:
                for section, names in SECTIONS.items():
                    if phrase.section in names:
                        openings[section][fold(phrase.tokens[0])] += 1
        chords += sum(singles.values())
        for state in STATES:
            row = smoothed(pairs[state], singles)
            row[STATES.index(state)] = 0.0
            rows.append(f"KM_PROGRESSION({int(is_minor)}, {state[0]}, {TRIADS.index(state[1])}, {numbers(row)})")
        for section in SECTIONS:
            rows.append(f"KM_OPENING({int(is_minor)}, {section}, {numbers(smoothed(openings[section], singles))})")
    pieces = len({passage.piece for passage in passages})
    print(HEAD.format(pieces=pieces, chords=chords), end="")
    print("\n".join(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
