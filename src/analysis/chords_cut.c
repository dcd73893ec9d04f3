// SPDX-License-Identifier: MIT

// Chooses where chords change: the way to cut the piece into stretches whose chords explain best
// what sounds in them, if each change costs something (a semi-Markov model, after Masada and
// Bunescu 2019, without their learned transitions).

#include "analysis/chords_private.h"
#include "base/check.h"
#include "base/math.h"
#include "heap/heap.h"
#include "theory/likelihood.h"

enum { PITCHES = 12, NO_KEY = 128, NO_CHORD = 255 };

// What a beat gains that lies wholly within its chord, and a chord that lies in the local key.
#define INSIDE_GAIN 6.0F
#define SUSPENSION_SURE (-0.7F) // Logarithm of a probability, as a chord's is
#define KEY_GAIN 0.8F

// The chords of the likelihoods' order, ready for use.
struct candidates {
    km_pitch_set sets[KM_LIKELY_CHORDS];
};

// The best way to cut what lies before a cell.
struct arrival {
    float value;
    float confidence;
    uint8_t chord;
    uint8_t cells; // Of the last stretch
};

struct hearing {
    const struct km_chord_cells *cells;
    const struct km_keys *keys;
    struct candidates candidates;
};

// Minor keys have their raised sixth and seventh.
static km_pitch_set notes_of_key(struct km_key key)
{
    const struct km_key melodic = {key.tonic, KM_MODE_MELODIC_MINOR};
    const km_pitch_set set = km_key_pitches(key);
    return (km_pitch_set)(key.mode == KM_MODE_IONIAN ? set : set | km_key_pitches(melodic));
}

static float inside_share(const float weights[PITCHES], km_pitch_set set, float sum)
{
    float inside = 0.0F;
    for (int pitch = 0; pitch < PITCHES; ++pitch) {
        inside += set >> pitch & 1U ? weights[pitch] : 0.0F;
    }
    return inside / sum;
}

// The notes of a suspension on its own bass, if just these last in a stretch, or none: what no
// triad explains.
static km_pitch_set suspended(const float weights[PITCHES], uint8_t bass, float sum)
{
    uint32_t set = 0;
    for (int pitch = 0; pitch < PITCHES; ++pitch) {
        set |= (weights[pitch] > KM_LASTING_SHARE * sum ? 1U : 0U) << pitch;
    }
    if (!(set >> bass & 1U)) {
        return 0;
    }
    const struct km_chord_found found = km_chord_of_pitches((km_pitch_set)set, bass);
    const bool is_one = found.confidence == 1.0F && found.chord.root == bass &&
                        km_quality_is_suspended(found.chord.quality);
    return (km_pitch_set)(is_one ? set : 0);
}

// The best chord of a stretch, and what the stretch is worth with it.
static struct arrival hear(const struct hearing *hearing, size_t first, size_t end)
{
    float weights[PITCHES];
    const uint8_t lowest = km_chord_cells_between(hearing->cells, first, end, weights);
    const float beats = (float)(hearing->cells->starts[end] - hearing->cells->starts[first]);
    float sum = 0.0F;
    for (int pitch = 0; pitch < PITCHES; ++pitch) {
        sum += weights[pitch];
    }
    if (lowest == NO_KEY || !(sum > 0.0F)) {
        return (struct arrival){0.0F, 1.0F, NO_CHORD, 0};
    }
    const double middle = 0.5 * (hearing->cells->starts[first] + hearing->cells->starts[end]);
    const km_pitch_set key = notes_of_key(km_keys_at(hearing->keys, middle));
    float values[KM_LIKELY_CHORDS];
    (void)km_chord_likelihoods(weights, lowest % PITCHES, values);
    int best = 0;
    for (int i = 0; i < KM_LIKELY_CHORDS; ++i) {
        values[i] += (hearing->candidates.sets[i] & ~key) == 0 ? KEY_GAIN : 0.0F;
        best = values[i] > values[best] ? i : best;
    }
    double total = 0.0;
    for (int i = 0; i < KM_LIKELY_CHORDS; ++i) {
        total +=
            values[i] > values[best] - 12.0F ? km_exp((double)(values[i] - values[best])) : 0.0;
    }
    const km_pitch_set suspension = suspended(weights, lowest % PITCHES, sum);
    const km_pitch_set set = suspension != 0 ? suspension : hearing->candidates.sets[best];
    const float inside = inside_share(weights, set, sum);
    const float sure = suspension != 0 ? SUSPENSION_SURE : (float)-km_log(total);
    return (struct arrival){beats * (sure + INSIDE_GAIN * inside), (float)(1.0 / total),
                            (uint8_t)best, 0};
}

// The best last stretch of what ends at a cell.
static struct arrival arrive(const struct hearing *hearing, const struct arrival *arrivals,
                             size_t end)
{
    struct arrival best = {-1e30F, 0.0F, NO_CHORD, 1};
    for (size_t cells = 1; cells <= KM_CHORD_CELLS_TOGETHER_MAX && cells <= end; ++cells) {
        const size_t first = end - cells;
        struct arrival heard = hear(hearing, first, end);
        heard.value += arrivals[first].value - hearing->cells->costs[first];
        heard.cells = (uint8_t)cells;
        best = heard.value > best.value ? heard : best;
    }
    return best;
}

size_t km_chord_cells_cut(const struct km_chord_cells *cells, const struct km_keys *keys,
                          struct km_chord_stretch *stretches)
{
    KM_CHECK(cells->count > 0);
    struct arrival *const arrivals = km_heap_allocate_array(cells->heap, KM_ACCOUNT_WORKING,
                                                            cells->count + 1, sizeof(*arrivals));
    if (!arrivals) {
        return 0;
    }
    struct hearing hearing = {.cells = cells, .keys = keys};
    for (int i = 0; i < KM_LIKELY_CHORDS; ++i) {
        const struct km_chord chord = km_likely_chord(i, (uint8_t)(i % PITCHES));
        hearing.candidates.sets[i] = km_chord_pitches(chord);
    }
    for (size_t end = 1; end <= cells->count; ++end) {
        arrivals[end] = arrive(&hearing, arrivals, end);
    }
    size_t count = 0;
    for (size_t end = cells->count; end > 0; end -= arrivals[end].cells) {
        ++count;
    }
    size_t place = count;
    for (size_t end = cells->count; end > 0; end -= arrivals[end].cells) {
        stretches[--place] =
            (struct km_chord_stretch){(uint32_t)(end - arrivals[end].cells), (uint32_t)end,
                                      arrivals[end].chord, arrivals[end].confidence};
    }
    km_heap_release(cells->heap, arrivals);
    return count;
}
