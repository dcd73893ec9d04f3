// SPDX-License-Identifier: MIT

/// What makes an event one that can stand in a Standard MIDI File.
#ifndef KM_MIDI_VALID_H
#define KM_MIDI_VALID_H

#include "base/attributes.h"
#include "midi/file.h"

KM_C_BEGIN

/// A sentence on what is wrong with the event itself, in the tracks of `file`; null if nothing is.
/// [any] Its place, and what stands before it, do not count.
const char *km_midi_event_problem(const struct km_midi_file *file, const struct km_event *event);

/// The same for a tempo, time signature or key signature, which need no file.  [any]
const char *km_event_setting_problem(const struct km_event *event);

/// Whether the event goes to one channel.  [any]
static inline bool km_event_has_channel(const struct km_event *event)
{
    return event->type == KM_EVENT_NOTE_OFF ||
           (event->type >= KM_EVENT_PROGRAM && event->type <= KM_EVENT_NOTE_ON);
}

KM_C_END

#endif
