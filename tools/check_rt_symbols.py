#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that no function marked KM_RT can come to call anything that may block or allocate.

usage: check_rt_symbols.py [--headers FOLDER]... [--root FUNCTION]... ARCHIVE_OR_OBJECT...

It starts from each function that a header in the folders declares as KM_RT, and from each --root, and follows the
relocations of the compiled code, through static functions, tables and other objects, to every symbol that the given files
do not define. Those must be on the list below. What stands beside such a function in the same file does not matter,
as long as the compiler put each function in a section of its own (-ffunction-sections): a section is looked at as a whole.
It cannot see whom a pointer calls that is handed over at run time: that is the guard's task (rt/guard.h).
"""

import argparse
import collections
import pathlib
import re
import struct
import sys

# Bounded, without system calls: what compilers call by themselves, how a failed KM_CHECK ends, and the clock, which the
# kernel maps into every process (vDSO).
ALLOWED = {"memcpy", "memmove", "memset", "memcmp", "strlen", "strcmp", "abort", "__stack_chk_fail", "_GLOBAL_OFFSET_TABLE_",
           "clock_gettime", "pthread_self"}

SYMBOL_TABLE, RELOCATIONS = 2, 4  # Section types.
LOCAL, SECTION_SYMBOL = 0, 3      # A symbol's binding, its type.
UNDEFINED, RESERVED = 0, 0xFF00   # Section numbers.

Symbol = collections.namedtuple("Symbol", "name section is_local")


class Refused(Exception):
    """A file that cannot be checked."""


class Object:
    """One ELF object: its symbols, and for each section the symbols that its relocations name."""

    def __init__(self, name, data):
        if data[:6] != b"\x7fELF\x02\x01":
            raise Refused(f"{name}: not a 64-bit little-endian ELF object (built with -flto?)")
        self.name = name
        self.data = data
        start, size, count, names = self._table_of_sections()
        self.headers = [struct.unpack_from("<IIQQQQIIQQ", data, start + i * size) for i in range(count)]
        self.section_names = [self._text(self.headers[names], header[0]) for header in self.headers]
        self.symbols = []
        for header in self.headers:
            if header[1] == SYMBOL_TABLE:
                self.symbols = list(self._symbols(header))
        self.uses = collections.defaultdict(list)
        for header in self.headers:
            if header[1] == RELOCATIONS:
                self.uses[header[7]] += self._relocated(header)

    def _table_of_sections(self):
        (start,) = struct.unpack_from("<Q", self.data, 40)
        size, count, names = struct.unpack_from("<HHH", self.data, 58)
        return start, size, count, names

    def _text(self, table, offset):
        start = table[4] + offset
        return self.data[start:self.data.index(b"\0", start)].decode()

    def _symbols(self, header):
        for at in range(header[4], header[4] + header[5], 24):
            name, info, _, section, _, _ = struct.unpack_from("<IBBHQQ", self.data, at)
            yield Symbol(self._text(self.headers[header[6]], name), section, info >> 4 == LOCAL)

    def _relocated(self, header):
        for at in range(header[4], header[4] + header[5], 24):
            _, info, _ = struct.unpack_from("<QQq", self.data, at)
            yield self.symbols[info >> 32]

    def is_defined(self, symbol):
        return symbol.section != UNDEFINED and symbol.section < RESERVED


def objects_of(path):
    """The objects of an archive (GNU format), or the file itself."""
    data = pathlib.Path(path).read_bytes()
    if not data.startswith(b"!<arch>\n"):
        return [Object(pathlib.Path(path).name, data)]
    objects, long_names, at = [], b"", 8
    while at + 60 <= len(data):
        name, size = data[at:at + 16].decode().strip(), int(data[at + 48:at + 58])
        content = data[at + 60:at + 60 + size]
        at += 60 + size + size % 2
        if name == "//":
            long_names = content
        elif name not in ("/", "/SYM64/"):
            if name[0] == "/":
                name = long_names[int(name[1:]):].split(b"/\n")[0].decode()
            objects.append(Object(f"{pathlib.Path(path).name}({name.rstrip('/')})", content))
    return objects


def marked_functions(folder):
    """The functions that the headers of a folder declare as KM_RT; those compiled into their callers are left to these."""
    found = set()
    for header in sorted(pathlib.Path(folder).glob("*.h")):
        text = re.sub(r"//[^\n]*|/\*.*?\*/", "", header.read_text(), flags=re.DOTALL)
        text = re.sub(r"^\s*#(?:[^\n]*\\\n)*[^\n]*", "", text, flags=re.MULTILINE)
        for before, name in re.findall(r"\bKM_RT\b([^;{}()]*?)\b(\w+)\s*\(", text):
            if "static" not in before.split():
                found.add(name)
    return found


class Graph:
    """Sections of all objects as nodes; an edge where one refers to a symbol of the other."""

    def __init__(self, objects):
        self.defined = {}
        for one in objects:
            for symbol in one.symbols:
                if one.is_defined(symbol) and not symbol.is_local:
                    self.defined.setdefault(symbol.name, (one, symbol.section))

    def targets(self, one, section):
        """The nodes that a section refers to, and the symbols that nobody defines."""
        for symbol in one.uses[section]:
            if one.is_defined(symbol):
                yield (one, symbol.section), None
            elif symbol.name in self.defined:
                yield self.defined[symbol.name], None
            elif symbol.name and symbol.section == UNDEFINED:
                yield None, symbol.name

    def refused_from(self, root):
        """The symbols off the list that can be reached, each with the sections on the way."""
        start = self.defined[root]
        way = {(id(start[0]), start[1]): [root]}
        queue = collections.deque([start])
        while queue:
            one, section = queue.popleft()
            path = way[(id(one), section)]
            for node, missing in self.targets(one, section):
                if missing and missing not in ALLOWED:
                    yield missing, path
                elif node and (id(node[0]), node[1]) not in way:
                    step = node[0].section_names[node[1]] + " of " + node[0].name
                    way[(id(node[0]), node[1])] = path + [step]
                    queue.append(node)


def check(files, folders=(), roots=()):
    """Returns (complaints, functions checked, functions that none of the files defines)."""
    graph = Graph([one for path in files for one in objects_of(path)])
    marked = set(roots).union(*(marked_functions(folder) for folder in folders))
    checked = sorted(marked & set(graph.defined))
    complaints = set()
    for root in checked:
        for symbol, path in graph.refused_from(root):
            complaints.add(f"{root}: calls {symbol}" + "".join(f"\n    by {step}" for step in path[1:]))
    return sorted(complaints), checked, sorted(marked - set(checked))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--headers", action="append", default=[], metavar="FOLDER")
    parser.add_argument("--root", action="append", default=[], metavar="FUNCTION")
    parser.add_argument("files", nargs="+", metavar="ARCHIVE_OR_OBJECT")
    arguments = parser.parse_args()
    try:
        complaints, checked, undefined = check(arguments.files, arguments.headers, arguments.root)
    except (Refused, OSError) as error:
        sys.exit(str(error))
    if not checked:
        complaints = ["no file defines a function that is marked KM_RT: nothing was checked"]
    print("\n".join(complaints) or f"real time ok: {len(checked)} functions")
    if undefined:  # Nobody can call them, so they break nothing; but a misspelt one is better seen.
        print(f"declared, and defined in none of the files: {' '.join(undefined)}")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
