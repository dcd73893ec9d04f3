// SPDX-License-Identifier: MIT

// The feeling that the music follows, with the nuance that all emotions of the affect give it.

#include "base/math.h"
#include "session/cues_private.h"

#include <stddef.h>

// Where each emotion lies, to draw the music towards the secondary one.
static const struct km_place emotion_places[] = {
#define KM_EMOTION(NAME, name, ekman, sentiment, valence, arousal, dominance)                      \
    {valence, arousal, dominance},
#include "affect/emotions.def"
#undef KM_EMOTION
};

static const struct km_nuance emotion_nuances[KM_EMOTIONS_COUNT] = {
#define KM_NUANCE(NAME, ...) [KM_EMOTION_##NAME] = {__VA_ARGS__},
#include "session/nuances.def"
#undef KM_NUANCE
};

static void add_nuance(struct km_nuance *sum, const struct km_nuance *nuance, double weight)
{
    sum->tempo += (float)(weight * (double)nuance->tempo);
    sum->loudness += (float)(weight * (double)nuance->loudness);
    sum->spread += (float)(weight * (double)nuance->spread);
    sum->articulation += (float)(weight * (double)nuance->articulation);
    sum->density += (float)(weight * (double)nuance->density);
    sum->height += (float)(weight * (double)nuance->height);
    sum->width += (float)(weight * (double)nuance->width);
    sum->dissonance += (float)(weight * (double)nuance->dissonance);
    sum->chord_rate += (float)(weight * (double)nuance->chord_rate);
    sum->brightness += (float)(weight * (double)nuance->brightness);
    sum->unrest += (float)(weight * (double)nuance->unrest);
}

// How sure it is that an emotion is felt; what is no probability counts as none.
static double probability_of(const struct km_affect *affect, int emotion)
{
    return km_clamp((double)affect->emotions[emotion], 0, 1);
}

// The mean of the emotions' nuances by their probability, squared so that a clear feeling is not
// blurred by what merely goes along with it; weaker where they do not add up to one.
static struct km_nuance nuance_of(const struct km_affect *affect)
{
    double total = 0;
    for (int i = 0; i < KM_EMOTION_NEUTRAL; ++i) {
        total += probability_of(affect, i) * probability_of(affect, i);
    }
    struct km_nuance nuance = {0};
    for (int i = 0; i < KM_EMOTION_NEUTRAL; ++i) {
        const double weight = probability_of(affect, i) * probability_of(affect, i);
        add_nuance(&nuance, &emotion_nuances[i], weight / (total > 1 ? total : 1));
    }
    return nuance;
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
        .nuance = nuance_of(affect),
    };
    feeling.second_valence = feeling.valence;
    if (affect->secondary >= 0 && affect->secondary < KM_EMOTION_NEUTRAL) {
        const struct km_place *const second = &emotion_places[affect->secondary];
        const double apart = (double)second->valence - feeling.valence;
        feeling.contrast = km_clamp((apart < 0 ? -apart : apart) / 1.4, 0, 1);
        feeling.second_valence = (double)second->valence;
        feeling.valence += 0.12 * apart;
        feeling.arousal += 0.12 * ((double)second->arousal - feeling.arousal);
        feeling.dominance += 0.12 * ((double)second->dominance - feeling.dominance);
    }
    return feeling;
}
