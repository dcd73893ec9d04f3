#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints each MIDI file given, as mido reads it, in the lines of midi_dump.h. Exits with 77 if mido is missing."""
import sys

try:
    import mido
except ImportError:
    sys.exit(77)


def event_bytes(message):
    data = message.bytes()
    if message.is_meta:
        size = 2  # Skip the length, a variable-length quantity.
        while data[size] & 0x80:
            size += 1
        return data[:2] + data[size + 1:]
    if message.type == 'note_on' and message.velocity == 0:
        return [0x80 | message.channel, message.note, 64]
    return data


def dump(path):
    try:
        file = mido.MidiFile(path)
    except Exception as error:  # Whatever mido does not like, we need not agree with.
        print('refused:', repr(error))
        return
    print(f'format {file.type} division {file.ticks_per_beat & 0xffff} tracks {len(file.tracks)}')
    for index, track in enumerate(file.tracks):
        tick = 0
        for message in track:
            tick += message.time
            print(index, tick, bytes(event_bytes(message)).hex())
        if not track or track[-1].type != 'end_of_track':
            print(index, tick, 'ff2f')


if __name__ == '__main__':
    for path in sys.argv[1:]:
        dump(path)
        print('end')
