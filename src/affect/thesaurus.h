// SPDX-License-Identifier: MIT

/// The thesaurus of feeling: 6 bases of 6 sub-emotions of 6 nodes each.
#ifndef KM_AFFECT_THESAURUS_H
#define KM_AFFECT_THESAURUS_H

#include "base/attributes.h"

#include <stdint.h>

KM_C_BEGIN

enum { KM_THESAURUS_BASES_COUNT = 6, KM_THESAURUS_SUBS_COUNT = 36, KM_THESAURUS_NODES_COUNT = 216 };

/// A node: one shade of feeling.
struct km_thesaurus_node {
    const char *base; ///< "happy", "sad", "angry", "fear", "surprise", "disgust"
    const char *sub;  ///< "grief"
    const char *name; ///< "bereaved"
    float valence;    ///< -1 to 1
    float arousal;    ///< -1 to 1
    float dominance;  ///< -1 to 1
    float intensity;  ///< 0 to 1
    int8_t emotion;   ///< The nearest enum km_emotion.
};

/// The node of an index below KM_THESAURUS_NODES_COUNT; a pointer to static memory.  [any]
const struct km_thesaurus_node *km_thesaurus_node(int index);

/// Index of the node called `name`, or -1.  [any]
int km_thesaurus_find(const char *name);

KM_C_END

#endif
