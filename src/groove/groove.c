// SPDX-License-Identifier: MIT

#include "groove/groove.h"

#include "base/check.h"
#include "base/units.h"
#include "groove/move_private.h"

#include <string.h>

static bool is_ascending(const struct km_event *events, size_t count)
{
    for (size_t i = 1; i < count; ++i) {
        if (events[i].tick < events[i - 1].tick) {
            return false;
        }
    }
    return true;
}

// The end of the track is last, even where the last note needed a tick more than there was.
static void end_last(struct km_event *events, size_t count)
{
    size_t i = count - 1;
    while (events[i].type != KM_EVENT_END_OF_TRACK) {
        --i;
    }
    struct km_event end = events[i];
    end.tick = events[count - 1].tick;
    memmove(&events[i], &events[i + 1], (count - 1 - i) * sizeof(*events));
    events[count - 1] = end;
}

size_t km_groove_apply_with(struct km_event *events, size_t count, const struct km_groove *groove)
{
    KM_CHECK(groove);
    KM_CHECK(events || count == 0);
    KM_CHECK(count < UINT32_MAX);
    if (count == 0) {
        return 0;
    }
    if (!is_ascending(events, count)) {
        km_groove_sort(events, count, false);
    }
    const bool has_end = events[count - 1].type == KM_EVENT_END_OF_TRACK;
    const size_t left =
        groove->allows_dropout ? km_groove_drop(events, (uint32_t)count, groove) : count;
    if (left == 0) {
        return 0;
    }
    km_groove_move(events, (uint32_t)left, groove);
    km_groove_sort(events, left, true);
    if (has_end && events[left - 1].type != KM_EVENT_END_OF_TRACK) {
        end_last(events, left);
    }
    return left;
}

void km_groove_apply(struct km_event *events, size_t count, double complexity, double vulnerability,
                     uint64_t seed)
{
    const struct km_groove groove = {
        .complexity = complexity,
        .vulnerability = vulnerability,
        .seed = seed,
        .tempo_bpm = 120.0,
        .ppq = KM_PPQ,
        .beats_per_bar = 4,
        .style = KM_GROOVE_PLAIN,
    };
    const size_t left = km_groove_apply_with(events, count, &groove);
    KM_CHECK(left == count);
}
