// SPDX-License-Identifier: MIT

/// Decodes one event from the bytes at hand: the innermost part of the parser.
#ifndef KM_MIDI_DECODE_PRIVATE_H
#define KM_MIDI_DECODE_PRIVATE_H

#include "midi/parse_private.h"

enum km_midi_decoded {
    KM_MIDI_DECODED,
    KM_MIDI_DECODED_NOTHING, ///< Bytes without meaning: move on.
    KM_MIDI_DECODED_CUT,     ///< The event goes on beyond the parser's limit.
    KM_MIDI_DECODED_BAD,     ///< It cannot be an event; the last repair says why.
};

/// Decodes the event at the parser's position. Only if it is decoded (or nothing) do the position
/// and the track's state move on, its payload then being left.  [any]
enum km_midi_decoded km_midi_decode(struct km_midi_parser *parser, struct km_event *event);

#endif
