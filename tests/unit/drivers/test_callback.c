// SPDX-License-Identifier: MIT

#include "drivers/callback_private.h"

#include "support/cmocka.h"
#include "support/counter.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LONG_FRAMES = 3 * KM_BLOCK_FRAMES_MAX + 100 };

static struct km_callback callback;
static struct counter counter;
static float left[LONG_FRAMES];
static float right[LONG_FRAMES];

static int begin(void **state)
{
    (void)state;
    memset(&callback, 0, sizeof(callback));
    counter = (struct counter){0};
    callback.rate_hz = 48000;
    callback.has_clock = true;
    const struct km_audio_source source = counter_source(&counter);
    km_callback_begin(&callback, &source);
    return 0;
}

static void a_long_buffer_is_cut_without_a_seam(void **state)
{
    (void)state;
    km_callback_process(&callback, left, right, LONG_FRAMES);
    for (uint32_t i = 0; i < LONG_FRAMES; ++i) {
        assert_true(left[i] == counter_sample(i) && right[i] == -counter_sample(i));
    }
    assert_int_equal(counter.blocks, 4);
    assert_int_equal(counter.frames_max, KM_BLOCK_FRAMES_MAX);
    const struct km_callback_snapshot now = km_callback_snapshot(&callback);
    assert_int_equal(now.callbacks, 1);
    assert_int_equal(now.frames, LONG_FRAMES);
    assert_int_equal(now.block_frames_max, LONG_FRAMES);
}

static void events_keep_their_frames_across_the_cuts(void **state)
{
    (void)state;
    static const uint32_t frames[] = {
        0,
        1,
        KM_BLOCK_FRAMES_MAX - 1,
        KM_BLOCK_FRAMES_MAX,
        2 * KM_BLOCK_FRAMES_MAX + 77,
        LONG_FRAMES - 1,
    };
    enum { COUNT = sizeof(frames) / sizeof(frames[0]) };
    km_callback_process(&callback, left, right, 64);
    for (uint32_t i = 0; i < COUNT; ++i) {
        const unsigned char bytes[3] = {0x90, (unsigned char)i, 100};
        km_callback_event(&callback, frames[i], bytes, sizeof(bytes));
    }
    km_callback_process(&callback, left, right, LONG_FRAMES);
    km_callback_process(&callback, left, right, 64); // They do not come a second time.
    assert_int_equal(counter.event_count, COUNT);
    for (uint32_t i = 0; i < COUNT; ++i) {
        assert_int_equal(counter.events[i].frame, 64 + frames[i]);
        assert_int_equal(counter.events[i].size, 3);
        assert_int_equal(counter.events[i].bytes[1], i);
    }
}

static void an_event_beyond_the_block_comes_at_its_end(void **state)
{
    (void)state;
    const unsigned char byte = 0xF8;
    km_callback_event(&callback, 1000, &byte, 1);
    km_callback_process(&callback, left, right, 64);
    assert_int_equal(counter.event_count, 1);
    assert_int_equal(counter.events[0].frame, 63);
}

static void too_many_events_are_counted_and_long_ones_left_out(void **state)
{
    (void)state;
    const unsigned char bytes[KM_LIVE_MESSAGE_MAX + 1] = {0xF0};
    km_callback_event(&callback, 0, bytes, KM_LIVE_MESSAGE_MAX + 1);
    km_callback_event(&callback, 0, bytes, 0);
    km_callback_event(&callback, 0, bytes, KM_LIVE_MESSAGE_MAX);
    for (int i = 1; i < KM_LIVE_EVENTS_MAX + 5; ++i) {
        km_callback_event(&callback, 0, bytes, 3);
    }
    km_callback_process(&callback, left, right, 64);
    assert_int_equal(counter.event_count, KM_LIVE_EVENTS_MAX);
    assert_int_equal(counter.events[0].size, KM_LIVE_MESSAGE_MAX);
    assert_int_equal(km_callback_snapshot(&callback).live_events_lost, 5);
}

static void after_the_end_there_is_silence(void **state)
{
    (void)state;
    km_callback_process(&callback, left, right, 64);
    km_callback_end(&callback);
    km_callback_process(&callback, left, right, 64);
    assert_int_equal(counter.blocks, 1);
    for (int i = 0; i < 64; ++i) {
        assert_true(left[i] == 0.0f && right[i] == 0.0f);
    }
    const struct km_audio_source source = counter_source(&counter);
    km_callback_begin(&callback, &source);
    km_callback_process(&callback, left, right, 64);
    assert_int_equal(km_callback_snapshot(&callback).callbacks, 1);
}

static void another_rate_stops_it_and_the_same_does_not(void **state)
{
    (void)state;
    km_callback_set_rate(&callback, 48000);
    km_callback_process(&callback, left, right, 64);
    assert_int_equal(counter.blocks, 1);
    assert_int_equal(callback.report_counts[KM_DRIVER_RATE_CHANGED], 0);
    km_callback_set_rate(&callback, 44100);
    km_callback_process(&callback, left, right, 64);
    assert_int_equal(counter.blocks, 1);
    assert_int_equal(callback.report_counts[KM_DRIVER_RATE_CHANGED], 1);
    assert_int_equal(callback.report_values[KM_DRIVER_RATE_CHANGED], 44100);
}

static void sleep_ms(long ms)
{
    const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
}

// The clock is the real one: it can only be asked whether it is not far off.
static void the_clock_tells_how_many_callbacks_there_should_be(void **state)
{
    (void)state;
    assert_int_equal(km_callback_expected(&callback, km_callback_clock_ns()), 0);
    const uint64_t before_ns = km_callback_clock_ns();
    km_callback_process(&callback, left, right, 480); // 10 ms.
    const uint64_t after_ns = km_callback_clock_ns();
    for (uint64_t i = 0; i < 50; ++i) {
        const uint64_t block_ns = 10000000;
        const uint64_t low = km_callback_expected(&callback, before_ns + i * block_ns);
        const uint64_t high = km_callback_expected(&callback, after_ns + i * block_ns);
        assert_in_range(low, i > 0 ? i : 1, i + 1);
        assert_true(high == i + 1);
    }
}

static void another_block_length_counts_on_from_where_it_was(void **state)
{
    (void)state;
    km_callback_process(&callback, left, right, 480);
    sleep_ms(25);
    km_callback_process(&callback, left, right, 480); // At least one was missed.
    const uint64_t expected = km_callback_expected(&callback, callback.last_ns);
    assert_true(expected >= 3);
    km_callback_process(&callback, left, right, 4800); // 100 ms.
    const uint64_t begin_ns = callback.last_ns;
    assert_int_equal(km_callback_expected(&callback, begin_ns), expected + 1);
    assert_int_equal(km_callback_expected(&callback, begin_ns + 100000000), expected + 2);
}

static void freewheeling_has_no_clock(void **state)
{
    (void)state;
    km_callback_process(&callback, left, right, 480);
    km_callback_set_freewheel(&callback, true);
    for (int i = 0; i < 1000; ++i) {
        km_callback_process(&callback, left, right, 480);
    }
    const uint64_t later_ns = km_callback_clock_ns() + 5000000000;
    assert_int_equal(km_callback_expected(&callback, later_ns), 1001);
    km_callback_set_freewheel(&callback, false);
    km_callback_process(&callback, left, right, 480);
    assert_int_equal(km_callback_expected(&callback, callback.last_ns), 1002);
    assert_int_equal(callback.report_counts[KM_DRIVER_FREEWHEEL], 2);
}

static void without_a_clock_nothing_is_expected(void **state)
{
    (void)state;
    callback.has_clock = false;
    km_callback_process(&callback, left, right, 480);
    assert_int_equal(km_callback_expected(&callback, km_callback_clock_ns()), 0);
}

enum { REPORTERS = 4, REPORTS = 20000 };

static void *report_many(void *context)
{
    (void)context;
    for (uint32_t i = 0; i < REPORTS; ++i) {
        km_callback_report(&callback, KM_DRIVER_XRUN, i);
    }
    return NULL;
}

static void no_report_of_several_threads_is_lost(void **state)
{
    (void)state;
    pthread_t threads[REPORTERS];
    for (int i = 0; i < REPORTERS; ++i) {
        assert_int_equal(pthread_create(&threads[i], NULL, report_many, NULL), 0);
    }
    for (int i = 0; i < REPORTERS; ++i) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(callback.report_counts[KM_DRIVER_XRUN], REPORTERS * REPORTS);
}

// A source that is slow, and notices when it is called after its end.
struct slow {
    uint32_t is_inside;
    uint32_t has_ended; // Set by the control thread when the source may be freed.
    uint32_t was_called_late;
    uint64_t calls;
};

static void process_slowly(void *context, const struct km_audio_block *block)
{
    struct slow *const slow = context;
    (void)block;
    __atomic_store_n(&slow->is_inside, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&slow->has_ended, __ATOMIC_SEQ_CST)) {
        __atomic_store_n(&slow->was_called_late, 1, __ATOMIC_SEQ_CST);
    }
    if (++slow->calls % 16 == 0) {
        sleep_ms(1);
    }
    if (__atomic_load_n(&slow->has_ended, __ATOMIC_SEQ_CST)) {
        __atomic_store_n(&slow->was_called_late, 1, __ATOMIC_SEQ_CST);
    }
    __atomic_store_n(&slow->is_inside, 0, __ATOMIC_SEQ_CST);
}

static uint32_t driver_ends;

static void *drive(void *context)
{
    (void)context;
    while (!__atomic_load_n(&driver_ends, __ATOMIC_SEQ_CST)) {
        km_callback_process(&callback, left, right, 16);
    }
    return NULL;
}

static void the_end_waits_for_the_callback_under_way(void **state)
{
    (void)state;
    km_callback_end(&callback);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, drive, NULL), 0);
    for (int i = 0; i < 100; ++i) {
        struct slow slow = {0};
        const struct km_audio_source source = {.process = process_slowly, .context = &slow};
        // As km_callback_begin, which is for a device that does not run yet.
        callback.source = source;
        __atomic_store_n(&callback.is_running, 1, __ATOMIC_SEQ_CST);
        sleep_ms(i % 3 == 0 ? 2 : 0);
        km_callback_end(&callback);
        __atomic_store_n(&slow.has_ended, 1, __ATOMIC_SEQ_CST);
        assert_false(__atomic_load_n(&slow.is_inside, __ATOMIC_SEQ_CST));
        sched_yield();
        assert_false(__atomic_load_n(&slow.was_called_late, __ATOMIC_SEQ_CST));
    }
    __atomic_store_n(&driver_ends, 1, __ATOMIC_SEQ_CST);
    pthread_join(thread, NULL);
}

static void *read_snapshots(void *context)
{
    (void)context;
    uint64_t last = 0;
    while (last < 2000) {
        const struct km_callback_snapshot now = km_callback_snapshot(&callback);
        const bool is_whole = now.callbacks >= last && now.frames == now.callbacks * 64;
        if (!is_whole) {
            return &callback;
        }
        last = now.callbacks;
        (void)km_callback_expected(&callback, km_callback_clock_ns());
        sched_yield();
    }
    return NULL;
}

static void snapshots_are_whole(void **state)
{
    (void)state;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, read_snapshots, NULL), 0);
    for (int i = 0; i < 2000; ++i) {
        km_callback_process(&callback, left, right, 64);
        if (i % 32 == 0) {
            sched_yield();
        }
    }
    void *torn = NULL;
    pthread_join(thread, &torn);
    assert_null(torn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_long_buffer_is_cut_without_a_seam, begin),
        cmocka_unit_test_setup(events_keep_their_frames_across_the_cuts, begin),
        cmocka_unit_test_setup(an_event_beyond_the_block_comes_at_its_end, begin),
        cmocka_unit_test_setup(too_many_events_are_counted_and_long_ones_left_out, begin),
        cmocka_unit_test_setup(after_the_end_there_is_silence, begin),
        cmocka_unit_test_setup(another_rate_stops_it_and_the_same_does_not, begin),
        cmocka_unit_test_setup(the_clock_tells_how_many_callbacks_there_should_be, begin),
        cmocka_unit_test_setup(another_block_length_counts_on_from_where_it_was, begin),
        cmocka_unit_test_setup(freewheeling_has_no_clock, begin),
        cmocka_unit_test_setup(without_a_clock_nothing_is_expected, begin),
        cmocka_unit_test_setup(no_report_of_several_threads_is_lost, begin),
        cmocka_unit_test_setup(the_end_waits_for_the_callback_under_way, begin),
        cmocka_unit_test_setup(snapshots_are_whole, begin),
    };
    return cmocka_run_group_tests_name("callback", tests, NULL, NULL);
}
