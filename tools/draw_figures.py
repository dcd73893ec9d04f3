#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Draws the pictures of docs/music.md and docs/analysis.md from what the program does.

usage: draw_figures.py KMIDI FOLDER      writes cues.svg, arcs.svg, quadrants.svg and analysis.svg
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import measure_songs

GRID = [i / 4 for i in range(-4, 5)]
SEEDS = range(1, 9)
ARCS = ("Climb-to-Climax", "Slow Reveal", "Repetitive Despair", "Static Reflection", "Sudden Shift", "Descent",
        "Rise and Fall", "Spiral")
MAJOR_MODES = ("ionian", "lydian", "mixolydian")
# Name, unit, and how the plan says it.
CUES = (
    ("share of major modes", "", lambda plan: float(plan["mode"] in MAJOR_MODES)),
    ("tempo", "BPM", lambda plan: plan["tempo_bpm"]),
    ("loudness", "mean velocity", lambda plan: (plan["dynamics"]["low"] + plan["dynamics"]["high"]) / 2),
    ("density", "notes a beat", lambda plan: plan["density"]),
    ("articulation", "sounding share", lambda plan: plan["articulation"]),
    ("register", "middle MIDI key", lambda plan: (plan["register"]["low"] + plan["register"]["high"]) / 2),
    ("dissonance", "", lambda plan: plan["dissonance"]),
    ("chords", "a bar", lambda plan: plan["harmonic_rhythm"]),
)
ANALYSED_SONG = ("feeling grief and loss",)
STYLE = ("<style>text{font:11px sans-serif;fill:#24292f}.name{font-weight:600}.faint{fill:#57606a}"
         ".line{fill:none;stroke:#0072b2;stroke-width:2}.axis{stroke:#8b949e;stroke-width:.6}"
         ".ours{fill:#0072b2}.human{fill:#c74e00}</style>")


def plan_of(program, *options):
    result = subprocess.run([program, "compose", "--json", *options], check=True, capture_output=True)
    return json.loads(result.stdout)["plan"]


def write_svg(path, width, height, title, shapes):
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'role="img"><title>{title}</title>{STYLE}<rect width="{width}" height="{height}" fill="#ffffff"/>\n')
    path.write_text(head + "\n".join(shapes) + "\n</svg>\n")


def text(x, y, content, style="", anchor="start"):
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{style}" text-anchor="{anchor}">{content}</text>'


def colour(place):
    """From light yellow to dark blue, darker is more: told apart without colours too."""
    ends = ((255, 247, 205), (8, 48, 107))
    return "#" + "".join(f"{round(a + (b - a) * place):02x}" for a, b in zip(*ends))


def draw_map(x, y, name, unit, values):
    """A map over valence (across) and arousal (up)."""
    cell, low, high = 15, min(values.values()), max(values.values())
    shapes = [text(x, y - 20, name, "name"), text(x, y - 7, f"{unit} {low:.3g} to {high:.3g}".strip(), "faint")]
    for (column, row), value in values.items():
        place = (value - low) / (high - low) if high > low else 0
        shapes.append(f'<rect x="{x + column * cell}" y="{y + (len(GRID) - 1 - row) * cell}" width="{cell}" '
                      f'height="{cell}" fill="{colour(place)}"/>')
    size = len(GRID) * cell
    shapes += [text(x, y + size + 12, "sad", "faint"), text(x + size, y + size + 12, "glad", "faint", "end"),
               text(x - 4, y + 10, "wild", "faint", "end"), text(x - 4, y + size, "calm", "faint", "end")]
    return shapes


def draw_cues(program, path):
    sums = {cue[0]: {} for cue in CUES}
    for column, valence in enumerate(GRID):
        for row, arousal in enumerate(GRID):
            plans = [plan_of(program, "--valence", str(valence), "--arousal", str(arousal), "--seed", str(seed))
                     for seed in SEEDS]
            for name, _, value in CUES:
                sums[name][column, row] = sum(map(value, plans)) / len(plans)
    shapes = []
    for number, (name, unit, _) in enumerate(CUES):
        shapes += draw_map(45 + number % 4 * 190, 45 + number // 4 * 205, name, unit, sums[name])
    write_svg(path, 790, 420, "What a feeling does to the music: valence across, arousal up", shapes)


def draw_arcs(program, path):
    shapes = []
    for number, arc in enumerate(ARCS):
        plan = plan_of(program, "--valence", "0", "--arousal", "0", "--arc", arc, "--bars", "64", "--seed", "3")
        x, y, width, height = 20 + number % 4 * 192, 30 + number // 4 * 130, 170, 80
        tension = plan["tension"]
        points = " ".join(f"{x + width * (bar + .5) / len(tension):.1f},{y + height * (1 - value / 1.3):.1f}"
                          for bar, value in enumerate(tension))
        shapes += [text(x, y - 8, arc, "name"), f'<polyline class="line" points="{points}"/>',
                   f'<line class="axis" x1="{x}" y1="{y + height}" x2="{x + width}" y2="{y + height}"/>']
        for section in plan["sections"]:
            at = x + width * section["first_bar"] / len(tension)
            shapes.append(f'<line class="axis" x1="{at:.1f}" y1="{y + height}" x2="{at:.1f}" y2="{y + height + 5}"/>')
    write_svg(path, 790, 285, "Tension by bar of the eight narrative arcs; ticks are sections", shapes)


def draw_quadrants(program, path):
    ours = measure_songs.our_figures(program, 60)
    shapes = [text(20, 20, "ours", "name ours"), text(60, 20, "human (EMOPIA), with the spread of single pieces", "name human")]
    for number, (figure, (means, spread)) in enumerate(list(measure_songs.HUMAN.items())[:8]):
        x, y, width, height = 20 + number % 4 * 192, 62 + number // 4 * 165, 170, 90
        values = [ours[quadrant][figure] for quadrant in measure_songs.QUADRANTS]
        low = min(values + [mean - spread for mean in means])
        high = max(values + [mean + spread for mean in means])
        shapes.append(text(x, y - 10, figure, "name"))
        for place, quadrant in enumerate(measure_songs.QUADRANTS):
            at = x + (place + .5) * width / 4

            def up(value):
                return y + height * (1 - (value - low) / (high - low))
            shapes += [f'<line x1="{at}" x2="{at}" y1="{up(means[place] - spread):.1f}" y2="{up(means[place] + spread):.1f}" '
                       'stroke="#c74e00" stroke-width="1.2"/>',
                       f'<circle class="human" cx="{at}" cy="{up(means[place]):.1f}" r="3.5"/>',
                       f'<rect class="ours" x="{at + 5:.1f}" y="{up(values[place]) - 3.5:.1f}" width="7" height="7"/>',
                       text(at, y + height + 14, quadrant, "faint", "middle")]
    write_svg(path, 790, 375, "Our songs beside human music, by quadrant of feeling", shapes)


def draw_analysis(program, path):
    """A song of our own, analysed as if nobody knew where it comes from."""
    with tempfile.TemporaryDirectory() as folder:
        song = pathlib.Path(folder) / "song.mid"
        subprocess.run([program, "compose", *ANALYSED_SONG, "-o", song], check=True, capture_output=True)
        subprocess.run([program, "analyze", song, "--picture", path], check=True, capture_output=True)


def main(arguments):
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 1
    program, folder = arguments[0], pathlib.Path(arguments[1])
    draw_cues(program, folder / "cues.svg")
    draw_arcs(program, folder / "arcs.svg")
    draw_quadrants(program, folder / "quadrants.svg")
    draw_analysis(program, folder / "analysis.svg")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
