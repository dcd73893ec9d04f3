// SPDX-License-Identifier: MIT

// The voices behind the chords, led through the whole plan. They hang on the plan alone, so that
// parts agree without hearing each other.

#include "base/check.h"
#include "session/score_private.h"

// Root, fifth, octave and tenth on every chord: all voices move in parallel.
static void voice_in_parallel(struct km_chord chord, uint8_t lowest, struct km_voicing *voicing)
{
    if (chord.quality == KM_CHORD_NONE) {
        *voicing = (struct km_voicing){.count = 0};
        return;
    }
    const km_pitch_set notes = km_chord_pitches((struct km_chord){.quality = chord.quality});
    const uint8_t root = (uint8_t)(lowest + (chord.root + 120U - lowest) % 12U);
    const unsigned int fifth = (notes & 1U << 6U) != 0 && (notes & 1U << 7U) == 0 ? 6 : 7;
    const unsigned int third = (notes & 1U << 4U) != 0 ? 4 : ((notes & 1U << 3U) != 0 ? 3 : 5);
    *voicing = (struct km_voicing){
        .count = 4,
        .pitches = {root, (uint8_t)(root + fifth), (uint8_t)(root + 12U),
                    (uint8_t)(root + 12U + third)},
    };
}

// Above the bass and, but for a note or two, below the middle of the melody.
static struct km_voicing_rules rules_of(const struct km_score *score)
{
    const int middle = (score->plan->register_low + score->plan->register_high) / 2;
    const int lowest = middle - 20 < 46 ? 46 : (middle - 20 > 55 ? 55 : middle - 20);
    // The genre's instrument, not the part's: a part that is changed shall not move the others.
    const uint8_t program = score->traits->chords_program;
    const bool is_driven =
        score->plan->ensemble == KM_ENSEMBLE_BAND && program >= 28 && program < 32;
    return (struct km_voicing_rules){
        .voices = is_driven ? 3 : 4,
        .lowest = (uint8_t)lowest,
        .highest = (uint8_t)(lowest + KM_VOICING_RANGE_MIN),
        .key = score->plan->key,
        .allows_parallels = is_driven,
        .leaves_tendencies = km_plan_breaks(score->plan, KM_RULE_HARMONY_UNRESOLVED_DISSONANCE)};
}

void km_score_lead_voices(struct km_score *score)
{
    const struct km_harmony_plan *const plan = score->plan;
    const struct km_voicing_rules rules = rules_of(score);
    struct km_chord chords[KM_PLAN_CHORDS_MAX];
    for (int i = 0; i < plan->chord_count; ++i) {
        chords[i] = plan->chords[i].chord;
    }
    if (!km_plan_breaks(plan, KM_RULE_HARMONY_PARALLEL_MOTION)) {
        km_voicing_lead(chords, score->bass_keys, plan->chord_count, &rules, score->voicings);
        return;
    }
    for (int i = 0; i < plan->chord_count; ++i) {
        voice_in_parallel(chords[i], rules.lowest, &score->voicings[i]);
    }
}

const struct km_voicing *km_score_voicing(const struct km_score *score, int chord)
{
    KM_CHECK(chord >= 0 && chord < score->plan->chord_count);
    return &score->voicings[chord];
}
