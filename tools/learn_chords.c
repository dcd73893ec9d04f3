// SPDX-License-Identifier: MIT

// Learns src/theory/likelihoods.def from analysed segments: a softmax regression over triads and
// sevenths on twelve roots, by gradient descent. Not part of the build:
//
//     cc -O3 -ffast-math tools/learn_chords.c -o learn_chords -lm
//     tools/measure_chords.py --segments | ./learn_chords > src/theory/likelihoods.def
//
// Each segment counts twice: with how long its notes sound, and with that they do, since both are
// asked for. On standard error it says how often it is right on pieces that it has not learned from
// (four parts, each left out in turn): root, root and triad, with seventh.

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    QUALITIES = 9,
    CANDIDATES = 12 * QUALITIES,
    ROW = 25, // Twelve notes that sound, twelve basses, the prior
    MISSING = QUALITIES * ROW,
    FOREIGN = MISSING + 12,
    BASS = FOREIGN + 12,
    WEIGHTS = BASS + 12,
    FEATURES_MAX = 40,
    EXAMPLES_MAX = 8192,
    PARTS = 4,
    ROUNDS = 300,
};

static const struct {
    const char *name;
    unsigned pitches;
    int triad;
} qualities[QUALITIES] = {
    {"MAJOR", 0x091, 0},
    {"MINOR", 0x089, 1},
    {"DIMINISHED", 0x049, 2},
    {"AUGMENTED", 0x111, 3},
    {"DOMINANT_SEVENTH", 0x491, 0},
    {"MINOR_SEVENTH", 0x489, 1},
    {"MAJOR_SEVENTH", 0x891, 0},
    {"HALF_DIMINISHED", 0x449, 2},
    {"DIMINISHED_SEVENTH", 0x249, 2},
};

struct example {
    double presence[12]; // Above the bass
    int root, quality, part;
    bool has_durations;
};

struct features {
    int count;
    int indices[FEATURES_MAX];
    double values[FEATURES_MAX];
};

struct model {
    double weights[WEIGHTS];
};

static void put(struct features *features, int index, double value)
{
    features->indices[features->count] = index;
    features->values[features->count++] = value;
}

static void describe(const struct example *example, int root, int quality,
                     struct features *features)
{
    features->count = 0;
    for (int step = 0; step < 12; ++step) {
        const double presence = example->presence[(root + step) % 12];
        const bool is_own = qualities[quality].pitches >> step & 1U;
        if (presence > 0.0) {
            put(features, quality * ROW + step, presence);
        }
        if (is_own && presence < 1.0) {
            put(features, MISSING + step, 1.0 - presence);
        }
        if (!is_own && presence > 0.0) {
            put(features, FOREIGN + step, presence);
        }
    }
    put(features, quality * ROW + 12 + (12 - root) % 12, 1.0);
    put(features, quality * ROW + 24, 1.0);
    put(features, BASS + (12 - root) % 12, 1.0);
}

static double value_of(const struct model *model, const struct example *example, int candidate)
{
    struct features features;
    describe(example, candidate % 12, candidate / 12, &features);
    double sum = 0.0;
    for (int i = 0; i < features.count; ++i) {
        sum += model->weights[features.indices[i]] * features.values[i];
    }
    return sum;
}

// Adds the gradient of an example's log likelihood.
static void climb(const struct model *model, const struct example *example, double *gradient)
{
    double odds[CANDIDATES];
    double most = -1e9;
    double sum = 0.0;
    for (int i = 0; i < CANDIDATES; ++i) {
        odds[i] = value_of(model, example, i);
        most = odds[i] > most ? odds[i] : most;
    }
    for (int i = 0; i < CANDIDATES; ++i) {
        odds[i] = exp(odds[i] - most);
        sum += odds[i];
    }
    for (int i = 0; i < CANDIDATES; ++i) {
        const bool is_right = i == example->quality * 12 + example->root;
        const double error = (is_right ? 1.0 : 0.0) - odds[i] / sum;
        struct features features;
        if (error > 1e-3 || error < -1e-3) {
            describe(example, i % 12, i / 12, &features);
            for (int j = 0; j < features.count; ++j) {
                gradient[features.indices[j]] += error * features.values[j];
            }
        }
    }
}

// Learns from all examples but those of one part; -1 leaves none out.
static void learn(struct model *model, const struct example *examples, int count, int left_out)
{
    static const double decay = 0.001;
    double speed[WEIGHTS] = {0.0};
    memset(model, 0, sizeof(*model));
    for (int round = 0; round < ROUNDS; ++round) {
        double gradient[WEIGHTS] = {0.0};
        for (int i = 0; i < count; ++i) {
            if (examples[i].part != left_out) {
                climb(model, &examples[i], gradient);
            }
        }
        for (int i = 0; i < WEIGHTS; ++i) {
            const double own = i < MISSING ? decay : 0.1 * decay; // What all share may be large.
            speed[i] = 0.9 * speed[i] + 0.6 * (gradient[i] / count - own * model->weights[i]);
            model->weights[i] += speed[i];
        }
    }
}

static void test(const struct model *model, const struct example *examples, int count, int part,
                 int right[2][4])
{
    for (int i = 0; i < count; ++i) {
        const struct example *const example = &examples[i];
        int best = 0;
        for (int j = 1; j < CANDIDATES && example->part == part; ++j) {
            best = value_of(model, example, j) > value_of(model, example, best) ? j : best;
        }
        if (example->part == part) {
            int *const row = right[example->has_durations];
            const bool is_root = best % 12 == example->root;
            const int triad = qualities[best / 12].triad;
            row[0] += is_root;
            row[1] += is_root && triad == qualities[example->quality].triad;
            row[2] += is_root && best / 12 == example->quality;
            ++row[3];
        }
    }
}

static int read_examples(struct example *examples)
{
    int count = 0;
    char name[32];
    while (count + 2 <= EXAMPLES_MAX && scanf("%31s", name) == 1) {
        struct example example = {.has_durations = true};
        unsigned hash = 0;
        for (const char *at = name; *at != '\0'; ++at) {
            hash = hash * 31 + (unsigned char)*at;
        }
        example.part = (int)(hash % PARTS);
        for (int step = 0; step < 12; ++step) {
            double share = 0.0;
            if (scanf("%lf", &share) != 1) {
                return count;
            }
            example.presence[step] = share > 0.25 ? 1.0 : sqrt(4.0 * share);
        }
        if (scanf("%d %d", &example.root, &example.quality) != 2) {
            return count;
        }
        examples[count++] = example;
        example.has_durations = false;
        for (int step = 0; step < 12; ++step) {
            example.presence[step] = example.presence[step] > 0.0;
        }
        examples[count++] = example;
    }
    return count;
}

static void print_weights(const struct model *model, int quality, int kind)
{
    printf("\n    KM_WEIGHTS(");
    for (int step = 0; step < 12; ++step) {
        const bool is_own = qualities[quality].pitches >> step & 1U;
        const double *const weights = model->weights;
        const double sounding =
            weights[quality * ROW + step] + (is_own ? 0.0 : weights[FOREIGN + step]);
        const double missing = is_own ? weights[MISSING + step] : 0.0;
        const double bass = weights[quality * ROW + 12 + step] + weights[BASS + step];
        const double values[] = {sounding, missing, bass};
        printf("%s%d", step == 0 ? "" : ", ", (int)lround(100.0 * values[kind]));
    }
    printf(")%s", kind < 2 ? "," : ")\n");
}

static void print(const struct model *model, int count)
{
    printf(
        "// SPDX-License-Identifier: MIT\n"
        "// KM_LIKELIHOOD(NAME, prior, KM_WEIGHTS(sounding: 12), KM_WEIGHTS(missing: 12), "
        "KM_WEIGHTS(bass: 12))\n"
        "// What makes a chord likely to be a musician's name for some notes, in hundredths of a "
        "natural logarithm: that a pitch so many\n"
        "// semitones above its root sounds, that it does not, and that it is the bass. Made by "
        "tools/learn_chords.c from %d segments\n"
        "// of Bach's preludes and fugues and a prelude by Chopin with their analyses (When in "
        "Rome): see docs/analysis.md.\n",
        count / 2);
    for (int quality = 0; quality < QUALITIES; ++quality) {
        printf("KM_LIKELIHOOD(%s, %d,", qualities[quality].name,
               (int)lround(100.0 * model->weights[quality * ROW + 24]));
        for (int kind = 0; kind < 3; ++kind) {
            print_weights(model, quality, kind);
        }
    }
}

int main(void)
{
    static struct example examples[EXAMPLES_MAX];
    static struct model model;
    const int count = read_examples(examples);
    int right[2][4] = {{0}};
    for (int part = 0; part < PARTS; ++part) {
        learn(&model, examples, count, part);
        test(&model, examples, count, part, right);
    }
    for (int durations = 0; durations < 2; ++durations) {
        const int *const row = right[durations];
        fprintf(stderr, "%s: %.1f %.1f %.1f of %d\n", durations ? "durations" : "notes alone",
                100.0 * row[0] / row[3], 100.0 * row[1] / row[3], 100.0 * row[2] / row[3], row[3]);
    }
    learn(&model, examples, count, -1);
    print(&model, count);
    return EXIT_SUCCESS;
}
