// SPDX-License-Identifier: MIT

// From a feeling to musical cues. The model is additive, as listeners' judgements are: Eerola,
// Friberg and Bresin 2013 (mode, tempo, register, dynamics, articulation, in this order of weight)
// explain 77 to 89 % of them with linear cues and no interactions. Directions and sizes are checked
// against Gabrielsson and Lindstrom's review and the quadrants of EMOPIA (Hung et al. 2021).

#include "base/check.h"
#include "base/math.h"
#include "base/random.h"
#include "session/cues_private.h"

// A musical quantity as a sum over the feeling, held in a range.
struct cue {
    double base, valence, arousal, dominance, intensity;
    double low, high;
};

// Quarter notes a minute. Tempo drives arousal with either valence (Gabrielsson and Lindstrom):
// grief lands near 70, tenderness near 80, joy near 120, rage near 130, as the moods of the intent
// schema ask.
static const struct cue tempo_cue = {98, 6, 42, 4, 0, 48, 178};
// MIDI velocity: EMOPIA's means are 77 and 79 for high arousal, 54 and 53 for low; accents and the
// groove add some. Loud also means power (Gabrielsson and Lindstrom), hence dominance.
static const struct cue loudness_cue = {62, -3, 16, 5, 4, 36, 98};
// Half the distance between soft and loud: large changes of loudness mean fear, small ones
// happiness.
static const struct cue loudness_spread_cue = {15, -4, 2, -4, 9, 8, 34};
// Melody notes a beat: EMOPIA's onsets are 5.7 and 6.9 a second for high arousal, 4.0 for low. The
// beat itself is faster too, so the share that the melody adds is less.
static const struct cue density_cue = {1.5, 0.05, 0.4, 0, 0.1, 0.6, 2.5};
// Sounding share of a written length: happiness and anger are detached, sadness and tenderness
// legato (Juslin). EMOPIA's notes last .5 s for high arousal and 1.1 s for low.
static const struct cue articulation_cue = {0.74, -0.04, -0.17, -0.03, 0, 0.41, 1.0};
// Centre of the melody's register, MIDI keys: high is happy or afraid, low is sad or strong. In
// EMOPIA sad pieces lie no lower than happy ones (mean pitch 63.5 and 62.6), so it is little.
static const struct cue register_cue = {71.4, 5.2, 0.5, -2.5, 0, 62, 80};
// Half of its width: EMOPIA's pitches spread by 13 semitones for high arousal, 10 for low.
static const struct cue register_spread_cue = {8.5, 0, 2.5, 0, 1, 7, 12};
// Dissonance of the six presets of the original: calm .1, nostalgia .25, grief .3, anger .5,
// anxiety .6.
static const struct cue dissonance_cue = {0.46, -0.46, 0.02, -0.06, 0.06, 0, 1};
// Chords a bar of the same presets: calm .5, grief 1, nostalgia 1.5, anger and anxiety 2. Calm has
// more here: with one chord in two bars its pitch classes vary less than in any human music.
static const struct cue chord_rate_cue = {1.25, -0.1, 0.6, 0, 0.1, 0.5, 2};

// The cue, with what the nuance of the feeling adds.
static double cue_of(const struct cue *cue, const struct km_feeling *feeling, float nuance)
{
    const double sum = cue->base + (double)nuance + cue->valence * feeling->valence +
                       cue->arousal * feeling->arousal + cue->dominance * feeling->dominance +
                       cue->intensity * feeling->intensity;
    return km_clamp(sum, cue->low, cue->high);
}

// What the mode does not say the other cues must: over 0 in a minor song of joy, below in a major
// one of grief.
static double unsaid_valence(const struct km_harmony_plan *plan, const struct km_feeling *feeling)
{
    const bool is_minor = km_mode_is_minor((enum km_mode)plan->key.mode);
    return is_minor == (feeling->valence > 0) ? km_tanh(3 * feeling->valence) : 0;
}

static void choose_tempo(struct km_harmony_plan *plan, const struct km_feeling *feeling,
                         double chaos, const struct km_plan_wishes *wishes)
{
    struct km_random random;
    km_random_init(&random, plan->seed, "tempo");
    // The original adds trunc(40 * chaos - 20): half of that shifts, the rest is chance.
    const double spread = 3 + 9 * chaos;
    const double shift = 16 * chaos - 6 + spread * (2 * km_random_unit(&random) - 1);
    plan->tempo_bpm = (uint16_t)km_round(km_clamp(
        cue_of(&tempo_cue, feeling, feeling->nuance.tempo) + shift, 46, KM_PLAN_TEMPO_MAX));
    if (wishes->has_tempo) {
        plan->tempo_bpm = wishes->tempo_bpm;
    }
}

static void choose_dynamics(struct km_harmony_plan *plan, const struct km_feeling *feeling)
{
    const double loudness = cue_of(&loudness_cue, feeling, feeling->nuance.loudness);
    double spread = cue_of(&loudness_spread_cue, feeling, feeling->nuance.spread);
    if (km_plan_breaks(plan, KM_RULE_ARRANGEMENT_EXTREME_DYNAMIC_RANGE)) {
        spread += 18;
    }
    plan->velocity_low = (uint8_t)km_round(km_clamp(loudness - spread, 14, 110));
    plan->velocity_high = (uint8_t)km_round(km_clamp(loudness + spread, 30, 112));
}

static void choose_register(struct km_harmony_plan *plan, const struct km_feeling *feeling)
{
    double centre = cue_of(&register_cue, feeling, feeling->nuance.height);
    centre += 3 * unsaid_valence(plan, feeling);
    const double spread = cue_of(&register_spread_cue, feeling, feeling->nuance.width);
    if (km_plan_breaks(plan, KM_RULE_ARRANGEMENT_BURIED_VOCALS)) {
        centre -= 6; // Down among the chords.
    }
    plan->register_low = (uint8_t)km_round(centre - spread);
    plan->register_high = (uint8_t)km_round(centre + spread);
}

void km_plan_choose_cues(struct km_harmony_plan *plan, const struct km_feeling *feeling,
                         double chaos, const struct km_plan_wishes *wishes)
{
    KM_CHECK(plan->motivation >= 1 && plan->motivation <= 10);
    km_cues_choose_genre(plan, feeling, wishes);
    km_cues_choose_key(plan, feeling, wishes);
    choose_tempo(plan, feeling, chaos, wishes);
    km_cues_choose_metre(plan, feeling, chaos, wishes);
    km_cues_choose_arc(plan, feeling, wishes);
    km_cues_choose_players(plan, feeling, wishes);
    choose_dynamics(plan, feeling);
    choose_register(plan, feeling);
    // The original's lengths and complexity.
    plan->length_bars = plan->motivation <= 3 ? 16 : (plan->motivation <= 7 ? 32 : 64);
    if (wishes->has_bars) {
        plan->length_bars = wishes->bars;
    }
    plan->complexity = (float)km_clamp(chaos + (plan->motivation > 8 ? 0.1 : 0.0), 0, 1);
    km_plan_choose_feel(plan, feeling, wishes);
    plan->density = (float)km_clamp(
        cue_of(&density_cue, feeling, feeling->nuance.density) + 0.2 * (chaos - 0.3), 0.3, 2.5);
    plan->dissonance =
        (float)km_clamp(cue_of(&dissonance_cue, feeling, feeling->nuance.dissonance) +
                            0.2 * (chaos - 0.3) - 0.25 * unsaid_valence(plan, feeling),
                        0, 1);
    plan->articulation = (float)cue_of(&articulation_cue, feeling, feeling->nuance.articulation);
    // A first value, for choose_chords, which sets what it came to.
    plan->harmonic_rhythm = (float)cue_of(&chord_rate_cue, feeling, feeling->nuance.chord_rate);
}
