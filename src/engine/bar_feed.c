// SPDX-License-Identifier: MIT

#include "engine/bar_feed.h"

#include "base/check.h"
#include "engine/control.h"
#include "engine/instruments.h"
#include "engine/programs_private.h"
#include "heap/heap.h"

struct km_bar_feed {
    struct km_heap *heap;
    struct km_engine *engine;
    struct km_instruments *instruments;
    struct km_program_state programs; // After the bars that were sent.
};

struct km_bar_feed *km_bar_feed_new(struct km_heap *heap, struct km_engine *engine,
                                    struct km_instruments *instruments)
{
    struct km_bar_feed *const feed = km_heap_allocate(heap, KM_ACCOUNT_WORKING, sizeof(*feed));
    if (!feed) {
        return NULL;
    }
    feed->heap = heap;
    feed->engine = engine;
    feed->instruments = instruments;
    km_program_state_init(&feed->programs);
    km_instruments_begin_song(instruments);
    return feed;
}

void km_bar_feed_free(struct km_bar_feed *feed)
{
    if (feed) {
        km_heap_release(feed->heap, feed);
    }
}

static bool is_played(const struct km_event *event)
{
    return event->type == KM_EVENT_NOTE_OFF || event->type == KM_EVENT_TEMPO ||
           event->type == KM_EVENT_SYSEX ||
           (event->type >= KM_EVENT_PROGRAM && event->type <= KM_EVENT_NOTE_ON);
}

// Asks for all instruments of a bar; `programs` is what stands after it.
static enum km_status want_instruments(struct km_bar_feed *feed, const struct km_bar *bar,
                                       struct km_program_state *programs, bool *are_there,
                                       struct km_error *error)
{
    *are_there = true;
    for (size_t i = 0; i < bar->event_count && *are_there; ++i) {
        const struct km_event *const event = &bar->events[i];
        km_program_state_event(programs, event);
        if (event->type != KM_EVENT_NOTE_ON) {
            continue;
        }
        const struct km_program_channel *const channel =
            &programs->channels[event->channel % KM_CHANNELS_COUNT];
        const enum km_status status = km_instruments_want(feed->instruments, channel->bank,
                                                          channel->program, are_there, error);
        if (status != KM_OK) {
            return status;
        }
    }
    return KM_OK;
}

static uint32_t chunks_needed(const struct km_bar *bar)
{
    size_t events = 0;
    for (size_t i = 0; i < bar->event_count; ++i) {
        events += is_played(&bar->events[i]);
    }
    const size_t chunks = (events + KM_CHUNK_EVENTS_MAX - 1) / KM_CHUNK_EVENTS_MAX;
    return chunks > 0 ? (uint32_t)chunks : 1;
}

static struct km_chunk *open_chunk(struct km_bar_feed *feed, const struct km_bar *bar,
                                   uint64_t tick, uint32_t tempo)
{
    struct km_chunk *const chunk = km_engine_chunk_take(feed->engine);
    KM_CHECK(chunk); // They were counted.
    const double ticks = (double)(tick - bar->start_tick);
    const bool is_first = tick == bar->start_tick;
    chunk->epoch = bar->epoch;
    chunk->bar = bar->bar;
    chunk->start_tick = tick;
    chunk->end_tick = bar->end_tick;
    chunk->start_seconds =
        is_first ? bar->start_seconds
                 : bar->start_seconds + ticks * (double)tempo / (1e6 * (double)bar->division);
    chunk->division = bar->division;
    chunk->tempo = tempo;
    chunk->beats_per_bar = bar->beats_per_bar;
    chunk->section = bar->section;
    chunk->chord = bar->chord;
    return chunk;
}

static void send(struct km_bar_feed *feed, const struct km_bar *bar)
{
    uint32_t tempo = bar->tempo;
    struct km_chunk *chunk = open_chunk(feed, bar, bar->start_tick, tempo);
    chunk->begins_bar = true;
    chunk->jumps = bar->jumps;
    chunk->resets = bar->resets;
    for (size_t i = 0; i < bar->event_count; ++i) {
        const struct km_event *const event = &bar->events[i];
        if (!is_played(event)) {
            continue;
        }
        if (chunk->event_count == KM_CHUNK_EVENTS_MAX) {
            chunk->end_tick = event->tick;
            km_engine_chunk_send(feed->engine, chunk);
            chunk = open_chunk(feed, bar, event->tick, tempo);
        }
        tempo = event->type == KM_EVENT_TEMPO && event->detail > 0 ? event->detail : tempo;
        chunk->events[chunk->event_count++] = *event;
    }
    chunk->ends_bar = true;
    chunk->ends_music = bar->ends_music;
    km_engine_chunk_send(feed->engine, chunk);
}

enum km_status km_bar_feed_send(struct km_bar_feed *feed, const struct km_bar *bar, bool *is_sent,
                                struct km_error *error)
{
    *is_sent = false;
    if (bar->event_count > KM_BAR_EVENTS_MAX ||
        chunks_needed(bar) > km_engine_chunks(feed->engine)) {
        return km_error_set(error, KM_ERROR_TOO_LARGE, "a bar of %zu events is too large",
                            bar->event_count);
    }
    enum km_status status = km_instruments_collect(feed->instruments, error);
    struct km_program_state programs = feed->programs;
    if (bar->resets) {
        km_program_state_init(&programs);
    }
    bool are_there = false;
    if (status == KM_OK) {
        status = want_instruments(feed, bar, &programs, &are_there, error);
    }
    if (status != KM_OK || !are_there || km_engine_chunks_free(feed->engine) < chunks_needed(bar)) {
        return status;
    }
    send(feed, bar);
    feed->programs = programs;
    *is_sent = true;
    return KM_OK;
}
