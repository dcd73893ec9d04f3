// SPDX-License-Identifier: MIT

/// Status bytes of MIDI 1.0 and of Standard MIDI Files.
#ifndef KM_MIDI_STATUS_BYTES_PRIVATE_H
#define KM_MIDI_STATUS_BYTES_PRIVATE_H

enum {
    KM_STATUS_NOTE_OFF = 0x80, ///< The channel is added to this one and those up to pitch bend.
    KM_STATUS_NOTE_ON = 0x90,
    KM_STATUS_KEY_PRESSURE = 0xA0,
    KM_STATUS_CONTROL = 0xB0,
    KM_STATUS_PROGRAM = 0xC0,
    KM_STATUS_CHANNEL_PRESSURE = 0xD0,
    KM_STATUS_PITCH_BEND = 0xE0,
    KM_STATUS_SYSEX = 0xF0,
    KM_STATUS_SYSEX_END = 0xF7, ///< Also begins a continuation or an escape in a file.
    KM_STATUS_META = 0xFF,
};

#endif
