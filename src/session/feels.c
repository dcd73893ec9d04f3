// SPDX-License-Identifier: MIT

// The groove feels of the intent schema: which one a feeling has, and how it is heard.

#include "session/feels_private.h"

#include "base/check.h"
#include "base/math.h"
#include "base/units.h"

// Where a feel is at home, and how it is played.
struct feel {
    float valence, arousal;
    int8_t lean_ms[KM_PARTS_COUNT]; // Late; early if negative. In the order of enum km_part.
    int8_t sway_ms;                 // Of odd bars against even ones.
    float breath;                   // How much of the tempo a phrase gives and takes.
};

static const float complexities[KM_FEELS_COUNT] = {
#define KM_FEEL(NAME, name, complexity) [KM_FEEL_##NAME] = (complexity),
#include "session/feels.def"
#undef KM_FEEL
};

// The original's presets play anxiety and anger ahead, grief, nostalgia and calm behind, and build
// tension on the beat. Leads and lags of a few milliseconds are what its pockets have (-10 to +20).
static const struct feel feels[KM_FEELS_COUNT] = {
    [KM_FEEL_STRAIGHT_DRIVING] = {-0.1F, 0.75F, {-4, -3, -3, -1, -4, -4}, 0, 0},
    [KM_FEEL_LAID_BACK] = {0.3F, -0.4F, {11, 9, 8, 8, 7, 6}, 0, 0},
    [KM_FEEL_SWUNG] = {0.55F, 0.1F, {2, 1, 0, 0, 0, 0}, 0, 0},
    [KM_FEEL_SYNCOPATED] = {0.4F, 0.4F, {-1, 0, 0, 0, 0, 0}, 0, 0},
    [KM_FEEL_RUBATO_FREE] = {-0.45F, -0.75F, {6, 4, 2, 2, 2, 2}, 0, 0.07F},
    [KM_FEEL_MECHANICAL] = {-0.4F, 0.3F, {0, 0, 0, 0, 0, 0}, 0, 0},
    [KM_FEEL_ORGANIC_BREATHING] = {-0.1F, -0.35F, {4, 3, 2, 2, 2, 2}, 0, 0.02F},
    [KM_FEEL_PUSH_PULL] = {-0.5F, 0.5F, {0, 0, 0, 0, 0, 0}, 9, 0},
};

// How well a feel suits the drums of a genre: machines do not breathe, brushes do not march.
static const float suits[KM_KITS_COUNT][KM_FEELS_COUNT] = {
    // straight, laid back, swung, syncopated, rubato, mechanical, organic, push-pull
    [KM_KIT_BRUSHES] = {0.5F, 1.0F, 0.8F, 0.2F, 1.0F, 0.02F, 1.5F, 0.4F},
    [KM_KIT_BALLAD] = {0.4F, 1.2F, 0.2F, 0.2F, 0.6F, 0.1F, 1.5F, 0.4F},
    [KM_KIT_ROCK] = {1.2F, 0.8F, 0.2F, 0.6F, 0.3F, 0.1F, 1.0F, 1.0F},
    [KM_KIT_PUNK] = {2.0F, 0.2F, 0.05F, 0.3F, 0.1F, 0.4F, 0.4F, 1.2F},
    [KM_KIT_FOUR_FLOOR] = {1.2F, 0.3F, 0.1F, 0.6F, 0.05F, 1.5F, 0.3F, 0.4F},
    [KM_KIT_BOOM_BAP] = {0.4F, 1.5F, 1.0F, 1.2F, 0.15F, 0.2F, 0.8F, 0.5F},
};

static uint8_t style_named(const char *name)
{
    enum km_groove_style style = KM_GROOVE_PLAIN;
    const enum km_status status = km_groove_style_parse(name, &style, (struct km_error *)0);
    KM_CHECK(status == KM_OK);
    return (uint8_t)style;
}

// A swung feel is heard, whatever the style.
static uint8_t swung_style(const struct km_harmony_plan *plan, uint8_t style)
{
    const double ratio = km_groove_style_facts((enum km_groove_style)style).swing_ratio;
    if (plan->feel != KM_FEEL_SWUNG || ratio >= 1.3) {
        return style;
    }
    const bool is_boom_bap = km_genre_traits((enum km_genre)plan->genre)->kit == KM_KIT_BOOM_BAP;
    return is_boom_bap ? KM_GROOVE_NEO_SOUL : KM_GROOVE_SHUFFLE;
}

// The genre's style, or one that does what the feel says: a swing that is heard, no swing where all
// drives straight on, people where no machine is meant.
static uint8_t style_of(const struct km_harmony_plan *plan)
{
    const struct km_genre_traits *const traits = km_genre_traits((enum km_genre)plan->genre);
    const uint8_t own = style_named(traits->groove);
    const double ratio = km_groove_style_facts((enum km_groove_style)own).swing_ratio;
    if (plan->feel == KM_FEEL_STRAIGHT_DRIVING && ratio > 1.05) {
        return KM_GROOVE_STRAIGHT;
    }
    const bool is_machine =
        plan->feel == KM_FEEL_MECHANICAL || plan->feel == KM_FEEL_STRAIGHT_DRIVING;
    return swung_style(plan, own == KM_GROOVE_EDM && !is_machine ? KM_GROOVE_DANCE : own);
}

void km_plan_choose_feel(struct km_harmony_plan *plan, const struct km_feeling *feeling,
                         const struct km_plan_wishes *wishes)
{
    const uint8_t kit = km_genre_traits((enum km_genre)plan->genre)->kit;
    float weights[KM_FEELS_COUNT];
    for (int i = 0; i < KM_FEELS_COUNT; ++i) {
        const double valence = (double)feels[i].valence - feeling->valence;
        const double arousal = (double)feels[i].arousal - feeling->arousal;
        const double square = 0.5 * valence * valence + arousal * arousal;
        weights[i] = (float)((double)suits[kit][i] * km_exp(-square / (2 * 0.35 * 0.35)));
    }
    if (plan->beat_unit == 8 || plan->complexity <= 0.0F) {
        weights[KM_FEEL_SWUNG] = 0; // In threes already, or exact.
    }
    struct km_random random;
    km_random_init(&random, plan->seed, "feel");
    plan->feel = wishes->has_feel ? wishes->feel
                                  : (uint8_t)km_random_weighted(&random, weights, KM_FEELS_COUNT);
    plan->groove_style = style_of(plan);
}

static double mean_tension(const struct km_harmony_plan *plan)
{
    double sum = 0;
    for (int bar = 0; bar < plan->length_bars; ++bar) {
        sum += (double)plan->tension[bar];
    }
    return sum / plan->length_bars;
}

// The original's complexity of a feel, times .8 + .4 of the tension, brought to where the groove
// has the 8 to 16 ms that listeners accept; more with a song's complexity, none with none.
static double timing_of(const struct km_harmony_plan *plan)
{
    enum { USUAL_PERCENT = 30 };
    const double feel = (double)complexities[plan->feel] * (0.8 + 0.4 * mean_tension(plan));
    const double ease = (double)plan->complexity * 100 / USUAL_PERCENT;
    const double scale = ease < 1 ? ease : 1 + 0.15 * (ease - 1);
    return feel > 0 ? km_clamp((0.3 + 0.4 * feel) * scale, 0, 1) : 0;
}

// A band drifts together, whatever it plays. In chamber music there are few other ways to play a
// voice: another variation is another take.
static struct km_random take_of(const struct km_score *score, enum km_part part)
{
    const struct km_harmony_plan *const plan = score->plan;
    if (plan->ensemble != KM_ENSEMBLE_BAND && plan->parts[part].variation > 0) {
        return km_score_part_stream(score, part, "groove");
    }
    struct km_random random;
    km_random_init(&random, plan->seed, "groove");
    return random;
}

struct km_groove km_feel_groove(const struct km_score *score, enum km_part part)
{
    const struct km_harmony_plan *const plan = score->plan;
    KM_CHECK(plan->feel < KM_FEELS_COUNT);
    const struct feel *const feel = &feels[plan->feel];
    struct km_random random = take_of(score, part);
    return (struct km_groove){
        .complexity = timing_of(plan),
        .vulnerability = (double)plan->vulnerability,
        .seed = km_random_bits(&random),
        .tempo_bpm = plan->tempo_bpm,
        .ppq = KM_PPQ,
        .lean_ms = feel->lean_ms[part],
        .sway_ms = feel->sway_ms,
        .swing = plan->feel == KM_FEEL_SWUNG ? 1 : 0,
        .beats_per_bar = plan->beats_per_bar,
        .beat_unit = plan->beat_unit,
        .style = swung_style(plan, plan->groove_style),
    };
}

bool km_feel_is_free(const struct km_harmony_plan *plan)
{
    return feels[plan->feel].breath > 0 && !plan->is_continued;
}

// How far a pulse is in its phrase, 0 to 1.
static double place_in_phrase(const struct km_score *score, int bar, int pulse)
{
    const struct km_harmony_plan *const plan = score->plan;
    int first = km_score_section(score, bar)->first_bar;
    int count = KM_PLAN_PHRASE_BARS;
    first = bar - (bar - first) % count;
    for (int i = 0; i < plan->phrase_count; ++i) {
        const struct km_plan_phrase *const phrase = &plan->phrases[i];
        if (bar >= phrase->first_bar && bar < phrase->first_bar + phrase->bar_count) {
            first = phrase->first_bar;
            count = phrase->bar_count;
            break;
        }
    }
    const double bars = (double)(bar - first) + (double)pulse / (double)score->pulse_count;
    return bars / (double)count;
}

// A phrase begins in time, moves on, and gives the time back towards its end. Where other music
// follows, tempi are set by who puts them together.
double km_feel_tempo(const struct km_score *score, int bar, int pulse)
{
    const double breath = (double)feels[score->plan->feel].breath;
    if (breath <= 0 || score->plan->is_continued) {
        return 1;
    }
    return 1 + breath * km_sin(2 * KM_PI * place_in_phrase(score, bar, pulse));
}
