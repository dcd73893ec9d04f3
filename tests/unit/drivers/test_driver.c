// SPDX-License-Identifier: MIT

// The drivers that need no sound server: null, clock and file; and what is common to all.

#include "drivers/driver.h"

#include "heap/heap.h"
#include "support/cmocka.h"
#include "support/counter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct km_heap *heap;
static struct km_error error;
static struct counter counter;

static int make_heap(void **state)
{
    (void)state;
    heap = km_heap_new(NULL);
    counter = (struct counter){0};
    error = (struct km_error){0};
    return heap ? 0 : -1;
}

static int free_heap(void **state)
{
    (void)state;
    km_heap_free(heap);
    return 0;
}

static struct km_driver *opened(const char *name, const struct km_driver_config *config)
{
    struct km_driver *driver = NULL;
    if (km_driver_open(heap, name, config, &driver, &error) != KM_OK) {
        fail_msg("%s", error.message);
    }
    return driver;
}

static void start(struct km_driver *driver)
{
    const struct km_audio_source source = counter_source(&counter);
    assert_int_equal(km_driver_start(driver, &source, &error), KM_OK);
}

static void the_null_driver_plays_as_far_as_it_is_turned(void **state)
{
    (void)state;
    enum { FRAMES = 1000 };
    float left[FRAMES];
    float right[FRAMES];
    struct km_driver *const driver =
        opened("null", &(struct km_driver_config){.rate_hz = 96000, .block_frames = 61});
    start(driver);
    km_driver_advance(driver, 300, left, right);
    km_driver_advance(driver, FRAMES - 300, left + 300, NULL);
    for (int i = 0; i < FRAMES; ++i) {
        assert_true(left[i] == counter_sample((uint64_t)i));
    }
    assert_true(right[299] == -counter_sample(299));
    assert_int_equal(counter.frames_max, 61);
    const struct km_driver_status now = km_driver_status(driver);
    assert_string_equal(now.name, "null");
    assert_int_equal(now.rate_hz, 96000);
    assert_int_equal(now.block_frames, 61);
    assert_int_equal(now.frames, FRAMES);
    assert_int_equal(now.callbacks, counter.blocks);
    assert_int_equal(now.expected_callbacks, 0);
    struct km_driver_report report;
    assert_false(km_driver_collect(driver, &report));
    km_driver_free(driver);
}

static void a_stopped_driver_is_silent_and_starts_again(void **state)
{
    (void)state;
    float left[64] = {1.0f};
    struct km_driver *const driver = opened("null", &(struct km_driver_config){0});
    start(driver);
    km_driver_advance(driver, 64, left, NULL);
    km_driver_stop(driver);
    km_driver_stop(driver); // Twice does no harm.
    km_driver_advance(driver, 64, left, NULL);
    assert_true(left[0] == 0.0f && left[63] == 0.0f);
    assert_int_equal(counter.frame, 64);
    start(driver);
    km_driver_advance(driver, 64, left, NULL);
    assert_true(left[0] == counter_sample(64));
    assert_int_equal(km_driver_status(driver).frames, 64); // Since the start.
    km_driver_free(driver);
}

static void no_block_length_changes_what_is_played(void **state)
{
    (void)state;
    static float left[20000];
    static const uint32_t lengths[] = {1, 16, 61, 64, 1024, KM_BLOCK_FRAMES_MAX};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); ++i) {
        counter = (struct counter){0};
        struct km_driver *const driver =
            opened("null", &(struct km_driver_config){.block_frames = lengths[i]});
        start(driver);
        km_driver_advance(driver, 20000, left, NULL);
        for (uint64_t frame = 0; frame < 20000; ++frame) {
            assert_true(left[frame] == counter_sample(frame));
        }
        km_driver_free(driver);
    }
}

static void expect_refusal(const char *name, const struct km_driver_config *config,
                           enum km_status status, const char *said)
{
    struct km_driver *driver = NULL;
    assert_int_equal(km_driver_open(heap, name, config, &driver, &error), status);
    assert_null(driver);
    if (!strstr(error.message, said)) {
        fail_msg("'%s' does not say '%s'", error.message, said);
    }
}

static void what_cannot_be_opened_is_told(void **state)
{
    (void)state;
    const struct km_driver_config plain = {0};
    expect_refusal("jakc", &plain, KM_ERROR_INVALID, "'jakc': expected auto or one of jack");
    expect_refusal("", &plain, KM_ERROR_INVALID, "no driver");
    expect_refusal("a-name-that-is-longer-than-any-of-ours:device", &plain, KM_ERROR_INVALID,
                   "no driver");
    expect_refusal("null", &(struct km_driver_config){.rate_hz = 8000}, KM_ERROR_RANGE,
                   "expected 44100 to 192000");
    expect_refusal("null", &(struct km_driver_config){.block_frames = 8193}, KM_ERROR_RANGE,
                   "expected 16 to 8192");
    expect_refusal("file", &plain, KM_ERROR_INVALID, "file:X.wav");
    expect_refusal("file:song.mp3", &plain, KM_ERROR_UNSUPPORTED, ".wav, .flac or .ogg");
}

static void the_names_are_listed(void **state)
{
    (void)state;
    const char *const *const names = km_driver_names();
    assert_string_equal(names[0], "jack");
    assert_string_equal(names[1], "portaudio");
    int count = 0;
    while (names[count]) {
        ++count;
    }
    assert_int_equal(count, 5);
}

static void a_missing_module_names_its_package(void **state)
{
    (void)state;
    setenv("KMIDI_MODULES", "/nowhere", 1);
    const struct km_driver_config plain = {0};
    expect_refusal("jack", &plain, KM_ERROR_NOT_FOUND,
                   "JACK needs kmidi-jack.so, which is not in /nowhere");
    expect_refusal("jack", &plain, KM_ERROR_NOT_FOUND, "libjack-jackd2-dev");
    expect_refusal("auto", &plain, KM_ERROR_NOT_FOUND, "portaudio: PortAudio needs");
    unsetenv("KMIDI_MODULES");
}

static void memory_that_fails_leaves_nothing(void **state)
{
    (void)state;
    static const char *const names[] = {"null", "clock", "file:/tmp/kmidi-test-driver.wav"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); ++i) {
        enum km_status status = KM_ERROR_NO_MEMORY;
        int failures = 0;
        for (uint64_t request = 1; status != KM_OK; ++request) {
            assert_true(request < 10);
            struct km_driver *driver = NULL;
            km_heap_fail_at(heap, request);
            status = km_driver_open(heap, names[i], &(struct km_driver_config){0}, &driver, &error);
            km_heap_fail_at(heap, 0);
            assert_true(status == KM_OK || status == KM_ERROR_NO_MEMORY);
            failures += status != KM_OK;
            km_driver_free(driver);
        }
        assert_int_equal(failures, i < 2 ? 2 : 3);
    }
    assert_int_equal(access("/tmp/kmidi-test-driver.wav", F_OK), -1); // Nothing was played.
}

static void the_clock_plays_in_real_time(void **state)
{
    (void)state;
    struct km_driver *const driver =
        opened("clock", &(struct km_driver_config){.block_frames = 480, .priority = 10});
    start(driver);
    const struct timespec pause = {.tv_nsec = 300000000};
    nanosleep(&pause, NULL);
    km_driver_stop(driver);
    const struct km_driver_status now = km_driver_status(driver);
    const uint64_t frames = counter.frame;
    // 300 ms are 30 callbacks. On a busy machine some come late, and are then reported.
    assert_in_range(now.expected_callbacks, 10, 10000);
    assert_in_range(now.callbacks, 1, now.expected_callbacks + 1);
    assert_int_equal(now.frames, frames);
    assert_int_equal(now.frames, now.callbacks * 480);
    assert_true(now.callbacks + 2 >= now.expected_callbacks || now.xruns > 0);
    assert_true(now.is_realtime ? now.priority == 10 : now.priority == 0);
    bool was_told = false;
    struct km_driver_report report;
    while (km_driver_collect(driver, &report)) {
        was_told |= report.kind == KM_DRIVER_NOT_REALTIME;
    }
    assert_true(was_told != now.is_realtime);
    assert_true(now.load_max > 0.0f);
    assert_true(km_driver_status(driver).load_max == 0.0f); // Since the last call.
    km_driver_free(driver);
    assert_int_equal(counter.frame, frames);
}

static void the_file_holds_what_was_played(void **state)
{
    (void)state;
    static const char path[] = "/tmp/kmidi-test-driver.wav";
    unlink(path);
    struct km_driver *const driver =
        opened("file:/tmp/kmidi-test-driver.wav", &(struct km_driver_config){.block_frames = 77});
    start(driver);
    km_driver_advance(driver, 500, NULL, NULL);
    km_driver_advance(driver, 500, NULL, NULL);
    assert_int_equal(access(path, F_OK), -1); // Whole, or not at all.
    km_driver_stop(driver);
    assert_int_equal(
        km_driver_start(driver, &(struct km_audio_source){counter_process, &counter}, &error),
        KM_ERROR_INVALID);
    km_driver_free(driver);
    FILE *const file = fopen(path, "rb");
    assert_non_null(file);
    float frames[1000][2];
    assert_int_equal(fseek(file, -(long)sizeof(frames), SEEK_END), 0);
    assert_int_equal(fread(frames, sizeof(frames[0]), 1000, file), 1000);
    for (uint64_t i = 0; i < 1000; ++i) {
        assert_true(frames[i][0] == counter_sample(i) && frames[i][1] == -counter_sample(i));
    }
    fclose(file);
    unlink(path);
}

static void a_full_disk_is_reported(void **state)
{
    (void)state;
    static const char path[] = "/tmp/kmidi-test-full.wav";
    unlink(path);
    assert_int_equal(symlink("/dev/full", path), 0);
    struct km_driver *const driver =
        opened("file:/tmp/kmidi-test-full.wav", &(struct km_driver_config){0});
    start(driver);
    struct km_driver_report report;
    km_driver_advance(driver, 20000, NULL, NULL);
    assert_true(km_driver_collect(driver, &report));
    assert_int_equal(report.kind, KM_DRIVER_GONE);
    assert_non_null(strstr(report.text, "no space left"));
    km_driver_advance(driver, 20000, NULL, NULL);
    assert_false(km_driver_collect(driver, &report)); // Once is enough.
    km_driver_stop(driver);
    assert_false(km_driver_collect(driver, &report));
    km_driver_free(driver);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_null_driver_plays_as_far_as_it_is_turned, make_heap,
                                        free_heap),
        cmocka_unit_test_setup_teardown(a_stopped_driver_is_silent_and_starts_again, make_heap,
                                        free_heap),
        cmocka_unit_test_setup_teardown(no_block_length_changes_what_is_played, make_heap,
                                        free_heap),
        cmocka_unit_test_setup_teardown(what_cannot_be_opened_is_told, make_heap, free_heap),
        cmocka_unit_test_setup_teardown(the_names_are_listed, make_heap, free_heap),
        cmocka_unit_test_setup_teardown(a_missing_module_names_its_package, make_heap, free_heap),
        cmocka_unit_test_setup_teardown(memory_that_fails_leaves_nothing, make_heap, free_heap),
        cmocka_unit_test_setup_teardown(the_clock_plays_in_real_time, make_heap, free_heap),
        cmocka_unit_test_setup_teardown(the_file_holds_what_was_played, make_heap, free_heap),
        cmocka_unit_test_setup_teardown(a_full_disk_is_reported, make_heap, free_heap),
    };
    return cmocka_run_group_tests_name("driver", tests, NULL, NULL);
}
