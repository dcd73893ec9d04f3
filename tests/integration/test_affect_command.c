// SPDX-License-Identifier: MIT

// The affect command from outside: what it prints, for which input, with which exit code.

#include "support/cmocka.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUTPUT_SIZE = 1 << 20, LONG_TEXT_SIZE = 1 << 20, WORDS_MAX = 8 };

static char output[OUTPUT_SIZE];
static char errors[OUTPUT_SIZE];

static void read_back(FILE *file, char *text)
{
    rewind(file);
    text[fread(text, 1, OUTPUT_SIZE - 1, file)] = '\0';
    assert_int_equal(fclose(file), 0);
}

// Runs `kmidi affect` with the words (ended by null) and the input; returns its exit code.
static int run(const char *const *words, const char *input, size_t size)
{
    FILE *const in = tmpfile();
    FILE *const out = tmpfile();
    FILE *const err = tmpfile();
    if (!in || !out || !err) {
        fail_msg("no temporary file");
        return -1;
    }
    assert_int_equal(fwrite(input, 1, size, in), size);
    rewind(in);
    const char *const program = getenv("KMIDI_PROGRAM");
    if (!program) {
        fail_msg("KMIDI_PROGRAM is not set");
        return -1;
    }
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char *arguments[WORDS_MAX + 1] = {strdup("kmidi"), strdup("affect")};
        for (int i = 0; words[i] && i < WORDS_MAX - 2; ++i) {
            arguments[2 + i] = strdup(words[i]); // execv wants them writable.
        }
        dup2(fileno(in), STDIN_FILENO);
        dup2(fileno(out), STDOUT_FILENO);
        dup2(fileno(err), STDERR_FILENO);
        execv(program, arguments);
        _exit(99);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        assert_int_equal(errno, EINTR);
    }
    assert_int_equal(fclose(in), 0);
    read_back(out, output);
    read_back(err, errors);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static json_t *parsed(const char *text)
{
    json_error_t error;
    json_t *const object = json_loads(text, JSON_DISABLE_EOF_CHECK, &error);
    if (!object) {
        fail_msg("%s: %s", error.text, text);
    }
    return object;
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static void prints_every_field_of_the_contract(void **state)
{
    (void)state;
    const char *const words[] = {"--json", "feeling", "grief and relief", NULL};
    assert_int_equal(run(words, "", 0), 0);
    json_t *const object = parsed(output);
    assert_string_equal(text_of(object, "primary"), "grief");
    assert_string_equal(text_of(object, "secondary"), "relief");
    assert_string_equal(text_of(object, "ekman"), "sadness");
    static const char *const numbers[] = {"valence", "arousal", "dominance", "intensity",
                                          "confidence"};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); ++i) {
        const json_t *const number = json_object_get(object, numbers[i]);
        assert_true(json_is_real(number));
        assert_true(json_real_value(number) >= -1.0 && json_real_value(number) <= 1.0);
    }
    assert_int_equal(json_object_size(json_object_get(object, "emotions")), 28);
    assert_true(json_array_size(json_object_get(object, "labels")) >= 2);
    assert_true(json_array_size(json_object_get(object, "ekman_labels")) == 2);
    assert_true(json_array_size(json_object_get(object, "sentiment_labels")) == 2);
    assert_string_equal(text_of(json_object_get(object, "node"), "base"), "sad");
    json_decref(object);
}

static void text_without_evidence_is_neutral_with_nulls(void **state)
{
    (void)state;
    static const char *const inputs[] = {"", " \n\t", "\xE6\x82\xB2\xE3\x81\x97\xE3\x81\x84",
                                         "\xFF\xC3\x28"};
    const char *const words[] = {"--json", NULL};
    for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); ++i) {
        assert_int_equal(run(words, inputs[i], strlen(inputs[i])), 0);
        json_t *const object = parsed(output);
        assert_string_equal(text_of(object, "primary"), "neutral");
        assert_true(json_is_null(json_object_get(object, "secondary")));
        assert_true(json_is_null(json_object_get(object, "node")));
        json_decref(object);
    }
}

static void answers_each_line_also_an_empty_one(void **state)
{
    (void)state;
    static const char input[] = "I am so happy\n\nI am scared\r\nno end of line: sad";
    static const char *const expected[] = {"joy", "neutral", "fear", "sadness"};
    const char *const words[] = {"--lines", NULL};
    assert_int_equal(run(words, input, strlen(input)), 0);
    const char *line = output;
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); ++i) {
        json_t *const object = parsed(line);
        assert_string_equal(text_of(object, "ekman"), expected[i]);
        json_decref(object);
        line = strchr(line, '\n');
        assert_non_null(line);
        ++line;
    }
    assert_int_equal(*line, '\0');
}

static void a_megabyte_of_text_works(void **state)
{
    (void)state;
    static const char sentence[] = "I felt sad, but then it passed. ";
    char *const text = test_malloc(LONG_TEXT_SIZE);
    for (size_t i = 0; i < LONG_TEXT_SIZE; ++i) {
        text[i] = sentence[i % (sizeof(sentence) - 1)];
    }
    const char *const words[] = {"--json", NULL};
    assert_int_equal(run(words, text, LONG_TEXT_SIZE), 0);
    json_t *const object = parsed(output);
    assert_string_equal(text_of(object, "ekman"), "sadness");
    json_decref(object);
    test_free(text);
}

static void plain_output_has_no_colour_in_a_file(void **state)
{
    (void)state;
    const char *const words[] = {"I am delighted", NULL};
    assert_int_equal(run(words, "", 0), 0);
    assert_non_null(strstr(output, "joy"));
    assert_non_null(strstr(output, "valence"));
    assert_null(strchr(output, '\033'));
}

static void refuses_what_is_too_long_and_what_makes_no_sense(void **state)
{
    (void)state;
    const char *const both[] = {"--lines", "text", NULL};
    assert_int_equal(run(both, "", 0), 1);
    assert_non_null(strstr(errors, "--lines"));
    const size_t size = (1U << 24U) + 1;
    char *const text = test_calloc(size, 1);
    memset(text, 'a', size);
    const char *const words[] = {"--json", NULL};
    assert_int_equal(run(words, text, size), 2);
    const char *const lines[] = {"--lines", NULL};
    assert_int_equal(run(lines, text, size), 2);
    assert_int_equal(strlen(output), 0);
    test_free(text);
}

static void an_input_that_cannot_be_read_is_an_error(void **state)
{
    (void)state;
    char line[4096];
    snprintf(line, sizeof(line), "'%s' affect --lines 2>&1 < /", getenv("KMIDI_PROGRAM"));
    FILE *const pipe = popen(line, "r"); // NOLINT(cert-env33-c): the words are the test's own.
    assert_non_null(pipe);
    output[fread(output, 1, sizeof(output) - 1, pipe)] = '\0';
    assert_int_equal(WEXITSTATUS(pclose(pipe)), 2);
    assert_non_null(strstr(output, "standard input: cannot read"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_every_field_of_the_contract),
        cmocka_unit_test(text_without_evidence_is_neutral_with_nulls),
        cmocka_unit_test(answers_each_line_also_an_empty_one),
        cmocka_unit_test(an_input_that_cannot_be_read_is_an_error),
        cmocka_unit_test(a_megabyte_of_text_works),
        cmocka_unit_test(plain_output_has_no_colour_in_a_file),
        cmocka_unit_test(refuses_what_is_too_long_and_what_makes_no_sense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
