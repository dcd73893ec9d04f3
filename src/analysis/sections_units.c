// SPDX-License-Identifier: MIT

// What is in each bar, and how alike each two bars are: by harmony, tune, rhythm and texture.

#include "analysis/sections_private.h"

#include "base/check.h"
#include "base/math.h"
#include "heap/heap.h"

#include <string.h>

// A note just before a bar line is played with the bar.
static size_t unit_at(const struct km_units *units, const struct km_piece *piece, double beat)
{
    const size_t unit = km_piece_bar_at(piece, beat + 0.05).index / units->bars;
    return unit < units->count ? unit : units->count - 1;
}

// Where in a unit a beat lies, 0 to 1.
static double place_in(const struct km_unit *unit, double beat)
{
    const double beats = unit->end_beat - unit->start_beat;
    return beats > 0.0 ? km_clamp((beat - unit->start_beat) / beats, 0.0, 1.0) : 0.0;
}

static void add_sound(struct km_unit *unit, const struct km_piece_note *note)
{
    const double from = place_in(unit, note->start_beat);
    const double to = place_in(unit, note->end_beat);
    const double middle = 1.0 / KM_UNIT_HALVES;
    const double first = km_clamp(to, 0.0, middle) - km_clamp(from, 0.0, middle);
    const double second = km_clamp(to, middle, 1.0) - km_clamp(from, middle, 1.0);
    unit->chroma[0][note->key % 12] += (float)first;
    unit->chroma[1][note->key % 12] += (float)second;
    if (note->key < 60) {
        unit->bass[note->key % 12] += (float)(to - from);
    }
    // A note counts where it sounds in the middle of an eighth.
    for (int i = 0; i < KM_UNIT_TOPS; ++i) {
        const double place = (i + 0.25) / KM_UNIT_TOPS;
        if (from <= place && place < to && note->key > unit->tops[i]) {
            unit->tops[i] = note->key;
        }
    }
}

static void add_onset(struct km_unit *unit, const struct km_piece_note *note)
{
    const double place = place_in(unit, note->start_beat) * KM_UNIT_PLACES + 0.5;
    const int kind = note->is_drum ? 1 : 0;
    unit->places[kind][(int)place % KM_UNIT_PLACES] += (float)note->velocity / 127.0F;
    unit->parts |= (uint64_t)1 << note->part % 64;
    unit->note_count += 1.0F;
    unit->velocity_sum += (float)note->velocity;
    unit->pitch_sum += note->is_drum ? 0.0F : (float)note->key;
    unit->pitched_count += note->is_drum ? 0.0F : 1.0F;
}

// A note sounds in at most so many units; one that is held for longer is a drone.
enum { NOTE_UNITS_MAX = 16 };

static void add_sounds(struct km_units *units, size_t first, const struct km_piece_note *note)
{
    add_sound(&units->units[first], note);
    for (size_t i = first + 1; i < units->count && i < first + NOTE_UNITS_MAX; ++i) {
        if (units->units[i].start_beat >= note->end_beat) {
            return;
        }
        add_sound(&units->units[i], note);
    }
}

static void add_notes(struct km_units *units, const struct km_piece *piece)
{
    for (size_t i = 0; i < piece->note_count; ++i) {
        const struct km_piece_note *const note = &piece->notes[i];
        const size_t first = unit_at(units, piece, note->start_beat);
        add_onset(&units->units[first], note);
        if (!note->is_drum) {
            add_sounds(units, first, note);
        }
    }
}

// The cosine of two rows of figures; alike where both are empty.
static double cosine_of(const float *a, const float *b, int count)
{
    double product = 0.0;
    double a_square = 0.0;
    double b_square = 0.0;
    for (int i = 0; i < count; ++i) {
        product += (double)a[i] * (double)b[i];
        a_square += (double)a[i] * (double)a[i];
        b_square += (double)b[i] * (double)b[i];
    }
    if (a_square < 1e-12 || b_square < 1e-12) {
        return a_square < 1e-12 && b_square < 1e-12 ? 1.0 : 0.0;
    }
    return product / km_sqrt(a_square * b_square);
}

// The share of eighths in which the tune is the same, or within a whole tone half of that.
static double tune_likeness(const struct km_unit *a, const struct km_unit *b)
{
    double sum = 0.0;
    for (int i = 0; i < KM_UNIT_TOPS; ++i) {
        const int apart =
            a->tops[i] > b->tops[i] ? a->tops[i] - b->tops[i] : b->tops[i] - a->tops[i];
        sum += apart == 0 ? 1.0 : apart <= 2 ? 0.4 : 0.0;
    }
    return sum / KM_UNIT_TOPS;
}

static int bits_of(uint64_t set)
{
    int count = 0;
    for (; set != 0; set &= set - 1) {
        ++count;
    }
    return count;
}

static double mean_of(float sum, float count)
{
    return count > 0.0F ? (double)sum / (double)count : 0.0;
}

static double magnitude(double x)
{
    return x < 0.0 ? -x : x;
}

static double texture_likeness(const struct km_unit *a, const struct km_unit *b)
{
    const double loud =
        mean_of(a->velocity_sum, a->note_count) - mean_of(b->velocity_sum, b->note_count);
    const double high =
        mean_of(a->pitch_sum, a->pitched_count) - mean_of(b->pitch_sum, b->pitched_count);
    const double dense = km_log((1.0 + (double)a->note_count) / (1.0 + (double)b->note_count));
    const int all = bits_of(a->parts | b->parts);
    const double same = all > 0 ? (double)bits_of(a->parts & b->parts) / all : 1.0;
    return same * km_exp(-(magnitude(loud) / 20.0 + magnitude(high) / 12.0 + magnitude(dense)));
}

static float likeness_of(const struct km_unit *a, const struct km_unit *b)
{
    const double harmony = 0.7 * cosine_of(a->chroma[0], b->chroma[0], 12 * KM_UNIT_HALVES) +
                           0.3 * cosine_of(a->bass, b->bass, 12);
    const double rhythm = 0.6 * cosine_of(a->places[0], b->places[0], KM_UNIT_PLACES) +
                          0.4 * cosine_of(a->places[1], b->places[1], KM_UNIT_PLACES);
    return (float)(0.35 * harmony + 0.25 * tune_likeness(a, b) + 0.2 * rhythm +
                   0.2 * texture_likeness(a, b));
}

static void compare(struct km_units *units)
{
    for (size_t i = 0; i < units->count; ++i) {
        for (size_t j = 0; j <= i; ++j) {
            const float likeness = likeness_of(&units->units[i], &units->units[j]);
            units->likeness[i * units->count + j] = likeness;
            units->likeness[j * units->count + i] = likeness;
        }
    }
}

enum km_status km_units_find(struct km_units *units, const struct km_piece *piece)
{
    KM_CHECK(piece->metre_count > 0);
    const double last = piece->end_beat > 1e-3 ? piece->end_beat - 1e-3 : 0.0;
    const uint64_t bars = (uint64_t)km_piece_bar_at(piece, last).index + 1;
    struct km_units found = {.heap = piece->heap, .bars = 1};
    while (bars > (uint64_t)found.bars * KM_UNITS_MAX) {
        found.bars *= 2;
    }
    found.count = (size_t)((bars + found.bars - 1) / found.bars);
    found.units =
        km_heap_allocate_array(found.heap, KM_ACCOUNT_WORKING, found.count, sizeof(*found.units));
    found.likeness = km_heap_allocate_array(found.heap, KM_ACCOUNT_WORKING, found.count,
                                            found.count * sizeof(float));
    if (!found.units || !found.likeness) {
        km_units_release(&found);
        return KM_ERROR_NO_MEMORY;
    }
    for (size_t i = 0; i < found.count; ++i) {
        found.units[i].start_beat = km_piece_bar_start(piece, (uint64_t)i * found.bars);
        found.units[i].end_beat = km_piece_bar_start(piece, (uint64_t)(i + 1) * found.bars);
    }
    add_notes(&found, piece);
    compare(&found);
    *units = found;
    return KM_OK;
}

void km_units_release(struct km_units *units)
{
    km_heap_release(units->heap, units->units);
    km_heap_release(units->heap, units->likeness);
    *units = (struct km_units){0};
}
