// SPDX-License-Identifier: MIT

#include "midi/edit.h"
#include "support/cmocka.h"
#include "unit/midi/edit_support.h"

static enum km_status transpose_function(const struct km_midi_edit *edit, void *settings,
                                         struct km_midi_edit_report *report, struct km_error *error)
{
    return km_midi_transpose(edit, settings, report, error);
}

static enum km_status transpose(const struct edit_bytes *input, struct km_midi_transpose settings,
                                struct edit_bytes *result)
{
    return edit_run(transpose_function, &settings, input, result, NULL);
}

static size_t compared;

static bool go_up_and_down_by(const struct edit_bytes *input, int semitones,
                              struct edit_bytes *result)
{
    struct edit_bytes up = {0};
    const bool is_moved =
        transpose(input, (struct km_midi_transpose){.semitones = semitones}, &up) == KM_OK;
    if (is_moved) {
        const struct km_midi_transpose down = {.semitones = -semitones};
        assert_int_equal(transpose(&up, down, result), KM_OK);
    }
    edit_free(&up);
    return is_moved;
}

// Up and down again gives the same, byte for byte: by octaves at once, else once key signatures
// have the names with fewer accidentals.
static void go_up_and_down(const struct edit_bytes *input, const char *name)
{
    struct edit_bytes plain = {0};
    struct edit_bytes once = {0};
    struct edit_bytes twice = {0};
    if (go_up_and_down_by(input, 0, &plain)) {
        if (go_up_and_down_by(&plain, 12, &once)) {
            edit_expect_same(&plain, &once, name);
            edit_free(&once);
        }
        if (go_up_and_down_by(&plain, 7, &once)) {
            assert_true(go_up_and_down_by(&once, 7, &twice));
            assert_int_equal(once.size, plain.size);
            edit_expect_same(&once, &twice, name);
            ++compared;
        }
    }
    edit_free(&plain);
    edit_free(&once);
    edit_free(&twice);
}

static void comes_back_byte_for_byte(void **state)
{
    (void)state;
    if (!edit_each_file("midi_small", go_up_and_down) || !edit_each_file("edge", go_up_and_down)) {
        skip();
    }
    assert_true(compared > 60);
}

static void build(struct edit_bytes *bytes, const char *events, size_t size)
{
    static const char header[] = "MThd\x00\x00\x00\x06\x00\x00\x00\x01\x00\x60MTrk\x00\x00\x00";
    struct edit_output output = {0};
    (void)edit_write(&output, header, sizeof(header) - 1);
    const unsigned char length = (unsigned char)(size + 4);
    (void)edit_write(&output, &length, 1);
    (void)edit_write(&output, events, size);
    (void)edit_write(&output, "\x00\xFF\x2F\x00", 4);
    *bytes = output.content;
}

enum { EVENTS_AT = 22 };

static void moves_keys_but_no_drums(void **state)
{
    (void)state;
    static const char events[] = "\x00\x90\x3C\x40\x00\xA0\x3C\x10\x00\x80\x3C\x40\x00\x99\x24\x40";
    struct edit_bytes input;
    struct edit_bytes result = {0};
    build(&input, events, sizeof(events) - 1);
    assert_int_equal(transpose(&input, (struct km_midi_transpose){.semitones = 2}, &result), KM_OK);
    assert_memory_equal(result.bytes + EVENTS_AT,
                        "\x00\x90\x3E\x40\x00\xA0\x3E\x10\x00\x80\x3E\x40\x00\x99\x24\x40", 16);
    edit_free(&result);
    const struct km_midi_transpose drums = {.semitones = 2, .moves_drums = true};
    assert_int_equal(transpose(&input, drums, &result), KM_OK);
    assert_int_equal(result.bytes[EVENTS_AT + 14], 0x26);
    edit_free(&result);
    edit_free(&input);
}

static void refuses_or_folds_what_would_leave_the_keyboard(void **state)
{
    (void)state;
    static const char events[] = "\x00\x90\x7E\x40\x00\x7E\x00\x00\x90\x01\x40\x00\x01\x00";
    struct edit_bytes input;
    struct edit_bytes result = {0};
    build(&input, events, sizeof(events) - 1);
    assert_int_equal(transpose(&input, (struct km_midi_transpose){.semitones = 2}, &result),
                     KM_ERROR_RANGE);
    assert_int_equal(transpose(&input, (struct km_midi_transpose){.semitones = -2}, &result),
                     KM_ERROR_RANGE);
    const struct km_midi_transpose fold = {.semitones = 30, .folds = true};
    assert_int_equal(transpose(&input, fold, &result), KM_OK);
    assert_int_equal(result.bytes[EVENTS_AT + 2], 126 + 30 - 36);
    assert_int_equal(result.bytes[EVENTS_AT + 9], 1 + 30);
    edit_free(&result);
    const struct km_midi_transpose border = {.semitones = 2, .folds = true};
    assert_int_equal(transpose(&input, border, &result), KM_OK);
    assert_int_equal(result.bytes[EVENTS_AT + 2], 128 - 12);
    edit_free(&result);
    edit_free(&input);
}

// As musicians write keys: C up a semitone is D flat, up six is F sharp.
static void moves_key_signatures(void **state)
{
    (void)state;
    static const struct {
        int8_t from;
        int semitones;
        int8_t to;
    } cases[] = {{0, 1, -5}, {0, 2, 2}, {0, 6, 6}, {0, -1, 5},  {-3, 12, -3},
                 {2, 0, 2},  {7, 0, 7}, {4, 3, 1}, {-5, -1, 0}, {-2, 4, 2}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        const char events[] = {0x00, '\xFF', 0x59, 0x02, (char)cases[i].from, 0x00};
        struct edit_bytes input;
        struct edit_bytes result = {0};
        build(&input, events, sizeof(events));
        const struct km_midi_transpose settings = {.semitones = cases[i].semitones};
        assert_int_equal(transpose(&input, settings, &result), KM_OK);
        assert_int_equal((int8_t)result.bytes[EVENTS_AT + 4], cases[i].to);
        edit_free(&result);
        edit_free(&input);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back_byte_for_byte),
        cmocka_unit_test(moves_keys_but_no_drums),
        cmocka_unit_test(refuses_or_folds_what_would_leave_the_keyboard),
        cmocka_unit_test(moves_key_signatures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
