// SPDX-License-Identifier: MIT

// The voicings of one chord: every combination of its notes in range that is not hopeless, by what
// it costs in itself. Costs are integers, so every machine finds the same.

#include "theory/voicing_private.h"

#include "base/check.h"

#include <stdbool.h>

enum {
    TONES_MAX = 12,
    PITCHES_MAX = 40,
    SPAN_HALF = 16,    // No voice farther from the middle of a wide range.
    VISITS_MAX = 4000, // Bounds the time; four voices need a few hundred.
    SPARSE_MAX = 12,
    COST_MAX = 0xFFFF,

    COST_UNTOLD = 1000, // Without a telling note
    COST_UNISON = 300,
    COST_WIDE = 16, // For each semitone beyond an octave between neighbours
    COST_MUD = 24,  // A close interval low down
    COST_RUB = 24,  // A semitone between neighbours
    COST_DOUBLED = 40,
};

enum { GAP_MAX = 12, BASS_GAP_MAX = 24, BASS_GAP_MIN = 5, MUD_BELOW = 48, MUD_GAP = 4 };

// A note of the chord and what its absence costs.
struct tone {
    uint8_t pitch_class;
    bool is_telling; // Third or seventh: not to be doubled.
    int absence;
};

// A kept voicing as one number: the cost above, then the pitches; so cheaper is less, and there are
// no ties.
struct keeper {
    uint64_t kept[KM_VOICING_CANDIDATES_MAX];
    int count;
    int count_max;
};

struct builder {
    int voices;
    int bass;
    int middle;
    struct tone tones[TONES_MAX];
    int tone_count;
    uint8_t pitches[PITCHES_MAX]; // That a voice may take, lowest first.
    int pitch_count;
    int places[KM_VOICES_MAX];    // In pitches, voice by voice.
    int costs[KM_VOICES_MAX + 1]; // Of the voices below.
    struct keeper full;           // With all telling notes, or those that the bass has
    struct keeper sparse;         // Without some: the way out where the full chord cannot be led.
};

static int distance(int a, int b)
{
    return a < b ? b - a : a - b;
}

static bool has(km_pitch_set set, int pitch)
{
    return (set >> (unsigned int)(pitch % 12) & 1U) != 0;
}

// What it costs to leave out the note `above` the root; the bass has it already, or not.
static int absence_of(km_pitch_set quality, int above, bool is_in_bass)
{
    const bool has_third = (quality & 0x018U) != 0;
    const bool has_thirteenth = has(quality, 9) && (quality & 0xC00U) != 0;
    switch (above) {
    case 0:
        return is_in_bass ? 60 : 400;
    case 3:
    case 4:
    case 10:
    case 11:
        return is_in_bass ? 120 : COST_UNTOLD;
    case 7:
        return is_in_bass || has_third ? 60 : 500;
    case 2:
        return has_thirteenth || has(quality, 5) ? 100 : 500;
    default:
        return is_in_bass ? 120 : 500;
    }
}

static void add_tone(struct builder *builder, int pitch_class, int absence, bool is_telling)
{
    KM_CHECK(builder->tone_count < TONES_MAX);
    builder->tones[builder->tone_count++] =
        (struct tone){(uint8_t)(pitch_class % 12), is_telling, absence};
}

// Returns the notes that voices may take; a foreign bass is left to the bass, if there is one.
static km_pitch_set list_tones(struct builder *builder, struct km_chord chord)
{
    const km_pitch_set quality = km_chord_pitches((struct km_chord){.quality = chord.quality});
    for (int above = 0; above < 12; ++above) {
        if (has(quality, above)) {
            const bool is_in_bass =
                builder->bass > 0 && builder->bass % 12 == (chord.root + above) % 12;
            const bool is_telling = above == 3 || above == 4 || above >= 10;
            add_tone(builder, chord.root + above, absence_of(quality, above, is_in_bass),
                     is_telling);
        }
    }
    const km_pitch_set allowed =
        km_chord_pitches((struct km_chord){chord.root, chord.quality, chord.root});
    if (builder->bass > 0 || has(allowed, chord.bass)) {
        return allowed;
    }
    add_tone(builder, chord.bass, 200, false);
    return km_chord_pitches(chord);
}

static void list_pitches(struct builder *builder, km_pitch_set allowed,
                         const struct km_voicing_rules *rules)
{
    const int middle = builder->middle;
    int low = rules->lowest > middle - SPAN_HALF ? rules->lowest : middle - SPAN_HALF;
    low = low > builder->bass ? low : builder->bass + 1;
    const int high = rules->highest < middle + SPAN_HALF ? rules->highest : middle + SPAN_HALF;
    for (int pitch = low; pitch <= high && builder->pitch_count < PITCHES_MAX; ++pitch) {
        if (has(allowed, pitch)) {
            builder->pitches[builder->pitch_count++] = (uint8_t)pitch;
        }
    }
    KM_CHECK(builder->pitch_count > 0);
}

static int cost_over_bass(const struct builder *builder, int pitch)
{
    if (builder->bass == 0) {
        return 0;
    }
    const int gap = pitch - builder->bass;
    return (gap > BASS_GAP_MAX ? COST_WIDE * (gap - BASS_GAP_MAX) : 0) +
           (gap < BASS_GAP_MIN && builder->bass < MUD_BELOW ? COST_MUD * 2 : 0);
}

// What the pitch costs to a voice, by its place and beside the voice below.
static int cost_of_pitch(const struct builder *builder, int voice, int pitch)
{
    const int place = distance(pitch, builder->middle);
    if (voice == 0) {
        return place + cost_over_bass(builder, pitch);
    }
    const int low = builder->pitches[builder->places[voice - 1]];
    const int gap = pitch - low;
    int cost = place + (gap == 0 ? COST_UNISON : 0);
    cost += gap > GAP_MAX ? COST_WIDE * (gap - GAP_MAX) : 0;
    cost += gap > 0 && gap < MUD_GAP && low < MUD_BELOW ? COST_MUD : 0;
    return cost + (gap == 1 ? COST_RUB : 0);
}

// What is missing, and what is doubled although it should not be.
static int cost_of_tones(const struct builder *builder, bool *is_sparse)
{
    uint8_t counts[12] = {0};
    for (int i = 0; i < builder->voices; ++i) {
        ++counts[builder->pitches[builder->places[i]] % 12];
    }
    int cost = 0;
    for (int i = 0; i < builder->tone_count; ++i) {
        const struct tone *const tone = &builder->tones[i];
        const int count = counts[tone->pitch_class];
        const bool is_in_bass = builder->bass > 0 && builder->bass % 12 == tone->pitch_class;
        cost += count == 0 ? tone->absence : 0;
        *is_sparse = *is_sparse || (tone->is_telling && count == 0 && !is_in_bass);
        cost += tone->is_telling && count + is_in_bass > 1 ? COST_DOUBLED * (count - 1) : 0;
        cost += tone->is_telling && is_in_bass && count > 0 ? COST_DOUBLED : 0;
    }
    return cost;
}

static bool is_hopeless(const struct keeper *keeper, int cost)
{
    return keeper->count == keeper->count_max &&
           (uint64_t)cost > keeper->kept[keeper->count - 1] >> 48U;
}

static void keep(struct builder *builder, int cost_of_pitches)
{
    bool is_sparse = false;
    const int cost = cost_of_pitches + cost_of_tones(builder, &is_sparse);
    struct keeper *const keeper = is_sparse ? &builder->sparse : &builder->full;
    uint64_t entry = (uint64_t)(cost < COST_MAX ? cost : COST_MAX) << 48U;
    for (int i = 0; i < builder->voices; ++i) {
        entry |= (uint64_t)builder->pitches[builder->places[i]] << (8U * (unsigned int)i);
    }
    if (keeper->count == keeper->count_max) {
        if (entry >= keeper->kept[keeper->count - 1]) {
            return;
        }
        --keeper->count;
    }
    int place = keeper->count++;
    for (; place > 0 && keeper->kept[place - 1] > entry; --place) {
        keeper->kept[place] = keeper->kept[place - 1];
    }
    keeper->kept[place] = entry;
}

// All voicings whose lowest voice is at `first`, within a share of the visits.
static void build_over(struct builder *builder, int first, int visits)
{
    builder->places[0] = first;
    builder->costs[1] = cost_of_pitch(builder, 0, builder->pitches[first]);
    if (builder->voices == 1) {
        keep(builder, builder->costs[1]);
        return;
    }
    int next[KM_VOICES_MAX] = {0};
    int voice = 1;
    next[1] = first;
    for (; voice > 0 && visits > 0; --visits) {
        if (next[voice] == builder->pitch_count) {
            --voice;
            continue;
        }
        const int place = next[voice]++;
        const int cost =
            builder->costs[voice] + cost_of_pitch(builder, voice, builder->pitches[place]);
        if (is_hopeless(&builder->full, cost) &&
            is_hopeless(&builder->sparse, cost + COST_UNTOLD)) {
            continue;
        }
        builder->places[voice] = place;
        if (voice == builder->voices - 1) {
            keep(builder, cost);
        } else {
            builder->costs[++voice] = cost;
            next[voice] = place;
        }
    }
}

static void find_pairs(struct km_voicing_candidate *candidate, int voices, int bass)
{
    int pitches[KM_VOICES_MAX + 1] = {bass};
    for (int i = 0; i < voices; ++i) {
        pitches[i + 1] = candidate->pitches[i];
    }
    for (unsigned int high = 1; high <= (unsigned int)voices; ++high) {
        for (unsigned int low = bass > 0 ? 0 : 1; low < high; ++low) {
            const int interval = (pitches[high] - pitches[low]) % 12;
            const uint32_t bit = 1U << km_voicing_pair(low, high);
            candidate->octaves |= interval == 0 ? bit : 0;
            candidate->fifths |= interval == 7 ? bit : 0;
        }
    }
}

static struct km_voicing_candidate unpack(const struct builder *builder, uint64_t entry)
{
    struct km_voicing_candidate candidate = {.cost = (int32_t)(entry >> 48U)};
    for (int i = 0; i < builder->voices; ++i) {
        candidate.pitches[i] = (uint8_t)(entry >> (8U * (unsigned int)i));
        candidate.sum = (uint16_t)(candidate.sum + candidate.pitches[i]);
        candidate.notes |= (km_pitch_set)(1U << (candidate.pitches[i] % 12U));
    }
    find_pairs(&candidate, builder->voices, builder->bass);
    return candidate;
}

void km_voicing_list_init(struct km_voicing_list *list, struct km_chord chord, uint8_t bass,
                          const struct km_voicing_rules *rules)
{
    KM_CHECK(chord.quality != KM_CHORD_NONE);
    KM_CHECK(bass <= rules->lowest + KM_VOICING_BASS_REACH);
    struct builder builder = {
        .voices = rules->voices,
        .bass = bass,
        .middle = (rules->lowest + rules->highest) / 2,
        .full.count_max = KM_VOICING_CANDIDATES_MAX - SPARSE_MAX,
        .sparse.count_max = SPARSE_MAX,
    };
    list_pitches(&builder, list_tones(&builder, chord), rules);
    for (int first = 0; first < builder.pitch_count; ++first) {
        build_over(&builder, first, VISITS_MAX / builder.pitch_count);
    }
    KM_CHECK(builder.full.count + builder.sparse.count > 0);
    list->chord = chord;
    list->bass = bass;
    list->count = 0;
    for (int i = 0; i < builder.full.count; ++i) {
        list->candidates[list->count++] = unpack(&builder, builder.full.kept[i]);
    }
    for (int i = 0; i < builder.sparse.count; ++i) {
        list->candidates[list->count++] = unpack(&builder, builder.sparse.kept[i]);
    }
}
