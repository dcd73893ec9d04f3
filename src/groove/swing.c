// SPDX-License-Identifier: MIT

// The swing ratio from pairs of notes: three moments of which the first and the last are a beat (or
// half of one) apart, and nothing but the second between them. So triplets and runs of sixteenths
// are no pairs of eighths; and since a pair is measured from its own first note to the next pair's,
// it does not matter how early or late all is played. The ratio is that of the median place of the
// second notes, as in measurements of drummers (Friberg and Sundstrom 2002); cymbals tell it
// where there are enough of them.

#include "groove/grid_private.h"

#include "base/math.h"

#include <math.h>

enum { BINS_COUNT = 640, PAIRS_MIN = 4, CYMBAL_PAIRS_MIN = 8 };

#define PLACE_LOW 0.36
#define PLACE_HIGH 0.84     // A ratio of 5: beyond it the second note belongs to the next.
#define SIXTEENTH_HIGH 0.74 // A ratio of 2.8: beyond it, at their speed, a flam of the next note.
#define DOTTED 0.71         // A ratio of 2.5: beyond it a straight dotted note may be meant.
#define EDGE 0.14           // Of a unit: how far a pair may begin from where it should.
#define SAME_MOMENT 0.06    // Quarter notes: flams; with kit pieces struck together
#define SAME_STROKE 0.1     // by hands and feet, more.
#define NEAR 0.07           // Of a pair: what agrees with the median.
#define SIXTEENTH_SWUNG_MIN 1.15

struct pairs {
    uint32_t bins[BINS_COUNT]; // Of the second note's place,
    double sums[BINS_COUNT];   // and the sum of the places in each.
    uint32_t count;
};

// What is found in one set of onsets.
struct scan {
    struct km_groove_onset moments[3];
    size_t moment_count;
    double moment_beats; // Onsets nearer to the last moment belong to it.
    struct pairs eighths;
    struct pairs sixteenths;
};

static void add_pair(struct pairs *pairs, double place)
{
    const double share = (place - PLACE_LOW) / (PLACE_HIGH - PLACE_LOW);
    if (share >= 0.0 && share < 1.0) {
        const size_t bin = (size_t)(share * BINS_COUNT);
        pairs->bins[bin] += 1;
        pairs->sums[bin] += place;
        pairs->count += 1;
    }
}

// Looks whether the last three moments are a pair of units and the next one's beginning.
static void look(const struct km_groove_onset moments[3], double unit, struct pairs *pairs)
{
    const double high = unit < 1.0 ? SIXTEENTH_HIGH : PLACE_HIGH;
    const double bar_beat = moments[0].beat - moments[0].bar;
    const double first = moments[0].bar / unit;
    const double last = (moments[2].beat - bar_beat) / unit;
    const double place = floor(first + 0.5);
    const double second = (moments[1].beat - moments[0].beat) / (moments[2].beat - moments[0].beat);
    if (fabs(first - place) < EDGE && fabs(last - place - 1.0) < EDGE && second < high) {
        add_pair(pairs, second);
    }
}

static void add_onset(struct scan *scan, const struct km_groove_onset *onset)
{
    struct km_groove_onset *const moments = scan->moments;
    if (scan->moment_count > 0 &&
        onset->beat - moments[scan->moment_count - 1].beat < scan->moment_beats) {
        return;
    }
    if (scan->moment_count == 3) {
        moments[0] = moments[1];
        moments[1] = moments[2];
        scan->moment_count = 2;
    }
    moments[scan->moment_count++] = *onset;
    if (scan->moment_count == 3) {
        look(moments, 1.0, &scan->eighths);
        look(moments, 0.5, &scan->sixteenths);
    }
}

static size_t bin_of(double place)
{
    const double share = (place - PLACE_LOW) / (PLACE_HIGH - PLACE_LOW);
    return (size_t)(km_clamp(share, 0.0, 1.0) * BINS_COUNT);
}

static uint32_t count_between(const struct pairs *pairs, double low, double high)
{
    uint32_t count = 0;
    for (size_t i = bin_of(low); i < bin_of(high); ++i) {
        count += pairs->bins[i];
    }
    return count;
}

// The median place of those below `high`: the mean of the middle one's bin, which is narrow.
static double median_below(const struct pairs *pairs, double high)
{
    const uint32_t half = (count_between(pairs, PLACE_LOW, high) + 1) / 2;
    uint32_t before = 0;
    for (size_t i = 0; i < BINS_COUNT && half > 0; ++i) {
        before += pairs->bins[i];
        if (before >= half) {
            return pairs->sums[i] / (double)pairs->bins[i];
        }
    }
    return 0.5;
}

// Dotted notes among even ones are a rhythm; alone they are a hard swing.
static double median_place(const struct pairs *pairs)
{
    const double place = median_below(pairs, PLACE_HIGH);
    const uint32_t even = count_between(pairs, PLACE_LOW, 0.56);
    return place > DOTTED && even * 10 > pairs->count ? median_below(pairs, DOTTED) : place;
}

static double ratio_of(double place)
{
    return place / (1.0 - place);
}

static void conclude(const struct pairs *pairs, uint8_t swung, struct km_groove_measure *measure)
{
    const double place = median_place(pairs);
    const double near = (double)count_between(pairs, place - NEAR, place + NEAR);
    const double count = (double)pairs->count;
    measure->swing_ratio = ratio_of(place);
    measure->swung = swung;
    measure->swing_evidence = (float)(near / (count + CYMBAL_PAIRS_MIN));
}

static void scan_onsets(const struct km_groove_onset *onsets, size_t count, struct scan *cymbals,
                        struct scan *all)
{
    for (size_t i = 0; i < count; ++i) {
        const enum km_groove_role role = km_groove_role_of(onsets[i].channel, onsets[i].key);
        if (role == KM_GROOVE_ROLE_HI_HAT || role == KM_GROOVE_ROLE_RIDE) {
            add_onset(cymbals, &onsets[i]);
        }
        add_onset(all, &onsets[i]);
    }
}

// The pairs that tell most, which swing or else are the most, and what notes they are of.
static const struct pairs *choose(const struct pairs *eighths, const struct pairs *sixteenths,
                                  uint8_t *swung)
{
    const bool has_more_eighths = eighths->count >= sixteenths->count;
    *swung = 2;
    if (eighths->count >= PAIRS_MIN && eighths->count * 8 >= sixteenths->count &&
        km_groove_is_swung(ratio_of(median_place(eighths)))) {
        return eighths;
    }
    const bool swings =
        sixteenths->count >= PAIRS_MIN && ratio_of(median_place(sixteenths)) >= SIXTEENTH_SWUNG_MIN;
    if (!swings && has_more_eighths) {
        return eighths;
    }
    *swung = 4;
    return sixteenths;
}

void km_groove_measure_swing(const struct km_groove_onset *onsets, size_t count,
                             struct km_groove_measure *measure)
{
    struct scan cymbals = {.moment_beats = SAME_MOMENT};
    struct scan all = {.moment_beats = SAME_STROKE};
    scan_onsets(onsets, count, &cymbals, &all);
    const bool has_eighths = cymbals.eighths.count >= CYMBAL_PAIRS_MIN;
    const bool has_sixteenths = cymbals.sixteenths.count >= CYMBAL_PAIRS_MIN;
    uint8_t swung = 0;
    const struct pairs *const pairs =
        choose(has_eighths ? &cymbals.eighths : &all.eighths,
               has_sixteenths ? &cymbals.sixteenths : &all.sixteenths, &swung);
    measure->swing_ratio = 1.0;
    measure->swung = 0;
    measure->swing_evidence = 0.0F;
    if (pairs->count >= PAIRS_MIN) {
        conclude(pairs, swung, measure);
    }
}
