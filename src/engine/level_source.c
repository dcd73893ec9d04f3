// SPDX-License-Identifier: MIT

// Reads a source for the loudness estimate.

#include "engine/feed_private.h"
#include "engine/level.h"
#include "heap/heap.h"

static enum km_status no_memory(const struct km_level_config *config, struct km_error *error)
{
    return km_heap_refusal(config->heap, error);
}

static enum km_status read_all(struct km_level *level, const struct km_level_config *config,
                               struct km_feed_reader *reader, double *lufs, struct km_error *error)
{
    enum km_status status = km_feed_reader_rewind(reader, error);
    double seconds = 0.0;
    while (status == KM_OK) {
        const struct km_event *event = NULL;
        status = km_feed_reader_peek(reader, &event, error);
        if (status != KM_OK || !event) {
            break;
        }
        km_feed_place_advance(&reader->place, event->tick);
        seconds = km_feed_place_seconds(&reader->place, event->tick);
        if (km_level_add(level, event, seconds) != KM_OK) {
            return no_memory(config, error);
        }
        km_feed_reader_take(reader);
    }
    if (status == KM_OK && km_level_finish(level, seconds, lufs) != KM_OK) {
        return no_memory(config, error);
    }
    return status;
}

enum km_status km_level_of_source(const struct km_level_config *config,
                                  const struct km_feed_source *source, double *lufs,
                                  struct km_error *error)
{
    struct km_feed_reader *const reader =
        km_heap_allocate(config->heap, KM_ACCOUNT_WORKING, sizeof(*reader));
    struct km_level *const level = reader ? km_level_new(config) : NULL;
    enum km_status status = level ? KM_OK : no_memory(config, error);
    if (status == KM_OK && !km_feed_reader_init(reader, source)) {
        status = km_error_set(error, KM_ERROR_INVALID, "the file's ticks have no length");
    }
    status = status == KM_OK ? read_all(level, config, reader, lufs, error) : status;
    status = status == KM_OK ? source->rewind(source->context, error) : status;
    km_level_free(level);
    km_heap_release(config->heap, reader);
    return status;
}
