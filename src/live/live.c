// SPDX-License-Identifier: MIT

#include "live/live.h"

#include "base/check.h"
#include "base/math.h"
#include "engine/control.h"
#include "engine/instruments.h"
#include "heap/heap.h"
#include "live/live_private.h"
#include "session/session.h"

#define LAST_MOMENT_SECONDS 0.5

static const double lows[KM_LIVE_SCALES_COUNT] = {-1.0, -1.0, 0.0, 0.0};

const char *km_live_scale_name(enum km_live_scale scale)
{
    static const char *const names[KM_LIVE_SCALES_COUNT] = {"valence", "arousal", "chaos",
                                                            "vulnerability"};
    return names[scale];
}

static enum km_status tell_beginning(struct km_live *live, uint32_t slot, struct km_error *error)
{
    struct km_live_plan *const plan = &live->slots[slot];
    if (plan->was_told || !plan->music) {
        return KM_OK;
    }
    if (live->config.begins) {
        const enum km_status status =
            live->config.begins(live->config.context, &plan->plan, &plan->song, error);
        if (status != KM_OK) {
            return status;
        }
    }
    plan->was_told = true;
    live->told_before = live->told;
    live->told = slot;
    return KM_OK;
}

static enum km_status hear(struct km_live *live, struct km_error *error)
{
    const struct km_live_config *const config = &live->config;
    enum km_status status = km_therapy_session_process_core_input(live->session, config->text,
                                                                  config->text_size, error);
    if (status == KM_OK) {
        const struct km_affect *const affect = km_therapy_session_affect(live->session);
        live->scales[KM_LIVE_VALENCE] = (double)affect->valence;
        live->scales[KM_LIVE_AROUSAL] = (double)affect->arousal;
        live->scales[KM_LIVE_CHAOS] = 0.3;
    }
    return status;
}

enum km_status km_live_new(const struct km_live_config *config, struct km_live **made,
                           struct km_error *error)
{
    KM_CHECK(config->heap && config->engine && config->instruments);
    KM_CHECK(config->epoch > 0);
    struct km_live *const live = km_heap_allocate(config->heap, KM_ACCOUNT_WORKING, sizeof(*live));
    if (!live) {
        return km_heap_refusal(config->heap, error);
    }
    live->config = *config;
    live->epoch = config->epoch;
    live->jumps = true;
    live->session = km_therapy_session_new(config->heap);
    live->feed = km_bar_feed_new(config->heap, config->engine, config->instruments);
    live->events = km_heap_allocate_array(config->heap, KM_ACCOUNT_WORKING, KM_BAR_EVENTS_MAX,
                                          sizeof(struct km_event));
    enum km_status status =
        live->session && live->feed && live->events ? KM_OK : km_heap_refusal(config->heap, error);
    status = status == KM_OK ? hear(live, error) : status;
    status = status == KM_OK ? km_live_plan_next(live, NULL, error) : status;
    status = status == KM_OK ? tell_beginning(live, live->slot, error) : status;
    if (status != KM_OK) {
        km_live_free(live);
        return status;
    }
    *made = live;
    return KM_OK;
}

void km_live_free(struct km_live *live)
{
    if (!live) {
        return;
    }
    struct km_heap *const heap = live->config.heap;
    for (size_t i = 0; i < KM_LIVE_SLOTS; ++i) {
        km_live_plan_release(&live->slots[i]);
    }
    km_therapy_session_free(live->session);
    km_bar_feed_free(live->feed);
    km_heap_release(heap, live->events);
    km_heap_release(heap, live);
}

static enum km_status send_bar(struct km_live *live, const struct km_engine_status *status,
                               bool *is_sent, struct km_error *error)
{
    enum km_status result = KM_OK;
    *is_sent = false;
    if (live->made.end_tick == 0) {
        if (live->plan_bar >= live->slots[live->slot].plan.length_bars) {
            result = km_live_plan_next(live, status, error);
        }
        result = result == KM_OK ? km_live_make_bar(live, error) : result;
    }
    result = result == KM_OK ? km_bar_feed_send(live->feed, &live->made, is_sent, error) : result;
    if (result == KM_OK && *is_sent) {
        live->seconds = live->made_seconds;
        live->bar += 1;
        live->starts[live->bar % KM_LIVE_STARTS] = live->seconds;
        live->plan_bar += 1;
        live->jumps = false;
        live->made = (struct km_bar){.end_tick = 0};
    }
    return result;
}

// Whether a bar of the newest epoch sounds.
static bool is_heard(const struct km_live *live, const struct km_engine_status *status)
{
    return status->epoch == live->epoch && status->transport != KM_TRANSPORT_STOPPED;
}

// Bars that were sent in this epoch and have not begun.
static uint32_t bars_ahead(const struct km_live *live, const struct km_engine_status *status)
{
    const uint32_t first = is_heard(live, status) ? status->bar + 1 : live->epoch_bar;
    return live->bar > first ? live->bar - first : 0;
}

static bool has_nothing(const struct km_live *live)
{
    return km_engine_chunks_free(live->config.engine) == km_engine_chunks(live->config.engine);
}

// Bars that were sent did not sound, and will not: the engine was stopped.
static bool are_lost(const struct km_live *live, const struct km_engine_status *status)
{
    return bars_ahead(live, status) > 0 && has_nothing(live);
}

// The music stands still, for instruments that find no room while others sound.
static bool is_stuck(const struct km_live *live, const struct km_engine_status *status)
{
    return live->made.end_tick > 0 && status->epoch > 0 &&
           status->transport == KM_TRANSPORT_PLAYING && has_nothing(live);
}

// A new plan in a new epoch: from the next bar line on.
static enum km_status start_over(struct km_live *live, const struct km_engine_status *status,
                                 struct km_error *error)
{
    const enum km_status result = km_live_plan_next(live, status, error);
    if (result == KM_OK) {
        const bool is_stopped = status->transport == KM_TRANSPORT_STOPPED;
        live->epoch += 1;
        live->is_due = false;
        live->jumps = true;
        live->bar = is_stopped ? 0 : status->bar + 1;
        live->epoch_bar = live->bar;
        live->seconds = is_stopped ? 0.0 : live->starts[live->bar % KM_LIVE_STARTS];
    }
    return result;
}

// Chunks of plans that are never heard come back at the bar line, not before. So when half of them
// are on their way, further turns within a bar are gathered until shortly before its end.
static bool must_wait(const struct km_live *live, const struct km_engine_status *status)
{
    struct km_engine *const engine = live->config.engine;
    const double line = live->starts[(status->bar + 1) % KM_LIVE_STARTS];
    return status->epoch > 0 && !is_heard(live, status) &&
           2 * km_engine_chunks_free(engine) < km_engine_chunks(engine) &&
           line - status->seconds > LAST_MOMENT_SECONDS;
}

enum km_status km_live_pump(struct km_live *live, const struct km_engine_status *status,
                            struct km_error *error)
{
    enum km_status result = KM_OK;
    if (are_lost(live, status) || (live->is_due && !must_wait(live, status))) {
        result = start_over(live, status, error);
    } else if (is_heard(live, status)) {
        result = tell_beginning(live, km_live_slot_of(status), error);
    }
    bool is_sent = true;
    while (result == KM_OK && is_sent && bars_ahead(live, status) < KM_LIVE_BARS_AHEAD) {
        result = send_bar(live, status, &is_sent, error);
    }
    if (result == KM_OK && is_stuck(live, status)) {
        result = km_live_send_rest(live, status, error);
    }
    return result;
}

double km_live_get(const struct km_live *live, enum km_live_scale scale)
{
    return live->scales[scale];
}

enum km_status km_live_set(struct km_live *live, enum km_live_scale scale, double value,
                           const struct km_engine_status *status, struct km_error *error)
{
    const double before = live->scales[scale];
    const bool was_turned = live->is_turned;
    const double held = km_clamp(value, lows[scale], 1.0);
    if (held == before) {
        return KM_OK;
    }
    live->scales[scale] = held;
    live->is_turned = was_turned || scale == KM_LIVE_VALENCE || scale == KM_LIVE_AROUSAL;
    if (must_wait(live, status)) {
        live->is_due = true;
        return KM_OK;
    }
    const enum km_status result = start_over(live, status, error);
    if (result != KM_OK) {
        live->scales[scale] = before;
        live->is_turned = was_turned;
        return result;
    }
    // The plan is made: where its bars find no memory, the next pump tries again, and says so.
    const enum km_status sent = km_live_pump(live, status, error);
    return sent == KM_ERROR_NO_MEMORY ? KM_OK : sent;
}

const struct km_harmony_plan *km_live_plan(struct km_live *live,
                                           const struct km_engine_status *status)
{
    const struct km_live_plan *const plan = &live->slots[km_live_slot_of(status)];
    return status->epoch > 0 && plan->music ? &plan->plan : NULL;
}
