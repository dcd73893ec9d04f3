// SPDX-License-Identifier: MIT

// Mode and tonic. Mode is the first cue of all (Eerola, Friberg and Bresin 2013).

#include "base/check.h"
#include "base/math.h"
#include "base/random.h"
#include "session/cues_private.h"

// How bright each mode is, by the fifths of its notes (locrian -3 to lydian 3), and how usual.
static const struct {
    float brightness, prior;
} mode_traits[KM_MODES_COUNT] = {
    [KM_MODE_LYDIAN] = {3.0F, 0.3F},     [KM_MODE_IONIAN] = {2.0F, 1.0F},
    [KM_MODE_MIXOLYDIAN] = {1.0F, 0.5F}, [KM_MODE_HARMONIC_MAJOR] = {0.6F, 0.3F},
    [KM_MODE_DORIAN] = {0.0F, 0.7F},     [KM_MODE_MELODIC_MINOR] = {-0.4F, 0.1F},
    [KM_MODE_AEOLIAN] = {-1.0F, 1.0F},   [KM_MODE_HARMONIC_MINOR] = {-1.6F, 0.8F},
    [KM_MODE_PHRYGIAN] = {-2.0F, 0.5F},  [KM_MODE_PHRYGIAN_DOMINANT] = {0.2F, 0.25F},
    [KM_MODE_LOCRIAN] = {-3.0F, 0.15F},
};

// Human music is not major or minor by its valence alone: found major are .81 and .29 of EMOPIA's
// clips for high arousal, .73 and .42 for low (Hung et al. 2021). So minor songs of joy exist, the
// more the milder and the calmer it is, and what else is felt is left to the other cues. But these
// clips are mild and strong ones together, and mode is the first thing heard (Eerola, Friberg and
// Bresin 2013): a strong feeling seldom goes without its mode. A logistic curve, steeper outwards:
// .86 at a valence of .35, .98 at .65.
double km_cues_share_of_major(const struct km_feeling *feeling)
{
    const double valence = feeling->valence;
    const double odds = (4.9 + 2.2 * valence * valence) * (1 + 0.06 * feeling->arousal);
    return 0.5 + 0.5 * km_tanh(0.5 * odds * valence);
}

// Where among the modes of its kind the feeling lies. Anger and fear are darker than sadness, and
// helplessness darker than both: rage, fear and nervousness take phrygian and locrian in the intent
// schema; grief and melancholy, of the same valence, aeolian and dorian.
static double brightness_of(const struct km_feeling *feeling, bool is_major)
{
    double brightness = is_major ? 1.5 + 0.6 * feeling->valence : -0.6 + 1.0 * feeling->valence;
    if (feeling->valence < 0) {
        brightness += feeling->valence * (0.1 + 0.8 * feeling->arousal);
    }
    brightness += 0.2 * feeling->dominance + (double)feeling->nuance.brightness;
    return km_clamp(brightness, -2.7, 3);
}

static void weigh_modes(const struct km_feeling *feeling, bool is_major,
                        float weights[KM_MODES_COUNT])
{
    const double target = brightness_of(feeling, is_major);
    for (int i = 0; i < KM_MODES_COUNT; ++i) {
        const double apart = (double)mode_traits[i].brightness - target;
        const bool is_of_kind = km_mode_is_minor((enum km_mode)i) != is_major;
        // The nearest of its kind is never out of reach.
        const double nearness = km_exp(-apart * apart / 0.8) + 1e-6;
        weights[i] = is_of_kind ? (float)((double)mode_traits[i].prior * nearness) : 0.0F;
    }
}

uint8_t km_cues_likeliest_mode(const struct km_feeling *feeling)
{
    float weights[KM_MODES_COUNT];
    weigh_modes(feeling, km_cues_share_of_major(feeling) >= 0.5, weights);
    int best = 0;
    for (int i = 1; i < KM_MODES_COUNT; ++i) {
        best = weights[i] > weights[best] ? i : best;
    }
    return (uint8_t)best;
}

void km_cues_choose_key(struct km_harmony_plan *plan, const struct km_feeling *feeling,
                        const struct km_plan_wishes *wishes)
{
    struct km_random random;
    km_random_init(&random, plan->seed, "key");
    const bool is_major = km_random_chance(&random, km_cues_share_of_major(feeling));
    float weights[KM_MODES_COUNT];
    weigh_modes(feeling, is_major, weights);
    plan->key.mode = (uint8_t)km_random_weighted(&random, weights, KM_MODES_COUNT);
    if (wishes->has_mode) {
        plan->key.mode = wishes->mode;
    }
    // Any root, those with few accidentals more often: people sing and play along.
    float roots[12];
    for (unsigned int i = 0; i < 12; ++i) {
        const int accidentals = km_key_signature((struct km_key){(uint8_t)i, plan->key.mode});
        const int count = accidentals < 0 ? -accidentals : accidentals;
        roots[i] = (float)(8 - (count < 7 ? count : 7));
    }
    plan->key.tonic = (uint8_t)km_random_weighted(&random, roots, 12);
    if (wishes->has_tonic) {
        plan->key.tonic = wishes->tonic;
    }
}
