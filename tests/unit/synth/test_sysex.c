// SPDX-License-Identifier: MIT

#include "unit/synth/rig.h"

struct message {
    unsigned char bytes[16];
    size_t size;
    struct km_event event; // `type` 0: it means nothing.
};

#define SYSEX(kind, ...)                                                                           \
    {                                                                                              \
        .type = KM_EVENT_SYSEX, .number = (kind), __VA_ARGS__                                      \
    }

static const struct message messages[] = {
    {{0xF0, 0x7E, 0x7F, 0x09, 0x01, 0xF7}, 6, SYSEX(KM_SYSEX_GM_ON, .detail = 0)},
    {{0x7E, 0x10, 0x09, 0x02}, 4, SYSEX(KM_SYSEX_GM_OFF, .detail = 0)},
    {{0xF0, 0x7E, 0x7F, 0x09, 0x03, 0xF7}, 6, SYSEX(KM_SYSEX_GM2_ON, .detail = 0)},
    {{0xF0, 0x41, 0x10, 0x42, 0x12, 0x40, 0x00, 0x7F, 0x00, 0x41, 0xF7},
     11,
     SYSEX(KM_SYSEX_GS_RESET, .detail = 0)},
    {{0xF0, 0x41, 0x10, 0x42, 0x12, 0x00, 0x00, 0x7F, 0x01, 0x00, 0xF7},
     11,
     SYSEX(KM_SYSEX_GS_RESET, .detail = 0)},
    {{0xF0, 0x43, 0x10, 0x4C, 0x00, 0x00, 0x7E, 0x00, 0xF7}, 9, SYSEX(KM_SYSEX_XG_ON, .detail = 0)},
    {{0xF0, 0x7F, 0x7F, 0x04, 0x01, 0x05, 0x40, 0xF7},
     8,
     SYSEX(KM_SYSEX_MASTER_VOLUME, .detail = 0x2005)},
    {{0xF0, 0x7F, 0x7F, 0x04, 0x03, 0x00, 0x40, 0xF7},
     8,
     SYSEX(KM_SYSEX_MASTER_FINE_TUNING, .detail = 8192)},
    {{0xF0, 0x7F, 0x7F, 0x04, 0x04, 0x00, 0x3E, 0xF7},
     8,
     SYSEX(KM_SYSEX_MASTER_COARSE_TUNING, .value = 0x3E)},
    {{0x41, 0x10, 0x42, 0x12, 0x40, 0x10, 0x15, 0x00, 0x1B},
     9,
     SYSEX(KM_SYSEX_DRUM_PART, .channel = 9, .value = 0)},
    {{0x41, 0x10, 0x42, 0x12, 0x40, 0x11, 0x15, 0x01, 0x19},
     9,
     SYSEX(KM_SYSEX_DRUM_PART, .channel = 0, .value = 1)},
    {{0x41, 0x10, 0x42, 0x12, 0x40, 0x19, 0x15, 0x02, 0x10},
     9,
     SYSEX(KM_SYSEX_DRUM_PART, .channel = 8, .value = 2)},
    {{0x41, 0x10, 0x42, 0x12, 0x40, 0x1F, 0x15, 0x02, 0x0A},
     9,
     SYSEX(KM_SYSEX_DRUM_PART, .channel = 15, .value = 2)},
    {{0xF0, 0x7E, 0x7F, 0x09, 0x04, 0xF7}, 6, {.type = 0}},
    {{0xF0, 0x7E, 0x7F, 0x09, 0xF7}, 5, {.type = 0}},
    {{0xF0, 0x7D, 0x00, 0x09, 0x01, 0xF7}, 6, {.type = 0}},
    {{0xF0, 0xF7}, 2, {.type = 0}},
    {{0xF0}, 1, {.type = 0}},
    {{0x7E, 0x7F, 0x89, 0x01}, 4, {.type = 0}},
};

static void tells_what_a_message_means(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); ++i) {
        struct km_event event = {.type = 0};
        const bool is_known = km_synth_sysex(messages[i].bytes, messages[i].size, &event);
        assert_int_equal(is_known, messages[i].event.type == KM_EVENT_SYSEX);
        assert_memory_equal(&event, &messages[i].event, sizeof(event));
    }
    struct km_event event;
    assert_false(km_synth_sysex(NULL, 0, &event));
}

// No prefix of a message is taken for more than it is; nothing is read beyond its end (ASan).
static void survives_messages_cut_short(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); ++i) {
        for (size_t size = 0; size < messages[i].size; ++size) {
            unsigned char *const copy = malloc(size + 1);
            assert_non_null(copy);
            memcpy(copy, messages[i].bytes, size);
            unsigned char *const exact = realloc(copy, size > 0 ? size : 1);
            assert_non_null(exact);
            struct km_event event;
            (void)km_synth_sysex(exact, size, &event);
            free(exact);
        }
    }
}

static void octave_tuning_is_an_event_for_each_pitch_class(void **state)
{
    (void)state;
    unsigned char bytes[] = {0xF0, 0x7E, 0x7F, 0x08, 0x08, 0x02, 0x00, 0x05, 64, 65,  66,
                             67,   68,   69,   70,   71,   72,   73,   74,   75, 0xF7};
    static struct km_event events[KM_SYSEX_EVENTS_MAX];
    // Channels 0, 2 and 15.
    assert_int_equal(km_synth_sysex_events(bytes, sizeof(bytes), events, KM_SYSEX_EVENTS_MAX), 36);
    for (uint32_t i = 0; i < 36; ++i) {
        static const uint8_t channels[] = {0, 2, 15};
        assert_int_equal(events[i].type, KM_EVENT_SYSEX);
        assert_int_equal(events[i].number, KM_SYSEX_SCALE_TUNING);
        assert_int_equal(events[i].channel, channels[i / 12]);
        assert_int_equal(events[i].value, i % 12);
        assert_int_equal(events[i].detail, 64 + i % 12);
    }
    memset(events, 0, sizeof(events));
    assert_int_equal(km_synth_sysex_events(bytes, sizeof(bytes), events, 3), 36);
    assert_int_equal(events[3].type, 0);
    bytes[5] = 0x03;
    bytes[6] = bytes[7] = 0x7F;
    assert_int_equal(km_synth_sysex_events(bytes, sizeof(bytes), events, KM_SYSEX_EVENTS_MAX),
                     KM_SYSEX_EVENTS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_a_message_means),
        cmocka_unit_test(survives_messages_cut_short),
        cmocka_unit_test(octave_tuning_is_an_event_for_each_pitch_class),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
