# SPDX-License-Identifier: MIT
"""Groove templates on human drummers: a take's template, given to the take put on a grid, brings the take back."""

import os
import pathlib
import subprocess
import sys
import unittest

PROGRAM = os.environ["KMIDI_PROGRAM"]
FOLDER = pathlib.Path(os.environ.get("KMIDI_DATA", "../shared/data")) / "groove"
TOOL = pathlib.Path(__file__).resolve().parents[2] / "tools" / "measure_templates.py"


def measure(*words):
    """The tool's last table line: takes, hits, share under 3 ms, median and 95th percentile, the same of the grid, velocities."""
    run = subprocess.run([sys.executable, TOOL, PROGRAM, FOLDER, "--every", "29", *words], stdout=subprocess.PIPE,
                         check=False, encoding="utf-8")
    line = next(line for line in run.stdout.splitlines() if line.startswith("all "))
    return run.returncode, [float(number) for number in line.split()[1:]]


@unittest.skipUnless((FOLDER / "info.csv").exists(), f"no Groove MIDI Dataset in {FOLDER}")
class GrooveTemplates(unittest.TestCase):
    def test_the_take_comes_back_from_any_grid(self):
        for grid in ("own", "16", "32"):
            with self.subTest(grid=grid):
                code, (takes, hits, near, median, p95, gridded, _, same) = measure("--grid", grid)
                self.assertEqual(code, 0)
                self.assertGreater(takes, 30)
                self.assertGreater(hits, 4000)
                self.assertGreater(near, 98)  # Percent; 95 are asked for.
                self.assertEqual((median, p95), (0, 0))
                self.assertGreater(gridded, 10)  # The grid was ms away: there was something to bring back.
                self.assertGreater(same, 98)

    def test_the_average_bar_comes_nearer_than_the_grid(self):
        code, (_, _, _, median, _, gridded, _, _) = measure("--average")
        self.assertEqual(code, 0)
        self.assertLess(median, 0.85 * gridded)


if __name__ == "__main__":
    unittest.main(verbosity=2)
