// SPDX-License-Identifier: MIT

// A softmax regression: the odds of a chord are a sum of what each sounding note, each missing one
// and the bass say for it. The figures are in likelihoods.def.

#include "theory/likelihood.h"

#include "base/check.h"
#include "base/math.h"

enum { PITCHES = 12 };

struct row {
    uint8_t quality;
    float prior;
    float sounding[PITCHES], missing[PITCHES], bass[PITCHES];
};

static const struct row rows[] = {
#define KM_WEIGHTS(...)                                                                            \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define KM_LIKELIHOOD(NAME, prior, sounding, missing, bass)                                        \
    {KM_CHORD_##NAME, prior, sounding, missing, bass},
#include "theory/likelihoods.def"
#undef KM_LIKELIHOOD
#undef KM_WEIGHTS
};

_Static_assert(sizeof(rows) / sizeof(rows[0]) == KM_LIKELY_QUALITIES, "one row a quality");

struct km_chord km_likely_chord(int index, uint8_t bass)
{
    KM_CHECK(index >= 0 && index < KM_LIKELY_CHORDS);
    return (struct km_chord){(uint8_t)(index % PITCHES), rows[index / PITCHES].quality, bass};
}

// A pitch that sounds a quarter of the time is wholly there; a passing one only in part.
static bool presence_of(const float weights[PITCHES], float presence[2 * PITCHES])
{
    float sum = 0.0F;
    for (int pitch = 0; pitch < PITCHES; ++pitch) {
        sum += weights[pitch] > 0.0F ? weights[pitch] : 0.0F;
    }
    if (!(sum > 0.0F)) {
        return false;
    }
    for (int pitch = 0; pitch < PITCHES; ++pitch) {
        const float share = weights[pitch] > 0.0F ? 4.0F * weights[pitch] / sum : 0.0F;
        presence[pitch] = share < 1.0F ? (float)km_sqrt((double)share) : 1.0F;
        presence[pitch + PITCHES] = presence[pitch];
    }
    return true;
}

// What the notes say for a chord, those from its root up.
static float for_notes(const struct row *row, const float presence[PITCHES])
{
    float sum = row->prior;
    for (int step = 0; step < PITCHES; ++step) {
        sum += row->sounding[step] * presence[step] + row->missing[step] * (1.0F - presence[step]);
    }
    return sum;
}

bool km_chord_likelihoods(const float weights[12], uint8_t bass,
                          float likelihoods[KM_LIKELY_CHORDS])
{
    KM_CHECK(bass < PITCHES);
    float presence[2 * PITCHES]; // Twice, to begin at any root
    if (!presence_of(weights, presence)) {
        for (int i = 0; i < KM_LIKELY_CHORDS; ++i) {
            likelihoods[i] = 0.0F;
        }
        return false;
    }
    for (int i = 0; i < KM_LIKELY_CHORDS; ++i) {
        const int root = i % PITCHES;
        const float for_bass = rows[i / PITCHES].bass[(bass + PITCHES - root) % PITCHES];
        likelihoods[i] = 0.01F * (for_bass + for_notes(&rows[i / PITCHES], presence + root));
    }
    return true;
}

struct km_chord_found km_chord_of_weights(const float weights[12], uint8_t bass)
{
    float likelihoods[KM_LIKELY_CHORDS];
    if (!km_chord_likelihoods(weights, bass, likelihoods)) {
        return (struct km_chord_found){.confidence = 1.0F};
    }
    int best = 0;
    for (int i = 1; i < KM_LIKELY_CHORDS; ++i) {
        best = likelihoods[i] > likelihoods[best] ? i : best;
    }
    double sum = 0.0;
    for (int i = 0; i < KM_LIKELY_CHORDS; ++i) {
        sum += km_exp((double)(likelihoods[i] - likelihoods[best]));
    }
    return (struct km_chord_found){km_likely_chord(best, bass), (float)(1.0 / sum)};
}
