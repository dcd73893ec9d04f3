// SPDX-License-Identifier: MIT

#include "session/motif_private.h"

#include "base/check.h"
#include "base/math.h"
#include "base/units.h"

enum { CELL_STEPS_MAX = 6, CELLS_MAX = 12 };

// The rhythm of one pulse in sixteenths: notes, rests (negative), or a hold of the note before.
struct cell {
    int8_t steps[CELL_STEPS_MAX];
    uint8_t onsets;
    float prior;
};

static const struct cell binary_cells[] = {
    {{4}, 1, 1.0F},    {{2, 2}, 2, 1.0F},        {{0}, 0, 0.5F},       {{-2, 2}, 1, 0.35F},
    {{3, 1}, 2, 0.5F}, {{2, 1, 1}, 3, 0.5F},     {{1, 1, 2}, 3, 0.4F}, {{1, 2, 1}, 3, 0.2F},
    {{-4}, 0, 0.25F},  {{1, 1, 1, 1}, 4, 0.35F},
};

static const struct cell ternary_cells[] = {
    {{6}, 1, 1.0F},
    {{4, 2}, 2, 1.0F},
    {{2, 2, 2}, 3, 0.9F},
    {{0}, 0, 0.4F},
    {{2, 4}, 2, 0.3F},
    {{-2, 2, 2}, 2, 0.25F},
    {{3, 1, 2}, 3, 0.4F},
    {{2, 2, 1, 1}, 4, 0.4F},
    {{-6}, 0, 0.25F},
    {{1, 1, 2, 2}, 4, 0.2F},
    {{1, 1, 1, 1, 1, 1}, 6, 0.15F},
};

enum {
    BINARY_CELLS_COUNT = sizeof(binary_cells) / sizeof(binary_cells[0]),
    TERNARY_CELLS_COUNT = sizeof(ternary_cells) / sizeof(ternary_cells[0]),
};

_Static_assert(sizeof(binary_cells) / sizeof(binary_cells[0]) <= CELLS_MAX, "weights are kept");
_Static_assert(sizeof(ternary_cells) / sizeof(ternary_cells[0]) <= CELLS_MAX, "weights are kept");

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

// Draws a cell near to so many onsets; the first of a motif begins with a note.
static const struct cell *choose_cell(struct km_random *random, uint32_t pulse_ticks, double onsets,
                                      float ease, bool is_first)
{
    const bool is_ternary = pulse_ticks == 6 * KM_SIXTEENTH;
    const struct cell *const cells = is_ternary ? ternary_cells : binary_cells;
    const int count = is_ternary ? TERNARY_CELLS_COUNT : BINARY_CELLS_COUNT;
    float weights[CELLS_MAX];
    for (int i = 0; i < count; ++i) {
        const double apart = (double)cells[i].onsets - onsets;
        weights[i] = cells[i].prior * (float)km_exp(-apart * apart);
        if (has_sixteenths(&cells[i])) {
            weights[i] *= ease;
        }
        if (is_first && cells[i].steps[0] <= 0) {
            weights[i] = 0.0F;
        }
    }
    return &cells[km_random_weighted(random, weights, (uint32_t)count)];
}

// Writes a cell's notes from a tick of the bar to another.
static void add_cell(struct km_motif *motif, const struct cell *cell, uint32_t tick, uint32_t end,
                     bool is_accented)
{
    if (cell->steps[0] == 0 && motif->count > 0) {
        struct km_motif_note *const last = &motif->notes[motif->count - 1];
        last->duration = (uint16_t)(end - last->start);
        last->is_strong = true;
        return;
    }
    for (int i = 0; i < CELL_STEPS_MAX && cell->steps[i] != 0 && tick < end; ++i) {
        const int sixteenths = cell->steps[i] < 0 ? -cell->steps[i] : cell->steps[i];
        uint32_t ticks = (uint32_t)sixteenths * KM_SIXTEENTH;
        ticks = ticks < end - tick ? ticks : end - tick;
        if (cell->steps[i] > 0) {
            KM_CHECK(motif->count < KM_MOTIF_NOTES_MAX);
            motif->notes[motif->count++] =
                (struct km_motif_note){.start = (uint16_t)tick,
                                       .duration = (uint16_t)ticks,
                                       .is_strong = (i == 0 && is_accented) || ticks > KM_PPQ};
        }
        tick += ticks;
    }
}

// A line that mostly steps, keeps its direction for a while, and turns back after a leap: what
// tunes of many cultures share (Huron, "Sweet Anticipation", 2006).
static void draw_contour(struct km_motif *motif, struct km_random *random)
{
    static const float sizes[] = {0.14F, 0.6F, 0.17F, 0.06F, 0.03F}; // Steps: 0 to 4.
    int direction = km_random_chance(random, 0.6) ? 1 : -1;
    int offset = 0;
    bool was_leap = false;
    for (int i = 1; i < motif->count; ++i) {
        const int size = was_leap ? 1 : (int)km_random_weighted(random, sizes, 5);
        if (was_leap || km_random_chance(random, 0.3)) {
            direction = -direction;
        }
        if (offset + direction * size > 4 || offset + direction * size < -4) {
            direction = -direction;
        }
        offset += direction * size;
        was_leap = size > 2;
        motif->notes[i].offset = (int16_t)offset;
    }
}

void km_motif_invent(const struct km_score *score, struct km_random *random, double density,
                     struct km_motif *motif)
{
    const float ease = sixteenths_ease((double)score->plan->tempo_bpm);
    motif->count = 0;
    for (int i = 0; i < score->pulse_count; ++i) {
        const uint32_t tick = score->pulse_starts[i];
        const uint32_t ticks = score->pulse_starts[i + 1] - tick;
        const double onsets = density * (double)ticks / KM_PPQ;
        const struct cell *const cell = choose_cell(random, ticks, onsets, ease, i == 0);
        const bool is_accented = i == 0 || i == (score->pulse_count + 1) / 2;
        add_cell(motif, cell, tick, tick + ticks, is_accented);
    }
    draw_contour(motif, random);
}

void km_motif_vary(struct km_motif *motif, struct km_random *random)
{
    const int first = motif->count - motif->count / 3 - 1;
    for (int i = first > 1 ? first : 1; i < motif->count; ++i) {
        const int offset = motif->notes[i].offset + km_random_between(random, -2, 2);
        motif->notes[i].offset = (int16_t)(offset > 5 ? 5 : (offset < -5 ? -5 : offset));
    }
}

void km_motif_cut(struct km_motif *motif, uint32_t end)
{
    int count = 0;
    for (; count < motif->count && motif->notes[count].start < end; ++count) {
        struct km_motif_note *const note = &motif->notes[count];
        if (note->start + note->duration > end) {
            note->duration = (uint16_t)(end - note->start);
        }
    }
    motif->count = count;
}
