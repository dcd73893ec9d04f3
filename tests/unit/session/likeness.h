// SPDX-License-Identifier: MIT

/// How alike two melodies are, for the tests: the measure that docs/music.md defines. It knows
/// nothing of how the melodies were made.
#ifndef KM_TESTS_SESSION_LIKENESS_H
#define KM_TESTS_SESSION_LIKENESS_H

#include <stdint.h>
#include <stdlib.h>

enum { LIKENESS_NOTES_MAX = 160, LIKENESS_GRID = 120 };

/// A note as a listener compares it: how it was reached, and after how long.
struct compared {
    int8_t interval; ///< From the note before, in steps of a scale; 0 for the first.
    int16_t gap;     ///< From the note before (the first: from the section's start), sixteenths.
};

/// Semitones as steps: a second is one step, small or large.
static inline int steps_of(int semitones)
{
    static const int steps[13] = {0, 1, 1, 2, 2, 3, 4, 4, 5, 5, 6, 6, 7};
    const int size = abs(semitones) > 12 ? 12 : abs(semitones);
    return semitones < 0 ? -steps[size] : steps[size];
}

/// 1 (the same intervals and rhythm) to 0 (no note alike): one minus the edit distance over the
/// longer's number of notes. A note left out costs 1, one in another's place a half for another
/// interval and a half for another rhythm.
static inline double likeness(const struct compared *a, int a_count, const struct compared *b,
                              int b_count)
{
    int rows[2][LIKENESS_NOTES_MAX + 1]; // Twice the costs.
    for (int j = 0; j <= b_count; ++j) {
        rows[0][j] = 2 * j;
    }
    for (int i = 1; i <= a_count; ++i) {
        const int *const above = rows[(i - 1) % 2];
        int *const row = rows[i % 2];
        row[0] = 2 * i;
        for (int j = 1; j <= b_count; ++j) {
            const int changed = above[j - 1] + (a[i - 1].interval != b[j - 1].interval) +
                                (a[i - 1].gap != b[j - 1].gap);
            const int dropped = (above[j] < row[j - 1] ? above[j] : row[j - 1]) + 2;
            row[j] = changed < dropped ? changed : dropped;
        }
    }
    const int longer = a_count > b_count ? a_count : b_count;
    return longer == 0 ? 1.0 : 1.0 - (double)rows[a_count % 2][b_count] / (2.0 * longer);
}

#endif
