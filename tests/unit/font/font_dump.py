#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An independent reading of a well-formed SoundFont: one line for each region of each preset, sorted.

usage: font_dump.py FILE

A line: bank program | key and velocity ranges | sample's start in the file, region's start, end, loop mode, loop,
rate, root key, correction | generators 0 to 58 | modulators (source amount_source destination transform amount), sorted.
"""

import collections
import struct
import sys

GENERATORS = {}
IGNORED_IN_PRESETS = {0, 1, 2, 3, 4, 12, 45, 46, 47, 50, 54, 57, 58}
OFFSETS = {0, 1, 2, 3, 4, 12, 45, 50}
PICKING = {41, 43, 44, 53}
DEFAULT_MODULATORS = {(0x0502, 0, 48, 0): 960, (0x000D, 0, 6, 0): 50, (0x0081, 0, 6, 0): 50, (0x0587, 0, 48, 0): 960,
                      (0x028A, 0, 17, 0): 500, (0x058B, 0, 48, 0): 960, (0x00DB, 0, 16, 0): 200, (0x00DD, 0, 15, 0): 200}


def limits():
    """number: (low, high, default), from the specification's table (8.1.3), written once more."""
    cents, time, long_time = (-12000, 12000, 0), (-12000, 5000, -12000), (-12000, 8000, -12000)
    table = {0: (0, 32767, 0), 1: (-32768, 0, 0), 2: (-32768, 32767, 0), 3: (-32768, 32767, 0), 4: (0, 32767, 0),
             8: (1500, 13500, 13500), 9: (0, 960, 0), 12: (-32768, 0, 0), 13: (-960, 960, 0), 15: (0, 1000, 0),
             16: (0, 1000, 0), 17: (-500, 500, 0), 22: (-16000, 4500, 0), 24: (-16000, 4500, 0), 29: (0, 1000, 0),
             37: (0, 1440, 0), 45: (-32768, 32767, 0), 46: (-1, 127, -1), 47: (-1, 127, -1), 48: (0, 1440, 0),
             50: (-32768, 32767, 0), 51: (-120, 120, 0), 52: (-99, 99, 0), 54: (0, 3, 0), 56: (0, 1200, 100),
             57: (0, 127, 0), 58: (-1, 127, -1)}
    table.update({n: cents for n in (5, 6, 7, 10, 11)})
    table.update({n: time for n in (21, 23, 25, 27, 33, 35)})
    table.update({n: long_time for n in (26, 28, 30, 34, 36, 38)})
    table.update({n: (-1200, 1200, 0) for n in (31, 32, 39, 40)})
    return table


def chunks(data, offset, end):
    while offset + 8 <= end:
        name, size = data[offset:offset + 4], struct.unpack_from("<I", data, offset + 4)[0]
        yield name.decode("latin-1"), offset + 8, size
        offset += 8 + size + size % 2


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    places = {}
    for name, offset, size in chunks(data, 12, len(data)):
        if name == "LIST":
            places.update({n: (o, s) for n, o, s in chunks(data, offset + 4, offset + size)})

    def table(name, form):
        offset, size = places[name]
        return [struct.unpack_from(form, data, offset + i) for i in range(0, size, struct.calcsize(form))]

    return (places["smpl"][1] // 2, table("phdr", "<20sHHH12x"), table("pbag", "<HH"), table("pmod", "<HHhHH"),
            table("pgen", "<HH"), table("inst", "<20sH"), table("ibag", "<HH"), table("imod", "<HHhHH"),
            table("igen", "<HH"), table("shdr", "<20sIIIIIBbHH"))


Zone = collections.namedtuple("Zone", "target keys velocities generators modulators")


def signed(value):
    return value - 65536 if value > 32767 else value


def zones(heads, bags, generators, modulators, index, target):
    """A head's global zone, or None, and its others."""
    found = []
    for bag in range(heads[index][-1], heads[index + 1][-1]):
        values, names, ranges = {}, None, {}
        for number, amount in generators[bags[bag][0]:bags[bag + 1][0]]:
            if number == target:
                names = amount
                break
            if number in (43, 44):
                ranges[number] = (amount & 255, amount >> 8)
            else:
                values[number] = signed(amount)
        mods = {}
        for source, destination, amount, amount_source, transform in modulators[bags[bag][1]:bags[bag + 1][1]]:
            mods[source, amount_source, destination, transform] = amount
        found.append(Zone(names, ranges.get(43), ranges.get(44), values, mods))
    first = found.pop(0) if found and found[0].target is None else None
    return first, [z for z in found if z.target is not None]


def overlap(zone, outer, other, other_outer, which):
    low, high = 0, 127
    for inner, all_zones in ((zone, outer), (other, other_outer)):
        own = getattr(inner, which) or (getattr(all_zones, which) if all_zones else None) or (0, 127)
        low, high = max(low, own[0]), min(high, own[1])
    return low, high


def held(value, low, high):
    return max(low, min(high, value))


def place(sample, values, frames):
    """Start, end, mode, loop of a region, or None."""
    _, start, end, loop_start, loop_end = sample[:5]
    count = end - start
    loop = sorted((loop_start, loop_end))
    loop = [loop[0] if start <= loop[0] <= frames else start, loop[1] if start <= loop[1] <= frames else end]
    a, b = sorted((held(values[0] + 32768 * values[4], 0, count - 1),
                   held(count - 1 + values[1] + 32768 * values[12], 0, count - 1)))
    if a == b:
        return None
    b += 1
    low, high = sorted((held(loop[0] - start + values[2] + 32768 * values[45], 0, count),
                        held(loop[1] - start + values[3] + 32768 * values[50], 0, count)))
    mode = values[54] if values[54] in (1, 3) and high - low >= 2 else 0
    if mode == 0:
        return a, b, 0, 0, 0
    return (a if a < high else low), max(b, high), mode, low, high


def modulators(outer, inner, preset_outer, preset_inner):
    result = dict(DEFAULT_MODULATORS)
    for zone in (outer, inner):
        result.update(zone.modulators if zone else {})
    added = dict(preset_outer.modulators if preset_outer else {})
    added.update(preset_inner.modulators)
    for key, amount in added.items():
        result[key] = result.get(key, 0) + amount
    return sorted(key + (amount,) for key, amount in result.items()
                  if amount != 0 and key[:3] != (0x0102, 0x0C02, 8))


def regions(font, table):
    frames, phdr, pbag, pmod, pgen, inst, ibag, imod, igen, shdr = font
    for index, (_, program, bank, _) in enumerate(phdr[:-1]):
        preset_outer, preset_zones = zones(phdr, pbag, pgen, pmod, index, 41)
        for preset in preset_zones:
            outer, inner_zones = zones(inst, ibag, igen, imod, preset.target, 53)
            for inner in inner_zones:
                keys = overlap(inner, outer, preset, preset_outer, "keys")
                velocities = overlap(inner, outer, preset, preset_outer, "velocities")
                values = {n: t[2] for n, t in table.items()}
                for zone in (outer, inner):
                    values.update(zone.generators if zone else {})
                added = dict(preset_outer.generators if preset_outer else {})
                added.update(preset.generators)
                for number, amount in added.items():
                    if number not in IGNORED_IN_PRESETS:
                        values[number] += amount
                sample = shdr[inner.target]
                where = place(sample, values, frames)
                if where is None or keys[0] > keys[1] or velocities[0] > velocities[1]:
                    continue
                values[54] = where[2]
                yield (bank, program), keys + velocities, sample, where, values, modulators(
                    outer, inner, preset_outer, preset)


def main():
    table = limits()
    lines = []
    for number, ranges, sample, where, values, mods in regions(read(sys.argv[1]), table):
        root = values[58] if values[58] >= 0 else sample[6]
        shown = [held(values[n], *table[n][:2]) if n in table and n not in OFFSETS else 0 for n in range(59)]
        lines.append("|".join(" ".join(map(str, part)) for part in (
            number, ranges, (sample[1],) + where + (sample[5], root, sample[7]), shown, [x for m in mods for x in m])))
    print("\n".join(sorted(lines)))


if __name__ == "__main__":
    main()
