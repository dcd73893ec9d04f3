// SPDX-License-Identifier: MIT

// What a file will need, found by reading all of it once.

#include "engine/feed.h"
#include "engine/feed_private.h"

static void add_pair(struct km_feed_scan *scan, uint16_t bank, uint8_t program)
{
    for (uint32_t i = 0; i < scan->pair_count; ++i) {
        if (scan->pairs[i][0] == bank && scan->pairs[i][1] == program) {
            return;
        }
    }
    if (scan->pair_count < KM_SYNTH_PROGRAMS_MAX) {
        scan->pairs[scan->pair_count][0] = bank;
        scan->pairs[scan->pair_count][1] = program;
        scan->pair_count += 1;
    }
}

static void look(struct km_feed_reader *reader, const struct km_event *event,
                 struct km_feed_scan *scan)
{
    if (event->type == KM_EVENT_NOTE_ON && event->channel < KM_CHANNELS_COUNT) {
        const struct km_program_channel *const played = &reader->programs.channels[event->channel];
        struct km_feed_channel *const channel = &scan->channels[event->channel];
        if (channel->notes == 0) {
            channel->bank = played->bank;
            channel->program = played->program;
        }
        channel->notes += 1;
        scan->notes += 1;
        add_pair(scan, played->bank, played->program);
    }
    km_feed_place_advance(&reader->place, event->tick);
    km_feed_reader_take(reader);
}

enum km_status km_feed_scan(const struct km_feed_source *source, struct km_feed_scan *scan,
                            struct km_error *error)
{
    struct km_feed_reader reader = {0};
    struct km_feed_scan found = {0};
    if (!km_feed_reader_init(&reader, source)) {
        return km_error_set(error, KM_ERROR_INVALID, "the file's ticks have no length");
    }
    enum km_status status = km_feed_reader_rewind(&reader, error);
    while (status == KM_OK) {
        const struct km_event *event = NULL;
        status = km_feed_reader_peek(&reader, &event, error);
        if (status != KM_OK || !event) {
            break;
        }
        look(&reader, event, &found);
    }
    if (status != KM_OK) {
        return status;
    }
    struct km_feed_place *const place = &reader.place;
    km_feed_place_advance(place, place->last_tick);
    found.seconds = km_feed_place_seconds(place, place->last_tick);
    found.bars = place->bar + (place->last_tick > place->bar_tick);
    status = source->rewind(source->context, error);
    if (status == KM_OK) {
        *scan = found;
    }
    return status;
}
