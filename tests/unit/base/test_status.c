// SPDX-License-Identifier: MIT

#include "base/status.h"

#include "base/text.h"
#include "support/cmocka.h"

#include <errno.h>
#include <string.h>

static void every_status_has_words_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < KM_STATUS_COUNT; ++i) {
        const char *const words = km_status_text((enum km_status)i);
        assert_true(strlen(words) > 3);
        for (int j = 0; j < i; ++j) {
            assert_string_not_equal(words, km_status_text((enum km_status)j));
        }
    }
    assert_string_equal(km_status_text(KM_STATUS_COUNT), "unknown status");
}

static void system_errors_become_statuses(void **state)
{
    (void)state;
    static const struct {
        int error_number;
        enum km_status status;
    } cases[] = {{0, KM_OK},
                 {ENOMEM, KM_ERROR_NO_MEMORY},
                 {ENOENT, KM_ERROR_NOT_FOUND},
                 {EACCES, KM_ERROR_PERMISSION},
                 {EROFS, KM_ERROR_PERMISSION},
                 {ENOSPC, KM_ERROR_NO_SPACE},
                 {EDQUOT, KM_ERROR_NO_SPACE},
                 {EPIPE, KM_ERROR_CLOSED},
                 {ENAMETOOLONG, KM_ERROR_TOO_LARGE},
                 {EIO, KM_ERROR_IO},
                 {12345, KM_ERROR_IO}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        assert_int_equal(km_status_of_errno(cases[i].error_number), cases[i].status);
    }
}

static void an_error_returns_its_status(void **state)
{
    (void)state;
    struct km_error error;
    assert_int_equal(km_error_set(&error, KM_ERROR_RANGE, "%s: %d", "tempo", 500), KM_ERROR_RANGE);
    assert_int_equal(error.status, KM_ERROR_RANGE);
    assert_string_equal(error.message, "tempo: 500");
    assert_int_equal(km_error_set(NULL, KM_ERROR_RANGE, "%d", 1), KM_ERROR_RANGE);
}

// Two bytes a letter: some sizes of the beginning would cut one in two.
static void a_long_message_is_cut_between_characters(void **state)
{
    (void)state;
    char text[2 * KM_ERROR_MESSAGE_SIZE];
    for (size_t i = 0; i + 1 < sizeof(text); i += 2) {
        memcpy(text + i, "\xC3\xA4", 2);
    }
    text[sizeof(text) - 2] = '\0';
    for (int beginning = 0; beginning < 4; ++beginning) {
        struct km_error error;
        km_error_set(&error, KM_ERROR_INVALID, "%.*s%s", beginning, "abcd", text);
        assert_int_equal(strlen(error.message), KM_ERROR_MESSAGE_SIZE - 1);
        assert_true(km_text_is_utf8(error.message, strlen(error.message)));
    }
}

static void a_message_cannot_steer_the_terminal(void **state)
{
    (void)state;
    struct km_error error;
    km_error_set(&error, KM_ERROR_INVALID, "%s", "a\x1b[31m\xFF\xC2\x9B\x7F\r\n\xE2\x82\xAC");
    assert_string_equal(error.message, "a?[31m?????\n\xE2\x82\xAC");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_words_of_its_own),
        cmocka_unit_test(system_errors_become_statuses),
        cmocka_unit_test(an_error_returns_its_status),
        cmocka_unit_test(a_long_message_is_cut_between_characters),
        cmocka_unit_test(a_message_cannot_steer_the_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
