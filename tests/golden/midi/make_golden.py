#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the golden MIDI files and their dumps with mido (Debian: python3-mido), which shares no code with ours.

make_golden.py [FOLDER]: every_event.mid and song.mid, each with a .txt of what is in it.
"""
import contextlib
import os
import sys

import mido
from mido import Message, MetaMessage

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', '..', 'unit', 'midi'))
import mido_dump  # noqa: E402


def every_event():
    file = mido.MidiFile(type=1, ticks_per_beat=960)
    conductor = file.add_track('All that a file can hold')
    for message in (
            MetaMessage('sequence_number', number=1),
            MetaMessage('copyright', text='nobody'),
            MetaMessage('text', text='x' * 300),
            MetaMessage('smpte_offset', frame_rate=25, hours=1, minutes=2, seconds=3, frames=4, sub_frames=5),
            MetaMessage('set_tempo', tempo=1), MetaMessage('set_tempo', tempo=0xFFFFFF, time=127),
            MetaMessage('time_signature', numerator=7, denominator=8, clocks_per_click=36,
                        notated_32nd_notes_per_beat=8, time=128),
            MetaMessage('key_signature', key='Cb'), MetaMessage('key_signature', key='A#m'),
            MetaMessage('sequencer_specific', data=(0, 0, 0x41, 1, 2, 3)),
            MetaMessage('marker', text='Chorus', time=16383), MetaMessage('cue_marker', text='go', time=16384),
            MetaMessage('end_of_track', time=2097152)):
        conductor.append(message)
    track = file.add_track('Part')
    for message in (
            MetaMessage('instrument_name', name='Piano'), MetaMessage('channel_prefix', channel=9),
            MetaMessage('midi_port', port=1),
            Message('program_change', channel=9, program=127),
            Message('control_change', channel=9, control=0, value=121),
            Message('control_change', channel=9, control=32, value=3),
            Message('note_on', channel=0, note=0, velocity=1, time=2097151),
            Message('polytouch', channel=0, note=0, value=99),
            Message('aftertouch', channel=15, value=100),
            Message('pitchwheel', channel=15, pitch=-8192), Message('pitchwheel', channel=15, pitch=8191),
            MetaMessage('lyrics', text='la'),
            Message('note_off', channel=0, note=0, velocity=127, time=1),
            Message('note_on', channel=0, note=127, velocity=127), Message('note_on', channel=0, note=127, velocity=0),
            Message('sysex', data=(0x7E, 0x7F, 9, 1)), Message('sysex', data=tuple(range(128)) * 2),
            MetaMessage('end_of_track')):
        track.append(message)
    return file


def song():
    file = mido.MidiFile(type=0, ticks_per_beat=480)
    track = file.add_track('Scale')
    track.append(MetaMessage('set_tempo', tempo=mido.bpm2tempo(72)))
    for key in (60, 62, 64, 65, 67, 69, 71, 72):
        for channel, note, velocity in ((0, key, 80), (1, key - 24, 60)):
            track.append(Message('note_on', channel=channel, note=note, velocity=velocity))
        for channel, note, time in ((0, key, 470), (1, key - 24, 10)):
            track.append(Message('note_on', channel=channel, note=note, velocity=0, time=time))
    track.append(MetaMessage('end_of_track', time=480))
    return file


def main(folder):
    for name, file in (('every_event', every_event()), ('song', song())):
        path = os.path.join(folder, name + '.mid')
        file.save(path)
        with open(os.path.join(folder, name + '.txt'), 'w') as text, contextlib.redirect_stdout(text):
            mido_dump.dump(path)


if __name__ == '__main__':
    main(sys.argv[1] if len(sys.argv) > 1 else HERE)
