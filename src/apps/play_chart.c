// SPDX-License-Identifier: MIT

#include "apps/play_chart.h"

#include "base/input.h"

#include <stdio.h>
#include <string.h>

static enum km_status read_piece(struct km_play_chart *chart, struct km_heap *heap,
                                 const char *path)
{
    struct km_input input;
    if (strcmp(path, "-") == 0) {
        return KM_ERROR_UNSUPPORTED; // It has been read already.
    }
    enum km_status status = km_input_open(&input, path, NULL);
    if (status != KM_OK) {
        return status;
    }
    status = input.is_stream || input.size > KM_PLAY_CHART_FILE_MAX
                 ? KM_ERROR_TOO_LARGE
                 : km_piece_read(&chart->piece, heap, &input, NULL, NULL);
    km_input_close(&input);
    return status;
}

void km_play_chart_find(struct km_play_chart *chart, struct km_heap *heap, const char *path)
{
    km_play_chart_release(chart);
    chart->piece.heap = chart->keys.heap = chart->chords.heap = heap;
    enum km_status status = read_piece(chart, heap, path);
    status = status == KM_OK ? km_keys_find(&chart->keys, &chart->piece) : status;
    status = status == KM_OK ? km_chords_find(&chart->chords, &chart->piece, &chart->keys) : status;
    if (status == KM_OK && chart->piece.note_count > 0) {
        status = km_sections_find(&chart->sections, &chart->piece, &chart->chords);
    }
    chart->is_there = status == KM_OK;
}

void km_play_chart_release(struct km_play_chart *chart)
{
    if (chart->piece.heap) {
        km_chords_release(&chart->chords);
        km_keys_release(&chart->keys);
        km_piece_release(&chart->piece);
    }
    memset(chart, 0, sizeof(*chart));
}

// The chord that sounds at a beat; null: none.
static const struct km_chord_span *chord_at(const struct km_chords *chords, double beat)
{
    size_t low = 0;
    size_t high = chords->count;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (chords->spans[middle].start_beat <= beat) {
            low = middle;
        } else {
            high = middle;
        }
    }
    const bool is_there = chords->count > 0 && beat >= chords->spans[low].start_beat &&
                          beat < chords->spans[low].end_beat;
    return is_there ? &chords->spans[low] : NULL;
}

void km_play_chart_format(const struct km_play_chart *chart, double beat,
                          char text[KM_PLAY_CHART_TEXT_SIZE])
{
    char symbol[KM_CHORD_SYMBOL_SIZE] = "";
    char section[8] = "";
    text[0] = '\0';
    if (!chart->is_there) {
        return;
    }
    const struct km_chord_span *const chord = chord_at(&chart->chords, beat);
    if (chord) {
        (void)km_chord_format(chord->chord, chord->key, symbol);
    }
    for (size_t i = 0; i < chart->sections.count; ++i) {
        const struct km_section_span *const span = &chart->sections.spans[i];
        if (beat >= span->start_beat && beat < span->end_beat) {
            (void)snprintf(section, sizeof(section), "%c%u", (char)('A' + span->letter % 26),
                           span->instance + 1U);
        }
    }
    (void)snprintf(text, KM_PLAY_CHART_TEXT_SIZE, "%-7s %-3s ", symbol, section);
}
