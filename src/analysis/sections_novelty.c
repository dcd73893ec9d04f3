// SPDX-License-Identifier: MIT

// Where something begins: where what follows is unlike what went before (Foote 2000, a checkerboard
// along the diagonal), and where a return begins or ends (after the structure features of Serra,
// Mueller, Grosche and Arcos 2014): the bars from here on are alike to bars elsewhere, and those
// before here are not, or the other way round.

#include "analysis/sections_private.h"

#include "base/math.h"

enum { REACH = 4 }; // Units to each side.

// The mean likeness of the pairs of a unit from a[0] to before a[1] and one before it of b.
static double mean_likeness(const struct km_units *units, const size_t a[2], const size_t b[2])
{
    double sum = 0.0;
    double count = 0.0;
    for (size_t i = a[0]; i < a[1]; ++i) {
        for (size_t j = b[0]; j < b[1] && j < i; ++j) {
            sum += (double)km_units_likeness(units, i, j);
            count += 1.0;
        }
    }
    return count > 0.0 ? sum / count : 0.0;
}

// How alike the units before `at` are among themselves, and those from it on, less how alike the
// ones are to the others.
static double contrast_at(const struct km_units *units, size_t at)
{
    const size_t before[2] = {at < REACH ? 0 : at - REACH, at};
    const size_t after[2] = {at, at + REACH < units->count ? at + REACH : units->count};
    const double inside =
        (mean_likeness(units, before, before) + mean_likeness(units, after, after)) / 2.0;
    return inside - mean_likeness(units, after, before);
}

// The mean likeness of the units from two places on, or of those before them.
static double run_of(const struct km_units *units, size_t a, size_t b, bool is_forward)
{
    double sum = 0.0;
    double count = 0.0;
    for (size_t i = 0; i < REACH; ++i) {
        const bool is_there =
            is_forward ? a + i < units->count && b + i < units->count : a > i && b > i;
        if (is_there) {
            sum += is_forward ? (double)km_units_likeness(units, a + i, b + i)
                              : (double)km_units_likeness(units, a - i - 1, b - i - 1);
            count += 1.0;
        }
    }
    return count > 0.0 ? sum / count : 0.0;
}

// A run is a return if it is alike enough: 0 no, 1 surely.
static double surety_of(double run)
{
    return km_clamp((run - 0.6) / 0.25, 0.0, 1.0);
}

// The most that a return begins at `at`, and that one ends there.
static double return_at(const struct km_units *units, size_t at)
{
    double begins = 0.0;
    double ends = 0.0;
    for (size_t other = 0; other < units->count; ++other) {
        const size_t apart = other > at ? other - at : at - other;
        if (apart >= REACH / 2) {
            const double after = run_of(units, at, other, true);
            const double before = run_of(units, at, other, false);
            const double begun = (after - before) * surety_of(after);
            const double ended = (before - after) * surety_of(before);
            begins = begun > begins ? begun : begins;
            ends = ended > ends ? ended : ends;
        }
    }
    return (begins + ends) / 2.0;
}

void km_units_find_novelty(const struct km_units *units, float *novelty)
{
    for (size_t at = 0; at < units->count; ++at) {
        // A single bar at either end is unlike all others, and says nothing.
        const bool is_inside = at >= 2 && at + 2 <= units->count;
        novelty[at] = is_inside ? (float)(contrast_at(units, at) + return_at(units, at)) : 0.0F;
    }
}
