// SPDX-License-Identifier: MIT

// The JACK driver on a real server without hardware (jackd -d dummy), with a second client of our
// own that records, sends MIDI and turns the server's knobs.

#include "drivers/driver.h"

#include "heap/heap.h"
#include "support/cmocka.h"
#include "support/counter.h"
#include "support/jack_server.h"

#include <jack/midiport.h>
#include <string.h>

enum { SKIPPED = 77, RECORDED_MAX = 1 << 19, TEST_SECONDS_MAX = 100, NOTES = 20 };

static struct km_heap *heap;
static struct km_error error;
static struct jack_server server;
static struct km_driver *drivers[2]; // Those that are open: a test that fails leaves them.

// The second client.
static struct {
    jack_client_t *client;
    jack_port_t *left;
    jack_port_t *right;
    jack_port_t *midi;
    uint32_t notes_to_send;
    uint32_t recorded; // Atomic: how many frames.
    bool is_recording;
    float left_samples[RECORDED_MAX];
    float right_samples[RECORDED_MAX];
} other;

// The source, which waits with zeros until it may count.
static struct {
    uint32_t may_count;
    struct counter counter;
} source;

static void process_source(void *context, const struct km_audio_block *block)
{
    (void)context;
    if (__atomic_load_n(&source.may_count, __ATOMIC_ACQUIRE)) {
        counter_process(&source.counter, block);
    } else {
        memset(block->left, 0, block->frames * sizeof(float));
        memset(block->right, 0, block->frames * sizeof(float));
    }
}

static const struct km_audio_source audio_source = {.process = process_source};

// Records from the first sample on that is not zero.
static void record(jack_nframes_t frames)
{
    const float *const left = jack_port_get_buffer(other.left, frames);
    const float *const right = jack_port_get_buffer(other.right, frames);
    uint32_t at = __atomic_load_n(&other.recorded, __ATOMIC_RELAXED);
    for (jack_nframes_t i = 0; i < frames && at < RECORDED_MAX; ++i) {
        other.is_recording |= left[i] != 0.0f || right[i] != 0.0f;
        if (other.is_recording) {
            other.left_samples[at] = left[i];
            other.right_samples[at++] = right[i];
        }
    }
    __atomic_store_n(&other.recorded, at, __ATOMIC_RELEASE);
}

static int process_other(jack_nframes_t frames, void *context)
{
    (void)context;
    record(frames);
    void *const midi = jack_port_get_buffer(other.midi, frames);
    jack_midi_clear_buffer(midi);
    const uint32_t left = __atomic_load_n(&other.notes_to_send, __ATOMIC_ACQUIRE);
    if (left > 0) {
        static const unsigned char dump[KM_LIVE_MESSAGE_MAX + 10] = {0xF0};
        const unsigned char on[3] = {0x90, (unsigned char)(NOTES - left), 100};
        const unsigned char off[3] = {0x80, (unsigned char)(NOTES - left), 0};
        jack_midi_event_write(midi, 5, on, sizeof(on));
        jack_midi_event_write(midi, 9, dump, sizeof(dump)); // Too long: left out.
        jack_midi_event_write(midi, frames - 1, off, sizeof(off));
        __atomic_store_n(&other.notes_to_send, left - 1, __ATOMIC_RELEASE);
    }
    return 0;
}

static int open_other(void)
{
    other.client = jack_server_client(&server, "other");
    assert_non_null(other.client);
    const char *const audio = JACK_DEFAULT_AUDIO_TYPE;
    other.left = jack_port_register(other.client, "left", audio, JackPortIsInput, 0);
    other.right = jack_port_register(other.client, "right", audio, JackPortIsInput, 0);
    other.midi =
        jack_port_register(other.client, "midi", JACK_DEFAULT_MIDI_TYPE, JackPortIsOutput, 0);
    jack_set_process_callback(other.client, process_other, NULL);
    return jack_activate(other.client);
}

static int start_server(void **state)
{
    (void)state;
    alarm(TEST_SECONDS_MAX);
    heap = km_heap_new(NULL);
    memset(&source, 0, sizeof(source));
    other.recorded = 0;
    other.is_recording = false;
    return heap && jack_server_start(&server, "test", false) ? open_other() : -1;
}

static void close_driver(struct km_driver *driver)
{
    for (size_t i = 0; i < 2; ++i) {
        drivers[i] = drivers[i] == driver ? NULL : drivers[i];
    }
    km_driver_free(driver);
}

static int stop_server(void **state)
{
    (void)state;
    close_driver(drivers[0]);
    close_driver(drivers[1]);
    if (other.client) {
        jack_client_close(other.client);
        other.client = NULL;
    }
    jack_server_stop(&server);
    km_heap_free(heap);
    return 0;
}

static struct km_driver *opened(bool without_connections)
{
    struct km_driver *driver = NULL;
    const struct km_driver_config config = {
        .device = server.name,
        .without_start = true,
        .without_connections = without_connections,
    };
    if (km_driver_open(heap, "jack", &config, &driver, &error) != KM_OK) {
        fail_msg("%s", error.message);
    }
    drivers[drivers[0] != NULL] = driver;
    return driver;
}

static void start(struct km_driver *driver)
{
    if (km_driver_start(driver, &audio_source, &error) != KM_OK) {
        fail_msg("%s", error.message);
    }
}

// Waits for a report of this kind, for a few seconds; others are passed over.
static struct km_driver_report wait_for(struct km_driver *driver, enum km_driver_report_kind kind)
{
    struct km_driver_report report = {.kind = KM_DRIVER_REPORT_KINDS};
    for (int i = 0; i < 500; ++i) {
        while (km_driver_collect(driver, &report)) {
            if (report.kind == kind) {
                return report;
            }
        }
        wait_ms(10);
    }
    fail_msg("no report of kind %d", (int)kind);
    return report;
}

static void connect_ports(const char *from, const char *to)
{
    assert_int_equal(jack_connect(other.client, from, to), 0);
}

static void callbacks_come_by_the_clock_or_the_miss_is_reported(void **state)
{
    (void)state;
    struct km_driver *const driver = opened(false);
    source.may_count = 1;
    start(driver);
    wait_ms(1500);
    const struct km_driver_status now = km_driver_status(driver);
    km_driver_stop(driver);
    assert_string_equal(now.name, "jack");
    assert_int_equal(now.rate_hz, 48000);
    assert_int_equal(now.block_frames, 128);
    assert_in_range(now.expected_callbacks, 375, 2000); // 1,500 ms are 562.
    assert_in_range(now.callbacks, 1, now.expected_callbacks + 1);
    assert_int_equal(now.frames, now.callbacks * 128);
    if (now.callbacks + 2 < now.expected_callbacks) {
        assert_true(now.xruns > 0);
    }
    assert_true(now.load_max > 0.0f && now.load >= 0.0f);
    const uint64_t frames = source.counter.frame;
    wait_ms(50);
    assert_int_equal(source.counter.frame, frames); // It is not called after the stop.
    close_driver(driver);
}

// JACK shows a connection some blocks after it was made. There must be no other.
static bool is_soon_connected(const char *from, const char *to)
{
    jack_port_t *const port = jack_port_by_name(other.client, from);
    const char **ports = NULL;
    for (int i = 0; i < 200 && port && !ports; ++i) {
        wait_ms(10);
        ports = jack_port_get_all_connections(other.client, port);
    }
    const bool is_connected = ports && strcmp(ports[0], to) == 0 && !ports[1];
    jack_free(ports);
    return is_connected;
}

static void outputs_are_connected_and_inputs_found(void **state)
{
    (void)state;
    struct km_driver *const driver = opened(false);
    start(driver);
    assert_true(is_soon_connected("kmidi:out_left", "system:playback_1"));
    assert_true(is_soon_connected("kmidi:out_right", "system:playback_2"));
    assert_non_null(jack_port_by_name(other.client, "kmidi:midi_in"));
    close_driver(driver);

    struct km_driver *const alone = opened(true);
    start(alone);
    assert_false(jack_port_connected(jack_port_by_name(other.client, "kmidi:out_left")));
    close_driver(alone);
}

static void freewheel_gives_the_samples_of_the_null_driver(void **state)
{
    (void)state;
    static float left[RECORDED_MAX];
    static float right[RECORDED_MAX];
    struct km_driver *const driver = opened(true);
    start(driver);
    connect_ports("kmidi:out_left", "other:left");
    connect_ports("kmidi:out_right", "other:right");
    assert_int_equal(jack_set_freewheel(other.client, 1), 0);
    assert_int_equal(wait_for(driver, KM_DRIVER_FREEWHEEL).value, 1);
    __atomic_store_n(&source.may_count, 1, __ATOMIC_RELEASE);
    for (int i = 0; i < 1500; ++i) {
        if (__atomic_load_n(&other.recorded, __ATOMIC_ACQUIRE) == RECORDED_MAX) {
            break;
        }
        wait_ms(20);
    }
    assert_int_equal(jack_set_freewheel(other.client, 0), 0);
    assert_int_equal(wait_for(driver, KM_DRIVER_FREEWHEEL).value, 0);
    assert_int_equal(other.recorded, RECORDED_MAX);
    const struct km_driver_status now = km_driver_status(driver);
    assert_true(now.callbacks <= now.expected_callbacks + 1);
    close_driver(driver);

    source.counter = (struct counter){0};
    struct km_driver *null = NULL;
    const struct km_driver_config config = {.block_frames = 61};
    assert_int_equal(km_driver_open(heap, "null", &config, &null, &error), KM_OK);
    start(null);
    km_driver_advance(null, RECORDED_MAX, left, right);
    km_driver_free(null);
    assert_memory_equal(left, other.left_samples, sizeof(left));
    assert_memory_equal(right, other.right_samples, sizeof(right));
}

// In freewheel: by the clock a busy machine misses blocks, and what was sent in them.
static void midi_arrives_at_its_frame(void **state)
{
    (void)state;
    struct km_driver *const driver = opened(true);
    source.may_count = 1;
    start(driver);
    connect_ports("other:midi", "kmidi:midi_in");
    assert_true(is_soon_connected("kmidi:midi_in", "other:midi"));
    assert_int_equal(jack_set_freewheel(other.client, 1), 0);
    (void)wait_for(driver, KM_DRIVER_FREEWHEEL);
    __atomic_store_n(&other.notes_to_send, NOTES, __ATOMIC_RELEASE);
    for (int i = 0; i < 100 && __atomic_load_n(&other.notes_to_send, __ATOMIC_ACQUIRE) > 0; ++i) {
        wait_ms(20);
    }
    wait_ms(50);
    assert_int_equal(jack_set_freewheel(other.client, 0), 0);
    km_driver_stop(driver);
    assert_int_equal(source.counter.event_count, 2 * NOTES);
    for (size_t i = 0; i < NOTES; ++i) {
        assert_int_equal(source.counter.events[2 * i].frame % 128, 5);
        assert_int_equal(source.counter.events[2 * i].size, 3);
        assert_int_equal(source.counter.events[2 * i].bytes[0], 0x90);
        assert_int_equal(source.counter.events[2 * i].bytes[1], i);
        assert_int_equal(source.counter.events[2 * i + 1].frame % 128, 127);
        assert_int_equal(source.counter.events[2 * i + 1].bytes[0], 0x80);
    }
    close_driver(driver);
}

static void another_block_length_is_reported_and_it_goes_on(void **state)
{
    (void)state;
    struct km_driver *const driver = opened(false);
    source.may_count = 1;
    start(driver);
    wait_ms(100);
    assert_int_equal(jack_set_buffer_size(other.client, 1024), 0);
    const struct km_driver_report report = wait_for(driver, KM_DRIVER_BLOCK_CHANGED);
    assert_int_equal(report.value, 1024);
    assert_non_null(strstr(report.text, "1024 frames"));
    const uint64_t before = km_driver_status(driver).callbacks;
    wait_ms(500);
    const struct km_driver_status now = km_driver_status(driver);
    assert_true(now.callbacks > before);
    assert_int_equal(now.block_frames, 1024);
    assert_in_range(now.callbacks, 1, now.expected_callbacks + 1);
    km_driver_stop(driver);
    assert_int_equal(source.counter.frame, km_driver_status(driver).frames); // None was lost.
    assert_int_equal(source.counter.frames_max, 1024);
    close_driver(driver);
}

static void a_server_that_dies_is_survived(void **state)
{
    (void)state;
    struct km_driver *const driver = opened(false);
    source.may_count = 1;
    start(driver);
    wait_ms(100);
    jack_client_close(other.client);
    other.client = NULL;
    jack_server_kill(&server);
    const struct km_driver_report report = wait_for(driver, KM_DRIVER_GONE);
    assert_non_null(strstr(report.text, "nothing plays any more: "));
    (void)km_driver_status(driver);
    km_driver_stop(driver);
    assert_int_not_equal(km_driver_start(driver, &audio_source, &error), KM_OK);
    close_driver(driver);
}

static void a_server_that_ends_is_survived_too(void **state)
{
    (void)state;
    struct km_driver *const driver = opened(false);
    start(driver);
    wait_ms(100);
    jack_client_close(other.client);
    other.client = NULL;
    kill(server.process, SIGTERM);
    assert_int_equal(wait_for(driver, KM_DRIVER_GONE).count, 1);
    close_driver(driver); // Without a stop.
}

static void two_drivers_play_side_by_side(void **state)
{
    (void)state;
    struct km_driver *const one = opened(true);
    struct km_driver *const two = opened(true);
    source.may_count = 1;
    start(one);
    wait_ms(50);
    close_driver(one);
    const uint64_t frames = source.counter.frame;
    start(two);
    wait_ms(100);
    assert_true(km_driver_status(two).frames > 0);
    km_driver_stop(two);
    assert_true(source.counter.frame > frames);
    close_driver(two);
}

static void a_missing_priority_is_said_once(void **state)
{
    (void)state;
    struct km_driver *const driver = opened(false);
    start(driver);
    const struct km_driver_report report = wait_for(driver, KM_DRIVER_NOT_REALTIME);
    assert_non_null(strstr(report.text, "jackd -R"));
    assert_false(km_driver_status(driver).is_realtime);
    struct km_driver_report next;
    for (int i = 0; i < 5; ++i) {
        wait_ms(20);
        while (km_driver_collect(driver, &next)) {
            assert_int_not_equal(next.kind, KM_DRIVER_NOT_REALTIME);
        }
    }
    close_driver(driver);
}

// Not every machine lets jackd have it: then there is nothing to see.
static void the_priority_that_jack_gives_is_shown(void **state)
{
    (void)state;
    struct jack_server realtime;
    jack_client_close(other.client); // libjack knows one server at a time in a process.
    other.client = NULL;
    if (!jack_server_start(&realtime, "realtime", true)) {
        print_message("no real-time priority here: skipped\n");
        return;
    }
    struct km_driver *driver = NULL;
    const struct km_driver_config config = {.device = realtime.name, .without_start = true};
    assert_int_equal(km_driver_open(heap, "jack", &config, &driver, &error), KM_OK);
    drivers[0] = driver;
    start(driver);
    wait_ms(100);
    const struct km_driver_status now = km_driver_status(driver);
    if (now.is_realtime) {
        assert_in_range(now.priority, 1, 20);
    } else {
        print_message("jackd has no real-time priority here\n");
        (void)wait_for(driver, KM_DRIVER_NOT_REALTIME);
    }
    close_driver(driver);
    jack_server_stop(&realtime);
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void without_a_server_it_says_so_at_once_and_quietly(void **state)
{
    (void)state;
    const int errors = dup(STDERR_FILENO);
    FILE *const said = tmpfile();
    assert_non_null(said);
    dup2(fileno(said), STDERR_FILENO);
    struct km_driver *driver = NULL;
    const struct km_driver_config config = {.device = "kmidi-no-such-server",
                                            .without_start = true};
    const double began = seconds_now();
    const enum km_status status = km_driver_open(heap, "jack", &config, &driver, &error);
    const double took = seconds_now() - began;
    dup2(errors, STDERR_FILENO);
    close(errors);
    assert_int_equal(status, KM_ERROR_NOT_FOUND);
    assert_non_null(strstr(error.message, "no JACK server kmidi-no-such-server is running"));
    assert_int_equal(lseek(fileno(said), 0, SEEK_END), 0);
    fclose(said);
    print_message("%.1f ms\n", took * 1e3);
    assert_true(took < 1.0); // Some milliseconds; the machine may be busy.
}

int main(void)
{
    if (!jack_server_start(&server, "first", false)) {
        puts("skipped: jackd (package jackd2) does not run here");
        return SKIPPED;
    }
    jack_server_stop(&server);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(callbacks_come_by_the_clock_or_the_miss_is_reported,
                                        start_server, stop_server),
        cmocka_unit_test_setup_teardown(outputs_are_connected_and_inputs_found, start_server,
                                        stop_server),
        cmocka_unit_test_setup_teardown(freewheel_gives_the_samples_of_the_null_driver,
                                        start_server, stop_server),
        cmocka_unit_test_setup_teardown(midi_arrives_at_its_frame, start_server, stop_server),
        cmocka_unit_test_setup_teardown(another_block_length_is_reported_and_it_goes_on,
                                        start_server, stop_server),
        cmocka_unit_test_setup_teardown(a_server_that_dies_is_survived, start_server, stop_server),
        cmocka_unit_test_setup_teardown(a_server_that_ends_is_survived_too, start_server,
                                        stop_server),
        cmocka_unit_test_setup_teardown(two_drivers_play_side_by_side, start_server, stop_server),
        cmocka_unit_test_setup_teardown(a_missing_priority_is_said_once, start_server, stop_server),
        cmocka_unit_test_setup_teardown(the_priority_that_jack_gives_is_shown, start_server,
                                        stop_server),
        cmocka_unit_test_setup_teardown(without_a_server_it_says_so_at_once_and_quietly,
                                        start_server, stop_server),
    };
    return cmocka_run_group_tests_name("JACK driver", tests, NULL, NULL);
}
