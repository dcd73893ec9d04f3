// SPDX-License-Identifier: MIT

#include "drivers/callback_private.h"

#include "base/check.h"
#include "rt/arena.h"
#include "rt/latest.h"

#include <string.h>
#include <time.h>

enum { END_MS_MAX = 1000, NS_PER_MS = 1000000, STACK_STEP = 1024 };

static const uint64_t ns_per_second = 1000000000;
static const float load_share = .125f; // Of the newest block in the load that is shown.

_Static_assert(sizeof(float) == sizeof(uint32_t), "a float's bits are exchanged as a whole number");

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

static float float_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

uint64_t km_callback_clock_ns(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now); // Cannot fail: the clock exists.
    return (uint64_t)now.tv_sec * ns_per_second + (uint64_t)now.tv_nsec;
}

void km_callback_init(struct km_callback *callback)
{
    KM_CHECK(callback);
    struct km_arena arena;
    km_arena_init(&arena, callback->latest_memory, sizeof(callback->latest_memory));
    callback->latest = km_latest_new(&arena, sizeof(struct km_callback_snapshot));
    KM_CHECK(callback->latest);
    callback->now = (struct km_callback_snapshot){0};
    callback->event_count = 0;
    __atomic_store_n(&callback->load_max, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&callback->has_thread, 0, __ATOMIC_RELAXED);
}

void km_callback_begin(struct km_callback *callback, const struct km_audio_source *source)
{
    KM_CHECK(source);
    KM_CHECK(source->process);
    km_callback_init(callback);
    callback->source = *source;
    __atomic_store_n(&callback->is_running, 1, __ATOMIC_SEQ_CST);
}

// The audio thread says that it is inside before it looks whether it may be, and we say that it may
// not before we look whether it is: with one order of all four, one of us sees the other.
void km_callback_end(struct km_callback *callback)
{
    __atomic_store_n(&callback->is_running, 0, __ATOMIC_SEQ_CST);
    for (int i = 0; i < END_MS_MAX && __atomic_load_n(&callback->is_inside, __ATOMIC_SEQ_CST);
         ++i) {
        const struct timespec pause = {.tv_nsec = NS_PER_MS};
        (void)nanosleep(&pause, NULL);
    }
}

void km_callback_touch_stack(void)
{
    volatile unsigned char pages[KM_CALLBACK_STACK_BYTES];
    for (size_t i = 0; i < sizeof(pages); i += STACK_STEP) {
        pages[i] = 0;
    }
}

void km_callback_event(struct km_callback *callback, uint32_t frame, const unsigned char *bytes,
                       size_t size)
{
    if (size == 0 || size > KM_LIVE_MESSAGE_MAX) {
        return;
    }
    if (callback->event_count == KM_LIVE_EVENTS_MAX) {
        ++callback->now.live_events_lost;
        return;
    }
    struct km_live_event *const event = &callback->events[callback->event_count++];
    event->frame = frame;
    event->size = (uint8_t)size;
    memcpy(event->bytes, bytes, size);
}

// Moves the events before the end of a piece to where they are within it, from `event` on; returns
// the first one after it. The buffer's last piece takes what lies beyond its end, too.
static uint32_t place_events(struct km_callback *callback, uint32_t event, uint32_t begin,
                             uint32_t length, bool is_last)
{
    for (; event < callback->event_count; ++event) {
        struct km_live_event *const live = &callback->events[event];
        if (live->frame >= begin + length && !is_last) {
            break;
        }
        live->frame = live->frame > begin ? live->frame - begin : 0;
        live->frame = live->frame < length ? live->frame : length - 1;
    }
    return event;
}

// A buffer longer than a source takes is cut; each piece gets its own events.
// NOLINTNEXTLINE(readability-non-const-parameter): the source writes to them.
static void call_source(struct km_callback *callback, float *left, float *right, uint32_t frames)
{
    uint32_t event = 0;
    for (uint32_t begin = 0; begin < frames; begin += KM_BLOCK_FRAMES_MAX) {
        const uint32_t rest = frames - begin;
        const uint32_t length = rest < KM_BLOCK_FRAMES_MAX ? rest : KM_BLOCK_FRAMES_MAX;
        const uint32_t first = event;
        event = place_events(callback, first, begin, length, length == rest);
        const struct km_audio_block block = {
            .left = left + begin,
            .right = right + begin,
            .frames = length,
            .event_count = event - first,
            .events = event > first ? &callback->events[first] : NULL,
        };
        callback->source.process(callback->source.context, &block);
    }
}

static uint64_t expected_at(const struct km_callback_stretch *stretch, uint32_t rate_hz,
                            uint64_t callbacks, uint64_t time_ns)
{
    if (stretch->block_frames == 0 || rate_hz == 0) {
        return 0;
    }
    if (stretch->is_freewheeling) {
        return stretch->expected + (callbacks - stretch->callbacks);
    }
    const uint64_t elapsed = time_ns > stretch->begin_ns ? time_ns - stretch->begin_ns : 0;
    const uint64_t block_ns = stretch->block_frames * ns_per_second / rate_hz;
    return stretch->expected + elapsed / block_ns;
}

// What passes between two stretches while the server changes over belongs to neither.
static void keep_stretch(struct km_callback *callback, uint32_t frames, uint64_t now_ns)
{
    struct km_callback_snapshot *const now = &callback->now;
    const bool is_freewheeling = __atomic_load_n(&callback->is_freewheeling, __ATOMIC_RELAXED) != 0;
    if (now->stretch.block_frames != frames || now->stretch.is_freewheeling != is_freewheeling) {
        const uint64_t expected =
            expected_at(&now->stretch, callback->rate_hz, now->callbacks - 1, callback->last_ns);
        now->stretch = (struct km_callback_stretch){
            .begin_ns = now_ns,
            .expected = expected + 1,
            .callbacks = now->callbacks,
            .block_frames = frames,
            .is_freewheeling = is_freewheeling,
        };
    }
    callback->last_ns = now_ns;
}

static void keep_load(struct km_callback *callback, uint32_t frames, uint64_t used_ns)
{
    if (callback->now.stretch.is_freewheeling) {
        return; // There is no time that a block must be ready by.
    }
    const float used = (float)used_ns * (float)callback->rate_hz / ((float)frames * 1e9f);
    callback->now.load += (used - callback->now.load) * load_share;
    if (used > float_of(__atomic_load_n(&callback->load_max, __ATOMIC_RELAXED))) {
        __atomic_store_n(&callback->load_max, bits_of(used), __ATOMIC_RELAXED);
    }
}

static void keep_thread(struct km_callback *callback)
{
    if (__atomic_load_n(&callback->has_thread, __ATOMIC_RELAXED) == 0) {
        callback->thread = pthread_self();
        __atomic_store_n(&callback->has_thread, 1, __ATOMIC_RELEASE);
    }
}

void km_callback_process(struct km_callback *callback, float *left, float *right, uint32_t frames)
{
    if (frames == 0) {
        return;
    }
    __atomic_store_n(&callback->is_inside, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&callback->is_running, __ATOMIC_SEQ_CST)) {
        const uint64_t begin_ns = km_callback_clock_ns();
        struct km_callback_snapshot *const now = &callback->now;
        keep_thread(callback);
        ++now->callbacks;
        keep_stretch(callback, frames, begin_ns);
        call_source(callback, left, right, frames);
        now->frames += frames;
        now->block_frames_max = frames > now->block_frames_max ? frames : now->block_frames_max;
        keep_load(callback, frames, km_callback_clock_ns() - begin_ns);
        km_latest_write(callback->latest, now);
    } else {
        memset(left, 0, frames * sizeof(*left));
        memset(right, 0, frames * sizeof(*right));
    }
    callback->event_count = 0;
    __atomic_store_n(&callback->is_inside, 0, __ATOMIC_SEQ_CST);
}

void km_callback_report(struct km_callback *callback, enum km_driver_report_kind kind,
                        uint32_t value)
{
    __atomic_store_n(&callback->report_values[kind], value, __ATOMIC_RELAXED);
    __atomic_fetch_add(&callback->report_counts[kind], 1, __ATOMIC_RELEASE);
}

void km_callback_set_rate(struct km_callback *callback, uint32_t rate_hz)
{
    if (rate_hz != callback->rate_hz) {
        __atomic_store_n(&callback->is_running, 0, __ATOMIC_SEQ_CST);
        km_callback_report(callback, KM_DRIVER_RATE_CHANGED, rate_hz);
    }
}

void km_callback_set_freewheel(struct km_callback *callback, bool is_freewheeling)
{
    __atomic_store_n(&callback->is_freewheeling, is_freewheeling ? 1 : 0, __ATOMIC_RELAXED);
    km_callback_report(callback, KM_DRIVER_FREEWHEEL, is_freewheeling ? 1 : 0);
}

struct km_callback_snapshot km_callback_snapshot(struct km_callback *callback)
{
    const struct km_callback_snapshot *const newest = km_latest_read(callback->latest);
    return *newest;
}

uint64_t km_callback_expected(struct km_callback *callback, uint64_t time_ns)
{
    if (!callback->has_clock) {
        return 0;
    }
    const struct km_callback_snapshot newest = km_callback_snapshot(callback);
    return expected_at(&newest.stretch, callback->rate_hz, newest.callbacks, time_ns);
}
