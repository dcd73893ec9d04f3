// SPDX-License-Identifier: MIT

#include "midi/notes.h"

#include "base/check.h"
#include "heap/heap.h"

enum { KEYS_COUNT = KM_CHANNELS_COUNT * KM_KEYS_COUNT };

// For each key of each channel the notes that sound, oldest first, linked by index + 1; 0 is none.
struct sounding {
    uint32_t oldest[KEYS_COUNT];
    uint32_t newest[KEYS_COUNT];
    uint32_t next[]; // Of each note.
};

static size_t count_note_ons(const struct km_midi_track *track)
{
    size_t count = 0;
    for (size_t i = 0; i < track->count; ++i) {
        count += track->events[i].type == KM_EVENT_NOTE_ON;
    }
    return count;
}

static size_t key_of(const struct km_event *event)
{
    KM_CHECK(event->channel < KM_CHANNELS_COUNT);
    KM_CHECK(event->number < KM_KEYS_COUNT);
    return (size_t)event->channel * KM_KEYS_COUNT + event->number;
}

static void begin_note(struct km_notes *notes, struct sounding *sounding,
                       const struct km_event *event)
{
    notes->notes[notes->count++] = (struct km_note){.tick = event->tick,
                                                    .end = event->tick,
                                                    .channel = event->channel,
                                                    .key = event->number,
                                                    .velocity = event->value,
                                                    .is_open = true};
    const uint32_t note = (uint32_t)notes->count;
    const size_t key = key_of(event);
    if (sounding->oldest[key] == 0) {
        sounding->oldest[key] = note;
    } else {
        sounding->next[sounding->newest[key] - 1] = note;
    }
    sounding->newest[key] = note;
}

static void end_note(struct km_notes *notes, struct sounding *sounding,
                     const struct km_event *event)
{
    const size_t key = key_of(event);
    const uint32_t note = sounding->oldest[key];
    if (note == 0) {
        ++notes->orphan_count;
        return;
    }
    notes->notes[note - 1].end = event->tick;
    notes->notes[note - 1].is_open = false;
    sounding->oldest[key] = sounding->next[note - 1];
}

static void pair(struct km_notes *notes, struct sounding *sounding,
                 const struct km_midi_track *track)
{
    uint64_t end = 0;
    for (size_t i = 0; i < track->count; ++i) {
        const struct km_event *const event = &track->events[i];
        if (event->type == KM_EVENT_NOTE_ON) {
            begin_note(notes, sounding, event);
        } else if (event->type == KM_EVENT_NOTE_OFF) {
            end_note(notes, sounding, event);
        }
        end = event->tick;
    }
    for (size_t i = 0; i < notes->count; ++i) {
        if (notes->notes[i].is_open) {
            notes->notes[i].end = end;
            ++notes->open_count;
        }
    }
}

enum km_status km_notes_init(struct km_notes *notes, const struct km_midi_file *file, size_t track)
{
    KM_CHECK(notes);
    KM_CHECK(track < file->track_count);
    const size_t count = count_note_ons(&file->tracks[track]);
    struct sounding *const sounding = km_heap_allocate(
        file->heap, KM_ACCOUNT_WORKING, sizeof(*sounding) + count * sizeof(sounding->next[0]));
    if (!sounding) {
        return KM_ERROR_NO_MEMORY;
    }
    struct km_notes made = {.heap = file->heap};
    made.notes = km_heap_allocate_array(file->heap, KM_ACCOUNT_WORKING, count > 0 ? count : 1,
                                        sizeof(*made.notes));
    if (made.notes) {
        pair(&made, sounding, &file->tracks[track]);
        *notes = made;
    }
    km_heap_release(file->heap, sounding);
    return made.notes ? KM_OK : KM_ERROR_NO_MEMORY;
}

void km_notes_release(struct km_notes *notes)
{
    km_heap_release(notes->heap, notes->notes);
    *notes = (struct km_notes){.heap = notes->heap};
}
