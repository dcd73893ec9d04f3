// SPDX-License-Identifier: MIT

// The groove command from outside: what it prints and writes, and with which exit code it ends.

#include "groove/groove.h"
#include "heap/heap.h"
#include "midi/file.h"
#include "support/cmocka.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUTPUT_SIZE = 1 << 18, WORDS_MAX = 16, PATH_SIZE = 512, NOTES = 64 };

static char folder[] = P_tmpdir "/kmidi-groove-XXXXXX";
static char input_path[PATH_SIZE];
static char output_path[PATH_SIZE];
static char template_path[PATH_SIZE];
static char output[OUTPUT_SIZE];
static char errors[OUTPUT_SIZE];
static size_t output_size;

static size_t read_back(FILE *file, char *text)
{
    rewind(file);
    const size_t size = fread(text, 1, OUTPUT_SIZE - 1, file);
    text[size] = '\0';
    assert_int_equal(fclose(file), 0);
    return size;
}

// Becomes `kmidi groove` with the words, in the child.
static void become(const char *program, const char *const *words, FILE *const streams[3])
{
    char *arguments[WORDS_MAX + 1] = {strdup("kmidi"), strdup("groove")};
    for (int i = 0; words[i] && i < WORDS_MAX - 2; ++i) {
        arguments[2 + i] = strdup(words[i]); // execv wants them writable.
    }
    for (int i = 0; i < 3; ++i) {
        dup2(fileno(streams[i]), i);
    }
    execv(program, arguments);
    _exit(99);
}

// Runs `kmidi groove` with the words (ended by null) and a file as standard input; returns its exit
// code.
static int run_with_input(const char *const *words, const char *input)
{
    FILE *const in = fopen(input, "rb");
    FILE *const out = tmpfile();
    FILE *const err = tmpfile();
    const char *const program = getenv("KMIDI_PROGRAM");
    if (!in || !out || !err || !program) {
        fail_msg("no files, or KMIDI_PROGRAM is not set");
        return -1;
    }
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        FILE *const streams[3] = {in, out, err};
        become(program, words, streams);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        assert_int_equal(errno, EINTR);
    }
    assert_int_equal(fclose(in), 0);
    output_size = read_back(out, output);
    read_back(err, errors);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int run(const char *const *words)
{
    return run_with_input(words, "/dev/null");
}

static size_t read_file(const char *path, char *bytes)
{
    FILE *const file = fopen(path, "rb");
    if (!file) {
        return 0;
    }
    return read_back(file, bytes);
}

static void write_file(const char *path, const void *bytes, size_t size)
{
    FILE *const file = fopen(path, "wb");
    if (!file) {
        fail_msg("%s: cannot write", path);
        return;
    }
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

// A song of drums, with its tempo in a track of its own.
static void write_song(uint16_t division)
{
    struct km_heap *const heap = km_heap_new(NULL);
    assert_non_null(heap);
    struct km_midi_file file;
    km_midi_file_init(&file, heap, 1, division);
    assert_int_equal(km_midi_file_add_track(&file), KM_OK);
    assert_int_equal(km_midi_file_add_track(&file), KM_OK);
    const struct km_event tempo = {.type = KM_EVENT_TEMPO, .detail = 600000};
    assert_int_equal(km_midi_file_add(&file, 0, tempo), KM_OK);
    assert_int_equal(km_midi_file_add_text(&file, 0, 0, KM_META_TRACK_NAME, "drums"), KM_OK);
    for (uint64_t i = 0; i < NOTES; ++i) {
        const struct km_event on = {i * 240, KM_EVENT_NOTE_ON, 9, 42, 80, 0};
        const struct km_event off = {i * 240 + 120, KM_EVENT_NOTE_OFF, 9, 42, 64, 0};
        assert_int_equal(km_midi_file_add(&file, 1, on), KM_OK);
        assert_int_equal(km_midi_file_add(&file, 1, off), KM_OK);
    }
    static unsigned char bytes[1 << 16];
    struct km_sink_memory memory = {.bytes = bytes, .size = sizeof(bytes)};
    struct km_sink sink = km_sink_to_memory(&memory);
    assert_int_equal(km_midi_file_write(&file, &sink, NULL), KM_OK);
    write_file(input_path, bytes, memory.used);
    km_midi_file_release(&file);
    km_heap_free(heap);
}

static size_t notes_in(const char *path)
{
    static char bytes[OUTPUT_SIZE];
    const size_t size = read_file(path, bytes);
    struct km_heap *const heap = km_heap_new(NULL);
    assert_non_null(heap);
    struct km_midi_file file;
    km_midi_file_init(&file, heap, 1, 480);
    struct km_midi_warnings warnings = {0};
    assert_int_equal(km_midi_file_read(&file, bytes, size, &warnings, NULL), KM_OK);
    assert_int_equal(warnings.count, 0);
    size_t notes = 0;
    for (size_t i = 0; i < file.track_count; ++i) {
        for (size_t j = 0; j < file.tracks[i].count; ++j) {
            notes += file.tracks[i].events[j].type == KM_EVENT_NOTE_ON;
        }
    }
    km_midi_file_release(&file);
    km_heap_free(heap);
    return notes;
}

static void lists_every_style(void **state)
{
    (void)state;
    const char *const words[] = {"list", NULL};
    assert_int_equal(run(words), 0);
    for (size_t i = 0; i < KM_GROOVE_STYLES_COUNT; ++i) {
        assert_non_null(strstr(output, km_groove_style_names()[i]));
    }
    const char *const as_json[] = {"list", "--json", NULL};
    assert_int_equal(run(as_json), 0);
    json_t *const list = json_loads(output, 0, NULL);
    assert_int_equal(json_array_size(list), KM_GROOVE_STYLES_COUNT);
    const json_t *const jazz = json_array_get(list, KM_GROOVE_JAZZ);
    assert_string_equal(json_string_value(json_object_get(jazz, "name")), "jazz");
    assert_string_equal(json_string_value(json_object_get(jazz, "swung")), "eighths");
    assert_true(json_real_value(json_object_get(jazz, "swing_ratio")) == 2.0);
    json_decref(list);
}

static void applies_a_style_and_says_what_it_did(void **state)
{
    (void)state;
    write_song(480);
    const char *const words[] = {"apply",   input_path, "-o",           output_path,
                                 "--style", "Rock",     "--complexity", ".5",
                                 "--seed",  "7",        "--json",       NULL};
    assert_int_equal(run(words), 0);
    json_t *const answer = json_loads(output, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(answer, "style")), "rock");
    assert_int_equal(json_integer_value(json_object_get(answer, "notes")), NOTES);
    assert_int_equal(json_integer_value(json_object_get(answer, "seed")), 7);
    const json_t *const shift = json_object_get(answer, "shift_ms");
    const double deviation = json_real_value(json_object_get(shift, "deviation"));
    assert_true(deviation > 5.0 && deviation < 16.0);
    json_decref(answer);
    assert_int_equal(notes_in(output_path), NOTES);
}

static void the_same_seed_writes_the_same_bytes(void **state)
{
    (void)state;
    static char first[OUTPUT_SIZE];
    static char second[OUTPUT_SIZE];
    write_song(480);
    const char *const words[] = {"apply", input_path, "-o", output_path, NULL};
    assert_int_equal(run(words), 0);
    const size_t size = read_file(output_path, first);
    assert_true(size > 0);
    assert_int_equal(run(words), 0);
    assert_int_equal(read_file(output_path, second), size);
    assert_memory_equal(first, second, size);
    const char *const other[] = {"apply", input_path, "-o", output_path, "--seed", "2", NULL};
    assert_int_equal(run(other), 0);
    assert_true(read_file(output_path, second) != size || memcmp(first, second, size) != 0);
}

static void reads_and_writes_streams(void **state)
{
    (void)state;
    static char written[OUTPUT_SIZE];
    write_song(480);
    const char *const to_file[] = {"apply", input_path, "-o", output_path, NULL};
    assert_int_equal(run(to_file), 0);
    const size_t size = read_file(output_path, written);
    const char *const words[] = {"apply", "-", "-o", "-", NULL};
    assert_int_equal(run_with_input(words, input_path), 0);
    assert_int_equal(output_size, size);
    assert_memory_equal(output, written, size);
}

static void expect(const char *const *words, int exit_code, const char *message)
{
    assert_int_equal(run(words), exit_code);
    if (!strstr(errors, message)) {
        fail_msg("expected '%s' in: %s", message, errors);
    }
    assert_int_equal(output_size, 0);
}

static void refuses_wrong_words(void **state)
{
    (void)state;
    write_song(480);
    const char *const other_verb[] = {"play", NULL};
    const char *const no_output[] = {"apply", input_path, NULL};
    const char *const no_input[] = {"apply", "-o", output_path, NULL};
    const char *const both[] = {"apply", input_path, "-o", "-", "--json", NULL};
    const char *const list_of[] = {"list", "rock", NULL};
    const char *const of_list[] = {"list", "--style", "rock", NULL};
    const char *const of_apply[] = {"extract", input_path, "--style", "rock", NULL};
    const char *const of_extract[] = {"apply", input_path, "-o", output_path, "--bars", "2", NULL};
    const char *const two_ways[] = {"apply", input_path,   "-o",     output_path, "--style",
                                    "rock",  "--template", "x.json", NULL};
    const char *const of_style[] = {"apply", input_path,   "-o",     output_path, "--seed",
                                    "2",     "--template", "x.json", NULL};
    const char *const of_template[] = {"apply",      input_path, "-o", output_path,
                                       "--strength", "1",        NULL};
    const char *const no_bars[] = {"extract", input_path, "--average", "--bars", "2", NULL};
    const char *const twice[] = {"extract", input_path, "-o", "-", "--json", NULL};
    expect(other_verb, 1, "apply");
    expect(no_output, 1, "-o");
    expect(no_input, 1, "expected: kmidi groove apply");
    expect(both, 1, "--json");
    expect(list_of, 1, "expected: kmidi groove list");
    expect(of_list, 1, "no option '--style'");
    expect(of_apply, 1, "no option '--style'");
    expect(of_extract, 1, "no option '--bars'");
    expect(two_ways, 1, "not both");
    expect(of_style, 1, "for styles");
    expect(of_template, 1, "--template");
    expect(no_bars, 1, "--average");
    expect(twice, 1, "--json");
}

// The song's own groove brings back the song; at strength 0 a file is copied, odd bytes and all.
static void a_template_is_kept_and_applied(void **state)
{
    (void)state;
    static char first[OUTPUT_SIZE];
    static char second[OUTPUT_SIZE];
    write_song(480);
    const char *const extract[] = {"extract", input_path, "-o", template_path, NULL};
    assert_int_equal(run(extract), 0);
    assert_non_null(strstr(output, "64 strokes, 4/4 at 100 BPM, 8 bars"));
    assert_non_null(strstr(output, "hi_hat"));
    const char *const apply[] = {"apply",      input_path,    "-o",     output_path,
                                 "--template", template_path, "--json", NULL};
    assert_int_equal(run(apply), 0);
    json_t *const answer = json_loads(output, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(answer, "name")), "in");
    assert_int_equal(json_integer_value(json_object_get(answer, "notes")), NOTES);
    const json_t *const shift = json_object_get(answer, "shift_ms");
    assert_true(json_real_value(json_object_get(shift, "largest")) == 0.0);
    json_decref(answer);
    size_t size = read_file(input_path, first);
    memset(first + size, 'o', 3); // After the last track: what writing anew would leave out.
    write_file(input_path, first, size + 3);
    size = read_file(input_path, first);
    const char *const none[] = {"apply",       input_path,   "-o", output_path, "--template",
                                template_path, "--strength", "0",  NULL};
    assert_int_equal(run(none), 0);
    assert_int_equal(read_file(output_path, second), size);
    assert_memory_equal(first, second, size);
}

static void extract_prints_its_template(void **state)
{
    (void)state;
    static char kept[OUTPUT_SIZE];
    write_song(480);
    const char *const to_file[] = {"extract", input_path,    "--name", "eighths",
                                   "-o",      template_path, NULL};
    assert_int_equal(run(to_file), 0);
    const size_t size = read_file(template_path, kept);
    const char *const as_json[] = {"extract", input_path, "--name", "eighths", "--json", NULL};
    assert_int_equal(run(as_json), 0);
    assert_int_equal(output_size, size);
    assert_memory_equal(output, kept, size);
    json_t *const feel = json_loads(output, 0, NULL);
    assert_true(json_number_value(json_object_get(feel, "swing_ratio")) == 1.0);
    assert_string_equal(json_string_value(json_object_get(feel, "source")), "in.mid");
    assert_int_equal(json_array_size(json_object_get(feel, "positions")), 8);
    const json_t *const strokes = json_object_get(json_object_get(feel, "performance"), "drums");
    assert_int_equal(json_array_size(strokes), NOTES);
    json_decref(feel);
    const char *const average[] = {"extract", input_path, "--average", "--json", NULL};
    assert_int_equal(run(average), 0);
    assert_null(strstr(output, "performance"));
    const char *const one_bar[] = {"extract", input_path, "--bars", "1", "-o", "-", NULL};
    assert_int_equal(run(one_bar), 0);
    assert_non_null(strstr(output, "\"bars\":1,"));
    assert_null(strstr(output, "[4,"));
}

static void a_template_that_is_none_is_refused_by_its_place(void **state)
{
    (void)state;
    write_song(480);
    write_file(template_path, "{\"swing_ratio\": 1,\n oops}", 25);
    const char *const words[] = {"apply",      input_path,    "-o", output_path,
                                 "--template", template_path, NULL};
    expect(words, 2, "line 2, column");
    write_file(template_path, "{\"swing_ratio\": 99}", 19);
    expect(words, 2, "swing_ratio: expected a number from 0.2 to 6");
    const char *const empty[] = {"extract", "/dev/null", NULL};
    expect(empty, 2, "/dev/null");
}

static void refuses_wrong_values(void **state)
{
    (void)state;
    write_song(480);
    const char *const style[] = {"apply", input_path, "-o", output_path, "--style", "regae", NULL};
    const char *const more[] = {"apply",        input_path, "-o", output_path,
                                "--complexity", "1.1",      NULL};
    const char *const nan[] = {"apply",           input_path, "-o", output_path,
                               "--vulnerability", "nan",      NULL};
    (void)unlink(output_path);
    expect(style, 2, "there are: reggae");
    expect(more, 2, "--complexity");
    expect(nan, 2, "--vulnerability");
    assert_int_equal(access(output_path, F_OK), -1);
}

// What stood at the output's place before is still there after a failure.
static void a_failure_leaves_the_output_as_it_was(void **state)
{
    (void)state;
    static char left[OUTPUT_SIZE];
    static char missing[PATH_SIZE];
    (void)snprintf(missing, sizeof(missing), "%s/no/such.mid", folder);
    write_file(output_path, "kept", 4);
    const char *const words[] = {"apply", input_path, "-o", output_path, NULL};
    write_file(input_path, "MThd, but nothing more", 22);
    expect(words, 2, input_path);
    const char *const no_input[] = {"apply", missing, "-o", output_path, NULL};
    expect(no_input, 2, missing);
    assert_int_equal(read_file(output_path, left), 4);
    assert_memory_equal(left, "kept", 4);
    write_song(480);
    const char *const no_folder[] = {"apply", input_path, "-o", missing, NULL};
    expect(no_folder, 2, missing);
    const char *const full[] = {"apply", input_path, "-o", "/dev/full", NULL};
    expect(full, 2, "/dev/full");
}

static int open_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder)) {
        return -1;
    }
    (void)snprintf(input_path, sizeof(input_path), "%s/in.mid", folder);
    (void)snprintf(output_path, sizeof(output_path), "%s/out.mid", folder);
    (void)snprintf(template_path, sizeof(template_path), "%s/feel.json", folder);
    return 0;
}

// Nothing but the three files was left in the folder.
static int close_folder(void **state)
{
    (void)state;
    (void)unlink(input_path);
    (void)unlink(output_path);
    (void)unlink(template_path);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_every_style),
        cmocka_unit_test(applies_a_style_and_says_what_it_did),
        cmocka_unit_test(the_same_seed_writes_the_same_bytes),
        cmocka_unit_test(reads_and_writes_streams),
        cmocka_unit_test(refuses_wrong_words),
        cmocka_unit_test(refuses_wrong_values),
        cmocka_unit_test(a_template_is_kept_and_applied),
        cmocka_unit_test(extract_prints_its_template),
        cmocka_unit_test(a_template_that_is_none_is_refused_by_its_place),
        cmocka_unit_test(a_failure_leaves_the_output_as_it_was),
    };
    return cmocka_run_group_tests(tests, open_folder, close_folder);
}
