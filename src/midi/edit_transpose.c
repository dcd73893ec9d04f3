// SPDX-License-Identifier: MIT

// All notes and keys higher or lower.

#include "base/check.h"
#include "midi/edit_private.h"

#include <stdio.h>

enum { KEYS_PER_OCTAVE = 12, SHARPS_PER_SEMITONE = 7, SHARPS_MAX = 6 };

static bool is_of_key(const struct km_event *event)
{
    return event->type == KM_EVENT_NOTE_ON || event->type == KM_EVENT_NOTE_OFF ||
           event->type == KM_EVENT_KEY_PRESSURE;
}

// By octaves into 0 to 127, the least way.
static int fold(int key)
{
    while (key < 0) {
        key += KEYS_PER_OCTAVE;
    }
    while (key >= KM_KEYS_COUNT) {
        key -= KEYS_PER_OCTAVE;
    }
    return key;
}

// A semitone is seven steps on the circle of fifths. Of two names for a key the one with fewer
// accidentals counts; of six sharps and six flats, the side it came from.
static int8_t moved_sharps(int8_t sharps, int semitones)
{
    if (semitones % KEYS_PER_OCTAVE == 0) {
        return sharps;
    }
    int moved = (sharps + SHARPS_PER_SEMITONE * semitones) % KEYS_PER_OCTAVE;
    if (moved > SHARPS_MAX) {
        moved -= KEYS_PER_OCTAVE;
    } else if (moved < -SHARPS_MAX) {
        moved += KEYS_PER_OCTAVE;
    }
    const bool is_on_other_side = (moved < 0) != (sharps < 0);
    if ((moved == SHARPS_MAX || moved == -SHARPS_MAX) && is_on_other_side) {
        moved = -moved;
    }
    return (int8_t)moved;
}

static enum km_status move_key(const struct km_midi_transpose *settings, struct km_midi_run *run,
                               struct km_event *event)
{
    const int key = event->number + settings->semitones;
    if (settings->folds || (key >= 0 && key < KM_KEYS_COUNT)) {
        event->number = (uint8_t)fold(key);
        return KM_OK;
    }
    char what[128];
    (void)snprintf(what, sizeof(what),
                   "note %d of channel %d would move to %d; notes are 0 to %d (octaves can be "
                   "folded)",
                   event->number, event->channel + 1, key, KM_KEYS_COUNT - 1);
    return km_midi_run_refuse(run, KM_ERROR_RANGE, event->tick, what);
}

static enum km_status take_event(void *context, struct km_midi_run *run,
                                 const struct km_event *event, const struct km_midi_form *form)
{
    const struct km_midi_transpose *const settings = context;
    struct km_event moved = *event;
    enum km_status status = KM_OK;
    if (is_of_key(event) && (settings->moves_drums || event->channel != KM_CHANNEL_DRUMS)) {
        status = move_key(settings, run, &moved);
    } else if (event->type == KM_EVENT_KEY_SIGNATURE) {
        moved.number = (uint8_t)moved_sharps((int8_t)event->number, settings->semitones);
    }
    if (status != KM_OK) {
        return status;
    }
    run->report.changed += moved.number != event->number;
    return km_midi_run_emit(run, &moved, form);
}

static enum km_status pass(void *context, struct km_midi_run *run)
{
    const struct km_midi_steps steps = {
        .context = context, .event = take_event, .keeps_around = true};
    return km_midi_run_feed(run, &steps);
}

enum km_status km_midi_transpose(const struct km_midi_edit *edit,
                                 const struct km_midi_transpose *settings,
                                 struct km_midi_edit_report *report, struct km_error *error)
{
    KM_CHECK(settings);
    KM_CHECK(settings->semitones >= -KM_MIDI_SEMITONES_MAX &&
             settings->semitones <= KM_MIDI_SEMITONES_MAX);
    struct km_midi_transpose kept = *settings;
    return km_midi_run_twice(edit, pass, &kept, report, error);
}
