// SPDX-License-Identifier: MIT

// The fonts of Debian's packages, where they are installed: every preset loads, and every region is
// what an independent reader in Python makes of the file.

#include "font/bank.h"

#include "font/font.h"
#include "heap/heap.h"
#include "support/cmocka.h"
#include "support/instrument_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TIM "/usr/share/sounds/sf2/TimGM6mb.sf2"
#define FLUID "/usr/share/sounds/sf2/FluidR3_GM.sf2"

#define MIB ((size_t)1 << 20)

enum { LINE_SIZE = 4096, LINES_MAX = 20000 };

struct fixture {
    struct km_heap *heap;
    struct km_font *font;
    struct km_bank *bank;
    struct instrument_pool pool;
    void *block;
    struct km_font_warnings warnings;
    struct km_error error;
};

static bool is_installed(const char *path)
{
    if (access(path, R_OK) == 0) {
        return true;
    }
    print_message("skipped: %s is not installed\n", path);
    return false;
}

static struct fixture fixture_of(const char *path, size_t pool_size)
{
    struct fixture fixture = {.heap = km_heap_new(NULL)};
    assert_non_null(fixture.heap);
    const enum km_status status =
        km_font_open(fixture.heap, path, &fixture.font, &fixture.warnings, &fixture.error);
    assert_int_equal(status, KM_OK);
    fixture.block = aligned_alloc(4096, pool_size);
    assert_non_null(fixture.block);
    fixture.pool = (struct instrument_pool){.block = fixture.block, .size = pool_size};
    fixture.bank = km_bank_new(fixture.heap, fixture.font, fixture.block, pool_size);
    assert_non_null(fixture.bank);
    return fixture;
}

static void fixture_release(struct fixture *fixture)
{
    km_bank_free(fixture->bank);
    km_font_free(fixture->font);
    free(fixture->block);
    km_heap_free(fixture->heap);
}

static const struct km_instrument *load(struct fixture *fixture,
                                        const struct km_font_preset *preset)
{
    const struct km_instrument *instrument = NULL;
    const enum km_status status = km_bank_load(
        fixture->bank, preset->bank, (uint8_t)preset->program, &instrument, &fixture->error);
    assert_int_equal(status, KM_OK);
    expect_valid_instrument(&fixture->pool, instrument);
    assert_string_equal(instrument->name, preset->name);
    return instrument;
}

// Loads every preset, one after the other, or all at once.
static void load_all(const char *path, size_t pool_size, bool keeps)
{
    struct fixture fixture = fixture_of(path, pool_size);
    size_t count = 0;
    const struct km_font_preset *const presets = km_font_presets(fixture.font, &count);
    static const struct km_instrument *loaded[1024];
    assert_in_range(count, 100, 1024);
    for (size_t i = 0; i < count; ++i) {
        loaded[i] = load(&fixture, &presets[i]);
        assert_true(loaded[i]->region_count > 0);
        if (!keeps) {
            km_bank_release(fixture.bank, loaded[i]);
        }
    }
    for (size_t i = 0; i < count && keeps; ++i) {
        km_bank_release(fixture.bank, loaded[i]);
    }
    const struct km_bank_usage usage = km_bank_usage(fixture.bank);
    assert_int_equal(usage.used_bytes, 0);
    assert_int_equal(usage.instruments, 0);
    assert_int_equal(usage.samples, 0);
    fixture_release(&fixture);
}

static void every_preset_of_timgm_loads_and_all_fit_in_seven_megabytes(void **state)
{
    (void)state;
    if (is_installed(TIM)) {
        load_all(TIM, 7 * MIB, true);
        load_all(TIM, 2 * MIB, false);
    }
}

static void every_preset_of_fluidr3_loads(void **state)
{
    (void)state;
    if (is_installed(FLUID)) {
        load_all(FLUID, 16 * MIB, false);
    }
}

static void opening_takes_little_memory_however_large_the_font_is(void **state)
{
    (void)state;
    if (!is_installed(FLUID)) {
        return;
    }
    struct km_heap *const heap = km_heap_new(NULL);
    struct km_font *font = NULL;
    struct km_font_warnings warnings;
    assert_int_equal(km_font_open(heap, FLUID, &font, &warnings, NULL), KM_OK);
    assert_in_range(km_heap_usage(heap, KM_ACCOUNT_WORKING).peak_bytes, 1, 1 << 19);
    assert_in_range(km_font_sample_bytes(font), 140 * MIB, 150 * MIB);
    assert_int_equal(warnings.count, 0);
    km_font_free(font);
    km_heap_free(heap);
}

static void what_is_needed_is_said_beforehand_to_the_byte(void **state)
{
    (void)state;
    if (!is_installed(TIM)) {
        return;
    }
    static const uint16_t song[][2] = {{0, 0}, {0, 33}, {0, 48}, {0, 49}, {128, 0}, {0, 33}};
    enum { COUNT = sizeof(song) / sizeof(song[0]) };
    struct fixture fixture = fixture_of(TIM, 7 * MIB);
    const uint64_t needed = km_bank_bytes_needed(fixture.font, song, COUNT);
    const struct km_instrument *instrument = NULL;
    for (size_t i = 0; i < COUNT; ++i) {
        assert_int_equal(km_bank_load(fixture.bank, song[i][0], (uint8_t)song[i][1], &instrument,
                                      &fixture.error),
                         KM_OK);
    }
    assert_int_equal(km_bank_usage(fixture.bank).used_bytes, needed);
    fixture_release(&fixture);
}

static size_t print_numbers(char *line, size_t used, const int32_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        const int length =
            snprintf(line + used, LINE_SIZE - used, "%s%d", i == 0 ? "" : " ", (int)numbers[i]);
        used += (size_t)length;
        assert_in_range(used, 1, LINE_SIZE - 1);
    }
    return used;
}

static int compare_modulators(const void *a, const void *b)
{
    const struct km_modulator *const x = a;
    const struct km_modulator *const y = b;
    const int32_t differences[] = {x->source - y->source, x->amount_source - y->amount_source,
                                   x->destination - y->destination, x->transform - y->transform};
    for (size_t i = 0; i < 4; ++i) {
        if (differences[i] != 0) {
            return differences[i];
        }
    }
    return x->amount - y->amount;
}

static size_t print_modulators(char *line, size_t used, const struct km_region *region)
{
    struct km_modulator sorted[KM_MODULATORS_MAX];
    memcpy(sorted, region->modulators, region->modulator_count * sizeof(sorted[0]));
    qsort(sorted, region->modulator_count, sizeof(sorted[0]), compare_modulators);
    for (uint32_t i = 0; i < region->modulator_count; ++i) {
        const struct km_modulator *const m = &sorted[i];
        const int32_t numbers[] = {m->source, m->amount_source, m->destination, m->transform,
                                   m->amount};
        line[used++] = i == 0 ? '|' : ' ';
        used = print_numbers(line, used, numbers, 5);
    }
    return used;
}

// The sample's first frames in the file, which tell which sample it is: the dump has where it
// starts.
struct file {
    FILE *stream;
    long frames_at;
};

static bool is_sample_at(const struct file *file, long start, const struct km_region *region)
{
    static int16_t frames[1 << 21];
    const size_t count = region->end < sizeof(frames) / sizeof(frames[0]) ? region->end : 1;
    assert_int_equal(fseek(file->stream, file->frames_at + 2 * start, SEEK_SET), 0);
    assert_int_equal(fread(frames, sizeof(frames[0]), count, file->stream), count);
    return memcmp(frames, region->frames, count * sizeof(frames[0])) == 0;
}

// One region in the words of font_dump.py.
static void print_region(char *line, const struct km_instrument *instrument,
                         const struct km_region *r, long sample_start)
{
    const int32_t number[] = {instrument->bank, instrument->program};
    const int32_t ranges[] = {r->key_low, r->key_high, r->velocity_low, r->velocity_high};
    const int32_t place[] = {
        (int32_t)sample_start,  (int32_t)r->start,    (int32_t)r->end,     r->loop_mode,
        (int32_t)r->loop_start, (int32_t)r->loop_end, (int32_t)r->rate_hz, r->root_key,
        r->correction_cents};
    int32_t generators[KM_GENERATORS_COUNT];
    for (int i = 0; i < KM_GENERATORS_COUNT; ++i) {
        generators[i] = r->generators[i];
    }
    size_t used = print_numbers(line, 0, number, 2);
    line[used++] = '|';
    used = print_numbers(line, used, ranges, 4);
    line[used++] = '|';
    used = print_numbers(line, used, place, 9);
    line[used++] = '|';
    used = print_numbers(line, used, generators, KM_GENERATORS_COUNT);
    used = print_modulators(line, used, r);
    line[used] = '\0';
}

// Looks for a line among the expected ones of its preset that were not met yet.
struct expected {
    char *lines[LINES_MAX];
    size_t count;
};

// Whether a line is of that preset; `start` is where its sample starts.
static bool is_of(const char *line, const struct km_instrument *instrument, long *start)
{
    char *rest = NULL;
    const unsigned long bank = strtoul(line, &rest, 10);
    const unsigned long program = strtoul(rest, &rest, 10);
    const char *const place = strchr(rest + 1, '|'); // After the ranges.
    assert_non_null(place);
    *start = strtol(place + 1, NULL, 10);
    return bank == instrument->bank && program == instrument->program;
}

static bool meet(struct expected *expected, const struct file *file,
                 const struct km_instrument *instrument, const struct km_region *region)
{
    for (size_t i = 0; i < expected->count; ++i) {
        const char *const expected_line = expected->lines[i];
        long start = 0;
        if (!expected_line || !is_of(expected_line, instrument, &start)) {
            continue;
        }
        char line[LINE_SIZE];
        print_region(line, instrument, region, start);
        if (strcmp(line, expected_line) == 0 && is_sample_at(file, start, region)) {
            free(expected->lines[i]);
            expected->lines[i] = NULL;
            return true;
        }
    }
    return false;
}

static void read_dump(const char *path, struct expected *expected)
{
    const char *const folder = getenv("KMIDI_TESTS");
    char command[LINE_SIZE];
    char line[LINE_SIZE];
    (void)snprintf(command, sizeof(command), "python3 %s/unit/font/font_dump.py %s",
                   folder ? folder : "../tests", path);
    FILE *const pipe = popen(command, "r"); // NOLINT(cert-env33-c): our own script.
    assert_non_null(pipe);
    expected->count = 0;
    while (fgets(line, sizeof(line), pipe)) {
        assert_in_range(expected->count, 0, LINES_MAX - 1);
        line[strcspn(line, "\n")] = '\0';
        expected->lines[expected->count++] = strdup(line);
    }
    assert_int_equal(pclose(pipe), 0);
}

static void regions_are_those_of_an_independent_reader(void **state)
{
    (void)state;
    static struct expected expected;
    if (!is_installed(TIM) || system("python3 -c pass") != 0) { // NOLINT(cert-env33-c)
        return;
    }
    read_dump(TIM, &expected);
    // RIFF, INFO and the heads of the sdta list: where smpl's content begins in this file.
    const struct file file = {.stream = fopen(TIM, "rb"), .frames_at = 0};
    assert_non_null(file.stream);
    struct file placed = file;
    unsigned char head[512];
    assert_int_equal(fread(head, 1, sizeof(head), file.stream), sizeof(head));
    for (long i = 0; i < (long)sizeof(head) - 8; ++i) {
        placed.frames_at = memcmp(head + i, "smpl", 4) == 0 ? i + 8 : placed.frames_at;
    }
    struct fixture fixture = fixture_of(TIM, 7 * MIB);
    size_t count = 0;
    size_t regions = 0;
    const struct km_font_preset *const presets = km_font_presets(fixture.font, &count);
    for (size_t i = 0; i < count; ++i) {
        const struct km_instrument *const instrument = load(&fixture, &presets[i]);
        for (uint32_t j = 0; j < instrument->region_count; ++j) {
            assert_true(meet(&expected, &placed, instrument, &instrument->regions[j]));
            regions += 1;
        }
    }
    assert_int_equal(regions, expected.count);
    assert_int_equal(fclose(file.stream), 0);
    fixture_release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_preset_of_timgm_loads_and_all_fit_in_seven_megabytes),
        cmocka_unit_test(every_preset_of_fluidr3_loads),
        cmocka_unit_test(opening_takes_little_memory_however_large_the_font_is),
        cmocka_unit_test(what_is_needed_is_said_beforehand_to_the_byte),
        cmocka_unit_test(regions_are_those_of_an_independent_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
