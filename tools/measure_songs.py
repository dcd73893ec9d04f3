#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures songs as corpora of human music are measured, to compare the two.

usage: measure_songs.py human FOLDER             mean and standard deviation of clips of 30 s of the MIDI files there
       measure_songs.py ours KMIDI [SONGS]       our songs of each quadrant of feeling beside human ones (docs/music.md)
       measure_songs.py check KMIDI [SONGS]      the same; exit 3 where ours lie further off than the human spread
                                                  and nothing in EXPLAINED says why

Only pitched notes count (no drums). Notes that begin within 35 ms of each other are one onset. Melodic intervals are those
of the highest notes of onsets. The key is the best correlation of Krumhansl and Kessler's profiles (1982) with the
duration of each pitch class. Entropy of pitch classes is in bits, by notes.
Human means: EMOPIA (Hung et al. 2021; pop piano, 1,078 clips) by quadrant; where those say nothing, and for the spread of
single pieces: 30 s clips of GiantMIDI-Piano (Kong et al. 2020).
"""

import math
import pathlib
import statistics
import subprocess
import sys
import tempfile

from midi_notes import notes_of

SONGS = 200
CLIP_SECONDS = 30.0
ONSET_SECONDS = 0.035
DRUMS = 9
DONE, USAGE, FAILED = 0, 1, 3
MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
QUADRANTS = {"+V+A": (1, 1), "-V+A": (-1, 1), "-V-A": (-1, -1), "+V-A": (1, -1)}

# Figure: human means by quadrant, and the spread of single clips.
HUMAN = {
    "onsets/s": ((5.7, 6.9, 4.0, 4.0), 2.7),
    "median gap s": ((.22, .20, .37, .34), .14),
    "velocity": ((77, 79, 54, 53), 12.9),
    "note length s": ((.56, .50, 1.10, 1.03), .49),
    "pitch SD": ((12.9, 13.4, 10.5, 10.0), 2.6),
    "mean pitch": ((62.6, 60.3, 63.5, 61.2), 5.4),
    "10th pitch": ((45, 42, 50, 48), 6.3),
    "major": ((.81, .29, .42, .73), .48),
    "pitch-class entropy": ((3.06,) * 4, .30),
    "steps": ((.26,) * 4, .18),
    "interval": ((8.8,) * 4, 3.7),
    "nPVI": ((49,) * 4, 23.2),
}

# What may lie outside the human spread, by a quarter of it at most, and what we take to be the reason: figure, quadrants, reason.
EXPLAINED_SPREADS = 1.25
EXPLAINED = {
    "pitch SD": (("-V+A",), "driven guitars and a bass play close together; a piano's two hands lie apart"),
    "pitch-class entropy": (("-V-A", "+V-A"), "the human figure is of classical pieces, which change key; calm songs stay in theirs"),
}


def correlation(a, b):
    mean_a, mean_b = sum(a) / len(a), sum(b) / len(b)
    product = sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b))
    size = math.sqrt(sum((x - mean_a) ** 2 for x in a) * sum((y - mean_b) ** 2 for y in b))
    return product / size if size > 0 else 0.0


def is_major(notes):
    weights = [0.0] * 12
    for note in notes:
        weights[note.key % 12] += note.end - note.start
    best = {profile: max(correlation(weights[tonic:] + weights[:tonic], profile) for tonic in range(12))
            for profile in (MAJOR, MINOR)}
    return best[MAJOR] > best[MINOR]


def onsets_of(notes):
    """The notes of each onset."""
    onsets = []
    for note in notes:
        if not onsets or note.start - onsets[-1][0].start > ONSET_SECONDS:
            onsets.append([])
        onsets[-1].append(note)
    return onsets


def entropy(keys):
    counts = [0] * 12
    for key in keys:
        counts[key % 12] += 1
    return -sum(count / len(keys) * math.log2(count / len(keys)) for count in counts if count)


def figures_of(notes):
    """What is measured of a piece, or None of one with too few notes."""
    notes = [note for note in notes if note.channel != DRUMS]
    onsets = onsets_of(notes)
    if len(onsets) < 10:
        return None
    seconds = max(note.end for note in notes) - notes[0].start
    gaps = [b[0].start - a[0].start for a, b in zip(onsets, onsets[1:])]
    keys = sorted(note.key for note in notes)
    tops = [max(note.key for note in onset) for onset in onsets]
    intervals = [abs(b - a) for a, b in zip(tops, tops[1:])]
    pairs = [(a, b) for a, b in zip(gaps, gaps[1:]) if a + b > 0]
    return {
        "notes/s": len(notes) / seconds,
        "onsets/s": len(onsets) / seconds,
        "median gap s": statistics.median(gaps),
        "velocity": statistics.fmean(note.velocity for note in notes),
        "note length s": statistics.fmean(note.end - note.start for note in notes),
        "pitch SD": statistics.pstdev(keys),
        "mean pitch": statistics.fmean(keys),
        "10th pitch": keys[len(keys) // 10],
        "major": float(is_major(notes)),
        "pitch-class entropy": entropy(keys),
        "steps": sum(1 <= i <= 2 for i in intervals) / len(intervals),
        "repeats": sum(i == 0 for i in intervals) / len(intervals),
        "interval": statistics.fmean(intervals),
        "nPVI": 100 * statistics.fmean(abs(a - b) / ((a + b) / 2) for a, b in pairs),
    }


def clips_of(path):
    """Figures of each whole clip of 30 s of a file."""
    notes = notes_of(path.read_bytes())
    end = max((note.end for note in notes), default=0.0)
    for number in range(int(end / CLIP_SECONDS)):
        span = number * CLIP_SECONDS, (number + 1) * CLIP_SECONDS
        figures = figures_of([note for note in notes if span[0] <= note.start < span[1]])
        if figures:
            yield figures


def means_of(pieces):
    return {name: statistics.fmean(piece[name] for piece in pieces) for name in pieces[0]}


def spreads_of(pieces):
    return {name: statistics.stdev(piece[name] for piece in pieces) for name in pieces[0]}


def show_human(folder):
    pieces = [figures for path in sorted(folder.rglob("*.mid*")) for figures in clips_of(path)]
    print(f"{len(pieces)} clips of {CLIP_SECONDS:.0f} s")
    means, spreads = means_of(pieces), spreads_of(pieces)
    for name, mean in means.items():
        print(f"{name:20s} {mean:8.3f} SD {spreads[name]:.3f}")
    return DONE


def song_figures(program, folder, point, seed):
    song = folder / "song.mid"
    subprocess.run([program, "compose", "--valence", f"{point[0]:.3f}", "--arousal", f"{point[1]:.3f}", "--motivation", "2",
                    "--seed", str(seed), "-o", str(song)], check=True, stdout=subprocess.DEVNULL)
    return figures_of(notes_of(song.read_bytes()))


def our_figures(program, songs):
    """Means of our songs by quadrant, over places .25 to .85 from the middle."""
    answer = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, (valence, arousal) in QUADRANTS.items():
            pieces = []
            for seed in range(songs):
                point = valence * (.25 + .6 * (seed * 7 % songs) / songs), arousal * (.25 + .6 * (seed * 11 % songs) / songs)
                pieces.append(song_figures(program, pathlib.Path(folder), point, seed))
            answer[name] = means_of(pieces)
    return answer


def compare(program, songs):
    ours = our_figures(program, songs)
    far = 0
    print(f"{'ours (human)':20s}" + "".join(f"{name:>20s}" for name in QUADRANTS) + "    human spread")
    for figure in ours["+V+A"]:
        means, spread = HUMAN.get(figure, (None, 0.0))
        row = f"{figure:20s}"
        reasons = []
        for number, quadrant in enumerate(QUADRANTS):
            value = ours[quadrant][figure]
            human = f" ({means[number]:.2f})" if means else ""
            distance = abs(value - means[number]) if means else 0.0
            is_far = distance > spread
            quadrants, reason = EXPLAINED.get(figure, ((), ""))
            is_explained = is_far and quadrant in quadrants and distance <= EXPLAINED_SPREADS * spread
            far += is_far and not is_explained
            reasons += [reason] if is_explained and reason not in reasons else []
            row += f"{value:11.2f}{human or '        '}{'e' if is_explained else '!' if is_far else ' '}"
        print(row + (f"{spread:12.2f}" if means else "") + "".join(f"  e: {reason}" for reason in reasons))
    return far


def main(arguments):
    if len(arguments) < 2 or arguments[0] not in ("human", "ours", "check"):
        print(__doc__, file=sys.stderr)
        return USAGE
    if arguments[0] == "human":
        return show_human(pathlib.Path(arguments[1]))
    far = compare(arguments[1], int(arguments[2]) if len(arguments) > 2 else SONGS)
    return FAILED if far and arguments[0] == "check" else DONE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
