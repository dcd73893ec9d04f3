// SPDX-License-Identifier: MIT

// MIDI 2.0 clip files.

#include "midi/reader_private.h"

enum km_midi_turn km_midi_clip_step(struct km_midi_reader *reader, struct km_midi_item *item)
{
    (void)item;
    return km_midi_reader_fail(
        reader, KM_ERROR_UNSUPPORTED, km_midi_reader_at(reader),
        "this is a MIDI 2.0 clip file; a Standard MIDI File 1.0 was expected");
}
