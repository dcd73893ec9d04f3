// SPDX-License-Identifier: MIT

#include "apps/live.h"

#include "base/check.h"
#include "base/math.h"
#include "base/units.h"
#include "engine/bar_feed.h"
#include "engine/control.h"
#include "engine/feed.h"
#include "heap/heap.h"
#include "session/session.h"
#include "session/song.h"

#include <string.h>

enum {
    SLOTS = 4,       // Plans that are kept: what sounds, what waits, and what went before.
    SLOT_SHIFT = 12, // In a chunk's section: the slot above, the section's index below.
    READ_AHEAD = 64,
    MOTIVATION = 7,
};

// A plan, cut into bars.
struct plan {
    struct km_harmony_plan plan;
    struct km_midi_file song;
    struct km_feed_file *music;
    struct km_feed_source source;
    bool was_told; // That it began.
};

struct km_live {
    struct km_live_config config;
    struct km_therapy_session *session;
    struct km_bar_feed *feed;
    double scales[KM_LIVE_SCALES_COUNT];
    struct plan slots[SLOTS];
    uint32_t slot; // Of the plan whose bars are sent now.
    uint32_t plan_number;
    uint32_t epoch;
    uint32_t epoch_bar; // The epoch's first,
    uint32_t bar;       // and the next one to send: their numbers in the stream,
    uint32_t plan_bar;  // and in its plan.
    bool jumps;         // The next bar is the first of a new epoch.
    uint64_t tick;      // Where the next bar begins, in the stream,
    double seconds;     // and in seconds.
    uint32_t tempo;
    struct km_midi_merged_event ahead[READ_AHEAD];
    size_t ahead_count, ahead_index;
    struct km_event *events; // KM_BAR_EVENTS_MAX of them.
    struct km_bar made;      // A bar that could not be sent yet, if it has ticks.
};

static const double lows[KM_LIVE_SCALES_COUNT] = {-1.0, -1.0, 0.0, 0.0};

const char *km_live_scale_name(enum km_live_scale scale)
{
    static const char *const names[KM_LIVE_SCALES_COUNT] = {"valence", "arousal", "chaos",
                                                            "vulnerability"};
    return names[scale];
}

static void release_plan(struct plan *plan)
{
    km_feed_file_free(plan->music);
    if (plan->song.heap) {
        km_midi_file_release(&plan->song);
    }
    plan->music = NULL;
    plan->song.heap = NULL;
}

static enum km_status take_scales(struct km_live *live, struct km_error *error)
{
    const double *const scales = live->scales;
    enum km_status status = km_therapy_session_set_point(live->session, scales[KM_LIVE_VALENCE],
                                                         scales[KM_LIVE_AROUSAL], error);
    if (status == KM_OK) {
        status =
            km_therapy_session_set_scales(live->session, MOTIVATION, scales[KM_LIVE_CHAOS], error);
    }
    return status == KM_OK ? km_therapy_session_set_vulnerability(
                                 live->session, scales[KM_LIVE_VULNERABILITY], error)
                           : status;
}

// What later plans keep of the one before: then the music goes on.
static struct km_plan_wishes wishes_of(const struct km_live *live)
{
    struct km_plan_wishes wishes = {.is_continued = true};
    if (live->plan_number > 0) {
        const struct km_harmony_plan *const before = &live->slots[live->slot].plan;
        wishes.is_continuation = true;
        wishes.has_tonic = true;
        wishes.tonic = before->key.tonic;
        wishes.has_metre = true;
        wishes.beats_per_bar = before->beats_per_bar;
        wishes.beat_unit = before->beat_unit;
    }
    return wishes;
}

static enum km_status compose(struct km_live *live, struct plan *plan,
                              const struct km_plan_wishes *wishes, struct km_error *error)
{
    struct km_heap *const heap = live->config.heap;
    const uint64_t seed = live->config.seed + live->plan_number;
    enum km_status status =
        km_therapy_session_generate_plan(live->session, wishes, seed, &plan->plan, error);
    if (status != KM_OK) {
        return status;
    }
    km_midi_file_init(&plan->song, heap, 1, KM_PPQ);
    status = km_song_compose(&plan->plan, NULL, &plan->song, error);
    plan->music = status == KM_OK ? km_feed_file_new(heap, &plan->song) : NULL;
    if (!plan->music) {
        status = status == KM_OK ? km_heap_refusal(heap, error) : status;
        release_plan(plan);
        return status;
    }
    plan->source = km_feed_source_file(plan->music);
    plan->was_told = false;
    return KM_OK;
}

static enum km_status tell_beginning(struct km_live *live, struct plan *plan,
                                     struct km_error *error)
{
    if (plan->was_told || !plan->music || !live->config.begins) {
        return KM_OK;
    }
    plan->was_told = true;
    return live->config.begins(live->config.context, &plan->plan, &plan->song, error);
}

// Plans what comes next, in a slot: that of a plan that nobody will hear any more.
static enum km_status plan_next(struct km_live *live, uint32_t slot, struct km_error *error)
{
    const struct km_plan_wishes wishes = wishes_of(live);
    struct plan *const plan = &live->slots[slot];
    release_plan(plan);
    enum km_status status = take_scales(live, error);
    status = status == KM_OK ? compose(live, plan, &wishes, error) : status;
    if (status != KM_OK) {
        return status;
    }
    live->slot = slot;
    live->plan_number += 1;
    live->plan_bar = 0;
    live->ahead_count = 0;
    live->ahead_index = 0;
    live->tempo = (uint32_t)(KM_MICROSECONDS_PER_MINUTE / plan->plan.tempo_bpm);
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
    status = status == KM_OK ? plan_next(live, 0, error) : status;
    status = status == KM_OK ? tell_beginning(live, &live->slots[0], error) : status;
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
    for (size_t i = 0; i < SLOTS; ++i) {
        release_plan(&live->slots[i]);
    }
    km_therapy_session_free(live->session);
    km_bar_feed_free(live->feed);
    km_heap_release(heap, live->events);
    km_heap_release(heap, live);
}

// The chord that sounds where a bar begins: its index.
static uint32_t chord_at(const struct km_harmony_plan *plan, uint64_t tick)
{
    uint32_t chord = 0;
    for (uint32_t i = 0; i < plan->chord_count; ++i) {
        chord = plan->chords[i].start_tick <= tick ? i : chord;
    }
    return chord;
}

static uint32_t section_at(const struct km_harmony_plan *plan, uint32_t bar)
{
    uint32_t section = 0;
    for (uint32_t i = 0; i < plan->section_count; ++i) {
        section = plan->sections[i].first_bar <= bar ? i : section;
    }
    return section;
}

// The next event of the plan's song before `end`, if there is one.
static enum km_status next_event(struct km_live *live, uint64_t end, struct km_event *event,
                                 bool *is_there, struct km_error *error)
{
    struct plan *const plan = &live->slots[live->slot];
    *is_there = false;
    if (live->ahead_index == live->ahead_count) {
        live->ahead_index = 0;
        const enum km_status status = plan->source.read(plan->source.context, live->ahead,
                                                        READ_AHEAD, &live->ahead_count, error);
        if (status != KM_OK || live->ahead_count == 0) {
            return status;
        }
    }
    const struct km_event *const next = &live->ahead[live->ahead_index].event;
    if (next->tick < end) {
        *event = *next;
        *is_there = true;
        live->ahead_index += 1;
    }
    return KM_OK;
}

// Fills `made` with the plan's next bar.
static enum km_status make_bar(struct km_live *live, struct km_error *error)
{
    const struct km_harmony_plan *const plan = &live->slots[live->slot].plan;
    const uint32_t ticks = km_plan_bar_ticks(plan);
    const uint64_t start = (uint64_t)live->plan_bar * ticks;
    // What the last bar's notes leave behind it is theirs as well.
    const bool is_last = live->plan_bar + 1U >= plan->length_bars;
    const uint64_t end = is_last ? UINT64_MAX : start + ticks;
    struct km_bar bar = {
        .epoch = live->epoch,
        .bar = live->bar,
        .jumps = live->jumps,
        .start_tick = live->tick,
        .end_tick = live->tick + ticks,
        .start_seconds = live->seconds,
        .division = KM_PPQ,
        .tempo = live->tempo,
        .beats_per_bar = plan->beats_per_bar,
        .section = (uint16_t)(live->slot << SLOT_SHIFT | section_at(plan, live->plan_bar)),
        .chord = chord_at(plan, start),
        .events = live->events};
    struct km_event event;
    bool is_there = true;
    while (bar.event_count < KM_BAR_EVENTS_MAX) {
        const enum km_status status = next_event(live, end, &event, &is_there, error);
        if (status != KM_OK) {
            return status;
        }
        if (!is_there) {
            break;
        }
        const uint64_t within = event.tick > start ? event.tick - start : 0;
        event.tick = live->tick + (within < ticks ? within : ticks);
        live->tempo = event.type == KM_EVENT_TEMPO ? event.detail : live->tempo;
        live->events[bar.event_count++] = event;
    }
    live->made = bar;
    return KM_OK;
}

static enum km_status send_bar(struct km_live *live, bool *is_sent, struct km_error *error)
{
    enum km_status status = KM_OK;
    *is_sent = false;
    if (live->made.end_tick == 0) {
        if (live->plan_bar >= live->slots[live->slot].plan.length_bars) {
            status = plan_next(live, (live->slot + 1) % SLOTS, error);
        }
        status = status == KM_OK ? make_bar(live, error) : status;
    }
    status = status == KM_OK ? km_bar_feed_send(live->feed, &live->made, is_sent, error) : status;
    if (status == KM_OK && *is_sent) {
        const uint64_t ticks = live->made.end_tick - live->made.start_tick;
        live->seconds += (double)ticks * live->made.tempo / (KM_PPQ * 1e6);
        live->tick = live->made.end_tick;
        live->bar += 1;
        live->plan_bar += 1;
        live->jumps = false;
        live->made = (struct km_bar){.end_tick = 0};
    }
    return status;
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

static struct plan *plan_of(struct km_live *live, const struct km_engine_status *status)
{
    return &live->slots[(status->section >> SLOT_SHIFT) % SLOTS];
}

enum km_status km_live_pump(struct km_live *live, const struct km_engine_status *status,
                            struct km_error *error)
{
    enum km_status result = KM_OK;
    if (is_heard(live, status)) {
        result = tell_beginning(live, plan_of(live, status), error);
    }
    bool is_sent = true;
    while (result == KM_OK && is_sent && bars_ahead(live, status) < KM_LIVE_BARS_AHEAD) {
        result = send_bar(live, &is_sent, error);
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
    live->scales[scale] = km_clamp(value, lows[scale], 1.0);
    const uint32_t slot = is_heard(live, status) ? (live->slot + 1) % SLOTS : live->slot;
    const enum km_status result = plan_next(live, slot, error);
    if (result != KM_OK) {
        live->scales[scale] = before;
        return result;
    }
    live->epoch += 1;
    live->jumps = true;
    live->bar = status->transport == KM_TRANSPORT_STOPPED ? 0 : status->bar + 1;
    live->epoch_bar = live->bar;
    live->tick = status->tick;
    live->seconds = status->seconds;
    live->made = (struct km_bar){.end_tick = 0};
    return km_live_pump(live, status, error);
}

const struct km_harmony_plan *km_live_plan(struct km_live *live,
                                           const struct km_engine_status *status)
{
    const struct plan *const plan = plan_of(live, status);
    return status->epoch > 0 && plan->music ? &plan->plan : NULL;
}
