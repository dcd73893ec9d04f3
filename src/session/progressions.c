// SPDX-License-Identifier: MIT

#include "session/progressions_private.h"

#include "base/check.h"

enum { TRIADS_COUNT = 3, TRIAD_MAJOR = 0, TRIAD_MINOR, TRIAD_DIMINISHED, FAMILIES_COUNT = 2 };

static const uint16_t progressions[FAMILIES_COUNT][KM_PROGRESSION_STATES][KM_PROGRESSION_STATES] = {
#define KM_PROGRESSION(is_minor, root, triad, ...)                                                 \
    [is_minor][(root)*TRIADS_COUNT + (triad)] = {__VA_ARGS__},
#define KM_OPENING(...)
#include "session/progressions.def"
#undef KM_PROGRESSION
#undef KM_OPENING
};

static const uint16_t openings[FAMILIES_COUNT][KM_SECTION_KINDS_COUNT][KM_PROGRESSION_STATES] = {
#define KM_PROGRESSION(...)
#define KM_OPENING(is_minor, SECTION, ...) [is_minor][KM_SECTION_##SECTION] = {__VA_ARGS__},
#include "session/progressions.def"
#undef KM_PROGRESSION
#undef KM_OPENING
};

static bool has(km_pitch_set notes, unsigned int interval)
{
    return (notes >> interval & 1U) != 0;
}

static uint8_t triad_of(km_pitch_set notes)
{
    if (has(notes, 4) || !has(notes, 3)) {
        return TRIAD_MAJOR;
    }
    return has(notes, 6) && !has(notes, 7) ? TRIAD_DIMINISHED : TRIAD_MINOR;
}

uint8_t km_progression_state(struct km_chord chord, struct km_key key)
{
    const uint8_t root = (uint8_t)((chord.root + 12U - key.tonic) % 12U);
    uint8_t triad = triad_of(
        km_chord_pitches((struct km_chord){.root = 0, .quality = chord.quality, .bass = 0}));
    if (root == 0 && triad == TRIAD_DIMINISHED) {
        triad = TRIAD_MINOR; // Locrian's home.
    }
    return (uint8_t)(root * TRIADS_COUNT + triad);
}

const uint16_t *km_progression_after(struct km_key key, uint8_t state)
{
    KM_CHECK(state < KM_PROGRESSION_STATES);
    return progressions[km_mode_is_minor((enum km_mode)key.mode) ? 1 : 0][state];
}

const uint16_t *km_progression_opening(struct km_key key, uint8_t section_kind)
{
    KM_CHECK(section_kind < KM_SECTION_KINDS_COUNT);
    const bool is_counted = section_kind == KM_SECTION_CHORUS ||
                            section_kind == KM_SECTION_PRE_CHORUS ||
                            section_kind == KM_SECTION_BRIDGE;
    const int family = km_mode_is_minor((enum km_mode)key.mode) ? 1 : 0;
    return openings[family][is_counted ? section_kind : (uint8_t)KM_SECTION_VERSE];
}
