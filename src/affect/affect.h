// SPDX-License-Identifier: MIT

/// What a text feels like: valence, arousal, dominance, intensity, emotions, a place in the
/// thesaurus.
#ifndef KM_AFFECT_AFFECT_H
#define KM_AFFECT_AFFECT_H

#include "base/attributes.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

/// The 28 labels of GoEmotions (Demszky et al., ACL 2020), in its order; the last is neutral.
enum km_emotion {
#define KM_EMOTION(NAME, name, ekman, sentiment, valence, arousal, dominance) KM_EMOTION_##NAME,
#include "affect/emotions.def"
#undef KM_EMOTION
    KM_EMOTIONS_COUNT
};

/// Ekman's six and neutral.
enum km_ekman {
    KM_EKMAN_JOY,
    KM_EKMAN_SADNESS,
    KM_EKMAN_ANGER,
    KM_EKMAN_FEAR,
    KM_EKMAN_SURPRISE,
    KM_EKMAN_DISGUST,
    KM_EKMAN_NEUTRAL,
    KM_EKMANS_COUNT
};

/// Groups of feeling (GoEmotions).
enum km_sentiment {
    KM_SENTIMENT_POSITIVE,
    KM_SENTIMENT_NEGATIVE,
    KM_SENTIMENT_AMBIGUOUS,
    KM_SENTIMENT_NEUTRAL,
    KM_SENTIMENTS_COUNT
};

enum {
    KM_AFFECT_NO_NODE = -1,
    KM_AFFECT_NO_EMOTION = -1,
    KM_AFFECT_TEXT_SIZE_MAX = 1 << 24, ///< A longer text is refused.
};

struct km_affect {
    float valence;                     ///< -1 to 1; 0 is neutral.
    float arousal;                     ///< -1 to 1.
    float dominance;                   ///< -1 to 1.
    float intensity;                   ///< 0 to 1.
    float confidence;                  ///< 0 (no evidence) to 1.
    int8_t primary;                    ///< enum km_emotion; KM_EMOTION_NEUTRAL without evidence.
    int8_t secondary;                  ///< enum km_emotion, or KM_AFFECT_NO_EMOTION.
    int8_t ekman;                      ///< enum km_ekman
    int16_t node;                      ///< Index in the thesaurus, or KM_AFFECT_NO_NODE.
    float emotions[KM_EMOTIONS_COUNT]; ///< Probability of each, on its own; neutral too.
    uint32_t labels;                   ///< Bit n: emotion n is over its threshold.
    uint8_t ekman_labels;              ///< Bit n: enum km_ekman n.
    uint8_t sentiment_labels;          ///< Bit n: enum km_sentiment n.
};

/// Reads the affect of `size` bytes of text. Allocates nothing; time is linear in size.  [any]
/// Text that is no UTF-8 is read as far as it is; only a text over the maximum is refused. Without
/// evidence the affect is neutral: all zero, primary neutral, no node.
KM_NODISCARD enum km_status km_affect_of_text(const char *text, size_t size,
                                              struct km_affect *affect, struct km_error *error);

/// The affect at a place given by hand, with the emotions and the node nearest to it.  [any]
/// Values are held between -1 and 1.
void km_affect_of_point(double valence, double arousal, struct km_affect *affect);

/// "grief", and so on.  [any]
const char *km_emotion_name(enum km_emotion emotion);
const char *km_ekman_name(enum km_ekman ekman);
const char *km_sentiment_name(enum km_sentiment sentiment);

KM_C_END

#endif
