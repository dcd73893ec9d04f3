// SPDX-License-Identifier: MIT

// From a feeling to musical cues. The model is additive, as listeners' judgements are: Eerola,
// Friberg and Bresin 2013 (mode, tempo, register, dynamics, articulation, in this order of weight)
// explain 77 to 89 % of them with linear cues and no interactions. Directions and sizes are checked
// against Gabrielsson and Lindstrom's review and the quadrants of EMOPIA (Hung et al. 2021).

#include "base/check.h"
#include "base/math.h"
#include "base/random.h"
#include "groove/groove.h"
#include "session/genre_private.h"
#include "session/planner_private.h"

struct place {
    float valence, arousal, dominance;
};

// Where each emotion lies, to draw the music towards the secondary one.
static const struct place emotion_places[] = {
#define KM_EMOTION(NAME, name, ekman, sentiment, valence, arousal, dominance)                      \
    {valence, arousal, dominance},
#include "affect/emotions.def"
#undef KM_EMOTION
};

// A musical quantity as a sum over the feeling, held in a range.
struct cue {
    double base, valence, arousal, dominance, intensity;
    double low, high;
};

// Quarter notes a minute. Tempo drives arousal with either valence (Gabrielsson and Lindstrom):
// grief lands near 70, tenderness near 80, joy near 120, rage near 130, as the moods of the intent
// schema ask.
static const struct cue tempo_cue = {94, 7, 42, 4, 0, 48, 178};
// MIDI velocity: EMOPIA's means are 77 and 79 for high arousal, 54 and 53 for low; accents and the
// groove add some. Loud also means power (Gabrielsson and Lindstrom), hence dominance.
static const struct cue loudness_cue = {58, 0, 17, 5, 4, 36, 98};
// Half the distance between soft and loud: large changes of loudness mean fear, small ones
// happiness.
static const struct cue loudness_spread_cue = {15, -4, 2, -4, 9, 8, 34};
// Melody notes a beat: EMOPIA's onsets are 5.7 and 6.9 a second for high arousal, 4.0 for low. The
// beat itself is faster too, so the share that the melody adds is less.
static const struct cue density_cue = {1.15, 0.05, 0.55, 0, 0.1, 0.4, 2.4};
// Sounding share of a written length: happiness and anger are detached, sadness and tenderness
// legato (Juslin). EMOPIA's notes last .5 s for high arousal and 1.1 s for low.
static const struct cue articulation_cue = {0.8, -0.05, -0.24, -0.03, 0, 0.42, 1.0};
// Centre of the melody's register, MIDI keys: high is happy or afraid, low is sad or strong.
static const struct cue register_cue = {66.5, 4.5, 3, -3, 0, 57, 77};
// Half of its width: EMOPIA's pitches spread by 13 semitones for high arousal, 10 for low.
static const struct cue register_spread_cue = {8.5, 0, 1.5, 0, 1, 7, 11};
// Dissonance of the six presets of the original: calm .1, nostalgia .25, grief .3, anger .5,
// anxiety .6.
static const struct cue dissonance_cue = {0.24, -0.16, 0.2, -0.12, 0.06, 0, 1};
// Chords a bar of the same presets: calm .5, grief 1, nostalgia 1.5, anger and anxiety 2.
static const struct cue chord_rate_cue = {1.15, -0.1, 0.85, 0, 0.1, 0.5, 2};
// Brightness of the mode, locrian -3 to lydian 3: the first cue of all. Anger and fear are darker
// than sadness, and helplessness darker than both: see mode_weights.
static const struct cue brightness_cue = {0.45, 2.3, 0, 0.3, 0, -2.7, 3};

static double cue_of(const struct cue *cue, const struct km_feeling *feeling)
{
    const double sum = cue->base + cue->valence * feeling->valence +
                       cue->arousal * feeling->arousal + cue->dominance * feeling->dominance +
                       cue->intensity * feeling->intensity;
    return km_clamp(sum, cue->low, cue->high);
}

struct km_feeling km_feeling_of_affect(const struct km_affect *affect)
{
    // The same place felt more strongly is farther out: the original's tiers of intensity multiply
    // arousal in the same way.
    const double push = 0.85 + 0.3 * (double)affect->intensity;
    struct km_feeling feeling = {
        .valence = km_clamp((double)affect->valence * push, -1, 1),
        .arousal = km_clamp((double)affect->arousal * push, -1, 1),
        .dominance = km_clamp((double)affect->dominance * push, -1, 1),
        .intensity = (double)affect->intensity,
    };
    feeling.second_valence = feeling.valence;
    if (affect->secondary >= 0 && affect->secondary < KM_EMOTION_NEUTRAL) {
        const struct place *const second = &emotion_places[affect->secondary];
        const double apart = (double)second->valence - feeling.valence;
        feeling.contrast = km_clamp((apart < 0 ? -apart : apart) / 1.4, 0, 1);
        feeling.second_valence = (double)second->valence;
        feeling.valence += 0.12 * apart;
        feeling.arousal += 0.12 * ((double)second->arousal - feeling.arousal);
        feeling.dominance += 0.12 * ((double)second->dominance - feeling.dominance);
    }
    return feeling;
}

// How near two places are, 0 to 1, for drawing by weights.
static double nearness(const struct place *place, const struct km_feeling *feeling, double width)
{
    const double valence = (double)place->valence - feeling->valence;
    const double arousal = (double)place->arousal - feeling->arousal;
    const double dominance = ((double)place->dominance - feeling->dominance) * 0.5;
    const double square = valence * valence + arousal * arousal + dominance * dominance;
    return km_exp(-square / (2 * width * width));
}

static void choose_genre(struct km_harmony_plan *plan, const struct km_feeling *feeling,
                         const struct km_plan_wishes *wishes)
{
    float weights[KM_GENRES_COUNT];
    for (unsigned int i = 0; i < KM_GENRES_COUNT; ++i) {
        const struct km_genre_traits *const traits = km_genre_traits((enum km_genre)i);
        const struct place place = {traits->valence, traits->arousal, traits->dominance};
        weights[i] = (float)nearness(&place, feeling, 0.26);
    }
    struct km_random random;
    km_random_init(&random, plan->seed, "genre");
    plan->genre = (uint8_t)km_random_weighted(&random, weights, KM_GENRES_COUNT);
    if (wishes->has_genre) {
        plan->genre = wishes->genre;
    }
    enum km_groove_style style = (enum km_groove_style)0;
    const enum km_status status = km_groove_style_parse(
        km_genre_traits((enum km_genre)plan->genre)->groove, &style, (struct km_error *)0);
    plan->groove_style = (uint8_t)(status == KM_OK ? style : 0);
}

// How bright each mode is, by the fifths of its notes, and how usual.
static const struct {
    float brightness, prior;
} mode_traits[KM_MODES_COUNT] = {
    [KM_MODE_LYDIAN] = {3.0F, 0.5F},          [KM_MODE_IONIAN] = {2.0F, 1.0F},
    [KM_MODE_MIXOLYDIAN] = {1.0F, 0.6F},      [KM_MODE_DORIAN] = {0.0F, 0.8F},
    [KM_MODE_AEOLIAN] = {-1.0F, 1.0F},        [KM_MODE_PHRYGIAN] = {-2.0F, 0.6F},
    [KM_MODE_LOCRIAN] = {-3.0F, 0.3F},        [KM_MODE_HARMONIC_MINOR] = {-1.4F, 0.35F},
    [KM_MODE_MELODIC_MINOR] = {-0.4F, 0.15F},
};

static void choose_key(struct km_harmony_plan *plan, const struct km_feeling *feeling,
                       const struct km_plan_wishes *wishes)
{
    double target = cue_of(&brightness_cue, feeling);
    if (feeling->valence < 0) {
        // Rage, fear and nervousness take phrygian and locrian in the intent schema; grief and
        // melancholy, of the same valence, aeolian and dorian.
        target += feeling->valence * (0.2 + 0.9 * feeling->arousal);
    }
    float weights[KM_MODES_COUNT];
    for (int i = 0; i < KM_MODES_COUNT; ++i) {
        const double apart = (double)mode_traits[i].brightness - target;
        weights[i] = (float)((double)mode_traits[i].prior * km_exp(-apart * apart / 0.8));
    }
    struct km_random random;
    km_random_init(&random, plan->seed, "key");
    plan->key.mode = (uint8_t)km_random_weighted(&random, weights, KM_MODES_COUNT);
    if (wishes->has_mode) {
        plan->key.mode = wishes->mode;
    }
    // Any root, those with few accidentals more often: people sing and play along.
    float roots[12];
    for (uint8_t i = 0; i < 12; ++i) {
        const int accidentals = km_key_signature((struct km_key){i, plan->key.mode});
        const int count = accidentals < 0 ? -accidentals : accidentals;
        roots[i] = (float)(8 - (count < 7 ? count : 7));
    }
    plan->key.tonic = (uint8_t)km_random_weighted(&random, roots, 12);
    if (wishes->has_tonic) {
        plan->key.tonic = wishes->tonic;
    }
}

static void choose_tempo(struct km_harmony_plan *plan, const struct km_feeling *feeling,
                         double chaos, const struct km_plan_wishes *wishes)
{
    struct km_random random;
    km_random_init(&random, plan->seed, "tempo");
    // The original adds trunc(40 * chaos - 20): half of that shifts, the rest is chance.
    const double spread = 3 + 9 * chaos;
    const double shift = 16 * chaos - 6 + spread * (2 * km_random_unit(&random) - 1);
    plan->tempo_bpm =
        (uint16_t)km_round(km_clamp(cue_of(&tempo_cue, feeling) + shift, 46, KM_PLAN_TEMPO_MAX));
    if (wishes->has_tempo) {
        plan->tempo_bpm = wishes->tempo_bpm;
    }
}

static const uint8_t metres[][2] = {
#define KM_METRE(beats, unit) {beats, unit},
#include "session/metres.def"
#undef KM_METRE
};

enum { METRES_COUNT = sizeof(metres) / sizeof(metres[0]) };

static void choose_metre(struct km_harmony_plan *plan, const struct km_feeling *feeling,
                         double chaos, const struct km_plan_wishes *wishes)
{
    const uint8_t kit = km_genre_traits((enum km_genre)plan->genre)->kit;
    const bool is_danced = kit == KM_KIT_FOUR_FLOOR || kit == KM_KIT_BOOM_BAP || kit == KM_KIT_PUNK;
    const double calm = (1 - feeling->arousal) * 0.5;
    const double unrest = km_clamp(chaos - 0.5, 0, 1);
    // Flowing metres with a quiet body (waltz, lullaby, lament), limping ones with chaos.
    const float weights[METRES_COUNT] = {
        1.0F, (float)(is_danced ? 0 : 0.3 * calm),   (float)(is_danced ? 0 : 0.4 * calm),  0.0F,
        0.0F, (float)(is_danced ? 0 : 0.5 * unrest), (float)(is_danced ? 0 : 0.5 * unrest)};
    struct km_random random;
    km_random_init(&random, plan->seed, "metre");
    const uint32_t index = km_random_weighted(&random, weights, METRES_COUNT);
    plan->beats_per_bar = metres[index][0];
    plan->beat_unit = metres[index][1];
    if (wishes->has_metre) {
        plan->beats_per_bar = wishes->beats_per_bar;
        plan->beat_unit = wishes->beat_unit;
    }
}

static void choose_arc(struct km_harmony_plan *plan, const struct km_feeling *feeling)
{
    // Which story which feeling tells: anger breaks out or winds up, grief circles or sinks, joy
    // climbs, calm stays.
    static const struct place places[KM_ARCS_COUNT] = {
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
        weights[i] = (float)nearness(&places[i], feeling, 0.4);
    }
    struct km_random random;
    km_random_init(&random, plan->seed, "arc");
    plan->arc = (uint8_t)km_random_weighted(&random, weights, KM_ARCS_COUNT);
}

static void choose_dynamics(struct km_harmony_plan *plan, const struct km_feeling *feeling)
{
    const double loudness = cue_of(&loudness_cue, feeling);
    double spread = cue_of(&loudness_spread_cue, feeling);
    if (km_plan_breaks(plan, KM_RULE_ARRANGEMENT_EXTREME_DYNAMIC_RANGE)) {
        spread += 18;
    }
    plan->velocity_low = (uint8_t)km_round(km_clamp(loudness - spread, 14, 110));
    plan->velocity_high = (uint8_t)km_round(km_clamp(loudness + spread, 30, 112));
}

static void choose_register(struct km_harmony_plan *plan, const struct km_feeling *feeling)
{
    double centre = cue_of(&register_cue, feeling);
    const double spread = cue_of(&register_spread_cue, feeling);
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
    choose_genre(plan, feeling, wishes);
    choose_key(plan, feeling, wishes);
    choose_tempo(plan, feeling, chaos, wishes);
    choose_metre(plan, feeling, chaos, wishes);
    choose_arc(plan, feeling);
    if (wishes->has_arc) {
        plan->arc = wishes->arc;
    }
    plan->feel = wishes->has_feel ? wishes->feel : (uint8_t)KM_FEEL_ORGANIC_BREATHING;
    plan->ensemble = wishes->has_ensemble ? wishes->ensemble : (uint8_t)KM_ENSEMBLE_BAND;
    choose_dynamics(plan, feeling);
    choose_register(plan, feeling);
    // The original's lengths and complexity.
    plan->length_bars = plan->motivation <= 3 ? 16 : (plan->motivation <= 7 ? 32 : 64);
    if (wishes->has_bars) {
        plan->length_bars = wishes->bars;
    }
    plan->complexity = (float)km_clamp(chaos + (plan->motivation > 8 ? 0.1 : 0.0), 0, 1);
    plan->density = (float)km_clamp(cue_of(&density_cue, feeling) + 0.2 * (chaos - 0.3), 0.3, 2.5);
    plan->dissonance =
        (float)km_clamp(cue_of(&dissonance_cue, feeling) + 0.2 * (chaos - 0.3), 0, 1);
    plan->articulation = (float)cue_of(&articulation_cue, feeling);
    // A first value, for choose_chords, which sets what it came to.
    plan->harmonic_rhythm = (float)cue_of(&chord_rate_cue, feeling);
}
