// SPDX-License-Identifier: MIT

// Compares single notes of a font's presets, ours against FluidSynth's, and says which miss a bar.
//
// usage: compare_presets [--all] [--only BANK:PROGRAM] [--json FILE] [--test ours|linear|4|7]
// Exit: 0 all bars are held, or their misses explained in outliers.def; 3 not; 77 there is no font.

#include "quality/ours.h"
#include "quality/presets.h"
#include "support/sanitized.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    EXIT_MISSED = 3,
    EXIT_SKIPPED = 77,
    SUBSET_STEP = KM_IS_SANITIZED ? 24 : 3, // Of the presets, in a normal test run.
    PRESETS_PERCENT = 95,
};

struct options {
    bool all;
    int only_bank, only_program; // -1: all.
    const char *json;
    const char *test;
};

// What is compared with FluidSynth at order 4.
struct candidate {
    struct ours *ours;
    struct fluid *fluid;
};

struct comparison {
    struct fluid *reference;
    struct candidate candidate;
    size_t count;
    struct preset_result results[PRESETS_MAX];
};

static const char *font_path(void)
{
    const char *const wish = getenv("KMIDI_SOUNDFONT");
    return wish ? wish : "/usr/share/sounds/sf2/TimGM6mb.sf2";
}

static bool parse(int count, char **words, struct options *options)
{
    *options = (struct options){.only_bank = -1, .only_program = -1, .test = "ours"};
    options->all = getenv("KMIDI_LONG") != NULL;
    for (int i = 1; i < count; ++i) {
        const char *const value = i + 1 < count ? words[i + 1] : NULL;
        if (strcmp(words[i], "--all") == 0) {
            options->all = true;
        } else if (value && strcmp(words[i], "--json") == 0) {
            options->json = value;
            ++i;
        } else if (value && strcmp(words[i], "--test") == 0) {
            options->test = value;
            ++i;
        } else if (value && strcmp(words[i], "--only") == 0) {
            char *end = NULL;
            options->only_bank = (int)strtol(value, &end, 10);
            options->only_program = *end == ':' ? (int)strtol(end + 1, NULL, 10) : -1;
            ++i;
        } else {
            return false;
        }
    }
    return true;
}

static bool open_candidate(const struct options *options, struct candidate *candidate)
{
    if (strcmp(options->test, "ours") == 0) {
        candidate->ours = ours_open(font_path(), KM_INTERPOLATION_4POINT);
        return candidate->ours != NULL;
    }
    const bool linear = strcmp(options->test, "linear") == 0;
    const struct fluid_config config = {.interpolation = linear ? 1 : options->test[0] - '0'};
    candidate->fluid = fluid_open(font_path(), &config);
    return candidate->fluid != NULL;
}

static bool is_wanted(const struct options *options, const struct stem_note *preset, size_t index)
{
    if (options->only_bank >= 0) {
        return options->only_bank == preset->bank &&
               (options->only_program < 0 || options->only_program == preset->program);
    }
    return options->all || index % SUBSET_STEP == 0;
}

static void compare_preset(struct comparison *comparison, const struct stem_note *preset,
                           bool tells_stems)
{
    static struct stem stems[2];
    struct stem_note notes[PRESET_NOTES_MAX];
    const size_t count = preset_notes(comparison->reference, preset, notes);
    struct preset_result *const result = &comparison->results[comparison->count++];
    *result = (struct preset_result){.preset = *preset};
    const char *const name =
        fluid_preset_name_of(comparison->reference, preset->bank, preset->program);
    snprintf(result->name, sizeof(result->name), "%.*s", PRESET_NAME_SIZE - 1, name);
    for (size_t i = 0; i < count; ++i) {
        fluid_render(comparison->reference, &notes[i], &stems[0]);
        if (comparison->candidate.ours) {
            ours_render(comparison->candidate.ours, &notes[i], &stems[1]);
        } else {
            fluid_render(comparison->candidate.fluid, &notes[i], &stems[1]);
        }
        const struct measures found = measure(&stems[0], &stems[1]);
        preset_result_add(result, &notes[i], &found);
        if (tells_stems) {
            printf("  key %3d velocity %3d: null %6.1f (attack %6.1f held %6.1f release %6.1f) lag "
                   "%d pitch %.2f onset %.2f release x%.3f (%+.1f ms) level %+.2f\n",
                   notes[i].key, notes[i].velocity, found.null_db, found.null_part_db[PART_ATTACK],
                   found.null_part_db[PART_HELD], found.null_part_db[PART_RELEASE],
                   found.lag_frames, found.pitch_cents, found.onset_ms, found.release_ratio,
                   found.release_difference_ms, found.level_lu);
        }
    }
}

static int by_null(const void *a, const void *b)
{
    const double difference = ((const struct preset_result *)b)->worst.null_db -
                              ((const struct preset_result *)a)->worst.null_db;
    return (difference > 0) - (difference < 0);
}

static void print_table(const struct comparison *comparison)
{
    printf("bank prog name                   null dB  attack    held release  at key/vel   lag  "
           "cents  onset ms  release x     LU\n");
    for (size_t i = 0; i < comparison->count; ++i) {
        const struct preset_result *const result = &comparison->results[i];
        const struct measures *const worst = &result->worst;
        printf(
            "%4d %4d %-22.22s %7.1f %7.1f %7.1f %7.1f   %6d/%3d %5d %6.2f %9.2f %10.3f %6.2f%s\n",
            result->preset.bank, result->preset.program, result->name, worst->null_db,
            worst->null_part_db[PART_ATTACK], worst->null_part_db[PART_HELD],
            worst->null_part_db[PART_RELEASE], result->worst_null_note.key,
            result->worst_null_note.velocity, worst->lag_frames, worst->pitch_cents,
            worst->onset_ms, worst->release_ratio, worst->level_lu,
            preset_null_holds(result) && preset_rest_holds(result) ? "" : "  <");
    }
}

// A number, or null where there is none.
static void write_number(FILE *file, const char *name, double value)
{
    if (isfinite(value)) {
        fprintf(file, ",\"%s\":%.4f", name, value);
    } else {
        fprintf(file, ",\"%s\":null", name);
    }
}

static bool write_json(const struct comparison *comparison, const char *path)
{
    FILE *const file = fopen(path, "w");
    if (!file) {
        return false;
    }
    fprintf(file, "{\"presets\":[");
    for (size_t i = 0; i < comparison->count; ++i) {
        const struct preset_result *const result = &comparison->results[i];
        fprintf(file, "%s\n{\"bank\":%d,\"program\":%d,\"stems\":%zu", i ? "," : "",
                result->preset.bank, result->preset.program, result->stems);
        write_number(file, "null_db", result->worst.null_db);
        write_number(file, "pitch_cents", result->worst.pitch_cents);
        write_number(file, "onset_ms", result->worst.onset_ms);
        write_number(file, "release_ratio", result->worst.release_ratio);
        write_number(file, "level_lu", result->worst.level_lu);
        fprintf(file, "}");
    }
    fprintf(file, "\n]}\n");
    return fclose(file) == 0;
}

static int verdict(const struct comparison *comparison)
{
    size_t nulls = 0;
    size_t unexplained = 0;
    for (size_t i = 0; i < comparison->count; ++i) {
        const struct preset_result *const result = &comparison->results[i];
        nulls += preset_null_holds(result);
        if (preset_null_holds(result) && preset_rest_holds(result)) {
            continue;
        }
        const char *const why = preset_excuse(&result->preset);
        unexplained += why == NULL;
        printf("%d:%d %s: %s\n", result->preset.bank, result->preset.program, result->name,
               why ? why : "misses a bar, and outliers.def does not say why");
    }
    printf("%zu presets; null below %.0f dB in %zu (%.1f %%); %zu not explained\n",
           comparison->count, preset_bars.null_db, nulls,
           100 * (double)nulls / (double)comparison->count, unexplained);
    return unexplained == 0 && nulls * 100 >= comparison->count * PRESETS_PERCENT ? EXIT_SUCCESS
                                                                                  : EXIT_MISSED;
}

static int compare(struct comparison *comparison, const struct options *options)
{
    static struct stem_note presets[PRESETS_MAX];
    const size_t count = fluid_presets(comparison->reference, presets, PRESETS_MAX);
    for (size_t i = 0; i < count && i < PRESETS_MAX; ++i) {
        if (is_wanted(options, &presets[i], i)) {
            compare_preset(comparison, &presets[i], options->only_program >= 0);
        }
    }
    if (comparison->count == 0) {
        fprintf(stderr, "no such preset\n");
        return EXIT_FAILURE;
    }
    qsort(comparison->results, comparison->count, sizeof(comparison->results[0]), by_null);
    print_table(comparison);
    if (options->json && !write_json(comparison, options->json)) {
        perror(options->json);
        return EXIT_FAILURE;
    }
    return verdict(comparison);
}

int main(int count, char **words)
{
    static struct comparison comparison;
    struct options options;
    if (!parse(count, words, &options)) {
        fprintf(stderr, "usage: compare_presets [--all] [--only BANK:PROGRAM] [--json FILE] "
                        "[--test ours|linear|4|7]\n");
        return EXIT_FAILURE;
    }
    comparison.reference = fluid_open(font_path(), NULL);
    if (!comparison.reference || !open_candidate(&options, &comparison.candidate)) {
        printf("skipped: no soundfont %s (Debian: timgm6mb-soundfont)\n", font_path());
        return EXIT_SKIPPED;
    }
    const int code = compare(&comparison, &options);
    fluid_close(comparison.reference);
    fluid_close(comparison.candidate.fluid);
    ours_close(comparison.candidate.ours);
    return code;
}
