// SPDX-License-Identifier: MIT

// First the swing, which says where the sixteenths stand; then how far each onset is from its own.

#include "groove/measure.h"

#include "base/check.h"
#include "base/math.h"
#include "groove/grid_private.h"
#include "groove/style_private.h"

#include <math.h>
#include <string.h>

#define TIGHT_MS 20.0

_Static_assert((int)KM_GROOVE_ROLE_PITCHED == (int)KM_GROOVE_PITCHED, "roles begin with voices");

const char *km_groove_role_name(unsigned int role)
{
    static const char *const names[KM_GROOVE_ROLES_COUNT] = {
        "kick", "snare", "hi_hat", "ride", "crash", "tom", "percussion", "pitched", "all"};
    return role < KM_GROOVE_ROLES_COUNT ? names[role] : "";
}

enum km_groove_role km_groove_role_of(uint8_t channel, uint8_t key)
{
    enum { EDGE_OF_CLOSED = 22, EDGE_OF_OPEN = 26 };
    const bool is_drum = channel == KM_CHANNEL_DRUMS;
    if (is_drum && (key == EDGE_OF_CLOSED || key == EDGE_OF_OPEN)) {
        return KM_GROOVE_ROLE_HI_HAT;
    }
    return (enum km_groove_role)
        km_groove_voices[is_drum * KM_GROOVE_KEYS_PER_CHANNEL + key % KM_GROOVE_KEYS_PER_CHANNEL];
}

bool km_groove_is_dotted(const struct km_groove_measure *measure)
{
    enum { EIGHTHS = 2 };
    KM_CHECK(measure);
    return measure->swung == EIGHTHS && fabs(measure->swing_ratio - 3.0) < 0.005;
}

// The limits lie between swung takes of the Groove MIDI Dataset and piano performances of
// GiantMIDI-Piano: docs/analysis.md has the figures.
enum km_groove_pairs km_groove_pairs_of(const struct km_groove_measure *measure)
{
    static const double dotted_min = 3.2;
    static const double loose_below = 0.13; // Tightness
    static const float evidence_min = 0.4F;
    static const float evidence_min_loose = 0.6F;
    KM_CHECK(measure);
    if (measure->swung == 0) {
        return KM_GROOVE_PAIRS_NONE;
    }
    if (!km_groove_is_swung(measure->swing_ratio)) {
        return KM_GROOVE_PAIRS_STRAIGHT;
    }
    if (km_groove_is_dotted(measure)) {
        return KM_GROOVE_PAIRS_DOTTED;
    }
    const bool is_loose = measure->tightness < loose_below;
    if (measure->swing_evidence < (is_loose ? evidence_min_loose : evidence_min)) {
        return KM_GROOVE_PAIRS_UNCLEAR;
    }
    return measure->swing_ratio > dotted_min ? KM_GROOVE_PAIRS_DOTTED : KM_GROOVE_PAIRS_SWUNG;
}

struct sums {
    uint32_t count;
    double ms;
    double squares;
    double velocity;
};

struct tally {
    struct km_groove_grid grid;
    struct sums roles[KM_GROOVE_ROLES_COUNT];
    struct sums positions[KM_GROOVE_POSITIONS_MAX];
    uint32_t bar_onsets[UINT8_MAX + 1]; // By the bar's length in sixteenths.
    uint32_t ghosts, accents, triplets;
    uint32_t bar_sixteenths; // The commonest.
};

static bool is_valid(const struct km_groove_onset *onset, double before)
{
    return isfinite(onset->beat) && isfinite(onset->bar) && isfinite(onset->beat_ms) &&
           onset->beat >= before && onset->bar >= 0.0 && onset->bar < 1e6 && onset->beat_ms > 0.0;
}

static void add(struct sums *sums, double ms, uint8_t velocity)
{
    sums->count += 1;
    sums->ms += ms;
    sums->squares += ms * ms;
    sums->velocity += (double)velocity;
}

static void add_onset(struct tally *tally, const struct km_groove_onset *onset, bool is_triplet)
{
    const int64_t place = km_groove_grid_nearest(&tally->grid, onset->bar, is_triplet);
    const double ms = (onset->bar - km_groove_grid_beats(&tally->grid, place)) * onset->beat_ms;
    add(&tally->roles[km_groove_role_of(onset->channel, onset->key)], ms, onset->velocity);
    add(&tally->roles[KM_GROOVE_ROLE_ALL], ms, onset->velocity);
    tally->ghosts += onset->velocity <= KM_GROOVE_GHOST_VELOCITY_MAX;
    tally->accents += onset->velocity >= KM_GROOVE_ACCENT_VELOCITY_MIN;
    if (place % KM_GROOVE_PLACES_PER_SIXTEENTH != 0) {
        tally->triplets += 1;
        return;
    }
    const uint64_t sixteenth = (uint64_t)place / KM_GROOVE_PLACES_PER_SIXTEENTH;
    if (onset->bar_beats_x4 == tally->bar_sixteenths) {
        const uint64_t position = sixteenth % tally->bar_sixteenths;
        if (position < KM_GROOVE_POSITIONS_MAX) {
            add(&tally->positions[position], ms, onset->velocity);
        }
    }
}

static struct km_groove_figures figures_of(const struct sums *sums, double push_ms)
{
    if (sums->count == 0) {
        return (struct km_groove_figures){0};
    }
    const double count = (double)sums->count;
    const double mean = sums->ms / count;
    const double variance = sums->squares / count - mean * mean;
    return (struct km_groove_figures){.count = sums->count,
                                      .mean_ms = mean - push_ms,
                                      .deviation_ms = km_sqrt(variance > 0.0 ? variance : 0.0),
                                      .velocity = sums->velocity / count};
}

static uint32_t commonest_bar(const struct tally *tally)
{
    uint32_t commonest = 16; // 4/4, where there is nothing.
    uint32_t most = 0;
    for (uint32_t i = 1; i <= UINT8_MAX; ++i) {
        if (tally->bar_onsets[i] > most) {
            most = tally->bar_onsets[i];
            commonest = i;
        }
    }
    return commonest;
}

static void conclude(const struct tally *tally, struct km_groove_measure *measure)
{
    const struct sums *const all = &tally->roles[KM_GROOVE_ROLE_ALL];
    const float share = all->count > 0 ? 1.0F / (float)all->count : 0.0F;
    measure->push_ms = all->count > 0 ? all->ms / (double)all->count : 0.0;
    measure->ghost_share = (float)tally->ghosts * share;
    measure->accent_share = (float)tally->accents * share;
    measure->triplet_share = (float)tally->triplets * share;
    measure->onset_count = all->count;
    measure->position_count =
        (uint8_t)(tally->bar_sixteenths < KM_GROOVE_POSITIONS_MAX ? tally->bar_sixteenths
                                                                  : KM_GROOVE_POSITIONS_MAX);
    for (size_t i = 0; i < KM_GROOVE_ROLES_COUNT; ++i) {
        measure->roles[i] = figures_of(&tally->roles[i], measure->push_ms);
    }
    for (size_t i = 0; i < KM_GROOVE_POSITIONS_MAX; ++i) {
        measure->positions[i] = figures_of(&tally->positions[i], measure->push_ms);
    }
    const double deviation = measure->roles[KM_GROOVE_ROLE_ALL].deviation_ms;
    measure->tightness = all->count > 0 ? km_exp(-deviation / TIGHT_MS) : 0.0;
}

enum km_status km_groove_measure_onsets(const struct km_groove_onset *onsets, size_t count,
                                        struct km_groove_measure *measure)
{
    KM_CHECK(onsets || count == 0);
    KM_CHECK(measure && count < UINT32_MAX);
    struct tally tally = {0};
    double before = -1e15;
    for (size_t i = 0; i < count; ++i) {
        if (!is_valid(&onsets[i], before)) {
            return KM_ERROR_INVALID;
        }
        before = onsets[i].beat;
        tally.bar_onsets[onsets[i].bar_beats_x4] += 1;
    }
    struct km_groove_measure made = {0};
    km_groove_measure_swing(onsets, count, &made);
    tally.grid = km_groove_grid_of(made.swing_ratio, made.swung);
    tally.bar_sixteenths = commonest_bar(&tally);
    for (size_t i = 0; i < count;) {
        const struct km_groove_run run = km_groove_grid_run(&tally.grid, onsets + i, count - i);
        for (size_t end = i + run.count; i < end; ++i) {
            add_onset(&tally, &onsets[i], run.is_triplet);
        }
    }
    conclude(&tally, &made);
    *measure = made;
    return KM_OK;
}
