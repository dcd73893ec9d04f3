# SPDX-License-Identifier: MIT
"""Reads the notes of Standard MIDI Files, in seconds: for the tools that measure music. Not kmidi's reader, on purpose."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Note:
    start: float  # seconds
    end: float
    key: int
    velocity: int
    channel: int
    track: int


def variable_length(data, at):
    value = 0
    while True:
        value = value << 7 | data[at] & 0x7F
        at += 1
        if not data[at - 1] & 0x80:
            return value, at


def track_events(data, at, end):
    """(tick, status, data bytes) of the track chunk between two offsets; of meta events the type is first."""
    tick, status = 0, 0
    while at < end:
        delta, at = variable_length(data, at)
        tick += delta
        if data[at] & 0x80:
            status, at = data[at], at + 1
        if status == 0xFF:
            kind = data[at]
            size, at = variable_length(data, at + 1)
            yield tick, status, bytes([kind]) + data[at:at + size]
        elif status in (0xF0, 0xF7):
            size, at = variable_length(data, at)
        else:
            size = 1 if status >> 4 in (0xC, 0xD) else 2
            yield tick, status, data[at:at + size]
        at += size


def chunks(data):
    """(offset, end) of each track chunk."""
    at = 8 + int.from_bytes(data[4:8], "big")
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4:at + 8], "big")
        if data[at:at + 4] == b"MTrk":
            yield at + 8, min(at + 8 + size, len(data))
        at += 8 + size


def clock_of(tracks, division):
    """A function from ticks to seconds."""
    tempi = sorted((tick, int.from_bytes(body[1:4], "big")) for events in tracks for tick, status, body in events
                   if status == 0xFF and body[0] == 0x51)
    marks = [(0, 0.0, 500000 / 1e6 / division)]
    for tick, microseconds in tempi:
        last_tick, seconds, per_tick = marks[-1]
        marks.append((tick, seconds + (tick - last_tick) * per_tick, microseconds / 1e6 / division))

    def seconds_at(tick, place=[0]):
        if tick < marks[place[0]][0]:
            place[0] = 0
        while place[0] + 1 < len(marks) and marks[place[0] + 1][0] <= tick:
            place[0] += 1
        start, seconds, per_tick = marks[place[0]]
        return seconds + (tick - start) * per_tick
    return seconds_at


def notes_of(data):
    """All notes of a file's bytes, by start; a key struck again ends the note before."""
    division = int.from_bytes(data[12:14], "big")
    tracks = [list(track_events(data, at, end)) for at, end in chunks(data)]
    seconds_at = clock_of(tracks, division)
    notes = []
    for number, events in enumerate(tracks):
        sounding = {}
        for tick, status, body in events:
            if status >> 4 not in (8, 9):
                continue
            place = (status & 15, body[0])
            if place in sounding:
                start, velocity = sounding.pop(place)
                notes.append(Note(seconds_at(start), seconds_at(tick), place[1], velocity, place[0], number))
            if status >> 4 == 9 and body[1] > 0:
                sounding[place] = (tick, body[1])
    return sorted(notes, key=lambda note: (note.start, note.key))
