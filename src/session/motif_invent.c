// SPDX-License-Identifier: MIT

// New motifs: a bar of rhythm out of cells of one pulse, and a contour over it.

#include "base/check.h"
#include "base/math.h"
#include "base/units.h"
#include "session/motif_private.h"

enum { CELL_STEPS_MAX = 6 };

// The rhythm of one pulse in sixteenths: notes, rests (negative), or a hold of the note before.
struct cell {
    int8_t steps[CELL_STEPS_MAX];
    uint8_t onsets;
    bool is_syncopated;
    float prior;
};

static const struct cell binary_cells[] = {
    {{4}, 1, false, 1.0F},          {{2, 2}, 2, false, 1.0F},   {{0}, 0, true, 0.5F},
    {{-2, 2}, 1, true, 0.35F},      {{3, 1}, 2, false, 0.5F},   {{2, 1, 1}, 3, false, 0.5F},
    {{1, 1, 2}, 3, false, 0.4F},    {{1, 2, 1}, 3, true, 0.3F}, {{-4}, 0, false, 0.2F},
    {{1, 1, 1, 1}, 4, false, 0.3F}, {{1, 3}, 2, true, 0.2F},
};

static const struct cell ternary_cells[] = {
    {{6}, 1, false, 1.0F},
    {{4, 2}, 2, false, 1.0F},
    {{2, 2, 2}, 3, false, 0.9F},
    {{0}, 0, true, 0.4F},
    {{2, 4}, 2, true, 0.4F},
    {{-2, 2, 2}, 2, true, 0.25F},
    {{3, 1, 2}, 3, false, 0.4F},
    {{2, 2, 1, 1}, 4, false, 0.4F},
    {{-6}, 0, false, 0.2F},
    {{1, 1, 2, 2}, 4, false, 0.2F},
    {{1, 1, 1, 1, 1, 1}, 6, false, 0.15F},
};

enum { CELLS_COUNT = sizeof(binary_cells) / sizeof(binary_cells[0]) };

_Static_assert(sizeof(ternary_cells) == sizeof(binary_cells), "both are drawn alike");

static bool has_sixteenths(const struct cell *cell)
{
    for (int i = 0; i < CELL_STEPS_MAX; ++i) {
        if (cell->steps[i] == 1) {
            return true;
        }
    }
    return false;
}

// How well sixteenths can be sung at a tempo: hardly below an eighth of a second.
static float sixteenths_ease(double tempo_bpm)
{
    const double seconds = 15 / tempo_bpm;
    return (float)km_clamp((seconds - 0.105) / 0.07, 0.04, 1);
}

// What the cells of one motif have in common.
struct manner {
    float ease;        // Of sixteenths.
    float syncopation; // Multiplies the chance of cells against the beat.
};

// Draws a cell near to so many onsets; one that must sound begins with a note.
static const struct cell *choose_cell(struct km_random *random, uint32_t pulse_ticks, double onsets,
                                      const struct manner *manner, bool must_sound)
{
    const bool is_ternary = pulse_ticks == 6 * KM_SIXTEENTH;
    const struct cell *const cells = is_ternary ? ternary_cells : binary_cells;
    float weights[CELLS_COUNT];
    for (int i = 0; i < CELLS_COUNT; ++i) {
        const double apart = (double)cells[i].onsets - onsets;
        weights[i] = cells[i].prior * (float)km_exp(-apart * apart);
        if (has_sixteenths(&cells[i])) {
            weights[i] *= manner->ease;
        }
        if (cells[i].is_syncopated) {
            weights[i] *= manner->syncopation;
        }
        if (must_sound && cells[i].steps[0] <= 0) {
            weights[i] = 0.0F;
        }
    }
    return &cells[km_random_weighted(random, weights, CELLS_COUNT)];
}

// Writes a cell's notes from a tick of the bar to another.
static void add_cell(struct km_motif *motif, const struct cell *cell, uint32_t tick, uint32_t end)
{
    if (cell->steps[0] == 0 && motif->count > 0) {
        struct km_motif_note *const last = &motif->notes[motif->count - 1];
        last->duration = (uint16_t)(end - last->start);
        return;
    }
    for (int i = 0; i < CELL_STEPS_MAX && cell->steps[i] != 0 && tick < end; ++i) {
        const int sixteenths = cell->steps[i] < 0 ? -cell->steps[i] : cell->steps[i];
        uint32_t ticks = (uint32_t)sixteenths * KM_SIXTEENTH;
        ticks = ticks < end - tick ? ticks : end - tick;
        if (cell->steps[i] > 0) {
            KM_CHECK(motif->count < KM_MOTIF_NOTES_MAX);
            motif->notes[motif->count++] =
                (struct km_motif_note){.start = (uint16_t)tick, .duration = (uint16_t)ticks};
        }
        tick += ticks;
    }
}

enum { SHAPES_COUNT = 5, STEPS_FROM_HOME_MAX = 4 };

// The chance to rise in the first and in the second half: a rise, a fall, an arch, a bowl, a wave.
static const double shapes[SHAPES_COUNT][2] = {
    {0.75, 0.6}, {0.3, 0.25}, {0.85, 0.15}, {0.2, 0.8}, {0.5, 0.5}};
// The arch is the commonest form of folk songs' phrases (Huron 1996), then the fall.
static const float shape_weights[SHAPES_COUNT] = {0.2F, 0.25F, 0.35F, 0.15F, 0.15F};

// A line that mostly steps and turns back after a leap: what tunes of many cultures share (Huron,
// "Sweet Anticipation", 2006).
static void draw_contour(struct km_motif *motif, struct km_random *random)
{
    static const float sizes[] = {0.17F, 0.56F, 0.17F, 0.07F, 0.03F}; // Steps: 0 to 4.
    const double *const shape = shapes[km_random_weighted(random, shape_weights, SHAPES_COUNT)];
    int offset = 0;
    int leap = 0;
    for (int i = 1; i < motif->count; ++i) {
        const int size = leap != 0 ? 1 : (int)km_random_weighted(random, sizes, 5);
        int direction = km_random_chance(random, shape[2 * i >= motif->count]) ? 1 : -1;
        direction = leap != 0 ? (leap > 0 ? -1 : 1) : direction;
        const int reached = offset + direction * size;
        if (reached > STEPS_FROM_HOME_MAX || reached < -STEPS_FROM_HOME_MAX) {
            direction = -direction;
        }
        offset += direction * size;
        leap = size > 2 ? direction : 0;
        motif->notes[i].offset = (int16_t)offset;
    }
}

void km_motif_invent(const struct km_score *score, struct km_random *random,
                     const struct km_motif_wish *wish, struct km_motif *motif)
{
    const struct manner manner = {
        .ease = sixteenths_ease((double)score->plan->tempo_bpm),
        .syncopation = (float)(0.35 + 1.6 * wish->syncopation),
    };
    motif->count = 0;
    motif->length = (uint16_t)score->bar_ticks;
    for (int i = 0; i < score->pulse_count; ++i) {
        const uint32_t tick = score->pulse_starts[i];
        const uint32_t ticks = score->pulse_starts[i + 1] - tick;
        const double onsets = wish->density * (double)ticks / KM_PPQ;
        const bool must_sound =
            motif->count == 0 && (i > 0 || !wish->is_upbeat || score->pulse_count == 1);
        const struct cell *const cell = choose_cell(random, ticks, onsets, &manner, must_sound);
        add_cell(motif, cell, tick, tick + ticks);
    }
    KM_CHECK(motif->count > 0);
    draw_contour(motif, random);
}
