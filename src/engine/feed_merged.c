// SPDX-License-Identifier: MIT

// A file of any size as a source of events: its tracks merged while it is read.

#include "engine/feed.h"

static enum km_status read_merged(void *context, struct km_midi_merged_event *events,
                                  size_t capacity, size_t *count, struct km_error *error)
{
    return km_midi_merged_read(context, events, capacity, count, error);
}

static enum km_status read_payload(void *context, const struct km_midi_merged_event *event,
                                   void *bytes, size_t size, struct km_error *error)
{
    return km_midi_merged_payload(context, event, 0, bytes, size, error);
}

static enum km_status rewind_merged(void *context, struct km_error *error)
{
    return km_midi_merged_rewind(context, error);
}

struct km_feed_source km_feed_source_merged(struct km_midi_merged *merged)
{
    return (struct km_feed_source){.context = merged,
                                   .division = km_midi_merged_header(merged).division,
                                   .read = read_merged,
                                   .payload = read_payload,
                                   .rewind = rewind_merged};
}
