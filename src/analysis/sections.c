// SPDX-License-Identifier: MIT

// Sections: the division of a piece at bar lines that meets the most novelty in lengths that music
// prefers (dynamic programming), and letters for what returns.

#include "analysis/analysis.h"

#include "analysis/sections_private.h"
#include "base/check.h"
#include "base/math.h"
#include "heap/heap.h"

#include <string.h>

enum { TRIES_MAX = 24 };

// How willingly a section is so many units long: best four, eight or another multiple of four,
// hardly one or two.
static double length_score(size_t units)
{
    static const double scores[] = {0.0, -4.0, -2.0, -1.0, 0.0, -0.6, -0.3, -0.6, 0.0};
    if (units < sizeof(scores) / sizeof(scores[0])) {
        return scores[units];
    }
    return units % 4 == 0 ? 0.0 : units % 2 == 0 ? -0.3 : -0.6;
}

struct division {
    float *novelty;    // As many as units.
    double *sums;      // The best division of so many first units.
    uint16_t *lengths; // Of its last section.
};

// Standardised, so that it does not matter how much a piece changes on the whole; but no piece that
// hardly changes is cut into pieces by it. Two units at each end have no novelty.
static void standardise(float *novelty, size_t count)
{
    double sum = 0.0;
    double squares = 0.0;
    for (size_t i = 0; i < count; ++i) {
        sum += (double)novelty[i];
        squares += (double)novelty[i] * (double)novelty[i];
    }
    const double inside = count > 3 ? (double)count - 3.0 : 1.0;
    const double mean = sum / inside;
    const double base = mean > 0.06 ? mean : 0.06;
    const double variance = squares / inside - mean * mean;
    const double deviation = km_sqrt(variance > 0.0 ? variance : 0.0);
    const double unit = deviation > 0.1 ? deviation : 0.1;
    for (size_t i = 0; i < count; ++i) {
        novelty[i] = (float)(((double)novelty[i] - base) / unit);
    }
}

// The best last section of the first `end` units, at a cost for each section.
static void divide_first(const struct division *division, size_t end, double cost)
{
    division->sums[end] = -1e300;
    for (size_t length = 1; length <= end; ++length) {
        const size_t start = end - length;
        const double begins = start > 0 ? (double)division->novelty[start] - cost : 0.0;
        const double sum = division->sums[start] + begins + length_score(length);
        if (sum > division->sums[end]) {
            division->sums[end] = sum;
            division->lengths[end] = (uint16_t)length;
        }
    }
}

// Divides all units; returns how many sections there are.
static size_t divide(const struct division *division, size_t count, double cost)
{
    division->sums[0] = 0.0;
    for (size_t end = 1; end <= count; ++end) {
        divide_first(division, end, cost);
    }
    size_t sections = 0;
    for (size_t end = count; end > 0; end -= division->lengths[end]) {
        ++sections;
    }
    return sections;
}

// Sections as units, first and count.
struct stretch {
    size_t first, count;
};

static double likeness_of(const struct km_units *units, struct stretch a, struct stretch b)
{
    const size_t less = a.count < b.count ? a.count : b.count;
    const size_t more = a.count < b.count ? b.count : a.count;
    double sum = 0.0;
    for (size_t i = 0; i < less; ++i) {
        sum += (double)km_units_likeness(units, a.first + i, b.first + i);
    }
    // Half as long, and otherwise the same, is a tenth less alike.
    return sum / (double)less * (0.8 + 0.2 * (double)less / (double)more);
}

// Sets where a section lies, how dense and how loud it is.
static void describe(struct km_section_span *span, const struct km_units *units,
                     struct stretch stretch)
{
    double notes = 0.0;
    double velocities = 0.0;
    for (size_t i = 0; i < stretch.count; ++i) {
        notes += (double)units->units[stretch.first + i].note_count;
        velocities += (double)units->units[stretch.first + i].velocity_sum;
    }
    const struct km_unit *const last = &units->units[stretch.first + stretch.count - 1];
    span->start_beat = units->units[stretch.first].start_beat;
    span->end_beat = last->end_beat;
    const double beats = span->end_beat - span->start_beat;
    span->density = beats > 0.0 ? (float)(notes / beats) : 0.0F;
    span->loudness = notes > 0.0 ? (float)(velocities / notes) : 0.0F;
}

// From when on two sections are the same music: well above what any two bars of the piece have in
// common.
static double same_letter_of(const struct km_units *units)
{
    double sum = 0.0;
    for (size_t i = 1; i < units->count; ++i) {
        for (size_t j = 0; j < i; ++j) {
            sum += (double)km_units_likeness(units, i, j);
        }
    }
    const double pairs = (double)units->count * ((double)units->count - 1.0) / 2.0;
    const double mean = pairs > 0.0 ? sum / pairs : 0.0;
    return km_clamp(mean + 0.4 * (1.0 - mean), 0.6, 0.8);
}

// The letter of a section: that whose first section it is most alike to, or a new one.
static size_t letter_of(const struct km_sections *sections, size_t section, const size_t *firsts,
                        size_t letters, double limit)
{
    size_t best = letters;
    double best_likeness = limit;
    for (size_t letter = 0; letter < letters; ++letter) {
        const double likeness = (double)sections->likeness[section][firsts[letter]];
        if (likeness > best_likeness) {
            best = letter;
            best_likeness = likeness;
        }
    }
    return best;
}

static void give_letters(struct km_sections *sections, double limit)
{
    size_t firsts[KM_SECTIONS_MAX];
    uint8_t instances[KM_SECTIONS_MAX] = {0};
    size_t letters = 0;
    for (size_t i = 0; i < sections->count; ++i) {
        const size_t letter = letter_of(sections, i, firsts, letters, limit);
        if (letter == letters) {
            firsts[letters++] = i;
        }
        struct km_section_span *const span = &sections->spans[i];
        span->letter = (uint8_t)letter;
        span->instance = instances[letter]++;
        span->likeness = sections->likeness[i][firsts[letter]];
    }
}

static void fill(struct km_sections *sections, const struct km_units *units,
                 const struct division *division, size_t count)
{
    struct stretch stretches[KM_SECTIONS_MAX];
    memset(sections, 0, sizeof(*sections));
    sections->count = count;
    size_t end = units->count;
    for (size_t i = count; i-- > 0;) {
        const size_t length = division->lengths[end];
        stretches[i] = (struct stretch){end - length, length};
        end -= length;
        describe(&sections->spans[i], units, stretches[i]);
    }
    for (size_t i = 0; i < count; ++i) {
        for (size_t j = 0; j < i; ++j) {
            const float likeness = (float)likeness_of(units, stretches[i], stretches[j]);
            sections->likeness[i][j] = likeness;
            sections->likeness[j][i] = likeness;
        }
        sections->likeness[i][i] = 1.0F;
    }
    give_letters(sections, same_letter_of(units));
}

static enum km_status divide_units(struct km_sections *sections, const struct km_units *units)
{
    struct km_heap *const heap = units->heap;
    const size_t count = units->count;
    struct division division = {
        .novelty = km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, count, sizeof(float)),
        .sums = km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, count + 1, sizeof(double)),
        .lengths = km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, count + 1, sizeof(uint16_t))};
    enum km_status status = KM_ERROR_NO_MEMORY;
    if (division.novelty && division.sums && division.lengths) {
        km_units_find_novelty(units, division.novelty);
        standardise(division.novelty, count);
        double cost = 0.05;
        size_t found = divide(&division, count, cost);
        for (int i = 0; i < TRIES_MAX && found > KM_SECTIONS_MAX; ++i) {
            cost = cost * 1.5 + 0.1;
            found = divide(&division, count, cost);
        }
        KM_CHECK(found <= KM_SECTIONS_MAX);
        fill(sections, units, &division, found);
        status = KM_OK;
    }
    km_heap_release(heap, division.novelty);
    km_heap_release(heap, division.sums);
    km_heap_release(heap, division.lengths);
    return status;
}

enum km_status km_sections_find(struct km_sections *sections, const struct km_piece *piece,
                                const struct km_chords *chords)
{
    (void)chords; // What sounds tells it all the same, and is not wrong now and then.
    KM_CHECK(sections != NULL);
    struct km_units units;
    enum km_status status = km_units_find(&units, piece);
    if (status != KM_OK) {
        return status;
    }
    status = divide_units(sections, &units);
    km_units_release(&units);
    return status;
}
