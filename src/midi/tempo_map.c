// SPDX-License-Identifier: MIT

#include "midi/tempo_map.h"

#include "base/check.h"
#include "heap/heap.h"
#include "midi/division.h"
#include "midi/sort_private.h"

// Adds the tempos of a track to `events`, unless it is null; tells how many there are.
static size_t collect_from(const struct km_midi_track *track, struct km_event *events)
{
    size_t count = 0;
    for (size_t i = 0; i < track->count; ++i) {
        if (track->events[i].type != KM_EVENT_TEMPO) {
            continue;
        }
        if (events) {
            events[count] = track->events[i];
        }
        ++count;
    }
    return count;
}

static size_t collect_tempos(const struct km_midi_file *file, struct km_event *events)
{
    size_t count = 0;
    for (size_t i = 0; i < file->track_count; ++i) {
        count += collect_from(&file->tracks[i], events ? events + count : NULL);
    }
    return count;
}

static void add_change(struct km_tempo_map *map, uint64_t tick, double seconds_per_tick)
{
    const double seconds = map->count > 0 ? km_tempo_map_seconds(map, tick) : 0.0;
    map->changes[map->count++] = (struct km_tempo_change){tick, seconds, seconds_per_tick};
}

// Fills the map from `count` tempos, sorted with the help of `scratch`.
static void fill(struct km_tempo_map *map, struct km_event *tempos, struct km_event *scratch,
                 size_t count)
{
    if (km_midi_division_is_smpte(map->division)) {
        add_change(map, 0, km_midi_division_smpte_seconds(map->division));
        return;
    }
    const double ticks = map->division * 1e6;
    add_change(map, 0, KM_TEMPO_DEFAULT / ticks);
    km_events_sort(tempos, scratch, count);
    for (size_t i = 0; i < count; ++i) {
        add_change(map, tempos[i].tick, tempos[i].detail / ticks);
    }
}

enum km_status km_tempo_map_init(struct km_tempo_map *map, const struct km_midi_file *file)
{
    KM_CHECK(map);
    KM_CHECK(file);
    KM_CHECK(km_midi_division_is_valid(file->division));
    const size_t count = collect_tempos(file, NULL);
    struct km_event *const tempos =
        km_heap_allocate_array(file->heap, KM_ACCOUNT_WORKING, 2 * count + 1, sizeof(*tempos));
    if (!tempos) {
        return KM_ERROR_NO_MEMORY;
    }
    struct km_tempo_map made = {.heap = file->heap, .division = file->division};
    made.changes =
        km_heap_allocate_array(file->heap, KM_ACCOUNT_WORKING, count + 1, sizeof(*made.changes));
    if (made.changes) {
        collect_tempos(file, tempos);
        fill(&made, tempos, tempos + count, count);
        *map = made;
    }
    km_heap_release(file->heap, tempos);
    return made.changes ? KM_OK : KM_ERROR_NO_MEMORY;
}

void km_tempo_map_release(struct km_tempo_map *map)
{
    km_heap_release(map->heap, map->changes);
    *map = (struct km_tempo_map){.heap = map->heap};
}

size_t km_tempo_map_index(const struct km_tempo_map *map, uint64_t tick)
{
    KM_CHECK(map->count > 0);
    size_t low = 0;
    size_t high = map->count;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (map->changes[middle].tick <= tick) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

double km_tempo_map_seconds(const struct km_tempo_map *map, uint64_t tick)
{
    const struct km_tempo_change *const change = &map->changes[km_tempo_map_index(map, tick)];
    return change->seconds + (double)(tick - change->tick) * change->seconds_per_tick;
}

double km_tempo_map_bpm(const struct km_tempo_map *map, uint64_t tick)
{
    KM_CHECK(map->count > 0);
    if (km_midi_division_is_smpte(map->division)) {
        return 120.0;
    }
    return 60.0 / (map->changes[km_tempo_map_index(map, tick)].seconds_per_tick * map->division);
}

uint64_t km_midi_file_end(const struct km_midi_file *file)
{
    uint64_t end = 0;
    for (size_t i = 0; i < file->track_count; ++i) {
        const struct km_midi_track *const track = &file->tracks[i];
        for (size_t j = 0; j < track->count; ++j) {
            end = track->events[j].tick > end ? track->events[j].tick : end;
        }
    }
    return end;
}
