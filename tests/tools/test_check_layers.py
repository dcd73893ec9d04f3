#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/check_layers.py accepts what LAYERS allows and finds each way to break it."""

import pathlib
import subprocess
import sys
import tempfile

PROGRAM = pathlib.Path(__file__).resolve().parents[2] / "tools" / "check_layers.py"
LAYERS = "# Top down.\nbase :\nrt   : base  # and no more\napps : base rt\n"
FILES = {"base/a.c": "", "rt/b.c": '#include "base/a.h"\n', "apps/c.c": '#include "base/a.h"\n#include "rt/b.h"\n#include "apps/c.h"\n'}

# What is changed, and a part of what is then said; None if all is well.
CASES = [
    ({}, None),
    ({"base/a.c": '#include "rt/b.h"\n'}, "base may not include rt/"),
    ({"rt/b.c": ""}, "rt allows base but uses nothing of it"),
    ({"midi/d.c": ""}, "module midi is not in LAYERS"),
    ({"base/deep/a.c": ""}, "CMake does not look deeper"),
    ({"LAYERS": LAYERS.replace("base :", "base : rt")}, "rt is not above base"),
    ({"LAYERS": LAYERS.replace("rt   : base", "rt   : base bas")}, "bas is not above rt"),
    ({"LAYERS": LAYERS.replace("rt   : base", "rt   : base base")}, "base twice"),
    ({"LAYERS": LAYERS + "rt : base\n"}, "rt stands here a second time"),
    ({"LAYERS": LAYERS + "midi : base\n"}, "there is no folder midi"),
    ({"LAYERS": LAYERS + "midi, font\n"}, "not of the form"),
]


def main():
    errors = []
    for changes, expected in CASES:
        with tempfile.TemporaryDirectory() as folder:
            for name, text in {"LAYERS": LAYERS, **FILES, **changes}.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            result = subprocess.run([sys.executable, PROGRAM, folder], capture_output=True, text=True)
        if result.returncode != (1 if expected else 0) or (expected or "layers ok") not in result.stdout:
            errors.append(f"{changes}: expected {expected}, said {result.stdout}{result.stderr}")
    print("\n".join(errors) or f"{len(CASES)} cases ok")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
