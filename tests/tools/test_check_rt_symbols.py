#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/check_rt_symbols.py finds what a marked function comes to call, however hidden, and nothing else.

The compiler is $CC, or cc.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import check_rt_symbols

HEADER = """
#include "base/attributes.h"
#define SOMETHING KM_RT int km_in_a_macro(void);
/// KM_RT int km_in_a_comment(void);
KM_RT int km_marked(int number);
KM_RT static inline int km_inlined(void) { return km_marked(1); }
int km_other(int number);
"""
INCLUDES = '#include "marked.h"\n#include <pthread.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n'
NOINLINE = "__attribute__((noinline)) "
CALLS_MALLOC = NOINLINE + "static int helper(int n) { return malloc((size_t)n) != NULL; }\n"

# name: (sources, the symbols that km_marked must be found to call)
CASES = {
    "nothing": (["int km_marked(int n) { return n + 1; }"], []),
    "what is allowed": (["int km_marked(int n) { char a[64]; memset(a, n, 64); if (n == 9) abort(); return a[n & 63]; }"], []),
    "an allocation": (["int km_marked(int n) { return malloc((size_t)n) != NULL; }"], ["malloc"]),
    "a lock and an output": (
        ["static pthread_mutex_t m; int km_marked(int n) { pthread_mutex_lock(&m); return printf(\"%d %d\", n, n); }"],
        ["printf", "pthread_mutex_lock"]),
    "by a static function": ([CALLS_MALLOC + "int km_marked(int n) { return helper(n) + 1; }"], ["malloc"]),
    "by a jump": ([CALLS_MALLOC + "int km_marked(int n) { return helper(n); }"], ["malloc"]),
    "by a table": (
        [CALLS_MALLOC + NOINLINE + "static int none(int n) { return n; }\n"
         "static int (*const table[])(int) = {none, helper};\nint km_marked(int n) { return table[n & 1](n); }"], ["malloc"]),
    "by another object": (["int km_marked(int n) { return km_other(n); }", "int km_other(int n) { return puts(\"\") + n; }"], ["puts"]),
    "in a loop of calls": (
        [NOINLINE + "int km_other(int n) { return n ? km_marked(n - 1) : rand(); }\n"
         "int km_marked(int n) { return n ? km_other(n - 1) * 2 : 0; }"], ["rand"]),
    "by a function beside it that it does not call": ([CALLS_MALLOC + "int km_other(int n) { return helper(n); }\nint km_marked(int n) { return n; }"], []),
}


def compiled(folder, sources, flags):
    objects = []
    for i, source in enumerate(sources):
        path = folder / f"source_{i}.c"
        path.write_text(INCLUDES + source)
        objects.append(folder / f"a_long_name_for_an_object_{i}.o")
        command = [os.environ.get("CC", "cc"), "-fPIC", "-fno-builtin", *flags, f"-I{folder}", f"-I{ROOT / 'src'}", "-c", path, "-o", objects[-1]]
        subprocess.run(command, check=True)
    return objects


def found_in(folder, sources, flags, archived):
    files = compiled(folder, sources, flags)
    if archived:
        archive = folder / "library.a"
        archive.unlink(missing_ok=True)
        subprocess.run(["ar", "qc", archive, *files], check=True)
        files = [archive]
    complaints, checked, undefined = check_rt_symbols.check(files, [folder])
    assert checked == ["km_marked"], checked
    assert undefined == [], undefined
    return sorted({line.split(" calls ")[1].split("\n")[0] for line in complaints})


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "marked.h").write_text(HEADER)
        for case, (sources, expected) in CASES.items():
            for level in ("-O0", "-O2"):
                for archived in (False, True):
                    found = found_in(folder, sources, [level, "-ffunction-sections", "-fdata-sections"], archived)
                    assert found == expected, f"{case} {level}: {found} instead of {expected}"

        # Without sections of its own a function answers for its neighbours: too strict, never too lenient.
        neighbours = CASES["by a function beside it that it does not call"][0]
        assert found_in(folder, neighbours, ["-O2", "-fno-function-sections"], False) == ["malloc"]

        # A declared function that is nowhere defined is named, and nothing to check is a failure.
        files = compiled(folder, ["int km_other(int n) { return n; }"], ["-O2"])
        assert check_rt_symbols.check(files, [folder]) == ([], [], ["km_marked"])
        program = [sys.executable, ROOT / "tools" / "check_rt_symbols.py", "--headers", folder]
        assert subprocess.run([*program, *files], capture_output=True).returncode == 1
        assert subprocess.run([*program, folder / "marked.h"], capture_output=True).returncode == 1
    print(f"check_rt_symbols: {len(CASES)} cases")


main()
