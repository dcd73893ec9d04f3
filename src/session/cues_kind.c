// SPDX-License-Identifier: MIT

// What a feeling chooses among kinds: genre, metre, narrative arc, who plays. Each is drawn by the
// seed, with weights from the feeling.

#include "base/check.h"
#include "base/math.h"
#include "base/random.h"
#include "session/cues_private.h"
#include "session/genre_private.h"

double km_place_nearness(const struct km_place *place, const struct km_feeling *feeling,
                         double width)
{
    const double valence = (double)place->valence - feeling->valence;
    const double arousal = (double)place->arousal - feeling->arousal;
    const double dominance = ((double)place->dominance - feeling->dominance) * 0.5;
    const double square = valence * valence + arousal * arousal + dominance * dominance;
    return km_exp(-square / (2 * width * width));
}

void km_cues_choose_genre(struct km_harmony_plan *plan, const struct km_feeling *feeling,
                          const struct km_plan_wishes *wishes)
{
    float weights[KM_GENRES_COUNT];
    for (unsigned int i = 0; i < KM_GENRES_COUNT; ++i) {
        const struct km_genre_traits *const traits = km_genre_traits((enum km_genre)i);
        const struct km_place place = {traits->valence, traits->arousal, traits->dominance};
        weights[i] = (float)km_place_nearness(&place, feeling, 0.26);
    }
    struct km_random random;
    km_random_init(&random, plan->seed, "genre");
    plan->genre = (uint8_t)km_random_weighted(&random, weights, KM_GENRES_COUNT);
    if (wishes->has_genre) {
        plan->genre = wishes->genre;
    }
}

// Which metre stands for what: shares without a feeling, and what raises them.
static const struct {
    uint8_t beats_per_bar, beat_unit;
    float share;
    float calm, lively, unrest; ///< Weights of each.
    bool is_danced;             ///< Drum machines know it.
} metres[] = {
#define KM_METRE(beats, unit, share, calm, lively, unrest, is_danced)                              \
    {beats, unit, share, calm, lively, unrest, is_danced},
#include "session/metres.def"
#undef KM_METRE
};

enum { METRES_COUNT = sizeof(metres) / sizeof(metres[0]) };

bool km_cues_is_metre(uint8_t beats_per_bar, uint8_t beat_unit)
{
    for (int i = 0; i < METRES_COUNT; ++i) {
        if (metres[i].beats_per_bar == beats_per_bar && metres[i].beat_unit == beat_unit) {
            return true;
        }
    }
    return false;
}

void km_cues_choose_metre(struct km_harmony_plan *plan, const struct km_feeling *feeling,
                          double chaos, const struct km_plan_wishes *wishes)
{
    const uint8_t kit = km_genre_traits((enum km_genre)plan->genre)->kit;
    const bool is_danced = kit == KM_KIT_FOUR_FLOOR || kit == KM_KIT_BOOM_BAP || kit == KM_KIT_PUNK;
    const double calm = km_clamp((1 - feeling->arousal) * 0.5, 0, 1);
    const double lively = km_clamp(feeling->valence + feeling->arousal, 0, 1);
    const double unrest = km_clamp(chaos - 0.5 + 0.3 * (double)feeling->nuance.unrest, 0, 1);
    float weights[METRES_COUNT];
    for (int i = 0; i < METRES_COUNT; ++i) {
        const double weight = (double)metres[i].share + calm * (double)metres[i].calm +
                              lively * (double)metres[i].lively + unrest * (double)metres[i].unrest;
        weights[i] = (float)(is_danced && !metres[i].is_danced ? 0.0 : weight);
    }
    struct km_random random;
    km_random_init(&random, plan->seed, "metre");
    const uint32_t index = km_random_weighted(&random, weights, METRES_COUNT);
    plan->beats_per_bar = metres[index].beats_per_bar;
    plan->beat_unit = metres[index].beat_unit;
    if (wishes->has_metre) {
        KM_CHECK(km_cues_is_metre(wishes->beats_per_bar, wishes->beat_unit));
        plan->beats_per_bar = wishes->beats_per_bar;
        plan->beat_unit = wishes->beat_unit;
    }
}

void km_cues_choose_arc(struct km_harmony_plan *plan, const struct km_feeling *feeling,
                        const struct km_plan_wishes *wishes)
{
    // Which story which feeling tells: anger breaks out or winds up, grief circles or sinks, joy
    // climbs, calm stays.
    static const struct km_place places[KM_ARCS_COUNT] = {
        [KM_ARC_CLIMB_TO_CLIMAX] = {0.5F, 0.6F, 0.4F},
        [KM_ARC_SLOW_REVEAL] = {0.4F, -0.1F, 0.0F},
        [KM_ARC_REPETITIVE_DESPAIR] = {-0.75F, -0.2F, -0.5F},
        [KM_ARC_STATIC_REFLECTION] = {0.1F, -0.7F, 0.1F},
        [KM_ARC_SUDDEN_SHIFT] = {-0.2F, 0.7F, -0.2F},
        [KM_ARC_DESCENT] = {-0.6F, -0.6F, -0.5F},
        [KM_ARC_RISE_AND_FALL] = {0.0F, 0.1F, 0.0F},
        [KM_ARC_SPIRAL] = {-0.6F, 0.6F, -0.4F},
    };
    float weights[KM_ARCS_COUNT];
    for (int i = 0; i < KM_ARCS_COUNT; ++i) {
        weights[i] = (float)km_place_nearness(&places[i], feeling, 0.4);
    }
    struct km_random random;
    km_random_init(&random, plan->seed, "arc");
    plan->arc = (uint8_t)km_random_weighted(&random, weights, KM_ARCS_COUNT);
    if (wishes->has_arc) {
        plan->arc = wishes->arc;
    }
}

// Who plays: a band, but what is quiet and lays itself bare (by openness, or by feeling small) is
// sometimes for one piano, and what is quiet and solemn or tender for four strings: intimacy is few
// players, close by. Never most of the time: a band can whisper too.
static uint8_t draw_ensemble(const struct km_harmony_plan *plan, const struct km_feeling *feeling)
{
    const double quiet = km_clamp(-0.1 - feeling->arousal, 0, 0.6) / 0.6;
    const double bare = km_clamp((double)plan->vulnerability * 0.5 - feeling->dominance, 0.1, 1);
    const double size = feeling->valence < 0 ? -feeling->valence : feeling->valence;
    const float weights[KM_ENSEMBLES_COUNT] = {
        [KM_ENSEMBLE_BAND] = 1.0F,
        [KM_ENSEMBLE_SOLO_PIANO] = (float)(0.4 * quiet * bare),
        [KM_ENSEMBLE_STRING_QUARTET] = (float)(0.2 * quiet * size),
    };
    struct km_random random;
    km_random_init(&random, plan->seed, "ensemble");
    return (uint8_t)km_random_weighted(&random, weights, KM_ENSEMBLES_COUNT);
}

void km_cues_choose_players(struct km_harmony_plan *plan, const struct km_feeling *feeling,
                            const struct km_plan_wishes *wishes)
{
    plan->ensemble = wishes->has_ensemble ? wishes->ensemble : draw_ensemble(plan, feeling);
    // A genre is one of a band, and a broken rule is heard best between many players.
    if ((wishes->has_genre || plan->rules != 0) && !wishes->has_ensemble) {
        plan->ensemble = KM_ENSEMBLE_BAND;
    }
}
