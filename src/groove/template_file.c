// SPDX-License-Identifier: MIT

// A template for all tracks of a file.

#include "groove/template.h"

#include "base/check.h"
#include "groove/file_pass_private.h"
#include "groove/move_private.h"
#include "groove/template_private.h"
#include "groove/time_private.h"
#include "heap/heap.h"

#include <math.h>

#define NEAR 0.03 // Quarter notes.

// How many notes stand in the middle of pairs, where straight music has them; where swing has
// them; and where a swung take goes when it is put on straight sixteenths.
struct places {
    size_t straight, swung, rounded;
};

static void count_note(struct places *places, const struct km_groove_grid *grid, double beats)
{
    const double pairs = beats * 0.5 * (double)grid->swung;
    const double in_pair = pairs - floor(pairs);
    places->straight += fabs(in_pair - 0.5) < NEAR;
    places->swung += fabs(in_pair - grid->first) < NEAR;
    places->rounded += fabs(in_pair - 0.75) < NEAR;
}

static void count_track(struct places *places, const struct km_groove_grid *grid,
                        const struct km_midi_track *track, double per_tick)
{
    for (size_t i = 0; i < track->count; ++i) {
        if (km_groove_is_note_on(&track->events[i])) {
            count_note(places, grid, (double)track->events[i].tick * per_tick);
        }
    }
}

bool km_groove_template_swings(const struct km_groove_template *feel,
                               const struct km_midi_file *file)
{
    KM_CHECK(feel && file);
    const struct km_groove_grid grid = km_groove_template_grid(feel);
    const double per_tick = 1.0 / (double)km_groove_ppq(file->division);
    struct places places = {0};
    for (size_t i = 0; i < file->track_count && grid.swung > 0; ++i) {
        count_track(&places, &grid, &file->tracks[i], per_tick);
    }
    return places.straight > places.swung && 2 * places.straight >= places.rounded;
}

struct job {
    struct km_groove_use use;
    struct km_groove_mark *marks;
};

static size_t move(void *context, const struct km_tempo_map *map, struct km_event *events,
                   size_t count)
{
    struct job *const job = context;
    job->use.tempo = map;
    km_groove_template_apply(events, count, &job->use, job->marks);
    return count;
}

enum km_status km_groove_template_apply_file(struct km_midi_file *file,
                                             const struct km_groove_use *use,
                                             struct km_groove_outcome *outcome,
                                             struct km_error *error)
{
    KM_CHECK(file && use && use->feel);
    struct job job = {.use = *use};
    job.use.ppq = km_groove_ppq(file->division);
    job.use.is_straight = km_groove_template_swings(use->feel, file);
    const size_t room = km_groove_file_room(file);
    job.marks = km_heap_allocate_array(file->heap, KM_ACCOUNT_WORKING, room, sizeof(*job.marks));
    const struct km_groove_mover mover = {.move = move, .context = &job};
    const enum km_status status =
        job.marks ? km_groove_file_pass(file, &mover, outcome) : KM_ERROR_NO_MEMORY;
    km_heap_release(file->heap, job.marks);
    return status == KM_OK ? KM_OK : km_heap_refusal(file->heap, error);
}
