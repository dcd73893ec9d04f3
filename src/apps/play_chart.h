// SPDX-License-Identifier: MIT

/// What is found in a file that plays, for the status line: its chords and sections over time.
#ifndef KM_APPS_PLAY_CHART_H
#define KM_APPS_PLAY_CHART_H

#include "analysis/analysis.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    KM_PLAY_CHART_FILE_MAX = 1 << 18, ///< Of a larger file nothing is sought: it takes too long.
    KM_PLAY_CHART_TEXT_SIZE = 64,
};

/// Zero-initialised it is empty.
struct km_play_chart {
    struct km_piece piece;
    struct km_keys keys;
    struct km_chords chords;
    struct km_sections sections;
    bool is_there;
};

/// Reads a file and finds its chords and sections: some 10 ms a minute of music. Whatever is in the
/// way (size, a stream, no memory) leaves the chart empty.  [control]
void km_play_chart_find(struct km_play_chart *chart, struct km_heap *heap, const char *path);

/// Gives the memory back; the chart is empty then.  [control]
void km_play_chart_release(struct km_play_chart *chart);

/// "Am7     B2", or "" where nothing is known. Beats are quarter notes of the file.  [control]
void km_play_chart_format(const struct km_play_chart *chart, double beat,
                          char text[KM_PLAY_CHART_TEXT_SIZE]);

#endif
