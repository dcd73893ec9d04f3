// SPDX-License-Identifier: MIT

// Onsets and how much each counts for the beat: louder, longer, lower and thicker ones more (Dixon
// 2001; Lerdahl and Jackendoff's rules of metrical preference 1983).

#include "analysis/beats_private.h"

#include "base/math.h"
#include "heap/heap.h"

static const double group_seconds = 0.03;

static bool is_kick(int key)
{
    return key == 35 || key == 36;
}

static bool is_backbeat(int key)
{
    return key >= 37 && key <= 40;
}

static bool is_crash(int key)
{
    return key == 49 || key == 52 || key == 55 || key == 57;
}

// Hi-hats, cymbals and shakers fill all subdivisions, so that one of them says less.
static double drum_weight(int key)
{
    const bool is_tom = key == 41 || key == 43 || key == 45 || key == 47 || key == 48 || key == 50;
    return is_kick(key) || is_backbeat(key) || is_crash(key) ? 1.0 : is_tom ? 0.7 : 0.4;
}

static void add_note(struct km_onset *onset, const struct km_piece_note *note)
{
    const double loud = (double)note->velocity / 127.0;
    if (note->is_drum) {
        const double strength = loud * drum_weight(note->key);
        onset->strength += (float)strength;
        onset->low += is_kick(note->key) || is_crash(note->key) ? (float)strength : 0.0F;
        onset->backbeat += is_backbeat(note->key) ? (float)strength : 0.0F;
        return;
    }
    const double seconds = km_clamp(note->end_s - note->start_s, 0.0, 1.0);
    const double strength = loud * (0.4 + 0.6 * seconds);
    const double low = km_clamp((60.0 - note->key) / 12.0, 0.0, 1.0);
    onset->strength += (float)(strength * (1.0 + 0.5 * low));
    onset->low += (float)(strength * low);
    onset->pitches |= (uint16_t)(1U << note->key % 12U);
}

enum km_status km_onsets_find(struct km_onsets *onsets, const struct km_piece *piece)
{
    struct km_onset *const found = km_heap_allocate_array(piece->heap, KM_ACCOUNT_WORKING,
                                                          piece->note_count + 1, sizeof(*found));
    if (!found) {
        return KM_ERROR_NO_MEMORY;
    }
    size_t count = 0;
    for (size_t i = 0; i < piece->note_count; ++i) {
        const struct km_piece_note *const note = &piece->notes[i];
        if (count == 0 || note->start_s - found[count - 1].seconds > group_seconds) {
            found[count++] = (struct km_onset){.seconds = note->start_s};
        }
        add_note(&found[count - 1], note);
    }
    // Many notes at once count, but not each as much as the first.
    for (size_t i = 0; i < count; ++i) {
        found[i].strength = (float)km_sqrt((double)found[i].strength);
        found[i].low = (float)km_sqrt((double)found[i].low);
        found[i].backbeat = (float)km_sqrt((double)found[i].backbeat);
    }
    *onsets = (struct km_onsets){piece->heap, found, count, piece->end_s};
    return KM_OK;
}

void km_onsets_release(struct km_onsets *onsets)
{
    km_heap_release(onsets->heap, onsets->onsets);
    *onsets = (struct km_onsets){0};
}
