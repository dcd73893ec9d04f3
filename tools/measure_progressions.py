#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures how our chords follow each other, beside real songs and under a model of these.

usage: measure_progressions.py report DATA KMIDI [SONGS]   figures of docs/music.md
       measure_progressions.py check DATA KMIDI [SONGS]    the same; exit 3 where ours are over 25 % more perplexing than
                                                           held-back real ones, or their next chord is under 85 % as open

DATA holds billboard/ and when_in_rome/. A model counts pairs of chords in four of five pieces (by their names), major and
minor apart; the fifth is held back. Tokens, keys and smoothing: real_progressions.py. Songs of ours run over valence,
arousal, chaos, all genres and seeds; those that break a rule are left out. Immediate repeats are merged everywhere, so that
seams of phrases and held chords do not flatter.
"""

import collections
import json
import math
import subprocess
import sys

import real_progressions as real

SONGS = 2000
RATIO_MAX = 1.25
ENTROPY_MIN = 0.85  # Of the next chord, against that of real songs: not to be as sure as dull.
SAMPLE = 850  # As many passages as Billboard has, for counts of different ones.
DONE, USAGE, FAILED = 0, 1, 3
GENRES = ("Cinematic Neo-Soul", "Lo-Fi Bedroom", "Industrial Pop", "Synthwave", "Confessional Acoustic", "Art Rock",
          "Indie Folk", "Post-Punk", "Chamber Pop", "Electronic", "Hip-Hop", "R&B", "Alternative", "Shoegaze", "Dream Pop")


def compose(program, number):
    """The plan of one song of many feelings; half of them in a genre that the feeling would not choose."""
    words = ["--valence", str(number % 9 / 4 - 1), "--arousal", str(number // 9 % 9 / 4 - 1), "--chaos",
             str(number % 5 / 8), "--seed", str(number + 1)]
    if number % 2:
        words += ["--genre", GENRES[number // 2 % len(GENRES)]]
    answer = subprocess.run([program, "compose", "--json", *words], capture_output=True, check=True)
    return json.loads(answer.stdout)["plan"]


def our_passages(program, songs):
    passages, modes = [], []
    number = 0
    while len(passages) < songs:
        plan = compose(program, number)
        number += 1
        if not plan["rules"]:
            passages.append(real.read_plan(plan, str(number)))
            modes.append(plan["mode"])
    return passages, modes


class Surprise:
    """Bits of surprise, and the chords that caused them."""

    def __init__(self):
        self.bits = 0.0
        self.chords = 0

    def add(self, model, passage):
        tokens = real.stream(passage)
        for last, token in zip(tokens, tokens[1:]):
            self.bits -= math.log2(model.probability(last, token))
            self.chords += 1

    def of(self, model, passages):
        for passage in passages:
            self.add(model, passage)
        return self

    def perplexity(self):
        return 2 ** (self.bits / self.chords) if self.chords else float("nan")


def family(passages, is_minor):
    return [passage for passage in passages if passage.is_minor == is_minor]


def split(passages):
    return ([passage for passage in passages if not real.is_held_back(passage.piece)],
            [passage for passage in passages if real.is_held_back(passage.piece)])


def compare(name, corpus, ours, modes):
    """Prints perplexities under one corpus; returns their ratios: major, minor, together."""
    sums = (Surprise(), Surprise())
    by_mode = collections.defaultdict(Surprise)
    ratios = []
    for is_minor in (False, True):
        taught, held_back = split(family(corpus, is_minor))
        model = real.Bigrams(taught)
        pair = Surprise().of(model, held_back), Surprise().of(model, family(ours, is_minor))
        for total, part in zip(sums, pair):
            total.bits += part.bits
            total.chords += part.chords
        for passage, mode in zip(ours, modes):
            if passage.is_minor == is_minor:
                by_mode[mode].add(model, passage)
        ratios.append(pair[1].perplexity() / pair[0].perplexity())
        print(f"{name}, {'minor' if is_minor else 'major'}: held back {pair[0].perplexity():.2f} ({pair[0].chords} chords), "
              f"ours {pair[1].perplexity():.2f} ({pair[1].chords}), ratio {ratios[-1]:.2f}")
    ratios.append(sums[1].perplexity() / sums[0].perplexity())
    print(f"{name}, both: held back {sums[0].perplexity():.2f}, ours {sums[1].perplexity():.2f}, ratio {ratios[-1]:.2f}")
    print("  by mode: " + ", ".join(f"{mode} {by_mode[mode].perplexity():.1f}" for mode in sorted(by_mode)))
    return ratios


def entropy(passages):
    """Bits of the next chord, given the last, in these passages themselves."""
    pairs = collections.Counter()
    for passage in passages:
        tokens = real.stream(passage)
        pairs.update(zip(tokens, tokens[1:]))
    lasts = collections.Counter()
    for (last, _), count in pairs.items():
        lasts[last] += count
    total = sum(pairs.values())
    return sum(count / total * math.log2(lasts[last] / count) for (last, _), count in pairs.items())


def measure(data, program, songs):
    ours, modes = our_passages(program, songs)
    billboard, rome = real.read_billboard(data), real.read_rome(data)
    ratios = compare("Billboard", billboard, ours, modes)
    compare("Billboard and When in Rome", billboard + rome, ours, modes)
    figures = {}
    for name, passages in (("real", billboard), ("ours", ours)):
        bits = [entropy(family(passages, is_minor)) for is_minor in (False, True)]
        sample = passages[:SAMPLE]
        distinct = len({(passage.is_minor, *real.stream(passage)) for passage in sample}) * 1000 / len(sample)
        openings = len({(passage.is_minor, *real.stream(passage)[:4]) for passage in sample}) * 1000 / len(sample)
        figures[name] = bits
        print(f"{name}: next chord {bits[0]:.2f} bits in major, {bits[1]:.2f} in minor; of 1,000 passages {distinct:.0f} are "
              f"different, {openings:.0f} in their first four chords")
    is_lively = all(own >= ENTROPY_MIN * other for own, other in zip(figures["ours"], figures["real"]))
    is_good = max(ratios) <= RATIO_MAX and is_lively
    print(f"within bounds: {'yes' if is_good else 'no'}")
    return is_good


def main():
    words = sys.argv[1:]
    if len(words) not in (3, 4) or words[0] not in ("report", "check") or not all(word.isdigit() for word in words[3:]):
        print(__doc__, file=sys.stderr)
        return USAGE
    is_good = measure(words[1], words[2], int(words[3]) if words[3:] else SONGS)
    return DONE if is_good or words[0] == "report" else FAILED


if __name__ == "__main__":
    sys.exit(main())
