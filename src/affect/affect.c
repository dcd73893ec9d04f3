// SPDX-License-Identifier: MIT

// From evidence to an affect: sentences are weighed, then read as emotions and a place.

#include "affect/affect.h"

#include "affect/emotion_private.h"
#include "affect/reader_private.h"
#include "affect/sentence_private.h"
#include "affect/thesaurus.h"
#include "base/check.h"
#include "base/math.h"

#include <string.h>

#define LAST_SENTENCE_WEIGHT 1.6F
#define CONTRASTED_WEIGHT 0.5F
#define EVIDENCE_MIN 0.06F
#define PRIMARY_MIN 0.2F
#define NEUTRAL_INTENSITY 0.2F
#define NEUTRAL_EXCESS_SHARE 0.15F
#define SMOOTHING_MIN 0.04F
#define SMOOTHING_WEAK 0.5F
#define KERNEL_WIDTH 0.09
#define NODE_KEPT_SHARE 0.75F

/// The sentences so far.
struct gathering {
    struct km_evidence sum; ///< Each sentence's figures times its weight; emotions likewise.
    float sentences;        ///< Weight of the sentences in the sum.
};

static float at_most(float x, float limit)
{
    return x < limit ? x : limit;
}

static void weaken(struct gathering *gathering, float factor)
{
    gathering->sentences *= factor;
    gathering->sum.weight *= factor;
    gathering->sum.intensity *= factor;
    gathering->sum.node_weight *= factor;
    for (int axis = 0; axis < 3; ++axis) {
        gathering->sum.point[axis] *= factor;
    }
    for (int emotion = 0; emotion < KM_EMOTIONS_COUNT; ++emotion) {
        gathering->sum.emotions[emotion] *= factor;
        gathering->sum.leading[emotion] *= factor;
    }
}

static void gather(struct gathering *gathering, const struct km_evidence *evidence, float factor)
{
    const float weight = at_most(evidence->weight, 1.0F) * factor;
    struct km_evidence *const sum = &gathering->sum;
    gathering->sentences += weight;
    sum->weight += factor * evidence->weight;
    sum->intensity += factor * evidence->intensity;
    for (int axis = 0; axis < 3; ++axis) {
        sum->point[axis] += factor * evidence->point[axis];
    }
    for (int emotion = 0; emotion < KM_EMOTIONS_COUNT; ++emotion) {
        sum->emotions[emotion] += weight * evidence->emotions[emotion];
        sum->leading[emotion] += factor * evidence->leading[emotion];
    }
    if (evidence->node >= 0 && evidence->node_weight >= NODE_KEPT_SHARE * sum->node_weight) {
        sum->node = evidence->node;
        sum->node_weight = evidence->node_weight;
    }
}

static void read_sentences(const char *text, size_t size, struct gathering *gathering)
{
    struct km_reader reader = {.text = text, .size = size};
    struct km_sentence sentence;
    struct km_evidence pending = {.node = KM_AFFECT_NO_NODE}; // The last one so far that tells.
    memset(gathering, 0, sizeof(*gathering));
    gathering->sum.node = KM_AFFECT_NO_NODE;
    while (km_reader_next(&reader, &sentence)) {
        struct km_evidence evidence;
        km_sentence_read(&sentence, &evidence);
        if (evidence.weight < EVIDENCE_MIN) {
            continue;
        }
        gather(gathering, &pending, 1.0F);
        if (evidence.is_contrast) {
            weaken(gathering, CONTRASTED_WEIGHT);
        }
        pending = evidence;
    }
    gather(gathering, &pending, LAST_SENTENCE_WEIGHT);
}

static void be_neutral(struct km_affect *affect)
{
    memset(affect, 0, sizeof(*affect));
    affect->primary = KM_EMOTION_NEUTRAL;
    affect->secondary = KM_AFFECT_NO_EMOTION;
    affect->ekman = KM_EKMAN_NEUTRAL;
    affect->node = KM_AFFECT_NO_NODE;
    affect->emotions[KM_EMOTION_NEUTRAL] = 1.0F;
    affect->labels = 1U << (unsigned)KM_EMOTION_NEUTRAL;
    affect->ekman_labels = 1U << (unsigned)KM_EKMAN_NEUTRAL;
    affect->sentiment_labels = 1U << (unsigned)KM_SENTIMENT_NEUTRAL;
}

// How near an emotion is to a place, 0 to 1.
static float nearness(const struct km_affect *affect, int emotion, bool has_dominance)
{
    const float *const point = km_emotion_point(emotion);
    const double valence = (double)affect->valence - (double)point[0];
    const double arousal = (double)affect->arousal - (double)point[1];
    const double dominance = has_dominance ? (double)affect->dominance - (double)point[2] : 0.0;
    const double distance = valence * valence + arousal * arousal + dominance * dominance;
    return (float)km_exp(-distance / (2.0 * KERNEL_WIDTH));
}

// Where words have a place but no emotion of their own, the nearest emotions are likely.
static void guess_emotions(struct km_affect *affect, float certainty, bool has_dominance)
{
    for (int emotion = 0; emotion < KM_EMOTION_NEUTRAL; ++emotion) {
        const float likely = certainty * nearness(affect, emotion, has_dominance);
        if (likely > affect->emotions[emotion]) {
            affect->emotions[emotion] = likely;
        }
    }
}

// The likelihood of each Ekman group: any of its emotions counts.
static void add_up_ekmans(const struct km_affect *affect, float ekmans[KM_EKMANS_COUNT])
{
    memset(ekmans, 0, KM_EKMANS_COUNT * sizeof(ekmans[0]));
    for (int emotion = 0; emotion < KM_EMOTIONS_COUNT; ++emotion) {
        float *const ekman = &ekmans[km_emotion_ekman(emotion)];
        *ekman += (1.0F - *ekman) * affect->emotions[emotion];
    }
}

static void add_up_sentiments(const struct km_affect *affect, float sentiments[KM_SENTIMENTS_COUNT])
{
    memset(sentiments, 0, KM_SENTIMENTS_COUNT * sizeof(sentiments[0]));
    for (int emotion = 0; emotion < KM_EMOTIONS_COUNT; ++emotion) {
        float *const sentiment = &sentiments[km_emotion_sentiment(emotion)];
        *sentiment += (1.0F - *sentiment) * affect->emotions[emotion];
    }
}

static void choose_primary(struct km_affect *affect, const float leading[KM_EMOTIONS_COUNT])
{
    float ekmans[KM_EKMANS_COUNT];
    add_up_ekmans(affect, ekmans);
    int group = 0;
    for (int i = 1; i < KM_EKMAN_NEUTRAL; ++i) {
        group = ekmans[i] > ekmans[group] ? i : group;
    }
    int best = KM_EMOTION_NEUTRAL;
    float most = 0.0F;
    for (int emotion = 0; emotion < KM_EMOTION_NEUTRAL; ++emotion) {
        const float score = affect->emotions[emotion] + 0.05F * at_most(leading[emotion], 1.0F);
        if ((int)km_emotion_ekman(emotion) == group && score > most) {
            best = emotion;
            most = score;
        }
    }
    affect->primary = (int8_t)(affect->emotions[best] >= PRIMARY_MIN ? best : KM_EMOTION_NEUTRAL);
    affect->ekman = (int8_t)km_emotion_ekman(affect->primary);
}

// A second feeling that some words tell of foremost, not another shade of the first.
static void choose_secondary(struct km_affect *affect, const float leading[KM_EMOTIONS_COUNT])
{
    float most = 0.0F;
    affect->secondary = KM_AFFECT_NO_EMOTION;
    if (affect->primary == KM_EMOTION_NEUTRAL) {
        return;
    }
    for (int emotion = 0; emotion < KM_EMOTION_NEUTRAL; ++emotion) {
        const bool is_other = km_emotion_family(emotion) != km_emotion_family(affect->primary);
        const float score = at_most(leading[emotion], 1.0F) * affect->emotions[emotion];
        if (is_other && affect->emotions[emotion] >= PRIMARY_MIN && score > most &&
            leading[emotion] > 0.2F) {
            affect->secondary = (int8_t)emotion;
            most = score;
        }
    }
}

// Bits of the figures that reach their thresholds; of none, the bit of the likeliest.
static uint32_t bits_over(const float *figures, const uint8_t *percents, int count, int likeliest)
{
    uint32_t bits = 0;
    for (int i = 0; i < count; ++i) {
        if (figures[i] >= 0.01F * (float)percents[i]) {
            bits |= 1U << (unsigned)i;
        }
    }
    return bits != 0 ? bits : 1U << (unsigned)likeliest;
}

static void set_labels(struct km_affect *affect)
{
    static const uint8_t percents[KM_EMOTIONS_COUNT] = {
#define KM_TRAIT(NAME, percent, FAMILY, OPPOSITE, opposite_percent) [KM_EMOTION_##NAME] = (percent),
#include "affect/traits.def"
#undef KM_TRAIT
    };
    // Best on the development part of GoEmotions, as those of traits.def.
    static const uint8_t ekman_percents[KM_EKMANS_COUNT] = {
        [KM_EKMAN_JOY] = 52,    [KM_EKMAN_SADNESS] = 60,  [KM_EKMAN_ANGER] = 20,
        [KM_EKMAN_FEAR] = 30,   [KM_EKMAN_SURPRISE] = 52, [KM_EKMAN_DISGUST] = 45,
        [KM_EKMAN_NEUTRAL] = 64};
    static const uint8_t sentiment_percents[KM_SENTIMENTS_COUNT] = {[KM_SENTIMENT_POSITIVE] = 52,
                                                                    [KM_SENTIMENT_NEGATIVE] = 21,
                                                                    [KM_SENTIMENT_AMBIGUOUS] = 52,
                                                                    [KM_SENTIMENT_NEUTRAL] = 64};
    float ekmans[KM_EKMANS_COUNT];
    float sentiments[KM_SENTIMENTS_COUNT];
    add_up_ekmans(affect, ekmans);
    add_up_sentiments(affect, sentiments);
    affect->labels = bits_over(affect->emotions, percents, KM_EMOTIONS_COUNT, affect->primary);
    affect->ekman_labels =
        (uint8_t)bits_over(ekmans, ekman_percents, KM_EKMANS_COUNT, affect->ekman);
    affect->sentiment_labels =
        (uint8_t)bits_over(sentiments, sentiment_percents, KM_SENTIMENTS_COUNT,
                           (int)km_emotion_sentiment(affect->primary));
}

static void set_neutral(struct km_affect *affect)
{
    float strongest = 0.0F;
    for (int emotion = 0; emotion < KM_EMOTION_NEUTRAL; ++emotion) {
        const float probability = affect->emotions[emotion];
        strongest = probability > strongest ? probability : strongest;
    }
    affect->emotions[KM_EMOTION_NEUTRAL] = 1.0F - strongest;
}

// The node of the primary emotion, or else of its group, that is nearest in intensity and place.
static void choose_node(struct km_affect *affect)
{
    float nearest = 0.0F;
    affect->node = KM_AFFECT_NO_NODE;
    for (int i = 0; i < KM_THESAURUS_NODES_COUNT && affect->primary != KM_EMOTION_NEUTRAL; ++i) {
        const struct km_thesaurus_node *const node = km_thesaurus_node(i);
        const float apart[4] = {node->valence - affect->valence, node->arousal - affect->arousal,
                                node->dominance - affect->dominance,
                                node->intensity - affect->intensity};
        float distance = 0.0F;
        for (int axis = 0; axis < 4; ++axis) {
            distance += apart[axis] * apart[axis];
        }
        distance += node->emotion == affect->primary ? 0.0F : 2.0F;
        distance += (int8_t)km_emotion_ekman(node->emotion) == affect->ekman ? 0.0F : 8.0F;
        if (affect->node == KM_AFFECT_NO_NODE || distance < nearest) {
            affect->node = (int16_t)i;
            nearest = distance;
        }
    }
}

static void name_feelings(struct km_affect *affect, const float leading[KM_EMOTIONS_COUNT])
{
    choose_primary(affect, leading);
    choose_secondary(affect, leading);
    set_neutral(affect);
    set_labels(affect);
    choose_node(affect);
}

// A text that names no feeling is near the middle (at most 0.32), but the order of such texts
// stays.
static void hold_neutral(struct km_affect *affect)
{
    const float valence = affect->valence < 0.0F ? -affect->valence : affect->valence;
    const float most = valence > affect->intensity ? valence : affect->intensity;
    if (affect->primary != KM_EMOTION_NEUTRAL || most <= NEUTRAL_INTENSITY) {
        return;
    }
    const float held = NEUTRAL_INTENSITY + NEUTRAL_EXCESS_SHARE * (most - NEUTRAL_INTENSITY);
    const float factor = held / most;
    affect->valence *= factor;
    affect->arousal *= factor;
    affect->dominance *= factor;
    affect->intensity *= factor;
}

static void conclude(const struct gathering *gathering, struct km_affect *affect)
{
    const struct km_evidence *const sum = &gathering->sum;
    be_neutral(affect);
    if (gathering->sentences < EVIDENCE_MIN) {
        return;
    }
    affect->emotions[KM_EMOTION_NEUTRAL] = 0.0F;
    // Weak evidence moves the place less far from the middle.
    const float missing = 1.0F - at_most(sum->weight, 1.0F);
    const float weight = sum->weight + SMOOTHING_MIN + SMOOTHING_WEAK * missing;
    affect->valence = sum->point[0] / weight;
    affect->arousal = sum->point[1] / weight;
    affect->dominance = sum->point[2] / weight;
    affect->intensity = sum->intensity / weight;
    for (int emotion = 0; emotion < KM_EMOTIONS_COUNT; ++emotion) {
        affect->emotions[emotion] = sum->emotions[emotion] / gathering->sentences *
                                    at_most(gathering->sentences / 0.3F, 1.0F);
    }
    const float certainty = (float)(1.0 - km_exp(-1.5 * (double)sum->weight));
    const float size = affect->valence < 0.0F ? -affect->valence : affect->valence;
    guess_emotions(affect, at_most(size, 0.5F) * certainty, true);
    name_feelings(affect, sum->leading);
    hold_neutral(affect);
    // Many words that say little make less certain than one that names a feeling.
    const float named = 1.0F - 0.7F * affect->emotions[KM_EMOTION_NEUTRAL];
    affect->confidence = named * certainty;
    if (sum->node >= 0) {
        const enum km_ekman ekman = km_emotion_ekman(km_thesaurus_node(sum->node)->emotion);
        if (ekman == km_emotion_ekman(affect->primary)) {
            affect->node = (int16_t)sum->node;
        }
    }
}

enum km_status km_affect_of_text(const char *text, size_t size, struct km_affect *affect,
                                 struct km_error *error)
{
    KM_CHECK(text || size == 0);
    KM_CHECK(affect);
    if (size > KM_AFFECT_TEXT_SIZE_MAX) {
        return km_error_set(error, KM_ERROR_TOO_LARGE, "a text of %zu bytes: at most %d are read",
                            size, KM_AFFECT_TEXT_SIZE_MAX);
    }
    struct gathering gathering;
    read_sentences(text, size, &gathering);
    conclude(&gathering, affect);
    return KM_OK;
}

void km_affect_of_point(double valence, double arousal, struct km_affect *affect)
{
    KM_CHECK(affect);
    be_neutral(affect);
    affect->valence = (float)km_clamp(valence, -1.0, 1.0);
    affect->arousal = (float)km_clamp(arousal, -1.0, 1.0);
    const double size = km_sqrt((double)affect->valence * (double)affect->valence +
                                0.5 * (double)affect->arousal * (double)affect->arousal);
    affect->intensity = (float)km_clamp(size, 0.0, 1.0);
    affect->confidence = 1.0F;
    float total = 0.0F;
    for (int emotion = 0; emotion < KM_EMOTION_NEUTRAL; ++emotion) {
        const float near = nearness(affect, emotion, false);
        affect->dominance += near * km_emotion_point(emotion)[2];
        total += near;
    }
    affect->dominance /= total > 0.01F ? total : 1.0F;
    if (affect->intensity < 0.1F) {
        return;
    }
    affect->emotions[KM_EMOTION_NEUTRAL] = 0.0F;
    const float leading[KM_EMOTIONS_COUNT] = {0};
    guess_emotions(affect, 1.0F, false);
    name_feelings(affect, leading);
}
