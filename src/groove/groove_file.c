// SPDX-License-Identifier: MIT

#include "groove/groove_file.h"

#include "groove/file_pass_private.h"
#include "groove/time_private.h"
#include "heap/heap.h"

static size_t move(void *context, const struct km_tempo_map *map, struct km_event *events,
                   size_t count)
{
    (void)map; // The tempos stand among the events.
    return km_groove_apply_with(events, count, context);
}

enum km_status km_groove_apply_file(struct km_midi_file *file, const struct km_groove *groove,
                                    struct km_groove_outcome *outcome, struct km_error *error)
{
    struct km_groove of_file = *groove;
    of_file.ppq = km_groove_ppq(file->division);
    of_file.tempo_bpm = 120.0; // What a file means that says nothing.
    of_file.beats_per_bar = 4;
    const struct km_groove_mover mover = {.move = move, .context = &of_file};
    const enum km_status status = km_groove_file_pass(file, &mover, outcome);
    return status == KM_OK ? KM_OK : km_heap_refusal(file->heap, error);
}
