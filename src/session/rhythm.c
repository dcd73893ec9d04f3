// SPDX-License-Identifier: MIT

#include "session/rhythm_private.h"

#include "base/check.h"
#include "base/units.h"

#include <stdio.h>

enum { QUARTER_STEPS = 4 };

struct genre_pattern {
    uint8_t genre, level;
    struct km_drum_pattern rows;
};

static const struct genre_pattern patterns[] = {
#define KM_DRUM_PATTERN(GENRE, LEVEL, kick, snare, time, colour)                                   \
    {KM_GENRE_##GENRE, KM_RHYTHM_##LEVEL, {kick, snare, time, colour}},
#include "session/drum_patterns.def"
#undef KM_DRUM_PATTERN
};

enum { PATTERNS_PER_GENRE = KM_RHYTHM_LEVELS_COUNT * KM_RHYTHM_VARIANTS };

_Static_assert(sizeof(patterns) / sizeof(patterns[0]) ==
                   (size_t)KM_GENRES_COUNT * PATTERNS_PER_GENRE,
               "two patterns for each genre and level");

float km_rhythm_energy(const struct km_score *score, int bar)
{
    return score->plan->tension[bar] + 0.3F * score->plan->affect.arousal;
}

// The mean of the phrase that a bar belongs to, so that a pattern holds as long as a phrase.
static float phrase_energy(const struct km_score *score, int bar)
{
    const struct km_plan_section *const section = km_score_section(score, bar);
    const int into = (bar - section->first_bar) % KM_PLAN_PHRASE_BARS;
    const int left = section->first_bar + section->bar_count - (bar - into);
    const int count = left < KM_PLAN_PHRASE_BARS ? left : KM_PLAN_PHRASE_BARS;
    float sum = 0.0F;
    for (int i = 0; i < count; ++i) {
        sum += km_rhythm_energy(score, bar - into + i);
    }
    return sum / (float)count;
}

enum km_rhythm_level km_rhythm_level(const struct km_score *score, int bar)
{
    const uint8_t kind = km_score_section(score, bar)->kind;
    const bool is_edge = kind == KM_SECTION_INTRO || kind == KM_SECTION_OUTRO ||
                         kind == KM_SECTION_BREAKDOWN || kind == KM_SECTION_SILENCE;
    const float energy = phrase_energy(score, bar) - (is_edge ? 0.2F : 0.0F);
    if (energy < 0.62F) {
        return KM_RHYTHM_CALM;
    }
    return energy < 0.95F ? KM_RHYTHM_MIDDLE : KM_RHYTHM_LOUD;
}

int km_rhythm_variant(const struct km_score *score, uint8_t kind, enum km_rhythm_level level,
                      uint16_t variation)
{
    char name[32];
    (void)snprintf(name, sizeof(name), "rhythm %s", km_section_name((enum km_section_kind)kind));
    struct km_random random;
    km_random_init(&random, score->plan->seed, name);
    const uint64_t bits = km_random_bits(&random);
    return (int)(((bits >> (unsigned int)level & 1U) + variation) % KM_RHYTHM_VARIANTS);
}

const struct km_drum_pattern *km_rhythm_pattern(const struct km_score *score,
                                                enum km_rhythm_level level, int variant)
{
    const unsigned int genre = score->plan->genre;
    const struct genre_pattern *const pattern =
        &patterns[genre * PATTERNS_PER_GENRE + (unsigned int)level * KM_RHYTHM_VARIANTS +
                  (unsigned int)variant];
    KM_CHECK(pattern->genre == genre && pattern->level == level);
    return &pattern->rows;
}

// The beat of 4/4 whose steps a pulse plays. A waltz goes one, two, three for brushes and folk,
// and keeps the back beat on its last elsewhere; two beats are the halves of a bar by turns, five
// are three and two.
static unsigned int beat_of_pulse(const struct km_score *score, int pulse, bool is_odd)
{
    static const uint8_t waltz[] = {0, 1, 3};
    static const uint8_t three[] = {0, 2, 3};
    static const uint8_t five[] = {0, 2, 1, 2, 3};
    switch (score->pulse_count) {
    case 1:
        return is_odd ? 2 : 0;
    case 2:
        return (unsigned int)pulse + (is_odd ? 2 : 0);
    case 3:
        if (score->plan->beat_unit == 8 && score->plan->beats_per_bar % 3 != 0) {
            return (unsigned int)pulse; // Seven eighths are a bar of 4/4, cut short.
        }
        return score->traits->kit == KM_KIT_BRUSHES ? waltz[pulse] : three[pulse];
    case 5:
        return five[pulse];
    default:
        return (unsigned int)pulse % 4;
    }
}

static void add_place(struct km_rhythm_layout *layout, struct km_rhythm_place place)
{
    KM_CHECK(layout->count < KM_RHYTHM_PLACES_MAX);
    layout->places[layout->count++] = place;
}

// Three eighths: what is on the beat, on its second sixteenth, and after its middle.
static void lay_compound(struct km_rhythm_layout *layout, struct km_rhythm_place place)
{
    const uint8_t first = place.step;
    add_place(layout, place);
    place.tick = (uint16_t)(place.tick + KM_EIGHTH);
    place.step = place.second = (uint8_t)(first + 1);
    place.even = (uint8_t)(first + 2);
    add_place(layout, place);
    place.tick = (uint16_t)(place.tick + KM_EIGHTH);
    place.step = place.even = (uint8_t)(first + 2);
    place.second = (uint8_t)(first + 3);
    add_place(layout, place);
}

void km_rhythm_lay_out(const struct km_score *score, bool is_odd, struct km_rhythm_layout *layout)
{
    const bool is_compound = score->plan->beat_unit == 8 && score->plan->beats_per_bar % 3 == 0;
    layout->count = 0;
    for (int pulse = 0; pulse < score->pulse_count; ++pulse) {
        const uint32_t start = score->pulse_starts[pulse];
        const uint32_t length = score->pulse_starts[pulse + 1] - start;
        const unsigned int first = beat_of_pulse(score, pulse, is_odd) * QUARTER_STEPS;
        struct km_rhythm_place place = {
            .tick = (uint16_t)start,
            .pulse = (uint8_t)pulse,
            .step = (uint8_t)first,
            .second = (uint8_t)first,
            .even = (uint8_t)first,
        };
        if (is_compound) {
            lay_compound(layout, place);
            continue;
        }
        for (uint32_t i = 0; i * KM_SIXTEENTH < length; ++i) {
            place.tick = (uint16_t)(start + i * KM_SIXTEENTH);
            place.step = place.second = place.even = (uint8_t)((first + i) % KM_RHYTHM_STEPS);
            add_place(layout, place);
        }
    }
}

char km_rhythm_stroke(const char *row, const struct km_rhythm_place *place)
{
    if (row[0] == '\0') {
        return '.';
    }
    const char stroke = row[place->step];
    return stroke != '.' ? stroke : row[place->second];
}

bool km_rhythm_is_syncopated(const struct km_score *score, enum km_rhythm_level level)
{
    return score->plan->feel == KM_FEEL_SYNCOPATED && level != KM_RHYTHM_CALM;
}
