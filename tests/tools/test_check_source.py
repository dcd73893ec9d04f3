#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each rule of tools/check_source.py finds what breaks it, on its line, and nothing in what does not."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import check_source

HEADER = """// SPDX-License-Identifier: MIT

/// A ring.
#ifndef KM_RT_RING_H
#define KM_RT_RING_H

%s

#endif
"""
SOURCE = """// SPDX-License-Identifier: MIT

#include "rt/ring.h"

%s
"""


def header(text):
    return ("src/rt/ring.h", HEADER % text)


def source(text, path="src/rt/ring.c"):
    return (path, SOURCE % text)


# rule: [(path, text) that break it, each once], [(path, text) that do not]
CASES = {
    "banned": (
        [source("strcpy(a, b);"), source("    x = atoi (text);"), source("int r = rand();", "tests/unit/rt/test_ring.c"),
         source("setjmp(b);"), source("y = 1; /* */ sprintf(a, b);")],
        [source("// strcpy(a, b) is unsafe"), source('say("strcpy(");'), source("km_strcpy(a);"), source("random_rand(a);"),
         source("snprintf(a, 1, b);"), source("x->rand(1);"), source("#include <setjmp.h>")],
    ),
    "allocation": (
        [source("p = malloc(1);"), source("free(p);"), source("p = strdup(q);", "src/apps/a.c")],
        [source("p = malloc(1);", "src/heap/heap.c"), source("free(p);", "tests/unit/rt/test_ring.c"), source("km_heap_free(p);"),
         source("table->free(p);"), source("p.free(q);"), source("/* malloc(1)\n free(1) */")],
    ),
    "marks": (
        [source("// FIX" + "ME: later"), source("int a; // TO" + "DO: later"), source("// XX" + "X")],
        [source("// TO" + "DO #12: later"), source("// TO" + "DO(#12): later"), source("int fixme;")],
    ),
    "licence": (
        [("src/rt/a.def", "A(1)\n"), ("tools/a.py", "#!/usr/bin/env python3\nimport sys\n")],
        [("src/rt/a.def", "// SPDX-License-Identifier: MIT\n"), ("run", "#!/bin/sh\n# SPDX-License-Identifier: MIT\n"), ("README.md", "Hello\n")],
    ),
    "opening": (
        [source('#include "rt/more.h"', "src/midi/file.c"), ("src/apps/main.c", "// SPDX-License-Identifier: MIT\n\n#include <stdio.h>\nint a;\n"),
         ("src/rt/ring.h", "// SPDX-License-Identifier: MIT\n\n// A ring.\n#ifndef KM_RT_RING_H\n#define KM_RT_RING_H\n#endif\n")],
        [source("int a;"), header("int a;"), source("int a;", "src/rt/ring_read.c"), ("src/apps/main.c", "// SPDX-License-Identifier: MIT\n\n// The command.\n\nint a;\n")],
    ),
    "includes": (
        [source('#include <stdio.h>\n\n#include "rt/pool.h"'), source('#include "rt/b.h"\n#include "rt/a.h"'),
         source("#include <b.h>\n#include <a.h>"), source('\n#include "pool.h"'), header('#include <stdint.h>\n\n#include "base/check.h"')],
        [source('#include "base/check.h"\n#include "rt/a.h"\n\n#include <a.h>\n#include <sys/b.h>'),
         source("#include <a.h>\n\n#ifdef A\n#include <b.h>\n#endif\n#include <aa.h>"),
         source('#include <a.h>\n\nstatic const int a[] = {\n#include "rt/numbers.def"\n};')],
    ),
    "guard": (
        [("src/rt/pool.h", "// SPDX-License-Identifier: MIT\n\n/// A pool.\n#ifndef KM_RT_RING_H\n#define KM_RT_RING_H\n#endif\n"),
         ("src/rt/pool.h", "// SPDX-License-Identifier: MIT\n\n/// A pool.\n#pragma once\n"),
         ("src/rt/pool.h", "// SPDX-License-Identifier: MIT\n\n/// A pool.\n#ifndef KM_RT_POOL_H\n#define KM_RT_POOLS_H\n#endif\n")],
        [header("int a;"), ("tests/support/a_b.h", "// SPDX-License-Identifier: MIT\n\n/// A.\n#ifndef KM_TESTS_SUPPORT_A_B_H\n#define KM_TESTS_SUPPORT_A_B_H\n#endif\n")],
    ),
    "thread": (
        [header("/// Reads.\nint km_ring_read(void);"), header("int km_ring_read(void);"), header("/// Reads. [main]\nint km_ring_read(void);"),
         header("/// Reads.  [any]\nint km_ring_read(void);\n\n/// Writes.\nKM_RT bool km_ring_write(struct km_ring *ring,\n                         int size);"),
         header("/// Whether.\nstatic inline bool km_is(int a)\n{\n    return a;\n}")],
        [header("/// Reads.  [any]\nint km_ring_read(void);"), header("/// Reads.  [any]\n/// More.\nint km_ring_read(void);"),
         header("/// Both.  [writer, reader]\nint km_a(void);\nint km_b(void);"), header("struct km_ring;"),
         header("/// Whether.  [any]\nstatic inline bool km_is(int a)\n{\n    return km_other(a);\n}"),
         ("src/apps/a.h", HEADER % "int km_a(void);"), ("tests/support/a.h", HEADER % "int km_a(void);")],
    ),
    "nodiscard": (
        [header("/// Reads.  [any]\nenum km_status km_ring_read(void);"), header("/// Makes.  [setup]\nstruct km_ring *km_ring_new(int size);")],
        [header("/// Reads.  [any]\nKM_NODISCARD enum km_status km_ring_read(void);"), header("/// Adds.  [any]\nenum km_status km_sink_text(int a);"),
         header("/// Says.  [any]\nvoid km_say(enum km_status status);")],
    ),
    "width": ([source("// " + "a" * 98)], [source("// " + "a" * 97)]),
    "state": (
        [source("static int count;"), source("static int counts[4];"), source("    static bool is_done = false;"), source("static char *name = 0;"),
         source("static int count;", "src/apps/a.c")],
        [source("static const int a = 1;"), source("static inline int f(void);"), source("static int f(int a)\n{\n    int b = 1;\n}"),
         source("static char *const names[] = {0};"), source("    static char buffer[9999];", "src/apps/a.c"), source("static int count; // check_source: state: a handler of signals has no argument")],
    ),
    "labels": ([source("goto error;")], [source("goto out;")]),
    "typedefs": ([source("typedef struct a { int b; } a;")], [source("typedef int (*function)(void);")]),
    "dead_code": (
        [source("// x = 1;"), source("    // return 0;"), source("// if (a) {"), source("//#include <a.h>"), source("// f(1);")],
        [source("// Returns 0 if there is none."), source("// if it is late, wait"), source("/// x[1] is the second;"), source("int a; // one")],
    ),
    "dates": ([source("// Changed 2024-05-01"), source("/// @author somebody")], [source("int a = 2024 - 5 - 1;")]),
    "private": (
        [source('#include "heap/block_private.h"')],
        [source('#include "rt/block_private.h"'), source('#include "heap/block_private.h"', "tests/unit/heap/test_block.c")],
    ),
    "places": ([("README.md", "see /wo" + "rk/x\n"), source('f("/fa' + 'rm/a");')], [("README.md", "see /srv/wo" + "rk/x and network/wo" + "rk/\n")]),
    "readme": ([("src/rt/README.md", "a\n" * 16)], [("src/rt/README.md", "a\n" * 15), ("README.md", "a\n" * 99)]),
}


def findings(case, name):
    return [found for found in check_source.check(check_source.File(*case)) if found[1] == name]


def main():
    errors = [f"{name}: has no test" for name in check_source.RULES if name not in CASES]
    for name, (bad, good) in CASES.items():
        for case in bad:
            if len(findings(case, name)) != 1:
                errors.append(f"{name}: {len(findings(case, name))} findings instead of 1 in {case[0]}:\n{case[1]}")
        for case in good:
            if findings(case, name):
                errors.append(f"{name}: finds {findings(case, name)} in {case[0]}:\n{case[1]}")
    number = findings(CASES["banned"][0][0], "banned")[0][0]
    if number != 5:
        errors.append(f"line {number} instead of 5")
    print("\n".join(errors) or f"{sum(len(b) + len(g) for b, g in CASES.values())} cases ok")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
