#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How often `kmidi analyze` finds the key that people named, in music of many kinds.

usage: measure_keys.py KMIDI [SET]...
       measure_keys.py KMIDI --list FOLDER

Prints, for each set, the share of exact keys (tonic and mode), of all pieces, the major and the minor ones. The weights were
learned on one half of the pieces (docs/analysis.md); here all are counted. With --list it measures nothing, but writes all pieces into
the folder and tells set, name, tonic, whether it is minor, and file of each, for tools/learn_keys.c. KMIDI_DATA is where the data are.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import labelled_music

DATA = pathlib.Path(os.environ.get("KMIDI_DATA", "../shared/data"))
SONGS = 96


def sets_of(program, folder):
    songs, melodies, _ = labelled_music.ours(program, folder, SONGS)
    return {
        "classical": labelled_music.classical(DATA),
        "performances": labelled_music.performances(DATA),
        "chorales": labelled_music.analyses(DATA, "Early_Choral__Bach"),
        "early": labelled_music.analyses(DATA, "Early_Choral__[!B]"),
        "songs": labelled_music.analyses(DATA, "OpenScore-Lieder"),
        "pop": labelled_music.pop(DATA),
        "ours": songs,
        "melodies": melodies,
        "lines": map(labelled_music.highest_line, labelled_music.classical(DATA)),
        "played_lines": map(labelled_music.highest_line, labelled_music.performances(DATA)),
    }


def found_key(program, path):
    result = subprocess.run([program, "analyze", str(path), "--json"], stdout=subprocess.PIPE, encoding="utf-8", check=True)
    key = json.loads(result.stdout)["key"]
    tonic = key["tonic"]
    pitch = tonic if isinstance(tonic, int) else labelled_music.real_progressions.pitch_class(tonic)
    return pitch, key["mode"] == "minor"


def measure(program, pieces, folder):
    """[[right, all] of major, of minor]"""
    counts = [[0, 0], [0, 0]]
    rendered = pathlib.Path(folder) / "piece.mid"
    for piece in pieces:
        if not piece.path:
            rendered.write_bytes(labelled_music.file_of(piece))
        right = found_key(program, piece.path or rendered) == piece.key
        counts[piece.key[1]][0] += right
        counts[piece.key[1]][1] += 1
        if not right and "-v" in sys.argv:
            print("  wrong:", piece.name, file=sys.stderr)
    return counts


def write_list(program, folder):
    for name, pieces in sets_of(program, folder).items():
        for number, piece in enumerate(pieces):
            path = piece.path or folder / f"{name}_{number}.mid"
            if not piece.path:
                path.write_bytes(labelled_music.file_of(piece))
            print(name, piece.name.replace(" ", "_"), piece.key[0], int(piece.key[1]), path)


def percent(right, count):
    return f"{100 * right / count:5.1f} % of {count}" if count else "none"


def main():
    arguments = [word for word in sys.argv[1:] if word != "-v"]
    if not arguments:
        sys.exit(__doc__)
    program = arguments[0]
    if arguments[1:2] == ["--list"] and len(arguments) == 3:
        folder = pathlib.Path(arguments[2])
        folder.mkdir(exist_ok=True)
        write_list(program, folder)
        return
    with tempfile.TemporaryDirectory() as folder:
        for name, pieces in sets_of(program, folder).items():
            if arguments[1:] and name not in arguments[1:]:
                continue
            (major, majors), (minor, minors) = measure(program, pieces, folder)
            print(f"{name:13} {percent(major + minor, majors + minors):16} major {percent(major, majors):16} "
                  f"minor {percent(minor, minors)}", flush=True)


if __name__ == "__main__":
    main()
