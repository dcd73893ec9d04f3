// SPDX-License-Identifier: MIT

#include "quality/presets.h"

#include <math.h>

enum { BANK_DRUMS = 128, KEYS = 128 };

const struct preset_bars preset_bars = {.null_db = -25,
                                        .pitch_cents = 2,
                                        .onset_ms = 1,
                                        .release_part = .05,
                                        .release_ms = 2,
                                        .level_lu = .5};

static const uint8_t melodic_keys[] = {43, 60, 76};
static const uint8_t drum_keys[] = {36, 38, 42, 46, 49, 51, 56, 69};
static const uint8_t velocities[] = {50, 110};

// The key nearest to `wanted` that sounds, or KEYS.
static int nearest_key(struct fluid *fluid, struct stem_note note, int wanted)
{
    for (int distance = 0; distance < KEYS; ++distance) {
        for (int sign = -1; sign <= 1; sign += 2) {
            const int key = wanted + sign * distance;
            note.key = (uint8_t)key;
            if (key >= 0 && key < KEYS && fluid_sounds(fluid, &note)) {
                return key;
            }
        }
    }
    return KEYS;
}

static bool has_note(const struct stem_note *notes, size_t count, const struct stem_note *note)
{
    for (size_t i = 0; i < count; ++i) {
        if (notes[i].key == note->key && notes[i].velocity == note->velocity) {
            return true;
        }
    }
    return false;
}

size_t preset_notes(struct fluid *fluid, const struct stem_note *preset,
                    struct stem_note notes[PRESET_NOTES_MAX])
{
    const bool drums = preset->bank == BANK_DRUMS;
    const uint8_t *const keys = drums ? drum_keys : melodic_keys;
    const size_t keys_count = drums ? sizeof(drum_keys) : sizeof(melodic_keys);
    size_t count = 0;
    for (size_t i = 0; i < keys_count * sizeof(velocities); ++i) {
        struct stem_note note = *preset;
        note.velocity = velocities[i % sizeof(velocities)];
        const int key = nearest_key(fluid, note, keys[i / sizeof(velocities)]);
        note.key = (uint8_t)key;
        if (key < KEYS && !has_note(notes, count, &note)) {
            notes[count++] = note;
        }
    }
    return count;
}

// The value that is farther from `ideal`; what is no number is only kept if there is nothing else.
static double farther(double a, double b, double ideal)
{
    return isnan(a) || fabs(b - ideal) > fabs(a - ideal) ? b : a;
}

void preset_result_add(struct preset_result *result, const struct stem_note *note,
                       const struct measures *measures)
{
    if (result->stems++ == 0) {
        result->worst = *measures;
        result->worst_null_note = *note;
        return;
    }
    struct measures *const worst = &result->worst;
    if (measures->null_db > worst->null_db) {
        worst->null_db = measures->null_db;
        worst->lag_frames = measures->lag_frames;
        result->worst_null_note = *note;
        for (int i = 0; i < PARTS_COUNT; ++i) {
            worst->null_part_db[i] = measures->null_part_db[i];
        }
    }
    worst->pitch_cents = farther(worst->pitch_cents, measures->pitch_cents, 0);
    worst->onset_ms = farther(worst->onset_ms, measures->onset_ms, 0);
    worst->level_lu = farther(worst->level_lu, measures->level_lu, 0);
    if (farther(worst->release_difference_ms, measures->release_difference_ms, 0) !=
        worst->release_difference_ms) {
        worst->release_difference_ms = measures->release_difference_ms;
        worst->release_ratio = measures->release_ratio;
    }
}

bool preset_null_holds(const struct preset_result *result)
{
    return result->worst.null_db < preset_bars.null_db;
}

// Whether x is within +-most, or could not be measured.
static bool is_within(double x, double most)
{
    return isnan(x) || fabs(x) <= most;
}

bool preset_rest_holds(const struct preset_result *result)
{
    const struct measures *const worst = &result->worst;
    return is_within(worst->pitch_cents, preset_bars.pitch_cents) &&
           is_within(worst->onset_ms, preset_bars.onset_ms) &&
           is_within(worst->level_lu, preset_bars.level_lu) &&
           (is_within(worst->release_ratio - 1, preset_bars.release_part) ||
            is_within(worst->release_difference_ms, preset_bars.release_ms));
}

const char *preset_excuse(const struct stem_note *preset)
{
    static const struct {
        uint16_t bank;
        uint8_t program;
        const char *why;
    } outliers[] = {
#define OUTLIER(bank, program, why) {bank, program, why},
#include "quality/outliers.def"
#undef OUTLIER
        {0, 0, ""},
    };
    for (size_t i = 0; outliers[i].why[0]; ++i) {
        if (outliers[i].bank == preset->bank && outliers[i].program == preset->program) {
            return outliers[i].why;
        }
    }
    return NULL;
}
