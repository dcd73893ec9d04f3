// SPDX-License-Identifier: MIT

// Plans and composes what comes next.

#include "base/units.h"
#include "engine/control.h"
#include "engine/instruments.h"
#include "heap/heap.h"
#include "live/live_private.h"
#include "session/session.h"
#include "session/song.h"

enum { MOTIVATION = 7 };

void km_live_plan_release(struct km_live_plan *plan)
{
    km_feed_file_free(plan->music);
    if (plan->song.heap) {
        km_midi_file_release(&plan->song);
    }
    plan->music = NULL;
    plan->song.heap = NULL;
}

static enum km_status take_scales(struct km_live *live, struct km_error *error)
{
    const double *const scales = live->scales;
    enum km_status status = KM_OK;
    if (live->is_turned) {
        status = km_therapy_session_set_point(live->session, scales[KM_LIVE_VALENCE],
                                              scales[KM_LIVE_AROUSAL], error);
    }
    if (status == KM_OK) {
        status =
            km_therapy_session_set_scales(live->session, MOTIVATION, scales[KM_LIVE_CHAOS], error);
    }
    return status == KM_OK ? km_therapy_session_set_vulnerability(
                                 live->session, scales[KM_LIVE_VULNERABILITY], error)
                           : status;
}

// What later plans keep of the one before: then the music goes on.
static struct km_plan_wishes wishes_of(const struct km_live *live)
{
    struct km_plan_wishes wishes = {.is_continued = true};
    if (live->plan_number > 0) {
        const struct km_harmony_plan *const before = &live->slots[live->slot].plan;
        wishes.is_continuation = true;
        wishes.has_tonic = true;
        wishes.tonic = before->key.tonic;
        wishes.has_metre = true;
        wishes.beats_per_bar = before->beats_per_bar;
        wishes.beat_unit = before->beat_unit;
    }
    return wishes;
}

static enum km_status compose(struct km_live *live, struct km_live_plan *plan,
                              const struct km_plan_wishes *wishes, struct km_error *error)
{
    struct km_heap *const heap = live->config.heap;
    const uint64_t seed = live->config.seed + live->plan_number;
    enum km_status status =
        km_therapy_session_generate_plan(live->session, wishes, seed, &plan->plan, error);
    if (status != KM_OK) {
        return status;
    }
    km_midi_file_init(&plan->song, heap, 1, KM_PPQ);
    status = km_song_compose(&plan->plan, NULL, &plan->song, error);
    plan->music = status == KM_OK ? km_feed_file_new(heap, &plan->song) : NULL;
    if (!plan->music) {
        status = status == KM_OK ? km_heap_refusal(heap, error) : status;
        km_live_plan_release(plan);
        return status;
    }
    plan->source = km_feed_source_file(plan->music);
    plan->was_told = false;
    return KM_OK;
}

uint32_t km_live_slot_of(const struct km_engine_status *status)
{
    return (uint32_t)(status->section >> KM_LIVE_SLOT_SHIFT) % KM_LIVE_SLOTS;
}

// Whether a slot is needed: its bars are sent now, or it sounds, or its plan was promised to stay.
static bool is_needed(const struct km_live *live, const struct km_engine_status *status,
                      uint32_t slot)
{
    return slot == live->slot || slot == live->told || slot == live->told_before ||
           (status && slot == km_live_slot_of(status));
}

// Empties the slots that nobody needs, and gives one of them.
static uint32_t free_slot(struct km_live *live, const struct km_engine_status *status)
{
    uint32_t found = 0;
    for (uint32_t slot = 0; slot < KM_LIVE_SLOTS; ++slot) {
        if (!is_needed(live, status, slot)) {
            km_live_plan_release(&live->slots[slot]);
            found = slot;
        }
    }
    return found;
}

enum km_status km_live_plan_next(struct km_live *live, const struct km_engine_status *status,
                                 struct km_error *error)
{
    const struct km_plan_wishes wishes = wishes_of(live);
    const uint32_t slot = live->plan_number > 0 ? free_slot(live, status) : 0;
    struct km_live_plan *const plan = &live->slots[slot];
    enum km_status result = take_scales(live, error);
    result = result == KM_OK ? compose(live, plan, &wishes, error) : result;
    if (result != KM_OK) {
        return result;
    }
    live->slot = slot;
    live->plan_number += 1;
    live->plan_bar = 0;
    live->ahead_count = 0;
    live->ahead_index = 0;
    live->tempo = (uint32_t)(KM_MICROSECONDS_PER_MINUTE / plan->plan.tempo_bpm);
    live->made = (struct km_bar){.end_tick = 0};
    // Instruments that the new plan does not have can be given back, once it sounds.
    km_instruments_begin_song(live->config.instruments);
    return KM_OK;
}
