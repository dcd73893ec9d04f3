// SPDX-License-Identifier: MIT

// What is known of each emotion.

#include "affect/emotion_private.h"

#include "base/check.h"

static bool is_emotion(int emotion)
{
    return emotion >= 0 && emotion < KM_EMOTIONS_COUNT;
}

const char *km_emotion_name(enum km_emotion emotion)
{
    static const char *const names[] = {
#define KM_EMOTION(NAME, name, ekman, sentiment, valence, arousal, dominance) name,
#include "affect/emotions.def"
#undef KM_EMOTION
    };
    KM_CHECK(is_emotion((int)emotion));
    return names[emotion];
}

const char *km_ekman_name(enum km_ekman ekman)
{
    static const char *const names[KM_EKMANS_COUNT] = {
        [KM_EKMAN_JOY] = "joy",           [KM_EKMAN_SADNESS] = "sadness",
        [KM_EKMAN_ANGER] = "anger",       [KM_EKMAN_FEAR] = "fear",
        [KM_EKMAN_SURPRISE] = "surprise", [KM_EKMAN_DISGUST] = "disgust",
        [KM_EKMAN_NEUTRAL] = "neutral"};
    KM_CHECK((unsigned)ekman < KM_EKMANS_COUNT);
    return names[ekman];
}

const char *km_sentiment_name(enum km_sentiment sentiment)
{
    static const char *const names[KM_SENTIMENTS_COUNT] = {[KM_SENTIMENT_POSITIVE] = "positive",
                                                           [KM_SENTIMENT_NEGATIVE] = "negative",
                                                           [KM_SENTIMENT_AMBIGUOUS] = "ambiguous",
                                                           [KM_SENTIMENT_NEUTRAL] = "neutral"};
    KM_CHECK((unsigned)sentiment < KM_SENTIMENTS_COUNT);
    return names[sentiment];
}

enum km_ekman km_emotion_ekman(int emotion)
{
    static const uint8_t groups[] = {
#define KM_EMOTION(NAME, name, ekman, sentiment, valence, arousal, dominance) KM_EKMAN_##ekman,
#include "affect/emotions.def"
#undef KM_EMOTION
    };
    KM_CHECK(is_emotion(emotion));
    return (enum km_ekman)groups[emotion];
}

enum km_sentiment km_emotion_sentiment(int emotion)
{
    static const uint8_t groups[] = {
#define KM_EMOTION(NAME, name, ekman, sentiment, valence, arousal, dominance)                      \
    KM_SENTIMENT_##sentiment,
#include "affect/emotions.def"
#undef KM_EMOTION
    };
    KM_CHECK(is_emotion(emotion));
    return (enum km_sentiment)groups[emotion];
}

const float *km_emotion_point(int emotion)
{
    static const float points[][3] = {
#define KM_EMOTION(NAME, name, ekman, sentiment, valence, arousal, dominance)                      \
    {valence, arousal, dominance},
#include "affect/emotions.def"
#undef KM_EMOTION
    };
    KM_CHECK(is_emotion(emotion));
    return points[emotion];
}

/// Family, and what the negation tells, by emotion.
struct trait {
    uint8_t family; ///< The emotion that stands for the family.
    uint8_t opposite;
    uint8_t opposite_percent;
};

static const struct trait traits[KM_EMOTIONS_COUNT] = {
#define KM_TRAIT(NAME, threshold, FAMILY, OPPOSITE, percent)                                       \
    [KM_EMOTION_##NAME] = {KM_EMOTION_##FAMILY, KM_EMOTION_##OPPOSITE, percent},
#include "affect/traits.def"
#undef KM_TRAIT
};

int km_emotion_family(int emotion)
{
    KM_CHECK(is_emotion(emotion));
    return traits[emotion].family;
}

int km_emotion_opposite(int emotion, float *weight)
{
    KM_CHECK(is_emotion(emotion));
    *weight = 0.01F * (float)traits[emotion].opposite_percent;
    return traits[emotion].opposite;
}
