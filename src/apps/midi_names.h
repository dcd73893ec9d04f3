// SPDX-License-Identifier: MIT

/// What numbers in MIDI files are called, for people.
#ifndef KM_APPS_MIDI_NAMES_H
#define KM_APPS_MIDI_NAMES_H

#include <stdint.h>

enum { KM_NOTE_NAME_SIZE = 8 };

/// "C4" for key 60 (scientific pitch), sharps for black keys.  [any]
void km_note_name(char name[KM_NOTE_NAME_SIZE], uint8_t key);

/// The instrument of a program in General MIDI 1; of 0 to 127.  [any]
const char *km_program_name(uint8_t program);

/// What a controller does, or null.  [any]
const char *km_controller_name(uint8_t controller);

/// What a meta event of this type is, or null.  [any]
const char *km_meta_name(uint8_t type);

/// An event's type in one word: "note_on".  [any]
const char *km_event_type_name(uint8_t type);

/// "E flat major" for a signature of -7 to 7 sharps.  [any]
const char *km_key_signature_name(int sharps, int is_minor);

#endif
