#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the rules of style that neither the compilers nor clang-tidy know.

usage: check_source.py [FOLDER]     (default: the project)

Each rule is a function below with @rule. A line that must break one says so, and why:
`// check_source: RULE: the reason`. Each rule's own tests: tests/tools/test_check_source.py.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MODULE_README_LINES_MAX = 15
LINE_WIDTH_MAX = 100
RULES = {}

BANNED = """strcpy strcat strncpy strncat sprintf vsprintf strtok gets atoi atof rand localtime gmtime
            alloca setjmp longjmp""".split()
ALLOCATING = """malloc calloc realloc reallocarray free strdup strndup asprintf vasprintf aligned_alloc
                posix_memalign memalign valloc getline getdelim open_memstream""".split()
THREADS = "any setup audio control writer reader".split()

# Their status may be dropped: it is kept in the sink, or is the one that the caller gave or knows.
STATUS_MAY_DROP = re.compile(r"^km_(\w*error(_set)?|status_of_errno|heap_refusal|sink_\w+)$")


class File:
    """A file's text, and its code: the same lines without comments and without what strings say."""

    def __init__(self, path, text):
        self.path = pathlib.PurePosixPath(path)
        self.top = self.path.parts[0]
        self.is_c = self.path.suffix in (".c", ".h")
        self.is_header = self.path.suffix == ".h"
        self.is_script = self.path.suffix in (".py", ".sh") or str(self.path) in ("run", "check", ".ci/run")
        self.module = self.path.parts[1] if self.top == "src" and len(self.path.parts) > 2 else None
        self.lines = text.splitlines()
        self.code = (blank(text) if self.is_c else text).splitlines()


def blank(text):
    """Replaces comments, and what stands between quotes, by spaces; newlines stay."""
    pattern = re.compile(r'//(?:\\\n|[^\n])*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)

    def spaces(match):
        found = match.group()
        if found[0] in "\"'":
            return found[0] + " " * (len(found) - 2) + found[0]
        return re.sub(r"[^\n]", " ", found)

    return pattern.sub(spaces, text)


def rule(function):
    RULES[function.__name__] = function
    return function


def calls(names, file):
    pattern = re.compile(rf"(?<![\w.>])({'|'.join(names)})\s*\(")
    for number, line in enumerate(file.code, 1):
        for match in pattern.finditer(line):
            yield number, match.group(1)


@rule
def banned(file):
    """No function that cannot be used safely."""
    if file.is_c:
        for number, name in calls(BANNED, file):
            yield number, f"{name}() is banned"


@rule
def allocation(file):
    """src/ allocates through struct km_heap or an arena."""
    if file.is_c and file.top == "src" and file.module != "heap":
        for number, name in calls(ALLOCATING, file):
            yield number, f"{name}() outside src/heap: use struct km_heap"


@rule
def marks(file):
    """No unfinished work without an issue."""
    if file.path.suffix in (".c", ".h", ".def", ".py", ".sh", ".cmake", ".txt") or file.is_script:
        for number, line in enumerate(file.lines, 1):
            if re.search(r"\b(FIX" + r"ME|XX" + r"X|HA" + r"CK)\b", line):
                yield number, "this mark may not be merged"
            if re.search(r"\bTO" + r"DO\b(?! ?\(?#\d)", line):
                yield number, "needs the number of its issue: TO" + "DO #12"


@rule
def licence(file):
    """Each source file names its licence."""
    if file.is_c or file.is_script or file.path.suffix == ".def":
        head = file.lines[:2]
        if not any(re.fullmatch(r"(//|#) SPDX-License-Identifier: [\w.+-]+( (AND|OR) [\w.+-]+)*", line) for line in head):
            yield 1, "no SPDX-License-Identifier on the first line (second after #!)"


@rule
def opening(file):
    """Each file opens with a sentence that says what it is, unless its header or its name (a test's) does."""
    if not file.is_c or (file.top == "tests" and file.path.name.startswith("test_")):
        return
    comment = "///" if file.is_header else "//"
    if own_header(file):
        return
    rest = [line for line in file.lines[1:] if line.strip()]
    if not rest or not re.match(rf"{comment} \S.*", rest[0]):
        yield 3, f"must open with a sentence after {comment} that says what the file is"


def own_header(file):
    """The header that a .c file implements, in whole or in part: its first include, alone, of its own module."""
    first = [n for n, line in enumerate(file.lines) if line.startswith("#include ")][:1]
    if not first or file.is_header:
        return None
    match = re.match(r'#include "(?:(\w+)/)?([\w/]+\.h)"', file.lines[first[0]])
    is_alone = first[0] + 1 >= len(file.lines) or not file.lines[first[0] + 1].startswith("#include ")
    is_ours = match and match.group(1) in (file.module, None if file.top != "src" else file.module)
    same_name = match and pathlib.PurePosixPath(match.group(2)).stem in (file.path.stem, file.path.stem + "_private")
    return match.group(0)[10:-1] if match and ((is_alone and is_ours) or same_name) else None


@rule
def includes(file):
    """Own header first, then ours, then the system's; each group sorted; ours name their module."""
    if not file.is_c:
        return
    own = own_header(file)
    groups = []  # (kind, [(number, name)]); a blank line or other code ends a group
    last_number = -1
    is_on = True
    depth = 0
    for number, line in enumerate(file.lines, 1):
        if "clang-format off" in line or "clang-format on" in line:
            is_on = "clang-format on" in line
        match = re.match(r'#include ([<"])([^">]+)[>"]', line)
        depth += bool(re.match(r"#\s*if", line)) - bool(re.match(r"#\s*endif", line))
        if not match or not is_on or match.group(2).endswith(".def") or match.group(2).endswith(".inc"):
            continue
        name = match.group(2)
        kind = "system" if match.group(1) == "<" else "own" if name == own else "ours"
        if file.top == "src" and kind != "system" and "/" not in name:
            yield number, f'"{name}" does not name its module'
        if not groups or groups[-1][0] != kind or number != last_number + 1:
            groups.append((kind, []))
        groups[-1][1].append((number, name))
        last_number = number
    order = {"own": 0, "ours": 1, "system": 2}
    guarded = 1 if file.is_header else 0
    if depth != 0 or any(re.match(r"#\s*if(?!ndef KM_\w+_H$)", line) for line in file.lines):
        guarded = None  # Conditional includes may stand in any order.
    if guarded is not None:
        for (kind, members), (next_kind, next_members) in zip(groups, groups[1:]):
            if order[next_kind] < order[kind]:
                yield next_members[0][0], "order: own header, ours, the system's"
            del members
    for _, members in groups:
        names = [name for _, name in members]
        if names != sorted(names):
            yield members[0][0], "includes of a group are sorted"


@rule
def guard(file):
    """A header's guard is its path."""
    if not file.is_header:
        return
    parts = file.path.parts[1:] if file.top == "src" else file.path.parts
    name = "KM_" + re.sub(r"\W", "_", "_".join(parts)).upper()
    if file.top == "tests":  # What folder a test's header lies in says little: its name is enough.
        name = re.sub(r"\W", "_", file.path.name).upper()
        name = "".join(re.findall(rf"^#ifndef (KM_TESTS_(?:\w+_)?{name})$", "\n".join(file.lines), re.MULTILINE)[:1]) or "KM_TESTS_" + name
    opened = [(n, line) for n, line in enumerate(file.lines, 1) if line.startswith("#ifndef ")][:1]
    if not opened:
        yield 1, f"no guard: #ifndef {name}"
    elif opened[0][1] != f"#ifndef {name}" or f"#define {name}" != "".join(file.lines[opened[0][0] : opened[0][0] + 1]):
        yield opened[0][0], f"the guard is not {name}"


DECLARATION = re.compile(r"^(?!#|typedef|struct \w+;|enum \w+;|extern \"C\"|_Static_assert|return|static const )"
                         r"[A-Za-z_][\w \*\(\)]*?\b(km_\w+)\(")


def functions(file):
    """(number, name, declaration, comment) of each function that a header declares.

    Declarations on lines that follow one another share the first one's comment.
    """
    number = 0
    comment = []
    while number < len(file.lines):
        line = file.lines[number]
        match = DECLARATION.match(line)
        if line.startswith("///"):
            comment.append(line)
        elif match and not line.startswith(" "):
            first = number
            is_body = False
            while number + 1 < len(file.lines) and not re.search(r";\s*$|^\{|\)\s*\{$", file.code[number]):
                number += 1
            is_body = not file.code[number].rstrip().endswith(";")
            yield first + 1, match.group(1), " ".join(file.code[first : number + 1]), list(comment)
            while is_body and number < len(file.lines) and file.lines[number] != "}":
                number += 1
        elif not line.strip():
            comment = []
        number += 1


@rule
def thread(file):
    """Whoever uses a function of a header learns on which thread."""
    if not file.is_header or not file.module or file.module == "apps":
        return
    tag = re.compile(rf"\[({'|'.join(THREADS)})(, ?({'|'.join(THREADS)}))*\]")
    for number, name, _, comment in functions(file):
        if not comment:
            yield number, f"{name} has no /// comment"
        elif not any(tag.search(line) for line in comment):
            yield number, f"the comment of {name} has no thread tag: [{'], ['.join(THREADS)}]"


@rule
def nodiscard(file):
    """Results that matter cannot be dropped: statuses and what a constructor makes."""
    if not file.is_header or not file.module:
        return
    for number, name, declaration, _ in functions(file):
        before = declaration.split(name)[0]
        matters = "enum km_status" in before or (name.endswith("_new") and "*" in before)
        if matters and "KM_NODISCARD" not in declaration and not STATUS_MAY_DROP.match(name):
            yield number, f"{name} must be KM_NODISCARD"


@rule
def width(file):
    """Lines fit beside one another."""
    if file.is_c:
        for number, line in enumerate(file.lines, 1):
            if len(line) > LINE_WIDTH_MAX:
                yield number, f"{len(line)} columns, at most {LINE_WIDTH_MAX}"


@rule
def state(file):
    """No variable outlives its function but a constant table; a command of apps/ runs once, and may keep a large buffer."""
    if file.is_c and file.top == "src":
        indent = "" if file.module == "apps" else r"\s*"
        for number, line in enumerate(file.code, 1):
            if re.match(indent + r"static (?!const\b|inline\b)(?!.*\bconst\b\s*\w+(\[\w*\])*\s*(=|;))[^(]*(=|;|\[)", line):
                yield number, "state that outlives its function"


@rule
def labels(file):
    """The only label is `out`."""
    if file.is_c:
        for number, line in enumerate(file.code, 1):
            match = re.search(r"\bgoto (\w+)", line)
            if match and match.group(1) != "out":
                yield number, f"goto {match.group(1)}: the only label is out"


@rule
def typedefs(file):
    """A struct is called struct."""
    if file.is_c and file.top in ("src", "profiler"):
        for number, line in enumerate(file.code, 1):
            if re.match(r"\s*typedef\s+(struct|enum|union)\b", line):
                yield number, "typedef of a struct, enum or union"


@rule
def dead_code(file):
    """No code in comments."""
    if file.is_c:
        for number, line in enumerate(file.lines, 1):
            if re.match(r"\s*//\s?(\s*(if|for|while|switch) ?\(.*[{;]|\s*[\w>.\-]+(\[.*\])? [-+*/|&]?= .*;|\s*\w+\(.*\);|\s*return\b.*;|"
                        r"#\s*(include|define|if|endif)\b.*|[{}];?)\s*$", line):
                yield number, "code in a comment"


@rule
def dates(file):
    """History is in the commits."""
    if file.is_c or file.is_script:
        for number, line in enumerate(file.lines, 1):
            if re.search(r"(//|#).*\b20[0-9]{2}-[01][0-9]-[0-3][0-9]\b|@(author|date)\b", line):
                yield number, "a date or a name in a comment"


@rule
def private(file):
    """A header that ends in _private.h is its module's own."""
    if file.is_c and file.top == "src":
        for number, line in enumerate(file.lines, 1):
            match = re.match(r'#include "(\w+)/[\w/]+_private\.h"', line)
            if match and match.group(1) != file.module:
                yield number, "a private header of another module"


@rule
def places(file):
    """Nothing knows the machine that it was written on."""
    for number, line in enumerate(file.lines, 1):
        if re.search(r"(?<![\w.}])/(wo" + r"rk|fa" + r"rm)/|bash_" + r"jobs|/tmp/w" + r"t/", line):
            yield number, "a path of one machine"


@rule
def readme(file):
    """A module's README is short."""
    if file.module and file.path.name == "README.md" and len(file.lines) > MODULE_README_LINES_MAX:
        yield len(file.lines), f"{len(file.lines)} lines, at most {MODULE_README_LINES_MAX}"


def check(file):
    """All findings of one file: (number, rule, message)."""
    for name, function in RULES.items():
        for number, message in function(file):
            line = file.lines[number - 1] if number <= len(file.lines) else ""
            if not re.search(rf"check_source: {name}: \S", line):
                yield number, name, message


def check_tree(paths):
    """What only the whole can tell: each module with code has a README."""
    modules = {p.parts[1] for p in paths if p.parts[0] == "src" and len(p.parts) > 2 and p.suffix == ".c"}
    for module in sorted(modules):
        if pathlib.PurePosixPath("src", module, "README.md") not in paths:
            yield f"src/{module}/README.md: missing: what it does, on which thread, whose memory"


def main():
    root = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT
    listing = subprocess.run(["git", "-c", f"safe.directory={root}", "ls-files", "-co", "--exclude-standard"], cwd=root, check=True,
                             capture_output=True, text=True).stdout
    paths = [pathlib.PurePosixPath(line) for line in listing.splitlines() if (root / line).is_file()]
    errors = list(check_tree(set(paths)))
    count = 0
    for path in paths:
        if pathlib.PurePosixPath("tests/tools") in path.parents:
            continue  # The rules' own tests break them.
        try:
            text = (root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        count += 1
        errors += [f"{path}:{number}: {name}: {message}" for number, name, message in check(File(path, text))]
    print("\n".join(errors) or f"source ok: {count} files, {len(RULES)} rules")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
