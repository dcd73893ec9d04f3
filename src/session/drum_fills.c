// SPDX-License-Identifier: MIT

// Fills where sections end, and the roll of a build.

#include "base/check.h"
#include "base/units.h"
#include "session/drums_private.h"

enum fill_family {
    FILLS_POCKET,
    FILLS_ROCK,
    FILLS_TOMS,
    FILLS_MACHINE,
    FILLS_BRUSHES,
    FILLS_TRAIN,
    FILL_FAMILIES_COUNT,
};

enum { VARIANTS = 2, STEPS_OF_PULSE = 4 };

static const uint8_t family_of_genre[KM_GENRES_COUNT] = {
#define KM_DRUMMER(GENRE, HABIT, FILLS) [KM_GENRE_##GENRE] = FILLS_##FILLS,
#include "session/drummers.def"
#undef KM_DRUMMER
};

struct fill {
    uint8_t family, level;
    const char *steps;
};

static const struct fill fills[] = {
#define KM_DRUM_FILL(FAMILY, LEVEL, steps) {FILLS_##FAMILY, KM_RHYTHM_##LEVEL, steps},
#include "session/drum_fills.def"
#undef KM_DRUM_FILL
};

_Static_assert(sizeof(fills) / sizeof(fills[0]) ==
                   (size_t)FILL_FAMILIES_COUNT * KM_RHYTHM_LEVELS_COUNT * VARIANTS,
               "two fills for each family and level");

// Half a beat when it is quiet, up to a bar when it is loud.
static int steps_of_fill(struct km_drummer *drummer)
{
    static const struct {
        float energy_max;
        int steps;
    } lengths[] = {{0.5F, 2}, {0.75F, 4}, {1.0F, 8}};
    const bool is_brief = km_random_chance(&drummer->fills, 0.3);
    int steps = 16;
    for (size_t i = sizeof(lengths) / sizeof(lengths[0]); i-- > 0;) {
        steps = drummer->energy < lengths[i].energy_max ? lengths[i].steps : steps;
    }
    return is_brief && steps > 2 ? steps / 2 : steps;
}

// Where a quarter of a pulse begins; three eighths are played as such, with a sixteenth before the
// next pulse. -1 where a pulse is too short for it.
static int tick_of_step(const struct km_score *score, int pulse, int step)
{
    static const uint16_t of_three[STEPS_OF_PULSE] = {0, KM_EIGHTH, 2 * KM_EIGHTH,
                                                      2 * KM_EIGHTH + KM_SIXTEENTH};
    const uint32_t start = score->pulse_starts[pulse];
    const uint32_t length = score->pulse_starts[pulse + 1] - start;
    if (length == 3 * KM_EIGHTH) {
        return (int)(start + of_three[step]);
    }
    const uint32_t offset = (uint32_t)step * (length / STEPS_OF_PULSE);
    return offset % KM_SIXTEENTH == 0 ? (int)(start + offset) : -1;
}

static void strike_step(const struct km_drummer *drummer, uint32_t offset, char step, int growth)
{
    static const struct {
        char step;
        uint8_t drum, force;
    } strokes[] = {
        {'s', KM_DRUM_SNARE, 118},
        {'g', KM_DRUM_SNARE, KM_FORCE_GHOST},
        {'k', KM_DRUM_KICK, KM_FORCE_KICK},
        {'b', KM_DRUM_KICK, KM_FORCE_KICK},
        {'b', KM_DRUM_SNARE, 118},
        {'c', KM_DRUM_CLAP, 110},
        {'O', KM_DRUM_HAT_OPEN, KM_FORCE_HAT},
        {'h', KM_DRUM_TOM_HIGH, KM_FORCE_TOM},
        {'m', KM_DRUM_TOM_MIDDLE, KM_FORCE_TOM},
        {'l', KM_DRUM_TOM_LOW, KM_FORCE_TOM},
        {'f', KM_DRUM_TOM_FLOOR, KM_FORCE_TOM},
        {'w', KM_DRUM_BRUSH, KM_FORCE_BRUSH},
    };
    for (size_t i = 0; i < sizeof(strokes) / sizeof(strokes[0]); ++i) {
        if (strokes[i].step == step) {
            km_drummer_strike(drummer, offset, (enum km_drum)strokes[i].drum,
                              strokes[i].force * growth / 100);
        }
    }
}

uint32_t km_drummer_fill(struct km_drummer *drummer)
{
    const struct km_score *const score = drummer->score;
    const int length = steps_of_fill(drummer);
    const unsigned int family = family_of_genre[score->plan->genre];
    const unsigned int variant = km_random_below(&drummer->fills, VARIANTS);
    const struct fill *const fill =
        &fills[(family * KM_RHYTHM_LEVELS_COUNT + (unsigned int)drummer->level) * VARIANTS +
               variant];
    KM_CHECK(fill->family == family && fill->level == drummer->level);
    uint32_t first = score->bar_ticks;
    for (int i = KM_RHYTHM_STEPS - length; i < KM_RHYTHM_STEPS; ++i) {
        const int pulse = score->pulse_count - 4 + i / STEPS_OF_PULSE;
        const int tick = pulse < 0 ? -1 : tick_of_step(score, pulse, i % STEPS_OF_PULSE);
        if (tick < 0) {
            continue;
        }
        first = (uint32_t)tick < first ? (uint32_t)tick : first;
        strike_step(drummer, (uint32_t)tick, fill->steps[i], 84 + 2 * i);
    }
    return first;
}

// Strokes to a pulse: one, then two, at last four; threes in compound metres.
static uint32_t spacing_of_roll(const struct km_score *score, int place)
{
    const uint32_t pulse = score->pulse_starts[1];
    const bool is_compound = pulse == 3 * KM_EIGHTH;
    if (place < 50) {
        return pulse;
    }
    if (place < 75) {
        return is_compound ? KM_EIGHTH : pulse / 2;
    }
    return KM_SIXTEENTH;
}

void km_drummer_roll(const struct km_drummer *drummer)
{
    const struct km_score *const score = drummer->score;
    const struct km_plan_section *const section = drummer->section;
    const int bars = section->bar_count;
    const int bar = drummer->bar - section->first_bar;
    uint32_t next = 0;
    for (int pulse = 0; pulse < score->pulse_count; ++pulse) {
        const uint32_t end = score->pulse_starts[pulse + 1];
        const int place = (bar * score->pulse_count + pulse) * 100 / (bars * score->pulse_count);
        const uint32_t spacing = spacing_of_roll(score, place);
        if (place < 88) { // Before the end the kick makes room.
            km_drummer_strike(drummer, score->pulse_starts[pulse], KM_DRUM_KICK, KM_FORCE_KICK);
        }
        for (next = score->pulse_starts[pulse]; next < end; next += spacing) {
            km_drummer_strike(drummer, next, KM_DRUM_SNARE, 60 + place * 7 / 10);
        }
    }
}
