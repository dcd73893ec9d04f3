// SPDX-License-Identifier: MIT

#include "engine/feed.h"

#include "base/check.h"
#include "engine/control.h"
#include "engine/feed_private.h"
#include "engine/instruments.h"
#include "heap/heap.h"

struct km_feed {
    struct km_heap *heap;
    struct km_engine *engine;
    struct km_instruments *instruments;
    struct km_feed_reader reader;
    uint32_t epoch;
    bool is_done;
    struct km_feed_target target; // Of a seek that was asked for.
    bool must_jump;               // The engine was not told of the new epoch yet.
    struct km_chunk *chunk;       // Being filled, or null.
    uint64_t start_tick;          // Where the next chunk begins, if there is none.
    uint64_t bar_end;             // Where the chunk's bar ends; or its last bar, if it has several.
    bool begins_bar;              // Of the next chunk; so are these:
    bool jumps;
    bool resets;
    bool is_chasing; // Events that lead to reader.state come before those read.
    struct km_chase chase;
    struct km_chase_state from;
    uint32_t loop_from, loop_to;
    uint64_t ticks_sent; // Since the loop was entered.
};

// What a step of the work answers, besides failing.
enum turn { GO_ON, WAIT };

enum km_status km_feed_new(struct km_heap *heap, const struct km_feed_config *config,
                           struct km_feed **feed, struct km_error *error)
{
    struct km_feed *const made = km_heap_allocate(heap, KM_ACCOUNT_WORKING, sizeof(*made));
    if (!made) {
        return km_heap_refusal(heap, error);
    }
    if (!km_feed_reader_init(&made->reader, &config->source)) {
        km_heap_release(heap, made);
        return km_error_set(error, KM_ERROR_INVALID, "the file's ticks have no length");
    }
    made->heap = heap;
    made->engine = config->engine;
    made->instruments = config->instruments;
    made->epoch = config->epoch;
    made->begins_bar = true;
    made->jumps = true;
    made->resets = true;
    km_instruments_begin_song(made->instruments);
    *feed = made;
    return KM_OK;
}

void km_feed_free(struct km_feed *feed)
{
    if (!feed) {
        return;
    }
    if (feed->chunk) {
        km_engine_chunk_give(feed->engine, feed->chunk);
    }
    km_heap_release(feed->heap, feed);
}

void km_feed_seek_bar(struct km_feed *feed, uint32_t bar)
{
    feed->target = (struct km_feed_target){.kind = KM_FEED_TARGET_BAR, .bar = bar};
}

void km_feed_seek_seconds(struct km_feed *feed, double seconds)
{
    feed->target = (struct km_feed_target){.kind = KM_FEED_TARGET_SECONDS, .seconds = seconds};
}

void km_feed_set_loop(struct km_feed *feed, uint32_t from, uint32_t to)
{
    feed->loop_from = from;
    feed->loop_to = to;
}

uint32_t km_feed_epoch(const struct km_feed *feed)
{
    return feed->epoch;
}

static void update_bar_end(struct km_feed *feed)
{
    const struct km_feed_place *const place = &feed->reader.place;
    uint32_t bars = km_feed_place_bars(place);
    if (place->bar < feed->loop_to && bars > feed->loop_to - place->bar) {
        bars = feed->loop_to - place->bar;
    }
    feed->bar_end = place->bar_tick + bars * place->bar_ticks;
}

static enum turn open_chunk(struct km_feed *feed)
{
    const struct km_feed_place *const place = &feed->reader.place;
    struct km_chunk *const chunk = km_engine_chunk_take(feed->engine);
    if (!chunk) {
        return WAIT;
    }
    chunk->epoch = feed->epoch;
    chunk->bar = place->bar;
    chunk->begins_bar = feed->begins_bar;
    chunk->jumps = feed->jumps;
    chunk->resets = feed->resets;
    chunk->start_tick = feed->start_tick;
    chunk->start_seconds = km_feed_place_seconds(place, feed->start_tick);
    chunk->division = place->division;
    chunk->tempo = (uint32_t)place->tempo;
    chunk->beats_per_bar = place->beats;
    const double beyond = place->tempo - (double)chunk->tempo;
    if (beyond > 0) { // Hundredths of a microsecond, which only an event can hold.
        chunk->events[chunk->event_count++] =
            (struct km_event){.tick = feed->start_tick,
                              .type = KM_EVENT_TEMPO,
                              .detail = chunk->tempo,
                              .value = (uint8_t)(beyond * 100.0 + .5)};
    }
    feed->chunk = chunk;
    feed->jumps = false;
    feed->resets = false;
    if (feed->begins_bar) {
        update_bar_end(feed);
    }
    return GO_ON;
}

// Sends the chunk, which ends at a tick; the next begins there.
static void send_chunk(struct km_feed *feed, uint64_t end_tick, bool ends_bar)
{
    struct km_chunk *const chunk = feed->chunk;
    chunk->end_tick = end_tick > chunk->start_tick ? end_tick : chunk->start_tick;
    chunk->ends_bar = ends_bar;
    feed->start_tick = chunk->end_tick;
    feed->begins_bar = ends_bar;
    feed->ticks_sent += chunk->end_tick - chunk->start_tick;
    feed->chunk = NULL;
    km_engine_chunk_send(feed->engine, chunk);
}

// Goes to a place; what was set there is sent first.
static enum km_status go_to(struct km_feed *feed, const struct km_feed_target *target, bool resets,
                            struct km_error *error)
{
    const enum km_status status =
        km_feed_reader_go(&feed->reader, target, &feed->start_tick, error);
    if (status != KM_OK) {
        return status;
    }
    feed->jumps = true;
    feed->resets = resets || feed->from.reset != feed->reader.state.reset;
    if (feed->resets) {
        km_chase_init(&feed->from);
    }
    feed->chase = (struct km_chase){.from = &feed->from, .to = &feed->reader.state};
    feed->is_chasing = true;
    feed->begins_bar = true;
    feed->ticks_sent = 0;
    return KM_OK;
}

static enum km_status seek(struct km_feed *feed, struct km_error *error)
{
    if (feed->chunk) {
        km_engine_chunk_give(feed->engine, feed->chunk);
        feed->chunk = NULL;
    }
    const enum km_status status = go_to(feed, &feed->target, true, error);
    if (status == KM_OK) {
        feed->target.kind = KM_FEED_TARGET_NONE;
        feed->epoch += 1;
        feed->must_jump = true;
        feed->is_done = false;
    }
    return status;
}

static enum km_status loop_back(struct km_feed *feed, struct km_error *error)
{
    feed->from = feed->reader.state;
    const struct km_feed_target target = {.kind = KM_FEED_TARGET_BAR, .bar = feed->loop_from};
    return go_to(feed, &target, false, error);
}

// Whether what follows a bar of the loop is the loop's first bar.
static bool must_loop(const struct km_feed *feed, uint32_t bar, uint32_t bar_next)
{
    return feed->loop_from < feed->loop_to && bar >= feed->loop_from && bar < feed->loop_to &&
           bar_next >= feed->loop_to;
}

static enum km_status end_bar(struct km_feed *feed, struct km_error *error)
{
    struct km_feed_place *const place = &feed->reader.place;
    const uint32_t bar = feed->chunk->bar;
    send_chunk(feed, feed->bar_end, true);
    km_feed_place_advance(place, feed->bar_end);
    const uint32_t bar_next = place->bar + (feed->bar_end > place->bar_tick);
    return must_loop(feed, bar, bar_next) ? loop_back(feed, error) : KM_OK;
}

static enum km_status end_music(struct km_feed *feed, struct km_error *error)
{
    struct km_chunk *const chunk = feed->chunk;
    const bool is_bar_begun = feed->reader.place.last_tick > chunk->start_tick;
    const bool has_played = is_bar_begun || feed->ticks_sent > 0;
    if (has_played && must_loop(feed, chunk->bar, UINT32_MAX)) {
        send_chunk(feed, is_bar_begun ? feed->bar_end : chunk->start_tick, true);
        return loop_back(feed, error);
    }
    chunk->ends_music = true;
    send_chunk(feed, feed->reader.place.last_tick, true);
    feed->is_done = true;
    return KM_OK;
}

// Fills in what leads to where the reader is.
static void chase(struct km_feed *feed)
{
    struct km_chunk *const chunk = feed->chunk;
    while (chunk->event_count < KM_CHUNK_EVENTS_MAX) {
        struct km_event event;
        if (!km_chase_next(&feed->chase, &event)) {
            feed->is_chasing = false;
            return;
        }
        event.tick = chunk->start_tick;
        chunk->events[chunk->event_count++] = event;
    }
    send_chunk(feed, chunk->start_tick, false);
}

// Whether the synth does anything with it.
static bool is_played(const struct km_feed *feed, const struct km_event *event)
{
    switch (event->type) {
    case KM_EVENT_TEMPO:
        return !feed->reader.place.is_smpte && event->detail > 0;
    case KM_EVENT_TIME_SIGNATURE:
    case KM_EVENT_KEY_SIGNATURE:
    case KM_EVENT_META:
    case KM_EVENT_UMP:
    case KM_EVENT_END_OF_TRACK:
        return false;
    default:
        return event->channel < KM_CHANNELS_COUNT;
    }
}

static enum km_status want_instrument(struct km_feed *feed, const struct km_event *event,
                                      enum turn *turn, struct km_error *error)
{
    if (event->type != KM_EVENT_NOTE_ON) {
        return KM_OK;
    }
    const struct km_program_channel *const channel =
        &feed->reader.programs.channels[event->channel];
    bool is_there = false;
    const enum km_status status =
        km_instruments_want(feed->instruments, channel->bank, channel->program, &is_there, error);
    *turn = is_there ? GO_ON : WAIT;
    return status;
}

static enum km_status add_event(struct km_feed *feed, const struct km_event *event, enum turn *turn,
                                struct km_error *error)
{
    struct km_chunk *const chunk = feed->chunk;
    if (!is_played(feed, event)) {
        km_feed_reader_take(&feed->reader);
        return KM_OK;
    }
    if (chunk->event_count == KM_CHUNK_EVENTS_MAX) {
        send_chunk(feed, event->tick, false);
        return KM_OK;
    }
    const enum km_status status = want_instrument(feed, event, turn, error);
    if (status == KM_OK && *turn == GO_ON) {
        chunk->events[chunk->event_count++] = *event;
        km_feed_reader_take(&feed->reader);
    }
    return status;
}

// A new meter counts from the bar that begins with it.
static enum km_status change_meter(struct km_feed *feed, const struct km_event *event,
                                   struct km_error *error)
{
    struct km_feed_place *const place = &feed->reader.place;
    if (event->tick > place->bar_tick) {
        feed->bar_end = event->tick;
        return end_bar(feed, error);
    }
    km_feed_reader_take(&feed->reader);
    feed->chunk->beats_per_bar = place->beats;
    update_bar_end(feed);
    return KM_OK;
}

static enum km_status step(struct km_feed *feed, enum turn *turn, struct km_error *error)
{
    const struct km_event *event = NULL;
    const enum km_status status = km_feed_reader_peek(&feed->reader, &event, error);
    if (status != KM_OK) {
        return status;
    }
    const bool is_meter = event && km_feed_place_is_meter(&feed->reader.place, event);
    if (!feed->chunk) {
        if (is_meter && feed->begins_bar && event->tick <= feed->start_tick) {
            km_feed_reader_take(&feed->reader);
        } else {
            *turn = open_chunk(feed);
        }
        return KM_OK;
    }
    if (feed->is_chasing) {
        chase(feed);
        return KM_OK;
    }
    if (!event) {
        return end_music(feed, error);
    }
    if (event->tick >= feed->bar_end) {
        return end_bar(feed, error);
    }
    return is_meter ? change_meter(feed, event, error) : add_event(feed, event, turn, error);
}

enum km_status km_feed_pump(struct km_feed *feed, bool *is_done, struct km_error *error)
{
    *is_done = false;
    enum km_status status = km_instruments_collect(feed->instruments, error);
    if (status == KM_OK && feed->target.kind != KM_FEED_TARGET_NONE) {
        status = seek(feed, error);
    }
    if (status != KM_OK) {
        return status;
    }
    if (feed->must_jump && !km_engine_jump(feed->engine, feed->epoch)) {
        return KM_OK;
    }
    feed->must_jump = false;
    enum turn turn = GO_ON;
    while (status == KM_OK && turn == GO_ON && !feed->is_done) {
        status = step(feed, &turn, error);
    }
    *is_done = status == KM_OK && feed->is_done;
    return status;
}
