#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Composes songs at random and measures how loud they come out.

usage: measure_loudness.py KMIDI [--count N] [--seed N]

Feelings, ensembles, lengths and scales are drawn at random; every fourth song breaks a rule of production. Exit code 1 if
a song is not within -18 to -14 LUFS, or its true peak not below -1 dB. A seed that nothing was tuned on tells most.
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile

RULES = ["ExcessiveMud", "Distortion", "RoomNoise", "MonoCollapse", "PitchImperfection"]


def words_of(choice, index):
    words = ["--valence", round(choice.uniform(-1, 1), 2), "--arousal", round(choice.uniform(-1, 1), 2),
             "--ensemble", choice.choice(["band", "solo piano", "string quartet"]), "--bars", choice.choice([8, 16, 32]),
             "--seed", choice.randrange(10**6, 10**7), "--vulnerability", round(choice.random(), 1), "--chaos", round(choice.random(), 1)]
    if index % 4 == 3:
        words += ["--rule", f"PRODUCTION_{RULES[index // 4 % len(RULES)]}"]
    return [str(word) for word in words]


def measure(program, words, folder):
    """Integrated loudness and true peak of a song."""
    wav = folder / "song.wav"
    result = subprocess.run([program, "compose", *words, "--wav", wav, "--json"], capture_output=True, text=True, check=True)
    told = next(file for file in json.loads(result.stdout)["files"] if file["path"] == str(wav))
    return told["integrated_lufs"], told["true_peak_dbtp"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("kmidi")
    parser.add_argument("--count", type=int, default=160)
    parser.add_argument("--seed", type=int, default=20261201)
    arguments = parser.parse_args()
    choice = random.Random(arguments.seed)
    songs = []
    with tempfile.TemporaryDirectory() as folder:
        for index in range(arguments.count):
            words = words_of(choice, index)
            songs.append((*measure(arguments.kmidi, words, pathlib.Path(folder)), " ".join(words)))
    songs.sort()
    outside = [song for song in songs if not (-18 <= song[0] <= -14 and song[1] < -1)]
    print(f"{len(songs)} songs: {songs[0][0]:.1f} to {songs[-1][0]:.1f} LUFS, median {songs[len(songs) // 2][0]:.1f}; "
          f"true peak at most {max(song[1] for song in songs):.2f} dB; {len(outside)} outside")
    for lufs, peak, words in outside:
        print(f"  {lufs:.1f} LUFS, {peak:.1f} dB: {words}")
    return 1 if outside else 0


if __name__ == "__main__":
    sys.exit(main())
