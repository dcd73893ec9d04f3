// SPDX-License-Identifier: MIT

// Cuts a piece into cells of an eighth note, and adds up what sounds in them.

#include "analysis/chords_private.h"
#include "analysis/keys_private.h"
#include "base/check.h"
#include "heap/heap.h"

#include <string.h>

enum { PITCHES = 12, NO_KEY = 128, BLOCK_CELLS = 64 };

/// The lowest keys that sound through whole blocks of cells, so that a note that lasts takes little
/// time.
struct blocks {
    uint8_t lowest[KM_CHORD_CELLS_MAX / BLOCK_CELLS + 1];
};

// What a change of chord costs: little at a bar line, more at a beat, most between beats. Found,
// as the gains in chords_cut.c, with every other prelude of the first Well-Tempered Clavier.
#define BAR_COST 0.15F
#define BEAT_COST 0.9F
#define OFF_BEAT_COST 2.6F

// The beat that is counted: three eighths in 6/8, 9/8, 12/8.
static double counted_beat(const struct km_piece_metre *metre)
{
    const bool is_compound = metre->denominator >= 8 && metre->numerator % 3 == 0;
    const double unit = metre->denominator > 0 ? 4.0 / metre->denominator : 1.0;
    return is_compound ? 3.0 * unit : unit;
}

static bool is_whole(double value)
{
    const double whole = (double)(int64_t)(value + 0.5);
    return value - whole < 1e-6 && whole - value < 1e-6;
}

static float cost_at(const struct km_piece_metre *metre, double beats_in)
{
    const double unit = metre->denominator > 0 ? 4.0 / metre->denominator : 1.0;
    const double bar = unit * (metre->numerator > 0 ? metre->numerator : 4);
    if (is_whole(beats_in / bar)) {
        return BAR_COST;
    }
    return is_whole(beats_in / counted_beat(metre)) ? BEAT_COST : OFF_BEAT_COST;
}

static double cell_beats(const struct km_piece *piece)
{
    double beats = 0.5;
    for (int i = 0; i < 1000 && piece->end_beat / beats > KM_CHORD_CELLS_MAX - 1; ++i) {
        beats *= 2.0;
    }
    return beats;
}

// Borders stand on the grid that begins anew with each metre. Returns how many cells there are.
static size_t find_borders(struct km_chord_cells *cells, const struct km_piece *piece)
{
    const double beats = cell_beats(piece);
    const double end = piece->end_beat > 0.0 ? piece->end_beat : 1.0;
    size_t metre = 0;
    size_t steps = 0;
    size_t count = 0;
    double at = 0.0;
    while (at < end - 1e-6 && count < KM_CHORD_CELLS_MAX) {
        cells->starts[count] = at;
        cells->costs[count] = cost_at(&piece->metres[metre], at - piece->metres[metre].beat);
        ++count;
        ++steps;
        at = piece->metres[metre].beat + beats * (double)steps;
        if (metre + 1 < piece->metre_count && at >= piece->metres[metre + 1].beat - 1e-6) {
            ++metre;
            steps = 0;
            at = piece->metres[metre].beat;
        }
    }
    count = count > 0 ? count : 1;
    cells->starts[count] = end;
    return count;
}

static size_t cell_at(const struct km_chord_cells *cells, double beat)
{
    size_t low = 0;
    size_t high = cells->count;
    while (low + 1 < high) {
        const size_t middle = low + (high - low) / 2;
        if (cells->starts[middle] <= beat) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

static void add_bass(struct km_chord_cells *cells, struct blocks *blocks,
                     const struct km_piece_note *note, size_t first, size_t last)
{
    for (size_t i = first; i <= last;) {
        uint8_t *lowest = &cells->lowest[i];
        size_t count = 1;
        if (i > first && i % BLOCK_CELLS == 0 && i + BLOCK_CELLS <= last) {
            lowest = &blocks->lowest[i / BLOCK_CELLS];
            count = BLOCK_CELLS;
        }
        // What only touches a cell is not its bass.
        const double from =
            note->start_beat > cells->starts[i] ? note->start_beat : cells->starts[i];
        const double to =
            note->end_beat < cells->starts[i + count] ? note->end_beat : cells->starts[i + count];
        const bool sounds = to - from > 0.05 || i == first;
        *lowest = sounds && note->key < *lowest ? note->key : *lowest;
        i += count;
    }
}

// A note sounds wholly in the cells between its first and its last. Sums hold, until they are
// added up, what begins in a cell; what fills whole cells is a rate that begins and ends.
static void add_note(struct km_chord_cells *cells, struct km_chord_sums *rates,
                     struct blocks *blocks, const struct km_piece_note *note)
{
    const uint8_t pitch = note->key % PITCHES;
    const size_t first = cell_at(cells, note->start_beat + 1e-6);
    const size_t last = cell_at(cells, note->end_beat - 1e-6);
    const double first_end = cells->starts[first + 1];
    if (last <= first) {
        const double beats = note->end_beat - note->start_beat;
        cells->sums[first + 1].pitch[pitch] += beats > 0.02 ? beats : 0.02;
    } else {
        cells->sums[first + 1].pitch[pitch] += first_end - note->start_beat;
        cells->sums[last + 1].pitch[pitch] += note->end_beat - cells->starts[last];
        rates[first + 1].pitch[pitch] += 1.0;
        rates[last].pitch[pitch] -= 1.0;
    }
    add_bass(cells, blocks, note, first, last);
}

static void add_notes(struct km_chord_cells *cells, struct km_chord_sums *rates,
                      const struct km_piece *piece)
{
    struct blocks blocks;
    memset(cells->lowest, NO_KEY, cells->count);
    memset(blocks.lowest, NO_KEY, sizeof(blocks.lowest));
    for (size_t i = 0; i < piece->note_count; ++i) {
        if (km_note_is_pitched(&piece->notes[i])) {
            add_note(cells, rates, &blocks, &piece->notes[i]);
        }
    }
    for (size_t i = 0; i < cells->count; ++i) {
        const uint8_t lasting = blocks.lowest[i / BLOCK_CELLS];
        cells->lowest[i] = lasting < cells->lowest[i] ? lasting : cells->lowest[i];
    }
    double rate[PITCHES] = {0.0};
    for (size_t i = 0; i < cells->count; ++i) {
        const double beats = cells->starts[i + 1] - cells->starts[i];
        for (int pitch = 0; pitch < PITCHES; ++pitch) {
            rate[pitch] += rates[i].pitch[pitch];
            cells->sums[i + 1].pitch[pitch] += cells->sums[i].pitch[pitch] + rate[pitch] * beats;
        }
    }
}

enum km_status km_chord_cells_make(struct km_chord_cells *cells, const struct km_piece *piece)
{
    KM_CHECK(cells);
    KM_CHECK(piece->metre_count > 0);
    struct km_heap *const heap = piece->heap;
    struct km_chord_cells made = {.heap = heap};
    const size_t size = KM_CHORD_CELLS_MAX + 2;
    struct km_chord_sums *rates = NULL;
    made.starts = km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, size, sizeof(*made.starts));
    made.costs = km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, size, sizeof(*made.costs));
    if (made.starts && made.costs) {
        made.count = find_borders(&made, piece);
        made.sums =
            km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, made.count + 2, sizeof(*made.sums));
        made.lowest = km_heap_allocate(heap, KM_ACCOUNT_WORKING, made.count + 1);
        rates = km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, made.count + 2, sizeof(*rates));
    }
    if (!made.sums || !made.lowest || !rates) {
        km_heap_release(heap, rates);
        km_chord_cells_release(&made);
        return KM_ERROR_NO_MEMORY;
    }
    add_notes(&made, rates, piece);
    km_heap_release(heap, rates);
    *cells = made;
    return KM_OK;
}

void km_chord_cells_release(struct km_chord_cells *cells)
{
    km_heap_release(cells->heap, cells->starts);
    km_heap_release(cells->heap, cells->costs);
    km_heap_release(cells->heap, cells->sums);
    km_heap_release(cells->heap, cells->lowest);
    *cells = (struct km_chord_cells){0};
}

uint8_t km_chord_cells_between(const struct km_chord_cells *cells, size_t first, size_t end,
                               float weights[12])
{
    for (int pitch = 0; pitch < PITCHES; ++pitch) {
        const double beats = cells->sums[end].pitch[pitch] - cells->sums[first].pitch[pitch];
        weights[pitch] = beats > 1e-4 ? (float)beats : 0.0F;
    }
    uint8_t lowest = NO_KEY;
    for (size_t i = first; i < end; ++i) {
        lowest = cells->lowest[i] < lowest ? cells->lowest[i] : lowest;
    }
    return lowest;
}
