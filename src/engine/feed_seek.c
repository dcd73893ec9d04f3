// SPDX-License-Identifier: MIT

// Finds a place in the music, from its beginning.

#include "engine/feed_private.h"

#include "base/math.h"

enum { MICROSECONDS_PER_SECOND = 1000000 };

// Where the target lies if nothing changes until then; UINT64_MAX: further than can be.
static uint64_t tick_of(const struct km_feed_place *place, const struct km_feed_target *target)
{
    const double ticks_max = 1e15;
    double ticks = 0;
    uint64_t from = place->bar_tick;
    if (target->kind == KM_FEED_TARGET_BAR) {
        if (target->bar > place->bar) {
            ticks = (double)(target->bar - place->bar) * (double)place->bar_ticks;
        }
    } else {
        const double seconds = target->seconds - place->tempo_seconds;
        from = place->tempo_tick;
        ticks = seconds * ((double)place->division * MICROSECONDS_PER_SECOND) / place->tempo;
    }
    ticks = km_clamp(ticks, 0, ticks_max);
    return from + (uint64_t)(ticks + .5);
}

// Bars pass until the event's has begun; a new meter cuts the bar before it.
static void pass(struct km_feed_reader *reader, const struct km_event *event)
{
    km_feed_place_advance(&reader->place, event->tick);
    km_feed_reader_take(reader);
}

enum km_status km_feed_reader_go(struct km_feed_reader *reader, const struct km_feed_target *target,
                                 uint64_t *tick, struct km_error *error)
{
    enum km_status status = km_feed_reader_rewind(reader, error);
    uint64_t place = 0;
    while (status == KM_OK) {
        const struct km_event *event = NULL;
        status = km_feed_reader_peek(reader, &event, error);
        place = tick_of(&reader->place, target);
        if (!event || event->tick >= place) {
            break;
        }
        pass(reader, event);
    }
    if (status != KM_OK) {
        return status;
    }
    if (reader->is_at_end && place > reader->place.last_tick) {
        place = reader->place.last_tick;
    }
    km_feed_place_advance(&reader->place, place);
    *tick = place;
    return KM_OK;
}
