// SPDX-License-Identifier: MIT

// Drummers of the Groove MIDI Dataset, from the splits that nothing was fitted to: beats are found
// although their file says 120.

#include "unit/analysis/beats_measured.h"

#include <stdlib.h>

enum { FILE_SIZE_MAX = 1 << 20, LINE_SIZE = 512, COLUMNS = 11 };

static const char *data_folder;

static void read_take(const char *name, struct measured *sum)
{
    static unsigned char bytes[FILE_SIZE_MAX];
    char path[1024];
    (void)snprintf(path, sizeof(path), "%s/groove/%s", data_folder, name);
    FILE *const stream = fopen(path, "rb");
    assert_non_null(stream);
    const size_t size = fread(bytes, 1, sizeof(bytes), stream);
    (void)fclose(stream);
    struct km_heap *const heap = km_heap_new(NULL);
    assert_non_null(heap);
    struct km_midi_file file;
    km_midi_file_init(&file, heap, 0, 480);
    assert_int_equal(km_midi_file_read(&file, bytes, size, NULL, NULL), KM_OK);
    measure_beats(&file, sum);
    km_midi_file_release(&file);
    km_heap_free(heap);
}

// Cuts a line of the table in place.
static int cut(char *line, char *columns[COLUMNS])
{
    int count = 0;
    columns[count++] = line;
    for (char *at = line; *at; ++at) {
        const bool ends = *at == ',' || *at == '\n';
        if (ends) {
            *at = '\0';
        }
        if (ends && count < COLUMNS) {
            columns[count++] = at + 1;
        }
    }
    return count;
}

// Takes of a whole beat that last for 12 s, of one split.
static void measure_split(const char *split, struct measured *sum)
{
    char path[1024];
    char line[LINE_SIZE];
    char *columns[COLUMNS];
    (void)snprintf(path, sizeof(path), "%s/groove/info.csv", data_folder);
    FILE *const table = fopen(path, "r");
    assert_non_null(table);
    while (fgets(line, sizeof(line), table)) {
        if (cut(line, columns) == COLUMNS && strcmp(columns[10], split) == 0 &&
            strcmp(columns[5], "beat") == 0 && strtod(columns[9], NULL) > 12) {
            read_take(columns[7], sum);
        }
    }
    (void)fclose(table);
    print_measured(split, sum);
}

static void beats_of_drummers_are_found(void **state)
{
    (void)state;
    data_folder = getenv("KMIDI_DATA");
    char path[1024];
    (void)snprintf(path, sizeof(path), "%s/groove/info.csv", data_folder ? data_folder : ".");
    FILE *const table = fopen(path, "r");
    if (!table) {
        print_message("KMIDI_DATA has no groove folder: skipped\n");
        skip();
    }
    (void)fclose(table);
    struct measured test = {0};
    struct measured validation = {0};
    measure_split("test", &test);
    measure_split("validation", &validation);
    assert_true(test.tempo >= 0.88 * test.count && test.octave >= 0.95 * test.count);
    assert_true(test.beats >= 0.85 * test.count && test.metre >= 0.9 * test.count);
    assert_true(validation.tempo >= 0.8 * validation.count);
    assert_true(validation.beats >= 0.75 * validation.count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(beats_of_drummers_are_found)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
