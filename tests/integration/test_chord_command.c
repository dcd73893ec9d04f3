// SPDX-License-Identifier: MIT

// The chord command from outside: what it prints, for which notes, with which exit code.

#include "support/cmocka.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static char output[1 << 16];

// Runs the shell's `before | kmidi chord arguments`, both streams in `output`; returns the exit
// code.
static int run(const char *before, const char *arguments)
{
    const char *const program = getenv("KMIDI_PROGRAM");
    if (!program) {
        fail_msg("KMIDI_PROGRAM is not set");
        return -1;
    }
    char line[8192];
    snprintf(line, sizeof(line), "%s '%s' chord %s 2>&1", before, program, arguments);
    FILE *const pipe = popen(line, "r"); // NOLINT(cert-env33-c): the words are the test's own.
    assert_non_null(pipe);
    output[fread(output, 1, sizeof(output) - 1, pipe)] = '\0';
    const int status = pclose(pipe);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static json_t *parsed(const char *text)
{
    json_error_t error;
    json_t *const object = json_loads(text, 0, &error);
    if (!object) {
        fail_msg("%s: %s", error.text, text);
    }
    return object;
}

static void prints_every_field_of_the_contract(void **state)
{
    (void)state;
    assert_int_equal(run("", "--json 57 60 64 67"), 0);
    json_t *const object = parsed(output);
    assert_string_equal(json_string_value(json_object_get(object, "symbol")), "Am7");
    assert_int_equal(json_integer_value(json_object_get(object, "root")), 9);
    assert_string_equal(json_string_value(json_object_get(object, "quality")), "m7");
    assert_int_equal(json_integer_value(json_object_get(object, "bass")), 9);
    assert_true(json_number_value(json_object_get(object, "confidence")) == 1.0);
    json_decref(object);
}

static void understands_names_numbers_and_stacking(void **state)
{
    (void)state;
    static const struct {
        const char *notes;
        const char *symbol;
    } cases[] = {
        {"60 64 67", "C\n"},          {"E G C", "C/E\n"},      {"C4 Eb4 G4", "Cm\n"},
        {"C4,E4,G4,B3", "Cmaj7/B\n"}, {"F# A# C# E", "F#7\n"}, {"67 60 64", "C\n"},
        {"B#3 E4 G4", "C\n"},         {"Cb4 D#4 F#4", "B\n"},  {"0 4 7", "C\n"},
        {"C-1 E9 G9", "C\n"},         {"''", "N.C.\n"},        {"60 60 60", "C\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        assert_int_equal(run("", cases[i].notes), 0);
        output[strcspn(output, "\n") + 1] = '\0';
        assert_string_equal(output, cases[i].symbol);
    }
}

static void refuses_what_is_no_note(void **state)
{
    (void)state;
    static const char *const bad[] = {"128", "C10", "H4", "G#9", "C4x", "60.5", "Cmaj7", "Cb-1"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); ++i) {
        assert_int_equal(run("", bad[i]), 2);
        assert_non_null(strstr(output, bad[i]));
        assert_non_null(strstr(output, "expected a MIDI number"));
    }
    assert_int_equal(run("", ""), 1);
    assert_int_equal(run("", "--lines 60"), 1);
    assert_int_equal(run("", "60 64 67 > /dev/full"), 2);
}

// One answer for each line: also for empty, bad, overlong, and the last one without its end.
static void answers_line_by_line(void **state)
{
    (void)state;
    assert_int_equal(run("printf '60 64 67\\n\\n59 62 65 69\\nE G C' |", "--lines"), 0);
    static const char *const symbols[] = {"C", "N.C.", "Bm7b5", "C/E"};
    char *rest = NULL;
    char *line = strtok_r(output, "\n", &rest);
    for (size_t i = 0; i < 4; ++i, line = strtok_r(NULL, "\n", &rest)) {
        assert_non_null(line);
        json_t *const object = parsed(line);
        assert_string_equal(json_string_value(json_object_get(object, "symbol")), symbols[i]);
        json_decref(object);
    }
    assert_null(line);

    assert_int_equal(
        run("printf '60\\nfoo\\n\\377\\376\\n\\0001\\n%09999d\\n64' 0 |", "--lines --json"), 2);
    int good = 0;
    int bad = 0;
    for (line = strtok_r(output, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        json_t *const object = parsed(line);
        good += json_object_get(object, "symbol") != NULL;
        bad += json_object_get(object, "error") != NULL;
        json_decref(object);
    }
    assert_int_equal(good, 2);
    assert_int_equal(bad, 4);
}

static void no_notes_have_no_root(void **state)
{
    (void)state;
    assert_int_equal(run("", "--json ''"), 0);
    json_t *const object = parsed(output);
    assert_string_equal(json_string_value(json_object_get(object, "symbol")), "N.C.");
    assert_true(json_is_null(json_object_get(object, "root")));
    assert_true(json_is_null(json_object_get(object, "bass")));
    json_decref(object);
}

static void an_input_that_cannot_be_read_is_an_error(void **state)
{
    (void)state;
    assert_int_equal(run("", "--lines < /"), 2); // A folder.
    assert_non_null(strstr(output, "standard input: cannot read"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_every_field_of_the_contract),
        cmocka_unit_test(understands_names_numbers_and_stacking),
        cmocka_unit_test(an_input_that_cannot_be_read_is_an_error),
        cmocka_unit_test(refuses_what_is_no_note),
        cmocka_unit_test(answers_line_by_line),
        cmocka_unit_test(no_notes_have_no_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
