// SPDX-License-Identifier: MIT

// Who plays: which parts are on, with what instruments, how loud beside the others.

#include "base/check.h"
#include "base/random.h"
#include "groove/groove.h"
#include "session/genre_private.h"
#include "session/instruments_private.h"
#include "session/planner_private.h"

// What a genre adds to melody, chords and bass: instruments from 0, and how much it likes them; at
// 1 it is never without.
struct additions {
    uint8_t pad, counter;
    float pad_liking, counter_liking;
};

static const struct additions additions[KM_GENRES_COUNT] = {
    [KM_GENRE_CINEMATIC_NEO_SOUL] = {49, 60, 1.0F, 0.75F},  // strings, horn
    [KM_GENRE_LO_FI_BEDROOM] = {89, 26, 0.45F, 0.35F},      // warm pad, jazz guitar
    [KM_GENRE_INDUSTRIAL_POP] = {95, 44, 0.6F, 0.5F},       // sweep pad, tremolo strings
    [KM_GENRE_SYNTHWAVE] = {50, 81, 1.0F, 0.6F},            // synth strings, sawtooth
    [KM_GENRE_CONFESSIONAL_ACOUSTIC] = {48, 0, 0.2F, 0.4F}, // strings, piano
    [KM_GENRE_ART_ROCK] = {16, 48, 0.55F, 0.65F},           // organ, strings
    [KM_GENRE_INDIE_FOLK] = {20, 40, 0.35F, 0.6F},          // reed organ, violin
    [KM_GENRE_POST_PUNK] = {50, 26, 0.45F, 0.4F},           // synth strings, jazz guitar
    [KM_GENRE_CHAMBER_POP] = {52, 42, 0.45F, 0.85F},        // choir, cello
    [KM_GENRE_ELECTRONIC] = {95, 80, 0.65F, 0.5F},          // sweep pad, square
    [KM_GENRE_HIP_HOP] = {51, 26, 0.4F, 0.35F},             // synth strings, jazz guitar
    [KM_GENRE_R_AND_B] = {50, 26, 0.6F, 0.5F},              // synth strings, jazz guitar
    [KM_GENRE_ALTERNATIVE] = {16, 48, 0.45F, 0.4F},         // organ, strings
    [KM_GENRE_SHOEGAZE] = {94, 27, 1.0F, 0.5F},             // halo pad, clean guitar
    [KM_GENRE_DREAM_POP] = {91, 27, 1.0F, 0.5F},            // choir pad, clean guitar
};

enum { PIANO = 0, VIOLIN = 40, VIOLA = 41, CELLO = 42, OCTAVE = 12 };

// Whether there are drums at all: a grieving song with a guitar needs no drummer; one for the club
// keeps its beat longer.
static bool has_drums(const struct km_harmony_plan *plan)
{
    const int middle = (plan->velocity_low + plan->velocity_high) / 2;
    const uint8_t kit = km_genre_traits((enum km_genre)plan->genre)->kit;
    return middle >= (kit == KM_KIT_BRUSHES || kit == KM_KIT_BALLAD ? 57 : 51);
}

// How many players a feeling gathers, 0 to 1: fewer the quieter and weaker it is.
static float fullness(const struct km_harmony_plan *plan)
{
    const float full = 0.45F + 0.3F * plan->affect.arousal + 0.35F * plan->affect.intensity;
    return full < 0.0F ? 0.0F : (full > 1.0F ? 1.0F : full);
}

static bool joins(const struct km_harmony_plan *plan, enum km_part part, float liking)
{
    struct km_random random;
    km_random_init(&random, plan->seed, km_part_id(part));
    const double doubt = km_random_unit(&random);
    return liking >= 1.0F || doubt < (double)(liking * (0.35F + fullness(plan)));
}

static void gather_band(struct km_harmony_plan *plan)
{
    static const uint8_t kits[KM_KITS_COUNT] = {
        [KM_KIT_BRUSHES] = 40, [KM_KIT_BALLAD] = 0,      [KM_KIT_ROCK] = 0,
        [KM_KIT_PUNK] = 16,    [KM_KIT_FOUR_FLOOR] = 24, [KM_KIT_BOOM_BAP] = 25,
    };
    const struct km_genre_traits *const traits = km_genre_traits((enum km_genre)plan->genre);
    const struct additions *const added = &additions[plan->genre];
    struct km_plan_part *const parts = plan->parts;
    parts[KM_PART_MELODY] = (struct km_plan_part){true, traits->melody_program, 4, 0};
    parts[KM_PART_COUNTER] = (struct km_plan_part){
        joins(plan, KM_PART_COUNTER, added->counter_liking), added->counter, -8, 0};
    parts[KM_PART_CHORDS] = (struct km_plan_part){true, traits->chords_program, -11, 0};
    parts[KM_PART_PAD] =
        (struct km_plan_part){joins(plan, KM_PART_PAD, added->pad_liking), added->pad, -16, 0};
    parts[KM_PART_BASS] = (struct km_plan_part){true, traits->bass_program, -3, 0};
    parts[KM_PART_DRUMS] = (struct km_plan_part){has_drums(plan), kits[traits->kit], -4, 0};
}

static void gather_piano(struct km_harmony_plan *plan)
{
    plan->parts[KM_PART_MELODY] = (struct km_plan_part){true, PIANO, 6, 0};
    plan->parts[KM_PART_CHORDS] = (struct km_plan_part){true, PIANO, -9, 0};
}

static void gather_quartet(struct km_harmony_plan *plan)
{
    plan->parts[KM_PART_MELODY] = (struct km_plan_part){true, VIOLIN, 5, 0};
    plan->parts[KM_PART_COUNTER] = (struct km_plan_part){true, VIOLIN, -7, 0};
    plan->parts[KM_PART_PAD] = (struct km_plan_part){true, VIOLA, -7, 0};
    plan->parts[KM_PART_BASS] = (struct km_plan_part){true, CELLO, -3, 0};
}

static void change_level(struct km_plan_part *part, int change)
{
    part->level = (int8_t)(part->level + change);
}

// The tune beneath what accompanies it.
static void bury_melody(struct km_harmony_plan *plan)
{
    plan->parts[KM_PART_MELODY].level = -24;
    plan->parts[KM_PART_CHORDS].level = 4;
    if (plan->ensemble == KM_ENSEMBLE_STRING_QUARTET) {
        plan->parts[KM_PART_COUNTER].level = 2;
        plan->parts[KM_PART_PAD].level = 4;
    }
}

// One of the parts that accompany, far too loud.
static void unbalance(struct km_harmony_plan *plan)
{
    static const enum km_part choices[KM_ENSEMBLES_COUNT][2] = {
        [KM_ENSEMBLE_BAND] = {KM_PART_CHORDS, KM_PART_BASS},
        [KM_ENSEMBLE_SOLO_PIANO] = {KM_PART_CHORDS, KM_PART_CHORDS},
        [KM_ENSEMBLE_STRING_QUARTET] = {KM_PART_PAD, KM_PART_BASS},
    };
    struct km_random random;
    km_random_init(&random, plan->seed, "unbalanced dynamics");
    const int choice = km_random_chance(&random, 0.5) ? 1 : 0;
    change_level(&plan->parts[choices[plan->ensemble][choice]], 36);
}

// A tune that lies too low for its instrument goes to a lower relative.
static uint8_t lower_relative(uint8_t program)
{
    switch (program) {
    case 73: // Flute: clarinet.
        return 71;
    case 68: // Oboe: English horn.
        return 69;
    case 11: // Vibraphone: jazz guitar.
        return 26;
    default:
        return program;
    }
}

// Moves the melody's register to where its instrument plays, and where the others leave it room: a
// left hand or three strings need keys below.
static void fit_register(struct km_harmony_plan *plan)
{
    enum { BEND = 3 }; // Semitones that a register may move for an instrument's sake.
    static const int floors[KM_ENSEMBLES_COUNT] = {
        [KM_ENSEMBLE_SOLO_PIANO] = 57, [KM_ENSEMBLE_STRING_QUARTET] = 64};
    struct km_plan_part *const melody = &plan->parts[KM_PART_MELODY];
    if (plan->register_low + BEND < km_instrument_range(melody->program).low) {
        melody->program = lower_relative(melody->program);
    }
    const struct km_key_range range = km_instrument_range(melody->program);
    // A step to spare on both sides: lines turn there.
    const int floor = floors[plan->ensemble];
    const int lowest = range.low + 1 > floor ? range.low + 1 : floor;
    const int highest = range.high - 1;
    int low = plan->register_low;
    int high = plan->register_high;
    const int up = low < lowest ? lowest - low : 0;
    low += up;
    high += up;
    const int down = high > highest ? high - highest : 0;
    high -= down;
    low = low - down > lowest ? low - down : lowest;
    KM_CHECK(high - low >= OCTAVE);
    plan->register_low = (uint8_t)low;
    plan->register_high = (uint8_t)high;
}

void km_plan_choose_parts(struct km_harmony_plan *plan)
{
    static void (*const gather[KM_ENSEMBLES_COUNT])(struct km_harmony_plan *) = {
        [KM_ENSEMBLE_BAND] = gather_band,
        [KM_ENSEMBLE_SOLO_PIANO] = gather_piano,
        [KM_ENSEMBLE_STRING_QUARTET] = gather_quartet,
    };
    KM_CHECK(plan->velocity_high > 0);
    KM_CHECK(plan->ensemble < KM_ENSEMBLES_COUNT);
    gather[plan->ensemble](plan);
    if (plan->ensemble != KM_ENSEMBLE_BAND) {
        plan->groove_style = KM_GROOVE_NATURAL; // Players of chamber music, not of the genre.
    }
    fit_register(plan);
    if (km_plan_breaks(plan, KM_RULE_ARRANGEMENT_BURIED_VOCALS)) {
        bury_melody(plan);
    }
    if (km_plan_breaks(plan, KM_RULE_ARRANGEMENT_UNBALANCED_DYNAMICS)) {
        unbalance(plan);
    }
}
