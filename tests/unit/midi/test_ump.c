// SPDX-License-Identifier: MIT

// Universal MIDI Packets as events and back, and how finer values are kept.

#include "midi/ump.h"

#include "midi/resolution.h"
#include "support/cmocka.h"

static const uint8_t channel_types[] = {
    KM_EVENT_NOTE_OFF,         KM_EVENT_PROGRAM,      KM_EVENT_CONTROL, KM_EVENT_PITCH_BEND,
    KM_EVENT_CHANNEL_PRESSURE, KM_EVENT_KEY_PRESSURE, KM_EVENT_NOTE_ON};

enum { TYPES = sizeof(channel_types) / sizeof(channel_types[0]) };

// Expected results of the specification's scaling rules: minimum, centre, maximum, and one between.
static void scaling_up_keeps_minimum_centre_and_maximum(void **state)
{
    (void)state;
    assert_int_equal(km_scale_up(0, 7, 16), 0);
    assert_int_equal(km_scale_up(64, 7, 16), 0x8000);
    assert_int_equal(km_scale_up(127, 7, 16), 0xFFFF);
    assert_int_equal(km_scale_up(100, 7, 16), 0xC924);
    assert_true(km_scale_up(64, 7, 32) == 0x80000000U);
    assert_true(km_scale_up(127, 7, 32) == UINT32_MAX);
    assert_true(km_scale_up(8192, 14, 32) == 0x80000000U);
    assert_true(km_scale_up(16383, 14, 32) == UINT32_MAX);
    assert_true(km_scale_up(8193, 14, 32) == 0x80040020U);
}

static void scaling_up_and_down_again_is_the_same_and_keeps_order(void **state)
{
    (void)state;
    static const unsigned int sizes[][2] = {{7, 16}, {7, 32}, {14, 32}, {7, 14}};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); ++i) {
        const unsigned int from = sizes[i][0];
        const unsigned int to = sizes[i][1];
        for (uint32_t value = 0; value < 1U << from; ++value) {
            assert_int_equal(km_scale_up(value, from, to) >> (to - from), value);
            assert_true(value == 0 ||
                        km_scale_up(value - 1, from, to) < km_scale_up(value, from, to));
        }
    }
}

static void every_velocity_is_kept(void **state)
{
    (void)state;
    for (uint32_t velocity = 0; velocity <= UINT16_MAX; ++velocity) {
        struct km_event on = {.type = KM_EVENT_NOTE_ON};
        struct km_event off = {.type = KM_EVENT_NOTE_OFF};
        km_event_set_velocity16(&on, (uint16_t)velocity);
        km_event_set_velocity16(&off, (uint16_t)velocity);
        assert_int_equal(km_event_velocity16(&on), velocity);
        assert_int_equal(km_event_velocity16(&off), velocity);
        assert_int_equal(on.value, velocity < 512 ? 1 : velocity >> 9);
        assert_int_equal(off.value, velocity >> 9);
    }
}

static void finer_bits_that_contradict_the_value_do_not_count(void **state)
{
    (void)state;
    struct km_event note = {.type = KM_EVENT_NOTE_ON};
    km_event_set_velocity16(&note, 0xC123);
    note.value = 20; // As a groove does.
    assert_int_equal(km_event_velocity16(&note), km_scale_up(20, 7, 16));
    struct km_event zero = {.type = KM_EVENT_NOTE_ON};
    km_event_set_velocity16(&zero, 0);
    zero.value = 2;
    assert_int_equal(km_event_velocity16(&zero), km_scale_up(2, 7, 16));
    struct km_event control = {.type = KM_EVENT_CONTROL};
    km_event_set_value32(&control, 0x12345678);
    assert_true(km_event_value32(&control) == 0x12345678);
    control.value = 99;
    assert_true(km_event_value32(&control) == km_scale_up(99, 7, 32));
}

static void values_of_midi_1_have_no_finer_bits(void **state)
{
    (void)state;
    for (uint32_t value = 0; value < 128; ++value) {
        const struct km_event event = {.type = KM_EVENT_CONTROL, .value = (uint8_t)value};
        assert_true(km_event_value32(&event) == km_scale_up(value, 7, 32));
    }
    for (uint32_t bend = 0; bend < 16384; ++bend) {
        struct km_event event = {.type = KM_EVENT_PITCH_BEND, .detail = bend};
        const uint32_t wide = km_event_bend32(&event);
        assert_true(wide == km_scale_up(bend, 14, 32));
        km_event_set_bend32(&event, wide);
        assert_int_equal(event.detail, bend);
    }
}

static uint32_t mixed(uint32_t *state)
{
    *state = *state * 1664525U + 1013904223U; // Knuth's generator: any will do.
    return *state ^ *state >> 15;
}

static void every_bend_and_value_is_kept(void **state)
{
    (void)state;
    uint32_t random = 1;
    for (int i = 0; i < 200000; ++i) {
        const uint32_t wide = i < 2 ? (i == 0 ? 0 : UINT32_MAX) : mixed(&random);
        struct km_event event = {.type = KM_EVENT_PITCH_BEND};
        km_event_set_bend32(&event, wide);
        assert_true(km_event_bend32(&event) == wide);
        assert_int_equal(km_event_bend14(&event), wide >> 18);
        struct km_event control = {.type = KM_EVENT_CONTROL};
        km_event_set_value32(&control, wide);
        assert_true(km_event_value32(&control) == wide);
    }
}

static struct km_event random_event(uint32_t *random)
{
    struct km_event event = {.type = channel_types[mixed(random) % TYPES],
                             .channel = (uint8_t)(mixed(random) % 16),
                             .number = (uint8_t)(mixed(random) % 128),
                             .value = (uint8_t)(1 + mixed(random) % 127)};
    if (event.type == KM_EVENT_PITCH_BEND || event.type == KM_EVENT_CHANNEL_PRESSURE) {
        event.number = 0;
    }
    if (event.type == KM_EVENT_PITCH_BEND || event.type == KM_EVENT_PROGRAM) {
        event.value = 0;
    }
    if (event.type == KM_EVENT_PITCH_BEND) {
        event.detail = mixed(random) % 16384;
    }
    return event;
}

static void events_of_midi_1_come_back_as_they_were(void **state)
{
    (void)state;
    uint32_t random = 7;
    for (int i = 0; i < 20000; ++i) {
        const struct km_event event = random_event(&random);
        const uint8_t group = (uint8_t)(mixed(&random) % 16);
        uint32_t words[KM_UMP_WORDS_MAX] = {0};
        assert_int_equal(km_ump_encode(&event, group, KM_UMP_PROTOCOL_MIDI1, words), 1);
        assert_int_equal(km_ump_words(words[0]), 1);
        assert_int_equal(km_ump_group(words[0]), group);
        struct km_ump_decoded decoded;
        km_ump_decode(words, KM_CLOCKS_PER_CLICK, &decoded);
        assert_int_equal(decoded.count, 1);
        assert_false(decoded.is_clamped);
        assert_memory_equal(&decoded.events[0], &event, sizeof(event));
    }
}

static void packets_of_midi_2_come_back_as_they_were(void **state)
{
    (void)state;
    uint32_t random = 9;
    for (int i = 0; i < 20000; ++i) {
        static const uint8_t statuses[] = {0x80, 0x90, 0xA0, 0xB0, 0xD0, 0xE0};
        const uint8_t status = statuses[mixed(&random) % sizeof(statuses)];
        const bool has_index = status < 0xC0;
        const uint32_t index = has_index ? mixed(&random) % 96 : 0;
        uint32_t words[2] = {0x40000000U | (mixed(&random) & 0x0F0F0000U) | (uint32_t)status << 16 |
                                 index << 8,
                             mixed(&random)};
        if (status == 0x80 || status == 0x90) {
            words[1] &= 0xFFFF0000U; // No attribute.
        }
        const bool is_replaced =
            status == 0xB0 && (index == 0 || index == 6 || index == 32 || index == 38);
        struct km_ump_decoded decoded;
        km_ump_decode(words, KM_CLOCKS_PER_CLICK, &decoded);
        assert_int_equal(decoded.count, 1);
        uint32_t again[KM_UMP_WORDS_MAX] = {0};
        const size_t size =
            km_ump_encode(&decoded.events[0], km_ump_group(words[0]), KM_UMP_PROTOCOL_MIDI2, again);
        assert_int_equal(size, is_replaced ? 1 : 2);
        assert_true(is_replaced || (again[0] == words[0] && again[1] == words[1]));
    }
}

static struct km_ump_decoded decode(uint32_t first, uint32_t second)
{
    const uint32_t words[KM_UMP_WORDS_MAX] = {first, second};
    struct km_ump_decoded decoded;
    km_ump_decode(words, KM_CLOCKS_PER_CLICK, &decoded);
    return decoded;
}

static void expect(const struct km_event *event, uint8_t type, uint8_t number, uint8_t value)
{
    assert_int_equal(event->type, type);
    assert_int_equal(event->number, number);
    assert_int_equal(event->value, value);
}

static void a_registered_controller_is_said_as_midi_1_does(void **state)
{
    (void)state;
    // Pitch bend sensitivity (0, 0): 2 semitones of 7 bits, then finer.
    const struct km_ump_decoded decoded = decode(0x43250000U, 0x04000000U);
    assert_int_equal(decoded.count, 4);
    expect(&decoded.events[0], KM_EVENT_CONTROL, 101, 0);
    expect(&decoded.events[1], KM_EVENT_CONTROL, 100, 0);
    expect(&decoded.events[2], KM_EVENT_CONTROL, 6, 2);
    expect(&decoded.events[3], KM_EVENT_CONTROL, 38, 0);
    assert_int_equal(decoded.events[0].channel, 5);
    const struct km_ump_decoded fine = decode(0x40350708U, 0xFEDCBA98U);
    expect(&fine.events[0], KM_EVENT_CONTROL, 99, 7);
    expect(&fine.events[1], KM_EVENT_CONTROL, 98, 8);
    expect(&fine.events[2], KM_EVENT_CONTROL, 6, 127);
    assert_true(km_event_value32(&fine.events[2]) == 0xFEDCBA98U);
    expect(&fine.events[3], KM_EVENT_CONTROL, 38, 0xFEDCBA98U >> 18 & 0x7FU);
}

static void a_bank_comes_before_its_program(void **state)
{
    (void)state;
    const struct km_ump_decoded decoded = decode(0x40C20001U, 0x7B000102U);
    assert_int_equal(decoded.count, 3);
    expect(&decoded.events[0], KM_EVENT_CONTROL, 0, 1);
    expect(&decoded.events[1], KM_EVENT_CONTROL, 32, 2);
    expect(&decoded.events[2], KM_EVENT_PROGRAM, 0x7B, 0);
    assert_int_equal(decode(0x40C20000U, 0x7B000102U).count, 1);
}

static void what_midi_1_has_no_word_for_stays_a_packet(void **state)
{
    (void)state;
    static const uint32_t firsts[] = {0x40003C01U, 0x40103C01U, 0x40603C00U, 0x40F03C03U,
                                      0x40400000U, 0x40500000U, 0x10F80000U, 0xD0100002U,
                                      0xD0100006U, 0x20F00000U, 0xF0000101U, 0x60000000U};
    for (size_t i = 0; i < sizeof(firsts) / sizeof(firsts[0]); ++i) {
        const struct km_ump_decoded decoded = decode(firsts[i], 0);
        assert_int_equal(decoded.count, 1);
        expect(&decoded.events[0], KM_EVENT_UMP, (uint8_t)(firsts[i] >> 28), 0);
    }
}

static void a_note_on_of_velocity_0_is_one_in_midi_2_alone(void **state)
{
    (void)state;
    const struct km_ump_decoded wide = decode(0x40903C00U, 0);
    expect(&wide.events[0], KM_EVENT_NOTE_ON, 60, 1);
    const struct km_ump_decoded narrow = decode(0x20903C00U, 0);
    expect(&narrow.events[0], KM_EVENT_NOTE_OFF, 60, KM_RELEASE_VELOCITY);
}

static void numbers_over_127_are_read_as_127_and_told(void **state)
{
    (void)state;
    struct km_ump_decoded decoded = decode(0x2090FF90U, 0);
    assert_true(decoded.is_clamped);
    expect(&decoded.events[0], KM_EVENT_NOTE_ON, 127, 127);
    decoded = decode(0x40908000U, 0x80000000U);
    assert_true(decoded.is_clamped);
    expect(&decoded.events[0], KM_EVENT_NOTE_ON, 127, 64);
    assert_false(decode(0x40903C00U, 0xFFFF0000U).is_clamped);
}

static void settings_come_back_as_they_were(void **state)
{
    (void)state;
    struct km_event settings[400];
    size_t count = 0;
    static const uint32_t tempos[] = {1, 500000, 333333, 0xFFFFFF};
    for (size_t i = 0; i < 4; ++i) {
        settings[count++] = (struct km_event){
            .type = KM_EVENT_TEMPO, .detail = tempos[i], .value = (uint8_t)(33 * i)};
    }
    for (int sharps = -7; sharps <= 7; ++sharps) {
        for (uint8_t minor = 0; minor < 2; ++minor) {
            settings[count++] = (struct km_event){
                .type = KM_EVENT_KEY_SIGNATURE, .number = (uint8_t)sharps, .value = minor};
        }
    }
    for (uint8_t numerator = 1; numerator < 20; ++numerator) {
        for (int denominator = 0; denominator <= KM_DENOMINATOR_LOG2_MAX; ++denominator) {
            settings[count++] = (struct km_event){.type = KM_EVENT_TIME_SIGNATURE,
                                                  .number = numerator,
                                                  .value = (uint8_t)denominator,
                                                  .detail = KM_CLOCKS_PER_CLICK | 8U << 8};
        }
    }
    for (size_t i = 0; i < count; ++i) {
        uint32_t words[KM_UMP_WORDS_MAX];
        assert_int_equal(km_ump_encode(&settings[i], 3, KM_UMP_PROTOCOL_MIDI2, words), 4);
        struct km_ump_decoded decoded;
        km_ump_decode(words, KM_CLOCKS_PER_CLICK, &decoded);
        assert_int_equal(decoded.count, 1);
        assert_memory_equal(&decoded.events[0], &settings[i], sizeof(settings[i]));
    }
}

static void the_tonics_are_those_of_the_circle_of_fifths(void **state)
{
    (void)state;
    static const struct {
        int sharps;
        uint8_t is_minor;
        char letter;
    } keys[] = {{0, 0, 'C'}, {1, 0, 'G'}, {-1, 0, 'F'}, {7, 0, 'C'}, {-7, 0, 'C'},
                {0, 1, 'A'}, {1, 1, 'E'}, {-3, 1, 'C'}, {4, 1, 'C'}, {-4, 0, 'A'}};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); ++i) {
        const struct km_event key = {.type = KM_EVENT_KEY_SIGNATURE,
                                     .number = (uint8_t)keys[i].sharps,
                                     .value = keys[i].is_minor};
        uint32_t words[KM_UMP_WORDS_MAX];
        assert_int_equal(km_ump_encode(&key, 0, KM_UMP_PROTOCOL_MIDI1, words), 4);
        assert_int_equal(words[0], 0xD0100005U);
        assert_int_equal(words[1] >> 24 & 15, keys[i].letter - 'A' + 1);
    }
}

static void settings_that_mean_nothing_are_no_events(void **state)
{
    (void)state;
    assert_int_equal(decode(0xD0100000U, 99).count, 0);          // Below a microsecond.
    assert_int_equal(decode(0xD0100000U, UINT32_MAX).count, 0);  // Over 16.7 seconds a quarter.
    assert_int_equal(decode(0xD0100001U, 0x00020800U).count, 0); // 0/4.
    assert_int_equal(decode(0xD0100001U, 0x04FF0800U).count, 0); // 4/2^255.
    assert_int_equal(decode(0xD0100005U, 0x80000000U).count, 0); // No standard signature.
    assert_int_equal(decode(0xD0100000U, 50000000).events[0].detail, 500000);
}

static void texts_that_both_know_have_one_status(void **state)
{
    (void)state;
    static const uint8_t metas[] = {KM_META_TEXT, KM_META_TRACK_NAME, KM_META_COPYRIGHT,
                                    KM_META_LYRIC};
    for (size_t i = 0; i < sizeof(metas); ++i) {
        const uint32_t status = km_ump_text_of_meta(metas[i]);
        assert_int_not_equal(status, 0);
        assert_int_equal(km_ump_text_to_meta(status), metas[i]);
        assert_true(km_ump_is_text(0xD0100000U | status));
    }
    assert_int_equal(km_ump_text_of_meta(KM_META_MARKER), 0);
    assert_int_equal(km_ump_text_to_meta(0x0105), KM_META_TEXT); // A composer's name.
    assert_false(km_ump_is_text(0xD0100000U));
    assert_false(km_ump_is_text(0xF0200000U));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scaling_up_keeps_minimum_centre_and_maximum),
        cmocka_unit_test(scaling_up_and_down_again_is_the_same_and_keeps_order),
        cmocka_unit_test(every_velocity_is_kept),
        cmocka_unit_test(finer_bits_that_contradict_the_value_do_not_count),
        cmocka_unit_test(values_of_midi_1_have_no_finer_bits),
        cmocka_unit_test(every_bend_and_value_is_kept),
        cmocka_unit_test(events_of_midi_1_come_back_as_they_were),
        cmocka_unit_test(packets_of_midi_2_come_back_as_they_were),
        cmocka_unit_test(a_registered_controller_is_said_as_midi_1_does),
        cmocka_unit_test(a_bank_comes_before_its_program),
        cmocka_unit_test(what_midi_1_has_no_word_for_stays_a_packet),
        cmocka_unit_test(a_note_on_of_velocity_0_is_one_in_midi_2_alone),
        cmocka_unit_test(numbers_over_127_are_read_as_127_and_told),
        cmocka_unit_test(settings_come_back_as_they_were),
        cmocka_unit_test(the_tonics_are_those_of_the_circle_of_fifths),
        cmocka_unit_test(settings_that_mean_nothing_are_no_events),
        cmocka_unit_test(texts_that_both_know_have_one_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
