// SPDX-License-Identifier: MIT

// An affect as JSON.

#include "apps/affect_json.h"

#include "affect/thesaurus.h"
#include "base/math.h"

// As many digits as the figure is worth; 0 is never "-0.0".
static json_t *number(float value)
{
    const int64_t scaled = km_round((double)value * 10000.0);
    return json_real((double)scaled / 10000.0);
}

// Takes `value`, null or not, into the object; false if there was no memory for either.
static bool put(json_t *object, const char *name, json_t *value)
{
    return json_object_set_new(object, name, value) == 0;
}

static const char *emotion_name_of(int emotion)
{
    return km_emotion_name((enum km_emotion)emotion);
}

static const char *ekman_name_of(int ekman)
{
    return km_ekman_name((enum km_ekman)ekman);
}

static const char *sentiment_name_of(int sentiment)
{
    return km_sentiment_name((enum km_sentiment)sentiment);
}

// The names whose bits are set; null if there is no memory.
static json_t *names_of(uint32_t bits, int count, const char *(*name)(int))
{
    json_t *const names = json_array();
    for (int i = 0; i < count; ++i) {
        if ((bits >> (unsigned)i & 1U) != 0 &&
            json_array_append_new(names, json_string(name(i))) != 0) {
            json_decref(names);
            return NULL;
        }
    }
    return names;
}

static json_t *emotions_of(const struct km_affect *affect)
{
    json_t *const emotions = json_object();
    for (int i = 0; i < KM_EMOTIONS_COUNT; ++i) {
        if (!put(emotions, emotion_name_of(i), number(affect->emotions[i]))) {
            json_decref(emotions);
            return NULL;
        }
    }
    return emotions;
}

static json_t *node_of(const struct km_affect *affect)
{
    if (affect->node == KM_AFFECT_NO_NODE) {
        return json_null();
    }
    const struct km_thesaurus_node *const node = km_thesaurus_node(affect->node);
    json_t *const object = json_object();
    const bool is_done = put(object, "base", json_string(node->base)) &&
                         put(object, "sub", json_string(node->sub)) &&
                         put(object, "name", json_string(node->name));
    if (!is_done) {
        json_decref(object);
        return NULL;
    }
    return object;
}

json_t *km_affect_to_json(const struct km_affect *affect)
{
    json_t *const object = json_object();
    json_t *const secondary = affect->secondary == KM_AFFECT_NO_EMOTION
                                  ? json_null()
                                  : json_string(emotion_name_of(affect->secondary));
    bool is_done = put(object, "primary", json_string(emotion_name_of(affect->primary)));
    is_done = put(object, "secondary", secondary) && is_done;
    is_done = put(object, "ekman", json_string(ekman_name_of(affect->ekman))) && is_done;
    is_done = put(object, "valence", number(affect->valence)) && is_done;
    is_done = put(object, "arousal", number(affect->arousal)) && is_done;
    is_done = put(object, "dominance", number(affect->dominance)) && is_done;
    is_done = put(object, "intensity", number(affect->intensity)) && is_done;
    is_done = put(object, "confidence", number(affect->confidence)) && is_done;
    is_done = put(object, "emotions", emotions_of(affect)) && is_done;
    is_done = put(object, "labels", names_of(affect->labels, KM_EMOTIONS_COUNT, emotion_name_of)) &&
              is_done;
    is_done = put(object, "ekman_labels",
                  names_of(affect->ekman_labels, KM_EKMANS_COUNT, ekman_name_of)) &&
              is_done;
    is_done = put(object, "sentiment_labels",
                  names_of(affect->sentiment_labels, KM_SENTIMENTS_COUNT, sentiment_name_of)) &&
              is_done;
    is_done = put(object, "node", node_of(affect)) && is_done;
    if (!is_done) {
        json_decref(object);
        return NULL;
    }
    return object;
}
