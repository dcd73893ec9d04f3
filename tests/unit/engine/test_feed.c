// SPDX-License-Identifier: MIT

// MIDI files cut into chunks.

#include "engine/feed.h"

#include "base/input.h"
#include "base/random.h"
#include "midi/merged.h"
#include "unit/engine/feed_rig.h"

#include <math.h>

static void start(struct feed_rig *rig)
{
    feed_rig_init(rig, RIG_POOL, 64);
}

static void bars_are_cut_where_signatures_say(void **state)
{
    (void)state;
    struct feed_rig rig;
    start(&rig);
    rig_put_note(&rig, 0, 0, 60, 100);
    rig_put_meter(&rig, RIG_BAR, 3, 2);           // Bar 1: 3/4, 1440 ticks.
    rig_put_meter(&rig, RIG_BAR + 1440, 6, 3);    // Bar 2: 6/8, 1440 ticks.
    rig_put_meter(&rig, RIG_BAR + 2980ULL, 4, 2); // Bar 3 is cut after 100 ticks.
    rig_put_note(&rig, RIG_BAR + 2980ULL, 0, 62, 50);
    rig_put_end(&rig, RIG_BAR + 2980ULL + RIG_BAR + 7);
    rig_begin(&rig);
    rig_look_at_all(&rig, RIG_SENT_MAX);
    static const uint64_t ends[] = {1920, 3360, 4800, 4900, 6820, 6827};
    static const uint16_t beats[] = {4, 3, 6, 6, 4, 4};
    assert_int_equal(rig_chunks(&rig), 6);
    uint64_t tick = 0;
    for (uint32_t i = 0; i < 6; ++i) {
        const struct km_chunk *const chunk = rig_chunk(&rig, i);
        assert_int_equal(chunk->bar, i);
        assert_int_equal(chunk->epoch, 1);
        assert_true(chunk->begins_bar && chunk->ends_bar);
        assert_true(chunk->jumps == (i == 0) && chunk->resets == (i == 0));
        assert_true(chunk->ends_music == (i == 5));
        assert_int_equal(chunk->start_tick, tick);
        assert_int_equal(chunk->end_tick, ends[i]);
        assert_int_equal(chunk->beats_per_bar, beats[i]);
        assert_int_equal(chunk->division, RIG_DIVISION);
        assert_int_equal(chunk->tempo, 500000);
        assert_true(fabs(chunk->start_seconds - (double)tick / 960.0) < 1e-9);
        tick = ends[i];
    }
    feed_rig_release(&rig);
}

static void tempo_goes_on_into_the_next_chunk(void **state)
{
    (void)state;
    struct feed_rig rig;
    start(&rig);
    rig_put(&rig, (struct km_event){.tick = 960, .type = KM_EVENT_TEMPO, .detail = 250000});
    rig_put(&rig, (struct km_event){
                      .tick = RIG_BAR, .type = KM_EVENT_TEMPO, .detail = 333333, .value = 33});
    rig_put_note(&rig, 3ULL * RIG_BAR, 0, 60, 10);
    rig_begin(&rig);
    rig_look_at_all(&rig, RIG_SENT_MAX);
    const struct km_chunk *const second = rig_chunk(&rig, 1);
    assert_int_equal(rig_chunk(&rig, 0)->events[0].type, KM_EVENT_TEMPO);
    assert_int_equal(second->tempo, 250000); // Until its first event.
    assert_int_equal(second->events[0].detail, 333333);
    assert_true(fabs(second->start_seconds - 1.5) < 1e-9);
    const struct km_chunk *const third = rig_chunk(&rig, 2);
    assert_int_equal(third->tempo, 333333);
    assert_int_equal(third->events[0].type, KM_EVENT_TEMPO); // The hundredths.
    assert_int_equal(third->events[0].detail, 333333);
    assert_int_equal(third->events[0].value, 33);
    assert_true(fabs(third->start_seconds - (1.5 + 4 * .33333333)) < 1e-7);
    feed_rig_release(&rig);
}

static void smpte_bars_are_seconds(void **state)
{
    (void)state;
    struct feed_rig rig;
    start(&rig);
    rig.file.division = (uint16_t)(0x8000U | (256U - 29U) << 8 | 100U); // 29.97, drop frame.
    rig_put(&rig, (struct km_event){.tick = 5, .type = KM_EVENT_TEMPO, .detail = 250000});
    rig_put_meter(&rig, 10, 3, 2);
    rig_put_note(&rig, 3000, 0, 60, 10);
    rig_begin(&rig);
    rig_look_at_all(&rig, RIG_SENT_MAX);
    const struct km_chunk *const first = rig_chunk(&rig, 0);
    assert_int_equal(first->division, 3000);
    assert_int_equal(first->tempo, 1001000);
    assert_int_equal(first->end_tick, 3000);
    assert_int_equal(first->event_count, 0);
    assert_true(fabs(rig_chunk(&rig, 1)->start_seconds - 1.001) < 1e-12);
    feed_rig_release(&rig);
}

static void dense_bars_are_several_chunks(void **state)
{
    (void)state;
    struct feed_rig rig;
    start(&rig);
    for (uint32_t i = 0; i < 1900; ++i) {
        rig_put_control(&rig, i, 0, 1, (uint8_t)(i % 128));
    }
    rig_put_end(&rig, 2ULL * RIG_BAR);
    rig_begin(&rig);
    rig_look_at_all(&rig, RIG_SENT_MAX);
    assert_int_equal(rig_chunks(&rig), 6); // 500, 500, 500, 400; an empty bar; the end.
    uint32_t seen = 0;
    for (uint32_t i = 0; i < 4; ++i) {
        const struct km_chunk *const chunk = rig_chunk(&rig, i);
        assert_int_equal(chunk->bar, 0);
        assert_true(chunk->begins_bar == (i == 0));
        assert_true(chunk->ends_bar == (i == 3));
        assert_int_equal(chunk->start_tick, seen);
        for (uint32_t j = 0; j < chunk->event_count; ++j) {
            assert_int_equal(chunk->events[j].tick, seen++);
        }
        assert_int_equal(chunk->end_tick, i == 3 ? RIG_BAR : seen);
    }
    assert_int_equal(seen, 1900);
    feed_rig_release(&rig);
}

static void very_short_bars_go_together(void **state)
{
    (void)state;
    struct feed_rig rig;
    start(&rig);
    rig_put_meter(&rig, 0, 1, 6); // A sixty-fourth: 30 ticks, 31 ms.
    for (uint32_t i = 0; i < 100; ++i) {
        rig_put_control(&rig, i * 30ULL, 0, 1, (uint8_t)i);
    }
    rig_begin(&rig);
    rig_look_at_all(&rig, RIG_SENT_MAX);
    assert_int_equal(rig_chunks(&rig), 25);
    for (uint32_t i = 0; i < 24; ++i) {
        assert_int_equal(rig_chunk(&rig, i)->bar, 4 * i);
        assert_int_equal(rig_chunk(&rig, i)->event_count, 4);
    }
    feed_rig_release(&rig);
}

static void what_no_synth_hears_is_left_out(void **state)
{
    (void)state;
    struct feed_rig rig;
    start(&rig);
    static const unsigned char gm_on[] = {0x7E, 0x7F, 9, 1, 0xF7};
    static const unsigned char dump[200] = {0x7D};
    assert_int_equal(km_midi_file_add_text(&rig.file, 0, 0, KM_META_LYRIC, "la"), KM_OK);
    rig_put(&rig, (struct km_event){.tick = 1, .type = KM_EVENT_KEY_SIGNATURE});
    rig_put_sysex(&rig, 2, dump, sizeof(dump));
    rig_put_sysex(&rig, 3, gm_on, sizeof(gm_on));
    rig_put_note(&rig, 4, 0, 60, 1);
    rig_begin(&rig);
    rig_look_at_all(&rig, RIG_SENT_MAX);
    const struct km_chunk *const chunk = rig_chunk(&rig, 0);
    assert_int_equal(chunk->event_count, 3);
    assert_int_equal(chunk->events[0].type, KM_EVENT_SYSEX);
    assert_int_equal(chunk->events[0].number, KM_SYSEX_GM_ON);
    assert_int_equal(chunk->events[0].tick, 3);
    assert_int_equal(chunk->events[1].type, KM_EVENT_NOTE_ON);
    feed_rig_release(&rig);
}

static void one_message_may_be_many_events(void **state)
{
    (void)state;
    struct feed_rig rig;
    start(&rig);
    unsigned char tuning[] = {0x7F, 0x7F, 8, 8, 3, 0x7F, 0x7F, 0,  1,  2,
                              3,    4,    5, 6, 7, 8,    9,    10, 11, 0xF7};
    rig_put_sysex(&rig, 3, tuning, sizeof(tuning)); // Of all channels.
    rig_put_note(&rig, 4, 0, 60, 1);
    rig_begin(&rig);
    rig_look_at_all(&rig, RIG_SENT_MAX);
    const struct km_chunk *const chunk = rig_chunk(&rig, 0);
    assert_int_equal(chunk->event_count, 192 + 2);
    assert_int_equal(chunk->events[191].number, KM_SYSEX_SCALE_TUNING);
    assert_int_equal(chunk->events[191].channel, 15);
    assert_int_equal(chunk->events[191].value, 11);
    assert_int_equal(chunk->events[191].tick, 3);
    feed_rig_release(&rig);
}

static void an_empty_file_ends(void **state)
{
    (void)state;
    struct feed_rig rig;
    start(&rig);
    rig_begin(&rig);
    rig_look_at_all(&rig, 10);
    assert_int_equal(rig_chunks(&rig), 1);
    assert_true(rig_chunk(&rig, 0)->ends_music);
    assert_true(rig_pump(&rig));
    feed_rig_release(&rig);
}

static void divisions_without_length_are_refused(void **state)
{
    (void)state;
    struct feed_rig rig;
    start(&rig);
    rig_begin(&rig);
    const struct km_feed_config config = {.source = {.division = 0}};
    struct km_feed *feed = NULL;
    struct km_feed_scan scan;
    struct km_error error = {0};
    assert_int_equal(km_feed_new(rig.heap, &config, &feed, &error), KM_ERROR_INVALID);
    assert_null(feed);
    assert_int_equal(km_feed_scan(&config.source, &scan, &error), KM_ERROR_INVALID);
    assert_non_null(strstr(error.message, "no length"));
    feed_rig_release(&rig);
}

static void a_scan_tells_what_is_needed(void **state)
{
    (void)state;
    struct feed_rig rig;
    start(&rig);
    static const unsigned char gs_drums[] = {0x41, 0x10, 0x42, 0x12, 0x40,
                                             0x13, 0x15, 1,    0x18, 0xF7}; // The third channel.
    rig_put_note(&rig, 0, 0, 60, 10);
    rig_put_note(&rig, 10, 9, 36, 10);
    rig_put_control(&rig, 20, 0, 0, 5);
    rig_put_note(&rig, 30, 0, 60, 10); // The bank counts from the next program on.
    rig_put_program(&rig, 50, 0, 3);
    rig_put_note(&rig, 60, 0, 60, 10);
    rig_put_note(&rig, 60, 0, 64, 10);
    rig_put_program(&rig, 100, 1, 7); // Without a note.
    rig_put_sysex(&rig, 110, gs_drums, sizeof(gs_drums));
    rig_put_program(&rig, 111, 2, 8);
    rig_put(&rig, (struct km_event){.tick = 960, .type = KM_EVENT_TEMPO, .detail = 250000});
    rig_put_note(&rig, 1000, 2, 40, 10);
    rig_put_end(&rig, RIG_BAR + 1);
    rig_begin(&rig);
    struct km_feed_scan scan;
    const struct km_feed_source source = km_feed_source_file(rig.music);
    assert_int_equal(km_feed_scan(&source, &scan, NULL), KM_OK);
    assert_int_equal(scan.notes, 6);
    assert_int_equal(scan.bars, 2);
    assert_true(fabs(scan.seconds - (1.0 + 961 / 1920.0)) < 1e-9);
    static const uint16_t pairs[][2] = {{0, 0}, {128, 0}, {5, 3}, {128, 8}};
    assert_int_equal(scan.pair_count, 4);
    assert_memory_equal(scan.pairs, pairs, sizeof(pairs));
    rig_look_at_all(&rig, 100); // The source is at its beginning again.
    assert_int_equal(rig_chunks(&rig), 2);
    feed_rig_release(&rig);
}

// A file of some tracks with all kinds of events; each track ends.
static void fill_randomly(struct feed_rig *rig, struct km_random *random)
{
    for (size_t track = 0; track < 5; ++track) {
        if (track > 0) {
            assert_int_equal(km_midi_file_add_track(&rig->file), KM_OK);
        }
        uint64_t tick = 0;
        for (uint32_t i = 0; i < 400; ++i) {
            tick += km_random_below(random, 4) * 60ULL;
            struct km_event event = {.tick = tick,
                                     .channel = (uint8_t)km_random_below(random, 16),
                                     .number = (uint8_t)km_random_below(random, 120),
                                     .value = (uint8_t)(1 + km_random_below(random, 127))};
            static const uint8_t types[] = {KM_EVENT_NOTE_ON, KM_EVENT_NOTE_OFF, KM_EVENT_CONTROL,
                                            KM_EVENT_TEMPO, KM_EVENT_SYSEX};
            event.type = types[km_random_below(random, 5)];
            if (event.type == KM_EVENT_TEMPO) {
                event = (struct km_event){.tick = tick,
                                          .type = KM_EVENT_TEMPO,
                                          .detail = 1 + km_random_below(random, 1000000)};
            }
            if (event.type == KM_EVENT_SYSEX) {
                const unsigned char bytes[] = {0x7F, 0x7F, 4, 1, 0, event.value, 0xF7};
                event = (struct km_event){.tick = tick, .type = KM_EVENT_SYSEX, .number = 0xF0};
                assert_int_equal(
                    km_midi_file_add_payload(&rig->file, bytes, sizeof(bytes), &event.detail),
                    KM_OK);
            }
            assert_int_equal(km_midi_file_add(&rig->file, track, event), KM_OK);
        }
        assert_int_equal(
            km_midi_file_add(&rig->file, track,
                             (struct km_event){.tick = tick, .type = KM_EVENT_END_OF_TRACK}),
            KM_OK);
    }
}

static void write_file(const struct km_midi_file *file, char *path)
{
    static unsigned char bytes[1 << 16];
    struct km_sink_memory memory = {.bytes = bytes, .size = sizeof(bytes)};
    struct km_sink sink = km_sink_to_memory(&memory);
    assert_int_equal(km_midi_file_write(file, &sink, NULL), KM_OK);
    const int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, bytes, memory.used), memory.used);
    assert_int_equal(close(descriptor), 0);
}

static void expect_same_events(const struct km_feed_source *a, const struct km_feed_source *b)
{
    struct km_midi_merged_event from_a[100];
    struct km_midi_merged_event from_b[100];
    size_t count_a = 1;
    size_t total = 0;
    assert_int_equal(a->division, b->division);
    while (count_a > 0) {
        size_t count_b = 0;
        assert_int_equal(a->read(a->context, from_a, 100, &count_a, NULL), KM_OK);
        assert_int_equal(b->read(b->context, from_b, 100, &count_b, NULL), KM_OK);
        assert_int_equal(count_a, count_b);
        for (size_t i = 0; i < count_a; ++i) {
            const uint32_t size = from_a[i].event.detail;
            assert_memory_equal(&from_a[i].event, &from_b[i].event, sizeof(from_a[i].event));
            assert_int_equal(from_a[i].track, from_b[i].track);
            if (from_a[i].event.type == KM_EVENT_SYSEX) {
                unsigned char bytes_a[16];
                unsigned char bytes_b[16];
                assert_int_equal(a->payload(a->context, &from_a[i], bytes_a, size, NULL), KM_OK);
                assert_int_equal(b->payload(b->context, &from_b[i], bytes_b, size, NULL), KM_OK);
                assert_memory_equal(bytes_a, bytes_b, size);
            }
        }
        total += count_a;
    }
    assert_int_equal(total, 5 * 401);
    assert_int_equal(a->rewind(a->context, NULL), KM_OK);
    assert_int_equal(b->rewind(b->context, NULL), KM_OK);
}

static void a_file_in_memory_and_one_that_is_read_are_the_same(void **state)
{
    (void)state;
    struct feed_rig rig;
    start(&rig);
    struct km_random random;
    km_random_init(&random, 3, "file");
    fill_randomly(&rig, &random);
    rig_begin(&rig);
    char path[] = P_tmpdir "/kmidi-feed-XXXXXX";
    write_file(&rig.file, path);
    struct km_input input;
    struct km_midi_merged *merged = NULL;
    const struct km_midi_reader_config config = {0};
    assert_int_equal(km_input_open(&input, path, NULL), KM_OK);
    assert_int_equal(km_midi_merged_new(rig.heap, &input, &config, &merged, NULL), KM_OK);
    const struct km_feed_source read = km_feed_source_merged(merged);
    const struct km_feed_source kept = km_feed_source_file(rig.music);
    expect_same_events(&read, &kept);
    expect_same_events(&read, &kept); // After rewinding, once more.
    km_midi_merged_free(merged);
    km_input_close(&input);
    assert_int_equal(remove(path), 0);
    feed_rig_release(&rig);
}

// A source without end, as of a very large file.
struct endless {
    uint64_t next;
    uint64_t count;
};

static enum km_status read_endless(void *context, struct km_midi_merged_event *events,
                                   size_t capacity, size_t *count, struct km_error *error)
{
    struct endless *const endless = context;
    (void)error;
    for (*count = 0; *count < capacity && endless->next < endless->count; *count += 1) {
        const uint64_t i = endless->next++;
        const bool is_on = i % 2 == 0;
        events[*count] = (struct km_midi_merged_event){
            .event = {.tick = i * 3,
                      .type = is_on ? KM_EVENT_NOTE_ON : KM_EVENT_NOTE_OFF,
                      .channel = (uint8_t)(i / 2 % 16),
                      .number = (uint8_t)(i / 2 % 100),
                      .value = 80}};
    }
    return KM_OK;
}

static enum km_status rewind_endless(void *context, struct km_error *error)
{
    struct endless *const endless = context;
    (void)error;
    endless->next = 0;
    return KM_OK;
}

static void millions_of_events_take_no_more_memory(void **state)
{
    (void)state;
    struct feed_rig rig;
    start(&rig);
    struct endless endless = {.count = 2000000};
    const struct km_feed_config config = {.source = {.context = &endless,
                                                     .division = RIG_DIVISION,
                                                     .read = read_endless,
                                                     .rewind = rewind_endless},
                                          .engine = rig.engine,
                                          .instruments = rig.instruments,
                                          .epoch = 1};
    assert_int_equal(km_feed_new(rig.heap, &config, &rig.feed, NULL), KM_OK);
    uint64_t events = 0;
    uint64_t tick = 0;
    uint64_t bytes = 0;
    bool is_done = false;
    while (!is_done) {
        is_done = rig_pump(&rig);
        rig.sent_count = 0;
        rig_look(&rig);
        for (uint32_t i = 0; i < rig_chunks(&rig); ++i) {
            const struct km_chunk *const chunk = rig_chunk(&rig, i);
            assert_int_equal(chunk->start_tick, tick);
            tick = chunk->end_tick;
            events += chunk->event_count;
        }
        const uint64_t now = km_heap_usage(rig.heap, KM_ACCOUNT_WORKING).current_bytes;
        assert_true(bytes == 0 || now == bytes || events < 10000);
        bytes = now;
    }
    assert_int_equal(events, endless.count);
    assert_true(km_heap_usage(rig.heap, KM_ACCOUNT_WORKING).peak_bytes < 1 << 20);
    feed_rig_release(&rig);
}

static void each_allocation_may_fail(void **state)
{
    (void)state;
    struct feed_rig rig;
    start(&rig);
    for (uint64_t request = 1;; ++request) {
        km_heap_fail_at(rig.heap, request);
        struct km_feed_file *const file = km_feed_file_new(rig.heap, &rig.file);
        struct km_feed *feed = NULL;
        enum km_status status = KM_ERROR_NO_MEMORY;
        if (file) {
            const struct km_feed_config config = {.source = km_feed_source_file(file),
                                                  .engine = rig.engine,
                                                  .instruments = rig.instruments};
            status = km_feed_new(rig.heap, &config, &feed, NULL);
        }
        km_feed_free(feed);
        km_feed_file_free(file);
        if (status == KM_OK) {
            assert_int_equal(request, 3);
            break;
        }
        assert_int_equal(status, KM_ERROR_NO_MEMORY);
    }
    km_heap_fail_at(rig.heap, 0);
    feed_rig_release(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bars_are_cut_where_signatures_say),
        cmocka_unit_test(tempo_goes_on_into_the_next_chunk),
        cmocka_unit_test(smpte_bars_are_seconds),
        cmocka_unit_test(dense_bars_are_several_chunks),
        cmocka_unit_test(very_short_bars_go_together),
        cmocka_unit_test(what_no_synth_hears_is_left_out),
        cmocka_unit_test(one_message_may_be_many_events),
        cmocka_unit_test(an_empty_file_ends),
        cmocka_unit_test(divisions_without_length_are_refused),
        cmocka_unit_test(a_scan_tells_what_is_needed),
        cmocka_unit_test(a_file_in_memory_and_one_that_is_read_are_the_same),
        cmocka_unit_test(millions_of_events_take_no_more_memory),
        cmocka_unit_test(each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
