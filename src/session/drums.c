// SPDX-License-Identifier: MIT

// The drums: patterns of the genre that grow with the tension, a drummer's habits on top of them,
// and what happens where sections begin and end.

#include "base/check.h"
#include "base/math.h"
#include "base/units.h"
#include "session/drums_private.h"

enum { HABIT_STEPS = 2 * KM_RHYTHM_STEPS };

enum habit {
#define KM_DRUM_HABIT(FAMILY, ...) HABIT_##FAMILY,
#include "session/drum_habits.def"
#undef KM_DRUM_HABIT
    HABITS_COUNT
};

static const uint8_t habits[HABITS_COUNT][HABIT_STEPS] = {
#define KM_DRUM_HABIT(FAMILY, bars, ...) [HABIT_##FAMILY] = {__VA_ARGS__},
#include "session/drum_habits.def"
#undef KM_DRUM_HABIT
};

static const uint8_t habit_of_genre[KM_GENRES_COUNT] = {
#define KM_DRUMMER(GENRE, HABIT, FILLS) [KM_GENRE_##GENRE] = HABIT_##HABIT,
#include "session/drummers.def"
#undef KM_DRUMMER
};

enum manner { WAITS, KEEPS_TIME, PLAYS };

void km_drummer_strike(const struct km_drummer *drummer, uint32_t offset, enum km_drum drum,
                       int force)
{
    struct km_score *const score = drummer->score;
    const int velocity = km_score_velocity(score, drummer->bar, 0) * force / 100;
    km_score_add(score, KM_PART_DRUMS,
                 (struct km_score_note){
                     .start = (uint32_t)drummer->bar * score->bar_ticks + offset,
                     .duration = KM_SIXTEENTH - KM_SIXTEENTH / 4,
                     .key = (uint8_t)drum,
                     .velocity = (uint8_t)(velocity > 127 ? 127 : velocity),
                 });
}

static bool is_chorus(const struct km_drummer *drummer)
{
    return drummer->section->kind == KM_SECTION_CHORUS || drummer->section->kind == KM_SECTION_DROP;
}

// How much of a drummer's habits comes on top of the pattern.
static int ornament_percent(const struct km_drummer *drummer)
{
    static const uint8_t of_level[KM_RHYTHM_LEVELS_COUNT] = {0, 35, 55};
    const struct km_harmony_plan *const plan = drummer->score->plan;
    int percent = of_level[drummer->level] * (60 + (int)(60.0F * plan->complexity)) / 100;
    if (plan->feel == KM_FEEL_MECHANICAL) {
        percent = 0;
    } else if (plan->feel == KM_FEEL_STRAIGHT_DRIVING) {
        percent /= 2;
    } else if (plan->feel == KM_FEEL_SYNCOPATED) {
        percent = percent * 3 / 2;
    }
    return percent;
}

// Habits come in every second bar, so that a pattern stays one.
static bool is_ornamented(const struct km_drummer *drummer, int row,
                          const struct km_rhythm_place *place)
{
    if ((drummer->bar - drummer->section->first_bar) % 2 == 0 || place->tick == 0) {
        return false;
    }
    const int percent =
        drummer->habit[row * KM_RHYTHM_STEPS + place->step] * ornament_percent(drummer) / 100;
    return drummer->draws[row][place->step] < percent;
}

// Syncopated feels leave the third beat for what is before or after it.
static char kick_at(const struct km_drummer *drummer, const char *row,
                    const struct km_rhythm_place *place)
{
    enum { THIRD_BEAT = 8 };
    const char stroke = km_rhythm_stroke(row, place);
    const bool is_odd = (drummer->bar - drummer->section->first_bar) % 2 == 1;
    if (place->tick == 0 || !km_rhythm_is_syncopated(drummer->score, drummer->level)) {
        return stroke;
    }
    if (place->step == THIRD_BEAT) {
        return '.';
    }
    return place->step == (is_odd ? THIRD_BEAT + 2 : THIRD_BEAT - 2) ? 'x' : stroke;
}

static void strike_kick(const struct km_drummer *drummer, const char *row,
                        const struct km_rhythm_place *place)
{
    const char stroke = kick_at(drummer, row, place);
    if (stroke == '.' && is_ornamented(drummer, 0, place)) {
        km_drummer_strike(drummer, place->tick, KM_DRUM_KICK, KM_FORCE_KICK_SOFT);
    } else if (stroke != '.') {
        km_drummer_strike(drummer, place->tick, KM_DRUM_KICK,
                          stroke == 'x' ? KM_FORCE_KICK : KM_FORCE_KICK_SOFT);
    }
}

static void strike_snare(const struct km_drummer *drummer, const char *row,
                         const struct km_rhythm_place *place)
{
    const char stroke = km_rhythm_stroke(row, place);
    const uint16_t at = place->tick;
    switch (stroke) {
    case 'x':
        km_drummer_strike(drummer, at, KM_DRUM_SNARE, KM_FORCE_BACK_BEAT);
        break;
    case 'g':
        km_drummer_strike(drummer, at, KM_DRUM_SNARE, KM_FORCE_GHOST);
        break;
    case 'r':
        km_drummer_strike(drummer, at, KM_DRUM_STICK, KM_FORCE_STICK);
        break;
    case 'w':
        km_drummer_strike(drummer, at, KM_DRUM_BRUSH, KM_FORCE_BRUSH);
        break;
    case 'b':
        km_drummer_strike(drummer, at, KM_DRUM_SNARE, KM_FORCE_BACK_BEAT);
        km_drummer_strike(drummer, at, KM_DRUM_CLAP, KM_FORCE_STICK);
        break;
    case 'c':
        km_drummer_strike(drummer, at, KM_DRUM_CLAP, KM_FORCE_BACK_BEAT);
        break;
    default:
        if (is_ornamented(drummer, 1, place)) {
            km_drummer_strike(drummer, at, KM_DRUM_SNARE, KM_FORCE_GHOST);
        }
        break;
    }
}

struct cymbal {
    char stroke;
    uint8_t drum, force;
};

static const struct cymbal cymbals[] = {
    {'x', KM_DRUM_HAT, KM_FORCE_HAT},         {'o', KM_DRUM_HAT, KM_FORCE_HAT_SOFT},
    {'O', KM_DRUM_HAT_OPEN, KM_FORCE_HAT},    {'p', KM_DRUM_HAT_FOOT, KM_FORCE_HAT_FOOT},
    {'R', KM_DRUM_RIDE, KM_FORCE_RIDE},       {'r', KM_DRUM_RIDE, KM_FORCE_RIDE_SOFT},
    {'C', KM_DRUM_CRASH, KM_FORCE_CRASH - 8},
};

// Loud choruses of bands go from the hi-hat to the ride.
static char cymbal_of(const struct km_drummer *drummer, char stroke,
                      const struct km_rhythm_place *place)
{
    const uint8_t kit = drummer->score->traits->kit;
    const bool is_band = kit == KM_KIT_ROCK || kit == KM_KIT_BRUSHES || kit == KM_KIT_BALLAD;
    if (is_band && is_chorus(drummer) && drummer->level == KM_RHYTHM_LOUD) {
        return stroke == 'x' ? 'R' : (stroke == 'o' ? 'r' : stroke);
    }
    const bool is_fourth = (drummer->bar - drummer->section->first_bar) % 4 == 3;
    const bool opens = drummer->opens_hat && is_fourth && place->even == 14;
    return opens && drummer->level != KM_RHYTHM_CALM && (stroke == 'x' || stroke == 'o') ? 'O'
                                                                                         : stroke;
}

static void strike_time(const struct km_drummer *drummer, const char *row,
                        const struct km_rhythm_place *place)
{
    // The hi-hat by sixteenth of the beat, 75-51-71-59: what the groove's accents, which are .6 of
    // a style's, leave to do.
    static const uint8_t accents[] = {107, 92, 104, 97};
    if (row[0] == '\0') {
        return;
    }
    const char stroke = cymbal_of(drummer, row[place->even], place);
    const int accent =
        drummer->score->plan->feel == KM_FEEL_MECHANICAL ? 100 : accents[place->even % 4];
    for (size_t i = 0; i < sizeof(cymbals) / sizeof(cymbals[0]); ++i) {
        if (cymbals[i].stroke == stroke) {
            km_drummer_strike(drummer, place->tick, (enum km_drum)cymbals[i].drum,
                              cymbals[i].force * accent / 100);
        }
    }
}

static void strike_colour(const struct km_drummer *drummer, const char *row,
                          const struct km_rhythm_place *place)
{
    static const struct cymbal colours[] = {
        {'t', KM_DRUM_TAMBOURINE, KM_FORCE_COLOUR},
        {'s', KM_DRUM_SHAKER, KM_FORCE_COLOUR},
        {'k', KM_DRUM_COWBELL, KM_FORCE_COLOUR},
        {'h', KM_DRUM_TOM_HIGH, 110},
        {'m', KM_DRUM_TOM_MIDDLE, 110},
        {'l', KM_DRUM_TOM_LOW, 110},
        {'f', KM_DRUM_TOM_FLOOR, 110},
    };
    const char stroke = km_rhythm_stroke(row, place);
    for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); ++i) {
        if (colours[i].stroke == stroke) {
            km_drummer_strike(drummer, place->tick, (enum km_drum)colours[i].drum,
                              colours[i].force);
        }
    }
}

// A breakdown goes at half the pace: one back beat in the middle, cymbals on the beats.
static void strike_half_time(const struct km_drummer *drummer, const struct km_rhythm_place *place)
{
    const struct km_drum_pattern *const rows = drummer->patterns[drummer->level];
    if (place->tick == 0) {
        strike_kick(drummer, rows->kick, place);
    }
    if (place->step == 8 && drummer->level != KM_RHYTHM_CALM) {
        km_drummer_strike(drummer, place->tick, KM_DRUM_SNARE, KM_FORCE_BACK_BEAT);
    }
    if (place->tick == drummer->score->pulse_starts[place->pulse]) {
        strike_time(drummer, rows->time, place);
    }
}

static void play_groove(const struct km_drummer *drummer, uint32_t start, uint32_t end)
{
    const bool is_odd = (drummer->bar - drummer->section->first_bar) % 2 == 1;
    const struct km_rhythm_layout *const layout = &drummer->layouts[is_odd];
    const struct km_drum_pattern *const rows = drummer->patterns[drummer->level];
    const bool keeps_time =
        drummer->section->kind == KM_SECTION_INTRO && drummer->manner == KEEPS_TIME;
    for (int i = 0; i < layout->count && layout->places[i].tick < end; ++i) {
        const struct km_rhythm_place *const place = &layout->places[i];
        if (drummer->section->kind == KM_SECTION_BREAKDOWN) {
            strike_half_time(drummer, place);
            continue;
        }
        if (place->tick >= start) {
            strike_time(drummer, rows->time, place);
        }
        if (!keeps_time) {
            strike_kick(drummer, rows->kick, place);
            strike_snare(drummer, rows->snare, place);
            strike_colour(drummer, rows->colour, place);
        }
    }
}

static void begin_section(struct km_drummer *drummer, const struct km_plan_section *section)
{
    const struct km_score *const score = drummer->score;
    struct km_random random = km_score_stream(score, KM_PART_DRUMS, section->kind);
    drummer->section = section;
    for (int level = 0; level < KM_RHYTHM_LEVELS_COUNT; ++level) {
        const int variant = km_rhythm_variant(score, section->kind, (enum km_rhythm_level)level,
                                              score->plan->parts[KM_PART_DRUMS].variation);
        drummer->patterns[level] = km_rhythm_pattern(score, (enum km_rhythm_level)level, variant);
    }
    for (int i = 0; i < HABIT_STEPS; ++i) {
        drummer->draws[i / KM_RHYTHM_STEPS][i % KM_RHYTHM_STEPS] =
            (uint8_t)km_random_below(&random, 100);
    }
    const float arousal = score->plan->affect.arousal;
    const double draw = km_random_unit(&random) + (double)arousal * 0.4;
    drummer->manner = draw < 0.3 ? WAITS : (draw < 0.65 ? KEEPS_TIME : PLAYS);
    drummer->opens_hat = km_random_chance(&random, 0.6);
}

// The end is one stroke with the others.
static void play_end(const struct km_drummer *drummer)
{
    km_drummer_strike(drummer, 0, KM_DRUM_KICK, KM_FORCE_KICK);
    if (drummer->level == KM_RHYTHM_CALM) {
        km_drummer_strike(drummer, 0, KM_DRUM_RIDE, KM_FORCE_RIDE_SOFT);
    } else {
        km_drummer_strike(drummer, 0, KM_DRUM_CRASH, KM_FORCE_CRASH);
    }
}

static bool begins_with_crash(const struct km_drummer *drummer)
{
    const uint8_t kind = drummer->section->kind;
    const bool is_calm =
        kind == KM_SECTION_INTRO || kind == KM_SECTION_BREAKDOWN || kind == KM_SECTION_OUTRO;
    return drummer->bar == drummer->section->first_bar && !is_calm &&
           drummer->level != KM_RHYTHM_CALM && drummer->energy > 0.7F;
}

// Whether a fill leads from this bar into the next.
static bool has_fill(const struct km_drummer *drummer)
{
    const struct km_harmony_plan *const plan = drummer->score->plan;
    const int next = drummer->bar + 1;
    if (next != drummer->section->first_bar + drummer->section->bar_count) {
        return false;
    }
    return next >= plan->length_bars ||
           km_score_section(drummer->score, next)->kind != KM_SECTION_SILENCE;
}

static void play_bar(struct km_drummer *drummer)
{
    const struct km_score *const score = drummer->score;
    const uint8_t kind = drummer->section->kind;
    if (kind == KM_SECTION_SILENCE) {
        return;
    }
    if (drummer->bar + 1 == score->plan->length_bars && !score->plan->is_continued) {
        play_end(drummer);
        return;
    }
    if (kind == KM_SECTION_BUILD) {
        km_drummer_roll(drummer);
        return;
    }
    const bool fills = has_fill(drummer);
    if (kind == KM_SECTION_INTRO && drummer->manner == WAITS && !fills) {
        return;
    }
    const bool crashes = begins_with_crash(drummer);
    if (crashes) {
        km_drummer_strike(drummer, 0, KM_DRUM_CRASH, KM_FORCE_CRASH);
    }
    const uint32_t end = fills ? km_drummer_fill(drummer) : score->bar_ticks;
    if (kind != KM_SECTION_INTRO || drummer->manner != WAITS) {
        play_groove(drummer, crashes ? 1 : 0, end);
    }
}

void km_score_write_drums(struct km_score *score)
{
    KM_CHECK(score->plan->genre < KM_GENRES_COUNT);
    struct km_drummer drummer = {
        .score = score,
        .habit = habits[habit_of_genre[score->plan->genre]],
        .fills = km_score_part_stream(score, KM_PART_DRUMS, "fills"),
    };
    km_rhythm_lay_out(score, false, &drummer.layouts[0]);
    km_rhythm_lay_out(score, true, &drummer.layouts[1]);
    for (int bar = 0; bar < score->plan->length_bars; ++bar) {
        const struct km_plan_section *const section = km_score_section(score, bar);
        if (section != drummer.section) {
            begin_section(&drummer, section);
        }
        drummer.bar = bar;
        drummer.energy = km_rhythm_energy(score, bar);
        drummer.level = km_rhythm_level(score, bar);
        play_bar(&drummer);
    }
}
