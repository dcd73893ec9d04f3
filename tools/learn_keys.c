// SPDX-License-Identifier: MIT

// Learns the weights of src/analysis/keys_evidence.c from pieces whose key people named: a softmax
// regression over 24 keys, by gradient descent. With KMIDI_DATA set to the folder of data:
//
//     cmake --build build --target kmidi learn_keys
//     tools/measure_keys.py build/kmidi --list FOLDER | build/learn_keys
//
// Pieces are split into halves by a hash of their names; it learns from one half and prints the
// weights. On standard error it says how often it is right in each set, in both halves, beside what
// the key profiles alone find. Every set has a share of its own, however many pieces it has, and
// major and minor keys count as much as each other by half. The decay was chosen so that no weight
// is large for a few pieces' sake; between 0.001 and 0.003 the other half hardly changes.
// Names of sets as arguments: these are not learned from, only tested.

// Its figures are static: they are nobody else's business.
#include "analysis/keys_evidence.c" // NOLINT(bugprone-suspicious-include)

#include "heap/heap.h"
#include "read_piece.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_SIZE = 1024, NAME_SIZE = 256, PIECES_MAX = 4096, ROUNDS = 6000, SETS = 10 };

static const double decay = 0.002;

static const struct {
    const char *name;
    double share;
} sets[SETS] = {
    {"classical", 1.0}, {"performances", 0.7}, {"pop", 1.0},  {"chorales", 0.7},
    {"early", 0.4},     {"songs", 0.6},        {"ours", 0.6}, {"melodies", 0.8},
    {"lines", 1.0},     {"played_lines", 0.5},
};

struct example {
    int set, key;
    bool is_held_out;
    double share;
    double figures[KEYS][FIGURES_COUNT];
};

struct collection {
    struct km_heap *heap;
    int count;
    struct example examples[PIECES_MAX];
};

static int set_of(const char *name)
{
    for (int i = 0; i < SETS; ++i) {
        if (strcmp(sets[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

// FNV-1a without its lowest bits.
static bool is_second_half(const char *name)
{
    uint32_t hash = 2166136261U;
    for (; *name != '\0'; ++name) {
        hash = (hash ^ (unsigned char)*name) * 16777619U;
    }
    return hash >> 7 & 1U;
}

static bool find_all_figures(struct km_heap *heap, const char *path, struct example *example)
{
    static struct km_piece piece;
    struct km_key_frames frames;
    if (!read_piece(&piece, heap, path)) {
        return false;
    }
    bool is_done = !piece.is_performed || km_piece_find_beats(&piece) == KM_OK;
    if (is_done && km_key_frames_make(&frames, &piece) == KM_OK) {
        gather(&piece, &frames, example->figures);
        km_key_frames_release(&frames);
    } else {
        is_done = false;
    }
    km_piece_release(&piece);
    return is_done;
}

// Reads lines of a set, a name, a tonic, whether it is minor, and a path.
static void read_examples(struct collection *all)
{
    char line[LINE_SIZE];
    while (all->count < PIECES_MAX && fgets(line, sizeof(line), stdin)) {
        char set[NAME_SIZE];
        char name[NAME_SIZE];
        char path[LINE_SIZE];
        int tonic = 0;
        int is_minor = 0;
        // NOLINTNEXTLINE(cert-err34-c): the list is our own tool's.
        if (sscanf(line, "%255s %255s %d %d %1023[^\n]", set, name, &tonic, &is_minor, path) != 5 ||
            set_of(set) < 0 || tonic < 0 || tonic >= PITCHES) {
            (void)fprintf(stderr, "not understood: %s", line);
            continue;
        }
        struct example *const example = &all->examples[all->count];
        *example = (struct example){.set = set_of(set),
                                    .key = tonic + (is_minor != 0 ? PITCHES : 0),
                                    .is_held_out = is_second_half(name)};
        all->count += find_all_figures(all->heap, path, example);
    }
}

// Half of a set's share is divided among its pieces, a quarter among those in major, in minor.
static void share_out(struct collection *all, char **left_out, int left_out_count)
{
    int counts[SETS][2] = {{0}};
    double shares[SETS];
    for (int i = 0; i < all->count; ++i) {
        ++counts[all->examples[i].set][all->examples[i].key / PITCHES];
    }
    for (int set = 0; set < SETS; ++set) {
        shares[set] = sets[set].share;
    }
    for (int i = 0; i < left_out_count; ++i) {
        const int set = set_of(left_out[i]);
        shares[set >= 0 ? set : 0] *= set >= 0 ? 0.0 : 1.0;
    }
    for (int i = 0; i < all->count; ++i) {
        struct example *const example = &all->examples[i];
        const int *const count = counts[example->set];
        const double of_its_mode = count[example->key < PITCHES ? 0 : 1];
        example->share = shares[example->set] * (0.5 / (count[0] + count[1]) + 0.25 / of_its_mode);
    }
}

static double odds_of(const double *weights, const double *figures)
{
    double sum = 0.0;
    for (int i = 0; i < FIGURES_COUNT; ++i) {
        sum += weights[i] * figures[i];
    }
    return sum;
}

// Adds the gradient of an example's log likelihood.
static void climb(const double *weights, const struct example *example, double *gradient)
{
    double odds[KEYS];
    double most = -1e300;
    double sum = 0.0;
    for (int key = 0; key < KEYS; ++key) {
        odds[key] = odds_of(weights, example->figures[key]);
        most = odds[key] > most ? odds[key] : most;
    }
    for (int key = 0; key < KEYS; ++key) {
        odds[key] = exp(odds[key] - most);
        sum += odds[key];
    }
    for (int key = 0; key < KEYS; ++key) {
        const double error = (key == example->key ? 1.0 : 0.0) - odds[key] / sum;
        for (int i = 0; i < FIGURES_COUNT; ++i) {
            gradient[i] += example->share * error * example->figures[key][i];
        }
    }
}

static void climb_all(const struct collection *all, const double *weights, double *gradient)
{
    for (int i = 0; i < all->count; ++i) {
        if (!all->examples[i].is_held_out && all->examples[i].share > 0.0) {
            climb(weights, &all->examples[i], gradient);
        }
    }
}

static void learn(const struct collection *all, double *weights)
{
    double speed[FIGURES_COUNT] = {0.0};
    memset(weights, 0, FIGURES_COUNT * sizeof(*weights));
    for (int round = 0; round < ROUNDS; ++round) {
        double gradient[FIGURES_COUNT] = {0.0};
        climb_all(all, weights, gradient);
        for (int i = 0; i < FIGURES_COUNT; ++i) { // With momentum
            speed[i] = 0.9 * speed[i] + 0.3 * (gradient[i] - decay * weights[i]);
            weights[i] += speed[i];
        }
    }
}

static int likeliest(const double *weights, const struct example *example)
{
    int best = 0;
    for (int key = 1; key < KEYS; ++key) {
        const double odds = odds_of(weights, example->figures[key]);
        best = odds > odds_of(weights, example->figures[best]) ? key : best;
    }
    return best;
}

// One half of one set: major, minor, and what the profiles of all notes find.
static void test(const struct collection *all, const double *weights, int set, bool is_held_out)
{
    static const double profiles[FIGURES_COUNT] = {[WHOLE] = 1.0};
    int right[2] = {0};
    int count[2] = {0};
    int alone = 0;
    for (int i = 0; i < all->count; ++i) {
        const struct example *const example = &all->examples[i];
        if (example->set == set && example->is_held_out == is_held_out) {
            const int mode = example->key / PITCHES;
            ++count[mode];
            right[mode] += likeliest(weights, example) == example->key;
            alone += likeliest(profiles, example) == example->key;
        }
    }
    const double percent = count[0] + count[1] > 0 ? 100.0 / (count[0] + count[1]) : 0.0;
    (void)fprintf(
        stderr, "%-13s %-9s %5.1f %%  major %d of %d  minor %d of %d  profiles alone %5.1f %%\n",
        sets[set].name, is_held_out ? "held out" : "learned", percent * (right[0] + right[1]),
        right[0], count[0], right[1], count[1], percent * alone);
}

static void print(const double *weights)
{
    static const char *const names[FIGURES_COUNT] = {
        [WHOLE] = "WHOLE",
        [BEGINNING] = "BEGINNING",
        [ENDING] = "ENDING",
        [FINAL_BASS_TONIC] = "FINAL_BASS_TONIC",
        [FINAL_BASS_FIFTH] = "FINAL_BASS_FIFTH",
        [FINAL_TOP_TONIC] = "FINAL_TOP_TONIC",
        [CLOSING_LOW_TONIC] = "CLOSING_LOW_TONIC",
        [FINAL_THIRD] = "FINAL_THIRD",
        [FINAL_PICARDY] = "FINAL_PICARDY",
        [FIRST_BASS_TONIC] = "FIRST_BASS_TONIC",
        [FIRST_BASS_FIFTH] = "FIRST_BASS_FIFTH",
        [BASS_TONIC] = "BASS_TONIC",
        [THIRDS_MAJOR] = "THIRDS_MAJOR",
        [THIRDS_MINOR] = "THIRDS_MINOR",
        [MINOR] = "MINOR",
    };
    for (int i = 0; i < FIGURES_COUNT; ++i) {
        (void)printf("    [%s] = %.1f,\n", names[i], weights[i]);
    }
}

int main(int argument_count, char **arguments)
{
    static struct collection all;
    double weights[FIGURES_COUNT];
    all.heap = km_heap_new(NULL);
    if (!all.heap) {
        return EXIT_FAILURE;
    }
    read_examples(&all);
    share_out(&all, arguments + 1, argument_count - 1);
    learn(&all, weights);
    for (int half = 0; half < 2; ++half) {
        for (int set = 0; set < SETS; ++set) {
            test(&all, weights, set, half == 1);
        }
    }
    print(weights);
    km_heap_free(all.heap);
    return EXIT_SUCCESS;
}
