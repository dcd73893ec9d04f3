// SPDX-License-Identifier: MIT

/// What is known of each emotion: its groups, its place, what its negation tells.
#ifndef KM_AFFECT_EMOTION_PRIVATE_H
#define KM_AFFECT_EMOTION_PRIVATE_H

#include "affect/affect.h"

/// The group of an emotion.  [any]
enum km_ekman km_emotion_ekman(int emotion);
enum km_sentiment km_emotion_sentiment(int emotion);

/// Valence, arousal, dominance of an emotion: three numbers.  [any]
const float *km_emotion_point(int emotion);

/// Emotions of one family are shades of one feeling: grief and sadness, not grief and relief. [any]
int km_emotion_family(int emotion);

/// What "not X" tells of: the emotion, or neutral; and how much of it.  [any]
int km_emotion_opposite(int emotion, float *weight);

#endif
