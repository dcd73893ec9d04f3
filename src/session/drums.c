// SPDX-License-Identifier: MIT

// The drums: patterns of the genre that grow with the tension, and fills where sections end.

#include "base/check.h"
#include "base/units.h"
#include "session/score_private.h"

#include <string.h>

enum drum {
    KICK = 36,
    SNARE = 38,
    HAT_CLOSED = 42,
    TOM_LOW = 45,
    HAT_OPEN = 46,
    TOM_MIDDLE = 47,
    CRASH = 49,
    TOM_HIGH = 50,
    RIDE = 51,
};

// Sixteenths of a bar of 4/4: 'x' a hit, 'o' a soft one. Other metres: see strike_pulse.
struct pattern {
    const char *kick, *snare, *hat;
    uint8_t cymbal; // When it is loud.
};

static const struct pattern patterns[KM_KITS_COUNT][2] = {
    [KM_KIT_BRUSHES] = {{"x.......o.......", "....o.......o...", "x...o...x...o...", RIDE},
                        {"x.......x.....o.", "....x.......x..o", "x.o.x.o.x.o.x.o.", RIDE}},
    [KM_KIT_BALLAD] = {{"x.......x.......", "........x.......", "x...x...x...x...", RIDE},
                       {"x.....o.x.......", "....x.......x...", "x.o.x.o.x.o.x.o.", RIDE}},
    [KM_KIT_ROCK] = {{"x.......x.......", "....x.......x...", "x.o.x.o.x.o.x.o.", RIDE},
                     {"x.....x.x.o.....", "....x.......x..o", "x.x.x.x.x.x.x.x.", CRASH}},
    [KM_KIT_PUNK] = {{"x...x...x...x...", "....x.......x...", "x.o.x.o.x.o.x.o.", RIDE},
                     {"x..x..x.x..x..x.", "....x.......x...", "x.x.x.x.x.x.x.x.", CRASH}},
    [KM_KIT_FOUR_FLOOR] = {{"x...x...x...x...", "............x...", "..x...x...x...x.", HAT_OPEN},
                           {"x...x...x...x...", "....x.......x...", "o.x.o.x.o.x.o.xo", HAT_OPEN}},
    [KM_KIT_BOOM_BAP] = {{"x.........x.....", "....x.......x...", "x.o.x.o.x.o.x.o.", RIDE},
                         {"x.....o...x..o..", "....x..o....x..o", "x.o.x.oox.o.x.oo", HAT_OPEN}},
};

struct drums {
    struct km_score *score;
    struct km_random random;
    int bar;
    float tension;
};

static void strike(const struct drums *drums, uint32_t offset, enum drum drum, int accent)
{
    struct km_score *const score = drums->score;
    km_score_add(score, KM_PART_DRUMS,
                 (struct km_score_note){.start = (uint32_t)drums->bar * score->bar_ticks + offset,
                                        .duration = KM_SIXTEENTH - KM_SIXTEENTH / 4,
                                        .key = (uint8_t)drum,
                                        .velocity = km_score_velocity(score, drums->bar, accent)});
}

static void strike_row(const struct drums *drums, const char *row, enum drum drum, uint32_t end)
{
    const size_t steps = strlen(row);
    for (uint32_t at = 0; at < end; at += KM_SIXTEENTH) {
        const char step = row[at / KM_SIXTEENTH % steps];
        if (step != '.') {
            strike(drums, at, drum, step == 'x' ? 2 : -14);
        }
    }
}

// What the kit does on a pulse of a metre that is not 4/4: kick on one, backbeats in what follows.
static void strike_pulse(const struct drums *drums, int pulse, int count)
{
    const uint32_t at = drums->score->pulse_starts[pulse];
    if (pulse == 0 || (count >= 5 && pulse == 2)) {
        strike(drums, at, KICK, 3);
        return;
    }
    const bool is_back = count <= 3 ? pulse == count - 1 : pulse % 2 == 1 || pulse == 4;
    if (is_back) {
        strike(drums, at, SNARE, 0);
    }
}

static void play_pulses(const struct drums *drums, int level, uint32_t end)
{
    const struct km_score *const score = drums->score;
    for (int i = 0; i < score->pulse_count && score->pulse_starts[i] < end; ++i) {
        if (level == 2) {
            strike_pulse(drums, i, score->pulse_count);
        }
        const uint32_t next = score->pulse_starts[i + 1];
        for (uint32_t at = score->pulse_starts[i]; at < next && at < end; at += KM_EIGHTH) {
            strike(drums, at, HAT_CLOSED, at == score->pulse_starts[i] ? 0 : -12);
        }
    }
}

// From a pulse of the bar on: snare, then toms downwards, growing.
static void play_fill(const struct drums *drums, uint32_t start)
{
    static const enum drum order[] = {SNARE, TOM_HIGH, TOM_MIDDLE, TOM_LOW};
    const uint32_t end = drums->score->bar_ticks;
    const uint32_t steps = (end - start) / KM_SIXTEENTH;
    for (uint32_t i = 0; i < steps; ++i) {
        const enum drum drum = order[i * 4 / steps];
        if (i % 2 == 0 || drums->tension > 0.75F) {
            strike(drums, start + i * KM_SIXTEENTH, drum, (int)(i * 10 / steps) - 4);
        }
    }
}

// How much of the kit plays in a section: nothing, hats alone, or everything.
static int level_of(const struct drums *drums, uint8_t kind)
{
    if (kind == KM_SECTION_INTRO || kind == KM_SECTION_OUTRO || kind == KM_SECTION_BREAKDOWN) {
        return drums->tension > 0.55F ? 1 : 0;
    }
    return drums->tension > 0.45F ? 2 : 1;
}

static void play_groove(const struct drums *drums, int level, uint32_t end)
{
    const struct km_score *const score = drums->score;
    const struct pattern *const pattern =
        &patterns[score->traits->kit][drums->tension > 0.8F ? 1 : 0];
    if (score->bar_ticks != 4 * KM_PPQ) {
        play_pulses(drums, level, end);
        return;
    }
    if (level == 2) {
        strike_row(drums, pattern->kick, KICK, end);
        strike_row(drums, pattern->snare, SNARE, end);
    }
    const bool is_loud = drums->tension > 1.0F && pattern->cymbal == RIDE;
    strike_row(drums, pattern->hat, is_loud ? RIDE : HAT_CLOSED, end);
}

static void play_bar(struct drums *drums, const struct km_plan_section *section)
{
    struct km_score *const score = drums->score;
    const int level = level_of(drums, section->kind);
    const bool is_first = drums->bar == section->first_bar;
    const bool is_last = drums->bar + 1 == section->first_bar + section->bar_count;
    const bool is_end = drums->bar + 1 == score->plan->length_bars;
    const int fill_pulse = score->pulse_count - (km_random_chance(&drums->random, 0.35) ? 2 : 1);
    if (is_end) { // The end is one stroke with the others.
        if (level > 0) {
            strike(drums, 0, KICK, 4);
            strike(drums, 0, CRASH, -6);
        }
        return;
    }
    if (level == 0) {
        return;
    }
    if (is_first && level == 2 && drums->tension > 0.6F) {
        strike(drums, 0, CRASH, 6);
    }
    const bool has_fill = is_last && level == 2;
    const uint32_t end = has_fill ? score->pulse_starts[fill_pulse] : score->bar_ticks;
    play_groove(drums, level, end);
    if (has_fill) {
        play_fill(drums, end);
    }
}

void km_score_write_drums(struct km_score *score)
{
    struct drums drums = {.score = score};
    km_random_init(&drums.random, score->plan->seed, "drums");
    for (int bar = 0; bar < score->plan->length_bars; ++bar) {
        drums.bar = bar;
        drums.tension = score->plan->tension[bar];
        play_bar(&drums, km_score_section(score, bar));
    }
}
