// SPDX-License-Identifier: MIT

// The thesaurus as a table.

#include "affect/thesaurus.h"

#include "affect/affect.h"
#include "base/check.h"
#include "base/text.h"

#include <stddef.h>

static const struct km_thesaurus_node nodes[] = {
#define KM_NODE(base, sub, name, valence, arousal, dominance, intensity, EMOTION)                  \
    {base, sub, name, valence, arousal, dominance, intensity, KM_EMOTION_##EMOTION},
#include "affect/thesaurus.def"
#undef KM_NODE
};

_Static_assert(sizeof(nodes) / sizeof(nodes[0]) == KM_THESAURUS_NODES_COUNT, "216 shades");

const struct km_thesaurus_node *km_thesaurus_node(int index)
{
    KM_CHECK(index >= 0);
    KM_CHECK(index < KM_THESAURUS_NODES_COUNT);
    return &nodes[index];
}

int km_thesaurus_find(const char *name)
{
    KM_CHECK(name);
    for (int i = 0; i < KM_THESAURUS_NODES_COUNT; ++i) {
        const char *const one[] = {nodes[i].name};
        if (km_text_find(name, one, 1) == 0) {
            return i;
        }
    }
    return -1;
}
