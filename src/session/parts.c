// SPDX-License-Identifier: MIT

// Who plays: which parts are on, with what instruments, how loud beside the others.

#include "base/check.h"
#include "base/random.h"
#include "session/genre_private.h"
#include "session/planner_private.h"

// Whether there are drums at all: a grieving song with a guitar needs no drummer; one for the club
// keeps its beat longer.
static bool has_drums(const struct km_harmony_plan *plan)
{
    const int middle = (plan->velocity_low + plan->velocity_high) / 2;
    const uint8_t kit = km_genre_traits((enum km_genre)plan->genre)->kit;
    return middle >= (kit == KM_KIT_BRUSHES || kit == KM_KIT_BALLAD ? 57 : 51);
}

static void choose_programs(struct km_harmony_plan *plan)
{
    static const uint8_t kits[KM_KITS_COUNT] = {
        [KM_KIT_BRUSHES] = 40, [KM_KIT_BALLAD] = 0,      [KM_KIT_ROCK] = 0,
        [KM_KIT_PUNK] = 16,    [KM_KIT_FOUR_FLOOR] = 24, [KM_KIT_BOOM_BAP] = 25,
    };
    const struct km_genre_traits *const traits = km_genre_traits((enum km_genre)plan->genre);
    plan->parts[KM_PART_MELODY].program = traits->melody_program;
    plan->parts[KM_PART_CHORDS].program = traits->chords_program;
    plan->parts[KM_PART_BASS].program = traits->bass_program;
    plan->parts[KM_PART_DRUMS].program = kits[traits->kit];
}

static void choose_levels(struct km_harmony_plan *plan)
{
    struct km_plan_part *const parts = plan->parts;
    parts[KM_PART_MELODY].level = 4;
    parts[KM_PART_CHORDS].level = -11;
    parts[KM_PART_BASS].level = -3;
    parts[KM_PART_DRUMS].level = -4;
    if (km_plan_breaks(plan, KM_RULE_ARRANGEMENT_BURIED_VOCALS)) {
        parts[KM_PART_MELODY].level = -24;
        parts[KM_PART_CHORDS].level = 4;
    }
    if (km_plan_breaks(plan, KM_RULE_ARRANGEMENT_UNBALANCED_DYNAMICS)) {
        struct km_random random;
        km_random_init(&random, plan->seed, "unbalanced dynamics");
        const bool is_bass = km_random_chance(&random, 0.5);
        struct km_plan_part *const loud = &parts[is_bass ? KM_PART_BASS : KM_PART_CHORDS];
        loud->level = (int8_t)(loud->level + 36);
    }
}

void km_plan_choose_parts(struct km_harmony_plan *plan)
{
    KM_CHECK(plan->velocity_high > 0);
    plan->parts[KM_PART_MELODY].is_on = true;
    plan->parts[KM_PART_CHORDS].is_on = true;
    plan->parts[KM_PART_BASS].is_on = true;
    plan->parts[KM_PART_DRUMS].is_on = has_drums(plan);
    choose_programs(plan);
    choose_levels(plan);
}
